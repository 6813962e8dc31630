#include "core/engine/again.h"

#include "core/engine/pin.h"
#include "core/store/original.h"

/* Names of tools that write files: what was read before is another thing then. */
static const char *const writing[] = {"*edit*", "*write*", "*replace*", "*create*", "*insert*",
	"*delete*", "*remove*", "*move*", "*rename*"};

static bool is_writing(const struct call *call)
{
	/* A patch has its paths in its text. */
	if (str_glob(call->tool, STR("*patch*"), true))
		return true;
	for (size_t i = 0; call->path.n && i < ARRAY_N(writing); i++)
		if (str_glob(call->tool, str_from(writing[i]), true))
			return true;
	return false;
}

/* What tells a call from another: its id, or where it stands. */
static struct hash128 call_key(const struct wire_block *b)
{
	const uint32_t place[] = {b->message, b->part};

	return hash128(b->call_id.n ? b->call_id : (str){(const char *)place, sizeof place});
}

/* A file is the same whichever lines of it are wanted, and whichever tool reads it; of other tools the whole input counts. False:
 * nobody can say what it is. */
static bool what_of(const struct wire_doc *doc, const struct wire_block *b, const struct call *call,
	struct hash128 *out)
{
	str text = call->kind == TOOL_SHELL  ? call->command
		   : call->kind == TOOL_FILE ? call->path
					     : STR_NULL;

	if (!text.n && b->call != WIRE_NO_CALL)
		text = span_str(doc->tape.doc, doc->blocks[b->call].at);
	if (!text.n)
		text = call->argument;
	*out = hash128_chain(
		hash128(call->kind == TOOL_FILE ? STR("file") : call->tool), hash128(text));
	return text.n > 0;
}

static bool is_retrieval(const struct call *call)
{
	return wire_is_retrieve_tool(call->tool) || pin_is_command(call->command);
}

uint32_t again_note(struct conversation *c, const struct wire_doc *doc, const struct wire_block *b,
	const struct call *call)
{
	struct asking a = {.call = call_key(b),
		.is_command = call->kind == TOOL_SHELL,
		.is_failed = b->is_error};

	if (is_retrieval(call) || !what_of(doc, b, call, &a.what))
		return 0;
	if (is_writing(call)) {
		conversation_wrote(c, a.what);
		return 0;
	}
	return conversation_ask(c, &a);
}

/* ---- the newest turn --------------------------------------------------------------------------------- */

static void add(struct pass *p, const struct sent *what, bool was_retrieved)
{
	struct compress_result *r = p->result;
	struct arena *a = &r->arena;

	if (r->again_n == COMPRESS_AGAIN_MAX)
		return;
	if (!r->again)
		r->again = arena_array(a, struct compress_again, COMPRESS_AGAIN_MAX);
	r->again[r->again_n++] = (struct compress_again){.tool = arena_str(a, what->tool),
		.encoders = what->is_changed ? arena_str(a, str_from(what->label)) : STR_NULL,
		.was_retrieved = was_retrieved};
}

static void add_original(struct pass *p, str key)
{
	const struct sent *s;

	if (key.n > ORIGINAL_KEY_LEN)
		key = str_sub(key, 0, ORIGINAL_KEY_LEN);
	if (key.n < ORIGINAL_PREFIX_MIN)
		return;
	for (size_t i = conversation_sent_n(p->conversation); i--;) {
		s = conversation_sent(p->conversation, i);
		if (s->original[0] &&
			str_eq_nocase(str_sub(str_from(s->original), 0, key.n), key)) {
			add(p, s, true);
			return;
		}
	}
}

/* By a call of the client's: of a tool, or a command. */
static void add_retrieved(struct pass *p, const struct wire_block *b)
{
	struct arena *scratch = &p->worker->scratch;
	struct call call = conversation_call(p->conversation, p->doc, b, scratch);

	if (b->call != WIRE_NO_CALL && wire_is_retrieve_tool(call.tool))
		add_original(p, pin_key_of(p->doc, &p->doc->blocks[b->call], scratch));
	else
		add_original(p, pin_key_of_command(call.command));
}

/* Calls of ours that the client knows nothing of: they stand in what was really said in the place of its message. */
static void add_own_turn(struct pass *p, const struct own_run *run)
{
	const struct kept_turn *t;
	struct hash128 before = run->first ? p->chains[run->first - 1] : p->start;
	struct wire_doc said;

	t = conversation_turn(p->conversation, before, p->chains[run->end - 1]);
	if (!t || !own_messages_walk(p->doc->format, t->own.messages, &p->worker->scratch, &said))
		return;
	for (uint32_t i = 0; i < said.n; i++)
		add_original(p, pin_key_of(&said, &said.blocks[i], &p->worker->scratch));
}

/* What the model said last; false when it has said nothing. */
static bool last_run(const struct wire_doc *doc, struct own_run *out)
{
	uint32_t at = 0;
	bool is_any = false;

	for (uint32_t i = doc->n; i--;)
		if (doc->blocks[i].role == WIRE_ASSISTANT) {
			at = i;
			is_any = true;
			break;
		}
	while (at && doc->blocks[at - 1].role == WIRE_ASSISTANT)
		at--;
	return is_any && own_run_next(doc, at, out);
}

void again_report(struct pass *p)
{
	const struct wire_doc *doc = p->doc;
	size_t result = p->sent_at;
	struct own_run run = {0};
	bool has_run = p->chains && last_run(doc, &run);

	if (!has_run)
		return;
	for (uint32_t i = 0; i < doc->n; i++) {
		const struct wire_block *b = &doc->blocks[i];
		const struct sent *s;

		if (b->kind != WIRE_TOOL_RESULT)
			continue;
		s = conversation_sent(p->conversation, result++);
		if (i < run.end)
			continue;
		p->result->blocks[i].is_fresh = true;
		if (s->again)
			add(p, conversation_sent(p->conversation, s->again - 1), false);
		add_retrieved(p, b);
	}
	add_own_turn(p, &run);
	arena_reset(&p->worker->scratch);
}
