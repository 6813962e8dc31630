/* entry: what a list of files names, one after the other, and how it was spelled. Owns: nothing; all is in the caller's
 * arena or in the text. Thread: any. */
#ifndef CORE_COMPRESS_LIST_ENTRY_H
#define CORE_COMPRESS_LIST_ENTRY_H

#include "core/base/buf.h"

/* X(name, words of a head line): how the lines were. */
#define LIST_SHAPES(X)                                                    \
	X(PATHS, "")                               /* src/a.c */          \
	X(SIZED, "tabbed")                         /* du: 4<tab>src */    \
	X(COUNTED, "numbered")                     /* wc:   12 src */     \
	X(STATUS, "git status .M= until the next") /*  M src/a.c */       \
	X(BLOCKS, "ls -R")                         /* src:, a.c, b.c */   \
	X(COLUMNS, "")                             /* a.c  b.c */         \
	X(CELLS, "")                               /* 12 x a.c: lead.h */ \
	X(TAILED, "")                              /* a.c | 12 x */       \
	X(TREE, "tree")

enum list_shape {
#define X(name, words) LIST_##name,
	LIST_SHAPES(X)
#undef X
		LIST_SHAPES_N
};

struct list_entry {
	str dir;  /* below the root, without '/' at its end; of the same text for neighbours */
	str name; /* BLOCKS: empty where the block of dir begins */
	str lead; /* STATUS: its two letters; SIZED, COUNTED: the number; CELLS: all before the path; TAILED: behind it */
	uint32_t depth; /* TREE */
};

enum {
	LIST_DEPTH_MAX = 60,   /* of a drawn tree: bits of a mask */
	LIST_WIDTH_MAX = 1200, /* columns before what is behind paths */
};

struct list {
	enum list_shape shape;
	uint32_t drawing; /* TREE: which signs */
	bool is_slashed;  /* TREE: names of directories that have something end in '/' */
	uint32_t
		width; /* COUNTED: of the numbers; TAILED: column of what is behind the paths, or 0 */
	bool is_indented; /* TAILED: by a blank */
	/* COLUMNS: where each begins, and how names stand in them. */
	uint32_t *starts, cols_n;
	bool is_across, has_tabs;
	str root; /* all paths begin with it; BLOCKS: the first block, or empty */
	struct list_entry *v;
	size_t n;
	str before, after; /* the text around the list */
	bool has_newline;  /* behind its last line */
};

/* The list in a text that is a list for the most part. Gives up within the first lines of other texts. */
bool list_parse(str text, struct arena *a, struct list *out) MUST_CHECK;
/* The lines as they were; false when entries do not fit the shape. Without what is around them. */
bool list_print(const struct list *l, struct arena *a, struct buf *out) MUST_CHECK;

/* True when e's path is the directory dir. */
bool list_is_dir(const struct list_entry *e, str dir);

/* ---- drawn trees ---- */

/* The tree that begins at the line at *at, which moves behind it; false when there is none. */
bool tree_parse(str text, size_t *at, struct arena *a, struct list *out) MUST_CHECK;
bool tree_print(const struct list *l, struct arena *a, struct buf *out);
const char *tree_words(uint32_t drawing); /* "tree 2"; NULL: there is no such drawing */
uint32_t tree_drawings_n(void);

/* ---- names in columns ---- */

/* The same of names in columns. */
bool columns_parse(str text, size_t *at, struct arena *a, struct list *out) MUST_CHECK;
bool columns_print(const struct list *l, struct buf *out);
/* "ls -C 24 48": where columns begin; and back. */
void columns_words(const struct list *l, struct buf *out);
bool columns_read_words(str words, struct arena *a, struct list *l) MUST_CHECK;

#endif
