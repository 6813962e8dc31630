#include "core/compress/search/dirs.h"

enum {
	DIR_MIN = 4, /* bytes: "src/" is hardly worth a line */
	LINE_COST =
		4, /* bytes' worth of a line that says a directory: sign, line end, empty line */
	LOOK_AHEAD = 24, /* paths; a directory that is chosen goes on as long as it holds */
};

static bool is_in(str path, str dir)
{
	return str_starts(path, dir) && path.n > dir.n + 1 && path.p[dir.n] == '/';
}

/* The bytes that both begin with up to a '/', without it; at most limit. */
static size_t common_dir(str a, str b, size_t limit)
{
	size_t n = 0, dir = 0;

	if (limit > a.n)
		limit = a.n;
	if (limit > b.n)
		limit = b.n;
	for (; n < limit && a.p[n] == b.p[n]; n++)
		if (a.p[n] == '/')
			dir = n;
	if (n == limit && n < a.n && n < b.n && a.p[n] == '/' && b.p[n] == '/')
		dir = n;
	return dir;
}

/* The directory that pays best for the paths from the first on. */
static size_t best_dir(const str *paths, size_t n, size_t *gain)
{
	/* A name is left even of "src/core/". */
	str above = str_sub(paths[0], 0, paths[0].n ? paths[0].n - 1 : 0);
	size_t dir = str_rfind_byte(above, '/'), best = 0;

	*gain = 0;
	if (dir == STR_NONE)
		return 0;
	for (size_t k = 1; k < n && k <= LOOK_AHEAD; k++) {
		dir = common_dir(paths[0], paths[k], dir);
		if (dir < DIR_MIN || !is_in(paths[k], str_sub(paths[0], 0, dir)))
			break;
		if (dir * k > *gain + LINE_COST) {
			*gain = dir * k - LINE_COST;
			best = dir;
		}
	}
	return best;
}

uint32_t *search_dirs(struct arena *a, const str *paths, size_t n, size_t *saved)
{
	uint32_t *out = arena_array(a, uint32_t, n ? n : 1);
	size_t total = 0;

	for (size_t i = 0; i < n;) {
		size_t gain, dir = best_dir(paths + i, n - i, &gain), from = i;
		str name = {paths[i].p, dir};

		if (!dir) {
			i++;
			continue;
		}
		while (i < n && is_in(paths[i], name))
			out[i++] = (uint32_t)dir;
		total += (i - from - 1) * dir - LINE_COST;
	}
	if (saved)
		*saved = total;
	return out;
}
