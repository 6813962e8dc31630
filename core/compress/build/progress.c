/* What tools say on the way, and that tests begin. */
#include "core/base/attr.h"
#include "core/compress/build/outcome.h"
#include "core/compress/build/text.h"

/* Without blanks before them, by their first letter. */
enum { STARTS_MAX = 11 };
static const str progress_starts[128][STARTS_MAX] = {
	['('] = {LIT("(Reading database")},
	['-'] = {LIT("-- Looking for "), LIT("-- Performing Test "), LIT("-- Check "),
		LIT("-- Detecting "), LIT("-- Found ")},
	['='] = {LIT("=== RUN "), LIT("=== PAUSE "), LIT("=== CONT "), LIT("=== NAME ")},
	['>'] = {LIT("> Task :")},
	['['] = {LIT("[ RUN      ] "), LIT("[INFO] Download"), LIT("[INFO] Running "),
		LIT("[INFO] --- "), LIT("[INFO] Compiling "), LIT("[INFO] Copying ")},
	['A'] = {LIT("Applying "), LIT("Attempting uninstall: "), LIT("Adding ")},
	['B'] = {LIT("Building wheel"), LIT("Building editable "), LIT("Building dependency tree"),
		LIT("Blocking waiting ")},
	['C'] = {LIT("Compiling "), LIT("Checking "), LIT("Collecting "), LIT("Created wheel "),
		LIT("Creating table "), LIT("Created symlink ")},
	['D'] = {LIT("Downloading "), LIT("Downloaded "), LIT("Documenting "),
		LIT("Download http")},
	['F'] = {LIT("Found existing installation: "), LIT("Fresh ")},
	['G'] = {LIT("Get:"), LIT("Getting requirements to build ")},
	['H'] = {LIT("Hit:")},
	['I'] = {LIT("Ign:"), LIT("Installing build dependencies"),
		LIT("Installing collected packages: "), LIT("Installing ")},
	['L'] = {LIT("Looking in "), LIT("Locking "), LIT("Linking ")},
	['O'] = {LIT("Obtaining ")},
	['P'] = {LIT("Preparing "), LIT("Processing "), LIT("Progress (")},
	['R'] = {LIT("Requirement already "), LIT("Reading package lists"),
		LIT("Reading state information"), LIT("Receiving objects: "),
		LIT("Resolving deltas: ")},
	['S'] = {LIT("Stored in directory: "), LIT("Selecting previously "), LIT("Setting up "),
		LIT("Successfully uninstalled "), LIT("Start  "), LIT("Start ")},
	['U'] = {LIT("Uninstalling "), LIT("Using cached "), LIT("Unpacking "), LIT("Updating ")},
	['V'] = {LIT("Vendoring "), LIT("Verifying ")},
	['c'] = {LIT("checking "), LIT("config.status: creating "), LIT("cc -"), LIT("clang -"),
		LIT("ccache "), LIT("clang++ -"), LIT("c++ -")},
	['g'] = {LIT("go: downloading "), LIT("go: extracting "), LIT("go: finding "), LIT("gcc -"),
		LIT("g++ -")},
	['l'] = {LIT("libtool: ")},
	['n'] = {LIT("npm http "), LIT("npm timing "), LIT("npm info "), LIT("npm verb "),
		LIT("npm sill ")},
	['r'] = {LIT("remote: Counting "), LIT("remote: Compressing "),
		LIT("remote: Enumerating ")},
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
	bool has_total = false;
	size_t n = 1;

	if (str_starts(s, STR("make[")))
		return has(s, STR("]: Entering directory")) || has(s, STR("]: Leaving directory"));
	if (str_starts(s, STR("\xe2\x94\x81")))
		return true;
	if (*s.p != '[')
		return false;
	for (; n < s.n && (is_digit(s.p[n]) || s.p[n] == ' ' || s.p[n] == '/'); n++)
		has_total |= s.p[n] == '/';
	if (n == 1 || n >= s.n)
		return false;
	/* "[ 1] .interp" is one of a list: each of its lines says something of its own. */
	return s.p[n] == ']' ? has_total : s.p[n] == '%' && n + 1 < s.n && s.p[n + 1] == ']';
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
		LIT("=== "), LIT("[ RUN      ] "), LIT("[INFO] Running "), LIT("Start ")};
	str s = trim_left(line);

	return s.n && strchr("=[S", *s.p) && starts_with_any(s, starts, ARRAY_N(starts)) &&
	       build_is_progress(line);
}
