/* The lines of one file, grouped. */
#include "core/base/hash.h"
#include "core/compress/search/elide.h"
#include "core/compress/search/grouped.h"

/* For the lines of a file: which have the same text. */
struct search_same {
	uint32_t *next;  /* the next line with this text; 0: none */
	uint32_t *slots; /* index of its last line so far + 1; 0: free */
	uint64_t *hash;
	bool *is_later; /* said with an earlier line */
	bool *is_kept;
	size_t cap, slots_n;
};

bool search_is_ascending(const struct search_item *v, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (v[i].number < v[i - 1].number ||
			(v[i].number == v[i - 1].number && v[i].column <= v[i - 1].column))
			return false;
	return true;
}

static struct search_same *room(struct search_writer *w, size_t n)
{
	struct search_same *s = w->same;

	if (!s)
		s = w->same = arena_new(w->arena, struct search_same);
	if (n > s->cap) {
		s->cap = s->cap * 2 > n ? s->cap * 2 : n + 16;
		s->next = arena_array(w->arena, uint32_t, s->cap);
		s->hash = arena_array(w->arena, uint64_t, s->cap);
		s->is_later = arena_array(w->arena, bool, s->cap);
		s->is_kept = arena_array(w->arena, bool, s->cap);
		s->slots = arena_array(w->arena, uint32_t, s->cap * 4);
	}
	s->slots_n = 16;
	while (s->slots_n < n * 2)
		s->slots_n *= 2;
	memset(s->slots, 0, s->slots_n * sizeof *s->slots);
	return s;
}

/* Lines that can be told from a number behind another ("5,39:5 apples"), and are worth it. */
static bool can_repeat(const struct search_item *it)
{
	return !it->column || (it->body.n && !(*it->body.p >= '0' && *it->body.p <= '9'));
}

static void find_same(struct search_same *s, const struct search_item *v, size_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		size_t slot;

		s->next[i] = 0;
		s->is_later[i] = false;
		if (!s->is_kept[i] || !can_repeat(&v[i]))
			continue;
		s->hash[i] = hash64(v[i].body);
		slot = s->hash[i] & (s->slots_n - 1);
		while (s->slots[slot]) {
			uint32_t last = s->slots[slot] - 1;

			if (s->hash[last] == s->hash[i] && str_eq(v[last].body, v[i].body)) {
				s->next[last] = i;
				s->is_later[i] = true;
				break;
			}
			slot = (slot + 1) & (s->slots_n - 1);
		}
		s->slots[slot] = i + 1;
	}
}

static void add_position(struct search_writer *w, const struct search_item *it)
{
	buf_add_u64(&w->out, it->number);
	if (!(w->head.style & SEARCH_COLUMN) || it->kind != SEARCH_ITEM_MATCH)
		return;
	buf_add_byte(&w->out, ':');
	buf_add_u64(&w->out, it->column);
}

static void add_again(
	struct search_writer *w, const struct search_item *before, const struct search_item *it)
{
	buf_add_byte(&w->out, ',');
	if (it->number == before->number)
		buf_add_u64(&w->out, it->column);
	else
		add_position(w, it);
	w->head.style |= SEARCH_REPEAT;
}

/* What stands in most lines: matches, and with context the lines around them. */
static enum search_kind usual_kind(unsigned style)
{
	return style & SEARCH_CONTEXT ? SEARCH_ITEM_AROUND : SEARCH_ITEM_MATCH;
}

/* True when a line that begins with it could be taken for one with a sign. */
static bool is_like_sign(const struct search_writer *w, char c)
{
	return w->starts && search_sign(c) < w->starts->n;
}

/* A line that needs no number: nothing else looks like it. */
static bool can_follow(const struct search_writer *w, const struct search_item *it, uint32_t number)
{
	char c = it->body.n ? *it->body.p : '[';

	if (it->number != number || !number || it->kind != usual_kind(w->head.style) ||
		(w->head.style & SEARCH_COLUMN) || c == '[' || (c >= '0' && c <= '9') ||
		is_like_sign(w, c) || str_eq(it->body, STR("--")))
		return false;
	return c > ' ' || str_trim(it->body).n;
}

/* Returns the number that a line without one would have behind this. */
static uint32_t add_line(
	struct search_writer *w, const struct search_item *v, size_t i, uint32_t follow)
{
	const struct search_item *it = &v[i];
	const struct search_same *s = w->same;
	bool has_margin = search_has_margin(it->body), is_around = it->kind == SEARCH_ITEM_AROUND;
	bool is_usual = it->kind == usual_kind(w->head.style);
	uint32_t later = s ? s->next[i] : 0;
	const char *between = "";

	buf_add_byte(&w->out, '\n');
	if (!later && can_follow(w, it, follow)) {
		w->head.style |= SEARCH_NEXT;
	} else {
		add_position(w, it);
		for (size_t k = i; later; k = later, later = s->next[k])
			add_again(w, &v[k], &v[later]);
		if (!is_usual || !has_margin)
			between = is_around ? "-" : ":";
	}
	if (is_usual && !(is_around && (w->head.style & SEARCH_COLUMN))) {
		search_writer_body(w, it->body, between);
	} else {
		buf_add_c(&w->out, between);
		buf_add(&w->out, it->body);
	}
	return it->number + 1;
}

/* With context: lines stay where they are. */
static void add_in_order(struct search_writer *w, const struct search_item *v, size_t n)
{
	uint32_t follow = 0;

	for (size_t i = 0; i < n; i++) {
		if (v[i].kind == SEARCH_ITEM_GAP) {
			search_writer_line(w, "", STR("--"));
			follow = 0;
		} else {
			follow = add_line(w, &v[i], 0, follow);
		}
	}
}

static void add_numberless(struct search_writer *w, const struct search_item *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		str body = v[i].kind == SEARCH_ITEM_GAP ? STR("--") : v[i].body;
		bool is_plain =
			body.n && *body.p != ':' && *body.p != '[' && !str_eq(body, STR("--"));

		buf_add_byte(&w->out, '\n');
		if (v[i].kind == SEARCH_ITEM_GAP)
			buf_add(&w->out, body);
		else
			search_writer_body(
				w, body, is_plain && !is_like_sign(w, *body.p) ? "" : ":");
	}
}

static void add_more(struct search_writer *w, size_t n)
{
	buf_add_c(&w->out, "\n[+");
	buf_add_u64(&w->out, n);
	buf_add_c(&w->out, " more]");
	w->head.style |= SEARCH_MORE;
}

void search_writer_lines(struct search_writer *w, const struct search_item *v, size_t n)
{
	struct search_same *s;
	uint32_t follow = 0;
	size_t more = 0;

	if (w->head.style & SEARCH_NUMBERLESS) {
		add_numberless(w, v, n);
		return;
	}
	if ((w->head.style & SEARCH_CONTEXT) || !search_is_ascending(v, n)) {
		struct search_same *same = w->same;

		w->same = NULL;
		add_in_order(w, v, n);
		w->same = same;
		return;
	}
	s = room(w, n);
	memset(s->is_kept, true, n);
	if (w->elision)
		search_elision_choose(w->elision, v, n, s->is_kept);
	find_same(s, v, n);
	for (size_t i = 0; i < n; i++) {
		more += !s->is_kept[i];
		if (s->is_kept[i] && !s->is_later[i])
			follow = add_line(w, v, i, follow);
	}
	if (more)
		add_more(w, more);
}
