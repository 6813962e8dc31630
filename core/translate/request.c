#include "core/base/check.h"
#include "core/base/hash.h"
#include "core/translate/form.h"

static const struct {
	form_read_fn *read;
	form_write_fn *write;
} DIALECTS[WIRE_FORMAT_N] = {
	[WIRE_ANTHROPIC] = {form_read_anthropic, form_write_anthropic},
	[WIRE_OPENAI_CHAT] = {form_read_chat, form_write_chat},
	[WIRE_OPENAI_RESPONSES] = {form_read_responses, form_write_responses},
	[WIRE_GEMINI] = {form_read_gemini, form_write_gemini},
};

/* Longest names of tools and the characters in them: platform.openai.com/docs/api-reference/chat/create,
 * docs.anthropic.com/en/api/messages, ai.google.dev/api/caching#FunctionDeclaration. */
static const struct {
	size_t max;
	const char *beside; /* letters and digits */
} NAMES[WIRE_FORMAT_N] = {
	[WIRE_ANTHROPIC] = {128, "_-"},
	[WIRE_OPENAI_CHAT] = {64, "_-"},
	[WIRE_OPENAI_RESPONSES] = {64, "_-"},
	[WIRE_GEMINI] = {64, "_-.:"},
};

enum { HASH_DIGITS = 8 };

static bool is_name_char(enum wire_format f, char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr(NAMES[f].beside, c));
}

/* A name that the backend takes: what it does not know becomes '_', and a hash makes up for what is lost. */
static str name_for(struct form_request *q, str name)
{
	size_t max = NAMES[q->to].max, n = name.n < max ? name.n : max;
	bool is_fine = name.n <= max;
	char *p = arena_alloc(q->a, max + 1, 1);
	static const char digits[] = "0123456789abcdef";
	uint64_t h = hash64(name);

	for (size_t i = 0; i < n; i++) {
		bool ok = is_name_char(q->to, name.p[i]);

		p[i] = ok ? name.p[i] : '_';
		is_fine &= ok;
	}
	if (is_fine)
		return name;
	if (n > max - HASH_DIGITS - 1)
		n = max - HASH_DIGITS - 1;
	p[n++] = '_';
	for (int i = 0; i < HASH_DIGITS; i++)
		p[n++] = digits[h >> (4 * i) & 15];
	return (str){p, n};
}

static void rename_one(struct form_request *q, str *name)
{
	if (name->n)
		*name = name_for(q, *name);
}

static void rename_all(struct form_request *q)
{
	for (size_t i = 0; i < q->tools.n; i++) {
		struct form_tool *tool = &q->tools.v[i];
		str client = tool->name;

		rename_one(q, &tool->name);
		if (tool->is_custom || !str_eq(client, tool->name))
			*vec_push(&q->names, q->a) =
				(struct translate_name){client, tool->name, tool->is_custom};
	}
	for (size_t i = 0; i < q->blocks.n; i++)
		if (q->blocks.v[i].kind == FORM_CALL || q->blocks.v[i].kind == FORM_RESULT)
			rename_one(q, &q->blocks.v[i].name);
	rename_one(q, &q->choice_name);
}

/* A result stands right behind its call, but for others of the same turn. */
enum { RESULT_BACK_MAX = 1024 };

/* Names of results by their calls, for dialects that want them; newest first, as ids may come again. */
static void name_results(struct form_request *q)
{
	for (size_t i = 0; i < q->blocks.n && q->to == WIRE_GEMINI; i++) {
		struct form_block *b = &q->blocks.v[i];
		size_t back = i < RESULT_BACK_MAX ? 0 : i - RESULT_BACK_MAX;

		for (size_t k = i; b->kind == FORM_RESULT && !b->name.n && k-- > back;)
			if (q->blocks.v[k].kind == FORM_CALL && str_eq(q->blocks.v[k].id, b->id))
				b->name = q->blocks.v[k].name;
	}
}

/* A tool that takes plain text is a function with one text everywhere else. */
static void spell_custom(struct form_request *q)
{
	for (size_t i = 0; i < q->tools.n; i++)
		if (q->tools.v[i].is_custom)
			q->tools.v[i].schema = STR("{\"type\":\"object\",\"properties\":{\"input\":"
						   "{\"type\":\"string\"}},"
						   "\"required\":[\"input\"]}");
	for (size_t i = 0; i < q->blocks.n; i++) {
		struct form_block *b = &q->blocks.v[i];

		if (b->kind == FORM_CALL && b->is_custom)
			b->json =
				arena_printf(q->a, "{\"input\":\"" STR_FMT "\"}", STR_ARG(b->text));
	}
}

/* Where only the beginning can be the system's: what it says later is a text of the user's that says so. */
static void move_system(struct form_request *q)
{
	size_t i = 0;

	if (q->to != WIRE_ANTHROPIC && q->to != WIRE_GEMINI)
		return;
	while (i < q->blocks.n && q->blocks.v[i].role == FORM_SYSTEM)
		i++;
	for (; i < q->blocks.n; i++) {
		struct form_block *b = &q->blocks.v[i];

		if (b->role != FORM_SYSTEM)
			continue;
		b->role = FORM_USER;
		b->text =
			arena_printf(q->a, "<system>\\n" STR_FMT "\\n</system>", STR_ARG(b->text));
		form_note(q, "system_within_conversation");
	}
}

/* An answer that the client has begun: elsewhere it is a turn that has ended, and the model says what comes next. */
static void note_begun(struct form_request *q)
{
	const struct form_block *last = q->blocks.n ? &q->blocks.v[q->blocks.n - 1] : NULL;

	if (last && q->from == WIRE_ANTHROPIC && last->role == FORM_ASSISTANT &&
		last->kind == FORM_TEXT)
		form_note(q, "prefill");
}

static void hand_out(struct form_request *q, struct translated *t)
{
	t->model = form_plain(q->a, q->model);
	t->is_stream = q->is_stream;
	t->wants_usage = q->wants_usage;
	t->names = q->names.v;
	t->names_n = q->names.n;
}

enum err translate_request(enum wire_format from, enum wire_format to, str body,
	const struct translate_conf *conf, struct arena *a, struct translated *t, struct errctx *cx)
{
	struct form_request q = {.a = a, .conf = conf, .from = from, .to = to, .cx = cx};
	struct json_tape tape;

	ASSERT(from != to && DIALECTS[from].read && DIALECTS[to].write);
	t->report = (struct translate_report){0};
	q.report = &t->report;
	q.t = &tape;
	TRY(json_scan(a, body, &tape, cx));
	if (!json_is(&tape, 0, JSON_OBJECT))
		FAIL(cx, E_MALFORMED, "the body is no JSON object");
	q.is_stream = conf->is_stream;
	DIALECTS[from].read(&q);
	TRY(q.err);
	if (conf->model.n)
		q.model = form_escaped(a, conf->model);
	name_results(&q);
	spell_custom(&q);
	note_begun(&q);
	move_system(&q);
	rename_all(&q);
	DIALECTS[to].write(&q, t->out);
	TRY(q.err);
	hand_out(&q, t);
	return t->out->err;
}
