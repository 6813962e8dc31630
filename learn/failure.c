/* What went wrong, by what programs and agents print. A word like "Error:" in a file that was read is none: only what an agent
 * marks, a status, or the sharp forms of a few messages count. */
#include "learn/call.h"
#include "learn/text.h"

/* Before the number. In lower case; found at the edges of a result only. */
static const char *const STATUS_WORDS[] = {"exit code: ", "exit code ", "exited with code ",
	"exit status ", "exited with exit code ", "return code "};

enum { STATUS_EDGE = 200 }; /* agents write it as the first or the last line */

static int status_in(str s)
{
	for (size_t i = 0; i < ARRAY_N(STATUS_WORDS); i++) {
		size_t at = text_find_nocase(s, STATUS_WORDS[i]);

		if (at == STR_NONE)
			continue;
		at += strlen(STATUS_WORDS[i]);
		if (at < s.n && s.p[at] >= '0' && s.p[at] <= '9')
			return s.p[at] == '0' ? 0 : 1;
	}
	return -1;
}

int failure_status(str head, str tail)
{
	str first = str_sub(head, 0, head.n < STATUS_EDGE ? head.n : STATUS_EDGE);
	str last = tail.n ? tail : head;
	int status = status_in(first);

	if (status >= 0)
		return status;
	return status_in(str_sub(last, last.n > STATUS_EDGE ? last.n - STATUS_EDGE : 0, last.n));
}

enum place {
	ANYWHERE,
	SHORT
}; /* SHORT: also where nobody says that it failed, when the result is nothing else */

/* The first row whose words (in lower case) are in the result counts: the causes stand before their consequences. */
static const struct {
	const char *words;
	enum failure failure;
	enum place place;
} ROWS[] = {
	{"sibling tool call errored", FAILURE_SIBLING, ANYWHERE},
	{"user doesn't want to proceed", FAILURE_REJECTED, ANYWHERE},
	{"request interrupted by user", FAILURE_REJECTED, ANYWHERE},
	{"rejected by user", FAILURE_REJECTED, ANYWHERE},
	{"rejected by the user", FAILURE_REJECTED, ANYWHERE},
	{"user rejected", FAILURE_REJECTED, ANYWHERE},
	{"user declined", FAILURE_REJECTED, ANYWHERE},
	{"auto-denied", FAILURE_DENIED, ANYWHERE},
	{"has been denied", FAILURE_DENIED, ANYWHERE},
	{"requires approval", FAILURE_DENIED, ANYWHERE},
	{"haven't granted it yet", FAILURE_DENIED, ANYWHERE},
	{"blocked by policy", FAILURE_DENIED, ANYWHERE},
	{"has not been read yet", FAILURE_NOT_READ, ANYWHERE},
	{"has been modified since read", FAILURE_NOT_READ, ANYWHERE},
	{"could not find the exact text", FAILURE_NOT_READ, ANYWHERE},
	{"string to replace not found", FAILURE_NOT_READ, ANYWHERE},
	{"command not found", FAILURE_NO_COMMAND, SHORT},
	{"is not recognized as an internal or external command", FAILURE_NO_COMMAND, SHORT},
	{"executable file not found", FAILURE_NO_COMMAND, SHORT},
	{": not found", FAILURE_NO_COMMAND, ANYWHERE},
	{"no module named", FAILURE_NO_MODULE, ANYWHERE},
	{"cannot find module '", FAILURE_NO_MODULE, ANYWHERE},
	{"cannot find package '", FAILURE_NO_MODULE, ANYWHERE},
	{"missing script", FAILURE_NO_SCRIPT, ANYWHERE},
	{"no rule to make target", FAILURE_NO_SCRIPT, ANYWHERE},
	{"unknown command", FAILURE_NO_SCRIPT, ANYWHERE},
	{"no such command", FAILURE_NO_SCRIPT, ANYWHERE},
	{"is not a command", FAILURE_NO_SCRIPT, ANYWHERE},
	{"unknown option", FAILURE_USAGE, ANYWHERE},
	{"unrecognized option", FAILURE_USAGE, ANYWHERE},
	{"unrecognized argument", FAILURE_USAGE, ANYWHERE},
	{"unrecognised option", FAILURE_USAGE, ANYWHERE},
	{"invalid option", FAILURE_USAGE, ANYWHERE},
	{"illegal option", FAILURE_USAGE, ANYWHERE},
	{"unknown flag", FAILURE_USAGE, ANYWHERE},
	{"unknown argument", FAILURE_USAGE, ANYWHERE},
	{"unknown predicate", FAILURE_USAGE, ANYWHERE},
	{"unexpected argument", FAILURE_USAGE, ANYWHERE},
	{"flag provided but not defined", FAILURE_USAGE, ANYWHERE},
	{"not a git repository", FAILURE_USAGE, ANYWHERE},
	{"parse error near", FAILURE_SHELL, ANYWHERE},
	{"syntax error near unexpected token", FAILURE_SHELL, ANYWHERE},
	{"unexpected eof while looking for", FAILURE_SHELL, ANYWHERE},
	{"unmatched \"", FAILURE_SHELL, ANYWHERE},
	{"no matches found: ", FAILURE_SHELL, ANYWHERE}, /* of zsh, for a glob */
	{"exceeds maximum allowed tokens", FAILURE_TOO_LARGE, ANYWHERE},
	{"exceeds maximum allowed size", FAILURE_TOO_LARGE, ANYWHERE},
	{"file is too large", FAILURE_TOO_LARGE, ANYWHERE},
	{"too large to read", FAILURE_TOO_LARGE, ANYWHERE},
	{"eisdir", FAILURE_DIRECTORY, ANYWHERE},
	{"is a directory", FAILURE_DIRECTORY, ANYWHERE},
	{"permission denied", FAILURE_PERMISSION, ANYWHERE},
	{"eacces", FAILURE_PERMISSION, ANYWHERE},
	{"operation not permitted", FAILURE_PERMISSION, ANYWHERE},
	{"no such file or directory", FAILURE_NO_FILE, SHORT},
	{"enoent", FAILURE_NO_FILE, ANYWHERE},
	{"file does not exist", FAILURE_NO_FILE, SHORT},
	{"file not found", FAILURE_NO_FILE, SHORT},
	{"does not exist", FAILURE_NO_FILE, ANYWHERE},
	{"cannot access", FAILURE_NO_FILE, ANYWHERE},
	{"no matches found", FAILURE_NO_MATCH, SHORT},
	{"no files found", FAILURE_NO_MATCH, SHORT},
	{"found 0 ", FAILURE_NO_MATCH, SHORT},
	{"timed out", FAILURE_TIMEOUT, ANYWHERE},
	{"deadline exceeded", FAILURE_TIMEOUT, ANYWHERE},
};

enum { SHORT_MAX = 400 };

static bool searches(const struct call *c)
{
	return c->kind == CALL_GLOB || c->kind == CALL_GREP;
}

enum failure failure_of(const struct call *c, bool is_error, int status)
{
	bool is_failed = is_error || status > 0;
	bool is_short = c->output_bytes < SHORT_MAX;

	if (!c->head.n && searches(c))
		return FAILURE_NO_MATCH;
	/* A result that is said to be good, or long, is looked at no further. */
	if (!is_failed && !is_short)
		return FAILURE_NONE;
	for (size_t i = 0; i < ARRAY_N(ROWS); i++) {
		if (!is_failed && (ROWS[i].place != SHORT ||
					  (ROWS[i].failure == FAILURE_NO_MATCH && !searches(c))))
			continue;
		if (text_has_nocase(c->head, ROWS[i].words) ||
			text_has_nocase(c->tail, ROWS[i].words))
			return ROWS[i].failure;
	}
	return is_failed ? FAILURE_OTHER : FAILURE_NONE;
}

const char *failure_text(enum failure f)
{
	static const char *const TEXTS[FAILURE_N] = {
		[FAILURE_NONE] = "works",
		[FAILURE_OTHER] = "fails",
		[FAILURE_REJECTED] = "is rejected by the user",
		[FAILURE_DENIED] = "is denied",
		[FAILURE_SIBLING] = "is not run",
		[FAILURE_NOT_READ] = "needs the file to be read first",
		[FAILURE_NO_COMMAND] = "is not found",
		[FAILURE_NO_MODULE] = "lacks a module",
		[FAILURE_NO_SCRIPT] = "does not exist",
		[FAILURE_USAGE] = "is called wrongly",
		[FAILURE_SHELL] = "is not understood by the shell",
		[FAILURE_TOO_LARGE] = "is too large",
		[FAILURE_DIRECTORY] = "is a directory",
		[FAILURE_PERMISSION] = "is not permitted",
		[FAILURE_NO_FILE] = "finds no file",
		[FAILURE_NO_MATCH] = "finds nothing",
		[FAILURE_TIMEOUT] = "does not end in time",
	};

	return TEXTS[f];
}
