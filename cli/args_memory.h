/* args_memory: what the options of memory and its subcommands say. Filled by core/base/opt.h from the tables in cli/cmd_memory.c. */
#ifndef CLI_ARGS_MEMORY_H
#define CLI_ARGS_MEMORY_H

#include "core/base/opt.h"

struct memory_args {
	/* Which store. */
	const char *file; /* NULL: by the three below */
	int storage;      /* enum memory_storage */
	const char *project;
	str user;
	/* Which memories. */
	int scope; /* enum memory_scope, or MEMORY_ALL_SCOPES */
	str session, category, entity, since, until, at;
	int64_t limit, older_ms;
	double importance, below;
	bool with_superseded;
	/* What is done. */
	str content, speaker, reason;
	struct opt_list entities;
	int64_t budget;
	bool is_in_place, is_dry, is_yes, is_json;
	int format; /* enum memory_format */
	int agent;  /* enum sync_agent */
	const char *output;
	str embedder, embedder_model; /* of search and serve */
};

struct cli;

/* The commands: fields of struct cmd. */
enum err run_memory_add(struct cli *cli, const void *args, struct errctx *cx) MUST_CHECK;
enum err run_memory_list(struct cli *cli, const void *args, struct errctx *cx) MUST_CHECK;
enum err run_memory_search(struct cli *cli, const void *args, struct errctx *cx) MUST_CHECK;
enum err run_memory_show(struct cli *cli, const void *args, struct errctx *cx) MUST_CHECK;
enum err run_memory_edit(struct cli *cli, const void *args, struct errctx *cx) MUST_CHECK;
enum err run_memory_delete(struct cli *cli, const void *args, struct errctx *cx) MUST_CHECK;
enum err run_memory_prune(struct cli *cli, const void *args, struct errctx *cx) MUST_CHECK;
enum err run_memory_purge(struct cli *cli, const void *args, struct errctx *cx) MUST_CHECK;
enum err run_memory_export(struct cli *cli, const void *args, struct errctx *cx) MUST_CHECK;
enum err run_memory_import(struct cli *cli, const void *args, struct errctx *cx) MUST_CHECK;
enum err run_memory_serve(struct cli *cli, const void *args, struct errctx *cx) MUST_CHECK;
enum err run_memory_sync(struct cli *cli, const void *args, struct errctx *cx) MUST_CHECK;
enum err run_memory_stats(struct cli *cli, const void *args, struct errctx *cx) MUST_CHECK;

#endif
