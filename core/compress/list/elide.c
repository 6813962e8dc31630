#include "core/compress/list/write.h"

#include "core/base/vec.h"

enum { GAP_MIN = 8 /* entries in a row: fewer are shown */ };

/* Directories whose content a program wrote. */
static const char *const generated[] = {"node_modules", ".git", ".hg", ".svn", "__pycache__",
	"site-packages", ".venv", "venv", ".tox", ".mypy_cache", ".pytest_cache", ".ruff_cache",
	"bower_components", ".next", ".nuxt", ".cache", ".gradle", ".terraform", "Pods",
	".dart_tool", "dist-packages", ".yarn", ".pnpm-store", ".turbo", ".parcel-cache"};

bool list_is_generated(str dir)
{
	size_t slash = str_rfind_byte(dir, '/');
	str name = str_sub(dir, slash == STR_NONE ? 0 : slash + 1, dir.n);

	for (size_t i = 0; i < ARRAY_N(generated); i++)
		if (str_eq_c(name, generated[i]))
			return true;
	return false;
}

/* The outermost directory of that kind that dir is, or is in; empty when there is none. */
static str generated_above(str dir)
{
	for (size_t at = 0; at < dir.n;) {
		size_t slash = str_find_byte(str_sub(dir, at, dir.n), '/');
		size_t end = slash == STR_NONE ? dir.n : at + slash;

		if (list_is_generated(str_sub(dir, 0, end)))
			return str_sub(dir, 0, end);
		at = end + 1;
	}
	return STR_NULL;
}

bool list_elide(const struct list *l, struct arena *a, struct list *shown, struct list_body *b)
{
	VEC(struct list_entry) entries = {0};
	VEC(struct list_gap) gaps = {0};

	for (size_t i = 0, n; i < l->n; i += n) {
		str above = generated_above(l->v[i].dir);

		n = 1;
		while (above.n && i + n < l->n && str_eq(generated_above(l->v[i + n].dir), above))
			n++;
		if (!above.n || n < GAP_MIN) {
			for (size_t k = 0; k < n; k++)
				*vec_push(&entries, a) = l->v[i + k];
			continue;
		}
		*vec_push(&gaps, a) = (struct list_gap){entries.n, n};
		*vec_push(&entries, a) = (struct list_entry){.dir = above};
	}
	*shown = *l;
	shown->v = entries.v;
	shown->n = entries.n;
	*b = (struct list_body){
		.list = shown, .form = {.has_gaps = true}, .gaps = gaps.v, .gaps_n = gaps.n};
	return gaps.n > 0;
}
