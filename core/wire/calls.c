#include "core/wire/calls.h"

#include "core/base/hash.h"

void wire_calls_add(struct wire_calls *c, str id, str name, uint32_t number)
{
	struct wire_call *e = &c->v[c->n++ % CALLS_KEPT];

	*e = (struct wire_call){.id = hash64(id), .number = number};
	if (name.n && name.n <= CALLS_NAME) {
		memcpy(e->name, name.p, name.n);
		e->name_n = (uint8_t)name.n;
	}
}

const struct wire_call *wire_calls_find(const struct wire_calls *c, str id)
{
	uint64_t want = hash64(id);
	uint32_t kept = c->n < CALLS_KEPT ? c->n : CALLS_KEPT;

	for (uint32_t i = 1; i <= kept; i++) {
		const struct wire_call *e = &c->v[(c->n - i) % CALLS_KEPT];

		if (e->id == want)
			return e;
	}
	return NULL;
}
