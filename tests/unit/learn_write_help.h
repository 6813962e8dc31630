/* learn_write_help: a directory with memory files, rules, and what a unified diff makes of a text, for test_learn_write.c. */
#ifndef TESTS_UNIT_LEARN_WRITE_HELP_H
#define TESTS_UNIT_LEARN_WRITE_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/lines.h"
#include "core/base/limits.h"
#include "core/base/udiff.h"
#include "learn/write/write.h"
#include "tests/unit/seeds.h"

#define DAY_MS INT64_C(86400000)
#define NOW    INT64_C(1790000000000) /* 2026-09-21 */

struct place {
	struct write_job job;
	char dir[64];
	struct learn_env env;
	struct target target;
};

static inline int setup(void **state)
{
	struct place *p = test_calloc(1, sizeof *p);

	strcpy(p->dir, "/tmp/headroom-learn-XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	write_init(&p->job);
	p->env.home = "/nowhere/home";
	*state = p;
	return 0;
}

static inline int teardown(void **state)
{
	struct place *p = *state;
	char line[256];

	(void)snprintf(line, sizeof line, "chmod -R u+w %s && rm -r %s", p->dir, p->dir);
	assert_int_equal(system(line), 0);
	write_release(&p->job);
	test_free(p);
	return 0;
}

static inline const char *at(struct place *p, const char *name)
{
	return arena_cstr(&p->job.arena, arena_printf(&p->job.arena, "%s/%s", p->dir, name));
}

static inline struct target file_target(struct place *p, const char *name)
{
	return (struct target){.kind = TARGET_FILE, .path = at(p, name), .preamble = STR("")};
}

static inline void put(const char *path, str text)
{
	assert_int_equal(file_write_atomic(path, text, 0644, NULL), E_OK);
}

static inline str get(struct place *p, const char *path)
{
	struct buf b;
	str s;

	buf_init(&b, LIMIT_CONFIG_FILE);
	if (file_read(path, &b, NULL))
		return STR_NULL;
	s = arena_str(&p->job.arena, buf_str(&b));
	buf_release(&b);
	return s.p ? s : STR("");
}

static inline void expect(str is, str wanted)
{
	is = is.p ? is : STR("(none)");
	if (!str_eq(is, wanted))
		print_message(
			"is:\n" STR_FMT "\nwanted:\n" STR_FMT "\n", STR_ARG(is), STR_ARG(wanted));
	assert_true(str_eq(is, wanted));
}

static inline void expect_has(str text, const char *what)
{
	what = what ? what : "";
	text = text.p ? text : STR("(none)");
	if (str_find(text, str_from(what)) == STR_NONE)
		print_message("no '%s' in\n" STR_FMT "\n", what, STR_ARG(text));
	assert_true(str_find(text, str_from(what)) != STR_NONE);
}

static inline void expect_not(str text, const char *what)
{
	assert_true(str_find(text, str_from(what)) == STR_NONE);
}

static inline struct rule rule(enum rule_kind kind, unsigned key, const char *text)
{
	struct rule r = {.kind = kind,
		.text = str_from(text),
		.evidence = 7,
		.sessions = 3,
		.last_ms = NOW - DAY_MS};

	(void)snprintf(r.key, sizeof r.key, "%08x%08x", key, key);
	return r;
}

/* Plans, applies and plans again: the second time nothing is to be done. */
static inline struct write_file write_conf(struct place *p, const struct write_conf *conf,
	const struct target *t, const struct rule *rules, size_t n)
{
	struct write_file f, again;
	struct errctx cx = {0};

	assert_int_equal(write_plan(&p->job, conf, t, rules, n, &f, &cx), E_OK);
	assert_int_equal(write_apply(&p->job, &f, &cx), E_OK);
	assert_int_equal(write_plan(&p->job, conf, t, rules, n, &again, &cx), E_OK);
	expect(again.after, again.before);
	assert_false(write_is_change(&again));
	return f;
}

static inline void take_away(struct place *p, const struct target *t)
{
	struct write_file f;

	assert_int_equal(write_plan_removal(&p->job, t, &f, NULL), E_OK);
	assert_int_equal(write_apply(&p->job, &f, NULL), E_OK);
}

static inline str random_lines(struct place *p, uint64_t *seed, str like)
{
	struct buf b;
	bool has_eol;
	str line;

	buf_init_arena(&b, &p->job.arena, LIMIT_CONFIG_FILE);
	for (unsigned i = 0; i < 30; i++) {
		*seed = *seed * 6364136223846793005ULL + 1442695040888963407ULL;
		has_eol = true;
		if (like.n && *seed >> 61 && str_next_line(&like, &line, &has_eol))
			buf_add(&b, line);
		else
			buf_printf(&b, "%u", (unsigned)(*seed >> 40) % 5);
		if (has_eol && (i < 29 || *seed >> 63))
			buf_add_byte(&b, '\n');
	}
	return buf_str(&b);
}

/* Applies a unified diff by its own rules: what patch(1) would make of it. */
static inline str apply_diff(struct place *p, str before, str diff)
{
	struct buf out;
	str line, rest = before;
	size_t at_line = 1;
	bool has_eol = true;

	buf_init_arena(&out, &p->job.arena, LIMIT_CONFIG_FILE);
	while (str_next_line(&diff, &line, NULL)) {
		str old;

		if (str_starts(line, STR("@@ -"))) {
			size_t start = (size_t)strtoul(line.p + 4, NULL, 10);

			if (strchr(line.p, ',') && str_find(line, STR(",0 +")) != STR_NONE)
				start++;
			for (; at_line < start; at_line++) {
				assert_true(str_next_line(&rest, &old, &has_eol));
				buf_add(&out, old);
				buf_add_c(&out, has_eol ? "\n" : "");
			}
		} else if (str_starts(line, STR(" ")) || str_starts(line, STR("-"))) {
			if (str_starts(line, STR("--- ")))
				continue;
			assert_true(str_next_line(&rest, &old, &has_eol));
			expect(old, str_sub(line, 1, line.n));
			at_line++;
			if (line.p[0] == ' ') {
				buf_add(&out, old);
				buf_add_c(&out, has_eol ? "\n" : "");
			}
		} else if (str_starts(line, STR("+")) && !str_starts(line, STR("+++ "))) {
			buf_add(&out, str_sub(line, 1, line.n));
			if (!str_starts(diff, STR("\\")))
				buf_add_byte(&out, '\n');
		}
	}
	buf_add(&out, rest);
	return buf_str(&out);
}

#endif
