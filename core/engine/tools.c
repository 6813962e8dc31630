#include "core/engine/tools.h"

#include "core/base/limits.h"
#include "core/engine/offer.h"
#include "core/engine/use.h"
#include "core/store/rendering.h"
#include "core/wire/trim.h"

enum {
	/* A list must become so many tokens shorter: less is not worth another prefix. */
	TRIM_MIN_GAIN = 8,
};

static const char label[] = "tools";
static const char reason_kept[] = "not_a_tool_result";

/* Decides that the lists of this conversation are trimmed; false: they are not. */
static bool decide(struct pass *p, struct hash128 key)
{
	struct rendering r = {.is_changed = true, .label = "tools"};
	struct buf *winner = &p->worker->heap;
	bool was_there;

	buf_reset(winner);
	if (rendering_put_unseen(p->store, key, &r, STR("trimmed"), winner, &was_there, NULL))
		return false;
	*vec_push(&p->put, &p->result->arena) = key;
	use_decision(p, key, "");
	return r.is_changed;
}

/* A conversation that is seen in its middle, without a decision, may have a warm prefix with the list as it came. */
static bool find_decision(struct pass *p)
{
	struct rendering r;
	bool is_first;
	struct hash128 key = offer_key(p->doc, p->start, STR("trims tools"), &is_first);
	enum err err;

	if (!p->store) /* whoever keeps nothing does the same with every request */
		return true;
	buf_reset(&p->worker->heap);
	err = rendering_get(p->store, key, &r, &p->worker->heap, NULL);
	if (err == E_NOT_FOUND)
		return offer_may_decide(p, is_first) && decide(p, key);
	if (!err && r.is_unsettled)
		*vec_push(&p->put, &p->result->arena) = key;
	if (!err)
		use_decision(p, key, "");
	return !err && r.is_changed;
}

static uint32_t count(const struct pass *p, str text)
{
	return (uint32_t)token_count(p->result->model.encoding, text, p->worker->tokens);
}

/* The edits of this list; what it takes to say it in tokens is found out once. */
static void make_edits(struct pass *p, struct tools_state *s, own_edits *edits)
{
	struct arena *a = &p->result->arena;
	struct hash128 list = hash128(span_str(p->doc->tape.doc, p->doc->tools));
	struct buf plain, shorter;

	if (s->is_counted && memcmp(&s->list, &list, sizeof list) == 0) {
		if (s->tokens_after + TRIM_MIN_GAIN <= s->tokens_before)
			trim_tools(p->doc, a, edits, NULL, NULL);
		return;
	}
	buf_init_arena(&plain, a, LIMIT_INPUT);
	buf_init_arena(&shorter, a, LIMIT_INPUT);
	trim_tools(p->doc, a, edits, &plain, &shorter);
	s->is_counted = true;
	s->list = list;
	s->tokens_before = count(p, buf_str(&plain));
	s->tokens_after = count(p, buf_str(&shorter));
	if (s->tokens_after + TRIM_MIN_GAIN > s->tokens_before)
		edits->n = 0;
}

void tools_trim(struct pass *p, own_edits *edits)
{
	struct tools_state *s = conversation_tools(p->conversation);
	own_edits own = {0};

	if (!p->conf->trims_tools || p->conf->is_lossless || p->conf->is_off ||
		p->doc->tools.start == p->doc->tools.end || (s->is_decided && !s->is_trimmed))
		return;
	make_edits(p, s, &own);
	if (!own.n) /* no decision is needed yet */
		return;
	if (!s->is_decided)
		s->is_trimmed = find_decision(p);
	s->is_decided = true;
	if (!s->is_trimmed)
		return;
	for (size_t i = 0; i < own.n; i++)
		*vec_push(edits, &p->result->arena) = own.v[i];
	p->result->is_trimmed = true;
}

void tools_report(struct pass *p, struct compress_block *out)
{
	const struct tools_state *s = conversation_tools(p->conversation);
	struct compress_result *r = p->result;

	*out = (struct compress_block){.role = WIRE_SYSTEM,
		.kind = WIRE_TEXT,
		.path = STR("tools"),
		.reason = r->is_trimmed ? encode_reason_text(ENCODE_CHANGED) : reason_kept,
		.encoders = r->is_trimmed ? STR(label) : STR_NULL,
		.loss = r->is_trimmed ? LOSS_FORMAT : LOSS_NONE,
		.at = p->doc->tools};
	if (p->conf->counts_all)
		out->tokens_before = count(p, span_str(p->doc->tape.doc, p->doc->tools));
	else
		out->tokens_before = s->tokens_before;
	out->tokens_after = out->tokens_before;
	if (r->is_trimmed)
		out->tokens_after -= s->tokens_before - s->tokens_after;
	r->tokens_before += out->tokens_before;
	r->tokens_after += out->tokens_after;
}
