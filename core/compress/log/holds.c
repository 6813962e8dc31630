#include "core/base/map.h"
#include "core/base/vec.h"
#include "core/compress/log/layout.h"
#include "core/compress/log/log.h"
#include "core/compress/log/note.h"
#include "core/compress/log/values.h"

enum {
	/* Words that may be others than in the line that stands for a pattern. */
	OTHERS_MAX = 3,
	FAR = 1 << 30,
	/* Patterns of the same separators that a line is compared with, the newest first. */
	TRIES_MAX = 2048,
	/* Boundaries in a word at which a listed value may begin or end. */
	CUTS_MAX = 16,
};

/* A pattern as the output names it. */
struct named {
	struct log_spelled *rows; /* of its rows; NULL when none are told */
	str line;                 /* that stands for it; NULL until a note says so */
	struct log_line *words;
	uint32_t more, seen;
	bool is_errors;
	enum log_error error; /* what its lines are */
	struct map values;    /* of errors: all that are listed */
	uint32_t number;
	struct named *next; /* of the same separators */
};

/* What is known of a shape of lines that are left out. */
struct seen {
	struct named *named; /* NULL: like none */
	enum log_error error;
};

struct check {
	struct arena *arena;
	struct map by_shape;       /* 8 bytes of a shape -> struct seen */
	struct map by_skeleton;    /* 8 bytes of a skeleton -> struct named, the newest */
	VEC(struct named *) named; /* by number - 1 */
	struct log_line *line;
	uint64_t others; /* lines that are said to be like none */
	str original;    /* what is left of it */
	bool has_rows;
	struct log_rows rows;
	struct buf row; /* the line that a row stands for */
	struct log_gap
		gap; /* that is among the lines below, and how many of both are still to come */
	str shown;   /* the last line that was shown */
};

/* How far the line is from being one of the pattern: with the same separators, the words that are others, those with
 * digits in both counted least. FAR when it is none. */
static uint32_t distance(const struct log_line *a, const struct log_line *b)
{
	uint32_t others = 0, numbers = 0, same = 0;

	if (a->n != b->n || a->skeleton != b->skeleton)
		return FAR;
	for (uint32_t i = 0; i < a->n; i++) {
		if (a->w[i].hash == b->w[i].hash)
			same += !a->w[i].stamp;
		else if (a->w[i].has_digit && b->w[i].has_digit)
			numbers++;
		else
			others++;
	}
	if (others > OTHERS_MAX || (!same && others + numbers))
		return FAR;
	return others * LOG_WORDS_MAX + numbers;
}

static bool is_in_gap(const struct log_gap *gap, const struct named *n)
{
	bool is_in = gap->has_more_names;

	for (uint32_t i = 0; i < gap->names_n && !is_in; i++)
		is_in = gap->names[i] == n->number;
	return is_in;
}

static str key_of(const uint64_t *hash)
{
	return (str){(const char *)hash, sizeof *hash};
}

/* The pattern of that number: one that is told of for the first time, or the newest one. */
static struct named *number_named(struct check *c, uint32_t number)
{
	if (number && number == c->named.n + 1)
		*vec_push(&c->named, c->arena) = arena_new(c->arena, struct named);
	if (!number || number != c->named.n)
		return NULL;
	c->named.v[number - 1]->number = number;
	return c->named.v[number - 1];
}

static bool add_rows(struct check *c, uint32_t number, str spelled)
{
	struct named *n = c->has_rows ? number_named(c, number) : NULL;

	if (!n || n->rows || n->line.p)
		return false;
	n->rows = arena_new(c->arena, struct log_spelled);
	return log_spelled_parse(&c->rows, spelled, n->rows);
}

/* A note behind the line that it is about. */
static bool add_note(struct check *c, const struct log_note *note)
{
	struct named *n = number_named(c, note->number);
	str rest = note->values, value;

	if (!n || n->line.p || !c->shown.p)
		return false;
	n->line = c->shown;
	n->more = note->more;
	n->is_errors = note->is_errors;
	n->words = arena_alloc(c->arena, sizeof *n->words, alignof(struct log_line));
	if (!log_line_scan(n->line, n->words))
		return false;
	n->error = log_error_of(n->line, n->words->w, n->words->n);
	n->next = map_find(&c->by_skeleton, key_of(&n->words->skeleton));
	*map_at(&c->by_skeleton, key_of(&n->words->skeleton)) = n;
	if (!n->is_errors)
		return true;
	map_init(&n->values, c->arena);
	while (rest.p && str_split(&rest, ' ', &value)) {
		if (str_ends(value, STR(";")))
			value.n--;
		if (value.n)
			*map_at(&n->values, value) = n;
	}
	return true;
}

/* The pattern, of those that the gap names, that the scanned line is of: all of a pattern's report errors, or none does. */
static struct named *find_named(struct check *c, const struct log_gap *gap, enum log_error error)
{
	struct named *n = map_find(&c->by_skeleton, key_of(&c->line->skeleton)), *best = NULL;
	uint32_t least = FAR;

	for (unsigned i = 0; n && i < TRIES_MAX; n = n->next, i++) {
		uint32_t d =
			n->error == error && is_in_gap(gap, n) ? distance(n->words, c->line) : FAR;

		if (d <= least && d < FAR) {
			least = d;
			best = n;
		}
	}
	return best;
}

/* What is known of the shape of the scanned line. One that was like none may be like one that is named since. */
static struct seen *look_up(struct check *c, const struct log_gap *gap, str line)
{
	str key = key_of(&c->line->shape);
	struct seen *seen = map_find(&c->by_shape, key);

	if (!seen) {
		seen = arena_new(c->arena, struct seen);
		seen->error = log_error_of(line, c->line->w, c->line->n);
		*map_at(&c->by_shape, arena_str(c->arena, key)) = seen;
	}
	if (!seen->named)
		seen->named = find_named(c, gap, seen->error);
	return seen;
}

static bool has_value(const struct named *n, str value)
{
	return map_find(&n->values, value.n ? value : LOG_VALUES_NOTHING) != NULL;
}

/* True when what the word has for the shown one's is among the listed values, without what both begin and end with. */
static bool is_listed(const struct named *n, str shown, str word)
{
	size_t prefix = str_common_prefix(shown, word), suffix = str_common_suffix(shown, word);
	unsigned cuts = 0;

	for (size_t i = 0; i <= prefix && cuts < CUTS_MAX; i++) {
		if (i && !log_is_boundary(word.p[i - 1]))
			continue;
		cuts++;
		for (size_t k = 0; k <= suffix && i + k <= word.n; k++)
			if (log_ends_at(word, word.n - k) &&
				has_value(n, str_trim(str_sub(word, i, word.n - k))))
				return true;
	}
	return false;
}

static bool is_error_listed(const struct check *c, const struct named *n, str line)
{
	for (uint32_t i = 0; i < c->line->n; i++) {
		str shown = log_word_str(n->line, &n->words->w[i]);
		str word = log_word_str(line, &c->line->w[i]);

		if (!c->line->w[i].stamp && !str_eq(shown, word) && !log_is_pid(line, c->line, i) &&
			!is_listed(n, shown, word))
			return false;
	}
	return true;
}

/* One line that is left out; the gap is what is left of one. */
static bool check_left_out(struct check *c, struct log_gap *gap, str line)
{
	struct seen *seen;
	struct named *n;

	if (!log_line_scan(line, c->line))
		return false;
	seen = look_up(c, gap, line);
	n = seen->named;
	if (n && is_in_gap(gap, n))
		n->seen++;
	else if (!gap->others)
		return false;
	if (gap->like && n && is_in_gap(gap, n))
		gap->like--;
	else if (gap->others)
		gap->others--;
	else
		return false;
	if (seen->error == LOG_FINE || (seen->error == LOG_BY_VALUE && !log_is_error(line)))
		return true;
	return n && n->is_errors && n->words->n == c->line->n && is_error_listed(c, n, line);
}

static bool check_gap(struct check *c, struct log_gap *gap)
{
	c->others += gap->others;
	if (gap->among) {
		if (c->gap.among)
			return false;
		c->gap = *gap;
		return true;
	}
	while (gap->like || gap->others) {
		str line;
		bool has_eol;

		if (!str_next_line(&c->original, &line, &has_eol) || !has_eol ||
			!check_left_out(c, gap, line))
			return false;
	}
	return true;
}

/* True before the last line that a gap is among, while lines of the gap are still to come: one that is as the shown one is among them, too. */
static bool is_before_last(const struct check *c)
{
	return c->gap.among == 1 && (c->gap.like || c->gap.others);
}

/* The shown line must be the next one of the original, but for what was left out before it. */
static bool check_shown(struct check *c, str line, bool has_eol)
{
	str want;
	bool wants_eol;

	while (str_next_line(&c->original, &want, &wants_eol)) {
		if (!is_before_last(c) && str_eq(line, want) && has_eol == wants_eol) {
			c->shown = want;
			if (c->gap.among && !--c->gap.among)
				return !c->gap.like && !c->gap.others;
			return true;
		}
		if (!c->gap.among || !wants_eol || !check_left_out(c, &c->gap, want))
			return false;
	}
	return false;
}

/* A line of the log: as it stands, or as a row. */
static bool check_line(struct check *c, str line, bool has_eol)
{
	struct log_row row = {.times = 1, .fields = line};
	struct named *n;

	if (c->has_rows)
		log_row_parse(&c->rows, (uint32_t)c->named.n, line, &row);
	if (!row.number)
		return check_shown(c, row.fields, has_eol);
	n = c->named.v[row.number - 1];
	for (uint32_t i = 0; i < row.times; i++) {
		buf_reset(&c->row);
		if (!n->rows || !log_row_read(&c->rows, n->rows, row.fields, &c->row) ||
			c->row.err ||
			!check_shown(c, buf_str(&c->row), has_eol || i + 1 < row.times))
			return false;
	}
	return true;
}

static bool check_lines(struct check *c, str text)
{
	str line, spelled;
	bool has_eol;

	while (str_next_line(&text, &line, &has_eol)) {
		struct log_gap gap;
		struct log_note note;
		uint32_t number;
		bool is_ours = line.n && *line.p == '[', is_right;

		if (is_ours && log_gap_parse(line, &gap))
			is_right = check_gap(c, &gap);
		else if (is_ours && log_note_parse(line, &note))
			is_right = add_note(c, &note);
		else if (is_ours && log_rows_parse(line, &number, &spelled))
			is_right = add_rows(c, number, spelled);
		else
			is_right = check_line(c, line, has_eol);
		if (!is_right)
			return false;
	}
	return !c->original.n && !c->gap.among;
}

/* "500 lines; ..." */
static bool check_count(str words, str original)
{
	size_t n = str_find_byte(words, ' ');
	uint64_t stated, lines = 0;
	str line;

	if (n == STR_NONE || !str_u64(str_sub(words, 0, n), &stated))
		return false;
	while (str_next_line(&original, &line, NULL))
		lines++;
	return lines == stated;
}

/* Lines that are left out of all patterns that a line may be of. */
struct sum {
	uint64_t seen, more;
};

/* True when as many were left out as the notes say. A line may be as near to one pattern as to another, and which of its words vary is
 * not known here: patterns of the same separators are added up. Others may look like one that is named: that can only make more. */
static bool add_up(struct check *c)
{
	VEC(struct sum *) sums = {0};
	struct map by_key;

	map_init(&by_key, c->arena);
	for (size_t i = 0; i < c->named.n; i++) {
		const struct named *n = c->named.v[i];
		uint64_t key[2] = {n->words ? n->words->skeleton : 0, n->error};
		str k = {(const char *)key, sizeof key};
		struct sum *s = map_find(&by_key, k);

		if (!s) {
			s = arena_new(c->arena, struct sum);
			*map_at(&by_key, arena_str(c->arena, k)) = s;
			*vec_push(&sums, c->arena) = s;
		}
		s->seen += n->seen;
		s->more += n->more;
	}
	for (size_t i = 0; i < sums.n; i++)
		if (sums.v[i]->seen < sums.v[i]->more ||
			(!c->others && sums.v[i]->seen != sums.v[i]->more))
			return false;
	return true;
}

bool log_holds(str original, str text, struct arena *a)
{
	struct check c = {.arena = a};
	struct codec_head head;
	size_t at, end;

	if (!codec_head_find(text, &head, &at, &end) || at || head.codec != &log_codec ||
		head.form != CODEC_ELIDED || !check_count(head.words, original))
		return false;
	map_init(&c.by_shape, a);
	map_init(&c.by_skeleton, a);
	log_rows_init(&c.rows, a);
	c.has_rows = log_layout_read_words(&c.rows, head.words);
	c.original = original;
	c.line = arena_alloc(a, sizeof *c.line, alignof(struct log_line));
	buf_init_arena(&c.row, a, original.n + 1);
	if (!check_lines(&c, str_sub(text, end, text.n)))
		return false;
	return add_up(&c);
}
