/* Recordings, a line at a time: of the file only one line is in memory, and what core/transcript remembers of its sessions. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/store/session_db.h"
#include "core/transcript/transcript.h"
#include "learn/learner.h"

enum {
	CHUNK = 256 << 10,
	DOCUMENT_MAX = 64 << 20, /* of a recording that is one document */
};

struct reading {
	struct learner *l;
	const struct learn_file *file;
	enum transcript_kind kind;
	struct transcript *transcript;
	struct arena arena; /* the transcript's */
	struct buf line;
	char *chunk;
	int fd;
	struct session_db *database; /* NULL: it is none */
	const struct learn_progress *progress;
	uint64_t done, lines;
};

/* ---- a line ------------------------------------------------------------------------------------------------ */

static bool is_log(enum transcript_kind k)
{
	return k == TRANSCRIPT_REQUESTS || k == TRANSCRIPT_PROXY_LOG;
}

/* Of a file that was only named, whoever writes such ones. */
static enum learn_agent agent_of(const struct reading *r)
{
	static const struct {
		enum transcript_kind kind;
		enum learn_agent agent;
	} ROWS[] = {{TRANSCRIPT_CLAUDE, AGENT_CLAUDE}, {TRANSCRIPT_CODEX, AGENT_CODEX},
		{TRANSCRIPT_GEMINI, AGENT_GEMINI}, {TRANSCRIPT_GEMINI_FILE, AGENT_GEMINI},
		{TRANSCRIPT_OPENCODE, AGENT_OPENCODE}, {TRANSCRIPT_PI, AGENT_PI}};

	for (size_t i = 0; i < ARRAY_N(ROWS) && r->file->agent == AGENT_PROXY; i++)
		if (ROWS[i].kind == r->kind)
			return ROWS[i].agent;
	return r->file->agent;
}

static void read_document(struct reading *r, str text)
{
	struct learner *l = r->l;
	struct transcript_line line;
	struct transcript_note note;
	struct json_tape t;
	struct spot spot;

	if (json_scan(&l->scratch, text, &t, NULL) != E_OK) {
		l->bad_lines++;
		return;
	}
	transcript_read(r->transcript, &l->scratch, &t, &line);
	transcript_note(r->transcript, &l->scratch, &t, &note);
	spot = (struct spot){.session = line.session,
		.project = note.project.n ? note.project : str_from(r->file->project),
		.agent = agent_of(r),
		.at_ms = note.at_ms,
		.is_subagent = note.is_subagent,
		.is_meta = note.is_meta,
		.is_one_project = !is_log(r->kind),
		.subagent_tokens = note.subagent_tokens,
		.line = r->lines};
	if (spot.is_subagent && !l->conf.with_subagents)
		return;
	if (line.is_request) {
		if (!learner_body(l, &spot, span_str(text, line.request)))
			l->bad_lines++;
		return;
	}
	if (!spot.session.n)
		spot.session = str_from(r->file->path);
	/* A whole history in a line, again and again. */
	if (r->kind == TRANSCRIPT_PROXY_LOG || r->kind == TRANSCRIPT_MESSAGES)
		spot.line = 0;
	learner_blocks(l, &spot, &line.doc);
}

static void read_line(struct reading *r, str text)
{
	text = str_trim(text);
	r->lines++;
	r->l->count++;
	if (!text.n || r->l->is_skipped)
		return;
	read_document(r, text);
	arena_reset(&r->l->scratch);
}

/* ---- a file -------------------------------------------------------------------------------------------------- */

static void told(const struct reading *r)
{
	if (r->progress && r->progress->done)
		r->progress->done(r->progress->self, r->done);
}

/* The lines in chunk, of which the first may go on from r->line and the last goes there. One that is too long is lost. */
static void feed(struct reading *r, str chunk)
{
	str line;
	bool has_end;

	while (str_next_line(&chunk, &line, &has_end)) {
		if (!has_end || r->line.n || r->line.err) {
			buf_add(&r->line, line);
			if (!has_end)
				return;
			line = buf_str(&r->line);
		}
		if (r->line.err)
			r->l->bad_lines++;
		else
			read_line(r, line);
		buf_reset(&r->line);
	}
}

static enum err detect(struct reading *r, size_t n, struct errctx *cx)
{
	if (n > TRANSCRIPT_DETECT_BYTES)
		n = TRANSCRIPT_DETECT_BYTES;
	r->kind = transcript_detect((str){r->chunk, n}, str_from(r->file->path));
	if (r->kind == TRANSCRIPT_NONE)
		FAIL(cx, E_MALFORMED, "%s: no recorded session of a known kind", r->file->path);
	r->transcript = transcript_new(&r->arena, r->kind);
	return E_OK;
}

/* A chunk, which is full unless the file ends in it. */
static enum err read_some(struct reading *r, size_t *n, struct errctx *cx)
{
	*n = 0;
	while (*n < CHUNK) {
		ssize_t got = read(r->fd, r->chunk + *n, CHUNK - *n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_set(cx, E_IO, "cannot read %s: %m", r->file->path);
		if (!got)
			break;
		*n += (size_t)got;
	}
	return E_OK;
}

/* ---- databases of agents --------------------------------------------------------------------------------------- */

/* A part is said as in an export of OpenCode; who says it stands beside it. */
static void read_part(struct reading *r, const struct session_part *part)
{
	static const enum learn_agent AGENTS[SESSION_DB_N] = {
		[SESSION_DB_OPENCODE] = AGENT_OPENCODE, [SESSION_DB_CURSOR] = AGENT_CURSOR};
	struct learner *l = r->l;
	struct transcript_line line;
	struct json_tape t;
	struct spot spot = {.session = part->session,
		.project = part->directory,
		.agent = AGENTS[part->kind],
		.at_ms = part->at_ms,
		.is_subagent = part->is_subagent,
		.line = ++r->lines};
	uint32_t synthetic;

	l->count++;
	if (spot.is_subagent && !l->conf.with_subagents)
		return;
	if (json_scan(&l->scratch, part->json, &t, NULL) != E_OK) {
		l->bad_lines++;
		return;
	}
	synthetic = json_member(&t, 0, "synthetic");
	spot.is_meta = synthetic != JSON_ABSENT && json_is(&t, synthetic, JSON_TRUE);
	transcript_read(r->transcript, &l->scratch, &t, &line);
	for (uint32_t i = 0; i < line.doc.n && part->is_user; i++)
		if (line.doc.blocks[i].kind == WIRE_TEXT)
			line.doc.blocks[i].role = WIRE_USER;
	learner_blocks(l, &spot, &line.doc);
}

static enum err read_database(struct reading *r, struct errctx *cx)
{
	struct session_part part;
	enum err e;

	r->transcript = transcript_new(&r->arena, TRANSCRIPT_OPENCODE);
	TRY(session_db_open(r->file->path, &r->database, cx));
	while ((e = session_db_next(r->database, &part, cx)) == E_OK) {
		read_part(r, &part);
		arena_reset(&r->l->scratch);
	}
	r->done = r->file->bytes;
	told(r);
	return e == E_NOT_FOUND ? E_OK : e;
}

/* ---- lines ------------------------------------------------------------------------------------------------------ */

static enum err read_lines(struct reading *r, struct errctx *cx)
{
	bool is_lines = true;
	size_t n;

	do {
		TRY(read_some(r, &n, cx));
		if (!r->transcript && session_db_is((str){r->chunk, n}))
			return read_database(r, cx);
		if (!r->transcript) {
			TRY(detect(r, n, cx));
			is_lines = transcript_is_lines(r->kind);
			r->line.max = is_lines ? LIMIT_JSONL_LINE : DOCUMENT_MAX;
		}
		if (is_lines)
			feed(r, (str){r->chunk, n});
		else
			buf_add(&r->line, (str){r->chunk, n});
		r->done += n;
		told(r);
	} while (n == CHUNK && !r->l->is_skipped);
	if (r->line.err)
		r->l->bad_lines++;
	else if (r->line.n)
		read_line(r, buf_str(&r->line));
	return E_OK;
}

static enum err read_file(struct reading *r, struct errctx *cx)
{
	r->fd = open(r->file->path, O_RDONLY | O_CLOEXEC);
	if (r->fd < 0)
		return err_set(cx, file_err(errno), "cannot open %s: %m", r->file->path);
	r->chunk = mem_alloc(CHUNK);
	if (!r->chunk)
		FAIL(cx, E_NOMEM, "no memory to read %s", r->file->path);
	return read_lines(r, cx);
}

/* Whatever became of it. */
static void reading_free(struct reading *r)
{
	if (r->fd >= 0)
		(void)close(r->fd);
	session_db_close(r->database);
	mem_free(r->chunk);
	buf_release(&r->line);
	arena_release(&r->arena);
	mem_free(r);
}

enum err learner_read(struct learner *l, const struct learn_file *file,
	const struct learn_progress *progress, struct errctx *cx)
{
	struct reading *r = mem_zalloc(sizeof *r);
	enum err e;

	if (!r)
		FAIL(cx, E_NOMEM, "no memory to read %s", file->path);
	*r = (struct reading){.l = l, .file = file, .progress = progress, .fd = -1};
	buf_init(&r->line, LIMIT_JSONL_LINE);
	l->file_project = NULL;
	l->is_skipped = false;
	if (arena_recover(&l->arena) || arena_recover(&l->scratch) || arena_recover(&r->arena))
		e = err_set(cx, E_NOMEM, "no memory to read %s", file->path);
	else
		e = read_file(r, cx);
	arena_end_recover(&l->arena);
	arena_end_recover(&l->scratch);
	reading_free(r);
	/* What goes on in another file has the same name, and begins with an empty memory. */
	learner_close_sessions(l);
	arena_reset(&l->scratch);
	return e;
}
