#include "learn/call.h"

#include "core/json/scan.h"
#include "core/base/hash.h"
#include "learn/text.h"

/* Names of tools by what they do, compared without case: those of real clients, as in core/compress/tool.c, which asks another
 * question. */
static const struct {
	const char *name;
	enum call_kind kind;
} TOOLS[] = {
	{"bash", CALL_SHELL},
	{"shell", CALL_SHELL},
	{"shell_command", CALL_SHELL},
	{"exec", CALL_SHELL},
	{"exec_command", CALL_SHELL},
	{"local_shell", CALL_SHELL},
	{"local_shell_call", CALL_SHELL},
	{"execute_bash", CALL_SHELL},
	{"execute_command", CALL_SHELL},
	{"run_shell_command", CALL_SHELL},
	{"run_command", CALL_SHELL},
	{"run_terminal_cmd", CALL_SHELL},
	{"run_terminal_command", CALL_SHELL},
	{"terminal", CALL_SHELL},
	{"read", CALL_READ},
	{"read_file", CALL_READ},
	{"readfile", CALL_READ},
	{"read_many_files", CALL_READ},
	{"view", CALL_READ},
	{"view_file", CALL_READ},
	{"open", CALL_READ},
	{"open_file", CALL_READ},
	{"fs_read", CALL_READ},
	{"cat", CALL_READ},
	{"notebookread", CALL_READ},
	{"write", CALL_CHANGE},
	{"write_file", CALL_CHANGE},
	{"writefile", CALL_CHANGE},
	{"write_new_file", CALL_CHANGE},
	{"create", CALL_CHANGE},
	{"create_file", CALL_CHANGE},
	{"edit", CALL_CHANGE},
	{"edit_file", CALL_CHANGE},
	{"editfile", CALL_CHANGE},
	{"multiedit", CALL_CHANGE},
	{"insert", CALL_CHANGE},
	{"replace", CALL_CHANGE},
	{"replace_in_file", CALL_CHANGE},
	{"str_replace", CALL_CHANGE},
	{"search_replace", CALL_CHANGE},
	{"apply_diff", CALL_CHANGE},
	{"apply_patch", CALL_CHANGE},
	{"notebookedit", CALL_CHANGE},
	{"glob", CALL_GLOB},
	{"find_file", CALL_GLOB},
	{"find_files", CALL_GLOB},
	{"search_files", CALL_GLOB},
	{"file_search", CALL_GLOB},
	{"glob_file_search", CALL_GLOB},
	{"grep", CALL_GREP},
	{"grep_search", CALL_GREP},
	{"ripgrep_search", CALL_GREP},
	{"ripgrep_raw_search", CALL_GREP},
	{"search_dir", CALL_GREP},
	{"search_text", CALL_GREP},
	{"search_code", CALL_GREP},
	{"search_file_content", CALL_GREP},
	{"task", CALL_AGENT},
	{"agent", CALL_AGENT},
	{"spawn_agent", CALL_AGENT},
};

/* One tool for several things: what it does stands in its "command". */
static const char *const EDITORS[] = {"str_replace_editor", "str_replace_based_edit_tool"};

/* Members that say the same in the words of different agents; the first that is there counts. */
static const char *const COMMANDS[] = {"command", "cmd", "script", NULL};
static const char *const PATTERNS[] = {"pattern", "query", "regex", "search_term", "file_name",
	"glob_pattern", "globPattern", NULL};
static const char *const PATHS[] = {"file_path", "path", "absolute_path", "filePath", "target_file",
	"filename", "file", "dir_path", "directory", "target_directory", "paths", "targetFile",
	"relativeWorkspacePath", "targetDirectory", NULL};
static const char *const DIRS[] = {"workdir", "cwd", "directory", "dir_path", NULL};
static const char *const AGENTS[] = {"subagent_type", "agent_type", "agent", NULL};
static const char *const PARTS[] = {"offset", "limit", "start_line", "end_line", "view_range",
	"line_number", "line_start", NULL};

static enum call_kind kind_of(str tool)
{
	size_t at = str_rfind_byte(tool, '.'); /* "functions.exec_command" */

	if (tool.p && at != STR_NONE)
		tool = str_sub(tool, at + 1, tool.n);
	if (str_ends(tool, STR("_v2"))) /* Cursor's */
		tool.n -= strlen("_v2");
	for (size_t i = 0; i < ARRAY_N(TOOLS); i++)
		if (str_eq_nocase(tool, str_from(TOOLS[i].name)))
			return TOOLS[i].kind;
	return CALL_OTHER;
}

/* Into the call's own bytes; empty when it is longer than max. */
static str keep(struct call *c, str s, size_t max)
{
	char *to = c->store + c->store_n;

	if (!s.n || s.n > max || c->store_n + s.n > CALL_STORE)
		return STR_NULL;
	memcpy(to, s.p, s.n);
	c->store_n += (uint32_t)s.n;
	return (str){to, s.n};
}

struct input {
	const struct json_tape *t;
	struct arena *a;
};

static uint32_t member_of(const struct input *in, const char *const *names)
{
	for (; *names; names++) {
		uint32_t v = json_member(in->t, 0, *names);

		if (v != JSON_ABSENT && !json_is(in->t, v, JSON_NULL))
			return v;
	}
	return JSON_ABSENT;
}

/* A string; or of a list the last one, which is the script of {"bash","-lc",SCRIPT} and any of several files. */
static str string_of(const struct input *in, const char *const *names)
{
	uint32_t v = member_of(in, names);
	str s = STR_NULL, each;

	if (v == JSON_ABSENT)
		return STR_NULL;
	if (json_string(in->t, v, in->a, &s))
		return s;
	if (!json_is(in->t, v, JSON_ARRAY))
		return STR_NULL;
	for (struct json_iter it = json_iter(in->t, v); json_next(&it);)
		if (json_string(in->t, it.value, in->a, &each))
			s = each;
	return s;
}

/* {"bash","-lc",SCRIPT} is SCRIPT; another list is the words of a command. */
static str command_of(const struct input *in)
{
	uint32_t v = member_of(in, COMMANDS);
	struct buf b;
	str each;
	uint32_t i = 0;
	bool is_script = false;

	if (v == JSON_ABSENT || !json_is(in->t, v, JSON_ARRAY))
		return string_of(in, COMMANDS);
	buf_init_arena(&b, in->a, LIMIT_INPUT);
	for (struct json_iter it = json_iter(in->t, v); json_next(&it); i++) {
		if (!json_string(in->t, it.value, in->a, &each))
			continue;
		if (i == 1 && str_starts(each, STR("-")) && str_ends(each, STR("c")))
			is_script = true;
		if (is_script && i == 2)
			return each;
		if (i)
			buf_add_byte(&b, ' ');
		buf_add(&b, each);
	}
	return buf_str(&b);
}

static void take_members(struct call *c, const struct input *in)
{
	static const char *const VERB[] = {"command", NULL};

	for (size_t i = 0; i < ARRAY_N(EDITORS); i++)
		if (str_eq_c(c->tool, EDITORS[i]))
			c->kind = str_eq_c(string_of(in, VERB), "view") ? CALL_READ : CALL_CHANGE;
	c->is_part = member_of(in, PARTS) != JSON_ABSENT;
	switch (c->kind) {
	case CALL_SHELL:
		c->arg = keep(c, str_trim(command_of(in)), CALL_ARG_MAX);
		c->dir = keep(c, string_of(in, DIRS), CALL_PATH_MAX);
		break;
	case CALL_READ:
	case CALL_CHANGE:
		c->path = keep(c, string_of(in, PATHS), CALL_PATH_MAX);
		break;
	case CALL_GLOB:
	case CALL_GREP:
		c->arg = keep(c, string_of(in, PATTERNS), CALL_ARG_MAX);
		c->path = keep(c, string_of(in, PATHS), CALL_PATH_MAX);
		break;
	case CALL_AGENT:
		c->arg = keep(c, string_of(in, AGENTS), CALL_ARG_MAX);
		break;
	case CALL_OTHER:
		break;
	}
}

void call_begin(struct call *c, str tool, str input, struct arena *scratch)
{
	struct json_tape t;
	struct input in = {&t, scratch};
	str inner;

	*c = (struct call){.at_ms = -1};
	c->tool = keep(c, tool, CALL_TOOL_MAX);
	c->kind = kind_of(c->tool);
	/* A string that holds JSON, as in Chat and Responses; text of a program may begin so, too. */
	if (input.n && input.p[0] == '"' && json_scan(scratch, input, &t, NULL) == E_OK &&
		json_string(&t, 0, scratch, &inner))
		input = inner;
	c->input_bytes = (uint32_t)input.n;
	c->input_hash = hash64(input);
	if (json_scan(scratch, input, &t, NULL) == E_OK && json_is(&t, 0, JSON_OBJECT))
		take_members(c, &in);
	else if (c->kind == CALL_SHELL)
		c->arg = keep(c, str_trim(input), CALL_ARG_MAX);
}

/* What a program printed, out of what the agent wrapped around it: {"output","metadata":{"exit_code"}} of Codex, and results
 * of Gemini. *status: -1 when it does not say. */
static str unwrap(str text, int *status, struct arena *scratch)
{
	static const char *const OUTPUTS[] = {"output", "error", "result", "content", NULL};
	struct json_tape t;
	struct input in = {&t, scratch};
	uint64_t code;
	uint32_t v;
	str s;

	*status = -1;
	text = str_trim(text);
	if (!text.n || text.p[0] != '{' || json_scan(scratch, text, &t, NULL) != E_OK)
		return text;
	v = json_member(&t, 0, "metadata");
	if (v != JSON_ABSENT)
		v = json_member(&t, v, "exit_code");
	if (v != JSON_ABSENT && json_u64(&t, v, &code))
		*status = code ? 1 : 0;
	/* The program may have printed JSON itself: then it is the wrapping that is missing. */
	if (v == JSON_ABSENT && t.v[0].n != 1)
		return text;
	s = string_of(&in, OUTPUTS);
	return s.p ? s : text;
}

static uint32_t lines_of(str s)
{
	uint32_t n = 0;

	for (const char *p = s.p, *end = s.p + s.n; p < end; n++) {
		const char *next = memchr(p, '\n', (size_t)(end - p));

		if (!next)
			return n + 1;
		p = next + 1;
	}
	return n;
}

void call_answer(struct call *c, str text, bool is_error, struct arena *scratch)
{
	int status;
	size_t behind;

	c->output_bytes = (uint32_t)text.n;
	text = unwrap(text, &status, scratch);
	c->output_hash = hash64(text);
	c->lines = text.n ? lines_of(text) : 0;
	c->head = keep(c, str_sub(text, 0, text.n < CALL_SHOWN_MAX ? text.n : CALL_SHOWN_MAX),
		CALL_SHOWN_MAX);
	behind = text.n - c->head.n;
	if (behind > CALL_SHOWN_MAX)
		behind = CALL_SHOWN_MAX;
	c->tail = keep(c, str_sub(text, text.n - behind, text.n), CALL_SHOWN_MAX);
	if (status < 0 && c->kind == CALL_SHELL)
		status = failure_status(c->head, c->tail);
	c->has_status = is_error || status >= 0;
	c->failure = failure_of(c, is_error, status);
}
