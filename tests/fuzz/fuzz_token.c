/* Any bytes as text: the ids spell it (with U+FFFD for what is not UTF-8), all ways of counting
 * agree, by lines and with other separators as well, and counting again after an edit equals counting all. The first bytes choose encoding,
 * limit and edit. */
#include "core/base/check.h"
#include "core/base/utf8.h"
#include "core/token/recount.h"
#include "core/token/swap.h"
#include "core/token/token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_ids(enum token_encoding e, str text, size_t count)
{
	struct arena a = ARENA_INIT;
	char *valid = arena_calloc(&a, text.n + 1, 3, 1);
	size_t valid_n = utf8_sanitize(text, valid), ids_n, at = 0;
	uint32_t *ids = token_encode(e, text, &a, &ids_n);

	ASSERT(ids_n == count);
	for (size_t i = 0; i < ids_n; i++) {
		str bytes = token_bytes(e, ids[i]);

		ASSERT(bytes.n > 0 && bytes.n <= valid_n - at &&
			memcmp(valid + at, bytes.p, bytes.n) == 0);
		at += bytes.n;
	}
	ASSERT(at == valid_n);
	arena_release(&a);
}

static void check_edit(enum token_encoding e, str text, size_t count, struct span at, size_t edit_n)
{
	struct arena a = ARENA_INIT;
	str edit = str_sub(text, 0, edit_n), joined;
	char *p = arena_alloc(&a, text.n + edit.n + 1, 1);

	memcpy(p, text.p, at.start);
	memcpy(p + at.start, edit.p, edit.n);
	memcpy(p + at.start + edit.n, text.p + at.end, text.n - at.end);
	joined = (str){p, text.n + edit.n - (at.end - at.start)};
	ASSERT(token_recount(e, text, count, at, edit, NULL) == token_count(e, joined, NULL));
	arena_release(&a);
}

/* Without digits and the sign behind them. */
static str without_column(str line)
{
	size_t i = 0;

	while (i < line.n && line.p[i] >= '0' && line.p[i] <= '9')
		i++;
	return i && i < line.n && strchr("\t:-|", line.p[i]) ? str_sub(line, i + 1, line.n) : line;
}

/* The lines without their columns, by what they counted in the text. */
static void check_lines(enum token_encoding e, str text, size_t count, struct token_cache *cache)
{
	struct arena a = ARENA_INIT;
	struct token_text t = {.text = text};
	str *raw = arena_array(&a, str, text.n + 1), *body = arena_array(&a, str, text.n + 1);
	char *drawn = arena_alloc(&a, text.n + 1, 1), *to = drawn;
	struct token_lines *lines;
	struct token_run run;

	for (size_t from = 0, i = 0; i <= text.n; i++) {
		if (i < text.n && text.p[i] != '\n')
			continue;
		raw[t.n] = str_sub(text, from, i);
		body[t.n] = without_column(raw[t.n]);
		if (body[t.n].n)
			memcpy(to, body[t.n].p, body[t.n].n);
		to += body[t.n++].n;
		if (i < text.n)
			*to++ = '\n';
		from = i + 1;
	}
	t.raw = raw;
	t.body = body;
	run = (struct token_run){0, body, t.n};
	text = (str){drawn, (size_t)(to - drawn)};
	ASSERT(token_count_lines(e, &t, cache, &a, &lines) == count);
	ASSERT(token_count_runs(e, &(struct token_runs){text, &run, 1}, lines, cache) ==
		token_count(e, text, NULL));
	arena_release(&a);
}

/* Bars where there are tabs. */
static void check_swap(enum token_encoding e, str text, struct token_cache *cache)
{
	struct arena a = ARENA_INIT;
	struct token_swap *s = token_swap_new(e, text, '\t', cache, &a);
	char *bars = arena_alloc(&a, text.n + 1, 1);

	for (size_t i = 0; i < text.n; i++)
		bars[i] = text.p[i] == '\t' ? '|' : text.p[i];
	ASSERT(!s || token_swap_count(s, '|') == token_count(e, (str){bars, text.n}, NULL));
	arena_release(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	enum { HEAD = 4 };
	static struct token_cache *cache; /* kept, so that it holds pieces of other texts */
	enum token_encoding e;
	size_t count, limit, start, end;
	str text;

	if (n <= HEAD)
		return 0;
	e = data[0] % TOKEN_ENCODING_N;
	text = (str){(const char *)data + HEAD, n - HEAD};
	count = token_count(e, text, NULL);
	check_ids(e, text, count);

	cache = token_cache_new();
	ASSERT(cache && token_count(e, text, cache) == count &&
		token_count(e, text, cache) == count);
	check_lines(e, text, count, cache);
	check_swap(e, text, cache);
	token_cache_free(cache);

	limit = count * data[1] / 200;
	ASSERT(token_count_upto(e, text, limit, NULL) == (count > limit ? limit + 1 : count));

	start = text.n * data[2] / 256;
	end = start + (text.n - start) * data[3] / 256;
	check_edit(e, text, count, (struct span){(uint32_t)start, (uint32_t)end},
		text.n * data[1] / 1024);
	return 0;
}
