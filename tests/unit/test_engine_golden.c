/* Shows what renderings look like: tests/golden/render/NAME/in is a conversation in plain writing, out is what
 * the model gets to see of it. UPDATE=1 in the environment rewrites out.
 *
 *	@ Read /w/main.c             a call of a tool with that path or command, and its result below
 *	@call Write /w/main.c        a call whose input has the text below, with a result of one word
 *
 * The line end before the next "@" belongs to neither. ^[ ^M ^H stand for escape, carriage return, backspace. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/vec.h"
#include "core/engine/verify.h"

#define CASES "tests/golden/render"

struct step {
	bool is_call; /* the text is in the input */
	str tool, argument, text;
};
typedef VEC(struct step) steps;

/* ---- files ----------------------------------------------------------------------------------------------- */

static str read_file(struct arena *a, const char *path)
{
	FILE *f = fopen(path, "rb");
	struct buf b;
	char some[4096];

	buf_init_arena(&b, a, 1 << 20);
	if (!f)
		return STR_NULL;
	for (size_t n; (n = fread(some, 1, sizeof some, f)) > 0;)
		buf_add(&b, (str){some, n});
	(void)fclose(f);
	return buf_str(&b);
}

static void write_file(const char *path, str text)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(text.p, 1, text.n, f), text.n);
	assert_int_equal(fclose(f), 0);
}

/* ---- plain writing ----------------------------------------------------------------------------------------- */

static const struct {
	char control;
	const char *shown;
} controls[] = {{0x1b, "^["}, {'\r', "^M"}, {'\b', "^H"}};

static str from_shown(struct arena *a, str text)
{
	struct buf b;

	buf_init_arena(&b, a, 1 << 20);
	while (text.n) {
		size_t i = 0;

		while (i < ARRAY_N(controls) && !str_starts(text, str_from(controls[i].shown)))
			i++;
		buf_add_byte(&b, i < ARRAY_N(controls) ? controls[i].control : *text.p);
		text = str_sub(text, i < ARRAY_N(controls) ? 2 : 1, text.n);
	}
	return buf_str(&b);
}

static void add_shown(struct buf *b, str text)
{
	for (size_t k = 0; k < text.n; k++) {
		size_t i = 0;

		while (i < ARRAY_N(controls) && controls[i].control != text.p[k])
			i++;
		if (i < ARRAY_N(controls))
			buf_add_c(b, controls[i].shown);
		else
			buf_add_byte(b, text.p[k]);
	}
}

static struct step read_header(str line)
{
	struct step s = {.is_call = str_starts(line, STR("@call "))};
	size_t blank;

	s.argument = str_sub(line, s.is_call ? 6 : 2, line.n);
	blank = str_find_byte(s.argument, ' ');
	assert_true(blank != STR_NONE);
	s.tool = str_sub(s.argument, 0, blank);
	s.argument = str_sub(s.argument, blank + 1, s.argument.n);
	return s;
}

static steps read_steps(struct arena *a, str in)
{
	steps all = {0};
	const char *text = NULL;

	for (str line, rest = in; str_next_line(&rest, &line, NULL);) {
		if (!str_starts(line, STR("@ ")) && !str_starts(line, STR("@call ")))
			continue;
		if (text)
			all.v[all.n - 1].text = (str){text, (size_t)(line.p - 1 - text)};
		*vec_push(&all, a) = read_header(line);
		text = rest.p;
	}
	if (!all.v) {
		fail_msg("no step in it");
		return all;
	}
	all.v[all.n - 1].text = (str){text, (size_t)(in.p + in.n - 1 - text)};
	for (size_t i = 0; i < all.n; i++)
		all.v[i].text = from_shown(a, all.v[i].text);
	return all;
}

/* ---- a case -------------------------------------------------------------------------------------------------- */

static str make_body(struct arena *a, const steps *all)
{
	struct buf b;

	buf_init_arena(&b, a, 1 << 20);
	buf_add_c(&b, "{\"messages\":[{\"role\":\"user\",\"content\":\"go\"}");
	for (size_t i = 0; i < all->n; i++) {
		const struct step *s = &all->v[i];

		buf_printf(&b,
			",{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\"t%"
			"zu\","
			"\"name\":\"" STR_FMT "\",\"input\":{\"%s\":",
			i, STR_ARG(s->tool), str_eq_c(s->tool, "Bash") ? "command" : "file_path");
		buf_add_json_string(&b, s->argument);
		if (s->is_call) {
			buf_add_c(&b, ",\"content\":");
			buf_add_json_string(&b, s->text);
		}
		buf_printf(&b,
			"}}]},{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\","
			"\"tool_use_id\":\"t%zu\",\"content\":",
			i);
		buf_add_json_string(&b, s->is_call ? STR("Done.") : s->text);
		buf_add_c(&b, "}]}");
	}
	buf_add_c(&b, "]}");
	return buf_str(&b);
}

/* The same in plain writing, each result with what became of it. */
static str show(struct arena *a, const steps *all, const struct compress_result *r)
{
	struct json_tape t;
	struct wire_doc d;
	struct buf b;
	size_t i = 0;

	assert_int_equal(json_scan(a, r->body, &t, NULL), E_OK);
	assert_int_equal(wire_walk(a, &t, r->format, &d, NULL), E_OK);
	buf_init_arena(&b, a, 1 << 20);
	for (uint32_t k = 0; k < d.n; k++) {
		const struct compress_block *x = &r->blocks[k];
		const struct step *s;
		str text;

		if (d.blocks[k].kind != WIRE_TOOL_RESULT || i >= all->n)
			continue;
		s = &all->v[i++];
		buf_printf(&b, "@%s " STR_FMT " " STR_FMT, s->is_call ? "call" : "",
			STR_ARG(s->tool), STR_ARG(s->argument));
		if (s->is_call) {
			buf_add_byte(&b, '\n');
			continue;
		}
		buf_printf(&b, ": " STR_FMT "%s, %u -> %u tokens\n", STR_ARG(x->encoders),
			x->encoders.n ? "" : x->reason, x->tokens_before, x->tokens_after);
		assert_true(json_unescape(span_str(r->body, d.blocks[k].at), a, &text));
		add_shown(&b, text);
		buf_add_byte(&b, '\n');
	}
	return buf_str(&b);
}

static void run_case(const char *name)
{
	struct arena a = ARENA_INIT;
	const char *in_path = arena_printf(&a, CASES "/%s/in", name).p,
		   *out_path = arena_printf(&a, CASES "/%s/out", name).p;
	steps all = read_steps(&a, read_file(&a, in_path));
	str body = make_body(&a, &all), got, want;
	struct compress_result r;
	struct verify_report report;
	struct engine *e;

	assert_int_equal(engine_new(&(struct engine_conf){0}, &e, NULL), E_OK);
	assert_int_equal(
		compress_request(e, body, WIRE_ANTHROPIC, &(struct compress_conf){0}, &r, NULL),
		E_OK);
	assert_int_equal(compress_verify(body, r.body, WIRE_ANTHROPIC, NULL, &report, NULL), E_OK);
	got = show(&a, &all, &r);
	if (getenv("UPDATE"))
		write_file(out_path, got);
	want = read_file(&a, out_path);
	if (!str_eq(got, want))
		fail_msg("%s\ngot:\n" STR_FMT "want:\n" STR_FMT, out_path, STR_ARG(got),
			STR_ARG(want));
	compress_result_release(&r);
	engine_free(e);
	arena_release(&a);
}

static void renderings_look_as_they_are_shown(void **state)
{
	DIR *dir = opendir(CASES);
	unsigned n = 0;

	(void)state;
	assert_non_null(dir); /* run in the directory of the sources */
	for (struct dirent *d; (d = readdir(dir)) != NULL;) {
		if (*d->d_name == '.')
			continue;
		run_case(d->d_name);
		n++;
	}
	assert_int_equal(closedir(dir), 0);
	assert_true(n > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(renderings_look_as_they_are_shown),
	};

	return cmocka_run_group_tests_name("engine: golden renderings", tests, NULL, NULL);
}
