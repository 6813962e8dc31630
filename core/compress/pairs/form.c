#include "core/compress/pairs/form.h"

#include "core/base/limits.h"
#include "core/base/utf8.h"
#include "core/compress/marker.h"
#include "core/compress/table/notation.h"

enum {
	TEXT_MIN = 100, /* bytes; a head costs as much */
	/* Percent of the bytes that must be saved before tokens are counted. */
	GAIN_PERCENT = 4,
};

/* Before, head, value, after. False when the head is not the first one, or a line looks like a marker. */
static bool assemble(
	const struct pairs_part *part, const struct codec_head *head, str body, struct buf *out)
{
	struct codec_head found;
	size_t at, end;

	buf_add(out, part->before);
	codec_head_write(out, head);
	buf_add_byte(out, '\n');
	buf_add(out, body);
	buf_add(out, part->after);
	return out->err == E_OK && codec_head_find(buf_str(out), &found, &at, &end) &&
	       at == part->before.n && found.codec == head->codec &&
	       !marker_in_text(part->before) && !marker_in_text(body) &&
	       !marker_in_text(part->after);
}

bool pairs_encode(const struct pairs_form *f, const struct codec_in *in, struct arena *a,
	struct codec_out *out)
{
	struct codec_head head = {.codec = f->codec, .route = in->route};
	struct pairs_part part;
	struct buf words, body, b;
	unsigned used;

	head.form = in->route.n ? CODEC_ELIDED : CODEC_EXACT;
	if (in->text.n < TEXT_MIN || in->depth || !f->find(in->text, a, &part) ||
		utf8_valid_n(part.json) < part.json.n)
		return false;
	buf_init_arena(&words, a, LIMIT_INPUT);
	buf_init_arena(&body, a, LIMIT_INPUT);
	buf_init_arena(&b, a, LIMIT_INPUT);
	if (!notation_write(part.json, in, a, &body, &used))
		return false;
	buf_add(&words, part.words);
	notation_explain(used, &words);
	head.words = buf_str(&words);
	if (!assemble(&part, &head, buf_str(&body), &b))
		return false;
	*out = (struct codec_out){.text = buf_str(&b), .form = head.form};
	return b.n + in->text.n / 100 * GAIN_PERCENT < in->text.n;
}

/* What stands in an encoded text. */
struct reading {
	str before, after, words;
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
	buf_add(&b, r.before);
	buf_add(&b, body);
	buf_add(&b, r.after);
	*out = buf_str(&b);
	return b.err == E_OK;
}

bool pairs_holds(const struct pairs_form *f, str original, str text, struct arena *a)
{
	struct pairs_part part;
	struct reading r;

	return f->find(original, a, &part) && read_text(f, text, CODEC_ELIDED, a, &r) &&
	       str_eq(r.before, part.before) && str_eq(r.after, part.after) &&
	       str_eq(r.words, part.words) &&
	       notation_holds(part.json, buf_str(&r.json), &r.read, a);
}
