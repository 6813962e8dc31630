#include "core/memory/embed.h"

#include <string.h>

#include "core/base/attr.h"
#include "core/base/check.h"
#include "core/memory/words.h"

/* Layout, little-endian: "HRE1"; the numbers of pieces, dimensions, slots and bytes of text, u32 each; 12 bytes of nothing; for
 * each piece its dimensions, i8; for each its factor, f32; where the text of each begins, and where the last ends, u32;
 * slots of a hash table with open addressing, u16: piece + 1, 0 for none; the texts. A piece inside of a word begins with "##". */
extern const unsigned char memory_embed_table[];

enum { HEADER = 32, PIECE_MAX = 32 };

struct table {
	const int8_t *rows;
	const float *factors;
	const uint32_t *begins;
	const uint16_t *slots;
	uint32_t slots_n;
	const char *text;
};

static struct table table(void)
{
	const uint32_t *head = (const uint32_t *)(const void *)memory_embed_table;
	uint32_t n = head[1], dims = head[2];
	const unsigned char *p = memory_embed_table + HEADER;
	struct table t = {.slots_n = head[3]};

	ASSERT(dims == EMBED_DIMS);
	t.rows = (const int8_t *)p;
	p += (size_t)n * dims;
	t.factors = (const float *)(const void *)p;
	p += (size_t)n * sizeof(float);
	t.begins = (const uint32_t *)(const void *)p;
	p += ((size_t)n + 1) * sizeof(uint32_t);
	t.slots = (const uint16_t *)(const void *)p;
	p += (size_t)t.slots_n * sizeof(uint16_t);
	t.text = (const char *)p;
	return t;
}

/* FNV-1a, 32 bits. */
static uint32_t hash_of(str s)
{
	uint32_t h = 0x811c9dc5;

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * 0x01000193;
	return h;
}

/* The number of a piece; -1: not known. */
static int32_t find(const struct table *t, str piece)
{
	for (uint32_t at = hash_of(piece) % t->slots_n; t->slots[at]; at = (at + 1) % t->slots_n) {
		uint32_t i = t->slots[at] - 1u;
		str text = {t->text + t->begins[i], t->begins[i + 1] - t->begins[i]};

		if (str_eq(text, piece))
			return (int32_t)i;
	}
	return -1;
}

/* Letters with marks as those without, as the model reads them: U+00C0 to U+017F, '.' for what is none of a to z. */
static const char PLAIN[] = "aaaaaa.ceeeeiiii.nooooo..uuuuy..aaaaaa.ceeeeiiii.nooooo..uuuuy.y"
			    "aaaaaaccccccccdd..eeeeeeeeeegggggggghh..iiiiiiiii...jjkk.llllll."
			    "...nnnnnn...oooooo..rrrrrrsssssssstttt..uuuuuuuuuuuuwwyyyzzzzzz.";

/* A word in letters that the table knows; empty for one of another script. */
static str plain(const struct memory_word *w, char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n; i++) {
		unsigned c = (unsigned char)w->text[i], next;

		if (c >= 0x80) {
			next = i + 1 < w->n ? (unsigned char)w->text[++i] : 0;
			c = (c & 0x1f) << 6 | (next & 0x3f);
			if ((next & 0xc0) != 0x80 || c < 0xc0 || c >= 0x180 ||
				PLAIN[c - 0xc0] == '.')
				return STR_NULL;
			c = (unsigned char)PLAIN[c - 0xc0];
		}
		out[n++] = (char)c;
	}
	return (str){out, n};
}

static void add_piece(const struct table *t, int32_t piece, float *sum)
{
	const int8_t *row = t->rows + (size_t)piece * EMBED_DIMS;

	for (size_t i = 0; i < EMBED_DIMS; i++)
		sum[i] += t->factors[piece] * (float)row[i];
}

/* WordPiece (Wu and others 2016, as in BERT): the longest piece at the beginning, and so on; a word with a rest that is
 * no piece is not known at all. */
static void add_word(const struct table *t, str word, float *sum)
{
	int32_t pieces[MEMORY_WORD_MAX];
	size_t n = 0;

	while (word.n) {
		char text[PIECE_MAX + 2] = "##";
		size_t skip = n ? 2 : 0, len = word.n < PIECE_MAX ? word.n : PIECE_MAX;

		memcpy(text + skip, word.p, len);
		while (len && (pieces[n] = find(t, (str){text, skip + len})) < 0)
			len--;
		if (!len)
			return;
		n++;
		word = str_sub(word, len, word.n);
	}
	for (size_t i = 0; i < n; i++)
		add_piece(t, pieces[i], sum);
}

bool embed_text(str text, char *out)
{
	const struct table t = table();
	float sum[EMBED_DIMS] = {0};
	char letters[MEMORY_WORD_MAX];
	struct memory_word w;

	text = str_sub(text, 0, text.n < EMBED_TEXT_MAX ? text.n : EMBED_TEXT_MAX);
	while (memory_token_next(&text, &w))
		add_word(&t, plain(&w, letters), sum);
	return vector_put(sum, EMBED_DIMS, out);
}
