/* What git log prints of commits in its formats medium, full and fuller, with or without lists of files
 * (git-log(1), "PRETTY FORMATS"). */
#include "core/base/limits.h"
#include "core/compress/pairs/diffstat.h"
#include "core/compress/pairs/records.h"
#include "core/json/scan.h"

enum {
	HASH_MIN = 7,
	FIELDS_MAX = 8, /* lines of a head; git has 5 at most */
	WIDTH_MAX = 16, /* where their values begin */
	STARTS_MAX = 3, /* lines that may stand before the first commit */
};

#define COMMIT  "commit"
#define REFS    "refs"
#define MESSAGE "message"
#define FILES   "files"
#define STATS   "stat" /* files with the lines that each gained and lost: diffstat.h */
#define INDENT  "    " /* before a message's lines */

/* ---- to JSON ---- */

struct finder {
	struct arena *arena;
	struct buf json;
	size_t width;    /* of "Author: "; 0: not seen */
	bool has_blanks; /* empty lines of a message are INDENT */
	bool has_empty;  /* are empty */
	bool has_stats;
	uint32_t n;
};

static size_t hash_length(str s)
{
	size_t n = 0;

	while (n < s.n && ((s.p[n] >= '0' && s.p[n] <= '9') || (s.p[n] >= 'a' && s.p[n] <= 'f')))
		n++;
	return n;
}

static bool is_commit(str line, str *hash, str *refs)
{
	size_t n;

	if (!str_take(&line, STR(COMMIT " ")))
		return false;
	n = hash_length(line);
	*hash = str_sub(line, 0, n);
	*refs = str_sub(line, n, line.n);
	if (n < HASH_MIN)
		return false;
	return !refs->n || (str_take(refs, STR(" (")) && str_ends(*refs, STR(")")));
}

static void add_member(struct finder *f, str key, str value)
{
	if (f->json.p[f->json.n - 1] != '{')
		buf_add_byte(&f->json, ',');
	buf_add_json_string(&f->json, key);
	buf_add_byte(&f->json, ':');
	buf_add_json_string(&f->json, value);
}

/* "Author: joe": values of all lines begin in the same column. */
static bool take_field(struct finder *f, str line)
{
	size_t colon = str_find_byte(line, ':'), at = colon + 1;

	if (colon == STR_NONE || !colon || colon >= WIDTH_MAX)
		return false;
	while (at < line.n && line.p[at] == ' ')
		at++;
	if (!f->width && str_starts(line, STR("Author:")))
		f->width = at;
	/* "Merge: a b" has one blank, whatever the others have. */
	if (at != f->width && !str_starts(line, STR("Merge:")))
		return false;
	add_member(f, str_sub(line, 0, colon), str_sub(line, at, line.n));
	return true;
}

/* Lines from the beginning of *rest on as long as they are a message's, without its indentation. */
static void take_message(struct finder *f, str *rest, const char **end)
{
	str look = *rest, line;
	struct buf text;
	uint32_t empty = 0;
	bool is_first = true;

	buf_init_arena(&text, f->arena, LIMIT_INPUT);
	while (str_next_line(&look, &line, NULL)) {
		if (!line.n) {
			empty++;
			continue;
		}
		if (!str_take(&line, STR(INDENT)))
			break;
		for (; empty; empty--) {
			buf_add_byte(&text, '\n');
			f->has_empty = true;
		}
		f->has_blanks |= !line.n;
		if (!is_first)
			buf_add_byte(&text, '\n');
		buf_add(&text, line);
		is_first = false;
		*end = line.p + line.n;
		*rest = look;
	}
	if (!is_first)
		add_member(f, STR(MESSAGE), buf_str(&text));
}

/* Lines up to the empty one before the next commit, or to the end of the text. */
static void take_files(struct finder *f, str *rest, const char **end)
{
	str look = *rest, line, hash, refs, files, stat;
	const char *from = NULL, *to = NULL;
	bool is_stat;

	if (!str_next_line(&look, &line, NULL) || line.n)
		return;
	while (str_next_line(&look, &line, NULL) && line.n && !is_commit(line, &hash, &refs)) {
		from = from ? from : line.p;
		to = line.p + line.n;
		*rest = look;
	}
	if (!from)
		return;
	files = (str){from, (size_t)(to - from)};
	is_stat = diffstat_pack(files, f->arena, &stat);
	add_member(f, is_stat ? STR(STATS) : STR(FILES), is_stat ? stat : files);
	f->has_stats |= is_stat;
	*end = to;
}

static bool take_commit(struct finder *f, str *rest, const char **end)
{
	str look = *rest, line, hash, refs;
	int fields = 0;

	if (!str_next_line(&look, &line, NULL) || !is_commit(line, &hash, &refs))
		return false;
	buf_add_c(&f->json, f->n++ ? ",{" : "{");
	add_member(f, STR(COMMIT), hash);
	if (refs.n)
		add_member(f, STR(REFS), str_sub(refs, 0, refs.n - 1));
	*end = line.p + line.n;
	*rest = look;
	while (fields++ < FIELDS_MAX && str_next_line(&look, &line, NULL) && take_field(f, line)) {
		*end = line.p + line.n;
		*rest = look;
	}
	look = *rest;
	if (str_next_line(&look, &line, NULL) && !line.n) {
		const char *before = *end;

		take_message(f, &look, end);
		if (*end != before)
			*rest = look;
	}
	take_files(f, rest, end);
	buf_add_byte(&f->json, '}');
	return f->width > 0;
}

/* ---- to text ---- */

static void print_lines(str text, str indent, bool has_blanks, struct buf *b)
{
	for (size_t at = 0; at <= text.n;) {
		size_t n = str_find_byte(str_sub(text, at, text.n), '\n');
		size_t end = n == STR_NONE ? text.n : at + n;

		if (end > at || has_blanks)
			buf_add(b, indent);
		buf_add(b, str_sub(text, at, end));
		buf_add_byte(b, '\n');
		at = end + 1;
	}
}

struct printer {
	size_t width;
	bool has_blanks;
	struct arena *arena;
	struct buf b;
};

/* False when a list of files is damaged. */
static bool print_files(struct printer *p, str value, bool is_stat)
{
	if (is_stat && !diffstat_unpack(value, p->arena, &value))
		return false;
	buf_add_byte(&p->b, '\n');
	print_lines(value, STR_NULL, p->has_blanks, &p->b);
	return true;
}

static bool print_member(struct printer *p, str key, str value)
{
	struct buf *b = &p->b;

	if (str_eq(key, STR(COMMIT))) {
		buf_add_c(b, COMMIT " ");
		buf_add(b, value);
		buf_add_byte(b, '\n');
	} else if (str_eq(key, STR(REFS))) {
		b->n -= b->n > 0; /* on the line of the hash */
		buf_add_c(b, " (");
		buf_add(b, value);
		buf_add_c(b, ")\n");
	} else if (str_eq(key, STR(MESSAGE))) {
		buf_add_byte(b, '\n');
		print_lines(value, STR(INDENT), p->has_blanks, b);
	} else if (str_eq(key, STR(FILES)) || str_eq(key, STR(STATS))) {
		return print_files(p, value, str_eq(key, STR(STATS)));
	} else {
		size_t from = b->n, width = str_eq(key, STR("Merge")) ? 0 : p->width;

		buf_add(b, key);
		buf_add_byte(b, ':');
		if (!width)
			buf_add_byte(b, ' ');
		while (b->n - from < width && b->err == E_OK)
			buf_add_byte(b, ' ');
		buf_add(b, value);
		buf_add_byte(b, '\n');
	}
	return true;
}

#define STATS_WORDS ", stat: lines +added -removed of each file"

static bool read_words(str words, struct printer *p)
{
	uint64_t n;
	size_t end;

	if (!str_take(&words, STR(GITLOG_WORD ", values at ")))
		return false;
	end = str_find_byte(words, ',');
	if (!str_u64(str_sub(words, 0, end == STR_NONE ? words.n : end), &n) || n > WIDTH_MAX)
		return false;
	words = str_sub(words, end == STR_NONE ? words.n : end, words.n);
	p->width = (size_t)n;
	p->has_blanks = !str_take(&words, STR(", trimmed"));
	return !words.n || str_eq(words, STR(STATS_WORDS));
}

bool gitlog_print(str words, str json, struct arena *a, str *out)
{
	struct printer p = {.arena = a};
	struct json_tape tape;
	uint32_t n = 0;

	if (!read_words(words, &p) || json_scan(a, json, &tape, NULL) != E_OK ||
		!json_is(&tape, 0, JSON_ARRAY))
		return false;
	buf_init_arena(&p.b, a, LIMIT_INPUT);
	for (struct json_iter it = json_iter(&tape, 0); json_next(&it);) {
		if (n++)
			buf_add_byte(&p.b, '\n');
		if (!json_is(&tape, it.value, JSON_OBJECT))
			return false;
		for (struct json_iter m = json_iter(&tape, it.value); json_next(&m);) {
			str key, value;

			if (!json_string(&tape, m.key, a, &key) ||
				!json_string(&tape, m.value, a, &value) ||
				!print_member(&p, key, value))
				return false;
		}
	}
	*out = buf_str(&p.b);
	out->n -= p.b.n > 0;
	return p.b.err == E_OK;
}

/* ---- the part ---- */

static bool find_at(str text, size_t at, struct arena *a, struct pairs_part *out)
{
	struct finder f = {.arena = a};
	str rest = str_sub(text, at, text.n), line = STR_NULL, again;
	const char *end = text.p;
	size_t to;

	buf_init_arena(&f.json, a, LIMIT_INPUT);
	buf_add_byte(&f.json, '[');
	while (take_commit(&f, &rest, &end)) {
		if (!str_next_line(&rest, &line, NULL) || line.n)
			break;
	}
	buf_add_byte(&f.json, ']');
	to = (size_t)(end - text.p);
	if (f.n < RECORDS_MIN || to < at || (to - at) / RECORDS_SHARE_PERCENT < text.n / 100 ||
		(f.has_blanks && f.has_empty))
		return false;
	*out = (struct pairs_part){.before = str_sub(text, 0, at),
		.after = str_sub(text, to, text.n),
		.json = buf_str(&f.json),
		.words = arena_printf(a, GITLOG_WORD ", values at %u%s%s", (unsigned)f.width,
			f.has_empty ? ", trimmed" : "", f.has_stats ? STATS_WORDS : "")};
	return gitlog_print(out->words, out->json, a, &again) &&
	       str_eq(again, str_sub(text, at, to));
}

bool gitlog_find(str text, struct arena *a, struct pairs_part *out)
{
	str rest = text, line, hash, refs;

	for (int i = 0; i < STARTS_MAX; i++) {
		size_t at = text.n - rest.n;

		if (!str_next_line(&rest, &line, NULL))
			return false;
		if (is_commit(line, &hash, &refs))
			return find_at(text, at, a, out);
	}
	return false;
}
