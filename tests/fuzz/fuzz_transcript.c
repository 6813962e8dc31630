/* Any bytes as a recording of every kind: detected, read line by line, its spans lie within their line. */
#include "core/base/check.h"
#include "core/transcript/transcript.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_line(const struct transcript_line *l, str line)
{
	if (l->is_request)
		ASSERT(l->request.start < l->request.end && l->request.end <= line.n && !l->doc.n);
	for (uint32_t i = 0; i < l->doc.n; i++) {
		const struct wire_block *b = &l->doc.blocks[i];
		const struct json_node *v = &l->doc.tape.v[b->node];

		ASSERT(b->node < l->doc.tape.n && b->at.start == v->start && b->at.end == v->end);
		ASSERT(b->at.start < b->at.end && b->at.end <= line.n);
		if (b->kind == WIRE_TEXT || b->kind == WIRE_TOOL_RESULT)
			ASSERT(v->type == JSON_STRING);
		if (b->call != WIRE_NO_CALL)
			ASSERT(b->call < l->doc.n && l->doc.blocks[b->call].kind == WIRE_TOOL_CALL);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	str text = {(const char *)data, n};

	(void)transcript_detect(text, STR("x.jsonl"));
	for (enum transcript_kind k = TRANSCRIPT_NONE + 1; k < TRANSCRIPT_KIND_N; k++) {
		struct arena long_lived = ARENA_INIT, a = ARENA_INIT;
		struct transcript *r = transcript_new(&long_lived, k);
		str rest = text, line;

		while (str_next_line(&rest, &line, NULL)) {
			struct transcript_line out;
			struct json_tape t;

			if (json_scan(&a, line, &t, NULL) == E_OK) {
				struct transcript_note note;

				transcript_read(r, &a, &t, &out);
				check_line(&out, line);
				transcript_note(r, &a, &t, &note);
				ASSERT(note.at_ms >= -1 && (!note.project.n || note.project.p));
			}
			arena_reset(&a);
		}
		arena_release(&a);
		arena_release(&long_lived);
	}
	return 0;
}
