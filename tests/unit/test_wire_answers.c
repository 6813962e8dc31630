/* Recorded answers, where there are some: HEADROOM_CORPORA names a folder with sse_fixtures/. Of the files of the
 * Vercel AI SDK, NAME.json is an answer, and each line of NAME.chunks.txt the data of an event. Most providers tell a
 * total: what is read must sum up to it. */
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/file.h"
#include "core/wire/usage.h"
#include "tests/unit/wire_help.h"

/* The number behind the last such key of a text. */
static bool last_figure(str text, str key, uint64_t *out)
{
	bool is_there = false;

	for (size_t at; (at = str_find(text, key)) != STR_NONE;) {
		str digits;
		size_t n = 0;

		text = str_sub(text, at + key.n, text.n);
		digits = str_trim(text);
		while (n < digits.n && digits.p[n] >= '0' && digits.p[n] <= '9')
			n++;
		is_there |= str_u64(str_sub(digits, 0, n), out);
	}
	return is_there;
}

static bool has_text(str text, const char *what)
{
	return str_find(text, str_from(what)) != STR_NONE;
}

static enum wire_format format_of(str text, const char *path)
{
	if (has_text(text, "\"promptTokenCount\""))
		return WIRE_GEMINI;
	if (strstr(path, "/anthropic/"))
		return WIRE_ANTHROPIC;
	return has_text(text, "\"input_tokens\"") ? WIRE_OPENAI_RESPONSES : WIRE_OPENAI_CHAT;
}

static void feed_lines(struct usage_reader *r, str text)
{
	bool has_eol;
	str line;

	while (str_next_line(&text, &line, &has_eol)) {
		usage_reader_feed(r, STR("data: "));
		usage_reader_feed(r, line);
		usage_reader_feed(r, STR("\n\n"));
	}
}

/* True when there was a total to compare with. */
static bool check_text(const char *path, str text)
{
	bool is_stream = str_ends(str_from(path), STR(".chunks.txt"));
	struct usage_reader *r =
		usage_reader_new(format_of(text, path), is_stream ? ANSWER_SSE : ANSWER_JSON);
	const struct usage *u;
	uint64_t total = 0, sum;
	bool has_total = last_figure(text, STR("\"total_tokens\":"), &total) ||
			 last_figure(text, STR("\"totalTokenCount\":"), &total);

	assert_non_null(r);
	if (is_stream)
		feed_lines(r, text);
	else
		usage_reader_feed(r, text);
	u = usage_reader_finish(r);
	sum = u->input + u->cache_read + u->cache_write_5m + u->cache_write_1h + u->output;
	has_total &= u->has_output;
	if (has_total && sum != total)
		fail_msg("%s: %d, not %d", path, (int)sum, (int)total);
	if (has_total && (!u->is_complete || u->is_error || !u->model[0] || !u->stop_reason[0]))
		fail_msg("%s: no model, or how it ended", path);
	usage_reader_free(r);
	return has_total;
}

static bool check_file(const char *path)
{
	struct buf file;
	struct errctx cx = {0};
	bool has_total;

	if (!strstr(path, "/__fixtures__/") ||
		(!str_ends(str_from(path), STR(".json")) &&
			!str_ends(str_from(path), STR(".chunks.txt"))))
		return false;
	buf_init(&file, LIMIT_INPUT);
	if (file_read(path, &file, &cx) != E_OK)
		fail_msg("%s", cx.text);
	has_total = check_text(path, buf_str(&file));
	buf_release(&file);
	return has_total;
}

static void recorded_answers_sum_up(void **state)
{
	const char *corpora = getenv("HEADROOM_CORPORA");
	char path[4096], *roots[] = {path, NULL};
	size_t files = 0;
	FTSENT *entry;
	FTS *walk;

	(void)state;
	if (!corpora) {
		print_message("HEADROOM_CORPORA is not set\n");
		skip();
	}
	(void)snprintf(path, sizeof path, "%s/sse_fixtures/vercel_ai", corpora);
	walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	assert_non_null(walk);
	while ((entry = fts_read(walk)) != NULL)
		files += entry->fts_info == FTS_F && check_file(entry->fts_path);
	assert_int_equal(fts_close(walk), 0);
	print_message("%zu answers with a total\n", files);
	assert_true(files > 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recorded_answers_sum_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
