#include "core/compress/http/http.h"

#include "core/base/limits.h"
#include "core/compress/http/line.h"
#include "core/compress/marker.h"
#include "core/compress/table/nested.h"

enum {
	NAMES_MAX = 12, /* of headers in one line */
	NOISE_MIN = 3,  /* lines in a section that are worth a line about them */
	BODY_MIN = 200, /* bytes of a body that goes by a codec */
};

#define WORDS "lines in brackets count what was left out above them"

/* What was left out of a section: lines up to the next start line, or to the next line that is none of an exchange. */
struct gap {
	uint32_t connection, progress, headers;
	str names[NAMES_MAX];
};

static void count(struct gap *g, enum http_kind kind, str name)
{
	g->connection += kind == HTTP_CONNECTION;
	g->progress += kind == HTTP_PROGRESS;
	if (kind == HTTP_HEADER && g->headers++ < NAMES_MAX)
		g->names[g->headers - 1] = name;
}

static uint32_t total(const struct gap *g)
{
	return g->connection + g->progress + g->headers;
}

/* "[20 of the connection; 2 of progress; 3 headers: date server via]" */
static void write_gap(const struct gap *g, struct buf *b)
{
	const char *sep = "[";

	if (g->connection) {
		buf_printf(b, "%s%u of the connection", sep, g->connection);
		sep = "; ";
	}
	if (g->progress) {
		buf_printf(b, "%s%u of progress", sep, g->progress);
		sep = "; ";
	}
	if (g->headers) {
		buf_printf(b, "%s%u header%s:", sep, g->headers, g->headers > 1 ? "s" : "");
		for (uint32_t i = 0; i < g->headers && i < NAMES_MAX; i++) {
			buf_add_byte(b, ' ');
			buf_add(b, g->names[i]);
		}
		if (g->headers > NAMES_MAX)
			buf_add_c(b, " ...");
	}
	buf_add_c(b, "]\n");
}

struct section {
	str text; /* its lines with their ends */
	uint32_t lines_n;
	struct gap gap;
	bool is_exchange; /* a line of it is more than text */
};

/* The line behind headers. */
static bool is_empty(str line)
{
	line = str_trim(line);
	return !line.n || str_eq(line, STR("<")) || str_eq(line, STR(">"));
}

/* From the beginning of *rest on: a start line and what follows it, or a line of text. */
static bool take_section(struct http_reader *r, str *rest, struct section *s)
{
	const char *from = rest->p;
	str line;

	*s = (struct section){0};
	while (rest->n) {
		str look = *rest, name;
		struct http_reader before = *r;
		enum http_kind kind;
		bool has_eol;

		(void)str_next_line(&look, &line, &has_eol);
		kind = http_line(r, line, &name);
		if (s->lines_n && (kind == HTTP_START || (kind == HTTP_TEXT && !is_empty(line)))) {
			*r = before;
			break;
		}
		*rest = look;
		s->lines_n++;
		s->is_exchange |= kind != HTTP_TEXT;
		if (has_eol)
			count(&s->gap, kind, name);
		if (kind == HTTP_TEXT)
			break;
	}
	s->text = (str){from, (size_t)(rest->p - from)};
	return s->lines_n > 0;
}

/* A section as it is sent: a reader that begins as the one that took it. */
static void write_section(struct http_reader r, const struct section *s, struct buf *b)
{
	bool is_shown = total(&s->gap) < NOISE_MIN, is_said = is_shown;
	str rest = s->text, line, name;

	while (rest.n) {
		bool has_eol;
		enum http_kind kind;

		(void)str_next_line(&rest, &line, &has_eol);
		kind = http_line(&r, line, &name);
		if (http_is_noise(kind) && has_eol && !is_shown)
			continue;
		/* The line that ends it stands behind what is said of it. */
		if (kind == HTTP_TEXT && !is_said) {
			write_gap(&s->gap, b);
			is_said = true;
		}
		buf_add(b, line);
		if (has_eol)
			buf_add_byte(b, '\n');
	}
	if (!is_said)
		write_gap(&s->gap, b);
}

/* Text whose lines could be taken for ours. */
static bool has_own_line(str text)
{
	struct codec_head head;
	size_t at, end;

	return marker_in_text(text) || codec_head_find(text, &head, &at, &end);
}

/* What follows the last section of the exchange, behind its empty line. */
static str find_body(str text)
{
	struct http_reader r = {0};
	str rest = text, body = STR_NULL;
	struct section s;

	while (take_section(&r, &rest, &s))
		if (s.is_exchange)
			body = rest;
	return body;
}

static bool write_body(const struct codec_in *in, str body, struct arena *a, struct buf *b)
{
	struct codec_in inner = {.text = body, .encoding = in->encoding, .cache = in->cache};
	size_t tokens;
	str coded;

	if (body.n < BODY_MIN || !nested_encode(&inner, a, &coded, &tokens) ||
		!str_starts(coded, STR("[")) || coded.n >= body.n)
		return false;
	buf_add(b, coded);
	return true;
}

/* ---- bodies that another exchange follows ---- */

static const str body_of = {"[body, ", 7}, lines_below = {" lines:]", 8};

/* The lines of text at the beginning of rest up to the next exchange, and the reader behind them; empty when there is none. */
static str find_middle(struct http_reader *r, str rest)
{
	struct http_reader at = *r;
	str behind = rest;
	struct section s;

	for (;;) {
		struct http_reader before = at;
		size_t n = (size_t)(behind.p - rest.p);

		if (!take_section(&at, &behind, &s))
			return STR_NULL;
		if (!s.is_exchange)
			continue;
		*r = before;
		return str_sub(rest, 0, n);
	}
}

static size_t count_lines(str text)
{
	size_t n = 1;

	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == '\n';
	return n;
}

/* "[body, 12 lines:]" and so many lines for the text at the beginning of *rest, which moves behind it. */
static bool write_middle(
	const struct codec_in *in, struct http_reader *r, str *rest, struct arena *a, struct buf *b)
{
	struct http_reader behind = *r;
	str middle = find_middle(&behind, *rest);
	struct buf coded;

	buf_init_arena(&coded, a, LIMIT_INPUT);
	if (!middle.n || !write_body(in, str_sub(middle, 0, middle.n - 1), a, &coded))
		return false;
	buf_add(b, body_of);
	buf_add_u64(b, count_lines(buf_str(&coded)));
	buf_add(b, lines_below);
	buf_add_byte(b, '\n');
	buf_add(b, buf_str(&coded));
	buf_add_byte(b, '\n');
	*r = behind;
	*rest = str_sub(*rest, middle.n, rest->n);
	return true;
}

/* Takes such a body off what is shown, and the text that it stands for off the original. */
static bool take_middle(struct http_reader *r, str *original, str *shown, struct arena *a)
{
	str middle = find_middle(r, *original), line, coded, back;
	uint64_t lines, n = 0;
	size_t end = 0;

	if (!str_next_line(shown, &line, NULL) || !str_take(&line, body_of) ||
		!str_ends(line, lines_below) ||
		!str_u64(str_sub(line, 0, line.n - lines_below.n), &lines) || !middle.n)
		return false;
	while (n < lines && end < shown->n)
		n += shown->p[end++] == '\n';
	if (!end || n < lines)
		return false;
	coded = str_sub(*shown, 0, end - 1);
	*shown = str_sub(*shown, end, shown->n);
	*original = str_sub(*original, middle.n, original->n);
	return nested_decode(coded, 0, a, &back) && str_eq(back, str_sub(middle, 0, middle.n - 1));
}

/* ---- all of it ---- */

/* All but the head line. *left_out: lines. */
static void write(const struct codec_in *in, struct arena *a, struct buf *b, uint32_t *left_out)
{
	str rest = in->text, body = find_body(in->text);
	struct http_reader r = {0};
	struct section s = {0};

	*left_out = 0;
	for (;;) {
		struct http_reader before;

		if (body.n && rest.p == body.p && write_body(in, body, a, b))
			return;
		if (s.is_exchange && rest.p != body.p)
			(void)write_middle(in, &r, &rest, a, b);
		before = r;
		if (!take_section(&r, &rest, &s))
			return;
		write_section(before, &s, b);
		*left_out += total(&s.gap) >= NOISE_MIN ? total(&s.gap) : 0;
	}
}

static bool encode(const struct codec_in *in, struct arena *a, struct codec_out *out)
{
	struct codec_head head = {.codec = &http_codec,
		.form = CODEC_ELIDED,
		.words = STR(WORDS),
		.route = in->route};
	uint32_t left_out;
	struct buf b;
	size_t end;

	if (!in->route.n || in->depth || in->is_gentle || in->is_file ||
		!http_looks_like(in->text) || has_own_line(in->text))
		return false;
	buf_init_arena(&b, a, LIMIT_INPUT);
	codec_head_write(&b, &head);
	buf_add_byte(&b, '\n');
	end = b.n;
	write(in, a, &b, &left_out);
	*out = (struct codec_out){.text = buf_str(&b), .form = CODEC_ELIDED};
	return left_out && b.err == E_OK && b.n < in->text.n &&
	       !marker_in_text(str_sub(out->text, end, b.n));
}

/* The codec has no exact form. */
static bool decode(str text, struct arena *a, str *out)
{
	(void)text;
	(void)a;
	(void)out;
	return false;
}

/* A section of the original against what is shown of it, line for line: only noise is left out, and the line about it
 * says how much of which kind. */
static bool is_shown(struct http_reader r, const struct section *s, str *shown, struct arena *a)
{
	struct buf want;

	buf_init_arena(&want, a, LIMIT_INPUT);
	write_section(r, s, &want);
	return want.err == E_OK && str_take(shown, buf_str(&want));
}

static bool holds(str original, str text, struct arena *a)
{
	struct http_reader r = {0};
	struct codec_head head, inner;
	size_t at, end;

	if (!codec_head_find(text, &head, &at, &end) || at || head.codec != &http_codec ||
		head.form != CODEC_ELIDED || !str_eq(head.words, STR(WORDS)))
		return false;
	text = str_sub(text, end, text.n);
	while (original.n) {
		struct http_reader before = r;
		struct section s;
		str back, rest, line;

		rest = text;
		if (str_starts(text, body_of)) {
			if (!take_middle(&r, &original, &text, a))
				return false;
			continue;
		}
		if (str_next_line(&rest, &line, NULL) && codec_head_parse(line, &inner))
			return nested_decode(text, 0, a, &back) && str_eq(back, original);
		if (!take_section(&r, &original, &s) || !is_shown(before, &s, &text, a))
			return false;
	}
	return !text.n;
}

const struct codec http_codec = {
	.word = "http",
	.encoder = ENCODER_HTTP,
	.kinds = 1u << KIND_TEXT | 1u << KIND_LOG | 1u << KIND_TABLE,
	.encode = encode,
	.decode = decode,
	.holds = holds,
	.is_outer = true,
	.is_unread = true,
};
