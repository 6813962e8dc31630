/* What git log --oneline prints of commits with lists of files below them (--stat, --numstat, --name-only, --name-status). */
#include "core/base/limits.h"
#include "core/compress/pairs/commits.h"
#include "core/compress/pairs/diffstat.h"

/* "99b23af what was done" */
static bool take_commit(str line, str *hash, str *message)
{
	size_t n = commit_hash(line);

	if (!n || n + 1 >= line.n || line.p[n] != ' ')
		return false;
	*hash = str_sub(line, 0, n);
	*message = str_sub(line, n + 1, line.n);
	return true;
}

static bool begins(str line)
{
	str hash, message;

	return take_commit(line, &hash, &message);
}

struct finder {
	struct arena *arena;
	struct buf json;
	uint32_t n, lists_n;
	bool has_stats;
};

/* Lines up to the next commit. An empty line ends all. */
static void take_files(struct finder *f, str *rest, const char **end)
{
	str look = *rest, line;
	const char *from = look.p;

	while (str_next_line(&look, &line, NULL) && line.n && !begins(line)) {
		*end = line.p + line.n;
		*rest = look;
	}
	if (rest->p == from)
		return;
	f->lists_n++;
	f->has_stats |= commit_add_files(&f->json, (str){from, (size_t)(*end - from)}, f->arena);
}

bool oneline_find(str text, struct arena *a, struct pairs_part *out)
{
	struct finder f = {.arena = a};
	size_t at = commits_start(text, begins);
	str rest, look, line, hash, message, again;
	const char *end = text.p;

	if (at == STR_NONE)
		return false;
	rest = look = str_sub(text, at, text.n);
	buf_init_arena(&f.json, a, LIMIT_INPUT);
	buf_add_byte(&f.json, '[');
	while (str_next_line(&look, &line, NULL) && take_commit(line, &hash, &message)) {
		rest = look;
		end = line.p + line.n;
		buf_add_c(&f.json, f.n++ ? ",{" : "{");
		commit_add(&f.json, STR(COMMIT), hash);
		commit_add(&f.json, STR(MESSAGE), message);
		take_files(&f, &rest, &end);
		buf_add_byte(&f.json, '}');
		look = rest;
	}
	buf_add_byte(&f.json, ']');
	if (f.lists_n * 2 < f.n || !records_part(text, at, end, f.n, &f.json, out))
		return false;
	out->words = f.has_stats ? STR(ONELINE_WORD STATS_WORDS) : STR(ONELINE_WORD);
	return oneline_print(out->words, out->json, a, &again) &&
	       str_eq(again, str_sub(text, at, text.n - out->after.n));
}

static bool print_member(void *state, str key, str value, struct buf *b)
{
	struct arena *a = state;

	if (str_eq(key, STR(STATS)) && !diffstat_unpack(value, a, &value))
		return false;
	buf_add(b, value);
	buf_add_byte(b, str_eq(key, STR(COMMIT)) ? ' ' : '\n');
	return true;
}

bool oneline_print(str words, str json, struct arena *a, str *out)
{
	if (!str_take(&words, STR(ONELINE_WORD)) || (words.n && !str_eq(words, STR(STATS_WORDS))))
		return false;
	return commits_print(json, print_member, a, a, out);
}
