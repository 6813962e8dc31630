#include "core/compress/table/table.h"

#include "core/base/limits.h"
#include "core/compress/marker.h"
#include "core/compress/table/gist.h"
#include "core/compress/table/gist_plain.h"
#include "core/compress/table/gist_text.h"
#include "core/compress/table/contract.h"
#include "core/compress/table/escape.h"
#include "core/compress/table/notation.h"
#include "core/compress/table/part.h"
#include "core/compress/table/read.h"
#include "core/compress/table/write.h"
#include "core/json/scan.h"

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
	notation_explain(used, out);
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
		words = str_sub(words, at, words.n);
		if (!str_take(&words, STR(", ")))
			return false;
	}
}

/* ---- encoding ---- */

enum {
	HEAD_ROOM = 256, /* bytes of a head line with its route */
	READ_TIMES = 6   /* a document is as large as so many of its text, for a start */
};

/* Before, head, body, after. False when the head is not the first one, or a line looks like a marker. */
static bool assemble(const struct part *part, struct codec_head *head, struct buf *words, str body,
	struct buf *out)
{
	bool is_joined = part->before.n && !str_ends(part->before, STR("\n"));
	struct codec_head found;
	size_t at, end;

	head->words = buf_str(words);
	(void)buf_reserve(out, part->before.n + words->n + body.n + part->after.n + HEAD_ROOM);
	buf_add(out, part->before);
	if (is_joined)
		buf_add_byte(out, '\n');
	codec_head_write(out, head);
	buf_add_byte(out, '\n');
	buf_add(out, body);
	buf_add(out, part->after);
	return out->err == E_OK && codec_head_find(buf_str(out), &found, &at, &end) &&
	       at == part->before.n + is_joined && !marker_in_text(part->before) &&
	       !marker_in_text(body) && !marker_in_text(part->after);
}

/* Logs are JSON in each line or not at all, as a rule. */
static bool begins_json(str text)
{
	text = str_trim(text);
	return text.n && (*text.p == '{' || *text.p == '[');
}

/* The JSON of a text, which is the same for both forms. */
struct source {
	struct part part;
	struct facts facts;
};

/* NULL when there is none. The other form has mostly asked before. */
static const struct source *find(const struct codec_in *in, struct arena *a)
{
	const struct codec_kept *kept = codec_kept(in, &table_codec);
	struct source *s;

	if (kept)
		return kept->what;
	s = arena_new(a, struct source);
	if (part_find(in->text, a, &s->part))
		facts_init(&s->facts, s->part.tape, a);
	else
		s = NULL;
	codec_keep(in, &table_codec, s);
	return s;
}

/* What is left out. */
struct left_out {
	struct pick rows;
	struct gists strings;
};

/* f becomes facts of the document without what is left out of strings. False when that is nothing, and rows neither. */
static bool leave_out(
	const struct codec_in *in, struct facts *f, struct left_out *out, struct arena *a)
{
	bool has_rows = pick_rows(f, in->query, in->is_gentle, a, &out->rows);
	bool has_strings = !in->is_gentle && gist_document(f, &out->rows, in, a, &out->strings);

	if (has_strings)
		facts_init(f, out->strings.t, a);
	f->encoding = in->encoding;
	f->cache = in->cache;
	/* What is left one wants to search and to quote. */
	f->is_whole = true;
	return has_rows || has_strings;
}

/* The document as it is shown; what it used is added. False when nothing was left out in the end. */
static bool write_body(const struct codec_in *in, const struct facts *f,
	const struct left_out *left, struct arena *a, struct buf *body, unsigned *used)
{
	*used = write_document(&(struct write_in){.f = f,
				       .encoding = in->encoding,
				       .cache = in->cache,
				       .pick = left ? &left->rows : NULL,
				       .depth = in->depth,
				       .arena = a},
		body);
	*used |= left && left->strings.has_marks ? USED_GIST : 0;
	*used |= left && left->strings.has_plain ? USED_PLAIN : 0;
	return body->err == E_OK &&
	       (!left || left->strings.has_coded || *used & (USED_GAP | USED_GIST | USED_PLAIN));
}

static bool encode(const struct codec_in *in, struct arena *a, struct codec_out *out)
{
	struct codec_head head = {.codec = &table_codec, .route = in->route};
	struct buf words, body, b;
	const struct source *source;
	struct part part;
	struct facts facts;
	struct left_out left = {.rows.n = 0};
	struct form form;
	unsigned used;

	head.form = in->route.n ? CODEC_ELIDED : CODEC_EXACT;
	if (in->kind == KIND_LOG && !begins_json(in->text))
		return false;
	source = find(in, a);
	if (!source)
		return false;
	part = source->part;
	facts = source->facts;
	if (head.form == CODEC_EXACT && !part_find_layout(&part, facts.bytes))
		return false;
	facts.encoding = in->encoding;
	facts.cache = in->cache;
	if (head.form == CODEC_ELIDED && !leave_out(in, &facts, &left, a))
		return false;
	form = (struct form){.layout = head.form == CODEC_EXACT ? part.layout : (struct layout){0},
		.escapes = facts.escapes,
		.has_lines = part.has_lines,
		.is_joined = part.before.n && !str_ends(part.before, STR("\n"))};
	buf_init_arena(&body, a, LIMIT_INPUT);
	buf_init_arena(&words, a, LIMIT_INPUT);
	buf_init_arena(&b, a, LIMIT_INPUT);
	if (head.form == CODEC_EXACT)
		(void)buf_reserve(&body, part.body.n / 2);
	if (!write_body(in, &facts, head.form == CODEC_ELIDED ? &left : NULL, a, &body, &used))
		return false;
	write_words(&form, used, &words);
	if (!assemble(&part, &head, &words, buf_str(&body), &b))
		return false;
	*out = (struct codec_out){.text = buf_str(&b), .form = head.form};
	/* Of what describes something one seldom asks for more. */
	out->is_minor = (left.strings.has_marks || left.strings.has_plain) &&
			!left.strings.has_coded && !left.rows.n;
	return b.n < in->text.n;
}

/* What stands in an encoded text: its parts, and the document without white space. */
struct reading {
	str before, after;
	struct form form;
	struct buf minified;
	struct read_out read;
	struct gist_heads strings;
};

static bool read_text(
	str text, enum codec_form form, unsigned depth, struct arena *a, struct reading *r)
{
	struct codec_head head;
	size_t at, end;

	if (!codec_head_find(text, &head, &at, &end) || head.codec != &table_codec ||
		head.form != form || !read_words(head.words, &r->form) ||
		(r->form.is_joined && !at))
		return false;
	r->strings.has_marks = str_find(head.words, STR(GIST_WORDS)) != STR_NONE;
	r->strings.has_plain = str_find(head.words, STR(GIST_PLAIN_WORDS)) != STR_NONE;
	r->before = str_sub(text, 0, at - r->form.is_joined);
	text = str_sub(text, end, text.n);
	buf_init_arena(&r->minified, a, LIMIT_INPUT);
	/* What is not written takes nothing; growing does. */
	(void)buf_reserve(
		&r->minified, text.n < LIMIT_INPUT / READ_TIMES ? text.n * READ_TIMES : text.n);
	if (!read_document(text, r->form.escapes, depth, a, &r->minified, &r->read))
		return false;
	r->after = str_sub(text, r->read.end, text.n);
	return !r->after.n || *r->after.p == '\n';
}

bool table_decode(str text, unsigned depth, struct arena *a, str *out)
{
	struct reading *r = arena_new(a, struct reading);
	struct buf b;
	str body;

	if (!read_text(text, CODEC_EXACT, depth, a, r) || r->read.gaps_n ||
		!part_print(&r->form.layout, r->form.has_lines, buf_str(&r->minified), a, &body))
		return false;
	if (!r->before.n && body.p == r->minified.p) {
		buf_add(&r->minified, r->after);
		*out = buf_str(&r->minified);
		return r->minified.err == E_OK;
	}
	buf_init_arena(&b, a, LIMIT_INPUT);
	(void)buf_reserve(&b, r->before.n + body.n + r->after.n);
	buf_add(&b, r->before);
	buf_add(&b, body);
	buf_add(&b, r->after);
	*out = buf_str(&b);
	return b.err == E_OK;
}

static bool decode(str text, struct arena *a, str *out)
{
	return table_decode(text, 0, a, out);
}

/* The contract: what is shown is the original, value for value, but for children of arrays whose number is said
 * where they stood, and none of which tells of an error. */
static bool holds(str original, str text, struct arena *a)
{
	struct reading *r = arena_new(a, struct reading);
	struct json_tape shown;
	struct part part;

	return part_find(original, a, &part) && read_text(text, CODEC_ELIDED, 0, a, r) &&
	       str_eq(r->before, part.before) && str_eq(r->after, part.after) &&
	       r->form.has_lines == part.has_lines &&
	       json_scan(a, buf_str(&r->minified), &shown, NULL) == E_OK &&
	       contract_holds(&part.tape, &shown, &r->read, gist_prove(&shown, r->strings, a), a);
}

const struct codec table_codec = {
	.word = "json",
	.encoder = ENCODER_TABLE,
	.kinds = 1u << KIND_JSON | 1u << KIND_JSONL | 1u << KIND_TEXT | 1u << KIND_LOG,
	.encode = encode,
	.decode = decode,
	.holds = holds,
};
