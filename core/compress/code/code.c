#include "core/compress/code/code.h"

#include "core/base/limits.h"
#include "core/base/map.h"
#include "core/compress/code/dialect.h"
#include "core/compress/code/parts.h"
#include "core/compress/gutter.h"

enum {
	/* Files of fewer lines are read to be changed, or at a glance. */
	LINES_MIN = 80,
	/* Fewer lines, or fewer bytes, are shown: a line in brackets would hardly be shorter. */
	GAP_LINES_MIN = 3,
	GAP_BYTES_MIN = 60,
	/* The same where lines that were left out are often asked for. */
	GAP_LINES_GENTLE = 16,
	/* Of the names in a focus, as in a question; shorter ones are words of any language. */
	NAME_MIN_BYTES = 3,
};

/* ---- what of a text is the file ---- */

bool code_file_of(str text, struct arena *a, struct code_file *out)
{
	struct gutter g;
	uint32_t numbered = 0;

	out->all = lines_split(a, text);
	g = gutter_find(a, out->all, true);
	for (uint32_t i = 0; i < g.n; i++)
		numbered += g.v[i].n;
	*out = (struct code_file){.all = out->all, .n = out->all.n, .lines = out->all};
	/* tables of numbers in a source look like number columns, but most of its lines are none */
	if (numbered <= out->all.n / 2)
		return true;
	if (g.n != 1 || g.v[0].number != 1)
		return false;
	out->first = g.v[0].first;
	out->n = out->lines.n = g.v[0].n;
	out->lines.v = arena_array(a, str, out->n);
	for (uint32_t i = 0; i < out->n; i++)
		out->lines.v[i] = gutter_body(&g.v[0], out->all.v[out->first + i]);
	return true;
}

static str source_of(const struct code_file *f, str text, struct arena *a)
{
	struct buf b;

	if (f->lines.v == f->all.v)
		return text;
	buf_init_arena(&b, a, LIMIT_INPUT);
	for (uint32_t i = 0; i < f->lines.n; i++) {
		if (i)
			buf_add_byte(&b, '\n');
		buf_add(&b, f->lines.v[i]);
	}
	return buf_str(&b);
}

/* ---- what has to stay ---- */

static bool is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '$' || (unsigned char)c >= 0x80;
}

static void show(const struct code_outline *o, const struct code_definition *d, uint32_t lines)
{
	for (uint32_t i = d->first; i <= d->last && i < lines; i++)
		o->is_hidden[i] = false;
}

/* The innermost definition around a line, all of it. */
static void show_line(const struct code_outline *o, uint32_t line, uint32_t lines)
{
	const struct code_definition *best = NULL;

	if (line >= lines)
		return;
	o->is_hidden[line] = false;
	for (uint32_t i = 0; i < o->n && o->v[i].first <= line; i++)
		if (line <= o->v[i].last && !o->v[i].is_type)
			best = &o->v[i];
	if (best)
		show(o, best, lines);
}

/* The last part of a name with parts, as "Type::method". */
static str last_part(str name)
{
	size_t n = name.n;

	while (n && is_name_byte(name.p[n - 1]))
		n--;
	return str_sub(name, n, name.n);
}

static void show_named(const struct code_outline *o, const struct map *names, uint32_t lines)
{
	for (uint32_t i = 0; i < o->n; i++) {
		str name = last_part(o->v[i].name);

		if (name.n >= NAME_MIN_BYTES && map_find(names, name))
			show(o, &o->v[i], lines);
	}
}

/* A focus is words, and numbers of lines each behind a '@': "@41 @107 fix parse_head". */
static void show_focus(const struct code_outline *o, str focus, uint32_t lines, struct arena *a)
{
	struct map names;

	map_init(&names, a);
	for (size_t i = 0, end; i < focus.n; i = end) {
		bool is_line = focus.p[i] == '@';
		uint64_t number;
		str word;

		i += is_line;
		for (end = i; end < focus.n && is_name_byte(focus.p[end]);)
			end++;
		word = str_sub(focus, i, end);
		if (is_line && str_u64(word, &number) && number && number <= lines)
			show_line(o, (uint32_t)number - 1, lines);
		if (word.n >= NAME_MIN_BYTES)
			*map_at(&names, word) = &names;
		end += end == i;
	}
	show_named(o, &names, lines);
}

/* Lines that look like definitions, and runs that are too short. */
static void show_rest(const struct codec_in *in, const struct code_language *l,
	const struct code_file *f, const struct code_outline *o)
{
	uint32_t min = in->is_gentle ? GAP_LINES_GENTLE : GAP_LINES_MIN;

	for (uint32_t i = 0; i < f->n; i++)
		if (o->is_hidden[i] && code_is_signature(l, f->lines.v[i]))
			o->is_hidden[i] = false;
	for (uint32_t i = 0, end; i < f->n; i = end) {
		size_t bytes = 0;

		for (end = i; end < f->n && o->is_hidden[end]; end++)
			bytes += f->lines.v[end].n;
		if (end - i < min || bytes < GAP_BYTES_MIN)
			for (uint32_t k = i; k < end; k++)
				o->is_hidden[k] = false;
		end += end == i;
	}
}

/* ---- the text ---- */

static const char gap_end[] = " not shown]";

void code_gap_write(struct buf *b, struct code_gap g)
{
	buf_add_byte(b, '[');
	buf_add_u64(b, g.first);
	buf_add_byte(b, '-');
	buf_add_u64(b, g.last);
	buf_add_c(b, gap_end);
}

bool code_gap_parse(str line, struct code_gap *out)
{
	uint64_t first, last;
	size_t dash;

	if (!str_take(&line, STR("[")) || !str_ends(line, str_from(gap_end)))
		return false;
	line.n -= sizeof gap_end - 1;
	dash = str_find_byte(line, '-');
	if (dash == STR_NONE || !str_u64(str_sub(line, 0, dash), &first) ||
		!str_u64(str_sub(line, dash + 1, line.n), &last) || !first || first >= last ||
		last > UINT32_MAX || *line.p == '0' || line.p[dash + 1] == '0')
		return false;
	*out = (struct code_gap){(uint32_t)first, (uint32_t)last};
	return true;
}

static const str words_middle = {" lines of ", 10}, words_end = {", without those in brackets", 27};

void code_words_write(struct buf *b, const struct code_language *l, uint32_t lines)
{
	buf_add_u64(b, lines);
	buf_add(b, words_middle);
	buf_add_c(b, l->name);
	buf_add(b, words_end);
}

bool code_words_parse(str words, const struct code_language **l, uint32_t *lines)
{
	size_t at = str_find(words, words_middle);
	uint64_t n;

	if (at == STR_NONE || !str_ends(words, words_end) || !str_u64(str_sub(words, 0, at), &n) ||
		n > UINT32_MAX || at + words_middle.n > words.n - words_end.n)
		return false;
	*lines = (uint32_t)n;
	*l = code_language_named(str_sub(words, at + words_middle.n, words.n - words_end.n));
	return *l;
}

static bool write_text(const struct codec_in *in, const struct code_language *l,
	const struct code_file *f, const struct code_outline *o, struct buf *b)
{
	struct codec_head head = {&code_codec, CODEC_ELIDED, STR_NULL, in->route};
	struct buf words;
	bool has_gap = false;

	buf_init_arena(&words, b->arena, LIMIT_ERR_TEXT);
	code_words_write(&words, l, f->n);
	head.words = buf_str(&words);
	codec_head_write(b, &head);
	for (uint32_t i = 0, end; i < f->all.n; i = end) {
		uint32_t line = i - f->first; /* beyond n before the file */

		end = i + 1;
		buf_add_byte(b, '\n');
		if (line >= f->n || !o->is_hidden[line]) {
			buf_add(b, f->all.v[i]);
			continue;
		}
		while (end - f->first < f->n && o->is_hidden[end - f->first])
			end++;
		code_gap_write(b, (struct code_gap){line + 1, end - f->first});
		has_gap = true;
	}
	return has_gap && !b->err;
}

static bool has_gap_line(struct lines l)
{
	struct code_gap g;

	for (uint32_t i = 0; i < l.n; i++)
		if (code_gap_parse(l.v[i], &g))
			return true;
	return false;
}

static bool encode_code(const struct codec_in *in, struct arena *a, struct codec_out *out)
{
	const struct code_language *l = NULL;
	struct code_outline o;
	struct code_file f;
	struct buf b;
	str source;

	if (!in->route.n || in->text.n > LIMIT_INPUT || !code_file_of(in->text, a, &f) ||
		f.n < LINES_MIN || has_gap_line(f.all))
		return false;
	l = code_language_of(in->path, f.lines.v[0]);
	if (!l)
		return false;
	source = source_of(&f, in->text, a);
	l = code_dialect(l, in->path, source, a);
	if (!code_outline(l, source, f.lines, in->outlines, a, &o))
		return false;
	show_focus(&o, in->focus, f.n, a);
	show_rest(in, l, &f, &o);
	buf_init_arena(&b, a, LIMIT_INPUT);
	if (!write_text(in, l, &f, &o, &b))
		return false;
	*out = (struct codec_out){.text = buf_str(&b), .form = CODEC_ELIDED};
	return true;
}

const struct codec code_codec = {.word = "code",
	.encoder = ENCODER_CODE,
	.has_columns = true,
	.encode = encode_code,
	.holds = code_holds};
