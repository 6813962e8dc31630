#include "core/base/mem.h"
#include "core/json/scan.h"
#include "core/mcp/mcp_internal.h"

/* ---- what goes out ------------------------------------------------------------------------------------- */

static void send_frame(struct mcp_server *m, struct buf *frame)
{
	buf_add_byte(frame, '\n');
	pthread_mutex_lock(&m->out_lock);
	if (!m->broken && frame->err)
		m->broken =
			err_set(&m->broken_cx, frame->err, "an answer: %s", err_text(frame->err));
	else if (!m->broken)
		m->broken = m->conf.write(m->conf.self, buf_str(frame), &m->broken_cx);
	pthread_mutex_unlock(&m->out_lock);
}

static enum err broken(struct mcp_server *m, struct errctx *cx)
{
	enum err e;

	pthread_mutex_lock(&m->out_lock);
	e = m->broken;
	if (e)
		(void)err_set(cx, e, "%s", m->broken_cx.text);
	pthread_mutex_unlock(&m->out_lock);
	return e;
}

void mcp_emit(struct line *l, struct buf *frame)
{
	struct mcp_server *m = l->server;

	if (l->is_batch) {
		pthread_mutex_lock(&m->lock);
		buf_add_byte(&l->answers, l->answers.n ? ',' : '[');
		buf_add(&l->answers, buf_str(frame));
		pthread_mutex_unlock(&m->lock);
	} else {
		send_frame(m, frame);
	}
	buf_release(frame);
}

void mcp_emit_error(struct line *l, str id, enum rpc_code code, str text)
{
	struct buf frame;

	buf_init(&frame, MCP_ANSWER_MAX);
	rpc_write_error(&frame, id, code, text);
	mcp_emit(l, &frame);
}

/* To what is no line that was kept. */
static void refuse_line(struct mcp_server *m, enum rpc_code code, const char *text)
{
	struct buf frame;

	buf_init(&frame, MCP_ANSWER_MAX);
	rpc_write_error(&frame, STR_NULL, code, str_from(text));
	send_frame(m, &frame);
	buf_release(&frame);
}

/* ---- lines --------------------------------------------------------------------------------------------- */

static void free_line(struct line *l)
{
	struct mcp_server *m = l->server;
	size_t n = l->text.n;

	if (l->is_batch && l->answers.n) {
		buf_add_byte(&l->answers, ']');
		send_frame(m, &l->answers);
	}
	buf_release(&l->answers);
	buf_release(&l->text);
	arena_release(&l->arena);
	mem_free(l);
	pthread_mutex_lock(&m->lock);
	m->bytes -= n;
	pthread_cond_broadcast(&m->room);
	pthread_mutex_unlock(&m->lock);
}

void mcp_line_unref(struct line *l)
{
	struct mcp_server *m = l->server;
	bool is_last;

	pthread_mutex_lock(&m->lock);
	is_last = --l->uses == 0;
	pthread_mutex_unlock(&m->lock);
	if (is_last)
		free_line(l);
}

/* Takes the text that was fed. NULL: out of memory. */
static struct line *new_line(struct mcp_server *m)
{
	struct line *l = mem_zalloc(sizeof *l);

	if (!l)
		return NULL;
	l->server = m;
	l->uses = 1;
	l->text = m->in;
	buf_init(&m->in, MCP_LINE_MAX);
	buf_init(&l->answers, MCP_ANSWER_MAX);
	arena_init(&l->arena);
	pthread_mutex_lock(&m->lock);
	while (m->bytes && m->bytes + l->text.n > MCP_BYTES_MAX)
		pthread_cond_wait(&m->room, &m->lock);
	m->bytes += l->text.n;
	pthread_mutex_unlock(&m->lock);
	return l;
}

static void handle_batch(struct line *l)
{
	const struct json_tape *t = &l->tape;

	if (!l->server->is_initialized || l->server->version != MCP_2025_03_26) {
		mcp_emit_error(l, STR_NULL, RPC_INVALID_REQUEST,
			STR("batches are of revision 2025-03-26 alone"));
		return;
	}
	if (!t->v[0].n || t->v[0].n > MCP_BATCH_MAX) {
		mcp_emit_error(l, STR_NULL, RPC_INVALID_REQUEST,
			t->v[0].n ? STR("too many messages in one batch")
				  : STR("a batch of nothing"));
		return;
	}
	l->is_batch = true;
	for (struct json_iter it = json_iter(t, 0); json_next(&it);)
		mcp_handle(l, it.value);
}

static void handle_text(struct line *l)
{
	struct errctx cx = {0};

	if (json_scan(&l->arena, buf_str(&l->text), &l->tape, &cx)) {
		mcp_emit_error(l, STR_NULL, RPC_PARSE_ERROR, str_from(cx.text));
		return;
	}
	if (l->tape.notes & JSON_NOTE_INVALID_UTF8) {
		mcp_emit_error(l, STR_NULL, RPC_PARSE_ERROR, STR("a message is UTF-8"));
		return;
	}
	if (json_is(&l->tape, 0, JSON_ARRAY))
		handle_batch(l);
	else
		mcp_handle(l, 0);
}

static void handle_line(struct line *l)
{
	if (arena_recover(&l->arena))
		mcp_emit_error(l, STR_NULL, RPC_INTERNAL_ERROR, STR("out of memory"));
	else
		handle_text(l);
	arena_end_recover(&l->arena);
	mcp_line_unref(l);
}

static void end_line(struct mcp_server *m)
{
	struct line *l;

	if (m->in.err) {
		refuse_line(m, m->in.err == E_TOO_BIG ? RPC_INVALID_REQUEST : RPC_INTERNAL_ERROR,
			m->in.err == E_TOO_BIG ? "a message has at most 64 MB" : "out of memory");
		buf_release(&m->in);
		return;
	}
	if (!str_trim(buf_str(&m->in)).n) {
		buf_reset(&m->in);
		return;
	}
	l = new_line(m);
	if (l) {
		handle_line(l);
		return;
	}
	buf_release(&m->in);
	refuse_line(m, RPC_INTERNAL_ERROR, "out of memory");
}

/* ---- the server ---------------------------------------------------------------------------------------- */

enum err mcp_feed(struct mcp_server *m, str bytes, struct errctx *cx)
{
	while (bytes.n && !broken(m, cx)) {
		size_t end = str_find_byte(bytes, '\n');

		buf_add(&m->in, str_sub(bytes, 0, end == STR_NONE ? bytes.n : end));
		if (end == STR_NONE)
			break;
		end_line(m);
		bytes = str_sub(bytes, end + 1, bytes.n);
	}
	return broken(m, cx);
}

enum err mcp_finish(struct mcp_server *m, struct errctx *cx)
{
	if (m->in.n || m->in.err)
		end_line(m);
	pool_wait(m->pool);
	return broken(m, cx);
}

void mcp_log(struct mcp_server *m, const char *level, str text)
{
	struct json_writer w;
	struct buf frame;
	bool is_wanted;
	int number;

	pthread_mutex_lock(&m->lock);
	is_wanted = mcp_log_level_parse(str_from(level), &number) && number >= m->log_level;
	pthread_mutex_unlock(&m->lock);
	if (!is_wanted)
		return;
	buf_init(&frame, MCP_ANSWER_MAX);
	rpc_begin_notification(&w, &frame, "notifications/message");
	json_write_object(&w, NULL);
	json_write_c(&w, "level", level);
	json_write_c(&w, "logger", m->conf.name);
	json_write_str(&w, "data", text);
	json_write_end(&w);
	json_write_end(&w);
	send_frame(m, &frame);
	buf_release(&frame);
}

enum err mcp_new(const struct mcp_conf *conf, struct mcp_server **out, struct errctx *cx)
{
	struct mcp_server *m = mem_zalloc(sizeof *m);
	enum err e;

	*out = NULL;
	if (!m)
		FAIL(cx, E_NOMEM, "%s", err_text(E_NOMEM));
	m->conf = *conf;
	m->log_level = MCP_LOG_DEFAULT;
	buf_init(&m->in, MCP_LINE_MAX);
	e = pool_new(MCP_THREADS, MCP_CALLS_MAX, &m->pool, cx);
	if (e) {
		mem_free(m);
		return e;
	}
	(void)pthread_mutex_init(&m->lock, NULL);
	(void)pthread_mutex_init(&m->out_lock, NULL);
	(void)pthread_cond_init(&m->room, NULL);
	*out = m;
	return E_OK;
}

void mcp_free(struct mcp_server *m)
{
	if (!m)
		return;
	pool_free(m->pool);
	buf_release(&m->in);
	(void)pthread_mutex_destroy(&m->lock);
	(void)pthread_mutex_destroy(&m->out_lock);
	(void)pthread_cond_destroy(&m->room);
	mem_free(m);
}
