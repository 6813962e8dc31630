/* memory_doc: what a search keeps beside the memories, so that it need not read all of them: the words of each, in an FTS5
 * index, and a vector. What the words are is not known here: whoever searches cuts the texts and hands the words in. A
 * memory whose words are in is a doc and has a number; a new text is a new doc with a higher one. Triggers note what changes,
 * whoever changes it, also another program; a log of numbers says to those who keep docs in their process which
 * of them to read again.
 *
 * Only files that a headroom of now has opened to write have these tables (memory_has_docs). Owns: nothing. Thread: that of
 * the store. */
#ifndef CORE_STORE_MEMORY_DOC_H
#define CORE_STORE_MEMORY_DOC_H

#include "core/store/memory.h"

bool memory_has_docs(const struct memory_store *s);

/* ---- writing: MEMORY_WRITE ---- */

/* Docs whose memories have gone or changed go, too. */
enum err memory_docs_forget(struct memory_store *s, struct errctx *cx) MUST_CHECK;
/* Memories that are no docs yet, at most limit of them. */
enum err memory_undone(
	struct memory_store *s, size_t limit, struct memory_set *out, struct errctx *cx) MUST_CHECK;
/* There are neither such docs nor such memories, nor vectors of other embedders. */
enum err memory_is_done(
	struct memory_store *s, str embedder, bool *out, struct errctx *cx) MUST_CHECK;

struct memory_doc {
	str words; /* with blanks between them; lower case, of letters, digits, '.' and bytes from 0x80 */
	uint32_t length; /* of the text, in words */
	uint64_t hash;   /* of what makes two texts the same */
};
/* The memory of that id becomes a doc. *number: its own. */
enum err memory_doc_add(struct memory_store *s, str id, const struct memory_doc *d, int64_t *number,
	struct errctx *cx) MUST_CHECK;
/* Each doc has one, if need be of no bytes. embedder: a name with its version; vectors of two are not compared. */
enum err memory_vector_set(struct memory_store *s, int64_t number, str embedder, str vector,
	struct errctx *cx) MUST_CHECK;
/* Docs whose vectors are of another embedder: (number, content) to fn, at most limit. */
typedef void (*memory_text_fn)(void *self, int64_t number, str content);
enum err memory_vectors_old(struct memory_store *s, str embedder, size_t limit, memory_text_fn fn,
	void *self, struct errctx *cx) MUST_CHECK;

/* After memory_erase: no words of what is gone stay in the file. Takes as long as to write the index anew. */
enum err memory_docs_tidy(struct memory_store *s, struct errctx *cx) MUST_CHECK;

/* ---- reading ---- */

/* There are no more docs than that: how many there ever were. */
enum err memory_docs_most(struct memory_store *s, int64_t *out, struct errctx *cx) MUST_CHECK;

/* Numbers of the log: the last, and the first that is still there; 0 and 1 when it is empty. */
enum err memory_log_ends(
	struct memory_store *s, int64_t *first, int64_t *last, struct errctx *cx) MUST_CHECK;
typedef void (*memory_number_fn)(void *self, int64_t number);
/* The numbers of docs that changed or went behind that place of the log, each once, in their order. */
enum err memory_log_read(struct memory_store *s, int64_t behind, memory_number_fn fn, void *self,
	struct errctx *cx) MUST_CHECK;

/* A doc with what of its memory a search ranks by. Texts are valid during the call alone. */
struct memory_doc_row {
	int64_t number;
	struct memory_doc doc; /* without words */
	str user, session, speaker, entities;
	int64_t created_ms;
	double importance;
	bool is_current; /* neither superseded nor deleted */
	str vector;      /* of the embedder; empty: none */
};
typedef void (*memory_doc_fn)(void *self, const struct memory_doc_row *row);
/* By number. number 0: all. embedder empty: without vectors. */
enum err memory_docs(struct memory_store *s, int64_t number, str embedder, memory_doc_fn fn,
	void *self, struct errctx *cx) MUST_CHECK;
/* The vector of a doc, when it is of that embedder; valid during the call alone. */
typedef void (*memory_vector_fn)(void *self, int64_t number, str vector);
enum err memory_vector_read(struct memory_store *s, int64_t number, str embedder,
	memory_vector_fn fn, void *self, struct errctx *cx) MUST_CHECK;
/* Numbers of the docs that a filter lets pass; limit and order of it do not count. */
enum err memory_docs_passing(struct memory_store *s, const struct memory_filter *f,
	memory_number_fn fn, void *self, struct errctx *cx) MUST_CHECK;
/* Numbers of docs behind that one that have the word, in their order. */
enum err memory_docs_with(struct memory_store *s, str word, int64_t behind, memory_number_fn fn,
	void *self, struct errctx *cx) MUST_CHECK;
/* The memory of a doc, behind those in out. Nothing when it is gone. */
enum err memory_of_doc(struct memory_store *s, int64_t number, struct memory_set *out,
	struct errctx *cx) MUST_CHECK;

#endif
