#include "core/engine/call.h"

#include "core/base/hash.h"
#include "core/json/scan.h"

/* Members that name what a call is about, best first. */
static const char *const path_keys[] = {"file_path", "path", "filePath", "absolute_path",
	"abs_path", "filename", "file_name", "file", "notebook_path", "target_file", "TargetFile",
	"uri"};
static const char *const command_keys[] = {"command", "cmd", "script", "code"};
static const char *const other_keys[] = {"pattern", "query", "regex", "url", "name", "description",
	"subject", "id", "task_id", "prompt"};

/* Scans an input to a tape over plain JSON; false when it is free text, which is then in *text. */
static bool scan_input(str input, struct arena *a, struct json_tape *t, str *text)
{
	*text = STR_NULL;
	if (input.n && *input.p == '"') {
		if (!json_unescape(input, a, text))
			return false;
		input = *text;
	}
	return json_scan(a, input, t, NULL) == E_OK && json_is(t, 0, JSON_OBJECT);
}

/* A string member, or the last string of an array of them (["bash","-lc","ls"]). */
static str get_text(const struct json_tape *t, const char *key, struct arena *a)
{
	uint32_t node = json_member(t, 0, key);
	str s = STR_NULL;

	if (node == JSON_ABSENT)
		return s;
	if (json_is(t, node, JSON_ARRAY)) {
		uint32_t last = JSON_ABSENT;

		for (struct json_iter it = json_iter(t, node); json_next(&it);)
			last = it.value;
		node = last;
	}
	if (node == JSON_ABSENT || !json_is(t, node, JSON_STRING) || !json_string(t, node, a, &s))
		return STR_NULL;
	return s;
}

static str first_of(const struct json_tape *t, const char *const *keys, size_t n, struct arena *a)
{
	for (size_t i = 0; i < n; i++) {
		str s = get_text(t, keys[i], a);

		if (s.n)
			return arena_str(a, s);
	}
	return STR_NULL;
}

/* What a command line is about: behind "cd DIR &&" and the like, up to the first pipe. */
static str gist_of(str command)
{
	size_t at;

	command = str_trim(command);
	while (str_starts(command, STR("cd ")) &&
		((at = str_find(command, STR("&& "))) != STR_NONE ||
			(at = str_find(command, STR("; "))) != STR_NONE))
		command = str_trim(str_sub(command, at + 2, command.n));
	at = str_find(command, STR(" | "));
	if (at == STR_NONE)
		at = str_find(command, STR(" 2>"));
	return at == STR_NONE ? command : str_sub(command, 0, at);
}

void call_read(str tool, str input, struct arena *a, struct call *out)
{
	struct json_tape t;
	str text;

	*out = (struct call){.kind = tool_kind(tool), .tool = arena_str(a, tool)};
	if (!scan_input(input, a, &t, &text)) {
		if (out->kind == TOOL_SHELL)
			out->command = arena_str(a, text);
		out->argument = out->command;
		return;
	}
	out->path = first_of(&t, path_keys, ARRAY_N(path_keys), a);
	if (out->kind == TOOL_SHELL)
		out->command = first_of(&t, command_keys, ARRAY_N(command_keys), a);
	out->argument = out->command.n ? gist_of(out->command) : out->path;
	if (!out->argument.n)
		out->argument = first_of(&t, other_keys, ARRAY_N(other_keys), a);
	if (!out->argument.n)
		out->argument = first_of(&t, command_keys, ARRAY_N(command_keys), a);
}

bool call_names_lines(str input, struct arena *a)
{
	/* of the tools that clients have for files, and of the editor tools of Anthropic */
	static const char *const keys[] = {"offset", "limit", "view_range", "line_range", "lines",
		"ranges", "start_line", "end_line", "startLine", "endLine", "line_start",
		"line_end", "start_line_one_indexed", "StartLine", "EndLine", "head", "tail",
		"line_count", "pages"};
	struct json_tape t;
	str text;

	if (!scan_input(input, a, &t, &text))
		return false;
	for (size_t i = 0; i < ARRAY_N(keys); i++) {
		uint32_t node = json_member(&t, 0, keys[i]);

		if (node != JSON_ABSENT && !json_is(&t, node, JSON_NULL))
			return true;
	}
	return false;
}

/* What a message says in its last block of code: the command of an agent without tools. */
static str fenced(str message)
{
	size_t end = str_rfind_byte(message, '`'), at, eol;
	str text = str_trim(str_sub(message, 0, end == STR_NONE ? 0 : end + 1));

	if (!str_ends(text, STR("\n```")))
		return STR_NULL;
	text.n -= 4;
	for (at = text.n; at > 2 && memcmp(text.p + at - 3, "```", 3) != 0;)
		at--;
	if (at <= 2)
		return STR_NULL;
	text = str_sub(text, at, text.n);
	eol = str_find_byte(text, '\n');
	return eol == STR_NONE ? STR_NULL : str_sub(text, eol + 1, text.n);
}

static void read_message(str tool, str literal, struct arena *a, struct call *out)
{
	str text;

	*out = (struct call){.kind = tool_kind(tool), .tool = arena_str(a, tool)};
	if (!json_unescape(literal, a, &text))
		return;
	out->command = arena_str(a, fenced(text));
	out->argument = gist_of(out->command);
}

void call_of_result(const struct wire_doc *doc, const struct wire_block *result, struct arena *a,
	struct call *out)
{
	const struct wire_block *call =
		result->call == WIRE_NO_CALL ? NULL : &doc->blocks[result->call];

	if (call && call->kind == WIRE_TEXT)
		read_message(result->tool, span_str(doc->tape.doc, call->at), a, out);
	else if (call)
		call_read(call->tool, span_str(doc->tape.doc, call->at), a, out);
	else
		call_read(result->tool, STR_NULL, a, out);
}

static void add_text(
	const struct call *c, str field, str text, struct view *v, struct arena *scratch)
{
	struct lines l;
	str name;

	if (str_find_byte(text, '\n') == STR_NONE)
		return;
	name = view_name(v, c->tool, c->argument, field);
	view_add_source(v, name);
	l = lines_split(scratch, text);
	for (uint32_t i = 0; i < l.n; i++)
		view_add_line(v, l.v[i], hash64(l.v[i]), i + 1);
}

/* True when a string is the name of a member: a ':' follows it. */
static bool is_key(const struct json_tape *t, uint32_t node)
{
	uint32_t at = t->v[node].end;

	while (at < t->doc.n && strchr(" \t\r\n", t->doc.p[at]))
		at++;
	return at < t->doc.n && t->doc.p[at] == ':';
}

void call_add_to_view(const struct call *c, str input, struct view *v, struct arena *scratch)
{
	struct json_tape t;
	str text, field = STR_NULL;

	if (!scan_input(input, scratch, &t, &text)) {
		add_text(c, STR("input"), text, v, scratch);
		return;
	}
	/* every string value at any depth, under the nearest key; nodes stand in document order */
	for (uint32_t i = 1; i < t.n; i++) {
		if (!json_is(&t, i, JSON_STRING))
			continue;
		if (is_key(&t, i)) {
			field = str_sub(json_text(&t, i), 1, json_text(&t, i).n - 1);
			continue;
		}
		if (json_string(&t, i, scratch, &text))
			add_text(c, field, text, v, scratch);
	}
}
