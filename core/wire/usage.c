#include "core/wire/usage.h"

#include "core/base/mem.h"
#include "core/wire/pick.h"
#include "core/wire/sse.h"
#include "core/wire/walk.h"

/* What answers say, before it is known what it means. Counts first. */
enum field {
	FIELD_NONE,
	/* Anthropic, OpenAI Responses. The latter's input includes the cache and says it in details. */
	FIELD_INPUT,
	FIELD_OUTPUT,
	FIELD_CACHE_READ,
	FIELD_CACHE_WRITE,
	FIELD_CACHE_5M,
	FIELD_CACHE_1H,
	/* OpenAI chat, embeddings */
	FIELD_PROMPT,
	FIELD_COMPLETION,
	FIELD_TOTAL,
	FIELD_CACHED,       /* in the input, also in that of Responses */
	FIELD_CACHED_WRITE, /* likewise: tokens in the input that are written to the cache */
	FIELD_REASONING,
	/* Gemini */
	FIELD_G_PROMPT,
	FIELD_G_CACHED,
	FIELD_G_TOOL,
	FIELD_G_CANDIDATES,
	FIELD_G_THOUGHTS,
	/* Anthropic: one round of several that made the answer, and the sum over those of compaction */
	FIELD_ROUND_INPUT,
	FIELD_ROUND_OUTPUT,
	FIELD_ROUND_READ,
	FIELD_ROUND_WRITE,
	FIELD_COMPACT_INPUT,
	FIELD_COMPACT_OUTPUT,
	FIELD_COMPACT_READ,
	FIELD_COMPACT_WRITE,
	FIELD_COUNT_N,
	/* texts */
	FIELD_TYPE = FIELD_COUNT_N,
	FIELD_MODEL,
	FIELD_ID,
	FIELD_STOP,
	FIELD_STATUS,
	FIELD_ROUND_TYPE,
	FIELD_ERROR,
	FIELD_ERROR_TYPE,
	FIELD_ERROR_STATUS,
	FIELD_ERROR_CODE,
};

enum node {
	NODE_ROOT = PICK_ROOT,
	NODE_ANSWER, /* the same within an envelope */
	NODE_DELTA,
	NODE_CHOICE,
	NODE_CANDIDATE,
	NODE_FEEDBACK,
	NODE_INCOMPLETE,
	NODE_ERROR,
	NODE_GROQ,
	NODE_USAGE,
	NODE_CREATION,
	NODE_IN_DETAILS,
	NODE_OUT_DETAILS,
	NODE_ROUND,
	NODE_G_USAGE,
};

#define ROW(parent, key, node, field)                    \
	{                                                \
		(parent), (node), (field), WALK_KEY(key) \
	}
#define KEY(parent, key, field) ROW(parent, key, PICK_NONE, field)
#define STEP(parent, key, node) ROW(parent, key, node, PICK_NONE)
/* What an answer holds, whether it stands by itself or in an envelope. */
#define ANSWER(at)                                                                                \
	KEY(at, "id", FIELD_ID), KEY(at, "responseId", FIELD_ID), KEY(at, "model", FIELD_MODEL),  \
		KEY(at, "modelVersion", FIELD_MODEL), KEY(at, "stop_reason", FIELD_STOP),         \
		KEY(at, "status", FIELD_STATUS), STEP(at, "incomplete_details", NODE_INCOMPLETE), \
		STEP(at, "choices", NODE_CHOICE), STEP(at, "candidates", NODE_CANDIDATE),         \
		STEP(at, "promptFeedback", NODE_FEEDBACK), STEP(at, "usage", NODE_USAGE),         \
		STEP(at, "usageMetadata", NODE_G_USAGE), ROW(at, "error", NODE_ERROR, FIELD_ERROR)

/* Anthropic: docs.anthropic.com/en/api/messages, .../messages-streaming, .../errors; OpenAI:
 * platform.openai.com/docs/api-reference (chat, responses, embeddings); Gemini: ai.google.dev/api/generate-content.
 * message and response are the envelopes of Anthropic's message_start, of Responses' events, and of Google's
 * v1internal. The only counts that stand outside of a usage are those of token counting, which costs nothing. */
static const struct pick_row ROWS[] = {
	KEY(NODE_ROOT, "type", FIELD_TYPE),
	KEY(NODE_ROOT, "code", FIELD_ERROR_CODE),
	STEP(NODE_ROOT, "message", NODE_ANSWER),
	STEP(NODE_ROOT, "response", NODE_ANSWER),
	STEP(NODE_ROOT, "delta", NODE_DELTA),
	STEP(NODE_ROOT, "x_groq", NODE_GROQ),
	ANSWER(NODE_ROOT),
	ANSWER(NODE_ANSWER),
	KEY(NODE_DELTA, "stop_reason", FIELD_STOP),
	KEY(NODE_CHOICE, "finish_reason", FIELD_STOP),
	KEY(NODE_CANDIDATE, "finishReason", FIELD_STOP),
	KEY(NODE_FEEDBACK, "blockReason", FIELD_STOP),
	KEY(NODE_INCOMPLETE, "reason", FIELD_STOP),
	KEY(NODE_ERROR, "type", FIELD_ERROR_TYPE),
	KEY(NODE_ERROR, "status", FIELD_ERROR_STATUS),
	KEY(NODE_ERROR, "code", FIELD_ERROR_CODE),
	STEP(NODE_GROQ, "usage", NODE_USAGE),
	KEY(NODE_USAGE, "input_tokens", FIELD_INPUT),
	KEY(NODE_USAGE, "output_tokens", FIELD_OUTPUT),
	KEY(NODE_USAGE, "cache_read_input_tokens", FIELD_CACHE_READ),
	KEY(NODE_USAGE, "cache_creation_input_tokens", FIELD_CACHE_WRITE),
	KEY(NODE_USAGE, "prompt_tokens", FIELD_PROMPT),
	KEY(NODE_USAGE, "completion_tokens", FIELD_COMPLETION),
	KEY(NODE_USAGE, "total_tokens", FIELD_TOTAL),
	KEY(NODE_USAGE, "prompt_cache_hit_tokens", FIELD_CACHED), /* DeepSeek */
	STEP(NODE_USAGE, "cache_creation", NODE_CREATION),
	STEP(NODE_USAGE, "prompt_tokens_details", NODE_IN_DETAILS),
	STEP(NODE_USAGE, "input_tokens_details", NODE_IN_DETAILS),
	STEP(NODE_USAGE, "completion_tokens_details", NODE_OUT_DETAILS),
	STEP(NODE_USAGE, "output_tokens_details", NODE_OUT_DETAILS),
	STEP(NODE_USAGE, "iterations", NODE_ROUND),
	KEY(NODE_CREATION, "ephemeral_5m_input_tokens", FIELD_CACHE_5M),
	KEY(NODE_CREATION, "ephemeral_1h_input_tokens", FIELD_CACHE_1H),
	KEY(NODE_IN_DETAILS, "cached_tokens", FIELD_CACHED),
	KEY(NODE_IN_DETAILS, "cache_write_tokens", FIELD_CACHED_WRITE),
	KEY(NODE_OUT_DETAILS, "reasoning_tokens", FIELD_REASONING),
	KEY(NODE_OUT_DETAILS, "thinking_tokens", FIELD_REASONING), /* Anthropic */
	KEY(NODE_ROUND, "type", FIELD_ROUND_TYPE),
	KEY(NODE_ROUND, "input_tokens", FIELD_ROUND_INPUT),
	KEY(NODE_ROUND, "output_tokens", FIELD_ROUND_OUTPUT),
	KEY(NODE_ROUND, "cache_read_input_tokens", FIELD_ROUND_READ),
	KEY(NODE_ROUND, "cache_creation_input_tokens", FIELD_ROUND_WRITE),
	KEY(NODE_G_USAGE, "promptTokenCount", FIELD_G_PROMPT),
	KEY(NODE_G_USAGE, "cachedContentTokenCount", FIELD_G_CACHED),
	KEY(NODE_G_USAGE, "toolUsePromptTokenCount", FIELD_G_TOOL),
	KEY(NODE_G_USAGE, "candidatesTokenCount", FIELD_G_CANDIDATES),
	KEY(NODE_G_USAGE, "thoughtsTokenCount", FIELD_G_THOUGHTS),
};

struct usage_reader {
	enum wire_format format;
	enum answer_form form;
	struct sse sse;
	struct pick pick;
	uint64_t count[FIELD_COUNT_N];
	bool is_told[FIELD_COUNT_N];
	bool is_compaction, has_round; /* of the present round, of the present usage */
	bool is_ended;                 /* the last event was there */
	char status[32], error_type[64], error_status[64], error_code[64];
	struct usage usage;
};

/* Events, by name or type, that are read; those of the formats that name them are nearly all deltas. Each holds at
 * least a count or the model, or tells the end. */
static const struct {
	str type;
	bool is_last;
} EVENTS[] = {
	{WALK_KEY("message_start"), false},
	{WALK_KEY("message_delta"), false},
	{WALK_KEY("message_stop"), true},
	{WALK_KEY("error"), false},
	{WALK_KEY("response.created"), false},
	{WALK_KEY("response.completed"), true},
	{WALK_KEY("response.incomplete"), true},
	{WALK_KEY("response.failed"), true},
};

/* What a chunk of OpenAI chat (and of those who speak it) has beside a delta, when it says anything of use. */
static const str CHUNK_KEYS[] = {
	WALK_KEY("\"usage\""), WALK_KEY("\"finish_reason\""), WALK_KEY("\"error\"")};

static bool names_events(enum wire_format f)
{
	return f == WIRE_ANTHROPIC || f == WIRE_OPENAI_RESPONSES;
}

static bool event_is_read(str type)
{
	for (size_t i = 0; i < ARRAY_N(EVENTS); i++) {
		if (str_eq(EVENTS[i].type, type))
			return true;
	}
	return false;
}

static void note_type(struct usage_reader *r, str type)
{
	for (size_t i = 0; i < ARRAY_N(EVENTS); i++)
		r->is_ended |= EVENTS[i].is_last && str_eq(EVENTS[i].type, type);
	r->usage.is_error |= str_eq(type, STR("error"));
}

static void set_text(char *to, size_t cap, str text)
{
	size_t n = text.n < cap ? text.n : cap - 1;

	while (n < text.n && n && ((unsigned char)text.p[n] & 0xC0) == 0x80)
		n--;
	for (size_t i = 0; i < n; i++)
		to[i] = (unsigned char)text.p[i] < ' ' || text.p[i] == 0x7F ? '?' : text.p[i];
	to[n] = '\0';
}

static void take_text(struct usage_reader *r, uint8_t field, str text)
{
	struct usage *u = &r->usage;

	switch (field) {
	case FIELD_TYPE:
		note_type(r, text);
		break;
	case FIELD_ROUND_TYPE:
		r->is_compaction = str_eq(text, STR("compaction"));
		break;
	case FIELD_ERROR: /* {"error":"text"} */
		u->is_error = true;
		break;
	case FIELD_MODEL:
		set_text(u->model, sizeof u->model, text);
		break;
	case FIELD_ID:
		set_text(u->response_id, sizeof u->response_id, text);
		break;
	case FIELD_STOP:
		set_text(u->stop_reason, sizeof u->stop_reason, text);
		break;
	case FIELD_STATUS:
		set_text(r->status, sizeof r->status, text);
		break;
	case FIELD_ERROR_TYPE:
		set_text(r->error_type, sizeof r->error_type, text);
		break;
	case FIELD_ERROR_STATUS:
		set_text(r->error_status, sizeof r->error_status, text);
		break;
	case FIELD_ERROR_CODE:
		set_text(r->error_code, sizeof r->error_code, text);
		break;
	default:
		break;
	}
}

static uint64_t sum(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static uint64_t rest(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

static void open_node(struct usage_reader *r, uint8_t node)
{
	if (node == NODE_ERROR)
		r->usage.is_error = true;
	else if (node == NODE_USAGE)
		r->has_round = false;
	else if (node == NODE_ROUND) {
		r->is_compaction = false;
		memset(&r->count[FIELD_ROUND_INPUT], 0, 4 * sizeof r->count[0]);
		if (!r->has_round)
			memset(&r->count[FIELD_COMPACT_INPUT], 0, 4 * sizeof r->count[0]);
		r->has_round = true;
	}
}

static void close_round(struct usage_reader *r)
{
	if (!r->is_compaction)
		return;
	for (size_t i = 0; i < 4; i++)
		r->count[FIELD_COMPACT_INPUT + i] =
			sum(r->count[FIELD_COMPACT_INPUT + i], r->count[FIELD_ROUND_INPUT + i]);
}

/* Of a count that is told again the last one holds: all of them grow. null tells nothing. */
static bool take_value(void *self, enum pick_kind kind, uint8_t id, str text)
{
	struct usage_reader *r = self;
	uint64_t n;

	switch (kind) {
	case PICK_OPEN:
		open_node(r, id);
		break;
	case PICK_CLOSE:
		if (id == NODE_ROUND)
			close_round(r);
		break;
	case PICK_SCALAR:
		if (id < FIELD_COUNT_N && str_u64(text, &n)) {
			r->count[id] = n;
			r->is_told[id] = true;
		}
		break;
	case PICK_STRING:
		take_text(r, id, text);
		if (id == FIELD_TYPE && r->form == ANSWER_SSE && names_events(r->format))
			return event_is_read(text);
		break;
	}
	return true;
}

/* A chunk of a chat has the usage and the reason as null until they are known. */
static bool chunk_is_read(str data)
{
	for (size_t i = 0; i < ARRAY_N(CHUNK_KEYS); i++) {
		size_t at = str_find(data, CHUNK_KEYS[i]);
		str value;

		if (at == STR_NONE)
			continue;
		value = str_trim(str_sub(data, at + CHUNK_KEYS[i].n, data.n));
		if (!str_take(&value, STR(":")) || !str_starts(str_trim(value), STR("null")))
			return true;
	}
	return false;
}

static void take_event(void *self, str event, str data)
{
	struct usage_reader *r = self;

	if (str_eq(data, STR("[DONE]"))) { /* OpenAI chat */
		r->is_ended = true;
		return;
	}
	if (names_events(r->format)) {
		if (event.n && !str_eq(event, STR("message")) && !event_is_read(event))
			return;
		note_type(r, event);
	} else if (r->format == WIRE_OPENAI_CHAT && r->usage.model[0] && !chunk_is_read(data)) {
		return;
	}
	pick_reset(&r->pick);
	pick_feed(&r->pick, data);
}

struct usage_reader *usage_reader_new(enum wire_format f, enum answer_form form)
{
	struct usage_reader *r = mem_zalloc(sizeof *r);

	if (!r)
		return NULL;
	r->format = f;
	r->form = form;
	sse_init(&r->sse, LIMIT_SSE_EVENT);
	pick_init(&r->pick, ROWS, ARRAY_N(ROWS), take_value, r);
	return r;
}

void usage_reader_free(struct usage_reader *r)
{
	if (!r)
		return;
	sse_release(&r->sse);
	mem_free(r);
}

void usage_reader_feed(struct usage_reader *r, str bytes)
{
	switch (r->form) {
	case ANSWER_SSE:
		sse_feed(&r->sse, bytes, take_event, r);
		break;
	case ANSWER_JSON:
	case ANSWER_JSON_ARRAY:
		pick_feed(&r->pick, bytes);
		break;
	case ANSWER_OTHER:
		break;
	}
}

/* The prompt includes what is cached and what is shown to the model of its tools comes on top; candidates do not
 * include the thoughts. */
static void gemini_usage(const uint64_t *n, const bool *is_told, struct usage *u)
{
	u->has_input = is_told[FIELD_G_PROMPT];
	u->has_output = is_told[FIELD_G_CANDIDATES] || is_told[FIELD_G_THOUGHTS];
	u->cache_read = n[FIELD_G_CACHED];
	u->input = sum(rest(n[FIELD_G_PROMPT], n[FIELD_G_CACHED]), n[FIELD_G_TOOL]);
	u->output = sum(n[FIELD_G_CANDIDATES], n[FIELD_G_THOUGHTS]);
	u->reasoning = n[FIELD_G_THOUGHTS];
}

/* xAI counts reasoning beside the completion, everybody else within: the total tells. */
static uint64_t completion(const uint64_t *n)
{
	uint64_t all = sum(n[FIELD_COMPLETION], n[FIELD_REASONING]);

	return n[FIELD_TOTAL] == sum(n[FIELD_PROMPT], all) ? all : n[FIELD_COMPLETION];
}

static uint64_t first_of(const uint64_t *n, const bool *is_told, enum field a, enum field b)
{
	return is_told[a] ? n[a] : n[b];
}

/* The prompt includes what is read from the cache and written to it. Gateways before Anthropic say both in its
 * words. */
static void chat_usage(const uint64_t *n, const bool *is_told, struct usage *u)
{
	u->has_input = is_told[FIELD_PROMPT];
	u->has_output = is_told[FIELD_COMPLETION];
	u->cache_read = first_of(n, is_told, FIELD_CACHED, FIELD_CACHE_READ);
	u->cache_write_5m = first_of(n, is_told, FIELD_CACHED_WRITE, FIELD_CACHE_WRITE);
	u->input = rest(n[FIELD_PROMPT], sum(u->cache_read, u->cache_write_5m));
	u->output = completion(n);
	u->reasoning = n[FIELD_REASONING];
}

/* Anthropic, whose input is beside the cache and whose usage leaves out the rounds of compaction
 * (docs.anthropic.com/en/build-with-claude/compaction); Responses, whose details are part of the input. A write
 * whose time is not told is one of five minutes, the default. */
static void message_usage(const uint64_t *n, const bool *is_told, struct usage *u)
{
	uint64_t written = is_told[FIELD_CACHE_WRITE] ? n[FIELD_CACHE_WRITE]
						      : sum(n[FIELD_CACHE_5M], n[FIELD_CACHE_1H]);

	u->has_input = is_told[FIELD_INPUT];
	u->has_output = is_told[FIELD_OUTPUT];
	u->cache_write_1h = n[FIELD_CACHE_1H] < written ? n[FIELD_CACHE_1H] : written;
	u->cache_write_5m = sum(written - u->cache_write_1h, n[FIELD_CACHED_WRITE]);
	u->cache_write_5m = sum(u->cache_write_5m, n[FIELD_COMPACT_WRITE]);
	u->cache_read = sum(n[FIELD_CACHE_READ], sum(n[FIELD_CACHED], n[FIELD_COMPACT_READ]));
	u->input = rest(n[FIELD_INPUT], sum(n[FIELD_CACHED], n[FIELD_CACHED_WRITE]));
	u->input = sum(u->input, n[FIELD_COMPACT_INPUT]);
	u->output = sum(n[FIELD_OUTPUT], n[FIELD_COMPACT_OUTPUT]);
	u->reasoning = n[FIELD_REASONING];
}

/* How it ended, of what several members say. */
static void set_end(struct usage_reader *r)
{
	const char *words[] = {r->error_type, r->error_status, r->error_code};
	struct usage *u = &r->usage;

	if (!u->stop_reason[0] && (r->is_ended || r->form != ANSWER_SSE))
		set_text(u->stop_reason, sizeof u->stop_reason, str_from(r->status));
	for (size_t i = 0; i < ARRAY_N(words) && u->is_error && !u->error_type[0]; i++)
		set_text(u->error_type, sizeof u->error_type, str_from(words[i]));
	if (r->form == ANSWER_SSE)
		u->is_complete = r->is_ended ||
				 (!names_events(r->format) && u->stop_reason[0] && u->has_output);
	else if (r->form != ANSWER_OTHER)
		u->is_complete = r->pick.is_whole;
}

const struct usage *usage_reader_finish(struct usage_reader *r)
{
	const bool *is_told = r->is_told;

	if (r->form == ANSWER_SSE)
		sse_finish(&r->sse, take_event, r);
	if (is_told[FIELD_G_PROMPT] || is_told[FIELD_G_CANDIDATES])
		gemini_usage(r->count, is_told, &r->usage);
	else if (is_told[FIELD_PROMPT] || is_told[FIELD_COMPLETION])
		chat_usage(r->count, is_told, &r->usage);
	else
		message_usage(r->count, is_told, &r->usage);
	set_end(r);
	return &r->usage;
}

enum answer_form answer_form_of(str content_type, bool asked_stream)
{
	size_t end = str_find_byte(content_type, ';');
	str type = str_trim(end == STR_NONE ? content_type : str_sub(content_type, 0, end));

	if (str_eq_nocase(type, STR("text/event-stream")))
		return ANSWER_SSE;
	if (!type.n)
		return asked_stream ? ANSWER_SSE : ANSWER_JSON;
	if (!str_eq_nocase(type, STR("application/json")) &&
		!(type.n > 5 && str_eq_nocase(str_sub(type, type.n - 5, type.n), STR("+json"))))
		return ANSWER_OTHER;
	return asked_stream ? ANSWER_JSON_ARRAY : ANSWER_JSON;
}
