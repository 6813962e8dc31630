/* store_check: sound, none, not ours, damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/store/store.h"
#include "core/store/store_check.h"

enum { PAGE = 4096, PLENTY_MS = 10000 };

struct place {
	char dir[64], path[128];
};

static void make_store(const char *path)
{
	struct store_conf conf = {.path = path};
	struct errctx cx = {0};
	struct store *s;

	assert_int_equal(store_open(&conf, &s, &cx), E_OK);
	store_close(s);
}

static int set_up(void **state)
{
	struct place *p = calloc(1, sizeof *p);

	assert_non_null(p);
	(void)snprintf(p->dir, sizeof p->dir, "/tmp/headroom-check-XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	(void)snprintf(p->path, sizeof p->path, "%s/store.db", p->dir);
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	static const char *const suffixes[] = {"", "-wal", "-shm"};
	struct place *p = *state;
	char path[160];

	for (size_t i = 0; i < ARRAY_N(suffixes); i++) {
		(void)snprintf(path, sizeof path, "%s%s", p->path, suffixes[i]);
		(void)unlink(path);
	}
	(void)rmdir(p->dir);
	free(p);
	return 0;
}

static void a_new_one_is_sound_and_stays_as_it_is(void **state)
{
	struct place *p = *state;
	struct errctx cx = {0};
	struct stat before, after;

	make_store(p->path);
	assert_int_equal(stat(p->path, &before), 0);
	assert_int_equal(store_check(p->path, PLENTY_MS, &cx), E_OK);
	assert_int_equal(stat(p->path, &after), 0);
	assert_int_equal(before.st_size, after.st_size);
	assert_int_equal(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
}

static void none_and_not_ours(void **state)
{
	struct place *p = *state;
	struct errctx cx = {0};

	assert_int_equal(store_check(p->path, PLENTY_MS, &cx), E_NOT_FOUND);
	assert_int_equal(access(p->path, F_OK), -1);
	assert_int_equal(file_write_atomic(p->path, STR("no database at all"), 0600, &cx), E_OK);
	assert_int_equal(store_check(p->path, PLENTY_MS, &cx), E_CONFIG);
}

/* Every page but the first, which says that it is ours. */
static void damage_is_found(void **state)
{
	struct place *p = *state;
	struct errctx cx = {0};
	char junk[PAGE];
	struct stat st;
	FILE *f;

	make_store(p->path);
	memset(junk, 0x5a, sizeof junk);
	assert_int_equal(stat(p->path, &st), 0);
	assert_true(st.st_size > 2 * PAGE);
	f = fopen(p->path, "r+b");
	assert_non_null(f);
	assert_int_equal(fseek(f, PAGE, SEEK_SET), 0);
	for (off_t at = PAGE; at < st.st_size; at += PAGE)
		assert_int_equal(fwrite(junk, 1, sizeof junk, f), sizeof junk);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(store_check(p->path, PLENTY_MS, &cx), E_VERIFY);
	assert_true(cx.text[0] != '\0');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_new_one_is_sound_and_stays_as_it_is, set_up, tear_down),
		cmocka_unit_test_setup_teardown(none_and_not_ours, set_up, tear_down),
		cmocka_unit_test_setup_teardown(damage_is_found, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
