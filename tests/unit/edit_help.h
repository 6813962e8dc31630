/* What tests of the config editor share: a temporary place with a file in it, random files of every format, and what a
 * listener was told. */
#ifndef TESTS_UNIT_EDIT_HELP_H
#define TESTS_UNIT_EDIT_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/limits.h"
#include "tests/unit/random_text.h"
#include "wrap/edit/edit.h"

struct place {
	char dir[64], workspace[96], file[128];
	struct edit_env env;
	unsigned told[EDIT_FAILED + 1];
};

static inline void count_outcome(void *self, const struct edit_outcome *o)
{
	struct place *p = self;

	p->told[o->result]++;
}

static inline struct edit_listener listener(struct place *p)
{
	memset(p->told, 0, sizeof p->told);
	return (struct edit_listener){count_outcome, p};
}

/* In memory where there is such a directory: each test waits for thousands of fsync. */
static inline void place_make(struct place *p)
{
	const char *root = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";

	*p = (struct place){.told = {0}};
	(void)snprintf(p->dir, sizeof p->dir, "%s/headroom-edit-XXXXXX", root);
	assert_non_null(mkdtemp(p->dir));
	(void)snprintf(p->workspace, sizeof p->workspace, "%s/ws", p->dir);
	(void)snprintf(p->file, sizeof p->file, "%s/home", p->dir);
	assert_int_equal(mkdir(p->file, 0755), 0);
	(void)snprintf(p->file, sizeof p->file, "%s/home/settings", p->dir);
	p->env = (struct edit_env){.workspace = p->workspace};
}

static inline int remove_one(const char *path, const struct stat *st, int type, struct FTW *f)
{
	(void)st;
	(void)type;
	(void)f;
	return remove(path);
}

static inline void place_remove(struct place *p)
{
	assert_int_equal(nftw(p->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static inline void write_text(const char *path, str text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text.p, 1, text.n, f), text.n);
	assert_int_equal(fclose(f), 0);
}

/* The content of a file in the arena; p is NULL when there is none. */
static inline str read_text(struct arena *a, const char *path)
{
	struct buf b;
	struct errctx cx = {0};
	str out = STR_NULL;
	enum err e;

	buf_init(&b, LIMIT_CONFIG_FILE);
	e = file_read(path, &b, &cx);
	assert_true(e == E_OK || e == E_NOT_FOUND);
	if (e == E_OK)
		out = arena_str(a, buf_str(&b));
	buf_release(&b);
	return out;
}

static inline const char *shown(struct arena *a, str text)
{
	return text.p ? arena_cstr(a, text) : "(no file)";
}

static inline void expect_text(const char *path, str want)
{
	struct arena a = ARENA_INIT;
	str got = read_text(&a, path);
	bool is_same = got.p && want.p ? str_eq(got, want) : got.p == want.p;

	if (!is_same)
		print_error("got:\n%s\nwant:\n%s\n", shown(&a, got), shown(&a, want));
	assert_true(is_same);
	arena_release(&a);
}

static inline int is_litter(const char *path, const struct stat *st, int type, struct FTW *f)
{
	(void)st;
	(void)type;
	(void)f;
	return strstr(path, ".tmp") != NULL;
}

/* No temporary file is left anywhere. */
static inline void expect_no_litter(struct place *p)
{
	assert_int_equal(nftw(p->dir, is_litter, 8, FTW_PHYS), 0);
}

static inline void expect_no_journal(struct place *p)
{
	char path[160];

	(void)snprintf(path, sizeof path, "%s/state/edits.jsonl", p->workspace);
	if (access(path, F_OK) == 0) {
		struct arena a = ARENA_INIT;

		print_error(STR_FMT "\n", STR_ARG(read_text(&a, path)));
		arena_release(&a);
	}
	assert_int_equal(access(path, F_OK), -1);
}

/* ---- one key of a format ---- */

struct key {
	const struct edit_format *format;
	const str part[4];
	size_t part_n;
	str literal, other; /* two values for it */
};

static const struct key json_key = {&edit_format_json, {{"env", 3}, {"ANTHROPIC_BASE_URL", 18}}, 2,
	{"\"http://127.0.0.1:8787\"", 23}, {"\"http://127.0.0.1:9000\"", 23}};
static const struct key json_object_key = {&edit_format_json, {{"mcpServers", 10}, {"headroom", 8}},
	2, {"{\"command\":\"headroom\",\"args\":[\"mcp\",\"serve\"]}", 45},
	{"{\"command\":\"/opt/headroom\"}", 27}};
static const struct key toml_key = {&edit_format_toml,
	{{"model_providers", 15}, {"headroom", 8}, {"base_url", 8}}, 3,
	{"\"http://127.0.0.1:8787/v1\"", 26}, {"\"http://127.0.0.1:9000/v1\"", 26}};
static const struct key toml_root_key = {&edit_format_toml, {{"openai_base_url", 15}}, 1,
	{"\"http://127.0.0.1:8787/v1\"", 26}, {"\"http://127.0.0.1:9000/v1\"", 26}};
static const struct key yaml_key = {&edit_format_yaml, {{"env", 3}, {"OPENAI_HOST", 11}}, 2,
	{"\"http://127.0.0.1:8787\"", 23}, {"http://127.0.0.1:9000", 21}};
static const struct key shell_key = {&edit_format_shell, {{"headroom", 8}}, 1,
	{"export A=1\nexport B=2\n", 22}, {"export A=3\n", 11}};
static const struct key markdown_key = {&edit_format_markdown, {{"rtk", 3}}, 1,
	{"Use headroom.\n\n- always\n", 24}, {"Do not.\n", 8}};

static const struct key *const keys[] = {&json_key, &json_object_key, &toml_key, &toml_root_key,
	&yaml_key, &shell_key, &markdown_key};

static inline struct edit edit_of(struct place *p, const struct key *k, str literal)
{
	return (struct edit){.agent = STR("test"),
		.scope = STR("session"),
		.file = p->file,
		.format = k->format,
		.path = {k->part, k->part_n},
		.literal = literal};
}

/* ---- editing ---- */

static const struct edit_owner nobody = {0, 0, 0};
static const struct edit_owner first = {1, 0, 0}; /* process 1 is always there */
static const struct edit_filter all = {0};

static inline int setup(void **state)
{
	static struct place p; /* one test runs at a time */

	place_make(&p);
	*state = &p;
	return 0;
}

static inline int teardown(void **state)
{
	place_remove(*state);
	return 0;
}

static inline enum err apply_as(
	struct place *p, struct edit_owner owner, const struct key *k, str literal)
{
	struct edit e = edit_of(p, k, literal);
	struct errctx cx = {0};
	enum err err = edit_apply(&p->env, owner, &e, 1, listener(p), &cx);

	if (err && err != E_UNSUPPORTED)
		print_error("%s\n", cx.text);
	return err;
}

static inline void undo(struct place *p, const struct edit_filter *f)
{
	struct errctx cx = {0};
	enum err e = edit_undo(&p->env, f, listener(p), &cx);

	if (e)
		print_error("%s\n", cx.text);
	assert_int_equal(e, E_OK);
}

static inline void undo_of(struct place *p, const struct edit_owner *owner)
{
	const struct edit_filter f = {.owner = owner};

	undo(p, &f);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

/* ---- random files ---- */

static inline void add_indent(struct buf *b, const char *unit, unsigned depth)
{
	while (depth--)
		buf_add_c(b, unit);
}

struct layout {
	const char *unit, *eol;
	bool has_comments, has_last_comma, is_inline;
};

static inline void add_random_json(
	struct rng *r, struct buf *b, const struct layout *l, unsigned depth)
{
	static const char *const names[] = {"env", "mcpServers", "model", "a b", "permissions",
		"headroom", "\\u0065nv", "$schema", "größe", "hooks"};
	uint32_t n = rng_below(r, 5);

	buf_add_byte(b, '{');
	for (uint32_t i = 0; i < n; i++) {
		bool is_object_name;
		const char *name = RNG_PICK(r, names);

		buf_add_c(b, l->is_inline ? "" : l->eol);
		if (l->has_comments && !l->is_inline && rng_once_in(r, 3)) {
			add_indent(b, l->unit, depth + 1);
			buf_add_c(b, rng_once_in(r, 2) ? "// it's {\"a\": 1}," : "/* \"x */");
			buf_add_c(b, l->eol);
		}
		add_indent(b, l->is_inline ? "" : l->unit, depth + 1);
		is_object_name = strcmp(name, "env") == 0 || strcmp(name, "mcpServers") == 0 ||
				 strcmp(name, "\\u0065nv") == 0;
		buf_printf(b, "\"%s\":%s", name, rng_once_in(r, 4) ? "" : " ");
		if (depth < 3 && (is_object_name || rng_once_in(r, 3)))
			add_random_json(r, b, l, depth + 1);
		else
			add_json_leaf(r, b);
		if (i + 1 < n || (l->has_last_comma && rng_once_in(r, 2)))
			buf_add_c(b, l->is_inline ? ", " : ",");
		if (l->has_comments && rng_once_in(r, 4))
			buf_add_c(b, l->is_inline ? " /* c */" : " // trailing, }");
	}
	if (!l->is_inline && (n || rng_once_in(r, 2))) {
		buf_add_c(b, l->eol);
		add_indent(b, l->unit, depth);
	}
	buf_add_byte(b, '}');
}

static inline void add_random_toml(struct rng *r, struct buf *b, const struct layout *l)
{
	static const char *const items[] = {"model = \"gpt-5\"", "n = [1, 2]", "d = 1979-05-27",
		"i = { a = 1, b = \"}\" }", "# comment", "", "\"a b\" = 'x'", "t.u = 1", "t.v = 2"};
	static const char *const tables[] = {"[profiles.x]", "[model_providers]",
		"[model_providers.other]", "[[list]]", "[[list]]", "[\"q.r\"]", "[list.sub]"};
	bool used[ARRAY_N(tables)] = {0}, has_list = false;

	for (uint32_t t = 0; t < 4; t++) {
		uint32_t from = rng_below(r, ARRAY_N(items));

		for (uint32_t n = rng_below(r, 4); n; n--, from++) {
			add_indent(b, l->unit, rng_below(r, 2));
			buf_printf(b, "%s%s%s", items[from % ARRAY_N(items)],
				rng_once_in(r, 3) ? " # c" : "", l->eol);
		}
		from = rng_below(r, ARRAY_N(tables));
		if (used[from] || (from == 6 && !has_list))
			return;
		used[from] = from != 3 && from != 4;
		has_list |= from == 3 || from == 4;
		used[6] &= from != 3 && from != 4; /* once in each element */
		buf_printf(b, "%s%s", tables[from], l->eol);
	}
}

static inline void add_random_yaml(struct rng *r, struct buf *b, const struct layout *l)
{
	static const char *const values[] = {"1", "'it''s'", "\"x: #y\" # c", "[a, {b: 1}]", "|\n",
		"", "http://x/y", "- list", "{}", "&anchor x"};
	static const char *const names[] = {"env", "GOOSE_MODEL", "models", "x", "\"a b\""};
	const char *unit = l->unit[0] == '\t' ? "   " : l->unit;

	if (rng_once_in(r, 5))
		buf_printf(b, "---%s", l->eol);
	for (uint32_t i = 0; i < ARRAY_N(names); i++) {
		const char *value = RNG_PICK(r, values);

		if (rng_once_in(r, 3))
			continue;
		if (rng_once_in(r, 3))
			buf_printf(b, "# comment%s%s", l->eol, l->eol);
		buf_printf(b, "%s:", names[i]);
		if (i == 0 && rng_once_in(r, 2)) {
			for (uint32_t k = 0; k < 1 + rng_below(r, 3); k++)
				buf_printf(b, "%s%sK%u: v%s", l->eol, unit, k,
					rng_once_in(r, 3) ? " # c" : "");
		} else if (value[0] == '|') {
			buf_printf(b, " |%s%stext: x%s%s%s# y", l->eol, unit, l->eol, l->eol, unit);
		} else if (value[0] == '-') {
			buf_printf(b, "%s- a: 1%s  b: 2%s- c", l->eol, l->eol, l->eol);
		} else if (*value && (i > 0 || value[0] == '{')) {
			buf_printf(b, " %s", value);
		}
		buf_add_c(b, l->eol);
	}
}

static inline void add_random_lines(struct rng *r, struct buf *b, const struct layout *l)
{
	for (uint32_t n = rng_below(r, 8); n; n--) {
		add_source_line(r, b);
		buf_add_c(b, rng_once_in(r, 9) ? "\n" : l->eol);
	}
}

/* A file of the format, with odd indentation, line ends, byte order mark, comments; perhaps without a last newline. */
static inline void add_random_file(struct rng *r, struct buf *b, const struct edit_format *f)
{
	static const char *const units[] = {"  ", "\t", "    ", "   ", " "};
	struct layout l = {.unit = RNG_PICK(r, units),
		.eol = rng_once_in(r, 3) ? "\r\n" : "\n",
		.has_comments = rng_once_in(r, 2),
		.has_last_comma = rng_once_in(r, 3),
		.is_inline = rng_once_in(r, 5)};

	if (rng_once_in(r, 15))
		return;
	if (rng_once_in(r, 5))
		buf_add_c(b, "\xef\xbb\xbf");
	if (f == &edit_format_json)
		add_random_json(r, b, &l, 0);
	else if (f == &edit_format_toml)
		add_random_toml(r, b, &l);
	else if (f == &edit_format_yaml)
		add_random_yaml(r, b, &l);
	else
		add_random_lines(r, b, &l);
	if (f == &edit_format_json && rng_once_in(r, 2))
		buf_add_c(b, l.eol);
	if (f != &edit_format_json && rng_once_in(r, 3))
		b->n = str_trim_right(buf_str(b)).n;
}

#endif
