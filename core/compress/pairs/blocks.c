/* Records with a key and a value in each line. */
#include "core/base/limits.h"
#include "core/compress/pairs/records.h"
#include "core/compress/table/cell.h"
#include "core/json/scan.h"

enum {
	LINES_MAX = 400, /* of a record; what has more is no record */
	KEY_MAX = 64,    /* bytes; what is longer is a sentence */
	WIDTH_MAX = 128, /* of padded keys */
	STARTS_MAX = 3,  /* lines that may stand before the first record */
	RULE_MAX = 4096,
	STARS = 27, /* on each side of mysql's "1. row" */
};

/* What stands between key and value; where it ends with a blank, a value that is empty may go without. */
static const str seps[] = {{"\t: ", 3}, {" | ", 3}, {" : ", 3}, {": ", 2}, {" = ", 3}, {"=", 1}};
enum { SEP_BAR = 1, SEP_COLON = 3 };
static const char *const sep_words[ARRAY_N(seps)] = {"\"key<tab>: value\"", "\"key | value\"",
	"\"key : value\"", "\"key: value\"", "\"key = value\"", "\"key=value\""};

/* Between records; the last two before each. */
enum gap { GAP_BLANK, GAP_DASHES, GAP_PSQL, GAP_MYSQL, GAPS_N };
static const char *const gap_words[GAPS_N] = {
	"blank lines between", "--- between", "psql", "mysql"};

struct style {
	size_t sep, width; /* width: of keys; 0: not padded */
	bool is_right;     /* blanks before the key */
	enum gap gap;
	/* Bytes of psql's lines between records, which have a "+" above the bars where the label leaves room. */
	size_t rule;
};

static str trimmed_sep(const struct style *s)
{
	str sep = seps[s->sep];

	while (sep.n && sep.p[sep.n - 1] == ' ')
		sep.n--;
	return sep;
}

/* ---- a line ---- */

struct pair {
	str key, value;
	bool is_bare; /* nothing follows the separator, not even its blank */
};

/* The key without its padding; false when it is not padded as this style has it. */
static bool unpad(const struct style *s, str padded, str *key)
{
	str k = padded;

	if (s->is_right)
		while (k.n && *k.p == ' ')
			k = str_sub(k, 1, k.n);
	else if (s->width)
		while (k.n && k.p[k.n - 1] == ' ')
			k.n--;
	*key = k;
	if (!k.n || k.n > KEY_MAX || *k.p == ' ' || k.p[k.n - 1] == ' ')
		return false;
	return s->width ? padded.n == (k.n > s->width ? k.n : s->width) : true;
}

static bool read_pair(const struct style *s, str line, struct pair *p)
{
	size_t at = str_find(line, seps[s->sep]);

	*p = (struct pair){0};
	if (at == STR_NONE) {
		str sep = trimmed_sep(s);

		if (sep.n == seps[s->sep].n || !str_ends(line, sep))
			return false;
		at = line.n - sep.n;
		p->is_bare = true;
		p->value = str_sub(line, line.n, line.n);
	} else {
		p->value = str_sub(line, at + seps[s->sep].n, line.n);
	}
	return unpad(s, str_sub(line, 0, at), &p->key);
}

static size_t digits(str s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
		n++;
	return n;
}

/* A line that stands between records, or begins one. */
static bool is_gap_line(enum gap gap, str line)
{
	if (gap == GAP_BLANK)
		return !line.n;
	if (gap == GAP_DASHES)
		return str_eq(line, STR("---"));
	if (gap == GAP_PSQL)
		return str_take(&line, STR("-[ RECORD ")) && digits(line) > 0;
	if (gap != GAP_MYSQL || !str_take(&line, STR("***************************")))
		return false;
	return str_take(&line, STR(" ")) && digits(line) > 0 &&
	       str_find(line, STR(". row *")) != STR_NONE;
}

/* ---- to JSON ---- */

struct finder {
	struct style style;
	struct arena *arena;
	struct buf json;
	str first_key;
	uint32_t records_n, same_n; /* same_n: that begin with the first one's key */
};

static void write_value(struct finder *f, const struct pair *p)
{
	bool is_scalar = cell_is_scalar(p->value) && !str_eq(p->value, STR("null"));

	if (p->is_bare && !p->value.n)
		buf_add_c(&f->json, "null");
	else if (is_scalar)
		buf_add(&f->json, p->value);
	else
		buf_add_json_string(&f->json, p->value);
}

static bool is_end_line(const struct finder *f, str line)
{
	size_t n = digits(line);

	return !line.n || is_gap_line(f->style.gap, line) ||
	       (n && str_find(str_sub(line, n, line.n), STR(" in set")) != STR_NONE);
}

/* A record from the beginning of *rest on: lines up to one that ends it. *end: of its last line. */
static bool take_record(struct finder *f, str *rest, const char **end)
{
	str look = *rest, line;
	struct pair p, next;

	if (!str_next_line(&look, &line, NULL) || !read_pair(&f->style, line, &p))
		return false;
	if (!f->records_n++)
		f->first_key = p.key;
	f->same_n += str_eq(p.key, f->first_key);
	buf_add_c(&f->json, f->records_n > 1 ? ",{" : "{");
	for (unsigned n = 0, is_over = false; !is_over; n++) {
		if (n > LINES_MAX)
			return false;
		*end = line.p + line.n;
		*rest = look;
		is_over = !str_next_line(&look, &line, NULL) || is_end_line(f, line);
		if (!is_over && !read_pair(&f->style, line, &next)) {
			p.value.n = (size_t)(line.p + line.n - p.value.p);
			continue;
		}
		buf_add_json_string(&f->json, p.key);
		buf_add_byte(&f->json, ':');
		write_value(f, &p);
		buf_add_c(&f->json, is_over ? "}" : ",");
		p = next;
	}
	return true;
}

static void take_records(struct finder *f, str rest, const char **end)
{
	str line;

	*end = rest.p;
	while (rest.n) {
		if ((f->style.gap >= GAP_PSQL || f->records_n) &&
			(!str_next_line(&rest, &line, NULL) || !is_gap_line(f->style.gap, line)))
			return;
		if (!take_record(f, &rest, end))
			return;
	}
}

/* ---- the style ---- */

/* How the keys of two lines are padded, with that separator. */
static bool guess_keys(struct style *s, str one, str two)
{
	size_t x = str_find(one, seps[s->sep]), y = str_find(two, seps[s->sep]);
	struct pair p;

	if (x == STR_NONE || !x)
		return false;
	s->is_right = *one.p == ' ' || (two.n && *two.p == ' ');
	if (x == y && x <= WIDTH_MAX &&
		(s->is_right || one.p[x - 1] == ' ' || two.p[y - 1] == ' ' || s->gap >= GAP_PSQL))
		s->width = x;
	return read_pair(s, one, &p) && read_pair(s, two, &p);
}

/* What ends the first record. */
static enum gap guess_between(str text)
{
	str line;

	while (str_next_line(&text, &line, NULL) && line.n)
		if (is_gap_line(GAP_DASHES, line))
			return GAP_DASHES;
	return GAP_BLANK;
}

/* Of the records that begin with that text. */
static bool guess(str text, struct style *s)
{
	str first, one, two;

	if (!str_next_line(&text, &first, NULL) || !str_next_line(&text, &one, NULL))
		return false;
	for (int gap = GAP_PSQL; gap < GAPS_N; gap++) {
		if (!is_gap_line((enum gap)gap, first))
			continue;
		if (!str_next_line(&text, &two, NULL))
			return false;
		if (is_gap_line((enum gap)gap, two))
			two = one;
		*s = (struct style){.gap = (enum gap)gap,
			.sep = gap == GAP_PSQL ? SEP_BAR : SEP_COLON,
			.rule = gap == GAP_PSQL ? first.n : 0};
		return first.n <= RULE_MAX && guess_keys(s, one, two);
	}
	for (size_t i = 0; i < ARRAY_N(seps); i++) {
		*s = (struct style){.sep = i};
		if (guess_keys(s, first, one)) {
			s->gap = guess_between(text);
			return true;
		}
	}
	return false;
}

static void write_words(const struct style *s, struct buf *b)
{
	buf_printf(b, "%s, %s", sep_words[s->sep], gap_words[s->gap]);
	if (s->width)
		buf_printf(b, ", keys %s %u", s->is_right ? "right" : "left", (unsigned)s->width);
	if (s->gap == GAP_PSQL)
		buf_printf(b, ", rule %u", (unsigned)s->rule);
}

static bool read_number(str word, str name, size_t most, size_t *out)
{
	uint64_t n;

	if (!str_take(&word, name) || !str_u64(word, &n) || !n || n > most)
		return false;
	*out = (size_t)n;
	return true;
}

static bool read_word(str word, struct style *s)
{
	for (size_t i = 0; i < ARRAY_N(seps); i++) {
		if (str_eq_c(word, sep_words[i])) {
			s->sep = i;
			return true;
		}
	}
	for (int i = 0; i < GAPS_N; i++) {
		if (str_eq_c(word, gap_words[i])) {
			s->gap = (enum gap)i;
			return true;
		}
	}
	if (read_number(word, STR("keys right "), WIDTH_MAX, &s->width)) {
		s->is_right = true;
		return true;
	}
	return read_number(word, STR("keys left "), WIDTH_MAX, &s->width) ||
	       read_number(word, STR("rule "), RULE_MAX, &s->rule);
}

static bool read_words(str words, struct style *s)
{
	*s = (struct style){0};
	while (words.n) {
		size_t at = str_find(words, STR(", "));

		if (!read_word(str_sub(words, 0, at == STR_NONE ? words.n : at), s))
			return false;
		words = at == STR_NONE ? STR_NULL : str_sub(words, at + 2, words.n);
	}
	return true;
}

/* ---- to text ---- */

static void add_times(struct buf *b, char c, size_t n)
{
	while (n--)
		buf_add_byte(b, c);
}

static void print_gap(const struct style *s, uint32_t number, struct buf *b)
{
	size_t from = b->n;

	if (s->gap <= GAP_DASHES) {
		if (number > 1)
			buf_add_c(b, s->gap == GAP_BLANK ? "\n" : "---\n");
		return;
	}
	if (s->gap == GAP_MYSQL) {
		add_times(b, '*', STARS);
		buf_printf(b, " %u. row ", number);
		add_times(b, '*', STARS);
	} else {
		buf_printf(b, "-[ RECORD %u ]", number);
		for (size_t at = b->n - from; at < s->rule; at++)
			buf_add_byte(b, at == s->width + 1 ? '+' : '-');
	}
	buf_add_byte(b, '\n');
}

static void print_key(const struct style *s, str key, struct buf *b)
{
	size_t pad = s->width > key.n ? s->width - key.n : 0;

	add_times(b, ' ', s->is_right ? pad : 0);
	buf_add(b, key);
	add_times(b, ' ', s->is_right ? 0 : pad);
}

static bool print_record(const struct style *s, const struct json_tape *t, uint32_t node,
	struct arena *a, struct buf *b)
{
	if (!json_is(t, node, JSON_OBJECT))
		return false;
	for (struct json_iter it = json_iter(t, node); json_next(&it);) {
		str key, value = json_text(t, it.value);
		bool is_null = json_is(t, it.value, JSON_NULL);

		if (!json_string(t, it.key, a, &key) ||
			(json_is(t, it.value, JSON_STRING) && !json_string(t, it.value, a, &value)))
			return false;
		print_key(s, key, b);
		is_null |= str_starts(value, STR("\n"));
		buf_add(b, is_null ? trimmed_sep(s) : seps[s->sep]);
		buf_add(b, json_is(t, it.value, JSON_NULL) ? STR_NULL : value);
		buf_add_byte(b, '\n');
	}
	return true;
}

bool blocks_print(str words, str json, struct arena *a, str *out)
{
	struct json_tape tape;
	struct style s;
	struct buf b;
	uint32_t n = 0;

	if (!read_words(words, &s) || json_scan(a, json, &tape, NULL) != E_OK ||
		!json_is(&tape, 0, JSON_ARRAY))
		return false;
	buf_init_arena(&b, a, LIMIT_INPUT);
	(void)buf_reserve(&b, json.n);
	for (struct json_iter it = json_iter(&tape, 0); json_next(&it);) {
		print_gap(&s, ++n, &b);
		if (!print_record(&s, &tape, it.value, a, &b))
			return false;
	}
	*out = buf_str(&b);
	out->n -= b.n > 0;
	return b.err == E_OK;
}

/* ---- the part ---- */

static bool find_at(str text, size_t at, struct arena *a, struct pairs_part *out)
{
	struct finder f = {.arena = a};
	struct buf words;
	const char *end;
	str again;

	if (!guess(str_sub(text, at, text.n), &f.style))
		return false;
	buf_init_arena(&f.json, a, LIMIT_INPUT);
	buf_init_arena(&words, a, LIMIT_INPUT);
	buf_add_byte(&f.json, '[');
	take_records(&f, str_sub(text, at, text.n), &end);
	buf_add_byte(&f.json, ']');
	if (f.same_n * 4 < f.records_n * 3 ||
		!records_part(text, at, end, f.records_n, &f.json, out))
		return false;
	write_words(&f.style, &words);
	out->words = buf_str(&words);
	return blocks_print(out->words, out->json, a, &again) &&
	       str_eq(again, str_sub(text, at, text.n - out->after.n));
}

bool blocks_find(str text, struct arena *a, struct pairs_part *out)
{
	str rest = text, line;

	for (int i = 0; i < STARTS_MAX; i++) {
		if (find_at(text, text.n - rest.n, a, out))
			return true;
		if (!str_next_line(&rest, &line, NULL))
			return false;
	}
	return false;
}
