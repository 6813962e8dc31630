#include "core/compress/diff/move.h"

#include "core/base/hash.h"

enum {
	WINDOW = 3,       /* lines by which a block is recognised */
	LINES_MIN = 4,    /* of a block */
	BYTES_MIN = 160,  /* of a block: the line that stands for it is about 15 tokens */
	NAMES_BACK = 512, /* files before a block among which its source is looked for by name */
};

/* A line that is added or removed. */
struct changed {
	uint64_t hash; /* of the text behind the sign */
	uint32_t at, n;
	uint32_t number, file;
	bool is_moved; /* stands for a source, and cannot be one */
};

/* Of the lines of a sign the first of each file, and one behind the last. */
struct part {
	uint32_t first[2];
};

enum { REMOVED, ADDED };

struct index {
	const struct diff_doc *doc;
	struct arena *arena;
	VEC(struct changed) lines[2];
	struct part *parts;
	uint32_t *slots[2]; /* lines by the hash of the window that they begin, + 1 */
	size_t slots_n;
	VEC(struct move) moves;
};

static void index_hunk(struct index *x, const struct diff_hunk *h, uint32_t file)
{
	struct diff_range r = h->range;
	str text = str_sub(x->doc->text, 0, h->end);

	if (h->is_combined || h->is_damaged || h->is_odd)
		return;
	for (size_t at = h->body; at < h->end;) {
		str line = diff_line(text, at);
		char c = *line.p;

		if (c == '+' || c == '-') {
			*vec_push(&x->lines[c == '+'], x->arena) =
				(struct changed){.hash = hash64(str_sub(line, 1, line.n)),
					.at = (uint32_t)at,
					.n = (uint32_t)line.n,
					.number = c == '+' ? r.new_from : r.old_from,
					.file = file};
		}
		r.old_from += c == '-' || c == ' ';
		r.new_from += c == '+' || c == ' ';
		at += line.n;
	}
}

static void index_text(struct index *x, const struct diff_doc *d, struct arena *a)
{
	*x = (struct index){.doc = d, .arena = a};
	x->parts = arena_array(a, struct part, d->files.n + 1);
	for (uint32_t i = 0; i < d->files.n; i++) {
		const struct diff_file *f = &d->files.v[i];

		for (uint32_t k = 0; k < f->hunk_n; k++)
			index_hunk(x, &d->hunks.v[f->hunk_first + k], i);
		x->parts[i + 1].first[REMOVED] = (uint32_t)x->lines[REMOVED].n;
		x->parts[i + 1].first[ADDED] = (uint32_t)x->lines[ADDED].n;
	}
}

/* The line with that number in the last file of that name up to this one. False when there is none. */
static bool find_line(
	const struct index *x, uint32_t file, str name, int sign, uint32_t number, uint32_t *out)
{
	uint32_t low, high;

	for (uint32_t back = 0; !str_eq(x->doc->files.v[file].name, name); back++)
		if (!file-- || back == NAMES_BACK)
			return false;
	low = x->parts[file].first[sign];
	high = x->parts[file + 1].first[sign];
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (x->lines[sign].v[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	*out = low;
	return low < x->parts[file + 1].first[sign] && x->lines[sign].v[low].number == number;
}

/* Line i of a sign stands right behind the one before. */
static bool is_next(const struct index *x, int sign, size_t i)
{
	const struct changed *v = x->lines[sign].v;

	return i < x->lines[sign].n && v[i - 1].at + v[i - 1].n == v[i].at;
}

/* The hash of the lines from i on; false when they are too few. */
static bool window_hash(const struct index *x, int sign, size_t i, uint64_t *hash)
{
	*hash = x->lines[sign].v[i].hash;
	for (size_t k = i + 1; k < i + WINDOW; k++) {
		if (!is_next(x, sign, k))
			return false;
		*hash = *hash * UINT64_C(0x9e3779b97f4a7c15) + x->lines[sign].v[k].hash;
	}
	*hash ^= *hash >> 29;
	return true;
}

static str body_of(const struct index *x, const struct changed *line)
{
	return str_sub(x->doc->text, line->at + 1, line->at + line->n);
}

/* How many lines from i on are those of the other sign from k on. */
static uint32_t common(const struct index *x, int sign, size_t i, size_t k, uint32_t *bytes)
{
	const struct changed *to = x->lines[sign].v, *from = x->lines[!sign].v;
	uint32_t n = 0;

	*bytes = 0;
	do {
		if (from[k + n].is_moved || from[k + n].hash != to[i + n].hash ||
			!str_eq(body_of(x, &from[k + n]), body_of(x, &to[i + n])) ||
			!str_ends(body_of(x, &to[i + n]), STR("\n")))
			break;
		*bytes += to[i + n].n;
		n++;
	} while (is_next(x, sign, i + n) && is_next(x, !sign, k + n));
	return n;
}

/* Notes the block from line i on when it stood before; returns its lines. */
static uint32_t try_move(struct index *x, int sign, size_t i, uint64_t hash)
{
	struct changed *to = x->lines[sign].v + i;
	size_t slot = hash & (x->slots_n - 1);
	uint32_t k, n, bytes, found;
	const struct changed *from;

	if (!x->slots[!sign][slot])
		return 0;
	k = x->slots[!sign][slot] - 1;
	from = &x->lines[!sign].v[k];
	n = common(x, sign, i, k, &bytes);
	if (n < LINES_MIN || bytes < BYTES_MIN ||
		!find_line(x, to->file, x->doc->files.v[from->file].name, !sign, from->number,
			&found) ||
		found != k)
		return 0;
	*vec_push(&x->moves, x->arena) = (struct move){.at = to->at,
		.end = to[n - 1].at + to[n - 1].n,
		.n = n,
		.sign = sign == ADDED ? '+' : '-',
		.name = x->doc->files.v[from->file].name,
		.number = from->number};
	for (uint32_t m = 0; m < n; m++)
		to[m].is_moved = true;
	return n;
}

struct moves moves_find(const struct diff_doc *d, struct arena *a)
{
	struct index x;
	size_t next[2] = {0};

	index_text(&x, d, a);
	if (x.lines[ADDED].n < LINES_MIN || x.lines[REMOVED].n < LINES_MIN)
		return (struct moves){0};
	for (x.slots_n = 64; x.slots_n < x.lines[ADDED].n || x.slots_n < x.lines[REMOVED].n;)
		x.slots_n *= 2;
	x.slots[REMOVED] = arena_array(a, uint32_t, x.slots_n);
	x.slots[ADDED] = arena_array(a, uint32_t, x.slots_n);
	/* in the order of the text */
	while (next[ADDED] < x.lines[ADDED].n || next[REMOVED] < x.lines[REMOVED].n) {
		int sign = next[REMOVED] == x.lines[REMOVED].n ||
			   (next[ADDED] < x.lines[ADDED].n &&
				   x.lines[ADDED].v[next[ADDED]].at <
					   x.lines[REMOVED].v[next[REMOVED]].at);
		size_t i = next[sign]++;
		uint64_t hash;
		uint32_t n;

		if (!window_hash(&x, sign, i, &hash))
			continue;
		n = try_move(&x, sign, i, hash);
		if (n)
			next[sign] = i + n;
		else if (!x.slots[sign][hash & (x.slots_n - 1)])
			x.slots[sign][hash & (x.slots_n - 1)] = (uint32_t)i + 1;
	}
	return (struct moves){x.moves.v, x.moves.n};
}

/* ---- its line --------------------------------------------------------------------------------- */

static const char *const words[] = {
	[REMOVED] = " lines removed, as added at ", [ADDED] = " lines added, as removed at "};

void move_write(struct buf *b, const struct move *m)
{
	buf_add_byte(b, '[');
	buf_add_u64(b, m->n);
	buf_add_c(b, words[m->sign == '+']);
	buf_add(b, m->name);
	buf_add_byte(b, ':');
	buf_add_u64(b, m->number);
	buf_add_byte(b, ']');
}

static bool take_number(str s, uint32_t *out)
{
	uint64_t v;

	if (!s.n || s.n > 9 || !str_u64(s, &v))
		return false;
	*out = (uint32_t)v;
	return true;
}

bool move_parse(str line, struct move *out)
{
	size_t blank = str_find_byte(line, ' '), colon = str_rfind_byte(line, ':');
	str rest;

	*out = (struct move){0};
	if (blank == STR_NONE || colon == STR_NONE || colon < blank || *line.p != '[' ||
		!str_ends(line, STR("]")) || !take_number(str_sub(line, 1, blank), &out->n) ||
		!out->n || !take_number(str_sub(line, colon + 1, line.n - 1), &out->number))
		return false;
	for (int sign = REMOVED; sign <= ADDED; sign++) {
		rest = str_sub(line, blank, colon);
		if (!str_take(&rest, str_from(words[sign])))
			continue;
		out->sign = sign == ADDED ? '+' : '-';
		out->name = rest;
		return rest.n > 0;
	}
	return false;
}

/* ---- back again ------------------------------------------------------------------------------- */

/* The lines of a move, whose first one is line i of its sign. False when they are not there. */
static bool fill(struct index *x, const struct move *m, size_t i, struct buf *out)
{
	int sign = m->sign == '+';
	struct changed *all = x->lines[sign].v, *to;
	uint32_t k;

	if (!all || i + m->n > x->lines[sign].n)
		return false;
	to = all + i;
	if (to->at != m->at || !find_line(x, to->file, m->name, !sign, m->number, &k) ||
		k + m->n > x->lines[!sign].n)
		return false;
	for (uint32_t n = 0; n < m->n; n++) {
		const struct changed *from = &x->lines[!sign].v[k + n];

		if (from->is_moved || from->at >= m->at || (n && !is_next(x, !sign, k + n)))
			return false;
		to[n].is_moved = true;
		buf_add_byte(out, m->sign);
		buf_add(out, body_of(x, from));
	}
	return true;
}

bool moves_fill(str text, const struct moves *moves, struct arena *a, struct buf *out)
{
	struct diff_doc d = diff_parse(text, a);
	struct index x;
	size_t next[2] = {0}, copied = 0;

	index_text(&x, &d, a);
	for (size_t i = 0; i < moves->n; i++) {
		const struct move *m = &moves->v[i];
		int sign = m->sign == '+';

		while (next[sign] < x.lines[sign].n && x.lines[sign].v[next[sign]].at < m->at)
			next[sign]++;
		buf_add(out, str_sub(text, copied, m->at));
		if (!fill(&x, m, next[sign], out))
			return false;
		copied = m->end;
	}
	buf_add(out, str_sub(text, copied, text.n));
	return !out->err;
}
