/* peer_touch: what is in use here stays with the peer, as it stays here: the lease. A peer that is short of memory drops what nobody has
 * used for long, one thing at a time, and tells nobody. So who says that he uses something hears whether it is still there,
 * and says it again if not. On the writer's thread. */
#include <inttypes.h>
#include <stdio.h>

#include "core/base/mem.h"
#include "core/store/peer.h"
#include "core/store/store_internal.h"

struct touching {
	struct peer_item *items;
	struct op **ops; /* of each item */
	size_t n;
};

static void add(struct touching *x, struct op *op, const struct peer_item *item)
{
	x->items[x->n] = *item;
	buf_init(&x->items[x->n].there, PEER_VALUE_MAX);
	x->ops[x->n++] = op;
}

/* The use of a decision is that of its original, too. */
static void add_op(struct touching *x, struct op *op)
{
	struct peer_item item;

	if (!peer_is_touch(op) || !peer_item_of(op, &item))
		return;
	op->is_shared = true;
	add(x, op, &item);
	if (op->kind != OP_TOUCH_RENDERING || !op->has_original)
		return;
	item.kind = PEER_ORIGINAL;
	for (size_t i = 0; i < ORIGINAL_KEY_LEN / 2; i++)
		(void)snprintf(item.key + 2 * i, 3, "%02x", op->sha.lo[i]);
	add(x, op, &item);
}

/* The row, and its whole key. */
static enum err read_original(
	struct store *s, const struct op *op, struct peer_item *item, struct buf *out)
{
	sqlite3_stmt *stmt;
	bool has_row;
	int64_t id;
	str sha;

	TRY(db_prepare(&s->db, DB_PEER_ORIGINAL_ID, &stmt, NULL));
	(void)sqlite3_bind_blob(stmt, 1, op->sha.lo, SHA256_BYTES, SQLITE_STATIC);
	(void)sqlite3_bind_blob(stmt, 2, op->sha.hi, SHA256_BYTES, SQLITE_STATIC);
	TRY(db_step(&s->db, stmt, &has_row, NULL));
	sha = has_row ? db_column_blob(stmt, 1) : STR_NULL;
	for (size_t i = 0; i < sha.n && i < PEER_KEY_MAX / 2; i++)
		(void)snprintf(item->key + 2 * i, 3, "%02x", (unsigned char)sha.p[i]);
	id = has_row ? sqlite3_column_int64(stmt, 0) : 0;
	(void)sqlite3_reset(stmt);
	return sha.n == SHA256_BYTES ? peer_read_original(s, id, out) : E_NOT_FOUND;
}

static void put_again(struct store *s, const struct op *op, struct peer_item *item)
{
	const struct store_peer *p = s->peer.is;
	struct buf value;
	enum err err;

	buf_init(&value, PEER_VALUE_MAX);
	err = item->kind == PEER_ORIGINAL ? read_original(s, op, item, &value)
					  : peer_read_rendering(s, op->key, &value);
	if (!err) {
		item->value = buf_str(&value);
		p->put(p->self, item, 1);
		atomic_fetch_add(&s->peer.again_n, item->is_done);
	}
	buf_release(&value);
}

static void touch_all(struct store *s, struct op *from, struct touching *x)
{
	const struct store_peer *p = s->peer.is;

	for (struct op *op = from; op; op = op->next)
		add_op(x, op);
	/* Originals before the decisions that name them: those come first in the list. */
	if (x->n && p->touch(p->self, x->items, x->n))
		for (size_t i = x->n; i--;)
			if (!x->items[i].is_done)
				put_again(s, x->ops[i], &x->items[i]);
	for (size_t i = 0; i < x->n; i++)
		buf_release(&x->items[i].there);
}

void peer_touch(struct store *s, struct op *from)
{
	struct touching x = {0};
	size_t most = 0;

	for (const struct op *op = from; op; op = op->next)
		most += 2;
	x.items = mem_alloc(most * sizeof *x.items);
	x.ops = mem_alloc(most * sizeof *x.ops);
	if (x.items && x.ops)
		touch_all(s, from, &x);
	mem_free(x.items);
	mem_free(x.ops);
}
