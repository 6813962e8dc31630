/* parse: where the files and hunks of a unified diff stand in a text. What is in no file (messages of commits,
 * statistics, anything) is the text between them. Git's own formats: gitdiff, "generating patch text with -p" and
 * "combined diff format" of its manual; GNU diffutils "Unified Format". Linear; the document points into the
 * text. Thread: any. */
#ifndef CORE_COMPRESS_DIFF_PARSE_H
#define CORE_COMPRESS_DIFF_PARSE_H

#include "core/base/arena.h"
#include "core/base/vec.h"

/* The ranges of a hunk's header. */
struct diff_range {
	uint32_t old_from, old_n, new_from, new_n;
};

/* The same for any hunk: one side for each parent of a merge, two in other diffs, and the new file last. */
enum {
	DIFF_SIDES_MAX = 25
}; /* larger merges are not taken for diffs: git's own limit is near it */
struct diff_sides {
	size_t n;
	uint32_t from[DIFF_SIDES_MAX], lines[DIFF_SIDES_MAX];
};

struct diff_hunk {
	uint32_t at, body, end; /* header, first line, behind the last line */
	uint32_t heading; /* what stands behind the ranges of the header, up to its line end */
	struct diff_range range;          /* not of a merge */
	uint32_t added, removed, context; /* lines */
	bool is_combined;                 /* of a merge */
	bool is_damaged;                  /* fewer lines than its header says */
	bool is_odd; /* holds context lines without their blank, or like "--- " */
};

enum diff_form { DIFF_GIT, DIFF_COMBINED, DIFF_PLAIN };
enum diff_what { DIFF_CHANGED, DIFF_NEW, DIFF_DELETED, DIFF_RENAMED, DIFF_COPIED };

struct diff_file {
	uint32_t at, hunks_at, end; /* header, behind the header, behind the last hunk */
	uint32_t hunk_first, hunk_n;
	uint32_t added, removed; /* lines of all hunks */
	enum diff_form form;
	enum diff_what what;
	str git_line;       /* behind "diff --git " */
	str minus, plus;    /* behind "--- " and "+++ " */
	str old_name, name; /* without "a/", "b/", quotes and what stands behind a tab */
	str old_mode, mode; /* of lines about a mode; of a new or deleted file in mode */
	str percent;        /* "95%" of a rename or copy */
	str rename_from, rename_to;
	str old_hash, hash, index_mode;
	bool is_binary;
	uint32_t binary_at; /* the line that says so */
};

struct diff_doc {
	str text;
	VEC(struct diff_file) files;
	VEC(struct diff_hunk) hunks;
};

/* The text must be shorter than 4 GiB. */
struct diff_doc diff_parse(str text, struct arena *a);

/* The hunk header at the beginning of s, "@@ -1,2 +3,4 @@": false when that is none. *n: bytes up to its second
 * "@@" with it. is_bare: no length is given, neither of the old nor of the new lines. */
bool diff_range_parse(str s, struct diff_range *out, size_t *n, bool *is_bare) MUST_CHECK;

/* "@@@ -1,2 -1,3 +1,4 @@@" of a merge. */
bool diff_sides_parse(str s, struct diff_sides *out, size_t *n) MUST_CHECK;

/* The ranges of a hunk's header. */
void diff_sides_of(const struct diff_doc *d, const struct diff_hunk *h, struct diff_sides *out);

/* True when a line of a hunk with so many sides is not the same in all of them. */
static inline bool diff_is_changed(const char *line, size_t sides)
{
	for (size_t i = 0; i + 1 < sides; i++)
		if (line[i] == '+' || line[i] == '-')
			return true;
	return false;
}

/* Adds one to each side that has the line. */
static inline void diff_count_line(const char *line, size_t sides, uint32_t *n)
{
	bool is_gone = false;

	for (size_t i = 0; i + 1 < sides; i++)
		is_gone |= line[i] == '-';
	for (size_t i = 0; i + 1 < sides; i++)
		n[i] += is_gone ? line[i] == '-' : line[i] != '+';
	n[sides - 1] += !is_gone;
}

/* True when "--- ", "+++ " and "@@ -" lines stand at s: a file without any other header. */
bool diff_is_plain_head(str s) PURE;

/* "Index: x" of hg and svn, the line of '=' below it, "diff -ru a b". */
bool diff_is_prelude(str line) PURE;

/* The line at an offset, with its line end. */
static inline str diff_line(str text, size_t at)
{
	const char *eol = memchr(text.p + at, '\n', text.n - at);

	return (str){text.p + at, eol ? (size_t)(eol - text.p) + 1 - at : text.n - at};
}

/* Without its line end, whether that is "\n" or "\r\n". */
static inline str diff_chomp(str line)
{
	if (line.n && line.p[line.n - 1] == '\n')
		line.n--;
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

#endif
