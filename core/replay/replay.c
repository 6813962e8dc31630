#include "core/replay/replay.h"

#include "core/replay/session.h"

/* Everything of one file that is dropped behind it. */
struct loaded {
	struct arena arena, scratch;
	struct turn_file file;
};

static enum err load(struct loaded *l, str text, str name, enum transcript_kind kind,
	struct replay_result *r, struct errctx *cx)
{
	if (arena_recover(&l->arena) || arena_recover(&l->scratch))
		FAIL(cx, E_NOMEM, "memory ran out");
	TRY(turns_load(&l->arena, &l->scratch, text, name, kind, &l->file, cx));
	arena_end_recover(&l->arena);
	arena_end_recover(&l->scratch);
	r->files++;
	r->bad_lines += l->file.bad_n;
	return E_OK;
}

enum err replay_file(const struct replay_conf *conf, str text, str file_name,
	enum transcript_kind kind, struct replay_result *r, struct errctx *cx)
{
	struct loaded l = {.arena = ARENA_INIT, .scratch = ARENA_INIT};
	enum err err = load(&l, text, file_name, kind, r, cx);

	for (size_t i = 0; !err && i < l.file.sessions.n; i++)
		err = replay_session(conf, &l.file.sessions.v[i], r, cx);
	arena_release(&l.scratch);
	arena_release(&l.arena);
	return err;
}
