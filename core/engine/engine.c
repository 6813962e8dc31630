#include "core/engine/engine.h"

#include <unistd.h>

#include "core/base/check.h"
#include "core/base/mem.h"
#include "core/base/vec.h"
#include "core/engine/ahead.h"
#include "core/engine/bodies.h"
#include "core/engine/cache.h"
#include "core/engine/memories.h"
#include "core/engine/offer.h"
#include "core/engine/turn.h"

/* Memory for conversations that are kept between requests: some hundred of a megabyte each. */
#define ENGINE_CONVERSATION_BYTES ((size_t)256 << 20)

/* For what was read of bodies: a tenth of a body each, so a few dozen of a megabyte. */
#define BODIES_BYTES ((size_t)8 << 20)

enum { HELPERS_MAX = 8 }; /* of all requests at once */
enum { TRIES_MAX = 4 };   /* of a request whose decisions lost against another process's */

struct engine {
	struct engine_conf conf;
	struct engine_cache *cache;
	struct bodies *bodies;
	struct crew *crew; /* NULL: nobody helps */
	struct trails *trails;
};

unsigned engine_helpers_n(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 2 ? 0 : n > HELPERS_MAX ? HELPERS_MAX : (unsigned)n - 1;
}

enum err engine_new(const struct engine_conf *conf, struct engine **out, struct errctx *cx)
{
	struct engine *e = mem_zalloc(sizeof *e);

	*out = NULL;
	if (e)
		e->cache = engine_cache_new(conf->conversation_bytes ? conf->conversation_bytes
								     : ENGINE_CONVERSATION_BYTES);
	if (e)
		e->bodies = bodies_new(BODIES_BYTES);
	if (e && conf->helpers_n)
		e->crew = crew_new(conf->helpers_n);
	if (e)
		e->trails = trails_new();
	if (!e || !e->cache || !e->bodies || !e->trails || (conf->helpers_n && !e->crew)) {
		engine_free(e);
		FAIL(cx, E_NOMEM, "no memory for the engine");
	}
	e->conf = *conf;
	*out = e;
	return E_OK;
}

void engine_free(struct engine *e)
{
	if (!e)
		return;
	crew_free(e->crew); /* first: its threads use the cache */
	engine_cache_free(e->cache);
	bodies_free(e->bodies);
	trails_free(e->trails);
	mem_free(e);
}

char *compress_result_take_body(struct compress_result *r, size_t *n)
{
	char *body = r->heap;

	ASSERT(body);
	r->heap = NULL;
	*n = r->body.n;
	return body;
}

void compress_result_release(struct compress_result *r)
{
	mem_free(r->heap);
	arena_release(&r->arena);
	memset(r, 0, sizeof *r);
}

static void result_init(struct compress_result *r, str body)
{
	memset(r, 0, sizeof *r);
	arena_init(&r->arena);
	r->body = body;
}

/* The result of a failure: the input goes on as it came. */
static enum err give_up(struct compress_result *r, str body, struct errctx *cx, enum err err)
{
	compress_result_release(r);
	result_init(r, body);
	return err == E_NOMEM ? err_set(cx, err, "memory ran out while compressing") : err;
}

/* Lends the pass what it works with. */
static enum err pass_begin(struct engine *e, struct pass *p)
{
	p->store = e->conf.store;
	p->now_ms = clock_wall_ms(e->conf.clock);
	p->cache = e->cache;
	p->crew = e->crew;
	p->worker = engine_cache_take_worker(e->cache);
	return p->worker ? E_OK : E_NOMEM;
}

static void pass_end(struct engine *e, struct pass *p)
{
	engine_cache_put_worker(e->cache, p->worker);
	body_record_free(p->body_record);
	recall_found_release(&p->found);
}

enum err compress_part(struct engine *e, struct conversation *c, const struct wire_doc *doc,
	const struct compress_conf *conf, struct compress_result *r, struct errctx *cx)
{
	int64_t start = clock_monotonic_ns(e->conf.clock);
	str body = doc->tape.doc;
	struct pass p = {.conversation = c,
		.doc = doc,
		.conf = conf,
		.result = r,
		.sent_at = conversation_sent_n(c)};
	enum err err;

	result_init(r, body);
	err = pass_begin(e, &p);
	if (!err)
		err = pass_run(&p, cx);
	pass_end(e, &p);
	if (err)
		return give_up(r, body, cx, err);
	r->elapsed_ns = clock_monotonic_ns(e->conf.clock) - start;
	return E_OK;
}

/* Scans and walks the body into the result's arena, whose recovery point the caller has set. */
static enum err read_body(struct engine *e, str body, enum wire_format format, struct pass *p,
	struct wire_doc *doc, struct errctx *cx)
{
	struct compress_result *r = p->result;
	enum err err = bodies_read(e->bodies, &r->arena, body, &format, &p->body_record, doc, cx);

	r->format = format;
	return err;
}

/* Where the chain of a request begins, but for the way to originals. A client that comes to let the provider clear results breaks with what
 * was decided before: those references could come to lead nowhere. */
static struct hash128 start_of(const struct wire_doc *doc, const struct compress_conf *conf)
{
	struct hash128 start = pass_policy_hash(conf);

	return doc->clears_results ? hash128_chain(start, hash128(STR("clears"))) : start;
}

/* The conversation that this request goes on with, or a new one; p->known_n = blocks that it has seen. */
static enum err find_conversation(struct engine *e, struct pass *p)
{
	const struct wire_doc *doc = p->doc;
	struct hash128 *chains =
		arena_array(&p->result->arena, struct hash128, doc->n ? doc->n : 1);
	struct hash128 chain = p->start;
	uint32_t at = 0;

	for (uint32_t i = 0; i < doc->n; i++)
		chains[i] = chain = conversation_next(chain, &doc->blocks[i]);
	p->chains = chains;
	p->result->chain = chain;
	p->conversation = engine_cache_take(e->cache, chains, doc->n, &at);
	if (p->conversation)
		p->known_n = at + 1;
	else
		p->conversation = conversation_new(p->start);
	return p->conversation ? E_OK : E_NOMEM;
}

/* What a conversation is called before the assistant has said anything in it, and ever after: the session that the client names, else
 * all that stands before its first words. */
static struct hash128 name_of(const struct wire_doc *doc, const struct compress_conf *conf)
{
	struct hash128 chain = hash128(STR("a conversation"));

	chain = conf->tenant.n ? hash128_chain(chain, hash128(conf->tenant)) : chain;
	if (conf->is_session)
		return hash128_chain(chain, conf->session);
	for (uint32_t i = 0; i < doc->n && doc->blocks[i].role != WIRE_ASSISTANT; i++)
		chain = conversation_next(chain, &doc->blocks[i]);
	return chain;
}

/* Leaves the share of conversations alone that is held out. Nobody keeps a list: the name itself is the coin, so a larger share holds
 * those of a smaller one, too. */
static void hold_out(
	const struct wire_doc *doc, struct compress_conf *conf, struct compress_result *r)
{
	double coin;

	r->conversation = name_of(doc, conf);
	if (!(conf->holdout > 0))
		return;
	coin = (double)hash128_chain(r->conversation, hash128(STR("held out"))).lo / 0x1p64;
	r->is_held_out = coin < conf->holdout;
	conf->is_off |= r->is_held_out;
}

/* Reads the body and finds its conversation: all of a request that is done before the pass. conf may lose what this
 * request has no way for. */
static enum err begin_request(struct engine *e, str body, enum wire_format format,
	struct compress_conf *conf, struct wire_doc *doc, struct pass *p, struct errctx *cx)
{
	struct arena *a = &p->result->arena;
	enum err err;

	if (arena_recover(a))
		return E_NOMEM;
	err = read_body(e, body, format, p, doc, cx);
	if (!err) {
		hold_out(doc, conf, p->result);
		p->start = memories_place(p, start_of(doc, conf));
		p->start = offer_retrieve(p, p->start, conf);
		offer_memories(p, p->start);
		err = find_conversation(e, p);
	}
	arena_end_recover(a);
	return err;
}

static void watch(struct engine *e, const struct pass *p)
{
	const struct trail_request q = {.doc = p->doc,
		.edits = p->edits.v,
		.edits_n = p->edits.n,
		.scope = p->conf->scope,
		.is_session = p->conf->is_session,
		.now_ms = p->now_ms};

	if (p->conf->watches)
		trails_take(e->trails, &q, &p->result->broke);
}

static enum err try_request(struct engine *e, str body, enum wire_format format,
	const struct compress_conf *conf, bool is_first_try, struct compress_result *r,
	struct errctx *cx)
{
	struct compress_conf own = *conf;
	struct wire_doc doc = {0};
	struct pass p = {.doc = &doc, .conf = &own, .result = r, .is_first_try = is_first_try};
	enum err err;

	result_init(r, body);
	err = pass_begin(e, &p);
	if (!err)
		err = begin_request(e, body, format, &own, &doc, &p, cx);
	if (!err)
		err = pass_run(&p, cx);
	pass_end(e, &p);
	if (err) {
		conversation_free(p.conversation);
		return give_up(r, body, cx, err);
	}
	watch(e, &p);
	engine_cache_put(e->cache, p.conversation);
	return E_OK;
}

enum err compress_request(struct engine *e, str body, enum wire_format format,
	const struct compress_conf *conf, struct compress_result *r, struct errctx *cx)
{
	int64_t start = clock_monotonic_ns(e->conf.clock);
	enum err err = try_request(e, body, format, conf, true, r, cx);

	/* Again, with the decisions that were first. After one loss all blocks are decided, but those of
	 * other requests may be on their way and lose, too; they do that once. */
	for (int n = 1; err == E_BUSY && n < TRIES_MAX; n++) {
		compress_result_release(r);
		err = try_request(e, body, format, conf, false, r, cx);
	}
	r->elapsed_ns = clock_monotonic_ns(e->conf.clock) - start;
	return err;
}

enum err engine_keep_turn(struct engine *e, const struct engine_turn *turn, struct errctx *cx)
{
	if (!e->conf.store)
		FAIL(cx, E_USAGE, "there is no store to keep a turn in");
	return turn_keep(e->conf.store, turn, cx);
}

struct conversation *compress_conversation_new(const struct compress_conf *conf)
{
	return conversation_new(pass_policy_hash(conf));
}

enum err compress_text(struct engine *e, str text, str tool, str command,
	const struct compress_conf *conf, struct compress_result *r, struct errctx *cx)
{
	int64_t start = clock_monotonic_ns(e->conf.clock);
	struct conversation *c = compress_conversation_new(conf);
	struct pass p = {.conversation = c, .conf = conf, .result = r};
	enum err err;

	result_init(r, text);
	if (!c)
		return give_up(r, text, cx, E_NOMEM);
	err = pass_begin(e, &p);
	if (!err)
		err = pass_text(&p, text, tool, command, cx);
	pass_end(e, &p);
	conversation_free(c);
	if (err)
		return give_up(r, text, cx, err);
	r->elapsed_ns = clock_monotonic_ns(e->conf.clock) - start;
	return E_OK;
}
