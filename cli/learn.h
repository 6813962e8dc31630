/* learn: which sessions a command of learn means, and what is learned from them. Thread: the main thread. */
#ifndef CLI_LEARN_H
#define CLI_LEARN_H

#include "cli/args_learn.h"
#include "cli/cli.h"
#include "learn/learn.h"

struct learn_run {
	struct cli *cli;
	const struct learn_args *args;
	str project;                /* the directory that is meant, resolved; empty: all */
	struct learn_files files;   /* the newest first */
	struct learn_result result; /* in the arena of cli */
	uint64_t bytes;             /* of all files */
	uint64_t unread;            /* files that could not be read, or are no recordings */
};

/* Finds the recordings and learns from them, with progress on a terminal. E_USAGE, E_NOT_FOUND (no recordings at all), E_NOMEM. */
enum err learn_gather(struct learn_run *r, struct cli *cli, const struct learn_args *args,
	struct errctx *cx) MUST_CHECK;
/* The first part alone. */
enum err learn_find_files(struct learn_run *r, struct cli *cli, const struct learn_args *args,
	struct errctx *cx) MUST_CHECK;

/* The directory that --project means, or the present one, links followed. E_NOT_FOUND. */
enum err learn_project(
	struct cli *cli, const struct learn_args *args, str *out, struct errctx *cx) MUST_CHECK;
/* What decides about the places of recordings and memory files. */
struct learn_env learn_cli_env(const struct cli *cli);

#endif
