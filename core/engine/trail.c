#include "core/engine/trail.h"

#include <pthread.h>
#include <stdio.h>

#include "core/base/mem.h"

enum {
	TRAILS_MAX = 128,  /* conversations that are under way at once */
	STEPS_MAX = 4096,  /* of one; what is behind is not watched. 128 KiB */
	CHUNK = 64,        /* bytes of what stands before the assistant's first words, to a hash */
	CHUNKS_MAX = 1024, /* 64 KiB: twice Claude Code's system prompt */
	/* Less than 1,024 tokens, the least that any provider caches, is no loss. */
	LOST_MIN = 4096,
	/* A history of a session that begins anew is a compaction when it was longer than this. */
	DROPPED_STEPS_MIN = 8,
};

enum region { REGION_TOOLS, REGION_SYSTEM, REGION_MESSAGES, REGION_N };

/* A tool, a block, or what stands in its place. */
struct step {
	uint64_t hash;
	uint32_t bytes;
	uint32_t client; /* of a piece that was sent: the client's step that it stands for */
};

struct steps {
	struct step *v;
	uint32_t n, cap;
	uint32_t end[REGION_N]; /* of each region, in the order of the request */
};

struct trail {
	struct hash128 scope;
	uint64_t opening; /* hash of the assistant's first block; 0: it has not said anything */
	uint64_t used;    /* the larger, the later */
	int64_t at_ms;
	struct steps client, sent;
	uint32_t *chunks;
	uint32_t chunks_n;
};

struct trails {
	pthread_mutex_t lock; /* covers all below */
	uint64_t used;
	struct trail v[TRAILS_MAX];
};

const char *trail_cause_name(enum trail_cause c)
{
	static const char *const names[TRAIL_CAUSE_N] = {
		[TRAIL_KEPT] = "",
		[TRAIL_OWN] = "headroom",
		[TRAIL_TOOLS] = "tools",
		[TRAIL_TIME] = "time",
		[TRAIL_SYSTEM] = "system",
		[TRAIL_EDITED] = "edited",
		[TRAIL_DROPPED] = "dropped",
		[TRAIL_INSERTED] = "inserted",
	};

	return names[c];
}

struct trails *trails_new(void)
{
	struct trails *t = mem_zalloc(sizeof *t);

	if (t)
		(void)pthread_mutex_init(&t->lock, NULL);
	return t;
}

static void release(struct trail *t)
{
	mem_free(t->client.v);
	mem_free(t->sent.v);
	mem_free(t->chunks);
	*t = (struct trail){0};
}

void trails_free(struct trails *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < TRAILS_MAX; i++)
		release(&t->v[i]);
	(void)pthread_mutex_destroy(&t->lock);
	mem_free(t);
}

/* ---- what a request is made of ------------------------------------------------------------------------ */

/* A step of the client's, with its place in the body. */
struct place {
	struct span at;
	enum region region;
};

struct reading {
	const struct trail_request *q;
	struct trail now;
	struct place *places; /* of now.client */
	bool is_full;         /* of steps, or memory ran out */
};

static bool push(struct steps *s, uint64_t hash, uint32_t bytes, uint32_t client)
{
	if (s->n == s->cap)
		return false;
	s->v[s->n++] = (struct step){hash, bytes, client};
	return true;
}

/* A tool without the breakpoint that may stand on it. */
static uint64_t tool_hash(const struct json_tape *t, uint32_t node)
{
	uint64_t h = 0;

	if (!json_is(t, node, JSON_OBJECT))
		return hash64(json_text(t, node));
	for (struct json_iter it = json_iter(t, node); json_next(&it);)
		if (!json_string_is(t, it.key, "cache_control"))
			h = hash64_seed(
				json_text(t, it.value), hash64_seed(json_text(t, it.key), h));
	return h;
}

static void add_step(struct reading *r, uint64_t hash, struct span at, enum region region)
{
	struct steps *s = &r->now.client;

	if (!push(s, hash, at.end - at.start, s->n)) {
		r->is_full = true;
		return;
	}
	r->places[s->n - 1] = (struct place){at, region};
}

static void read_tools(struct reading *r)
{
	const struct wire_doc *doc = r->q->doc;
	const struct json_tape *t = &doc->tape;
	uint32_t tools = json_member(t, 0, "tools");

	if (tools == JSON_ABSENT || !json_is(t, tools, JSON_ARRAY))
		return;
	for (struct json_iter it = json_iter(t, tools); json_next(&it) && !r->is_full;)
		add_step(r, tool_hash(t, it.value),
			(struct span){t->v[it.value].start, t->v[it.value].end}, REGION_TOOLS);
}

static void add_chunks(struct reading *r, str text)
{
	for (size_t i = 0; i < text.n && r->now.chunks_n < CHUNKS_MAX; i += CHUNK)
		r->now.chunks[r->now.chunks_n++] =
			(uint32_t)hash64(str_sub(text, i, i + CHUNK < text.n ? i + CHUNK : text.n));
}

static void read_blocks(struct reading *r)
{
	const struct wire_doc *doc = r->q->doc;
	enum region region = REGION_SYSTEM;

	for (uint32_t i = 0; i < doc->n && !r->is_full; i++) {
		const struct wire_block *b = &doc->blocks[i];

		if (b->role != WIRE_SYSTEM)
			region = REGION_MESSAGES;
		if (!r->now.opening && b->role == WIRE_ASSISTANT)
			r->now.opening = b->hash.lo | 1;
		if (!r->now.opening)
			add_chunks(r, span_str(doc->tape.doc, b->at));
		add_step(r, b->hash.lo, b->at, region);
	}
}

static void mark_regions(struct reading *r)
{
	uint32_t *end = r->now.client.end;

	for (uint32_t i = 0; i < r->now.client.n; i++)
		end[r->places[i].region] = i + 1;
	for (int k = 1; k < REGION_N; k++)
		if (end[k] < end[k - 1])
			end[k] = end[k - 1];
}

/* What edits have made of the client's steps from..to, which follow each other in the body. An edit over several of them stands in the place
 * of the first; one that lies between them is a piece of its own, so that it makes no difference when it was put there. */
static void send_region(struct reading *r, uint32_t from, uint32_t to)
{
	const struct step *client = r->now.client.v;
	const struct patch_edit *e = r->q->edits, *end = e + r->q->edits_n;
	struct span tools = r->q->doc->tools;

	if (from == to)
		return;
	while (e < end && e->at.end < r->places[from].at.start)
		e++;
	for (uint32_t i = from; i < to && !r->is_full;) {
		struct span at = r->places[i].at;

		if (e < end && e->at.start < at.end) {
			bool is_between = e->at.end <= at.start;

			r->is_full = !push(
				&r->now.sent, hash64_seed(e->text, 1), (uint32_t)e->text.n, i);
			while (!is_between && i < to && r->places[i].at.start < e->at.end)
				i++;
			e++;
		} else {
			r->is_full = !push(&r->now.sent, client[i].hash, client[i].bytes, i);
			i++;
		}
	}
	/* Behind the last one: our tool in the list of tools, or what is ours at the end of the messages. */
	for (; e < end && !r->is_full; e++) {
		bool is_in_tools = e->at.start > tools.start && e->at.end < tools.end;

		if (is_in_tools ? r->places[from].region == REGION_TOOLS : to == r->now.client.n)
			r->is_full = !push(
				&r->now.sent, hash64_seed(e->text, 1), (uint32_t)e->text.n, to - 1);
	}
}

static bool reading_init(struct reading *r)
{
	uint32_t edits_n = r->q->edits_n < STEPS_MAX ? (uint32_t)r->q->edits_n : STEPS_MAX;
	uint32_t cap = r->q->doc->n + r->q->doc->tool_n + 1;

	if (cap > STEPS_MAX)
		cap = STEPS_MAX;
	r->now.client.cap = cap;
	r->now.sent.cap = cap + edits_n;
	r->now.client.v = mem_alloc(cap * sizeof(struct step));
	r->now.sent.v = mem_alloc((cap + edits_n) * sizeof(struct step));
	r->now.chunks = mem_alloc(CHUNKS_MAX * sizeof *r->now.chunks);
	r->places = mem_alloc(cap * sizeof *r->places);
	return r->now.client.v && r->now.sent.v && r->now.chunks && r->places;
}

static bool read_request(struct reading *r)
{
	uint32_t from = 0;

	if (!reading_init(r))
		return false;
	r->now.scope = r->q->scope;
	r->now.at_ms = r->q->now_ms;
	read_tools(r);
	read_blocks(r);
	mark_regions(r);
	r->is_full = false;
	for (int k = 0; k < REGION_N; k++) {
		send_region(r, from, r->now.client.end[k]);
		from = r->now.client.end[k];
	}
	return true;
}

/* ---- which conversation -------------------------------------------------------------------------------- */

static const struct step *messages_of(const struct trail *t, uint32_t *n)
{
	uint32_t from = t->client.end[REGION_SYSTEM];

	*n = t->client.n - from;
	return t->client.v + from;
}

static uint32_t common(const struct step *a, uint32_t a_n, const struct step *b, uint32_t b_n)
{
	uint32_t n = 0;

	while (n < a_n && n < b_n && a[n].hash == b[n].hash)
		n++;
	return n;
}

static bool has_same_head(const struct trail *a, const struct trail *b)
{
	uint32_t n = a->client.end[REGION_SYSTEM];

	return n == b->client.end[REGION_SYSTEM] && common(a->client.v, n, b->client.v, n) == n;
}

/* How surely now goes on with before; 0: it does not. KIN_ANEW: its history begins anew. */
enum { KIN_ANEW = 1, KIN_SAME };

static uint32_t kinship(const struct trail *before, const struct trail *now, bool is_session)
{
	uint32_t n, m, same;
	const struct step *a = messages_of(before, &n), *b = messages_of(now, &m);

	if (!before->used || !hash128_eq(before->scope, now->scope))
		return 0;
	same = common(a, n, b, m);
	if (before->opening && before->opening == now->opening)
		return KIN_SAME + same;
	if (!before->opening && n && same == n)
		return KIN_SAME + same;
	if (is_session && before->opening && n >= DROPPED_STEPS_MIN && m < n && !same &&
		has_same_head(before, now))
		return KIN_ANEW;
	return 0;
}

/* The trail that now goes on with, or NULL. */
static struct trail *find(struct trails *t, const struct trail *now, bool is_session, uint32_t *kin)
{
	struct trail *best = NULL;
	uint32_t best_kinship = 0;

	for (size_t i = 0; i < TRAILS_MAX; i++) {
		uint32_t k = kinship(&t->v[i], now, is_session);

		if (k > best_kinship ||
			(k && k == best_kinship && best && t->v[i].used > best->used)) {
			best = &t->v[i];
			best_kinship = k;
		}
	}
	*kin = best_kinship;
	return best;
}

static struct trail *oldest(struct trails *t)
{
	struct trail *o = &t->v[0];

	for (size_t i = 1; i < TRAILS_MAX; i++)
		if (t->v[i].used < o->used)
			o = &t->v[i];
	return o;
}

/* ---- what was changed ---------------------------------------------------------------------------------- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f');
}

/* 2026-11-28, 28/11/2026, 12:05: digits on both sides of a separator, twice or with a colon; or a name of 16 hex digits or more. */
static bool says_time(str s)
{
	unsigned seps = 0, hex = 0, digits = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool is_within = i && i + 1 < s.n && is_digit(s.p[i - 1]) && is_digit(s.p[i + 1]);

		if (is_within && (c == '-' || c == '/' || c == '.'))
			seps++;
		else if (is_within && c == ':')
			return true;
		else if (!is_digit(c))
			seps = 0;
		hex = is_hex(c) ? hex + 1 : c == '-' ? hex : 0;
		digits = is_digit(c) ? digits + 1 : c == '-' && digits ? digits : 0;
		if (seps >= 2 || hex >= 16 || digits >= 10) /* 10: a Unix time */
			return true;
	}
	return false;
}

/* The first chunk before the assistant's first words that is another one: its place in the body, and whether a time stands there. False:
 * it is further behind. */
static bool find_chunk(
	const struct reading *r, const struct trail *before, size_t *place, bool *is_time)
{
	const struct wire_doc *doc = r->q->doc;
	uint32_t at = 0;

	for (uint32_t i = 0; i < doc->n && doc->blocks[i].role != WIRE_ASSISTANT; i++) {
		str text = span_str(doc->tape.doc, doc->blocks[i].at);

		for (size_t k = 0; k < text.n && at < r->now.chunks_n; k += CHUNK, at++) {
			size_t from = k > CHUNK / 2 ? k - CHUNK / 2 : 0;
			size_t to = k + CHUNK + CHUNK / 2;

			if (at < before->chunks_n && before->chunks[at] == r->now.chunks[at])
				continue;
			*is_time = says_time(str_sub(text, from, to < text.n ? to : text.n));
			*place = doc->blocks[i].at.start + k;
			return true;
		}
	}
	return false;
}

static bool has_step(const struct steps *s, uint32_t from, uint64_t hash)
{
	for (uint32_t i = from; i < s->n; i++)
		if (s->v[i].hash == hash)
			return true;
	return false;
}

static void name_step(const struct reading *r, uint32_t step, struct trail_break *out)
{
	const struct wire_doc *doc = r->q->doc;
	const struct json_tape *t = &doc->tape;
	uint32_t tools_n = r->now.client.end[REGION_TOOLS], i = 0;

	if (step >= tools_n) {
		str path = step - tools_n < doc->n ? doc->blocks[step - tools_n].path : STR("end");

		(void)snprintf(out->path, sizeof out->path, STR_FMT, STR_ARG(path));
		return;
	}
	for (struct json_iter it = json_iter(t, json_member(t, 0, "tools")); json_next(&it); i++) {
		uint32_t function = json_member(t, it.value, "function");
		uint32_t name =
			json_member(t, function == JSON_ABSENT ? it.value : function, "name");
		str text = name == JSON_ABSENT ? STR("") : json_text(t, name);

		if (i == step)
			(void)snprintf(out->path, sizeof out->path, "tools[%u] %.*s", i,
				text.n > 2 ? (int)text.n - 2 : 0, text.n > 2 ? text.p + 1 : "");
	}
}

static enum trail_cause cause_in_messages(
	const struct trail *before, const struct trail *now, uint32_t at)
{
	uint64_t was = before->client.v[at].hash;

	if (at >= now->client.n || has_step(&before->client, at + 1, now->client.v[at].hash))
		return TRAIL_DROPPED;
	return has_step(&now->client, at + 1, was) ? TRAIL_INSERTED : TRAIL_EDITED;
}

/* The client's step that is the first not to be as before. */
static void name_cause(
	const struct reading *r, const struct trail *before, uint32_t at, struct trail_break *out)
{
	const struct trail *now = &r->now;
	bool is_time = false;
	size_t place;

	name_step(r, at, out);
	out->at = at < now->client.n ? r->places[at].at.start : r->q->doc->tape.doc.n;
	if (at < now->client.end[REGION_TOOLS] || at < before->client.end[REGION_TOOLS]) {
		out->cause = TRAIL_TOOLS;
		return;
	}
	out->cause = at < now->client.end[REGION_SYSTEM] || at < before->client.end[REGION_SYSTEM]
			     ? TRAIL_SYSTEM
			     : cause_in_messages(before, now, at);
	if (out->cause != TRAIL_SYSTEM && out->cause != TRAIL_EDITED)
		return;
	if (find_chunk(r, before, &place, &is_time) && place >= out->at) {
		out->at = place;
		out->cause = is_time ? TRAIL_TIME : out->cause;
	}
}

static uint64_t bytes_from(const struct steps *s, uint32_t at)
{
	uint64_t sum = 0;

	for (; at < s->n; at++)
		sum += s->v[at].bytes;
	return sum;
}

/* Where in the body that was sent a piece of it begins. */
static size_t sent_place(const struct reading *r, uint32_t piece)
{
	size_t start = r->places[r->now.sent.v[piece].client].at.start, at = start;

	for (size_t i = 0; i < r->q->edits_n && r->q->edits[i].at.end <= start; i++)
		at += r->q->edits[i].text.n - (r->q->edits[i].at.end - r->q->edits[i].at.start);
	return at;
}

static void compare(const struct reading *r, const struct trail *before, struct trail_break *out)
{
	const struct trail *now = &r->now;
	uint32_t client = common(before->client.v, before->client.n, now->client.v, now->client.n);
	uint32_t sent = common(before->sent.v, before->sent.n, now->sent.v, now->sent.n);

	if (sent == before->sent.n || sent == now->sent.n)
		return; /* all of it is still there, or it is a beginning of it */
	out->lost_bytes = bytes_from(&before->sent, sent);
	out->again_bytes = bytes_from(&now->sent, sent);
	if (out->again_bytes > out->lost_bytes)
		out->again_bytes = out->lost_bytes;
	if (out->again_bytes < LOST_MIN)
		return;
	if (before->sent.v[sent].client >= client) {
		name_cause(r, before, client, out);
		return;
	}
	out->cause = TRAIL_OWN;
	name_step(r, now->sent.v[sent].client, out);
	out->at = sent_place(r, sent);
}

void trails_take(struct trails *t, const struct trail_request *q, struct trail_break *out)
{
	struct reading r = {.q = q};
	struct trail *before;
	uint32_t kin;

	*out = (struct trail_break){.cause = TRAIL_KEPT};
	if (!read_request(&r)) {
		release(&r.now);
		mem_free(r.places);
		return;
	}
	(void)pthread_mutex_lock(&t->lock);
	before = find(t, &r.now, q->is_session, &kin);
	if (before) {
		out->idle_ms = q->now_ms - before->at_ms;
		compare(&r, before, out);
		if (kin == KIN_ANEW && out->cause == TRAIL_EDITED)
			out->cause = TRAIL_DROPPED;
	} else {
		before = oldest(t);
	}
	release(before);
	*before = r.now;
	before->used = ++t->used;
	(void)pthread_mutex_unlock(&t->lock);
	mem_free(r.places);
}
