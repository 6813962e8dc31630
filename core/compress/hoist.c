#include "core/compress/hoist.h"

#include "core/base/limits.h"
#include "core/compress/marker.h"

/* Stands in a marker for what each line says itself; a line says two such pieces with between in the middle. */
static const str hole = {"\xe2\x80\xa6", 3}, between = {" \xe2\x80\xa6 ", 5};

enum {
	PREFIX_MIN = 6,   /* bytes, without blanks */
	PREFIX_MAX = 400, /* bytes; more is no common beginning but the same line */
	LINES_MIN = 3,    /* 2 for a prefix with a '/' */
	GAIN_MIN = 4,     /* tokens */
	HOLE_GAIN =
		6, /* tokens that a piece behind a hole must save: it is harder to read than a beginning */
	PIECE_MIN = 4, /* bytes of such a piece, without blanks */
	DEPTH_MAX = 2,
	SAMPLE = 6,
};

/* Where a beginning may be cut, so that words, names and numbers stay whole. */
static bool is_boundary(char c)
{
	return c == ' ' || c == '\t' || (c && strchr("/\\:(,.[=\"|>-", c));
}

/* The longest usable beginning of at most n bytes; 0 when there is none. */
static size_t usable(str line, size_t n)
{
	size_t visible = 0;

	if (n > PREFIX_MAX)
		n = PREFIX_MAX;
	while (n && !is_boundary(line.p[n - 1]))
		n--;
	if (str_find(str_sub(line, 0, n), hole) != STR_NONE)
		return 0;
	for (size_t i = 0; i < n; i++)
		visible += line.p[i] != ' ' && line.p[i] != '\t';
	return visible >= PREFIX_MIN ? n : 0;
}

static size_t tokens(struct hoist *h, str s)
{
	return token_count(h->encoding, s, h->cache);
}

/* Lines that have a beginning in common, and perhaps a piece further on, and an end. */
struct group {
	uint32_t n;
	size_t prefix, suffix; /* bytes */
	str piece;             /* empty: none */
};

/* The group at v[0]: as many lines and as long a beginning as pay best by their product. */
static struct group best_group(struct hoist *h, const str *v, const bool *is_pinned, uint32_t n)
{
	struct group best = {0};
	size_t prefix = 0, last = 0, cost = 0, best_gain = 0;

	for (uint32_t k = 1; k < n && !is_pinned[k]; k++) {
		size_t gain;

		prefix = usable(v[0], str_common_prefix(v[0], v[k]));
		if (k > 1 && prefix > last)
			prefix = last;
		if (!prefix)
			break;
		if (prefix != last)
			cost = tokens(h, str_sub(v[0], 0, prefix));
		last = prefix;
		gain = cost * k;
		if (gain > best_gain &&
			(k + 1 >= LINES_MIN || memchr(v[0].p, '/', prefix) != NULL)) {
			best_gain = gain;
			best = (struct group){.n = k + 1, .prefix = prefix};
		}
	}
	return best;
}

static void emit(struct hoist *h, str line)
{
	if (!*h->is_first)
		buf_add_byte(h->out, '\n');
	*h->is_first = false;
	buf_add(h->out, line);
}

/* What the lines of the group have in common, with holes. */
static str marker_text(struct hoist *h, const str *v, const struct group *g)
{
	struct marker m = {.kind = MARKER_EACH, .count = g->n};
	struct buf name, b;

	buf_init_arena(&name, h->arena, LIMIT_INPUT);
	buf_init_arena(&b, h->arena, LIMIT_INPUT);
	buf_add(&name, str_sub(v[0], 0, g->prefix));
	if (g->piece.n || g->suffix)
		buf_add(&name, hole);
	if (g->piece.n) {
		buf_add(&name, g->piece);
		buf_add(&name, hole);
	}
	buf_add(&name, str_sub(v[0], v[0].n - g->suffix, v[0].n));
	m.name = buf_str(&name);
	marker_write(&b, &m);
	return buf_str(&b);
}

/* What a line of the group says itself. */
static str rest_of(struct hoist *h, str line, const struct group *g)
{
	str rest = str_sub(line, g->prefix, line.n - g->suffix);
	struct buf b;
	size_t at;

	if (!g->piece.n)
		return rest;
	at = str_find(rest, g->piece);
	buf_init_arena(&b, h->arena, LIMIT_INPUT);
	buf_add(&b, str_sub(rest, 0, at));
	buf_add(&b, between);
	buf_add(&b, str_sub(rest, at + g->piece.n, rest.n));
	return buf_str(&b);
}

bool hoist_fill(str common, str rest, struct buf *out)
{
	size_t first = str_find(common, hole), second, at;

	if (first == STR_NONE) {
		buf_add(out, common);
		buf_add(out, rest);
		return true;
	}
	buf_add(out, str_sub(common, 0, first));
	common = str_sub(common, first + hole.n, common.n);
	second = str_find(common, hole);
	if (second != STR_NONE) {
		at = str_find(rest, between);
		if (at == STR_NONE)
			return false;
		buf_add(out, str_sub(rest, 0, at));
		buf_add(out, str_sub(common, 0, second));
		common = str_sub(common, second + hole.n, common.n);
		rest = str_sub(rest, at + between.n, rest.n);
	}
	buf_add(out, rest);
	buf_add(out, common);
	return str_find(common, hole) == STR_NONE && str_find(rest, hole) == STR_NONE;
}

/* Tokens that the group saves: exact for the first SAMPLE of its lines, the same in proportion for the others.
 * (The whole rendering is counted exactly in the end.) */
static size_t gain_of(struct hoist *h, const str *v, const struct group *g, str marker)
{
	uint32_t n = g->n < SAMPLE ? g->n : SAMPLE;
	size_t with = 0, without = 0, cost = tokens(h, marker) + 1;

	for (uint32_t i = 0; i < n; i++) {
		without += tokens(h, v[i]);
		with += tokens(h, rest_of(h, v[i], g));
	}
	if (with >= without)
		return 0;
	without = (without - with) * g->n / n;
	return without > cost ? without - cost : 0;
}

static size_t visible_n(str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] != ' ' && s.p[i] != '\t';
	return n;
}

/* The end that all lines of the group have, from a boundary on; 0 when there is none, or a line has a hole. */
static size_t common_suffix(const str *v, const struct group *g)
{
	str first = str_sub(v[0], g->prefix, v[0].n);
	size_t n = first.n < PREFIX_MAX ? first.n : PREFIX_MAX;

	for (uint32_t i = 0; i < g->n && n; i++) {
		str rest = str_sub(v[i], g->prefix, v[i].n);
		size_t same = str_common_suffix(first, rest);

		n = same < n ? same : n;
		if (str_find(rest, hole) != STR_NONE)
			return 0;
	}
	while (n && !is_boundary(first.p[first.n - n]))
		n--;
	return visible_n(str_sub(first, first.n - n, first.n)) ? n : 0;
}

/* The longest piece from boundary to boundary that the first line and that one have between beginning and end. */
static str common_piece(const str *v, const struct group *g, uint32_t other)
{
	str a = str_sub(v[0], g->prefix, v[0].n - g->suffix),
	    b = str_sub(v[other], g->prefix, v[other].n - g->suffix), best = STR_NULL;

	if (a.n > PREFIX_MAX || b.n > PREFIX_MAX)
		return best;
	for (size_t i = 0; i + best.n < a.n; i++) {
		size_t n = best.n + 1;

		if (!is_boundary(a.p[i]))
			continue;
		while (i + n <= a.n && str_find(b, str_sub(a, i, i + n)) != STR_NONE) {
			if (is_boundary(a.p[i + n - 1]))
				best = str_sub(a, i, i + n);
			n++;
		}
	}
	return visible_n(best) >= PIECE_MIN ? best : STR_NULL;
}

/* The best form so far of what a group has in common, and what it saves. */
struct form {
	struct group group;
	str marker;
	size_t gain;
};

static void try_form(struct hoist *h, const str *v, const struct group *g, struct form *best)
{
	struct form f = {.group = *g};

	if (g->n < LINES_MIN)
		return;
	f.marker = marker_text(h, v, g);
	f.gain = gain_of(h, v, g, f.marker);
	if (f.gain >= best->gain + HOLE_GAIN)
		*best = f;
}

/* Gives the group the end that pays, and the piece; it loses the lines that have no such piece. */
static void add_holes(struct hoist *h, const str *v, struct form *best)
{
	struct group plain = best->group;
	const uint32_t others[] = {1, plain.n / 2, plain.n - 1};

	plain.suffix = common_suffix(v, &plain);
	if (plain.suffix)
		try_form(h, v, &plain, best);
	plain = best->group;
	for (size_t i = 0; i < ARRAY_N(others); i++) {
		struct group g = plain;

		g.piece = common_piece(v, &g, others[i]);
		for (uint32_t k = 0; k < g.n; k++) {
			str rest = str_sub(v[k], g.prefix, v[k].n - g.suffix);

			if (str_find(rest, g.piece) == STR_NONE || str_find(rest, hole) != STR_NONE)
				g.n = k;
		}
		if (g.piece.n)
			try_form(h, v, &g, best);
	}
}

static bool hoist_level(struct hoist *h, const str *v, const bool *is_pinned, uint32_t n, int depth)
{
	bool is_done = false;
	uint32_t hopeless = 0; /* lines before this one were tried with others before them */

	for (uint32_t i = 0; i < n;) {
		struct form f = {.gain = 0};
		struct group *g = &f.group;
		str *rests;

		if (depth < DEPTH_MAX && !is_pinned[i] && i >= hopeless)
			*g = best_group(h, v + i, is_pinned + i, n - i);
		if (g->n) {
			f.marker = marker_text(h, v + i, g);
			f.gain = gain_of(h, v + i, g, f.marker);
			add_holes(h, v + i, &f);
			if (f.gain < GAIN_MIN) {
				hopeless = i + g->n / 2; /* not all of them again: linear time */
				g->n = 0;
			}
		}
		if (!g->n) {
			emit(h, v[i++]);
			continue;
		}
		emit(h, f.marker);
		rests = arena_array(h->arena, str, g->n);
		for (uint32_t k = 0; k < g->n; k++)
			rests[k] = rest_of(h, v[i + k], g);
		(void)hoist_level(h, rests, is_pinned + i, g->n, depth + 1);
		is_done = true;
		i += g->n;
	}
	return is_done;
}

bool hoist_lines(struct hoist *h, const str *v, const bool *is_pinned, uint32_t n)
{
	return hoist_level(h, v, is_pinned, n, 0);
}
