#include "core/compress/table/notation.h"

#include "core/compress/table/gist_plain.h"
#include "core/compress/table/gist_text.h"
#include "core/compress/table/cell.h"
#include "core/compress/table/contract.h"
#include "core/compress/table/write.h"
#include "core/json/scan.h"

/* In the order in which a reader meets them. */
static const struct {
	unsigned used;
	const char *text;
} explanations[] = {
	{USED_PIECE, "$1: its text below"},
	{USED_TABLE | USED_MAP, "rows below their columns"},
	{USED_LISTS, "lists: rows are arrays"},
	{USED_REF, ">t1 by key of t1"},
	{USED_KEYED, "? given by key"},
	{USED_BASE, "T+s counted from T"},
	{USED_ABOVE, "+s from the row above"},
	{USED_SHORT, "T~ times like T without - :"},
	{USED_ABSENT, "- absent"},
	{USED_DITTO, "^ as above"},
	{USED_NAME, "*1 repeats &1"},
	{USED_LIKE, "*1(..) has its keys"},
	{USED_BLOCK, "|2 text of 2 lines"},
	{USED_JSON, CELL_JSON "{..} a string of JSON"},
	{USED_PLAIN, GIST_PLAIN_WORDS},
	{USED_GIST, GIST_WORDS},
};

void notation_explain(unsigned used, struct buf *words)
{
	for (size_t i = 0, n = 0; i < ARRAY_N(explanations); i++)
		if (used & explanations[i].used) {
			buf_add_c(words, n++ ? ", " : "; ");
			buf_add_c(words, explanations[i].text);
		}
}

bool notation_write(const struct json_tape *json, const struct codec_in *in, struct arena *a,
	struct buf *body, unsigned *used)
{
	struct write_in w = {
		.encoding = in->encoding, .cache = in->cache, .depth = in->depth, .arena = a};
	struct facts facts;
	struct pick pick;

	facts_init(&facts, *json, a);
	facts.escapes = 0;
	facts.encoding = in->encoding;
	facts.cache = in->cache;
	facts.is_whole = in->route.n > 0;
	w.f = &facts;
	if (in->route.n) {
		if (!pick_rows(&facts, in->query, in->is_gentle, a, &pick))
			return false;
		w.pick = &pick;
	}
	*used = write_document(&w, body);
	return body->err == E_OK && (!in->route.n || *used & USED_GAP);
}

bool notation_read(str text, struct arena *a, struct buf *json, struct read_out *read)
{
	return read_document(text, 0, 0, a, json, read);
}

bool notation_holds(str original, str shown, const struct read_out *read, struct arena *a)
{
	struct json_tape was, is;

	return json_scan(a, original, &was, NULL) == E_OK &&
	       json_scan(a, shown, &is, NULL) == E_OK && contract_holds(&was, &is, read, NULL, a);
}
