#include <stdio.h>

#include "core/base/mem.h"
#include "core/store/feedback_internal.h"

/* So that a version that writes something else can be told from this one. */
#define EVENT_VERSION "1"

/* What follows the version:
 *	e LEVEL ORIGINAL TOOL ENCODER SHAPE	something was left out of the original
 *	r PREFIX WHOLE				originals that begin so were asked for
 *	x TOOL					forgotten; empty: all */
enum { FIELDS_ELIDED = 7, FIELDS_RETRIEVED = 4, FIELDS_RESET = 3, FIELDS_MAX = FIELDS_ELIDED };

/* ---- writing ---- */

static void write_elided(const struct op *op, struct buf *out)
{
	const struct elided *x = (const void *)op->text;

	buf_printf(out, EVENT_VERSION "\te\t%d\t%s", (int)x->level, x->original);
	for (int i = 0; i < FEEDBACK_NAMES; i++) {
		buf_add_byte(out, '\t');
		buf_add(out, (str){x->names[i], x->n[i]});
	}
}

/* The digits in which both ends of the range agree are those that were asked by. */
static void write_retrieved(const struct op *op, struct buf *out)
{
	char from[ORIGINAL_KEY_LEN + 1], to[ORIGINAL_KEY_LEN + 1];
	size_t n = 0;

	original_range_hex(&op->sha, from, to);
	while (from[n] && from[n] == to[n])
		n++;
	buf_add(out, STR(EVENT_VERSION "\tr\t"));
	buf_add(out, (str){from, n});
	buf_printf(out, "\t%d", op->text[0] != 0);
}

void feedback_event_write(const struct op *op, struct buf *out)
{
	if (op->kind == OP_FEEDBACK_ELIDED) {
		write_elided(op, out);
	} else if (op->kind == OP_FEEDBACK_RETRIEVED) {
		write_retrieved(op, out);
	} else if (op->kind == OP_FEEDBACK_RESET) {
		buf_add(out, STR(EVENT_VERSION "\tx\t"));
		buf_add(out, (str){op->text, op->text_n});
	}
}

/* ---- reading ---- */

static struct op *read_elided(struct store *s, const str *f)
{
	struct sha_range range;
	struct elided *x;
	uint64_t level;
	struct op *op;

	if (!str_u64(f[2], &level) || level >= FEEDBACK_LEVEL_N || f[3].n != ORIGINAL_KEY_LEN ||
		!original_range(f[3], &range))
		return NULL;
	op = op_new(s, OP_FEEDBACK_ELIDED, sizeof *x);
	if (!op)
		return NULL;
	x = (struct elided *)(void *)op->text;
	x->level = (enum feedback_level)level;
	original_range_hex(&range, x->original, (char[ORIGINAL_KEY_LEN + 1]){0});
	for (int i = 0; i < FEEDBACK_NAMES; i++)
		x->n[i] = (uint8_t)feedback_clean_name(f[4 + i], x->names[i]);
	return op;
}

static struct op *read_retrieved(struct store *s, const str *f)
{
	struct sha_range range;
	uint64_t is_whole;
	struct op *op;

	if (!original_range(f[2], &range) || !str_u64(f[3], &is_whole) || is_whole > 1)
		return NULL;
	op = op_new(s, OP_FEEDBACK_RETRIEVED, 1);
	if (!op)
		return NULL;
	op->sha = range;
	op->text[0] = (char)is_whole;
	return op;
}

static struct op *read_reset(struct store *s, const str *f)
{
	struct op *op = op_new(s, OP_FEEDBACK_RESET, FEEDBACK_NAME_MAX);

	if (op)
		op->text_n = feedback_clean_name(f[2], op->text);
	return op;
}

struct op *feedback_event_read(struct store *s, str line)
{
	str f[FIELDS_MAX] = {0};
	size_t n = 0;

	while (n < FIELDS_MAX && str_split(&line, '\t', &f[n]))
		n++;
	if (line.p || n < FIELDS_RESET || !str_eq_c(f[0], EVENT_VERSION))
		return NULL;
	if (str_eq_c(f[1], "e") && n == FIELDS_ELIDED)
		return read_elided(s, f);
	if (str_eq_c(f[1], "r") && n == FIELDS_RETRIEVED)
		return read_retrieved(s, f);
	if (str_eq_c(f[1], "x") && n == FIELDS_RESET)
		return read_reset(s, f);
	return NULL;
}
