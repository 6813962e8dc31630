/* Random files of every format: edits are undone byte for byte, whoever else edits the same file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/edit_help.h"

enum { ROUNDS = 150 };

static void make_random_file(
	struct place *p, struct rng *r, struct arena *a, const struct key *k, str *text)
{
	struct buf b;

	buf_init_arena(&b, a, LIMIT_CONFIG_FILE);
	add_random_file(r, &b, k->format);
	*text = b.n ? buf_str(&b) : STR("");
	write_text(p->file, *text);
}

static void undo_gives_the_same_bytes(void **state)
{
	struct place *p = *state;
	unsigned made = 0, refused = 0;

	for (unsigned i = 0; i < ROUNDS * ARRAY_N(keys); i++) {
		const struct key *k = keys[i % ARRAY_N(keys)];
		struct rng r = rng_new(i);
		struct arena a = ARENA_INIT;
		str text;

		make_random_file(p, &r, &a, k, &text);
		if (apply_as(p, nobody, k, k->literal) == E_OK) {
			assert_false(str_eq(read_text(&a, p->file), text));
			assert_int_equal(p->told[EDIT_MADE], 1);
			undo(p, &all);
			assert_int_equal(p->told[EDIT_UNDONE], 1);
			made++;
		} else {
			refused++;
		}
		expect_text(p->file, text);
		expect_no_journal(p);
		arena_release(&a);
	}
	/* Most of what is generated can be edited: else this proves little. */
	print_message("%u made, %u refused\n", made, refused);
	assert_true(refused * 5 < made);
}

/* A line of a comment in front of, or behind, what is there. */
static str user_line(struct arena *a, const struct key *k, str text)
{
	bool has_bom = str_starts(text, STR("\xef\xbb\xbf"));
	str rest = str_sub(text, has_bom ? 3 : 0, text.n);
	const char *comment = k->format == &edit_format_json    ? "// by the user\n"
			      : k->format == &edit_format_yaml  ? "# by the user\n"
			      : k->format == &edit_format_toml  ? "# by the user\n"
			      : k->format == &edit_format_shell ? "export USER=1\n"
								: "The user's.\n";

	if (rest.n >= 3 && str_starts(rest, STR("---")))
		return arena_printf(a, STR_FMT "\n%s", STR_ARG(text), comment);
	return arena_printf(
		a, "%s%s" STR_FMT, has_bom ? "\xef\xbb\xbf" : "", comment, STR_ARG(rest));
}

static void the_users_changes_are_kept(void **state)
{
	struct place *p = *state;
	unsigned exact = 0, n = 0;

	for (unsigned i = 0; i < ROUNDS * ARRAY_N(keys); i++) {
		const struct key *k = keys[i % ARRAY_N(keys)];
		struct rng r = rng_new(i + 1000);
		struct arena a = ARENA_INIT;
		str text, now, want;

		make_random_file(p, &r, &a, k, &text);
		if (apply_as(p, nobody, k, k->literal) == E_OK && text.n) {
			str value;
			struct errctx cx = {0};
			struct edit_path path = {k->part, k->part_n};

			write_text(p->file, user_line(&a, k, read_text(&a, p->file)));
			undo(p, &all);
			assert_int_equal(p->told[EDIT_UNDONE], 1);
			now = read_text(&a, p->file);
			want = user_line(&a, k, text);
			/* Without our key, or with its old value; with the user's line; else as before. */
			if (edit_get(&a, k->format, text, path, &value, &cx) == E_OK)
				assert_int_equal(
					edit_get(&a, k->format, now, path, &value, &cx), E_OK);
			else
				assert_int_equal(edit_get(&a, k->format, now, path, &value, &cx),
					E_NOT_FOUND);
			assert_true(str_find(now, STR("USER")) != STR_NONE ||
				    str_find(now, STR("user")) != STR_NONE);
			exact += str_eq(now, want);
			n++;
		}
		undo(p, &all);
		expect_no_journal(p);
		arena_release(&a);
	}
	print_message("%u of %u byte for byte\n", exact, n);
	assert_true(exact * 10 > n * 8);
}

/* Two owners of the same key, with the same or another value, in either order of leaving: the last one brings the
 * original back. */
static void two_owners_share_a_key(void **state)
{
	struct place *p = *state;

	for (unsigned i = 0; i < ROUNDS * ARRAY_N(keys); i++) {
		const struct key *k = keys[i % ARRAY_N(keys)];
		struct rng r = rng_new(i + 2000);
		struct arena a = ARENA_INIT;
		bool is_same = rng_once_in(&r, 2), leaves_first = rng_once_in(&r, 2);
		str text, mine, theirs;

		make_random_file(p, &r, &a, k, &text);
		if (apply_as(p, nobody, k, k->literal) == E_OK) {
			mine = read_text(&a, p->file);
			assert_int_equal(
				apply_as(p, first, k, is_same ? k->literal : k->other), E_OK);
			assert_int_equal(p->told[is_same ? EDIT_JOINED : EDIT_MADE], 1);
			theirs = read_text(&a, p->file);
			undo_of(p, leaves_first ? &nobody : &first);
			expect_text(p->file, leaves_first ? theirs : mine);
			undo_of(p, leaves_first ? &first : &nobody);
		}
		expect_text(p->file, text);
		expect_no_journal(p);
		arena_release(&a);
	}
}

/* Two owners of two keys of one file. Whoever leaves, what is left is as if it had never been there. */
static void two_owners_share_a_file(void **state)
{
	struct place *p = *state;

	for (unsigned i = 0; i < ROUNDS * 2; i++) {
		const struct key *x = i % 2 ? &json_key : &toml_key;
		const struct key *y = i % 2 ? &json_object_key : &toml_root_key;
		struct rng r = rng_new(i + 3000);
		struct arena a = ARENA_INIT;
		str text, alone;

		make_random_file(p, &r, &a, x, &text);
		if (apply_as(p, first, y, y->literal) == E_OK) {
			alone = read_text(&a, p->file);
			undo(p, &all);
			if (apply_as(p, nobody, x, x->literal) == E_OK) {
				assert_int_equal(apply_as(p, first, y, y->literal), E_OK);
				undo_of(p, &nobody);
				assert_int_equal(p->told[EDIT_UNDONE], 1);
				expect_text(p->file, alone);
				undo_of(p, &first);
			}
		}
		expect_text(p->file, text);
		expect_no_journal(p);
		arena_release(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(undo_gives_the_same_bytes),
		TEST(the_users_changes_are_kept),
		TEST(two_owners_share_a_key),
		TEST(two_owners_share_a_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
