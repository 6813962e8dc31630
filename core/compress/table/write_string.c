/* Strings in the notation: bare, as literals, as JSON, or as lines of their own. */
#include "core/base/limits.h"
#include "core/compress/marker.h"
#include "core/compress/table/cell.h"
#include "core/compress/table/escape.h"
#include "core/compress/table/nested.h"
#include "core/compress/table/part.h"
#include "core/compress/table/separator.h"
#include "core/compress/table/write.h"
#include "core/json/scan.h"

enum {
	JSON_BYTES = 24, /* strings of less are never shown as JSON */
	COUNT_BYTES = 4096,
	BLOCK_BYTES = 48, /* strings of less never get lines of their own */
	BLOCK_MAX = 1 << 20,
	CODED_BYTES = 200, /* strings of less are shown by no codec: a head line is dear */
	/* What a codec must save over what is easier to read: tokens, and one in so many. */
	CODED_GAIN = 8,
	CODED_SHARE = 16,
};

static enum cell_place cell_place(struct place p)
{
	static const enum cell_place places[] = {
		[IN_BRACKETS] = CELL_INNER, [IN_ROW] = CELL_ROW, [IN_HEAD] = CELL_HEAD};

	return places[p.where];
}

static bool has_control(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			return true;
	return false;
}

/* ---- ways to show it ---- */

/* A way to show a string. What has lines of its own is "|N" and these lines. */
struct way {
	str text;
	uint32_t lines; /* 0: it stands where it is */
	size_t tokens;
	unsigned used;
};

/* By tokens; of long texts that stand where they are bytes say enough. */
static size_t way_tokens(const struct writer *w, str text)
{
	return token_count(w->in->encoding, text, w->in->cache);
}

static uint32_t count_lines(str text)
{
	uint32_t n = 1;

	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == '\n';
	return n;
}

static void set_lines(struct way *way, str text)
{
	way->text = text;
	way->lines = count_lines(text);
	way->used = USED_BLOCK;
}

/* Text that can stand as lines. */
static bool can_be_block(str text)
{
	if (text.n > BLOCK_MAX || text.n < BLOCK_BYTES || str_find_byte(text, '\n') == STR_NONE)
		return false;
	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] < 0x20 && text.p[i] != '\n' && text.p[i] != '\t')
			return false;
	return !marker_in_text(text) && !nested_is(text);
}

/* "|N", the line end. */
enum { BLOCK_TOKENS = 3 };

static bool as_block(const struct writer *w, str text, struct way *out)
{
	if (!can_be_block(text))
		return false;
	set_lines(out, text);
	out->tokens = way_tokens(w, text) + BLOCK_TOKENS;
	return true;
}

/* By the codec of its kind. */
static bool as_coded(const struct writer *w, str text, struct way *out)
{
	const struct codec_in in = {.text = text,
		.encoding = w->in->encoding,
		.cache = w->in->cache,
		.depth = w->in->depth};
	size_t tokens;
	str coded;

	if (text.n < CODED_BYTES || text.n > BLOCK_MAX ||
		!nested_encode(&in, w->arena, &coded, &tokens))
		return false;
	set_lines(out, coded);
	out->tokens = tokens + BLOCK_TOKENS;
	return true;
}

/* The document of a tape between brackets: nothing in it has a name, nor a line of its own. */
static str inner_document(struct writer *w, struct json_tape tape, unsigned *used)
{
	const struct place p = {.where = IN_BRACKETS};
	struct facts f = {.t = tape};
	struct writer *inner = arena_new(w->arena, struct writer);
	struct buf b;

	f.class_of = arena_array(w->arena, uint32_t, tape.n);
	buf_init_arena(&b, w->arena, LIMIT_INPUT);
	*inner = (struct writer){.f = &f,
		.in = w->in,
		.arena = w->arena,
		.out = &b,
		.dict = w->dict,
		.inner = w->inner + 1};
	write_value(inner, 0, p);
	*used = inner->used & (USED_PIECE | USED_JSON);
	return buf_str(&b);
}

/* As JSON between brackets. */
static bool as_json(struct writer *w, str text, struct way *out)
{
	static const struct layout spaced = LAYOUT_SPACED;
	bool has_line = str_ends(text, STR("\n")), is_spaced = false;
	str body = str_sub(text, 0, text.n - has_line), inner;
	struct json_tape tape;
	struct buf b;

	if (w->inner == NESTED_MAX || text.n < JSON_BYTES || !body.n ||
		(*body.p != '{' && *body.p != '[') ||
		json_scan(w->arena, body, &tape, NULL) != E_OK)
		return false;
	if (!part_is_minified(&tape)) {
		is_spaced = layout_is(&spaced, body);
		if (!is_spaced)
			return false;
	}
	inner = inner_document(w, tape, &out->used);
	buf_init_arena(&b, w->arena, LIMIT_INPUT);
	buf_printf(&b, CELL_JSON "%s", is_spaced ? " " : "");
	buf_add(&b, inner);
	buf_add_c(&b, has_line ? "\\n" : "");
	out->text = buf_str(&b);
	out->lines = 0;
	out->used |= USED_JSON;
	out->tokens = way_tokens(w, out->text);
	return true;
}

/* The cheapest way to show a string with escapes; the literal itself where that is it. */
static struct way choose_way(struct writer *w, str text, str literal, struct place p)
{
	bool can_have_lines = !w->inner && (p.can_break || w->below);
	struct way best = {.text = literal, .tokens = way_tokens(w, literal)}, way = {0};

	if (as_json(w, text, &way) && way.tokens < best.tokens)
		best = way;
	if (!can_have_lines)
		return best;
	if (as_block(w, text, &way) && way.tokens < best.tokens)
		best = way;
	if (as_coded(w, text, &way) && way.tokens + CODED_GAIN <= best.tokens &&
		way.tokens + best.tokens / CODED_SHARE <= best.tokens)
		best = way;
	return best;
}

/* False when it is its literal that is shown. */
static bool write_way(struct writer *w, const struct way *way, bool can_break)
{
	struct buf *lines = can_break ? w->out : w->below;

	if (!way->used)
		return false;
	w->used |= way->used;
	if (!way->lines) {
		buf_add(w->out, way->text);
		return true;
	}
	buf_printf(w->out, "|%u", way->lines);
	buf_add_byte(lines, '\n');
	buf_add(lines, way->text);
	w->needs_line = can_break;
	return true;
}

/* ---- strings ---- */

void write_text(struct writer *w, str text, str literal, struct place p)
{
	if (cell_is_bare(text, cell_place(p), p.sep, p.is_text) &&
		!dict_is_ambiguous(&w->dict, text)) {
		str shorter = dict_shorten(&w->dict, text, w->arena);

		if (shorter.p != text.p)
			w->used |= USED_PIECE;
		if (w->notes)
			separator_note(w, p, text, literal, shorter);
		buf_add(w->out, shorter);
		return;
	}
	if (literal.p) {
		buf_add(w->out, literal);
		return;
	}
	buf_add_byte(w->out, '"');
	buf_add(w->out, text);
	buf_add_byte(w->out, '"');
}

void write_string(struct writer *w, uint32_t node, struct place p)
{
	str literal = json_text(&w->f->t, node), text;
	bool has_escape = w->f->t.v[node].n;

	if (w->is_dry)
		return;
	if (!escape_undo(w->f->escapes, literal, has_escape, w->arena, &text)) {
		buf_add(w->out, literal);
		return;
	}
	w->has_guess |= has_escape && text.n >= JSON_BYTES;
	if (has_escape && !w->is_trial && text.n >= JSON_BYTES) {
		struct way way = choose_way(w, text, literal, p);

		if (write_way(w, &way, p.can_break))
			return;
	}
	if (has_escape && has_control(text))
		buf_add(w->out, literal);
	else
		write_text(w, text, literal, p);
}
