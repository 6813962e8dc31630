/* compress_report: the JSON report of headroom compress, schema headroom.compress/1, and what it says on
 * standard error. Thread: one at a time. */
#ifndef CLI_COMPRESS_REPORT_H
#define CLI_COMPRESS_REPORT_H

#include "core/engine/document.h"

/* What one kind of rewriting did in all. */
struct report_transform {
	char id[32];
	uint64_t blocks, tokens_saved;
};

enum { REPORT_TRANSFORMS_MAX = 64 };

struct compress_report {
	bool has_blocks;     /* collect them */
	bool is_explained;   /* a line for each on standard error */
	double target_ratio; /* share of the tokens that was to stay; 0: nobody said */
	const char *name;    /* of the input */
	struct buf blocks;   /* JSON objects, with commas between */
	struct report_transform transforms[REPORT_TRANSFORMS_MAX];
	size_t transforms_n;
};

void report_init(struct compress_report *r, const char *name);
void report_release(struct compress_report *r);
/* A document_sink's block function; self is the report. */
void report_block(void *self, uint64_t line, const struct compress_block *b);

/* Appends the report of one input. result (may be null) is the whole output, put in as a JSON value when it is
 * one, else as a string. */
void report_write(const struct compress_report *r, const struct document_totals *t, str result,
	struct buf *out);
/* "compress: 41,203 -> 12,877 tokens (-68.7%), 14 of 31 results, 9 ms" without line end. */
void report_summary(const struct document_totals *t, struct buf *out);

double report_savings_percent(const struct document_totals *t);

#endif
