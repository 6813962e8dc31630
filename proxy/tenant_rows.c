#include <math.h>

#include "core/base/toml.h"
#include "core/base/vec.h"
#include "proxy/tenant.h"

/* What one reads a file of tokens with. */
struct reading {
	struct arena *a;
	struct tenant_rows *out;
	VEC(struct tenant_row) rows;
	struct errctx *cx;
};

#define REMEDY_TOKEN "make one with: openssl rand -hex 32"

static bool is_name(str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
			    c == '_' || (c == '-' && i)))
			return false;
	}
	return s.n && s.n <= TENANT_NAME_MAX;
}

/* RFC 6750 section 2.1: what may stand behind "Bearer ". */
static bool is_bearer(str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
			    (c && strchr("-._~+/=", c))))
			return false;
	}
	return true;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_digest(str s, unsigned char out[SHA256_BYTES])
{
	if (s.n != SHA256_HEX)
		return false;
	for (size_t i = 0; i < SHA256_BYTES; i++) {
		int hi = hex_value(s.p[2 * i]), lo = hex_value(s.p[2 * i + 1]);

		if (hi < 0 || lo < 0)
			return false;
		out[i] = (unsigned char)(hi << 4 | lo);
	}
	return true;
}

/* ---- the keys of a table ------------------------------------------------------------------------------ */

static enum err add_token(struct reading *r, struct tenant_row *row, const struct toml_item *it,
	const struct toml_value *v, bool is_digest)
{
	unsigned char *to;

	if (v->type != TOML_STRING)
		FAIL(r->cx, E_CONFIG, "line %u: %s is a string, or a list of strings", it->line,
			is_digest ? "sha256" : "token");
	if (row->tokens_n == TENANT_TOKENS_MAX)
		FAIL(r->cx, E_CONFIG, "line %u: more than %d tokens of one name", it->line,
			(int)TENANT_TOKENS_MAX);
	to = row->tokens[row->tokens_n];
	if (is_digest && !read_digest(v->u.string, to))
		FAIL(r->cx, E_CONFIG,
			"line %u: sha256 is 64 hex digits; printf %%s TOKEN | sha256sum prints "
			"them",
			it->line);
	if (!is_digest) {
		/* An escape would be a copy of the secret that nobody overwrites. */
		if (!is_bearer(v->u.string) || v->at.end - v->at.start != v->u.string.n + 2)
			FAIL(r->cx, E_CONFIG,
				"line %u: a token is letters, digits and -._~+/= ; " REMEDY_TOKEN,
				it->line);
		if (v->u.string.n < TENANT_TOKEN_MIN || v->u.string.n > TENANT_TOKEN_MAX)
			FAIL(r->cx, E_CONFIG, "line %u: a token has %d to %d bytes; " REMEDY_TOKEN,
				it->line, (int)TENANT_TOKEN_MIN, (int)TENANT_TOKEN_MAX);
		sha256(v->u.string, to);
		r->out->has_secrets = true;
	}
	row->tokens_n++;
	return E_OK;
}

static enum err add_tokens(
	struct reading *r, struct tenant_row *row, const struct toml_item *it, bool is_digest)
{
	const struct toml_value *v = &it->value;

	if (v->type != TOML_ARRAY)
		return add_token(r, row, it, v, is_digest);
	for (size_t i = 0; i < v->u.array.n; i++)
		TRY(add_token(r, row, it, &v->u.array.v[i], is_digest));
	return E_OK;
}

static enum err read_tokens(struct reading *r, struct tenant_row *row, const struct toml_item *it)
{
	return add_tokens(r, row, it, false);
}

static enum err read_digests(struct reading *r, struct tenant_row *row, const struct toml_item *it)
{
	return add_tokens(r, row, it, true);
}

enum { USD_MAX = 1000000000 }; /* what fits into nano-dollars of 63 bits, and as of --budget */

static enum err read_budget(struct reading *r, struct tenant_row *row, const struct toml_item *it)
{
	const struct toml_value *v = &it->value;
	double usd = v->type == TOML_INT     ? (double)v->u.integer
		     : v->type == TOML_FLOAT ? v->u.real
					     : -1;

	if (!isfinite(usd) || usd < 0 || usd > USD_MAX)
		FAIL(r->cx, E_CONFIG, "line %u: budget is an amount in USD, from 0 to %d", it->line,
			(int)USD_MAX);
	row->budget.is_on = true;
	row->budget.limit_nano = (int64_t)(usd * 1e9);
	return E_OK;
}

static enum err read_period(struct reading *r, struct tenant_row *row, const struct toml_item *it)
{
	for (int p = 0; it->value.type == TOML_STRING && p < BUDGET_PERIOD_N; p++)
		if (str_eq_c(it->value.u.string, budget_period_name((enum budget_period)p))) {
			row->budget.period = (enum budget_period)p;
			return E_OK;
		}
	FAIL(r->cx, E_CONFIG, "line %u: budget_period is \"hourly\", \"daily\" or \"monthly\"",
		it->line);
}

enum { RATE_MAX = 1000000000 }; /* as of --rpm and --tpm */

static enum err read_rate(struct reading *r, const struct toml_item *it, uint32_t *out)
{
	const struct toml_value *v = &it->value;

	if (v->type != TOML_INT || v->u.integer < 0 || v->u.integer > RATE_MAX)
		FAIL(r->cx, E_CONFIG, "line %u: a number from 0 (no limit) to %d is expected",
			it->line, (int)RATE_MAX);
	*out = (uint32_t)v->u.integer;
	return E_OK;
}

static enum err read_rpm(struct reading *r, struct tenant_row *row, const struct toml_item *it)
{
	return read_rate(r, it, &row->limit.rpm);
}

static enum err read_tpm(struct reading *r, struct tenant_row *row, const struct toml_item *it)
{
	return read_rate(r, it, &row->limit.tpm);
}

static enum err read_project(struct reading *r, struct tenant_row *row, const struct toml_item *it)
{
	str s = it->value.type == TOML_STRING ? it->value.u.string : STR_NULL;

	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			s = STR_NULL;
	if (!s.n || s.n > TENANT_PROJECT_MAX)
		FAIL(r->cx, E_CONFIG, "line %u: project is a name of up to %d printable bytes",
			it->line, (int)TENANT_PROJECT_MAX);
	row->project = s;
	return E_OK;
}

static enum err read_admin(struct reading *r, struct tenant_row *row, const struct toml_item *it)
{
	if (it->value.type != TOML_BOOL)
		FAIL(r->cx, E_CONFIG, "line %u: admin is true or false", it->line);
	row->is_admin = it->value.u.is_true;
	return E_OK;
}

static const struct {
	const char *key;
	enum err (*read)(struct reading *r, struct tenant_row *row, const struct toml_item *it);
} KEYS[] = {
	{"token", read_tokens},
	{"sha256", read_digests},
	{"budget", read_budget},
	{"budget_period", read_period},
	{"rpm", read_rpm},
	{"tpm", read_tpm},
	{"project", read_project},
	{"admin", read_admin},
};

/* ---- the whole ---------------------------------------------------------------------------------------- */

static struct tenant_row *row_of(struct reading *r, str name, uint32_t line)
{
	for (size_t i = 0; i < r->rows.n; i++)
		if (str_eq(r->rows.v[i].name, name))
			return &r->rows.v[i];
	*vec_push(&r->rows, r->a) =
		(struct tenant_row){.name = name, .line = line, .budget = {.period = BUDGET_DAILY}};
	return &r->rows.v[r->rows.n - 1];
}

static enum err read_item(struct reading *r, const struct toml_item *it)
{
	str key = it->path;

	if (!it->table.n)
		FAIL(r->cx, E_CONFIG, "line %u: every key belongs to a name: write [NAME] above it",
			it->line);
	if (!is_name(it->table))
		FAIL(r->cx, E_CONFIG, "line %u: a name is up to %d letters, digits, '-' and '_'",
			it->line, (int)TENANT_NAME_MAX);
	key = str_sub(key, it->table.n + 1, key.n);
	for (size_t i = 0; i < ARRAY_N(KEYS); i++)
		if (str_eq_c(key, KEYS[i].key))
			return KEYS[i].read(r, row_of(r, it->table, it->line), it);
	FAIL(r->cx, E_CONFIG,
		"line %u: a name has token or sha256, budget, budget_period, rpm, tpm, project "
		"and admin, and nothing else",
		it->line);
}

/* Each row has a token that no other one has. */
static enum err check_rows(struct reading *r)
{
	if (r->rows.n > TENANTS_MAX)
		FAIL(r->cx, E_CONFIG, "more than %d names", (int)TENANTS_MAX);
	for (size_t i = 0; i < r->rows.n; i++) {
		const struct tenant_row *row = &r->rows.v[i];

		if (!row->tokens_n)
			FAIL(r->cx, E_CONFIG,
				"line %u: [" STR_FMT
				"] has no token: give it token or sha256; " REMEDY_TOKEN,
				row->line, STR_ARG(row->name));
		for (size_t k = 0; k < i; k++)
			for (size_t m = 0; m < row->tokens_n * r->rows.v[k].tokens_n; m++)
				if (!memcmp(row->tokens[m % row->tokens_n],
					    r->rows.v[k].tokens[m / row->tokens_n], SHA256_BYTES))
					FAIL(r->cx, E_CONFIG,
						"line %u: [" STR_FMT "] and [" STR_FMT
						"] have the same token",
						row->line, STR_ARG(row->name),
						STR_ARG(r->rows.v[k].name));
	}
	if (!r->rows.n)
		FAIL(r->cx, E_CONFIG, "holds no token: write [NAME] and below it token = \"...\"");
	return E_OK;
}

enum err tenant_rows_read(struct arena *a, str text, struct tenant_rows *out, struct errctx *cx)
{
	struct toml_doc doc;
	struct reading r = {.a = a, .out = out, .cx = cx};

	*out = (struct tenant_rows){0};
	TRY(toml_parse(a, text, &doc, cx));
	for (size_t i = 0; i < doc.tables_n && r.rows.n <= TENANTS_MAX; i++) {
		if (!is_name(doc.tables[i].path))
			FAIL(cx, E_CONFIG,
				"line %u: a name is up to %d letters, digits, '-' and '_'",
				doc.tables[i].line, (int)TENANT_NAME_MAX);
		(void)row_of(&r, doc.tables[i].path, doc.tables[i].line);
	}
	for (size_t i = 0; i < doc.n && r.rows.n <= TENANTS_MAX; i++)
		TRY(read_item(&r, &doc.items[i]));
	TRY(check_rows(&r));
	out->v = r.rows.v;
	out->n = r.rows.n;
	return E_OK;
}
