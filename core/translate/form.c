#include "core/translate/form.h"

#include <stdarg.h>
#include <stdio.h>

#include "core/base/check.h"
#include "core/token/model.h"

/* ---- what goes wrong, what is left out -------------------------------------------------------------------- */

void form_note(struct form_request *q, const char *name)
{
	struct translate_report *r = q->report;

	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->v[i].name, name) == 0) {
			r->v[i].n++;
			return;
		}
	if (r->n == ARRAY_N(r->v)) {
		r->more++;
		return;
	}
	r->v[r->n].name = name;
	r->v[r->n++].n = 1;
}

void translate_report_write(const struct translate_report *r, struct buf *out)
{
	for (size_t i = 0; i < r->n; i++) {
		buf_printf(out, "%s%s", i ? "," : "", r->v[i].name);
		if (r->v[i].n > 1)
			buf_printf(out, "*%u", r->v[i].n);
	}
	if (r->more)
		buf_printf(out, ",and %u more", r->more);
}

static void fail(struct form_request *q, enum err code, const char *fmt, va_list args)
	PRINTF_LIKE(3, 0);
static void fail(struct form_request *q, enum err code, const char *fmt, va_list args)
{
	char text[LIMIT_ERR_TEXT];

	(void)vsnprintf(text, sizeof text, fmt, args);
	if (!q->err)
		q->err = err_set(q->cx, code, "%s", text);
}

void form_refuse(struct form_request *q, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fail(q, E_UNSUPPORTED, fmt, args);
	va_end(args);
}

void form_malformed(struct form_request *q, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fail(q, E_MALFORMED, fmt, args);
	va_end(args);
}

/* ---- reading ------------------------------------------------------------------------------------------------ */

uint32_t form_member(const struct json_tape *t, uint32_t object, const char *key)
{
	uint32_t v = object == JSON_ABSENT ? JSON_ABSENT : json_member(t, object, key);

	return v != JSON_ABSENT && json_is(t, v, JSON_NULL) ? JSON_ABSENT : v;
}

bool form_says(const struct json_tape *t, uint32_t node, const char *text)
{
	return node != JSON_ABSENT && json_string_is(t, node, text);
}

str form_inside(const struct json_tape *t, uint32_t node)
{
	str s;

	if (!form_is(t, node, JSON_STRING))
		return STR("");
	s = json_text(t, node);
	return str_sub(s, 1, s.n - 1);
}

str form_raw(const struct json_tape *t, uint32_t node)
{
	return node == JSON_ABSENT ? STR("") : json_text(t, node);
}

str form_plain(struct arena *a, str inside)
{
	char *p;
	str out;

	if (str_find_byte(inside, '\\') == STR_NONE)
		return inside;
	p = arena_alloc(a, inside.n + 2, 1);
	p[0] = p[inside.n + 1] = '"';
	memcpy(p + 1, inside.p, inside.n);
	return json_unescape((str){p, inside.n + 2}, a, &out) ? out : STR("");
}

str form_escaped(struct arena *a, str text)
{
	struct buf b;

	buf_init_arena(&b, a, SIZE_MAX / 4);
	form_add_escaped(&b, text);
	return buf_str(&b);
}

struct form_block *form_add(struct form_request *q, enum form_role role, enum form_kind kind)
{
	struct form_block *b = vec_push(&q->blocks, q->a);

	*b = (struct form_block){.role = role, .kind = kind, .turn = q->turn};
	return b;
}

void form_add_text(struct form_request *q, enum form_role role, str inside)
{
	if (inside.n)
		form_add(q, role, FORM_TEXT)->text = inside;
}

void form_end_result(struct form_request *q, size_t at)
{
	str text;

	for (size_t i = at; i < q->blocks.n; i++)
		q->blocks.v[i].in_result = true;
	if (q->blocks.n == at || q->blocks.v[at].kind != FORM_TEXT)
		return;
	text = q->blocks.v[at].text;
	q->blocks.v[at - 1].is_error = str_take(&text, STR(FORM_ERROR_MARK));
	q->blocks.v[at].text = text;
}

enum form_kind form_kind_of(str mime)
{
	if (str_starts(mime, STR("image/")))
		return FORM_IMAGE;
	return str_starts(mime, STR("audio/")) ? FORM_AUDIO : FORM_DOCUMENT;
}

/* RFC 2397: data:TYPE;base64,DATA */
void form_set_url(struct form_request *q, struct form_block *b, str url)
{
	str rest = url, mime;
	size_t comma;

	if (!str_take(&rest, STR("data:"))) {
		b->url = url;
		return;
	}
	comma = str_find_byte(rest, ',');
	mime = form_plain(q->a, str_sub(rest, 0, comma == STR_NONE ? 0 : comma));
	if (!str_ends(mime, STR(";base64"))) {
		form_refuse(q, "message %u: a data URL that is not in base64 cannot be translated",
			q->turn);
		return;
	}
	b->mime = str_sub(mime, 0, str_find_byte(mime, ';'));
	b->data = str_sub(rest, comma + 1, rest.n);
}

static bool is_object(struct form_request *q, str json)
{
	struct json_tape t;

	return json_scan(q->a, json, &t, NULL) == E_OK && json_is(&t, 0, JSON_OBJECT);
}

/* The wrapping is the one that Anthropic's documents name for arguments that are no JSON
 * (docs.anthropic.com/en/agents-and-tools/tool-use/fine-grained-tool-streaming). */
str form_object(struct form_request *q, str inside)
{
	str json = str_trim(form_plain(q->a, inside));

	if (!json.n)
		return STR("{}");
	if (is_object(q, json))
		return json;
	return arena_printf(q->a, "{\"INVALID_JSON\":\"" STR_FMT "\"}", STR_ARG(inside));
}

str form_as_object(struct form_request *q, str json)
{
	if (json.n && json.p[0] == '{')
		return json;
	return arena_printf(
		q->a, "{\"INVALID_JSON\":\"" STR_FMT "\"}", STR_ARG(form_escaped(q->a, json)));
}

/* ---- effort ------------------------------------------------------------------------------------------------- */

/* Words: platform.openai.com/docs/guides/reasoning, docs.anthropic.com/en/build-with-claude/effort. Tokens: between those
 * that Google names for its OpenAI dialect (1024, 8192, 24576) and Claude Code's own (4000, 10000, 31999). */
static const struct {
	const char *name;
	uint64_t tokens;
} EFFORTS[] = {
	[EFFORT_UNSET] = {"", 0},
	[EFFORT_NONE] = {"none", 0},
	[EFFORT_MINIMAL] = {"minimal", 1024},
	[EFFORT_LOW] = {"low", 4096},
	[EFFORT_MEDIUM] = {"medium", 10240},
	[EFFORT_HIGH] = {"high", 24576},
	[EFFORT_XHIGH] = {"xhigh", 32768},
	[EFFORT_MAX] = {"max", 49152},
};

bool form_effort_parse(const struct json_tape *t, uint32_t node, enum form_effort *out)
{
	for (size_t i = EFFORT_NONE; i < ARRAY_N(EFFORTS); i++)
		if (form_says(t, node, EFFORTS[i].name)) {
			*out = (enum form_effort)i;
			return true;
		}
	return false;
}

const char *form_effort_name(enum form_effort e)
{
	return EFFORTS[e].name;
}

uint64_t form_budget_of_effort(enum form_effort e)
{
	return EFFORTS[e].tokens;
}

enum form_effort form_effort_of_budget(uint64_t tokens)
{
	return tokens <= EFFORTS[EFFORT_LOW].tokens      ? EFFORT_LOW
	       : tokens <= EFFORTS[EFFORT_MEDIUM].tokens ? EFFORT_MEDIUM
							 : EFFORT_HIGH;
}

/* ---- the choice of tools ------------------------------------------------------------------------------------ */

/* OpenAI's words, in both of its dialects: platform.openai.com/docs/guides/function-calling. */
static const char *const CHOICES[] = {
	[CHOICE_AUTO] = "auto", [CHOICE_ANY] = "required", [CHOICE_NONE] = "none"};

bool form_choice_parse(const struct json_tape *t, uint32_t node, enum form_choice *out)
{
	for (size_t i = CHOICE_AUTO; i < ARRAY_N(CHOICES); i++)
		if (form_says(t, node, CHOICES[i])) {
			*out = (enum form_choice)i;
			return true;
		}
	return false;
}

void form_put_choice(
	struct form_request *q, const char *before, const char *behind, struct buf *out)
{
	if (!q->tools.n)
		return;
	if (q->choice == CHOICE_TOOL) {
		form_key(out, "tool_choice");
		buf_add_c(out, before);
		form_text(out, q->choice_name);
		buf_add_c(out, behind);
	} else if (q->choice) {
		form_put_c(out, "tool_choice", CHOICES[q->choice]);
	}
	if (q->is_serial)
		form_put_bool(out, "parallel_tool_calls", false);
}

/* OpenAI's own that reason. */
bool form_reasons(struct form_request *q)
{
	static const char *const families[] = {
		"o1", "o3", "o4", "gpt-5", "gpt-6", "gpt-oss", "codex"};
	str name = model_plain_name(form_plain(q->a, q->model));

	for (size_t i = 0; i < ARRAY_N(families); i++)
		if (str_starts(name, str_from(families[i])))
			return true;
	return false;
}

void form_note_unsaid(struct form_request *q, unsigned which)
{
	if (which & UNSAID_TOP_K && q->top_k.n)
		form_note(q, "top_k");
	if (which & UNSAID_SEED && q->seed.n)
		form_note(q, "seed");
	if (which & UNSAID_PENALTIES && (q->frequency_penalty.n || q->presence_penalty.n))
		form_note(q, "penalties");
	if (which & UNSAID_STOPS && q->stops.n)
		form_note(q, "stop_sequences");
}

/* ---- signatures --------------------------------------------------------------------------------------------- */

static const char *const MARKS[WIRE_FORMAT_N] = {
	[WIRE_ANTHROPIC] = "hdrm/A1/",
	[WIRE_OPENAI_CHAT] = "hdrm/C1/",
	[WIRE_OPENAI_RESPONSES] = "hdrm/R1/",
	[WIRE_GEMINI] = "hdrm/G1/",
};

str form_sign(struct arena *a, enum wire_format whose, str inside)
{
	return arena_printf(a, "%s" STR_FMT, MARKS[whose], STR_ARG(inside));
}

bool form_signed_by(str signature, enum wire_format whose, str *own)
{
	*own = signature;
	return MARKS[whose] && str_take(own, str_from(MARKS[whose]));
}

/* ---- writing ------------------------------------------------------------------------------------------------ */

void form_comma(struct buf *out)
{
	char last = out->n ? out->p[out->n - 1] : '{';

	if (last != '{' && last != '[' && last != ':')
		buf_add_byte(out, ',');
}

void form_key(struct buf *out, const char *key)
{
	form_comma(out);
	buf_add_byte(out, '"');
	buf_add_c(out, key);
	buf_add(out, STR("\":"));
}

void form_put(struct buf *out, const char *key, str raw)
{
	if (!raw.n)
		return;
	form_key(out, key);
	buf_add(out, raw);
}

void form_text(struct buf *out, str inside)
{
	buf_add_byte(out, '"');
	buf_add(out, inside);
	buf_add_byte(out, '"');
}

void form_put_text(struct buf *out, const char *key, str inside)
{
	form_key(out, key);
	form_text(out, inside);
}

void form_put_c(struct buf *out, const char *key, const char *text)
{
	form_put_text(out, key, str_from(text));
}

void form_put_bool(struct buf *out, const char *key, bool v)
{
	form_put(out, key, v ? STR("true") : STR("false"));
}

/* Bytes that are not UTF-8 stay as they are: what reads them has to say what they are. */
void form_add_escaped(struct buf *out, str json)
{
	size_t start = out->n;

	buf_add_json_string(out, json);
	if (out->err)
		return;
	memmove(out->p + start, out->p + start + 1, out->n - start - 2);
	out->n -= 2;
}

void form_put_url(struct buf *out, const char *key, const struct form_block *b)
{
	form_key(out, key);
	buf_add_byte(out, '"');
	if (b->url.n)
		buf_add(out, b->url);
	else
		buf_printf(out, "data:" STR_FMT ";base64,", STR_ARG(b->mime));
	buf_add(out, b->data);
	buf_add_byte(out, '"');
}

void form_put_tools(struct form_request *q, form_put_tool_fn *put, struct buf *out)
{
	if (!q->tools.n)
		return;
	form_key(out, "tools");
	buf_add_byte(out, '[');
	for (size_t i = 0; i < q->tools.n; i++) {
		form_comma(out);
		buf_add_byte(out, '{');
		put(q, &q->tools.v[i], out);
		buf_add_byte(out, '}');
	}
	buf_add_byte(out, ']');
}

void form_put_tool_name(const struct form_tool *tool, struct buf *out)
{
	form_put_text(out, "name", tool->name);
	if (tool->description.n)
		form_put_text(out, "description", tool->description);
}

void form_put_stops(struct form_request *q, const char *key, size_t max, struct buf *out)
{
	if (!q->stops.n)
		return;
	if (q->stops.n > max)
		form_note(q, "stop_sequences");
	form_key(out, key);
	buf_add_byte(out, '[');
	for (size_t i = 0; i < q->stops.n && i < max; i++) {
		form_comma(out);
		form_text(out, q->stops.v[i]);
	}
	buf_add_byte(out, ']');
}

bool form_is_blank(str inside)
{
	for (size_t i = 0; i < inside.n; i++) {
		char c = inside.p[i];

		if (c == '\\' && i + 1 < inside.n && memchr("ntr", inside.p[i + 1], 3))
			i++;
		else if (c != ' ')
			return false;
	}
	return true;
}

static size_t run_end(const struct form_request *q, size_t i)
{
	size_t end = i;

	while (end < q->blocks.n && q->blocks.v[end].role == q->blocks.v[i].role)
		end++;
	return end;
}

size_t form_message_end(const struct form_request *q, size_t i)
{
	size_t end = run_end(q, i), last = i, cut;

	if (q->blocks.v[i].role != FORM_USER)
		return end;
	for (size_t k = i; k < end; k++)
		if (q->blocks.v[k].kind == FORM_RESULT)
			last = k;
	for (cut = last; cut < end && q->blocks.v[cut].turn == q->blocks.v[last].turn;)
		cut++;
	return cut;
}

size_t form_result_end(const struct form_request *q, size_t i)
{
	size_t end = i + 1;

	while (end < q->blocks.n && q->blocks.v[end].in_result)
		end++;
	return end;
}

str form_result_text(struct form_request *q, size_t i, bool marks_error)
{
	size_t end = form_result_end(q, i);
	struct buf b;
	bool is_marked = marks_error && q->blocks.v[i].is_error;

	if (!is_marked && end == i + 1)
		return STR("");
	if (!is_marked && end == i + 2 && q->blocks.v[i + 1].kind == FORM_TEXT)
		return q->blocks.v[i + 1].text;
	buf_init_arena(&b, q->a, SIZE_MAX / 4);
	if (is_marked)
		buf_add_c(&b, FORM_ERROR_MARK);
	for (size_t k = i + 1, n = 0; k < end; k++) {
		if (q->blocks.v[k].kind != FORM_TEXT)
			continue;
		buf_add(&b, n++ ? STR("\\n") : STR(""));
		buf_add(&b, q->blocks.v[k].text);
	}
	return buf_str(&b);
}
