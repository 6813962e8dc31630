/* Any arguments to the tools of memories, a call a line: a letter that says which tool, and what a model wrote; 'm' is a message
 * to the MCP server instead. Whatever they are, an answer is bounded and says what it has to, no secret is kept, nothing of another
 * user is seen or changed, and the words that a search needs are there. */
#include <stdio.h>
#include <sys/stat.h>

#include "core/base/check.h"
#include "core/base/utf8.h"
#include "core/json/redact.h"
#include "core/json/scan.h"
#include "core/mcp/tool_memory.h"
#include "core/memory/files.h"
#include "core/memory/finder.h"
#include "tests/fuzz/temp_dir.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { CALLS_MAX = 24 };

#define OTHERS "Bob keeps zebras."

static char file[TEMP_PATH_MAX];

static int64_t wall(void *self)
{
	return *(int64_t *)self += 1000;
}

static void count(void *self, void *out, size_t n)
{
	int64_t at = wall(self);

	memset(out, 0, n);
	memcpy(out, &at, sizeof at < n ? sizeof at : n);
}

static void put_other(const struct clock *clock)
{
	struct memory m = memory_blank();
	struct memory_added added;
	struct memory_store *s;

	m.text[MEMORY_CONTENT] = STR(OTHERS);
	m.text[MEMORY_USER] = STR("bob");
	ASSERT(memory_store_open(file, MEMORY_WRITE, clock, &s, NULL) == E_OK);
	ASSERT(memory_add(s, &m, &added, NULL) == E_OK);
	ASSERT(memory_index_store(s, NULL) == E_OK);
	memory_store_close(s);
}

/* ---- calls ---- */

static void check_answer(str out, bool is_good, enum recall_tool tool)
{
	struct arena a = ARENA_INIT;
	struct json_tape t;
	uint32_t status;

	ASSERT(out.n <= RECALL_ANSWER_MAX && utf8_valid_n(out) == out.n);
	ASSERT(json_scan(&a, out, &t, NULL) == E_OK && json_is(&t, 0, JSON_OBJECT));
	status = json_member(&t, 0, "status");
	ASSERT(status != JSON_ABSENT && is_good == !json_string_is(&t, status, "error"));
	if (is_good && tool == RECALL_SEARCH) {
		uint32_t found = json_member(&t, 0, "memories");

		/* What was found is shown, some of it at least. */
		ASSERT(json_is(&t, found, JSON_ARRAY));
		ASSERT(json_string_is(&t, status, "found") == (t.v[found].n > 0));
	}
	arena_release(&a);
	ASSERT(str_find(out, STR("zebras")) == STR_NONE);
}

static void call(struct recall *r, const struct recall_scope *s, char which, str arguments)
{
	static const char letters[] = "asud";
	const char *tool = strchr(letters, which);
	struct buf out;
	bool is_good;

	buf_init(&out, LIMIT_INPUT);
	if (tool && *tool) {
		is_good = recall_answer(r, s, (enum recall_tool)(tool - letters), arguments, &out);
		if (str_find(arguments, STR("zebras")) == STR_NONE)
			check_answer(buf_str(&out), is_good, (enum recall_tool)(tool - letters));
	} else {
		is_good = memory_files_answer(r, s, arguments, &out);
		ASSERT(out.n && utf8_valid_n(buf_str(&out)) == out.n);
		ASSERT(is_good || str_starts(buf_str(&out), STR("Error: ")));
	}
	buf_release(&out);
}

static enum err take_line(void *self, str line, struct errctx *cx)
{
	struct arena a = ARENA_INIT;
	struct json_tape t;

	(void)self;
	ASSERT(json_scan(&a, line, &t, cx) == E_OK);
	arena_release(&a);
	return E_OK;
}

static void say(const struct recall_scope *s, str line)
{
	struct mcp_tool tools[RECALL_TOOLS_N];
	struct mcp_conf conf = {.tools = tools,
		.tools_n = RECALL_TOOLS_N,
		.name = "fuzz",
		.title = "Fuzz",
		.version = "1",
		.write = take_line};
	struct mcp_memory *memory;
	struct mcp_server *m;
	struct errctx cx = {0};

	mcp_memory_tools(tools);
	ASSERT(mcp_memory_new(s, NULL, &memory, &cx) == E_OK);
	conf.tools_self = memory;
	ASSERT(mcp_new(&conf, &m, &cx) == E_OK);
	ASSERT(mcp_feed(m,
		       STR("{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{"
			   "\"protocolVersion\":\"2025-06-18\",\"capabilities\":{},\"clientInfo\":"
			   "{\"name\":\"f\",\"version\":\"1\"}}}\n"),
		       &cx) == E_OK);
	ASSERT(mcp_feed(m, line, &cx) == E_OK && mcp_feed(m, STR("\n"), &cx) == E_OK);
	ASSERT(mcp_finish(m, &cx) == E_OK);
	mcp_free(m);
	mcp_memory_free(memory);
}

/* ---- what is in the file then ---- */

static bool has_secret(str text)
{
	struct buf b;
	size_t n;

	buf_init(&b, LIMIT_INPUT);
	n = redact_text(text, &b);
	buf_release(&b);
	return n > 0;
}

static void check_store(const struct clock *clock)
{
	struct memory_filter f = memory_filter_all();
	struct memory_set set = {0};
	struct memory_store *s;
	size_t others = 0;

	f.with_superseded = f.with_deleted = true;
	ASSERT(memory_store_open(file, MEMORY_READ, clock, &s, NULL) == E_OK);
	ASSERT(memory_list(s, &f, &set, NULL) == E_OK);
	for (size_t i = 0; i < set.n; i++) {
		const struct memory *m = &set.v[i];

		if (str_eq_c(m->text[MEMORY_USER], "bob")) {
			others++;
			ASSERT(str_eq_c(m->text[MEMORY_CONTENT], OTHERS) &&
				m->at[MEMORY_DELETED] == MEMORY_NO_TIME &&
				m->at[MEMORY_VALID_UNTIL] == MEMORY_NO_TIME);
			continue;
		}
		for (int k = 0; k < MEMORY_TEXTS_N; k++)
			ASSERT(!has_secret(m->text[k]));
	}
	ASSERT(others == 1);
	memory_set_free(&set);
	memory_store_close(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	str rest = {(const char *)data, n}, line;
	int64_t now_ms = 1772000000000;
	const struct clock clock = {wall, wall, count, &now_ms};
	struct recall_scope scope = {NULL, STR("ann"), STR("fuzz")};
	struct recall *r;

	if (temp_dir_make())
		temp_dir_file(file, "m.db");
	scope.file = file;
	put_other(&clock);
	ASSERT(recall_new(&clock, &r, NULL) == E_OK);
	for (int i = 0; i < CALLS_MAX && str_split(&rest, '\n', &line); i++) {
		if (!line.n)
			continue;
		if (*line.p == 'm')
			say(&scope, str_sub(line, 1, line.n));
		else
			call(r, &scope, *line.p, str_sub(line, 1, line.n));
	}
	recall_free(r);
	check_store(&clock);
	temp_dir_empty(temp_dir);
	return 0;
}
