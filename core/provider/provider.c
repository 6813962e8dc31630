#include "core/provider/provider.h"

#include "core/base/suggest.h"

/* ---- names ------------------------------------------------------------------------------------------- */

enum { NAME_MAX_ = 64 }; /* of what is repeated in a message */

static bool is_skipped(char c)
{
	return c == '-' || c == '_' || c == '.' || c == ' ';
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* As the same letters and digits in the same order. */
static bool is_same(str a, str b)
{
	size_t i = 0, j = 0;

	for (;;) {
		while (i < a.n && is_skipped(a.p[i]))
			i++;
		while (j < b.n && is_skipped(b.p[j]))
			j++;
		if (i == a.n || j == b.n)
			return i == a.n && j == b.n;
		if (lower(a.p[i++]) != lower(b.p[j++]))
			return false;
	}
}

static bool is_called(const struct provider_row *p, str name)
{
	str rest = str_from(p->aliases), one;

	if (is_same(str_from(p->name), name))
		return true;
	while (str_split(&rest, ' ', &one)) {
		if (one.n && is_same(one, name))
			return true;
	}
	return false;
}

const struct provider_row *provider_find(str name)
{
	for (size_t i = 0; i < providers_n; i++) {
		if (is_called(&providers[i], name))
			return &providers[i];
	}
	return NULL;
}

enum err provider_unknown(const char *label, str name, struct errctx *cx)
{
	struct suggest s = suggest_for(name);

	for (size_t i = 0; i < providers_n; i++) {
		str rest = str_from(providers[i].aliases), one;

		suggest_offer(&s, str_from(providers[i].name));
		while (str_split(&rest, ' ', &one))
			suggest_offer(&s, one);
	}
	name.n = name.n < NAME_MAX_ ? name.n : NAME_MAX_;
	if (s.best.n)
		FAIL(cx, E_USAGE,
			"%s: no provider is called '" STR_FMT "' (did you mean '" STR_FMT "'?)",
			label, STR_ARG(name), STR_ARG(s.best));
	FAIL(cx, E_USAGE, "%s: no provider is called '" STR_FMT "'", label, STR_ARG(name));
}

void provider_list(struct buf *out)
{
	for (size_t i = 0; i < providers_n; i++) {
		if (i)
			buf_add_byte(out, ' ');
		buf_add_c(out, providers[i].name);
	}
}

/* ---- dialects ---------------------------------------------------------------------------------------- */

enum wire_format provider_dialect(const struct provider_row *p, enum wire_format client)
{
	if (client == p->dialect || (client == WIRE_ANTHROPIC && p->messages) ||
		(client == WIRE_OPENAI_RESPONSES && p->quirks & PROVIDER_RESPONSES))
		return client;
	/* Vertex has Google's own models in their words beside Claude. */
	if (client == WIRE_GEMINI && p->paths == PROVIDER_VERTEX)
		return client;
	return p->dialect;
}

/* ---- the environment --------------------------------------------------------------------------------- */

static str value_of(char *const *envp, str name)
{
	for (; envp && *envp; envp++) {
		str entry = str_from(*envp);

		if (entry.n > name.n && entry.p[name.n] == '=' && str_starts(entry, name))
			return str_trim(str_sub(entry, name.n + 1, entry.n));
	}
	return STR_NULL;
}

str provider_env(char *const *envp, const char *names, str *which)
{
	str rest = str_from(names), name;

	while (str_split(&rest, ' ', &name)) {
		str value = name.n ? value_of(envp, name) : STR_NULL;

		if (value.n) {
			if (which)
				*which = name;
			return value;
		}
	}
	return STR_NULL;
}

/* What is behind "scheme://host". */
static str path_of(str url)
{
	size_t at = str_find(url, STR("://")), slash;

	at = at == STR_NONE ? 0 : at + 3;
	slash = str_find_byte(str_sub(url, at, url.n), '/');
	return slash == STR_NONE ? STR("") : str_sub(url, at + slash, url.n);
}

static str without_slash(str url)
{
	while (url.n && url.p[url.n - 1] == '/')
		url.n--;
	return url;
}

/* A value for {name} in a base: databricks' host is often written as a URL. */
static str host_of(str value)
{
	(void)(str_take(&value, STR("https://")) || str_take(&value, STR("http://")));
	return without_slash(value);
}

/* Sources: Vertex AI, "Locations"; platform.claude.com, "Claude on Vertex AI" (global, multi-region and regional endpoints). */
str provider_vertex_base(str location, struct arena *a)
{
	if (str_eq(location, STR("global")))
		return STR("https://aiplatform.googleapis.com");
	if (str_eq(location, STR("us")) || str_eq(location, STR("eu")))
		return arena_printf(
			a, "https://aiplatform." STR_FMT ".rep.googleapis.com", STR_ARG(location));
	return arena_printf(a, "https://" STR_FMT "-aiplatform.googleapis.com", STR_ARG(location));
}

static enum err expand(const struct provider_row *p, str text, char *const *envp, str region,
	struct arena *a, str *out, struct errctx *cx)
{
	str done = STR("");
	size_t open;

	if (p->paths == PROVIDER_VERTEX && region.n) {
		*out = provider_vertex_base(region, a);
		return E_OK;
	}
	while ((open = str_find_byte(text, '{')) != STR_NONE) {
		size_t end = str_find_byte(str_sub(text, open, text.n), '}');
		str name = str_sub(text, open + 1, open + end), value;
		bool is_region = str_eq(name, STR("region"));

		value = is_region ? region : host_of(value_of(envp, name));
		if (!value.n && is_region)
			FAIL(cx, E_CONFIG, "%s needs a region: --region", p->name);
		if (!value.n)
			FAIL(cx, E_CONFIG, "%s needs " STR_FMT "%s%s to be set", p->name,
				STR_ARG(name), *p->base_env ? " or " : "", p->base_env);
		done = arena_printf(a, STR_FMT STR_FMT STR_FMT, STR_ARG(done),
			STR_ARG(str_sub(text, 0, open)), STR_ARG(value));
		text = str_sub(text, open + end + 1, text.n);
	}
	*out = arena_printf(a, STR_FMT STR_FMT, STR_ARG(done), STR_ARG(text));
	return E_OK;
}

/* A base that somebody has named: with the path that the table has, where it has none; that of OpenAI's API, where the
 * table has no base. */
static str with_path(const struct provider_row *p, str url, struct arena *a)
{
	str path = path_of(str_from(p->base));

	url = without_slash(url);
	if (str_find(url, STR("://")) == STR_NONE)
		url = arena_printf(a, "http://" STR_FMT, STR_ARG(url)); /* OLLAMA_HOST */
	if (path_of(url).n)
		return url;
	if (!*p->base && p->paths == PROVIDER_PLAIN)
		path = STR("/v1");
	return arena_printf(a, STR_FMT STR_FMT, STR_ARG(url), STR_ARG(path));
}

/* The Anthropic endpoint of one whose base was replaced: on the same host, at the path of the table. */
static str messages_beside(const struct provider_row *p, str base, struct arena *a)
{
	str path = path_of(str_from(p->messages)), host = base;

	if (!*p->messages)
		return base;
	host.n -= path_of(base).n;
	return arena_printf(a, STR_FMT STR_FMT, STR_ARG(host), STR_ARG(path));
}

static enum err find_base(const struct provider_row *p, char *const *envp, str region, str over,
	struct arena *a, struct provider_place *out, struct errctx *cx)
{
	str named = over.n ? over : provider_env(envp, p->base_env, NULL);

	out->messages = STR("");
	if (named.n) {
		out->base = with_path(p, named, a);
		if (p->messages)
			out->messages = messages_beside(p, out->base, a);
		return E_OK;
	}
	if (!*p->base)
		FAIL(cx, E_CONFIG, "%s needs a base URL: set %s", p->name, p->base_env);
	TRY(expand(p, str_from(p->base), envp, region, a, &out->base, cx));
	if (p->messages)
		out->messages = *p->messages ? str_from(p->messages) : out->base;
	return E_OK;
}

enum err provider_locate(const struct provider_row *p, char *const *envp, str region, str over,
	struct arena *a, struct provider_place *out, struct errctx *cx)
{
	*out = (struct provider_place){.base = STR("")};
	TRY(find_base(p, envp, region, over, a, out, cx));
	out->key = provider_env(envp, p->key_env, &out->key_from);
	if (!out->key.n && *p->key_env && !(p->quirks & PROVIDER_KEY_OPTIONAL))
		FAIL(cx, E_CONFIG, "%s needs a key: set %s", p->name, p->key_env);
	return E_OK;
}
