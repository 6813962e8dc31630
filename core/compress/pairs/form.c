#include "core/compress/pairs/form.h"

#include "core/base/limits.h"
#include "core/base/utf8.h"
#include "core/compress/table/notation.h"
#include "core/json/scan.h"

enum {
	TEXT_MIN = 100, /* bytes; a head costs as much */
	/* Percent of the bytes that must be saved before tokens are counted. */
	GAIN_PERCENT = 4,
};

static const str crlf = {", CRLF", 6};

/* True when every line end has a "\r" before it, and there is no other. */
static bool has_crlf(str text)
{
	size_t at = str_find_byte(text, '\n'), crs = 0, ends = 0, both = 0;

	if (at == STR_NONE || !at || text.p[at - 1] != '\r')
		return false;
	for (size_t i = 0; i < text.n; i++) {
		crs += text.p[i] == '\r';
		ends += text.p[i] == '\n';
		both += text.p[i] == '\n' && i && text.p[i - 1] == '\r';
	}
	return both == crs && both == ends;
}

static str without_crs(str text, struct arena *a)
{
	char *p = arena_alloc(a, text.n + 1, 1);
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] != '\r')
			p[n++] = text.p[i];
	return (str){p, n};
}

static void add_with_crs(str text, struct buf *b)
{
	while (text.n) {
		size_t at = str_find_byte(text, '\n'), end = at == STR_NONE ? text.n : at;

		buf_add(b, str_sub(text, 0, end));
		if (at == STR_NONE)
			return;
		buf_add_c(b, "\r\n");
		text = str_sub(text, at + 1, text.n);
	}
}

/* The part of in->text, which is text but for its "\r". The other form has mostly asked before. */
static const struct pairs_part *find_part(
	const struct pairs_form *f, const struct codec_in *in, str text, struct arena *a)
{
	const struct codec_kept *kept = codec_kept(in, f->codec);
	struct pairs_part *part;

	if (kept)
		return kept->what;
	part = arena_new(a, struct pairs_part);
	if (!f->find(text, a, part) || utf8_valid_n(part->json) < part->json.n ||
		(!part->tape.n && json_scan(a, part->json, &part->tape, NULL) != E_OK))
		part = NULL;
	codec_keep(in, f->codec, part);
	return part;
}

bool pairs_encode(const struct pairs_form *f, const struct codec_in *in, struct arena *a,
	struct codec_out *out)
{
	struct codec_head head = {.codec = f->codec, .route = in->route};
	const struct pairs_part *part;
	struct buf words, body, b;
	str text = in->text;
	unsigned used;

	head.form = in->route.n ? CODEC_ELIDED : CODEC_EXACT;
	if (text.n < TEXT_MIN || in->depth)
		return false;
	if (has_crlf(text))
		text = without_crs(text, a);
	part = find_part(f, in, text, a);
	if (!part)
		return false;
	buf_init_arena(&words, a, LIMIT_INPUT);
	buf_init_arena(&body, a, LIMIT_INPUT);
	buf_init_arena(&b, a, LIMIT_INPUT);
	/* What grows leaves behind what was too small, and what is longer is of no use. */
	(void)buf_reserve(&body, text.n);
	if (!notation_write(&part->tape, in, a, &body, &used))
		return false;
	buf_add(&words, part->words);
	if (text.n < in->text.n)
		buf_add(&words, crlf);
	notation_explain(used, &words);
	head.words = buf_str(&words);
	if (!codec_assemble(&head, part->before, buf_str(&body), part->after, &b))
		return false;
	*out = (struct codec_out){.text = buf_str(&b), .form = head.form};
	return b.n + in->text.n / 100 * GAIN_PERCENT < in->text.n;
}

/* What stands in an encoded text. */
struct reading {
	str before, after, words;
	bool is_crlf;
	struct buf json;
	struct read_out read;
};

static bool read_text(const struct pairs_form *f, str text, enum codec_form form, struct arena *a,
	struct reading *r)
{
	struct codec_head head;
	size_t at, end, words_end;

	if (!codec_head_find(text, &head, &at, &end) || head.codec != f->codec || head.form != form)
		return false;
	words_end = str_find(head.words, STR("; "));
	r->words = str_sub(head.words, 0, words_end == STR_NONE ? head.words.n : words_end);
	r->is_crlf = str_ends(r->words, crlf);
	r->words.n -= r->is_crlf ? crlf.n : 0;
	r->before = str_sub(text, 0, at);
	text = str_sub(text, end, text.n);
	buf_init_arena(&r->json, a, LIMIT_INPUT);
	if (!notation_read(text, a, &r->json, &r->read))
		return false;
	r->after = str_sub(text, r->read.end, text.n);
	return !r->after.n || *r->after.p == '\n';
}

bool pairs_decode(const struct pairs_form *f, str text, struct arena *a, str *out)
{
	struct reading r;
	struct buf b;
	str body;

	if (!read_text(f, text, CODEC_EXACT, a, &r) || r.read.gaps_n ||
		!f->print(r.words, buf_str(&r.json), a, &body))
		return false;
	buf_init_arena(&b, a, LIMIT_INPUT);
	if (r.is_crlf) {
		add_with_crs(r.before, &b);
		add_with_crs(body, &b);
		add_with_crs(r.after, &b);
	} else {
		buf_add(&b, r.before);
		buf_add(&b, body);
		buf_add(&b, r.after);
	}
	*out = buf_str(&b);
	return b.err == E_OK;
}

bool pairs_holds(const struct pairs_form *f, str original, str text, struct arena *a)
{
	struct pairs_part part;
	struct reading r;

	if (!read_text(f, text, CODEC_ELIDED, a, &r) || r.is_crlf != has_crlf(original))
		return false;
	if (r.is_crlf)
		original = without_crs(original, a);
	return f->find(original, a, &part) && str_eq(r.before, part.before) &&
	       str_eq(r.after, part.after) && str_eq(r.words, part.words) &&
	       notation_holds(part.json, buf_str(&r.json), &r.read, a);
}
