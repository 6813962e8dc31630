#include "core/mcp/graph_page.h"

enum {
	/* Some 2,000 tokens of callers. */
	ROWS_USUAL = 300,
	ROWS_MAX = 3000,
	ANSWER_MAX = 64 << 10,
	AROUND = 256, /* bytes beside a row's texts, and of the last line */
};

void graph_page_init(struct graph_page *p, enum graph_question question, str what, uint64_t offset,
	uint64_t limit)
{
	*p = (struct graph_page){
		.question = question, .what = what, .offset = offset, .limit = ROWS_USUAL};
	if (limit)
		p->limit = limit < ROWS_MAX ? limit : ROWS_MAX;
	buf_init(&p->text, ANSWER_MAX);
	buf_init(&p->last, ANSWER_MAX);
	buf_init(&p->head, ANSWER_MAX);
	buf_init(&p->label, ANSWER_MAX);
}

void graph_page_release(struct graph_page *p)
{
	buf_release(&p->text);
	buf_release(&p->last);
	buf_release(&p->head);
	buf_release(&p->label);
}

static void set(struct buf *b, str text)
{
	buf_reset(b);
	buf_add(b, text);
}

/* True when it is the row that came last: two calls of a name in a line are one answer. */
static bool is_again(struct graph_page *p, str path, const struct graph_row *row)
{
	struct buf b;
	bool is_same;

	buf_init(&b, ANSWER_MAX);
	buf_printf(&b, "%u %u ", row->first, row->last);
	buf_add(&b, path);
	buf_add_byte(&b, '\n');
	buf_add(&b, row->name);
	buf_add_byte(&b, '\n');
	buf_add(&b, row->within);
	is_same = !b.err && str_eq(buf_str(&b), buf_str(&p->last));
	buf_release(&p->last);
	p->last = b;
	return is_same;
}

/* The row with the places so far ends. */
static void end_row(struct graph_page *p)
{
	if (!p->has_place)
		return;
	if (p->label.n)
		buf_add_byte(&p->text, ' ');
	buf_add(&p->text, buf_str(&p->label));
	buf_add_byte(&p->text, '\n');
	p->has_place = false;
}

/* What stands behind the places. */
static void make_label(const struct graph_page *p, const struct graph_row *row, struct buf *b)
{
	switch (p->question) {
	case GRAPH_CALLERS:
	case GRAPH_REACHED:
	case GRAPH_USES:
		buf_add(b, row->within);
		if (!str_eq(row->name, p->what)) {
			buf_add_c(b, b->n ? " by " : "by ");
			buf_add(b, row->name);
		}
		break;
	case GRAPH_CALLS:
		buf_add(b, row->name);
		break;
	case GRAPH_IMPORTERS:
		break;
	default:
		buf_add(b, row->name);
		buf_add_c(b, row->within.n ? " in " : "");
		buf_add(b, row->within);
	}
}

static void add_place(struct graph_page *p, str path, const struct graph_row *row)
{
	bool is_of_file = p->question != GRAPH_IMPORTERS;

	if (!is_of_file) {
		buf_add(&p->text, path);
		buf_add_byte(&p->text, ':');
	}
	buf_add_u64(&p->text, row->first);
	if (row->last != row->first && row->kind != GRAPH_CALL && row->kind != GRAPH_IMPORT)
		buf_printf(&p->text, "-%u", row->last);
	p->has_place = true;
}

static void write_row(struct graph_page *p, str path, const struct graph_row *row)
{
	str head = p->question == GRAPH_IMPORTERS ? row->name : path;
	struct buf label;

	buf_init(&label, ANSWER_MAX);
	make_label(p, row, &label);
	if (!str_eq(head, buf_str(&p->head))) {
		end_row(p);
		set(&p->head, head);
		buf_add(&p->text, head);
		buf_add_byte(&p->text, '\n');
	}
	if (p->has_place && label.n && str_eq(buf_str(&label), buf_str(&p->label)))
		buf_add_byte(&p->text, ',');
	else
		end_row(p);
	add_place(p, path, row);
	buf_release(&p->label);
	p->label = label;
}

void graph_page_add(void *self, str path, const struct graph_row *row)
{
	struct graph_page *p = self;
	size_t room = path.n + row->name.n + row->within.n + p->label.n + AROUND;

	if (is_again(p, path, row))
		return;
	p->rows++;
	if (p->rows <= p->offset || p->is_full)
		return;
	p->is_full = p->rows - p->offset > p->limit || p->text.n + room > ANSWER_MAX;
	if (p->is_full)
		return;
	p->end = p->rows;
	write_row(p, path, row);
}

void graph_page_end(struct graph_page *p)
{
	end_row(p);
	if (p->rows && p->offset >= p->rows)
		buf_printf(&p->text, "(there are %llu rows)\n", (unsigned long long)p->rows);
	else if (p->offset || p->end < p->rows)
		buf_printf(&p->text, "(rows %llu to %llu of %llu",
			(unsigned long long)p->offset + 1, (unsigned long long)p->end,
			(unsigned long long)p->rows);
	else
		return;
	if (p->offset < p->rows && p->end < p->rows)
		buf_printf(&p->text, "; for more: offset %llu", (unsigned long long)p->end);
	if (p->offset < p->rows)
		buf_add_c(&p->text, ")\n");
}
