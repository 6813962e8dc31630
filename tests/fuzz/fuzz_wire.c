/* Any JSON as a body of every format: the walkers' promises about spans, links and paths hold. */
#include "core/base/check.h"
#include "core/base/limits.h"
#include "core/json/patch.h"
#include "core/wire/trim.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_block(const struct wire_doc *d, uint32_t i)
{
	const struct wire_block *b = &d->blocks[i];
	const struct json_node *v = &d->tape.v[b->node];

	ASSERT(b->node < d->tape.n && b->at.start == v->start && b->at.end == v->end);
	ASSERT(b->at.start < b->at.end && b->at.end <= d->tape.doc.n);
	ASSERT(b->path.n > 0);
	if (b->kind == WIRE_TEXT || b->kind == WIRE_TOOL_RESULT)
		ASSERT(v->type == JSON_STRING);
	if (b->call != WIRE_NO_CALL) {
		ASSERT(b->kind == WIRE_TOOL_RESULT && b->call < d->n);
		ASSERT(d->blocks[b->call].kind == WIRE_TOOL_CALL);
		ASSERT(str_eq(d->blocks[b->call].call_id, b->call_id));
	}
	if (i && b[-1].message == b->message)
		ASSERT(b[-1].at.end <= b->at.start);
	else if (i && b[-1].message != WIRE_NO_MESSAGE)
		ASSERT(b[-1].message < b->message);
}

/* The list of tools without what says nothing says the same, and is as short as it gets. */
static void check_trim(const struct wire_doc *d, struct arena *a)
{
	own_edits edits = {0}, more = {0};
	struct wire_doc after = {0};
	struct json_tape t;
	struct buf b;

	trim_tools(d, a, &edits, NULL, NULL);
	if (!edits.n)
		return;
	buf_init_arena(&b, a, LIMIT_INPUT);
	ASSERT(patch_apply(d->tape.doc, edits.v, edits.n, &b) == E_OK);
	ASSERT(b.n <= d->tape.doc.n);
	ASSERT(json_scan(a, buf_str(&b), &t, NULL) == E_OK);
	ASSERT(wire_walk(a, &t, d->format, &after, NULL) == E_OK);
	ASSERT(after.n == d->n && trim_says_same(d, &after, a));
	trim_tools(&after, a, &more, NULL, NULL);
	ASSERT(!more.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena a = ARENA_INIT;
	struct json_tape t;
	struct wire_doc d;

	if (json_scan(&a, (str){(const char *)data, n}, &t, NULL) == E_OK) {
		(void)wire_detect(&t);
		(void)wire_detect_messages(&t, 0);
		for (enum wire_format f = WIRE_NONE + 1; f < WIRE_FORMAT_N; f++) {
			struct wire_piece piece = {.format = f, .path = STR("p")};

			if (wire_walk(&a, &t, f, &d, NULL) == E_OK) {
				for (uint32_t i = 0; i < d.n; i++)
					check_block(&d, i);
				check_trim(&d, &a);
			}
			d = (struct wire_doc){0};
			if (wire_walk_piece(&a, &t, &piece, &d, NULL) == E_OK) {
				wire_resolve(&a, &d, NULL);
				for (uint32_t i = 0; i < d.n; i++)
					check_block(&d, i);
			}
		}
	}
	arena_release(&a);
	return 0;
}
