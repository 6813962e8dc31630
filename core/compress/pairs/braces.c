/* Lines as terraform prints them: in braces four deeper, with a sign of two to four characters before what changes, and
 * the "=" of all keys between the same braces below each other. A line that ends in "{22" says how wide the keys of its block
 * are, where that is more than its longest: of what does not change some is not shown. In a value "?" is what is only known
 * after apply. */
#include "core/base/limits.h"
#include "core/base/vec.h"
#include "core/compress/pairs/aligned.h"

enum { STEP = 4, NOTE_BEFORE = 2, DEPTH_MAX = 64, WIDTH_MAX = 200 };

#define UNKNOWN "(known after apply)"

str braces_sign(str line)
{
	static const str signs[] = {
		{"~ ", 2}, {"+ ", 2}, {"- ", 2}, {"-/+ ", 4}, {"+/- ", 4}, {"<= ", 3}};

	for (size_t i = 0; i < ARRAY_N(signs); i++)
		if (str_starts(line, signs[i]))
			return str_sub(line, 0, signs[i].n);
	return str_sub(line, 0, 0);
}

static bool opens(str s)
{
	return s.n && (s.p[s.n - 1] == '{' || s.p[s.n - 1] == '[' || s.p[s.n - 1] == '(');
}

static bool closes(str s)
{
	return s.n && (*s.p == '}' || *s.p == ']' || *s.p == ')');
}

/* Where lines stand, and which block they are in. */
struct place {
	size_t base, column; /* base: of what is in no block */
	uint32_t blocks[DEPTH_MAX], depth, blocks_n;
};

/* Of a line whose text, behind its sign, that is: the column of the text. What is said of a resource stands two before
 * it, as if it had a sign. */
static size_t place_of(struct place *p, str text)
{
	if (closes(text)) {
		p->column = p->column > STEP ? p->column - STEP : 0;
		p->depth -= p->depth > 0;
	}
	if (p->depth)
		return p->column;
	p->column = p->base;
	return p->base > NOTE_BEFORE && str_starts(text, STR("# ")) ? p->base - NOTE_BEFORE
								    : p->base;
}

static void go_on(struct place *p, size_t column, str text)
{
	if (p->depth || opens(text))
		p->column = column;
	if (!opens(text))
		return;
	p->column += STEP;
	if (p->depth + 1 < DEPTH_MAX)
		p->blocks[++p->depth] = ++p->blocks_n;
}

static size_t blanks(str s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] == ' ')
		n++;
	return n;
}

struct parsed {
	str sign, text;
	size_t column; /* of the text */
};

static struct parsed parse(str line)
{
	struct parsed p = {.column = blanks(line)};
	str s = str_sub(line, p.column, line.n);

	p.sign = braces_sign(s);
	p.text = str_sub(s, p.sign.n, s.n);
	p.column += p.sign.n;
	return p;
}

/* A packed line without what says how wide the keys of the block are that it opens; 0 where nothing says so. */
static str take_width(str packed, size_t *width)
{
	size_t n = packed.n;
	uint64_t size;

	*width = 0;
	while (n && packed.p[n - 1] >= '0' && packed.p[n - 1] <= '9')
		n--;
	if (n == packed.n || !opens(str_sub(packed, 0, n)) ||
		!str_u64(str_sub(packed, n, packed.n), &size) || size > WIDTH_MAX)
		return packed;
	*width = (size_t)size;
	return str_sub(packed, 0, n);
}

/* The value with one thing in place of the other, where it stands by itself. */
static str exchange(str value, str from, str to, struct arena *a)
{
	size_t at = 0;

	if (!str_starts(value, from)) {
		at = str_find(value, STR(" -> "));
		if (at == STR_NONE || !str_starts(str_sub(value, at + 4, value.n), from))
			return value;
		at += 4;
	}
	if (at + from.n < value.n && value.p[at + from.n] != ' ')
		return value;
	return ALIGNED_JOIN(a, str_sub(value, 0, at), to, str_sub(value, at + from.n, value.n));
}

/* ---- to packed lines ---- */

/* "key   = value" as its parts. */
static bool split_padded(str text, str *key, size_t *width, str *value)
{
	size_t at = str_find(text, STR(" = ")), end;

	if (at == STR_NONE || !at)
		return false;
	for (end = at; end && text.p[end - 1] == ' ';)
		end--;
	*key = str_sub(text, 0, end);
	*width = at;
	*value = str_sub(text, at + 3, text.n);
	return end && str_find_byte(*key, ' ') == STR_NONE;
}

/* What is between two braces. */
struct block {
	uint32_t opener;       /* line + 1; 0: none */
	size_t longest, width; /* of keys; as the first of them is padded */
};

struct packer {
	struct aligned *x;
	struct place place;
	VEC(struct block) blocks;
};

static struct block *block_at(struct packer *p)
{
	while (p->blocks.n <= p->place.blocks_n)
		*vec_push(&p->blocks, p->x->arena) = (struct block){0};
	return &p->blocks.v[p->place.blocks[p->place.depth]];
}

static void pack_line(struct packer *p, uint32_t i)
{
	struct aligned *x = p->x;
	struct parsed line = parse(x->lines[i]);
	size_t column = place_of(&p->place, line.text), width;
	struct block *b = block_at(p);
	str key, value;

	x->packed[i] = x->lines[i];
	if (!x->lines[i].n)
		return;
	(void)take_width(line.text, &width);
	x->is_raw[i] |= column != line.column || line.sign.n > column || width;
	if (!x->is_raw[i]) {
		x->packed[i] = str_sub(x->lines[i], line.column - line.sign.n, x->lines[i].n);
		if (split_padded(line.text, &key, &width, &value)) {
			b->longest = key.n > b->longest ? key.n : b->longest;
			b->width = b->width ? b->width : width;
			x->packed[i] = ALIGNED_JOIN(x->arena, line.sign, key, STR(" = "),
				exchange(value, STR(UNKNOWN), STR("?"), x->arena));
		}
	}
	go_on(&p->place, line.column, line.text);
	if (opens(line.text) && !x->is_raw[i])
		block_at(p)->opener = i + 1;
}

void braces_pack(struct aligned *x)
{
	struct packer p = {.x = x, .place.base = x->style.size};

	for (uint32_t i = 0; i < x->n; i++)
		pack_line(&p, i);
	for (size_t i = 0; i < p.blocks.n; i++) {
		const struct block *b = &p.blocks.v[i];

		if (b->opener && b->width > b->longest && b->width <= WIDTH_MAX)
			x->packed[b->opener - 1] = arena_printf(x->arena, STR_FMT "%u",
				STR_ARG(x->packed[b->opener - 1]), (unsigned)b->width);
	}
}

/* ---- and back ---- */

struct unpacker {
	struct aligned *x;
	uint32_t *blocks; /* of each line */
	size_t *columns;
	VEC(size_t) widths; /* of the keys of each block */
};

static bool split(str packed, str *sign, str *key, str *value)
{
	static const struct aligned_style style = {ALIGNED_BRACES, 0};

	return aligned_split(&style, packed, sign, key, value);
}

static void place_lines(struct unpacker *u)
{
	struct aligned *x = u->x;
	struct place p = {.base = x->style.size};

	*vec_push(&u->widths, x->arena) = 0;
	for (uint32_t i = 0; i < x->n; i++) {
		str sign = braces_sign(x->packed[i]), key, value;
		struct parsed line = parse(x->packed[i]);
		size_t wide = 0, *width;

		if (!x->packed[i].n)
			continue;
		if (!x->is_raw[i]) {
			x->packed[i] = take_width(x->packed[i], &wide);
			line.text = str_sub(x->packed[i], sign.n, x->packed[i].n);
		}
		u->columns[i] = place_of(&p, line.text);
		u->blocks[i] = p.blocks[p.depth];
		go_on(&p, x->is_raw[i] ? line.column : u->columns[i], line.text);
		while (u->widths.n <= p.blocks_n)
			*vec_push(&u->widths, x->arena) = wide;
		width = &u->widths.v[u->blocks[i]];
		if (!x->is_raw[i] && split(x->packed[i], &sign, &key, &value) && key.n > *width)
			*width = key.n;
	}
}

/* The blanks before a line and its sign. */
static str indent_of(const struct unpacker *u, uint32_t i)
{
	size_t sign = braces_sign(u->x->packed[i]).n;

	return aligned_blanks(u->columns[i] > sign ? u->columns[i] - sign : 0);
}

void braces_unpack(struct aligned *x)
{
	struct unpacker u = {.x = x,
		.blocks = arena_array(x->arena, uint32_t, x->n),
		.columns = arena_array(x->arena, size_t, x->n)};

	place_lines(&u);
	for (uint32_t i = 0; i < x->n; i++) {
		str packed = x->packed[i], sign, key, value;

		x->lines[i] = packed;
		if (x->is_raw[i] || !packed.n)
			continue;
		if (split(packed, &sign, &key, &value)) {
			size_t width = u.widths.v[u.blocks[i]];

			x->lines[i] = ALIGNED_JOIN(x->arena, indent_of(&u, i), sign, key,
				aligned_blanks(width > key.n ? width - key.n : 0), STR(" = "),
				exchange(value, STR("?"), STR(UNKNOWN), x->arena));
		} else {
			x->lines[i] = ALIGNED_JOIN(x->arena, indent_of(&u, i), packed);
		}
	}
}
