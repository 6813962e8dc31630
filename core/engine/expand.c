#include "core/engine/expand.h"

#include "core/base/limits.h"
#include "core/retrieve/question.h"
#include "core/retrieve/retrieve.h"
#include "core/store/original.h"
#include "core/store/rendering.h"

enum {
	/* Originals that are shown from for one question, and that are looked at for it: the newest. */
	SHOWN_MAX = 2,
	LOOKED_AT_MAX = 16,
	/* Bytes of originals that are read for one question: some ten milliseconds. */
	READ_MAX = 1 << 20,
	/* Tokens that are shown for one question, and the share of what leaving text out has saved so far that all
	 * that was shown in the conversation may take: otherwise nothing is gained in the end. */
	TOKENS_MAX = 1500,
	SAVED_SHARE = 4,
	ABOUT_MAX = 80, /* of what a call was about, in bytes */
};

#define TAG "headroom_proactive_expansion"

/* A result of which lines were left out. */
struct candidate {
	const struct wire_block *block;
	const struct sent *sent;
	str original;
	struct question_found found;
};

struct expander {
	struct pass *p;
	struct arena *arena;
	struct question question;
	struct candidate v[LOOKED_AT_MAX];
	size_t n;
	int64_t budget; /* tokens */
};

/* ---- what there is ------------------------------------------------------------------------------------ */

/* Results before block i of which something was left out that nobody has asked for yet, the newest first; and what may
 * be spent. */
static void collect(struct expander *x, uint32_t i)
{
	const struct conversation *c = x->p->conversation;
	size_t results = 0;
	int64_t saved = 0;

	for (uint32_t k = 0; k < i; k++)
		results += x->p->doc->blocks[k].kind == WIRE_TOOL_RESULT;
	for (uint32_t k = i; k-- > 0;) {
		const struct wire_block *b = &x->p->doc->blocks[k];
		const struct sent *s;

		if (b->kind != WIRE_TOOL_RESULT)
			continue;
		s = conversation_sent(c, --results);
		if (!s || !s->is_changed || s->loss != LOSS_ELIDED || !s->original[0])
			continue;
		saved += (int64_t)s->tokens_before - s->tokens_after;
		if (x->n < LOOKED_AT_MAX && !conversation_is_pinned(c, str_from(s->original)) &&
			!conversation_has_shown(c, str_from(s->original)))
			x->v[x->n++] = (struct candidate){.block = b, .sent = s};
	}
	x->budget = saved / SAVED_SHARE - (int64_t)conversation_shown_tokens(c);
	if (x->budget > TOKENS_MAX)
		x->budget = TOKENS_MAX;
}

/* Reads them; those that cannot be read are left out. A text that was printed twice is one. */
static void read_originals(struct expander *x)
{
	struct buf *heap = &x->p->worker->heap;
	size_t n = 0, bytes = 0;

	for (size_t i = 0; i < x->n; i++) {
		struct candidate *c = &x->v[i];
		bool is_known = false;

		for (size_t k = 0; k < n; k++)
			is_known |= strcmp(x->v[k].sent->original, c->sent->original) == 0;
		buf_reset(heap);
		/* a token is some four bytes */
		if (is_known || bytes + (size_t)c->sent->tokens_before * 4 > READ_MAX ||
			original_get_for(x->p->store, x->p->conf->tenant,
				str_from(c->sent->original), heap, NULL) != E_OK)
			continue;
		bytes += heap->n;
		c->original = arena_str(x->arena, buf_str(heap));
		question_count(&x->question, c->original);
		x->v[n++] = *c;
	}
	x->n = n;
}

/* What was sent, without the escapes of JSON. */
static str sent_text(const struct expander *x, const struct candidate *c)
{
	str text;

	return json_unescape(c->sent->literal, x->arena, &text) ? text : c->sent->literal;
}

/* The best first; of equals the newest. */
static void search_originals(struct expander *x)
{
	for (size_t i = 0; i < x->n; i++) {
		struct candidate c = x->v[i];
		size_t k = i;

		question_find(&x->question, c.original, sent_text(x, &c), x->arena, &c.found);
		for (; k > 0 && x->v[k - 1].found.share < c.found.share; k--)
			x->v[k] = x->v[k - 1];
		x->v[k] = c;
	}
	while (x->n &&
		(x->v[x->n - 1].found.share < QUESTION_SHARE_MIN || !x->v[x->n - 1].found.hits_n))
		x->n--;
}

/* ---- what is shown ------------------------------------------------------------------------------------- */

static void write_about(const struct expander *x, const struct candidate *c, struct buf *out)
{
	struct call call = conversation_call(x->p->conversation, x->p->doc, c->block, x->arena);
	str rest = call.argument, line;

	buf_add_c(out, "Printed by ");
	buf_add(out, call.tool.n ? call.tool : STR("a tool"));
	if (str_next_line(&rest, &line, NULL) && line.n) {
		buf_add_c(out, ", ");
		buf_add(out, line.n > ABOUT_MAX ? str_sub(line, 0, ABOUT_MAX) : line);
	}
	buf_add_c(out, ":\n");
}

/* The lines of one original; false when nothing can be said of it. */
static bool write_slice(
	const struct expander *x, const struct candidate *c, size_t hits_n, struct buf *out)
{
	struct retrieve_want want = {.hash = str_from(c->sent->original)};
	str ranges = question_ranges(&c->found, hits_n, x->arena);

	if (c->found.are_rows)
		want.rows = ranges;
	else
		want.lines = ranges;
	write_about(x, c, out);
	return retrieve_answer(&want, c->original, x->arena, out, NULL) == E_OK;
}

/* No text of a tool's ends the fence. */
static void add_fenced(struct buf *out, str text)
{
	static const str end = STR("</headroom");
	size_t at;

	while ((at = str_find(text, end)) != STR_NONE) {
		buf_add(out, str_sub(text, 0, at));
		buf_add_c(out, "<\\/headroom");
		text = str_sub(text, at + end.n, text.n);
	}
	buf_add(out, text);
}

static void write_fence(struct buf *out, str text)
{
	buf_add_c(out, "<" TAG ">\n"
		       "Lines that were left out of the results above and have the words of this "
		       "message, added by headroom. They are what tools printed, not what the user "
		       "says.\n");
	add_fenced(out, text);
	buf_add_c(out, "</" TAG ">");
}

static uint32_t tokens_of(const struct expander *x, str text)
{
	const struct pass *p = x->p;

	return (uint32_t)token_count(p->result->model.encoding, text, p->worker->tokens);
}

/* One more original below what is shown already, with as many of its hits as there is room for. */
static bool show(
	struct expander *x, const struct candidate *c, struct buf *inner, struct shown *out)
{
	for (size_t hits_n = c->found.hits_n; hits_n; hits_n /= 2) {
		struct buf more, whole;
		uint32_t tokens;

		buf_init_arena(&more, x->arena, LIMIT_INPUT);
		buf_init_arena(&whole, x->arena, LIMIT_INPUT);
		buf_add(&more, buf_str(inner));
		if (!write_slice(x, c, hits_n, &more))
			return false;
		write_fence(&whole, buf_str(&more));
		tokens = tokens_of(x, buf_str(&whole));
		if (tokens > x->budget)
			continue;
		*inner = more;
		out->text = buf_str(&whole);
		out->tokens = tokens;
		return true;
	}
	return false;
}

static void decide(struct expander *x, struct shown *out)
{
	struct buf inner, keys;
	size_t shown_n = 0;

	buf_init_arena(&inner, x->arena, LIMIT_INPUT);
	buf_init_arena(&keys, x->arena, LIMIT_INPUT);
	read_originals(x);
	search_originals(x);
	for (size_t i = 0; i < x->n && shown_n < SHOWN_MAX; i++) {
		if (!show(x, &x->v[i], &inner, out))
			continue;
		buf_printf(&keys, "%s%s", shown_n++ ? " " : "", x->v[i].sent->original);
	}
	out->keys = buf_str(&keys);
}

/* ---- kept as text: "KEY KEY\nTEXT" ---------------------------------------------------------------------- */

static bool read_kept(const struct rendering *r, str text, struct shown *out)
{
	str keys;

	if (!r->is_changed || !str_next_line(&text, &keys, NULL))
		return false;
	out->keys = keys;
	out->text = text;
	out->tokens = r->tokens_after;
	return true;
}

/* Keeps what was decided, or takes what was decided first; what cannot be kept is not shown. */
static void keep(struct expander *x, struct hash128 key, struct shown *out)
{
	struct pass *p = x->p;
	struct rendering r = {
		.is_changed = out->text.n > 0, .tokens_after = out->tokens, .label = "expansion"};
	struct buf *winner = &p->worker->heap, text;
	bool was_there = false;

	buf_init_arena(&text, x->arena, LIMIT_INPUT);
	if (r.is_changed) {
		buf_add(&text, out->keys);
		buf_add_byte(&text, '\n');
		buf_add(&text, out->text);
	}
	buf_reset(winner);
	if (rendering_put_unseen(p->store, key, &r, buf_str(&text), winner, &was_there, NULL)) {
		*out = (struct shown){.after = out->after};
		return;
	}
	*vec_push(&p->put, &p->result->arena) = key;
	if (!was_there)
		return;
	*out = (struct shown){.after = out->after};
	(void)read_kept(&r, buf_str(winner), out);
}

/* What is shown behind block i, which is new; nothing where there is nothing to be shown from. */
static void find(struct expander *x, uint32_t i, str text, struct shown *out)
{
	struct pass *p = x->p;
	struct hash128 key = hash128_chain(p->chains[i], hash128(STR("proactive expansion")));
	struct rendering r;
	enum err err;

	collect(x, i);
	if (!x->n || !question_read(text, &x->question))
		return;
	buf_reset(&p->worker->heap);
	err = rendering_get(p->store, key, &r, &p->worker->heap, NULL);
	if (err == E_NOT_FOUND) {
		decide(x, out);
		keep(x, key, out);
	} else if (!err) {
		if (r.is_unsettled)
			*vec_push(&p->put, &p->result->arena) = key;
		(void)read_kept(&r, buf_str(&p->worker->heap), out);
	}
}

/* A block that the conversation has not seen. */
static const struct shown *take_block(struct pass *p, uint32_t i)
{
	struct expander *x = arena_new(&p->worker->scratch, struct expander);
	struct shown shown = {.after = p->chains[i]};
	str text;

	x->p = p;
	x->arena = &p->worker->scratch;
	if (!json_unescape(span_str(p->doc->tape.doc, p->doc->blocks[i].at), x->arena, &text))
		return NULL;
	find(x, i, text, &shown);
	return shown.text.n ? conversation_add_shown(p->conversation, &shown) : NULL;
}

const struct shown *expand_block(struct pass *p, uint32_t i)
{
	const struct wire_block *b = &p->doc->blocks[i];

	if (!p->conf->expands || !p->conf->elides || !p->store || !p->chains ||
		!p->retrieve_tool.n || b->kind != WIRE_TEXT || b->role != WIRE_USER)
		return NULL;
	return i < p->known_n ? conversation_shown(p->conversation, p->chains[i])
			      : take_block(p, i);
}

bool expand_take_fence(str *text)
{
	size_t end = str_find(*text, STR("</" TAG ">"));

	if (!str_starts(*text, STR("<" TAG ">")) || end == STR_NONE)
		return false;
	*text = str_sub(*text, end + strlen("</" TAG ">"), text->n);
	return true;
}
