#include "core/graph/ignore.h"

#include "core/base/vec.h"

struct ignore_pattern {
	str glob;
	bool is_negative, is_dir, is_anchored;
};

static bool parse(str line, struct ignore_pattern *out)
{
	*out = (struct ignore_pattern){0};
	line = str_trim_right(line);
	if (!line.n || *line.p == '#')
		return false;
	out->is_negative = str_take(&line, STR("!"));
	if (str_ends(line, STR("/**")))
		line.n -= 2;
	if (str_ends(line, STR("/"))) {
		out->is_dir = true;
		line.n--;
	}
	while (str_take(&line, STR("**/")))
		;
	out->is_anchored = str_find_byte(line, '/') != STR_NONE;
	(void)str_take(&line, STR("/"));
	out->glob = line;
	return line.n > 0;
}

const struct ignore *ignore_read(str text, str dir, const struct ignore *up, struct arena *a)
{
	struct ignore *i = arena_new(a, struct ignore);
	VEC(struct ignore_pattern) all = {0};
	struct ignore_pattern p;
	str line;

	text = arena_str(a, text);
	while (str_next_line(&text, &line, NULL))
		if (parse(line, &p))
			*vec_push(&all, a) = p;
	*i = (struct ignore){up, dir, all.v, (uint32_t)all.n};
	return i;
}

static bool matches(const struct ignore_pattern *p, str path, bool is_dir)
{
	size_t slash = str_rfind_byte(path, '/');
	str name = slash == STR_NONE ? path : str_sub(path, slash + 1, path.n);

	return (is_dir || !p->is_dir) && str_glob(p->is_anchored ? path : name, p->glob, false);
}

bool ignore_has(const struct ignore *i, str path, bool is_dir)
{
	for (; i; i = i->up) {
		str below = str_sub(path, i->dir.n ? i->dir.n + 1 : 0, path.n);

		for (uint32_t k = i->n; k-- > 0;)
			if (matches(&i->v[k], below, is_dir))
				return !i->v[k].is_negative;
	}
	return false;
}
