/* rendered: reads a text that was sent (encoded or as it came) line by line, and says for each which lines of
 * the original it stands for. Decoding and the view are built on it. Thread: any. */
#ifndef CORE_COMPRESS_RENDERED_H
#define CORE_COMPRESS_RENDERED_H

#include "core/base/vec.h"
#include "core/compress/gutter.h"
#include "core/compress/marker.h"
#include "core/compress/view.h"

enum rendered_kind {
	RENDERED_TEXT,    /* one line, verbatim */
	RENDERED_SAME,    /* n lines that stand elsewhere */
	RENDERED_VARIANT, /* one line, much like one that stands elsewhere */
	RENDERED_REPEAT,  /* n more of the line before */
};

struct rendered_line {
	enum rendered_kind kind;
	str text;        /* TEXT: the line of the original, but for a dropped column */
	str body;        /* TEXT: without a number column that is still there */
	bool is_hoisted; /* TEXT: put together from a prefix and the rest that stands there */
	uint32_t number; /* of the first line that this one stands for */
	uint32_t n;      /* lines that it stands for */
	bool has_dropped_gutter;
	struct gutter_style style; /* of the dropped column */
	struct marker marker;      /* SAME, VARIANT */
};

struct rendered {
	struct lines l;
	struct gutter gutter; /* columns that are still there */
	uint32_t at, segment, ordinal;
	uint32_t number, left; /* within a dropped column */
	struct gutter_style style;
	struct arena *arena;
	const struct view *view;
	struct {
		str prefix;
		uint32_t left;
	} each[2];           /* prefixes in force, the outer one first */
	str there;           /* what the last reference named */
	size_t joined_bytes; /* of lines put together from a prefix and a rest */
	bool has_numbers;    /* a marker so far gives numbers to lines */
	bool is_malformed;   /* a marker promises lines that do not follow, or more than can be */
};

/* v tells how many lines a whole source has. */
void rendered_init(
	struct rendered *r, struct arena *a, const struct view *v, str text, bool is_file_view);
/* False at the end, or at a malformed place. */
bool rendered_next(struct rendered *r, struct rendered_line *out);

/* What there is in a text for a view: a line, or lines that stand there as a reference or otherwise. */
struct rendered_note {
	str text; /* of a line: it; of a reference: what it leads to, empty for the text itself */
	uint32_t number; /* of the first line that it stands for */
	uint32_t n;      /* lines that it stands for */
	uint32_t from;   /* CITED: the first one there */
	struct shift shift;
	enum rendered_use { RENDERED_LINE, RENDERED_CITED, RENDERED_OTHER } use;
	bool has_number; /* that the text says or said, not one that was counted */
};

/* All of a text, in its order. Lives in an arena and borrows the text. */
struct rendered_notes {
	str text;           /* for those who keep them: what they are of */
	bool is_numbered;   /* lines of it have numbers of their own: then ordinals mean nothing */
	struct lines lines; /* that it is likely to give back, with their keys; n = 0: not known */
	struct keys keys;
	VEC(struct rendered_note) v;
};

/* Adds what a text has for the view, as a source of that name. */
void rendered_add_notes(
	struct view *v, str name, const struct rendered_notes *notes, struct arena *scratch);

/* The same of a sent text that was not read before. */
void rendered_add_to_view(
	struct view *v, str name, str text, bool is_file_view, struct arena *scratch);

/* The original of an encoded text, given the view before it. False when a reference leads nowhere or a
 * marker is damaged. */
bool rendered_decode(
	const struct view *v, str text, bool is_file_view, struct arena *a, str *out) MUST_CHECK;

/* The same, and what it has for the view. */
bool rendered_read(const struct view *v, str text, bool is_file_view, struct arena *a, str *out,
	struct rendered_notes *notes) MUST_CHECK;

#endif
