#include "core/engine/verify_ours.h"

#include "core/base/limits.h"
#include "core/engine/effort.h"
#include "core/engine/expand.h"
#include "core/engine/memories.h"
#include "core/engine/offer.h"
#include "core/engine/shaper.h"
#include "core/json/text.h"
#include "core/wire/own_text.h"

struct ours {
	struct arena *arena;
	const struct wire_doc *o, *c;
	own_edits edits;
};

/* ---- tools ------------------------------------------------------------------------------------------------ */

/* Tools of one kind that only what was sent declares. */
static void add_tools(const struct ours *x, const struct own_tools *tools, struct buf *out)
{
	for (size_t i = 0; i < tools->n; i++)
		if (own_tool_is_declared(x->o, tools->v[i].name) ||
			!own_tool_is_declared(x->c, tools->v[i].name))
			return;
	if (out->n)
		buf_add_byte(out, ',');
	own_tool_write_declaration(x->o->format, tools->v, tools->n, out);
}

static void add_declarations(struct ours *x)
{
	struct own_tools retrieve = offer_retrieve_tools(), memory = offer_memory_tools();
	struct patch_edit edit;
	struct buf text;

	buf_init_arena(&text, x->arena, LIMIT_INPUT);
	add_tools(x, &retrieve, &text);
	add_tools(x, &memory, &text);
	if (text.n && own_tool_place(x->o, buf_str(&text), x->arena, &edit))
		*vec_push(&x->edits, x->arena) = edit;
}

/* ---- texts ------------------------------------------------------------------------------------------------ */

static bool is_ours(str text)
{
	return (expand_take_fence(&text) && (!text.n || str_take(&text, STR("\n")))
			? !text.n || memories_is_block(text)
			: memories_is_block(text));
}

static bool is_user_text(const struct wire_doc *doc, uint32_t i)
{
	return i < doc->n && doc->blocks[i].kind == WIRE_TEXT && doc->blocks[i].role == WIRE_USER;
}

static str literal_of(const struct wire_doc *doc, uint32_t i)
{
	return span_str(doc->tape.doc, doc->blocks[i].at);
}

/* Block i of what was sent is a part of ours, behind block j of the original. */
static bool take_part(struct ours *x, uint32_t i, uint32_t j)
{
	str text;

	return is_user_text(x->c, i) && json_unescape(literal_of(x->c, i), x->arena, &text) &&
	       is_ours(text) && own_text_put(x->o, j, text, x->arena, &x->edits);
}

/* Block i of what was sent is block j of the original with ours as the end of the string. */
static void take_end(struct ours *x, uint32_t i, uint32_t j)
{
	str was, is;

	if (!is_user_text(x->c, i) || !is_user_text(x->o, j) ||
		!json_unescape(literal_of(x->o, j), x->arena, &was) ||
		!json_unescape(literal_of(x->c, i), x->arena, &is) || !str_take(&is, was) ||
		!str_take(&is, STR("\n\n")) || !is_ours(is))
		return;
	(void)!own_text_put(x->o, j, is, x->arena, &x->edits);
}

static void add_texts(struct ours *x)
{
	uint32_t j = 0;

	for (uint32_t i = 0; i < x->c->n; i++) {
		bool is_same = j < x->o->n && str_eq(literal_of(x->c, i), literal_of(x->o, j));

		if (!is_same && j && take_part(x, i, j - 1))
			continue;
		if (!is_same && j < x->o->n)
			take_end(x, i, j);
		j++;
	}
}

/* A note behind the system prompt. */
static void add_note(struct ours *x)
{
	const struct wire_block *was = shaper_place(x->o), *is = shaper_place(x->c);
	str before, text;

	if (!was || !is)
		return;
	before = span_str(x->o->tape.doc, was->at);
	text = span_str(x->c->tape.doc, is->at);
	if (text.n <= before.n || !str_take(&text, str_sub(before, 0, before.n - 1)))
		return;
	text = str_sub(text, 0, text.n - 1);
	if (shaper_is_note(text))
		*vec_push(&x->edits, x->arena) =
			(struct patch_edit){{was->at.end - 1, was->at.end - 1}, text};
}

/* ---- messages --------------------------------------------------------------------------------------------- */

static bool is_of_user(const struct json_tape *t, uint32_t message)
{
	uint32_t role =
		json_is(t, message, JSON_OBJECT) ? json_member(t, message, "role") : JSON_ABSENT;

	return role != JSON_ABSENT && json_string_is(t, role, "user");
}

/* Messages that set the effort, behind such of the user's. */
static void add_efforts(struct ours *x)
{
	const struct json_tape *o = &x->o->tape, *c = &x->c->tape;
	uint32_t was = own_tool_history(x->o), is = own_tool_history(x->c), last = JSON_ABSENT;
	struct json_iter left, it;
	bool has_left;

	if (x->o->format != WIRE_ANTHROPIC || was == JSON_ABSENT || is == JSON_ABSENT)
		return;
	left = json_iter(o, was);
	has_left = json_next(&left);
	for (it = json_iter(c, is); json_next(&it);) {
		str text = json_text(c, it.value);
		bool is_theirs = has_left && str_eq(text, json_text(o, left.value));

		if (!is_theirs && last != JSON_ABSENT && is_of_user(o, last) &&
			effort_is_message(text)) {
			*vec_push(&x->edits, x->arena) =
				(struct patch_edit){{o->v[last].end, o->v[last].end},
					arena_printf(x->arena, "," STR_FMT, STR_ARG(text))};
			last = JSON_ABSENT; /* one behind each */
			continue;
		}
		if (!has_left)
			return;
		last = left.value;
		has_left = json_next(&left);
	}
}

const struct wire_doc *verify_with_ours(
	struct arena *a, const struct wire_doc *original, const struct wire_doc *sent)
{
	struct ours x = {.arena = a, .o = original, .c = sent};
	struct wire_doc *out = arena_new(a, struct wire_doc);
	struct json_tape tape;
	struct buf body;

	add_declarations(&x);
	add_texts(&x);
	add_note(&x);
	add_efforts(&x);
	if (!x.edits.n)
		return original;
	patch_sort(x.edits.v, x.edits.n);
	buf_init_arena(&body, a, LIMIT_INPUT);
	if (patch_apply(original->tape.doc, x.edits.v, x.edits.n, &body) != E_OK ||
		json_scan(a, buf_str(&body), &tape, NULL) != E_OK ||
		wire_walk(a, &tape, original->format, out, NULL) != E_OK)
		return original;
	return out;
}
