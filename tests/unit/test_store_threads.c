/* Threads that share a handle; run it under PROFILE=tsan. */
#include "tests/unit/store_fixture.h"

#include <pthread.h>
#include <stdatomic.h>

enum { THREADS = 4, KEYS = 400, ROUNDS = 3 };

struct job {
	struct store *s;
	unsigned number;
	struct hash128 seen; /* chain over what this thread has read at last */
	atomic_uint *errors;
};

static void decide(struct job *j, uint64_t n, struct buf *out)
{
	struct rendering r = {.is_changed = true};
	bool was_there;
	char text[64];

	(void)snprintf(text, sizeof text, "thread %u on %u", j->number, (unsigned)n);
	buf_reset(out);
	if (rendering_put(j->s, key_of(n), &r, str_from(text), out, &was_there, NULL) != E_OK)
		atomic_fetch_add(j->errors, 1);
}

static void keep_original(struct job *j, uint64_t n, struct buf *out)
{
	char text[64];
	struct original_key key;

	(void)snprintf(text, sizeof text, "original %u", (unsigned)n);
	buf_reset(out);
	if (keep_text(j->s, str_from(text), STR("t"), &key, NULL) != E_OK ||
		original_get(j->s, str_from(key.hex), out, NULL) != E_OK ||
		!str_eq_c(buf_str(out), text))
		atomic_fetch_add(j->errors, 1);
}

static void read_back(struct job *j, uint64_t n, struct buf *out)
{
	struct rendering r;

	buf_reset(out);
	if (rendering_get(j->s, key_of(n), &r, out, NULL) != E_OK)
		atomic_fetch_add(j->errors, 1);
	j->seen = hash128_chain(j->seen, hash128(buf_str(out)));
}

static void *run(void *arg)
{
	struct job *j = arg;
	struct store_stats st;
	struct buf out;

	buf_init(&out, 1 << 20);
	for (unsigned round = 0; round < ROUNDS; round++) {
		for (uint64_t i = 0; i < KEYS; i++) {
			uint64_t n = j->number % 2 ? i : KEYS - 1 - i; /* they meet in the middle */

			decide(j, n, &out);
			keep_original(j, n, &out);
			if (n % 64 == 0 && store_flush(j->s, NULL) != E_OK)
				atomic_fetch_add(j->errors, 1);
		}
		store_get_stats(j->s, &st);
		pass_time(50); /* uses fall due to be written down */
	}
	for (uint64_t n = 0; n < KEYS; n++)
		read_back(j, n, &out);
	buf_release(&out);
	return NULL;
}

static void run_threads(struct store *const stores[THREADS])
{
	struct job jobs[THREADS];
	pthread_t threads[THREADS];
	atomic_uint errors = 0;

	for (unsigned i = 0; i < THREADS; i++) {
		jobs[i] = (struct job){.s = stores[i], .number = i, .errors = &errors};
		assert_int_equal(pthread_create(&threads[i], NULL, run, &jobs[i]), 0);
	}
	for (unsigned i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(errors, 0);
	if (stores[0] != stores[1])
		return;
	for (unsigned i = 1; i < THREADS; i++)
		assert_true(hash128_eq(jobs[i].seen, jobs[0].seen));
}

static void all_threads_of_a_handle_see_the_same_decisions(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_with(f, (struct store_conf){.lease_ms = 1000});

	run_threads((struct store *const[]){s, s, s, s});
	flush(f, s);
	assert_int_equal(sql(f, "SELECT count(*) FROM rendering"), KEYS);
	assert_int_equal(sql(f, "SELECT count(*) FROM original"), KEYS);
	store_close(s);
}

static void they_do_so_when_the_cache_is_far_too_small(void **state)
{
	struct fixture *f = *state;
	struct store *s =
		open_with(f, (struct store_conf){.lease_ms = 1000, .cache_bytes_max = 4096});

	run_threads((struct store *const[]){s, s, s, s});
	flush(f, s);
	assert_int_equal(sql(f, "SELECT count(*) FROM rendering"), KEYS);
	store_close(s);
}

static void handles_of_one_process_share_a_file(void **state)
{
	struct fixture *f = *state;
	struct store_conf conf = {.lease_ms = 1000, .busy_ms = 60000};
	struct store *a = open_with(f, conf), *b = open_with(f, conf);

	run_threads((struct store *const[]){a, b, a, b});
	flush(f, a);
	flush(f, b);
	for (uint64_t n = 0; n < KEYS; n++) {
		struct rendering r;
		struct buf theirs;

		buf_init(&theirs, 1 << 20);
		buf_reset(&f->out);
		assert_int_equal(rendering_get(a, key_of(n), &r, &f->out, NULL), E_OK);
		assert_int_equal(rendering_get(b, key_of(n), &r, &theirs, NULL), E_OK);
		assert_true(str_eq(buf_str(&f->out), buf_str(&theirs)));
		buf_release(&theirs);
	}
	store_close(a);
	store_close(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TM(all_threads_of_a_handle_see_the_same_decisions),
		TM(they_do_so_when_the_cache_is_far_too_small),
		T(handles_of_one_process_share_a_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
