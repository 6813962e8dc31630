#include "core/compress/diff/diff.h"
#include "core/compress/diff/parse.h"
#include "tests/unit/compress_help.h"

static const char route[] = "headroom retrieve 3f";

static struct codec_out encoded(struct bench *b, const char *text, bool may_elide)
{
	struct codec_in in = {.text = str_from(text),
		.kind = KIND_DIFF,
		.route = may_elide ? str_from(route) : STR_NULL};
	struct codec_out out = {.text = STR_NULL};

	if (!diff_codec.encode(&in, &b->arena, &out))
		return (struct codec_out){.text = STR("(refused)")};
	return out;
}

/* The exact form, which gives the text back. */
static void assert_exact(struct bench *b, const char *text, const char *want)
{
	struct codec_out out = encoded(b, text, false);
	str back;

	assert_str(out.text, want);
	assert_int_equal(out.form, CODEC_EXACT);
	assert_true(diff_codec.decode(out.text, &b->arena, &back));
	assert_str(back, text);
}

static void assert_elided(struct bench *b, const char *text, const char *want)
{
	struct codec_out out = encoded(b, text, true);

	assert_str(out.text, want);
	assert_int_equal(out.form, CODEC_ELIDED);
	assert_true(diff_codec.holds(str_from(text), out.text, &b->arena));
}

#define EXACT_WORDS "; headers shortened]\n"

static const char changed[] =
	"commit 1f2e3d4\n\n    count lines\n\n"
	"diff --git a/packages/server/source/main.c b/packages/server/source/main.c\n"
	"index 2050a18..0b81fb0 100644\n"
	"--- a/packages/server/source/main.c\n"
	"+++ b/packages/server/source/main.c\n"
	"@@ -3,7 +3,8 @@ int main(void)\n"
	" \tint n; /* of all that there are, the lines that are not blank */\n"
	" \n"
	" \tn = 0;\n"
	"-\tcount(n);\n"
	"+\tcount(&n);\n"
	"+\tprint(n);\n"
	" \treturn n;\n"
	" }\n"
	" \n";

static void a_changed_file_has_one_line_for_its_headers(void **state)
{
	assert_exact(*state, changed,
		"commit 1f2e3d4\n\n    count lines\n\n"
		"[diff: 1 file, +2 -1" EXACT_WORDS
		"diff packages/server/source/main.c (2050a18..0b81fb0)\n"
		"@@ -3 +3 @@ int main(void)\n"
		" \tint n; /* of all that there are, the lines that are not blank */\n"
		" \n"
		" \tn = 0;\n"
		"-\tcount(n);\n"
		"+\tcount(&n);\n"
		"+\tprint(n);\n"
		" \treturn n;\n"
		" }\n"
		" \n");
}

static void one_unchanged_line_stays_around_a_change(void **state)
{
	assert_elided(*state, changed,
		"commit 1f2e3d4\n\n    count lines\n\n"
		"[diff: 1 file, +2 -1; not shown: 4 unchanged lines, index lines; original: "
		"headroom retrieve 3f]\n"
		"--- a/packages/server/source/main.c\n"
		"+++ b/packages/server/source/main.c\n"
		"@@ -5,3 +5,4 @@ int main(void)\n"
		" \tn = 0;\n"
		"-\tcount(n);\n"
		"+\tcount(&n);\n"
		"+\tprint(n);\n"
		" \treturn n;\n");
}

static const char far_apart[] = "--- a/x\n"
				"+++ b/x\n"
				"@@ -1,10 +1,10 @@ fn\n"
				"-1\n"
				"+one\n"
				" a line that is not changed at all\n"
				" another line that is not changed\n"
				" and a third line that is not either\n"
				" nor is this one, the fourth of them\n"
				" 6\n"
				" 7\n"
				" 8\n"
				" 9\n"
				"-10\n"
				"\\ No newline at end of file\n"
				"+ten\n";

static void a_hunk_is_split_where_much_is_left_out(void **state)
{
	assert_elided(*state, far_apart,
		"[diff: 1 file, +2 -2; not shown: 6 unchanged lines, times of files; original: "
		"headroom retrieve 3f]\n"
		"--- a/x\n"
		"+++ b/x\n"
		"@@ -1,2 +1,2 @@ fn\n"
		"-1\n"
		"+one\n"
		" a line that is not changed at all\n"
		"@@ -9,2 +9,2 @@\n"
		" 9\n"
		"-10\n"
		"\\ No newline at end of file\n"
		"+ten\n");
}

/* Twelve lines, each behind this. */
static str numbered(struct bench *b, const char *before)
{
	struct buf t;

	buf_init_arena(&t, &b->arena, LIMIT_INPUT);
	for (int i = 1; i <= 12; i++)
		buf_printf(&t, "%s\tline = next(line, %d);\n", before, i);
	return buf_str(&t);
}

static void many_lines_of_a_hunk_say_their_sign_once(void **state)
{
#define PATH "packages/server/source/main.c"
	static const char names[] =
		"diff --git a/" PATH " b/" PATH "\nindex 2050a18..0b81fb0 100644\n--- a/" PATH
		"\n+++ b/" PATH "\n";
	static const char brief[] = "diff " PATH " (2050a18..0b81fb0)\n";
	struct bench *b = *state;
	str more = numbered(b, "+new"), new = numbered(b, "new");
	str less = numbered(b, "-"), old = numbered(b, "");
	str text = arena_printf(&b->arena,
		"%s@@ -3,14 +3,15 @@ f\n \ta;\n" STR_FMT "\\ No newline\n" STR_FMT " \tb;\n+\n",
		names, STR_ARG(less), STR_ARG(more));
	str want = arena_printf(&b->arena,
		"[diff: 1 file, +13 -12" EXACT_WORDS
		"%s@@ -3 +3 @@ f\n \ta;\n[next 12 lines: each -]\n" STR_FMT
		"\\ No newline\n[next 12 lines: each +]\n" STR_FMT " \tb;\n+\n",
		brief, STR_ARG(old), STR_ARG(new));
	str marker = arena_printf(&b->arena,
		"%s@@ -3,0 +3,13 @@\n" STR_FMT "+[3 more like the line above]\n", names,
		STR_ARG(more));
	struct codec_out out;
#undef PATH

	assert_exact(b, arena_cstr(&b->arena, text), arena_cstr(&b->arena, want));
	/* not where a line without its sign is like one of ours */
	out = encoded(b, arena_cstr(&b->arena, marker), false);
	assert_true(str_find(out.text, STR("\n+[3 more")) != STR_NONE);
}

/* A block that is gone from one file and new in another, before and behind it. */
static void a_moved_block_is_shown_once(void **state)
{
	static const char block[] =
		"%c/* the lines of a list, in the order in which they were added */\n"
		"%cstatic void count_lines(const struct list *l)\n%c{\n"
		"%c\tfor (size_t i = 0; i < l->n; i++)\n%c\t\tcount(l->v[i].lines);\n%c}\n";
	struct bench *b = *state;
	str added = arena_printf(&b->arena, block, '+', '+', '+', '+', '+', '+');
	str removed = arena_printf(&b->arena, block, '-', '-', '-', '-', '-', '-');
	str text = arena_printf(&b->arena,
		"--- a/old.c\n+++ b/old.c\n@@ -7,8 +7,2 @@\n a\n" STR_FMT
		" b\n--- a/new.c\n+++ b/new.c\n@@ -3,3 +3,10 @@\n c\n+x\n" STR_FMT " d\n e\n",
		STR_ARG(removed), STR_ARG(added));
	str want = arena_printf(&b->arena,
		"[diff: 2 files, +7 -6" EXACT_WORDS
		"--- a/old.c\n+++ b/old.c\n@@ -7 +7 @@\n a\n" STR_FMT
		" b\n--- a/new.c\n+++ b/new.c\n@@ -3 +3 @@\n c\n+x\n"
		"[6 lines added, as removed at old.c:8]\n d\n e\n",
		STR_ARG(removed));
	str back, other;

	assert_exact(b, arena_cstr(&b->arena, text), arena_cstr(&b->arena, want));
	/* where no such lines are, nothing is made up */
	for (int i = 0; i < 2; i++) {
		size_t at = str_find(want, i ? STR("old.c:8") : STR("6 lines")) + (i ? 6 : 0);

		other = arena_str(&b->arena, want);
		((char *)(uintptr_t)other.p)[at] = '9';
		assert_false(diff_codec.decode(other, &b->arena, &back));
	}
}

static void a_new_file_says_its_sign_once(void **state)
{
	assert_exact(*state,
		"diff --git a/n.sh b/n.sh\n"
		"new file mode 100755\n"
		"index 0000000..77de68d\n"
		"--- /dev/null\n"
		"+++ b/n.sh\n"
		"@@ -0,0 +1,4 @@\n"
		"+#!/bin/sh\n"
		"+\n"
		"++x\n"
		"+-y\n"
		"\\ No newline at end of file\n"
		"diff --git a/gone b/gone\n"
		"deleted file mode 100644\n"
		"index 77de68d..0000000\n"
		"--- a/gone\n"
		"+++ /dev/null\n"
		"@@ -1 +0,0 @@\n"
		"-it\n",
		"[diff: 2 files, +4 -1" EXACT_WORDS "diff n.sh (new, mode 100755, 77de68d)\n"
		"[next 4 lines: each +]\n"
		"#!/bin/sh\n"
		"\n"
		"+x\n"
		"-y\n"
		"\\ No newline at end of file\n"
		"diff gone (deleted, 77de68d)\n"
		"@@ -1 +0 @@\n"
		"-it\n");
}

static void renames_modes_and_binaries_have_words(void **state)
{
	assert_exact(*state,
		"diff --git a/old name b/new\n"
		"similarity index 90%\n"
		"rename from old name\n"
		"rename to new\n"
		"index 2050a18..0b81fb0 100644\n"
		"--- a/old name\t\n"
		"+++ b/new\n"
		"@@ -1 +1 @@\n"
		"-1\n"
		"+2\n"
		"diff --git a/m b/m\n"
		"old mode 100644\n"
		"new mode 100755\n"
		"diff --git a/x.png b/x.png\n"
		"new file mode 100644\n"
		"index 0000000..0b81fb0\n"
		"Binary files /dev/null and b/x.png differ\n"
		"diff --git a/e b/e\n"
		"new file mode 100644\n"
		"index 0000000..e69de29\n"
		"diff --git a/p b/q\n"
		"similarity index 100%\n"
		"copy from p\n"
		"copy to q\n",
		"[diff: 5 files, +1 -1" EXACT_WORDS
		"diff old name => new (renamed 90%, 2050a18..0b81fb0)\n"
		"@@ -1 +1 @@\n"
		"-1\n"
		"+2\n"
		"diff m (mode 100644 => 100755)\n"
		"diff x.png (new, binary, 0b81fb0)\n"
		"diff e (new, no lines, e69de29)\n"
		"diff p => q (copied 100%)\n");
}

static const char lock[] =
	"diff --git a/package-lock.json b/package-lock.json\n"
	"index 2050a18..0b81fb0 100644\n"
	"--- a/package-lock.json\n"
	"+++ b/package-lock.json\n"
	"@@ -10,3 +10,6 @@\n"
	"     \"node_modules/a\": {\n"
	"-      \"integrity\": "
	"\"sha512-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\",\n"
	"+      \"integrity\": "
	"\"sha512-bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\",\n"
	"+      \"integrity\": "
	"\"sha512-cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc\",\n"
	"+      \"integrity\": "
	"\"sha512-dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd\",\n"
	"+      \"integrity\": "
	"\"sha512-eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee\",\n"
	"     }\n"
	"diff --git a/x.png b/y.png\n"
	"similarity index 60%\n"
	"rename from x.png\n"
	"rename to y.png\n"
	"index 2050a18..0b81fb0 100644\n"
	"Binary files a/x.png and b/y.png differ\n"
	"diff --git a/m b/m\n"
	"old mode 100644\n"
	"new mode 100755\n"
	"diff --git a/n b/n\n"
	"index 2050a18..0b81fb0 100644\n"
	"--- a/n\n"
	"+++ b/n\n"
	"@@ -1 +1 @@\n"
	"-1\n"
	"+2\n";

static void what_nobody_wrote_is_a_line_of_counts(void **state)
{
	assert_elided(*state, lock,
		"[diff: 4 files, +5 -2; not shown: the lines of 2 files marked so, index lines; "
		"original: headroom retrieve 3f]\n"
		"[package-lock.json: 4 lines added, 1 removed in 1 hunk, not shown (lockfile)]\n"
		"[x.png => y.png: renamed, not shown (binary)]\n"
		"diff --git a/m b/m\n"
		"old mode 100644\n"
		"new mode 100755\n"
		"diff --git a/n b/n\n" /* without it, its names would belong to the file before */
		"--- a/n\n"
		"+++ b/n\n"
		"@@ -1 +1 @@\n"
		"-1\n"
		"+2\n");
}

static void a_file_that_is_asked_for_is_shown(void **state)
{
	struct bench *b = *state;
	struct codec_in in = {.text = STR(lock),
		.kind = KIND_DIFF,
		.route = STR(route),
		.query = STR("why did package-lock.json change?")};
	struct codec_out out;

	assert_true(diff_codec.encode(&in, &b->arena, &out));
	assert_true(str_find(out.text, STR("sha512-eeee")) != STR_NONE);
	assert_true(diff_codec.holds(in.text, out.text, &b->arena));
}

static void diff_u_loses_its_times_and_svn_its_line(void **state)
{
	assert_elided(*state,
		"diff -ru old/a new/a\n"
		"--- old/a\t2026-01-02 10:00:00.000000000 +0100\n"
		"+++ new/a\t2026-01-02 10:00:01.000000000 +0100\n"
		"@@ -1 +1 @@\n"
		"-1\n"
		"+2\n"
		"Index: s\n"
		"===================================================================\n"
		"--- s\t(revision 7)\n"
		"+++ s\t(working copy)\n"
		"@@ -1 +1 @@\n"
		"-1\n"
		"+2\n",
		"[diff: 2 files, +2 -2; not shown: times of files; original: headroom retrieve "
		"3f]\n"
		"--- old/a\n"
		"+++ new/a\n"
		"@@ -1 +1 @@\n"
		"-1\n"
		"+2\n"
		"--- s\t(revision 7)\n"
		"+++ s\t(working copy)\n"
		"@@ -1 +1 @@\n"
		"-1\n"
		"+2\n");
}

static const char merge[] = "diff --cc m.c\n"
			    "index 2050a18,0b81fb0..77de68d\n"
			    "--- a/m.c\n"
			    "+++ b/m.c\n"
			    "@@@ -1,3 -1,4 +1,5 @@@\n"
			    "  int a;\n"
			    "- int b;\n"
			    " -int c;\n"
			    "++int d;\n"
			    "++int e;\n"
			    "  int f;\n"
			    "+ int g;\n";

static void a_merge_is_parsed(void **state)
{
	struct bench *b = *state;
	struct diff_doc d = diff_parse(STR(merge), &b->arena);
	struct codec_out out = encoded(b, merge, true);

	assert_int_equal(d.files.n, 1);
	assert_int_equal(d.files.v[0].form, DIFF_COMBINED);
	assert_str(d.files.v[0].name, "m.c");
	assert_int_equal(d.files.v[0].end, sizeof merge - 1);
	assert_false(d.hunks.v[0].is_damaged);
	assert_int_equal(d.hunks.v[0].added, 3);
	assert_int_equal(d.hunks.v[0].removed, 2);
	/* its index line alone is not worth a head */
	assert_str(out.text, "(refused)");
}

static void of_a_merge_one_unchanged_line_stays_on_each_side(void **state)
{
	assert_elided(*state,
		"diff --cc m.c\n"
		"index 2050a18,0b81fb0..77de68d\n"
		"--- a/m.c\n"
		"+++ b/m.c\n"
		"@@@ -3,13 -5,13 +9,13 @@@ int main(void)\n"
		"  \tint a;\n"
		"  \tint b;\n"
		"- \tint c;\n"
		" -\tint d;\n"
		" -\tint e;\n"
		"++\tint f;\n"
		"  \tcall_a_function(of, a, name, that, is, long);\n"
		"  \tcall_a_function(of, a, name, that, is, longer);\n"
		"  \tcall_a_function(of, a, name, that, is, longest);\n"
		"  \tcall_a_function(of, a, name, that, is, not, so, long);\n"
		"  \tint g;\n"
		" +\tint h;\n"
		"  \tint i;\n"
		"  \tint j;\n"
		"  \tint k;\n"
		"  }\n",
		"[diff: 1 file, +2 -3; not shown: 7 unchanged lines, index lines; original: "
		"headroom retrieve 3f]\n"
		"diff --cc m.c\n"
		"--- a/m.c\n"
		"+++ b/m.c\n"
		"@@@ -4,3 -6,4 +10,3 @@@ int main(void)\n"
		"  \tint b;\n"
		"- \tint c;\n"
		" -\tint d;\n"
		" -\tint e;\n"
		"++\tint f;\n"
		"  \tcall_a_function(of, a, name, that, is, long);\n"
		"@@@ -10,3 -13,2 +16,3 @@@\n"
		"  \tint g;\n"
		" +\tint h;\n"
		"  \tint i;\n");
}

/* What a tool cut off: nothing is said about lengths that the lines do not have. */
static void a_broken_off_hunk_stays(void **state)
{
	assert_exact(*state,
		"diff --git a/packages/web/src/main.c b/packages/web/src/main.c\n"
		"index 2050a18..0b81fb0 100644\n"
		"--- a/packages/web/src/main.c\n"
		"+++ b/packages/web/src/main.c\n"
		"@@ -10,9 +10,9 @@\n"
		" 1\n"
		"+2\n"
		"... [1234 characters truncated] ...\n"
		"+3\n",
		"[diff: 1 file, +1 -0" EXACT_WORDS
		"diff packages/web/src/main.c (2050a18..0b81fb0)\n"
		"@@ -10,9 +10,9 @@\n"
		" 1\n"
		"+2\n"
		"... [1234 characters truncated] ...\n"
		"+3\n");
}

static void what_reads_like_our_notation_is_refused(void **state)
{
	static const char *const lines[] = {"diff src/b.c (2050a18..0b81fb0)\n", "@@ -5 +5 @@\n",
		"[next 4 lines: each +]\n", "[4 lines added, as removed at x:3]\n",
		"[3 more like the line above]\n", "[diff: 1 file]\n"};
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_N(lines); i++) {
		str text = arena_printf(&b->arena, "%s%s", lines[i], changed);

		assert_str(encoded(b, arena_cstr(&b->arena, text), false).text, "(refused)");
	}
	for (size_t i = 4; i < ARRAY_N(lines); i++) {
		str text = arena_printf(&b->arena, "%s%s", changed, lines[i]);

		assert_str(encoded(b, arena_cstr(&b->arena, text), true).text, "(refused)");
	}
	assert_str(encoded(b, "no diff at all\n", false).text, "(refused)");
}

static void damaged_texts_do_not_decode(void **state)
{
	static const char *const texts[] = {"[diff: 1 file]\n[next 3 lines: each +]\na\nb\n",
		"[diff: 1 file]\n@@ -1 +1 @@\n[next 3 lines: each +]\na\nb\n", "no head\n",
		"[diff: 1 file]\n[1 lines added, as removed at x:1]\n",
		("[diff: 1 file]\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n[999999999 lines added, as "
		 "removed "
		 "at x:1]\n"),
		"[diff: 1 file; original: x]\n"};
	struct bench *b = *state;
	str back;

	for (size_t i = 0; i < ARRAY_N(texts); i++)
		assert_false(diff_codec.decode(str_from(texts[i]), &b->arena, &back));
}

/* Every line of what is shown that is a fact of the contract, taken out by itself. */
static void without_a_line_the_contract_is_broken(void **state)
{
	static const char *const texts[] = {far_apart, lock, changed};
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_N(texts); i++) {
		str shown = encoded(b, texts[i], true).text;

		for (size_t at = 0; at < shown.n; at += diff_line(shown, at).n) {
			size_t n = diff_line(shown, at).n;
			str less = arena_printf(&b->arena, STR_FMT STR_FMT,
				STR_ARG(str_sub(shown, 0, at)),
				STR_ARG(str_sub(shown, at + n, shown.n)));

			if (!str_eq(diff_line(shown, at), STR("diff --git a/n b/n\n")))
				assert_false(diff_codec.holds(str_from(texts[i]), less, &b->arena));
		}
	}
}

/* Not even when the head line counts changes among what did not change, and the hunk headers are right. */
static void a_change_that_is_counted_as_none_breaks_the_contract(void **state)
{
#define HEAD                                                                                     \
	"[diff: 1 file, +2 -2; not shown: 9 unchanged lines, times of files; original: x]\n--- " \
	"a/x\n+++ b/x\n"
	static const char *const texts[] = {HEAD
		"@@ -1,2 +1,2 @@ fn\n-1\n+one\n a line that is not changed at all\n",
		HEAD "@@ -9,2 +9,2 @@ fn\n 9\n-10\n\\ No newline at end of file\n+ten\n"};
#undef HEAD
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_N(texts); i++)
		assert_false(diff_codec.holds(STR(far_apart), str_from(texts[i]), &b->arena));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(a_changed_file_has_one_line_for_its_headers),
		bench_test(one_unchanged_line_stays_around_a_change),
		bench_test(a_hunk_is_split_where_much_is_left_out),
		bench_test(many_lines_of_a_hunk_say_their_sign_once),
		bench_test(a_moved_block_is_shown_once),
		bench_test(a_new_file_says_its_sign_once),
		bench_test(renames_modes_and_binaries_have_words),
		bench_test(what_nobody_wrote_is_a_line_of_counts),
		bench_test(a_file_that_is_asked_for_is_shown),
		bench_test(diff_u_loses_its_times_and_svn_its_line),
		bench_test(a_merge_is_parsed),
		bench_test(of_a_merge_one_unchanged_line_stays_on_each_side),
		bench_test(a_broken_off_hunk_stays),
		bench_test(what_reads_like_our_notation_is_refused),
		bench_test(damaged_texts_do_not_decode),
		bench_test(without_a_line_the_contract_is_broken),
		bench_test(a_change_that_is_counted_as_none_breaks_the_contract),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
