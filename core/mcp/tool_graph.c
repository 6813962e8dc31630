/* headroom_graph: questions to the code graph of the directory that the server was started in (core/graph/graph.h). Before each
 * answer the files that have changed are read, so an answer is never older than the question. */
#include "core/graph/graph.h"
#include "core/mcp/tools_internal.h"

enum {
	ROWS_MAX = 200, /* more is no answer */
	ANSWER_MAX = 64 << 10,
};

static const struct {
	const char *key;
	enum graph_question question;
} questions[] = {
	{"defined", GRAPH_DEFINED},
	{"callers", GRAPH_CALLERS},
	{"calls", GRAPH_CALLS},
	{"imports", GRAPH_IMPORTS},
	{"importers", GRAPH_IMPORTERS},
	{"outline", GRAPH_OUTLINE},
};

struct answer {
	struct buf text;
	uint32_t rows;
};

/* "core/base/arena.c:65-80 arena_alloc", "core/base/buf.c:43 arena_grow in grow". */
static void add_row(void *self, str path, const struct graph_row *row)
{
	struct answer *a = self;

	a->rows++;
	buf_add(&a->text, path);
	buf_printf(&a->text, ":%u", row->first);
	if (row->last != row->first && row->kind <= GRAPH_TYPE)
		buf_printf(&a->text, "-%u", row->last);
	buf_add_byte(&a->text, ' ');
	buf_add(&a->text, row->name);
	if (row->within.n) {
		buf_add_c(&a->text, " in ");
		buf_add(&a->text, row->within);
	}
	buf_add_byte(&a->text, '\n');
}

static enum err open_graph(struct mcp_tools *t, struct graph **out, struct errctx *cx)
{
	enum err e = E_OK;

	pthread_mutex_lock(&t->lock);
	if (!t->graph)
		e = graph_open(t->conf.graph_root, t->conf.graph_file, &t->graph, cx);
	*out = t->graph;
	pthread_mutex_unlock(&t->lock);
	return e;
}

/* The one question of the call. */
static enum err read_question(
	struct mcp_call *c, enum graph_question *question, str *what, struct errctx *cx)
{
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_N(questions); i++) {
		str value = STR_NULL;

		TRY(mcp_arg_str(c, questions[i].key, &value, cx));
		if (!value.n)
			continue;
		*question = questions[i].question;
		*what = value;
		n++;
	}
	if (n != 1)
		FAIL(cx, E_USAGE,
			"one of defined, callers, calls, imports, importers, outline is needed");
	while (what->n > 1 && str_ends(*what, STR("/")))
		what->n--;
	return E_OK;
}

enum err mcp_tool_graph(void *self, struct mcp_call *c, struct errctx *cx)
{
	enum graph_question question = GRAPH_DEFINED;
	struct graph_counts counts;
	struct answer a = {.rows = 0};
	struct graph *g;
	str what = STR_NULL;
	enum err e;

	TRY(read_question(c, &question, &what, cx));
	TRY(open_graph(self, &g, cx));
	TRY(graph_update(g, &counts, cx));
	buf_init(&a.text, ANSWER_MAX);
	e = graph_ask(g, question, what, ROWS_MAX, add_row, &a, cx);
	if (!e && !a.rows)
		buf_printf(&a.text, "Nothing in %u source files.\n", counts.files);
	if (!e && a.rows == ROWS_MAX)
		buf_printf(&a.text, "(the first %d)\n", ROWS_MAX);
	if (!e && a.text.err == E_NOMEM)
		e = err_set(cx, E_NOMEM, "%s", err_text(E_NOMEM));
	if (!e)
		mcp_call_add_text(c, buf_str(&a.text));
	buf_release(&a.text);
	return e;
}
