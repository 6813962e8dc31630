#include "core/engine/pass.h"

#include "core/base/check.h"
#include "core/base/limits.h"
#include "core/base/vec.h"
#include "core/json/patch.h"
#include "core/store/original.h"
#include "core/store/rendering.h"

enum {
	/* Texts below this many tokens are left alone: no marker is shorter. */
	MIN_TOKENS = 12,
	/* A rendering must save this many tokens: less is not worth a change. */
	MIN_GAIN = 3,
};

static const char reason_text[] = "not_a_tool_result";
static const char reason_recent[] = "protected_recent";
static const char reason_retrieved[] = "retrieved_original";
static const char reason_unreadable[] = "unreadable_string";
static const char reason_off[] = "switched_off";
static const char reason_store[] = "original_not_stored";

/* What changes with the way renderings are made; a new number makes all decisions anew. */
#define RENDERING_VERSION "1"

struct hash128 pass_policy_hash(const struct compress_conf *conf)
{
	struct hash128 h = hash128(STR("headroom rendering " RENDERING_VERSION));
	struct model m = model_find(conf->model);
	const unsigned char flags[] = {conf->is_lossless, conf->is_off, conf->keeps_originals,
		(unsigned char)m.encoding};

	h = hash128_chain(h, hash128((str){(const char *)flags, sizeof flags}));
	h = hash128_chain(h, hash128((str){(const char *)&conf->protect_recent,
				     sizeof conf->protect_recent}));
	for (size_t i = 0; i < conf->protect_tools_n; i++)
		h = hash128_chain(h, hash128(conf->protect_tools[i]));
	return h;
}

static bool is_protected_tool(const struct compress_conf *conf, str tool)
{
	for (size_t i = 0; i < conf->protect_tools_n; i++)
		if (str_glob(tool, conf->protect_tools[i], true))
			return true;
	return false;
}

static bool is_retrieve_tool(str tool)
{
	return str_eq_c(tool, "headroom_retrieve") || str_ends(tool, STR("__headroom_retrieve"));
}

/* Why a result is not to be touched at all; NULL when it may be. */
static const char *protection(const struct pass *p, const struct wire_block *b)
{
	const struct wire_doc *doc = p->doc;

	if (p->conf->is_off)
		return reason_off;
	if (is_retrieve_tool(b->tool))
		return reason_retrieved;
	if (p->conf->protect_recent && b->message + p->conf->protect_recent >= doc->message_n)
		return reason_recent;
	return NULL;
}

/* One result on its way. */
struct task {
	const struct wire_block *block; /* NULL for a bare text */
	struct call call;
	str text;
	struct hash128 key;
	bool is_lossless, no_references;
};

static void make_rendering(struct pass *p, const struct task *t, struct sent *s)
{
	struct arena *a = &p->result->arena;
	struct encode_in in = {.text = t->text,
		.tool = t->call.kind,
		.command = t->call.command,
		.path = t->call.path,
		.no_references = t->no_references};
	struct encode_policy policy = {.encoding = p->result->model.encoding,
		.is_lossless = t->is_lossless,
		.min_tokens = MIN_TOKENS,
		.min_gain = MIN_GAIN};

	encode_text(&in, &policy, conversation_view(p->conversation), p->tokens, a, &s->info);
	s->is_changed = s->info.reason == ENCODE_CHANGED;
	s->reason = encode_reason_text(s->info.reason);
	s->text = s->info.text;
}

/* The decision of an earlier time, here or in another process. */
static bool find_stored(struct pass *p, const struct task *t, struct sent *s)
{
	struct rendering r;
	struct buf text;
	bool is_found;

	if (!p->store)
		return false;
	buf_init(&text, LIMIT_INPUT);
	is_found = rendering_get(p->store, t->key, &r, &text, NULL) == E_OK && !text.err;
	if (is_found) {
		s->is_changed = r.is_changed;
		s->info.loss = (enum loss)r.loss;
		s->info.tokens_before = r.tokens_before;
		s->info.tokens_after = r.tokens_after;
		s->info.encoders = r.encoders;
		s->reason = encode_reason_text(r.is_changed ? ENCODE_CHANGED : ENCODE_NO_GAIN);
		memcpy(s->original, r.original, sizeof s->original);
		s->text = arena_try_str(&p->result->arena, buf_str(&text));
		is_found = s->text.p != NULL;
	}
	buf_release(&text);
	return is_found;
}

/* Stores original and decision. Without its original a text is not changed when originals must be kept. */
static void keep_decision(struct pass *p, const struct task *t, struct sent *s)
{
	struct rendering r = {.is_changed = s->is_changed,
		.loss = (uint8_t)s->info.loss,
		.encoders = s->info.encoders,
		.tokens_before = s->info.tokens_before,
		.tokens_after = s->info.tokens_after};
	struct original_key key;

	if (!p->store)
		return;
	if (s->is_changed && (p->conf->keeps_originals || s->info.loss == LOSS_ELIDED)) {
		if (original_put(p->store, t->text, t->call.tool, &key, NULL) != E_OK) {
			s->is_changed = false;
			s->reason = reason_store;
			s->text = t->text;
			return;
		}
		memcpy(s->original, key.hex, sizeof s->original);
		memcpy(r.original, key.hex, sizeof r.original);
	}
	/* a failed write is no reason to hold the request up: the decision is made again, the same */
	(void)rendering_put(p->store, t->key, &r, s->is_changed ? s->text : STR_NULL, NULL);
}

/* Decides one result that the conversation has not seen. */
static void decide(struct pass *p, const struct task *t, struct sent *s)
{
	*s = (struct sent){.text = t->text};
	if (t->block)
		s->reason = protection(p, t->block);
	if (s->reason) {
		s->info.tokens_before = s->info.tokens_after = (uint32_t)token_count(
			p->result->model.encoding, t->text, p->tokens);
		return;
	}
	if (find_stored(p, t, s))
		return;
	make_rendering(p, t, s);
	keep_decision(p, t, s);
}

/* ---- a document ----------------------------------------------------------------------------------- */

typedef VEC(struct patch_edit) edit_vec;

static void report_result(struct pass *p, uint32_t i, const struct sent *s, edit_vec *edits)
{
	struct compress_block *out = &p->result->blocks[i];
	struct arena *a = &p->result->arena;
	struct buf literal;

	out->reason = s->reason;
	out->tokens_before = s->info.tokens_before;
	out->tokens_after = s->is_changed ? s->info.tokens_after : s->info.tokens_before;
	p->result->results_n++;
	if (!s->is_changed)
		return;
	p->result->changed_n++;
	out->loss = s->info.loss;
	out->encoders = encoder_names(s->info.encoders, a);
	out->original = arena_str(a, str_from(s->original));
	buf_init_arena(&literal, a, LIMIT_INPUT);
	buf_add_json_string(&literal, s->text);
	*vec_push(edits, a) = (struct patch_edit){out->at, buf_str(&literal)};
}

static void feed_result(struct pass *p, const struct wire_block *b, struct hash128 chain, struct sent *s)
{
	struct arena *a = &p->result->arena;
	struct task t = {.block = b};

	*s = (struct sent){.reason = reason_unreadable};
	if (json_unescape(span_str(p->doc->tape.doc, b->at), a, &t.text)) {
		t.call = conversation_call(p->conversation, p->doc, b, a);
		t.key = hash128_chain(chain, b->hash);
		t.is_lossless = p->conf->is_lossless || b->is_error ||
				is_protected_tool(p->conf, b->tool);
		t.no_references = p->doc->clears_results;
		decide(p, &t, s);
	}
	conversation_add_result(p->conversation, &t.call, t.text, s, a);
}

/* A block that the conversation has not seen goes in; for a result s says what became of it. */
static void feed_block(struct pass *p, const struct wire_block *b, struct sent *s)
{
	struct conversation *c = p->conversation;

	if (b->kind == WIRE_TOOL_CALL)
		conversation_add_call(c, b, span_str(p->doc->tape.doc, b->at), &p->result->arena);
	else if (b->kind == WIRE_TOOL_RESULT)
		feed_result(p, b, conversation_chain(c), s);
	conversation_advance(c, b);
}

static void report_other(struct pass *p, const struct wire_block *b, struct compress_block *out)
{
	str text = STR_NULL;

	out->reason = reason_text;
	if (!p->conf->counts_all || b->kind == WIRE_OPAQUE)
		return;
	text = span_str(p->doc->tape.doc, b->at);
	if (text.n && *text.p == '"' && !json_unescape(text, &p->result->arena, &text))
		return;
	out->tokens_before = out->tokens_after =
		(uint32_t)token_count(p->result->model.encoding, text, p->tokens);
}

static void walk_blocks(struct pass *p, edit_vec *edits)
{
	struct compress_result *r = p->result;
	size_t results = p->sent_at;

	r->blocks_n = p->doc->n;
	r->blocks = arena_array(&r->arena, struct compress_block, p->doc->n ? p->doc->n : 1);
	for (uint32_t i = 0; i < p->doc->n; i++) {
		const struct wire_block *b = &p->doc->blocks[i];
		struct compress_block *out = &r->blocks[i];
		const struct sent *known;
		struct sent s;

		*out = (struct compress_block){
			.role = b->role, .kind = b->kind, .tool = b->tool, .at = b->at};
		if (i >= p->known_n)
			feed_block(p, b, &s);
		if (b->kind == WIRE_TOOL_RESULT) {
			known = conversation_sent(p->conversation, results++);
			ASSERT(known);
			report_result(p, i, known, edits);
		} else {
			report_other(p, b, out);
		}
		r->tokens_before += out->tokens_before;
		r->tokens_after += out->tokens_after;
	}
}

static enum err splice(struct pass *p, edit_vec *edits, struct errctx *cx)
{
	struct compress_result *r = p->result;
	struct buf body;

	if (!edits->n)
		return E_OK;
	buf_init_arena(&body, &r->arena, LIMIT_INPUT);
	(void)buf_reserve(&body, p->doc->tape.doc.n); /* it seldom grows: one piece */
	TRY(patch_apply(p->doc->tape.doc, edits->v, edits->n, &body));
	if (body.err)
		FAIL(cx, body.err, "the compressed body is larger than the limit");
	r->body = buf_str(&body);
	r->is_changed = true;
	return E_OK;
}

enum err pass_run(struct pass *p, struct errctx *cx)
{
	struct compress_result *r = p->result;
	edit_vec edits = {0};

	if (arena_recover(&r->arena) || arena_recover(view_arena(conversation_view(p->conversation))))
		return E_NOMEM;
	r->format = p->doc->format;
	r->model = model_find(p->conf->model.n ? p->conf->model : p->doc->model);
	walk_blocks(p, &edits);
	patch_sort(edits.v, edits.n);
	return splice(p, &edits, cx);
}

/* ---- a bare text ------------------------------------------------------------------------------------ */

enum err pass_text(struct store *store, struct conversation *c, str text, str tool, str command,
	const struct compress_conf *conf, struct compress_result *r, struct errctx *cx)
{
	struct pass p = {.store = store, .conversation = c, .conf = conf, .result = r};
	struct task t = {.text = text, .is_lossless = conf->is_lossless};
	struct compress_block *out;
	struct sent s;

	if (arena_recover(&r->arena) || arena_recover(view_arena(conversation_view(c))))
		return err_set(cx, E_NOMEM, "memory ran out while compressing");
	r->model = model_find(conf->model);
	t.call = (struct call){.kind = tool_kind(tool), .tool = tool, .command = command};
	t.key = hash128_chain(conversation_chain(c), hash128(text));
	decide(&p, &t, &s);
	out = r->blocks = arena_new(&r->arena, struct compress_block);
	*out = (struct compress_block){.role = WIRE_TOOL,
		.kind = WIRE_TOOL_RESULT,
		.tool = tool,
		.path = STR("text"),
		.reason = s.reason,
		.loss = s.is_changed ? s.info.loss : LOSS_NONE,
		.encoders = s.is_changed ? encoder_names(s.info.encoders, &r->arena) : STR_NULL,
		.tokens_before = s.info.tokens_before,
		.tokens_after = s.is_changed ? s.info.tokens_after : s.info.tokens_before,
		.original = arena_str(&r->arena, str_from(s.original)),
		.at = {0, (uint32_t)text.n}};
	r->blocks_n = 1;
	r->results_n = 1;
	r->changed_n = s.is_changed;
	r->tokens_before = out->tokens_before;
	r->tokens_after = out->tokens_after;
	r->is_changed = s.is_changed;
	r->body = s.text;
	return E_OK;
}
