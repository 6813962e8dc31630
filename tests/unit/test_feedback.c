/* What retrievals teach: the levels of encoders, from the counts in the store. */
#include "tests/unit/store_fixture.h"

#include "core/store/feedback.h"

static const struct feedback_key pytest = {STR("Bash"), STR("log"), STR("log/pytest")};
static const struct feedback_key cargo = {STR("Bash"), STR("log"), STR("log/cargo")};

/* Keeps and elides the nth text. */
static struct original_key elide(struct fixture *f, struct store *s, const struct feedback_key *k,
	enum feedback_level level, uint64_t n)
{
	struct original_key key = put_noise(f, s, 64, n);

	assert_int_equal(feedback_elided(s, k, key.hex, level, &f->cx), E_OK);
	return key;
}

static void ask(struct fixture *f, struct store *s, struct original_key key)
{
	assert_int_equal(feedback_retrieved(s, str_from(key.hex), false, &f->cx), E_OK);
}

static void take(void *self, const struct feedback_row *row)
{
	struct feedback_row *out = self;

	if (str_eq(row->key.shape, pytest.shape))
		*out = *row;
}

/* The row of pytest; its texts mean nothing. */
static struct feedback_row row_of(struct fixture *f, struct store *s)
{
	struct feedback_row row = {0};

	flush(f, s);
	assert_int_equal(feedback_each(s, STR(""), take, &row, &f->cx), E_OK);
	return row;
}

static enum feedback_level level_now(struct fixture *f, struct store *s, bool is_probe)
{
	flush(f, s);
	buf_reset(&f->out);
	assert_int_equal(feedback_snapshot(s, is_probe, &f->out, &f->cx), E_OK);
	assert_int_equal(feedback_level_in(buf_str(&f->out), &cargo), FEEDBACK_NORMAL);
	return feedback_level_in(buf_str(&f->out), &pytest);
}

/* n texts, of which so many are asked for, evenly. */
static void run(
	struct fixture *f, struct store *s, enum feedback_level level, unsigned n, unsigned asked)
{
	static uint64_t seed = 1000;

	for (unsigned i = 0; i < n; i++) {
		struct original_key key = elide(f, s, &pytest, level, seed++);

		if ((i + 1) * asked / n > i * asked / n)
			ask(f, s, key);
	}
}

static void what_is_asked_for_is_left_out_less_then_not_and_comes_back(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);

	elide(f, s, &cargo, FEEDBACK_NORMAL, 1);
	run(f, s, FEEDBACK_NORMAL, 19, 19);
	assert_int_equal(level_now(f, s, false), FEEDBACK_NORMAL); /* too few to tell */
	run(f, s, FEEDBACK_NORMAL, 1, 1);
	assert_int_equal(level_now(f, s, false), FEEDBACK_GENTLE);
	run(f, s, FEEDBACK_GENTLE, 40, 15); /* between the thresholds nothing changes */
	assert_int_equal(level_now(f, s, false), FEEDBACK_GENTLE);
	run(f, s, FEEDBACK_GENTLE, 12, 12);
	assert_int_equal(level_now(f, s, false), FEEDBACK_EXACT);
	assert_int_equal(level_now(f, s, true), FEEDBACK_GENTLE); /* a probe */
	run(f, s, FEEDBACK_GENTLE, 20, 0);
	assert_int_equal(level_now(f, s, false), FEEDBACK_GENTLE);
	run(f, s, FEEDBACK_GENTLE, 20, 3);
	assert_int_equal(level_now(f, s, false), FEEDBACK_NORMAL);
	assert_int_equal(row_of(f, s).elided, 112);
	assert_int_equal(row_of(f, s).retrieved, 20 + 15 + 12 + 3);
	store_close(s);
}

static void levels_outlive_the_process(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);

	run(f, s, FEEDBACK_NORMAL, 20, 20);
	store_close(s);
	s = open_with(f, (struct store_conf){.is_read_only = true});
	buf_reset(&f->out);
	assert_int_equal(feedback_snapshot(s, false, &f->out, &f->cx), E_OK);
	assert_true(str_eq_c(buf_str(&f->out), "gentle Bash log log/pytest\n"));
	assert_int_equal(feedback_retrieved(s, STR("0123456789ab"), true, &f->cx), E_PERMISSION);
	store_close(s);
}

static void an_original_counts_once_for_each_time_it_was_left_out(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct original_key key = elide(f, s, &pytest, FEEDBACK_NORMAL, 7);

	ask(f, s, key);
	ask(f, s, key);
	assert_int_equal(row_of(f, s).retrieved, 1);
	elide(f, s, &pytest, FEEDBACK_NORMAL, 7);
	assert_int_equal(
		feedback_retrieved(s, str_sub(str_from(key.hex), 0, 12), true, &f->cx), E_OK);
	ask(f, s, key);
	assert_int_equal(row_of(f, s).retrieved, 2);
	assert_int_equal(row_of(f, s).whole, 1);
	assert_int_equal(row_of(f, s).elided, 2);
	store_close(s);
}

/* Originals that were kept and not left out of, and those of somebody else, teach nothing. */
static void other_originals_do_not_count(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);

	run(f, s, FEEDBACK_NORMAL, 20, 0);
	ask(f, s, put_noise(f, s, 64, 1));
	assert_int_equal(
		feedback_retrieved(s, STR("0123456789abcdef01234567"), true, &f->cx), E_OK);
	assert_int_equal(feedback_retrieved(s, STR("nonsense"), true, &f->cx), E_MALFORMED);
	assert_int_equal(row_of(f, s).retrieved, 0);
	store_close(s);
}

/* What was left out at another level does not tell how the present one does. */
static void old_levels_judge_no_new_ones(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct original_key old[15];

	for (unsigned i = 0; i < 15; i++)
		old[i] = elide(f, s, &pytest, FEEDBACK_NORMAL, 100 + i);
	run(f, s, FEEDBACK_NORMAL, 25, 25);
	assert_int_equal(level_now(f, s, false), FEEDBACK_GENTLE);
	run(f, s, FEEDBACK_GENTLE, 15, 0);
	run(f, s, FEEDBACK_NORMAL, 15, 15); /* of conversations that began before */
	for (unsigned i = 0; i < 15; i++)
		ask(f, s, old[i]);
	assert_int_equal(level_now(f, s, false), FEEDBACK_GENTLE);
	assert_int_equal(row_of(f, s).recent_retrieved, 0);
	run(f, s, FEEDBACK_GENTLE, 5, 0);
	assert_int_equal(level_now(f, s, false), FEEDBACK_NORMAL);
	store_close(s);
}

static void a_reset_forgets(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct original_key key = elide(f, s, &pytest, FEEDBACK_NORMAL, 1);

	run(f, s, FEEDBACK_NORMAL, 20, 20);
	assert_int_equal(feedback_reset(s, STR("Read"), &f->cx), E_OK);
	assert_int_equal(level_now(f, s, false), FEEDBACK_GENTLE);
	assert_int_equal(feedback_reset(s, STR("Bash"), &f->cx), E_OK);
	assert_int_equal(level_now(f, s, false), FEEDBACK_NORMAL);
	assert_int_equal(row_of(f, s).elided, 0);
	assert_int_equal(sql(f, "SELECT count(*) FROM elision"), 0);
	elide(f, s, &cargo, FEEDBACK_NORMAL, 2); /* takes the place in the table */
	ask(f, s, key);
	assert_int_equal(row_of(f, s).retrieved, 0);
	assert_int_equal(sql(f, "SELECT retrieved FROM feedback"), 0);
	assert_int_equal(feedback_reset(s, STR(""), &f->cx), E_OK);
	flush(f, s);
	assert_int_equal(sql(f, "SELECT count(*) FROM feedback"), 0);
	store_close(s);
}

static void names_are_bounded_and_clean(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	char *name = noise(300, 3);
	struct feedback_key k = {{name, 300}, STR("log"), STR("a b\nc\xff")};

	for (uint64_t i = 0; i < 20; i++)
		ask(f, s, elide(f, s, &k, FEEDBACK_NORMAL, i));
	flush(f, s);
	buf_reset(&f->out);
	assert_int_equal(feedback_snapshot(s, false, &f->out, &f->cx), E_OK);
	assert_int_equal(feedback_level_in(buf_str(&f->out), &k), FEEDBACK_GENTLE);
	assert_string_equal(sql_text(f, "SELECT shape FROM feedback"), "a_b_c_");
	assert_int_equal(sql(f, "SELECT length(tool) FROM feedback"), FEEDBACK_NAME_MAX);
	free(name);
	store_close(s);
}

static void rows_are_bounded(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	char shape[32];

	for (uint64_t i = 0; i < FEEDBACK_ROWS + 1; i++) {
		int n = snprintf(shape, sizeof shape, "shape %u", (unsigned)i);
		struct feedback_key k = {STR("Bash"), STR("log"), {shape, (size_t)n}};

		elide(f, s, &k, FEEDBACK_NORMAL, i);
		pass_time(1);
	}
	flush(f, s);
	assert_int_equal(sql(f, "SELECT count(*) FROM feedback"), FEEDBACK_ROWS / 8 * 7);
	assert_int_equal(sql(f, "SELECT count(*) FROM elision"), FEEDBACK_ROWS / 8 * 7);
	assert_int_equal(sql(f, "SELECT count(*) FROM feedback WHERE shape = 'shape_1024'"), 1);
	store_close(s);
}

static void an_elision_goes_with_its_original(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_with(f, (struct store_conf){.lease_ms = 1000, .keep_ms = 2000});
	struct original_key key = elide(f, s, &pytest, FEEDBACK_NORMAL, 1);

	flush(f, s);
	assert_int_equal(sql(f, "SELECT count(*) FROM elision"), 1);
	pass_time(3600 * 1000 + 1);
	put(f, s, 1, "makes the writer look");
	flush(f, s);
	assert_int_equal(get(f, s, key.hex), E_NOT_FOUND);
	assert_int_equal(sql(f, "SELECT count(*) FROM elision"), 0);
	store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TM(what_is_asked_for_is_left_out_less_then_not_and_comes_back),
		T(levels_outlive_the_process),
		T(an_original_counts_once_for_each_time_it_was_left_out),
		T(other_originals_do_not_count),
		T(old_levels_judge_no_new_ones),
		T(a_reset_forgets),
		T(names_are_bounded_and_clean),
		T(rows_are_bounded),
		T(an_elision_goes_with_its_original),
	};

	return cmocka_run_group_tests_name("feedback", tests, NULL, NULL);
}
