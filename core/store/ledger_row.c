/* ledger_row: rows of the ledger on their way to the file and back. */
#include <stdalign.h>

#include "core/store/ledger.h"
#include "core/store/store_internal.h"

/* A row waits as it is at the start of the operation's text, with its own texts behind it. */
_Static_assert(offsetof(struct op, text) % alignof(struct ledger_row) == 0, "row is not aligned");

static str cut(str s, size_t max)
{
	if (s.n <= max)
		return s;
	s.n = max;
	while (s.n &&
		((unsigned char)s.p[s.n] & 0xc0) == 0x80) /* not within a character of UTF-8 */
		s.n--;
	return s;
}

/* The texts of a row, each cut at its maximum. */
enum { TEXTS_N = 14 };

static void cut_texts(const struct ledger_row *row, str out[TEXTS_N])
{
	const char *const names[] = {
		row->upstream, row->endpoint, row->format, row->client, row->reason};
	const str texts[] = {row->model, row->project, row->session};
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_N(names); i++)
		out[n++] = cut(str_from(names[i]), LEDGER_NAME_MAX);
	for (size_t i = 0; i < ARRAY_N(texts); i++)
		out[n++] = cut(texts[i], LEDGER_TEXT_MAX);
	out[n++] = cut(row->transforms, LEDGER_TRANSFORMS_MAX);
	out[n++] = cut(row->error, LEDGER_ERROR_MAX);
	out[n++] = cut(str_from(row->break_cause), LEDGER_NAME_MAX);
	out[n++] = cut(row->break_path, LEDGER_TEXT_MAX);
	out[n++] = cut(row->token, LEDGER_NAME_MAX);
	out[n] = row->parts.n && row->parts.n <= LEDGER_PARTS_BYTES ? row->parts : STR("[]");
}

static void point_to(struct ledger_row *row, const str texts[TEXTS_N])
{
	row->upstream = texts[0].p;
	row->endpoint = texts[1].p;
	row->format = texts[2].p;
	row->client = texts[3].p;
	row->reason = texts[4].p;
	row->model = texts[5];
	row->project = texts[6];
	row->session = texts[7];
	row->transforms = texts[8];
	row->error = texts[9];
	row->break_cause = texts[10].p;
	row->break_path = texts[11];
	row->token = texts[12];
	row->parts = texts[13];
}

static size_t queued(struct store *s)
{
	size_t n;

	pthread_mutex_lock(&s->lock);
	n = s->queue.n + s->inflight.n;
	pthread_mutex_unlock(&s->lock);
	return n;
}

enum err ledger_add(struct store *s, const struct ledger_row *row, struct errctx *cx)
{
	str texts[TEXTS_N];
	size_t n = sizeof *row;
	struct op *op;
	char *at;

	/* A decision that cannot be kept must not be sent; a row is about what was. It waits until the file can be written again, in half of
	 * the queue: the other is for what is decided then. */
	if (queued(s) >= STORE_QUEUE_OPS / 2)
		TRY(store_check_writable(s, cx));
	cut_texts(row, texts);
	for (size_t i = 0; i < TEXTS_N; i++)
		n += texts[i].n + 1;
	op = op_new(s, OP_LEDGER, n);
	if (!op)
		FAIL(cx, E_NOMEM, "no memory for a row of the ledger");
	memcpy(op->text, row, sizeof *row);
	at = op->text + sizeof *row;
	for (size_t i = 0; i < TEXTS_N; i++) {
		if (texts[i].n)
			memcpy(at, texts[i].p, texts[i].n);
		texts[i].p = at;
		at += texts[i].n + 1; /* op_new has zeroed it */
	}
	point_to((struct ledger_row *)(void *)op->text, texts);
	return store_enqueue(s, op, cx);
}

enum err ledger_add_own(struct store *s, const char *endpoint, const char *reason,
	uint64_t tokens_before, uint64_t tokens_after, struct errctx *cx)
{
	struct ledger_row row = {.at_ms = clock_wall_ms(s->conf.clock),
		.endpoint = endpoint,
		.reason = reason,
		.status = 200,
		.is_complete = true,
		.tokens_before = tokens_before,
		.tokens_after = tokens_after,
		.cost_nano = -1};

	clock_id(s->conf.clock, row.id);
	return ledger_add(s, &row, cx);
}

/* ---- read ---- */

struct columns {
	sqlite3_stmt *stmt;
	int at;
};

static int64_t next_i64(struct columns *c)
{
	return sqlite3_column_int64(c->stmt, c->at++);
}

static bool next_is(struct columns *c)
{
	return next_i64(c) != 0;
}

static str next_str(struct columns *c)
{
	return db_column_blob(c->stmt, c->at++);
}

static const char *next_name(struct columns *c)
{
	const unsigned char *p = sqlite3_column_text(c->stmt, c->at++);

	return p ? (const char *)p : "";
}

static void read_names(struct columns *c, struct ledger_row *row)
{
	str id = next_str(c);

	memcpy(row->id, id.n ? id.p : "", id.n < LEDGER_ID_MAX ? id.n : LEDGER_ID_MAX);
	row->at_ms = next_i64(c);
	row->proxy_run = (uint64_t)next_i64(c);
	row->upstream = next_name(c);
	row->endpoint = next_name(c);
	row->format = next_name(c);
	row->client = next_name(c);
	row->model = next_str(c);
	row->project = next_str(c);
	row->session = next_str(c);
	row->status = (int)next_i64(c);
	row->is_stream = next_is(c);
	row->is_cached = next_is(c);
	row->is_client_gone = next_is(c);
	row->is_complete = next_is(c);
	row->reason = next_name(c);
	row->transforms = next_str(c);
	row->error = next_str(c);
}

static void read_figures(struct columns *c, struct ledger_row *row)
{
	uint64_t *const counts[] = {&row->tokens_before, &row->tokens_after, &row->results_n,
		&row->changed_n, &row->bytes_in, &row->bytes_sent, &row->bytes_out};
	uint64_t *const usage[] = {&row->input, &row->cache_read, &row->cache_write_5m,
		&row->cache_write_1h, &row->output, &row->reasoning};

	for (size_t i = 0; i < ARRAY_N(counts); i++)
		*counts[i] = (uint64_t)next_i64(c);
	row->has_usage = next_is(c);
	for (size_t i = 0; i < ARRAY_N(usage); i++)
		*usage[i] = (uint64_t)next_i64(c);
	row->cost_nano = sqlite3_column_type(c->stmt, c->at) == SQLITE_NULL
				 ? -1
				 : sqlite3_column_int64(c->stmt, c->at);
	c->at++;
	row->has_saved = sqlite3_column_type(c->stmt, c->at) != SQLITE_NULL;
	row->saved_nano = next_i64(c);
	row->latency_us = next_i64(c);
	row->overhead_us = next_i64(c);
	row->ttfb_us = next_i64(c);
	row->attempts = (unsigned)next_i64(c);
}

static void read_break(struct columns *c, struct ledger_row *row)
{
	row->break_cause = next_name(c);
	row->break_path = next_str(c);
	row->break_at = (uint64_t)next_i64(c);
	row->break_tokens = (uint64_t)next_i64(c);
	row->break_nano = next_i64(c);
	row->parts = next_str(c);
}

static void read_conversation(struct columns *c, struct ledger_row *row)
{
	row->conversation = (uint64_t)next_i64(c);
	row->asked = (uint64_t)next_i64(c);
	row->arm = (enum ledger_arm)next_i64(c);
	row->again_n = (uint64_t)next_i64(c);
	row->retrievals_n = (uint64_t)next_i64(c);
	row->token = next_str(c);
}

void ledger_read_row(sqlite3_stmt *stmt, struct ledger_row *row)
{
	struct columns c = {stmt, 0};

	*row = (struct ledger_row){0};
	read_names(&c, row);
	read_figures(&c, row);
	read_break(&c, row);
	read_conversation(&c, row);
}
