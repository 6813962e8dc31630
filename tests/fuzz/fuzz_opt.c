/* Any command line, environment and configuration file: the first line of the input is the file (its line ends
 * written as ';'), the second the variables and the third the arguments, both separated by blanks. What is
 * accepted reads back the same when it is written out. */
#include <stdint.h>

#include "core/base/check.h"
#include "core/base/opt_value.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { WORDS_MAX = 64, TEXT_MAX = 1 << 14 };

struct args {
	bool flag, negatable;
	int count, choice;
	int64_t number, duration;
	double real;
	uint64_t size;
	str string;
	const char *path;
	struct opt_list list;
};

static const struct opt_choice choices[] = {{"one", 1, false, NULL}, {"two", 2, false, NULL},
	{"uno", 1, true, NULL}, {NULL, 0, false, NULL}};

#define ROW(f, kind)                                                                    \
	.name = #f, .type = OPT_##kind, .env = "E_" #f, .key = "t." #f, .metavar = "X", \
	.help = "", .off = offsetof(struct args, f)
static const struct opt opts[] = {
	{ROW(flag, FLAG), .letter = 'f'},
	{ROW(negatable, FLAG), .flags = OPT_NEGATABLE | OPT_SAFE, .def = "true"},
	{ROW(count, COUNT), .letter = 'c'},
	{ROW(choice, ENUM), .choices = choices, .letter = 'e', .flags = OPT_SAFE},
	{ROW(number, INT), .min = -100, .max = 1e15, .letter = 'n'},
	{ROW(duration, DURATION), .min = 0, .max = OPT_NO_MAX},
	{ROW(real, DOUBLE), .min = -1e300, .max = 1e300},
	{ROW(size, SIZE), .min = 0, .max = OPT_NO_MAX},
	{ROW(string, STRING), .letter = 's'},
	{ROW(path, PATH), .letter = 'p'},
	{ROW(list, LIST), .letter = 'l', .flags = OPT_SAFE},
};

static size_t split(struct arena *a, str line, char **words)
{
	size_t n = 0;
	str word;

	while (n + 1 < WORDS_MAX && str_split(&line, ' ', &word))
		words[n++] = arena_cstr(a, word);
	words[n] = NULL;
	return n;
}

static void read_config(struct opt_reader *r, str line)
{
	char *text = arena_cstr(r->arena, line);
	struct errctx cx = {0};
	struct toml_doc d;

	for (size_t i = 0; i < line.n; i++)
		if (text[i] == ';')
			text[i] = '\n';
	if (toml_parse(r->arena, (str){text, line.n}, &d, &cx))
		return;
	if (opt_read_config(r, &d, "f", OPT_FROM_PROJECT, &cx) ||
		opt_read_config(r, &d, "f", OPT_FROM_USER, &cx))
		ASSERT(cx.code == E_CONFIG && cx.text[0]);
}

/* Written for the file, read from it, and written again: twice the same. */
static void check_value(struct arena *a, const struct opt *o, const void *field)
{
	struct args again = {0};
	struct errctx cx = {0};
	struct buf first, second;
	struct toml_doc d;
	void *copy = (char *)&again + o->off;

	if (!opt_value_is_set(o, field))
		return;
	buf_init_arena(&first, a, TEXT_MAX * 8);
	buf_add_c(&first, "x = ");
	opt_value_literal(o, field, &first);
	if (toml_parse(a, buf_str(&first), &d, &cx)) {
		/* Only texts can hold what a file cannot: bytes that are not UTF-8. */
		ASSERT(o->type == OPT_STRING || o->type == OPT_PATH || o->type == OPT_LIST);
		return;
	}
	if (opt_value_from_toml(a, o, "x", &d.items[0].value, copy, &cx)) {
		/* A flag's neighbour 0 may be out of range where nothing was given. */
		ASSERT(o->type == OPT_INT || o->type == OPT_PATH);
		return;
	}
	buf_init_arena(&second, a, TEXT_MAX * 8);
	buf_add_c(&second, "x = ");
	opt_value_literal(o, copy, &second);
	ASSERT(str_eq(buf_str(&first), buf_str(&second)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena a = ARENA_INIT;
	struct args args;
	struct opt_group g;
	struct opt_reader r = {.arena = &a, .groups = &g, .group_n = 1};
	struct opt_line line;
	struct errctx cx = {0};
	char *words[WORDS_MAX];
	str rest = {(const char *)data, n}, config = STR(""), env = STR(""), argv = STR("");

	if (n > TEXT_MAX || memchr(data, 0, n))
		return 0;
	opt_group_init(&g, &a, opts, ARRAY_N(opts), &args);
	(void)str_next_line(&rest, &config, NULL);
	(void)str_next_line(&rest, &env, NULL);
	(void)str_next_line(&rest, &argv, NULL);
	read_config(&r, config);
	(void)split(&a, env, words);
	if (opt_read_env(&r, words, &cx))
		ASSERT(cx.code == E_CONFIG && cx.text[0]);
	n = split(&a, argv, words);
	if (opt_read_line(&r, words, n, OPT_UNTIL_END, &line, &cx))
		ASSERT(cx.code == E_USAGE && cx.text[0]);
	else
		ASSERT(line.used == n && line.n <= n && !line.operands[line.n]);
	for (size_t i = 0; i < ARRAY_N(opts); i++)
		check_value(&a, &opts[i], opt_field(&g, &opts[i]));
	arena_release(&a);
	return 0;
}
