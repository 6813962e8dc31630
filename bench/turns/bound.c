#include "bench/turns/bound.h"

#include "core/base/hash.h"
#include "core/base/limits.h"

enum {
	GRAM = 16, /* bytes that are looked up */
	STRIDE =
		9, /* every so many bytes one is known: pieces of GRAM + STRIDE - 1 bytes are always found */
	PIECE_MIN = GRAM + STRIDE - 1,
	SLOTS_FIRST = 1 << 16,
};

static uint32_t *slot_of(const struct bound *b, const char *p)
{
	return &b->slots[hash64((str){p, GRAM}) & (b->slots_n - 1)];
}

/* Makes the pieces known that end before that. */
static void index_until(struct bound *b, size_t end)
{
	if (b->text.n / STRIDE * 2 > b->slots_n) {
		b->slots_n = b->slots_n ? b->slots_n : SLOTS_FIRST;
		while (b->text.n / STRIDE * 2 > b->slots_n)
			b->slots_n *= 2;
		b->slots = arena_array(b->arena, uint32_t, b->slots_n);
		b->indexed = 0;
	}
	for (; b->indexed + GRAM <= end; b->indexed += STRIDE)
		*slot_of(b, b->text.p + b->indexed) = (uint32_t)b->indexed + 1;
}

void bound_add(struct bound *b, str text)
{
	if (!b->text.cap)
		buf_init_arena(&b->text, b->arena, LIMIT_INPUT);
	buf_add(&b->text, text);
	buf_add_byte(&b->text, '\0'); /* no piece goes on in the next text */
	index_until(b, b->text.n);
}

/* Bytes from at on, and *back before it but behind from, that stand further up. */
static size_t match(const struct bound *b, size_t from, size_t at, size_t *back)
{
	const char *p = b->text.p;
	uint32_t slot = *slot_of(b, p + at);
	size_t there = slot - 1, n = 0;

	*back = 0;
	if (!slot || memcmp(p + there, p + at, GRAM) != 0)
		return 0;
	while (p[at + n] && p[there + n] == p[at + n])
		n++;
	while (*back < at - from && *back < there && p[there - *back - 1] == p[at - *back - 1])
		++*back;
	return n;
}

str bound_unrepeated(struct bound *b, str text)
{
	size_t at, kept, end;
	struct buf out;

	bound_add(b, STR_NULL);
	buf_init_arena(&out, b->arena, LIMIT_INPUT);
	at = kept = b->text.n;
	end = at + text.n;
	buf_add(&b->text, text);
	buf_add_byte(&b->text, '\0');
	while (at + GRAM <= end) {
		size_t back, n;

		index_until(b, at);
		n = match(b, kept, at, &back);
		if (n + back < b->piece_min) {
			at++;
			continue;
		}
		buf_add(&out, str_sub(buf_str(&b->text), kept, at - back));
		buf_add(&out, b->instead);
		at += n;
		kept = at;
	}
	buf_add(&out, str_sub(buf_str(&b->text), kept, end));
	return buf_str(&out);
}
