#include "core/base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/base/mem.h"

void buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){.max = max};
}

void buf_init_arena(struct buf *b, struct arena *a, size_t max)
{
	*b = (struct buf){.max = max, .arena = a};
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

bool buf_reserve(struct buf *b, size_t n)
{
	size_t cap;

	if (b->err)
		return false;
	if (LIKELY(n <= b->cap - b->n))
		return true;
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

void buf_add(struct buf *b, str s)
{
	if (!s.n || !buf_reserve(b, s.n))
		return;
	memcpy(b->p + b->n, s.p, s.n);
	b->n += s.n;
}

void buf_add_byte(struct buf *b, char c)
{
	if (buf_reserve(b, 1))
		b->p[b->n++] = c;
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

/* The escape of one control character, '"' or '\'. */
static void add_escape(struct buf *b, unsigned char c)
{
	static const char short_form[32] = {
		['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
	static const char hex[] = "0123456789abcdef";

	if (c == '"' || c == '\\') {
		buf_add(b, (str){(char[]){'\\', (char)c}, 2});
	} else if (short_form[c]) {
		buf_add(b, (str){(char[]){'\\', short_form[c]}, 2});
	} else {
		buf_add(b, (str){(char[]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6});
	}
}

void buf_add_json_string(struct buf *b, str s)
{
	size_t from = 0;

	buf_add_byte(b, '"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (LIKELY(c >= 0x20 && c != '"' && c != '\\'))
			continue;
		buf_add(b, str_sub(s, from, i));
		add_escape(b, c);
		from = i + 1;
	}
	buf_add(b, str_sub(s, from, s.n));
	buf_add_byte(b, '"');
}
