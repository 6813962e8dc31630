/* random_opaque: data as programs print it (base64, digits, minified code, bytes that are no text), made of a seed and
 * nothing else. For property tests and benchmarks. */
#ifndef TESTS_UNIT_RANDOM_OPAQUE_H
#define TESTS_UNIT_RANDOM_OPAQUE_H

#include "tests/unit/random_text.h"

static const char base64_digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* n characters; width: of a line, 0 for one. */
static inline void add_base64(struct rng *r, struct buf *b, size_t n, size_t width, const char *eol)
{
	for (size_t i = 0; i < n; i++) {
		if (width && i && i % width == 0)
			buf_add_c(b, eol);
		buf_add_byte(b, base64_digits[rng_below(r, 64)]);
	}
}

static inline void add_hex(struct rng *r, struct buf *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_add_byte(b, "0123456789abcdef"[rng_below(r, 16)]);
}

/* A line of at least n bytes. */
static inline void add_minified(struct rng *r, struct buf *b, size_t n)
{
	static const char *const shapes[] = {"function %s(e,t){return e&&e.%s>%u?t:void 0}",
		"var %s=t[%u].%s;", "if(!e.%s)for(var n=0;n<%u;n++)t.push(n);",
		"a.%s=function(e){e.x(%u)};"};

	for (size_t end = b->n + n; b->n < end;)
		for (const char *s = RNG_PICK(r, shapes); *s; s++) {
			if (*s != '%') {
				buf_add_byte(b, *s);
				continue;
			}
			s++;
			if (*s == 'u')
				buf_add_u64(b, rng_below(r, 1000));
			else
				buf_add_byte(b, (char)('a' + (char)rng_below(r, 26)));
		}
}

static inline void add_binary(struct rng *r, struct buf *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		switch (rng_below(r, 4)) {
		case 0:
		case 1:
			buf_add_c(b, "\xef\xbf\xbd");
			break;
		case 2:
			buf_add_byte(b, (char)(1 + rng_below(r, 31)));
			break;
		default:
			buf_add_byte(b, (char)(' ' + (char)rng_below(r, 90)));
		}
}

static inline void add_escaped(struct rng *r, struct buf *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (rng_once_in(r, 3))
			buf_add_byte(b, (char)('a' + (char)rng_below(r, 26)));
		else
			buf_printf(b, "\\x%02x", rng_below(r, 256));
}

/* One of all kinds, as it stands in a text. */
static inline void add_opaque(struct rng *r, struct buf *b)
{
	size_t n = 330 + rng_below(r, 3000);

	switch (rng_below(r, 9)) {
	case 0:
		buf_add_c(b, "data:image/png;base64,");
		add_base64(r, b, n, 0, "");
		buf_add_c(b, "==");
		break;
	case 1:
		buf_add_c(b, "-----BEGIN CERTIFICATE-----\n");
		add_base64(r, b, n + 200, 64, "\n");
		buf_add_c(b, "\n-----END CERTIFICATE-----");
		break;
	case 2:
		buf_add_c(b, "\"content\": \"");
		add_base64(r, b, n + 200, 60, "\\n");
		buf_add_c(b, "\\n\",");
		break;
	case 3:
		buf_add_c(b, "digits: ");
		add_hex(r, b, n);
		break;
	case 4:
		buf_add_byte(b, '\n');
		add_minified(r, b, n + 1500);
		buf_add_byte(b, '\n');
		break;
	case 5:
		add_binary(r, b, n);
		break;
	case 6:
		add_escaped(r, b, n);
		break;
	case 7:
		buf_add_c(b, "{\"version\":3,\"mappings\":\"");
		for (size_t i = 0; i < n; i++)
			buf_add_byte(b, i % 6 == 5 ? ",;"[rng_below(r, 2)]
						   : base64_digits[rng_below(r, 32)]);
		buf_add_c(b, "\"}");
		break;
	default:
		add_base64(r, b, n, 76, "\r\n");
	}
}

#endif
