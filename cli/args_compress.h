/* args_compress: what the options of compress, retrieve and tokens say. Filled by core/base/opt.h from the
 * tables in cli/cmd_NAME.c; strings are the caller's or live in the arena of the struct cli. */
#ifndef CLI_ARGS_COMPRESS_H
#define CLI_ARGS_COMPRESS_H

#include "core/base/opt.h"
#include "core/engine/document.h"

/* Values of --format: 0 is auto, then the kinds of transcripts, then those of texts. */
enum { FORMAT_AUTO = 0, FORMAT_TEXT = TRANSCRIPT_KIND_N };
extern const struct opt_choice format_choices[];
/* Values of --mode: enum compress_mode. */
extern const struct opt_choice mode_choices[];
/* The form that a value of --format stands for. */
struct document_format format_of(int value) PURE;

/* What is left alone, and how readily text is left out; the same of compress and proxy. */
struct protections {
	struct opt_list exclude_tools, tool_profiles;
	int64_t min_tokens;
	bool protects_analysis;
	int set; /* enum policy_set */
};
extern const struct opt_choice savings_choices[]; /* values of --savings-profile */
/* Sets what they say; the rest of out must be set already. label: how --tool-profile was spelled. E_USAGE, with that. */
enum err protections_fill(const struct protections *p, const char *label, struct compress_conf *out,
	struct errctx *cx) MUST_CHECK;

struct compress_args {
	int format; /* format_of */
	str model;  /* .p is NULL: what the input names */
	int mode;   /* enum compress_mode */
	bool is_lossless;
	double target_ratio;        /* 0: not given */
	const char *kompress_model; /* directory; NULL: none */
	int64_t protect_recent;     /* messages */
	struct opt_list protect_tools;
	bool trims_tools;
	struct protections protections;
	int keeps_originals; /* --ccr: 0 off, 1 on */
	const char *store;   /* NULL: places.store_file */
	const char *report;  /* file, "-", or NULL */
	const char *output;  /* file, "-", or NULL */
	double min_savings;  /* percent of the tokens of tool results; 0: not given */
	int64_t jobs;
	uint64_t max_input; /* bytes of what must be held whole */
	bool explains, is_json, verifies, in_place;
};

struct retrieve_args {
	str lines, rows, query; /* of struct retrieve_want; .p is NULL when not given */
	int64_t offset, limit;  /* the same */
	const char *store;
	const char *output;
	bool is_json;
	bool shows_feedback, resets_feedback;
};

struct tokens_args {
	int format;
	str model;
	uint64_t max_input;
	bool by_block, is_json;
	struct opt_list by; /* of tally_key_name; empty: texts are counted */
	str arm;            /* of replay_arm_parse */
	const char *csv;    /* file, "-", or NULL */
};

struct cli;

/* The commands: fields of struct cmd. */
enum err run_compress(struct cli *cli, const void *args, struct errctx *cx) MUST_CHECK;
enum err run_retrieve(struct cli *cli, const void *args, struct errctx *cx) MUST_CHECK;
/* retrieve --feedback: what retrievals have taught. */
enum err run_retrieve_feedback(
	struct cli *cli, const struct retrieve_args *a, struct errctx *cx) MUST_CHECK;
/* The store that is meant; in the arena of cli. */
enum err retrieve_store_file(struct cli *cli, const struct retrieve_args *a, const char **out,
	struct errctx *cx) MUST_CHECK;
enum err run_tokens(struct cli *cli, const void *args, struct errctx *cx) MUST_CHECK;
/* tokens --by: where the tokens of recorded sessions are. */
enum err run_tokens_by(struct cli *cli, const struct tokens_args *a, struct errctx *cx) MUST_CHECK;

#endif
