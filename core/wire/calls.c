#include "core/wire/calls.h"

#include "core/base/hash.h"

void wire_calls_add(struct wire_calls *c, str id, str name)
{
	struct wire_call *e = &c->v[c->n++ % CALLS_KEPT];

	*e = (struct wire_call){.id = hash64(id)};
	if (name.n && name.n <= CALLS_NAME) {
		memcpy(e->name, name.p, name.n);
		e->name_n = (uint8_t)name.n;
	}
}

str wire_calls_name(const struct wire_calls *c, str id)
{
	uint64_t want = hash64(id);
	uint32_t kept = c->n < CALLS_KEPT ? c->n : CALLS_KEPT;

	for (uint32_t i = 1; i <= kept; i++) {
		const struct wire_call *e = &c->v[(c->n - i) % CALLS_KEPT];

		if (e->id == want)
			return (str){e->name, e->name_n};
	}
	return STR_NULL;
}
