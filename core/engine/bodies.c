#include "core/engine/bodies.h"

#include <pthread.h>

#include "core/base/check.h"
#include "core/base/limits.h"
#include "core/base/mem.h"

enum {
	/* A body is compared in pieces of so many bytes: what is scanned again is half of one in the mean, and what is
	 * kept for each is a hash. */
	PIECE_BYTES = 4 << 10,
	/* Smaller bodies are scanned in less time than the rest of a request varies by: 20 us. */
	BODY_MIN = 64 << 10,
	BODIES_MAX = 64,
};

/* One body, as it was read. */
struct body_record {
	struct json_node *nodes;
	uint32_t nodes_n, pieces_n, blocks_n;
	struct hash128 *pieces, *hashes; /* of whole pieces of the body; of blocks */
	uint32_t *blocks;                /* their nodes */
	enum wire_format format;
	size_t bytes; /* of memory */
};

struct bodies {
	pthread_mutex_t lock; /* covers all below */
	size_t bytes_max, bytes;
	struct body_record *kept[BODIES_MAX]; /* the least recently used first */
	size_t kept_n;
};

struct bodies *bodies_new(size_t bytes_max)
{
	struct bodies *b = mem_zalloc(sizeof *b);

	if (!b)
		return NULL;
	b->bytes_max = bytes_max;
	ASSERT(pthread_mutex_init(&b->lock, NULL) == 0);
	return b;
}

void bodies_free(struct bodies *b)
{
	if (!b)
		return;
	for (size_t i = 0; i < b->kept_n; i++)
		mem_free(b->kept[i]);
	(void)pthread_mutex_destroy(&b->lock);
	mem_free(b);
}

size_t bodies_bytes(struct bodies *b)
{
	size_t n;

	(void)pthread_mutex_lock(&b->lock);
	n = b->bytes;
	(void)pthread_mutex_unlock(&b->lock);
	return n;
}

/* ---- what is kept -------------------------------------------------------------------------------------- */

/* The lock is held. */
static struct body_record *remove_at(struct bodies *b, size_t i)
{
	struct body_record *r = b->kept[i];

	b->kept_n--;
	memmove(b->kept + i, b->kept + i + 1, (b->kept_n - i) * sizeof *b->kept);
	b->bytes -= r->bytes;
	return r;
}

static void put(struct bodies *b, struct body_record *r)
{
	struct body_record *gone[BODIES_MAX + 1];
	size_t gone_n = 0;

	(void)pthread_mutex_lock(&b->lock);
	if (b->kept_n == BODIES_MAX)
		gone[gone_n++] = remove_at(b, 0);
	b->kept[b->kept_n++] = r;
	b->bytes += r->bytes;
	while (b->bytes > b->bytes_max && b->kept_n)
		gone[gone_n++] = remove_at(b, 0);
	(void)pthread_mutex_unlock(&b->lock);
	for (size_t i = 0; i < gone_n; i++)
		mem_free(gone[i]);
}

static uint32_t common_pieces(const struct body_record *r, const struct hash128 *pieces, uint32_t n)
{
	uint32_t i = 0;

	while (i < n && i < r->pieces_n && hash128_eq(r->pieces[i], pieces[i]))
		i++;
	return i;
}

/* Takes out the body that begins with the most of these pieces, where those are at least half of it: another conversation
 * may begin the same and must not lose what is kept of it. NULL: there is none. */
static struct body_record *take(
	struct bodies *b, const struct hash128 *pieces, uint32_t n, uint32_t *common)
{
	struct body_record *r = NULL;
	size_t best = 0;

	*common = 0;
	(void)pthread_mutex_lock(&b->lock);
	for (size_t i = b->kept_n; i-- > 0;) {
		uint32_t same = common_pieces(b->kept[i], pieces, n);

		if (same <= *common || same < b->kept[i]->pieces_n / 2)
			continue;
		*common = same;
		best = i;
	}
	if (*common)
		r = remove_at(b, best);
	(void)pthread_mutex_unlock(&b->lock);
	return r;
}

/* In one piece of memory, which mem_free gives back. */
static struct body_record *record_new(
	const struct wire_doc *doc, const struct hash128 *pieces, uint32_t pieces_n)
{
	size_t hashes_n = (size_t)pieces_n + doc->n;
	size_t bytes = sizeof(struct body_record) + hashes_n * sizeof(struct hash128) +
		       doc->tape.n * sizeof(struct json_node) + doc->n * sizeof(uint32_t);
	struct body_record *r = mem_alloc(bytes);

	if (!r)
		return NULL;
	*r = (struct body_record){.pieces = (struct hash128 *)(void *)(r + 1),
		.nodes_n = doc->tape.n,
		.pieces_n = pieces_n,
		.format = doc->format,
		.bytes = bytes};
	r->hashes = r->pieces + pieces_n;
	r->nodes = (struct json_node *)(void *)(r->hashes + doc->n);
	r->blocks = (uint32_t *)(void *)(r->nodes + r->nodes_n);
	memcpy(r->pieces, pieces, pieces_n * sizeof *pieces);
	memcpy(r->nodes, doc->tape.v, r->nodes_n * sizeof *r->nodes);
	for (uint32_t i = 0; i < doc->n; i++) {
		/* A system prompt beside the messages is not in the order of the nodes, and is short. */
		if (doc->blocks[i].message == WIRE_NO_MESSAGE)
			continue;
		r->blocks[r->blocks_n] = doc->blocks[i].node;
		r->hashes[r->blocks_n++] = doc->blocks[i].hash;
	}
	return r;
}

/* ---- reading ------------------------------------------------------------------------------------------- */

/* The tape of a body, with what it shares with an earlier one taken from that; known: hashes of its blocks. */
static enum err scan(const struct body_record *r, uint32_t common, struct arena *a, str body,
	struct json_tape *tape, struct wire_hashes *known, struct errctx *cx)
{
	struct json_tape before;
	struct json_place place;

	if (!r)
		return json_scan(a, body, tape, cx);
	before = (struct json_tape){.v = r->nodes, .n = r->nodes_n};
	if (!json_place_find(&before, common * PIECE_BYTES, &place))
		return json_scan(a, body, tape, cx);
	*known = (struct wire_hashes){r->blocks, r->hashes, r->blocks_n, place.nodes_n};
	return json_scan_on(a, body, r->nodes, &place, tape, cx);
}

static enum err walk(const struct body_record *r, const struct wire_hashes *known, struct arena *a,
	const struct json_tape *tape, enum wire_format *format, struct wire_doc *doc,
	struct errctx *cx)
{
	if (*format == WIRE_NONE)
		*format = wire_detect(tape);
	if (*format == WIRE_NONE)
		FAIL(cx, E_MALFORMED,
			"no request of a known format: expected messages, input or contents at the "
			"top");
	return wire_walk_known(a, tape, *format, r && r->format == *format ? known : NULL, doc, cx);
}

static enum err read_large(struct bodies *b, struct arena *a, str body, enum wire_format *format,
	struct body_record **held, struct wire_doc *doc, struct errctx *cx)
{
	uint32_t pieces_n = (uint32_t)(body.n / PIECE_BYTES), common;
	struct hash128 *pieces = arena_array(a, struct hash128, pieces_n);
	struct wire_hashes known = {.n = 0};
	struct json_tape tape;
	enum err err;

	for (uint32_t i = 0; i < pieces_n; i++)
		pieces[i] = hash128(
			str_sub(body, (size_t)i * PIECE_BYTES, (size_t)(i + 1) * PIECE_BYTES));
	*held = take(b, pieces, pieces_n, &common);
	err = scan(*held, common, a, body, &tape, &known, cx);
	if (!err)
		err = walk(*held, &known, a, &tape, format, doc, cx);
	mem_free(*held);
	*held = NULL;
	/* Where something is doubtful, all of it has to be looked at again. */
	if (err || doc->tape.notes)
		return err;
	*held = record_new(doc, pieces, pieces_n);
	if (*held)
		put(b, *held);
	*held = NULL;
	return E_OK;
}

void body_record_free(struct body_record *r)
{
	mem_free(r);
}

enum err bodies_read(struct bodies *b, struct arena *a, str body, enum wire_format *format,
	struct body_record **held, struct wire_doc *doc, struct errctx *cx)
{
	struct wire_hashes none = {.n = 0};
	struct json_tape tape;

	if (body.n >= BODY_MIN && body.n <= LIMIT_INPUT)
		return read_large(b, a, body, format, held, doc, cx);
	TRY(json_scan(a, body, &tape, cx));
	return walk(NULL, &none, a, &tape, format, doc, cx);
}
