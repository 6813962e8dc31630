#include "tests/unit/ledger_help.h"
#include "tests/unit/seeds.h"

#include <math.h>

#include "core/base/mem.h"
#include "core/trial/report.h"

static void assert_near(double got, double want, double within)
{
	if (!(fabs(got - want) <= within))
		fail_msg("%.9g, not %.9g", got, want);
}

/* ---- figures: against a table worked by hand ---- */

static struct ledger_conversation conversation(bool is_held, uint64_t requests, int64_t cost_nano)
{
	return (struct ledger_conversation){.is_treated = !is_held,
		.is_held = is_held,
		.requests = requests,
		.turns = requests,
		.usage_n = requests,
		.priced_n = requests,
		.cost_nano = cost_nano};
}

static void add_n(struct trial *t, const struct ledger_conversation *c, int n)
{
	for (int i = 0; i < n; i++)
		trial_add(t, c);
}

/* 20 conversations of 1 request for $1 and 20 of 3 requests for $6: $140 for 80 requests is $1.75 each. Residuals y - R x are
 * 1 - 1.75 = -0.75 and 6 - 5.25 = 0.75, so the variance is 40/39 * 40 * 0.5625 / 80^2 = 0.00360577. Held out: 40 of 2 requests for $8,
 * $4 each, no spread. The difference is -2.25, give or take 1.959964 * 0.0600481 = 0.117692. */
static void a_difference_and_its_interval(void **state)
{
	struct trial t = {0};
	struct ledger_conversation small = conversation(false, 1, 1000000000);
	struct ledger_conversation large = conversation(false, 3, 6000000000);
	struct ledger_conversation held = conversation(true, 2, 8000000000);
	struct trial_figure f;

	(void)state;
	add_n(&t, &small, 20);
	add_n(&t, &large, 20);
	add_n(&t, &held, 40);
	assert_int_equal(t.conversations[TRIAL_TREATED], 40);
	assert_int_equal(t.requests[TRIAL_TREATED], 80);
	f = trial_figure(&t, TRIAL_COST_PER_REQUEST);
	assert_true(f.is_enough);
	assert_near(f.mean[TRIAL_TREATED], 1.75, 1e-9);
	assert_near(f.mean[TRIAL_HELD], 4, 1e-9);
	assert_near(f.difference, -2.25, 1e-9);
	assert_near(f.low, -2.25 - 0.117692, 1e-5);
	assert_near(f.high, -2.25 + 0.117692, 1e-5);
	/* 20 of 1 turn and 20 of 3: the mean is 2, the variance of the mean 40/39 * 40 / 1600 = 0.0256410 */
	f = trial_figure(&t, TRIAL_TURNS);
	assert_near(f.difference, 0, 1e-9);
	assert_near(f.high, 1.959964 * 0.160128, 1e-5);
}

static void too_few_are_said_to_be_too_few(void **state)
{
	struct trial t = {0};
	struct ledger_conversation treated = conversation(false, 1, 1000);
	struct ledger_conversation held = conversation(true, 1, 2000);
	struct trial_figure f;

	(void)state;
	add_n(&t, &treated, 1000);
	add_n(&t, &held, TRIAL_MIN - 1);
	f = trial_figure(&t, TRIAL_COST_PER_REQUEST);
	assert_false(f.is_enough);
	assert_near(f.mean[TRIAL_HELD], 2e-6, 1e-12);
	assert_true(f.difference == 0 && f.low == 0 && f.high == 0);
	trial_add(&t, &held);
	assert_true(trial_figure(&t, TRIAL_COST_PER_REQUEST).is_enough);
	/* of conversations without a price nothing is known */
	held.priced_n = 0;
	add_n(&t, &held, 100);
	assert_near(trial_figure(&t, TRIAL_COST_PER_CONVERSATION).mean[TRIAL_HELD], 2e-6, 1e-12);
}

static void who_was_both_is_neither(void **state)
{
	struct trial t = {0};
	struct ledger_conversation both = conversation(true, 1, 1000);

	(void)state;
	both.is_treated = true;
	trial_add(&t, &both);
	assert_int_equal(t.mixed, 1);
	assert_int_equal(t.conversations[TRIAL_HELD] + t.conversations[TRIAL_TREATED], 0);
}

static double random_unit(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (double)(*seed >> 11) / 0x1p53;
}

/* Turns of an agent's conversations: most are short, some very long. */
static struct ledger_conversation random_conversation(uint64_t *seed, bool is_held)
{
	uint64_t turns = (uint64_t)(1 + 8 * -log(1 - random_unit(seed)));
	double cost = 0;

	for (uint64_t i = 0; i < turns; i++)
		cost += 1e7 * (1 + (double)i) * (0.5 + random_unit(seed));
	return conversation(is_held, turns, (int64_t)cost);
}

/* Where there is no difference, the interval has 0 in it 95 times in 100; of 200 draws fewer than 176 (88 %) are a thing of one in a
 * hundred thousand. */
static void the_interval_is_what_it_says(void **state)
{
	uint64_t seeds_n = seeds_or(200), within[TRIAL_FIGURES_N] = {0};
	static const enum trial_figure_kind kinds[] = {
		TRIAL_COST_PER_REQUEST, TRIAL_COST_PER_CONVERSATION, TRIAL_TURNS};

	(void)state;
	for (uint64_t i = 1; i <= seeds_n; i++) {
		struct trial t = {0};
		uint64_t seed = i * 7919;

		for (int k = 0; k < 500; k++) {
			struct ledger_conversation c = random_conversation(&seed, k % 5 == 0);

			trial_add(&t, &c);
		}
		for (size_t k = 0; k < ARRAY_N(kinds); k++) {
			struct trial_figure f = trial_figure(&t, kinds[k]);

			within[kinds[k]] += f.low <= 0 && f.high >= 0;
		}
	}
	for (size_t k = 0; k < ARRAY_N(kinds); k++)
		if ((double)within[kinds[k]] < 0.88 * (double)seeds_n ||
			(seeds_n >= 200 && within[kinds[k]] == seeds_n))
			fail_msg("%s: %llu of %llu", trial_name(kinds[k]),
				(unsigned long long)within[kinds[k]], (unsigned long long)seeds_n);
}

/* ---- from the ledger ---- */

static struct ledger_row row_in(unsigned n, uint64_t conversation, enum ledger_arm arm)
{
	struct ledger_row row = row_of(n);

	row.conversation = conversation;
	row.asked = n + 1;
	row.arm = arm;
	row.parts = STR("[]");
	row.again_n = row.retrievals_n = 0;
	return row;
}

static void a_conversation_is_the_sum_of_its_requests(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct ledger_row row = row_in(1, 77, LEDGER_ARM_HELD);
	struct trial t;

	row.again_n = 3;
	row.retrievals_n = 2;
	add(f, s, &row);
	row = row_in(2, 77, LEDGER_ARM_HELD);
	row.asked = 2; /* the same again, since it failed */
	row.status = 529;
	row.cost_nano = -1;
	row.has_usage = false;
	add(f, s, &row);
	row = row_in(3, 78, LEDGER_ARM_NONE);
	add(f, s, &row);
	flush(f, s);
	assert_int_equal(trial_read(s, &(struct ledger_query){0}, &t, &f->cx), E_OK);
	assert_int_equal(t.conversations[TRIAL_HELD], 1);
	assert_int_equal(t.conversations[TRIAL_TREATED], 0);
	assert_int_equal(t.requests[TRIAL_HELD], 2);
	assert_near(trial_figure(&t, TRIAL_COST_PER_REQUEST).mean[TRIAL_HELD], 1e-6, 1e-12);
	assert_near(trial_figure(&t, TRIAL_INPUT_PER_REQUEST).mean[TRIAL_HELD], 100, 1e-9);
	assert_near(trial_figure(&t, TRIAL_TURNS).mean[TRIAL_HELD], 1, 1e-9);
	assert_near(trial_figure(&t, TRIAL_AGAIN).mean[TRIAL_HELD], 3, 1e-9);
	assert_near(trial_figure(&t, TRIAL_RETRIEVALS).mean[TRIAL_HELD], 2, 1e-9);
	assert_near(trial_figure(&t, TRIAL_FAILED).mean[TRIAL_HELD], 0.5, 1e-9);
	assert_near(trial_figure(&t, TRIAL_REPEATED).mean[TRIAL_HELD], 0.5, 1e-9);
	store_close(s);
}

/* n requests, in each of which a result of the tool is shown that the encoder made; of so many in a hundred it is asked for again. */
static void add_results(struct fixture *f, struct store *s, const char *encoder, const char *tool,
	unsigned n, unsigned back_percent, unsigned retrieved_percent)
{
	static unsigned made_n; /* requests have ids of their own */
	char parts[200];

	for (unsigned i = 0; i < n; i++) {
		struct ledger_row row = row_in(made_n++, 1 + i % 50, LEDGER_ARM_TREATED);

		(void)snprintf(parts, sizeof parts, "[[2,\"%s %s\",1,%d],[3,\"%s %s\",0,%d]]",
			encoder, tool, i % 100 < back_percent, encoder, tool,
			i % 100 < retrieved_percent);
		row.parts = str_from(parts);
		add(f, s, &row);
	}
}

static struct returns read_returns(struct fixture *f, struct store *s)
{
	struct returns r;

	flush(f, s);
	returns_init(&r);
	if (returns_read(s, &(struct ledger_query){0}, &r, &f->cx) != E_OK)
		fail_msg("%s", f->cx.text);
	return r;
}

static unsigned hurting_n(const struct returns *r)
{
	size_t n;
	struct returns_of *all = returns_all(r, &n);
	unsigned hurting = 0;

	for (size_t i = 0; i < n; i++)
		hurting += all[i].hurts;
	mem_free(all);
	return hurting;
}

static void an_encoder_that_hurts_is_named(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct returns r;
	struct returns_of o;

	add_results(f, s, "-", "Bash", 200, 5, 0);
	add_results(f, s, "log", "Bash", 200, 5, 0);
	add_results(f, s, "table+elide", "Bash", 200, 10, 20);
	r = read_returns(f, s);
	assert_int_equal(hurting_n(&r), 1);
	o = returns_of(&r, STR("table+elide"));
	assert_true(o.hurts);
	assert_int_equal(o.shown, 200);
	assert_int_equal(o.again, 20);
	assert_int_equal(o.retrieved, 40);
	assert_near(o.back, 60, 1e-9);
	assert_near(o.expected, 10, 1e-9); /* 5 in 100 of 200 */
	assert_near(o.ratio, 6, 1e-9);
	assert_false(returns_of(&r, STR("log")).hurts);
	assert_false(returns_of(&r, STR("-")).hurts);
	assert_int_equal(returns_of(&r, STR("nobody")).shown, 0);
	returns_release(&r);
	store_close(s);
}

/* Builds are run again and again, whoever has made them shorter: an encoder for builds is held against other results of builds. */
static void where_none_hurts_none_is_named(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct returns r;

	add_results(f, s, "-", "Read", 500, 2, 0);
	add_results(f, s, "outline", "Read", 300, 2, 0);
	add_results(f, s, "-", "Make", 100, 40, 0);
	add_results(f, s, "build", "Make", 300, 41, 0);
	r = read_returns(f, s);
	assert_int_equal(hurting_n(&r), 0);
	assert_near(returns_of(&r, STR("build")).ratio, 1.025, 1e-9);
	returns_release(&r);
	store_close(s);
}

static void folded_days_count_as_well(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_with(f, (struct store_conf){.ledger_rows_max = 32});
	struct returns r;

	add_results(f, s, "-", "Bash", 100, 5, 0);
	add_results(f, s, "table", "Bash", 100, 50, 20);
	r = read_returns(f, s);
	assert_true(sql(f, "SELECT count(*) FROM ledger") <= 32);
	assert_int_equal(returns_of(&r, STR("table")).shown, 100);
	assert_int_equal(returns_of(&r, STR("table")).again, 50);
	assert_int_equal(returns_of(&r, STR("table")).retrieved, 20);
	assert_int_equal(hurting_n(&r), 1);
	returns_release(&r);
	store_close(s);
}

static void little_is_not_enough_to_blame(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct returns r;

	add_results(f, s, "-", "Bash", 300, 0, 0);
	add_results(f, s, "few", "Bash", 40, 30, 0);     /* shown too seldom */
	add_results(f, s, "rare", "Bash", 300, 1, 1);    /* hardly ever asked for */
	add_results(f, s, "alone", "Fetch", 300, 80, 0); /* nothing to compare with */
	r = read_returns(f, s);
	assert_int_equal(hurting_n(&r), 0);
	assert_true(returns_of(&r, STR("few")).normal > RETURNS_NORMAL_MIN);
	assert_near(returns_of(&r, STR("alone")).ratio, 0, 1e-9);
	returns_release(&r);
	store_close(s);
}

static void as_json_they_are_what_they_are(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct returns r;
	struct trial t = {0};
	struct json_writer w;
	struct buf out;

	add_results(f, s, "-", "Bash", 100, 5, 0);
	add_results(f, s, "table", "Bash", 100, 50, 0);
	r = read_returns(f, s);
	buf_init(&out, 1 << 16);
	json_write_init(&w, &out, false);
	json_write_object(&w, NULL);
	trial_write(&w, &t);
	returns_write(&w, "returns", &r, 9);
	json_write_end(&w);
	buf_add_byte(&out, '\0');
	assert_non_null(strstr(out.p, "\"treated\":{\"conversations\":0,\"requests\":0}"));
	assert_non_null(
		strstr(out.p, "\"turns_per_conversation\":{\"treated\":0.000000,\"held_out\":"
			      "0.000000,\"difference\":null,\"low\":null,\"high\":null}"));
	assert_non_null(strstr(out.p, "\"table\":{\"shown\":100,\"asked_again\":50,\"retrieved\":0,"
				      "\"expected\":5.00,\"ratio\":10.00,\"hurts\":true}"));
	assert_non_null(strstr(out.p, "\"-\":{\"shown\":100,\"asked_again\":5,\"retrieved\":0}"));
	buf_release(&out);
	returns_release(&r);
	store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_difference_and_its_interval),
		cmocka_unit_test(too_few_are_said_to_be_too_few),
		cmocka_unit_test(who_was_both_is_neither),
		cmocka_unit_test(the_interval_is_what_it_says),
		TM(a_conversation_is_the_sum_of_its_requests),
		TM(an_encoder_that_hurts_is_named),
		TM(where_none_hurts_none_is_named),
		T(folded_days_count_as_well),
		TM(little_is_not_enough_to_blame),
		TM(as_json_they_are_what_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
