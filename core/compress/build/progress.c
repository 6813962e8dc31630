/* What tools say on the way, and that tests begin. */
#include "core/base/attr.h"
#include "core/compress/build/outcome.h"
#include "core/compress/build/text.h"

/* Without blanks before them, by their first letter. */
enum { STARTS_MAX = 11 };
static const str progress_starts[128][STARTS_MAX] = {
	['('] = {W("(Reading database")},
	['-'] = {W("-- Looking for "), W("-- Performing Test "), W("-- Check "), W("-- Detecting "),
		W("-- Found ")},
	['='] = {W("=== RUN "), W("=== PAUSE "), W("=== CONT "), W("=== NAME ")},
	['>'] = {W("> Task :")},
	['['] = {W("[ RUN      ] "), W("[INFO] Download"), W("[INFO] Running "), W("[INFO] --- "),
		W("[INFO] Compiling "), W("[INFO] Copying ")},
	['A'] = {W("Applying "), W("Attempting uninstall: "), W("Adding ")},
	['B'] = {W("Building wheel"), W("Building editable "), W("Building dependency tree"),
		W("Blocking waiting ")},
	['C'] = {W("Compiling "), W("Checking "), W("Collecting "), W("Created wheel "),
		W("Creating table "), W("Created symlink ")},
	['D'] = {W("Downloading "), W("Downloaded "), W("Documenting "), W("Download http")},
	['F'] = {W("Found existing installation: "), W("Fresh ")},
	['G'] = {W("Get:"), W("Getting requirements to build ")},
	['H'] = {W("Hit:")},
	['I'] = {W("Ign:"), W("Installing build dependencies"),
		W("Installing collected packages: "), W("Installing ")},
	['L'] = {W("Looking in "), W("Locking "), W("Linking ")},
	['O'] = {W("Obtaining ")},
	['P'] = {W("Preparing "), W("Processing "), W("Progress (")},
	['R'] = {W("Requirement already "), W("Reading package lists"),
		W("Reading state information"), W("Receiving objects: "), W("Resolving deltas: ")},
	['S'] = {W("Stored in directory: "), W("Selecting previously "), W("Setting up "),
		W("Successfully uninstalled "), W("Start  "), W("Start ")},
	['U'] = {W("Uninstalling "), W("Using cached "), W("Unpacking "), W("Updating ")},
	['V'] = {W("Vendoring "), W("Verifying ")},
	['c'] = {W("checking "), W("config.status: creating "), W("cc -"), W("clang -"),
		W("ccache "), W("clang++ -"), W("c++ -")},
	['g'] = {W("go: downloading "), W("go: extracting "), W("go: finding "), W("gcc -"),
		W("g++ -")},
	['l'] = {W("libtool: ")},
	['n'] = {W("npm http "), W("npm timing "), W("npm info "), W("npm verb "), W("npm sill ")},
	['r'] = {W("remote: Counting "), W("remote: Compressing "), W("remote: Enumerating ")},
};

/* "  CC      a.o", "  CC [M]  a.o" of make files that are quiet. */
static bool is_quiet_rule(str s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] >= 'A' && s.p[n] <= 'Z')
		n++;
	if (n < 2 || n > 8 || n == s.n || s.p[n] != ' ')
		return false;
	s = trim_left(str_sub(s, n, s.n));
	if (str_take(&s, STR("[M] ")))
		s = trim_left(s);
	return s.n && str_find_byte(s, ' ') == STR_NONE && has(s, STR("."));
}

/* "[ 12%] Building", "[12/345] Compiling", "make[1]: Entering directory", a bar of pip */
static bool is_step(str s)
{
	size_t n = 1;

	if (str_starts(s, STR("make[")))
		return has(s, STR("]: Entering directory")) || has(s, STR("]: Leaving directory"));
	if (str_starts(s, STR("\xe2\x94\x81")))
		return true;
	if (*s.p != '[')
		return false;
	while (n < s.n && (is_digit(s.p[n]) || s.p[n] == ' ' || s.p[n] == '/'))
		n++;
	return n > 1 && n < s.n &&
	       (s.p[n] == ']' || (s.p[n] == '%' && n + 1 < s.n && s.p[n + 1] == ']'));
}

bool build_is_progress(str line)
{
	str s = trim_left(line);

	if (!s.n)
		return false;
	if ((unsigned char)*s.p < ARRAY_N(progress_starts)) {
		const str *list = progress_starts[(unsigned char)*s.p];

		for (size_t i = 0; i < STARTS_MAX && list[i].n; i++)
			if (str_starts(s, list[i]))
				return true;
	}
	return is_step(s) ||
	       (line.n > 2 && line.p[0] == ' ' && line.p[1] == ' ' && is_quiet_rule(s));
}

bool build_is_test_start(str line)
{
	static const str starts[] = {
		W("=== "), W("[ RUN      ] "), W("[INFO] Running "), W("Start ")};
	str s = trim_left(line);

	return s.n && strchr("=[S", *s.p) && starts_with_any(s, starts, ARRAY_N(starts)) &&
	       build_is_progress(line);
}
