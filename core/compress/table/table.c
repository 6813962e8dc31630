#include "core/compress/table/table.h"

#include "core/base/limits.h"
#include "core/compress/marker.h"
#include "core/compress/table/escape.h"
#include "core/compress/table/part.h"
#include "core/compress/table/read.h"
#include "core/compress/table/write.h"

/* ---- the head ---- */

/* How the body is told apart from others of the same content. */
struct form {
	struct layout layout;
	unsigned escapes;
	bool has_lines,
		is_joined; /* is_joined: the body began on the line of what stands before it */
};

static const struct {
	const char *word;
	unsigned escape;
} escape_words[] = {{"ascii", ESCAPE_ASCII}, {"html", ESCAPE_HTML}, {"slashes", ESCAPE_SLASH},
	{"upper", ESCAPE_UPPER}};

/* In the order in which a reader meets them. */
static const struct {
	unsigned used;
	const char *text;
} explanations[] = {
	{USED_PIECE, "$1: its text below"},
	{USED_TABLE | USED_MAP, "rows below their columns"},
	{USED_KEYED, "? given by key"},
	{USED_ABSENT, "- absent"},
	{USED_DITTO, "^ as above"},
	{USED_NAME, "*1 repeats &1"},
	{USED_LIKE, "*1(..) has its keys"},
	{USED_BLOCK, "|2 text of 2 lines"},
};

static void write_words(const struct form *f, unsigned used, struct buf *out)
{
	size_t from = out->n;

	if (f->has_lines)
		buf_add_c(out, ", lines");
	layout_write(&f->layout, out);
	for (size_t i = 0; i < ARRAY_N(escape_words); i++)
		if (f->escapes & escape_words[i].escape)
			buf_printf(out, ", %s", escape_words[i].word);
	if (f->is_joined)
		buf_add_c(out, ", same line");
	if (out->n == from)
		buf_add_c(out, ", minified");
	/* The first ", " separates nothing. */
	memmove(out->p + from, out->p + from + 2, out->n - from - 2);
	out->n -= 2;
	for (size_t i = 0, n = 0; i < ARRAY_N(explanations); i++)
		if (used & explanations[i].used)
			buf_printf(out, "%s%s", n++ ? ", " : "; ", explanations[i].text);
}

static bool read_word(struct form *f, str word)
{
	for (size_t i = 0; i < ARRAY_N(escape_words); i++) {
		if (str_eq_c(word, escape_words[i].word)) {
			f->escapes |= escape_words[i].escape;
			return true;
		}
	}
	if (str_eq(word, STR("lines")))
		f->has_lines = true;
	else if (str_eq(word, STR("same line")))
		f->is_joined = true;
	else if (!str_eq(word, STR("minified")))
		return layout_read(&f->layout, word);
	return true;
}

static bool read_words(str words, struct form *f)
{
	size_t end = str_find(words, STR("; "));

	*f = (struct form){0};
	if (end != STR_NONE)
		words.n = end;
	for (;;) {
		size_t at = str_find(words, STR(", "));

		/* A sign in quotes holds what separates words. */
		if (str_starts(words, STR("\", \" at ends")))
			at = words.n > 12 ? 12 : STR_NONE;
		else if (str_starts(words, STR("\", \"")))
			at = words.n > 4 ? 4 : STR_NONE;
		if (!read_word(f, str_sub(words, 0, at == STR_NONE ? words.n : at)))
			return false;
		if (at == STR_NONE)
			return true;
		words = str_sub(words, at + 2, words.n);
	}
}

/* ---- encoding ---- */

static bool encode(const struct codec_in *in, struct arena *a, struct codec_out *out)
{
	struct codec_head head = {.codec = &table_codec};
	struct codec_head other;
	struct buf words, body, b;
	struct part part;
	struct facts facts;
	struct form form;
	size_t at, end;
	unsigned used;

	if (in->route.n || !part_find(in->text, a, &part))
		return false;
	facts_init(&facts, part.tape, a);
	form = (struct form){.layout = part.layout,
		.escapes = facts.escapes,
		.has_lines = part.has_lines,
		.is_joined = part.before.n && !str_ends(part.before, STR("\n"))};
	buf_init_arena(&body, a, LIMIT_INPUT);
	used = write_document(
		&(struct write_in){
			.f = &facts, .encoding = in->encoding, .cache = in->cache, .arena = a},
		&body);
	buf_init_arena(&words, a, LIMIT_INPUT);
	write_words(&form, used, &words);
	head.words = buf_str(&words);
	buf_init_arena(&b, a, LIMIT_INPUT);
	buf_add(&b, part.before);
	if (form.is_joined)
		buf_add_byte(&b, '\n');
	codec_head_write(&b, &head);
	buf_add_byte(&b, '\n');
	buf_add(&b, buf_str(&body));
	buf_add(&b, part.after);
	*out = (struct codec_out){buf_str(&b), CODEC_EXACT};
	return b.err == E_OK && body.err == E_OK && b.n < in->text.n &&
	       codec_head_find(out->text, &other, &at, &end) &&
	       at == part.before.n + form.is_joined && !marker_in_text(out->text);
}

static bool decode(str text, struct arena *a, str *out)
{
	struct codec_head head;
	struct read_out read;
	struct form form;
	struct buf minified, b;
	size_t at, end;
	str body, before;

	if (!codec_head_find(text, &head, &at, &end) || head.codec != &table_codec ||
		head.form != CODEC_EXACT || !read_words(head.words, &form))
		return false;
	before = str_sub(text, 0, at);
	if (form.is_joined && !at)
		return false;
	before.n -= form.is_joined;
	text = str_sub(text, end, text.n);
	buf_init_arena(&minified, a, LIMIT_INPUT);
	if (!read_document(text, form.escapes, a, &minified, &read) || read.gaps_n)
		return false;
	text = str_sub(text, read.end, text.n);
	if (text.n && *text.p != '\n')
		return false;
	if (!part_print(&form.layout, form.has_lines, buf_str(&minified), a, &body))
		return false;
	buf_init_arena(&b, a, LIMIT_INPUT);
	buf_add(&b, before);
	buf_add(&b, body);
	buf_add(&b, text);
	*out = buf_str(&b);
	return b.err == E_OK;
}

const struct codec table_codec = {
	.word = "json",
	.encoder = ENCODER_TABLE,
	.kinds = 1u << KIND_JSON | 1u << KIND_JSONL | 1u << KIND_TEXT,
	.encode = encode,
	.decode = decode,
};
