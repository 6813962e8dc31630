#include "bench/turns/arm.h"

#include "bench/turns/bound.h"
#include "core/json/patch.h"
#include "core/base/vec.h"
#include "core/engine/engine.h"
#include "core/wire/wire.h"

/* ---- arms that rewrite each tool result by itself ------------------------------------------------- */

typedef bool (*rewrite_fn)(str text, struct buf *out); /* false: leave it */

static enum err rewrite_results(struct arena *a, enum dialect d, str body, rewrite_fn rewrite,
	struct arm_output *out, struct errctx *cx)
{
	struct json_tape t;
	struct wire_doc doc;
	struct buf b;
	VEC(struct patch_edit) edits = {0};

	TRY(json_scan(a, body, &t, cx));
	TRY(wire_walk(a, &t, dialect_format(d), &doc, cx));
	for (uint32_t i = 0; i < doc.n; i++) {
		const struct wire_block *w = &doc.blocks[i];
		struct buf text, literal;
		str s;

		if (w->kind != WIRE_TOOL_RESULT || !json_unescape(span_str(body, w->at), a, &s))
			continue;
		buf_init_arena(&text, a, LIMIT_INPUT);
		if (!rewrite(s, &text))
			continue;
		buf_init_arena(&literal, a, LIMIT_INPUT);
		buf_add_json_string(&literal, buf_str(&text));
		*vec_push(&edits, a) = (struct patch_edit){w->at, buf_str(&literal)};
	}
	buf_init_arena(&b, a, LIMIT_INPUT);
	TRY(patch_apply(body, edits.v, edits.n, &b));
	out->body = buf_str(&b);
	return E_OK;
}

/* A document without the white space between its tokens. */
static bool minify(str text, struct buf *out)
{
	struct arena a = ARENA_INIT;
	struct json_tape t;
	bool is_string = false, is_json;

	is_json = text.n && strchr("{[", text.p[0]) && json_scan(&a, text, &t, NULL) == E_OK;
	arena_release(&a);
	if (!is_json)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c == '"')
			is_string = !is_string;
		if (is_string || !strchr(" \t\r\n", c))
			buf_add_byte(out, c);
		if (is_string && c == '\\')
			buf_add_byte(out, text.p[++i]);
	}
	return out->n < text.n;
}

/* Line numbers as Claude Code wrote them until mid-2026, "    12->text" with an arrow of three bytes, as it
 * writes them since: "12<tab>text". */
static bool tabs(str text, struct buf *out)
{
	str arrow = STR("\xE2\x86\x92"), rest = text, line;
	bool has_eol;

	while (str_next_line(&rest, &line, &has_eol)) {
		size_t blank = 0, digits;

		while (blank < line.n && line.p[blank] == ' ')
			blank++;
		digits = blank;
		while (digits < line.n && line.p[digits] >= '0' && line.p[digits] <= '9')
			digits++;
		if (digits > blank && str_starts(str_sub(line, digits, line.n), arrow)) {
			buf_add(out, str_sub(line, blank, digits));
			buf_add_byte(out, '\t');
			line = str_sub(line, digits + arrow.n, line.n);
		}
		buf_add(out, line);
		if (has_eol)
			buf_add_byte(out, '\n');
	}
	return out->n < text.n;
}

static enum err run_none(void *state, struct arena *a, enum dialect d, str body,
	struct arm_output *out, struct errctx *cx)
{
	(void)state, (void)a, (void)d, (void)cx;
	out->body = body;
	return E_OK;
}

static enum err run_minify(void *state, struct arena *a, enum dialect d, str body,
	struct arm_output *out, struct errctx *cx)
{
	(void)state;
	return rewrite_results(a, d, body, minify, out, cx);
}

static enum err run_tabs(void *state, struct arena *a, enum dialect d, str body,
	struct arm_output *out, struct errctx *cx)
{
	(void)state;
	return rewrite_results(a, d, body, tabs, out, cx);
}

/* ---- the engine ------------------------------------------------------------------------------------ */

/* An engine of its own for every conversation: nothing is known before its first turn. */
static enum err open_engine(struct arena *a, void **state, struct errctx *cx)
{
	struct engine_conf conf = {0};
	struct engine *e;

	(void)a;
	TRY(engine_new(&conf, &e, cx));
	*state = e;
	return E_OK;
}

static void close_engine(void *state)
{
	engine_free(state);
}

static void add_label(struct arena *a, struct arm_output *out, const struct compress_block *b)
{
	struct arm_label *l = NULL;

	for (uint32_t i = 0; i < out->label_n && !l; i++)
		if (str_eq_c(b->encoders, out->labels[i].name))
			l = &out->labels[i];
	if (!l) {
		out->labels = arena_grow(a, out->labels, out->label_n * sizeof *l,
			(out->label_n + 1) * sizeof *l, alignof(struct arm_label));
		l = &out->labels[out->label_n++];
		*l = (struct arm_label){0};
		memcpy(l->name, b->encoders.p,
			b->encoders.n < sizeof l->name ? b->encoders.n : sizeof l->name - 1);
	}
	l->blocks++;
	l->saved += (int64_t)b->tokens_before - b->tokens_after;
}

static enum err compress(struct engine *e, struct arena *a, enum dialect d, str body,
	const struct compress_conf *conf, struct arm_output *out, struct errctx *cx)
{
	struct compress_result r;
	enum err err = compress_request(e, body, dialect_format(d), conf, &r, cx);

	if (!err) {
		out->body = r.is_changed ? arena_str(a, r.body) : body;
		for (uint32_t i = 0; i < r.blocks_n; i++)
			if (r.blocks[i].encoders.n)
				add_label(a, out, &r.blocks[i]);
	}
	compress_result_release(&r);
	return err;
}

static enum err run_headroom(void *state, struct arena *a, enum dialect d, str body,
	struct arm_output *out, struct errctx *cx)
{
	static const struct compress_conf conf = {.mode = COMPRESS_CACHE};

	return compress(state, a, d, body, &conf, out, cx);
}

static enum err run_lossless(void *state, struct arena *a, enum dialect d, str body,
	struct arm_output *out, struct errctx *cx)
{
	static const struct compress_conf conf = {.mode = COMPRESS_CACHE, .is_lossless = true};

	return compress(state, a, d, body, &conf, out, cx);
}

/* ---- the engine with originals in reach ------------------------------------------------------------- */

struct elider {
	struct store *store;
	struct engine *engine;
};

static void close_elider(void *state)
{
	struct elider *e = state;

	engine_free(e->engine);
	store_close(e->store);
}

static enum err open_elider(struct arena *a, void **state, struct errctx *cx)
{
	struct store_conf memory = {.is_in_memory = true};
	struct elider *e = arena_new(a, struct elider);
	enum err err = store_open(&memory, &e->store, cx);

	*state = e;
	if (err)
		return err;
	return engine_new(&(struct engine_conf){.store = e->store}, &e->engine, cx);
}

static enum err run_elided(void *state, struct arena *a, enum dialect d, str body,
	struct arm_output *out, struct errctx *cx)
{
	static const struct compress_conf conf = {
		.mode = COMPRESS_CACHE, .elides = true, .keeps_originals = true};
	struct elider *e = state;

	return compress(e->engine, a, d, body, &conf, out, cx);
}

static enum err run_outlined(void *state, struct arena *a, enum dialect d, str body,
	struct arm_output *out, struct errctx *cx)
{
	static const struct compress_conf conf = {.mode = COMPRESS_CACHE,
		.elides = true,
		.keeps_originals = true,
		.outlines_code = true,
		.outlines_reads = true};
	struct elider *e = state;

	return compress(e->engine, a, d, body, &conf, out, cx);
}

/* ---- bounds ---------------------------------------------------------------------------------------- */

static bool make_empty(str text, struct buf *out)
{
	(void)out;
	return text.n > 0;
}

static enum err run_empty(void *state, struct arena *a, enum dialect d, str body,
	struct arm_output *out, struct errctx *cx)
{
	(void)state;
	return rewrite_results(a, d, body, make_empty, out, cx);
}

/* What the engine has made, and then without all that is said before. */
static enum err take_repeats(void *state, struct bound *bound, enum dialect d, str body,
	struct arm_output *out, struct errctx *cx)
{
	struct arena *a = bound->arena;
	struct json_tape t;
	struct wire_doc doc;
	VEC(struct patch_edit) edits = {0};
	struct buf b;

	TRY(run_headroom(state, a, d, body, out, cx));
	body = out->body;
	TRY(json_scan(a, body, &t, cx));
	TRY(wire_walk(a, &t, dialect_format(d), &doc, cx));
	for (uint32_t i = 0; i < doc.n; i++) {
		const struct wire_block *w = &doc.blocks[i];
		struct buf literal;
		str s = span_str(body, w->at);

		if (w->kind == WIRE_TOOL_CALL || !json_unescape(s, a, &s)) {
			bound_add(bound, s);
			continue;
		}
		if (w->kind != WIRE_TOOL_RESULT) {
			bound_add(bound, s);
			continue;
		}
		buf_init_arena(&literal, a, LIMIT_INPUT);
		buf_add_json_string(&literal, bound_unrepeated(bound, s));
		*vec_push(&edits, a) = (struct patch_edit){w->at, buf_str(&literal)};
	}
	buf_init_arena(&b, a, LIMIT_INPUT);
	TRY(patch_apply(body, edits.v, edits.n, &b));
	out->body = buf_str(&b);
	return E_OK;
}

static enum err run_unrepeated(void *state, struct arena *a, enum dialect d, str body,
	struct arm_output *out, struct errctx *cx)
{
	struct bound b = {.arena = a, .piece_min = BOUND_PIECE_MIN};

	return take_repeats(state, &b, d, body, out, cx);
}

static enum err run_referred(void *state, struct arena *a, enum dialect d, str body,
	struct arm_output *out, struct errctx *cx)
{
	/* six tokens: the shortest of our references */
	struct bound b = {.arena = a, .piece_min = 48, .instead = STR("[55-60 there]")};

	return take_repeats(state, &b, d, body, out, cx);
}

/* ---- the table ----------------------------------------------------------------------------------- */

static const struct arm arms[] = {
	{"none", "the body as it is", NULL, NULL, run_none},
	{"minify", "JSON results without white space", NULL, NULL, run_minify},
	{"headroom", "compress_request with its defaults", open_engine, close_engine, run_headroom},
	{"lossless", "the same with --lossless", open_engine, close_engine, run_lossless},
	{"elided", "the same with originals in reach, as if none were ever asked for: a bound",
		open_elider, close_elider, run_elided},
	{"outlined", "the same with --code-aware and --intercept-tool-results: a bound, too",
		open_elider, close_elider, run_outlined},
	{"empty", "all results emptied: a bound for whatever is done to results", NULL, NULL,
		run_empty},
	{"referred",
		"headroom, and a reference for each piece of 48 bytes that stands before it, "
		"within lines and "
		"files, too: a bound",
		open_engine, close_engine, run_referred},
	{"unrepeated",
		"headroom, and each piece of 24 bytes that stands before it gone for nothing: a "
		"bound for "
		"references",
		open_engine, close_engine, run_unrepeated},
	{"tabs", "line-number columns with a tab for blanks and arrow", NULL, NULL, run_tabs},
};

const struct arm *arm_find(str name)
{
	for (size_t i = 0; i < ARRAY_N(arms); i++)
		if (str_eq_c(name, arms[i].name))
			return &arms[i];
	return NULL;
}

const struct arm *arm_next(const struct arm *arm)
{
	if (!arm)
		return &arms[0];
	return arm + 1 < arms + ARRAY_N(arms) ? arm + 1 : NULL;
}
