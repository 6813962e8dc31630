#include "proxy/request_log.h"

#include <pthread.h>
#include <time.h>

#include "core/base/mem.h"
#include "core/base/thread.h"
#include "proxy/request_log_file.h"
#include "proxy/request_log_line.h"

enum {
	RETRY_MS = 1000,      /* after the disk refused a line */
	KEPT_BYTES = 1 << 20, /* of memory that a large line needed */
};

/* A row that waits, with its strings behind it. */
struct item {
	struct item *next;
	size_t bytes;
	struct request_log_row row;
	char text[];
};

struct request_log {
	bool has_messages;
	const struct log *log;

	/* The writer's own. */
	struct request_log_file file;
	struct arena scratch;
	struct buf line;
	bool is_failing;

	pthread_t writer;
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t has_work, is_done;
	struct item *first, **last;
	uint64_t added_n, done_n; /* rows; done: not in the list any more */
	uint64_t unsaid_n;        /* dropped, and no line says so yet */
	uint64_t refused_n;       /* attempts to write that failed */
	unsigned flushers_n;
	bool is_closing, is_reopen_wanted;
	struct request_log_stats stats;
};

/* ---- any thread ---- */

enum { STRINGS_N = 12 };

static void list_strings(struct request_log_row *row, str *all[STRINGS_N])
{
	str *const strings[STRINGS_N] = {&row->id, &row->method, &row->path, &row->model,
		&row->project, &row->token, &row->session, &row->transforms, &row->error,
		&row->request, &row->sent, &row->response};

	memcpy(all, strings, sizeof strings);
}

/* How much of a string is copied. Of a response only what will be written, and a byte to see whether it ends within a
 * character; of a body all or nothing. The line tells how long it was, so its length stays. */
static size_t copied_n(const struct request_log_row *row, const str *s)
{
	if (s == &row->response)
		return s->n <= LOG_RESPONSE_MAX ? s->n : LOG_RESPONSE_MAX + 1;
	if (s == &row->request || s == &row->sent)
		return s->n <= LOG_BODY_MAX ? s->n : 0;
	return s->n < LOG_FIELD_MAX ? s->n : LOG_FIELD_MAX;
}

/* What is to be copied of the row: no messages when they are not wanted, and sent only where it differs. */
static struct request_log_row reduced(
	const struct request_log *l, const struct request_log_row *row)
{
	struct request_log_row r = *row;

	if (!l->has_messages)
		r.request = r.sent = r.response = STR_NULL;
	if (r.sent.p == r.request.p || str_eq(r.sent, r.request))
		r.sent = STR_NULL;
	return r;
}

static void copy_strings(struct item *it, bool is_sent_same)
{
	str *all[STRINGS_N];
	char *to = it->text;

	list_strings(&it->row, all);
	for (size_t i = 0; i < STRINGS_N; i++) {
		size_t n = copied_n(&it->row, all[i]);
		bool is_body = all[i] == &it->row.request || all[i] == &it->row.sent ||
			       all[i] == &it->row.response;

		if (n)
			memcpy(to, all[i]->p, n);
		*all[i] = (str){n ? to : NULL, is_body ? all[i]->n : n};
		to += n;
	}
	if (is_sent_same)
		it->row.sent = it->row.request;
}

/* Room in the queue, before the copy is made; false when there is none: the row is dropped. */
static bool reserve(struct request_log *l, size_t bytes)
{
	bool is_room;

	pthread_mutex_lock(&l->lock);
	is_room = bytes <= LOG_QUEUE_BYTES - l->stats.queued_bytes;
	if (is_room) {
		l->stats.queued_bytes += bytes;
	} else {
		l->stats.dropped_n++;
		l->unsaid_n++;
		pthread_cond_signal(&l->has_work);
	}
	pthread_mutex_unlock(&l->lock);
	return is_room;
}

static void enqueue(struct request_log *l, struct item *it, size_t bytes)
{
	pthread_mutex_lock(&l->lock);
	if (it) {
		*l->last = it;
		l->last = &it->next;
		l->added_n++;
	} else {
		l->stats.queued_bytes -= bytes;
		l->stats.dropped_n++;
		l->unsaid_n++;
	}
	pthread_cond_signal(&l->has_work);
	pthread_mutex_unlock(&l->lock);
}

void request_log_add(struct request_log *l, const struct request_log_row *row)
{
	struct request_log_row r = reduced(l, row);
	size_t bytes = sizeof(struct item);
	str *all[STRINGS_N];
	struct item *it;

	list_strings(&r, all);
	for (size_t i = 0; i < STRINGS_N; i++)
		bytes += copied_n(&r, all[i]);
	if (!reserve(l, bytes))
		return;
	it = mem_alloc(bytes);
	if (it) {
		it->next = NULL;
		it->bytes = bytes;
		it->row = r;
		copy_strings(it, r.request.n && !r.sent.n);
	}
	enqueue(l, it, bytes);
}

void request_log_reopen(struct request_log *l)
{
	pthread_mutex_lock(&l->lock);
	l->is_reopen_wanted = true;
	pthread_mutex_unlock(&l->lock);
}

void request_log_flush(struct request_log *l)
{
	uint64_t target, refused_n;

	pthread_mutex_lock(&l->lock);
	target = l->added_n;
	refused_n = l->refused_n;
	l->flushers_n++;
	pthread_cond_signal(&l->has_work);
	while ((l->done_n < target || l->unsaid_n) && l->refused_n == refused_n)
		pthread_cond_wait(&l->is_done, &l->lock);
	l->flushers_n--;
	pthread_mutex_unlock(&l->lock);
}

void request_log_get_stats(struct request_log *l, struct request_log_stats *out)
{
	pthread_mutex_lock(&l->lock);
	*out = l->stats;
	pthread_mutex_unlock(&l->lock);
}

/* ---- the writer's thread ---- */

static bool format_row(struct request_log *l, const struct item *it)
{
	if (arena_recover(&l->scratch)) {
		arena_release(&l->scratch);
		return false;
	}
	request_log_line(&it->row, l->has_messages, &l->scratch, &l->line);
	arena_end_recover(&l->scratch);
	if (l->scratch.used_bytes > KEPT_BYTES)
		arena_release(&l->scratch);
	else
		arena_reset(&l->scratch);
	return l->line.err == E_OK;
}

/* Writes what is in the line buffer. A disk that is full is said once, and once more when it is not. */
static bool write_line(struct request_log *l)
{
	struct errctx cx = {0};
	bool is_ok = request_log_file_write(&l->file, buf_str(&l->line), &cx) == E_OK;

	if (!is_ok && !l->is_failing)
		LOG(l->log, LOG_LEVEL_WARN, "request_log_unwritable",
			log_s("error", str_from(cx.text)));
	if (is_ok && l->is_failing)
		LOG(l->log, LOG_LEVEL_INFO, "request_log_writable",
			log_s("path", str_from(l->file.path)));
	l->is_failing = !is_ok;
	if (l->line.cap > KEPT_BYTES)
		buf_release(&l->line);
	return is_ok;
}

enum outcome { WRITTEN, UNFIT, REFUSED };

static enum outcome write_row(struct request_log *l, const struct item *it)
{
	buf_reset(&l->line);
	if (!format_row(l, it)) {
		buf_release(&l->line);
		return UNFIT;
	}
	return write_line(l) ? WRITTEN : REFUSED;
}

static enum outcome write_dropped(struct request_log *l, uint64_t n)
{
	buf_reset(&l->line);
	request_log_dropped_line(clock_wall_ms(l->log ? l->log->clock : NULL), n, &l->line);
	return !l->line.err && write_line(l) ? WRITTEN : REFUSED;
}

/* Under the lock. The first row is done with. */
static void take_first(struct request_log *l)
{
	struct item *it = l->first;

	l->first = it->next;
	if (!l->first)
		l->last = &l->first;
	l->stats.queued_bytes -= it->bytes;
	l->done_n++;
	mem_free(it);
}

/* Under the lock, which is let go meanwhile. Only this thread takes rows away, so the first one stays. False: the disk
 * refused. */
static bool write_next(struct request_log *l)
{
	struct item *it = l->first;
	uint64_t unsaid_n = l->unsaid_n;
	bool is_reopen_wanted = l->is_reopen_wanted;
	enum outcome o;

	l->is_reopen_wanted = false;
	pthread_mutex_unlock(&l->lock);
	if (is_reopen_wanted)
		request_log_file_reopen(&l->file);
	o = unsaid_n ? write_dropped(l, unsaid_n) : write_row(l, it);
	pthread_mutex_lock(&l->lock);
	if (o == REFUSED) {
		l->refused_n++;
		l->stats.write_errors_n++;
	} else if (unsaid_n) {
		l->unsaid_n -= unsaid_n;
	} else {
		take_first(l);
		l->stats.written_n += o == WRITTEN;
		l->stats.dropped_n += o == UNFIT;
		l->unsaid_n += o == UNFIT;
	}
	pthread_cond_broadcast(&l->is_done);
	return o != REFUSED;
}

/* Under the lock. */
static void await_retry(struct request_log *l)
{
	struct timespec until = thread_deadline(RETRY_MS);
	uint64_t flushers_n = l->flushers_n;

	while (!l->is_closing && l->flushers_n <= flushers_n)
		if (pthread_cond_timedwait(&l->has_work, &l->lock, &until) != 0)
			return;
}

static void *writer_main(void *arg)
{
	struct request_log *l = arg;

	pthread_mutex_lock(&l->lock);
	for (;;) {
		while (!l->first && !l->unsaid_n && !l->is_closing)
			pthread_cond_wait(&l->has_work, &l->lock);
		if (!l->first && !l->unsaid_n)
			break;
		if (!write_next(l)) {
			if (l->is_closing)
				break;
			await_retry(l);
		}
	}
	pthread_mutex_unlock(&l->lock);
	return NULL;
}

/* ---- the owner ---- */

static enum err start_writer(struct request_log *l, struct errctx *cx)
{
	(void)pthread_mutex_init(&l->lock, NULL);
	thread_cond_init(&l->has_work);
	thread_cond_init(&l->is_done);
	if (!thread_start(&l->writer, writer_main, l, "request-log"))
		FAIL(cx, E_UNAVAILABLE, "cannot start the thread that writes the request log");
	return E_OK;
}

static void log_free(struct request_log *l)
{
	while (l->first)
		take_first(l);
	request_log_file_close(&l->file);
	arena_release(&l->scratch);
	buf_release(&l->line);
	mem_free(l);
}

enum err request_log_open(const char *path, bool has_messages, const struct log *log,
	struct request_log **out, struct errctx *cx)
{
	struct request_log *l = mem_zalloc(sizeof *l);
	enum err e;

	*out = NULL;
	if (!l)
		FAIL(cx, E_NOMEM, "no memory for the request log");
	l->has_messages = has_messages;
	l->log = log;
	l->last = &l->first;
	arena_init(&l->scratch);
	buf_init(&l->line, LIMIT_JSONL_LINE); /* what the reader takes */
	e = request_log_file_open(&l->file, path, cx);
	if (!e && request_log_file_readers(&l->file))
		LOG(log, LOG_LEVEL_WARN, "request_log_open_to_others",
			log_s("path", str_from(l->file.path)));
	if (!e)
		e = start_writer(l, cx);
	if (e) {
		log_free(l);
		return e;
	}
	*out = l;
	return E_OK;
}

void request_log_close(struct request_log *l)
{
	if (!l)
		return;
	pthread_mutex_lock(&l->lock);
	l->is_closing = true;
	pthread_cond_signal(&l->has_work);
	pthread_mutex_unlock(&l->lock);
	(void)pthread_join(l->writer, NULL);
	(void)pthread_cond_destroy(&l->has_work);
	(void)pthread_cond_destroy(&l->is_done);
	(void)pthread_mutex_destroy(&l->lock);
	log_free(l);
}
