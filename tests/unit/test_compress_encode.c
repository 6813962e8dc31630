/* Texts to renderings and back. How renderings look is documented in tests/golden; here is what must hold
 * whatever they look like. */
#include "tests/unit/compress_help.h"
#include "tests/unit/random_text.h"

static const char numbered[] =
	"1\t#include <stdio.h>\n2\t\n3\tint main(void)\n4\t{\n"
	"5\t\tputs(\"hello, hello, is anybody there?\");\n6\t\treturn 0;\n7\t}\n8\t";
static const char plain[] = "#include <stdio.h>\n\nint main(void)\n{\n"
			    "\tputs(\"hello, hello, is anybody there?\");\n\treturn 0;\n}\n";

static struct encode_in reading(const char *text)
{
	return (struct encode_in){
		.text = str_from(text), .tool = TOOL_FILE, .path = STR("/home/me/src/main.c")};
}

static struct encode_in running(const char *text)
{
	return (struct encode_in){
		.text = str_from(text), .tool = TOOL_SHELL, .command = STR("make check")};
}

static void assert_unchanged(const struct encode_out *out, str text, enum encode_reason reason)
{
	assert_int_equal(out->reason, reason);
	assert_true(out->text.p == text.p && out->text.n == text.n);
	assert_int_equal(out->tokens_after, out->tokens_before);
	assert_int_equal(out->encoders, 0);
	assert_int_equal(out->loss, LOSS_NONE);
}

/* ---- what each encoder does ------------------------------------------------------------------------------- */

static void a_number_column_goes(void **state)
{
	struct bench *b = *state;
	struct encode_in in = reading(numbered);
	struct encode_out out = bench_encode(b, &in);

	bench_check(b, &in, &out, "gutter");
	assert_int_equal(out.loss, LOSS_NONE);
	assert_true(str_find(out.text, STR(plain)) != STR_NONE);
}

static void a_text_seen_before_is_only_named(void **state)
{
	struct bench *b = *state;
	struct encode_in in = reading(plain);
	struct encode_out out;

	bench_see(b, "Write main.c content", plain, false);
	out = bench_encode(b, &in);
	bench_check(b, &in, &out, "reference");
	assert_true(str_find(out.text, STR("Write main.c content")) != STR_NONE);
	assert_true(out.tokens_after < 12);
}

static void a_numbered_text_refers_to_the_plain_one_and_back(void **state)
{
	struct bench *b = *state;
	struct encode_in in = reading(numbered);
	struct encode_out out;

	bench_see(b, "Write", plain, false);
	out = bench_encode(b, &in);
	bench_check(b, &in, &out, "gutter+reference");
	bench_see(b, "Read", numbered, true);
	in = reading(plain);
	out = bench_encode(b, &in);
	bench_check(b, &in, &out, "reference");
}

static void a_reference_leads_through_a_dropped_column(void **state)
{
	struct bench *b = *state;
	struct encode_in in = reading(numbered);
	struct encode_out out = bench_encode(b, &in);

	assert_int_equal(out.reason, ENCODE_CHANGED);
	rendered_add_to_view(b->view, view_name(b->view, STR("Read"), STR_NULL, STR_NULL), out.text,
		true, &b->arena);
	out = bench_encode(b, &in);
	bench_check(b, &in, &out, "gutter+reference");
}

/* What is sent for the lines from one number to the other, of which the 15th is another; it goes into the view. */
static str sent_with_a_change(struct bench *b, const char *name, int from, int to)
{
	struct encode_in in = running(NULL);
	struct encode_out out;
	struct buf text;

	buf_init_arena(&text, &b->arena, 1 << 20);
	for (int i = from; i <= to; i++)
		buf_printf(&text, "%s %d of them was done before anybody saw it\n",
			i % 15 ? "number" : "another", i);
	in.text = buf_str(&text);
	out = bench_encode(b, &in);
	bench_check(b, &in, &out, "reference");
	rendered_add_to_view(b->view, str_from(name), out.text, false, &b->arena);
	return out.text;
}

static void a_reference_leads_over_one_other_at_most(void **state)
{
	struct bench *b = *state;
	struct buf text;

	buf_init_arena(&text, &b->arena, 1 << 20);
	for (int i = 1; i <= 30; i++)
		buf_printf(&text, "number %d of them was done before anybody saw it\n", i);
	bench_see(b, "one", arena_cstr(&b->arena, buf_str(&text)), false);
	assert_str(sent_with_a_change(b, "two", 1, 29),
		"[same as one lines 1-14]\nanother 15 of them was done before anybody saw it\n"
		"[16-29 there]\n");
	/* over "two", which says all of it, and not over the one before */
	assert_str(sent_with_a_change(b, "three", 2, 28), "[same as two lines 2-28]\n");
	assert_str(sent_with_a_change(b, "four", 2, 28), "[same as two lines 2-28]\n");
}

static void a_block_that_is_indented_otherwise_is_referred_to(void **state)
{
	static const char inner[] = "\tstruct item_of_queue *more = realloc(q->items, cap * sizeof "
				    "*more);\n\tq->grown_n += more != NULL;\n\tif (!more)\n"
				    "\t\treturn false;\n\tq->items = more;\n\tq->cap = cap;\n";
	static const char outer[] =
		"\t\tstruct item_of_queue *more = realloc(q->items, cap * sizeof "
		"*more);\n\t\tq->grown_n += more != NULL;\n\t\tif (!more)\n"
		"\t\t\treturn false;\n\t\tq->items = more;\n\t\tq->cap = cap;\n\t}\n";
	struct bench *b = *state;
	struct encode_in in = reading(outer);
	struct encode_out out;

	bench_see(b, "Edit queue.c new_string", inner, false);
	out = bench_encode(b, &in);
	bench_check(b, &in, &out, "reference");
	assert_str(out.text, "[same as Edit queue.c new_string lines 1-6, indented 1 tab more]\n"
			     "\t}\n");
}

static void a_source_is_named_once(void **state)
{
	struct bench *b = *state;
	struct encode_in in = reading(NULL);
	struct encode_out out;
	struct buf text, changed;

	buf_init_arena(&text, &b->arena, 1 << 20);
	buf_init_arena(&changed, &b->arena, 1 << 20);
	for (int i = 1; i <= 60; i++) {
		buf_printf(&text, "\tcall_number(%d, is_even[%d], \"text %d\");\n", i, i, i);
		buf_printf(&changed, "\tcall_number(%d, is_even[%d], \"text %d\");\n", i,
			i + (i % 20 == 0), i);
	}
	bench_see(b, "Read main.c", arena_cstr(&b->arena, buf_str(&text)), false);
	in.text = buf_str(&changed);
	out = bench_encode(b, &in);
	bench_check(b, &in, &out, "reference");
	assert_str(out.text, "[same as Read main.c lines 1-19]\n"
			     "\tcall_number(20, is_even[21], \"text 20\");\n[21-39 there]\n"
			     "\tcall_number(40, is_even[41], \"text 40\");\n[41-59 there]\n"
			     "\tcall_number(60, is_even[61], \"text 60\");\n");
}

static void what_leads_nowhere_is_damaged(void **state)
{
	static const char *const texts[] = {"[1-2 there]", "[3-4 again]", "a\n[1-2 again]",
		"[same as Read main.c lines 1-2, indented 1 less]"};
	struct bench *b = *state;
	str decoded;

	bench_see(b, "Read main.c", "a\nb", false);
	for (size_t i = 0; i < ARRAY_N(texts); i++) {
		struct encode_in in = reading(texts[i]);

		assert_false(encode_decode(&in, b->view, &b->arena, &decoded));
	}
}

static void lines_with_a_common_beginning_can_be_referred_to(void **state)
{
	static const char text[] =
		"tests/unit/test_of_the_first_kind.py::test_that_one_is_one PASSED\n"
		"tests/unit/test_of_the_first_kind.py::test_that_two_is_two PASSED\n"
		"tests/unit/test_of_the_first_kind.py::test_that_three_is_three PASSED\n"
		"tests/unit/test_of_the_first_kind.py::test_that_four_is_four PASSED\n";
	struct bench *b = *state;
	struct encode_in in = running(text);
	struct encode_out out = bench_encode(b, &in);

	bench_check(b, &in, &out, "hoist");
	rendered_add_to_view(b->view, STR("Bash pytest"), out.text, false, &b->arena);
	out = bench_encode(b, &in);
	bench_check(b, &in, &out, "reference");
	assert_str(out.text, "[same as Bash pytest]");
}

static void repeated_lines_are_counted(void **state)
{
	struct bench *b = *state;
	struct encode_in in = running(NULL);
	struct encode_out out;

	in.text = repeated(&b->arena, "waiting for the server to come up ...\n", 20);
	in.no_references = true;
	out = bench_encode(b, &in);
	bench_check(b, &in, &out, "repeat");
}

static void lines_that_stand_further_up_are_referred_to(void **state)
{
	static const char text[] = "FAIL tests/one: expected the answer to be 42 but it was "
				   "something else altogether\n"
				   "  at the first place\n  at the second place\nFAIL tests/two: "
				   "timeout after ten seconds\n"
				   "FAIL tests/one: expected the answer to be 42 but it was "
				   "something else altogether\n"
				   "  at the first place\n  at the second place\n";
	struct bench *b = *state;
	struct encode_in in = running(text);
	struct encode_out out = bench_encode(b, &in);

	bench_check(b, &in, &out, "reference");
}

static void common_beginnings_are_said_once_but_not_in_files(void **state)
{
	static const char text[] =
		"/usr/share/doc/packages/one.txt\n/usr/share/doc/packages/two.txt\n"
		"/usr/share/doc/packages/three.txt\n/usr/share/doc/packages/four.txt\n";
	struct bench *b = *state;
	struct encode_in in = running(text);
	struct encode_out out = bench_encode(b, &in);

	bench_check(b, &in, &out, "hoist");
	in = reading(text);
	out = bench_encode(b, &in);
	assert_unchanged(&out, in.text, ENCODE_NO_GAIN);
}

/* A file tool that shows a directory shows nothing that could be edited. */
static void a_directory_is_said_in_short_whatever_tool_shows_it(void **state)
{
	static const char text[] = "Here's the files and directories up to 2 levels deep in /w, "
				   "excluding hidden items:\n"
				   "/workspace/project/one.txt\n/workspace/project/two.txt\n"
				   "/workspace/project/three.txt\n/workspace/project/four.txt\n";
	struct bench *b = *state;
	struct encode_in in = reading(text);
	struct encode_out out = bench_encode(b, &in);

	bench_check(b, &in, &out, "hoist");
}

/* References inside what a codec made count its lines, also where these begin with numbers. */
static void numbers_of_a_codecs_lines_are_no_column(void **state)
{
	static const char patterns[] =
		"1: a\n2: b\n3: c\n4: d\n5: e\n6: f\n7: g\n8: h\n9: i\n10: j\n"
		"11: k\n12: l\n";
	struct bench *b = *state;
	str decoded;
	struct buf text;

	buf_init_arena(&text, &b->arena, 1000);
	buf_printf(&text, "[log: 12 lines in 12 patterns; a row]\n%s[2-4 again]", patterns);
	assert_true(rendered_decode(b->view, buf_str(&text), false, &b->arena, &decoded));
	assert_true(str_ends(decoded, STR("\n12: l\n1: a\n2: b\n3: c")));
	/* elsewhere they are one */
	assert_true(rendered_decode(
		b->view, str_sub(buf_str(&text), 38, text.n), false, &b->arena, &decoded));
	assert_true(str_ends(decoded, STR("\n12: l\nb\nc\nd")));
}

static void an_envelope_is_opened_for_the_other_encoders(void **state)
{
	struct bench *b = *state;
	struct encode_in in = {.tool = TOOL_SHELL, .command = STR("make")};
	struct encode_out out;
	struct buf text;

	buf_init_arena(&text, &b->arena, 10000);
	buf_add_c(&text, "{\"output\":");
	buf_add_json_string(&text, STR(plain));
	buf_add_c(&text, ",\"metadata\":{\"exit_code\":0,\"duration_seconds\":0.0}}");
	in.text = buf_str(&text);
	bench_see(b, "Write", plain, false);
	out = bench_encode(b, &in);
	bench_check(b, &in, &out, "envelope+reference");
}

static void the_path_of_the_call_is_not_said_again(void **state)
{
	static const char text[] =
		"The file /home/me/src/main.c has been updated. /home/me/src/main.c is good.\n"
		"/home/me/src/main.c";
	struct bench *b = *state;
	struct encode_in in = reading(text);
	struct encode_out out = bench_encode(b, &in);

	bench_check(b, &in, &out, "echo");
	assert_true(str_ends(out.text, STR("\n/home/me/src/main.c")));
}

static void what_does_not_show_goes_unless_that_is_forbidden(void **state)
{
	static const char terminal[] =
		"\x1b[32mok\x1b[0m one of the tests\n\x1b[31mfail\x1b[0m the other\n";
	static const char json[] = "{\n  \"one\": 1.0,\n  \"two\": [\n    1,\n    2\n  ]\n}\n";
	struct bench *b = *state;
	struct encode_in in = running(terminal);
	struct encode_out out = bench_encode(b, &in);

	bench_check(b, &in, &out, "tidy");
	assert_int_equal(out.loss, LOSS_FORMAT);
	assert_str(out.text, "ok one of the tests\nfail the other\n");
	out = bench_encode_lossless(b, &in);
	assert_unchanged(&out, in.text, ENCODE_NO_GAIN);
	in = running(json);
	out = bench_encode(b, &in);
	bench_check(b, &in, &out, "json");
	assert_str(out.text, "{\"one\":1.0,\"two\":[1,2]}");
	out = bench_encode_lossless(b, &in);
	assert_true(out.loss == LOSS_NONE);
	in = reading(json); /* somebody may want to edit it */
	out = bench_encode(b, &in);
	assert_unchanged(&out, in.text, ENCODE_NO_GAIN);
}

static void an_envelope_over_several_lines_is_minified_and_opened(void **state)
{
	static const char text[] =
		"{\n  \"type\": \"text\",\n  \"text\": \"one line of it\\nand another\\n"
		"and one more, quite \\\"long\\\"\\n\"\n}\n";
	struct bench *b = *state;
	struct encode_in in = running(text);
	struct encode_out out = bench_encode(b, &in), again;

	bench_check(b, &in, &out, "envelope+json");
	in.text = out.text;
	again = bench_encode(b, &in);
	assert_unchanged(&again, in.text, ENCODE_ALREADY);
}

static void the_format_of_a_short_text_in_an_envelope_is_seen(void **state)
{
	static const char text[] =
		"{\"output\":\"{\\r\\n  \\\"type\\\": \\\"text\\\",\\r\\n  \\\"text\\\": "
		"\\\"\\\"\\r\\n}\\r\\n\",\"metadata\":{\"exit_code\":0,"
		"\"duration_seconds\":0.2}}";
	struct bench *b = *state;
	struct encode_in in = running(text);
	struct encode_out out = bench_encode(b, &in);

	bench_check(b, &in, &out, "envelope+tidy+json");
}

/* ---- what is left alone ------------------------------------------------------------------------------------- */

static void small_and_empty_texts_are_left_alone(void **state)
{
	static const char *const texts[] = {"", " ", "\n\n\n\n\n\n\n\n", "a", "ok\n", "1\ta\n2\tb"};
	const struct encode_policy policy = {.min_tokens = 12, .min_gain = 3};
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_N(texts); i++) {
		struct encode_in in = reading(texts[i]);
		struct encode_out out;

		encode_text(&in, &policy, b->view, NULL, &b->arena, &out);
		assert_unchanged(&out, in.text, ENCODE_TOO_SMALL);
	}
}

static void a_small_gain_is_no_gain(void **state)
{
	struct bench *b = *state;
	struct encode_in in = reading(numbered);
	struct encode_policy policy = {.min_tokens = 1, .min_gain = 1};
	struct encode_out out;

	encode_text(&in, &policy, b->view, NULL, &b->arena, &out);
	assert_int_equal(out.reason, ENCODE_CHANGED);
	policy.min_gain = out.tokens_before - out.tokens_after + 1;
	encode_text(&in, &policy, b->view, NULL, &b->arena, &out);
	assert_unchanged(&out, in.text, ENCODE_NO_GAIN);
}

static void our_own_renderings_are_left_alone(void **state)
{
	struct bench *b = *state;
	const struct encode_in ins[] = {reading(numbered), running(plain),
		reading("The file /home/me/src/main.c has been updated, as was asked for.")};

	bench_see(b, "Write", plain, false);
	for (size_t i = 0; i < ARRAY_N(ins); i++) {
		struct encode_in in = ins[i];
		struct encode_out out = bench_encode(b, &in);

		assert_int_equal(out.reason, ENCODE_CHANGED);
		in.text = out.text;
		out = bench_encode(b, &in);
		assert_unchanged(&out, in.text, ENCODE_ALREADY);
	}
}

static void a_marker_in_an_envelope_keeps_it_closed(void **state)
{
	struct bench *b = *state;
	struct encode_in in = running(NULL);
	struct encode_out out;
	struct buf inner, text;

	buf_init_arena(&inner, &b->arena, 10000);
	marker_write(&inner, &(struct marker){MARKER_REPEAT, .count = 3});
	buf_add_c(&inner, "\nand other lines, too\nand more of them, so that it is long enough\n");
	buf_init_arena(&text, &b->arena, 10000);
	buf_add_c(&text, "{\"stdout\":");
	buf_add_json_string(&text, buf_str(&inner));
	buf_add_c(&text, "}");
	in.text = buf_str(&text);
	out = bench_encode(b, &in);
	assert_unchanged(&out, in.text, ENCODE_NO_GAIN);
}

/* Lines of which a codec makes no rows, for they are too long: the second one as what is other in it. */
static void long_lines_of_a_coded_text_are_variants(void **state)
{
	struct bench *b = *state;
	struct encode_in in = running("");
	str dump = repeated(&b->arena, " key value", 200);
	struct encode_out out;
	struct buf t;

	buf_init_arena(&t, &b->arena, 1 << 16);
	for (unsigned i = 0; i < 300; i++) {
		buf_printf(&t, "2026-01-02 10:%02u:00 INFO queue: task %u is done\n", i / 5,
			i * i % 977);
		if (i % 100 == 10)
			buf_printf(&t, "2026-01-02 10:%02u:00 INFO dump of worker-%u:" STR_FMT "\n",
				i % 60, i / 100, STR_ARG(dump));
	}
	in.text = buf_str(&t);
	out = bench_encode(b, &in);
	bench_check(b, &in, &out, "variant+log");
	assert_true(str_find(out.text, STR("[same as line ")) != STR_NONE);
}

static void no_references_means_none(void **state)
{
	struct bench *b = *state;
	struct encode_in in = running(plain);
	struct encode_out out;

	bench_see(b, "Write", plain, false);
	in.no_references = true;
	out = bench_encode(b, &in);
	assert_unchanged(&out, in.text, ENCODE_NO_GAIN);
	in = reading(numbered);
	in.no_references = true;
	out = bench_encode(b, &in);
	bench_check(b, &in, &out, "gutter");
}

static void enough_is_enough(void **state)
{
	struct bench *b = *state;
	struct encode_in in = {.text = repeated(&b->arena,
				       "\x1b[32mone of the tests\x1b[0m is still running\n", 30),
		.tool = TOOL_SHELL,
		.command = STR("make")};
	struct encode_policy policy = {.min_tokens = 1, .min_gain = 1};
	struct encode_out out;

	encode_text(&in, &policy, b->view, NULL, &b->arena, &out);
	assert_int_equal(out.loss, LOSS_FORMAT);
	policy.target_ratio = 0.99;
	encode_text(&in, &policy, b->view, NULL, &b->arena, &out);
	assert_int_equal(out.loss, LOSS_NONE);
	assert_int_equal(out.reason, ENCODE_CHANGED);
}

/* ---- decoding what is not ours ----------------------------------------------------------------------------- */

static bool decodes(struct bench *b, const char *text, str *out)
{
	struct encode_in in = running(text);

	return encode_decode(&in, b->view, &b->arena, out);
}

/* Renders m, a line end and rest. */
static const char *with_marker(struct bench *b, struct marker m, const char *rest)
{
	struct buf out;

	buf_init_arena(&out, &b->arena, 10000);
	marker_write(&out, &m);
	buf_add_c(&out, rest);
	return arena_cstr(&b->arena, buf_str(&out));
}

static void damaged_renderings_are_refused(void **state)
{
	const struct gutter_style tab = {.sep_n = 1, .sep = "\t"};
	struct bench *b = *state;
	const char *const texts[] = {
		with_marker(
			b, (struct marker){MARKER_SAME, .from = 1, .to = 2, .name = STR("x")}, ""),
		with_marker(
			b, (struct marker){MARKER_SAME, .is_whole = true, .name = STR("x")}, ""),
		with_marker(b,
			(struct marker){MARKER_SAME, .from = 1, .to = 20, .name = STR("one")}, ""),
		with_marker(b, (struct marker){MARKER_SAME, .from = 1, .to = 2}, ""),
		with_marker(b, (struct marker){MARKER_REPEAT, .count = 2}, "\na"),
		with_marker(b, (struct marker){MARKER_GUTTER, .from = 1, .to = 3, .style = tab},
			"\na\nb"),
		with_marker(
			b, (struct marker){MARKER_GUTTER, .from = 1, .to = 3, .style = tab}, ""),
		with_marker(
			b, (struct marker){MARKER_EACH, .count = 3, .name = STR("x/")}, "\na\nb"),
		arena_printf(&b->arena, "%s\n%s",
			with_marker(
				b, (struct marker){MARKER_EACH, .count = 2, .name = STR("x/")}, ""),
			with_marker(b, (struct marker){MARKER_EACH, .count = 3, .name = STR("y/")},
				"\na\nb\nc"))
			.p,
		with_marker(b,
			(struct marker){MARKER_VARIANT, .from = 1, .name = STR("one"),
				.words = STR("\"not there\" -> \"\"")},
			""),
	};
	str out;

	bench_see(b, "one", plain, false);
	for (size_t i = 0; i < ARRAY_N(texts); i++)
		if (decodes(b, texts[i], &out))
			fail_msg("decoded: %s", texts[i]);
}

static void a_small_rendering_cannot_fill_the_memory(void **state)
{
	struct marker many = {MARKER_REPEAT, .count = 999999999};
	struct bench *b = *state;
	struct buf text;
	str out;

	buf_init_arena(&text, &b->arena, 1 << 20);
	buf_add_c(&text, "a line\n");
	for (int i = 0; i < 1000; i++) {
		marker_write(&text, &many);
		buf_add_byte(&text, '\n');
	}
	buf_add_byte(&text, '\0');
	assert_false(decodes(b, text.p, &out));
	buf_reset(&text);
	marker_write(&text, &(struct marker){MARKER_GUTTER, .from = 1, .to = 999999999,
				    .style = {.sep_n = 1, .sep = "\t"}});
	buf_add_c(&text, "\na");
	buf_add_byte(&text, '\0');
	assert_false(decodes(b, text.p, &out));
	assert_true(b->arena.used_bytes < 1 << 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(a_number_column_goes),
		bench_test(a_text_seen_before_is_only_named),
		bench_test(a_numbered_text_refers_to_the_plain_one_and_back),
		bench_test(a_reference_leads_through_a_dropped_column),
		bench_test(a_reference_leads_over_one_other_at_most),
		bench_test(a_block_that_is_indented_otherwise_is_referred_to),
		bench_test(a_source_is_named_once),
		bench_test(what_leads_nowhere_is_damaged),
		bench_test(lines_with_a_common_beginning_can_be_referred_to),
		bench_test(repeated_lines_are_counted),
		bench_test(lines_that_stand_further_up_are_referred_to),
		bench_test(common_beginnings_are_said_once_but_not_in_files),
		bench_test(a_directory_is_said_in_short_whatever_tool_shows_it),
		bench_test(numbers_of_a_codecs_lines_are_no_column),
		bench_test(an_envelope_is_opened_for_the_other_encoders),
		bench_test(the_path_of_the_call_is_not_said_again),
		bench_test(what_does_not_show_goes_unless_that_is_forbidden),
		bench_test(an_envelope_over_several_lines_is_minified_and_opened),
		bench_test(the_format_of_a_short_text_in_an_envelope_is_seen),
		bench_test(small_and_empty_texts_are_left_alone),
		bench_test(a_small_gain_is_no_gain),
		bench_test(our_own_renderings_are_left_alone),
		bench_test(a_marker_in_an_envelope_keeps_it_closed),
		bench_test(long_lines_of_a_coded_text_are_variants),
		bench_test(no_references_means_none),
		bench_test(enough_is_enough),
		bench_test(damaged_renderings_are_refused),
		bench_test(a_small_rendering_cannot_fill_the_memory),
	};

	return cmocka_run_group_tests_name("compress: encode and decode", tests, NULL, NULL);
}
