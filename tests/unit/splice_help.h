/* splice_help: runs rounds of an answer through answer_splice, however they are cut, for the tests of all formats. */
#ifndef TESTS_UNIT_SPLICE_HELP_H
#define TESTS_UNIT_SPLICE_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/json/scan.h"
#include "core/wire/answer_splice.h"

enum { SPLICE_ROUNDS = 4, SPLICE_HELD = 1 << 20, SPLICE_TEXT = 1 << 24 };

/* What came of some rounds. Texts are in the arena. */
struct splice_run {
	enum err err;
	enum round_end ends[SPLICE_ROUNDS];
	str calls[SPLICE_ROUNDS]; /* "name(id)arguments;" for each */
	str messages[SPLICE_ROUNDS];
	str visible, out;
};

/* What is wanted of it; NULL: not looked at. */
struct splice_want {
	const char *ends;  /* a letter for each round: d(one) c(ontinue) m(ixed) b(roken) */
	const char *calls; /* of all rounds */
	const char *messages[SPLICE_ROUNDS];
	const char *visible;
	const char *note; /* closed with it after the last round */
};

static bool splice_is_ours(void *self, str name)
{
	(void)self;
	return str_eq(name, STR("headroom_retrieve"));
}

static struct answer_splice_conf splice_conf(enum wire_format format, enum answer_form form)
{
	return (struct answer_splice_conf){
		.format = format, .form = form, .is_own = splice_is_ours, .held_max = SPLICE_HELD};
}

/* Each piece on the heap, so that a slice kept too long is seen. */
static enum err splice_feed_copy(struct answer_splice *s, str piece, struct buf *out)
{
	char *copy = mem_alloc(piece.n + 1);
	enum err e;

	assert_non_null(copy);
	if (piece.n)
		memcpy(copy, piece.p, piece.n);
	e = answer_splice_feed(s, (str){copy, piece.n}, out);
	mem_free(copy);
	return e;
}

/* In two pieces, cut there; 0: byte by byte. */
static enum err splice_feed_cut(struct answer_splice *s, str bytes, size_t cut, struct buf *out)
{
	enum err e = E_OK;

	if (cut > bytes.n)
		cut = bytes.n;
	if (cut) {
		e = splice_feed_copy(s, str_sub(bytes, 0, cut), out);
		return e ? e : splice_feed_copy(s, str_sub(bytes, cut, bytes.n), out);
	}
	for (size_t i = 0; i < bytes.n && !e; i++)
		e = splice_feed_copy(s, str_sub(bytes, i, i + 1), out);
	return e;
}

static void splice_end(struct answer_splice *s, struct arena *a, size_t round, struct buf *out,
	struct splice_run *run)
{
	struct buf text;
	size_t n;
	const struct own_call *calls;

	run->ends[round] = answer_splice_end_round(s, true, out);
	calls = answer_splice_calls(s, &n);
	buf_init_arena(&text, a, SPLICE_TEXT);
	for (size_t i = 0; i < n; i++)
		buf_printf(&text, STR_FMT "(" STR_FMT ")" STR_FMT ";", STR_ARG(calls[i].name),
			STR_ARG(calls[i].id), STR_ARG(calls[i].arguments));
	run->calls[round] = buf_str(&text);
	run->messages[round] = arena_str(a, answer_splice_message(s));
}

static UNUSED struct splice_run splice_rounds(struct arena *a,
	const struct answer_splice_conf *conf, const str *rounds, size_t cut, const char *note)
{
	struct answer_splice *s = answer_splice_new(conf);
	struct splice_run run = {0};
	struct buf out;

	assert_non_null(s);
	buf_init_arena(&out, a, SPLICE_TEXT);
	for (size_t i = 0; i < SPLICE_ROUNDS && rounds[i].p && !run.err; i++) {
		run.err = splice_feed_cut(s, rounds[i], cut, &out);
		splice_end(s, a, i, &out, &run);
	}
	if (note && !run.err)
		run.err = answer_splice_close(s, str_from(note), &out);
	run.visible = arena_str(a, answer_splice_visible(s));
	run.out = buf_str(&out);
	answer_splice_free(s);
	return run;
}

static void splice_assert_text(const char *what, size_t cut, str got, const char *want)
{
	if (want && !str_eq_c(got, want))
		fail_msg(
			"%s, cut at %zu:\n" STR_FMT "\nwanted:\n%s", what, cut, STR_ARG(got), want);
}

static void splice_assert_run(
	const struct splice_run *run, size_t cut, const struct splice_want *w, struct arena *a)
{
	struct buf calls;
	str ends;
	char letters[SPLICE_ROUNDS + 1] = "";

	buf_init_arena(&calls, a, SPLICE_TEXT);
	assert_int_equal(run->err, E_OK);
	for (size_t i = 0; i < strlen(w->ends); i++) {
		letters[i] = "dcmb"[run->ends[i]];
		buf_add(&calls, run->calls[i]);
		splice_assert_text("message", cut, run->messages[i], w->messages[i]);
	}
	ends = str_from(letters);
	splice_assert_text("ends", cut, ends, w->ends);
	splice_assert_text("calls", cut, buf_str(&calls), w->calls);
	splice_assert_text("visible", cut, run->visible, w->visible);
}

/* The rounds (up to the first NULL) give out what is wanted, wherever they are cut. */
static UNUSED void splice_assert(const struct answer_splice_conf *conf, const str *rounds,
	const char *out, const struct splice_want *w)
{
	size_t longest = 0;

	for (size_t i = 0; i < SPLICE_ROUNDS && rounds[i].p; i++)
		longest = rounds[i].n > longest ? rounds[i].n : longest;
	for (size_t cut = 0; cut <= longest; cut++) {
		struct arena a = ARENA_INIT;
		struct splice_run run = splice_rounds(&a, conf, rounds, cut, w->note);

		splice_assert_run(&run, cut, w, &a);
		splice_assert_text("client", cut, run.out, out);
		arena_release(&a);
	}
}

/* The rounds of a scripted answer, what the client gets of it (NULL: what the first round has), and what else is
 * wanted. */
struct splice_script {
	const char *rounds[SPLICE_ROUNDS];
	const char *out;
	struct splice_want want;
};

static UNUSED void splice_assert_scripts(
	enum wire_format format, enum answer_form form, const struct splice_script *v, size_t n)
{
	struct answer_splice_conf conf = splice_conf(format, form);

	for (size_t at = 0; at < n; at++) {
		str rounds[SPLICE_ROUNDS];

		for (size_t i = 0; i < SPLICE_ROUNDS; i++)
			rounds[i] = str_from(v[at].rounds[i]);
		splice_assert(&conf, rounds, v[at].out ? v[at].out : v[at].rounds[0], &v[at].want);
	}
}

/* Without memory it says so, and nothing leaks: every allocation of these rounds fails once. What is put together beside the answer may
 * be lost without an end of it, and is empty then. */
static UNUSED void splice_assert_nomem(
	const struct answer_splice_conf *conf, const str *rounds, const char *note)
{
	bool has_failed = true;

	for (size_t n = 1; has_failed; n++) {
		struct buf out;
		struct answer_splice *s;
		enum err e = E_OK;

		buf_init(&out, SPLICE_TEXT);
		mem_fail_after(n);
		s = answer_splice_new(conf);
		for (size_t i = 0; s && !e && i < SPLICE_ROUNDS && rounds[i].p; i++) {
			e = answer_splice_feed(s, rounds[i], &out);
			if (answer_splice_end_round(s, true, &out) == ROUND_BROKEN && !e)
				e = answer_splice_feed(s, STR("x"), &out);
		}
		if (s && !e)
			e = answer_splice_close(s, str_from(note), &out);
		has_failed = mem_failed();
		mem_fail_after(0);
		if (s && has_failed && (e || answer_splice_visible(s).n))
			assert_int_equal(e, E_NOMEM);
		answer_splice_free(s);
		buf_release(&out);
	}
}

#endif
