#include "core/wire/wire.h"

#include "core/base/map.h"

/* Calls without an id wait here for results without one. More than this at a time are not matched. */
enum { WAITING_MAX = 64 };

struct resolver {
	struct wire_doc *doc;
	struct map by_id; /* id -> struct wire_block */
	uint32_t waiting[WAITING_MAX];
	uint32_t waiting_n;
	bool is_answering; /* results have come since the last call without id */
};

static void link_to(struct resolver *r, struct wire_block *result, uint32_t call)
{
	result->call = call;
	if (!result->tool.n)
		result->tool = r->doc->blocks[call].tool;
}

static bool link_here(struct resolver *r, struct wire_block *result)
{
	const struct wire_block *call = map_find(&r->by_id, result->call_id);

	if (call)
		link_to(r, result, (uint32_t)(call - r->doc->blocks));
	return call != NULL;
}

/* Results without ids answer the calls of the turn before them, by name and in order; a call that was not
 * answered then is not answered later. */
static void call_without_id(struct resolver *r, uint32_t i)
{
	if (r->is_answering)
		r->waiting_n = 0;
	r->is_answering = false;
	if (r->waiting_n < WAITING_MAX)
		r->waiting[r->waiting_n++] = i;
}

static void result_without_id(struct resolver *r, struct wire_block *result)
{
	r->is_answering = true;
	for (uint32_t i = 0; i < r->waiting_n; i++) {
		if (!str_eq(r->doc->blocks[r->waiting[i]].tool, result->tool))
			continue;
		link_to(r, result, r->waiting[i]);
		r->waiting_n--;
		memmove(&r->waiting[i], &r->waiting[i + 1],
			(r->waiting_n - i) * sizeof *r->waiting);
		return;
	}
}

/* Several results of one message may answer one call: a list of texts, stdout and stderr. */
static bool is_next_of_same(const struct wire_block *b, const struct wire_block *before)
{
	return before->kind == WIRE_TOOL_RESULT && before->message == b->message &&
	       before->part == b->part && str_eq(before->call_id, b->call_id) &&
	       str_eq(before->tool, b->tool);
}

static bool resolve_block(struct resolver *r, uint32_t i)
{
	struct wire_block *b = &r->doc->blocks[i];

	if (b->kind == WIRE_TOOL_CALL && b->call_id.n)
		*map_at(&r->by_id, b->call_id) = b;
	else if (b->kind == WIRE_TOOL_CALL)
		call_without_id(r, i);
	else if (b->kind != WIRE_TOOL_RESULT)
		return true;
	else if (b->call_id.n)
		return link_here(r, b);
	else if (i && is_next_of_same(b, b - 1))
		b->call = b[-1].call;
	else
		result_without_id(r, b);
	return true;
}

/* How messages begin, as literals, in which mini-swe-agent and SWE-agent give what a command printed; both have one command
 * in a block of code in the message before. What follows must not matter: it is not there yet when this is first seen. */
static const str observations[] = {{"\"<returncode>", 13}, {"\"OBSERVATION:\\n", 15}};

static bool is_observation(const struct wire_doc *d, uint32_t i)
{
	const struct wire_block *b = &d->blocks[i], *before = b - 1;
	str text;

	if (!i || b->kind != WIRE_TEXT || b->role != WIRE_USER || before->kind != WIRE_TEXT ||
		before->role != WIRE_ASSISTANT)
		return false;
	text = span_str(d->tape.doc, b->at);
	for (size_t k = 0; k < ARRAY_N(observations); k++)
		if (str_starts(text, observations[k]))
			return str_find(span_str(d->tape.doc, before->at), STR("```")) != STR_NONE;
	return false;
}

static void find_observations(struct wire_doc *d)
{
	for (uint32_t i = 0; i < d->n; i++) {
		struct wire_block *b = &d->blocks[i];

		if (!is_observation(d, i))
			continue;
		b->kind = WIRE_TOOL_RESULT;
		b->role = WIRE_TOOL;
		b->tool = STR("bash");
		b->call = i - 1;
	}
}

void wire_resolve(struct arena *a, struct wire_doc *d, struct wire_calls *calls)
{
	struct resolver r = {.doc = d};
	bool is_done = true;
	str earlier;

	map_init(&r.by_id, a);
	for (uint32_t i = 0; i < d->n; i++)
		is_done &= resolve_block(&r, i);
	/* What is left has its call in an earlier document, or behind it. */
	for (uint32_t i = is_done ? d->n : 0; i < d->n; i++) {
		struct wire_block *b = &d->blocks[i];

		if (b->kind != WIRE_TOOL_RESULT || b->call != WIRE_NO_CALL || !b->call_id.n)
			continue;
		earlier = calls ? wire_calls_name(calls, b->call_id) : STR_NULL;
		if (!earlier.n)
			(void)link_here(&r, b);
		else if (!b->tool.n)
			b->tool = arena_str(a, earlier);
	}
	for (uint32_t i = 0; calls && i < d->n; i++) {
		const struct wire_block *b = &d->blocks[i];

		if (b->kind == WIRE_TOOL_CALL && b->call_id.n)
			wire_calls_add(calls, b->call_id, b->tool);
	}
	find_observations(d);
}
