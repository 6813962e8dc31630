/* Any bytes as one of the small files that are read at a start or by a tool; the first byte says which:
 *	t	--tokens-file: refused with the line, or rows that keep what proxy/tenant.h says of them
 *	l	what --learn has seen: what is taken is written, and is the same when it is read and written again
 *	a	~/.aws/config, a line "--" and ~/.aws/credentials: values are slices of them
 *	i	.gitignore, whose first line is the path that is asked for
 *	w	a date in a text: a span of time that has a length, or none */
#include <ctype.h>

#include "core/base/check.h"
#include "core/graph/ignore.h"
#include "core/memory/when.h"
#include "learn/live_known.h"
#include "proxy/aws_profile.h"
#include "proxy/tenant.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static bool is_name(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!memchr("-_", s.p[i], 2) && !isalnum((unsigned char)s.p[i]))
			return false;
	return s.n && s.n <= TENANT_NAME_MAX;
}

static void check_tokens(str text, struct arena *a)
{
	struct tenant_rows rows;
	struct errctx cx = {0};
	enum err err = tenant_rows_read(a, text, &rows, &cx);

	if (err) {
		ASSERT(err == E_CONFIG && cx.code == err && cx.text[0]);
		return;
	}
	ASSERT(rows.n <= TENANTS_MAX);
	for (size_t i = 0; i < rows.n; i++) {
		const struct tenant_row *r = &rows.v[i];

		ASSERT(is_name(r->name));
		ASSERT(r->tokens_n && r->tokens_n <= TENANT_TOKENS_MAX);
		ASSERT(r->project.n <= TENANT_PROJECT_MAX && r->line);
		for (size_t k = 0; k < i; k++)
			ASSERT(!str_eq(rows.v[k].name, r->name));
	}
}

static bool print(str text, struct buf *out)
{
	struct live_known k;
	bool is_read;

	live_known_init(&k);
	is_read = live_known_parse(&k, text, NULL) == E_OK;
	if (is_read)
		live_known_print(&k, out);
	live_known_release(&k);
	return is_read;
}

static void check_live(str text, struct arena *a)
{
	struct buf once, again;

	buf_init_arena(&once, a, LIMIT_INPUT);
	buf_init_arena(&again, a, LIMIT_INPUT);
	if (!print(text, &once))
		return;
	ASSERT(print(buf_str(&once), &again));
	ASSERT(str_eq(buf_str(&once), buf_str(&again)));
}

static void check_aws(str text, struct arena *a)
{
	static const str names[] = {{"default", 7}, {"team", 4}};
	size_t cut = str_find(text, STR("\n--\n"));
	str config = cut == STR_NONE ? text : str_sub(text, 0, cut),
	    credentials = cut == STR_NONE ? text : str_sub(text, cut, text.n);

	(void)a;
	for (size_t i = 0; i < ARRAY_N(names); i++) {
		struct aws_profile p;
		const str *values[] = {&p.access, &p.secret, &p.session, &p.region, &p.role,
			&p.source_profile, &p.credential_source, &p.web_token_file, &p.sso_session,
			&p.sso_start_url, &p.sso_account, &p.process};

		aws_profile_read(config, credentials, names[i], &p);
		for (size_t k = 0; k < ARRAY_N(values); k++)
			ASSERT(!values[k]->n ||
				(p.is_there && values[k]->p >= text.p &&
					values[k]->p + values[k]->n <= text.p + text.n));
	}
}

static void check_ignore(str text, struct arena *a)
{
	const struct ignore *root, *below;
	str path = STR("");

	(void)str_next_line(&text, &path, NULL);
	root = ignore_read(text, STR(""), NULL, a);
	below = ignore_read(text, STR("a"), root, a);
	(void)!ignore_has(root, path, true);
	(void)!ignore_has(root, path, false);
	if (str_starts(path, STR("a/")))
		(void)!ignore_has(below, path, false);
}

static void check_when(str text, struct arena *a)
{
	struct when w;

	(void)a;
	if (when_find(text, 0, &w))
		ASSERT(w.from_ms < w.until_ms);
	if (when_find(text, 1767225600000, &w))
		ASSERT(w.from_ms < w.until_ms);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const struct {
		char letter;
		void (*check)(str text, struct arena *a);
	} kinds[] = {{'t', check_tokens}, {'l', check_live}, {'a', check_aws}, {'i', check_ignore},
		{'w', check_when}};
	struct arena a = ARENA_INIT;

	if (!n || n > 1 << 16)
		return 0;
	for (size_t i = 0; i < ARRAY_N(kinds); i++)
		if (kinds[i].letter == (char)data[0])
			kinds[i].check((str){(const char *)data + 1, n - 1}, &a);
	arena_release(&a);
	return 0;
}
