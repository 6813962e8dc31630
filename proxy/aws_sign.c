#include "proxy/aws_sign.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

#include "core/base/buf.h"
#include "core/base/check.h"
#include "core/base/clock.h"
#include "core/base/hash.h"
#include "core/base/vec.h"

enum { CANONICAL_MAX = 1 << 20, STAMP_LEN = 16, DAY_LEN = 8 };

#define ALGORITHM "AWS4-HMAC-SHA256"

/* ---- parts of a URL ------------------------------------------------------------------------------------ */

str aws_url_host(str url)
{
	bool is_tls = str_take(&url, STR("https://"));
	str port = is_tls ? STR(":443") : STR(":80");
	size_t end;

	if (!is_tls)
		(void)str_take(&url, STR("http://"));
	end = str_find_byte(url, '/');
	if (end != STR_NONE)
		url = str_sub(url, 0, end);
	end = str_find_byte(url, '?');
	if (end != STR_NONE)
		url = str_sub(url, 0, end);
	return str_ends(url, port) ? str_sub(url, 0, url.n - port.n) : url;
}

static void split_url(str url, str *path, str *query)
{
	size_t at = str_find(url, STR("://")), q;

	url = str_sub(url, at == STR_NONE ? 0 : at + 3, url.n);
	q = str_find_byte(url, '?');
	*query = q == STR_NONE ? STR("") : str_sub(url, q + 1, url.n);
	url = str_sub(url, 0, q == STR_NONE ? url.n : q);
	at = str_find_byte(url, '/');
	*path = at == STR_NONE ? STR("/") : str_sub(url, at, url.n);
}

/* A path that is encoded as it is sent is encoded once more (for all services but S3). */
static void add_path(struct buf *b, str path)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < path.n; i++) {
		unsigned char c = (unsigned char)path.p[i];

		if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
			strchr("-._~/", c)) {
			buf_add_byte(b, (char)c);
		} else {
			buf_add_byte(b, '%');
			buf_add_byte(b, hex[c >> 4]);
			buf_add_byte(b, hex[c & 15]);
		}
	}
}

/* ---- sorted lists -------------------------------------------------------------------------------------- */

typedef VEC(struct http_header) pair_vec;

static int pair_cmp(const void *pa, const void *pb)
{
	const struct http_header *a = pa, *b = pb;
	int by_name = str_cmp(a->name, b->name);

	return by_name ? by_name : str_cmp(a->value, b->value);
}

static void sort(pair_vec *v)
{
	if (v->n)
		qsort(v->v, v->n, sizeof v->v[0], pair_cmp);
}

static void add_query(struct buf *b, str query, struct arena *a)
{
	pair_vec v = {0};
	str one;

	while (str_split(&query, '&', &one)) {
		size_t eq = str_find_byte(one, '=');

		if (one.n)
			*vec_push(&v, a) =
				(struct http_header){str_sub(one, 0, eq == STR_NONE ? one.n : eq),
					eq == STR_NONE ? STR("") : str_sub(one, eq + 1, one.n)};
	}
	sort(&v);
	for (size_t i = 0; i < v.n; i++) {
		if (i)
			buf_add_byte(b, '&');
		buf_add(b, v.v[i].name);
		buf_add_byte(b, '=');
		buf_add(b, v.v[i].value);
	}
}

static str lower(str s, struct arena *a)
{
	char *p = arena_cstr(a, s);

	for (char *c = p; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c |= 0x20;
	return (str){p, s.n};
}

/* Runs of blanks count as one. */
static void add_value(struct buf *b, str value)
{
	value = str_trim(value);
	for (size_t i = 0; i < value.n; i++) {
		bool is_blank = value.p[i] == ' ' || value.p[i] == '\t';

		if (!is_blank || (value.p[i - 1] != ' ' && value.p[i - 1] != '\t'))
			buf_add_byte(b, is_blank ? ' ' : value.p[i]);
	}
}

static void collect(const struct aws_sign *s, str stamp, pair_vec *v, struct arena *a)
{
	*vec_push(v, a) =
		(struct http_header){STR("host"), aws_url_host((str){s->url, strlen(s->url)})};
	*vec_push(v, a) = (struct http_header){STR("x-amz-date"), stamp};
	if (s->keys->session.n)
		*vec_push(v, a) =
			(struct http_header){STR("x-amz-security-token"), s->keys->session};
	for (uint32_t i = 0; i < s->headers_n; i++) {
		str name = lower(s->headers[i].name, a);

		if (str_eq(name, STR("content-type")) || str_starts(name, STR("x-amz")))
			*vec_push(v, a) = (struct http_header){name, s->headers[i].value};
	}
	sort(v);
}

/* ---- the signature ------------------------------------------------------------------------------------- */

static void hmac(str key, str text, unsigned char out[SHA256_BYTES])
{
	unsigned n = 0;

	ASSERT(HMAC(EVP_sha256(), key.p, (int)key.n, (const unsigned char *)text.p, text.n, out,
		       &n) &&
		n == SHA256_BYTES);
}

static void signature(const struct aws_sign *s, str day, str text, struct arena *a,
	char hex[2 * SHA256_BYTES + 1])
{
	const str steps[] = {day, s->region, s->service, STR("aws4_request"), text};
	str key = arena_printf(a, "AWS4" STR_FMT, STR_ARG(s->keys->secret));
	unsigned char out[SHA256_BYTES];

	for (size_t i = 0; i < ARRAY_N(steps); i++) {
		hmac(key, steps[i], out);
		key = arena_str(a, (str){(const char *)out, sizeof out});
	}
	for (size_t i = 0; i < sizeof out; i++) {
		hex[2 * i] = "0123456789abcdef"[out[i] >> 4];
		hex[2 * i + 1] = "0123456789abcdef"[out[i] & 15];
	}
	hex[2 * sizeof out] = '\0';
}

/* 2026-01-02T03:04:05.678Z as 20260102T030405Z. */
static void write_stamp(int64_t at_ms, char out[STAMP_LEN + 1])
{
	char text[CLOCK_TIME_LEN + 1];
	size_t n = 0;

	clock_format(at_ms, text);
	for (size_t i = 0; text[i] && text[i] != '.'; i++)
		if (text[i] != '-' && text[i] != ':')
			out[n++] = text[i];
	out[n++] = 'Z';
	out[n] = '\0';
}

/* Names of the signed headers into *names. */
static str canonical(const struct aws_sign *s, const pair_vec *v, str *names, struct arena *a)
{
	char digest[SHA256_HEX + 1];
	str path, query;
	struct buf b, list;

	buf_init_arena(&b, a, CANONICAL_MAX);
	buf_init_arena(&list, a, CANONICAL_MAX);
	split_url((str){s->url, strlen(s->url)}, &path, &query);
	buf_add(&b, s->method);
	buf_add_byte(&b, '\n');
	add_path(&b, path);
	buf_add_byte(&b, '\n');
	add_query(&b, query, a);
	buf_add_byte(&b, '\n');
	for (size_t i = 0; i < v->n; i++) {
		buf_add(&b, v->v[i].name);
		buf_add_byte(&b, ':');
		add_value(&b, v->v[i].value);
		buf_add_byte(&b, '\n');
		if (i)
			buf_add_byte(&list, ';');
		buf_add(&list, v->v[i].name);
	}
	*names = buf_str(&list);
	sha256_hex(s->body, digest);
	buf_printf(&b, "\n" STR_FMT "\n%s", STR_ARG(*names), digest);
	return buf_str(&b);
}

void aws_sign(const struct aws_sign *s, struct arena *a, struct http_header out[AWS_SIGN_HEADERS],
	uint32_t *n)
{
	char stamp[STAMP_LEN + 1], digest[SHA256_HEX + 1], hex[2 * SHA256_BYTES + 1];
	pair_vec v = {0};
	str names, scope, text, day;

	ASSERT(s->url);
	write_stamp(s->at_ms, stamp);
	day = (str){stamp, DAY_LEN};
	collect(s, str_from(stamp), &v, a);
	sha256_hex(canonical(s, &v, &names, a), digest);
	scope = arena_printf(a, STR_FMT "/" STR_FMT "/" STR_FMT "/aws4_request", STR_ARG(day),
		STR_ARG(s->region), STR_ARG(s->service));
	text = arena_printf(a, ALGORITHM "\n%s\n" STR_FMT "\n%s", stamp, STR_ARG(scope), digest);
	signature(s, day, text, a, hex);
	*n = 0;
	out[(*n)++] = (struct http_header){STR("x-amz-date"), arena_printf(a, "%s", stamp)};
	if (s->keys->session.n)
		out[(*n)++] = (struct http_header){STR("x-amz-security-token"), s->keys->session};
	out[(*n)++] = (struct http_header){STR("authorization"),
		arena_printf(a,
			ALGORITHM " Credential=" STR_FMT "/" STR_FMT ", SignedHeaders=" STR_FMT
				  ", Signature=%s",
			STR_ARG(s->keys->access), STR_ARG(scope), STR_ARG(names), hex)};
}
