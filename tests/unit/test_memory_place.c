/* In which file memories are, and what may be remembered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/hash.h"
#include "core/memory/clean.h"
#include "core/memory/place.h"

static struct arena arena;

static int setup(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static struct memory_place find(struct memory_place_conf c)
{
	struct memory_place p;
	struct errctx cx = {0};

	c.file = "/w/memory.db";
	c.user = c.user.n ? c.user : STR("ann");
	if (memory_place_find(&c, &arena, &p, &cx))
		fail_msg("%s", cx.text);
	return p;
}

static void test_modes(void **state)
{
	struct memory_place p = find((struct memory_place_conf){.storage = MEMORY_GLOBAL});

	(void)state;
	assert_string_equal(p.file, "/w/memory.db");
	p = find((struct memory_place_conf){.storage = MEMORY_OF_USER});
	assert_string_equal(p.file, "/w/memories/users/ann/memory.db");
	p = find((struct memory_place_conf){.storage = MEMORY_IN_PROJECT});
	assert_null(p.file);
	p = find((struct memory_place_conf){.project_id = STR(" "), .project_root = STR("  ")});
	assert_null(p.file);
	p = find((struct memory_place_conf){.project_id = STR("shop"), .project_dir = STR("/x")});
	assert_string_equal(p.file, "/w/memories/projects/shop/memory.db");
	assert_true(str_eq_c(p.name, "shop"));
}

/* "<name>-<16 digits of the SHA-256 of the path>": the name that other programs give the same project. */
static void test_key_of_a_directory(void **state)
{
	char hex[SHA256_HEX + 1], expected[64];
	struct memory_place p;

	(void)state;
	sha256_hex(STR("/no/such dir!"), hex);
	(void)snprintf(expected, sizeof expected, "such-dir-%.16s", hex);
	sha256_hex(STR("/no/such dir!"), hex);
	assert_true(str_starts(memory_place_key(STR("/no/such dir!"), &arena), STR("such-dir-")));
	assert_true(str_eq_c(memory_place_key(STR("/no/x/.././/such dir!/"), &arena), expected));
	sha256_hex(STR("/"), hex);
	(void)snprintf(expected, sizeof expected, "root-%.16s", hex);
	assert_true(str_eq_c(memory_place_key(STR("//"), &arena), expected));
	p = find((struct memory_place_conf){.project_dir = STR("/no/a/b")});
	assert_true(str_eq_c(p.name, "b"));
	assert_non_null(p.file);
}

static void test_links_are_one_project(void **state)
{
	char dir[] = "/tmp/headroom-place-XXXXXX", real[64], link[64];

	(void)state;
	assert_non_null(mkdtemp(dir));
	(void)snprintf(real, sizeof real, "%s/", dir);
	(void)snprintf(link, sizeof link, "%s/link", dir);
	assert_int_equal(symlink(dir, link), 0);
	assert_true(str_eq(memory_place_key(str_from(real), &arena),
		memory_place_key(str_from(link), &arena)));
	assert_int_equal(unlink(link), 0);
	assert_int_equal(rmdir(dir), 0);
}

static void test_safe_names_stay_apart(void **state)
{
	str a = memory_place_safe(STR("foo bar"), &arena);

	(void)state;
	assert_true(str_eq_c(memory_place_safe(STR("foo-bar"), &arena), "foo-bar"));
	assert_true(str_starts(a, STR("foo-bar-")));
	assert_int_equal(a.n, 16);
	assert_true(str_starts(memory_place_safe(STR("../.."), &arena), STR("x-")));
	assert_true(memory_place_safe(STR("a/b"), &arena).n > 0);
	assert_int_equal(str_find_byte(memory_place_safe(STR("a/b"), &arena), '/'), STR_NONE);
}

static void test_prompts(void **state)
{
	(void)state;
	assert_true(str_eq_c(memory_place_in_prompt(
				     STR("You are x.\n - Primary working directory: /a/b \nmore")),
		"/a/b"));
	assert_true(str_eq_c(
		memory_place_in_prompt(STR("<env>\nWorking directory: /c\n</env>")), "/c"));
	assert_true(str_eq_c(
		memory_place_in_prompt(STR("<environment_context>\n  <cwd>/d e</cwd>\n")), "/d e"));
	assert_true(str_eq_c(memory_place_in_prompt(STR("- **Workspace Directories:**\n  - /e\n"
							"  - /f\n- **Directory Structure:**")),
		"/e"));
	assert_int_equal(memory_place_in_prompt(STR("nothing")).n, 0);
	assert_int_equal(memory_place_in_prompt(STR("cwd:")).n, 0);
}

static void check_clean(const char *text, enum err err, const char *expected)
{
	struct buf b;

	buf_init(&b, 1 << 20);
	assert_int_equal(memory_clean(str_from(text), &b, NULL), err);
	if (!err)
		assert_true(str_eq_c(buf_str(&b), expected));
	else
		assert_int_equal(b.n, 0);
	buf_release(&b);
}

static void test_what_is_remembered(void **state)
{
	(void)state;
	check_clean("  We deploy on Fridays.\n", E_OK, "We deploy on Fridays.");
	check_clean("a <b> c", E_OK, "a <b> c");
	check_clean("x<system-reminder>\nTodo list\n</system-reminder>y", E_OK, "xy");
	check_clean("x <headroom-memory n=\"2\">old</headroom-memory>", E_OK, "x");
	check_clean("x <system-reminder>cut off", E_OK, "x");
	check_clean("<system-reminder>all</system-reminder> ", E_MALFORMED, NULL);
	check_clean("", E_MALFORMED, NULL);
	check_clean("the key is sk-ant-api03-abcdefghijklmnop1234", E_PERMISSION, NULL);
	check_clean("Authorization: Bearer abcdefghijklmnop1234567", E_PERMISSION, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_modes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_key_of_a_directory, setup, teardown),
		cmocka_unit_test_setup_teardown(test_links_are_one_project, setup, teardown),
		cmocka_unit_test_setup_teardown(test_safe_names_stay_apart, setup, teardown),
		cmocka_unit_test_setup_teardown(test_prompts, setup, teardown),
		cmocka_unit_test(test_what_is_remembered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
