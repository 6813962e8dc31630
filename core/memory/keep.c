#include "core/memory/keep.h"

#include "core/base/mem.h"
#include "core/memory/embed.h"
#include "core/memory/finder_internal.h"

enum {
	/* Bytes in one transaction: a save waits for no more. */
	PUT_BYTES = 1 << 20,
	PUT_PARTS = 64,
};

enum due { DUE_NOTHING, DUE_LOG, DUE_LISTS };

static enum due due_of(const struct memory_finder *f, size_t least)
{
	size_t tail = f->n - f->near.first;

	if (!f->head.generation)
		return f->n >= least ? DUE_LISTS : DUE_NOTHING;
	if (tail > least / KEEP_TAIL_PART && tail > f->near.first / KEEP_TAIL_PART)
		return DUE_LISTS;
	return f->log_n - f->head.log_n > (int64_t)least / KEEP_LOG_PART ? DUE_LOG : DUE_NOTHING;
}

bool memory_finder_is_behind(const struct memory_finder *f, size_t least)
{
	return f->log_n >= 0 && due_of(f, least) != DUE_NOTHING;
}

/* ---- writing parts ------------------------------------------------------------------------------------------- */

struct keeping {
	struct memory_store *store;
	struct memory_finder *f;
	memory_keep_end *is_ended;
	void *self;
	int64_t claim;
	struct memory_head head; /* what is being written */
	/* Parts that are not written yet. */
	struct memory_part_put puts[PUT_PARTS];
	size_t starts[PUT_PARTS], puts_n;
	struct buf bytes;
	struct errctx *cx;
};

static enum err flush(struct keeping *k)
{
	enum err e;

	if (k->bytes.err)
		FAIL(k->cx, k->bytes.err, "%s", err_text(k->bytes.err));
	if (k->is_ended && k->is_ended(k->self))
		FAIL(k->cx, E_BUSY, "the index of the memories was not finished");
	for (size_t i = 0; i < k->puts_n; i++) {
		size_t end = i + 1 < k->puts_n ? k->starts[i + 1] : k->bytes.n;

		k->puts[i].bytes = str_sub(buf_str(&k->bytes), k->starts[i], end);
	}
	e = memory_parts_put(k->store, k->claim, k->head.generation, k->puts, k->puts_n, k->cx);
	k->puts_n = 0;
	buf_reset(&k->bytes);
	return e;
}

/* What is behind the last one in bytes from here on. */
static void begin_part(struct keeping *k, enum memory_part kind, size_t n)
{
	k->puts[k->puts_n] = (struct memory_part_put){.kind = kind, .n = (int64_t)n};
	k->starts[k->puts_n++] = k->bytes.n;
}

/* room: parts that the next ones are, which belong together. */
static enum err flush_when_full(struct keeping *k, size_t room)
{
	return k->bytes.n >= PUT_BYTES || k->puts_n + room > PUT_PARTS ? flush(k) : E_OK;
}

/* Figures and vectors of the same docs in one transaction: they are read together. */
static enum err write_sheet(struct keeping *k, size_t sheet)
{
	begin_part(k, MEMORY_PART_SHEET, sheet);
	finder_write_sheet(k->f, sheet, &k->bytes);
	if ((sheet + 1) * SHEET_DOCS > k->f->near.first) {
		begin_part(k, MEMORY_PART_TAIL, sheet);
		finder_write_tail(k->f, sheet, &k->bytes);
	}
	return flush_when_full(k, 2);
}

static enum err write_head(struct keeping *k)
{
	TRY(flush(k));
	k->head.log_n = k->f->log_n;
	return memory_head_write(
		k->store, k->claim, INDEX_VERSION, STR(EMBED_NAME), &k->head, k->cx);
}

/* ---- what has changed ---------------------------------------------------------------------------------------- */

static enum err renew(struct keeping *k)
{
	struct memory_finder *f = k->f;

	k->head = f->head;
	if (finder_link(f))
		FAIL(k->cx, E_NOMEM, "%s", err_text(E_NOMEM));
	for (size_t sheet = 0; sheet * SHEET_DOCS < f->n; sheet++)
		if (f->dirty[sheet])
			TRY(write_sheet(k, sheet));
	return write_head(k);
}

/* ---- lists --------------------------------------------------------------------------------------------------- */

static enum err write_lists(
	struct keeping *k, const struct ivf *lists, const uint32_t *of, uint32_t *docs)
{
	struct memory_finder *f = k->f;
	uint32_t *starts = mem_zalloc((lists->lists + 2) * sizeof *starts);
	enum err e = E_OK;

	if (!starts)
		FAIL(k->cx, E_NOMEM, "%s", err_text(E_NOMEM));
	for (size_t i = 0; i < f->n; i++)
		if (of[i] != IVF_NONE)
			starts[of[i] + 2]++;
	for (size_t l = 2; l < lists->lists + 2; l++)
		starts[l] += starts[l - 1];
	for (uint32_t i = 0; i < f->n; i++)
		if (of[i] != IVF_NONE)
			docs[starts[of[i] + 1]++] = i;
	for (size_t l = 0; l < lists->lists && !e; l++) {
		begin_part(k, MEMORY_PART_LIST, l);
		finder_write_list(f, docs + starts[l], starts[l + 1] - starts[l], &k->bytes);
		e = flush_when_full(k, 1);
	}
	mem_free(starts);
	return e;
}

static enum err write_all(
	struct keeping *k, const struct ivf *lists, const uint32_t *of, uint32_t *docs)
{
	struct memory_finder *f = k->f;

	k->head = (struct memory_head){.generation = f->head.edition + 1,
		.covered = (int64_t)f->n,
		.lists = (int64_t)lists->lists};
	/* What a builder has left that died. */
	TRY(memory_parts_tidy(k->store, f->head.generation, k->cx));
	begin_part(k, MEMORY_PART_CENTROIDS, 0);
	buf_add(&k->bytes, (str){lists->centroids, lists->lists * VECTOR_BYTES(lists->dims)});
	TRY(flush_when_full(k, 2));
	TRY(write_lists(k, lists, of, docs));
	f->near.first = f->n; /* none of them is in a tail */
	for (size_t sheet = 0; sheet * SHEET_DOCS < f->n; sheet++)
		TRY(write_sheet(k, sheet));
	TRY(write_head(k));
	return memory_parts_tidy(k->store, k->head.generation, k->cx);
}

/* f has read all docs, with their vectors. */
static enum err make(struct keeping *k)
{
	struct memory_finder *f = k->f;
	uint32_t *of = mem_alloc((f->n + 1) * sizeof *of);
	uint32_t *docs = mem_alloc((f->n + 1) * sizeof *docs);
	struct ivf lists = {.dims = 0};
	enum err e = of && docs ? finder_link(f) : E_NOMEM;

	e = e ? e : ivf_make(&f->near, ivf_lists_for(f->n), k->is_ended, k->self, &lists, of);
	if (e)
		(void)err_set(k->cx, e, "the index of the memories: %s", err_text(e));
	else
		e = write_all(k, &lists, of, docs);
	ivf_free(&lists);
	mem_free(of);
	mem_free(docs);
	return e;
}

/* ---- what is due --------------------------------------------------------------------------------------------- */

static enum err open_finder(struct keeping *k, bool reads_all)
{
	memory_finder_free(k->f);
	k->f = NULL;
	TRY(memory_finder_new(k->store, &k->f, k->cx));
	k->f->is_keeper = true;
	k->f->reads_all = reads_all;
	return finder_refresh(k->f, k->cx);
}

/* All docs are read for new lists, which takes seconds: first it is said who does it. */
static enum err make_claimed(struct keeping *k, const struct memory_head *seen, size_t least)
{
	TRY(open_finder(k, true));
	if (k->f->n < least)
		return E_OK;
	k->f->head = *seen;
	return make(k);
}

static enum err keep(struct keeping *k, size_t least, enum kept *out)
{
	struct memory_head seen;
	int64_t docs_most;
	enum due due = DUE_LISTS;
	enum err e;

	TRY(memory_head_read(k->store, INDEX_VERSION, STR(EMBED_NAME), &seen, k->cx));
	if (!seen.generation) {
		TRY(memory_docs_most(k->store, &docs_most, k->cx));
		if (docs_most < (int64_t)least)
			return E_OK;
	} else {
		TRY(open_finder(k, false));
		if (k->f->head.generation) { /* else it is damaged */
			seen = k->f->head;
			due = due_of(k->f, least);
		}
	}
	if (due == DUE_NOTHING)
		return E_OK;
	TRY(memory_parts_claim(k->store, &seen, &k->claim, k->cx));
	if (!k->claim)
		return E_OK;
	e = due == DUE_LOG ? renew(k) : make_claimed(k, &seen, least);
	if (!e && k->head.generation)
		*out = due == DUE_LOG ? KEPT_RENEWED : KEPT_MADE;
	memory_parts_unclaim(k->store, k->claim);
	return e;
}

enum err memory_keep(struct memory_store *s, size_t least, memory_keep_end *is_ended, void *self,
	enum kept *out, struct errctx *cx)
{
	struct keeping k = {.store = s, .is_ended = is_ended, .self = self, .cx = cx};
	enum err e;

	*out = KEPT_AS_IT_WAS;
	if (!memory_is_writable(s) || !memory_is_indexed(s))
		return E_OK;
	buf_init(&k.bytes, LIMIT_INPUT);
	e = keep(&k, least, out);
	memory_finder_free(k.f);
	buf_release(&k.bytes);
	return e;
}
