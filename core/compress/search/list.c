#include "core/compress/search/list.h"

#include "core/compress/search/dirs.h"
#include "core/compress/search/grouped.h"
#include "core/compress/search/source.h"

enum { START_LINES = 8, PATHS_MIN = 4 };

bool search_list_find(str text, struct search_list *out)
{
	size_t at = 0, next;

	*out = (struct search_list){0};
	for (int i = 0; at < text.n; i++) {
		str line = search_line(text, at, &next);
		/* Among paths "Makefile" is one. */
		bool is_path =
			search_is_listed(line) || (out->n >= PATHS_MIN && search_is_path(line));

		if (is_path && !out->n)
			out->start = at;
		if (!is_path && (out->n || i >= START_LINES))
			break;
		out->n += is_path;
		at = next;
		out->end = at;
	}
	return out->n >= PATHS_MIN && (out->end - out->start) * 2 > text.n;
}

bool search_list_write(str lines, size_t n, struct arena *a, struct buf *out)
{
	str *paths = arena_array(a, str, n);
	size_t at = 0, saved;
	uint32_t *dir_n;

	for (size_t i = 0; i < n; i++)
		paths[i] = search_line(lines, at, &at);
	dir_n = search_dirs(a, paths, n, &saved);
	if (!saved)
		return false;
	for (size_t i = 0; i < n; i++) {
		bool is_new = !i || dir_n[i] != dir_n[i - 1] ||
			      memcmp(paths[i].p, paths[i - 1].p, dir_n[i]) != 0;
		str name = paths[i];

		if (i)
			buf_add_c(out, is_new ? "\n\n" : "\n");
		if (is_new && dir_n[i]) {
			buf_add(out, str_sub(name, 0, dir_n[i]));
			buf_add_c(out, ":\n");
		} else if (is_new && str_ends(name, STR(":"))) {
			return false; /* it would be a directory */
		}
		if (dir_n[i])
			name = str_sub(name, dir_n[i] + 1, name.n);
		if (!search_is_harmless(name))
			return false;
		buf_add(out, name);
	}
	return true;
}

bool search_list_read(str lines, size_t n, struct buf *out)
{
	str dir = STR_NULL, line;
	bool is_first = true;
	size_t i = 0;

	for (size_t at = 0; at < lines.n;) {
		line = search_line(lines, at, &at);
		if (!line.n) {
			dir = STR_NULL;
			is_first = true;
			continue;
		}
		if (is_first && line.p[line.n - 1] == ':') {
			dir = str_sub(line, 0, line.n - 1);
			is_first = false;
			continue;
		}
		is_first = false;
		if (i++)
			buf_add_byte(out, '\n');
		if (dir.n) {
			buf_add(out, dir);
			buf_add_byte(out, '/');
		}
		buf_add(out, line);
	}
	return i == n;
}
