/* Recorded usage against the simulator: core/replay does it, as for any recording. The figures that are fitted to the usage, and those
 * that are foretold from its first half: docs/replay.md. */
#include "bench/turns/replay.h"
#include "core/base/clock.h"

static void add_usage(struct buf *out, const struct usage *u)
{
	buf_printf(out,
		"\"usage\":{\"input_tokens\":%llu,\"output_tokens\":%llu,\"cache_read_input_"
		"tokens\":%"
		"llu,\"cache_creation_input_tokens\":%llu,\"cache_creation\":{\"ephemeral_1h_input_"
		"tokens\":%llu,\"ephemeral_5m_input_tokens\":%llu}},",
		(unsigned long long)u->input, (unsigned long long)u->output,
		(unsigned long long)u->read, (unsigned long long)u->write,
		(unsigned long long)u->write_1h, (unsigned long long)(u->write - u->write_1h));
}

/* A line of requests as core/transcript reads them. */
static void add_line(const struct recording *r, uint32_t k, struct buf *body, struct buf *out)
{
	const struct recorded_turn *t = &r->turns[k];
	char text[CLOCK_TIME_LEN + 1];

	recording_body(r, k, body);
	buf_add_c(out, "{\"session\":");
	buf_add_json_string(out, r->name);
	buf_add_byte(out, ',');
	if (t->at_ms != CACHE_TIME_UNKNOWN) {
		clock_format(t->at_ms, text);
		buf_printf(out, "\"ts\":\"%s\",", text);
	}
	if (t->has_usage)
		add_usage(out, &t->usage);
	buf_add_c(out, "\"request\":{");
	if (json_member(&r->tape, r->head, "model") == JSON_ABSENT) {
		buf_add_c(out, "\"model\":");
		buf_add_json_string(out, r->model);
		buf_add_byte(out, ',');
	}
	buf_add(out, str_sub(buf_str(body), 1, body->n)); /* behind its brace */
	buf_add_c(out, "}\n");
}

void calibrate(const struct recording *r, struct replay_result *sum)
{
	static const struct replay_arm none = {.kind = REPLAY_NONE};
	struct replay_conf conf = {.arms = &none, .arms_n = 1, .cache_min = -1};
	struct replay_result part;
	struct buf text, body;

	replay_result_init(&part);
	buf_init(&text, LIMIT_INPUT);
	buf_init(&body, LIMIT_INPUT);
	for (uint32_t k = 0; k < r->turn_n; k++)
		add_line(r, k, &body, &text);
	if (!text.err && replay_file(&conf, buf_str(&text), r->name, TRANSCRIPT_REQUESTS, &part,
				 NULL) == E_OK)
		replay_merge(sum, &part);
	buf_release(&body);
	buf_release(&text);
	replay_result_release(&part);
}
