#include "bench/turns/recording.h"
#include "bench/turns/requests.h"
#include "core/base/limits.h"

static const enum wire_format formats[] = {
	[DIALECT_ANTHROPIC] = WIRE_ANTHROPIC,
	[DIALECT_CHAT] = WIRE_OPENAI_CHAT,
	[DIALECT_RESPONSES] = WIRE_OPENAI_RESPONSES,
};

static str group_of(const struct recording *r, struct arena *a)
{
	if (str_eq(r->agent, STR("pi")))
		return arena_printf(
			a, "pi on %s", r->dialect == DIALECT_ANTHROPIC ? "Anthropic" : "OpenAI");
	return r->agent;
}

enum err requests_of_recording(const char *path, request_fn *fn, void *arg, struct errctx *cx)
{
	struct arena a = ARENA_INIT;
	struct recording r;
	struct buf body;
	enum err err = recording_load(&a, path, &r, cx);

	if (err) {
		arena_release(&a);
		return err;
	}
	buf_init(&body, LIMIT_INPUT);
	for (uint32_t k = 0; k < r.turn_n; k++) {
		recording_body(&r, k, &body);
		fn(arg, &(struct request){.group = group_of(&r, &a),
				.session = r.name,
				.turn = k,
				.format = formats[r.dialect],
				.model = r.model,
				.body = buf_str(&body)});
	}
	buf_release(&body);
	recording_release(&r);
	arena_release(&a);
	return E_OK;
}
