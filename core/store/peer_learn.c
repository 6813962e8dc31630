/* peer_learn: what is left out and asked for, told to stores of other machines, and heard from them. Each counts all
 * of it by itself (feedback.c), so that one that is alone for a while goes on. On the writer's thread. */
#include <stdio.h>

#include "core/base/mem.h"
#include "core/store/feedback_internal.h"
#include "core/store/peer.h"

enum {
	HEAR_STEPS = 16, /* before the queue has its turn again */
	/* Rows of what was left out, of all machines: here they go with their originals, but those of others never came here. */
	ELISIONS_MAX = 1 << 17,
	ELISIONS_LOOK = 4096, /* heard between two looks how many there are */
};

/* ---- what this store remembers of itself ---- */

static void write_note(struct store *s, const char *name, const char *value, enum err *err)
{
	sqlite3_stmt *stmt;

	if (*err)
		return;
	*err = db_prepare(&s->db, DB_PEER_NOTE, &stmt, NULL);
	if (*err)
		return;
	db_bind_text(stmt, 1, str_from(name));
	db_bind_text(stmt, 2, str_from(value));
	*err = db_run(&s->db, stmt, NULL);
}

/* Empty when there is none. */
static enum err read_note(struct store *s, const char *name, char out[PEER_ID_MAX + 1])
{
	sqlite3_stmt *stmt;
	bool has_row;

	out[0] = '\0';
	TRY(db_prepare(&s->db, DB_PEER_NOTED, &stmt, NULL));
	db_bind_text(stmt, 1, str_from(name));
	TRY(db_step(&s->db, stmt, &has_row, NULL));
	if (has_row && !store_copy_text(db_column_blob(stmt, 0), out, PEER_ID_MAX + 1))
		out[0] = '\0';
	(void)sqlite3_reset(stmt);
	return E_OK;
}

static enum err transact(struct store *s, enum err (*fn)(struct store *s, void *arg), void *arg)
{
	enum err err;

	store_lock_memory(s);
	err = store_begin(s, NULL);
	if (!err)
		err = fn(s, arg);
	if (!err)
		err = store_write_totals(s, NULL);
	if (!err)
		err = db_run_plain(&s->db, DB_COMMIT, NULL);
	if (err)
		db_rollback(&s->db);
	store_unlock_memory(s);
	return err;
}

/* All processes of a file have one name, for they have one set of counts. */
static enum err take_name(struct store *s, void *arg)
{
	enum err err = read_note(s, "name", s->peer.origin);

	(void)arg;
	if (err || s->peer.origin[0])
		return err;
	clock_id(s->conf.clock, s->peer.origin);
	write_note(s, "name", s->peer.origin, &err);
	return err;
}

static bool has_name(struct store *s)
{
	struct peer_state *p = &s->peer;

	if (p->is_named)
		return true;
	p->is_named = transact(s, take_name, NULL) == E_OK && p->origin[0] &&
		      read_note(s, "heard", p->noted) == E_OK;
	memcpy(p->heard, p->noted, sizeof p->heard);
	return p->is_named;
}

/* ---- telling ---- */

void peer_say_learnt(struct store *s, struct op *from)
{
	struct peer_state *p = &s->peer;
	bool has_retrieved = false;

	for (struct op *op = from; op; op = op->next) {
		struct buf line;

		if (op->is_shared)
			continue;
		buf_init(&line, STORE_SAY_BYTES);
		feedback_event_write(op, &line);
		op->is_shared = line.n > 0;
		has_retrieved |= op->kind == OP_FEEDBACK_RETRIEVED;
		buf_add_byte(&line, '\n');
		if (line.n > 1 && !line.err && p->to_say.n + line.n <= STORE_SAY_BYTES)
			buf_add(&p->to_say, buf_str(&line));
		else
			atomic_fetch_add(&p->unsaid_n, line.n > 1);
		buf_release(&line);
	}
	peer_say_rest(s);
	/* What was left out elsewhere is asked for here: that has to be known before it is counted. */
	if (has_retrieved)
		peer_hear(s);
}

void peer_say_rest(struct store *s)
{
	struct peer_state *p = &s->peer;
	str lines = buf_str(&p->to_say), line;
	uint64_t n = 0;

	if (!lines.n || !p->is->say || !has_name(s))
		return;
	while (str_next_line(&lines, &line, NULL))
		n++;
	if (!p->is->say(p->is->self, str_from(p->origin), buf_str(&p->to_say)))
		return;
	atomic_fetch_add(&p->said_n, n);
	buf_reset(&p->to_say);
}

/* ---- hearing ---- */

struct hearing {
	struct store *s;
	struct op *ops[PEER_HEAR_N];
	size_t n, all_n;
	bool is_odd; /* something that nobody can go on from */
	char last[PEER_ID_MAX + 1];
};

/* Two numbers: it is sent back as it is. */
static bool is_place(str id)
{
	uint64_t a, b;
	str part;

	return str_split(&id, '-', &part) && str_u64(part, &a) && str_u64(id, &b);
}

static void take_event(void *self, str id, str origin, str event)
{
	struct hearing *h = self;
	struct op *op;

	h->is_odd |= !is_place(id) || !store_copy_text(id, h->last, sizeof h->last);
	if (h->is_odd)
		return;
	h->all_n++;
	if (str_eq_c(origin, h->s->peer.origin) || h->n == PEER_HEAR_N)
		return;
	op = feedback_event_read(h->s, event);
	if (op)
		h->ops[h->n++] = op;
}

/* Another process of this file may have heard the same: then it is counted. */
static enum err write_heard(struct store *s, void *arg)
{
	struct hearing *h = arg;
	char noted[PEER_ID_MAX + 1];
	enum err err = read_note(s, "heard", noted);

	if (!err && strcmp(noted, s->peer.noted) != 0) {
		memcpy(s->peer.noted, noted, sizeof noted);
		memcpy(s->peer.heard, noted, sizeof noted);
		return E_BUSY;
	}
	for (size_t i = 0; i < h->n && !err; i++)
		err = feedback_write(s, h->ops[i], NULL);
	write_note(s, "heard", h->last, &err);
	return err;
}

static enum err drop_elisions(struct store *s, void *arg)
{
	sqlite3_stmt *stmt;
	int64_t n;

	(void)arg;
	TRY(db_query_i64(&s->db, "SELECT count(*) FROM elision", &n, NULL));
	if (n <= ELISIONS_MAX)
		return E_OK;
	TRY(db_prepare(&s->db, DB_ELISION_SURPLUS, &stmt, NULL));
	(void)sqlite3_bind_int64(stmt, 1, n - ELISIONS_MAX + ELISIONS_MAX / 8);
	return db_run(&s->db, stmt, NULL);
}

/* False: it cannot go on now. */
static bool count_heard(struct store *s, struct hearing *h)
{
	struct peer_state *p = &s->peer;

	if (!h->all_n)
		return !h->is_odd;
	if (h->n && transact(s, write_heard, h) != E_OK)
		return false;
	if (h->n)
		memcpy(p->noted, h->last, sizeof p->noted);
	memcpy(p->heard, h->last, sizeof p->heard);
	atomic_fetch_add(&p->heard_n, h->n);
	p->elisions_n += h->n;
	if (p->elisions_n >= ELISIONS_LOOK && transact(s, drop_elisions, NULL) == E_OK)
		p->elisions_n = 0;
	return !h->is_odd;
}

void peer_hear(struct store *s)
{
	struct peer_state *p = &s->peer;
	bool is_more = true;

	atomic_store(&p->is_hearing_due, false);
	if (!p->is->hear || !has_name(s))
		return;
	for (int i = 0; i < HEAR_STEPS && is_more; i++) {
		struct hearing h = {.s = s};
		enum err err = p->is->hear(p->is->self, str_from(p->heard), take_event, &h);

		is_more = !err && count_heard(s, &h) && h.all_n >= PEER_HEAR_N;
		for (size_t k = 0; k < h.n; k++)
			mem_free(h.ops[k]);
	}
	if (is_more) {
		atomic_store(&p->is_hearing_due, true);
		store_want_evict(s);
	}
}
