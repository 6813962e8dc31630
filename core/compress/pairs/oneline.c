/* What git log --oneline prints of commits with lists of files below them (--stat, --numstat, --name-only, --name-status). */
#include "core/base/limits.h"
#include "core/compress/pairs/diffstat.h"
#include "core/compress/pairs/records.h"
#include "core/json/scan.h"

enum {
	HASH_MIN = 7,
	HASH_MAX = 40,
	STARTS_MAX = 3, /* lines that may stand before the first commit */
};

#define COMMIT  "commit"
#define MESSAGE "message"
#define FILES   "files"
#define STATS   "stat"
#define WORDS   ", stat: lines +added -removed of each file"

/* "99b23af what was done" */
static bool take_commit(str line, str *hash, str *message)
{
	size_t n = 0;

	while (n < line.n &&
		((line.p[n] >= '0' && line.p[n] <= '9') || (line.p[n] >= 'a' && line.p[n] <= 'f')))
		n++;
	*hash = str_sub(line, 0, n);
	*message = str_sub(line, n + 1, line.n);
	return n >= HASH_MIN && n <= HASH_MAX && n + 1 < line.n && line.p[n] == ' ';
}

struct finder {
	struct arena *arena;
	struct buf json;
	uint32_t n, lists_n;
	bool has_stats;
};

static void add_member(struct finder *f, const char *key, str value)
{
	buf_printf(&f->json, "%s\"%s\":", f->json.p[f->json.n - 1] == '{' ? "" : ",", key);
	buf_add_json_string(&f->json, value);
}

/* Lines up to the next commit. An empty line ends all. */
static void take_files(struct finder *f, str *rest, const char **end)
{
	str look = *rest, line, hash, message, files, stat;
	const char *from = look.p;

	while (str_next_line(&look, &line, NULL) && line.n && !take_commit(line, &hash, &message)) {
		*end = line.p + line.n;
		*rest = look;
	}
	if (rest->p == from)
		return;
	files = (str){from, (size_t)(*end - from)};
	f->lists_n++;
	if (diffstat_pack(files, f->arena, &stat)) {
		f->has_stats = true;
		add_member(f, STATS, stat);
	} else {
		add_member(f, FILES, files);
	}
}

static bool find_at(str text, size_t at, struct arena *a, struct pairs_part *out)
{
	struct finder f = {.arena = a};
	str rest = str_sub(text, at, text.n), line, hash, message, again;
	const char *end = rest.p;
	size_t to;

	buf_init_arena(&f.json, a, LIMIT_INPUT);
	buf_add_byte(&f.json, '[');
	for (;;) {
		str look = rest;

		if (!str_next_line(&look, &line, NULL) || !take_commit(line, &hash, &message))
			break;
		rest = look;
		end = line.p + line.n;
		buf_add_c(&f.json, f.n++ ? ",{" : "{");
		add_member(&f, COMMIT, hash);
		add_member(&f, MESSAGE, message);
		take_files(&f, &rest, &end);
		buf_add_byte(&f.json, '}');
	}
	buf_add_byte(&f.json, ']');
	to = (size_t)(end - text.p);
	if (f.n < RECORDS_MIN || f.lists_n * 2 < f.n ||
		(to - at) / RECORDS_SHARE_PERCENT < text.n / 100)
		return false;
	*out = (struct pairs_part){.before = str_sub(text, 0, at),
		.after = str_sub(text, to, text.n),
		.json = buf_str(&f.json),
		.words = f.has_stats ? STR(ONELINE_WORD WORDS) : STR(ONELINE_WORD)};
	return oneline_print(out->words, out->json, a, &again) &&
	       str_eq(again, str_sub(text, at, to));
}

bool oneline_find(str text, struct arena *a, struct pairs_part *out)
{
	str rest = text, line, hash, message;

	for (int i = 0; i < STARTS_MAX; i++) {
		size_t at = text.n - rest.n;

		if (!str_next_line(&rest, &line, NULL))
			return false;
		if (take_commit(line, &hash, &message))
			return find_at(text, at, a, out);
	}
	return false;
}

static bool print_member(str key, str value, struct arena *a, struct buf *b)
{
	if (str_eq(key, STR(STATS)) && !diffstat_unpack(value, a, &value))
		return false;
	buf_add(b, value);
	buf_add_byte(b, str_eq(key, STR(COMMIT)) ? ' ' : '\n');
	return true;
}

bool oneline_print(str words, str json, struct arena *a, str *out)
{
	struct json_tape tape;
	struct buf b;

	if (!str_take(&words, STR(ONELINE_WORD)) || (words.n && !str_eq(words, STR(WORDS))) ||
		json_scan(a, json, &tape, NULL) != E_OK || !json_is(&tape, 0, JSON_ARRAY))
		return false;
	buf_init_arena(&b, a, LIMIT_INPUT);
	for (struct json_iter it = json_iter(&tape, 0); json_next(&it);) {
		if (!json_is(&tape, it.value, JSON_OBJECT))
			return false;
		for (struct json_iter m = json_iter(&tape, it.value); json_next(&m);) {
			str key, value;

			if (!json_string(&tape, m.key, a, &key) ||
				!json_string(&tape, m.value, a, &value) ||
				!print_member(key, value, a, &b))
				return false;
		}
	}
	*out = buf_str(&b);
	out->n -= b.n > 0;
	return b.err == E_OK;
}
