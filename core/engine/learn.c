#include "core/engine/learn.h"

#include "core/compress/program.h"
#include "core/engine/use.h"
#include "core/store/feedback.h"
#include "core/store/rendering.h"

/* "log", or for a shell "log/pytest". Of a tenant's "0123abcd:log": nobody else's retrievals count for his requests. */
static str shape_of(
	const struct pass *p, const struct call *call, enum content_kind kind, struct arena *a)
{
	str program = call->kind == TOOL_SHELL ? program_of(call->command, a) : STR_NULL;
	const char *name = detect_kind_name(kind);
	str shape = str_from(name);

	if (program.n)
		shape = arena_printf(a, "%s/" STR_FMT, name, STR_ARG(program));
	if (!p->conf->tenant.n)
		return shape;
	return arena_printf(a, "%08x:" STR_FMT, (unsigned)hash64(p->conf->tenant), STR_ARG(shape));
}

/* One of so many conversations finds out whether what was asked for still is. */
static bool is_probe(struct hash128 key)
{
	return key.lo % FEEDBACK_PROBES == 0;
}

/* Takes a snapshot and stores it; p->worker->heap is the one that was first. False: not now. */
static bool take(struct pass *p, struct hash128 key)
{
	struct rendering r = {.label = "learnt"};
	struct buf *heap = &p->worker->heap;
	bool was_there;
	str text;

	buf_reset(heap);
	if (feedback_snapshot(p->store, is_probe(key), heap, NULL) != E_OK)
		return false;
	text = arena_str(&p->worker->scratch, buf_str(heap));
	r.is_changed = text.n > 0;
	buf_reset(heap);
	if (rendering_put_unseen(p->store, key, &r, text, heap, &was_there, NULL) != E_OK)
		return false;
	*vec_push(&p->put, &p->result->arena) = key;
	if (!was_there)
		buf_add(heap, text);
	return !heap->err;
}

/* The snapshot of the conversation, in p->worker->heap. False: it cannot be had. */
static bool find(struct pass *p, struct hash128 key)
{
	struct rendering r;
	enum err err;

	buf_reset(&p->worker->heap);
	err = rendering_get(p->store, key, &r, &p->worker->heap, NULL);
	if (err == E_NOT_FOUND)
		return take(p, key);
	if (!err && r.is_unsettled)
		*vec_push(&p->put, &p->result->arena) = key;
	return err == E_OK;
}

/* Empty where nothing was learnt, and where that cannot be known now. */
static str snapshot_of(struct pass *p, struct hash128 key)
{
	const str *known = conversation_learnt(p->conversation);
	struct buf *heap = &p->worker->heap;

	if (!p->doc) { /* a text by itself: its decision is all there is */
		buf_reset(heap);
		return feedback_snapshot(p->store, is_probe(key), heap, NULL) == E_OK
			       ? arena_str(&p->worker->scratch, buf_str(heap))
			       : STR_NULL;
	}
	if (known)
		return *known;
	key = hash128_chain(conversation_opening(p->conversation), hash128(STR("what was learnt")));
	if (!find(p, key))
		return STR_NULL;
	use_decision(p, key, "");
	conversation_set_learnt(p->conversation, buf_str(heap));
	return *conversation_learnt(p->conversation);
}

void learn_begin(struct pass *p, const struct call *call, enum content_kind kind,
	struct hash128 key, struct learnt *out)
{
	struct arena *a = &p->worker->scratch;
	str snapshot;

	*out = (struct learnt){.is_on = p->conf->learns && p->store};
	if (!out->is_on)
		return;
	out->tool = call->tool;
	out->shape = shape_of(p, call, kind, a);
	snapshot = snapshot_of(p, key);
	for (unsigned i = 0; snapshot.n && i < ENCODER_N; i++) {
		struct feedback_key k = {out->tool, encoder_names(1U << i, a), out->shape};
		enum feedback_level level = feedback_level_in(snapshot, &k);

		out->gentle |= (unsigned)(level == FEEDBACK_GENTLE) << i;
		out->exact |= (unsigned)(level == FEEDBACK_EXACT) << i;
	}
}

void learn_elided(struct pass *p, const struct learnt *l, unsigned encoder, const char *original)
{
	struct feedback_key k = {l->tool, STR_NULL, l->shape};

	if (!l->is_on || !encoder)
		return;
	k.encoder = encoder_names(encoder, &p->worker->scratch);
	/* what is not counted costs nothing but that it is not counted */
	(void)!feedback_elided(p->store, &k, original,
		(l->gentle & encoder) ? FEEDBACK_GENTLE : FEEDBACK_NORMAL, NULL);
}
