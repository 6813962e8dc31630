/* compress_file: one input of headroom compress, from its bytes to its output and its report. Thread: one at a
 * time; several run at once on a pool, sharing engine and store. */
#ifndef CLI_COMPRESS_FILE_H
#define CLI_COMPRESS_FILE_H

#include "cli/args_compress.h"
#include "cli/compress_report.h"
#include "cli/out.h"
#include "core/base/file.h"

enum compress_target {
	TARGET_STDOUT,   /* as it comes */
	TARGET_FILE,     /* replaced in one step at the end */
	TARGET_IN_PLACE, /* the same, and only when something changed */
	TARGET_MEMORY,   /* kept for the report */
};

struct compress_file {
	/* set by the owner */
	const char *path; /* "-": standard input */
	enum compress_target target;
	const char *output; /* TARGET_FILE */
	const struct compress_args *args;
	struct document_conf document; /* engine, store, compress, bytes_max */
	struct out_progress *progress; /* NULL: not shown */

	/* the outcome */
	enum err err;
	struct errctx cx;
	struct document_totals totals;
	struct compress_report report;
	struct buf memory;
	struct arena arena;

	struct file_replace replace;
};

/* Never leaves half a file behind. err and cx are set; release it in any case. */
void compress_file_run(struct compress_file *f);
void compress_file_release(struct compress_file *f);

/* From now on SIGINT, SIGTERM and SIGHUP make running inputs end with nothing written but what went to standard
 * output; compress_file_signal tells which came (0: none). */
void compress_file_catch_signals(void);
int compress_file_signal(void);

#endif
