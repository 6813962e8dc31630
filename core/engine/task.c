#include "core/engine/task.h"

#include "core/base/limits.h"
#include "core/engine/outlines.h"
#include "core/json/scan.h"

enum {
	/* A rendering must save this many tokens: less is not worth a change. */
	MIN_GAIN = 3,
	/* Below this, no marker that names an original is shorter than what it stands for. */
	ELIDE_MIN_BYTES = 1 << 10,
	/* More of a question than this names nothing that a result could be searched for. */
	QUERY_MAX = 4 << 10,
};

static bool is_protected_tool(const struct compress_conf *conf, str tool)
{
	for (size_t i = 0; i < conf->protect_tools_n; i++)
		if (str_glob(tool, conf->protect_tools[i], true))
			return true;
	return false;
}

/* The last thing that the user wrote before this block. */
static str query_before(const struct pass *p, const struct wire_block *block, struct arena *a)
{
	for (const struct wire_block *b = block; b-- > p->doc->blocks;) {
		str text;

		if (b->kind != WIRE_TEXT || b->role != WIRE_USER)
			continue;
		if (!json_unescape(span_str(p->doc->tape.doc, b->at), a, &text))
			return STR_NULL;
		return text.n > QUERY_MAX ? str_sub(text, text.n - QUERY_MAX, text.n) : text;
	}
	return STR_NULL;
}

const struct original_key *task_original(const struct pass *p, struct task *t)
{
	if (!t->has_original)
		t->original = original_key_for(p->conf->tenant, t->text);
	t->has_original = true;
	return &t->original;
}

/* How the reader of the text gets its original: the tool, or the command. Empty when there is no way. */
static str route_to(const struct pass *p, struct task *t, struct arena *a)
{
	struct buf b;

	if (!p->conf->elides || !p->store || t->is_lossless || t->text.n < ELIDE_MIN_BYTES ||
		(p->conf->retrieves_by_tool && !p->retrieve_tool.n))
		return STR_NULL;
	buf_init_arena(&b, a, LIMIT_INPUT);
	buf_add(&b, p->retrieve_tool.n    ? p->retrieve_tool
		    : p->conf->retrieve.n ? p->conf->retrieve
					  : STR("headroom retrieve"));
	buf_add_byte(&b, ' ');
	buf_add_c(&b, task_original(p, t)->hex);
	return buf_str(&b);
}

void task_read(const struct pass *p, const struct wire_block *b, struct arena *a, struct task *t)
{
	*t = (struct task){.block = b};
	if (!json_unescape(span_str(p->doc->tape.doc, b->at), a, &t->text))
		return;
	t->is_readable = true;
	t->kind = detect_kind(t->text);
	t->is_lossless = p->conf->is_lossless || b->is_error || is_protected_tool(p->conf, b->tool);
	t->profile = policy_of_tool(p->conf, b->tool);
	t->no_references = p->doc->clears_results;
}

/* Only of a text that has to be rendered. */
static void find_way(const struct pass *p, struct task *t, struct arena *a)
{
	bool outlines = p->conf->outlines_code || p->conf->outlines_reads;

	if (t->has_way)
		return;
	t->has_way = true;
	if (t->block && (p->conf->elides || outlines))
		t->question = query_before(p, t->block, a);
	if (p->conf->elides)
		t->query = t->question;
	if (p->conf->protects_analysis && policy_asks_for_analysis(t->question))
		return;
	t->route = route_to(p, t, a);
	if (outlines)
		outlines_find(p, t, t->route, a, &t->outline);
}

void task_encode_in(const struct pass *p, struct task *t, struct arena *a, struct encode_in *in)
{
	find_way(p, t, a);
	*in = (struct encode_in){.text = t->text,
		.kind = p->conf->is_file ? KIND_CODE : t->kind,
		.tool = t->call.kind,
		.command = t->call.command,
		.path = t->call.path,
		.query = t->query,
		.gentle = t->profile == POLICY_CONSERVATIVE ? ~0U : 0,
		.route = t->route,
		.outline = t->outline,
		.no_references =
			t->no_references || (p->conf->whole_reads && t->call.kind == TOOL_FILE),
		.known = t->known};
}

static bool is_prose(enum content_kind kind)
{
	return kind == KIND_TEXT || kind == KIND_HTML;
}

struct encode_policy task_policy(const struct pass *p, const struct task *t)
{
	return (struct encode_policy){.encoding = p->result->model.encoding,
		.is_lossless = t->is_lossless || (p->conf->no_prose && is_prose(t->kind)),
		.target_ratio = p->conf->target_ratio,
		.min_tokens = p->conf->min_tokens ? p->conf->min_tokens : POLICY_MIN_TOKENS,
		.is_eager = t->profile == POLICY_AGGRESSIVE,
		.kompress = p->conf->kompress,
		.min_gain = MIN_GAIN};
}

void task_rehearse(const struct pass *p, const struct wire_block *b, struct token_cache *tokens,
	struct arena *a, struct task *t)
{
	struct encode_in in;
	struct encode_policy policy;

	task_read(p, b, a, t);
	if (!t->is_readable)
		return;
	call_of_result(p->doc, b, a, &t->call);
	t->known = arena_new(a, struct known);
	policy = task_policy(p, t);
	task_encode_in(p, t, a, &in);
	encode_rehearse(&in, &policy, tokens, a);
}
