/* debug: /debug/memory and /debug/exchanges: where the memory is, and what is under way. Never content. */
#include <malloc.h>

#include "proxy/own/own.h"

/* ---- memory ------------------------------------------------------------------------------------------ */

static void write_process(struct json_writer *w)
{
	struct mallinfo2 m = mallinfo2();

	json_write_object(w, "process");
	json_write_u64(w, "rss_bytes", own_resident_bytes());
	json_write_u64(w, "heap_bytes", m.arena);
	json_write_u64(w, "mapped_bytes", m.hblkhd);
	json_write_u64(w, "allocated_bytes", m.uordblks + m.hblkhd);
	json_write_u64(w, "free_bytes", m.fordblks);
	json_write_end(w);
}

struct component {
	const char *name;
	uint64_t entries, bytes, budget_bytes, hits, misses, evictions;
};

static void write_component(struct json_writer *w, const struct component *c)
{
	json_write_object(w, c->name);
	json_write_u64(w, "entry_count", c->entries);
	json_write_u64(w, "size_bytes", c->bytes);
	json_write_u64(w, "budget_bytes", c->budget_bytes);
	json_write_u64(w, "hits", c->hits);
	json_write_u64(w, "misses", c->misses);
	json_write_u64(w, "evictions", c->evictions);
	json_write_end(w);
}

/* On disk, but for a store in memory. */
static void write_store(struct json_writer *w, struct server *s)
{
	struct store_stats st;
	bool is_stateless = s->conf->is_stateless || !s->conf->store_file;

	store_get_stats(s->store, &st);
	write_component(w, &(struct component){.name = "compression_store",
				   .entries = st.originals_n,
				   .bytes = st.original_bytes,
				   .budget_bytes = is_stateless ? STORE_MEMORY_ORIGINAL_BYTES
								: STORE_ORIGINAL_BYTES,
				   .evictions = st.evicted_n});
	write_component(w, &(struct component){.name = "renderings",
				   .entries = st.renderings_n,
				   .bytes = st.rendering_bytes,
				   .budget_bytes = is_stateless ? STORE_MEMORY_RENDERING_BYTES
								: STORE_RENDERING_BYTES,
				   .hits = st.cache_hits,
				   .misses = st.cache_misses});
}

void own_debug_memory(struct own_call *c)
{
	struct server *s = c->server;
	struct response_cache_stats cache = {0};
	struct limit_stats limit;
	struct json_writer w;

	limit_get_stats(s->limit, &limit);
	if (s->cache)
		response_cache_get_stats(s->cache, &cache);
	own_begin(c, &w);
	write_process(&w);
	json_write_object(&w, "components");
	write_store(&w, s);
	write_component(&w, &(struct component){.name = "semantic_cache",
				    .entries = cache.entries_n,
				    .bytes = cache.bytes,
				    .budget_bytes = cache.conf.bytes_max,
				    .hits = cache.hits_n,
				    .misses = cache.misses_n,
				    .evictions = cache.evicted_n});
	json_write_object(&w, "rate_limiter");
	json_write_u64(&w, "entry_count", limit.keys_n);
	json_write_end(&w);
	json_write_end(&w);
	own_end(c, &w);
}

/* ---- exchanges --------------------------------------------------------------------------------------- */

static const char *state_name(enum exchange_state state)
{
	static const char *const names[] = {[EXCHANGE_BODY] = "body",
		[EXCHANGE_PREPARE] = "prepare",
		[EXCHANGE_WAIT] = "wait",
		[EXCHANGE_SENT] = "sent",
		[EXCHANGE_RELAY] = "relay",
		[EXCHANGE_END] = "end"};

	return names[state];
}

/* On the thread of x's worker. What the pool may be working on is not touched. */
static void write_exchange(struct json_writer *w, const struct exchange *x, int64_t now_ns)
{
	if (!x->head)
		return;
	json_write_object(w, NULL);
	json_write_c(w, "id", x->id);
	json_write_u64(w, "worker", x->w->index);
	json_write_c(w, "state", state_name(x->state));
	json_write_bool(w, "in_pool", x->is_in_pool);
	json_write_fixed(w, "age_ms", (double)(now_ns - x->start_ns) / 1e6, 3);
	json_write_c(w, "endpoint", x->route.endpoint);
	json_write_c(w, "upstream",
		x->route.kind == ROUTE_OWN ? NULL : upstream_name(x->route.upstream));
	json_write_c(w, "client", client_kind_name(x->info.client));
	json_write_u64(w, "attempts", x->attempts);
	json_write_u64(w, "bytes_in", x->raw_n);
	json_write_u64(w, "bytes_out", x->bytes_out);
	json_write_end(w);
}

static void visit(struct worker_mail *m);

/* To the next worker that still runs, or home. */
static void travel(struct own_call *c)
{
	struct server *s = c->server;

	while (c->at < s->workers_n) {
		c->mail.open = visit;
		if (worker_offer(s->workers[c->at], &c->mail))
			return;
		c->at++;
	}
	json_write_end(&c->w);
	own_end(c, &c->w);
	c->mail.open = own_open;
	worker_post(c->x->w, &c->mail);
}

static void visit(struct worker_mail *m)
{
	struct own_call *c = (struct own_call *)(void *)m;
	struct worker *w = c->server->workers[c->at];
	int64_t now_ns = clock_monotonic_ns(c->server->clock);

	for (const struct exchange *x = w->exchanges; x; x = x->next)
		write_exchange(&c->w, x, now_ns);
	c->at++;
	travel(c);
}

/* The list is of each worker at its own moment. Nobody waits: the call goes round as mail. */
void own_debug_exchanges(struct own_call *c)
{
	own_begin(c, &c->w);
	json_write_array(&c->w, "exchanges");
	travel(c);
}
