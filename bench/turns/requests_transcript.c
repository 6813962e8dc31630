#include "bench/turns/requests.h"
#include "core/base/file.h"
#include "core/base/limits.h"
#include "core/transcript/turns.h"

static void each_turn(
	const struct turn_file *file, const char *path, request_fn *fn, void *arg, struct buf *body)
{
	for (size_t i = 0; i < file->sessions.n; i++) {
		const struct turn_session *s = &file->sessions.v[i];

		for (uint32_t k = 0; k < s->turns.n; k++) {
			buf_reset(body);
			turns_body(s, &s->turns.v[k], body);
			fn(arg, &(struct request){
					.group = str_from(transcript_kind_name(file->kind)),
					.session = s->key.n ? s->key : str_from(path),
					.turn = k,
					.format = s->format,
					.model = s->turns.v[k].model,
					.body = buf_str(body)});
		}
	}
}

enum err requests_of_transcript(const char *path, request_fn *fn, void *arg, struct errctx *cx)
{
	struct arena a = ARENA_INIT, scratch = ARENA_INIT;
	struct turn_file file = {0};
	struct buf text, body;
	enum err err;

	buf_init(&text, LIMIT_INPUT);
	buf_init(&body, LIMIT_INPUT);
	err = file_read(path, &text, cx);
	if (!err)
		err = turns_load(
			&a, &scratch, buf_str(&text), str_from(path), TRANSCRIPT_NONE, &file, cx);
	if (!err)
		each_turn(&file, path, fn, arg, &body);
	buf_release(&body);
	buf_release(&text);
	arena_release(&scratch);
	arena_release(&a);
	return err;
}
