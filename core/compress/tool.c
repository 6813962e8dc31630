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

/* The word at the beginning of *s, taken off with the blanks around it; empty at the end. */
static str take_shell_word(str *s)
{
	str word;
	size_t n;

	*s = str_trim(*s);
	n = str_find_byte(*s, ' ');
	word = str_sub(*s, 0, n == STR_NONE ? s->n : n);
	*s = str_sub(*s, word.n, s->n);
	return word;
}

static bool is_one_of(str word, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq_c(word, words[i]))
			return true;
	return false;
}

/* "head -50", "cat 2>&1": what passes on what it reads from the pipe. */
static bool is_pager(str command)
{
	static const char *const pagers[] = {"head", "tail", "cat", "less", "more"};
	str word = take_shell_word(&command);

	if (!is_one_of(word, pagers, ARRAY_N(pagers)))
		return false;
	while ((word = take_shell_word(&command)).n)
		if (!strchr("-+0123456789", *word.p))
			return false;
	return true;
}

/* "git -C x diff", but not "git show HEAD:a", which prints a file. */
static bool is_git_diff(str command)
{
	static const char *const diffs[] = {"diff", "show", "log", "stash", "format-patch"};
	str word = take_shell_word(&command);

	if (!str_eq_c(word, "git"))
		return false;
	do {
		word = take_shell_word(&command);
		if (str_eq_c(word, "-C") || str_eq_c(word, "-c"))
			(void)take_shell_word(&command);
	} while (word.n && (*word.p == '-' || *word.p == '/' || *word.p == '.'));
	return is_one_of(word, diffs, ARRAY_N(diffs)) &&
	       (!str_eq_c(word, "show") || str_find_byte(command, ':') == STR_NONE);
}

static bool has_file_command(str s)
{
	for (size_t i = 0; i < ARRAY_N(file_commands); i++)
		if (has_word(s, str_from(file_commands[i])))
			return true;
	return false;
}

/* One pipeline. Its first command decides; what follows only passes on, picks or counts what that one prints, but for
 * commands that are given a file of their own. */
static bool pipeline_shows_file(str pipeline)
{
	str part;

	if (!str_split(&pipeline, '|', &part) || (has_file_command(part) && !is_git_diff(part)))
		return true;
	while (str_split(&pipeline, '|', &part))
		if (has_file_command(part) && !is_pager(part))
			return true;
	return false;
}

/* The next pipeline of a list: what stands before "&&", "||", ";" or a newline. */
static bool next_pipeline(str *rest, str *out)
{
	size_t n = 0;

	if (!rest->n)
		return false;
	for (; n < rest->n; n++) {
		char c = rest->p[n], next = n + 1 < rest->n ? rest->p[n + 1] : '\0';

		if (c == ';' || c == '\n' || ((c == '&' || c == '|') && next == c))
			break;
	}
	*out = str_sub(*rest, 0, n);
	while (n < rest->n && strchr(";\n&|", rest->p[n]))
		n++;
	*rest = str_sub(*rest, n, rest->n);
	return true;
}

/* Commands of the editor that SWE-agent's shell has: they show a numbered window of the file. */
static bool is_editor_command(str command)
{
	static const char *const commands[] = {
		"open", "edit", "goto", "scroll_up", "scroll_down", "create"};
	size_t n = 0;

	while (n < command.n && !strchr(" \t\r\n", command.p[n]))
		n++;
	return is_one_of(str_sub(command, 0, n), commands, ARRAY_N(commands));
}

bool tool_shows_file(enum tool_kind kind, str command)
{
	/* what the shell puts together may print anything */
	static const char *const nested[] = {"$(", "`", "<"};
	str pipeline;

	if (kind != TOOL_SHELL)
		return kind == TOOL_FILE;
	if (is_editor_command(command))
		return true;
	if (!has_file_command(command))
		return false;
	for (size_t i = 0; i < ARRAY_N(nested); i++)
		if (str_find(command, str_from(nested[i])) != STR_NONE)
			return true;
	while (next_pipeline(&command, &pipeline))
		if (pipeline_shows_file(pipeline))
			return true;
	return false;
}

bool tool_lists_directory(str text)
{
	static const char *const beginnings[] = {
		"Here's the files and directories up to ",  /* OpenHands */
		"Here're the files and directories up to ", /* Anthropic's text editor */
	};

	for (size_t i = 0; i < ARRAY_N(beginnings); i++)
		if (str_starts(text, str_from(beginnings[i])))
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

	if (kind != TOOL_SHELL || is_editor_command(command))
		return kind == TOOL_FILE || kind == TOOL_SHELL;
	for (size_t i = 0; i < ARRAY_N(numberers); i++)
		if (has_word(command, str_from(numberers[i])))
			return true;
	for (size_t i = 0; i < ARRAY_N(with_option); i++)
		if (has_word(command, str_from(with_option[i])))
			return has_number_option(command);
	return false;
}
