#include "core/json/redact.h"

#include "core/json/secret.h"

/* ---- the walk ---- */

static void add_hit(const struct secret_hit *h, struct buf *out)
{
	if (h->image_n)
		buf_printf(out, "<image:base64 bytes=%zu>", h->image_n);
	else
		buf_printf(out, "<redacted:%s>", h->type);
}

/* The text of x with its secrets replaced; returns how many. */
static size_t walk(struct secret_scan *x, struct buf *out)
{
	size_t start = 0, hits = 0;
	unsigned before = 0;

	for (size_t at = secret_skip(x->s, 0, &before); at < x->s.n;
		at = secret_skip(x->s, at, &before)) {
		struct secret_char u = secret_unit(x->s, at);
		struct secret_hit h = {0};

		if (u.c == '?' || u.c == '&')
			h = secret_parameter(x, at, u.n);
		else if (u.n == 1 ? u.c != '\\' : u.c == '/' && !(before & CLASS_ALNUM))
			h = secret_find(x, at, before);
		if (h.type) {
			buf_add(out, str_sub(x->s, start, at + h.keep));
			add_hit(&h, out);
			hits++;
			at = start = at + h.keep + h.n;
			before = 0;
		} else {
			at += u.n;
			before = secret_class_before(u.c);
		}
	}
	buf_add(out, str_sub(x->s, start, x->s.n));
	return hits;
}

static size_t redact(str s, bool is_aws_secret, struct buf *out)
{
	struct secret_scan x = {.s = s};
	struct secret_span r;

	if (is_aws_secret) {
		r = secret_run(s, 0, CLASS_BASE64, SIZE_MAX);
		if (r.bytes == s.n && r.chars == AWS_SECRET_CHARS) {
			add_hit(&(struct secret_hit){.type = "aws-secret"}, out);
			return 1;
		}
	}
	return walk(&x, out);
}

size_t redact_text(str text, struct buf *out)
{
	return redact(text, false, out);
}

size_t redact_query(str target, struct buf *out)
{
	struct secret_scan x = {.s = target, .is_target = true};

	return walk(&x, out);
}

/* The end of the string that begins behind a quote at from: its closing quote, or the end of the text. */
static size_t string_end(str s, size_t from)
{
	while (from < s.n && s.p[from] != '"')
		from += s.p[from] == '\\' && from + 1 < s.n ? 2 : 1;
	return from;
}

size_t redact_json(str json, struct buf *out)
{
	size_t at = 0, hits = 0;
	bool is_aws_secret = false;

	while (at < json.n) {
		size_t quote = str_find_byte(str_sub(json, at, json.n), '"'), end;
		str inside;

		if (quote == STR_NONE)
			break;
		quote += at;
		end = string_end(json, quote + 1);
		inside = str_sub(json, quote + 1, end);
		buf_add(out, str_sub(json, at, quote + 1));
		hits += redact(inside, is_aws_secret, out);
		is_aws_secret = secret_is_aws_name(inside);
		at = end;
		if (end < json.n) { /* the closing quote is none that opens */
			buf_add_byte(out, '"');
			at++;
		}
	}
	buf_add(out, str_sub(json, at, json.n));
	return hits;
}

/* ---- headers ---- */

static const char *const HEADERS[] = {
	"authorization", "chatgpt-account-id", "cookie", "proxy-authorization", "set-cookie"};

/* Names that end so: x-api-key, x-headroom-proxy-token, x-amz-security-token, ... */
static const char *const HEADER_ENDS[] = {
	"auth", "credential", "credentials", "key", "password", "secret", "signature", "token"};

static bool ends_nocase(str s, str end)
{
	return s.n >= end.n && str_eq_nocase(str_sub(s, s.n - end.n, s.n), end);
}

bool redact_header(str name)
{
	for (size_t i = 0; i < ARRAY_N(HEADERS); i++)
		if (str_eq_nocase(name, str_from(HEADERS[i])))
			return true;
	for (size_t i = 0; i < ARRAY_N(HEADER_ENDS); i++)
		if (ends_nocase(name, str_from(HEADER_ENDS[i])))
			return true;
	return false;
}
