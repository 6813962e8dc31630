#include "core/engine/pass.h"

#include "core/base/check.h"
#include "core/base/limits.h"
#include "core/base/vec.h"
#include "core/json/patch.h"
#include "core/engine/again.h"
#include "core/engine/ahead.h"
#include "core/engine/effort.h"
#include "core/engine/learn.h"
#include "core/engine/expand.h"
#include "core/engine/memories.h"
#include "core/engine/pin.h"
#include "core/engine/task.h"
#include "core/engine/shaper.h"
#include "core/engine/tools.h"
#include "core/engine/turn.h"
#include "core/engine/use.h"
#include "core/store/original.h"
#include "core/store/rendering.h"
#include "core/wire/own_text.h"

enum {
	/* More than any prompt has in the mean: to be sure that the cache minimum is reached. */
	BYTES_PER_TOKEN = 5,
};

static const char reason_text[] = "not_a_tool_result";
static const char reason_recent[] = "protected_recent";
static const char reason_retrieved[] = "retrieved_original";
static const char reason_unreadable[] = "unreadable_string";
static const char reason_uncached[] = "below_cache_minimum";
static const char reason_excluded[] = "excluded_tool";
static const char reason_off[] = "switched_off";
static const char reason_store[] = "original_not_stored";

/* The reasons of a decision to change nothing; its row has them in place of encoders. */
static const char *const kept_reasons[] = {reason_recent, reason_uncached, reason_retrieved};

static const char *kept_reason(const char *label)
{
	for (size_t i = 0; i < ARRAY_N(kept_reasons); i++)
		if (strcmp(label, kept_reasons[i]) == 0)
			return kept_reasons[i];
	return encode_reason_text(ENCODE_NO_GAIN);
}

/* What changes with the way renderings are made; a new number makes all decisions anew. */
#define RENDERING_VERSION "11"

static struct hash128 hash_list(struct hash128 h, const char *what, const str *v, size_t n)
{
	if (n)
		h = hash128_chain(h, hash128(str_from(what)));
	for (size_t i = 0; i < n; i++)
		h = hash128_chain(h, hash128(v[i]));
	return h;
}

static struct hash128 hash_protections(struct hash128 h, const struct compress_conf *conf)
{
	uint32_t min = conf->min_tokens ? conf->min_tokens : POLICY_MIN_TOKENS;

	h = hash_list(h, "exclude", conf->exclude_tools, conf->exclude_tools_n);
	h = hash_list(h, "profiles", conf->tool_profiles, conf->tool_profiles_n);
	if (conf->protects_analysis)
		h = hash128_chain(h, hash128(STR("analysis")));
	if (min != POLICY_MIN_TOKENS)
		h = hash128_chain(h, hash128((str){(const char *)&min, sizeof min}));
	return h;
}

struct hash128 pass_policy_hash(const struct compress_conf *conf)
{
	struct hash128 h = hash128(STR("headroom rendering " RENDERING_VERSION));
	struct model m = model_find(conf->model);
	const unsigned char flags[] = {conf->is_lossless, conf->is_off, conf->keeps_originals,
		conf->mode == COMPRESS_CACHE, conf->is_file, (unsigned char)m.encoding};

	h = hash128_chain(h, hash128((str){(const char *)flags, sizeof flags}));
	h = hash128_chain(
		h, hash128((str){(const char *)&conf->target_ratio, sizeof conf->target_ratio}));
	h = hash128_chain(h,
		hash128((str){(const char *)&conf->protect_recent, sizeof conf->protect_recent}));
	for (size_t i = 0; i < conf->protect_tools_n; i++)
		h = hash128_chain(h, hash128(conf->protect_tools[i]));
	/* Only when it is set, so that what a store has decided without it stays decided. */
	if (conf->no_prose)
		h = hash128_chain(h, hash128(STR("no prose")));
	if (conf->kompress)
		h = hash128_chain(h, kompress_id(conf->kompress));
	if (conf->whole_reads)
		h = hash128_chain(h, hash128(STR("whole reads")));
	h = hash_protections(h, conf);
	if (conf->outlines_code)
		h = hash128_chain(h, hash128(STR("outlines of code")));
	if (conf->outlines_reads)
		h = hash128_chain(h, hash128(STR("outlines of reads")));
	if (conf->related && (conf->outlines_code || conf->outlines_reads))
		h = hash128_chain(h, hash128(STR("outlines with what is related")));
	if (conf->elides)
		h = hash128_chain(h, hash128(STR("elides")));
	if (conf->elides && conf->retrieve.n)
		h = hash128_chain(h, hash128(conf->retrieve));
	h = hash_list(h, "tenant", &conf->tenant, conf->tenant.n > 0);
	return h;
}

/* Why a result is never to be touched; NULL when it may be. */
static const char *protection(const struct pass *p, const struct task *t)
{
	if (p->conf->is_off)
		return reason_off;
	if (policy_is_excluded(p->conf, t->call.tool))
		return reason_excluded;
	if (t->block && wire_is_retrieve_tool(t->block->tool))
		return reason_retrieved;
	return pin_is_command(t->call.command) ? reason_retrieved : NULL;
}

static void set_label(struct sent *s, str names)
{
	size_t n = names.n < sizeof s->label - 1 ? names.n : sizeof s->label - 1;

	if (n)
		memcpy(s->label, names.p, n);
	s->label[n] = '\0';
}

/* Why a result that was never seen is left as it is, because of what else the request has; NULL when it need
 * not be. The next request has something else, so this is decided once, too. */
static const char *first_sight(const struct pass *p, struct task *t)
{
	const struct wire_doc *doc = p->doc;

	if (conversation_pins_n(p->conversation) &&
		conversation_is_pinned(p->conversation, str_from(task_original(p, t)->hex)))
		return reason_retrieved;

	/* A provider caches no prompt below its minimum. While all up to here is shorter, a token saved
	 * would put off the first cached turn, which costs more than it gives. */
	if (p->conf->mode == COMPRESS_CACHE &&
		p->prefix_bytes / BYTES_PER_TOKEN < p->result->model.cache_min_tokens)
		return reason_uncached;
	if (p->conf->protect_recent &&
		t->block->message + p->conf->protect_recent >= doc->message_n)
		return reason_recent;
	return NULL;
}

static void make_rendering(struct pass *p, struct task *t, struct sent *s)
{
	struct arena *a = &p->worker->scratch;
	struct encode_policy policy = task_policy(p, t);
	struct encode_in in;
	struct encode_out out;

	task_encode_in(p, t, a, &in);
	if (in.route.n || in.outline.route.n) {
		learn_begin(p, &t->call, in.kind, t->key, &t->learnt);
		t->learnt.gentle |= in.gentle;
		in.gentle = t->learnt.gentle;
		in.exact = t->learnt.exact;
		if (p->conf->no_prose)
			in.exact |= ENCODER_PROSE; /* also of documents that are mostly tables */
	}
	encode_text(&in, &policy, conversation_view(p->conversation), p->worker->tokens, a, &out);
	t->elided_by = out.elided_by;
	t->notes = out.notes;
	if (out.reason == ENCODE_ALREADY)
		use_marker(p, t->text);
	s->is_changed = out.reason == ENCODE_CHANGED;
	s->reason = encode_reason_text(out.reason);
	s->text = out.text;
	s->loss = out.loss;
	s->tokens_before = out.tokens_before;
	s->tokens_after = out.tokens_after;
	set_label(s, encoder_names(out.encoders, a));
}

static void use_stored(
	struct pass *p, struct hash128 key, const struct rendering *r, str text, struct sent *s)
{
	if (r->is_unsettled)
		*vec_push(&p->put, &p->result->arena) = key;
	s->is_changed = r->is_changed;
	s->loss = (enum loss)r->loss;
	s->tokens_before = r->tokens_before;
	s->tokens_after = r->tokens_after;
	s->reason = r->is_changed ? encode_reason_text(ENCODE_CHANGED) : kept_reason(r->label);
	set_label(s, str_from(r->label));
	memcpy(s->original, r->original, sizeof s->original);
	if (r->is_changed)
		s->text = arena_str(&p->worker->scratch, text);
}

/* The decision of an earlier time, here or in another process: E_OK when there is one, E_NOT_FOUND when there is none.
 * Whoever decided a result decided those before it first, so that behind one that was not nothing is looked for. What
 * the store has forgotten in another order loses against it when it is settled, and the next try looks for all. */
static enum err find_stored(struct pass *p, const struct task *t, struct sent *s)
{
	struct rendering r;

	enum err err;

	if (!p->store || (p->is_unseen && p->is_first_try))
		return E_NOT_FOUND;
	buf_reset(&p->worker->heap);
	err = rendering_get(p->store, t->key, &r, &p->worker->heap, NULL);
	p->is_unseen |= err == E_NOT_FOUND;
	TRY(err);
	use_stored(p, t->key, &r, buf_str(&p->worker->heap), s);
	return E_OK;
}

static enum err put_decision(
	struct pass *p, const struct task *t, struct rendering *r, str text, bool *was_there)
{
	struct buf *winner = &p->worker->heap;

	buf_reset(winner);
	return t->is_unseen
		       ? rendering_put_unseen(p->store, t->key, r, text, winner, was_there, NULL)
		       : rendering_put(p->store, t->key, r, text, winner, was_there, NULL);
}

/* Stores original and decision; what cannot be stored is not changed, now and later. */
static void keep_decision(struct pass *p, struct task *t, struct sent *s)
{
	struct rendering r = {.is_changed = s->is_changed,
		.loss = (uint8_t)s->loss,
		.tokens_before = s->tokens_before,
		.tokens_after = s->tokens_after};
	bool is_kept = true, was_there = false;
	const struct original_key *key;

	if (!p->store)
		return;
	memcpy(r.label, s->label, sizeof r.label);
	if (s->is_changed && (p->conf->keeps_originals || s->loss == LOSS_ELIDED)) {
		key = task_original(p, t);
		is_kept = original_put_for(p->store, p->conf->tenant, t->text, key, t->call.tool,
				  NULL) == E_OK;
		memcpy(r.original, key->hex, sizeof r.original);
		memcpy(s->original, key->hex, sizeof s->original);
	}
	if (!is_kept)
		r.is_changed = false;
	if (put_decision(p, t, &r, r.is_changed ? s->text : STR_NULL, &was_there) != E_OK)
		is_kept = false;
	else if (!was_there)
		*vec_push(&p->put, &p->result->arena) = t->key;
	if (is_kept && !was_there)
		learn_elided(p, &t->learnt, t->elided_by, s->original);
	if (was_there)
		use_stored(p, t->key, &r, buf_str(&p->worker->heap), s);
	else if (!is_kept && s->is_changed)
		*s = (struct sent){.text = t->text,
			.kind = s->kind,
			.tokens_before = s->tokens_before,
			.tokens_after = s->tokens_before,
			.reason = reason_store};
}

/* Decides one result that the conversation has not seen. */
static void decide(struct pass *p, struct task *t, struct sent *s)
{
	bool is_decision = false;
	enum err err;

	*s = (struct sent){.text = t->text, .kind = t->kind};
	s->reason = protection(p, t);
	if (!s->reason) {
		err = find_stored(p, t, s);
		if (!err) {
			use_decision(p, t->key, s->original);
			return;
		}
		t->is_unseen = err == E_NOT_FOUND;
		is_decision = true;
		s->reason = t->block ? first_sight(p, t) : NULL;
	}
	if (s->reason) {
		s->tokens_before = s->tokens_after = (uint32_t)token_count(
			p->result->model.encoding, t->text, p->worker->tokens);
		set_label(s, is_decision ? str_from(s->reason) : STR_NULL);
	} else {
		make_rendering(p, t, s);
		if (t->block)
			ahead_start(p, t->block);
	}
	if (!is_decision)
		return;
	keep_decision(p, t, s);
	use_decision(p, t->key, s->original);
}

/* ---- a document ----------------------------------------------------------------------------------- */

static void report_result(struct pass *p, uint32_t i, const struct sent *s, own_edits *edits)
{
	struct compress_block *out = &p->result->blocks[i];
	struct arena *a = &p->result->arena;

	out->reason = s->reason;
	out->content = s->kind;
	out->tokens_before = s->tokens_before;
	out->tokens_after = s->is_changed ? s->tokens_after : s->tokens_before;
	p->result->results_n++;
	if (!s->is_changed)
		return;
	p->result->changed_n++;
	out->loss = s->loss;
	out->encoders = arena_str(a, str_from(s->label));
	out->original = arena_str(a, str_from(s->original));
	*vec_push(edits, a) = (struct patch_edit){out->at, s->literal};
}

static void feed_result(
	struct pass *p, const struct wire_block *b, struct hash128 chain, struct sent *s)
{
	struct arena *a = &p->worker->scratch;
	struct task t;
	bool is_ahead = ahead_take(p, b, &t);

	*s = (struct sent){.reason = reason_unreadable};
	if (!is_ahead)
		task_read(p, b, a, &t);
	t.call = conversation_call(p->conversation, p->doc, b, a);
	if (t.is_readable) {
		t.key = hash128_chain(chain, b->hash);
		decide(p, &t, s);
	}
	s->again = again_note(p->conversation, p->doc, b, &t.call);
	conversation_add_result(p->conversation, &t.call, t.text, s, t.notes, a);
	if (is_ahead)
		ahead_give_back(p, b);
}

/* A block that the conversation has not seen goes in; for a result s says what became of it. */
static void feed_block(struct pass *p, const struct wire_block *b, struct sent *s)
{
	struct conversation *c = p->conversation;
	const struct kept_turn *turn;

	if (b->kind == WIRE_TOOL_CALL) {
		conversation_add_call(c, b, span_str(p->doc->tape.doc, b->at), &p->worker->scratch);
		pin_call(c, p->doc, b, &p->worker->scratch);
	} else if (b->kind == WIRE_TOOL_RESULT) {
		feed_result(p, b, conversation_chain(c), s);
	}
	conversation_advance(c, b);
	turn = conversation_turn_at(c, conversation_chain(c));
	if (turn)
		pin_turn(c, &turn->own, p->doc->format, &p->worker->scratch);
}

static void report_other(struct pass *p, const struct wire_block *b, struct compress_block *out)
{
	str text = STR_NULL;

	out->reason = reason_text;
	if (!p->conf->counts_all && b->kind != WIRE_OPAQUE)
		p->result->uncounted_bytes += b->at.end - b->at.start;
	if (!p->conf->counts_all || b->kind == WIRE_OPAQUE)
		return;
	text = span_str(p->doc->tape.doc, b->at);
	if (text.n && *text.p == '"' && !json_unescape(text, &p->worker->scratch, &text))
		return;
	out->tokens_before = out->tokens_after =
		(uint32_t)token_count(p->result->model.encoding, text, p->worker->tokens);
}

/* What is ours behind a text of the user's, as one text: lines that it asks for, and memories. */
static void put_behind(struct pass *p, uint32_t i, own_edits *edits)
{
	const struct shown *lines = expand_block(p, i), *memories = memories_block(p, i);
	struct compress_result *r = p->result;
	str text = lines ? lines->text : memories ? memories->text : STR_NULL;

	if (lines && memories)
		text = arena_printf(&r->arena, STR_FMT "\n" STR_FMT, STR_ARG(lines->text),
			STR_ARG(memories->text));
	if (!text.n || !own_text_put(p->doc, i, text, &r->arena, edits))
		return;
	r->expansions_n += lines != NULL;
	r->memories_n += memories != NULL;
	r->own_tokens += (lines ? lines->tokens : 0) + (memories ? memories->tokens : 0);
}

static void walk_blocks(struct pass *p, own_edits *edits)
{
	struct compress_result *r = p->result;
	size_t results = p->sent_at;

	r->blocks_n = p->doc->n;
	/* Not zeroed: each is written as a whole. */
	r->blocks = arena_alloc(&r->arena, ((size_t)p->doc->n + 1) * sizeof *r->blocks,
		alignof(struct compress_block));
	for (uint32_t i = 0; i < p->doc->n; i++) {
		const struct wire_block *b = &p->doc->blocks[i];
		struct compress_block *out = &r->blocks[i];
		const struct sent *known;
		struct sent s;

		p->prefix_bytes += b->at.end - b->at.start;
		*out = (struct compress_block){.role = b->role,
			.kind = b->kind,
			.path = b->path,
			.tool = b->tool,
			.at = b->at};
		if (i >= p->known_n)
			feed_block(p, b, &s);
		if (b->kind == WIRE_TOOL_RESULT) {
			known = conversation_sent(p->conversation, results++);
			ASSERT(known);
			report_result(p, i, known, edits);
		} else {
			report_other(p, b, out);
			put_behind(p, i, edits);
		}
		r->tokens_before += out->tokens_before;
		r->tokens_after += out->tokens_after;
		arena_reset(&p->worker->scratch);
	}
	/* The tool list is no block of the conversation, but it costs tokens. */
	if (p->doc->tools.end > p->doc->tools.start && (p->conf->counts_all || r->is_trimmed))
		tools_report(p, &r->blocks[r->blocks_n++]);
	else
		r->uncounted_bytes += p->doc->tools.end - p->doc->tools.start;
}

static enum err splice(struct pass *p, own_edits *edits, struct errctx *cx)
{
	struct compress_result *r = p->result;
	struct buf body;
	enum err err;

	if (!edits->n)
		return E_OK;
	buf_init(&body, LIMIT_INPUT);
	err = patch_apply(p->doc->tape.doc, edits->v, edits->n, &body);
	if (err) {
		buf_release(&body);
		return err == E_TOO_BIG
			       ? err_set(cx, err, "the compressed body is larger than the limit")
			       : err;
	}
	r->heap = body.p;
	r->body = buf_str(&body);
	r->is_changed = true;
	return E_OK;
}

/* All arenas that a pass writes to; to be said in the function that outlives it. */
#define pass_recover(p)                                                                \
	(arena_recover(&(p)->result->arena) || arena_recover(&(p)->worker->scratch) || \
		arena_recover(view_arena(conversation_view((p)->conversation))))

static void end_recover(struct pass *p)
{
	arena_end_recover(&p->result->arena);
	arena_end_recover(&p->worker->scratch);
	arena_end_recover(view_arena(conversation_view(p->conversation)));
}

/* What is ours in the request: the tools, and the turns in which they were called. */
static void declare(struct pass *p, own_edits *edits)
{
	struct compress_result *r = p->result;

	if (p->declaration.text.n)
		*vec_push(edits, &r->arena) = p->declaration;
	r->own_tokens +=
		(uint32_t)token_count(r->model.encoding, p->declaration.text, p->worker->tokens);
	turns_put_back(p, edits);
}

/* The first decision for a block counts, whichever process made it. */
static enum err settle(struct pass *p, struct errctx *cx)
{
	size_t lost_n = 0;

	if (!p->put.n)
		return E_OK;
	/* Where the file cannot be written, this process's decisions hold here. */
	if (rendering_settle(p->store, p->put.v, p->put.n, &lost_n, NULL) != E_OK && !lost_n)
		return E_OK;
	if (lost_n)
		FAIL(cx, E_BUSY, "another process has decided %zu blocks otherwise", lost_n);
	return E_OK;
}

enum err pass_run(struct pass *p, struct errctx *cx)
{
	struct compress_result *r = p->result;
	own_edits edits = {0};
	enum err err;

	if (pass_recover(p)) {
		ahead_end(p);
		end_recover(p);
		return E_NOMEM;
	}
	r->format = p->doc->format;
	r->model = model_find(p->conf->model.n ? p->conf->model : p->doc->model);
	r->known_n = p->known_n;
	r->is_stream = p->doc->is_stream;
	r->tools = p->doc->tools;
	p->prefix_bytes = p->doc->tools.end - p->doc->tools.start;
	use_renew(p);
	if (p->own)
		declare(p, &edits);
	tools_trim(p, &edits);
	shaper_add(p, &edits);
	effort_add(p, &edits);
	walk_blocks(p, &edits);
	if (p->put.n)
		rendering_hurry(p->store); /* meanwhile: */
	ahead_end(p);
	again_report(p);
	patch_sort(edits.v, edits.n);
	err = splice(p, &edits, cx);
	if (!err)
		err = settle(p, cx);
	p->edits.v = edits.v;
	p->edits.n = edits.n;
	end_recover(p);
	return err;
}

/* ---- a bare text ------------------------------------------------------------------------------------ */

enum err pass_text(struct pass *p, str text, str tool, str command, struct errctx *cx)
{
	struct compress_result *r = p->result;
	struct task t = {
		.text = text, .kind = detect_kind(text), .is_lossless = p->conf->is_lossless};
	struct compress_block *out;
	struct sent s;

	if (pass_recover(p)) {
		end_recover(p);
		return err_set(cx, E_NOMEM, "memory ran out while compressing");
	}
	r->model = model_find(p->conf->model);
	t.call = (struct call){.kind = tool_kind(tool), .tool = tool, .command = command};
	t.profile = policy_of_tool(p->conf, tool);
	t.key = hash128_chain(conversation_chain(p->conversation), hash128(text));
	decide(p, &t, &s);
	out = r->blocks = arena_new(&r->arena, struct compress_block);
	*out = (struct compress_block){.role = WIRE_TOOL,
		.kind = WIRE_TOOL_RESULT,
		.tool = tool,
		.path = STR("text"),
		.reason = s.reason,
		.content = s.kind,
		.loss = s.loss,
		.encoders = arena_str(&r->arena, str_from(s.is_changed ? s.label : "")),
		.tokens_before = s.tokens_before,
		.tokens_after = s.is_changed ? s.tokens_after : s.tokens_before,
		.original = arena_str(&r->arena, str_from(s.original)),
		.at = {0, (uint32_t)text.n}};
	r->blocks_n = 1;
	r->results_n = 1;
	r->changed_n = s.is_changed;
	r->tokens_before = out->tokens_before;
	r->tokens_after = out->tokens_after;
	r->is_changed = s.is_changed;
	r->body = s.is_changed ? arena_str(&r->arena, s.text) : text;
	end_recover(p);
	return E_OK;
}
