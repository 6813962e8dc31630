#include "core/compress/code/quick.h"

#include <string.h>

#include "core/base/utf8.h"
#include "core/compress/code/quick_token.h"

/* ---- actions ---- */

static void shift(struct quick_reading *r, int head, const struct quick_token *t, uint16_t state,
	bool is_extra)
{
	struct quick_stack *s = r->stack;
	uint32_t node = quick_node_add(s, &(struct quick_node){.start = t->start,
						  .end = t->end,
						  .children = t->is_scanned ? t->scanned : 0,
						  .depth = 1,
						  .symbol = t->symbol,
						  .is_extra = is_extra,
						  .is_scanned = t->is_scanned});

	quick_push(s, head, node, state);
	if (t->is_scanned)
		s->heads[head].scanned = t->scanned;
}

/* Moves extras at the end of a list to another, in order. */
static uint32_t take_extras(struct quick_stack *s, const uint32_t *list, uint32_t n)
{
	uint32_t all = n;

	while (n && s->nodes.v[list[n - 1]].is_extra)
		n--;
	s->extras.n = 0;
	if (!quick_room(s, &s->extras, all - n))
		return n;
	for (uint32_t i = n; i < all; i++)
		s->extras.v[s->extras.n++] = list[i];
	return n;
}

/* The node of a slice, or of the one that is preferred of several with the same head; *i: the last of them. position: of that head. */
static uint32_t choose(struct quick_reading *r, const TSParseAction *a, uint32_t position, int *i)
{
	struct quick_stack *s = r->stack;
	const struct quick_slice *first = &s->slices[*i], *next;
	uint32_t n = take_extras(s, s->popped.v + first->from, first->n);
	uint32_t parent = quick_node_of(s, a->reduce.symbol, a->reduce.production_id,
		s->popped.v + first->from, n, position);

	while (*i + 1 < s->slices_n && (next = &s->slices[*i + 1])->head == first->head) {
		const uint32_t *list = s->popped.v + next->from;
		uint32_t other;

		++*i;
		for (n = next->n; n && s->nodes.v[list[n - 1]].is_extra;)
			n--;
		other = quick_node_of(
			s, a->reduce.symbol, a->reduce.production_id, list, n, position);
		if (!quick_prefers(s, parent, other))
			continue;
		(void)take_extras(s, list, next->n);
		parent = other;
	}
	return parent;
}

static void put_parent(
	struct quick_reading *r, int head, uint32_t parent, const TSParseAction *a, bool ends)
{
	struct quick_stack *s = r->stack;
	uint16_t state = s->places.v[s->heads[head].place].state,
		 next = quick_next_state(r, state, a->reduce.symbol);
	struct quick_node *node = &s->nodes.v[parent];

	if (ends && next == state)
		node->is_extra = true;
	if (node->n)
		node->precedence += a->reduce.dynamic_precedence;
	quick_push(s, head, parent, next);
	for (uint32_t i = 0; i < s->extras.n; i++)
		quick_push(s, head, s->extras.v[i], next);
}

static int halted_n(const struct quick_stack *s)
{
	int n = 0;

	for (int i = 0; i < s->heads_n; i++)
		n += s->heads[i].status == QUICK_HALTED;
	return n;
}

/* The head that has come of it, or the first of several; -1: none, all are joined to others. */
static int reduce(struct quick_reading *r, int head, const TSParseAction *a, bool ends)
{
	struct quick_stack *s = r->stack;
	int before = s->heads_n, gone = 0, halted;

	quick_pop(s, head, a->reduce.child_count);
	halted = halted_n(s);
	for (int i = 0; i < s->slices_n && !s->is_short && !s->is_wild; i++) {
		int at = s->slices[i].head - gone;
		uint32_t position;

		if (at > QUICK_HEADS_KEPT + QUICK_HEADS_OVER + halted) {
			s->is_wild = true;
			break;
		}
		position = s->places.v[s->heads[at].place].position;
		put_parent(r, at, choose(r, a, position, &i), a, ends);
		for (int k = 0; k < at; k++)
			if (k != head && quick_may_join(s, k, at) && quick_merge(s, k, at)) {
				gone++;
				break;
			}
	}
	return s->heads_n > before ? before : -1;
}

/* True where the place above all belongs to that head alone. */
static bool is_alone(const struct quick_stack *s, int head)
{
	return s->heads_n == 1 && s->heads[head].place >= s->floor;
}

/* A reduction of one node, which most are: what the lists above are not needed for. */
static void reduce_one(struct quick_reading *r, int head, const TSParseAction *a)
{
	struct quick_stack *s = r->stack;
	struct quick_place *p = &s->places.v[s->heads[head].place];
	const struct quick_node *child = &s->nodes.v[p->node];
	const struct quick_place *before = &s->places.v[p->before];
	struct quick_node node = {.start = child->start,
		.end = child->end,
		.children = s->children.n,
		.n = 1,
		.depth = child->depth + 1,
		.precedence = child->precedence + a->reduce.dynamic_precedence,
		.symbol = a->reduce.symbol,
		.production = a->reduce.production_id};
	uint16_t next = quick_next_state(r, before->state, a->reduce.symbol);
	uint32_t at;

	if (!quick_room(s, &s->children, 1) || !quick_room(s, &s->nodes, 1))
		return;
	s->children.v[s->children.n++] = p->node;
	at = s->nodes.n++;
	s->nodes.v[at] = node;
	if (!is_alone(s, head)) {
		s->heads[head].place = p->before;
		quick_push(s, head, at, next);
		return;
	}
	p->node = at;
	p->state = next;
	p->precedence = before->precedence + node.precedence;
}

/* Of the nodes on top, those that are extras and end a reduction: moved to the list of extras, in order. */
static uint32_t pop_extras(struct quick_stack *s, uint32_t place)
{
	uint32_t n = 0, at = place;

	for (; s->nodes.v[s->places.v[at].node].is_extra; at = s->places.v[at].before)
		n++;
	s->extras.n = 0;
	if (!n || !quick_room(s, &s->extras, n))
		return place;
	for (s->extras.n = n; n; place = s->places.v[place].before)
		s->extras.v[--n] = s->places.v[place].node;
	return place;
}

/* A node of the n that stand on one another there; position: where none would be. */
static uint32_t node_of_places(struct quick_stack *s, const TSParseAction *a, uint32_t place,
	uint32_t n, uint32_t position)
{
	struct quick_node node = {.start = position,
		.end = position,
		.symbol = a->reduce.symbol,
		.depth = 1,
		.n = n,
		.children = s->children.n};

	if (!quick_room(s, &s->children, n))
		return 0;
	if (n) {
		node.end = s->nodes.v[s->places.v[place].node].end;
		node.production = a->reduce.production_id;
	}
	s->children.n += n;
	for (uint32_t *to = s->children.v + s->children.n; n; n--) {
		const struct quick_place *p = &s->places.v[place];
		const struct quick_node *child = &s->nodes.v[p->node];

		*--to = p->node;
		node.precedence += child->precedence;
		node.depth = child->depth >= node.depth ? child->depth + 1 : node.depth;
		node.start = child->start;
		place = p->before;
	}
	return quick_node_add(s, &node);
}

/* The same of any number of nodes. False: several ways lead down. */
static bool reduce_many(struct quick_reading *r, int head, const TSParseAction *a)
{
	struct quick_stack *s = r->stack;
	uint32_t at = s->heads[head].place, top = at, n = 0, parent;

	for (uint32_t count = a->reduce.child_count; count; n++) {
		const struct quick_place *p = &s->places.v[at];

		if (p->links_n != 1)
			return false;
		count -= !s->nodes.v[p->node].is_extra;
		at = p->before;
	}
	s->extras.n = 0;
	if (n)
		top = pop_extras(s, top);
	parent = node_of_places(s, a, top, n - s->extras.n, s->places.v[at].position);
	s->heads[head].place = at;
	if (s->heads_n == 1 && at + 1 >= s->floor)
		s->places.n = at + 1;
	put_parent(r, head, parent, a, false);
	return true;
}

/* Where the action is the only one, and one way leads down. False: it is not so. */
static bool reduce_plain(struct quick_reading *r, int head, const TSParseAction *a, bool *is_joined)
{
	struct quick_stack *s = r->stack;
	const struct quick_place *top = &s->places.v[s->heads[head].place];

	if (a->reduce.child_count == 1 && top->links_n == 1 && !s->nodes.v[top->node].is_extra)
		reduce_one(r, head, a);
	else if (!reduce_many(r, head, a))
		return false;
	*is_joined = false;
	for (int k = 0; k < s->heads_n && !*is_joined; k++)
		if (k != head && quick_may_join(s, k, head))
			*is_joined = quick_join(s, k, head);
	if (*is_joined)
		s->heads[head].status = QUICK_HALTED;
	return true;
}

/* The root: what is at that place of the list, with the extras around it among its children. */
static uint32_t root_of(struct quick_stack *s, const uint32_t *list, uint32_t n, uint32_t at)
{
	const struct quick_node *top = &s->nodes.v[list[at]];
	uint32_t *to;

	s->more_extras.n = 0;
	if (!quick_room(s, &s->more_extras, n + top->n))
		return 0;
	to = s->more_extras.v;
	memcpy(to, list, at * sizeof *to);
	memcpy(to + at, s->children.v + top->children, top->n * sizeof *to);
	memcpy(to + at + top->n, list + at + 1, (n - at - 1) * sizeof *to);
	return quick_node_of(s, top->symbol, top->production, to, n - 1 + top->n, 0);
}

static void accept(struct quick_reading *r, int head, const struct quick_token *t)
{
	struct quick_stack *s = r->stack;

	shift(r, head, t, 1, true);
	quick_pop(s, head, UINT32_MAX);
	for (int i = 0; i < s->slices_n && !s->is_short && !s->is_wild; i++) {
		const uint32_t *list = s->popped.v + s->slices[i].from;
		uint32_t n = s->slices[i].n, at = n, root;

		while (at && s->nodes.v[list[at - 1]].is_extra)
			at--;
		if (!at) {
			r->gives_up = true;
			return;
		}
		root = root_of(s, list, n, at - 1);
		if (!r->has_root || quick_prefers(s, r->root, root))
			r->root = root;
		r->has_root = true;
	}
	if (s->slices_n)
		quick_remove(s, s->slices[0].head);
	s->heads[head].status = QUICK_HALTED;
}

/* ---- the ways ---- */

/* What came of the actions in a state. */
enum outcome { OUTCOME_NONE, OUTCOME_DONE, OUTCOME_REDUCED, OUTCOME_JOINED };

/* The shift of a repetition stands in the tables beside the reduction that is made instead. */
static bool is_repetition(const TSParseAction *a)
{
	return a->type == TSParseActionTypeShift && a->shift.repetition;
}

/* The one thing to do; NULL: there is none, or there are several. */
static const TSParseAction *only_of(struct quick_actions a)
{
	if (LIKELY(a.n == 1))
		return a.v;
	if (a.n != 2)
		return NULL;
	if (is_repetition(&a.v[0]))
		return a.v + 1;
	return is_repetition(&a.v[1]) ? &a.v[0] : NULL;
}

static enum outcome act(
	struct quick_reading *r, int head, const struct quick_token *t, struct quick_actions a)
{
	uint16_t state = r->stack->places.v[r->stack->heads[head].place].state;
	enum outcome outcome = OUTCOME_NONE;
	int newest = -1, at;

	for (unsigned i = 0; a.v && i < a.n && outcome != OUTCOME_DONE; i++) {
		const TSParseAction *x = &a.v[i];

		if (x->type == TSParseActionTypeReduce) {
			at = reduce(r, head, x, t->is_none);
			newest = at >= 0 ? at : newest;
			outcome = OUTCOME_JOINED;
		} else if (x->type == TSParseActionTypeAccept) {
			accept(r, head, t);
			outcome = OUTCOME_DONE;
		} else if (x->type == TSParseActionTypeShift && !x->shift.repetition) {
			shift(r, head, t, x->shift.extra ? state : x->shift.state, x->shift.extra);
			outcome = OUTCOME_DONE;
		} else if (x->type == TSParseActionTypeRecover) {
			r->gives_up = true;
			outcome = OUTCOME_DONE;
		}
	}
	if (outcome == OUTCOME_JOINED && newest >= 0) {
		quick_renumber(r->stack, newest, head);
		outcome = OUTCOME_REDUCED;
	}
	return outcome;
}

static bool is_lost(const struct quick_reading *r)
{
	return r->gives_up || r->stack->is_short || r->stack->is_wild;
}

/* Behind that token, or to where that way ends; a: what may be done before the token. */
static void go_on(struct quick_reading *r, int head, struct quick_token t, struct quick_actions a)
{
	struct quick_stack *s = r->stack;
	uint16_t state, word = r->language->keyword_capture_token;

	for (;;) {
		const TSParseAction *x = only_of(a);
		enum outcome outcome;
		bool is_joined;

		if (x && x->type == TSParseActionTypeReduce && !t.is_none &&
			reduce_plain(r, head, x, &is_joined))
			outcome = is_joined ? OUTCOME_DONE : OUTCOME_REDUCED;
		else
			outcome = act(r, head, &t, a);
		if (outcome == OUTCOME_DONE || is_lost(r))
			return;
		if (outcome == OUTCOME_JOINED) {
			s->heads[head].status = QUICK_HALTED;
			return;
		}
		state = s->places.v[s->heads[head].place].state;
		if (outcome == OUTCOME_REDUCED && t.is_none) {
			t = *quick_next_token_anew(r, &s->heads[head], &a);
			continue;
		}
		if (outcome == OUTCOME_REDUCED) {
			a = quick_actions_of(r, state, t.symbol);
			continue;
		}
		/* a keyword that cannot stand here may be a word that can */
		a = (struct quick_actions){0};
		if (t.is_keyword && t.symbol != word &&
			!quick_is_reserved(r->language, state, t.symbol))
			a = quick_actions_of(r, state, word);
		if (!a.n) {
			s->heads[head].status = QUICK_PAUSED;
			return;
		}
		t.symbol = word;
	}
}

/* One token further, or to where that way ends. */
static void advance(struct quick_reading *r, int head)
{
	struct quick_actions a;
	const struct quick_token *t = quick_next_token(r, &r->stack->heads[head], &a);

	go_on(r, head, *t, a);
}

/* A reduction where there is one way. False: it is not done, as several lead down or memory is short. */
static bool reduce_alone(struct quick_reading *r, const TSParseAction *a)
{
	struct quick_stack *s = r->stack;
	const struct quick_place *top = &s->places.v[s->heads[0].place];

	if (a->reduce.child_count == 1 && top->links_n == 1 && !s->nodes.v[top->node].is_extra)
		reduce_one(r, 0, a);
	else if (!reduce_many(r, 0, a))
		return false;
	return !s->is_short;
}

/* Tokens for as long as there is one way, and one thing to do. *last: the last place that was come to. */
static void advance_alone(struct quick_reading *r, uint32_t *last)
{
	struct quick_stack *s = r->stack;
	struct quick_head *h = &s->heads[0];

	do {
		struct quick_actions a;
		const struct quick_token *t = quick_next_token(r, h, &a);
		const TSParseAction *x = only_of(a);

		while (x && x->type == TSParseActionTypeReduce && !t->is_none &&
			reduce_alone(r, x)) {
			a = quick_actions_of(r, s->places.v[h->place].state, t->symbol);
			x = only_of(a);
		}
		if (!x || x->type != TSParseActionTypeShift || x->shift.repetition) {
			go_on(r, 0, *t, a);
			return;
		}
		shift(r, 0, t, x->shift.extra ? s->places.v[h->place].state : x->shift.state,
			x->shift.extra);
		*last = t->end > *last ? t->end : *last;
	} while (!is_lost(r));
}

/* Of two heads, takes one out, joins them or changes their order. True: one is gone. */
static bool condense_two(struct quick_stack *s, int first, int second)
{
	struct quick_head x = s->heads[first], y = s->heads[second];
	int32_t p = s->places.v[x.place].precedence, q = s->places.v[y.place].precedence;

	if (x.status != QUICK_PAUSED && y.status == QUICK_PAUSED) {
		quick_remove(s, second);
		return true;
	}
	if (x.status == QUICK_PAUSED && y.status != QUICK_PAUSED) {
		quick_remove(s, first);
		return true;
	}
	if (quick_may_join(s, first, second) && quick_merge(s, first, second))
		return true;
	if (q > p) {
		s->heads[first] = y;
		s->heads[second] = x;
	}
	return false;
}

/* Behind each token: what is over goes, what is one is joined, and the rest is put in order. True: a way is left. */
static bool condense(struct quick_stack *s)
{
	bool is_active = false;

	if (LIKELY(s->heads_n == 1 && s->heads[0].status == QUICK_ACTIVE))
		return true;
	for (int i = 0; i < s->heads_n; i++) {
		if (s->heads[i].status == QUICK_HALTED) {
			quick_remove(s, i--);
			continue;
		}
		for (int j = 0; j < i; j++) {
			bool first_goes = s->heads[j].status == QUICK_PAUSED &&
					  s->heads[i].status != QUICK_PAUSED;

			if (!condense_two(s, j, i))
				continue;
			i--;
			j = first_goes ? j - 1 : i;
		}
	}
	if (s->heads_n > QUICK_HEADS_KEPT)
		s->heads_n = QUICK_HEADS_KEPT;
	for (int i = 0; i < s->heads_n; i++)
		is_active |= s->heads[i].status == QUICK_ACTIVE;
	for (int i = 0; i < s->heads_n && is_active; i++)
		if (s->heads[i].status == QUICK_PAUSED)
			quick_remove(s, i--);
	return is_active;
}

static uint32_t position_of(const struct quick_stack *s, int head)
{
	return s->places.v[s->heads[head].place].position;
}

static bool read_all(struct quick_reading *r)
{
	struct quick_stack *s = r->stack;
	uint32_t last = 0;

	do {
		for (int i = 0; i < s->heads_n; i++)
			while (s->heads[i].status == QUICK_ACTIVE) {
				uint32_t at;

				if (s->heads_n == 1)
					advance_alone(r, &last);
				else
					advance(r, i);
				if (is_lost(r))
					return false;
				at = position_of(s, i);
				if (at > last || (i && at == last)) {
					last = at;
					break;
				}
			}
	} while (condense(s));
	return r->has_root;
}

bool quick_read(struct quick_tree *t, const TSLanguage *l, const struct quick_lexers *lexers,
	str source, void *memo)
{
	struct quick_reading r = {
		.language = l, .lexers = lexers, .stack = &t->stack, .memo = memo};
	bool has_scanner = l->external_scanner.states && l->external_scanner.create, is_read;

	*t = (struct quick_tree){.language = l};
	if (source.n > UINT32_MAX / 4 || utf8_valid_n(source) != source.n)
		return false;
	quick_lex_init(&r.lexer, source);
	if (has_scanner)
		r.scanner = l->external_scanner.create();
	is_read = quick_stack_init(&t->stack, source.n) && read_all(&r);
	if (has_scanner)
		l->external_scanner.destroy(r.scanner);
	t->root = r.root;
	if (is_read)
		quick_stack_free_work(&t->stack);
	else
		quick_stack_free(&t->stack);
	return is_read;
}

void quick_free(struct quick_tree *t)
{
	quick_stack_free(&t->stack);
}
