#include "core/engine/verify.h"

#include "core/base/limits.h"
#include "core/base/vec.h"
#include "core/engine/verify_ours.h"
#include "core/json/patch.h"
#include "core/store/original.h"
#include "core/wire/trim.h"

struct verify {
	struct conversation *conversation;
	struct store *store;
	struct arena *arena;
	struct verify_report *report;
	struct errctx *cx;
};

/* True when the store gives the text back. */
static bool is_stored(struct verify *v, str text)
{
	struct original_key key = original_key_of(text);
	struct buf found;
	bool is_same;

	if (!v->store)
		return false;
	buf_init(&found, LIMIT_INPUT);
	is_same = original_get(v->store, str_from(key.hex), &found, NULL) == E_OK &&
		  str_eq(buf_str(&found), text);
	buf_release(&found);
	return is_same;
}

/* One changed text: decodes to the original, differs from it in format only, or keeps its contract and has its
 * original in the store. */
static enum err check_text(
	struct verify *v, const struct call *call, str original, str sent, str path)
{
	struct encode_in in = {
		.text = sent, .tool = call->kind, .command = call->command, .path = call->path};
	enum loss loss;
	bool is_kept;

	if (!encode_verify(&in, original, conversation_view(v->conversation), v->arena, &loss))
		FAIL(v->cx, E_VERIFY, STR_FMT ": says something else, or a marker leads nowhere",
			STR_ARG(path));
	is_kept = is_stored(v, original);
	v->report->stored_n += is_kept;
	if (loss == LOSS_ELIDED && !is_kept)
		FAIL(v->cx, E_VERIFY, STR_FMT ": its original is not in the store", STR_ARG(path));
	v->report->decoded_n += loss == LOSS_NONE;
	v->report->format_n += loss == LOSS_FORMAT;
	v->report->elided_n += loss == LOSS_ELIDED;
	return E_OK;
}

static enum err check_result(struct verify *v, const struct wire_doc *doc,
	const struct wire_block *b, str original_literal, str sent_literal)
{
	struct call call = conversation_call(v->conversation, doc, b, v->arena);
	struct sent sent = {.is_changed = !str_eq(original_literal, sent_literal)};
	str original = STR_NULL;

	v->report->results_n++;
	if (!json_unescape(sent_literal, v->arena, &sent.text) && sent.is_changed)
		FAIL(v->cx, E_VERIFY, STR_FMT ": became unreadable", STR_ARG(b->path));
	if (sent.is_changed) {
		if (!json_unescape(original_literal, v->arena, &original))
			FAIL(v->cx, E_VERIFY, STR_FMT ": was unreadable and is changed",
				STR_ARG(b->path));
		TRY(check_text(v, &call, original, sent.text, b->path));
	}
	conversation_add_result(v->conversation, &call, sent.text, &sent, NULL, v->arena);
	return E_OK;
}

/* The list of tools says the same. Adds an edit that puts the original back. */
static enum err check_tools(
	struct verify *v, const struct wire_doc *o, const struct wire_doc *c, own_edits *edits)
{
	str was = span_str(o->tape.doc, o->tools);

	if (str_eq(was, span_str(c->tape.doc, c->tools)))
		return E_OK;
	if (!trim_says_same(o, c, v->arena))
		FAIL(v->cx, E_VERIFY, "tools: their definitions say something else");
	*vec_push(edits, v->arena) = (struct patch_edit){c->tools, was};
	return E_OK;
}

/* Puts the original literals back into the compressed document: it must be the original then. */
static enum err check_rest(struct verify *v, const struct wire_doc *o, const struct wire_doc *c)
{
	own_edits edits = {0};
	struct buf b;

	TRY(check_tools(v, o, c, &edits));
	for (uint32_t i = 0; i < c->n; i++)
		if (c->blocks[i].kind == WIRE_TOOL_RESULT)
			*vec_push(&edits, v->arena) = (struct patch_edit){
				c->blocks[i].at, span_str(o->tape.doc, o->blocks[i].at)};
	patch_sort(edits.v, edits.n);
	buf_init_arena(&b, v->arena, LIMIT_INPUT);
	TRY(patch_apply(c->tape.doc, edits.v, edits.n, &b));
	if (!str_eq(buf_str(&b), o->tape.doc))
		FAIL(v->cx, E_VERIFY, "bytes outside the tool results differ");
	return E_OK;
}

static enum err check_document(struct verify *v, const struct wire_doc *o, const struct wire_doc *c)
{
	if (o->n != c->n)
		FAIL(v->cx, E_VERIFY, "%u blocks became %u", o->n, c->n);
	for (uint32_t i = 0; i < c->n; i++) {
		const struct wire_block *b = &c->blocks[i];
		str was = span_str(o->tape.doc, o->blocks[i].at), is = span_str(c->tape.doc, b->at);

		if (b->kind != o->blocks[i].kind)
			FAIL(v->cx, E_VERIFY, STR_FMT ": another kind of block", STR_ARG(b->path));
		if (b->kind == WIRE_TOOL_CALL)
			conversation_add_call(v->conversation, b, is, v->arena);
		else if (b->kind == WIRE_TOOL_RESULT)
			TRY(check_result(v, c, b, was, is));
	}
	return check_rest(v, o, c);
}

enum err compress_verify_part(struct conversation *conversation, const struct wire_doc *original,
	const struct wire_doc *compressed, struct store *store, struct verify_report *out,
	struct errctx *cx)
{
	struct arena a = ARENA_INIT;
	struct verify v = {conversation, store, &a, out, cx};
	enum err err;

	if (arena_recover(&a) || arena_recover(view_arena(conversation_view(conversation))))
		err = err_set(cx, E_NOMEM, "memory ran out while verifying");
	else
		err = check_document(&v, verify_with_ours(&a, original, compressed), compressed);
	arena_end_recover(view_arena(conversation_view(conversation)));
	arena_release(&a);
	return err;
}

static enum err read_document(
	struct arena *a, str body, enum wire_format format, struct wire_doc *doc, struct errctx *cx)
{
	struct json_tape tape;

	TRY(json_scan(a, body, &tape, cx));
	if (format == WIRE_NONE)
		format = wire_detect(&tape);
	if (format == WIRE_NONE)
		FAIL(cx, E_MALFORMED, "no request of a known format");
	return wire_walk(a, &tape, format, doc, cx);
}

static enum err read_both(struct arena *a, str original, str compressed, enum wire_format format,
	struct wire_doc *o, struct wire_doc *c, struct errctx *cx)
{
	enum err err;

	if (arena_recover(a))
		return err_set(cx, E_NOMEM, "memory ran out while verifying");
	err = read_document(a, original, format, o, cx);
	if (!err)
		err = read_document(a, compressed, o->format, c, cx);
	arena_end_recover(a);
	return err;
}

enum err compress_verify(str original, str compressed, enum wire_format format, struct store *store,
	struct verify_report *out, struct errctx *cx)
{
	struct arena a = ARENA_INIT;
	struct conversation *conversation = conversation_new((struct hash128){0});
	struct wire_doc o = {0}, c = {0};
	enum err err = conversation ? E_OK : err_set(cx, E_NOMEM, "memory ran out while verifying");

	*out = (struct verify_report){0};
	if (!err)
		err = read_both(&a, original, compressed, format, &o, &c, cx);
	if (!err)
		err = compress_verify_part(conversation, &o, &c, store, out, cx);
	conversation_free(conversation);
	arena_release(&a);
	return err;
}

enum err compress_verify_text(str original, str compressed, str tool, str command,
	struct store *store, struct verify_report *out, struct errctx *cx)
{
	struct arena a = ARENA_INIT;
	struct conversation *conversation = conversation_new((struct hash128){0});
	struct call call = {.kind = tool_kind(tool), .tool = tool, .command = command};
	struct verify v = {conversation, store, &a, out, cx};
	enum err err;

	*out = (struct verify_report){.results_n = 1};
	if (!conversation)
		FAIL(cx, E_NOMEM, "memory ran out while verifying");
	if (arena_recover(&a) || arena_recover(view_arena(conversation_view(conversation))))
		err = err_set(cx, E_NOMEM, "memory ran out while verifying");
	else
		err = str_eq(original, compressed)
			      ? E_OK
			      : check_text(&v, &call, original, compressed, STR("text"));
	conversation_free(conversation);
	arena_release(&a);
	return err;
}
