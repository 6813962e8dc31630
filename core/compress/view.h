/* view: the text that the model has in front of it so far: call inputs and tool results of one conversation,
 * line by line, as they were sent. Grows block by block; a later block may be encoded as references into
 * it. Lines that stand there as references to verbatim ones are in it, too: a reference leads over one other at most.
 * Owns: copies of its lines and names in an arena of its own, and its index. Thread: one at a time. */
#ifndef CORE_COMPRESS_VIEW_H
#define CORE_COMPRESS_VIEW_H

#include "core/compress/keys.h"
#include "core/compress/lines.h"
#include "core/compress/marker.h"

struct view;

/* NULL when memory is short. */
struct view *view_new(void) MUST_CHECK;
void view_free(struct view *v);
size_t view_bytes(const struct view *v);

/* The arena that all of the view lives in; callers set its recovery point before they add to the view. */
struct arena *view_arena(struct view *v) RETURNS_NONNULL;

/* A name that no source of this view has yet: "tool argument field", where a path is cut to the shortest tail
 * that is not some other path's, and the second source of a name becomes "name #2". field is empty for a
 * result, and the input's member ("content", "new_string") for a call. In the view's arena. */
str view_name(struct view *v, str tool, str argument, str field);

/* The name for the lines of a result that stand around its numbered ones. */
str view_unnumbered(struct view *v, str name);

/* Starts a source; its lines follow with view_add_line. An empty name is the text that is just being
 * encoded. */
void view_add_source(struct view *v, str name);
/* A verbatim line of the newest source, under the number that a reference calls it by. Lines of successive
 * numbers that are added one after the other can be referred to as a range. A number that is not larger
 * than all before it in this source is passed over: it would be ambiguous. */
void view_add_line(struct view *v, str line, uint64_t hash, uint32_t number);
/* The same of line at of a text whose keys are known; the line lies in the view's arena, and is not copied. */
void view_add_known(struct view *v, str line, const struct keys *k, uint32_t at, uint32_t number);
/* The same of line at of the text that is just being encoded, without a copy: it must stay where it is until it is rolled back.
 * Nobody may look for others than lines of that text before. */
void view_lend_line(
	struct view *v, struct lines l, const struct keys *k, uint32_t at, uint32_t number);

/* Lines of the newest source that stand there as a reference: n lines of that source from line from on, shifted, under the
 * numbers from number on. A later reference may lead to them, and so over this one to where they stand; those of
 * them that are such lines themselves are passed over, so that it is never more than one step more. When there are more
 * such lines than others, no more are added. */
struct view_cited {
	str name;
	uint32_t from, n;
	struct shift shift;
	uint32_t number;
};
void view_cite_lines(struct view *v, const struct view_cited *c);

/* Everything that was added after the mark is taken away again (memory stays with the arena). */
struct view_mark {
	size_t sources_n, lines_n, postings_n, cited_n;
};
struct view_mark view_mark(const struct view *v);
void view_rollback(struct view *v, struct view_mark m);

/* A run of lines that the view has. */
struct view_run {
	str name;           /* of the source */
	uint32_t from;      /* number of the first line there */
	uint32_t n;         /* lines; 0 = nothing found */
	size_t bytes;       /* of these lines, without line ends */
	bool is_whole;      /* they are all that the source has */
	struct shift shift; /* what the lines are indented more or less than these */
};

/* The lines l.v[at .. end) are looked for. number: of the first at its new place, UINT32_MAX where that means nothing;
 * there: the source that needs no name. */
struct view_wanted {
	struct lines l;
	const uint64_t *hashes;
	uint32_t at, end, number;
	str there;
};

/* The longest run; among equals the one of the source there, then the one that is numbered like the lines at their new
 * place, then one that stands there verbatim, then the newest. */
struct view_run view_find(const struct view *v, const struct view_wanted *w);

/* The longest run that the lines are the same as but for their indentation, all by as much; n = 0 when there is none. It
 * begins with two lines that are told by what they say. */
struct view_run view_find_shifted(
	const struct view *v, struct lines l, const struct keys *k, uint32_t at, uint32_t end);

/* Says that the lines [at, end) will be looked for one after the other: asks memory for what that takes. Changes
 * nothing. */
void view_expect(const struct view *v, const uint64_t *hashes, uint32_t at, uint32_t end);

/* A long line that begins or ends like this one, the newest; n = 0 when there is none. */
struct view_run view_find_like(const struct view *v, str line, str *found);

/* How many lines a source has, when it has all of its lines from number 1 on; 0 otherwise. */
uint32_t view_whole_n(const struct view *v, str name);

/* A line of the newest source of that name, for decoding. False when there is none. */
bool view_line(const struct view *v, str name, uint32_t number, str *out) MUST_CHECK;

/* The same for one number after the other: at once where it is the next one. *at: VIEW_NO_LINE for the first one of a name. */
#define VIEW_NO_LINE SIZE_MAX
bool view_line_behind(
	const struct view *v, str name, uint32_t number, size_t *at, str *out) MUST_CHECK;

#endif
