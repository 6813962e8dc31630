/* finder: an index in the file (core/store/memory_parts.h): figures in sheets, vectors in lists (core/memory/ivf.h), those that came
 * since in tails, which are compared with all of them. Numbers are as this machine has them, as in vectors (vector.h). What is not as it was
 * written makes the index unusable, and never more than that. */
#include "core/memory/embed.h"
#include "core/memory/finder_internal.h"

enum {
	/* Lists that a search looks into: docs/memory.md has what more and fewer find. */
	PROBES = 64,
};

struct sheet_head {
	uint32_t docs_n, names_n;
};

/* A doc, with its place among all in links. */
struct sheet_doc {
	uint64_t words, session, user;
	int64_t created_ms, number;
	uint32_t before, behind, length;
	float importance;
	uint8_t speaker_n, entities_n, is_current, none[5];
};

/* ---- writing ------------------------------------------------------------------------------------------------- */

static void add_bytes(struct buf *out, const void *p, size_t n)
{
	buf_add(out, (str){p, n});
}

static size_t end_of(const struct memory_finder *f, size_t sheet)
{
	size_t end = (sheet + 1) * SHEET_DOCS;

	return end < f->n ? end : f->n;
}

static size_t names_of(const struct score_doc *d)
{
	return (size_t)d->speaker_n + d->entities_n;
}

void finder_write_sheet(const struct memory_finder *f, size_t sheet, struct buf *out)
{
	size_t from = sheet * SHEET_DOCS, end = end_of(f, sheet);
	struct sheet_head head = {.docs_n = (uint32_t)(end - from)};

	for (size_t i = from; i < end; i++)
		head.names_n += (uint32_t)names_of(&f->docs[i]);
	add_bytes(out, &head, sizeof head);
	for (size_t i = from; i < end; i++) {
		const struct score_doc *d = &f->docs[i];
		struct sheet_doc s = {.words = d->words,
			.session = d->session,
			.user = f->more[i].user,
			.created_ms = d->created_ms,
			.number = f->more[i].number,
			.before = d->before,
			.behind = d->behind,
			.length = d->length,
			.importance = d->importance,
			.speaker_n = (uint8_t)d->speaker_n,
			.entities_n = (uint8_t)d->entities_n,
			.is_current = f->more[i].is_current};

		add_bytes(out, &s, sizeof s);
	}
	for (size_t i = from; i < end && f->names_n; i++)
		add_bytes(
			out, f->names + f->docs[i].names, names_of(&f->docs[i]) * sizeof *f->names);
}

void finder_write_tail(const struct memory_finder *f, size_t sheet, struct buf *out)
{
	size_t from = sheet * SHEET_DOCS, end = end_of(f, sheet), bytes = VECTOR_BYTES(EMBED_DIMS);

	if (from < f->near.first)
		from = f->near.first;
	if (from < end)
		add_bytes(out, f->near.rows + (from - f->near.first) * bytes, (end - from) * bytes);
}

void finder_write_list(
	const struct memory_finder *f, const uint32_t *docs, size_t n, struct buf *out)
{
	size_t bytes = VECTOR_BYTES(EMBED_DIMS);

	add_bytes(out, docs, n * sizeof *docs);
	for (size_t i = 0; i < n; i++)
		add_bytes(out, f->near.rows + docs[i] * bytes, bytes);
}

/* ---- reading ------------------------------------------------------------------------------------------------- */

struct loading {
	struct memory_finder *f;
	size_t sheets;
	bool is_bad, has_centroids;
	enum err e;
};

static bool add_sheet_doc(struct memory_finder *f, const struct sheet_doc *s, uint32_t names)
{
	if (!finder_grow(f) || (f->far_name.n && !near_put(&f->far, f->n, STR_NULL)))
		return false;
	f->docs[f->n] = (struct score_doc){.words = s->words,
		.session = s->session,
		.created_ms = s->created_ms,
		.before = s->before,
		.behind = s->behind,
		.length = s->length,
		.importance = s->importance,
		.names = names,
		.speaker_n = s->speaker_n,
		.entities_n = s->entities_n};
	f->more[f->n++] = (struct finder_doc){s->number, s->user, s->is_current != 0};
	return true;
}

static bool add_sheet_names(struct memory_finder *f, str bytes)
{
	while (f->names_cap - f->names_n < bytes.n / sizeof *f->names)
		if (!finder_has_room(
			    (void **)&f->names, f->names_cap, &f->names_cap, sizeof *f->names))
			return false;
	if (bytes.n)
		memcpy(f->names + f->names_n, bytes.p, bytes.n);
	f->names_n += bytes.n / sizeof *f->names;
	return true;
}

/* Each sheet is full but for the last one, and numbers grow. */
static void read_sheet(void *self, int64_t n, str bytes)
{
	struct loading *l = self;
	struct memory_finder *f = l->f;
	struct sheet_head head;
	struct sheet_doc s;
	size_t at = sizeof head, names = f->names_n, said = 0;

	if (l->is_bad || l->e)
		return;
	l->is_bad =
		n != (int64_t)l->sheets || f->n != l->sheets * SHEET_DOCS || bytes.n < sizeof head;
	if (l->is_bad)
		return;
	memcpy(&head, bytes.p, sizeof head);
	l->is_bad = head.docs_n > SHEET_DOCS ||
		    bytes.n != at + head.docs_n * sizeof s + head.names_n * sizeof *f->names;
	for (uint32_t i = 0; i < head.docs_n && !l->is_bad && !l->e; i++, at += sizeof s) {
		memcpy(&s, bytes.p + at, sizeof s);
		l->is_bad = s.created_ms < 0 || (f->n && s.number <= f->more[f->n - 1].number);
		if (!add_sheet_doc(f, &s, (uint32_t)(names + said)))
			l->e = E_NOMEM;
		said += (size_t)s.speaker_n + s.entities_n;
	}
	l->is_bad = l->is_bad || said != head.names_n;
	if (!l->is_bad && !l->e && !add_sheet_names(f, str_sub(bytes, at, bytes.n)))
		l->e = E_NOMEM;
	l->sheets++;
}

static void read_tail(void *self, int64_t n, str bytes)
{
	struct loading *l = self;
	struct near_set *near = &l->f->near;
	size_t each = VECTOR_BYTES(EMBED_DIMS);

	(void)n;
	l->is_bad = l->is_bad || bytes.n % each;
	for (size_t at = 0; at < bytes.n && !l->is_bad && !l->e; at += each)
		if (!near_put(near, near->first + near->n, str_sub(bytes, at, at + each)))
			l->e = E_NOMEM;
}

static void read_centroids(void *self, int64_t n, str bytes)
{
	struct loading *l = self;
	enum err e;

	(void)n;
	l->has_centroids = true;
	e = ivf_read(bytes, EMBED_DIMS, &l->f->lists);
	l->is_bad = l->is_bad || e == E_MALFORMED;
	l->e = l->e ? l->e : e == E_NOMEM ? e : E_OK;
}

static bool is_whole(const struct memory_finder *f)
{
	if (f->near.first + f->near.n != f->n || (int64_t)f->lists.lists != f->head.lists)
		return false;
	for (size_t i = 0; i < f->n; i++) {
		const struct score_doc *d = &f->docs[i];

		if ((d->before != SCORE_NONE && d->before >= f->n) ||
			(d->behind != SCORE_NONE && d->behind >= f->n))
			return false;
	}
	return true;
}

static enum err load(struct loading *l, struct errctx *cx)
{
	struct memory_finder *f = l->f;

	TRY(memory_head_read(f->store, INDEX_VERSION, STR(EMBED_NAME), &f->head, cx));
	if (!f->head.generation)
		return E_OK;
	f->near.first = (size_t)f->head.covered;
	TRY(memory_parts_read(f->store, f->head.generation, MEMORY_PART_SHEET, read_sheet, l, cx));
	TRY(memory_parts_read(f->store, f->head.generation, MEMORY_PART_TAIL, read_tail, l, cx));
	TRY(memory_part_read(
		f->store, f->head.generation, MEMORY_PART_CENTROIDS, 0, read_centroids, l, cx));
	l->is_bad = l->is_bad || !l->has_centroids || (!l->e && !is_whole(f));
	return l->e;
}

struct probing {
	struct memory_finder *f;
	struct near_finding *finding;
	uint32_t doc; /* of offer_one */
	bool has;     /* offer_list was called */
};

static void offer_list(void *self, int64_t n, str bytes)
{
	struct probing *p = self;
	size_t each = VECTOR_BYTES(EMBED_DIMS), docs_n = bytes.n / (each + sizeof(uint32_t));

	(void)n;
	p->has = true;
	for (size_t i = 0; i < docs_n; i++) {
		uint32_t doc;

		memcpy(&doc, bytes.p + i * sizeof doc, sizeof doc);
		if (doc < p->f->near.first)
			near_offer(p->finding, doc,
				(str){bytes.p + docs_n * sizeof doc + i * each, each});
	}
}
static void offer_one(void *self, int64_t number, str vector)
{
	const struct probing *p = self;

	(void)number;
	if (vector.n == VECTOR_BYTES(EMBED_DIMS))
		near_offer(p->finding, p->doc, vector);
}

/* near_set.rest: what is in the nearest lists, and what is likely. */
static void probe(void *self, const struct near_query *q, struct near_finding *finding)
{
	struct memory_finder *f = self;
	struct probing p = {.f = f, .finding = finding};
	uint32_t lists[PROBES];
	size_t n = ivf_nearest(&f->lists, q->vector, PROBES, lists);

	for (size_t i = 0; i < n && !f->failed && !f->is_lost; i++) {
		p.has = false;
		f->failed = memory_part_read(f->store, f->head.generation, MEMORY_PART_LIST,
			lists[i], offer_list, &p, NULL);
		f->is_lost = !f->failed && !p.has;
	}
	for (size_t i = 0; i < q->likely_n && !f->failed; i++) {
		p.doc = q->likely[i];
		if (p.doc < f->near.first)
			f->failed = memory_vector_read(f->store, f->more[p.doc].number,
				STR(EMBED_NAME), offer_one, &p, NULL);
	}
}

enum err finder_load(struct memory_finder *f, bool *is_there, struct errctx *cx)
{
	struct loading l = {.f = f};
	struct memory_head head;
	bool is_own;
	enum err e;

	*is_there = false;
	TRY(memory_snapshot(f->store, &is_own, cx));
	e = load(&l, cx);
	memory_snapshot_end(f->store, is_own);
	TRY(e);
	head = f->head;
	if (!head.generation || l.is_bad) {
		finder_forget(f);
		return E_OK;
	}
	f->near.rest = probe;
	f->near.self = f;
	f->log_n = head.log_n;
	f->is_linked = *is_there = true;
	f->sums.has_links = true;
	if (f->dirty_cap)
		memset(f->dirty, 0, f->dirty_cap);
	return E_OK;
}
