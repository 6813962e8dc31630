/* recording: one recorded conversation with an agent, and the bodies of its requests as the agent sent them.
 * The format is that of the files turns/NAME.json of the corpora: head, messages, and turns[k] = {start, end, ts,
 * usage, out_tokens}, where request k is head plus messages[start:end].
 * Owns: the bytes of the file, from the heap: recording_release(). The rest lives in the arena.
 * Thread: one. */
#ifndef BENCH_TURNS_RECORDING_H
#define BENCH_TURNS_RECORDING_H

#include "core/base/buf.h"
#include "core/econ/cache_sim.h"
#include "core/json/scan.h"
#include "core/wire/wire.h"

enum dialect { DIALECT_ANTHROPIC, DIALECT_CHAT, DIALECT_RESPONSES };

static inline enum wire_format dialect_format(enum dialect d)
{
	static const enum wire_format formats[] = {
		WIRE_ANTHROPIC, WIRE_OPENAI_CHAT, WIRE_OPENAI_RESPONSES};

	return formats[d];
}

/* What the provider counted, in its own tokens. */
struct usage {
	uint64_t input, read, write, write_1h, output;
};

struct recorded_turn {
	uint32_t start, end; /* messages */
	int64_t at_ms;       /* CACHE_TIME_UNKNOWN where the recording has no clock */
	uint64_t output;     /* tokens of the answer */
	struct usage usage;
	bool has_usage;
};

struct recording {
	str name; /* of the file, without directory and ".json" */
	str agent, model;
	enum dialect dialect;
	enum cache_ttl ttl; /* that the client asked for, told by the recorded usage */
	const struct recorded_turn *turns;
	uint32_t turn_n;

	struct buf file;
	struct json_tape tape;
	uint32_t head;
	const uint32_t *messages; /* nodes */
	uint32_t message_n;
};

/* E_MALFORMED when the file is no recording, or what file_read says. On an error nothing is to be released. */
enum err recording_load(
	struct arena *a, const char *path, struct recording *out, struct errctx *cx) MUST_CHECK;
void recording_release(struct recording *r);

/* The body of request k, from the bytes of the file. For Anthropic cache_control stands where Claude Code
 * puts it: on the last system block and on the last block of the last message. */
void recording_body(const struct recording *r, uint32_t k, struct buf *out);

#endif
