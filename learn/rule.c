#include "learn/rule.h"

static const struct {
	const char *name, *section;
	bool is_context;
} KINDS[RULE_KIND_N] = {
#define X(kind, name, section, is_context) [RULE_##kind] = {name, section, is_context},
	RULE_MAP(X)
#undef X
};

const char *rule_kind_name(enum rule_kind k)
{
	return KINDS[k].name;
}

const char *rule_kind_section(enum rule_kind k)
{
	return KINDS[k].section;
}

bool rule_kind_is_context(enum rule_kind k)
{
	return KINDS[k].is_context;
}

bool rule_kind_parse(str name, enum rule_kind *out)
{
	for (enum rule_kind k = 0; k < RULE_KIND_N; k++) {
		if (!str_eq_c(name, KINDS[k].name))
			continue;
		*out = k;
		return true;
	}
	return false;
}

static int cmp_more(uint64_t a, uint64_t b)
{
	return a == b ? 0 : a > b ? -1 : 1;
}

int rule_cmp(const void *a, const void *b)
{
	const struct rule *x = a, *y = b;
	int by = (int)x->kind - (int)y->kind;

	by = by ? by : cmp_more(x->tokens_saved, y->tokens_saved);
	by = by ? by : cmp_more(x->evidence, y->evidence);
	return by ? by : strcmp(x->key, y->key);
}
