#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/base/place.h"

static void expect_places(struct place_env env, const char *workspace, const char *config)
{
	struct arena a = ARENA_INIT;
	struct places p;

	assert_int_equal(places_find(&env, &a, &p, NULL), E_OK);
	assert_string_equal(p.workspace, workspace);
	assert_string_equal(p.config, config);
	arena_release(&a);
}

static void the_default_is_below_the_home_directory(void **state)
{
	(void)state;
	expect_places((struct place_env){.home = "/home/a"}, "/home/a/.headroom",
		"/home/a/.headroom/config");
	expect_places((struct place_env){.home = "/home/a/", .workspace_dir = "  "},
		"/home/a/.headroom", "/home/a/.headroom/config");
	expect_places((struct place_env){.home = "/"}, "/.headroom", "/.headroom/config");
}

static void the_workspace_variable_wins_over_its_alias(void **state)
{
	(void)state;
	expect_places(
		(struct place_env){.home = "/h", .workspace_dir = " /w ", .headroom_home = "/x"},
		"/w", "/w/config");
	expect_places((struct place_env){.headroom_home = "/x/"}, "/x", "/x/config");
}

static void a_tilde_is_the_home_directory(void **state)
{
	(void)state;
	expect_places((struct place_env){.home = "/h", .workspace_dir = "~/w", .config_dir = "~"},
		"/h/w", "/h");
}

static void xdg_places_are_used_only_when_asked_for(void **state)
{
	struct place_env env = {.home = "/h", .xdg_state_home = "/s", .xdg_config_home = "rel"};

	(void)state;
	expect_places(env, "/h/.headroom", "/h/.headroom/config");
	env.xdg = "1";
	expect_places(env, "/s/headroom", "/h/.config/headroom");
	env.workspace_dir = "/w";
	expect_places(env, "/w", "/w/config");
}

static void without_a_home_directory_the_message_says_what_to_set(void **state)
{
	struct arena a = ARENA_INIT;
	struct places p;
	struct errctx cx = {0};

	(void)state;
	assert_int_equal(places_find(&(struct place_env){0}, &a, &p, &cx), E_CONFIG);
	assert_non_null(strstr(cx.text, "HEADROOM_WORKSPACE_DIR"));
	assert_int_equal(places_find(&(struct place_env){.home = "rel"}, &a, &p, &cx), E_CONFIG);
	arena_release(&a);
}

static void files_are_named_inside_their_places(void **state)
{
	struct arena a = ARENA_INIT;
	struct places p;

	(void)state;
	assert_int_equal(
		places_find(&(struct place_env){.workspace_dir = "/w"}, &a, &p, NULL), E_OK);
	assert_string_equal(p.store_file, "/w/store.db");
	assert_string_equal(p.config_file, "/w/config/config.toml");
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_default_is_below_the_home_directory),
		cmocka_unit_test(the_workspace_variable_wins_over_its_alias),
		cmocka_unit_test(a_tilde_is_the_home_directory),
		cmocka_unit_test(xdg_places_are_used_only_when_asked_for),
		cmocka_unit_test(without_a_home_directory_the_message_says_what_to_set),
		cmocka_unit_test(files_are_named_inside_their_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
