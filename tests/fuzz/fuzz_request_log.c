/* Any bytes as a request log that is on the disk, with a file of it that was put away behind the first byte of 0xFF: what is found for
 * an id is a line of one of them, the newest that names it where each line names its own. Behind it stands what the log itself would
 * write; that is found whatever is before it, and shown as it came. */
#include <stdio.h>

#include "core/base/check.h"
#include "core/base/limits.h"
#include "core/json/scan.h"
#include "proxy/dashboard/log_find.h"
#include "proxy/request_log_line.h"
#include "tests/fuzz/temp_dir.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static char file[TEMP_PATH_MAX], older[TEMP_PATH_MAX];

static void make_dir(void)
{
	if (!temp_dir_make())
		return;
	temp_dir_file(file, "log.jsonl");
	temp_dir_file(older, "log.jsonl.1");
}

static void put(const char *path, str text, str more)
{
	FILE *f = fopen(path, "wb");

	ASSERT(f && fwrite(text.n ? text.p : "", 1, text.n, f) == text.n);
	ASSERT(fwrite(more.n ? more.p : "", 1, more.n, f) == more.n && fclose(f) == 0);
}

/* A whole line of text, with an end. */
static bool is_line_of(str text, str line)
{
	str one;

	while (str_find_byte(text, '\n') != STR_NONE && str_split(&text, '\n', &one))
		if (str_eq(one, line))
			return true;
	return false;
}

static str first(str s, size_t n)
{
	return str_sub(s, 0, s.n < n ? s.n : n);
}

/* The id that the line of the log names first; else something. */
static str some_id(str text)
{
	size_t at = str_find(text, STR("\"request_id\":\""));
	str id = at == STR_NONE ? STR("") : str_sub(text, at + 14, text.n);

	return at == STR_NONE ? STR("01J00000000000000000000001") : first(id, 26);
}

static void check_own(str before, str text, struct arena *a)
{
	struct request_log_row row = {.id = STR("01J0000000000000000000000Z"),
		.at_ms = 1772000000000,
		.provider = "anthropic",
		.endpoint = "/v1/messages",
		.format = "anthropic",
		.client = "test",
		.method = STR("POST"),
		.path = first(text, 64),
		.model = first(text, 32),
		.reason = "compressed",
		.error = first(text, 100),
		.request = text,
		.sent = text,
		.response = text};
	struct json_tape t;
	struct buf out;
	str line;

	buf_init_arena(&out, a, LIMIT_INPUT);
	request_log_line(&row, true, a, &out);
	if (out.err || str_find(before, row.id) != STR_NONE)
		return;
	/* What was torn ends somewhere. */
	put(file, before.n && before.p[before.n - 1] != '\n' ? STR("") : before, buf_str(&out));
	ASSERT(log_find(file, row.id, a, &line, NULL) == E_OK);
	ASSERT(str_eq(line, str_sub(buf_str(&out), 0, out.n - 1)));
	ASSERT(json_scan(a, line, &t, NULL) == E_OK && json_is(&t, 0, JSON_OBJECT));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	str all = {(const char *)data, n};
	size_t at = str_find_byte(all, (char)0xff);
	str now = at == STR_NONE ? all : str_sub(all, 0, at);
	str put_away = at == STR_NONE ? STR_NULL : str_sub(all, at + 1, all.n);
	struct arena a = ARENA_INIT;
	enum err err;
	str line;

	make_dir();
	put(file, now, STR(""));
	put(older, put_away, STR(""));
	err = log_find(file, some_id(at == STR_NONE || n % 2 ? now : put_away), &a, &line, NULL);
	ASSERT(err == E_OK || err == E_NOT_FOUND || err == E_TOO_BIG);
	if (!err)
		ASSERT(is_line_of(now, line) || is_line_of(put_away, line));
	check_own(now, put_away, &a);
	arena_release(&a);
	return 0;
}
