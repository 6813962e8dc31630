#include "core/base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#if HR_X86
#include <emmintrin.h>
#endif

#include "core/base/mem.h"

void buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){.max = max};
}

void buf_init_arena(struct buf *b, struct arena *a, size_t max)
{
	*b = (struct buf){.max = max, .arena = a};
}

void buf_wipe(struct buf *b)
{
	if (b->p)
		explicit_bzero(b->p, b->cap);
	buf_release(b);
}

void buf_release(struct buf *b)
{
	if (!b->arena)
		mem_free(b->p);
	b->p = NULL;
	b->n = b->cap = 0;
	b->err = E_OK;
}

void buf_reset(struct buf *b)
{
	b->n = 0;
	b->err = E_OK;
}

static void grow(struct buf *b, size_t cap)
{
	char *p;

	if (b->arena) {
		p = arena_grow(b->arena, b->p, b->cap, cap, 1);
	} else {
		p = mem_realloc(b->p, cap);
		if (!p) {
			b->err = E_NOMEM;
			return;
		}
	}
	b->p = p;
	b->cap = cap;
}

bool buf_make_room(struct buf *b, size_t n)
{
	size_t cap;

	if (b->err)
		return false;
	if (n > b->max || b->n > b->max - n) {
		b->err = E_TOO_BIG;
		return false;
	}
	cap = b->cap + b->cap / 2 + 64;
	if (cap < b->n + n)
		cap = b->n + n;
	if (cap > b->max)
		cap = b->max;
	grow(b, cap);
	return !b->err;
}

void buf_add_c(struct buf *b, const char *s)
{
	buf_add(b, str_from(s));
}

void buf_add_u64(struct buf *b, uint64_t v)
{
	char digits[20];
	size_t i = sizeof digits;

	do {
		digits[--i] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	buf_add(b, (str){digits + i, sizeof digits - i});
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0 || !buf_reserve(b, (size_t)n + 1)) /* one more: vsnprintf writes a NUL */
		return;
	va_start(ap, fmt);
	(void)vsnprintf(b->p + b->n, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->n += (size_t)n;
}

enum { ESCAPE_MAX = 6 };

/* Writes the escape of a control character, '"' or '\' (ESCAPE_MAX bytes of room); returns its length. */
static size_t put_escape(char *out, unsigned char c)
{
	static const char short_form[128] = {['\b'] = 'b',
		['\t'] = 't',
		['\n'] = 'n',
		['\f'] = 'f',
		['\r'] = 'r',
		['"'] = '"',
		['\\'] = '\\'};
	static const char hex[] = "0123456789abcdef";

	out[0] = '\\';
	if (short_form[c]) {
		out[1] = short_form[c];
		return 2;
	}
	memcpy(out + 1, "u00", 3);
	out[4] = hex[c >> 4];
	out[5] = hex[c & 15];
	return ESCAPE_MAX;
}

static const bool has_escape[256] = {
	[0 ... 0x1f] = true,
	['"'] = true,
	['\\'] = true,
};

/* Adds what comes before the first byte that needs an escape, and that byte; returns how many of s it took. */
static size_t add_json_run(struct buf *b, str s)
{
	char escape[ESCAPE_MAX];
	size_t n = 0;

	while (n < s.n && !has_escape[(unsigned char)s.p[n]])
		n++;
	buf_add(b, str_sub(s, 0, n));
	if (n == s.n)
		return n;
	buf_add(b, (str){escape, put_escape(escape, (unsigned char)s.p[n])});
	return n + 1;
}

/* Copies, 16 bytes at once, as long as there is room for them and an escape; returns how many of s it took. */
static size_t add_json_blocks(struct buf *b, str s)
{
	size_t at = 0;

#if HR_X86
	while (s.n - at >= 16 && b->cap - b->n >= 16 + ESCAPE_MAX) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)(s.p + at));
		__m128i quote = _mm_cmpeq_epi8(v, _mm_set1_epi8('"'));
		__m128i backslash = _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'));
		__m128i control = _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1F)), v);
		int mask = _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quote, backslash), control));
		size_t plain = mask ? (size_t)__builtin_ctz((unsigned)mask) : 16;

		_mm_storeu_si128((__m128i *)(void *)(b->p + b->n), v);
		b->n += plain;
		at += plain;
		if (mask)
			b->n += put_escape(b->p + b->n, (unsigned char)s.p[at++]);
	}
#else
	(void)b;
	(void)s;
#endif
	return at;
}

void buf_add_json_string(struct buf *b, str s)
{
	if (!buf_reserve(b, s.n + 2)) /* so many at least */
		return;
	buf_add_byte(b, '"');
	for (size_t at = 0; at < s.n && !b->err;) {
		at += add_json_blocks(b, str_sub(s, at, s.n));
		at += add_json_run(b, str_sub(s, at, s.n));
	}
	buf_add_byte(b, '"');
}
