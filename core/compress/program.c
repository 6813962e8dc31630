#include "core/compress/program.h"

#include "core/base/attr.h"
#include "core/compress/shell.h"

/* Commands that print nothing of interest: the one behind them counts. */
static const char *const silent[] = {"cd", "pushd", "popd", "export", "source", ".", "set", "unset",
	"mkdir", "sleep", "true", "echo", "printf", "umask", "ulimit", "touch", "rm", "trap"};
/* Words that run the command behind them. */
static const char *const carriers[] = {"sudo", "time", "env", "nohup", "nice", "timeout", "exec",
	"command", "xargs", "npx", "bunx", "pnpx", "uv", "poetry", "pipenv", "run", "stdbuf",
	"then", "do", "if", "while", "{", "("};
/* Programs whose first plain word says what they do. */
static const char *const with_verb[] = {"git", "npm", "pnpm", "yarn", "bun", "cargo", "go",
	"docker", "kubectl", "make", "gh", "helm", "terraform", "dotnet", "mvn", "gradle", "aws",
	"gcloud", "az", "apt-get", "apt", "pip", "pip3", "systemctl"};

static bool is_assignment(str word)
{
	size_t at = str_find_byte(word, '=');

	for (size_t i = 0; i < (at == STR_NONE ? 0 : at); i++)
		if (!(word.p[i] == '_' || (word.p[i] >= 'A' && word.p[i] <= 'Z') ||
			    (word.p[i] >= 'a' && word.p[i] <= 'z') ||
			    (i && word.p[i] >= '0' && word.p[i] <= '9')))
			return false;
	return at != STR_NONE && at > 0;
}

static bool is_name_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '.' || c == '_' || c == '+' || c == '-';
}

/* Only what is a name: anything else could be content. */
static bool is_name(str word)
{
	for (size_t i = 0; i < word.n; i++)
		if (!is_name_char(word.p[i]))
			return false;
	return word.n > 0 && word.n <= PROGRAM_MAX && word.p[0] != '-';
}

static str base_name(str word)
{
	size_t slash = str_rfind_byte(word, '/');

	return slash == STR_NONE ? word : str_sub(word, slash + 1, word.n);
}

/* Options, and numbers that belong to "timeout" and "nice". */
static bool is_option(str word)
{
	return word.n && (*word.p == '-' || (*word.p >= '0' && *word.p <= '9'));
}

/* "python -m pytest": the module. */
static str module_of(str program, str rest)
{
	str word;

	if (!str_starts(program, STR("python")))
		return program;
	while ((word = shell_next_word(&rest)).n && *word.p == '-')
		if (str_eq(word, STR("-m"))) {
			word = shell_next_word(&rest);
			return is_name(word) ? word : program;
		}
	return program;
}

/* "git -C x log": "git-log". A verb is a plain word of small letters. */
static str with_its_verb(str program, str rest, struct arena *a)
{
	str word;

	if (!shell_is_one_of(program, with_verb, ARRAY_N(with_verb)))
		return program;
	while ((word = shell_next_word(&rest)).n && *word.p == '-')
		if (str_eq(word, STR("-C")) || str_eq(word, STR("-c")))
			(void)shell_next_word(&rest);
	for (size_t i = 0; i < word.n; i++)
		if (word.p[i] < 'a' || word.p[i] > 'z')
			return program;
	if (!word.n || program.n + 1 + word.n > PROGRAM_MAX)
		return program;
	return arena_printf(a, STR_FMT "-" STR_FMT, STR_ARG(program), STR_ARG(word));
}

/* What the command runs; *is_silent: nothing whose output is of interest, so that the one behind it counts. */
static str program_of_one(str command, bool *is_silent, struct arena *a)
{
	str word;

	*is_silent = false;
	while ((word = shell_next_word(&command)).n) {
		if (shell_is_one_of(word, silent, ARRAY_N(silent)))
			break;
		if (is_assignment(word) || is_option(word) ||
			shell_is_one_of(word, carriers, ARRAY_N(carriers)))
			continue;
		word = base_name(word);
		return is_name(word) ? with_its_verb(module_of(word, command), command, a)
				     : STR_NULL;
	}
	*is_silent = true;
	return STR_NULL;
}

str program_of(str command, struct arena *a)
{
	str pipeline, one;
	bool is_silent = true;

	while (shell_next_pipeline(&command, &pipeline))
		while (shell_next_command(&pipeline, &one)) {
			str program = program_of_one(one, &is_silent, a);

			if (!is_silent)
				return program;
		}
	return STR_NULL;
}
