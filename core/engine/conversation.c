#include "core/engine/conversation.h"

#include "core/base/buf.h"
#include "core/base/limits.h"
#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/vec.h"
#include "core/compress/rendered.h"
#include "core/store/original.h"

typedef VEC(struct shown) shown_vec;

struct conversation {
	struct view *view;
	struct hash128 chain, opening;
	bool has_opening; /* the assistant has said something */
	bool has_learnt;
	str learnt;
	struct map calls; /* call id -> struct call; in the view's arena, as all that follows */
	VEC(struct sent) sent;
	VEC(struct kept_turn) turns;
	VEC(struct need) needs;
	int64_t renewed_ms; /* when they were last said to be in use */
	VEC(struct original_key) pins;
	shown_vec shown, memories, efforts;
	struct tools_state tools;
	struct shaper_state shaper, effort;
	struct map asked;    /* what -> struct asked */
	uint32_t writings_n; /* of files */
};

struct asked {
	struct hash128 what; /* the key's bytes */
	struct hash128 call;
	uint32_t result;     /* plus one; 0: none that would be the same now */
	uint32_t writings_n; /* until then */
	bool is_command;
};

struct conversation *conversation_new(struct hash128 start)
{
	struct conversation *c = mem_zalloc(sizeof *c);

	if (!c)
		return NULL;
	c->view = view_new();
	if (!c->view) {
		mem_free(c);
		return NULL;
	}
	c->chain = start;
	map_init(&c->calls, view_arena(c->view));
	map_init(&c->asked, view_arena(c->view));
	return c;
}

void conversation_free(struct conversation *c)
{
	if (c)
		view_free(c->view);
	mem_free(c);
}

size_t conversation_bytes(const struct conversation *c)
{
	return sizeof *c + view_bytes(c->view);
}

struct view *conversation_view(struct conversation *c)
{
	return c->view;
}

struct hash128 conversation_chain(const struct conversation *c)
{
	return c->chain;
}

struct hash128 conversation_next(struct hash128 chain, const struct wire_block *b)
{
	return b->role == WIRE_SYSTEM ? chain : hash128_chain(chain, b->hash);
}

void conversation_advance(struct conversation *c, const struct wire_block *b)
{
	c->chain = conversation_next(c->chain, b);
	if (!c->has_opening && b->role == WIRE_ASSISTANT) {
		c->opening = c->chain;
		c->has_opening = true;
	}
}

struct hash128 conversation_opening(const struct conversation *c)
{
	return c->has_opening ? c->opening : c->chain;
}

const str *conversation_learnt(const struct conversation *c)
{
	return c->has_learnt ? &c->learnt : NULL;
}

void conversation_set_learnt(struct conversation *c, str snapshot)
{
	c->learnt = arena_str(view_arena(c->view), snapshot);
	c->has_learnt = true;
}

struct tools_state *conversation_tools(struct conversation *c)
{
	return &c->tools;
}

struct shaper_state *conversation_shaper(struct conversation *c)
{
	return &c->shaper;
}

struct shaper_state *conversation_effort_state(struct conversation *c)
{
	return &c->effort;
}

void conversation_add_need(struct conversation *c, const struct need *n)
{
	*vec_push(&c->needs, view_arena(c->view)) = *n;
}

const struct need *conversation_needs(const struct conversation *c, size_t *n)
{
	*n = c->needs.n;
	return c->needs.v;
}

bool conversation_renews(struct conversation *c, int64_t now_ms, int64_t every_ms)
{
	bool is_due = c->renewed_ms && now_ms - c->renewed_ms >= every_ms;

	if (is_due || !c->renewed_ms)
		c->renewed_ms = now_ms;
	return is_due;
}

void conversation_add_call(
	struct conversation *c, const struct wire_block *b, str input, struct arena *scratch)
{
	struct arena *a = view_arena(c->view);
	struct call *call = arena_new(a, struct call);

	call_read(b->tool, input, a, call);
	if (b->call_id.n)
		*map_at(&c->calls, arena_str(a, b->call_id)) = call;
	call_add_to_view(call, input, c->view, scratch);
}

struct call conversation_call(const struct conversation *c, const struct wire_doc *doc,
	const struct wire_block *result, struct arena *a)
{
	const struct call *known = result->call_id.n ? map_find(&c->calls, result->call_id) : NULL;
	struct call call;

	if (known)
		return *known;
	call_of_result(doc, result, a, &call);
	return call;
}

void conversation_add_result(struct conversation *c, const struct call *call, str original,
	const struct sent *s, const struct rendered_notes *notes, struct arena *scratch)
{
	struct arena *a = view_arena(c->view);
	str text = s->is_changed ? s->text : original;
	str name = view_name(c->view, call->tool, call->argument, STR_NULL);
	struct sent *kept = vec_push(&c->sent, a);
	struct buf literal;

	*kept = *s;
	kept->text = kept->literal = STR_NULL;
	kept->tool = arena_str(a, call->tool);
	if (s->is_changed) {
		buf_init_arena(&literal, scratch, LIMIT_INPUT);
		buf_add_json_string(&literal, s->text);
		kept->literal = arena_str(a, buf_str(&literal));
	}
	if (notes && notes->text.p == text.p && notes->text.n == text.n)
		rendered_add_notes(c->view, name, notes, scratch);
	else
		rendered_add_to_view(c->view, name, text,
			tool_numbers_lines(call->kind, call->command), scratch);
}

static struct asked *asked_at(struct conversation *c, struct hash128 what)
{
	str key = {(const char *)&what, sizeof what};
	struct asked *known = map_find(&c->asked, key);

	if (known)
		return known;
	known = arena_new(view_arena(c->view), struct asked);
	*known = (struct asked){.what = what};
	*map_at(&c->asked, (str){(const char *)&known->what, sizeof known->what}) = known;
	return known;
}

uint32_t conversation_ask(struct conversation *c, const struct asking *a)
{
	struct asked *known = asked_at(c, a->what);
	bool is_stale = known->is_command && known->writings_n != c->writings_n;
	uint32_t before = is_stale ? 0 : known->result;

	/* A further text of the same result is no further question. */
	if (known->result && hash128_eq(known->call, a->call))
		return 0;
	known->call = a->call;
	known->writings_n = c->writings_n;
	known->is_command = a->is_command;
	known->result = a->is_failed ? 0 : (uint32_t)c->sent.n + 1;
	return before;
}

void conversation_wrote(struct conversation *c, struct hash128 what)
{
	asked_at(c, what)->result = 0;
	c->writings_n++;
}

const struct kept_turn *conversation_add_turn(struct conversation *c, const struct kept_turn *t)
{
	struct arena *a = view_arena(c->view);
	struct kept_turn *kept = vec_push(&c->turns, a);

	*kept = *t;
	kept->own.messages = arena_str(a, t->own.messages);
	kept->own.results = arena_str(a, t->own.results);
	return kept;
}

const struct kept_turn *conversation_turn(
	const struct conversation *c, struct hash128 before, struct hash128 after)
{
	for (size_t i = 0; i < c->turns.n; i++)
		if (hash128_eq(c->turns.v[i].before, before) &&
			hash128_eq(c->turns.v[i].after, after))
			return &c->turns.v[i];
	return NULL;
}

const struct kept_turn *conversation_turn_at(const struct conversation *c, struct hash128 after)
{
	for (size_t i = 0; i < c->turns.n; i++)
		if (hash128_eq(c->turns.v[i].after, after))
			return &c->turns.v[i];
	return NULL;
}

static const struct shown *add_shown(struct conversation *c, shown_vec *list, const struct shown *s)
{
	struct arena *a = view_arena(c->view);
	struct shown *kept = vec_push(list, a);

	*kept = *s;
	kept->text = arena_str(a, s->text);
	kept->keys = arena_str(a, s->keys);
	return kept;
}

static const struct shown *find_shown(const shown_vec *list, struct hash128 after)
{
	for (size_t i = 0; i < list->n; i++)
		if (hash128_eq(list->v[i].after, after))
			return &list->v[i];
	return NULL;
}

const struct shown *conversation_add_shown(struct conversation *c, const struct shown *s)
{
	return add_shown(c, &c->shown, s);
}

const struct shown *conversation_shown(const struct conversation *c, struct hash128 after)
{
	return find_shown(&c->shown, after);
}

const struct shown *conversation_add_memories(struct conversation *c, const struct shown *s)
{
	return add_shown(c, &c->memories, s);
}

const struct shown *conversation_memories(const struct conversation *c, struct hash128 after)
{
	return find_shown(&c->memories, after);
}

const struct shown *conversation_add_effort(struct conversation *c, const struct shown *s)
{
	return add_shown(c, &c->efforts, s);
}

const struct shown *conversation_effort(const struct conversation *c, struct hash128 after)
{
	return find_shown(&c->efforts, after);
}

bool conversation_has_shown(const struct conversation *c, str key)
{
	for (size_t i = 0; i < c->shown.n; i++)
		if (str_find(c->shown.v[i].keys, key) != STR_NONE)
			return true;
	return false;
}

uint64_t conversation_shown_tokens(const struct conversation *c)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < c->shown.n; i++)
		sum += c->shown.v[i].tokens;
	return sum;
}

void conversation_pin(struct conversation *c, str key)
{
	struct original_key pin = {.hex = ""};

	if (key.n > ORIGINAL_KEY_LEN)
		key = str_sub(key, 0, ORIGINAL_KEY_LEN);
	if (key.n < ORIGINAL_PREFIX_MIN)
		return;
	for (size_t i = 0; i < key.n; i++)
		pin.hex[i] =
			(char)(key.p[i] >= 'A' && key.p[i] <= 'F' ? key.p[i] | 0x20 : key.p[i]);
	if (!conversation_is_pinned(c, str_from(pin.hex)))
		*vec_push(&c->pins, view_arena(c->view)) = pin;
}

size_t conversation_pins_n(const struct conversation *c)
{
	return c->pins.n;
}

bool conversation_is_pinned(const struct conversation *c, str key)
{
	for (size_t i = 0; i < c->pins.n; i++)
		if (str_starts(key, str_from(c->pins.v[i].hex)))
			return true;
	return false;
}

const struct sent *conversation_sent(const struct conversation *c, size_t i)
{
	return i < c->sent.n ? &c->sent.v[i] : NULL;
}

size_t conversation_sent_n(const struct conversation *c)
{
	return c->sent.n;
}
