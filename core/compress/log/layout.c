#include "core/compress/log/layout.h"

enum {
	/* Bytes that a row costs besides its values, and a place in it. */
	ROW_BYTES = 4,
	PLACE_BYTES = 2,
	/* Lines at the beginning, and of these of one pattern, from which is told whether a value always stands twice
	 * and whether both times of a line go together; lines that are others stand as they are. */
	LOOK_LINES = 1 << 14,
	LOOK_EACH = 32,
	LOOK_LEAST = 3,
	/* Bytes of a value that is not the same by chance. */
	TWIN_BYTES = 3,
	CLOCK_BYTES = 8, /* "23:59:59" */
	/* Rows that save their number, so that saying so in the head is worth it, and what another line that begins
	 * with a blank costs then. */
	DITTOS_LEAST = 12,
	BLANK_COST = 2,
};

/* What the lines of a pattern that were looked at tell. */
struct look {
	uint32_t seen;
	bool *is_other; /* of every slot: once not the same as the value on its left */
	bool *is_long;  /* was a value that is not the same by chance */
};

struct looks {
	struct log_layout *l;
	struct look *v;
	uint32_t synced, stamped; /* lines with two times: that go together, all */
	uint32_t dittos,
		blanks; /* rows of the pattern of the row before; other lines that begin with a blank */
};

static bool has_clock(str s, str clock)
{
	return str_find(s, clock) != STR_NONE;
}

/* Both times have the same time of day: the second one is the first "dd:dd:dd" of its. */
static bool is_synced(str first, str second)
{
	for (size_t i = 0; i + CLOCK_BYTES <= second.n; i++)
		if (second.p[i + 2] == ':' && second.p[i + 5] == ':')
			return has_clock(first, str_sub(second, i, i + CLOCK_BYTES));
	return false;
}

static void look_at(struct looks *ls, const struct log_pattern *p, struct look *k)
{
	const str *values = ls->l->values;
	str left = STR_NULL, first = STR_NULL;

	k->seen++;
	for (uint32_t i = 0; i < p->slots_n; i++) {
		str v = values[i];

		if (!p->slots[i].stamp) {
			k->is_other[i] |= !left.p || !str_eq(left, v);
			k->is_long[i] |= v.n >= TWIN_BYTES;
			left = v;
		} else if (!first.p) {
			first = v;
		} else {
			ls->stamped++;
			ls->synced += is_synced(first, v);
		}
	}
}

static void look_at_lines(struct looks *ls, str text)
{
	struct log_layout *l = ls->l;
	uint32_t last = LOG_NO_SHAPE;
	str line;

	for (uint32_t i = 0; i < LOOK_LINES && str_next_line(&text, &line, NULL); i++) {
		uint32_t pattern = log_pattern_of(l->m, i);
		const struct log_pattern *p;

		if (pattern == LOG_NO_SHAPE || !l->is_row[pattern]) {
			ls->blanks += line.n && *line.p == ' ';
			last = LOG_NO_SHAPE;
			continue;
		}
		p = &l->m->patterns.v[pattern];
		ls->dittos += pattern == last && p->slots_n;
		last = pattern;
		if (p->slots_n > 1 && ls->v[pattern].seen < LOOK_EACH &&
			log_pattern_match(p, line, l->values))
			look_at(ls, p, &ls->v[pattern]);
	}
}

static bool is_twin(const struct look *k, uint32_t slot)
{
	return k->seen >= LOOK_LEAST && !k->is_other[slot] && k->is_long[slot];
}

static str spell(struct log_layout *l, const struct log_pattern *p, const struct look *k)
{
	struct buf b;

	buf_init_arena(&b, l->arena, SIZE_MAX);
	for (uint32_t i = 0; i < p->slots_n; i++) {
		bool twin = !p->slots[i].stamp && is_twin(k, i);

		buf_add(&b, p->between[i]);
		buf_add_c(&b, p->slots[i].stamp ? LOG_TIME : twin ? LOG_TWIN : LOG_ANY);
		l->has_twins |= twin;
	}
	buf_add(&b, p->between[p->slots_n]);
	return buf_str(&b);
}

/* The spelling must say places where the pattern has slots, and nowhere else. */
static bool is_as_meant(const struct log_pattern *p, const struct log_spelled *s)
{
	if (s->places_n != p->slots_n)
		return false;
	for (uint32_t i = 0; i < s->places_n; i++)
		if ((s->places[i] == LOG_PLACE_TIME) != (p->slots[i].stamp != 0))
			return false;
	return true;
}

bool log_layout_dittos(uint32_t dittos, uint32_t blanks)
{
	return dittos > DITTOS_LEAST + BLANK_COST * blanks;
}

void log_layout_init(
	struct log_layout *l, const struct log_mine *m, str text, bool *is_row, struct arena *a)
{
	struct looks ls = {.l = l, .v = arena_array(a, struct look, m->patterns.n)};

	*l = (struct log_layout){.m = m, .arena = a, .is_row = is_row};
	l->text = arena_array(a, str, m->patterns.n);
	l->spelled = arena_array(a, struct log_spelled, m->patterns.n);
	for (size_t i = 0; i < m->patterns.n; i++) {
		if (!is_row[i])
			continue;
		ls.v[i].is_other = arena_array(a, bool, m->patterns.v[i].slots_n);
		ls.v[i].is_long = arena_array(a, bool, m->patterns.v[i].slots_n);
	}
	look_at_lines(&ls, text);
	log_rows_init(&l->rows, a);
	l->rows.has_dittos = log_layout_dittos(ls.dittos, ls.blanks);
	l->rows.is_synced = ls.synced * 2 > ls.stamped;
	for (size_t i = 0; i < m->patterns.n; i++) {
		if (!is_row[i])
			continue;
		l->text[i] = spell(l, &m->patterns.v[i], &ls.v[i]);
		is_row[i] = log_spelled_parse(&l->rows, l->text[i], &l->spelled[i]) &&
			    is_as_meant(&m->patterns.v[i], &l->spelled[i]);
	}
}

long log_layout_gain(const struct log_pattern *p)
{
	long n = -ROW_BYTES - PLACE_BYTES * (long)p->slots_n;

	for (uint32_t i = 0; i <= p->slots_n; i++)
		n += (long)p->between[i].n;
	return n;
}

bool log_layout_write(
	struct log_layout *l, uint32_t pattern, uint32_t number, str line, struct buf *out)
{
	return log_pattern_match(&l->m->patterns.v[pattern], line, l->values) &&
	       log_row_write(&l->rows, &l->spelled[pattern], number, l->values, out);
}

#define ROW_WORDS   "a row is a pattern's number and what stands at each <*>"
#define DITTO_WORDS "; without a number of the pattern above"
#define SYNC_WORDS  "; a second time that is not as the first comes last"

void log_layout_words(const struct log_layout *l, struct buf *b)
{
	const struct log_rows *r = &l->rows;

	buf_add_c(b, ROW_WORDS);
	buf_add_c(b, r->has_dittos ? DITTO_WORDS : "");
	buf_add_c(b, "; = or nothing as in the row before");
	buf_add_c(b, r->has_steps ? ", + one more, +7 seven more" : "");
	buf_add_c(b, r->has_said ? ", ^ the long value written last, ^2 the one before" : "");
	buf_add_c(b, "; times cut to what changed");
	buf_add_c(b, r->is_synced ? SYNC_WORDS : "");
	buf_add_c(b, l->has_twins ? "; <^> as the <*> left of it" : "");
	buf_add_c(b, r->has_runs ? "; 2*3 is three of 2" : "");
}

bool log_layout_read_words(struct log_rows *r, str words)
{
	r->has_dittos = str_find(words, STR(DITTO_WORDS)) != STR_NONE;
	r->is_synced = str_find(words, STR(SYNC_WORDS)) != STR_NONE;
	return str_find(words, STR(ROW_WORDS)) != STR_NONE;
}
