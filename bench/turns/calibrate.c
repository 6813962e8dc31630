/* Recorded usage against the simulator. The recordings hold a stand-in for the system prompt and the tools,
 * and the tokenizer of Claude is closed; so sizes come from the record: the prompt's is what the first request
 * had more than its messages, and a counted token of a message stands for as many tokens as the recorded
 * requests grew by per counted one. What the first request found in the cache was written before the
 * recording began and is given, too. */
#include <math.h>

#include "bench/turns/replay.h"

struct sizes {
	double per_token; /* recorded tokens per counted token of a message */
	double prompt;    /* recorded tokens of system prompt and tools */
	double warm;      /* how many of these were in the cache already */
};

static uint64_t usage_tokens(const struct usage *u)
{
	return u->input + u->read + u->write;
}

/* Segments of the system prompt and tools, which stand first. */
static uint32_t prompt_segments(const struct segments *s)
{
	uint32_t n = 0;

	while (n < s->n && s->share[n] == SHARE_SYSTEM)
		n++;
	return n;
}

static uint64_t message_tokens(const struct segments *s)
{
	uint64_t sum = 0;

	for (uint32_t i = prompt_segments(s); i < s->n; i++)
		sum += s->v[i].tokens;
	return sum;
}

struct pass {
	const struct recording *r;
	struct arena *conversation, *turn;
	struct counter *counter;
	struct buf body;
};

static bool cut_turn(struct pass *p, uint32_t k, struct segments *s)
{
	arena_reset(p->turn);
	recording_body(p->r, k, &p->body);
	return p->body.err == E_OK && segments_cut(p->turn, dialect_format(p->r->dialect),
					      buf_str(&p->body), p->counter, s, NULL) == E_OK;
}

static bool measure_sizes(struct pass *p, struct sizes *out)
{
	const struct turn *turns = p->r->turns;
	double recorded = 0, counted = 0, first = 0, before = 0;

	for (uint32_t k = 0; k < p->r->turn_n; k++) {
		struct segments s;
		double now;

		if (!turns[k].has_usage || turns[k].at_ms == CACHE_TIME_UNKNOWN ||
			!cut_turn(p, k, &s))
			return false;
		now = (double)message_tokens(&s);
		if (!k) {
			first = now;
		} else if (turns[k].start == turns[k - 1].start) {
			recorded += (double)usage_tokens(&turns[k].usage) -
				    (double)usage_tokens(&turns[k - 1].usage);
			counted += now - before;
		}
		before = now;
	}
	out->per_token = fmin(fmax(counted > 0 ? recorded / counted : 1, 0.5), 3.0);
	out->prompt = fmax((double)usage_tokens(&turns[0].usage) - out->per_token * first, 0);
	out->warm = fmin((double)turns[0].usage.read, out->prompt);
	return true;
}

/* The request with recorded sizes: the warm part of the prompt, its rest, the messages. */
static struct cache_request resize(
	struct pass *p, uint32_t k, const struct segments *s, const struct sizes *sizes)
{
	uint32_t prompt_n = prompt_segments(s), n = s->n - prompt_n + 2;
	struct cache_segment *v = arena_array(p->turn, struct cache_segment, n);

	v[0] = (struct cache_segment){.hash = {1, 1}, .tokens = (uint32_t)lround(sizes->warm)};
	v[1] = (struct cache_segment){
		.hash = {2, 2},
		.tokens = (uint32_t)lround(sizes->prompt - sizes->warm),
		.has_breakpoint = true,
		.ttl = p->r->ttl,
	};
	for (uint32_t i = prompt_n; i < s->n; i++) {
		v[i - prompt_n + 2] = s->v[i];
		v[i - prompt_n + 2].tokens = (uint32_t)lround(s->v[i].tokens * sizes->per_token);
	}
	return (struct cache_request){p->r->model, p->r->turns[k].at_ms, v, n};
}

static double recorded_cost(const struct model_price *p, const struct turn *turn)
{
	const struct usage *u = &turn->usage;
	struct cache_turn t = {
		.read = u->read,
		.write = {u->write - u->write_1h, u->write_1h},
		.uncached = u->input,
	};
	struct cost c = cost_of_turn(p, &t, turn->output);

	return cost_total(&c);
}

static bool simulate(struct pass *p, const struct rates *rates, const struct sizes *sizes,
	struct calibration *sum)
{
	struct cache_sim *sim = cache_sim_new(p->conversation, &rates->policy);

	for (uint32_t k = 0; k < p->r->turn_n; k++) {
		const struct turn *turn = &p->r->turns[k];
		struct cache_request req;
		struct cache_turn t;
		struct cost c;
		struct segments s;

		if (!cut_turn(p, k, &s))
			return false;
		req = resize(p, k, &s, sizes);
		if (!k && sizes->warm > 0) {
			struct cache_segment warm = req.segments[0];
			struct cache_request before = {req.model, req.at_ms, &warm, 1};

			warm.has_breakpoint = true;
			warm.ttl = p->r->ttl;
			cache_sim_send(sim, &before);
		}
		t = cache_sim_send(sim, &req);
		c = cost_of_turn(&rates->price, &t, turn->output);
		sum->turns++;
		sum->simulated += cost_total(&c);
		sum->recorded += recorded_cost(&rates->price, turn);
		sum->simulated_read += t.read;
		sum->recorded_read += turn->usage.read;
	}
	return true;
}

bool calibrate(const struct recording *r, const struct rates *rates, struct calibration *sum)
{
	struct arena conversation = ARENA_INIT, turn = ARENA_INIT;
	struct pass p = {.r = r, .conversation = &conversation, .turn = &turn};
	struct sizes sizes;
	bool ok;

	if (r->dialect != DIALECT_ANTHROPIC)
		return false;
	p.counter = counter_new(&conversation, rates->model.encoding, 1.0);
	buf_init(&p.body, LIMIT_INPUT);
	ok = measure_sizes(&p, &sizes) && simulate(&p, rates, &sizes, sum);
	buf_release(&p.body);
	counter_free(p.counter);
	arena_release(&turn);
	arena_release(&conversation);
	return ok;
}
