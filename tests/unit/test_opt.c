#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "core/base/opt.h"
#include "core/base/opt_value.h"
#include "core/base/suggest.h"

struct args {
	bool json, optimize;
	int verbose, mode;
	int64_t port, wait_ms;
	double ratio;
	uint64_t size;
	str model;
	const char *output;
	struct opt_list tools;
};

static const struct opt_choice modes[] = {{"token", 1, false, "Most saved."},
	{"cache", 2, false, NULL}, {"token_mode", 1, true, NULL}, {NULL, 0, false, NULL}};

#define AT(field) .off = offsetof(struct args, field)
static const struct opt opts[] = {
	{.name = "json", .letter = 'j', .type = OPT_FLAG, AT(json), .help = "JSON."},
	{.name = "optimize",
		.type = OPT_FLAG,
		.flags = OPT_NEGATABLE,
		.def = "true",
		AT(optimize),
		.key = "t.optimize",
		.env = "HEADROOM_OPTIMIZE",
		.help = "Optimize."},
	{.name = "verbose", .letter = 'v', .type = OPT_COUNT, AT(verbose), .help = "More."},
	{.name = "mode",
		.letter = 'm',
		.type = OPT_ENUM,
		.choices = modes,
		.def = "token",
		AT(mode),
		.flags = OPT_SAFE,
		.env = "HEADROOM_MODE",
		.key = "t.mode",
		.metavar = "MODE",
		.help = "M."},
	{.name = "port",
		.letter = 'p',
		.type = OPT_INT,
		.min = 1,
		.max = 65535,
		.def = "8787",
		AT(port),
		.env = "HEADROOM_PORT HEADROOM_OLD_PORT",
		.key = "t.port",
		.metavar = "N",
		.help = "P."},
	{.name = "wait",
		.type = OPT_DURATION,
		.min = 0,
		.max = 2592000000,
		.def = "30s",
		AT(wait_ms),
		.key = "t.wait",
		.metavar = "TIME",
		.help = "W."},
	{.name = "ratio",
		.type = OPT_DOUBLE,
		.min = 0.1,
		.max = 1,
		AT(ratio),
		.key = "t.ratio",
		.metavar = "F",
		.help = "R."},
	{.name = "size",
		.type = OPT_SIZE,
		.min = 1,
		.max = OPT_NO_MAX,
		.def = "64k",
		AT(size),
		.key = "t.size",
		.metavar = "SIZE",
		.help = "S."},
	{.name = "model",
		.type = OPT_STRING,
		AT(model),
		.key = "t.model",
		.metavar = "NAME",
		.help = "N."},
	{.name = "output",
		.letter = 'o',
		.type = OPT_PATH,
		AT(output),
		.key = "t.output",
		.metavar = "FILE",
		.help = "O."},
	{.name = "tools",
		.type = OPT_LIST,
		AT(tools),
		.flags = OPT_SAFE,
		.env = "HEADROOM_TOOLS",
		.key = "t.tools",
		.metavar = "LIST",
		.help = "T."},
	{.name = "later",
		.type = OPT_FLAG,
		.flags = OPT_PLANNED | OPT_NEGATABLE,
		.env = "HEADROOM_LATER",
		.key = "t.later"},
	{.name = "backend",
		.type = OPT_STRING,
		.flags = OPT_PLANNED,
		.env = "HEADROOM_BACKEND",
		.key = "t.backend",
		.def = "direct",
		.metavar = "NAME"},
	{.name = "top",
		.type = OPT_INT,
		.flags = OPT_PLANNED,
		.key = "t.top",
		.def = "10",
		.metavar = "N"},
	{.name = "region", .type = OPT_STRING, .flags = OPT_PLANNED, .metavar = "NAME"},
};

struct fix {
	struct arena a;
	struct errctx cx;
	struct args args;
	struct opt_group group;
	struct opt_reader r;
	struct opt_line line;
};

static int setup(void **state)
{
	static struct fix f; /* one test runs at a time */

	f = (struct fix){0};
	opt_group_init(&f.group, &f.a, opts, ARRAY_N(opts), &f.args);
	f.r = (struct opt_reader){.arena = &f.a, .groups = &f.group, .group_n = 1};
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	arena_release(&((struct fix *)*state)->a);
	return 0;
}

/* Splits line at blanks and reads it. */
static enum err read_until(struct fix *f, const char *line, enum opt_until until)
{
	char *argv[32];
	size_t n = 0;
	str rest = str_from(line), word;

	while (line[0] && str_split(&rest, ' ', &word))
		argv[n++] = arena_cstr(&f->a, word);
	return opt_read_line(&f->r, argv, n, until, &f->line, &f->cx);
}

static void read_ok(struct fix *f, const char *line)
{
	if (read_until(f, line, OPT_UNTIL_END))
		fail_msg("%s", f->cx.text);
}

static void read_fails(struct fix *f, const char *line, enum err e, const char *want)
{
	assert_int_equal(read_until(f, line, OPT_UNTIL_END), e);
	assert_string_equal(f->cx.text, want);
}

static enum err config(struct fix *f, const char *text, enum opt_source source)
{
	struct toml_doc d;

	assert_int_equal(toml_parse(&f->a, str_from(text), &d, &f->cx), E_OK);
	return opt_read_config(&f->r, &d, "f.toml", source, &f->cx);
}

/* vars: "NAME=value|NAME=value" */
static enum err env(struct fix *f, const char *vars)
{
	char *envp[8] = {NULL};
	size_t n = 0;
	str rest = str_from(vars), one;

	while (str_split(&rest, '|', &one))
		envp[n++] = arena_cstr(&f->a, one);
	return opt_read_env(&f->r, envp, &f->cx);
}

static const struct opt_origin *origin(struct fix *f, const char *name)
{
	for (size_t i = 0; i < ARRAY_N(opts); i++)
		if (!strcmp(opts[i].name, name))
			return &f->group.origins[i];
	fail();
	return NULL;
}

static void check_str(str s, const char *want)
{
	assert_int_equal(s.n, strlen(want));
	assert_memory_equal(s.p, want, s.n);
}

static void defaults_fill_every_field(void **state)
{
	struct fix *f = *state;

	assert_false(f->args.json);
	assert_true(f->args.optimize);
	assert_int_equal(f->args.mode, 1);
	assert_int_equal(f->args.port, 8787);
	assert_int_equal(f->args.wait_ms, 30000);
	assert_int_equal(f->args.size, 65536);
	assert_null(f->args.model.p);
	assert_null(f->args.output);
	assert_int_equal(origin(f, "port")->source, OPT_FROM_DEFAULT);
}

static void reads_every_type_from_the_line(void **state)
{
	struct fix *f = *state;

	read_ok(f,
		"--json --no-optimize -vv -v --mode=cache -p80 --wait 2w --ratio=.25 --size 10MiB "
		"--model gpt -o out --tools Read,Bash --tools=Grep");
	assert_true(f->args.json);
	assert_false(f->args.optimize);
	assert_int_equal(f->args.verbose, 3);
	assert_int_equal(f->args.mode, 2);
	assert_int_equal(f->args.port, 80);
	assert_int_equal(f->args.wait_ms, 1209600000);
	assert_true(f->args.ratio == 0.25);
	assert_int_equal(f->args.size, 10 << 20);
	check_str(f->args.model, "gpt");
	assert_string_equal(f->args.output, "out");
	assert_int_equal(f->args.tools.n, 3);
	check_str(f->args.tools.v[2], "Grep");
	assert_string_equal(origin(f, "port")->name, "-p");
	assert_string_equal(origin(f, "mode")->name, "--mode");
}

static void operands_and_options_mix_until_two_dashes(void **state)
{
	struct fix *f = *state;

	read_ok(f, "a --json - -o x b -- --mode -v");
	assert_int_equal(f->line.n, 5);
	assert_string_equal(f->line.operands[1], "-");
	assert_string_equal(f->line.operands[3], "--mode");
	assert_null(f->line.operands[5]);
	assert_int_equal(f->args.verbose, 0);
}

static void reading_can_stop_at_the_first_operand(void **state)
{
	struct fix *f = *state;

	assert_int_equal(read_until(f, "-v --port 5 cmd -v", OPT_UNTIL_OPERAND), E_OK);
	assert_int_equal(f->line.used, 3);
	assert_int_equal(f->line.n, 0);
	assert_int_equal(f->args.verbose, 1);
	assert_int_equal(read_until(f, "-v -- cmd", OPT_UNTIL_OPERAND), E_OK);
	assert_int_equal(f->line.used, 2);
}

static void reading_can_stop_at_what_is_not_known(void **state)
{
	struct fix *f = *state;

	assert_int_equal(read_until(f, "--port 5 --json -v --json", OPT_UNTIL_FOREIGN), E_OK);
	assert_int_equal(f->line.used, 3);
	assert_false(f->line.has_ended);
	assert_int_equal(f->args.verbose, 0);
	assert_int_equal(read_until(f, "--json --nobody-knows=1", OPT_UNTIL_FOREIGN), E_OK);
	assert_int_equal(f->line.used, 1);
	assert_int_equal(read_until(f, "cmd --json", OPT_UNTIL_FOREIGN), E_OK);
	assert_int_equal(f->line.used, 0);
	assert_int_equal(read_until(f, "--json -- --json", OPT_UNTIL_FOREIGN), E_OK);
	assert_int_equal(f->line.used, 2);
	assert_true(f->line.has_ended);
	assert_int_equal(read_until(f, "--port nine", OPT_UNTIL_FOREIGN), E_USAGE);
}

static void letters_bundle_and_the_last_takes_the_rest(void **state)
{
	struct fix *f = *state;

	read_ok(f, "-jvofile");
	assert_true(f->args.json);
	assert_int_equal(f->args.verbose, 1);
	assert_string_equal(f->args.output, "file");
}

static void the_last_of_repeated_options_wins(void **state)
{
	struct fix *f = *state;

	read_ok(f, "--port 1 --port 2 --optimize --no-optimize --optimize");
	assert_int_equal(f->args.port, 2);
	assert_true(f->args.optimize);
}

static void errors_name_the_option_and_what_it_takes(void **state)
{
	struct fix *f = *state;

	read_fails(f, "--port 70000", E_USAGE, "--port: 70000 is out of range (from 1 to 65535)");
	read_fails(f, "-p 0", E_USAGE, "-p: 0 is out of range (from 1 to 65535)");
	read_fails(f, "--port x", E_USAGE, "--port: 'x' is not a whole number");
	read_fails(f, "--port=", E_USAGE, "--port: '' is not a whole number");
	read_fails(f, "--ratio 2", E_USAGE, "--ratio: 2 is out of range (from 0.1 to 1)");
	read_fails(f, "--ratio nan", E_USAGE, "--ratio: 'nan' is not a number");
	read_fails(f, "--size 0", E_USAGE, "--size: 0 is out of range (at least 1)");
	read_fails(
		f, "--size 5q", E_USAGE, "--size: '5q' is not a size, as in 4096, 64k, 10M or 2G");
	read_fails(f, "--wait 30", E_USAGE,
		"--wait: '30' is not a duration, as in 250ms, 30s, 15m, 3h or 7d");
	read_fails(f, "--wait 2mo", E_USAGE, "--wait: 2mo is out of range (from 0 to 30d)");
	read_fails(f, "--mode fast", E_USAGE, "--mode: 'fast' is not one of token, cache");
	read_fails(f, "--mode", E_USAGE, "--mode needs a value (MODE)");
	read_fails(f, "-vo", E_USAGE, "-o needs a value (FILE)");
	read_fails(f, "--json=1", E_USAGE, "--json takes no value");
	read_fails(f, "--output=", E_USAGE, "--output: the name is empty");
	read_fails(f, "--later", E_UNSUPPORTED, "--later is not built yet");
}

static void unknown_options_are_refused_with_the_nearest_name(void **state)
{
	struct fix *f = *state;

	read_fails(f, "--moed x", E_USAGE, "unknown option '--moed' (did you mean '--mode'?)");
	read_fails(f, "--mod x", E_USAGE, "unknown option '--mod' (did you mean '--mode'?)");
	read_fails(f, "--no-optimise", E_USAGE,
		"unknown option '--no-optimise' (did you mean '--no-optimize'?)");
	read_fails(f, "--frobnicate", E_USAGE, "unknown option '--frobnicate'");
	read_fails(f, "--no-json", E_USAGE, "unknown option '--no-json'");
	read_fails(f, "--late", E_USAGE, "unknown option '--late'");
	read_fails(f, "-vx", E_USAGE, "unknown option '-x' in '-vx'");
	read_fails(f, "-x", E_USAGE, "unknown option '-x'");
}

static void prefixes_of_options_are_not_accepted(void **state)
{
	read_fails(*state, "--opt", E_USAGE, "unknown option '--opt'");
}

static void a_higher_source_wins_in_any_order_of_reading(void **state)
{
	struct fix *f = *state;

	read_ok(f, "--port 4");
	assert_int_equal(
		config(f, "[t]\nport = 1\nmode = 'token'\nratio = 0.5", OPT_FROM_USER), E_OK);
	assert_int_equal(env(f, "HEADROOM_PORT=3|HEADROOM_MODE=cache"), E_OK);
	assert_int_equal(config(f, "t.mode = 'token'", OPT_FROM_PROJECT), E_OK);
	assert_int_equal(f->args.port, 4);
	assert_int_equal(origin(f, "port")->source, OPT_FROM_LINE);
	assert_int_equal(f->args.mode, 2);
	assert_string_equal(origin(f, "mode")->name, "HEADROOM_MODE");
	assert_true(f->args.ratio == 0.5);
	assert_string_equal(origin(f, "ratio")->name, "f.toml");
	assert_int_equal(origin(f, "ratio")->line, 4);
}

static void lists_of_different_sources_do_not_mix(void **state)
{
	struct fix *f = *state;

	assert_int_equal(config(f, "t.tools = ['x']", OPT_FROM_USER), E_OK);
	assert_int_equal(env(f, "HEADROOM_TOOLS=a,b"), E_OK);
	assert_int_equal(f->args.tools.n, 2);
	check_str(f->args.tools.v[0], "a");
}

static void variables_have_older_names_and_empty_ones_count_as_unset(void **state)
{
	struct fix *f = *state;

	assert_int_equal(env(f, "HEADROOM_PORT=|HEADROOM_OLD_PORT=9|HEADROOM_OPTIMIZE=off"), E_OK);
	assert_int_equal(f->args.port, 9);
	assert_string_equal(origin(f, "port")->name, "HEADROOM_OLD_PORT");
	assert_false(f->args.optimize);
}

static void a_bad_variable_is_named(void **state)
{
	struct fix *f = *state;

	assert_int_equal(env(f, "HEADROOM_OPTIMIZE=perhaps"), E_CONFIG);
	assert_string_equal(f->cx.text, "HEADROOM_OPTIMIZE: 'perhaps' is not true or false");
	assert_int_equal(f->cx.code, E_CONFIG);
}

static void a_bad_key_is_named_with_file_and_line(void **state)
{
	struct fix *f = *state;

	assert_int_equal(config(f, "[t]\nport = 0", OPT_FROM_USER), E_CONFIG);
	assert_string_equal(f->cx.text, "f.toml:2: t.port: 0 is out of range (from 1 to 65535)");
	assert_int_equal(config(f, "[t]\nport = '80'", OPT_FROM_USER), E_CONFIG);
	assert_string_equal(f->cx.text, "f.toml:2: t.port: expected a whole number");
	assert_int_equal(config(f, "[t]\noptimize = 1", OPT_FROM_USER), E_CONFIG);
	assert_string_equal(f->cx.text, "f.toml:2: t.optimize: expected true or false");
	assert_int_equal(config(f, "[t]\ntools = [1]", OPT_FROM_USER), E_CONFIG);
	assert_string_equal(f->cx.text, "f.toml:2: t.tools: expected strings in the array");
}

static void a_project_sets_only_what_is_safe(void **state)
{
	struct fix *f = *state;

	assert_int_equal(config(f, "[t]\nmode = 'cache'\nport = 1", OPT_FROM_PROJECT), E_OK);
	assert_int_equal(f->args.mode, 2);
	assert_int_equal(f->args.port, 8787);
	assert_int_equal(f->r.notes.n, 1);
	check_str(f->r.notes.v[0].text, "f.toml:3: t.port cannot be set by a project; ignored");
	assert_false(f->r.notes.v[0].is_minor);
}

static void an_old_name_of_a_choice_works_with_a_note(void **state)
{
	struct fix *f = *state;

	read_ok(f, "--mode token_mode");
	assert_int_equal(f->args.mode, 1);
	assert_int_equal(f->r.notes.n, 1);
	check_str(f->r.notes.v[0].text, "--mode: 'token_mode' is an old name of 'token'");
	assert_true(f->r.notes.v[0].is_minor);
}

static void what_is_planned_is_refused_wherever_it_is_asked_for(void **state)
{
	struct fix *f = *state;

	read_fails(f, "--later=1", E_UNSUPPORTED, "--later is not built yet");
	read_fails(f, "--region", E_UNSUPPORTED, "--region is not built yet");
	read_fails(f, "--region x", E_UNSUPPORTED, "--region is not built yet");
	read_fails(f, "--backend", E_USAGE, "--backend needs a value (NAME)");
	read_fails(f, "--backend other", E_UNSUPPORTED,
		"--backend: 'other' is not built yet (only direct)");
	read_fails(f, "--backend=other", E_UNSUPPORTED,
		"--backend: 'other' is not built yet (only direct)");
	assert_int_equal(env(f, "HEADROOM_LATER=1"), E_UNSUPPORTED);
	assert_string_equal(f->cx.text, "HEADROOM_LATER is not built yet");
	assert_int_equal(env(f, "HEADROOM_LATER=perhaps"), E_UNSUPPORTED);
	assert_int_equal(env(f, "HEADROOM_BACKEND=other"), E_UNSUPPORTED);
	assert_int_equal(config(f, "[t]\nlater = true\n", OPT_FROM_USER), E_UNSUPPORTED);
	assert_string_equal(f->cx.text, "f.toml:2: t.later is not built yet");
	assert_int_equal(config(f, "[t]\ntop = 11\n", OPT_FROM_PROJECT), E_UNSUPPORTED);
	assert_int_equal(config(f, "[t]\nbackend = ['direct']\n", OPT_FROM_USER), E_UNSUPPORTED);
}

static void what_asks_for_nothing_that_is_planned_is_let_pass(void **state)
{
	const struct args untouched = ((struct fix *)*state)->args;
	struct fix *f = *state;

	read_ok(f, "--no-later --backend direct --backend=direct --top 10");
	assert_int_equal(env(f, "HEADROOM_LATER=off|HEADROOM_BACKEND=direct"), E_OK);
	assert_int_equal(env(f, "HEADROOM_LATER=|HEADROOM_BACKEND="), E_OK);
	assert_int_equal(
		config(f, "[t]\nlater = false\nbackend = 'direct'\ntop = 10\n", OPT_FROM_USER),
		E_OK);
	f->r.skips_planned = true;
	assert_int_equal(env(f, "HEADROOM_LATER=1"), E_OK);
	assert_int_equal(config(f, "[t]\nlater = true\n", OPT_FROM_USER), E_OK);
	assert_memory_equal(&untouched, &f->args, sizeof untouched);
}

static void written_values_read_back_the_same(void **state)
{
	static const char *const lines[] = {"--size 1 --wait 250ms --ratio 0.1",
		"--size 65537 --wait 90s", "--size 3G --wait 7d --ratio 0.3333333333333333",
		"--wait 0 --tools a,b --model x --output y"};
	struct fix *f = *state;

	for (size_t l = 0; l < ARRAY_N(lines); l++) {
		read_ok(f, lines[l]);
		for (size_t i = 0; i < ARRAY_N(opts); i++) {
			struct args again = {0};
			void *field = opt_field(&f->group, &opts[i]);
			struct buf b, text, config_text;
			struct toml_doc d;

			if (!opt_value_is_set(&opts[i], field) || opts[i].flags & OPT_PLANNED ||
				(opts[i].type == OPT_DOUBLE && f->args.ratio == 0))
				continue;
			buf_init_arena(&text, &f->a, 1024);
			opt_value_write(&opts[i], field, &text);
			buf_init_arena(&config_text, &f->a, 1024);
			buf_add_c(&config_text, "x = ");
			opt_value_literal(&opts[i], field, &config_text);
			assert_int_equal(
				toml_parse(&f->a, buf_str(&config_text), &d, &f->cx), E_OK);
			assert_int_equal(
				opt_value_from_toml(&f->a, &opts[i], "x", &d.items[0].value,
					(char *)&again + opts[i].off, &f->cx),
				E_OK);
			buf_init_arena(&b, &f->a, 1024);
			opt_value_write(&opts[i], (char *)&again + opts[i].off, &b);
			assert_true(str_eq(buf_str(&b), buf_str(&text)));
		}
	}
}

static void sizes_and_durations_are_written_short(void **state)
{
	static const struct {
		const char *line, *want;
		size_t opt;
	} cases[] = {{"--size 1536", "1536", 7}, {"--size 2048", "2k", 7},
		{"--size 10485760", "10M", 7}, {"--wait 1500ms", "1500ms", 5},
		{"--wait 120s", "2m", 5}, {"--wait 24h", "1d", 5}};
	struct fix *f = *state;

	for (size_t i = 0; i < ARRAY_N(cases); i++) {
		struct buf b;

		read_ok(f, cases[i].line);
		buf_init_arena(&b, &f->a, 64);
		opt_value_write(&opts[cases[i].opt], opt_field(&f->group, &opts[cases[i].opt]), &b);
		check_str(buf_str(&b), cases[i].want);
	}
}

static void distance_counts_swaps_as_one(void **state)
{
	(void)state;
	assert_int_equal(suggest_distance(STR("moed"), STR("mode")), 1);
	assert_int_equal(suggest_distance(STR(""), STR("abc")), 3);
	assert_int_equal(suggest_distance(STR("kitten"), STR("sitting")), 3);
	assert_int_equal(suggest_distance(STR("same"), STR("same")), 0);
	assert_int_equal(suggest_distance(STR("ab"), STR("ba")), 1);
}

static void suggestions_are_near_or_none(void **state)
{
	struct suggest s = suggest_for(STR("comprss"));

	(void)state;
	suggest_offer(&s, STR("completions"));
	suggest_offer(&s, STR("x"));
	assert_int_equal(s.best.n, 0);
	suggest_offer(&s, STR("compress"));
	check_str(s.best, "compress");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(defaults_fill_every_field),
		TEST(reads_every_type_from_the_line),
		TEST(operands_and_options_mix_until_two_dashes),
		TEST(reading_can_stop_at_the_first_operand),
		TEST(reading_can_stop_at_what_is_not_known),
		TEST(letters_bundle_and_the_last_takes_the_rest),
		TEST(the_last_of_repeated_options_wins),
		TEST(errors_name_the_option_and_what_it_takes),
		TEST(unknown_options_are_refused_with_the_nearest_name),
		TEST(prefixes_of_options_are_not_accepted),
		TEST(a_higher_source_wins_in_any_order_of_reading),
		TEST(lists_of_different_sources_do_not_mix),
		TEST(variables_have_older_names_and_empty_ones_count_as_unset),
		TEST(a_bad_variable_is_named),
		TEST(a_bad_key_is_named_with_file_and_line),
		TEST(a_project_sets_only_what_is_safe),
		TEST(an_old_name_of_a_choice_works_with_a_note),
		TEST(what_is_planned_is_refused_wherever_it_is_asked_for),
		TEST(what_asks_for_nothing_that_is_planned_is_let_pass),
		TEST(written_values_read_back_the_same),
		TEST(sizes_and_durations_are_written_short),
		TEST(distance_counts_swaps_as_one),
		TEST(suggestions_are_near_or_none),
	};

	return cmocka_run_group_tests_name("opt", tests, NULL, NULL);
}
