/* Processes that edit files and die, or meet. One is killed (SIGKILL) after each thing that it puts on the disk; the next
 * command finds its journal. What it leaves must lead back to the same bytes, with nothing beside them.
 * HEADROOM_CRASH_ROUNDS (default 1) is the number of random files of each kind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <sys/wait.h>

#include "tests/unit/edit_help.h"

enum { STEPS_MAX = 60 };

struct countdown {
	unsigned left;
};

static void die_at_zero(void *self, enum edit_step step)
{
	struct countdown *c = self;

	(void)step;
	if (c->left-- == 0)
		(void)kill(getpid(), SIGKILL);
}

/* What a child does, and what must be true however far it got. */
struct scenario {
	struct place *p;
	const struct key *x, *y; /* of the same format */
	char new_file[160];
};

static struct edit edit_new_file(const struct scenario *s, const struct key *k)
{
	struct edit e = edit_of(s->p, k, k->literal);

	e.file = s->new_file;
	return e;
}

static void must(enum err e)
{
	if (e)
		_exit((int)e);
}

/* Two keys of one file and one of a file that is not there, in a directory that is not there. */
static void apply_three(struct scenario *s)
{
	struct edit_owner me = edit_owner_of(getpid());
	struct edit edits[3] = {edit_of(s->p, s->x, s->x->literal),
		edit_of(s->p, s->y, s->y->literal), edit_new_file(s, s->x)};

	must(edit_apply(&s->p->env, me, edits, 3, (struct edit_listener){0}, NULL));
}

static void undo_mine(struct scenario *s)
{
	struct edit_owner me = edit_owner_of(getpid());
	struct edit_filter f = {.owner = &me};

	must(edit_undo(&s->p->env, &f, (struct edit_listener){0}, NULL));
}

static void apply_and_undo(struct scenario *s)
{
	apply_three(s);
	undo_mine(s);
}

/* Another owner, who stays, edits the same file in between. */
static void apply_below_and_undo(struct scenario *s)
{
	struct edit_owner me = edit_owner_of(getpid());
	struct edit mine = edit_of(s->p, s->x, s->x->literal);
	struct edit theirs = edit_of(s->p, s->y, s->y->literal);

	must(edit_apply(&s->p->env, me, &mine, 1, (struct edit_listener){0}, NULL));
	must(edit_apply(&s->p->env, first, &theirs, 1, (struct edit_listener){0}, NULL));
	undo_mine(s);
}

/* Runs it in a child that is killed after so many steps. False when it came to its end before. */
static bool run_killed(struct scenario *s, void (*run)(struct scenario *s), unsigned steps)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		struct countdown c = {steps};

		s->p->env.at_step = die_at_zero;
		s->p->env.self = &c;
		run(s);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status)) {
		assert_int_equal(WTERMSIG(status), SIGKILL);
		return true;
	}
	if (WEXITSTATUS(status) != 0)
		print_error("child: %s\n", err_name((enum err)WEXITSTATUS(status)));
	assert_int_equal(WEXITSTATUS(status), 0);
	return false;
}

static void recover(struct place *p)
{
	struct errctx cx = {0};
	enum err e = edit_recover(&p->env, listener(p), &cx);

	if (e)
		print_error("%s\n", cx.text);
	assert_int_equal(e, E_OK);
	assert_int_equal(p->told[EDIT_FAILED], 0);
}

static void expect_no_new_file(const struct scenario *s)
{
	char dir[128];

	assert_int_equal(access(s->new_file, F_OK), -1);
	(void)snprintf(dir, sizeof dir, "%s/home/new", s->p->dir);
	assert_int_equal(access(dir, F_OK), -1);
}

/* A random file that takes both keys. Returns its text. */
static str make_file(struct scenario *s, struct arena *a, unsigned seed)
{
	for (;; seed += 100000) {
		struct rng r = rng_new(seed);
		struct edit edits[2] = {
			edit_of(s->p, s->x, s->x->literal), edit_of(s->p, s->y, s->y->literal)};
		struct buf b, shown;
		enum err e;

		buf_init_arena(&b, a, LIMIT_CONFIG_FILE);
		add_random_file(&r, &b, s->x->format);
		write_text(s->p->file, b.n ? buf_str(&b) : STR(""));
		buf_init(&shown, LIMIT_CONFIG_FILE);
		e = edit_show(&s->p->env, edits, 2, &shown, NULL);
		buf_release(&shown);
		if (e == E_OK)
			return b.n ? buf_str(&b) : STR("");
	}
}

static const struct key block_y = {&edit_format_shell, {{"other", 5}}, 1, {"x\n", 2}, {"y\n", 2}};
static const struct key yaml_y = {&edit_format_yaml, {{"env", 3}, {"Y", 1}}, 2, {"1", 1}, {"2", 1}};
static const struct key json_y = {&edit_format_json, {{"env", 3}, {"Y", 1}}, 2, {"1", 1}, {"2", 1}};

static const struct {
	const struct key *x, *y;
} pairs[] = {{&json_key, &json_object_key}, {&json_key, &json_y}, {&toml_key, &toml_root_key},
	{&yaml_key, &yaml_y}, {&shell_key, &block_y}};

static unsigned rounds(void)
{
	const char *env = getenv("HEADROOM_CRASH_ROUNDS");
	uint64_t n;

	return env && str_u64(str_from(env), &n) && n > 0 && n < 10000 ? (unsigned)n : 1;
}

/* Kills at every step of every scenario; check says what must be true then. */
static void kill_everywhere(void (*run)(struct scenario *s),
	void (*check)(struct scenario *s, struct arena *a, str text))
{
	unsigned kills = 0, files = rounds() * (unsigned)ARRAY_N(pairs);

	for (unsigned i = 0; i < files; i++) {
		bool is_killed = true;

		for (unsigned step = 0; is_killed; step++) {
			struct place p;
			struct scenario s = {.p = &p,
				.x = pairs[i % ARRAY_N(pairs)].x,
				.y = pairs[i % ARRAY_N(pairs)].y};
			struct arena a = ARENA_INIT;
			str text;

			assert_true(step < STEPS_MAX);
			place_make(&p);
			(void)snprintf(
				s.new_file, sizeof s.new_file, "%s/home/new/dir/file", p.dir);
			text = make_file(&s, &a, i);
			is_killed = run_killed(&s, run, step);
			kills += is_killed;
			check(&s, &a, text);
			expect_no_journal(&p);
			expect_no_litter(&p);
			arena_release(&a);
			place_remove(&p);
		}
	}
	print_message("%u kills\n", kills);
	assert_true(kills > files * 4);
}

static void expect_all_back(struct scenario *s, struct arena *a, str text)
{
	(void)a;
	recover(s->p);
	expect_text(s->p->file, text);
	expect_no_new_file(s);
}

static void a_killed_apply_is_undone(void **state)
{
	(void)state;
	kill_everywhere(apply_three, expect_all_back);
}

static void a_killed_undo_is_finished(void **state)
{
	(void)state;
	kill_everywhere(apply_and_undo, expect_all_back);
}

/* The other owner's edit is as if it had been alone, and then goes as well. */
static void expect_theirs_alone(struct scenario *s, struct arena *a, str text)
{
	struct edit theirs = edit_of(s->p, s->y, s->y->literal);
	str alone, now;

	recover(s->p);
	now = read_text(a, s->p->file);
	assert_int_equal(edit_undo(&s->p->env, &all, listener(s->p), NULL), E_OK);
	expect_text(s->p->file, text);
	assert_int_equal(edit_apply(&s->p->env, first, &theirs, 1, listener(s->p), NULL), E_OK);
	alone = read_text(a, s->p->file);
	assert_true(str_eq(now, alone) || str_eq(now, text));
	assert_int_equal(edit_undo(&s->p->env, &all, listener(s->p), NULL), E_OK);
}

static void a_killed_undo_below_another_edit_is_finished(void **state)
{
	(void)state;
	kill_everywhere(apply_below_and_undo, expect_theirs_alone);
}

/* The user goes on editing before anybody recovers. */
static void expect_users_line(struct scenario *s, struct arena *a, str text)
{
	const char *line =
		s->x->format == &edit_format_json ? "\n// the user's" : "\n# the user's\n";
	struct edit_path path = {s->x->part, s->x->part_n};
	struct errctx cx = {0};
	str now = read_text(a, s->p->file), value;
	bool had = edit_get(a, s->x->format, text, path, &value, &cx) == E_OK;

	write_text(s->p->file, arena_printf(a, STR_FMT "%s", STR_ARG(now), line));
	recover(s->p);
	now = read_text(a, s->p->file);
	assert_true(str_ends(now, str_from(line)));
	assert_int_equal(edit_get(a, s->x->format, now, path, &value, &cx) == E_OK, had);
	path = (struct edit_path){s->y->part, s->y->part_n};
	had = edit_get(a, s->y->format, text, path, &value, &cx) == E_OK;
	assert_int_equal(edit_get(a, s->y->format, now, path, &value, &cx) == E_OK, had);
	expect_no_new_file(s);
}

static void the_users_changes_after_a_kill_are_kept(void **state)
{
	(void)state;
	kill_everywhere(apply_and_undo, expect_users_line);
}

enum { CHILDREN = 20, TIMES = 8 };

/* One of many that edit the same file at once, from when start is closed; every third dies with its last edit in the file. */
static void run_child(struct place *p, unsigned number, int start)
{
	char c;

	struct edit_owner me = edit_owner_of(getpid());
	struct edit_filter f = {.owner = &me};
	const struct key *k = number % 2 ? &json_key : &json_object_key;
	struct edit e = edit_of(p, k, number % 4 < 2 ? k->literal : k->other);

	p->env.wait_ms = 60000;
	(void)!read(start, &c, 1);
	for (unsigned i = 0; i < TIMES; i++) {
		must(edit_apply(&p->env, me, &e, 1, (struct edit_listener){0}, NULL));
		if (number % 3 == 0 && i + 1 == TIMES)
			_exit(0);
		must(edit_undo(&p->env, &f, (struct edit_listener){0}, NULL));
	}
	_exit(0);
}

static void twenty_at_once_leave_nothing_behind(void **state)
{
	const str text = STR("{\n\t\"model\": \"x\", // mine\n\t\"env\": {}\n}");
	struct place p;
	pid_t pids[CHILDREN];
	int status, start[2];

	(void)state;
	place_make(&p);
	write_text(p.file, text);
	assert_int_equal(pipe(start), 0);
	for (unsigned i = 0; i < CHILDREN; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i] == 0) {
			(void)close(start[1]);
			run_child(&p, i, start[0]);
		}
	}
	(void)close(start[0]);
	(void)close(start[1]);
	for (unsigned i = 0; i < CHILDREN; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
	}
	recover(&p);
	expect_text(p.file, text);
	expect_no_journal(&p);
	expect_no_litter(&p);
	place_remove(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_killed_apply_is_undone),
		cmocka_unit_test(a_killed_undo_is_finished),
		cmocka_unit_test(a_killed_undo_below_another_edit_is_finished),
		cmocka_unit_test(twenty_at_once_leave_nothing_behind),
		cmocka_unit_test(the_users_changes_after_a_kill_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
