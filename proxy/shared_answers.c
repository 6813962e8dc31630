#include "proxy/shared_answers.h"

#include <inttypes.h>
#include <stdio.h>

enum { HEX_N = 2 * SHA256_BYTES, END_BYTES = 4, FIELDS_N = 6, TTL_DIGITS = 24 };

static str key_of(
	const struct share *l, const struct response_cache_key *key, char out[SHARE_KEY_MAX])
{
	char hex[HEX_N + 1];

	for (size_t i = 0; i < SHA256_BYTES; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", key->b[i]);
	return share_key(l, "a", (str){hex, HEX_N}, out);
}

/* ---- values: a line of fields, the two headers, the ends of the pieces, the body ---- */

static void write_value(const struct cached_response *r, int64_t stored_ms, struct buf *out)
{
	buf_printf(out, "1\t%d\t%" PRId64 "\t%zu\t%zu\t%u\n", r->status, stored_ms,
		r->content_type.n, r->content_encoding.n, r->ends_n);
	buf_add(out, r->content_type);
	buf_add(out, r->content_encoding);
	for (uint32_t i = 0; i < r->ends_n; i++)
		for (int b = 0; b < END_BYTES; b++)
			buf_add_byte(out, (char)(r->ends[i] >> 8 * b));
	buf_add(out, r->body);
}

struct value {
	int status;
	int64_t stored_ms;
	str type, encoding, ends, body;
};

static bool take_bytes(str *rest, uint64_t n, str *out)
{
	if (n > rest->n)
		return false;
	*out = str_sub(*rest, 0, (size_t)n);
	*rest = str_sub(*rest, (size_t)n, rest->n);
	return true;
}

/* It becomes a header. */
static bool is_header_value(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return false;
	return true;
}

static bool read_value(str text, struct value *v)
{
	uint64_t number[FIELDS_N] = {0};
	str line, field;
	size_t end = str_find_byte(text, '\n');

	if (end == STR_NONE)
		return false;
	line = str_sub(text, 0, end);
	text = str_sub(text, end + 1, text.n);
	for (size_t i = 0; i < FIELDS_N; i++)
		if (!str_split(&line, '\t', &field) || !str_u64(field, &number[i]))
			return false;
	if (line.p || number[0] != 1 || number[1] != 200 || number[2] > INT64_MAX ||
		number[5] > SHARED_ANSWER_MAX)
		return false;
	v->status = (int)number[1];
	v->stored_ms = (int64_t)number[2];
	if (!take_bytes(&text, number[3], &v->type) ||
		!take_bytes(&text, number[4], &v->encoding) ||
		!take_bytes(&text, number[5] * END_BYTES, &v->ends) || !is_header_value(v->type) ||
		!is_header_value(v->encoding))
		return false;
	v->body = text;
	return true;
}

static uint32_t end_at(str ends, size_t i)
{
	uint32_t v = 0;

	for (int b = END_BYTES - 1; b >= 0; b--)
		v = v << 8 | (unsigned char)ends.p[i * END_BYTES + (size_t)b];
	return v;
}

/* Into the local cache, in the pieces that it came in. */
static void keep(struct response_cache *c, const struct response_cache_key *key,
	const struct value *v, int64_t age_ms)
{
	struct cached_builder *b = response_cache_begin(c, key, v->status, v->type, v->encoding);
	size_t at = 0;

	for (size_t i = 0; i < v->ends.n / END_BYTES; i++) {
		uint32_t end = end_at(v->ends, i);

		if (end < at || end > v->body.n) {
			cached_builder_abort(b);
			return;
		}
		cached_builder_add(b, str_sub(v->body, at, end));
		at = end;
	}
	if (at == v->body.n)
		cached_builder_commit_aged(b, age_ms);
	else
		cached_builder_abort(b);
}

void shared_answer_keep(struct response_cache *c, const struct response_cache_key *key, str value,
	const struct clock *clock)
{
	struct value v;
	int64_t age;

	if (!read_value(value, &v))
		return;
	age = clock_wall_ms(clock) - v.stored_ms;
	keep(c, key, &v, age > 0 ? age : 0); /* clocks of machines differ */
}

const struct cached_response *shared_answer_get(struct share *l, struct response_cache *c,
	const struct response_cache_key *key, const struct clock *clock, int64_t *age_ms)
{
	struct share_batch *b = c && share_is_quick(l) ? share_batch_new() : NULL;
	char name[SHARE_KEY_MAX];

	if (!b)
		return NULL;
	share_add(b, (str[]){STR("GET"), key_of(l, key, name)}, 2);
	if (share_submit(l, b) == E_OK && share_await(l, b, share_wait_ms(l)) == E_OK &&
		!share_is_error(share_reply_at(b, 0)))
		shared_answer_keep(c, key, share_text(share_reply_at(b, 0)), clock);
	share_batch_free(l, b);
	return response_cache_peek(c, key, age_ms);
}

void shared_answer_put(struct share *l, struct response_cache *c,
	const struct response_cache_key *key, const struct clock *clock)
{
	struct response_cache_stats st;
	const struct cached_response *r;
	char name[SHARE_KEY_MAX], ttl[TTL_DIGITS];
	struct share_batch *b;
	struct buf value;
	int64_t age_ms;

	if (!c || !share_is_up(l) || !(r = response_cache_peek(c, key, &age_ms)))
		return;
	response_cache_get_stats(c, &st);
	buf_init(&value, SHARED_ANSWER_MAX);
	write_value(r, clock_wall_ms(clock) - age_ms, &value);
	cached_response_release(r);
	b = value.err || st.conf.ttl_ms <= age_ms ? NULL : share_batch_new();
	if (b) {
		int n = snprintf(ttl, sizeof ttl, "%" PRId64, st.conf.ttl_ms - age_ms);

		share_add(b,
			(str[]){STR("SET"), key_of(l, key, name), buf_str(&value), STR("PX"),
				(str){ttl, (size_t)n}},
			5);
		share_post(l, b);
	}
	buf_release(&value);
}
