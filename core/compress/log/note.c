#include "core/compress/log/note.h"

#define AMONG     " among the "
#define AMONG_END " lines below"
#define ROWS_OF   "rows of "

static bool take_brackets(str *s)
{
	if (!str_take(s, STR("[")) || !str_ends(*s, STR("]")))
		return false;
	s->n--;
	return true;
}

void log_note_begin(struct buf *b, const struct log_note *n, str until)
{
	buf_add_byte(b, '[');
	buf_add_u64(b, n->number);
	buf_add_c(b, ": ");
	buf_add_u64(b, n->more);
	buf_add_c(b, n->is_errors ? " more errors like this" : " more like this");
	if (until.n) {
		buf_add_c(b, " until ");
		buf_add(b, until);
	}
}

bool log_note_parse(str line, struct log_note *out)
{
	size_t at;

	*out = (struct log_note){0};
	if (!take_brackets(&line) || !str_take_u32(&line, UINT32_MAX, &out->number) ||
		!str_take(&line, STR(": ")) || !str_take_u32(&line, UINT32_MAX, &out->more))
		return false;
	out->is_errors = str_take(&line, STR(" more errors like this"));
	if (!out->is_errors && !str_take(&line, STR(" more like this")))
		return false;
	at = str_find(line, STR("; "));
	if (at != STR_NONE)
		out->values = str_sub(line, at + 2, line.n);
	return true;
}

void log_gap_write(struct buf *b, const struct log_gap *g)
{
	buf_add_byte(b, '[');
	if (g->like) {
		buf_add_u64(b, g->like);
		buf_add_c(b, " like");
		for (uint32_t i = 0; i < g->names_n; i++) {
			buf_add_byte(b, ' ');
			buf_add_u64(b, g->names[i]);
		}
		if (g->has_more_names)
			buf_add_c(b, " and more");
	}
	if (g->others) {
		buf_add_c(b, g->like ? ", " : "");
		buf_add_u64(b, g->others);
		buf_add_c(b, g->others == 1 ? " other" : " others");
	}
	if (g->among) {
		buf_add_c(b, AMONG);
		buf_add_u64(b, g->among);
		buf_add_c(b, AMONG_END);
	}
	buf_add_byte(b, ']');
}

/* Takes " among the 40 lines below" off the end, where it stands there. */
static bool take_among(str *s, uint32_t *n)
{
	str rest = *s;
	size_t at;

	if (!str_ends(rest, STR(AMONG_END)))
		return true;
	rest.n -= sizeof AMONG_END - 1;
	at = str_find(rest, STR(AMONG));
	if (at == STR_NONE)
		return false;
	s->n = at;
	rest = str_sub(rest, at + sizeof AMONG - 1, rest.n);
	return str_take_u32(&rest, UINT32_MAX, n) && *n && !rest.n;
}

static bool take_others(str s, uint32_t *n)
{
	return str_take_u32(&s, UINT32_MAX, n) && *n &&
	       str_eq(s, *n == 1 ? STR(" other") : STR(" others"));
}

bool log_gap_parse(str line, struct log_gap *out)
{
	str rest;

	*out = (struct log_gap){0};
	if (!take_brackets(&line) || !take_among(&line, &out->among))
		return false;
	rest = line;
	if (take_others(rest, &out->others))
		return true;
	out->others = 0;
	if (!str_take_u32(&rest, UINT32_MAX, &out->like) || !out->like ||
		!str_take(&rest, STR(" like")))
		return false;
	while (out->names_n < LOG_GAP_NAMES && rest.n > 1 && rest.p[1] >= '0' && rest.p[1] <= '9')
		if (!str_take(&rest, STR(" ")) ||
			!str_take_u32(&rest, UINT32_MAX, &out->names[out->names_n++]))
			return false;
	out->has_more_names = str_take(&rest, STR(" and more"));
	if (!out->names_n)
		return false;
	return !rest.n || (str_take(&rest, STR(", ")) && take_others(rest, &out->others));
}

void log_rows_begin(struct buf *b, uint32_t number, str spelled)
{
	buf_add_c(b, "[" ROWS_OF);
	buf_add_u64(b, number);
	buf_add_c(b, ": ");
	buf_add(b, spelled);
	buf_add_c(b, "]\n");
}

bool log_rows_parse(str line, uint32_t *number, str *spelled)
{
	if (!take_brackets(&line) || !str_take(&line, STR(ROWS_OF)) ||
		!str_take_u32(&line, UINT32_MAX, number) || !str_take(&line, STR(": ")))
		return false;
	*spelled = line;
	return true;
}
