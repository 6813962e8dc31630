#include "core/compress/list/list.h"

#include "core/base/limits.h"
#include "core/compress/list/long.h"
#include "core/compress/list/write.h"
#include "core/compress/marker.h"

enum {
	TEXT_MIN = 100,   /* bytes; a head costs as much */
	WORDS_MAX = 1024, /* bytes of a head's words */
};

static const char *const shape_words[] = {
#define X(name, words) [LIST_##name] = words,
	LIST_SHAPES(X)
#undef X
};

/* ---- the head ---- */

static const str below = {" below ", 7}, ends_in = {"names without a dot end in ", 27},
		 dirs_too = {"directories with / are entries", 30},
		 no_newline = {"no line end", 11}, slashed = {"/ behind directories", 20},
		 signs = {"dir/ names", 10}, gaps = {"+9: that many more below it", 27},
		 after = {"each after ", 11}, cells = {"% before its name", 17},
		 as_before = {"^ as before", 11}, before = {"each before ", 12},
		 column = {"column ", 7}, indented = {"indented", 8};

/* What separates words, or ends a head, must not be in them. */
static bool is_sayable(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || strchr(",;]\"", s.p[i]))
			return false;
	return true;
}

static void write_words(const struct list_body *b, struct buf *out)
{
	const struct list *l = b->list;

	buf_printf(out, "%zu entries", l->n);
	if (l->root.n) {
		buf_add(out, below);
		buf_add(out, l->root);
	}
	if (l->shape == LIST_TREE)
		buf_printf(out, ", %s", tree_words(l->drawing));
	else if (*shape_words[l->shape])
		buf_printf(out, ", %s", shape_words[l->shape]);
	if (l->shape == LIST_COLUMNS) {
		buf_add_c(out, ", ");
		columns_words(l, out);
	}
	if (l->shape == LIST_COUNTED)
		buf_printf(out, " %u", l->width);
	if (l->shape == LIST_CELLS || l->shape == LIST_TAILED) {
		buf_printf(out, ", " STR_FMT, STR_ARG(l->shape == LIST_CELLS ? after : before));
		lead_form_write(&b->form.lead, out);
	}
	if (l->shape == LIST_TAILED && l->width)
		buf_printf(out, ", " STR_FMT "%u", STR_ARG(column), l->width);
	if (l->is_indented)
		buf_printf(out, ", " STR_FMT, STR_ARG(indented));
	if (l->is_slashed)
		buf_printf(out, ", " STR_FMT, STR_ARG(slashed));
	if (!l->has_newline)
		buf_printf(out, ", " STR_FMT, STR_ARG(no_newline));
	buf_printf(out, "; " STR_FMT, STR_ARG(signs));
	if (l->shape == LIST_CELLS || l->shape == LIST_TAILED)
		buf_printf(out, ", " STR_FMT, STR_ARG(cells));
	if (b->form.has_dirs)
		buf_printf(out, ", " STR_FMT, STR_ARG(dirs_too));
	if (b->form.ext.n)
		buf_printf(out, ", " STR_FMT STR_FMT, STR_ARG(ends_in), STR_ARG(b->form.ext));
	if (b->form.has_gaps)
		buf_printf(out, ", " STR_FMT, STR_ARG(gaps));
	if (b->form.lead.has_above)
		buf_printf(out, ", " STR_FMT, STR_ARG(as_before));
}

static bool read_shape(str word, struct arena *a, struct list *l)
{
	uint64_t width;

	if (columns_read_words(word, a, l))
		return true;
	for (uint32_t i = 0; i < tree_drawings_n(); i++) {
		if (str_eq_c(word, tree_words(i))) {
			l->shape = LIST_TREE;
			l->drawing = i;
			return true;
		}
	}
	if (str_take(&word, str_from(shape_words[LIST_COUNTED]))) {
		l->shape = LIST_COUNTED;
		if (!str_take(&word, STR(" ")) || !str_u64(word, &width) || width > 64)
			return false;
		l->width = (uint32_t)width;
		return true;
	}
	for (size_t i = 0; i < LIST_SHAPES_N; i++) {
		if (*shape_words[i] && str_eq_c(word, shape_words[i])) {
			l->shape = (enum list_shape)i;
			return true;
		}
	}
	return false;
}

static bool read_column(str word, struct list *l)
{
	uint64_t width;

	if (!str_u64(word, &width) || width > LIST_WIDTH_MAX)
		return false;
	l->width = (uint32_t)width;
	return true;
}

static bool read_cells(enum list_shape shape, str words, struct arena *a, struct list_body *b)
{
	b->list->shape = shape;
	return lead_form_read(words, a, &b->form.lead);
}

static bool read_word(str word, struct arena *a, struct list_body *b)
{
	if (str_eq(word, slashed))
		b->list->is_slashed = true;
	else if (str_eq(word, no_newline))
		b->list->has_newline = false;
	else if (str_eq(word, dirs_too))
		b->form.has_dirs = true;
	else if (str_take(&word, ends_in))
		b->form.ext = word;
	else if (str_eq(word, gaps))
		b->form.has_gaps = true;
	else if (str_eq(word, as_before))
		b->form.lead.has_above = true;
	else if (str_take(&word, after))
		return read_cells(LIST_CELLS, word, a, b);
	else if (str_take(&word, before))
		return read_cells(LIST_TAILED, word, a, b);
	else if (str_eq(word, indented))
		b->list->is_indented = true;
	else if (str_take(&word, column))
		return read_column(word, b->list);
	else
		return str_eq(word, signs) || str_eq(word, cells) || read_shape(word, a, b->list);
	return true;
}

static bool next_word(str *words, str *word)
{
	size_t at = 0;

	if (!words->n)
		return false;
	while (at < words->n && words->p[at] != ',' && words->p[at] != ';')
		at++;
	*word = str_sub(*words, 0, at);
	*words = str_sub(*words, at, words->n);
	return !words->n || str_take(words, STR(", ")) || str_take(words, STR("; "));
}

static bool read_words(str words, struct arena *a, struct list_body *b, uint64_t *n)
{
	str word;
	size_t at;

	b->list->has_newline = true;
	if (!next_word(&words, &word))
		return false;
	at = str_find(word, STR(" entries"));
	if (at == STR_NONE || !str_u64(str_sub(word, 0, at), n))
		return false;
	word = str_sub(word, at + 8, word.n);
	if (str_take(&word, below))
		b->list->root = word;
	while (words.n)
		if (!next_word(&words, &word) || !read_word(word, a, b))
			return false;
	return true;
}

/* ---- encoding ---- */

/* Before, head, lines, after. False when the head is not the first one, or a line looks like a marker. */
static bool assemble(
	const struct list_body *body, struct codec_head *head, str lines, struct buf *out)
{
	const struct list *l = body->list;
	char place[WORDS_MAX];
	struct buf words = {place, 0, sizeof place, sizeof place, NULL, E_OK};
	struct codec_head found;
	size_t at, end;

	write_words(body, &words);
	head->words = buf_str(&words);
	buf_add(out, l->before);
	codec_head_write(out, head);
	buf_add_byte(out, '\n');
	buf_add(out, lines);
	buf_add_byte(out, '\n');
	if (l->after.n) {
		buf_add_byte(out, '\n');
		buf_add(out, l->after);
	}
	return words.err == E_OK && out->err == E_OK &&
	       codec_head_find(buf_str(out), &found, &at, &end) && at == l->before.n &&
	       found.codec == &list_codec && !marker_in_text(l->before) && !marker_in_text(lines) &&
	       !marker_in_text(l->after);
}

/* "[list: 21 rows of ls -l; ..." */
static const char long_notes[] = "; kind (a left out), links, size, time, name; ^ time as above";

/* All of a text that is rows of ls -l for the most part. */
static bool encode_long(str text, struct arena *a, struct codec_out *out)
{
	struct codec_head head = {.codec = &list_codec}, found;
	char place[WORDS_MAX];
	struct buf words = {place, 0, sizeof place, sizeof place, NULL, E_OK}, lines, b;
	uint64_t rows;
	size_t at, end;

	buf_init_arena(&lines, a, LIMIT_INPUT);
	buf_init_arena(&b, a, LIMIT_INPUT);
	if (!long_write(text, a, &lines, &rows) || marker_in_text(buf_str(&lines)))
		return false;
	buf_add_u64(&words, rows);
	buf_add_c(&words, LONG_WORDS);
	buf_add_c(&words, long_notes);
	head.words = buf_str(&words);
	codec_head_write(&b, &head);
	buf_add_byte(&b, '\n');
	buf_add(&b, buf_str(&lines));
	*out = (struct codec_out){.text = buf_str(&b), .form = CODEC_EXACT};
	return b.err == E_OK && b.n < text.n && codec_head_find(out->text, &found, &at, &end) &&
	       !codec_head_find(buf_str(&lines), &found, &at, &end);
}

/* The number of rows in the words of such a head; false when it is another one. */
static bool read_long_words(str words, uint64_t *rows)
{
	size_t at = str_find(words, STR(LONG_WORDS));

	return at != STR_NONE && str_u64(str_sub(words, 0, at), rows);
}

static bool encode(const struct codec_in *in, struct arena *a, struct codec_out *out)
{
	struct codec_head head = {.codec = &list_codec, .route = in->route};
	struct list l, shown;
	struct list_body body = {.list = &l};
	struct buf lines, b;

	head.form = in->route.n ? CODEC_ELIDED : CODEC_EXACT;
	if (in->text.n < TEXT_MIN || in->text.n > LIMIT_INPUT)
		return false;
	if (!in->route.n && encode_long(in->text, a, out))
		return true;
	if (!list_parse(in->text, a, &l) || !is_sayable(l.root))
		return false;
	if (head.form == CODEC_ELIDED && !list_elide(&l, a, &shown, &body))
		return false;
	buf_init_arena(&lines, a, LIMIT_INPUT);
	buf_init_arena(&b, a, LIMIT_INPUT);
	if (!list_write(&body, a, &lines) || !is_sayable(body.form.ext) ||
		!assemble(&body, &head, buf_str(&lines), &b))
		return false;
	*out = (struct codec_out){.text = buf_str(&b), .form = head.form};
	return true;
}

/* ---- back again ---- */

static bool read_text(
	str text, enum codec_form form, struct arena *a, struct list *l, struct list_body *b)
{
	struct codec_head head;
	size_t at, end, gap;
	uint64_t n;
	str rest;

	*l = (struct list){0};
	*b = (struct list_body){.list = l};
	if (!codec_head_find(text, &head, &at, &end) || head.codec != &list_codec ||
		head.form != form || !read_words(head.words, a, b, &n))
		return false;
	rest = str_sub(text, end, text.n);
	gap = str_find(rest, STR("\n\n"));
	l->before = str_sub(text, 0, at);
	if (gap != STR_NONE)
		l->after = str_sub(rest, gap + 2, rest.n);
	else if (!str_ends(rest, STR("\n")))
		return false;
	return list_read(str_sub(rest, 0, gap == STR_NONE ? rest.n : gap), b, a) && l->n == n &&
	       b->form.has_gaps == (form == CODEC_ELIDED);
}

static bool decode(str text, struct arena *a, str *out)
{
	struct codec_head head;
	struct list_body body;
	struct list l;
	struct buf b;
	size_t at, end;
	uint64_t rows;

	buf_init_arena(&b, a, LIMIT_INPUT);
	if (codec_head_find(text, &head, &at, &end) && head.codec == &list_codec && !at &&
		head.form == CODEC_EXACT && read_long_words(head.words, &rows)) {
		bool is_read = long_read(str_sub(text, end, text.n), rows, a, &b);

		*out = buf_str(&b);
		return is_read;
	}
	if (!read_text(text, CODEC_EXACT, a, &l, &body))
		return false;
	buf_add(&b, l.before);
	if (!list_print(&l, a, &b))
		return false;
	if (l.has_newline)
		buf_add_byte(&b, '\n');
	buf_add(&b, l.after);
	*out = buf_str(&b);
	return b.err == E_OK;
}

/* ---- the contract ---- */

static bool is_in(str dir, str above)
{
	return str_starts(dir, above) && (dir.n == above.n || dir.p[above.n] == '/');
}

/* All that is shown is the original's, in order; what is counted is as many, and in directories that nobody wrote by
 * hand. */
static bool holds(str original, str text, struct arena *a)
{
	struct list was, is;
	struct list_body body;
	size_t at = 0, gap = 0;

	if (!list_parse(original, a, &was) || !read_text(text, CODEC_ELIDED, a, &is, &body) ||
		!str_eq(was.before, is.before) || !str_eq(was.after, is.after) ||
		!str_eq(was.root, is.root) || was.shape != is.shape ||
		was.has_newline != is.has_newline)
		return false;
	for (size_t i = 0; i < is.n; i++) {
		const struct list_entry *e = &is.v[i];
		uint64_t n = 1;
		bool is_gap = gap < body.gaps_n && body.gaps[gap].at == i;

		if (is_gap)
			n = body.gaps[gap++].n;
		if (n > was.n - at || (is_gap && !list_is_generated(e->dir)))
			return false;
		for (; n; n--, at++) {
			const struct list_entry *o = &was.v[at];

			if (is_gap ? !is_in(o->dir, e->dir)
				   : !str_eq(o->dir, e->dir) || !str_eq(o->name, e->name) ||
						!str_eq(o->lead, e->lead))
				return false;
		}
	}
	return at == was.n;
}

const struct codec list_codec = {
	.word = "list",
	.encoder = ENCODER_LIST,
	.kinds = 1u << KIND_SEARCH | 1u << KIND_TEXT | 1u << KIND_TABLE | 1u << KIND_LOG,
	.encode = encode,
	.decode = decode,
	.holds = holds,
};
