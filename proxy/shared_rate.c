#include "proxy/shared_rate.h"

#include <inttypes.h>
#include <stdio.h>

enum {
	KEYS_MAX = 16, /* credentials of one request; more than CREDENTIAL_N */
	PARTS_MAX = KEYS_MAX + 8,
	NUMBER_MAX = 24,
};

/* A bucket that nobody uses for two minutes is full, and a full one is as good as none (proxy/limit.c); a minute more for
 * clocks. The parts of a bucket: r and t, requests and tokens that are in it, at: when, in milliseconds. */
#define BUCKET_TTL_MS "180000"

#define READ_BUCKET                                                           \
	"local rpm, tpm, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), "       \
	"tonumber(ARGV[3])\n"                                                 \
	"local clock = redis.call('TIME')\n"                                  \
	"local now = clock[1] * 1000 + math.floor(clock[2] / 1000)\n"         \
	"local function level(v, per_minute, ms)\n"                           \
	"  local x = (tonumber(v) or per_minute) + ms * per_minute / 60000\n" \
	"  return math.max(-per_minute, math.min(per_minute, x))\n"           \
	"end\n"                                                               \
	"local function read(key)\n"                                          \
	"  local v = redis.call('HMGET', key, 'r', 't', 'at')\n"              \
	"  local ms = math.max(0, now - (tonumber(v[3]) or now))\n"           \
	"  return level(v[1], rpm, ms), level(v[2], tpm, ms)\n"               \
	"end\n"                                                               \
	"local function write(key, r, t)\n"                                   \
	"  t = math.max(-tpm, math.min(tpm, t))\n"                            \
	"  redis.call('HSET', key, 'r', string.format('%.6f', r), 't', "      \
	"string.format('%.6f', t), 'at', string.format('%.0f', now))\n"       \
	"  redis.call('PEXPIRE', key, " BUCKET_TTL_MS ")\n"                   \
	"end\n"

/* Nothing is taken out of any bucket unless out of all. {kind: 0 none, 1 requests, 2 tokens; milliseconds} */
static const char take_script[] =
	READ_BUCKET "local kind, wait = 0, 0\n"
		    "for _, key in ipairs(KEYS) do\n"
		    "  local r, t = read(key)\n"
		    "  local rw = rpm > 0 and r < 1 and (1 - r) * 60000 / rpm or 0\n"
		    "  local need = math.min(cost, tpm)\n"
		    "  local tw = tpm > 0 and t < need and (need - t) * 60000 / tpm or 0\n"
		    "  if math.max(rw, tw) > wait then\n"
		    "    wait = math.max(rw, tw)\n"
		    "    kind = rw >= tw and 1 or 2\n"
		    "  end\n"
		    "end\n"
		    "if kind == 0 then\n"
		    "  for _, key in ipairs(KEYS) do\n"
		    "    local r, t = read(key)\n"
		    "    write(key, r - (rpm > 0 and 1 or 0), t - cost)\n"
		    "  end\n"
		    "end\n"
		    "return {kind, math.ceil(wait)}\n";

static const char correct_script[] = READ_BUCKET "for _, key in ipairs(KEYS) do\n"
						 "  if redis.call('EXISTS', key) == 1 then\n"
						 "    local r, t = read(key)\n"
						 "    write(key, r, t - cost)\n"
						 "  end\n"
						 "end\n"
						 "return 0\n";

/* What a command is made of. */
struct call {
	const char *script;
	int64_t cost;
	str parts[PARTS_MAX];
	size_t n;
	char keys[KEYS_MAX][SHARE_KEY_MAX];
	char numbers[4][NUMBER_MAX];
};

static str number(char out[NUMBER_MAX], int64_t v)
{
	int n = snprintf(out, NUMBER_MAX, "%" PRId64, v);

	return (str){out, (size_t)n};
}

/* Of one with its script and cost. */
static void make_call(struct call *c, const struct share *l, str tenant,
	const struct limit_conf *conf, const struct hash128 *keys, size_t n)
{
	char rest[SHARE_KEY_MAX - SHARE_PREFIX_MAX - 8];

	c->n = 0;
	n = n < KEYS_MAX ? n : KEYS_MAX;
	c->parts[c->n++] = STR("EVAL");
	c->parts[c->n++] = str_from(c->script);
	c->parts[c->n++] = number(c->numbers[0], (int64_t)n);
	for (size_t i = 0; i < n; i++) {
		int len = snprintf(rest, sizeof rest, STR_FMT ":%016" PRIx64 "%016" PRIx64,
			STR_ARG(tenant), keys[i].hi, keys[i].lo);

		c->parts[c->n++] = share_key(l, "l", (str){rest, (size_t)len}, c->keys[i]);
	}
	c->parts[c->n++] = number(c->numbers[1], conf->rpm);
	c->parts[c->n++] = number(c->numbers[2], conf->tpm);
	c->parts[c->n++] = number(c->numbers[3], c->cost);
}

/* No request costs more than empties a full bucket down to the deepest debt. */
static int64_t cost_of(uint64_t tokens, uint32_t per_minute)
{
	uint64_t max = 2 * (uint64_t)per_minute;

	return (int64_t)(tokens < max ? tokens : max);
}

/* The longest wait that limit.h has. */
enum { WAIT_MAX_MS = 120000 };

static bool read_verdict(const struct share_reply *r, struct limit_verdict *out)
{
	int64_t kind, wait_ms;

	if (share_list_n(r) != 2)
		return false;
	kind = share_int(share_item(r, 0));
	wait_ms = share_int(share_item(r, 1));
	if (kind < LIMIT_NONE || kind > LIMIT_TPM || wait_ms < 0 || wait_ms > WAIT_MAX_MS)
		return false;
	*out = (struct limit_verdict){.kind = (enum limit_kind)kind, .retry_after_ms = wait_ms};
	return true;
}

bool shared_rate_take(struct share *l, str tenant, const struct limit_conf *conf,
	const struct hash128 *keys, size_t n, uint64_t tokens, struct limit_verdict *out)
{
	struct share_batch *b = share_is_quick(l) ? share_batch_new() : NULL;
	const struct share_reply *r;
	bool is_known = false;
	struct call c = {.script = take_script, .cost = cost_of(tokens, conf->tpm)};

	make_call(&c, l, tenant, conf, keys, n);
	share_add(b, c.parts, c.n);
	if (share_submit(l, b) == E_OK && share_await(l, b, share_wait_ms(l)) == E_OK) {
		r = share_reply_at(b, 0);
		is_known = read_verdict(r, out);
	}
	share_batch_free(l, b);
	return is_known;
}

void shared_rate_correct(struct share *l, str tenant, const struct limit_conf *conf,
	const struct hash128 *keys, size_t n, uint64_t estimated, uint64_t actual)
{
	int64_t more = cost_of(actual, conf->tpm) - cost_of(estimated, conf->tpm);
	struct share_batch *b = more && share_is_up(l) ? share_batch_new() : NULL;
	struct call c = {.script = correct_script, .cost = more};

	if (!b)
		return;
	make_call(&c, l, tenant, conf, keys, n);
	share_add(b, c.parts, c.n);
	share_post(l, b);
}
