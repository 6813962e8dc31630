#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/json/patch.h"

/* A small generator, so that a failure comes back with the same seed. */
static uint32_t next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

static void expect(str doc, const struct patch_edit *edits, size_t n, const char *want)
{
	struct buf out;

	buf_init(&out, LIMIT_INPUT);
	assert_int_equal(patch_apply(doc, edits, n, &out), E_OK);
	assert_int_equal(out.n, strlen(want));
	assert_memory_equal(out.p ? out.p : "", want, out.n);
	buf_release(&out);
}

static enum err apply_and_drop(str doc, const struct patch_edit *edits, size_t n, size_t max)
{
	struct buf out;
	enum err e;

	buf_init(&out, max);
	e = patch_apply(doc, edits, n, &out);
	buf_release(&out);
	return e;
}

static void no_edits_give_the_same_bytes(void **state)
{
	(void)state;
	expect(STR(""), NULL, 0, "");
	expect(STR("{\"a\": 1.0}"), NULL, 0, "{\"a\": 1.0}");
}

static void edits_replace_insert_and_delete(void **state)
{
	struct patch_edit edits[] = {
		{{0, 0}, STR("<")},
		{{1, 3}, STR("")},
		{{3, 3}, STR("x")},
		{{3, 4}, STR("yz")},
		{{6, 6}, STR(">")},
	};

	(void)state;
	expect(STR("abcdef"), edits, ARRAY_N(edits), "<axyzef>");
}

static void output_is_appended_to_what_is_there(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 16);
	buf_add_c(&out, "head:");
	assert_int_equal(
		patch_apply(STR("ab"), &(struct patch_edit){{1, 2}, STR("B")}, 1, &out), E_OK);
	assert_true(str_eq(buf_str(&out), STR("head:aB")));
	buf_release(&out);
}

static void overlapping_or_outside_edits_are_an_internal_error(void **state)
{
	const struct patch_edit overlap[] = {{{0, 3}, STR("")}, {{2, 4}, STR("")}};
	const struct patch_edit unsorted[] = {{{3, 4}, STR("")}, {{0, 1}, STR("")}};
	const struct patch_edit outside = {{4, 7}, STR("")}, backwards = {{3, 2}, STR("")};

	(void)state;
	assert_int_equal(apply_and_drop(STR("abcdef"), overlap, 2, 100), E_INTERNAL);
	assert_int_equal(apply_and_drop(STR("abcdef"), unsorted, 2, 100), E_INTERNAL);
	assert_int_equal(apply_and_drop(STR("abcdef"), &outside, 1, 100), E_INTERNAL);
	assert_int_equal(apply_and_drop(STR("abcdef"), &backwards, 1, 100), E_INTERNAL);
}

static void a_result_over_the_maximum_of_the_buffer_is_too_big(void **state)
{
	(void)state;
	assert_int_equal(
		apply_and_drop(STR("abcdef"), &(struct patch_edit){{0, 0}, STR("x")}, 1, 6),
		E_TOO_BIG);
}

static void memory_failure_is_reported(void **state)
{
	(void)state;
	mem_fail_after(1);
	assert_int_equal(apply_and_drop(STR("abcdef"), NULL, 0, 100), E_NOMEM);
	mem_fail_after(0);
}

enum { MANY = 500 };

static void make_unsorted(struct patch_edit *edits, size_t n, uint32_t *seed)
{
	static const char letters[MANY + 1];

	for (size_t i = 0; i < n; i++) {
		uint32_t start = next_random(seed) % 40;

		/* The length of the text remembers the order in which it came. */
		edits[i] =
			(struct patch_edit){{start, start + next_random(seed) % 3}, {letters, i}};
	}
}

static void check_stable_order(const struct patch_edit *edits, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		const struct patch_edit *a = &edits[i - 1], *b = &edits[i];

		assert_true(a->at.start <= b->at.start);
		if (a->at.start == b->at.start)
			assert_true(a->at.end < b->at.end ||
				    (a->at.end == b->at.end && a->text.n < b->text.n));
	}
}

static void sorting_is_stable_for_any_number(void **state)
{
	struct patch_edit edits[MANY];
	uint32_t seed = 7;

	(void)state;
	for (size_t n = 0; n <= MANY; n += n < 70 ? 1 : 43) {
		make_unsorted(edits, n, &seed);
		patch_sort(edits, n);
		check_stable_order(edits, n);
	}
}

static void sorting_without_memory_gives_the_same_order(void **state)
{
	struct patch_edit edits[MANY];
	uint32_t seed = 8;

	(void)state;
	make_unsorted(edits, MANY, &seed);
	mem_fail_after(1);
	patch_sort(edits, MANY);
	mem_fail_after(0);
	check_stable_order(edits, MANY);
}

/* Byte by byte: what an edit covers is skipped, its text comes before the byte at its start. */
static size_t apply_naively(str doc, const struct patch_edit *edits, size_t n, char *out)
{
	size_t to = 0;

	for (size_t at = 0; at <= doc.n; at++) {
		bool is_covered = at == doc.n;

		for (size_t i = 0; i < n; i++) {
			if (edits[i].at.start == at) {
				memcpy(out + to, edits[i].text.p, edits[i].text.n);
				to += edits[i].text.n;
			}
			is_covered |= at >= edits[i].at.start && at < edits[i].at.end;
		}
		if (!is_covered)
			out[to++] = doc.p[at];
	}
	return to;
}

static void random_edits_equal_a_naive_splice(void **state)
{
	static const char text[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	uint32_t seed = 9;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		struct patch_edit edits[12];
		char doc[64], want[1024];
		size_t doc_n = next_random(&seed) % sizeof doc, n = 0, at = 0, want_n;
		struct buf out;

		for (size_t i = 0; i < doc_n; i++)
			doc[i] = (char)('a' + next_random(&seed) % 26);
		while (n < ARRAY_N(edits) && (at += next_random(&seed) % 8) <= doc_n) {
			size_t end = at + next_random(&seed) % 4;

			end = end > doc_n ? doc_n : end;
			edits[n++] = (struct patch_edit){
				{(uint32_t)at, (uint32_t)end}, {text, next_random(&seed) % 36}};
			at = end;
		}
		patch_sort(edits, n);
		want_n = apply_naively((str){doc, doc_n}, edits, n, want);
		buf_init(&out, LIMIT_INPUT);
		assert_int_equal(patch_apply((str){doc, doc_n}, edits, n, &out), E_OK);
		assert_true(str_eq(buf_str(&out), (str){want, want_n}));
		buf_release(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_edits_give_the_same_bytes),
		cmocka_unit_test(edits_replace_insert_and_delete),
		cmocka_unit_test(output_is_appended_to_what_is_there),
		cmocka_unit_test(overlapping_or_outside_edits_are_an_internal_error),
		cmocka_unit_test(a_result_over_the_maximum_of_the_buffer_is_too_big),
		cmocka_unit_test(memory_failure_is_reported),
		cmocka_unit_test(sorting_is_stable_for_any_number),
		cmocka_unit_test(sorting_without_memory_gives_the_same_order),
		cmocka_unit_test(random_edits_equal_a_naive_splice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
