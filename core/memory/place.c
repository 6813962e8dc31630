#include "core/memory/place.h"

#include <limits.h>
#include <stdlib.h>

#include "core/base/attr.h"
#include "core/base/hash.h"
#include "core/base/vec.h"

enum { SAFE_MAX = 64, PATH_HASH = 16, NAME_HASH = 8 };

static bool is_safe(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '.' || c == '_' || c == '-';
}

static bool is_edge(char c)
{
	return c == '-' || c == '.' || c == '_';
}

static str safe(str s, struct arena *a)
{
	char *p = arena_alloc(a, s.n + 1, 1);
	str out = {p, 0};

	for (size_t i = 0; i < s.n; i++) {
		if (is_safe(s.p[i]))
			p[out.n++] = s.p[i];
		else if (out.n && p[out.n - 1] != '-')
			p[out.n++] = '-';
	}
	while (out.n && is_edge(out.p[0]))
		out = str_sub(out, 1, out.n);
	while (out.n && is_edge(out.p[out.n - 1]))
		out.n--;
	out.n = out.n < SAFE_MAX ? out.n : SAFE_MAX;
	return out;
}

static str with_hash(str name, str of, size_t digits, struct arena *a)
{
	char hex[SHA256_HEX + 1];

	sha256_hex(of, hex);
	return arena_printf(a, STR_FMT "-%.*s", STR_ARG(name), (int)digits, hex);
}

str memory_place_safe(str s, struct arena *a)
{
	str out = safe(s, a);

	return str_eq(out, s) ? out : with_hash(out.n ? out : STR("x"), s, NAME_HASH, a);
}

/* "/a/./b/../c//" as "/a/c": what realpath says of directories that are here, without looking. */
static str normalised(str dir, struct arena *a)
{
	VEC(str) parts = {0};
	str part, out = STR("");

	while (str_split(&dir, '/', &part)) {
		if (!part.n || str_eq_c(part, "."))
			continue;
		if (str_eq_c(part, ".."))
			parts.n -= parts.n > 0;
		else
			*vec_push(&parts, a) = part;
	}
	for (size_t i = 0; i < parts.n; i++)
		out = arena_printf(a, STR_FMT "/" STR_FMT, STR_ARG(out), STR_ARG(parts.v[i]));
	return out.n ? out : STR("/");
}

static str resolved(str dir, struct arena *a)
{
	char *real;
	char buf[PATH_MAX];

	real = realpath(arena_cstr(a, dir), buf);
	if (real)
		return arena_str(a, str_from(real));
	/* A directory of another machine, perhaps one of Windows: then it is a name like any other. */
	return str_starts(dir, STR("/")) ? normalised(dir, a) : dir;
}

static str last_part(str path)
{
	size_t slash = str_rfind_byte(path, '/');
	str out = slash == STR_NONE ? path : str_sub(path, slash + 1, path.n);

	return out.n ? out : STR("root");
}

str memory_place_key(str dir, struct arena *a)
{
	str path = resolved(dir, a), name = safe(last_part(path), a);

	return with_hash(name.n ? name : STR("project"), path, PATH_HASH, a);
}

static str directory_of(const char *file)
{
	size_t slash = str_rfind_byte(str_from(file), '/');

	return slash == STR_NONE ? STR(".") : str_sub(str_from(file), 0, slash ? slash : 1);
}

static void place_project(
	const struct memory_place_conf *conf, struct arena *a, struct memory_place *out)
{
	str id = str_trim(conf->project_id), dir = str_trim(conf->project_dir);

	if (!dir.n)
		dir = str_trim(conf->project_root);
	if (id.n) {
		out->key = memory_place_safe(id, a);
		out->name = id;
	} else if (dir.n) {
		out->key = memory_place_key(dir, a);
		out->name = last_part(resolved(dir, a));
	}
}

enum err memory_place_find(const struct memory_place_conf *conf, struct arena *a,
	struct memory_place *out, struct errctx *cx)
{
	static const char *const kinds[] = {
		[MEMORY_IN_PROJECT] = "projects", [MEMORY_OF_USER] = "users"};

	*out = (struct memory_place){.name = STR("global")};
	if (!conf->file || !*conf->file)
		FAIL(cx, E_CONFIG, "no file for memories is named");
	if (!conf->user.n)
		FAIL(cx, E_CONFIG, "no user for memories is named");
	if (conf->storage == MEMORY_GLOBAL) {
		out->file = conf->file;
		return E_OK;
	}
	out->name = conf->user;
	if (conf->storage == MEMORY_OF_USER) {
		out->key = memory_place_safe(conf->user, a);
	} else {
		out->name = STR("unresolved");
		place_project(conf, a, out);
	}
	if (out->key.n)
		out->file = arena_printf(a, STR_FMT "/memories/%s/" STR_FMT "/memory.db%c",
			STR_ARG(directory_of(conf->file)), kinds[conf->storage], STR_ARG(out->key),
			0)
				    .p;
	return E_OK;
}

/* What is written before the directory, in the order in which it is looked for. */
static const struct {
	str before, behind; /* behind: "\n": the rest of the line */
} PROMPTS[] = {
	{{"Primary working directory:", 26}, {"\n", 1}},
	{{"Working directory:", 18}, {"\n", 1}},
	{{"working directory is:", 21}, {"\n", 1}},
	{{"working in the directory:", 25}, {"\n", 1}},
	{{"<working_directory>", 19}, {"</", 2}},
	{{"<cwd>", 5}, {"</", 2}},
	{{"**Workspace Directories:**\n  - ", 31}, {"\n", 1}}, /* the first of them */
	{{"cwd:", 4}, {"\n", 1}},
};

str memory_place_in_prompt(str prompt)
{
	for (size_t i = 0; i < ARRAY_N(PROMPTS); i++) {
		size_t at = str_find(prompt, PROMPTS[i].before), end;
		str rest;

		if (at == STR_NONE)
			continue;
		rest = str_sub(prompt, at + PROMPTS[i].before.n, prompt.n);
		end = str_find(rest, PROMPTS[i].behind);
		rest = str_trim(str_sub(rest, 0, end == STR_NONE ? rest.n : end));
		if (rest.n)
			return rest;
	}
	return STR_NULL;
}
