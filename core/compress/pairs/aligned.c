#include "core/compress/pairs/aligned.h"

#include "core/base/limits.h"
#include "core/compress/lines.h"
#include "core/compress/marker.h"
#include "core/compress/pairs/body.h"

enum {
	TEXT_MIN = 160,   /* bytes; a head costs as much */
	LOOK_LINES = 24,  /* that tell the style */
	LOOK_MIN = 4,     /* of them must have it */
	KEY_MAX = 100,    /* bytes; what is longer is a sentence */
	COLUMN_MAX = 120, /* where a value may begin */
	ROUNDS = 4,       /* until no line counts on one that does not fit */
	RAW_SHARE = 4,    /* of so many lines one may not fit */
	STYLES_MAX = 3,   /* that are tried */
};

/* ---- the head ---- */

static const struct {
	const char *word, *behind;
} layout_words[ALIGNED_LAYOUTS_N] = {
	[ALIGNED_COLUMNS] = {"columns ", " apart"},
	[ALIGNED_BRACES] = {"indented by braces from ", ""},
	[ALIGNED_AT] = {"values at ", ""},
	[ALIGNED_TO] = {"values end at ", ""},
	[ALIGNED_NONE] = {"equals signs of ", ""},
};

static void write_words(const struct aligned_style *s, const struct body_used *used, struct buf *b)
{
	buf_printf(
		b, "%s%u%s", layout_words[s->layout].word, s->size, layout_words[s->layout].behind);
	if (used->pieces_n)
		buf_printf(b, ", %u named", used->pieces_n);
	buf_add_c(b, s->layout == ALIGNED_NONE ? "; " : "; padding left out; ");
	if (used->has_joins)
		buf_add_c(b, "a b=x is a=x, b=x; ");
	if (used->has_dirs)
		buf_add_c(b, "lines below x. begin with it; ");
	if (used->has_widths)
		buf_add_c(b, "{22: of keys 22 wide; ");
	if (used->has_unknown)
		buf_add_c(b, "? is known after apply; ");
	if (used->has_raw)
		buf_add_c(b, "=: as it was; ");
	b->n -= 2;
}

static bool read_words(str words, struct aligned_style *s, uint32_t *pieces_n)
{
	size_t at = str_find(words, STR("; "));
	uint64_t n;

	words = str_sub(words, 0, at == STR_NONE ? words.n : at);
	*pieces_n = 0;
	at = str_find(words, STR(", "));
	if (at != STR_NONE) {
		str count = str_sub(words, at + 2, words.n);

		words.n = at;
		if (!str_ends(count, STR(" named")) ||
			!str_u64(str_sub(count, 0, count.n - 6), &n) || n > BODY_PIECES_MAX)
			return false;
		*pieces_n = (uint32_t)n;
	}
	for (int i = 0; i < ALIGNED_LAYOUTS_N; i++) {
		str rest = words, behind = str_from(layout_words[i].behind);

		if (!str_take(&rest, str_from(layout_words[i].word)) || !str_ends(rest, behind) ||
			!str_u64(str_sub(rest, 0, rest.n - behind.n), &n) || n > COLUMN_MAX)
			continue;
		*s = (struct aligned_style){(enum aligned_layout)i, (unsigned)n};
		return true;
	}
	return false;
}

str aligned_join(struct arena *a, const str *parts, size_t n)
{
	size_t size = 0;
	char *p, *at;

	for (size_t i = 0; i < n; i++)
		size += parts[i].n;
	p = at = arena_alloc(a, size + 1, 1);
	for (size_t i = 0; i < n; i++) {
		if (parts[i].n)
			memcpy(at, parts[i].p, parts[i].n);
		at += parts[i].n;
	}
	return (str){p, size};
}

str aligned_blanks(size_t n)
{
#define EIGHT "        "
#define ROW   EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT
	static const char blanks[ALIGNED_BLANKS_MAX + 1] = ROW ROW ROW ROW ROW ROW ROW ROW;

	return (str){blanks, n < ALIGNED_BLANKS_MAX ? n : ALIGNED_BLANKS_MAX};
}

/* ---- the style ---- */

static bool is_key(str s)
{
	if (!s.n || s.n > KEY_MAX)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || strchr("\"'(){}<>;,$", s.p[i]))
			return false;
	return true;
}

bool aligned_split(const struct aligned_style *s, str packed, str *sign, str *key, str *value)
{
	bool is_braces = s->layout == ALIGNED_BRACES;
	str sep = is_braces || s->size > 1 ? STR(" = ") : STR("=");
	size_t at;

	*sign = is_braces ? braces_sign(packed) : str_sub(packed, 0, 0);
	packed = str_sub(packed, sign->n, packed.n);
	at = str_find(packed, sep);
	if (at == STR_NONE || !at)
		return false;
	*key = str_sub(packed, 0, at);
	*value = str_sub(packed, at + sep.n, packed.n);
	return true;
}

/* What the first lines have of each. */
struct look {
	unsigned lines, gaps, equals, tight;
	unsigned columns,
		ends; /* gaps with the column, the end of the first word, of the first one */
	size_t column, end, least; /* least: blanks of a gap */
};

static void look_at(struct look *l, str line)
{
	size_t colon = str_find(line, STR(":  ")), at, end;
	size_t sign = str_find_byte(line, '=');

	l->lines++;
	if (sign != STR_NONE && sign && is_key(str_sub(line, 0, sign)))
		l->tight++;
	if (sign != STR_NONE && sign > 1 && line.p[sign - 1] == ' ' &&
		is_key(str_sub(line, 0, sign - 1)))
		l->equals++;
	if (colon == STR_NONE || colon > COLUMN_MAX)
		return;
	for (at = colon + 1; at < line.n && line.p[at] == ' ';)
		at++;
	if (at == line.n)
		return;
	for (end = at; end < line.n && line.p[end] != ' ';)
		end++;
	if (!l->gaps++) {
		l->column = at;
		l->end = end;
		l->least = at - colon - 1;
	}
	l->columns += at == l->column;
	l->ends += end == l->end;
	l->least = at - colon - 1 < l->least ? at - colon - 1 : l->least;
}

/* terraform's lines begin with a resource, perhaps late. */
static bool find_braces(str text, struct aligned_style *out)
{
	size_t at = str_find(text, STR("resource \"")), from = at, eol;

	if (at == STR_NONE)
		return false;
	while (from && text.p[from - 1] != '\n')
		from--;
	eol = str_find_byte(str_sub(text, at, text.n), '\n');
	if (at - from > 4 || eol == STR_NONE || text.p[at + eol - 1] != '{')
		return false;
	*out = (struct aligned_style){ALIGNED_BRACES, (unsigned)(at - from)};
	return true;
}

/* The styles that the first lines may have. */
static unsigned guess(str text, struct aligned_style *out)
{
	struct look l = {0};
	str rest = text, line;
	unsigned n = 0;

	while (l.lines < LOOK_LINES && str_next_line(&rest, &line, NULL))
		if (line.n)
			look_at(&l, line);
	if (l.tight * 5 >= l.lines * 4 && l.tight >= LOOK_MIN)
		out[n++] = (struct aligned_style){ALIGNED_NONE, 1};
	else if (l.equals * 5 >= l.lines * 4 && l.equals >= LOOK_MIN)
		out[n++] = (struct aligned_style){ALIGNED_NONE, 3};
	if (n)
		return n;
	if (l.gaps >= LOOK_MIN && l.gaps * 3 >= l.lines) {
		out[n++] = (struct aligned_style){ALIGNED_COLUMNS, (unsigned)l.least};
		if (l.columns * 3 > l.gaps * 2 && l.column <= COLUMN_MAX)
			out[n++] = (struct aligned_style){ALIGNED_AT, (unsigned)l.column};
		if (l.ends * 3 > l.gaps * 2 && l.end <= COLUMN_MAX)
			out[n++] = (struct aligned_style){ALIGNED_TO, (unsigned)l.end};
		return n;
	}
	return find_braces(text, out) ? 1 : 0;
}

/* ---- the lines ---- */

static aligned_pack_fn *const packs[ALIGNED_LAYOUTS_N] = {
	[ALIGNED_COLUMNS] = columns_pack,
	[ALIGNED_BRACES] = braces_pack,
	[ALIGNED_AT] = beside_pack,
	[ALIGNED_TO] = beside_pack,
	[ALIGNED_NONE] = body_pack,
};
static aligned_unpack_fn *const unpacks[ALIGNED_LAYOUTS_N] = {
	[ALIGNED_COLUMNS] = columns_unpack,
	[ALIGNED_BRACES] = braces_unpack,
	[ALIGNED_AT] = beside_unpack,
	[ALIGNED_TO] = beside_unpack,
	[ALIGNED_NONE] = body_unpack,
};

/* Bytes that are written of the lines. */
static size_t size_of(const struct aligned *x)
{
	size_t n = 0;

	for (uint32_t i = 0; i < x->n; i++)
		n += x->packed[i].n + x->is_raw[i];
	return n;
}

/* Packs the lines; those that would not come back are raw. False when these are too many. */
static bool pack(struct aligned *x)
{
	for (int round = 0; round < ROUNDS; round++) {
		struct aligned back = *x;
		bool is_same = true;
		uint32_t raw_n = 0;

		packs[x->style.layout](x);
		body_check(x);
		back.lines = arena_array(x->arena, str, x->n);
		back.packed = arena_array(x->arena, str, x->n);
		memcpy(back.packed, x->packed, x->n * sizeof *x->packed);
		unpacks[x->style.layout](&back);
		for (uint32_t i = 0; i < x->n; i++) {
			if (!x->is_raw[i] && !str_eq(back.lines[i], x->lines[i])) {
				is_same = false;
				x->is_raw[i] = true;
				x->packed[i] = x->lines[i];
			}
			raw_n += x->is_raw[i];
		}
		if (raw_n * RAW_SHARE > x->n)
			return false;
		if (is_same)
			return true;
	}
	return false;
}

static bool pack_best(str text, struct arena *a, struct aligned *best)
{
	struct aligned_style styles[STYLES_MAX];
	struct lines lines;
	unsigned n = guess(text, styles);
	size_t least = SIZE_MAX;

	if (!n)
		return false;
	lines = lines_split(a, text);
	for (unsigned i = 0; i < n; i++) {
		struct aligned x = {.style = styles[i], .arena = a, .n = lines.n, .lines = lines.v};

		x.packed = arena_array(a, str, x.n);
		x.is_raw = arena_array(a, bool, x.n);
		if (!pack(&x) || size_of(&x) >= least)
			continue;
		*best = x;
		least = size_of(&x);
	}
	return least < SIZE_MAX;
}

/* ---- the codec ---- */

static bool encode(const struct codec_in *in, struct arena *a, struct codec_out *out)
{
	struct codec_head head = {.codec = &aligned_codec, .form = CODEC_EXACT};
	struct body_used used = {0};
	struct aligned x;
	struct buf words, body, b;

	if (in->text.n < TEXT_MIN || in->depth || in->route.n || !pack_best(in->text, a, &x))
		return false;
	buf_init_arena(&words, a, LIMIT_INPUT);
	buf_init_arena(&body, a, LIMIT_INPUT);
	buf_init_arena(&b, a, LIMIT_INPUT);
	body_write(&x, in, &used, &body);
	write_words(&x.style, &used, &words);
	head.words = buf_str(&words);
	codec_head_write(&b, &head);
	buf_add_byte(&b, '\n');
	buf_add(&b, buf_str(&body));
	*out = (struct codec_out){.text = buf_str(&b),
		.form = CODEC_EXACT,
		.is_plain = x.style.layout != ALIGNED_BRACES && x.style.layout != ALIGNED_NONE};
	return b.err == E_OK && body.err == E_OK && !marker_in_text(buf_str(&body));
}

static bool decode(str text, struct arena *a, str *out)
{
	struct aligned x = {.arena = a};
	struct codec_head head;
	uint32_t pieces_n;
	size_t at, end;
	struct buf b;

	if (!codec_head_find(text, &head, &at, &end) || at || head.codec != &aligned_codec ||
		!read_words(head.words, &x.style, &pieces_n) ||
		!body_read(&x, str_sub(text, end, text.n), pieces_n))
		return false;
	unpacks[x.style.layout](&x);
	buf_init_arena(&b, a, LIMIT_INPUT);
	for (uint32_t i = 0; i < x.n; i++) {
		if (i)
			buf_add_byte(&b, '\n');
		buf_add(&b, x.lines[i]);
	}
	*out = buf_str(&b);
	return b.err == E_OK;
}

const struct codec aligned_codec = {
	.word = "pairs",
	.encoder = ENCODER_RECORDS,
	.kinds = 1u << KIND_TEXT | 1u << KIND_TABLE | 1u << KIND_LOG,
	.encode = encode,
	.decode = decode,
	.is_outer = true,
};
