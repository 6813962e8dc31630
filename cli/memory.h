/* memory: what the commands about memories share: which store is meant, which memories, how they are shown.
 * Thread: the main thread. */
#ifndef CLI_MEMORY_H
#define CLI_MEMORY_H

#include "cli/args_memory.h"
#include "cli/cli.h"
#include "core/json/write.h"
#include "core/memory/place.h"
#include "core/store/memory.h"
#include "proxy/embedder.h"

struct memory_run {
	struct cli *cli;
	const struct memory_args *args;
	struct memory_place place;
	str user;
	struct memory_store *store;      /* NULL: there is no file yet */
	struct proxy_embedder *embedder; /* NULL: what is built in */
	struct memory_set set;
	struct buf out;
	struct json_writer json; /* into out */
};

/* Whose memories are meant where nobody says: USER, USERNAME, or "default". */
str memory_default_user(struct cli *cli);

/* What --memory-embedder and --memory-embedder-model say, and the environment of the key. url empty: what is built in. label: where the former
 * is said. E_USAGE. */
enum err memory_embedder_conf(struct cli *cli, const char *label, str embedder, str model,
	struct proxy_embedder_conf *out, struct errctx *cx) MUST_CHECK;
/* The embedder that the arguments name, if any. Free: memory_end_run. From then on SIGPIPE is ignored: libcurl leaves it to us. */
enum err memory_use_embedder(struct memory_run *r, struct errctx *cx) MUST_CHECK;

/* Whose memories, and where: user and place, from cli and args. */
enum err memory_find_place(struct memory_run *r, struct errctx *cx) MUST_CHECK;
/* Finds the store and opens it. A reader of a file that is not there gets none, and no error. To be ended also after an error. */
enum err memory_begin_run(struct memory_run *r, struct cli *cli, const void *args,
	enum memory_mode mode, struct errctx *cx) MUST_CHECK;
/* The index over very many memories, when something is due: after memory_end_run, for it may take seconds. Where it cannot be, searches are as slow as
 * they were. */
void memory_keep_index(const struct memory_run *r);
/* Prints what is in out when e is E_OK. Returns e, or the error of printing. */
enum err memory_end_run(struct memory_run *r, enum err e, struct errctx *cx) MUST_CHECK;

/* The filter that the options say. E_USAGE. */
enum err memory_filter_of(
	const struct memory_run *r, struct memory_filter *out, struct errctx *cx) MUST_CHECK;
/* Of no file: no rows. */
enum err memory_read_rows(
	struct memory_run *r, const struct memory_filter *f, struct errctx *cx) MUST_CHECK;
/* The one memory that the operand means, in r->set. */
enum err memory_read_one(struct memory_run *r, const char *operand, struct errctx *cx) MUST_CHECK;

/* The object that a command prints, with its schema; json_write_end is the caller's. */
void memory_json(struct memory_run *r, const char *schema);

/* A line for people: id, age, importance, text on one line. */
void memory_add_line(struct memory_run *r, const struct memory *m);
void memory_add_age(struct buf *b, int64_t ms);

/* Asks on the terminal whether to go on, unless --yes. E_USAGE where nobody can be asked; E_FAILED for no. */
enum err memory_confirm(
	const struct memory_run *r, const char *question, struct errctx *cx) MUST_CHECK;

#endif
