/* What is shown of a diff applies: repositories made at random, their diffs by git itself, elided, and applied by git
 * to what was there before. HEADROOM_SEEDS=1000 in the environment makes it a longer run. */
#include <stdlib.h>

#include "core/compress/diff/diff.h"
#include "core/compress/diff/parse.h"
#include "core/compress/lines.h"
#include "tests/unit/compress_help.h"
#include "tests/unit/random_text.h"
#include "tests/unit/seeds.h"

enum { SEEDS = 12, FILES = 9, DIFF_BYTES = 8 << 20 };

struct fixture {
	char dir[64];
	struct arena arena;
	unsigned shown; /* diffs that were elided at all */
};

static int setup(void **state)
{
	static struct fixture f;

	f = (struct fixture){.dir = "/tmp/headroom-diff-XXXXXX"};
	*state = &f;
	return mkdtemp(f.dir) ? 0 : -1;
}

/* The exit status of a shell command, in the fixture's directory; no setting of the user's counts. */
static int run(struct fixture *f, const char *command)
{
	str line = arena_printf(&f->arena,
		"cd %s && HOME=$PWD GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=a "
		"GIT_AUTHOR_EMAIL=a@example.org "
		"GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.org; export HOME "
		"GIT_CONFIG_NOSYSTEM "
		"GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL; %s",
		f->dir, command);

	return system(arena_cstr(&f->arena, line)); /* NOLINT(cert-env33-c): commands of ours */
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	int status = run(f, "rm -rf \"$PWD\"");

	arena_release(&f->arena);
	return status;
}

static void write_to(struct fixture *f, const char *name, str text)
{
	FILE *to =
		fopen(arena_cstr(&f->arena, arena_printf(&f->arena, "%s/%s", f->dir, name)), "wb");

	assert_non_null(to);
	assert_int_equal(fwrite(text.p, 1, text.n, to), text.n);
	assert_int_equal(fclose(to), 0);
}

static str read_from(struct fixture *f, const char *name)
{
	FILE *from =
		fopen(arena_cstr(&f->arena, arena_printf(&f->arena, "%s/%s", f->dir, name)), "rb");
	char *text = arena_alloc(&f->arena, DIFF_BYTES, 1);
	size_t n;

	assert_non_null(from);
	n = fread(text, 1, DIFF_BYTES, from);
	assert_true(n < DIFF_BYTES);
	assert_int_equal(fclose(from), 0);
	return (str){text, n};
}

static str source(struct fixture *f, struct rng *r, uint32_t lines)
{
	struct buf b;

	buf_init_arena(&b, &f->arena, DIFF_BYTES);
	for (uint32_t i = 0; i < lines; i++) {
		buf_printf(&b, "%u ", rng_once_in(r, 3) ? i : 0);
		add_source_line(r, &b);
		if (i + 1 < lines || rng_once_in(r, 2))
			buf_add_byte(&b, '\n');
	}
	return buf_str(&b);
}

/* The text with some lines taken out, changed or put in. */
static str edited(struct fixture *f, struct rng *r, str text)
{
	struct buf b;
	str line;
	bool has_eol;

	buf_init_arena(&b, &f->arena, DIFF_BYTES);
	while (str_next_line(&text, &line, &has_eol)) {
		if (rng_once_in(r, 12))
			continue;
		if (rng_once_in(r, 12)) {
			add_source_line(r, &b);
			buf_add_byte(&b, '\n');
		}
		buf_add(&b, line);
		if (rng_once_in(r, 15))
			buf_add_c(&b, " // changed");
		if (has_eol || rng_once_in(r, 8))
			buf_add_byte(&b, '\n');
	}
	return buf_str(&b);
}

static const char *const names[FILES] = {"a.c", "b c.txt", "dir/d.py", "dir/new.sh", "gone.md",
	"moved.h", "empty", "mode.sh", "\xc3\xa4.txt"};

/* Two commits, tags old and new. */
static void make_repository(struct fixture *f, struct rng *r)
{
	str before[FILES];

	assert_int_equal(run(f, "rm -rf .git * && git init -q . && mkdir dir"), 0);
	for (size_t i = 0; i < FILES; i++) {
		before[i] = source(f, r, 1 + rng_below(r, 90));
		if (i != 3)
			write_to(f, names[i], before[i]);
	}
	assert_int_equal(run(f, "git add -A && git commit -qm old && git tag old"), 0);
	for (size_t i = 0; i < FILES; i++)
		if (!rng_once_in(r, 4))
			write_to(f, names[i], edited(f, r, before[i]));
	assert_int_equal(
		run(f, "git rm -qf gone.md && git mv moved.h dir/moved.h && chmod +x mode.sh "
		       "dir/d.py && : >dir/nothing && ln -s a.c link && git add -A && "
		       "git commit -qm 'new: it' && git tag new"),
		0);
}

/* A diff of git's, elided; what is shown leads from old to new as the diff itself does. */
static void check_diff(struct fixture *f, const char *command, const char *apply)
{
	struct codec_in in = {.kind = KIND_DIFF, .route = STR("headroom retrieve 3f")};
	struct codec_out out;

	assert_int_equal(run(f, command), 0);
	in.text = read_from(f, ".git/full");
	if (!diff_codec.encode(&in, &f->arena, &out))
		return;
	f->shown++;
	assert_int_equal(out.form, CODEC_ELIDED);
	assert_true(diff_codec.holds(in.text, out.text, &f->arena));
	write_to(f, ".git/shown", out.text);
	if (run(f, apply) != 0) {
		(void)fprintf(stderr, "%s\n" STR_FMT "\n", command, STR_ARG(out.text));
		fail();
	}
}

static void what_is_shown_applies_with_git(void **state)
{
	struct fixture *f = *state;
	uint64_t n = seeds_or(SEEDS);

	if (run(f, "git --version >.version 2>&1") != 0)
		skip();
	for (uint64_t seed = 0; seed < n; seed++) {
		struct rng r = rng_new(seed);

		make_repository(f, &r);
		check_diff(f, "git diff -M --binary old new >.git/full",
			"git checkout -q old && git apply --whitespace=nowarn --index .git/shown "
			"&& git diff --quiet "
			"--cached new");
		check_diff(f, "git show -U5 new >.git/full",
			"git checkout -qf old && git apply --whitespace=nowarn --index .git/shown "
			"&& git diff --quiet "
			"--cached new");
		check_diff(f, "git diff --no-renames -R old new >.git/full",
			"git checkout -qf new && git apply --whitespace=nowarn --index .git/shown "
			"&& git diff --quiet "
			"--cached old");
		check_diff(f, "git format-patch -q --stdout old..new >.git/full",
			"git checkout -qf old && git apply --whitespace=nowarn --index .git/shown "
			"&& git diff --quiet "
			"--cached new");
		check_diff(f, "git diff -U0 old new -- a.c >.git/full",
			"git checkout -qf old && git apply --whitespace=nowarn --index "
			"--unidiff-zero .git/shown && "
			"git diff --quiet --cached new -- a.c");
		arena_reset(&f->arena);
	}
	assert_true(f->shown > n * 3);
}

/* Two branches that change a.c and dir/d.py, merged into something that is neither. */
static void make_merge(struct fixture *f, struct rng *r)
{
	static const char *const merged[] = {"a.c", "dir/d.py"};
	str base[ARRAY_N(merged)];

	assert_int_equal(run(f, "rm -rf .git * && git init -q -b one . && mkdir dir"), 0);
	for (size_t i = 0; i < ARRAY_N(merged); i++) {
		base[i] = source(f, r, 40 + rng_below(r, 90));
		write_to(f, merged[i], base[i]);
	}
	assert_int_equal(run(f, "git add -A && git commit -qm base && git checkout -qb two"), 0);
	for (size_t i = 0; i < ARRAY_N(merged); i++)
		write_to(f, merged[i], edited(f, r, base[i]));
	assert_int_equal(run(f, "git add -A && git commit -qm two && git checkout -q one"), 0);
	for (size_t i = 0; i < ARRAY_N(merged); i++)
		write_to(f, merged[i], edited(f, r, base[i]));
	assert_int_equal(run(f, "git add -A && git commit -qm one && "
				"git merge -q -s ours --no-commit two >.git/log 2>&1"),
		0);
	for (size_t i = 0; i < ARRAY_N(merged); i++)
		write_to(f, merged[i], edited(f, r, base[i]));
	assert_int_equal(run(f, "git add -A && git commit -qm merged"), 0);
}

/* True when all lines of one side of a hunk stand where the header says. */
static bool is_side_right(
	const struct diff_doc *d, const struct diff_hunk *h, size_t side, const struct lines *all)
{
	struct diff_sides s;
	uint32_t at;

	diff_sides_of(d, h, &s);
	assert_int_equal(s.n, 3);
	at = s.from[side] - 1;
	for (size_t i = h->body; i < h->end; i += diff_line(d->text, i).n) {
		str line = diff_chomp(diff_line(d->text, i));
		uint32_t has[3] = {0};

		if (*line.p == '\\')
			continue;
		diff_count_line(line.p, 3, has);
		if (!has[side])
			continue;
		if (at >= all->n || !str_eq(str_sub(line, 2, line.n), all->v[at]))
			return false;
		at++;
	}
	return at == s.from[side] - 1 + s.lines[side];
}

/* The same for a file. */
static bool is_file_right(struct fixture *f, const struct diff_doc *d, size_t file, size_t side)
{
	static const char *const revisions[] = {"HEAD^1", "HEAD^2", "HEAD"};
	const struct diff_file *in = &d->files.v[file];
	str command = arena_printf(&f->arena, "git show '%s:" STR_FMT "' >.git/side",
		revisions[side], STR_ARG(in->name));
	struct lines all;

	assert_int_equal(run(f, arena_cstr(&f->arena, command)), 0);
	all = lines_split(&f->arena, read_from(f, ".git/side"));
	for (uint32_t i = 0; i < in->hunk_n; i++)
		if (!is_side_right(d, &d->hunks.v[in->hunk_first + i], side, &all))
			return false;
	return true;
}

/* Git's own headers are off by a line where one was lost in all parents before the hunk: those files do not count. */
static void what_is_shown_of_a_merge_is_where_it_says(void **state)
{
	struct fixture *f = *state;
	unsigned sides = 0, hunks = 0;

	if (run(f, "git --version >.version 2>&1") != 0)
		skip();
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		struct rng r = rng_new(seed);
		struct codec_in in = {.kind = KIND_DIFF, .route = STR("headroom retrieve 3f")};
		struct codec_out out;
		struct diff_doc from, to;

		make_merge(f, &r);
		assert_int_equal(run(f, rng_once_in(&r, 2) ? "git show -c >.git/full"
							   : "git show --cc >.git/full"),
			0);
		in.text = read_from(f, ".git/full");
		if (!diff_codec.encode(&in, &f->arena, &out))
			continue;
		assert_true(diff_codec.holds(in.text, out.text, &f->arena));
		from = diff_parse(in.text, &f->arena);
		to = diff_parse(out.text, &f->arena);
		assert_int_equal(to.files.n, from.files.n);
		for (size_t i = 0; i < to.files.n; i++) {
			hunks += to.files.v[i].hunk_n - from.files.v[i].hunk_n;
			for (size_t side = 0; side < 3; side++) {
				if (!is_file_right(f, &from, i, side))
					continue;
				sides++;
				assert_true(is_file_right(f, &to, i, side));
			}
		}
		arena_reset(&f->arena);
	}
	assert_true(sides > SEEDS);
	assert_true(hunks > SEEDS); /* more than there were */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_shown_applies_with_git, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_is_shown_of_a_merge_is_where_it_says, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
