#include "core/store/original.h"

#include "core/base/mem.h"
#include "core/store/store_internal.h"

static void write_hex(const unsigned char *sha, char out[ORIGINAL_KEY_LEN + 1])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < ORIGINAL_KEY_LEN; i++)
		out[i] = digits[sha[i / 2] >> (i % 2 ? 0 : 4) & 15];
	out[ORIGINAL_KEY_LEN] = '\0';
}

struct original_key original_key_of(str text)
{
	struct original_key key = {.hex = ""};

	sha256(text, key.sha);
	write_hex(key.sha, key.hex);
	return key;
}

/* ---- whose they are ---- */

/* Before the text: no text of a tool begins so, and one that does is not kept for anybody. */
#define OWNER_BEGIN "\0headroom original of "

struct owner_line {
	char text[sizeof OWNER_BEGIN + ORIGINAL_OWNER_MAX];
	size_t n;
};

static str owner_line(str owner, struct owner_line *l)
{
	size_t begin = sizeof OWNER_BEGIN - 1;

	if (!owner.n)
		return STR_NULL;
	if (owner.n > ORIGINAL_OWNER_MAX)
		owner.n = ORIGINAL_OWNER_MAX;
	memcpy(l->text, OWNER_BEGIN, begin);
	memcpy(l->text + begin, owner.p, owner.n);
	l->text[begin + owner.n] = '\n';
	return (str){l->text, begin + owner.n + 1};
}

/* Takes the line off the text. Empty: it is nobody's in particular. */
static str owner_take(str *text)
{
	str line, rest = *text;

	if (!str_take(&rest, (str){OWNER_BEGIN, sizeof OWNER_BEGIN - 1}) ||
		!str_next_line(&rest, &line, NULL))
		return STR_NULL;
	*text = rest;
	return line;
}

struct original_key original_key_for(str owner, str text)
{
	struct original_key key = {.hex = ""};
	struct owner_line line;

	if (!owner.n)
		return original_key_of(text);
	if (sha256_both(owner_line(owner, &line), text, key.sha))
		write_hex(key.sha, key.hex);
	return key;
}

void original_range_hex(const struct sha_range *range, char from[25], char to[25])
{
	write_hex(range->lo, from);
	write_hex(range->hi, to);
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool original_range(str prefix, struct sha_range *out)
{
	if (prefix.n < ORIGINAL_PREFIX_MIN || prefix.n > SHA256_HEX)
		return false;
	memset(out->lo, 0x00, sizeof out->lo);
	memset(out->hi, 0xff, sizeof out->hi);
	for (size_t i = 0; i < prefix.n; i++) {
		int v = hex_value(prefix.p[i]), shift = i % 2 ? 0 : 4;

		if (v < 0)
			return false;
		out->lo[i / 2] = (unsigned char)(out->lo[i / 2] | v << shift);
		out->hi[i / 2] = (unsigned char)(out->hi[i / 2] & ~((15 - v) << shift));
	}
	return true;
}

static bool in_range(const unsigned char *sha, const struct sha_range *r)
{
	return memcmp(sha, r->lo, SHA256_BYTES) >= 0 && memcmp(sha, r->hi, SHA256_BYTES) <= 0;
}

static str sha_str(const unsigned char *sha)
{
	return (str){(const char *)sha, SHA256_BYTES};
}

/* ---- put ---- */

static enum err check_room(struct store *s, str text, struct errctx *cx)
{
	bool is_promised;

	TRY(store_may_put(s, &is_promised, cx));
	if (text.n > STORE_TEXT_MAX)
		FAIL(cx, E_TOO_BIG, "a text of %zu bytes is too large for the store", text.n);
	if (!atomic_load(&s->is_full))
		return E_OK;
	store_want_evict(s); /* leases end as time passes */
	FAIL(cx, E_BUSY, "the store is full (%zu bytes) of originals that may still be asked for",
		s->conf.original_bytes_max);
}

enum err original_put_for(struct store *s, str owner, str text, const struct original_key *key,
	str tool, struct errctx *cx)
{
	struct owner_line buf;
	str line = owner_line(owner, &buf), rest = text;
	struct op *op;

	TRY(check_room(s, (str){text.p, line.n + text.n}, cx));
	if (!key->hex[0])
		FAIL(cx, E_NOMEM, "no memory to name an original of %zu bytes", text.n);
	(void)owner_take(&rest);
	if (rest.n != text.n)
		FAIL(cx, E_MALFORMED, "a text that says whose it is cannot be kept");
	op = op_new(s, OP_ORIGINAL, line.n + text.n);
	if (!op)
		FAIL(cx, E_NOMEM, "no memory to keep an original of %zu bytes", text.n);
	memcpy(op->sha.lo, key->sha, sizeof key->sha);
	memcpy(op->sha.hi, key->sha, sizeof key->sha);
	memcpy(op->tool, tool.n ? tool.p : "",
		tool.n < STORE_TOOL_MAX ? tool.n : STORE_TOOL_MAX - 1);
	if (line.n)
		memcpy(op->text, line.p, line.n);
	if (text.n)
		memcpy(op->text + line.n, text.p, text.n);
	return store_enqueue(s, op, cx);
}

enum err original_put(
	struct store *s, str text, const struct original_key *key, str tool, struct errctx *cx)
{
	return original_put_for(s, STR_NULL, text, key, tool, cx);
}

/* ---- get ---- */

/* Where the text of an original is. */
struct place_of {
	unsigned char sha[SHA256_BYTES];
	size_t text_n;
	int64_t used_ms;
	unsigned found_n; /* different originals that begin with the prefix */
};

static void place_found(
	struct place_of *at, const unsigned char *sha, size_t text_n, int64_t used_ms)
{
	if (at->found_n && memcmp(at->sha, sha, SHA256_BYTES) == 0)
		return;
	memcpy(at->sha, sha, SHA256_BYTES);
	at->text_n = text_n;
	at->used_ms = used_ms;
	at->found_n++;
}

static void find_in_list(const struct op_list *l, const struct sha_range *r, struct place_of *at)
{
	for (const struct op *op = l->first; op; op = op->next)
		if (op->kind == OP_ORIGINAL && in_range(op->sha.lo, r))
			place_found(at, op->sha.lo, op->text_n, op->now_ms);
}

static void find_in_queue(struct store *s, const struct sha_range *r, struct place_of *at)
{
	pthread_mutex_lock(&s->lock);
	find_in_list(&s->inflight, r, at);
	find_in_list(&s->told, r, at);
	find_in_list(&s->queue, r, at);
	pthread_mutex_unlock(&s->lock);
}

static enum err find_in_file(
	struct db *db, const struct sha_range *r, struct place_of *at, struct errctx *cx)
{
	sqlite3_stmt *stmt;
	bool has_row;

	TRY(db_prepare(db, DB_ORIGINAL_FIND, &stmt, cx));
	db_bind_blob(stmt, 1, sha_str(r->lo));
	db_bind_blob(stmt, 2, sha_str(r->hi));
	for (;;) {
		str sha;

		TRY(db_step(db, stmt, &has_row, cx));
		if (!has_row)
			break;
		sha = db_column_blob(stmt, 0);
		if (sha.n == SHA256_BYTES)
			place_found(at, (const unsigned char *)sha.p,
				(size_t)sqlite3_column_int64(stmt, 1),
				sqlite3_column_int64(stmt, 2));
	}
	(void)sqlite3_reset(stmt);
	return E_OK;
}

/* Since when an original of the range is evicted; 0 when there was none, or longer ago than that is remembered. */
static enum err find_gone(struct store *s, struct db *db, const struct sha_range *range,
	int64_t *at_ms, struct errctx *cx)
{
	char from[ORIGINAL_KEY_LEN + 1], to[ORIGINAL_KEY_LEN + 1];
	sqlite3_stmt *stmt;
	bool has_row;

	original_range_hex(range, from, to);
	TRY(db_prepare(db, DB_ORIGINAL_WENT, &stmt, cx));
	db_bind_text(stmt, 1, str_from(from));
	db_bind_text(stmt, 2, str_from(to));
	(void)sqlite3_bind_int64(stmt, 3, clock_wall_ms(s->conf.clock) - STORE_GONE_MS);
	TRY(db_step(db, stmt, &has_row, cx));
	*at_ms = has_row ? sqlite3_column_int64(stmt, 0) : 0;
	(void)sqlite3_reset(stmt);
	return E_OK;
}

static enum err fail_absent(
	struct store *s, struct db *db, const struct sha_range *range, struct errctx *cx)
{
	char time[CLOCK_TIME_LEN + 1];
	int64_t at_ms;

	TRY(find_gone(s, db, range, &at_ms, cx));
	if (!at_ms)
		FAIL(cx, E_NOT_FOUND, ORIGINAL_NOT_THERE);
	clock_format(at_ms, time);
	FAIL(cx, E_NOT_FOUND, ORIGINAL_EXPIRED " (%s)", time);
}

bool original_is_gone(struct store *s, str owner, str prefix)
{
	struct sha_range range;
	int64_t at_ms = 0;
	struct reader *r;
	enum err e;

	if (owner.n || !original_range(prefix, &range))
		return false;
	r = reader_take(s, &e, NULL);
	if (!r)
		return false;
	e = find_gone(s, &r->db, &range, &at_ms, NULL);
	reader_give(s, r);
	return e == E_OK && at_ms;
}

/* Finds the one original of the range. */
static enum err find_place(struct store *s, struct reader *r, const struct sha_range *range,
	struct place_of *at, struct errctx *cx)
{
	*at = (struct place_of){0};
	find_in_queue(s, range, at); /* first: what leaves the queue meanwhile is in the file */
	TRY(find_in_file(&r->db, range, at, cx));
	if (!at->found_n)
		return fail_absent(s, &r->db, range, cx);
	if (at->found_n > 1)
		FAIL(cx, E_FAILED, "more than one original begins so: give more digits");
	if (at->text_n > STORE_TEXT_MAX)
		FAIL(cx, E_VERIFY, "stored text is damaged");
	return E_OK;
}

/* Copies the text from the queue; false when it is not there (any more). */
static bool copy_from_queue(struct store *s, const unsigned char *sha, char *out)
{
	const struct op_list *lists[] = {&s->inflight, &s->told, &s->queue};
	bool is_found = false;

	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < ARRAY_N(lists); i++)
		for (const struct op *op = lists[i]->first; op && !is_found; op = op->next)
			if (op->kind == OP_ORIGINAL && memcmp(op->sha.lo, sha, SHA256_BYTES) == 0) {
				memcpy(out, op->text, op->text_n);
				is_found = true;
			}
	pthread_mutex_unlock(&s->lock);
	return is_found;
}

static enum err copy_from_file(
	struct reader *r, const struct place_of *at, char *out, struct errctx *cx)
{
	unsigned char sha[SHA256_BYTES];
	sqlite3_stmt *stmt;
	bool has_row;
	enum err e;

	TRY(db_prepare(&r->db, DB_ORIGINAL_DATA, &stmt, cx));
	db_bind_blob(stmt, 1, sha_str(at->sha));
	TRY(db_step(&r->db, stmt, &has_row, cx));
	e = has_row ? unpack(&r->unpacker, db_column_blob(stmt, 0), out, at->text_n, cx)
		    : err_set(cx, E_NOT_FOUND, "the original was evicted just now");
	(void)sqlite3_reset(stmt);
	TRY(e);
	sha256((str){out, at->text_n}, sha);
	if (memcmp(sha, at->sha, sizeof sha) != 0)
		FAIL(cx, E_VERIFY, "stored text is damaged: its SHA-256 differs");
	return E_OK;
}

static void touch_if_due(struct store *s, const struct place_of *at)
{
	int64_t now_ms = clock_wall_ms(s->conf.clock);
	struct op *op;

	if (s->conf.is_read_only || now_ms - at->used_ms < s->touch_ms)
		return;
	op = op_new(s, OP_TOUCH_ORIGINAL, 0);
	if (!op)
		return;
	memcpy(op->sha.lo, at->sha, sizeof at->sha);
	memcpy(op->sha.hi, at->sha, sizeof at->sha);
	store_enqueue_touch(s, op);
}

/* Makes room in out while nothing is held: an arena that runs out of memory does not come back. */
static enum err make_room(struct buf *out, size_t n, struct errctx *cx)
{
	if (buf_reserve(out, n))
		return E_OK;
	FAIL(cx, out->err, "%s (an original of %zu bytes)", err_text(out->err), n);
}

/* Appends the text with the line that says whose it is, of this store. */
static enum err get_here(
	struct store *s, str prefix, struct place_of *at, struct buf *out, struct errctx *cx)
{
	struct sha_range range;
	struct reader *r;
	enum err e;

	if (!original_range(prefix, &range))
		FAIL(cx, E_MALFORMED, "the key of an original is %d to %d hex digits",
			ORIGINAL_PREFIX_MIN, SHA256_HEX);
	r = reader_take(s, &e, cx);
	TRY(e);
	e = find_place(s, r, &range, at, cx);
	reader_give(s, r);
	TRY(e);
	TRY(make_room(out, at->text_n, cx));
	if (at->text_n && !copy_from_queue(s, at->sha, out->p + out->n)) {
		r = reader_take(s, &e, cx);
		TRY(e);
		e = copy_from_file(r, at, out->p + out->n, cx);
		reader_give(s, r);
		TRY(e);
	}
	out->n += at->text_n;
	return E_OK;
}

/* The same, of those who share with it, too. */
static enum err get_raw(struct store *s, str prefix, struct place_of *at, bool *is_here,
	struct buf *out, struct errctx *cx)
{
	enum err e = get_here(s, prefix, at, out, cx), there;

	*is_here = e == E_OK;
	if (!s->peer.is || (e != E_NOT_FOUND && e != E_VERIFY && e != E_BUSY && e != E_IO))
		return e;
	there = peer_original_get(s, prefix, out);
	if (there == E_FAILED)
		FAIL(cx, E_FAILED, "more than one original begins so: give more digits");
	return there == E_OK ? E_OK : e;
}

/* Takes the line off what was appended behind before; false when it is another one's than wanted (NULL: anybody's). */
static bool take_line(struct buf *out, size_t before, const str *wanted)
{
	str text = str_sub(buf_str(out), before, out->n), owner = owner_take(&text);

	if (wanted && !str_eq(owner, *wanted))
		return false;
	if (owner.n)
		memmove(out->p + before, text.p, text.n);
	out->n = before + text.n;
	return true;
}

static enum err get(
	struct store *s, const str *owner, str prefix, struct buf *out, struct errctx *cx)
{
	size_t before = out->n;
	struct place_of at;
	bool is_here;
	enum err e = get_raw(s, prefix, &at, &is_here, out, cx);

	if (e == E_NOT_FOUND && owner && owner->n)
		FAIL(cx, e, ORIGINAL_NOT_THERE);
	TRY(e);
	if (!take_line(out, before, owner)) {
		out->n = before;
		FAIL(cx, E_NOT_FOUND, ORIGINAL_NOT_THERE);
	}
	if (is_here)
		touch_if_due(s, &at);
	return E_OK;
}

enum err original_get(struct store *s, str prefix, struct buf *out, struct errctx *cx)
{
	return get(s, NULL, prefix, out, cx);
}

enum err original_get_for(
	struct store *s, str owner, str prefix, struct buf *out, struct errctx *cx)
{
	return get(s, &owner, prefix, out, cx);
}

void original_use(struct store *s, str prefix)
{
	struct sha_range range;
	struct op *op;

	if (s->conf.is_read_only || !original_range(prefix, &range))
		return;
	op = op_new(s, OP_TOUCH_ORIGINAL, 0);
	if (!op)
		return;
	op->sha = range;
	store_enqueue_touch(s, op);
}

/* ---- the writer's part ---- */

static enum err has_row_of(
	struct db *db, const unsigned char *sha, bool *has_row, struct errctx *cx)
{
	sqlite3_stmt *stmt;

	TRY(db_prepare(db, DB_ORIGINAL_HAS, &stmt, cx));
	db_bind_blob(stmt, 1, sha_str(sha));
	TRY(db_step(db, stmt, has_row, cx));
	(void)sqlite3_reset(stmt);
	return E_OK;
}

enum err original_pack(struct store *s, struct op *op, struct errctx *cx)
{
	bool has_row;
	enum err e = has_row_of(&s->db, op->sha.lo, &has_row, cx);

	if (e && !s->peer.is)
		return e;
	if (!e && has_row)
		return E_OK;
	return pack(&s->packer, (str){op->text, op->text_n}, &op->packed, cx);
}

enum err original_touch(
	struct db *db, const struct sha_range *sha, int64_t now_ms, struct errctx *cx)
{
	sqlite3_stmt *stmt;

	TRY(db_prepare(db, DB_ORIGINAL_TOUCH, &stmt, cx));
	db_bind_blob(stmt, 1, sha_str(sha->lo));
	db_bind_blob(stmt, 2, sha_str(sha->hi));
	(void)sqlite3_bind_int64(stmt, 3, now_ms);
	return db_run(db, stmt, cx);
}

/* It is there again, if it ever was. */
static enum err come_back(struct store *s, const struct op *op, struct errctx *cx)
{
	char hex[ORIGINAL_KEY_LEN + 1];
	sqlite3_stmt *stmt;

	write_hex(op->sha.lo, hex);
	TRY(db_prepare(&s->db, DB_ORIGINAL_BACK, &stmt, cx));
	db_bind_text(stmt, 1, str_from(hex));
	return db_run(&s->db, stmt, cx);
}

static enum err add_row(struct store *s, struct op *op, struct errctx *cx)
{
	int64_t bytes = (int64_t)op->packed.n + STORE_ROW_BYTES;
	sqlite3_stmt *stmt;

	TRY(db_prepare(&s->db, DB_ORIGINAL_ADD, &stmt, cx));
	db_bind_blob(stmt, 1, sha_str(op->sha.lo));
	(void)sqlite3_bind_int64(stmt, 2, op->now_ms);
	(void)sqlite3_bind_int64(stmt, 3, (int64_t)op->text_n);
	(void)sqlite3_bind_int64(stmt, 4, bytes);
	db_bind_text(stmt, 5, str_from(op->tool));
	db_bind_blob(stmt, 6, op->packed);
	TRY(db_run(&s->db, stmt, cx));
	s->total_n[TOTAL_ORIGINAL]++;
	s->total_bytes[TOTAL_ORIGINAL] += bytes;
	return come_back(s, op, cx);
}

enum err original_write(struct store *s, struct op *op, struct errctx *cx)
{
	bool has_row;

	TRY(has_row_of(&s->db, op->sha.lo, &has_row, cx));
	if (has_row)
		return original_touch(&s->db, &op->sha, op->now_ms, cx);
	if (!op->packed.p) /* it was there when the batch was made, and went since */
		TRY(pack(&s->packer, (str){op->text, op->text_n}, &op->packed, cx));
	return add_row(s, op, cx);
}
