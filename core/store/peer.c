#include "core/store/peer.h"

#include <inttypes.h>
#include <stdio.h>

#include "core/base/check.h"
#include "core/base/mem.h"
#include "core/store/store_internal.h"

enum {
	LATE_ROWS = 64,     /* looked for at once */
	LATE_STEPS = 16,    /* before the queue has its turn again */
	LATE_MARGIN = 1000, /* ms: clocks of rows and of this may differ by a batch */
	LATE_MS = 30000,    /* so long others are given to say what they have, once it is gone */
};

/* ---- values: a line of fields, and the text as a zstd frame ---- */

static void rendering_hex(struct hash128 key, char out[PEER_KEY_MAX + 1])
{
	(void)snprintf(out, PEER_KEY_MAX + 1, "%016" PRIx64 "%016" PRIx64, key.hi, key.lo);
}

static void original_hex(const unsigned char *sha, char out[PEER_KEY_MAX + 1])
{
	for (size_t i = 0; i < SHA256_BYTES; i++)
		(void)snprintf(out + 2 * i, 3, "%02x", sha[i]);
}

/* So that a version that writes something else can be told from this one. */
#define VALUE_VERSION "1"

static void write_original(size_t text_n, str tool, str packed, struct buf *out)
{
	buf_printf(out, VALUE_VERSION "\t%zu\t", text_n);
	buf_add(out, tool);
	buf_add_byte(out, '\n');
	buf_add(out, packed);
}

static void write_rendering(
	const struct rendering *r, size_t text_n, int64_t hash, str packed, struct buf *out)
{
	buf_printf(out, VALUE_VERSION "\t%d\t%u\t%u\t%u\t%s\t%s\t%zu\t%" PRId64 "\n", r->is_changed,
		r->loss, r->tokens_before, r->tokens_after, r->label, r->original, text_n, hash);
	buf_add(out, packed);
}

/* The fields of the line that a value begins with; rest: what stands behind it. */
static bool read_line(str value, str *fields, size_t n, str *rest)
{
	size_t end = str_find_byte(value, '\n');
	str line;

	if (end == STR_NONE)
		return false;
	line = str_sub(value, 0, end);
	*rest = str_sub(value, end + 1, value.n);
	for (size_t i = 0; i < n; i++)
		if (!str_split(&line, '\t', &fields[i]))
			return false;
	return !line.p && str_eq_c(fields[0], VALUE_VERSION);
}

static bool read_size(str s, uint64_t max, uint64_t *out)
{
	return str_u64(s, out) && *out <= max;
}

/* NULL: damaged, of another version, or memory is short. */
static struct entry *read_rendering(struct unpacker *u, struct hash128 key, str value)
{
	uint64_t changed, loss, before, after, text_n;
	struct rendering r = {0};
	int64_t hash;
	str f[9], data;
	struct entry *e;

	if (!read_line(value, f, ARRAY_N(f), &data) || !read_size(f[1], 1, &changed) ||
		!read_size(f[2], UINT8_MAX, &loss) || !read_size(f[3], UINT32_MAX, &before) ||
		!read_size(f[4], UINT32_MAX, &after) ||
		!store_copy_text(f[5], r.label, sizeof r.label) ||
		!store_copy_text(f[6], r.original, sizeof r.original) ||
		!read_size(f[7], STORE_TEXT_MAX, &text_n) || !str_i64(f[8], &hash))
		return NULL;
	r.is_changed = changed;
	r.loss = (uint8_t)loss;
	r.tokens_before = (uint32_t)before;
	r.tokens_after = (uint32_t)after;
	e = entry_new(key, &r, (size_t)text_n, NULL);
	if (!e)
		return NULL;
	if (unpack(u, data, e->text, e->n, NULL) == E_OK &&
		rendering_hash(key, &r, (str){e->text, e->n}) == hash)
		return e;
	mem_free(e);
	return NULL;
}

/* ---- looked up there ---- */

static void count_get(struct store *s, enum err err)
{
	struct peer_state *p = &s->peer;

	atomic_fetch_add_explicit(err == E_OK          ? &p->found_n
				  : err == E_NOT_FOUND ? &p->missed_n
						       : &p->unknown_n,
		1, memory_order_relaxed);
}

/* What came from there is here from now on. */
static void keep_rendering(struct store *s, const struct entry *e)
{
	struct op *op = s->conf.is_read_only ? NULL : op_new(s, OP_RENDERING_COPY, 0);

	if (!op)
		return;
	op->elsewhere = entry_new(e->key, &e->r, e->n, e->text);
	if (!op->elsewhere) {
		mem_free(op);
		return;
	}
	op->is_shared = true;
	(void)store_enqueue(s, op, NULL);
}

enum err peer_rendering_load(struct store *s, struct hash128 key, struct entry **out)
{
	const struct store_peer *p = s->peer.is;
	char hex[PEER_KEY_MAX + 1], whole[PEER_KEY_MAX + 1];
	struct unpacker u = {0};
	struct buf value;
	enum err err;

	*out = NULL;
	rendering_hex(key, hex);
	buf_init(&value, PEER_VALUE_MAX);
	err = p->get(p->self, PEER_RENDERING, str_from(hex), whole, &value);
	if (!err && !(*out = read_rendering(&u, key, buf_str(&value))))
		err = E_VERIFY;
	unpacker_release(&u);
	buf_release(&value);
	count_get(s, err);
	TRY(err);
	(*out)->used_ms = clock_wall_ms(s->conf.clock);
	keep_rendering(s, *out);
	return E_OK;
}

static enum err keep_original(struct store *s, str text, const char *hex, str tool)
{
	struct original_key key = original_key_of(text);
	char is[PEER_KEY_MAX + 1];
	struct op *op;

	original_hex(key.sha, is);
	if (strcmp(is, hex) != 0)
		return E_VERIFY;
	if (s->conf.is_read_only)
		return E_OK;
	op = op_new(s, OP_ORIGINAL, text.n);
	if (!op)
		return E_OK;
	memcpy(op->sha.lo, key.sha, sizeof key.sha);
	memcpy(op->sha.hi, key.sha, sizeof key.sha);
	(void)store_copy_text(tool, op->tool, sizeof op->tool);
	if (text.n)
		memcpy(op->text, text.p, text.n);
	op->is_shared = true;
	(void)store_enqueue(s, op, NULL);
	return E_OK;
}

static enum err read_original(struct store *s, str value, const char *hex, struct buf *out)
{
	struct unpacker u = {0};
	uint64_t text_n;
	str f[3], data;
	enum err err;

	if (!read_line(value, f, ARRAY_N(f), &data) || !read_size(f[1], STORE_TEXT_MAX, &text_n))
		return E_VERIFY;
	if (!buf_reserve(out, text_n ? (size_t)text_n : 1))
		return out->err;
	err = unpack(&u, data, out->p + out->n, (size_t)text_n, NULL);
	unpacker_release(&u);
	if (!err)
		err = keep_original(s, (str){out->p + out->n, (size_t)text_n}, hex, f[2]);
	if (!err)
		out->n += (size_t)text_n;
	return err;
}

enum err peer_original_get(struct store *s, str prefix, struct buf *out)
{
	const struct store_peer *p = s->peer.is;
	char digits[PEER_KEY_MAX + 1], hex[PEER_KEY_MAX + 1];
	struct buf value;
	enum err err;

	if (!store_copy_text(prefix, digits, sizeof digits))
		return E_NOT_FOUND;
	for (char *c = digits; *c; c++)
		*c |= *c >= 'A' && *c <= 'F' ? 0x20 : 0;
	buf_init(&value, PEER_VALUE_MAX);
	err = p->get(p->self, PEER_ORIGINAL, str_from(digits), hex, &value);
	if (!err)
		err = read_original(s, buf_str(&value), hex, out);
	buf_release(&value);
	count_get(s, err);
	return err;
}

/* ---- the writer's part: what is decided now ---- */

/* On the writer's thread: rows from then on have to be looked for. */
static void be_late(struct store *s, int64_t since_ms)
{
	struct peer_state *p = &s->peer;

	if (!atomic_load(&p->is_late) || since_ms < p->since_ms)
		p->since_ms = since_ms;
	p->original_id = p->rendering_id = 0;
	atomic_store(&p->is_late, true);
}

bool peer_item_of(const struct op *op, struct peer_item *item)
{
	*item = (struct peer_item){0};
	buf_init(&item->there, PEER_VALUE_MAX);
	if (op->is_shared)
		return false;
	switch (op->kind) {
	case OP_ORIGINAL:
	case OP_TOUCH_ORIGINAL:
		item->kind = PEER_ORIGINAL;
		original_hex(op->sha.lo, item->key);
		if (op->kind == OP_TOUCH_ORIGINAL) /* a prefix of 24 digits will do */
			item->key[ORIGINAL_KEY_LEN] = '\0';
		return true;
	case OP_RENDERING:
	case OP_TOUCH_RENDERING:
		item->kind = PEER_RENDERING;
		rendering_hex(op->entry ? op->entry->key : op->key, item->key);
		return true;
	default:
		return false;
	}
}

bool peer_is_touch(const struct op *op)
{
	/* An original that is here already was said when it came. */
	return op->kind == OP_TOUCH_ORIGINAL || op->kind == OP_TOUCH_RENDERING ||
	       (op->kind == OP_ORIGINAL && op->text_n && !op->packed.p);
}

static void write_value(const struct op *op, struct buf *out)
{
	const struct entry *e = op->entry;

	if (op->kind == OP_ORIGINAL)
		write_original(op->text_n, str_from(op->tool), op->packed, out);
	else
		write_rendering(&e->r, e->n, rendering_hash(e->key, &e->r, (str){e->text, e->n}),
			op->packed, out);
}

/* Another one was first: it is what is written here, and rendering_settle tells. */
static void yield(struct store *s, struct op *op, str value)
{
	struct entry *there = read_rendering(&s->unpacker, op->entry->key, value);
	str packed;

	if (!there || rendering_is_same(there, op->entry) ||
		pack(&s->packer, (str){there->text, there->n}, &packed, NULL) != E_OK) {
		mem_free(there);
		return;
	}
	there->used_ms = op->now_ms;
	mem_free((void *)(uintptr_t)op->packed.p);
	op->packed = packed;
	mem_free(op->elsewhere);
	op->elsewhere = there;
	atomic_fetch_add(&s->peer.yielded_n, 1);
}

struct sharing {
	struct peer_item *items;
	struct op **ops;
	size_t n;
};

static void put_items(struct store *s, struct sharing *x)
{
	const struct store_peer *p = s->peer.is;

	p->put(p->self, x->items, x->n);
	for (size_t i = 0; i < x->n; i++) {
		struct peer_item *item = &x->items[i];
		struct op *op = x->ops[i];

		op->is_shared = item->is_done;
		atomic_fetch_add(item->is_done ? &s->peer.put_n : &s->peer.unput_n, 1);
		if (!item->is_done)
			be_late(s, op->now_ms - LATE_MARGIN);
		else if (item->there.n && op->kind == OP_RENDERING)
			yield(s, op, buf_str(&item->there));
		buf_release(&item->there);
		mem_free((void *)(uintptr_t)item->value.p);
	}
}

/* What has to go there. */
static void collect(struct store *s, struct op *from, struct sharing *x)
{
	for (struct op *op = from; op; op = op->next) {
		struct peer_item *item = &x->items[x->n];
		struct buf value;

		if (peer_is_touch(op) || !peer_item_of(op, item))
			continue;
		buf_init(&value, PEER_VALUE_MAX);
		write_value(op, &value);
		if (value.err) {
			buf_release(&value);
			be_late(s, op->now_ms - LATE_MARGIN);
			continue;
		}
		item->value = buf_str(&value);
		x->ops[x->n++] = op;
	}
}

void peer_share(struct store *s, struct op *from)
{
	struct sharing x = {0};
	size_t n = 0;

	for (const struct op *op = from; op; op = op->next)
		n++;
	x.items = mem_alloc(n * sizeof(struct peer_item));
	x.ops = mem_alloc(n * sizeof(struct op *));
	peer_say_learnt(s, from);
	peer_touch(s, from);
	if (x.items && x.ops)
		collect(s, from, &x);
	else
		be_late(s, clock_wall_ms(s->conf.clock) - LATE_MARGIN);
	if (x.n)
		put_items(s, &x);
	mem_free(x.items);
	mem_free(x.ops);
}

/* ---- the writer's part: what could not be said ---- */

struct late {
	struct peer_item items[LATE_ROWS];
	struct hash128 keys[LATE_ROWS];
	int64_t ids[LATE_ROWS];
	size_t n;
};

static uint64_t read_u64(const char *p)
{
	uint64_t v = 0;

	for (int i = 0; i < 8; i++)
		v = v << 8 | (unsigned char)p[i];
	return v;
}

static void take_key(struct late *x, enum peer_kind kind, sqlite3_stmt *stmt)
{
	str key = db_column_blob(stmt, 1);
	struct peer_item *item = &x->items[x->n];

	x->ids[x->n] = sqlite3_column_int64(stmt, 0);
	*item = (struct peer_item){.kind = kind, .is_done = true};
	buf_init(&item->there, PEER_VALUE_MAX);
	if (kind == PEER_ORIGINAL && key.n == SHA256_BYTES) {
		original_hex((const unsigned char *)key.p, item->key);
		item->is_done = false;
	} else if (kind == PEER_RENDERING && key.n == 16) {
		x->keys[x->n] = (struct hash128){.hi = read_u64(key.p), .lo = read_u64(key.p + 8)};
		rendering_hex(x->keys[x->n], item->key);
		item->is_done = false;
	}
	x->n++;
}

static enum err read_keys(struct store *s, enum peer_kind kind, int64_t after_id, struct late *x)
{
	sqlite3_stmt *stmt;
	bool has_row;

	x->n = 0;
	TRY(db_prepare(&s->db, kind == PEER_ORIGINAL ? DB_PEER_ORIGINALS : DB_PEER_RENDERINGS,
		&stmt, NULL));
	(void)sqlite3_bind_int64(stmt, 1, after_id);
	(void)sqlite3_bind_int64(stmt, 2, s->peer.since_ms);
	(void)sqlite3_bind_int(stmt, 3, LATE_ROWS);
	for (;;) {
		TRY(db_step(&s->db, stmt, &has_row, NULL));
		if (!has_row)
			break;
		take_key(x, kind, stmt);
		if (x->n == LATE_ROWS)
			break;
	}
	(void)sqlite3_reset(stmt);
	return E_OK;
}

enum err peer_read_original(struct store *s, int64_t id, struct buf *out)
{
	sqlite3_stmt *stmt;
	bool has_row;

	TRY(db_prepare(&s->db, DB_PEER_ORIGINAL, &stmt, NULL));
	(void)sqlite3_bind_int64(stmt, 1, id);
	TRY(db_step(&s->db, stmt, &has_row, NULL));
	if (has_row)
		write_original((size_t)sqlite3_column_int64(stmt, 0), db_column_blob(stmt, 1),
			db_column_blob(stmt, 2), out);
	(void)sqlite3_reset(stmt);
	return has_row ? out->err : E_NOT_FOUND;
}

enum err peer_read_rendering(struct store *s, struct hash128 key, struct buf *out)
{
	struct entry *e;
	str packed;

	TRY(rendering_load(&s->db, &s->unpacker, key, &e, NULL));
	if (pack(&s->packer, (str){e->text, e->n}, &packed, NULL) != E_OK) {
		mem_free(e);
		return E_NOMEM;
	}
	write_rendering(&e->r, e->n, rendering_hash(key, &e->r, (str){e->text, e->n}), packed, out);
	mem_free((void *)(uintptr_t)packed.p);
	mem_free(e);
	return out->err;
}

/* Puts those that are not there. False: it has to be tried again. */
static bool put_late(struct store *s, struct late *x)
{
	const struct store_peer *p = s->peer.is;
	bool is_done = true;

	for (size_t i = 0; i < x->n; i++) {
		struct peer_item *item = &x->items[i];
		struct buf value;

		if (item->is_done)
			continue;
		buf_init(&value, PEER_VALUE_MAX);
		if ((item->kind == PEER_ORIGINAL
				    ? peer_read_original(s, x->ids[i], &value)
				    : peer_read_rendering(s, x->keys[i], &value)) == E_OK) {
			item->value = buf_str(&value);
			p->put(p->self, item, 1);
			is_done &= item->is_done;
			atomic_fetch_add(&s->peer.late_n, item->is_done);
			buf_release(&item->there);
		}
		buf_release(&value);
	}
	return is_done;
}

/* One step; *is_over when nothing is left of the kind. False: it has to be tried again. */
static bool step_late(struct store *s, enum peer_kind kind, int64_t *id, bool *is_over)
{
	const struct store_peer *p = s->peer.is;
	struct late x;

	*is_over = false;
	if (read_keys(s, kind, *id, &x) != E_OK)
		return false;
	*is_over = x.n < LATE_ROWS;
	if (!x.n)
		return true;
	if (!p->look(p->self, x.items, x.n) || !put_late(s, &x))
		return false;
	*id = x.ids[x.n - 1];
	return true;
}

/* Originals before the decisions that name them. */
void peer_catch_up(struct store *s)
{
	struct peer_state *p = &s->peer;
	bool is_over = false;

	peer_say_rest(s);
	if (atomic_load(&p->is_hearing_due))
		peer_hear(s);
	if (atomic_exchange(&p->is_emptied, false))
		be_late(s, clock_wall_ms(s->conf.clock) - s->conf.lease_ms);
	if (!atomic_load(&p->is_late) || !p->is->is_ready(p->is->self))
		return;
	for (int i = 0; i < LATE_STEPS && !is_over; i++)
		if (!step_late(s, PEER_ORIGINAL, &p->original_id, &is_over))
			return;
	for (int i = 0; i < LATE_STEPS && is_over; i++) {
		bool is_last;

		if (!step_late(s, PEER_RENDERING, &p->rendering_id, &is_last))
			return;
		if (is_last) {
			atomic_store(&p->is_late, false);
			return;
		}
	}
	store_want_evict(s); /* there is more */
}

/* ---- for others ---- */

void store_set_peer(struct store *s, const struct store_peer *p)
{
	s->peer.is = p;
	if (!p)
		return;
	atomic_store(&s->peer.is_hearing_due, true);
	atomic_store(&s->peer.is_emptied, true);
	store_want_evict(s);
}

void store_peer_emptied(struct store *s)
{
	atomic_store(&s->peer.emptied_ns, clock_monotonic_ns(s->conf.clock));
	atomic_store(&s->peer.is_emptied, true);
	store_want_evict(s);
}

bool rendering_is_unsure(struct store *s)
{
	const struct peer_state *p = &s->peer;
	int64_t emptied_ns = atomic_load(&p->emptied_ns);

	return p->is && (!p->is->is_ready(p->is->self) ||
				(emptied_ns && clock_monotonic_ns(s->conf.clock) - emptied_ns <
						       LATE_MS * INT64_C(1000000)));
}

void store_peer_woke(struct store *s)
{
	atomic_store(&s->peer.is_hearing_due, true);
	store_want_evict(s);
}

void store_get_peer_stats(struct store *s, struct store_peer_stats *out)
{
	const struct peer_state *p = &s->peer;

	*out = (struct store_peer_stats){.found_n = atomic_load(&p->found_n),
		.missed_n = atomic_load(&p->missed_n),
		.unknown_n = atomic_load(&p->unknown_n),
		.put_n = atomic_load(&p->put_n),
		.unput_n = atomic_load(&p->unput_n),
		.late_n = atomic_load(&p->late_n),
		.again_n = atomic_load(&p->again_n),
		.yielded_n = atomic_load(&p->yielded_n),
		.said_n = atomic_load(&p->said_n),
		.heard_n = atomic_load(&p->heard_n),
		.unsaid_n = atomic_load(&p->unsaid_n),
		.is_late = atomic_load(&p->is_late) || atomic_load(&p->is_emptied)};
}
