/* What git log prints of commits in its formats medium, full and fuller, with or without lists of files
 * (git-log(1), "PRETTY FORMATS"). */
#include "core/base/limits.h"
#include "core/compress/pairs/commits.h"
#include "core/compress/pairs/diffstat.h"

enum {
	FIELDS_MAX = 8, /* lines of a head; git has 5 at most */
	WIDTH_MAX = 16, /* where their values begin */
};

#define REFS   "refs"
#define INDENT "    " /* before a message's lines */

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

static bool is_commit(str line, str *hash, str *refs)
{
	size_t n;

	if (!str_take(&line, STR(COMMIT " ")))
		return false;
	n = commit_hash(line);
	*hash = str_sub(line, 0, n);
	*refs = str_sub(line, n, line.n);
	if (!n)
		return false;
	return !refs->n || (str_take(refs, STR(" (")) && str_ends(*refs, STR(")")));
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
	commit_add(&f->json, str_sub(line, 0, colon), str_sub(line, at, line.n));
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
		commit_add(&f->json, STR(MESSAGE), buf_str(&text));
}

/* Lines up to the empty one before the next commit, or to the end of the text. */
static void take_files(struct finder *f, str *rest, const char **end)
{
	str look = *rest, line, hash, refs;
	const char *from = NULL, *to = NULL;

	if (!str_next_line(&look, &line, NULL) || line.n)
		return;
	while (str_next_line(&look, &line, NULL) && line.n && !is_commit(line, &hash, &refs)) {
		from = from ? from : line.p;
		to = line.p + line.n;
		*rest = look;
	}
	if (!from)
		return;
	f->has_stats |= commit_add_files(&f->json, (str){from, (size_t)(to - from)}, f->arena);
	*end = to;
}

static bool take_commit(struct finder *f, str *rest, const char **end)
{
	str look = *rest, line, hash, refs;
	int fields = 0;

	if (!str_next_line(&look, &line, NULL) || !is_commit(line, &hash, &refs))
		return false;
	buf_add_c(&f->json, f->n++ ? ",{" : "{");
	commit_add(&f->json, STR(COMMIT), hash);
	if (refs.n)
		commit_add(&f->json, STR(REFS), str_sub(refs, 0, refs.n - 1));
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
};

/* False when a list of files is damaged. */
static bool print_files(const struct printer *p, str value, bool is_stat, struct buf *b)
{
	if (is_stat && !diffstat_unpack(value, p->arena, &value))
		return false;
	buf_add_byte(b, '\n');
	print_lines(value, STR_NULL, p->has_blanks, b);
	return true;
}

static bool print_member(void *state, str key, str value, struct buf *b)
{
	const struct printer *p = state;

	if (str_eq(key, STR(COMMIT))) {
		buf_add_c(b, b->n ? "\n" COMMIT " " : COMMIT " ");
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
		return print_files(p, value, str_eq(key, STR(STATS)), b);
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

	return read_words(words, &p) && commits_print(json, print_member, &p, a, out);
}

/* ---- the part ---- */

static bool begins(str line)
{
	str hash, refs;

	return is_commit(line, &hash, &refs);
}

bool gitlog_find(str text, struct arena *a, struct pairs_part *out)
{
	struct finder f = {.arena = a};
	size_t at = commits_start(text, begins);
	str rest, line, again;
	const char *end = text.p;

	if (at == STR_NONE)
		return false;
	rest = str_sub(text, at, text.n);
	buf_init_arena(&f.json, a, LIMIT_INPUT);
	buf_add_byte(&f.json, '[');
	while (take_commit(&f, &rest, &end)) {
		if (!str_next_line(&rest, &line, NULL) || line.n)
			break;
	}
	buf_add_byte(&f.json, ']');
	if ((f.has_blanks && f.has_empty) || !records_part(text, at, end, f.n, &f.json, out))
		return false;
	out->words = arena_printf(a, GITLOG_WORD ", values at %u%s%s", (unsigned)f.width,
		f.has_empty ? ", trimmed" : "", f.has_stats ? STATS_WORDS : "");
	return gitlog_print(out->words, out->json, a, &again) &&
	       str_eq(again, str_sub(text, at, text.n - out->after.n));
}
