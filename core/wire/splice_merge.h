/* splice_merge: a JSON object put together from several, as OpenAI's clients do it with the deltas of a chat (accumulate
 * in openai-python): texts are joined, lists are appended, of all else the last one holds, null says nothing. Texts are
 * joined as they are spelled, escapes included; values keep their bytes.
 * Owns: nothing; all is in the arena that merge_take is given. Thread: that of the answer. */
#ifndef CORE_WIRE_SPLICE_MERGE_H
#define CORE_WIRE_SPLICE_MERGE_H

#include "core/wire/splice.h"

/* Members of one object: they are looked for one by one. A message has ten or so. */
enum { MERGE_MEMBERS_MAX = 64 };

enum merge_kind {
	MERGE_VALUE,
	MERGE_TEXT, /* text is what stands between the quotes */
	MERGE_LIST, /* ... between the brackets */
};

struct merge_member {
	str key; /* with its quotes, as spelled */
	struct buf text;
	enum merge_kind kind;
	bool is_gap_due; /* what is joined next belongs to another round */
};

struct merge {
	struct merge_member **v;
	size_t n, cap;
};

/* Adds what an object says, but members named in except (ends with NULL; may be NULL). *room is how much may still be
 * kept; false when that is not enough, there are too many members, or one goes on as another type. */
bool merge_take(struct merge *m, struct arena *a, size_t *room, const struct json_tape *t,
	uint32_t object, const char *const *except) MUST_CHECK;
/* Makes a member that is missing, null or an empty text say text. */
void merge_default(struct merge *m, struct arena *a, str key, str text);
/* NULL when there is none; key is with its quotes. */
struct merge_member *merge_find(const struct merge *m, str key);
/* The text of that key, between its quotes; empty when it is none. */
str merge_text(const struct merge *m, str key);

/* Two rounds say what a client puts together as one text: a blank line comes between them where there is none. Whether
 * text (between quotes, as spelled) calls for one: */
bool merge_wants_gap(str text);
#define MERGE_GAP "\\n\\n"
/* What is taken next is of another round: a gap goes into the text of that key when it goes on. */
void merge_next_round(struct merge *m, str key);

/* Appends ,"key":value for each member, or for those that are something and named in only (with quotes; ends with an
 * empty one). */
void merge_write(const struct merge *m, const str *only, struct buf *out);

#endif
