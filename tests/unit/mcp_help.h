/* mcp_help: an MCP server with tools of the test, and all that it writes. */
#ifndef TESTS_UNIT_MCP_HELP_H
#define TESTS_UNIT_MCP_HELP_H

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "core/mcp/mcp.h"

enum { TOOLS = 60, OUT_MAX = 16 << 20 };

/* A server with tools of the test, and all that it has written. */
struct fixture {
	struct mcp_server *m;
	struct mcp_tool tools[TOOLS];
	char names[TOOLS][16];
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct buf out;
	bool is_released;
	size_t running; /* of the tool that waits */
	bool is_broken; /* writing fails */
	struct errctx cx;
};

/* ---- tools --------------------------------------------------------------------------------------------- */

/* Its argument "text", and in between nothing that a test has to wait for. */
static enum err echo(void *self, struct mcp_call *c, struct errctx *cx)
{
	uint32_t args = mcp_call_args(c), node = JSON_ABSENT;
	str text = STR("nothing");

	(void)self;
	if (args != JSON_ABSENT)
		node = json_member(mcp_call_tape(c), args, "text");
	if (node != JSON_ABSENT && !json_string(mcp_call_tape(c), node, mcp_call_arena(c), &text))
		return err_set(cx, E_MALFORMED, "text must be a string");
	mcp_call_add_text(c, text);
	mcp_call_set_structured(c, STR("{\"n\":1}"));
	return E_OK;
}

static enum err wait_for_release(void *self, struct mcp_call *c, struct errctx *cx)
{
	struct fixture *f = self;

	(void)cx;
	pthread_mutex_lock(&f->lock);
	f->running++;
	pthread_cond_broadcast(&f->changed);
	while (!f->is_released)
		pthread_cond_wait(&f->changed, &f->lock);
	pthread_mutex_unlock(&f->lock);
	mcp_call_add_text(c, mcp_call_is_cancelled(c) ? STR("cancelled") : STR("waited"));
	return E_OK;
}

static enum err release(void *self, struct mcp_call *c, struct errctx *cx)
{
	struct fixture *f = self;

	(void)cx;
	pthread_mutex_lock(&f->lock);
	f->is_released = true;
	pthread_cond_broadcast(&f->changed);
	pthread_mutex_unlock(&f->lock);
	mcp_call_add_text(c, STR("released"));
	return E_OK;
}

static enum err runs_out(void *self, struct mcp_call *c, struct errctx *cx)
{
	(void)self;
	(void)cx;
	mcp_call_add_text(c, STR("half an answer"));
	arena_fail(mcp_call_arena(c));
}

/* ---- fixture ------------------------------------------------------------------------------------------- */

static enum err keep(void *self, str line, struct errctx *cx)
{
	struct fixture *f = self;

	if (f->is_broken)
		return err_set(cx, E_IO, "the pipe is closed");
	pthread_mutex_lock(&f->lock);
	buf_add(&f->out, line);
	pthread_cond_broadcast(&f->changed);
	pthread_mutex_unlock(&f->lock);
	return E_OK;
}

static void begin(struct fixture *f, size_t tools_n)
{
	static const struct mcp_tool first[] = {
		{"echo", "Echo", "Says it.", "{\"type\":\"object\"}",
			"{\"type\":\"object\",\"properties\":{}}", true, echo},
		{"wait", "Wait", "Waits.", "{\"type\":\"object\"}", NULL, false, wait_for_release},
		{"release", "Release", "Ends it.", "{\"type\":\"object\"}", NULL, false, release},
		{"runs_out", "Out", "Fails.", "{\"type\":\"object\"}", NULL, false, runs_out},
	};
	struct mcp_conf conf = {.tools = f->tools,
		.tools_n = tools_n,
		.tools_self = f,
		.name = "test",
		.title = "Test",
		.version = "1.0",
		.write = keep,
		.self = f};

	for (size_t i = 0; i < TOOLS; i++) {
		f->tools[i] = first[i < ARRAY_N(first) ? i : 0];
		(void)snprintf(f->names[i], sizeof f->names[i], "tool%zu", i);
		if (i >= ARRAY_N(first))
			f->tools[i].name = f->names[i];
	}
	assert_int_equal(mcp_new(&conf, &f->m, &f->cx), E_OK);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	if (!f)
		return -1;
	(void)pthread_mutex_init(&f->lock, NULL);
	(void)pthread_cond_init(&f->changed, NULL);
	buf_init(&f->out, OUT_MAX);
	begin(f, 4);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	mcp_free(f->m);
	buf_release(&f->out);
	(void)pthread_mutex_destroy(&f->lock);
	(void)pthread_cond_destroy(&f->changed);
	free(f);
	return 0;
}

static void feed(struct fixture *f, const char *text)
{
	assert_int_equal(mcp_feed(f->m, str_from(text), &f->cx), E_OK);
}

/* One line; what is answered at once must be this, "" for nothing. */
static void ask(struct fixture *f, const char *line, const char *want)
{
	buf_reset(&f->out);
	feed(f, line);
	feed(f, "\n");
	buf_add_byte(&f->out, '\0');
	if (*want) {
		assert_int_equal(f->out.p[f->out.n - 2], '\n');
		f->out.p[f->out.n - 2] = '\0';
	}
	assert_string_equal(f->out.p, want);
	buf_reset(&f->out);
}

static void ask_has(struct fixture *f, const char *line, const char *part, bool is_there)
{
	buf_reset(&f->out);
	feed(f, line);
	feed(f, "\n");
	assert_int_equal(mcp_finish(f->m, &f->cx), E_OK);
	if ((str_find(buf_str(&f->out), str_from(part)) != STR_NONE) != is_there)
		fail_msg(
			"%s %s: %.*s", is_there ? "no" : "there is", part, (int)f->out.n, f->out.p);
	buf_reset(&f->out);
}

#define INIT(version)                                                                              \
	"{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":" \
	"\"" version                                                                               \
	"\",\"capabilities\":{},\"clientInfo\":{\"name\":\"unit\",\"version\":\"1\"}}}"
#define CALL(id, name)                    \
	"{\"jsonrpc\":\"2.0\",\"id\":" id \
	",\"method\":\"tools/call\",\"params\":{\"name\":\"" name "\"}}"

static void initialize(struct fixture *f)
{
	feed(f, INIT("2025-06-18") "\n{\"jsonrpc\":\"2.0\",\"method\":\"notifications/"
				   "initialized\"}\n");
	buf_reset(&f->out);
}

/* How often text is in what was written. */
static size_t count(struct fixture *f, const char *text)
{
	str rest = buf_str(&f->out);
	size_t n = 0, at;

	while ((at = str_find(rest, str_from(text))) != STR_NONE) {
		rest = str_sub(rest, at + 1, rest.n);
		n++;
	}
	return n;
}

#endif
