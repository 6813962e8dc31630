#include "wrap/find.h"

#include <sys/stat.h>
#include <unistd.h>

static bool is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISDIR(st.st_mode);
}

struct found_program find_program(struct arena *a, const char *name, const char *path)
{
	str rest = str_from(path && *path ? path : "/usr/local/bin:/usr/bin:/bin"), dir;
	struct found_program denied = {NULL, false};

	if (strchr(name, '/')) {
		if (!is_file(name))
			return denied;
		return (struct found_program){name, access(name, X_OK) != 0};
	}
	while (str_split(&rest, ':', &dir)) {
		/* an empty part is this directory (POSIX.1-2017, 8.3) */
		const char *at = arena_cstr(
			a, arena_printf(a, STR_FMT "/%s", STR_ARG(dir.n ? dir : STR(".")), name));

		if (!is_file(at))
			continue;
		if (access(at, X_OK) == 0)
			return (struct found_program){at, false};
		if (!denied.path)
			denied = (struct found_program){at, true};
	}
	return denied;
}

struct found_program find_agent(struct arena *a, const struct agent *agent, const char *by_option,
	const char *by_variable, const char *path)
{
	struct found_program out = {NULL, false};

	if (by_option)
		return find_program(a, by_option, path);
	if (by_variable)
		return find_program(a, by_variable, path);
	for (const char *const *name = agent->binaries; *name && !out.path; name++)
		out = find_program(a, *name, path);
	return out;
}
