#include "core/wire/splice_merge.h"

/* Texts that are told whole, by some in every delta. */
static const str WHOLE[] = {
	WALK_KEY("\"id\""), WALK_KEY("\"name\""), WALK_KEY("\"role\""), WALK_KEY("\"type\"")};

static bool is_in(const str *list, size_t n, str key)
{
	for (size_t i = 0; i < n && list[i].n; i++)
		if (str_eq(list[i], key))
			return true;
	return false;
}

struct merge_member *merge_find(const struct merge *m, str key)
{
	for (size_t i = 0; i < m->n; i++)
		if (str_eq(m->v[i]->key, key))
			return m->v[i];
	return NULL;
}

str merge_text(const struct merge *m, str key)
{
	const struct merge_member *member = merge_find(m, key);

	return member && member->kind == MERGE_TEXT ? buf_str(&member->text) : STR_NULL;
}

static struct merge_member *add_member(struct merge *m, struct arena *a, str key)
{
	struct merge_member *member = arena_new(a, struct merge_member);

	member->key = arena_str(a, key);
	buf_init_arena(&member->text, a, SIZE_MAX / 4);
	*vec_push(m, a) = member;
	return member;
}

/* The newline of a literal is an n behind an odd number of '\'. */
static bool ends_in_newline(str text)
{
	size_t n = 0;

	while (n + 1 < text.n && text.p[text.n - 2 - n] == '\\')
		n++;
	return n % 2 && text.p[text.n - 1] == 'n';
}

bool merge_wants_gap(str text)
{
	return text.n && !ends_in_newline(text);
}

void merge_next_round(struct merge *m, str key)
{
	struct merge_member *member = merge_find(m, key);

	if (member)
		member->is_gap_due = true;
}

static bool is_null(const struct merge_member *member)
{
	return member->kind == MERGE_VALUE && str_eq(buf_str(&member->text), STR("null"));
}

static void set(struct merge_member *member, enum merge_kind kind, str text)
{
	member->kind = kind;
	buf_reset(&member->text);
	buf_add(&member->text, text);
}

static void take_text(struct merge_member *member, str text)
{
	if (is_in(WHOLE, ARRAY_N(WHOLE), member->key)) {
		if (text.n || !member->text.n)
			set(member, MERGE_TEXT, text);
		return;
	}
	if (member->kind != MERGE_TEXT)
		set(member, MERGE_TEXT, STR_NULL);
	if (member->is_gap_due && text.n && merge_wants_gap(buf_str(&member->text)))
		buf_add_c(&member->text, MERGE_GAP);
	member->is_gap_due = member->is_gap_due && !text.n;
	buf_add(&member->text, text);
}

static void take_list(struct merge_member *member, str elements)
{
	if (member->kind != MERGE_LIST)
		set(member, MERGE_LIST, STR_NULL);
	if (elements.n)
		splice_join(&member->text, elements);
}

static str inside(const struct json_tape *t, uint32_t node)
{
	str text = json_text(t, node);

	return str_sub(text, 1, text.n - 1);
}

static enum merge_kind kind_of(const struct json_tape *t, uint32_t value)
{
	if (json_is(t, value, JSON_STRING))
		return MERGE_TEXT;
	return json_is(t, value, JSON_ARRAY) ? MERGE_LIST : MERGE_VALUE;
}

/* False for a text that goes on as a list, and the other way round. */
static bool take_value(struct merge_member *member, const struct json_tape *t, uint32_t value)
{
	enum merge_kind kind = kind_of(t, value);

	if (json_is(t, value, JSON_NULL) && (member->kind != MERGE_VALUE || member->text.n))
		return true;
	if (kind != member->kind && member->text.n && !is_null(member))
		return false;
	if (kind == MERGE_TEXT)
		take_text(member, inside(t, value));
	else if (kind == MERGE_LIST)
		take_list(member, str_trim(inside(t, value)));
	else
		set(member, MERGE_VALUE, json_text(t, value));
	return true;
}

static bool is_named(const struct json_tape *t, uint32_t key, const char *const *names)
{
	for (; names && *names; names++)
		if (json_string_is(t, key, *names))
			return true;
	return false;
}

bool merge_take(struct merge *m, struct arena *a, size_t *room, const struct json_tape *t,
	uint32_t object, const char *const *except)
{
	for (struct json_iter it = json_iter(t, object); json_next(&it);) {
		str key = json_text(t, it.key);
		size_t size = key.n + json_text(t, it.value).n;
		struct merge_member *member = merge_find(m, key);

		if (is_named(t, it.key, except))
			continue;
		if (size > *room || (!member && m->n == MERGE_MEMBERS_MAX))
			return false;
		*room -= size;
		if (!member)
			member = add_member(m, a, key);
		if (!take_value(member, t, it.value))
			return false;
	}
	return true;
}

void merge_default(struct merge *m, struct arena *a, str key, str text)
{
	struct merge_member *member = merge_find(m, key);

	if (!member)
		member = add_member(m, a, key);
	if (is_null(member) || !member->text.n)
		set(member, MERGE_TEXT, text);
}

void merge_write(const struct merge *m, const str *only, struct buf *out)
{
	static const char *const OPEN[] = {"", "\"", "["}, *const CLOSE[] = {"", "\"", "]"};

	for (size_t i = 0; i < m->n; i++) {
		const struct merge_member *v = m->v[i];
		bool is_nothing = is_null(v) || (v->kind == MERGE_LIST && !v->text.n);

		if (only && (is_nothing || !is_in(only, SIZE_MAX, v->key)))
			continue;
		buf_add_byte(out, ',');
		buf_add(out, v->key);
		buf_add_byte(out, ':');
		buf_add_c(out, OPEN[v->kind]);
		buf_add(out, buf_str(&v->text));
		buf_add_c(out, CLOSE[v->kind]);
	}
}
