/* index_block: from the bit masks of 64 bytes to entries of the index. Included by the files of index that
 * make the masks, each with other instructions, so that all of it is compiled for these.
 * Thread: any. */
#ifndef CORE_JSON_INDEX_BLOCK_H
#define CORE_JSON_INDEX_BLOCK_H

#include "core/json/index.h"

#define JSON_INLINE static inline __attribute__((always_inline))
/* Before a short loop over a block: gcc would not unroll it at -O2, clang does. */
#ifdef __clang__
#define JSON_UNROLL
#else
#define JSON_UNROLL _Pragma("GCC unroll 8")
#endif

/* What differs between instruction sets. */
struct json_kit {
	void (*classify)(const char *p, struct json_masks *m);
	/* Which escaped bytes are none of the letters that may stand behind a '\', and which are a 'u'. */
	void (*check_escapes)(const char *p, uint64_t escaped, uint64_t *bad, uint64_t *unicode);
	/* Bit i of the result: the parity of bits 0 to i. */
	uint64_t (*prefix_xor)(uint64_t bits);
	unsigned (*count)(uint64_t bits);
};

/* The last two without special instructions. */
JSON_INLINE uint64_t json_prefix_xor_plain(uint64_t bits)
{
	for (unsigned i = 1; i < 64; i *= 2)
		bits ^= bits << i;
	return bits;
}

/* Adds up pairs of bits, then of pairs, of fours, and all eight bytes by a product. */
JSON_INLINE unsigned json_count_plain(uint64_t bits)
{
	bits -= bits >> 1 & UINT64_C(0x5555555555555555);
	bits = (bits & UINT64_C(0x3333333333333333)) + (bits >> 2 & UINT64_C(0x3333333333333333));
	bits = (bits + (bits >> 4)) & UINT64_C(0x0F0F0F0F0F0F0F0F);
	return (unsigned)(bits * UINT64_C(0x0101010101010101) >> 56);
}

/* Cold: finds the first thing wrong in a block (or none: \u escapes are looked at here) and says which
 * entries remain. at: offset of the block. */
uint64_t json_index_check(
	struct json_index *x, uint32_t at, uint64_t control, uint64_t bad_escape, uint64_t unicode);

/* Which bytes stand behind a '\' that is not itself escaped. In a run of backslashes every second one
 * escapes, the first included; so in runs that begin at an even place the even ones do. */
JSON_INLINE uint64_t json_find_escaped(struct json_carry *c, uint64_t backslash)
{
	static const uint64_t even = UINT64_C(0x5555555555555555);
	uint64_t run = backslash & ~c->is_escaped; /* an escaped one does not begin a run */
	uint64_t even_start = run & ~(run << 1) & even;
	uint64_t in_even_run, escaping, escaped;

	/* Adding its first bit to a run carries through it and clears it. */
	in_even_run = run & ~(run + even_start);
	escaping = (in_even_run & even) | (run & ~in_even_run & ~even);
	escaped = escaping << 1 | c->is_escaped;
	c->is_escaped = escaping >> 63;
	return escaped;
}

/* Appends the offsets of all bits, n of them; writes up to 7 entries more. */
JSON_INLINE void json_add_entries(uint32_t *v, uint32_t at, uint64_t bits, unsigned n)
{
	/* In steps of eight without asking: cheaper than a branch that is hard to foretell. */
	for (unsigned i = 0; i < n; i += 8) {
		JSON_UNROLL
		for (unsigned j = i; j < i + 8; j++) {
			v[j] = at + (uint32_t)__builtin_ctzll(bits | UINT64_C(1) << 63);
			bits &= bits - 1;
		}
	}
}

/* The same where there are backslashes: marks the entries behind one. */
JSON_INLINE void json_add_marked_entries(
	struct json_carry *c, uint32_t *v, uint32_t at, uint64_t bits, uint64_t backslash)
{
	for (; bits; bits &= bits - 1) {
		uint64_t before = (bits & -bits) - 1;
		bool is_marked = (c->has_escape | (backslash & before)) != 0;

		*v++ = (at + (uint32_t)__builtin_ctzll(bits)) | (is_marked ? JSON_ENTRY_ESCAPE : 0);
		backslash &= ~before;
		c->has_escape = 0;
	}
	c->has_escape |= backslash;
}

/* Indexes one block at p, at bytes into the document; returns the end of the entries. */
JSON_INLINE uint32_t *json_index_block(struct json_index *x, struct json_carry *c, const char *p,
	uint32_t at, uint32_t *v, const struct json_kit *kit)
{
	struct json_masks m;
	uint64_t escaped = 0, in_string, scalar, entries, bad_escape = 0, unicode = 0;
	unsigned n;

	kit->classify(p, &m);
	c->non_ascii |= m.non_ascii;
	if (m.backslash | c->is_escaped) {
		escaped = json_find_escaped(c, m.backslash);
		kit->check_escapes(p, escaped, &bad_escape, &unicode);
	}
	m.quote &= ~escaped;
	/* With the opening, without the closing quotes. */
	in_string = kit->prefix_xor(m.quote) ^ c->in_string;
	c->in_string = 0 - (in_string >> 63);
	scalar = ~(m.op | m.white | m.quote | in_string);
	entries = (m.op & ~in_string) | m.quote | (scalar & ~(scalar << 1 | c->in_scalar));
	c->in_scalar = scalar >> 63;
	if (UNLIKELY(((m.control | bad_escape | unicode) & in_string) != 0))
		entries &= json_index_check(
			x, at, m.control & in_string, bad_escape & in_string, unicode & in_string);
	n = kit->count(entries);
	if (m.backslash | c->has_escape)
		json_add_marked_entries(c, v, at, entries, m.backslash);
	else
		json_add_entries(v, at, entries, n);
	return v + n;
}

/* Indexes n bytes, whole blocks, at p, which are those at x->at of the document. */
JSON_INLINE void json_index_blocks(
	struct json_index *x, const char *p, uint32_t n, const struct json_kit *kit)
{
	struct json_carry carry = x->carry; /* a copy, for registers */
	uint32_t *v = x->v + x->n;

	for (uint32_t i = 0; i < n && !x->bad; i += JSON_BLOCK)
		v = json_index_block(x, &carry, p + i, x->at + i, v, kit);
	x->carry = carry;
	x->n = (uint32_t)(v - x->v);
}

#endif
