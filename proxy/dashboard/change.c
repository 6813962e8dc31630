#include "proxy/dashboard/change.h"

#include "core/base/vec.h"

enum { LOOK_AHEAD = 64 }; /* blocks that were added in one place; our own turns have a handful */

static const char *role_name(enum wire_role r)
{
	static const char *const names[] = {[WIRE_SYSTEM] = "system",
		[WIRE_USER] = "user",
		[WIRE_ASSISTANT] = "assistant",
		[WIRE_TOOL] = "tool"};

	return names[r];
}

static const char *kind_name(enum wire_kind k)
{
	static const char *const names[] = {[WIRE_TEXT] = "text",
		[WIRE_TOOL_CALL] = "call",
		[WIRE_TOOL_RESULT] = "result",
		[WIRE_OPAQUE] = "other"};

	return names[k];
}

struct body {
	struct wire_doc doc;
	struct json_tape tape;
};

static enum err read_body(
	struct arena *a, enum wire_format f, str text, struct body *b, struct errctx *cx)
{
	TRY(json_scan(a, text, &b->tape, cx));
	return wire_walk(a, &b->tape, f, &b->doc, cx);
}

static str text_of(struct arena *a, const struct body *b, const struct wire_block *block)
{
	str text;

	if (json_string(&b->tape, block->node, a, &text))
		return text;
	return json_text(&b->tape, block->node);
}

static bool is_counterpart(const struct wire_block *a, const struct wire_block *b)
{
	return a->role == b->role && a->kind == b->kind && str_eq(a->call_id, b->call_id);
}

/* Nothing is ever taken out of a request, so what has no counterpart at its place was added before it. */
static uint32_t counterpart(const struct body *after, uint32_t from, const struct wire_block *b)
{
	uint32_t end = after->doc.n - from < LOOK_AHEAD ? after->doc.n : from + LOOK_AHEAD;

	for (uint32_t i = from; i < end; i++)
		if (is_counterpart(b, &after->doc.blocks[i]))
			return i;
	return from;
}

static struct change change_of(const struct wire_block *b)
{
	return (struct change){.role = role_name(b->role),
		.kind = kind_name(b->kind),
		.tool = b->tool,
		.path = b->path};
}

struct finder {
	struct arena *a;
	struct body before, after;
	VEC(struct change) found;
};

static void add_new(struct finder *f, uint32_t from, uint32_t to)
{
	for (; from < to; from++) {
		const struct wire_block *b = &f->after.doc.blocks[from];
		struct change *c = vec_push(&f->found, f->a);

		*c = change_of(b);
		c->after = text_of(f->a, &f->after, b);
	}
}

static void compare(struct finder *f, const struct wire_block *b, const struct wire_block *after)
{
	struct change *c;

	if (str_eq(json_text(&f->before.tape, b->node), json_text(&f->after.tape, after->node)))
		return;
	c = vec_push(&f->found, f->a);
	*c = change_of(b);
	c->before = text_of(f->a, &f->before, b);
	c->after = text_of(f->a, &f->after, after);
}

enum err changes_find(struct arena *a, enum wire_format format, str before, str after,
	struct changes *out, struct errctx *cx)
{
	struct finder f = {.a = a};
	uint32_t at = 0;

	TRY(read_body(a, format, before, &f.before, cx));
	TRY(read_body(a, format, after, &f.after, cx));
	for (uint32_t i = 0; i < f.before.doc.n && at < f.after.doc.n; i++) {
		const struct wire_block *b = &f.before.doc.blocks[i];
		uint32_t to = counterpart(&f.after, at, b);

		add_new(&f, at, to);
		compare(&f, b, &f.after.doc.blocks[to]);
		at = to + 1;
	}
	add_new(&f, at, f.after.doc.n);
	*out = (struct changes){f.found.v, f.found.n};
	return E_OK;
}
