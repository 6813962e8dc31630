/* headroom_graph: questions to the code graph of the directory that the server was started in (core/graph/graph.h). Before each
 * answer the files that have changed are read, so an answer is never older than the question. */
#include "core/graph/graph.h"
#include "core/mcp/graph_page.h"
#include "core/mcp/tools_internal.h"

enum { PATTERN_MAX = 200 }; /* bytes; no name is so long */

static const struct {
	const char *key;
	enum graph_question question;
} questions[] = {
	{"defined", GRAPH_DEFINED},
	{"callers", GRAPH_REACHED},
	{"uses", GRAPH_USES},
	{"calls", GRAPH_CALLS},
	{"imports", GRAPH_IMPORTS},
	{"importers", GRAPH_IMPORTERS},
	{"outline", GRAPH_OUTLINE},
};

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
			"one of defined, callers, uses, calls, imports, importers, outline is "
			"needed");
	if (*question == GRAPH_DEFINED && str_find_byte(*what, '*') != STR_NONE)
		*question = GRAPH_ALIKE;
	while (what->n > 1 && str_ends(*what, STR("/")))
		what->n--;
	return E_OK;
}

/* Where nothing has that name: what has it in it. */
static enum err ask_alike(struct graph *g, struct graph_page *p, str what, struct errctx *cx)
{
	char pattern[PATTERN_MAX + 2];

	if (p->question != GRAPH_DEFINED || p->rows || what.n >= PATTERN_MAX)
		return E_OK;
	pattern[0] = '*';
	memcpy(pattern + 1, what.p, what.n);
	pattern[what.n + 1] = '*';
	buf_add_c(&p->text, "None has just that name. Names with it:\n");
	TRY(graph_ask(
		g, GRAPH_ALIKE, (str){pattern, what.n + 2}, UINT32_MAX, graph_page_add, p, cx));
	if (!p->rows)
		buf_reset(&p->text);
	return E_OK;
}

static enum err ask(
	struct graph *g, struct graph_page *p, str what, uint32_t files, struct errctx *cx)
{
	TRY(graph_ask(g, p->question, what, UINT32_MAX, graph_page_add, p, cx));
	TRY(ask_alike(g, p, what, cx));
	if (!p->rows)
		buf_printf(&p->text, "Nothing in %u source files.\n", files);
	graph_page_end(p);
	if (p->text.err == E_NOMEM)
		FAIL(cx, E_NOMEM, "%s", err_text(E_NOMEM));
	return E_OK;
}

enum err mcp_tool_graph(void *self, struct mcp_call *c, struct errctx *cx)
{
	enum graph_question question = GRAPH_DEFINED;
	uint64_t offset = 0, limit = 0;
	struct graph_counts counts;
	struct graph_page page;
	struct graph *g;
	str what = STR_NULL;
	enum err e;

	TRY(read_question(c, &question, &what, cx));
	TRY(mcp_arg_u64(c, "offset", &offset, cx));
	TRY(mcp_arg_u64(c, "limit", &limit, cx));
	TRY(open_graph(self, &g, cx));
	TRY(graph_update(g, &counts, cx));
	graph_page_init(&page, question, what, offset, limit);
	e = ask(g, &page, what, counts.files, cx);
	if (!e)
		mcp_call_add_text(c, buf_str(&page.text));
	graph_page_release(&page);
	return e;
}
