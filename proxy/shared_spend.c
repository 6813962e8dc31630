#include "proxy/shared_spend.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>

#include "core/base/mem.h"

enum {
	NUMBER_MAX = 24,
	REST_MAX = SPEND_TENANT_MAX + 32,
	ID_MAX = 64,
	MINUTES_N = 60,
	DAYS_N = 31,
	NUMBERS_MAX = 3 * (MINUTES_N + DAYS_N) + 3, /* of spend_tell_all; all others have fewer */
	PARTS_MAX = NUMBERS_MAX + 8,
};

/* Both in seconds: the rolling hour looks back over two hashes, the month over one; and some for clocks. */
#define HOUR_TTL  "10800"
#define MONTH_TTL "3456000"

struct spend {
	struct share *link;
	const struct clock *clock;
	char tenant[SPEND_TENANT_MAX + 1], id[ID_MAX + 1];
	struct budget *own; /* what this process has spent */
	pthread_mutex_t lock;
	int64_t reserved_nano; /* commands go out under the lock, so that the newest amount is the last */
	bool is_held;          /* something stands there as reserved */
};

/* The parts of a reservation: "NANO:UNTIL", by the clock of the Redis. */
#define HOLD_SCRIPT                                                                           \
	"local clock = redis.call('TIME')\n"                                                  \
	"local now = clock[1] * 1000 + math.floor(clock[2] / 1000)\n"                         \
	"local function num(x) return string.format('%.0f', x) end\n"                         \
	"local function hold(key, id, nano, ms)\n"                                            \
	"  if nano > 0 then redis.call('HSET', key, id, num(nano) .. ':' .. num(now + ms))\n" \
	"  else redis.call('HDEL', key, id) end\n"                                            \
	"  redis.call('PEXPIRE', key, ms * 2)\n"                                              \
	"end\n"

/* KEYS: month, this hour, the hour before, reservations. ARGV: period, day, minute, limit, id, reserved here, more, ms. */
static const char take_script[] = HOLD_SCRIPT
	"local minute, limit = tonumber(ARGV[3]), tonumber(ARGV[4])\n"
	"local mine, more, ms = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])\n"
	"local function sum(key, first, last)\n"
	"  local names, n = {}, 0\n"
	"  for i = first, last do names[#names + 1] = 't' .. num(i) end\n"
	"  if #names == 0 then return 0 end\n"
	"  for _, v in ipairs(redis.call('HMGET', key, unpack(names))) do n = n + (tonumber(v) or "
	"0) end\n"
	"  return n\n"
	"end\n"
	"local spent\n"
	"if ARGV[1] == '0' then\n"
	"  local hour = math.floor(minute / 60) * 60\n"
	"  spent = sum(KEYS[2], hour, minute) + sum(KEYS[3], minute - 59, hour - 1)\n"
	"elseif ARGV[1] == '1' then spent = sum(KEYS[1], ARGV[2], ARGV[2])\n"
	"else spent = sum(KEYS[1], 1, 31) end\n"
	"local held = mine\n"
	"local all = redis.call('HGETALL', KEYS[4])\n"
	"for i = 1, #all, 2 do\n"
	"  local nano, till = string.match(all[i + 1], '^(%d+):(%d+)$')\n"
	"  if not till or tonumber(till) < now then redis.call('HDEL', KEYS[4], all[i])\n"
	"  elseif all[i] ~= ARGV[5] then held = held + tonumber(nano) end\n"
	"end\n"
	"local over = spent + held >= limit\n"
	"hold(KEYS[4], ARGV[5], over and mine or mine + more, ms)\n"
	"return {over and 1 or 0, num(spent), num(held)}\n";

/* KEYS: reservations, month, hour, the hour before. ARGV: id, reserved here, ms; and for each amount: of which key, day or minute,
 * nano. Amounts only grow. */
static const char tell_script[] = HOLD_SCRIPT
	"local ttl = {0, " MONTH_TTL ", " HOUR_TTL ", " HOUR_TTL "}\n"
	"for i = 4, #ARGV, 3 do\n"
	"  local at, slot, nano = tonumber(ARGV[i]), ARGV[i + 1], ARGV[i + 2]\n"
	"  local key, name = KEYS[at], 'c' .. ARGV[1] .. ':' .. slot\n"
	"  local more = tonumber(nano) - (tonumber(redis.call('HGET', key, name) or 0))\n"
	"  if more > 0 then\n"
	"    redis.call('HSET', key, name, nano)\n"
	"    redis.call('HINCRBY', key, 't' .. slot, num(more))\n"
	"    redis.call('EXPIRE', key, ttl[at])\n"
	"  end\n"
	"end\n"
	"hold(KEYS[1], ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]))\n"
	"return 0\n";

enum { KEY_MONTH = 2, KEY_HOUR, KEY_HOUR_BEFORE }; /* there */

static const char hold_script[] =
	HOLD_SCRIPT "hold(KEYS[1], ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]))\n"
		    "return 0\n";

struct spend *spend_new(struct share *link, str tenant, str id, const struct clock *clock)
{
	struct budget_conf conf = {.period = BUDGET_MONTHLY};
	struct spend *s = mem_zalloc(sizeof *s);

	if (!s)
		return NULL;
	s->own = budget_new(&conf, clock);
	if (!s->own || tenant.n > SPEND_TENANT_MAX || id.n > ID_MAX) {
		budget_free(s->own);
		mem_free(s);
		return NULL;
	}
	s->link = link;
	s->clock = clock;
	memcpy(s->tenant, tenant.n ? tenant.p : "", tenant.n);
	memcpy(s->id, id.p, id.n);
	(void)pthread_mutex_init(&s->lock, NULL);
	return s;
}

void spend_free(struct spend *s)
{
	if (!s)
		return;
	budget_free(s->own);
	(void)pthread_mutex_destroy(&s->lock);
	mem_free(s);
}

/* ---- commands ---- */

struct call {
	str parts[PARTS_MAX];
	size_t n;
	char keys[4][SHARE_KEY_MAX];
	size_t keys_n;
	char numbers[NUMBERS_MAX][NUMBER_MAX];
	size_t numbers_n;
};

static void begin(struct call *c, const char *script)
{
	c->n = c->keys_n = c->numbers_n = 0;
	c->parts[c->n++] = STR("EVAL");
	c->parts[c->n++] = str_from(script);
	c->parts[c->n++] = STR_NULL; /* how many keys: put_keys_n */
}

static void put_number(struct call *c, int64_t v)
{
	char *out = c->numbers[c->numbers_n++];
	int n = snprintf(out, NUMBER_MAX, "%" PRId64, v);

	c->parts[c->n++] = (str){out, (size_t)n};
}

static void put_key(struct call *c, const struct spend *s, const char *kind, int64_t number)
{
	char rest[REST_MAX];
	int n = snprintf(rest, sizeof rest, "%s:%" PRId64, s->tenant, number);

	c->parts[c->n++] = share_key(s->link, kind, (str){rest, (size_t)n}, c->keys[c->keys_n++]);
}

static void put_hold_key(struct call *c, const struct spend *s)
{
	c->parts[c->n++] = share_key(s->link, "bv", str_from(s->tenant), c->keys[c->keys_n++]);
}

static void put_keys_n(struct call *c)
{
	put_number(c, (int64_t)c->keys_n);
	c->parts[2] = c->parts[--c->n];
}

/* Under the lock. */
static void post(struct spend *s, const struct call *c)
{
	struct share_batch *b = share_is_up(s->link) ? share_batch_new() : NULL;

	if (!b)
		return; /* spend_tell_all, when it is back */
	share_add(b, c->parts, c->n);
	share_post(s->link, b);
}

static void make_take(struct call *c, const struct spend *s, const struct budget_conf *conf,
	int64_t estimate_nano)
{
	struct budget_slot now = budget_slot_of(clock_wall_ms(s->clock));

	begin(c, take_script);
	put_key(c, s, "bd", now.month);
	put_key(c, s, "bm", now.minute / 60);
	put_key(c, s, "bm", now.minute / 60 - 1);
	put_hold_key(c, s);
	put_keys_n(c);
	put_number(c, conf->period);
	put_number(c, now.day);
	put_number(c, now.minute);
	put_number(c, conf->limit_nano);
	c->parts[c->n++] = str_from(s->id);
	put_number(c, s->reserved_nano);
	put_number(c, estimate_nano);
	put_number(c, SPEND_HOLD_MS);
}

/* Under the lock, as all up to post_amounts: what is told of amounts whose newest is of then. */
static void begin_amounts(struct call *c, struct spend *s, const struct budget_slot *then)
{
	begin(c, tell_script);
	put_hold_key(c, s);
	put_key(c, s, "bd", then->month);
	put_key(c, s, "bm", then->minute / 60);
	put_key(c, s, "bm", then->minute / 60 - 1);
	put_keys_n(c);
	c->parts[c->n++] = str_from(s->id);
	put_number(c, s->reserved_nano);
	put_number(c, SPEND_HOLD_MS);
}

static void put_amount(struct call *c, int key, int64_t slot, int64_t nano)
{
	if (!nano)
		return;
	put_number(c, key);
	put_number(c, slot);
	put_number(c, nano);
}

static void put_minute(
	struct call *c, struct spend *s, const struct budget_slot *then, int64_t minute)
{
	struct budget_slot slot = {.minute = minute};

	put_amount(c, minute / 60 == then->minute / 60 ? KEY_HOUR : KEY_HOUR_BEFORE, minute,
		budget_of_minute(s->own, &slot));
}

static void put_day(struct call *c, struct spend *s, const struct budget_slot *then, int day)
{
	struct budget_slot slot = {.month = then->month, .day = day};

	put_amount(c, KEY_MONTH, day, budget_of_day(s->own, &slot));
}

/* ---- what is asked ---- */

static bool read_verdict(const struct share_reply *r, struct spend_verdict *out)
{
	if (share_list_n(r) != 3 || !str_i64(share_text(share_item(r, 1)), &out->spent_nano) ||
		!str_i64(share_text(share_item(r, 2)), &out->reserved_nano) ||
		out->spent_nano < 0 || out->reserved_nano < 0) {
		*out = (struct spend_verdict){0};
		return false;
	}
	out->is_over = share_int(share_item(r, 0)) != 0;
	return true;
}

bool spend_take(struct spend *s, const struct budget_conf *conf, int64_t estimate_nano,
	struct spend_verdict *out)
{
	struct share_batch *b = share_is_quick(s->link) ? share_batch_new() : NULL;
	bool is_sent, is_known;
	struct call c;

	*out = (struct spend_verdict){0};
	pthread_mutex_lock(&s->lock);
	make_take(&c, s, conf, estimate_nano);
	s->reserved_nano += estimate_nano;
	s->is_held |= s->reserved_nano > 0;
	share_add(b, c.parts, c.n);
	is_sent = share_submit(s->link, b) == E_OK;
	pthread_mutex_unlock(&s->lock);
	is_known = is_sent && share_await(s->link, b, share_wait_ms(s->link)) == E_OK &&
		   read_verdict(share_reply_at(b, 0), out);
	share_batch_free(s->link, b);
	if (out->is_over)
		spend_adjust(s, -estimate_nano);
	return is_known;
}

void spend_adjust(struct spend *s, int64_t more_nano)
{
	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	s->reserved_nano += more_nano;
	pthread_mutex_unlock(&s->lock);
}

void spend_settle(struct spend *s, int64_t reserved_nano, int64_t actual_nano, int64_t at_ms)
{
	struct budget_slot slot = budget_slot_of(at_ms);
	struct call c;

	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	s->reserved_nano -= reserved_nano;
	budget_load(s->own, at_ms, actual_nano);
	begin_amounts(&c, s, &slot);
	put_day(&c, s, &slot, slot.day);
	put_minute(&c, s, &slot, slot.minute);
	post(s, &c);
	pthread_mutex_unlock(&s->lock);
}

void spend_tell_all(struct spend *s)
{
	struct budget_slot now = budget_slot_of(clock_wall_ms(s->clock));
	struct call c;
	size_t head_n;

	pthread_mutex_lock(&s->lock);
	begin_amounts(&c, s, &now);
	head_n = c.n;
	for (int i = 0; i < MINUTES_N; i++)
		put_minute(&c, s, &now, now.minute - i);
	for (int day = 1; day <= DAYS_N; day++)
		put_day(&c, s, &now, day);
	if (c.n > head_n || s->reserved_nano)
		post(s, &c);
	pthread_mutex_unlock(&s->lock);
}

void spend_hold(struct spend *s)
{
	struct call c;

	pthread_mutex_lock(&s->lock);
	if (s->is_held) {
		begin(&c, hold_script);
		put_hold_key(&c, s);
		put_keys_n(&c);
		c.parts[c.n++] = str_from(s->id);
		put_number(&c, s->reserved_nano);
		put_number(&c, SPEND_HOLD_MS);
		post(s, &c);
		s->is_held = s->reserved_nano > 0;
	}
	pthread_mutex_unlock(&s->lock);
}
