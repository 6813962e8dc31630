#include "core/engine/document.h"

#include "core/base/check.h"
#include "core/base/mem.h"
#include "core/engine/sessions.h"
#include "core/json/patch.h"

struct document {
	struct document_conf conf;
	struct document_totals totals;
	struct buf pending; /* bytes that are not worked off */
	size_t searched;    /* of them, without a line end */
	bool is_decided;
	struct arena arena;          /* of the readers */
	struct transcript *reader;   /* of the input */
	struct transcript *rereader; /* of the output, when verifying */
	struct sessions sessions;    /* their conversations */
	struct arena line;           /* of the line at hand */
	char model[96];
};

/* ---- formats ------------------------------------------------------------------------------------ */

const char *document_format_name(const struct document_format *f)
{
	if (f->kind != TRANSCRIPT_NONE)
		return transcript_kind_name(f->kind);
	return f->is_text ? detect_kind_name(f->content) : "auto";
}

/* ---- one line, or the whole ------------------------------------------------------------------------- */

static void note_malformed(struct document *d, const struct errctx *why)
{
	if (!d->totals.malformed_n++) {
		d->totals.malformed_line = d->totals.lines;
		memcpy(d->totals.malformed_text, why->text, sizeof why->text);
	}
}

static void note_unverified(struct document *d, const struct errctx *cx)
{
	if (!d->totals.unverified_n++)
		memcpy(d->totals.unverified_text, cx->text, sizeof cx->text);
}

static void add_result(struct document *d, const struct compress_result *r)
{
	struct document_totals *t = &d->totals;

	t->results_n += r->results_n;
	t->changed_n += r->changed_n;
	t->tokens_before += r->tokens_before;
	t->tokens_after += r->tokens_after;
	t->elapsed_ns += r->elapsed_ns;
	if (!t->model.n && r->model.name.n && r->model.name.n < sizeof d->model) {
		memcpy(d->model, r->model.name.p, r->model.name.n);
		t->model = (str){d->model, r->model.name.n};
	}
	if (d->conf.sink.block)
		for (uint32_t i = 0; i < r->blocks_n; i++)
			d->conf.sink.block(d->conf.sink.block_self, t->lines, &r->blocks[i]);
}

static void add_verified(struct document *d, const struct verify_report *r)
{
	d->totals.verified.results_n += r->results_n;
	d->totals.verified.decoded_n += r->decoded_n;
	d->totals.verified.format_n += r->format_n;
	d->totals.verified.elided_n += r->elided_n;
	d->totals.verified.stored_n += r->stored_n;
}

static enum err write_out(struct document *d, str bytes, struct errctx *cx)
{
	d->totals.bytes_out += bytes.n;
	return bytes.n ? d->conf.sink.write(d->conf.sink.self, bytes, cx) : E_OK;
}

/* A request that stands at a place of the line. On any error it is written as it is. */
static enum err do_request(struct document *d, str line, struct span at, struct errctx *cx)
{
	str body = span_str(line, at), out = body;
	struct compress_result r;
	struct verify_report report = {0};
	struct errctx why = {0};
	enum err err =
		compress_request(d->conf.engine, body, WIRE_NONE, d->conf.compress, &r, &why);

	if (err) {
		note_malformed(d, &why);
	} else if (d->conf.verifies &&
		   compress_verify(body, r.body, r.format, d->conf.store, &report, &why)) {
		note_unverified(d, &why);
	} else {
		if (d->conf.verifies)
			add_verified(d, &report);
		add_result(d, &r);
		out = r.body;
	}
	err = write_out(d, str_sub(line, 0, at.start), cx);
	if (!err)
		err = write_out(d, out, cx);
	if (!err)
		err = write_out(d, str_sub(line, at.end, line.n), cx);
	compress_result_release(&r);
	return err;
}

/* Reads the compressed line anew and proves it. */
static enum err verify_line(struct document *d, struct session_slot *slot,
	const struct wire_doc *was, str compressed, struct errctx *cx)
{
	struct transcript_line again;
	struct verify_report report = {0};
	struct json_tape tape;

	TRY(json_scan(&d->line, compressed, &tape, cx));
	transcript_read(d->rereader, &d->line, &tape, &again);
	TRY(compress_verify_part(slot->check, was, &again.doc, d->conf.store, &report, cx));
	add_verified(d, &report);
	return E_OK;
}

/* Blocks that continue a session's conversation. */
static enum err do_blocks(
	struct document *d, str line, const struct transcript_line *l, struct errctx *cx)
{
	struct session_slot *slot = sessions_get(
		&d->sessions, l->session, l->starts_anew, d->conf.compress, d->conf.verifies);
	struct compress_result r;
	struct errctx why = {0};
	enum err err;
	str out = line;

	if (!slot)
		FAIL(cx, E_NOMEM, "no memory for another session");
	err = compress_part(
		d->conf.engine, slot->conversation, &l->doc, d->conf.compress, &r, &why);
	if (err) {
		sessions_forget(&d->sessions, slot); /* it may be half fed */
	} else if (d->conf.verifies && verify_line(d, slot, &l->doc, r.body, &why)) {
		note_unverified(d, &why);
		sessions_forget(&d->sessions, slot);
	} else {
		add_result(d, &r);
		out = r.body;
	}
	err = write_out(d, out, cx);
	compress_result_release(&r);
	return err;
}

static enum err do_document(struct document *d, str text, struct errctx *cx)
{
	struct transcript_line l;
	struct json_tape tape;
	struct errctx why = {0};

	arena_reset(&d->line);
	if (arena_recover(&d->line))
		FAIL(cx, E_NOMEM, "no memory for line %llu", (unsigned long long)d->totals.lines);
	if (json_scan(&d->line, text, &tape, &why) != E_OK) {
		note_malformed(d, &why);
		return write_out(d, text, cx);
	}
	if (arena_recover(&d->arena))
		FAIL(cx, E_NOMEM, "no memory to read the session");
	transcript_read(d->reader, &d->line, &tape, &l);
	if (l.is_request)
		return do_request(d, text, l.request, cx);
	if (!l.doc.n)
		return write_out(d, text, cx);
	return do_blocks(d, text, &l, cx);
}

/* A line without its end. Blank ones are passed on. */
static enum err do_line(struct document *d, str line, struct errctx *cx)
{
	d->totals.lines++;
	if (!str_trim(line).n)
		return write_out(d, line, cx);
	return do_document(d, line, cx);
}

static enum err do_text(struct document *d, str text, struct errctx *cx)
{
	struct compress_conf conf = *d->conf.compress;
	struct compress_result r;
	struct verify_report report = {0};
	struct errctx why = {0};
	enum err err;
	str out = text;

	d->totals.lines = 1;
	conf.is_file |= d->totals.format.content == KIND_CODE;
	err = compress_text(d->conf.engine, text, STR_NULL, STR_NULL, &conf, &r, cx);
	if (!err && d->conf.verifies &&
		compress_verify_text(
			text, r.body, STR_NULL, STR_NULL, d->conf.store, &report, &why)) {
		note_unverified(d, &why);
	} else if (!err) {
		if (d->conf.verifies)
			add_verified(d, &report);
		add_result(d, &r);
		out = r.body;
	}
	if (!err)
		err = write_out(d, out, cx);
	compress_result_release(&r);
	return err;
}

/* ---- the stream ------------------------------------------------------------------------------------ */

/* Finds out the form from the first bytes. */
static enum err decide(struct document *d, struct errctx *cx)
{
	struct document_format *f = &d->totals.format;
	str first = buf_str(&d->pending);

	*f = d->conf.format;
	d->is_decided = true;
	if (!f->is_forced) {
		f->kind = transcript_detect(first, str_from(d->conf.file_name));
		f->is_text = f->kind == TRANSCRIPT_NONE;
		if (f->is_text)
			f->content = detect_kind(first);
	}
	if (f->is_text)
		return E_OK;
	if (arena_recover(&d->arena))
		FAIL(cx, E_NOMEM, "no memory to read the session");
	d->reader = transcript_new(&d->arena, f->kind);
	d->rereader = d->conf.verifies ? transcript_new(&d->arena, f->kind) : NULL;
	return E_OK;
}

static bool is_streamed(const struct document *d)
{
	return d->is_decided && !d->totals.format.is_text &&
	       transcript_is_lines(d->totals.format.kind);
}

/* Works off the complete lines that are pending. */
static enum err drain_lines(struct document *d, struct errctx *cx)
{
	size_t done = 0;
	str rest;

	for (;;) {
		size_t from = done > d->searched ? done : d->searched, eol;

		rest = str_sub(buf_str(&d->pending), from, d->pending.n);
		eol = str_find_byte(rest, '\n');
		if (eol == STR_NONE)
			break;
		TRY(do_line(d, str_sub(buf_str(&d->pending), done, from + eol), cx));
		TRY(write_out(d, STR("\n"), cx));
		done = from + eol + 1;
	}
	memmove(d->pending.p, d->pending.p + done, d->pending.n - done);
	d->pending.n -= done;
	d->searched = d->pending.n;
	return E_OK;
}

enum err document_new(const struct document_conf *conf, struct document **out, struct errctx *cx)
{
	struct document *d = mem_zalloc(sizeof *d);

	*out = d;
	if (!d)
		FAIL(cx, E_NOMEM, "no memory for a document");
	d->conf = *conf;
	buf_init(&d->pending, conf->bytes_max);
	return E_OK;
}

enum err document_feed(struct document *d, str bytes, struct errctx *cx)
{
	d->totals.bytes_in += bytes.n;
	buf_add(&d->pending, bytes);
	if (d->pending.err == E_TOO_BIG)
		FAIL(cx, E_TOO_BIG,
			is_streamed(d)
				? "line %llu is larger than %zu MB (--max-input)"
				: "the input (line %llu) is larger than %zu MB (--max-input)",
			(unsigned long long)d->totals.lines + 1, d->conf.bytes_max >> 20);
	if (d->pending.err)
		FAIL(cx, d->pending.err, "no memory for the input");
	if (!d->is_decided && d->pending.n >= TRANSCRIPT_DETECT_BYTES)
		TRY(decide(d, cx));
	return is_streamed(d) ? drain_lines(d, cx) : E_OK;
}

/* A forced format must hold. */
static enum err check_forced(const struct document *d, struct errctx *cx)
{
	const struct document_format *f = &d->totals.format;

	if (!f->is_forced)
		return E_OK;
	if (f->is_text && f->content == KIND_JSON) {
		struct arena a = ARENA_INIT;
		struct json_tape tape;
		enum err err = arena_recover(&a) ? E_NOMEM
						 : json_scan(&a, buf_str(&d->pending), &tape, cx);

		arena_release(&a);
		return err;
	}
	if (f->is_text && f->content == KIND_DIFF && detect_kind(buf_str(&d->pending)) != KIND_DIFF)
		FAIL(cx, E_MALFORMED, "this is no diff: there is no line that begins one");
	return E_OK;
}

enum err document_finish(struct document *d, struct errctx *cx)
{
	if (!d->is_decided)
		TRY(decide(d, cx));
	TRY(check_forced(d, cx));
	if (d->totals.format.is_text)
		return do_text(d, buf_str(&d->pending), cx);
	if (is_streamed(d)) {
		TRY(drain_lines(d, cx));
		if (d->pending.n)
			TRY(do_line(d, buf_str(&d->pending), cx));
	} else {
		d->totals.lines = 1;
		TRY(do_document(d, buf_str(&d->pending), cx));
	}
	if (d->totals.malformed_n && d->totals.malformed_n == d->totals.lines &&
		d->totals.format.is_forced)
		FAIL(cx, E_MALFORMED, "%s", d->totals.malformed_text);
	return E_OK;
}

const struct document_totals *document_totals(const struct document *d)
{
	return &d->totals;
}

void document_free(struct document *d)
{
	if (!d)
		return;
	sessions_release(&d->sessions);
	arena_release(&d->arena);
	arena_release(&d->line);
	buf_release(&d->pending);
	mem_free(d);
}
