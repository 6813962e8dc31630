#include "core/compress/code/quick_stack.h"

#include <string.h>

#include "core/base/mem.h"

/* ---- lists ---- */

bool quick_grow(struct quick_stack *s, void **v, uint32_t *cap, uint32_t need, size_t size)
{
	uint64_t more = (uint64_t)*cap * 2 > need ? (uint64_t)*cap * 2 : need;
	void *grown = more <= UINT32_MAX / 2 ? mem_realloc(*v, more * size) : NULL;

	if (!grown) {
		s->is_short = true;
		return false;
	}
	*v = grown;
	*cap = (uint32_t)more;
	return true;
}

bool quick_stack_init(struct quick_stack *s, size_t size)
{
	uint32_t n = (uint32_t)size;

	memset(s, 0, sizeof *s);
	/* what a byte of source makes in most languages, by a count; the lists grow where it is more */
	if (!quick_room(s, &s->nodes, n + n / 4 + 64) ||
		!quick_room(s, &s->children, n + n / 4 + 64) ||
		!quick_room(s, &s->places, n / 4 + 64) || !quick_room(s, &s->links, 64) ||
		!quick_room(s, &s->popped, 256) || !quick_room(s, &s->extras, 64) ||
		!quick_room(s, &s->more_extras, 64) || !quick_room(s, &s->pairs, 64) ||
		!quick_room(s, &s->cells, 64) || !quick_room(s, &s->states, 64) ||
		!quick_room(s, &s->bytes, 64))
		return false;
	s->links.n = s->states.n = s->places.n = 1;
	s->links.v[0] = (struct quick_link){0};
	s->states.v[0] = (struct quick_state){0};
	s->places.v[0] = (struct quick_place){.state = 1};
	s->heads[0] = (struct quick_head){0};
	s->heads_n = 1;
	return true;
}

void quick_stack_free_work(struct quick_stack *s)
{
	mem_free(s->places.v);
	mem_free(s->links.v);
	mem_free(s->popped.v);
	mem_free(s->extras.v);
	mem_free(s->more_extras.v);
	mem_free(s->pairs.v);
	mem_free(s->cells.v);
	mem_free(s->states.v);
	mem_free(s->bytes.v);
	s->places.v = NULL;
	s->links.v = NULL;
	s->cells.v = NULL;
	s->popped.v = s->extras.v = s->more_extras.v = s->pairs.v = NULL;
	s->states.v = NULL;
	s->bytes.v = NULL;
}

void quick_stack_free(struct quick_stack *s)
{
	quick_stack_free_work(s);
	mem_free(s->nodes.v);
	mem_free(s->children.v);
	s->nodes.v = NULL;
	s->children.v = NULL;
}

/* ---- nodes ---- */

uint32_t quick_node_of(struct quick_stack *s, uint16_t symbol, uint16_t production,
	const uint32_t *list, uint32_t n, uint32_t position)
{
	struct quick_node node = {.start = position,
		.end = position,
		.symbol = symbol,
		.depth = 1,
		.children = s->children.n};

	if (!quick_room(s, &s->children, n))
		return 0;
	for (uint32_t i = 0; i < n; i++) {
		const struct quick_node *child = &s->nodes.v[list[i]];

		s->children.v[s->children.n++] = list[i];
		node.precedence += child->precedence;
		if (child->depth >= node.depth)
			node.depth = child->depth + 1;
	}
	node.n = n;
	if (n) {
		node.start = s->nodes.v[list[0]].start;
		node.end = s->nodes.v[list[n - 1]].end;
		node.production = production;
	}
	return quick_node_add(s, &node);
}

/* ---- which of two ---- */

static bool push_pair(struct quick_stack *s, uint32_t x, uint32_t y)
{
	if (!quick_room(s, &s->pairs, 2))
		return false;
	s->pairs.v[s->pairs.n++] = x;
	s->pairs.v[s->pairs.n++] = y;
	return true;
}

/* Below 0: left comes first. */
static int compare(struct quick_stack *s, uint32_t left, uint32_t right)
{
	s->pairs.n = 0;
	(void)push_pair(s, left, right);
	while (s->pairs.n) {
		const struct quick_node *y = &s->nodes.v[s->pairs.v[--s->pairs.n]];
		const struct quick_node *x = &s->nodes.v[s->pairs.v[--s->pairs.n]];

		if (x == y)
			continue;
		if (x->symbol != y->symbol)
			return x->symbol < y->symbol ? -1 : 1;
		if (x->n != y->n)
			return x->n < y->n ? -1 : 1;
		for (uint32_t i = x->n; i; i--)
			if (!push_pair(s, s->children.v[x->children + i - 1],
				    s->children.v[y->children + i - 1]))
				return 0;
	}
	return 0;
}

bool quick_prefers(struct quick_stack *s, uint32_t left, uint32_t right)
{
	int32_t x = s->nodes.v[left].precedence, y = s->nodes.v[right].precedence;

	return x != y ? y > x : compare(s, left, right) > 0;
}

/* ---- states of scanners ---- */

bool quick_state_same(const struct quick_stack *s, uint32_t x, uint32_t y)
{
	const struct quick_state *a = &s->states.v[x], *b = &s->states.v[y];

	return x == y || (a->n == b->n && (!a->n || memcmp(s->bytes.v + a->from,
							    s->bytes.v + b->from, a->n) == 0));
}

uint32_t quick_state_add(struct quick_stack *s, const char *bytes, uint32_t n, uint32_t before)
{
	const struct quick_state *b = &s->states.v[before];

	if (b->n == n && (!n || memcmp(s->bytes.v + b->from, bytes, n) == 0))
		return before;
	if (!quick_room(s, &s->states, 1) || !quick_room(s, &s->bytes, n))
		return 0;
	s->states.v[s->states.n] = (struct quick_state){s->bytes.n, n};
	if (n)
		memcpy(s->bytes.v + s->bytes.n, bytes, n);
	s->bytes.n += n;
	return s->states.n++;
}

/* ---- heads ---- */

void quick_remove(struct quick_stack *s, int head)
{
	s->heads_n--;
	memmove(&s->heads[head], &s->heads[head + 1],
		(size_t)(s->heads_n - head) * sizeof *s->heads);
}

void quick_renumber(struct quick_stack *s, int from, int to)
{
	if (from == to)
		return;
	s->heads[to] = s->heads[from];
	quick_remove(s, from);
}

/* ---- links ---- */

static struct quick_link link_at(const struct quick_stack *s, uint32_t place, uint32_t k)
{
	const struct quick_place *p = &s->places.v[place];
	uint32_t at = p->more;

	if (!k)
		return (struct quick_link){p->before, p->node, 0};
	while (--k)
		at = s->links.v[at].next;
	return s->links.v[at];
}

static void set_node(struct quick_stack *s, uint32_t place, uint32_t k, uint32_t node)
{
	struct quick_place *p = &s->places.v[place];
	uint32_t at = p->more;

	if (!k) {
		p->node = node;
		return;
	}
	while (--k)
		at = s->links.v[at].next;
	s->links.v[at].node = node;
}

static uint32_t scanned_of(const struct quick_node *x)
{
	return x->is_scanned ? x->children : 0;
}

/* Both end at one position. */
static bool is_alike(const struct quick_stack *s, struct quick_link x, struct quick_link y)
{
	const struct quick_node *a = &s->nodes.v[x.node], *b = &s->nodes.v[y.node];

	return x.node == y.node ||
	       (a->symbol == b->symbol && a->end - a->start == b->end - b->start &&
		       a->start - s->places.v[x.before].position ==
			       b->start - s->places.v[y.before].position &&
		       a->n == b->n && a->is_extra == b->is_extra &&
		       quick_state_same(s, scanned_of(a), scanned_of(b)));
}

static void raise(struct quick_place *p, int32_t precedence)
{
	if (precedence > p->precedence)
		p->precedence = precedence;
}

static void add_link(struct quick_stack *s, uint32_t place, struct quick_link link);

/* True when an existing link stands for the new one. */
static bool joins(struct quick_stack *s, uint32_t place, uint32_t k, struct quick_link link)
{
	struct quick_link old = link_at(s, place, k);
	struct quick_place *from = &s->places.v[link.before];
	int32_t precedence = from->precedence + s->nodes.v[link.node].precedence;

	if (!is_alike(s, old, link))
		return false;
	if (old.before == link.before) {
		if (s->nodes.v[link.node].precedence > s->nodes.v[old.node].precedence) {
			set_node(s, place, k, link.node);
			s->places.v[place].precedence = precedence;
		}
		return true;
	}
	if (s->places.v[old.before].state != from->state ||
		s->places.v[old.before].position != from->position)
		return false;
	for (uint32_t i = 0; i < s->places.v[link.before].links_n; i++)
		add_link(s, old.before, link_at(s, link.before, i));
	raise(&s->places.v[place],
		s->places.v[link.before].precedence + s->nodes.v[link.node].precedence);
	return true;
}

static void add_link(struct quick_stack *s, uint32_t place, struct quick_link link)
{
	uint32_t *end;
	struct quick_place *p = &s->places.v[place];

	if (link.before == place)
		return;
	for (uint32_t k = 0; k < p->links_n; k++)
		if (joins(s, place, k, link))
			return;
	if (p->links_n == QUICK_LINKS_MAX || !quick_room(s, &s->links, 1))
		return;
	for (end = &p->more; *end;)
		end = &s->links.v[*end].next;
	*end = s->links.n;
	s->links.v[s->links.n++] = (struct quick_link){link.before, link.node, 0};
	p->links_n++;
	raise(p, s->places.v[link.before].precedence + s->nodes.v[link.node].precedence);
}

bool quick_join(struct quick_stack *s, int into, int from)
{
	const struct quick_head *x = &s->heads[into], *y = &s->heads[from];
	const struct quick_place *p = &s->places.v[x->place], *q = &s->places.v[y->place];

	if (x->status != QUICK_ACTIVE || y->status != QUICK_ACTIVE || p->state != q->state ||
		p->position != q->position || !quick_state_same(s, x->scanned, y->scanned))
		return false;
	for (uint32_t i = 0; i < q->links_n; i++)
		add_link(s, x->place, link_at(s, y->place, i));
	s->floor = s->places.n;
	return true;
}

bool quick_merge(struct quick_stack *s, int into, int from)
{
	bool is_joined = quick_join(s, into, from);

	if (is_joined)
		quick_remove(s, from);
	return is_joined;
}

/* ---- pop ---- */

static void add_slice(struct quick_stack *s, int head, uint32_t place, uint32_t from)
{
	struct quick_slice slice = {.from = from, .n = s->popped.n - from};
	int at = s->slices_n;

	while (at && s->heads[s->slices[at - 1].head].place != place)
		at--;
	if (s->heads_n == QUICK_HEADS_MAX || s->slices_n == (int)ARRAY_N(s->slices)) {
		s->is_wild = true;
		return;
	}
	if (at) {
		slice.head = s->slices[at - 1].head;
	} else {
		at = s->slices_n;
		slice.head = s->heads_n;
		s->heads[s->heads_n++] =
			(struct quick_head){place, s->heads[head].scanned, QUICK_ACTIVE};
	}
	memmove(&s->slices[at + 1], &s->slices[at], (size_t)(s->slices_n - at) * sizeof slice);
	s->slices[at] = slice;
	s->slices_n++;
}

/* A way down. */
struct way {
	uint32_t place, cell, count;
};

static void end_way(struct quick_stack *s, int head, const struct way *w)
{
	uint32_t from = s->popped.n;

	for (uint32_t cell = w->cell; cell; cell = s->cells.v[cell].next) {
		if (!quick_room(s, &s->popped, 1))
			return;
		s->popped.v[s->popped.n++] = s->cells.v[cell].node;
	}
	add_slice(s, head, w->place, from);
}

static void step_down(struct quick_stack *s, struct way *w, struct quick_link link)
{
	if (!quick_room(s, &s->cells, 1))
		return;
	s->cells.v[s->cells.n] = (struct quick_link){.node = link.node, .next = w->cell};
	w->cell = s->cells.n++;
	w->place = link.before;
	w->count += !s->nodes.v[link.node].is_extra;
}

/* True where one way leads down, as mostly; nothing is done elsewhere. */
static bool pop_plainly(struct quick_stack *s, int head, uint32_t count)
{
	uint32_t at = s->heads[head].place, n = 0, *to;

	for (; count; n++) {
		const struct quick_place *p = &s->places.v[at];

		if (p->links_n != 1)
			return false;
		count -= !s->nodes.v[p->node].is_extra;
		at = p->before;
	}
	if (!quick_room(s, &s->popped, n))
		return true;
	s->popped.n = n;
	to = s->popped.v + n;
	for (uint32_t from = s->heads[head].place; n; n--, from = s->places.v[from].before)
		*--to = s->places.v[from].node;
	add_slice(s, head, at, 0);
	return true;
}

void quick_pop(struct quick_stack *s, int head, uint32_t count)
{
	struct way ways[QUICK_WAYS_MAX];
	uint32_t n = 1;

	ways[0] = (struct way){.place = s->heads[head].place};
	s->cells.n = 1;
	s->popped.n = 0;
	s->slices_n = 0;
	if (pop_plainly(s, head, count))
		return;
	while (n && !s->is_short && !s->is_wild)
		for (uint32_t i = 0, end = n; i < end; i++) {
			struct way w = ways[i];
			uint32_t links_n = s->places.v[w.place].links_n;
			bool is_bottom = !links_n;

			if (count == UINT32_MAX ? is_bottom : w.count == count)
				end_way(s, head, &w);
			if (is_bottom || w.count == count) {
				n--;
				end--;
				memmove(&ways[i], &ways[i + 1], (n - i) * sizeof w);
				i--;
				continue;
			}
			for (uint32_t k = 1; k < links_n && n < QUICK_WAYS_MAX; k++) {
				ways[n] = w;
				step_down(s, &ways[n++], link_at(s, w.place, k));
			}
			step_down(s, &ways[i], link_at(s, w.place, 0));
		}
}
