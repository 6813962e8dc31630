/* The tools of ours that a model may call. */
#include "core/memory/files.h"
#include "core/retrieve/retrieve.h"
#include "proxy/exchange.h"
#include "proxy/rounds_internal.h"

static bool is_retrieve(str name)
{
	return str_eq_c(name, retrieve_tool_name);
}

static bool answer_retrieve(struct exchange *x, const struct own_call *call, str *text)
{
	struct rounds *r = x->rounds;

	return retrieval_answer(&r->retrieval, call->arguments, &r->arena, text);
}

static bool is_memory(str name)
{
	return recall_tool_find(name) != RECALL_TOOLS_N;
}

/* The buffer is on the heap: recall_answer has an arena of its own, and this one may run out of memory. */
static bool answer_memory(struct exchange *x, const struct own_call *call, str *text)
{
	struct rounds *r = x->rounds;
	bool is_good;

	buf_reset(&r->answer);
	is_good = recall_answer(x->server->recall, &x->memory, recall_tool_find(call->name),
		call->arguments, &r->answer);
	*text = arena_str(&r->arena, buf_str(&r->answer));
	return is_good;
}

static bool is_files(str name)
{
	return str_eq_c(name, memory_files_name);
}

static bool answer_files(struct exchange *x, const struct own_call *call, str *text)
{
	struct rounds *r = x->rounds;
	bool is_good;

	buf_reset(&r->answer);
	is_good = memory_files_answer(x->server->recall, &x->memory, call->arguments, &r->answer);
	*text = arena_str(&r->arena, buf_str(&r->answer));
	return is_good;
}

static const struct rounds_tool tools[] = {
	{OWN_TOOL_RETRIEVE, is_retrieve, answer_retrieve},
	{OWN_TOOL_MEMORY, is_memory, answer_memory},
	{OWN_TOOL_FILES, is_files, answer_files},
};

const struct rounds_tool *rounds_tool_of(unsigned own, str name)
{
	for (size_t i = 0; i < ARRAY_N(tools); i++)
		if (own & tools[i].own && tools[i].is_named(name))
			return &tools[i];
	return NULL;
}
