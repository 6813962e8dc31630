#include "core/replay/tally.h"

#include <stdlib.h>

#include "core/base/limits.h"
#include "core/json/scan.h"
#include "core/json/text.h"

/* A range of ages or sizes: up to and including max. */
struct range {
	uint32_t max;
	const char *name;
};

/* Where the price of a token changes its meaning: new, in the next request, while the cache of some minutes is sure, later. */
static const struct range ages[] = {
	{0, "0"},
	{1, "1"},
	{4, "2-4"},
	{9, "5-9"},
	{24, "10-24"},
	{99, "25-99"},
	{UINT32_MAX, "100+"},
};

/* Below 100 hardly a rendering pays; from 1,000 on, text may be left out. */
static const struct range sizes[] = {
	{99, "0-99"},
	{299, "100-299"},
	{999, "300-999"},
	{2999, "1000-2999"},
	{9999, "3000-9999"},
	{UINT32_MAX, "10000+"},
};

const char *tally_key_name(enum tally_key k)
{
	static const char *const names[TALLY_KEY_N] = {
		[TALLY_TOOL] = "tool",
		[TALLY_KIND] = "kind",
		[TALLY_AGE] = "age",
		[TALLY_SIZE] = "size",
	};

	return names[k];
}

void tally_init(struct tally *t)
{
	memset(t, 0, sizeof *t);
	arena_init(&t->arena);
	map_init(&t->known, &t->arena);
}

void tally_release(struct tally *t)
{
	arena_release(&t->arena);
	memset(t, 0, sizeof *t);
}

/* ---- one block ----------------------------------------------------------------------------------- */

/* A block that the session has sent, at its place in the request. */
struct place {
	uint32_t born;          /* turn in which it was new */
	uint32_t before, after; /* tokens; of results that is what the engine says */
};

struct session {
	const struct tally_conf *conf;
	struct tally *t;
	const struct turn_session *s;
	struct engine *engine;
	struct store *store;
	struct compress_conf compress;
	struct token_cache *tokens;
	struct arena kept, turn;
	VEC(struct place) places;
	uint32_t number;
	struct hash128 tools; /* the list of the last request */
	struct place tools_at;
	struct buf body;
};

struct named {
	str names[TALLY_KEY_N];
	uint32_t rank;
};

static uint32_t range_of(const struct range *v, uint32_t n)
{
	uint32_t i = 0;

	while (n > v[i].max)
		i++;
	return i;
}

static str what_name(struct arena *a, const struct compress_block *b)
{
	static const char *const roles[] = {[WIRE_SYSTEM] = "system",
		[WIRE_USER] = "user",
		[WIRE_ASSISTANT] = "assistant",
		[WIRE_TOOL] = "tool"};
	const char *what = b->kind == WIRE_TOOL_CALL ? "call" : "result";

	if (b->kind == WIRE_OPAQUE)
		return STR("opaque");
	if (b->kind == WIRE_TEXT)
		return str_from(roles[b->role]);
	return b->tool.n ? arena_printf(a, "%s " STR_FMT, what, STR_ARG(b->tool)) : str_from(what);
}

static str kind_name(const struct compress_block *b)
{
	static const char *const names[] = {
		[WIRE_TEXT] = "message", [WIRE_TOOL_CALL] = "call", [WIRE_OPAQUE] = "opaque"};

	return b->kind == WIRE_TOOL_RESULT ? str_from(detect_kind_name(b->content))
					   : str_from(names[b->kind]);
}

static struct tally_row *row_of(struct session *x, const struct named *n)
{
	struct tally *t = x->t;
	struct tally_row *row;
	struct buf b;

	buf_init_arena(&b, &x->turn, LIMIT_INPUT);
	for (size_t i = 0; i < TALLY_KEY_N; i++) {
		buf_add(&b, n->names[i]);
		buf_add_byte(&b, '\0');
	}
	row = map_find(&t->known, buf_str(&b));
	if (row)
		return row;
	row = arena_new(&t->arena, struct tally_row);
	*row = (struct tally_row){.rank = n->rank};
	for (size_t i = 0; i < TALLY_KEY_N; i++)
		row->names[i] = arena_str(&t->arena, n->names[i]);
	*map_at(&t->known, arena_str(&t->arena, buf_str(&b))) = row;
	*vec_push(&t->rows, &t->arena) = row;
	return row;
}

static void add_to(struct tally_row *row, const struct place *p, bool is_new)
{
	row->blocks += is_new;
	row->tokens += is_new ? p->before : 0;
	row->sent += p->before;
	row->sent_after += p->after;
}

static void add_place(struct session *x, const struct place *p, str what, str kind)
{
	uint32_t age = range_of(ages, x->number - p->born), size = range_of(sizes, p->before);
	const struct named all = {
		.names = {[TALLY_TOOL] = what,
			[TALLY_KIND] = kind,
			[TALLY_AGE] = str_from(ages[age].name),
			[TALLY_SIZE] = str_from(sizes[size].name)},
	};
	struct named n = {0};

	for (size_t i = 0; i < TALLY_KEY_N; i++)
		if (x->conf->keys & 1u << i)
			n.names[i] = all.names[i];
	if (x->conf->keys & 1u << TALLY_AGE)
		n.rank = age * ARRAY_N(sizes);
	if (x->conf->keys & 1u << TALLY_SIZE)
		n.rank += size;
	add_to(row_of(x, &n), p, p->born == x->number);
	add_to(&x->t->sum, p, p->born == x->number);
}

/* ---- one request --------------------------------------------------------------------------------- */

/* Of a text, a call or the list of tools; pictures and the like are not counted. */
static uint32_t count(struct session *x, str text, enum token_encoding e)
{
	str plain = text;

	if (text.n && *text.p == '"' && !json_unescape(text, &x->turn, &plain))
		plain = text;
	return (uint32_t)token_count(e, plain, x->tokens);
}

static void add_tools(struct session *x, const struct compress_result *r)
{
	str text = span_str(buf_str(&x->body), r->tools);
	struct hash128 hash = hash128(text);

	if (!text.n)
		return;
	if (memcmp(&hash, &x->tools, sizeof hash) != 0) {
		uint32_t n = count(x, text, r->model.encoding);

		x->tools = hash;
		x->tools_at = (struct place){x->number, n, n};
		if (r->is_trimmed)
			x->tools_at.after -= r->blocks[r->blocks_n - 1].tokens_before -
					     r->blocks[r->blocks_n - 1].tokens_after;
	}
	add_place(x, &x->tools_at, STR("tool schemas"), STR("schema"));
}

static void add_blocks(struct session *x, const struct compress_result *r)
{
	str body = buf_str(&x->body);

	x->places.n = r->known_n < x->places.n ? r->known_n : x->places.n;
	for (uint32_t i = 0; i < r->blocks_n - r->is_trimmed; i++) {
		const struct compress_block *b = &r->blocks[i];
		struct place *p;

		if (i == x->places.n) {
			p = vec_push(&x->places, &x->kept);
			*p = (struct place){x->number, b->tokens_before, b->tokens_after};
			if (b->kind != WIRE_TOOL_RESULT && b->kind != WIRE_OPAQUE)
				p->before = p->after =
					count(x, span_str(body, b->at), r->model.encoding);
		}
		add_place(x, &x->places.v[i], what_name(&x->turn, b), kind_name(b));
	}
	add_tools(x, r);
}

/* Agents do not record their tools. They have some, and so a way to originals. */
static bool has_tools(struct session *x)
{
	struct json_tape tape;

	return json_scan(&x->turn, buf_str(&x->body), &tape, NULL) == E_OK &&
	       json_member(&tape, 0, "tools") != JSON_ABSENT;
}

static enum err add_turn(struct session *x, const struct turn *t, struct errctx *cx)
{
	struct compress_result r;
	enum err err;

	buf_reset(&x->body);
	turns_body(x->s, t, &x->body);
	TRY(x->body.err);
	if (!x->number && !has_tools(x))
		x->compress.retrieves_by_tool = x->compress.offers_retrieve = false;
	err = compress_request(x->engine, buf_str(&x->body), x->s->format, &x->compress, &r, cx);
	if (!err) {
		x->number++;
		add_blocks(x, &r);
	}
	compress_result_release(&r);
	return err;
}

/* ---- a session ----------------------------------------------------------------------------------- */

static enum err add_turns(struct session *x, struct errctx *cx)
{
	struct engine_conf conf = {0};
	struct store_conf store = {.is_in_memory = true};
	enum err err;

	if (x->compress.elides) {
		TRY(store_open(&store, &x->store, cx));
		conf.store = x->store;
	}
	TRY(engine_new(&conf, &x->engine, cx));
	for (uint32_t i = 0; i < x->s->turns.n; i++) {
		err = add_turn(x, &x->s->turns.v[i], cx);
		arena_reset(&x->turn);
		if (err && err != E_MALFORMED)
			return err;
		x->t->turns += !err;
		x->t->skipped += err != E_OK;
	}
	x->t->sessions += x->number > 0;
	return E_OK;
}

static enum err add_session(const struct tally_conf *conf, const struct turn_session *s,
	struct tally *t, struct errctx *cx)
{
	struct session x = {.conf = conf,
		.t = t,
		.s = s,
		.compress = conf->compress,
		.tokens = token_cache_new(),
		.kept = ARENA_INIT,
		.turn = ARENA_INIT};
	enum err err;

	buf_init(&x.body, LIMIT_INPUT);
	err = add_turns(&x, cx);
	engine_free(x.engine);
	store_close(x.store);
	token_cache_free(x.tokens);
	buf_release(&x.body);
	arena_release(&x.turn);
	arena_release(&x.kept);
	return err;
}

enum err tally_file(const struct tally_conf *conf, str text, str file_name,
	enum transcript_kind kind, struct tally *t, struct errctx *cx)
{
	struct arena arena = ARENA_INIT, scratch = ARENA_INIT;
	struct turn_file file;
	enum err err = turns_load(&arena, &scratch, text, file_name, kind, &file, cx);

	if (!err) {
		t->files++;
		t->bad_lines += file.bad_n;
	}
	for (size_t i = 0; !err && i < file.sessions.n; i++)
		err = add_session(conf, &file.sessions.v[i], t, cx);
	arena_release(&scratch);
	arena_release(&arena);
	return err;
}

/* ---- order --------------------------------------------------------------------------------------- */

static int by_names(const struct tally_row *a, const struct tally_row *b)
{
	int order = 0;

	for (size_t i = 0; !order && i < TALLY_KEY_N; i++)
		order = str_cmp(a->names[i], b->names[i]);
	return order;
}

static int by_sent(const void *pa, const void *pb)
{
	const struct tally_row *a = *(const struct tally_row *const *)pa,
			       *b = *(const struct tally_row *const *)pb;

	if (a->sent != b->sent)
		return a->sent < b->sent ? 1 : -1;
	return by_names(a, b);
}

static int by_rank(const void *pa, const void *pb)
{
	const struct tally_row *a = *(const struct tally_row *const *)pa,
			       *b = *(const struct tally_row *const *)pb;

	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	return by_names(a, b);
}

void tally_sort(struct tally *t, unsigned keys)
{
	bool is_ordered = !(keys & (1u << TALLY_TOOL | 1u << TALLY_KIND));

	if (t->rows.n)
		qsort(t->rows.v, t->rows.n, sizeof(t->rows.v[0]), is_ordered ? by_rank : by_sent);
}
