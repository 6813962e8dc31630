/* Which program a command line runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/compress/program.h"

static const struct {
	const char *command, *program;
} cases[] = {
	{"pytest -q", "pytest"},
	{"cd /work && X=1 timeout 60 python3 -m pytest -q 2>&1 | tail -50", "pytest"},
	{"cd /work; npm test", "npm-test"},
	{"npm run build", "npm-run"},
	{"git -C /x --no-pager log --stat", "git-log"},
	{"/usr/bin/git status", "git-status"},
	{"git HEAD~1", "git"},
	{"sudo env A='b c' cargo build --release", "cargo-build"},
	{"./scripts/run_all.sh a b", "run_all.sh"},
	{"python manage.py migrate", "python"},
	{"uv run pytest", "pytest"},
	{"export A=1\nsource venv/bin/activate\nls -la", "ls"},
	{"mkdir -p x && echo hello && make check | cat", "make-check"},
	{"echo hello", ""},
	{"", ""},
	{" ; && | ", ""},
	{"'unclosed", ""},
	{"\"my program\" -x", ""},
	{"$(which x) y", ""},
	{"a_program_with_a_name_that_is_longer_than_any", ""},
};

static void programs_are_told_by_their_words(void **state)
{
	struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(cases); i++) {
		str got = program_of(str_from(cases[i].command), &a);

		if (!str_eq_c(got, cases[i].program))
			fail_msg("%s: " STR_FMT, cases[i].command, STR_ARG(got));
	}
	arena_release(&a);
}

/* Of any bytes: a name, or nothing. */
static void whatever_comes_gives_a_name(void **state)
{
	static const char bits[] = " \t;&|\n'\"=-/$ab1git_";
	struct arena a = ARENA_INIT;
	uint64_t x = 1;
	char text[40];

	(void)state;
	for (int round = 0; round < 20000; round++) {
		str got;

		for (size_t i = 0; i < sizeof text; i++) {
			x = x * 6364136223846793005u + 1442695040888963407u;
			text[i] = bits[(x >> 33) % (sizeof bits - 1)];
		}
		got = program_of((str){text, sizeof text}, &a);
		assert_true(got.n <= PROGRAM_MAX);
		for (size_t i = 0; i < got.n; i++)
			assert_non_null(strchr("abgit1_-", got.p[i]));
		arena_reset(&a);
	}
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(programs_are_told_by_their_words),
		cmocka_unit_test(whatever_comes_gives_a_name),
	};

	return cmocka_run_group_tests_name("programs of command lines", tests, NULL, NULL);
}
