#include "core/engine/turn.h"

#include "core/base/limits.h"
#include "core/store/rendering.h"
#include "core/engine/use.h"

static struct hash128 turn_key(struct hash128 before, struct hash128 visible)
{
	return hash128_chain(
		hash128_chain(before, visible), hash128(STR("turn with calls of ours")));
}

/* ---- as text: "LENGTH OF MESSAGES\nMESSAGESRESULTS" ------------------------------------------------------- */

static void write_turn(const struct engine_turn *turn, struct buf *out)
{
	buf_add_u64(out, turn->messages.n);
	buf_add_byte(out, '\n');
	buf_add(out, turn->messages);
	buf_add(out, turn->results);
}

static bool read_turn(str text, struct own_turn *out)
{
	uint64_t n;
	str line;

	if (!str_next_line(&text, &line, NULL) || !str_u64(line, &n) || n > text.n)
		return false;
	out->messages = str_sub(text, 0, n);
	out->results = str_sub(text, n, text.n);
	return true;
}

/* ---- keep ------------------------------------------------------------------------------------------------ */

/* Elements of a list, at least one, all objects: what stands between them in the body stays JSON then. */
static bool are_objects(str elements, struct arena *a)
{
	struct json_tape t;
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	buf_add_byte(&b, '[');
	buf_add(&b, elements);
	buf_add_byte(&b, ']');
	if (b.err || json_scan(a, buf_str(&b), &t, NULL) != E_OK || !t.v[0].n)
		return false;
	for (struct json_iter it = json_iter(&t, 0); json_next(&it);)
		if (!json_is(&t, it.value, JSON_OBJECT))
			return false;
	return t.v[0].next == t.n;
}

static enum err check_turn(
	const struct engine_turn *turn, struct arena *a, struct hash128 *visible, struct errctx *cx)
{
	if (!are_objects(turn->messages, a) || (turn->results.n && !are_objects(turn->results, a)))
		FAIL(cx, E_MALFORMED, "what was said in a turn is no list of messages");
	if (!own_messages_hash(turn->format, turn->visible, a, visible))
		FAIL(cx, E_MALFORMED, "the client has nothing of a turn that it could send back");
	return E_OK;
}

static enum err put_turn(struct store *s, struct hash128 key, str text, struct errctx *cx)
{
	struct rendering r = {.is_changed = true, .label = "turn"};
	struct buf winner;
	bool was_there;
	size_t lost_n;
	enum err err;

	buf_init(&winner, STORE_TEXT_MAX);
	err = rendering_put(s, key, &r, text, &winner, &was_there, cx);
	buf_release(&winner);
	if (err)
		return err;
	return rendering_settle(s, &key, 1, &lost_n, cx);
}

enum err turn_keep(struct store *s, const struct engine_turn *turn, struct errctx *cx)
{
	struct arena a = ARENA_INIT;
	struct hash128 visible;
	struct buf text;
	enum err err;

	if (arena_recover(&a)) {
		arena_release(&a);
		return err_set(cx, E_NOMEM, "no memory to keep a turn");
	}
	err = check_turn(turn, &a, &visible, cx);
	if (!err) {
		buf_init_arena(&text, &a, STORE_TEXT_MAX);
		write_turn(turn, &text);
		err = text.err ? err_set(cx, text.err, "a turn is too large to be kept")
			       : put_turn(s, turn_key(turn->chain, visible), buf_str(&text), cx);
	}
	arena_release(&a);
	return err;
}

/* ---- put back -------------------------------------------------------------------------------------------- */

static uint32_t tokens_of(const struct pass *p, str text)
{
	return (uint32_t)token_count(p->result->model.encoding, text, p->worker->tokens);
}

/* What the client has of a run, as it stands in the body. */
static str run_text(const struct wire_doc *doc, const struct own_run *run)
{
	struct span at = {doc->blocks[run->first].at.start, doc->blocks[run->end - 1].at.end};

	return span_str(doc->tape.doc, at);
}

/* Asks the store. A file that cannot be read is as one that has nothing. */
static const struct kept_turn *load_turn(
	struct pass *p, const struct own_run *run, struct hash128 before)
{
	struct buf *heap = &p->worker->heap;
	struct kept_turn t = {.before = before, .after = p->chains[run->end - 1]};
	struct hash128 visible, key;
	struct rendering r;
	uint32_t theirs;

	if (!own_run_hash(p->doc, run, &p->worker->scratch, &visible))
		return NULL;
	key = turn_key(before, visible);
	buf_reset(heap);
	if (rendering_get(p->store, key, &r, heap, NULL) != E_OK || !r.is_changed ||
		!read_turn(buf_str(heap), &t.own))
		return NULL;
	if (r.is_unsettled)
		*vec_push(&p->put, &p->result->arena) = key;
	use_decision(p, key, "");
	theirs = tokens_of(p, run_text(p->doc, run));
	t.tokens = tokens_of(p, t.own.messages) + tokens_of(p, t.own.results);
	t.tokens = t.tokens > theirs ? t.tokens - theirs : 0;
	return conversation_add_turn(p->conversation, &t);
}

void turns_put_back(struct pass *p, own_edits *edits)
{
	const struct kept_turn *t;
	struct own_run run;

	for (uint32_t from = 0; own_run_next(p->doc, from, &run); from = run.end) {
		struct hash128 before = run.first ? p->chains[run.first - 1] : p->start;

		t = run.end <= p->known_n
			    ? conversation_turn(p->conversation, before, p->chains[run.end - 1])
			    : load_turn(p, &run, before);
		arena_reset(&p->worker->scratch);
		if (!t || !own_turn_put(p->doc, &run, &t->own, &p->result->arena, edits))
			continue;
		p->result->turns_n++;
		p->result->own_tokens += t->tokens;
	}
}
