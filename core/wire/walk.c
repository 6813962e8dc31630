#include "core/wire/walk.h"

#include "core/base/check.h"

/* What clients change, add or drop while the content stays the same: see struct wire_block. */
static const str VOLATILE[] = {
	WALK_KEY("cache_control"),
	WALK_KEY("signature"),
	WALK_KEY("thoughtSignature"),
	WALK_KEY("thought_signature"),
	WALK_KEY("internal_chat_message_metadata_passthrough"),
};

/* True when the key node reads as name. */
static bool key_is(const struct json_tape *t, uint32_t key, str name)
{
	const struct json_node *k = &t->v[key];

	if (k->n)
		return json_string_is(t, key, name.p);
	return k->end - k->start == name.n + 2 &&
	       memcmp(t->doc.p + k->start + 1, name.p, name.n) == 0;
}

static uint32_t key_find(const struct json_tape *t, uint32_t key, const str *names, uint32_t n)
{
	uint32_t i = 0;

	while (i < n && !key_is(t, key, names[i]))
		i++;
	return i;
}

bool walk_members(
	const struct json_tape *t, uint32_t node, const str *keys, uint32_t *v, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		v[i] = JSON_ABSENT;
	if (!json_is(t, node, JSON_OBJECT) || json_has_duplicate_key(t, node))
		return false;
	for (struct json_iter it = json_iter(t, node); json_next(&it);) {
		uint32_t i = key_find(t, it.key, keys, n);

		if (i < n)
			v[i] = it.value;
	}
	return true;
}

static void path_add(struct walk *w, str s)
{
	size_t room = WALK_PATH - w->path_n;

	if (s.n > room)
		s.n = room;
	if (s.n)
		memcpy(w->path + w->path_n, s.p, s.n);
	w->path_n += (uint32_t)s.n;
}

static void path_add_index(struct walk *w, uint32_t index)
{
	char digits[16];
	size_t at = sizeof digits;

	digits[--at] = ']';
	do {
		digits[--at] = (char)('0' + index % 10);
		index /= 10;
	} while (index);
	digits[--at] = '[';
	path_add(w, (str){digits + at, sizeof digits - at});
}

uint32_t walk_enter_key(struct walk *w, str name)
{
	uint32_t mark = w->path_n;

	if (mark && name.n)
		path_add(w, STR("."));
	path_add(w, name);
	return mark;
}

uint32_t walk_enter(struct walk *w, const char *name, uint32_t index)
{
	uint32_t mark = walk_enter_key(w, str_from(name));

	if (index != WALK_NO_INDEX)
		path_add_index(w, index);
	return mark;
}

void walk_leave(struct walk *w, uint32_t mark)
{
	w->path_n = mark;
}

str walk_string(struct walk *w, uint32_t v)
{
	str s;

	if (!walk_is(w, v, JSON_STRING))
		return STR_NULL;
	return json_string(w->t, v, w->a, &s) ? s : json_text(w->t, v);
}

struct hash128 walk_hash(const struct wire_block *b, str text)
{
	struct hash128 h = hash128(text);
	uint64_t all[] = {(uint64_t)b->role << 16 | (uint64_t)b->kind << 8 | b->is_error,
		hash64(b->call_id), hash64(b->tool), h.lo, h.hi};

	return hash128((str){(const char *)all, sizeof all});
}

/* An unknown object by its members, without the volatile ones. */
static struct hash128 hash_object(const struct json_tape *t, uint32_t node)
{
	struct hash128 h = {0, 0};

	for (struct json_iter it = json_iter(t, node); json_next(&it);) {
		if (key_find(t, it.key, VOLATILE, ARRAY_N(VOLATILE)) < ARRAY_N(VOLATILE))
			continue;
		h = hash128_chain(h, hash128(json_text(t, it.key)));
		h = hash128_chain(h, hash128(json_text(t, it.value)));
	}
	return h;
}

/* The hash of the block that was made of this node before, if it is known. Nodes are asked for in their order, mostly: one
 * that is asked for too late is not found. */
static const struct hash128 *known_hash(struct walk *w, uint32_t node)
{
	const struct wire_hashes *k = &w->known;

	if (node >= k->nodes_end)
		return NULL;
	while (w->known_at < k->n && k->nodes[w->known_at] < node)
		w->known_at++;
	return w->known_at < k->n && k->nodes[w->known_at] == node ? &k->v[w->known_at++] : NULL;
}

static void make_room(struct walk *w, uint32_t cap)
{
	struct wire_doc *d = w->doc;

	d->blocks = arena_grow(w->a, d->blocks, d->cap * sizeof *d->blocks, cap * sizeof *d->blocks,
		alignof(struct wire_block));
	d->cap = cap;
}

void walk_expect(struct walk *w, uint32_t n)
{
	if (n > w->doc->cap)
		make_room(w, n);
}

static void add(struct walk *w, struct wire_block *b, uint32_t node)
{
	struct wire_doc *d = w->doc;
	const struct json_node *v = &w->t->v[node];

	if (d->n == d->cap)
		make_room(w, d->cap ? d->cap * 2 : 32);
	b->at = (struct span){v->start, v->end};
	b->node = node;
	b->call = WIRE_NO_CALL;
	b->path = arena_str(w->a, (str){w->path, w->path_n});
	d->blocks[d->n++] = *b;
}

void walk_add(struct walk *w, struct wire_block b, enum wire_kind kind, uint32_t node)
{
	const struct hash128 *known = known_hash(w, node);

	b.kind = kind;
	b.hash = known ? *known : walk_hash(&b, json_text(w->t, node));
	add(w, &b, node);
}

void walk_opaque(struct walk *w, struct wire_block b, uint32_t node)
{
	const struct hash128 *known = known_hash(w, node);

	b.kind = WIRE_OPAQUE;
	b.hash = known ? *known : walk_hash(&b, json_text(w->t, node));
	if (!known && json_is(w->t, node, JSON_OBJECT)) {
		struct hash128 h = hash_object(w->t, node);

		b.hash = walk_hash(&b, (str){(const char *)&h, sizeof h});
	}
	add(w, &b, node);
}

void walk_add_member(struct walk *w, struct wire_block b, enum wire_kind kind, uint32_t object,
	const char *name, uint32_t v)
{
	uint32_t mark;

	if (!walk_is(w, v, JSON_STRING)) {
		walk_opaque(w, b, object);
		return;
	}
	mark = walk_enter(w, name, WALK_NO_INDEX);
	walk_add(w, b, kind, v);
	walk_leave(w, mark);
}

void walk_messages(struct walk *w, const char *name, uint32_t array, walk_message_fn *message)
{
	for (struct json_iter it = json_iter(w->t, array); json_next(&it);) {
		struct wire_block b = {.message = w->doc->message_n};
		uint32_t mark = walk_enter(w, name, w->doc->message_n++);

		message(w, b, it.value);
		walk_leave(w, mark);
	}
}

void walk_content(struct walk *w, struct wire_block b, const char *name, uint32_t v,
	enum wire_kind kind, walk_part_fn *part)
{
	uint32_t mark = walk_enter(w, name, WALK_NO_INDEX), i = 0;

	if (walk_is(w, v, JSON_STRING)) {
		walk_add(w, b, kind, v);
	} else if (walk_is(w, v, JSON_ARRAY)) {
		for (struct json_iter it = json_iter(w->t, v); json_next(&it); i++) {
			uint32_t inner = walk_enter(w, "", i);

			part(w, b, i, it.value);
			walk_leave(w, inner);
		}
	} else if (walk_has(w, v)) {
		walk_opaque(w, b, v);
	}
	walk_leave(w, mark);
}

void walk_tool(struct walk *w, uint32_t name)
{
	str s = walk_string(w, name);

	w->doc->tool_n++;
	if (!wire_is_retrieve_tool(s))
		return;
	if (!w->doc->has_retrieve_tool)
		w->doc->retrieve_tool = s;
	w->doc->has_retrieve_tool = true;
}

void walk_tool_list(struct walk *w, uint32_t array)
{
	struct span *tools = &w->doc->tools;

	if (tools->start == tools->end)
		*tools = (struct span){w->t->v[array].start, w->t->v[array].end};
}
