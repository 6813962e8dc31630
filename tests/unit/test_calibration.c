#include "tests/unit/store_fixture.h"

#include <math.h>

#include "core/base/mem.h"
#include "core/store/calibration.h"

static void add(
	struct fixture *f, struct store *s, const char *model, uint64_t counted, uint64_t reported)
{
	if (calibration_add(s, str_from(model), counted, reported, &f->cx) != E_OK)
		fail_msg("%s", f->cx.text);
}

static void add_many(struct fixture *f, struct store *s, const char *model, uint64_t counted,
	uint64_t reported, int n)
{
	while (n--)
		add(f, s, model, counted, reported);
	flush(f, s);
}

static void a_ratio_is_used_after_enough_requests(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	double scale = 7;
	uint64_t samples = 9;

	assert_false(calibration_get(s, STR("m"), &scale, &samples));
	assert_int_equal(samples, 0);
	add_many(f, s, "m", 1000, 1250, CALIBRATION_MIN - 1);
	assert_false(calibration_get(s, STR("m"), &scale, &samples));
	assert_int_equal(samples, CALIBRATION_MIN - 1);
	assert_float_equal(scale, 7, 0); /* as it was */
	add_many(f, s, "m", 1000, 1250, 1);
	assert_true(calibration_get(s, STR("m"), &scale, NULL));
	assert_float_equal(scale, 1.25, 1e-9);
	store_close(s);
}

static void spellings_of_a_model_are_one_and_models_are_apart(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	double scale = 0;

	add_many(f, s, "claude-opus-4-5-20251101", 1000, 1200, 4);
	add_many(f, s, "us.anthropic.Claude-Opus-4-5-20251101-v1:0", 1000, 1200, 4);
	add_many(f, s, "claude-haiku-4-5", 1000, 2000, 8);
	assert_true(calibration_get(s, STR("claude-opus-4-5[1m]"), &scale, NULL));
	assert_float_equal(scale, 1.2, 1e-9);
	assert_true(calibration_get(s, STR("claude-haiku-4-5"), &scale, NULL));
	assert_float_equal(scale, 2, 1e-9);
	store_close(s);
}

static void nonsense_is_refused(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	double scale = 0;
	uint64_t samples;

	add_many(f, s, "m", 1000, 1100, CALIBRATION_MIN);
	add_many(f, s, "m", 1000, 5001, 5);
	add_many(f, s, "m", 1000, 299, 5);
	add_many(f, s, "m", 0, 1000, 5);
	add_many(f, s, "m", 1, UINT64_MAX, 5);
	assert_true(calibration_get(s, STR("m"), &scale, &samples));
	assert_float_equal(scale, 1.1, 1e-9);
	assert_int_equal(samples, CALIBRATION_MIN);
	store_close(s);
}

static void long_requests_weigh_more_and_old_ones_less(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	double scale = 0;

	add_many(f, s, "m", 100, 300, 10);
	add_many(f, s, "m", 100000, 100000, 10);
	assert_true(calibration_get(s, STR("m"), &scale, NULL));
	assert_in_range((int)(scale * 1000), 1000, 1005);
	add_many(f, s, "m", 100000, 200000, 200); /* the provider changed its tokenizer */
	assert_true(calibration_get(s, STR("m"), &scale, NULL));
	assert_in_range((int)(scale * 1000), 1990, 2000);
	store_close(s);
}

/* What comes of a model in one batch is written at once: as one by one, also with more models than are gathered. */
static void requests_together_count_as_one_by_one(void **state)
{
	enum { MODELS = 20, ROUNDS = 9 };
	struct fixture *f = *state;
	struct store *s = open_default(f);

	for (unsigned i = 0; i < MODELS * ROUNDS; i++) {
		char alone[16], among[16];

		(void)snprintf(alone, sizeof alone, "alone%u", i % MODELS);
		(void)snprintf(among, sizeof among, "%s%u", i % 3 ? "among" : "AMONG", i % MODELS);
		add_many(f, s, alone, 1000 + i * 37, 1500 + i * 23, 1);
		add(f, s, among, 1000 + i * 37, 1500 + i * 23);
	}
	for (unsigned i = 0; i < MODELS * ROUNDS; i++) { /* in few batches, all of them now */
		char together[16];

		(void)snprintf(together, sizeof together, "together%u", i % MODELS);
		add(f, s, together, 1000 + i * 37, 1500 + i * 23);
	}
	flush(f, s);
	for (unsigned i = 0; i < MODELS; i++) {
		double scales[3] = {0};
		uint64_t samples[3];
		static const char *const names[] = {"alone", "among", "together"};

		for (size_t k = 0; k < ARRAY_N(names); k++) {
			char name[16];

			(void)snprintf(name, sizeof name, "%s%u", names[k], i);
			assert_true(calibration_get(s, str_from(name), &scales[k], &samples[k]));
			assert_int_equal(samples[k], ROUNDS);
		}
		assert_float_equal(scales[1], scales[0], 1e-12);
		assert_float_equal(scales[2], scales[0], 1e-12);
	}
	store_close(s);
}

static void it_outlives_the_process_and_is_shared(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f), *other = open_default(f);
	double scale = 0;

	add_many(f, s, "m", 1000, 1500, 4);
	add_many(f, other, "m", 1000, 1500, 4);
	assert_true(calibration_get(s, STR("m"), &scale, NULL));
	store_close(s);
	store_close(other);
	s = open_with(f, (struct store_conf){.is_read_only = true});
	assert_true(calibration_get(s, STR("m"), &scale, NULL));
	assert_float_equal(scale, 1.5, 1e-9);
	assert_int_equal(calibration_add(s, STR("m"), 10, 10, &f->cx), E_PERMISSION);
	store_close(s);
}

static void names_that_clients_invent_are_bounded(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	double scale = 0;
	char name[300];

	for (int i = 0; i < CALIBRATION_MODELS + 50; i++) {
		if (i % 100 == 0) { /* used: stays */
			pass_time(1);
			add_many(f, s, "kept", 1000, 1200, CALIBRATION_MIN);
		}
		pass_time(1);
		(void)snprintf(name, sizeof name, "model-%d-%0200d", i, 0);
		add(f, s, name, 1000, 1200);
	}
	flush(f, s);
	assert_int_equal(sql(f, "SELECT count(*) FROM calibration"), CALIBRATION_MODELS);
	assert_int_equal(sql(f, "SELECT max(length(model)) FROM calibration"), 128);
	assert_true(calibration_get(s, STR("kept"), &scale, NULL));
	store_close(s);
}

static void short_memory_is_an_error(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);

	mem_fail_after(1);
	assert_int_equal(calibration_add(s, STR("m"), 10, 10, &f->cx), E_NOMEM);
	mem_fail_after(0);
	store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TM(a_ratio_is_used_after_enough_requests),
		TM(spellings_of_a_model_are_one_and_models_are_apart),
		TM(nonsense_is_refused),
		TM(long_requests_weigh_more_and_old_ones_less),
		TM(requests_together_count_as_one_by_one),
		T(it_outlives_the_process_and_is_shared),
		TM(names_that_clients_invent_are_bounded),
		TM(short_memory_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
