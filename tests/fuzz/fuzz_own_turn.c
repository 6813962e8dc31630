/* Any bytes as a body, as what a turn with calls of ours has said, and as what the client has of it, separated by bytes
 * of 0xFF, which is no UTF-8: runs are found in order, hashes are the same twice, and whatever is put in the place of
 * a run, or behind a text of the user's, leaves a body that is JSON and walks. */
#include "core/base/check.h"
#include "core/base/limits.h"
#include "core/wire/own_text.h"

enum { EDITS = 16 }; /* runs and texts that are tried in one body */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static str next(str *rest)
{
	size_t at = str_find_byte(*rest, (char)0xff);
	str text = at == STR_NONE ? *rest : str_sub(*rest, 0, at);

	*rest = at == STR_NONE ? STR_NULL : str_sub(*rest, at + 1, rest->n);
	return text;
}

static void check_edits(const struct wire_doc *doc, own_edits *edits, struct arena *a)
{
	struct json_tape tape;
	struct wire_doc again;
	struct buf body;

	buf_init_arena(&body, a, LIMIT_INPUT);
	patch_sort(edits->v, edits->n);
	ASSERT(patch_apply(doc->tape.doc, edits->v, edits->n, &body) == E_OK);
	ASSERT(json_scan(a, buf_str(&body), &tape, NULL) == E_OK);
	ASSERT(wire_walk(a, &tape, doc->format, &again, NULL) == E_OK);
}

static void check_runs(
	const struct wire_doc *doc, const struct own_turn *turn, struct arena *a, own_edits *all)
{
	struct hash128 one, two;
	struct own_run run;
	uint32_t tried = 0, put_n = 0;

	for (uint32_t from = 0; own_run_next(doc, from, &run) && tried++ < EDITS; from = run.end) {
		bool is_known = own_run_hash(doc, &run, a, &one);

		ASSERT(run.first >= from && run.first < run.end && run.end <= doc->n);
		ASSERT(run.message <= run.message_last);
		ASSERT(own_run_hash(doc, &run, a, &two) == is_known);
		ASSERT(!is_known || hash128_eq(one, two));
		if (turn->messages.n)
			put_n += own_turn_put(doc, &run, turn, a, all);
	}
	ASSERT(all->n >= put_n);
}

static void check_texts(const struct wire_doc *doc, str text, struct arena *a, own_edits *all)
{
	for (uint32_t i = 0, tried = 0; i < doc->n && tried < EDITS; i++)
		tried += own_text_put(doc, i, text, a, all);
}

/* Only objects are kept as what a turn has said: engine_keep_turn() looks. */
static str objects(str elements, struct arena *a)
{
	struct json_tape t;
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	buf_add_byte(&b, '[');
	buf_add(&b, elements);
	buf_add_byte(&b, ']');
	if (json_scan(a, buf_str(&b), &t, NULL) != E_OK || t.v[0].next != t.n)
		return STR_NULL;
	for (struct json_iter it = json_iter(&t, 0); json_next(&it);)
		if (!json_is(&t, it.value, JSON_OBJECT))
			return STR_NULL;
	return t.v[0].n ? elements : STR_NULL;
}

static void check_body(enum wire_format f, str body, str said, str results, struct arena *a)
{
	struct own_turn turn = {objects(said, a), objects(results, a)};
	own_edits edits = {0};
	struct hash128 hash, again;
	struct wire_doc doc;
	struct json_tape tape;

	if (own_messages_hash(f, said, a, &hash))
		ASSERT(own_messages_hash(f, said, a, &again) && hash128_eq(hash, again));
	if (json_scan(a, body, &tape, NULL) != E_OK || wire_walk(a, &tape, f, &doc, NULL) != E_OK)
		return;
	check_runs(&doc, &turn, a, &edits);
	check_texts(&doc, STR("shown \"here\"\n"), a, &edits);
	check_edits(&doc, &edits, a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	str rest = {(const char *)data, n}, body = next(&rest), said = next(&rest);

	for (int f = WIRE_NONE + 1; f < WIRE_FORMAT_N; f++) {
		struct arena a = ARENA_INIT;

		check_body((enum wire_format)f, body, said, rest, &a);
		arena_release(&a);
	}
	return 0;
}
