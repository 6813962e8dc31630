/* parts: what a request saved by tool and by encoder, on its way to the ledger. */
#include <math.h>

#include "proxy/exchange.h"

/* Names beyond the maximum are one: room is kept for that of each kind. */
static void add_part(struct exchange *x, enum ledger_part_kind kind, str name, int64_t saved)
{
	struct ledger_part *p = x->parts, *end = x->parts + x->parts_n;

	while (p < end && (p->kind != kind || !str_eq(p->name, name)))
		p++;
	if (p == end && x->parts_n >= LEDGER_PARTS_MAX - 2 && !str_eq_c(name, LEDGER_OTHER)) {
		add_part(x, kind, STR(LEDGER_OTHER), saved);
		return;
	}
	if (p == end) {
		*p = (struct ledger_part){.kind = kind, .name = arena_str(&x->arena, name)};
		x->parts_n++;
	}
	p->results++;
	p->saved += saved;
}

void exchange_add_parts(struct exchange *x, const struct compress_block *b, int64_t saved)
{
	if (!b->encoders.n)
		return;
	if (!x->parts)
		x->parts = arena_array(&x->arena, struct ledger_part, LEDGER_PARTS_MAX);
	add_part(x, LEDGER_PART_TOOL, b->tool.n ? b->tool : STR("(no name)"), saved);
	add_part(x, LEDGER_PART_ENCODER, b->encoders, saved);
}

void exchange_write_parts(const struct exchange *x, struct buf *out)
{
	struct ledger_part parts[LEDGER_PARTS_MAX];

	for (size_t i = 0; i < x->parts_n; i++) {
		parts[i] = x->parts[i];
		parts[i].saved = llround((double)x->parts[i].saved * x->scale);
	}
	ledger_parts_write(out, parts, x->parts_n);
}
