#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/mem.h"

static char dir[] = "/tmp/headroom-test-file-XXXXXX";

/* A path inside the test's directory; the last eight stay valid. */
static const char *at(const char *name)
{
	static char paths[8][PATH_MAX];
	static unsigned next;
	char *p = paths[next++ % 8];

	(void)snprintf(p, PATH_MAX, "%s/%s", dir, name);
	return p;
}

static void expect_content(const char *path, const char *want)
{
	struct buf b;

	buf_init(&b, 1 << 20);
	assert_int_equal(file_read(path, &b, NULL), E_OK);
	assert_true(str_eq_c(buf_str(&b), want));
	buf_release(&b);
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

static int files_in_dir(void)
{
	DIR *d = opendir(dir);
	int n = 0;

	assert_non_null(d);
	for (struct dirent *e; (e = readdir(d)) != NULL;)
		n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
	(void)closedir(d);
	return n;
}

static void a_written_file_reads_back_and_leaves_no_other(void **state)
{
	(void)state;
	assert_int_equal(file_write_atomic(at("one"), STR("hello"), 0600, NULL), E_OK);
	expect_content(at("one"), "hello");
	assert_int_equal(mode_of(at("one")), 0600);
	assert_int_equal(files_in_dir(), 1);
	assert_int_equal(unlink(at("one")), 0);
}

static void replacing_keeps_the_mode(void **state)
{
	(void)state;
	assert_int_equal(file_write_atomic(at("m"), STR("a"), 0644, NULL), E_OK);
	assert_int_equal(chmod(at("m"), 0640), 0);
	assert_int_equal(file_write_atomic(at("m"), STR("b"), 0600, NULL), E_OK);
	assert_int_equal(mode_of(at("m")), 0640);
	expect_content(at("m"), "b");
	assert_int_equal(unlink(at("m")), 0);
}

static void a_symbolic_link_stays_and_its_target_changes(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(mkdir(at("sub"), 0700), 0);
	assert_int_equal(symlink("sub/real", at("l2")), 0);
	assert_int_equal(symlink(at("l2"), at("l1")), 0);
	assert_int_equal(file_write_atomic(at("l1"), STR("new"), 0600, NULL), E_OK);
	assert_int_equal(file_write_atomic(at("l1"), STR("newer"), 0600, NULL), E_OK);
	assert_int_equal(lstat(at("l1"), &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	expect_content(at("sub/real"), "newer");
	assert_int_equal(unlink(at("l1")) | unlink(at("l2")) | unlink(at("sub/real")), 0);
	assert_int_equal(rmdir(at("sub")), 0);
}

static void a_loop_of_links_is_an_error(void **state)
{
	struct errctx cx = {0};

	(void)state;
	assert_int_equal(symlink("loop", at("loop")), 0);
	assert_int_equal(file_write_atomic(at("loop"), STR("x"), 0600, &cx), E_CANT_CREATE);
	assert_int_equal(unlink(at("loop")), 0);
}

static void writing_over_a_directory_fails_and_leaves_nothing(void **state)
{
	struct errctx cx = {0};

	(void)state;
	assert_int_equal(mkdir(at("d"), 0700), 0);
	assert_int_equal(file_write_atomic(at("d"), STR("x"), 0600, &cx), E_CANT_CREATE);
	assert_int_equal(files_in_dir(), 1);
	assert_int_equal(rmdir(at("d")), 0);
}

static void missing_directories_are_not_found(void **state)
{
	struct errctx cx = {0};
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	assert_int_equal(file_read(at("no/such"), &b, &cx), E_NOT_FOUND);
	assert_non_null(strstr(cx.text, "no/such"));
	assert_int_equal(file_write_atomic(at("no/such"), STR("x"), 0600, &cx), E_NOT_FOUND);
}

static void reading_is_bounded_and_takes_exactly_the_bound(void **state)
{
	struct errctx cx = {0};
	struct buf b;

	(void)state;
	assert_int_equal(file_write_atomic(at("f"), STR("12345"), 0600, NULL), E_OK);
	buf_init(&b, 5);
	assert_int_equal(file_read(at("f"), &b, &cx), E_OK);
	assert_int_equal(b.n, 5);
	buf_release(&b);
	buf_init(&b, 4);
	assert_int_equal(file_read(at("f"), &b, &cx), E_TOO_BIG);
	assert_int_equal(b.n, 0);
	assert_int_equal(b.err, E_OK);
	buf_release(&b);
	assert_int_equal(unlink(at("f")), 0);
}

static void a_text_is_read_into_an_arena(void **state)
{
	struct arena a = ARENA_INIT;
	struct errctx cx = {0};
	str text = STR("as it was");

	(void)state;
	assert_int_equal(file_write_atomic(at("f"), STR("12345"), 0600, NULL), E_OK);
	assert_int_equal(file_read_text(at("f"), 4, &a, &text, &cx), E_TOO_BIG);
	assert_int_equal(file_read_text(at("g"), 4, &a, &text, &cx), E_NOT_FOUND);
	assert_true(str_eq_c(text, "as it was"));
	assert_int_equal(file_read_text(at("f"), 5, &a, &text, &cx), E_OK);
	assert_int_equal(unlink(at("f")), 0);
	assert_true(str_eq_c(text, "12345"));
	arena_release(&a);
}

static void reading_appends_and_reads_pipes_to_their_end(void **state)
{
	struct buf b;
	int fd[2];

	(void)state;
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(write(fd[1], "def", 3), 3);
	assert_int_equal(close(fd[1]), 0);
	buf_init(&b, 1 << 20);
	buf_add(&b, STR("abc"));
	assert_int_equal(file_read_fd(fd[0], "pipe", &b, NULL), E_OK);
	assert_true(str_eq(buf_str(&b), STR("abcdef")));
	buf_release(&b);
	assert_int_equal(close(fd[0]), 0);
}

static void reading_without_memory_or_from_a_directory_fails(void **state)
{
	struct buf b;

	(void)state;
	assert_int_equal(file_write_atomic(at("f"), STR("12345"), 0600, NULL), E_OK);
	buf_init(&b, 100);
	mem_fail_after(1);
	assert_int_equal(file_read(at("f"), &b, NULL), E_NOMEM);
	mem_fail_after(0);
	assert_int_equal(file_read(dir, &b, NULL), E_IO);
	buf_release(&b);
	assert_int_equal(unlink(at("f")), 0);
}

static void directories_are_made_with_the_mode_and_present_ones_kept(void **state)
{
	(void)state;
	assert_int_equal(mkdir(at("p"), 0755), 0);
	assert_int_equal(file_mkdirs(at("p/q//r/"), 0700, NULL), E_OK);
	assert_int_equal(file_mkdirs(at("p/q/r"), 0700, NULL), E_OK);
	assert_int_equal(mode_of(at("p")), 0755);
	assert_int_equal(mode_of(at("p/q")), 0700);
	assert_int_equal(mode_of(at("p/q/r")), 0700);
	assert_int_equal(rmdir(at("p/q/r")) | rmdir(at("p/q")) | rmdir(at("p")), 0);
}

static void a_file_in_the_way_of_a_directory_is_an_error(void **state)
{
	struct errctx cx = {0};

	(void)state;
	assert_int_equal(file_write_atomic(at("f"), STR("x"), 0600, NULL), E_OK);
	assert_int_not_equal(file_mkdirs(at("f/g"), 0700, &cx), E_OK);
	assert_int_not_equal(file_mkdirs(at("f"), 0700, &cx), E_OK);
	assert_int_equal(unlink(at("f")), 0);
}

static void a_temporary_file_of_a_known_name_replaces_its_leftover(void **state)
{
	struct file_replace r;
	struct stat st;

	(void)state;
	assert_int_equal(file_write_atomic(at("f"), STR("old"), 0640, NULL), E_OK);
	assert_int_equal(
		file_write_atomic(at("f.x.tmp"), STR("left by a killed one"), 0644, NULL), E_OK);
	assert_int_equal(file_replace_open_as(&r, at("f"), ".x.tmp", NULL), E_OK);
	assert_int_equal(stat(at("f.x.tmp"), &st), 0);
	assert_int_equal(st.st_size, 0);
	assert_int_equal(st.st_mode & 077, 0);
	assert_int_equal(file_replace_write(&r, STR("new"), NULL), E_OK);
	assert_int_equal(file_replace_commit(&r, 0600, NULL), E_OK);
	assert_int_equal(access(at("f.x.tmp"), F_OK), -1);
	assert_int_equal(stat(at("f"), &st), 0);
	assert_int_equal(st.st_size, 3);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(unlink(at("f")), 0);
}

static int make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	(void)state;
	return rmdir(dir); /* fails when a test left something */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_written_file_reads_back_and_leaves_no_other),
		cmocka_unit_test(replacing_keeps_the_mode),
		cmocka_unit_test(a_symbolic_link_stays_and_its_target_changes),
		cmocka_unit_test(a_loop_of_links_is_an_error),
		cmocka_unit_test(writing_over_a_directory_fails_and_leaves_nothing),
		cmocka_unit_test(missing_directories_are_not_found),
		cmocka_unit_test(reading_is_bounded_and_takes_exactly_the_bound),
		cmocka_unit_test(reading_appends_and_reads_pipes_to_their_end),
		cmocka_unit_test(a_text_is_read_into_an_arena),
		cmocka_unit_test(reading_without_memory_or_from_a_directory_fails),
		cmocka_unit_test(directories_are_made_with_the_mode_and_present_ones_kept),
		cmocka_unit_test(a_temporary_file_of_a_known_name_replaces_its_leftover),
		cmocka_unit_test(a_file_in_the_way_of_a_directory_is_an_error),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
