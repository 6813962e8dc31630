#include "core/engine/offer.h"

#include <stdio.h>

#include "core/base/limits.h"
#include "core/engine/use.h"
#include "core/memory/files.h"
#include "core/retrieve/retrieve.h"
#include "core/store/rendering.h"

struct hash128 offer_key(const struct wire_doc *doc, struct hash128 start, str what, bool *is_first)
{
	struct hash128 chain = start;
	uint32_t i = 0;

	for (; i < doc->n && doc->blocks[i].role != WIRE_ASSISTANT; i++)
		chain = conversation_next(chain, &doc->blocks[i]);
	*is_first = i == doc->n;
	chain = hash128_chain(chain, hash128(what));
	return hash128_chain(chain, hash128(str_from(wire_format_name(doc->format))));
}

static bool decide_byte(
	struct pass *p, struct hash128 key, const char *label, char first, char *out)
{
	struct rendering r = {.is_changed = true};
	struct buf *winner = &p->worker->heap;
	bool was_there;

	(void)snprintf(r.label, sizeof r.label, "%s", label);
	buf_reset(winner);
	if (rendering_put_unseen(p->store, key, &r, (str){&first, 1}, winner, &was_there, NULL))
		return false;
	*vec_push(&p->put, &p->result->arena) = key;
	use_decision(p, key, "");
	*out = !was_there ? first : r.is_changed && winner->n == 1 ? *winner->p : '\0';
	return true;
}

bool offer_may_decide(const struct pass *p, bool is_first)
{
	return is_first || rendering_is_unsure(p->store);
}

bool offer_decision(struct pass *p, str what, const char *label, char first, char *out)
{
	struct buf *text = &p->worker->heap;
	struct rendering r;
	bool is_first;
	struct hash128 key;
	enum err err;

	*out = first;
	if (!p->store) /* whoever keeps nothing does the same with every request */
		return first != '\0';
	key = offer_key(p->doc, p->start, what, &is_first);
	buf_reset(text);
	err = rendering_get(p->store, key, &r, text, NULL);
	if (err == E_NOT_FOUND && offer_may_decide(p, is_first))
		return first != '\0' && decide_byte(p, key, label, first, out);
	*out = '\0';
	if (err)
		return err == E_NOT_FOUND;
	if (r.is_unsettled)
		*vec_push(&p->put, &p->result->arena) = key;
	use_decision(p, key, "");
	if (r.is_changed && text->n == 1)
		*out = *text->p;
	return true;
}

struct own_tools offer_retrieve_tools(void)
{
	return (struct own_tools){
		{{str_from(retrieve_tool_name), str_from(retrieve_tool_description),
			str_from(retrieve_tool_schema)}},
		1};
}

struct own_tools offer_memory_tools(void)
{
	struct own_tools out = {.n = RECALL_TOOLS_N};

	for (size_t i = 0; i < RECALL_TOOLS_N; i++)
		out.v[i] = (struct own_tool){str_from(recall_tools[i].name),
			str_from(recall_tools[i].description), str_from(recall_tools[i].schema)};
	return out;
}

/* Decides for this conversation; p->worker->heap is what came of it. */
static bool decide(struct pass *p, const struct own_tools *tools, struct hash128 key)
{
	struct rendering r = {.is_changed = true, .label = "declaration"};
	struct buf *winner = &p->worker->heap, text;
	bool was_there;

	buf_init_arena(&text, &p->result->arena, LIMIT_INPUT);
	own_tool_write_declaration(p->doc->format, tools->v, tools->n, &text);
	buf_reset(winner);
	if (rendering_put_unseen(p->store, key, &r, buf_str(&text), winner, &was_there, NULL))
		return false;
	*vec_push(&p->put, &p->result->arena) = key;
	if (!was_there)
		buf_add(winner, buf_str(&text));
	return r.is_changed && !winner->err;
}

/* The declaration that this conversation has; false when it has none. */
static bool find_declaration(
	struct pass *p, const struct own_tools *tools, struct hash128 start, str what)
{
	struct rendering r;
	bool is_first;
	struct hash128 key = offer_key(p->doc, start, what, &is_first);
	enum err err;

	buf_reset(&p->worker->heap);
	err = rendering_get(p->store, key, &r, &p->worker->heap, NULL);
	if (err == E_NOT_FOUND)
		return offer_may_decide(p, is_first) && decide(p, tools, key);
	if (!err && r.is_unsettled)
		*vec_push(&p->put, &p->result->arena) = key;
	return !err && r.is_changed;
}

static bool is_one(const struct json_tape *t, uint32_t object, const char *key)
{
	uint32_t node = object == JSON_ABSENT ? JSON_ABSENT : json_member(t, object, key);
	uint64_t n;

	return node == JSON_ABSENT || (json_u64(t, node, &n) && n == 1);
}

static bool says(const struct json_tape *t, const char *key)
{
	uint32_t node = json_member(t, 0, key);

	return node != JSON_ABSENT && !json_is(t, node, JSON_NULL);
}

static bool has_references(const struct wire_doc *doc)
{
	const struct json_tape *t = &doc->tape;
	uint32_t input = own_tool_history(doc), type;

	if (input == JSON_ABSENT || !json_is(t, input, JSON_ARRAY))
		return false;
	for (struct json_iter it = json_iter(t, input); json_next(&it);) {
		type = json_member(t, it.value, "type");
		if (type != JSON_ABSENT && json_string_is(t, type, "item_reference"))
			return true;
	}
	return false;
}

/* Is all that was said in the body? What the provider keeps would hold a call of ours without a result, and what
 * it adds from its own keeping begins a prompt with other tools. */
static bool is_self_contained(const struct wire_doc *doc)
{
	const struct json_tape *t = &doc->tape;
	uint32_t store = json_member(t, 0, "store");

	return store != JSON_ABSENT && json_is(t, store, JSON_FALSE) &&
	       !says(t, "previous_response_id") && !says(t, "conversation") && !has_references(doc);
}

/* Can an answer to this be continued here? Not one in several variants, nor one whose conversation the provider keeps. */
static bool can_continue(const struct wire_doc *doc)
{
	const struct json_tape *t = &doc->tape;

	switch (doc->format) {
	case WIRE_ANTHROPIC: /* beta message-threads-2026-08-12: a next request has what is new in it alone */
		return json_member(t, 0, "thread") == JSON_ABSENT;
	case WIRE_OPENAI_CHAT:
		return is_one(t, 0, "n");
	case WIRE_OPENAI_RESPONSES:
		return is_self_contained(doc);
	case WIRE_GEMINI:
		return is_one(t, json_member(t, 0, "generationConfig"), "candidateCount");
	default:
		return true;
	}
}

/* Declares tools behind those that are declared already. */
static bool offer_own(struct pass *p, const struct own_tools *tools, struct hash128 start, str what)
{
	struct arena *a = &p->result->arena;
	str more = p->declaration.text;

	if (!can_continue(p->doc) || !own_tool_can_declare(p->doc))
		return false;
	for (size_t i = 0; i < tools->n; i++)
		if (own_tool_is_declared(p->doc, tools->v[i].name))
			return false;
	if (!find_declaration(p, tools, start, what) ||
		!own_tool_place(p->doc, buf_str(&p->worker->heap), a, &p->declaration))
		return false;
	p->declaration.text =
		arena_printf(a, STR_FMT STR_FMT, STR_ARG(more), STR_ARG(p->declaration.text));
	return true;
}

struct hash128 offer_retrieve(struct pass *p, struct hash128 start, struct compress_conf *conf)
{
	struct own_tools tools = offer_retrieve_tools();

	if (!conf->elides || !conf->retrieves_by_tool)
		return start;
	if (!p->store || conf->is_lossless || conf->is_off) {
		conf->elides = false;
	} else if (p->doc->has_retrieve_tool) {
		p->retrieve_tool = p->doc->retrieve_tool;
		start = hash128_chain(start, hash128(STR("retrieved by the client's")));
		start = hash128_chain(start, hash128(p->retrieve_tool));
	} else if (conf->offers_retrieve &&
		   offer_own(p, &tools, start, STR("declares headroom_retrieve"))) {
		p->retrieve_tool = str_from(retrieve_tool_name);
		p->own |= OWN_TOOL_RETRIEVE;
		start = hash128_chain(start, hash128(STR("retrieved by ours")));
	} else {
		conf->elides = false;
		start = hash128_chain(start, hash128(STR("not retrieved")));
	}
	p->result->retrieve_tool = p->retrieve_tool;
	p->result->is_retrieve_own = (p->own & OWN_TOOL_RETRIEVE) != 0;
	return start;
}

/* Has the client such tools already, by an MCP server of ours? */
static bool has_memory_tools(const struct wire_doc *doc)
{
	const struct json_tape *t = &doc->tape;
	uint32_t list = own_tool_list(doc), end = list == JSON_ABSENT ? 0 : t->v[list].next;

	for (uint32_t i = list; i < end; i++)
		if (json_is(t, i, JSON_STRING) && str_ends(json_text(t, i), STR("__memory_save\"")))
			return true;
	return false;
}

void offer_memories(struct pass *p, struct hash128 start)
{
	struct own_tools tools = offer_memory_tools();

	if (p->memory.file && p->conf->memory->offers && !has_memory_tools(p->doc) &&
		offer_own(p, &tools, start, STR("declares tools of memories")))
		p->own |= OWN_TOOL_MEMORY;
	if (p->memory.file && p->conf->memory->answers_files && p->doc->format == WIRE_ANTHROPIC &&
		can_continue(p->doc) && own_tool_is_declared(p->doc, str_from(memory_files_type)))
		p->own |= OWN_TOOL_FILES;
	p->result->own = p->own;
	p->result->memory = p->memory;
}
