#include "core/compress/tool.h"

static const struct {
	const char *name;
	enum tool_kind kind;
} tools[] = {
	{"read", TOOL_FILE},
	{"read_file", TOOL_FILE},
	{"readfile", TOOL_FILE},
	{"read_many_files", TOOL_FILE},
	{"view", TOOL_FILE},
	{"view_file", TOOL_FILE},
	{"open", TOOL_FILE},
	{"open_file", TOOL_FILE},
	{"goto", TOOL_FILE},
	{"scroll_up", TOOL_FILE},
	{"scroll_down", TOOL_FILE},
	{"search_file", TOOL_FILE},
	{"cat", TOOL_FILE},
	{"edit", TOOL_FILE},
	{"edit_file", TOOL_FILE},
	{"multiedit", TOOL_FILE},
	{"write", TOOL_FILE},
	{"write_file", TOOL_FILE},
	{"create", TOOL_FILE},
	{"create_file", TOOL_FILE},
	{"insert", TOOL_FILE},
	{"replace", TOOL_FILE},
	{"str_replace", TOOL_FILE},
	{"str_replace_editor", TOOL_FILE},
	{"str_replace_based_edit_tool", TOOL_FILE},
	{"notebookread", TOOL_FILE},
	{"notebookedit", TOOL_FILE},
	{"fs_read", TOOL_FILE},
	{"get_file_contents", TOOL_FILE},
	{"bash", TOOL_SHELL},
	{"shell", TOOL_SHELL},
	{"sh", TOOL_SHELL},
	{"exec", TOOL_SHELL},
	{"exec_command", TOOL_SHELL},
	{"execute_bash", TOOL_SHELL},
	{"execute_command", TOOL_SHELL},
	{"local_shell", TOOL_SHELL},
	{"run_shell_command", TOOL_SHELL},
	{"run_command", TOOL_SHELL},
	{"terminal", TOOL_SHELL},
	{"powershell", TOOL_SHELL},
};

/* Commands whose output is (part of) files. */
static const char *const file_commands[] = {"cat", "sed", "head", "tail", "less", "more", "bat",
	"batcat", "nl", "awk", "perl", "git show", "tac", "view", "type", "Get-Content"};

enum tool_kind tool_kind(str name)
{
	size_t at = str_rfind_byte(name, '.');

	if (at != STR_NONE) /* "functions.exec_command" */
		name = str_sub(name, at + 1, name.n);
	for (size_t i = 0; i < ARRAY_N(tools); i++)
		if (str_eq_nocase(name, str_from(tools[i].name)))
			return tools[i].kind;
	return TOOL_OTHER;
}

static bool is_word_end(str s, size_t at)
{
	char c = at < s.n ? s.p[at] : ' ';

	return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		 c == '_' || c == '-' || c == '.' || c == '/');
}

/* True when word stands in s as a command would: not inside a path, an option or another word. */
static bool has_word(str s, str word)
{
	for (size_t at = 0; at + word.n <= s.n; at++) {
		size_t hit = str_find(str_sub(s, at, s.n), word);

		if (hit == STR_NONE)
			return false;
		at += hit;
		if (is_word_end(s, at + word.n) &&
			(at == 0 || is_word_end(s, at - 1) || (at > 1 && s.p[at - 1] == '/')))
			return true;
	}
	return false;
}

bool tool_shows_file(enum tool_kind kind, str command)
{
	if (kind != TOOL_SHELL)
		return kind == TOOL_FILE;
	for (size_t i = 0; i < ARRAY_N(file_commands); i++)
		if (has_word(command, str_from(file_commands[i])))
			return true;
	return false;
}

/* True when a word of the command is an option like -n, -rn or --line-number. */
static bool has_number_option(str command)
{
	str word;

	while (str_split(&command, ' ', &word)) {
		if (str_eq_c(word, "--line-number") || str_eq_c(word, "--number"))
			return true;
		if (word.n > 1 && word.n < 6 && word.p[0] == '-' && word.p[1] != '-' &&
			str_find_byte(word, 'n') != STR_NONE)
			return true;
	}
	return false;
}

bool tool_numbers_lines(enum tool_kind kind, str command)
{
	static const char *const numberers[] = {"nl", "bat", "batcat"};
	static const char *const with_option[] = {
		"cat", "grep", "rg", "egrep", "ag", "ack", "less"};

	if (kind != TOOL_SHELL)
		return kind == TOOL_FILE;
	for (size_t i = 0; i < ARRAY_N(numberers); i++)
		if (has_word(command, str_from(numberers[i])))
			return true;
	for (size_t i = 0; i < ARRAY_N(with_option); i++)
		if (has_word(command, str_from(with_option[i])))
			return has_number_option(command);
	return false;
}
