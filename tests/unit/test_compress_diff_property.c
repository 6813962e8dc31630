/* What must hold for every diff, shown on made-up ones: what is exact decodes to the same bytes, what is elided keeps
 * its contract, and a text from which something was taken away does not. HEADROOM_SEEDS=1000000 in the
 * environment makes it a longer run. */

#include "core/compress/diff/diff.h"
#include "core/compress/diff/parse.h"
#include "tests/unit/compress_help.h"
#include "tests/unit/random_diff.h"
#include "tests/unit/seeds.h"

enum { SEEDS = 4000 };

static str made(struct rng *r, struct arena *a)
{
	struct buf b;

	buf_init_arena(&b, a, (size_t)1 << 24);
	add_diff(r, &b);
	return buf_str(&b);
}

static struct codec_in in_of(str text, bool may_elide)
{
	return (struct codec_in){.text = text,
		.kind = KIND_DIFF,
		.route = may_elide ? STR("headroom retrieve 3f") : STR_NULL};
}

/* The text without one of its lines, or with a byte changed, or cut off. *where: the line that it happens to. */
static str spoilt(struct rng *r, str text, struct arena *a, str *where)
{
	char *copy = arena_alloc(a, text.n + 1, 1);
	size_t at = rng_below(r, (uint32_t)text.n), from = at;
	str line;

	while (from && text.p[from - 1] != '\n')
		from--;
	*where = line = diff_line(text, from);
	memcpy(copy, text.p, text.n);
	switch (rng_below(r, 3)) {
	case 0:
		copy[at] = "+- @[]d\n0"[rng_below(r, 9)];
		return (str){copy, text.n};
	case 1:
		return (str){copy, at};
	default:
		memmove(copy + from, copy + from + line.n, text.n - from - line.n);
		return (str){copy, text.n - line.n};
	}
}

static void show_and_fail(str text, str made)
{
	(void)fprintf(stderr, "text:\n" STR_FMT "\nmade of it:\n" STR_FMT "\n", STR_ARG(text),
		STR_ARG(made));
	fail();
}

static bool has_move(str text)
{
	return str_find(text, STR(" lines removed, as added at ")) != STR_NONE ||
	       str_find(text, STR(" lines added, as removed at ")) != STR_NONE;
}

static void check_exact(struct rng *r, str text, struct arena *a, unsigned *done, unsigned *moved)
{
	struct codec_in in = in_of(text, false);
	struct codec_out out, again;
	str back, where;

	if (!diff_codec.encode(&in, a, &out))
		return;
	++*done;
	*moved += has_move(out.text);
	assert_int_equal(out.form, CODEC_EXACT);
	assert_true(out.text.n < text.n);
	if (!diff_codec.decode(out.text, a, &back) || !str_eq(back, text))
		show_and_fail(text, out.text);
	assert_true(diff_codec.encode(&in, a, &again));
	assert_true(str_eq(again.text, out.text));
	in.text = out.text;
	assert_false(diff_codec.encode(&in, a, &again));
	(void)diff_codec.decode(spoilt(r, out.text, a, &where), a, &back);
}

/* A line of a hunk, its header, or counts: not the header of a file, where one thing may be said twice, nor the
 * head line with its route, which the contract does not know. */
static bool is_fact(str line)
{
	return line.n && strchr("+- @[", *line.p) && *line.p && !str_starts(line, STR("--- ")) &&
	       !str_starts(line, STR("+++ ")) && !str_starts(line, STR("[diff: "));
}

static void check_elided(struct rng *r, str text, struct arena *a, unsigned *done)
{
	struct codec_in in = in_of(text, true);
	struct codec_out out;
	str less, where;

	if (!diff_codec.encode(&in, a, &out))
		return;
	++*done;
	assert_int_equal(out.form, CODEC_ELIDED);
	assert_true(out.text.n < text.n);
	if (!diff_codec.holds(text, out.text, a))
		show_and_fail(text, out.text);
	less = spoilt(r, out.text, a, &where);
	if (is_fact(where) && !str_eq(less, out.text) && diff_codec.holds(text, less, a))
		show_and_fail(text, less);
}

static void every_diff_comes_back_or_keeps_its_contract(void **state)
{
	uint64_t n = seeds_or(SEEDS);
	unsigned exact = 0, elided = 0, moved = 0;

	(void)state;
	for (uint64_t seed = 0; seed < n; seed++) {
		struct arena a = ARENA_INIT;
		struct rng r = rng_new(seed);
		str text = made(&r, &a);

		check_exact(&r, text, &a, &exact, &moved);
		check_elided(&r, text, &a, &elided);
		arena_release(&a);
	}
	/* most of them are encoded at all */
	assert_true(exact > n / 2);
	assert_true(elided > n / 2);
	assert_true(moved > n / 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_diff_comes_back_or_keeps_its_contract),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
