/* A row with a value in every field, for tests of the request log. */
#ifndef TESTS_UNIT_REQUEST_LOG_ROW_H
#define TESTS_UNIT_REQUEST_LOG_ROW_H

#include "proxy/request_log.h"

static const struct request_log_row full_row = {
	.id = {"01ABC", 5},
	.at_ms = 1767323045678,
	.provider = "anthropic",
	.endpoint = "messages",
	.format = "anthropic",
	.client = "claude-code",
	.method = {"POST", 4},
	.path = {"/v1/messages?key=abc", 20},
	.model = {"claude-x", 8},
	.project = {"p", 1},
	.session = {"s", 1},
	.status = 200,
	.is_stream = true,
	.is_complete = true,
	.reason = "changed",
	.transforms = {"gutter*3 reference*2", 20},
	.tokens_before = 1000,
	.tokens_after = 750,
	.has_usage = true,
	.input_tokens = 1,
	.output_tokens = 2,
	.cache_read_tokens = 3,
	.cache_write_5m_tokens = 4,
	.cache_write_1h_tokens = 5,
	.has_cost = true,
	.cost_nano = 1234567891,
	.latency_us = 1500250,
	.overhead_us = 420,
	.ttfb_us = -1,
	.bytes_in = 10,
	.bytes_sent = 9,
	.bytes_out = 8,
	.attempts = 1,
	.rounds = 2,
	.retrievals = 3,
	.break_cause = "tools",
	.break_path = {"tools[3] Bash", 13},
	.break_at = 77,
	.break_tokens = 5000,
	.break_nano = 12345,
};

#endif
