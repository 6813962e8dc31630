#include "core/compress/program.h"

#include "core/base/attr.h"

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

static bool is_one_of(str word, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq_c(word, words[i]))
			return true;
	return false;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_end(char c)
{
	return c == ';' || c == '&' || c == '|' || c == '\n';
}

/* The next word of a command, with the quotes that are in it; empty where the command ends. */
static str next_word(str *rest)
{
	char quote = '\0';
	size_t n = 0;
	str word;

	while (rest->n && is_blank(*rest->p))
		*rest = str_sub(*rest, 1, rest->n);
	for (; n < rest->n; n++) {
		char c = rest->p[n];

		if (quote)
			quote = c == quote ? '\0' : quote;
		else if (c == '\'' || c == '"')
			quote = c;
		else if (is_blank(c) || is_end(c))
			break;
	}
	word = str_sub(*rest, 0, n);
	*rest = str_sub(*rest, n, rest->n);
	return word;
}

/* To the beginning of the next command. */
static void skip_command(str *rest)
{
	while (next_word(rest).n)
		;
	while (rest->n && (is_end(*rest->p) || is_blank(*rest->p)))
		*rest = str_sub(*rest, 1, rest->n);
}

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
	while ((word = next_word(&rest)).n && *word.p == '-')
		if (str_eq(word, STR("-m"))) {
			word = next_word(&rest);
			return is_name(word) ? word : program;
		}
	return program;
}

/* "git -C x log": "git-log". A verb is a plain word of small letters. */
static str with_its_verb(str program, str rest, struct arena *a)
{
	str word;

	if (!is_one_of(program, with_verb, ARRAY_N(with_verb)))
		return program;
	while ((word = next_word(&rest)).n && *word.p == '-')
		if (str_eq(word, STR("-C")) || str_eq(word, STR("-c")))
			(void)next_word(&rest);
	for (size_t i = 0; i < word.n; i++)
		if (word.p[i] < 'a' || word.p[i] > 'z')
			return program;
	if (!word.n || program.n + 1 + word.n > PROGRAM_MAX)
		return program;
	return arena_printf(a, STR_FMT "-" STR_FMT, STR_ARG(program), STR_ARG(word));
}

str program_of(str command, struct arena *a)
{
	str rest = command, word;

	while (rest.n) {
		word = next_word(&rest);
		if (!word.n || is_one_of(word, silent, ARRAY_N(silent))) {
			skip_command(&rest);
			continue;
		}
		if (is_assignment(word) || is_option(word) ||
			is_one_of(word, carriers, ARRAY_N(carriers)))
			continue;
		word = base_name(word);
		if (!is_name(word))
			return STR_NULL;
		return with_its_verb(module_of(word, rest), rest, a);
	}
	return STR_NULL;
}
