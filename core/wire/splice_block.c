#include "core/wire/splice_block.h"

enum block_kind {
	JOIN, /* parts of one text */
	SET,  /* the last one holds */
	CODE, /* parts of a JSON text in a string */
	LIST, /* elements of a list */
};

/* docs.anthropic.com/en/build-with-claude/streaming "Delta types", .../citations, .../compaction. */
struct block_rule {
	const char *delta, *from, *to;
	enum block_kind kind;
};
static const struct block_rule RULES[] = {
	{"text_delta", "text", "text", JOIN},
	{"input_json_delta", "partial_json", "input", CODE},
	{"thinking_delta", "thinking", "thinking", JOIN},
	{"signature_delta", "signature", "signature", SET},
	{"citations_delta", "citation", "citations", LIST},
	{"compaction_delta", "content", "content", JOIN},
};

static bool has_room(struct answer_splice *s, struct blocks *list, size_t n)
{
	if (n > s->conf.held_max - list->size)
		return false;
	list->size += n;
	return true;
}

struct block *block_start(struct answer_splice *s, struct blocks *list, uint32_t index,
	const struct json_tape *t, uint32_t node)
{
	str start = json_text(t, node);
	struct block *b;

	if (list->n == SPLICE_BLOCKS_MAX || !has_room(s, list, start.n)) {
		s->is_lost = true;
		return NULL;
	}
	b = arena_new(&s->round, struct block);
	b->index = index;
	b->is_open = true;
	b->start = arena_str(&s->round, start);
	*vec_push(list, &s->round) = b;
	return b;
}

struct block *block_find(const struct blocks *list, uint32_t index)
{
	for (size_t i = list->n; i-- > 0;)
		if (list->v[i]->index == index)
			return list->v[i];
	return NULL;
}

static const struct block_rule *find_rule(const struct json_tape *t, uint32_t delta)
{
	uint32_t type = json_member(t, delta, "type");

	for (size_t i = 0; type != JSON_ABSENT && i < ARRAY_N(RULES); i++)
		if (json_string_is(t, type, RULES[i].delta))
			return &RULES[i];
	return NULL;
}

static struct block_member *find_member(
	struct answer_splice *s, struct block *b, const struct block_rule *rule)
{
	struct block_member *m;

	for (size_t i = 0; i < b->member_n; i++)
		if (b->members[i].rule == rule)
			return &b->members[i];
	if (b->member_n == BLOCK_MEMBERS)
		return NULL;
	m = &b->members[b->member_n++];
	m->rule = rule;
	buf_init_arena(&m->text, &s->round, s->conf.held_max);
	return m;
}

/* What a delta adds; false when it is of the wrong type. */
static bool read_part(struct answer_splice *s, const struct block_rule *rule,
	const struct json_tape *t, uint32_t delta, str *part)
{
	uint32_t value = json_member(t, delta, rule->from);

	if (value == JSON_ABSENT)
		return false;
	*part = json_text(t, value);
	if (rule->kind == LIST)
		return true;
	if (!json_is(t, value, JSON_STRING))
		return false;
	*part = str_sub(*part, 1, part->n - 1);
	return rule->kind != CODE || json_string(t, value, &s->event, part);
}

bool block_delta(struct answer_splice *s, struct blocks *list, struct block *b,
	const struct json_tape *t, uint32_t delta)
{
	const struct block_rule *rule = find_rule(t, delta);
	struct block_member *m = NULL;
	str part = STR_NULL;

	if (rule && read_part(s, rule, t, delta, &part) && has_room(s, list, part.n + 1))
		m = find_member(s, b, rule);
	if (!m)
		return false;
	if (rule->kind == SET)
		buf_reset(&m->text);
	if (rule->kind == LIST)
		splice_join(&m->text, part);
	else
		buf_add(&m->text, part);
	return true;
}

static const struct block_member *input_of(const struct block *b)
{
	for (size_t i = 0; i < b->member_n; i++)
		if (b->members[i].rule->kind == CODE)
			return &b->members[i];
	return NULL;
}

/* Some gateways say all of the input at the start. */
str block_arguments(struct answer_splice *s, const struct block *b)
{
	const struct block_member *m = input_of(b);
	struct json_tape t;
	uint32_t input;

	if (m && m->text.n)
		return arena_str(&s->round, buf_str(&m->text));
	if (json_scan(&s->event, b->start, &t, NULL) != E_OK)
		return STR_NULL;
	input = json_member(&t, 0, "input");
	return input == JSON_ABSENT ? STR_NULL : json_text(&t, input);
}

/* What the model wrote may be no JSON (docs.anthropic.com, "Fine-grained tool streaming", which names this key). */
static void write_code(struct answer_splice *s, str code, struct buf *out)
{
	struct json_tape t;

	if (json_scan(&s->event, code, &t, NULL) == E_OK && json_is(&t, 0, JSON_OBJECT)) {
		buf_add(out, code);
		return;
	}
	buf_add_c(out, "{\"INVALID_JSON\":");
	buf_add_json_string(out, code);
	buf_add_byte(out, '}');
}

/* The value of a member: what the start says of it, and what the deltas do. */
static str member_value(struct answer_splice *s, const struct block_member *m,
	const struct json_tape *t, uint32_t old)
{
	str text = buf_str(&m->text), before = STR_NULL;
	enum block_kind kind = m->rule->kind;
	bool has_inside =
		old != JSON_ABSENT && json_is(t, old, kind == LIST ? JSON_ARRAY : JSON_STRING);
	struct buf out;

	if (has_inside)
		before = str_trim(str_sub(json_text(t, old), 1, json_text(t, old).n - 1));
	if (has_inside && kind == JOIN) /* white space counts in a text */
		before = str_sub(json_text(t, old), 1, json_text(t, old).n - 1);
	buf_init_arena(&out, &s->event, SIZE_MAX / 4);
	if (kind == CODE) {
		write_code(s, text, &out);
		return buf_str(&out);
	}
	buf_add_byte(&out, kind == LIST ? '[' : '"');
	if (kind != SET)
		buf_add(&out, before);
	if (kind == LIST && before.n)
		buf_add_byte(&out, ',');
	buf_add(&out, text);
	buf_add_byte(&out, kind == LIST ? ']' : '"');
	return buf_str(&out);
}

static void edit_member(struct answer_splice *s, const struct block_member *m,
	const struct json_tape *t, struct splice_edits *edits)
{
	uint32_t old = json_member(t, 0, m->rule->to), end = t->v[0].end - 1;
	str value;
	struct buf more;

	if (m->rule->kind == CODE && !m->text.n)
		return; /* a call without arguments */
	value = member_value(s, m, t, old);
	if (old != JSON_ABSENT) {
		splice_replace(s, edits, splice_span(t, old), value);
		return;
	}
	buf_init_arena(&more, &s->event, SIZE_MAX / 4);
	buf_printf(&more, "%s\"%s\":", t->v[0].n ? "," : "", m->rule->to);
	buf_add(&more, value);
	splice_replace(s, edits, (struct span){end, end}, buf_str(&more));
}

/* Requests with a text of nothing, or of white space alone, are refused (400 "text content blocks must contain
 * non-whitespace text"). */
static bool is_empty_text(struct answer_splice *s, str block)
{
	struct json_tape t;
	uint32_t type;
	str text;

	if (json_scan(&s->event, block, &t, NULL) != E_OK)
		return true;
	type = json_member(&t, 0, "type");
	return splice_says(&t, type, "text") && json_member(&t, 0, "text") != JSON_ABSENT &&
	       json_string(&t, json_member(&t, 0, "text"), &s->event, &text) && !str_trim(text).n;
}

void block_write(struct answer_splice *s, const struct block *b, struct buf *list)
{
	struct splice_edits edits = {0};
	struct json_tape t;
	struct buf block;

	if (json_scan(&s->event, b->start, &t, NULL) != E_OK)
		return;
	for (size_t i = 0; i < b->member_n; i++)
		edit_member(s, &b->members[i], &t, &edits);
	buf_init_arena(&block, &s->event, SIZE_MAX / 4);
	patch_sort(edits.v, edits.n);
	if (patch_apply(b->start, edits.v, edits.n, &block) == E_OK &&
		!is_empty_text(s, buf_str(&block)))
		splice_join(list, buf_str(&block));
}
