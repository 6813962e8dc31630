/* Anthropic Messages, written: docs.anthropic.com/en/api/messages. */
#include "core/translate/form.h"

/* ---- breakpoints -------------------------------------------------------------------------------------------- */

#define BREAKPOINT "{\"type\":\"ephemeral\"}"

/* The block of a message of the user's that stands last as it is written: results come first. */
static struct form_block *last_written(struct form_request *q, size_t i, size_t end)
{
	struct form_block *result = NULL, *other = NULL;

	for (; i < end; i++) {
		struct form_block *b = &q->blocks.v[i];

		if (b->kind == FORM_RESULT)
			result = b;
		else if (!b->in_result && !(b->kind == FORM_TEXT && form_is_blank(b->text)))
			other = b;
	}
	return other ? other : result;
}

/* A client of another dialect is used to prompts that are cached by themselves; here somebody has to say up to where. The end
 * of what stays (system, or tools), of the newest message, and of the one of the user's before it, where the last request
 * ended: docs.anthropic.com/en/build-with-claude/prompt-caching, which allows four. */
static void add_breakpoints(struct form_request *q)
{
	struct form_block *ends[2] = {NULL, NULL};
	struct form_block *system = NULL;

	if (q->has_breakpoints || q->conf->quirks.no_breakpoints)
		return;
	for (size_t i = 0; i < q->blocks.n;) {
		size_t end = form_message_end(q, i);
		struct form_block *last =
			q->blocks.v[i].role == FORM_USER ? last_written(q, i, end) : NULL;

		if (q->blocks.v[i].role == FORM_SYSTEM)
			system = &q->blocks.v[end - 1];
		if (last) {
			ends[0] = ends[1];
			ends[1] = last;
		}
		i = end;
	}
	if (system)
		system->cache = STR(BREAKPOINT);
	else if (q->tools.n)
		q->tools.v[q->tools.n - 1].cache = STR(BREAKPOINT);
	for (size_t i = 0; i < ARRAY_N(ends); i++)
		if (ends[i])
			ends[i]->cache = STR(BREAKPOINT);
}

/* ---- blocks ------------------------------------------------------------------------------------------------- */

static void write_source(struct form_request *q, const struct form_block *b, struct buf *out)
{
	form_key(out, "source");
	buf_add_byte(out, '{');
	if (b->url.n) {
		form_put_c(out, "type", "url");
		form_put_text(out, "url", b->url);
	} else {
		form_put_c(out, "type", "base64");
		form_put_text(out, "media_type", form_escaped(q->a, b->mime));
		form_put_text(out, "data", b->data);
	}
	buf_add_byte(out, '}');
}

static void write_media(struct form_request *q, const struct form_block *b, struct buf *out)
{
	if (b->kind == FORM_AUDIO) {
		form_refuse(q, "message %u: audio cannot be said in Anthropic's Messages", b->turn);
		return;
	}
	if (b->kind == FORM_DOCUMENT && b->data.n && !str_eq(b->mime, STR("application/pdf"))) {
		form_refuse(q,
			"message %u: a document of type " STR_FMT
			" cannot be said in Anthropic's Messages, which take PDF and text",
			b->turn, STR_ARG(b->mime));
		return;
	}
	form_put_c(out, "type", b->kind == FORM_IMAGE ? "image" : "document");
	write_source(q, b, out);
	if (b->kind == FORM_DOCUMENT && b->name.n)
		form_put_text(out, "title", b->name);
}

static void write_result(struct form_request *q, size_t i, struct buf *out)
{
	const struct form_block *b = &q->blocks.v[i];
	size_t end = form_result_end(q, i);

	form_put_c(out, "type", "tool_result");
	form_put_text(out, "tool_use_id", b->id);
	form_key(out, "content");
	if (end == i + 1)
		form_text(out, STR(""));
	else if (end == i + 2 && b[1].kind == FORM_TEXT)
		form_text(out, b[1].text);
	else {
		buf_add_byte(out, '[');
		for (size_t k = i + 1; k < end; k++) {
			form_comma(out);
			buf_add_byte(out, '{');
			if (q->blocks.v[k].kind == FORM_TEXT) {
				form_put_c(out, "type", "text");
				form_put_text(out, "text", q->blocks.v[k].text);
			} else
				write_media(q, &q->blocks.v[k], out);
			buf_add_byte(out, '}');
		}
		buf_add_byte(out, ']');
	}
	if (b->is_error)
		form_put_bool(out, "is_error", true);
}

/* What Anthropic itself has signed; other thoughts cannot be said to it. */
static bool write_thought(struct form_request *q, const struct form_block *b, struct buf *out)
{
	str own;

	if (!form_signed_by(b->signature, WIRE_ANTHROPIC, &own)) {
		form_note(q, "thinking");
		return false;
	}
	form_comma(out);
	buf_add_byte(out, '{');
	if (str_take(&own, STR("red/"))) {
		form_put_c(out, "type", "redacted_thinking");
		form_put_text(out, "data", own);
	} else {
		form_put_c(out, "type", "thinking");
		form_put_text(out, "thinking", b->text);
		form_put_text(out, "signature", own);
	}
	buf_add_byte(out, '}');
	return true;
}

/* Ids have letters, digits, '_' and '-' here; others become '_', in calls and results alike. */
static str id_for(struct form_request *q, str id)
{
	char *p = NULL;

	for (size_t i = 0; i < id.n; i++) {
		char c = id.p[i];

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
			c == '_' || c == '-')
			continue;
		if (!p)
			p = arena_cstr(q->a, id);
		p[i] = '_';
	}
	return p ? (str){p, id.n} : id;
}

static void write_block(struct form_request *q, size_t i, struct buf *out)
{
	struct form_block *b = &q->blocks.v[i];

	if (b->kind == FORM_TEXT && form_is_blank(b->text))
		return; /* an error there, and says nothing */
	if (b->kind == FORM_THINKING) {
		(void)write_thought(q, b, out);
		return;
	}
	form_comma(out);
	buf_add_byte(out, '{');
	if (b->kind == FORM_TEXT) {
		form_put_c(out, "type", "text");
		form_put_text(out, "text", b->text);
	} else if (b->kind == FORM_CALL) {
		form_put_c(out, "type", "tool_use");
		form_put_text(out, "id", id_for(q, b->id));
		form_put_text(out, "name", b->name);
		form_put(out, "input", b->json);
	} else if (b->kind == FORM_RESULT) {
		b->id = id_for(q, b->id);
		write_result(q, i, out);
	} else
		write_media(q, b, out);
	form_put(out, "cache_control", b->cache);
	buf_add_byte(out, '}');
}

static void write_message(struct form_request *q, size_t i, size_t end, struct buf *out)
{
	size_t start = out->n, empty;

	form_comma(out);
	buf_add(out, q->blocks.v[i].role == FORM_USER
			     ? STR("{\"role\":\"user\",\"content\":[")
			     : STR("{\"role\":\"assistant\",\"content\":["));
	empty = out->n;
	for (size_t k = i; k < end; k++)
		if (q->blocks.v[k].kind == FORM_RESULT)
			write_block(q, k, out);
	for (size_t k = i; k < end; k++)
		if (q->blocks.v[k].kind != FORM_RESULT && !q->blocks.v[k].in_result)
			write_block(q, k, out);
	if (out->n == empty && !out->err)
		out->n = start; /* nothing that can be said */
	else
		buf_add(out, STR("]}"));
}

static void write_messages(struct form_request *q, struct buf *out)
{
	size_t i = 0;

	while (i < q->blocks.n && q->blocks.v[i].role == FORM_SYSTEM)
		i++;
	if (i) {
		form_key(out, "system");
		buf_add_byte(out, '[');
		for (size_t k = 0; k < i; k++)
			write_block(q, k, out);
		buf_add_byte(out, ']');
	}
	form_key(out, "messages");
	buf_add_byte(out, '[');
	while (i < q->blocks.n) {
		size_t end = form_message_end(q, i);

		write_message(q, i, end, out);
		i = end;
	}
	buf_add_byte(out, ']');
}

/* ---- tools -------------------------------------------------------------------------------------------------- */

/* A history with calls must declare their tools, which other dialects do not ask for. */
static void declare_called(struct form_request *q)
{
	if (q->tools.n)
		return;
	for (size_t i = 0; i < q->blocks.n; i++) {
		const struct form_block *b = &q->blocks.v[i];
		bool is_known = b->kind != FORM_CALL;

		for (size_t k = 0; k < q->tools.n && !is_known; k++)
			is_known = str_eq(q->tools.v[k].name, b->name);
		if (!is_known)
			*vec_push(&q->tools, q->a) = (struct form_tool){.name = b->name};
	}
	if (q->tools.n)
		q->choice = CHOICE_NONE;
}

static void put_tool(struct form_request *q, const struct form_tool *tool, struct buf *out)
{
	(void)q;
	form_put_tool_name(tool, out);
	form_put(out, "input_schema", tool->schema.n ? tool->schema : STR(FORM_NO_PARAMETERS));
	if (tool->strict == STRICT_YES)
		form_put_bool(out, "strict", true);
	form_put(out, "cache_control", tool->cache);
}

static void write_choice(struct form_request *q, struct buf *out)
{
	static const char *const words[] = {[CHOICE_UNSET] = "auto",
		[CHOICE_AUTO] = "auto",
		[CHOICE_ANY] = "any",
		[CHOICE_NONE] = "none",
		[CHOICE_TOOL] = "tool"};

	if (!q->tools.n || (!q->choice && !q->is_serial))
		return;
	form_key(out, "tool_choice");
	buf_add_byte(out, '{');
	form_put_c(out, "type", words[q->choice]);
	if (q->choice == CHOICE_TOOL)
		form_put_text(out, "name", q->choice_name);
	if (q->is_serial && q->choice != CHOICE_NONE)
		form_put_bool(out, "disable_parallel_tool_use", true);
	buf_add_byte(out, '}');
}

/* ---- thoughts ----------------------------------------------------------------------------------------------- */

/* How a model is told to think, and how much it can say: docs.anthropic.com/en/about-claude/models/overview,
 * .../build-with-claude/adaptive-thinking. The first row that a name contains; the last one is for all that came later. */
static const struct {
	const char *part;
	enum { THINKS_NOT, THINKS_BUDGET, THINKS_ADAPTIVE } how;
	uint64_t max_tokens; /* said when the client names no limit */
} MODELS[] = {
	{"claude-3-7", THINKS_BUDGET, 32000},
	{"claude-3-5", THINKS_NOT, 8192},
	{"claude-3-", THINKS_NOT, 4096},
	{"opus-4-0", THINKS_BUDGET, 32000},
	{"opus-4-1", THINKS_BUDGET, 32000},
	{"opus-4-2025", THINKS_BUDGET, 32000},
	{"opus-4-5", THINKS_BUDGET, 32000},
	{"sonnet-4-0", THINKS_BUDGET, 32000},
	{"sonnet-4-2025", THINKS_BUDGET, 32000},
	{"sonnet-4-5", THINKS_BUDGET, 32000},
	{"haiku-4-5", THINKS_BUDGET, 32000},
	{"", THINKS_ADAPTIVE, 32000},
};

static size_t model_row(struct form_request *q)
{
	str name = form_plain(q->a, q->model);
	size_t i = 0;

	while (str_find(name, str_from(MODELS[i].part)) == STR_NONE)
		i++;
	return i;
}

/* Is the newest turn of the model's one that thought before its calls? Those that think by budget must be given that back. */
static bool lacks_thoughts(const struct form_request *q)
{
	bool has_calls = false;
	size_t i = q->blocks.n;
	str own;

	while (i > 0 && q->blocks.v[i - 1].role != FORM_ASSISTANT)
		i--;
	for (; i > 0 && q->blocks.v[i - 1].role == FORM_ASSISTANT; i--) {
		const struct form_block *b = &q->blocks.v[i - 1];

		has_calls |= b->kind == FORM_CALL;
		if (b->kind == FORM_THINKING && form_signed_by(b->signature, WIRE_ANTHROPIC, &own))
			return false;
	}
	return has_calls;
}

enum { BUDGET_MIN = 1024 };

/* True when the model is told to think. */
static bool write_budget(struct form_request *q, uint64_t max, struct buf *out)
{
	uint64_t budget = q->budget ? q->budget : form_budget_of_effort(q->effort);

	if (max < BUDGET_MIN * 2 || lacks_thoughts(q)) {
		form_note(q, "reasoning_effort");
		return false;
	}
	if (budget > max - BUDGET_MIN)
		budget = max - BUDGET_MIN;
	if (budget < BUDGET_MIN)
		budget = BUDGET_MIN;
	form_key(out, "thinking");
	buf_printf(
		out, "{\"type\":\"enabled\",\"budget_tokens\":%llu}", (unsigned long long)budget);
	return true;
}

static void write_output(struct form_request *q, bool has_effort, struct buf *out)
{
	bool has_schema = q->output == OUTPUT_SCHEMA && q->schema.n;
	enum form_effort e = q->effort;

	if (q->output == OUTPUT_JSON)
		form_note(q, "response_format");
	if (!has_schema && !has_effort)
		return;
	form_key(out, "output_config");
	buf_add_byte(out, '{');
	if (has_effort)
		form_put_c(out, "effort",
			e < EFFORT_LOW      ? "low"
			: e == EFFORT_XHIGH ? "high"
					    : form_effort_name(e));
	if (has_schema) {
		form_key(out, "format");
		buf_add(out, STR("{\"type\":\"json_schema\",\"schema\":"));
		buf_add(out, q->schema);
		buf_add_byte(out, '}');
	}
	buf_add_byte(out, '}');
}

/* No thoughts where a call is forced: an error there. */
static bool write_thinking(struct form_request *q, uint64_t max, struct buf *out)
{
	size_t row = model_row(q);
	bool is_forced = q->tools.n && (q->choice == CHOICE_ANY || q->choice == CHOICE_TOOL);
	bool wants = q->effort > EFFORT_NONE || q->budget || q->is_adaptive;
	bool thinks = false;

	if (wants && (MODELS[row].how == THINKS_NOT || is_forced))
		form_note(q, "reasoning_effort");
	else if (wants && MODELS[row].how == THINKS_BUDGET)
		thinks = write_budget(q, max, out);
	else if (wants) {
		form_put(out, "thinking", STR("{\"type\":\"adaptive\"}"));
		thinks = true;
	}
	write_output(q, thinks && MODELS[row].how == THINKS_ADAPTIVE && q->effort, out);
	return thinks;
}

/* ---- parameters --------------------------------------------------------------------------------------------- */

/* Between 0 and 1 here, 0 and 2 elsewhere; with thoughts it is not to be said at all, nor two ways to sample. */
static void write_sampling(struct form_request *q, bool thinks, struct buf *out)
{
	double value;
	bool is_hot = str_f64(q->temperature, &value) && value > 1;

	if (thinks) {
		if (q->temperature.n &&
			!(str_f64(q->temperature, &value) && value >= 1 && value <= 1))
			form_note(q, "temperature");
		if (q->top_p.n)
			form_note(q, "top_p");
		if (q->top_k.n)
			form_note(q, "top_k");
		return;
	}
	if (is_hot)
		form_note(q, "temperature");
	form_put(out, "temperature", is_hot ? STR("1") : q->temperature);
	if (q->temperature.n && q->top_p.n)
		form_note(q, "top_p");
	else
		form_put(out, "top_p", q->top_p);
	form_put(out, "top_k", q->top_k);
}

static void write_stops(struct form_request *q, struct buf *out)
{
	bool is_open = false;

	for (size_t i = 0; i < q->stops.n; i++) {
		if (form_is_blank(q->stops.v[i])) {
			form_note(q, "stop");
			continue;
		}
		if (!is_open) {
			form_key(out, "stop_sequences");
			buf_add_byte(out, '[');
		}
		is_open = true;
		form_comma(out);
		form_text(out, q->stops.v[i]);
	}
	if (is_open)
		buf_add_byte(out, ']');
}

void form_write_anthropic(struct form_request *q, struct buf *out)
{
	uint64_t max;
	bool thinks;

	if (!str_u64(q->max_tokens, &max))
		max = MODELS[model_row(q)].max_tokens;
	declare_called(q);
	add_breakpoints(q);
	buf_add_byte(out, '{');
	form_put_text(out, "model", q->model);
	form_key(out, "max_tokens");
	buf_add_u64(out, max);
	form_put_tools(q, put_tool, out);
	write_choice(q, out);
	write_messages(q, out);
	thinks = write_thinking(q, max, out);
	write_sampling(q, thinks, out);
	write_stops(q, out);
	form_note_unsaid(q, UNSAID_SEED | UNSAID_PENALTIES);
	if (q->is_stream)
		form_put_bool(out, "stream", true);
	buf_add_byte(out, '}');
}
