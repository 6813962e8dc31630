#include "core/compress/hoist.h"

#include "core/base/limits.h"
#include "core/compress/marker.h"

enum {
	PREFIX_MIN = 6,   /* bytes, without blanks */
	PREFIX_MAX = 400, /* bytes; more is no common beginning but the same line */
	LINES_MIN = 3,    /* 2 for a prefix with a '/' */
	GAIN_MIN = 4,     /* tokens */
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
	for (size_t i = 0; i < n; i++)
		visible += line.p[i] != ' ' && line.p[i] != '\t';
	return visible >= PREFIX_MIN ? n : 0;
}

static size_t tokens(struct hoist *h, str s)
{
	return token_count(h->encoding, s, h->cache);
}

struct group {
	uint32_t n;
	size_t prefix; /* bytes */
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
			best = (struct group){k + 1, prefix};
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

static str marker_text(struct hoist *h, uint32_t n, str prefix)
{
	struct marker m = {.kind = MARKER_EACH, .count = n, .name = prefix};
	struct buf b;

	buf_init_arena(&b, h->arena, LIMIT_INPUT);
	marker_write(&b, &m);
	return buf_str(&b);
}

/* Whole lines against marker and rests: exact for the first SAMPLE of them, the same in proportion for the others.
 * (The whole rendering is counted exactly in the end.) */
static bool is_worth(struct hoist *h, const str *v, struct group g, str marker)
{
	uint32_t n = g.n < SAMPLE ? g.n : SAMPLE;
	size_t with = 0, without = 0;

	for (uint32_t i = 0; i < n; i++) {
		without += tokens(h, v[i]);
		with += tokens(h, str_sub(v[i], g.prefix, v[i].n));
	}
	if (with >= without)
		return false;
	return (without - with) * g.n / n >= tokens(h, marker) + 1 + GAIN_MIN;
}

static bool hoist_level(struct hoist *h, const str *v, const bool *is_pinned, uint32_t n, int depth)
{
	bool is_done = false;
	uint32_t hopeless = 0; /* lines before this one were tried with others before them */

	for (uint32_t i = 0; i < n;) {
		struct group g = {0};
		str marker, *rests;

		if (depth < DEPTH_MAX && !is_pinned[i] && i >= hopeless)
			g = best_group(h, v + i, is_pinned + i, n - i);
		if (g.n) {
			marker = marker_text(h, g.n, str_sub(v[i], 0, g.prefix));
			if (!is_worth(h, v + i, g, marker)) {
				hopeless = i + g.n / 2; /* not all of them again: linear time */
				g.n = 0;
			}
		}
		if (!g.n) {
			emit(h, v[i++]);
			continue;
		}
		emit(h, marker);
		rests = arena_array(h->arena, str, g.n);
		for (uint32_t k = 0; k < g.n; k++)
			rests[k] = str_sub(v[i + k], g.prefix, v[i + k].n);
		(void)hoist_level(h, rests, is_pinned + i, g.n, depth + 1);
		is_done = true;
		i += g.n;
	}
	return is_done;
}

bool hoist_lines(struct hoist *h, const str *v, const bool *is_pinned, uint32_t n)
{
	return hoist_level(h, v, is_pinned, n, 0);
}
