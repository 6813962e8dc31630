#include "core/base/check.h"
#include "core/base/mem.h"
#include "core/translate/say.h"

static const struct {
	const struct say_reader *reader;
	const struct say_writer *writer;
} DIALECTS[WIRE_FORMAT_N] = {
	[WIRE_ANTHROPIC] = {&say_read_anthropic, &say_write_anthropic},
	[WIRE_OPENAI_CHAT] = {&say_read_chat, &say_write_chat},
	[WIRE_OPENAI_RESPONSES] = {&say_read_responses, &say_write_responses},
	[WIRE_GEMINI] = {&say_read_gemini, &say_write_gemini},
};

/* ---- making and unmaking ------------------------------------------------------------------------------------- */

enum { BUFS_N = 11 };

static void list_bufs(struct translate_answer *ta, struct buf *out[BUFS_N])
{
	struct buf *all[BUFS_N] = {&ta->body, &ta->id, &ta->model, &ta->stop_sequence, &ta->call_id,
		&ta->name, &ta->signature, &ta->text, &ta->said, &ta->texts, &ta->thoughts};

	memcpy(out, all, sizeof all);
}

static void copy_conf(struct translate_answer *ta, const struct translate_answer_conf *conf)
{
	struct translate_name *names =
		arena_array(&ta->kept, struct translate_name, conf->names_n + 1);

	ta->conf = *conf;
	ta->conf.model = form_escaped(&ta->kept, conf->model);
	ta->conf.id = form_escaped(&ta->kept, conf->id);
	for (size_t i = 0; i < conf->names_n; i++)
		names[i] = (struct translate_name){arena_str(&ta->kept, conf->names[i].client),
			arena_str(&ta->kept, conf->names[i].backend), conf->names[i].is_custom};
	ta->conf.names = names;
	buf_add(&ta->id, ta->conf.id);
	buf_add(&ta->model, ta->conf.model);
}

struct translate_answer *translate_answer_new(const struct translate_answer_conf *conf)
{
	struct translate_answer *ta = mem_zalloc(sizeof *ta);
	struct buf *bufs[BUFS_N];

	if (!ta)
		return NULL;
	ta->reader = DIALECTS[conf->backend].reader;
	ta->writer = DIALECTS[conf->client].writer;
	ASSERT(ta->reader && ta->writer);
	sse_init(&ta->sse, LIMIT_SSE_EVENT);
	list_bufs(ta, bufs);
	for (size_t i = 0; i < BUFS_N; i++)
		buf_init(bufs[i], conf->held_max);
	ta->usage_reader = usage_reader_new(conf->backend, conf->form);
	if (!ta->usage_reader || arena_recover(&ta->kept)) {
		translate_answer_free(ta);
		return NULL;
	}
	copy_conf(ta, conf);
	arena_end_recover(&ta->kept);
	return ta;
}

void translate_answer_free(struct translate_answer *ta)
{
	struct buf *bufs[BUFS_N];

	if (!ta)
		return;
	list_bufs(ta, bufs);
	for (size_t i = 0; i < BUFS_N; i++)
		buf_release(bufs[i]);
	for (size_t i = 0; ta->held && i < SAY_HELD_MAX; i++) {
		buf_release(&ta->held[i].id);
		buf_release(&ta->held[i].name);
		buf_release(&ta->held[i].text);
	}
	mem_free(ta->held);
	sse_release(&ta->sse);
	usage_reader_free(ta->usage_reader);
	arena_release(&ta->kept);
	arena_release(&ta->event);
	mem_free(ta);
}

/* ---- bytes --------------------------------------------------------------------------------------------------- */

static enum err failure(struct translate_answer *ta)
{
	struct buf *bufs[BUFS_N];

	list_bufs(ta, bufs);
	for (size_t i = 0; !ta->err && i < BUFS_N; i++)
		ta->err = bufs[i]->err;
	/* An event that was left out is a hole in what the model said. */
	if (!ta->err && ta->sse.skipped_count)
		ta->err = E_TOO_BIG;
	return ta->err ? ta->err : ta->out->err;
}

static void take_event(void *self, str event, str data)
{
	struct translate_answer *ta = self;
	struct json_tape t;

	if (ta->is_over || ta->err)
		return;
	if (str_eq(data, STR("[DONE]")))
		say_end(ta);
	else if (json_scan(&ta->event, data, &t, NULL) == E_OK && json_is(&t, 0, JSON_OBJECT))
		ta->reader->event(ta, event, &t);
	arena_reset(&ta->event);
}

static enum err feed(struct translate_answer *ta, str bytes)
{
	/* The end of the answer is told with what was read up to there. */
	if (!ta->usage)
		usage_reader_feed(ta->usage_reader, bytes);
	if (ta->conf.form == ANSWER_SSE)
		sse_feed(&ta->sse, bytes, take_event, ta);
	else
		buf_add(&ta->body, bytes);
	return failure(ta);
}

enum err translate_answer_feed(struct translate_answer *ta, str bytes, struct buf *out)
{
	enum err err;

	ta->out = out;
	if (arena_recover(&ta->event))
		ta->err = E_NOMEM;
	err = ta->err ? ta->err : feed(ta, bytes);
	arena_end_recover(&ta->event);
	return err;
}

static enum err finish_body(struct translate_answer *ta)
{
	struct json_tape t;

	if (json_scan(&ta->event, buf_str(&ta->body), &t, NULL) != E_OK ||
		!ta->reader->body(ta, &t))
		return E_MALFORMED;
	say_end(ta);
	return failure(ta);
}

static enum err finish(struct translate_answer *ta, bool is_complete)
{
	if (ta->conf.form != ANSWER_SSE)
		return is_complete ? finish_body(ta) : E_OK;
	sse_finish(&ta->sse, take_event, ta);
	if (is_complete && !ta->is_over && ta->is_begun && ta->stop)
		say_end(ta);
	return failure(ta);
}

enum err translate_answer_finish(struct translate_answer *ta, bool is_complete, struct buf *out)
{
	enum err err;

	ta->out = out;
	if (arena_recover(&ta->event))
		ta->err = E_NOMEM;
	err = ta->err ? ta->err : finish(ta, is_complete);
	arena_end_recover(&ta->event);
	if (!ta->usage)
		ta->usage = usage_reader_finish(ta->usage_reader);
	return err;
}

bool translate_answer_is_whole(const struct translate_answer *ta)
{
	return ta->is_over;
}

const struct usage *translate_answer_usage(const struct translate_answer *ta)
{
	return ta->usage;
}

const char *translate_answer_type(const struct translate_answer *ta)
{
	return ta->conf.is_stream && !ta->conf.is_array ? "text/event-stream" : "application/json";
}
