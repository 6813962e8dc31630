/* The exact form: lines that begin and end alike are told by what is between, below a line that says the rest:
 *	[build: 4 lines; ...]
 *	[3 lines: test store::tests::… ... ok]
 *	opens
 *	closes
 *	grows
 * Of the lines of a group some may have more in common, and make a group in it. */
#include "core/base/limits.h"
#include "core/compress/build/build.h"
#include "core/compress/lines.h"
#include "core/compress/marker.h"

#define HOLE "\xe2\x80\xa6" /* an ellipsis */

enum {
	/* Lines of a group, at least. */
	GROUP_MIN = 3,
	/* Bytes that a group's head costs about, beyond what it says. */
	HEAD_BYTES = 14,
	/* Bytes that two lines must have in common to begin a group. */
	COMMON_MIN = 10,
	/* Percent of its bytes that a text must lose. */
	EXACT_GAIN_PERCENT = 10,
};

/* Lines from at on, n of them, that begin with prefix and end with suffix bytes of the first one. */
struct group {
	uint32_t at, n;
	size_t prefix, suffix;
};

static bool is_cut(char c)
{
	return c == ' ' || c == '/' || c == ':' || c == '.' || c == '(' || c == '_' || c == '=' ||
	       c == '\t';
}

/* A prefix ends behind a sign, and a suffix begins with one, so that no word is cut. */
static size_t cut_prefix(str line, size_t n)
{
	while (n && !is_cut(line.p[n - 1]))
		n--;
	return n;
}

static size_t cut_suffix(str line, size_t n)
{
	while (n && !is_cut(line.p[line.n - n]))
		n--;
	return n;
}

/* What two lines have in common at both ends, without counting anything twice. */
static void common_ends(str a, str b, size_t *prefix, size_t *suffix)
{
	size_t shorter = a.n < b.n ? a.n : b.n;

	*prefix = cut_prefix(a, str_common_prefix(a, b));
	*suffix = str_common_suffix(a, b);
	if (*suffix > shorter - *prefix)
		*suffix = shorter - *prefix;
	*suffix = cut_suffix(a, *suffix);
}

static size_t gain(size_t n, size_t ends)
{
	size_t all = n * ends;

	return all > ends + HEAD_BYTES ? all - ends - HEAD_BYTES : 0;
}

/* The group that begins with line i: grows while a longer one with less in common saves more. */
static struct group find_group(struct lines l, uint32_t i)
{
	struct group g = {.at = i, .n = 1};

	for (uint32_t k = i + 1; k + 1 < l.n; k++) {
		size_t prefix, suffix, ends = g.prefix + g.suffix;

		common_ends(l.v[i], l.v[k], &prefix, &suffix);
		if (g.n > 1) {
			prefix = prefix < g.prefix ? prefix : g.prefix;
			suffix = suffix < g.suffix ? suffix : g.suffix;
		}
		if (g.n == 1 && prefix + suffix < COMMON_MIN)
			break;
		/* what this line would save in a group of its own with those of the same ends is lost here */
		if (g.n > 1 && prefix + suffix < ends &&
			gain(g.n + 1, prefix + suffix) < gain(g.n, ends) + HEAD_BYTES)
			break;
		g.prefix = prefix;
		g.suffix = suffix;
		g.n++;
	}
	return g;
}

static bool has_hole(str s)
{
	return str_find(s, STR(HOLE)) != STR_NONE;
}

static bool parse_head(str line, uint32_t *n, str *prefix, str *suffix)
{
	size_t colon, hole;
	uint64_t v;

	if (!str_take(&line, STR("[")) || !str_ends(line, STR("]")))
		return false;
	line.n--;
	colon = str_find(line, STR(" lines: "));
	if (colon == STR_NONE || !str_u64(str_sub(line, 0, colon), &v) || v < GROUP_MIN ||
		v > INT32_MAX)
		return false;
	line = str_sub(line, colon + 8, line.n);
	hole = str_find(line, STR(HOLE));
	if (hole == STR_NONE)
		return false;
	*n = (uint32_t)v;
	*prefix = str_sub(line, 0, hole);
	*suffix = str_sub(line, hole + sizeof HOLE - 1, line.n);
	return !has_hole(*suffix);
}

static bool is_in_the_way(str line)
{
	struct codec_head h;
	struct marker m;
	str prefix, suffix;
	uint32_t n;

	return line.n && *line.p == '[' &&
	       (parse_head(line, &n, &prefix, &suffix) || codec_head_parse(line, &h) ||
		       marker_parse(line, &m));
}

static bool is_worth(struct lines l, const struct group *g)
{
	str first = l.v[g->at];

	return g->n >= GROUP_MIN && gain(g->n, g->prefix + g->suffix) > HEAD_BYTES &&
	       !has_hole(str_sub(first, 0, g->prefix)) &&
	       !has_hole(str_sub(first, first.n - g->suffix, first.n));
}

/* All lines from i on that have as much in common as makes a group. */
static struct group find_run(struct lines l, uint32_t i)
{
	struct group g = {.at = i, .n = 1};

	for (uint32_t k = i + 1; k + 1 < l.n; k++) {
		size_t prefix, suffix;

		common_ends(l.v[i], l.v[k], &prefix, &suffix);
		if (g.n > 1) {
			prefix = prefix < g.prefix ? prefix : g.prefix;
			suffix = suffix < g.suffix ? suffix : g.suffix;
		}
		if (prefix + suffix < COMMON_MIN)
			break;
		g.prefix = prefix;
		g.suffix = suffix;
		g.n++;
	}
	return g;
}

static void write_group_head(struct buf *b, str first, const struct group *g)
{
	buf_add_byte(b, '[');
	buf_add_u64(b, g->n);
	buf_add_c(b, " lines: ");
	buf_add(b, str_sub(first, 0, g->prefix));
	buf_add_c(b, HOLE);
	buf_add(b, str_sub(first, first.n - g->suffix, first.n));
	buf_add_c(b, "]\n");
}

static void write_middle(struct buf *b, str line, const struct group *g)
{
	buf_add(b, str_sub(line, g->prefix, line.n - g->suffix));
	buf_add_byte(b, '\n');
}

/* What is left of a group's lines, with groups in it. False when one of them would be taken for a head. */
static bool write_group(struct buf *b, struct lines l, const struct group *g, struct arena *a)
{
	struct lines in = {
		arena_array(a, str, g->n + 1), g->n + 1}; /* find_group spares the last */

	for (uint32_t i = 0; i < g->n; i++) {
		str line = l.v[g->at + i];

		in.v[i] = str_sub(line, g->prefix, line.n - g->suffix);
	}
	write_group_head(b, l.v[g->at], g);
	for (uint32_t i = 0; i < g->n;) {
		struct group inner = find_group(in, i);
		bool is_group = is_worth(in, &inner);

		if (is_group)
			write_group_head(b, in.v[i], &inner);
		else
			inner = (struct group){.n = 1};
		for (uint32_t k = 0; k < inner.n; k++, i++) {
			if (!is_group && is_in_the_way(in.v[i]))
				return false;
			write_middle(b, in.v[i], &inner);
		}
	}
	return true;
}

bool build_exact(const struct codec_in *in, struct arena *a, str *out)
{
	struct lines l = lines_split(a, in->text);
	struct codec_head h = {.codec = &build_codec, .form = CODEC_EXACT};
	struct buf b, words;

	buf_init_arena(&b, a, in->text.n + 256);
	buf_init_arena(&words, a, 128);
	buf_add_u64(&words, l.n);
	buf_add_c(&words, " lines; what lines have in common stands above them in brackets");
	h.words = buf_str(&words);
	codec_head_write(&b, &h);
	buf_add_byte(&b, '\n');
	for (uint32_t i = 0; i < l.n;) {
		struct group g = find_run(l, i);

		if (is_worth(l, &g)) {
			if (!write_group(&b, l, &g, a))
				return false;
			i += g.n;
			continue;
		}
		if (is_in_the_way(l.v[i]))
			return false;
		buf_add(&b, l.v[i]);
		if (++i < l.n)
			buf_add_byte(&b, '\n');
	}
	*out = buf_str(&b);
	return !b.err && out->n * 100 <= in->text.n * (100 - EXACT_GAIN_PERCENT);
}

/* Lines that are read, and what is made of them. */
struct reader {
	struct lines l;
	uint32_t at;
	struct buf *out;
};

static void read_line(struct reader *r, str prefix, str suffix)
{
	buf_add(r->out, prefix);
	buf_add(r->out, r->l.v[r->at++]);
	buf_add(r->out, suffix);
}

/* The n lines of a group, of which some may make groups in it. */
static bool read_group(struct reader *r, uint32_t n, str prefix, str suffix)
{
	while (n) {
		str inner_prefix = STR_NULL, inner_suffix = STR_NULL;
		uint32_t m = 1;

		if (r->at + 1 < r->l.n &&
			parse_head(r->l.v[r->at], &m, &inner_prefix, &inner_suffix))
			r->at++;
		if (m > n || m >= r->l.n - r->at) /* a line end is behind each */
			return false;
		for (n -= m; m; m--) {
			buf_add(r->out, prefix);
			read_line(r, inner_prefix, inner_suffix);
			buf_add(r->out, suffix);
			buf_add_byte(r->out, '\n');
		}
	}
	return true;
}

bool build_decode(str text, struct arena *a, str *out)
{
	struct codec_head head;
	size_t at, end;
	struct buf b;
	struct reader r = {.out = &b};

	if (!codec_head_find(text, &head, &at, &end) || at || head.codec != &build_codec ||
		head.form != CODEC_EXACT)
		return false;
	r.l = lines_split(a, str_sub(text, end, text.n));
	buf_init_arena(&b, a, LIMIT_INPUT);
	while (r.at < r.l.n) {
		str prefix, suffix;
		uint32_t n;

		if (parse_head(r.l.v[r.at], &n, &prefix, &suffix)) {
			r.at++;
			if (!read_group(&r, n, prefix, suffix))
				return false;
			continue;
		}
		read_line(&r, STR_NULL, STR_NULL);
		if (r.at < r.l.n)
			buf_add_byte(&b, '\n');
	}
	*out = buf_str(&b);
	return !b.err;
}
