#include "proxy/request_log_line.h"

#include <stdio.h>

#include "core/base/utf8.h"
#include "core/json/scan.h"
#include "core/json/write.h"
#include "core/json/redact.h"

/* Both bodies of a row, so that a line is never longer than what is read as one (LIMIT_JSONL_LINE). */
#define BODIES_MAX ((size_t)48 << 20)

/* ---- figures ---- */

static void write_time(struct json_writer *w, int64_t at_ms)
{
	char text[CLOCK_TIME_LEN + 1];

	clock_format(at_ms, text);
	json_write_c(w, "timestamp", text);
}

static void write_ms(struct json_writer *w, const char *key, int64_t us)
{
	if (us < 0)
		json_write_null(w, key);
	else
		json_write_fixed(w, key, (double)us / 1000, 3);
}

static void write_known(struct json_writer *w, const char *key, bool is_known, uint64_t v)
{
	if (is_known)
		json_write_u64(w, key, v);
	else
		json_write_null(w, key);
}

/* All digits of nano-dollars, which a double may not have. */
static void write_cost(struct json_writer *w, const struct request_log_row *row)
{
	uint64_t nano = (uint64_t)(row->cost_nano < 0 ? -row->cost_nano : row->cost_nano);
	char text[48];
	int n;

	if (!row->has_cost) {
		json_write_null(w, "cost_usd");
		return;
	}
	n = snprintf(text, sizeof text, "%s%llu.%09llu", row->cost_nano < 0 ? "-" : "",
		(unsigned long long)(nano / 1000000000), (unsigned long long)(nano % 1000000000));
	json_write_raw(w, "cost_usd", (str){text, (size_t)n});
}

static void write_tokens(struct json_writer *w, const struct request_log_row *row)
{
	double before = (double)row->tokens_before, after = (double)row->tokens_after;

	json_write_u64(w, "tokens_before", row->tokens_before);
	json_write_u64(w, "tokens_after", row->tokens_after);
	json_write_i64(w, "tokens_saved", (int64_t)(row->tokens_before - row->tokens_after));
	json_write_fixed(w, "savings_percent", before > 0 ? (before - after) * 100 / before : 0, 2);
	write_known(w, "input_tokens", row->has_usage, row->input_tokens);
	write_known(w, "output_tokens", row->has_usage, row->output_tokens);
	write_known(w, "cache_read_tokens", row->has_usage, row->cache_read_tokens);
	write_known(w, "cache_write_5m_tokens", row->has_usage, row->cache_write_5m_tokens);
	write_known(w, "cache_write_1h_tokens", row->has_usage, row->cache_write_1h_tokens);
	write_cost(w, row);
}

static void write_break(struct json_writer *w, const struct request_log_row *row)
{
	if (!row->break_cause || !*row->break_cause) {
		json_write_null(w, "cache_break");
		return;
	}
	json_write_object(w, "cache_break");
	json_write_c(w, "by", row->break_cause);
	json_write_str(w, "at", row->break_path);
	json_write_u64(w, "byte", row->break_at);
	json_write_u64(w, "tokens", row->break_tokens);
	json_write_fixed(w, "cost_usd", (double)row->break_nano / 1e9, 9);
	json_write_end(w);
}

static void write_traffic(struct json_writer *w, const struct request_log_row *row)
{
	write_ms(w, "latency_ms", row->latency_us);
	write_ms(w, "overhead_ms", row->overhead_us);
	write_ms(w, "ttfb_ms", row->ttfb_us);
	json_write_u64(w, "bytes_in", row->bytes_in);
	json_write_u64(w, "bytes_sent", row->bytes_sent);
	json_write_u64(w, "bytes_out", row->bytes_out);
	json_write_u64(w, "attempts", row->attempts);
	json_write_u64(w, "rounds", row->rounds);
	json_write_u64(w, "retrievals", row->retrievals);
	write_break(w, row);
}

/* ---- names ---- */

/* Redacted by redact, cut; what comes from outside may be anything. */
static void write_name(struct json_writer *w, const char *key, str s,
	size_t (*redact)(str, struct buf *), struct arena *scratch)
{
	struct buf clean;

	buf_init_arena(&clean, scratch,
		8 * LOG_FIELD_MAX); /* a placeholder is longer than what it may replace */
	(void)redact(str_sub(s, 0, s.n < LOG_FIELD_MAX ? s.n : LOG_FIELD_MAX), &clean);
	json_write_str(w, key, buf_str(&clean));
}

static void write_optional(struct json_writer *w, const char *key, str s, struct arena *scratch)
{
	if (s.n)
		write_name(w, key, s, redact_text, scratch);
	else
		json_write_null(w, key);
}

/* "gutter*3 reference*2" */
static void write_words(struct json_writer *w, const char *key, str words)
{
	str word;

	json_write_array(w, key);
	while (str_split(&words, ' ', &word))
		if (word.n)
			json_write_str(w, NULL, word);
	json_write_end(w);
}

static void write_what(
	struct json_writer *w, const struct request_log_row *row, struct arena *scratch)
{
	write_time(w, row->at_ms);
	json_write_str(w, "request_id", row->id);
	json_write_c(w, "provider", row->provider);
	json_write_c(w, "endpoint", row->endpoint);
	json_write_c(w, "format", row->format);
	json_write_c(w, "client", row->client);
	write_name(w, "method", row->method, redact_text, scratch);
	write_name(w, "path", row->path, redact_query, scratch);
	write_optional(w, "model", row->model, scratch);
	write_optional(w, "project", row->project, scratch);
	write_optional(w, "token", row->token, scratch);
	write_optional(w, "session", row->session, scratch);
	json_write_u64(w, "status", (uint64_t)row->status);
	json_write_bool(w, "stream", row->is_stream);
	json_write_bool(w, "cached", row->is_cached);
	json_write_bool(w, "client_gone", row->is_client_gone);
	json_write_bool(w, "complete", row->is_complete);
	json_write_c(w, "reason", row->reason);
	write_words(w, "transforms", row->transforms);
	write_optional(w, "error", row->error, scratch);
}

/* ---- bodies ---- */

static void write_omitted(struct json_writer *w, const char *key, size_t n, struct arena *scratch)
{
	json_write_u64(w, arena_printf(scratch, "%s_omitted_bytes%c", key, '\0').p, n);
}

/* At most LOG_RESPONSE_MAX bytes, not ending within a character. */
static void write_text(struct json_writer *w, const char *key, str text, struct arena *scratch)
{
	size_t n = text.n < LOG_RESPONSE_MAX ? text.n : LOG_RESPONSE_MAX;
	struct buf clean;

	while (n < text.n && n && ((unsigned char)text.p[n] & 0xc0) == 0x80)
		n--;
	buf_init_arena(&clean, scratch, 8 * LOG_RESPONSE_MAX);
	(void)redact_text(str_sub(text, 0, n), &clean);
	json_write_str(w, key, buf_str(&clean));
	if (n < text.n)
		write_omitted(w, key, text.n - n, scratch);
}

/* A JSON value of the body's own bytes. Line ends in it are white space between values, which may be blanks as well. */
static void write_json(struct json_writer *w, const char *key, str json)
{
	size_t start;

	json_write_raw(w, key, STR(""));
	start = w->out->n;
	(void)redact_json(json, w->out);
	for (size_t i = start; i < w->out->n; i++)
		if (w->out->p[i] == '\n' || w->out->p[i] == '\r')
			w->out->p[i] = ' ';
}

static void write_body(struct json_writer *w, const char *key, str body, struct arena *scratch)
{
	struct json_tape t;

	if (!body.n)
		json_write_null(w, key);
	else if (json_scan(scratch, body, &t, NULL) == E_OK && !(t.notes & JSON_NOTE_INVALID_UTF8))
		write_json(w, key, body);
	else
		write_text(w, key, body, scratch);
}

/* False when it was too long. */
static bool write_bounded_body(
	struct json_writer *w, const char *key, str body, size_t max, struct arena *scratch)
{
	if (body.n <= max && (body.p || !body.n)) {
		write_body(w, key, body, scratch);
		return true;
	}
	json_write_null(w, key);
	write_omitted(w, key, body.n, scratch);
	return false;
}

static void write_messages(
	struct json_writer *w, const struct request_log_row *row, struct arena *scratch)
{
	bool is_same = row->sent.n == row->request.n && row->sent.p == row->request.p &&
		       (row->sent.p || !row->sent.n); /* too long ones have no bytes */
	size_t left = BODIES_MAX;

	if (write_bounded_body(w, "request", row->request, LOG_BODY_MAX, scratch))
		left -= row->request.n;
	if (!is_same)
		(void)write_bounded_body(
			w, "sent", row->sent, left < LOG_BODY_MAX ? left : LOG_BODY_MAX, scratch);
	write_text(w, "response", row->response, scratch);
}

void request_log_line(const struct request_log_row *row, bool has_messages, struct arena *scratch,
	struct buf *out)
{
	struct json_writer w;

	json_write_init(&w, out, false);
	json_write_object(&w, NULL);
	write_what(&w, row, scratch);
	write_tokens(&w, row);
	write_traffic(&w, row);
	if (has_messages)
		write_messages(&w, row, scratch);
	json_write_end(&w);
	buf_add_byte(out, '\n');
}

void request_log_dropped_line(int64_t at_ms, uint64_t n, struct buf *out)
{
	struct json_writer w;

	json_write_init(&w, out, false);
	json_write_object(&w, NULL);
	write_time(&w, at_ms);
	json_write_c(&w, "event", "rows_dropped");
	json_write_u64(&w, "dropped", n);
	json_write_end(&w);
	buf_add_byte(out, '\n');
}
