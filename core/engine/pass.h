/* pass: one walk over the blocks of a document: look up or make the rendering of every tool result, collect
 * the edits and the report, splice. Inner header of core/engine. Thread: that of the result. */
#ifndef CORE_ENGINE_PASS_H
#define CORE_ENGINE_PASS_H

#include "core/base/vec.h"
#include "core/engine/cache.h"
#include "core/engine/engine.h"

struct pass {
	struct store *store; /* may be NULL */
	int64_t now_ms;      /* wall clock */
	struct conversation *conversation;
	const struct wire_doc *doc;
	const struct compress_conf *conf;
	struct compress_result *result;
	uint32_t known_n;    /* the first so many blocks are in the conversation already */
	size_t sent_at;      /* index of the first result's rendering in the conversation */
	size_t prefix_bytes; /* of tools and blocks up to the present one */
	struct engine_worker *worker;
	struct engine_cache *cache; /* that the worker is of */
	struct crew *crew;          /* who may help; NULL: nobody */
	struct ahead *ahead;        /* what they make; NULL: nothing */
	VEC(struct hash128) put;    /* keys of the decisions that this pass has stored */
	bool is_first_try;          /* no decision of this pass's has lost yet */
	bool is_unseen;             /* a result of it was not decided before */

	/* Of a request; nothing of it in a part of a document or a text. */
	struct body_record *body_record; /* in hand while the body is read */
	struct hash128 start;            /* of the chain */
	const struct hash128 *chains;    /* after each block */
	str retrieve_tool; /* of that name, by which originals are had; empty: by command */
	unsigned own;      /* tools that are declared here, not by the client */
	struct patch_edit declaration; /* when there are any */
	struct recall_scope memory;    /* file: NULL: there are no memories for this request */
	str memory_name;               /* of the project or user, for people */
	uint32_t
		newest_text; /* of the user's, behind all that the assistant has said; UINT32_MAX: none */
	bool has_newest_text;
	struct recall_found found; /* in hand while memories are searched */
	own_edits edits;           /* what became of the body, sorted; in the result's arena */
};

/* Fills result (body, blocks, sums). E_BUSY when another process has decided otherwise meanwhile: start anew,
 * with its decisions. E_NOMEM when memory ran out: the conversation is of no use then. */
enum err pass_run(struct pass *p, struct errctx *cx) MUST_CHECK;

/* One text as the result of a tool; p->doc is not used. */
enum err pass_text(struct pass *p, str text, str tool, str command, struct errctx *cx) MUST_CHECK;

/* Of all settings that decide how a block is rendered. */
struct hash128 pass_policy_hash(const struct compress_conf *conf);

#endif
