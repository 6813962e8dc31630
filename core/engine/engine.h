/* engine: the one meeting point of wire, compress, econ and store. compress_request() takes a body as the client
 * sent it and gives the body that is to be forwarded; compress_text() does the same for one text. Bytes outside
 * tool results are never touched, but for definitions of tools where conf.trims_tools says so. Same input, same policy,
 * same conversation before it: same output, for ever.
 * Thread: any; an engine is shared by all threads, a result belongs to one. */
#ifndef CORE_ENGINE_ENGINE_H
#define CORE_ENGINE_ENGINE_H

#include "core/base/buf.h"
#include "core/compress/model/kompress.h"
#include "core/engine/conversation.h"
#include "core/engine/trail.h"
#include "core/memory/place.h"
#include "core/memory/recall.h"
#include "core/store/store.h"
#include "core/token/model.h"
#include "core/wire/wire.h"

enum compress_mode {
	COMPRESS_TOKEN, /* fewest tokens */
	COMPRESS_CACHE, /* lowest bill: nothing while the prompt is too short to be cached */
};

/* Memories of earlier sessions (core/engine/memories.h). */
struct compress_memory {
	struct recall *recall;
	/* Where. For a project that neither id nor directory nor root says: in the directory that the request's system
	 * prompt names. */
	struct memory_place_conf place;
	str by;       /* who saves; may be empty */
	bool shows;   /* those that a text of the user's is about stand behind it */
	bool offers;  /* the tools are declared when a conversation begins */
	size_t top_k; /* of those that are shown */
	/* Calls of Anthropic's memory tool, which a client declares and answers by itself, are answered here. */
	bool answers_files;
};

/* What is done and what is not. Zero-initialise and set what differs; plain data, borrowed for the call. */
struct compress_conf {
	enum compress_mode mode;
	bool is_lossless; /* only what a decoder gives back byte for byte */
	bool is_off;      /* change nothing, only report */
	const struct kompress
		*kompress; /* which sentences of prose matter; NULL: the built-in engine says so */
	bool no_prose; /* of prose and HTML, too, only what a decoder gives back byte for byte */
	bool keeps_originals; /* every changed text goes to the store first */
	bool elides; /* text may be left out where the store has the original; needs a store */
	/* Where text is left out: that is counted, and of what was often asked for less is (core/store/feedback.h). */
	bool learns;
	str retrieve; /* what is called with the key of an original to get it; empty: "headroom retrieve" */
	/* The way to an original is a tool that the request has; without one nothing is left out. */
	bool retrieves_by_tool;
	/* With the above: headroom_retrieve is declared behind the tools of a request that has some, but none for
	 * that. Decided at the first request of a conversation (one that the assistant has not said anything in), and
	 * kept in the store: tools stand before messages, so one that comes later or goes breaks the prompt cache. */
	bool offers_retrieve;
	/* With a tool: lines that were left out are shown behind a question that plainly asks for them. */
	bool expands;
	/* Of a source file that is read for the first time only an outline is sent where the original is to be had, and of one that a
	 * file tool reads in any case: by reading it again. */
	bool outlines_code, outlines_reads;
	/* What in such a file has to do with what is named stays whole; NULL: nobody knows. Needs a store: what is said may be another
	 * thing later, what was sent must not. */
	const struct code_related *related;
	bool whole_reads; /* results of file tools stand by themselves: no references in them */
	/* Definitions of tools without what says nothing (core/wire/trim.h); not with is_lossless. With a store decided at the
	 * first request of a conversation and kept, as the above. */
	bool trims_tools;
	/* A note behind the system prompt asks for fewer words, at that level, 1 to 4 (core/engine/shaper.h). With a store decided at the
	 * first request of a conversation and kept, as the above. */
	bool shapes_output;
	unsigned verbosity_level;
	/* Less effort for turns that a user has only waved through (core/engine/effort.h), where the provider takes ENGINE_EFFORT_BETA. */
	bool routes_effort;
	bool is_file;        /* texts may be edited by the agent: keep them verbatim */
	double target_ratio; /* stop at the first rung of the ladder that leaves at most this share
			      * of a text's tokens; 0: take the smallest */
	bool counts_all;     /* report tokens of blocks that are never changed, too */
	uint32_t protect_recent;  /* results in this many newest messages stay as they are */
	const str *protect_tools; /* globs, without case: results of these tools: LOSS_NONE only */
	size_t protect_tools_n;
	const str
		*exclude_tools; /* globs, without case: results of these tools stay byte for byte */
	size_t exclude_tools_n;
	const str *
		tool_profiles; /* "GLOB=LEVEL" of core/engine/policy.h; the first that fits counts */
	size_t tool_profiles_n;
	uint32_t min_tokens; /* of a result that is made smaller; 0: POLICY_MIN_TOKENS */
	bool protects_analysis; /* nothing is left out behind a question that asks to analyse something */
	/* Whose request it is: what is decided and kept for one is never used for another. At most ORIGINAL_OWNER_MAX printable
	 * bytes; empty: nobody in particular. */
	str tenant;
	str model; /* overrides the body's; decides the tokenizer */
	/* Hold each request against the last one of its conversation: result->broke. Of whom they are: trail.h. */
	bool watches, is_session;
	struct hash128 scope;
	/* This share of conversations is left alone, so that the others can be held against them: by session where that has a name (its
	 * hash; is_session), else by how a conversation begins. The same ones for ever, wherever they are asked about. */
	double holdout;
	struct hash128 session;
	const struct compress_memory *memory; /* NULL: none; needs a store */
};

/* In the header anthropic-beta of a request whose result has efforts_n. */
#define ENGINE_EFFORT_BETA "mid-conversation-output-config-2026-07-01"

/* Tools of ours whose calls in the answer are to be answered here. */
enum {
	OWN_TOOL_RETRIEVE = 1, /* headroom_retrieve */
	OWN_TOOL_MEMORY = 2,   /* those of core/memory/recall.h */
	OWN_TOOL_FILES = 4, /* the memory tool that the client has declared (core/memory/files.h) */
};

struct compress_block {
	enum wire_role role;
	enum wire_kind kind;
	enum content_kind content; /* of a tool result */
	str path, tool;
	str encoders;       /* "gutter+reference", empty when nothing changed */
	const char *reason; /* "changed", or why it was left; static */
	enum loss loss;
	uint32_t tokens_before, tokens_after; /* both 0 when not counted */
	str original;                         /* key of the stored original, or empty */
	struct span at;                       /* in the input */
	bool is_fresh; /* a result that the model sees for the first time: behind what it said last */
};

/* A result that the model has asked for again in its newest turn (core/engine/again.h). */
enum { COMPRESS_AGAIN_MAX = 16 }; /* of one turn; a model calls a handful of tools at once */
struct compress_again {
	str tool,
		encoders; /* of that result as it was sent first; encoders is empty when it went as it came */
	bool was_retrieved; /* its original was; else the same file or command */
};

struct compress_result {
	struct arena arena; /* all of the below lives here, but for heap */
	str body;           /* the input itself when nothing changed */
	char *heap;         /* of a request that changed: the body, which may be taken */
	bool is_changed;
	enum wire_format format;
	struct model model;
	struct compress_block *blocks;
	uint32_t blocks_n;
	uint32_t known_n; /* of the blocks: those that an earlier request of the conversation had */
	bool is_stream;   /* the body asks for a stream */
	struct span tools; /* in the input: its list of tools; empty when there is none */
	bool is_trimmed; /* that is shorter in the body; blocks has it last then, with "tools" for an encoder */
	size_t results_n, changed_n;
	size_t tokens_before, tokens_after; /* of the blocks that were counted */
	size_t uncounted_bytes; /* of texts, calls and the list of tools, as they stand in the body, where
	                         * these were not counted */
	int64_t elapsed_ns;

	str retrieve_tool; /* the way to originals, when it is a tool of the request; else empty */
	bool is_retrieve_own;       /* it was declared here: calls of it are ours to answer */
	unsigned own;               /* of OWN_TOOL_RETRIEVE, ...: all that are ours to answer */
	struct recall_scope memory; /* where OWN_TOOL_MEMORY saves; by is the conf's */
	uint32_t memories_n;        /* texts of the user's behind which memories stand */
	uint32_t turns_n;           /* turns that were put back: see engine_keep_turn */
	uint32_t efforts_n;         /* messages that set the effort */
	uint32_t expansions_n;      /* questions behind which lines are shown: conf.expands */
	uint32_t
		own_tokens; /* of declarations, of what turns put back have more than the client's, of
	                       * memories and expansions: what is to be taken off the tokens saved. Not in tokens_before and _after */
	struct hash128 chain;     /* of all that the client has sent: for engine_keep_turn */
	struct trail_break broke; /* conf.watches: what has broken the provider's prompt cache */
	/* Which conversation it is, for conf.holdout; whether that is held out; and what was asked for again. */
	struct hash128 conversation;
	bool is_held_out;
	struct compress_again *again;
	uint32_t again_n;
};

struct engine;

struct engine_conf {
	struct store *store;       /* NULL: nothing is kept beyond the process */
	const struct clock *clock; /* NULL: the system's */
	size_t conversation_bytes; /* memory for known conversations; 0 = ENGINE_CONVERSATION_BYTES */
	unsigned
		helpers_n; /* threads that help with large requests; they start with the first such one */
};

/* As many helpers as the machine has processors beside the one that asks. */
unsigned engine_helpers_n(void);

enum err engine_new(
	const struct engine_conf *conf, struct engine **out, struct errctx *cx) MUST_CHECK;
void engine_free(struct engine *e);

/* Compresses a body of a format (WIRE_NONE: find out). On any error the body goes as it came: result->body is
 * then the input, and the error says why (E_MALFORMED: not such a body; E_NOMEM). result is always
 * initialised; release it. body must outlive it. */
enum err compress_request(struct engine *e, str body, enum wire_format format,
	const struct compress_conf *conf, struct compress_result *result,
	struct errctx *cx) MUST_CHECK;

/* One text, as the result of that tool (both may be empty). */
enum err compress_text(struct engine *e, str text, str tool, str command,
	const struct compress_conf *conf, struct compress_result *result,
	struct errctx *cx) MUST_CHECK;

/* The next blocks of a conversation that the caller keeps, for documents that come in parts (a line of a
 * recorded session at a time). doc's spans lead into doc->tape.doc; result->body is that with the edits. */
enum err compress_part(struct engine *e, struct conversation *c, const struct wire_doc *doc,
	const struct compress_conf *conf, struct compress_result *result,
	struct errctx *cx) MUST_CHECK;

/* A turn in which tools of ours were called. */
struct engine_turn {
	struct hash128 chain; /* compress_result.chain of the request */
	enum wire_format format;
	str visible; /* answer_splice_visible(): what the client takes for the answer */
	/* What was really said, separated by commas, as it was appended to the request (own_tool_append): messages of
	 * the model and results, and the last answer_splice_message(). */
	str messages;
	/* Where that has calls of ours beside the client's: own_tool_write_result_blocks of ours; else empty. */
	str results;
};

/* Stores it, so that every later request of the conversation in which the tool is declared says messages instead of
 * visible, byte for byte. To be called before the client has the end of its answer: a next request that does not find it
 * goes without for good, which is valid, but forgets what was retrieved. Waits for the store as a request does, so
 * not on a thread that serves others. E_MALFORMED: one of the texts is no such thing, or visible has nothing that a
 * client would send back; E_USAGE: no store; the store's errors. */
enum err engine_keep_turn(
	struct engine *e, const struct engine_turn *turn, struct errctx *cx) MUST_CHECK;

/* A conversation for compress_part. NULL: out of memory. Free it with conversation_free. */
struct conversation *compress_conversation_new(const struct compress_conf *conf) MUST_CHECK;

/* The body of a request that changed, for the caller to mem_free; it lives on when the result is released. */
char *compress_result_take_body(struct compress_result *r, size_t *n) RETURNS_NONNULL;
void compress_result_release(struct compress_result *r);

#endif
