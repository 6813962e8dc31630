/* parts: what a request saved by tool and by encoder, on its way to the ledger. */
#include <math.h>

#include "proxy/exchange.h"

/* Names beyond the maximum are one: room is kept for that of each kind. */
static void add_part(
	struct exchange *x, enum ledger_part_kind kind, str name, uint64_t results, int64_t saved)
{
	struct ledger_part *p, *end;

	if (!x->parts)
		x->parts = arena_array(&x->arena, struct ledger_part, LEDGER_PARTS_MAX);
	p = x->parts;
	end = x->parts + x->parts_n;

	while (p < end && (p->kind != kind || !str_eq(p->name, name)))
		p++;
	if (p == end && x->parts_n >= LEDGER_PARTS_MAX - LEDGER_PART_N &&
		!str_eq_c(name, LEDGER_OTHER)) {
		add_part(x, kind, STR(LEDGER_OTHER), results, saved);
		return;
	}
	if (p == end) {
		*p = (struct ledger_part){.kind = kind, .name = arena_str(&x->arena, name)};
		x->parts_n++;
	}
	p->results += results;
	p->saved += saved;
}

/* "gutter+reference Read", "- Bash" */
static str name_of(struct exchange *x, str encoders, str tool)
{
	struct buf name;

	encoders = encoders.n ? encoders : STR("-");
	tool = tool.n ? tool : STR("(no name)");
	buf_init_arena(&name, &x->arena, encoders.n + 1 + tool.n);
	(void)buf_reserve(&name, encoders.n + 1 + tool.n);
	buf_add(&name, encoders);
	buf_add_byte(&name, ' ');
	buf_add(&name, tool);
	return buf_str(&name);
}

void exchange_add_again(struct exchange *x, const struct compress_again *a)
{
	str name = name_of(x, a->encoders, a->tool);

	add_part(x, a->was_retrieved ? LEDGER_PART_RETRIEVED : LEDGER_PART_AGAIN, name, 0, 1);
	if (a->was_retrieved)
		x->retrieved_n++;
	else
		x->again_n++;
}

void exchange_add_parts(struct exchange *x, const struct compress_block *b, int64_t saved)
{
	if (b->is_fresh)
		add_part(x, LEDGER_PART_AGAIN, name_of(x, b->encoders, b->tool), 1, 0);
	if (!b->encoders.n)
		return;
	add_part(x, LEDGER_PART_TOOL, b->tool.n ? b->tool : STR("(no name)"), 1, saved);
	add_part(x, LEDGER_PART_ENCODER, b->encoders, 1, saved);
}

void exchange_write_parts(const struct exchange *x, struct buf *out)
{
	struct ledger_part parts[LEDGER_PARTS_MAX];

	for (size_t i = 0; i < x->parts_n; i++) {
		parts[i] = x->parts[i];
		if (parts[i].kind <= LEDGER_PART_ENCODER) /* tokens; the others are times */
			parts[i].saved = llround((double)x->parts[i].saved * x->scale);
	}
	ledger_parts_write(out, parts, x->parts_n);
}
