/* Any bytes as what is read from a Redis that others write to: decisions, originals, events, cached answers; and its URL. Nothing is
 * kept that could not be written, and what is read of an event is written as it was read. */
#include "core/base/check.h"
#include "core/base/mem.h"
#include "core/share/target.h"
#include "core/store/feedback_internal.h"
#include "core/store/peer.h"
#include "core/store/rendering.h"
#include "proxy/shared_answers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { OUT = 1 << 20 };

/* A peer that has one value, whatever it is asked for. */
static enum err get(
	void *self, enum peer_kind kind, str prefix, char key[PEER_KEY_MAX + 1], struct buf *out)
{
	const str *value = self;

	(void)kind;
	memset(key, '0', PEER_KEY_MAX);
	key[PEER_KEY_MAX] = '\0';
	memcpy(key, prefix.p, prefix.n);
	buf_add(out, *value);
	return out->err;
}

static void put(void *self, struct peer_item *items, size_t n)
{
	(void)self;
	(void)items;
	(void)n;
}

static bool look(void *self, struct peer_item *items, size_t n)
{
	put(self, items, n);
	return false;
}

static bool is_ready(void *self)
{
	(void)self;
	return false;
}

/* Opening one costs more than all that is done with it. */
static struct store *store_of(const str *value)
{
	static struct store *s;
	static str now;
	static struct store_peer p = {.self = &now,
		.get = get,
		.put = put,
		.look = look,
		.touch = look,
		.is_ready = is_ready};
	const struct store_conf conf = {.is_in_memory = true};

	if (!s) {
		ASSERT(store_open(&conf, &s, NULL) == E_OK);
		store_set_peer(s, &p);
	}
	now = *value;
	return s;
}

static void read_decision(str value)
{
	static uint64_t key;
	struct rendering r;
	struct buf out;

	buf_init(&out, OUT);
	if (rendering_get(store_of(&value), (struct hash128){.lo = ++key}, &r, &out, NULL) == E_OK)
		ASSERT(memchr(r.label, 0, sizeof r.label) &&
			memchr(r.original, 0, sizeof r.original));
	buf_release(&out);
}

static void read_original(str value)
{
	struct buf out;

	buf_init(&out, OUT);
	if (original_get(store_of(&value), STR("000000000000"), &out, NULL) == E_OK)
		ASSERT(original_key_of(buf_str(&out)).hex[0] == '0');
	buf_release(&out);
}

static void read_event(str line)
{
	struct store *s = store_of(&line);
	struct op *op = feedback_event_read(s, line), *again;
	struct buf once, twice;

	if (!op)
		return;
	buf_init(&once, OUT);
	buf_init(&twice, OUT);
	feedback_event_write(op, &once);
	again = feedback_event_read(s, buf_str(&once));
	ASSERT(again && again->kind == op->kind);
	feedback_event_write(again, &twice);
	ASSERT(once.n && str_eq(buf_str(&once), buf_str(&twice)));
	ASSERT(str_find_byte(buf_str(&once), '\n') == STR_NONE);
	mem_free(op);
	mem_free(again);
	buf_release(&once);
	buf_release(&twice);
}

static void read_answer(str value)
{
	struct response_cache_conf conf = RESPONSE_CACHE_DEFAULTS;
	struct response_cache *c = response_cache_new(&conf, NULL);
	struct response_cache_key key = {{0}};
	const struct cached_response *r;
	int64_t age_ms;

	ASSERT(c);
	shared_answer_keep(c, &key, value, NULL);
	r = response_cache_peek(c, &key, &age_ms);
	if (r) {
		ASSERT(r->status == 200 && age_ms >= 0);
		ASSERT(str_find_byte(r->content_type, '\n') == STR_NONE);
		ASSERT(str_find_byte(r->content_encoding, '\r') == STR_NONE);
		ASSERT(!r->ends_n || r->ends[r->ends_n - 1] <= r->body.n);
		cached_response_release(r);
	}
	response_cache_free(c);
}

static void read_url(str url)
{
	struct arena a = ARENA_INIT;
	struct share_target t;
	struct errctx cx = {0};

	if (share_target_read(&a, url, &t, &cx) == E_OK)
		ASSERT(t.host.n && t.port && str_starts(t.shown, STR("redis://")));
	arena_release(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static void (*const readers[])(str) = {
		read_decision, read_original, read_event, read_answer, read_url};

	if (n)
		readers[(data[0] - '0') % ARRAY_N(readers)]((str){(const char *)data + 1, n - 1});
	return 0;
}
