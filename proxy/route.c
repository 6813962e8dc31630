#include "proxy/route.h"

#include "core/base/utf8.h"
#include "proxy/header.h"
#include "proxy/jwt.h"
#include "proxy/path.h"
#include "proxy/route_table.h"

/* Base of the models that a ChatGPT login has, on upstream_base(UPSTREAM_CHATGPT). Codex appends to it what it
 * would append to https://api.openai.com/v1 with a key. */
#define CODEX_PATH "/backend-api/codex"

static const char *const NAMES[UPSTREAM_N] = {
#define X(name, text, base) [UPSTREAM_##name] = (text),
	UPSTREAM_MAP(X)
#undef X
};

static const char *const BASES[UPSTREAM_N] = {
#define X(name, text, base) [UPSTREAM_##name] = (base),
	UPSTREAM_MAP(X)
#undef X
};

static const enum error_shape SHAPES[UPSTREAM_N] = {
	[UPSTREAM_ANTHROPIC] = SHAPE_ANTHROPIC,
	[UPSTREAM_OPENAI] = SHAPE_OPENAI,
	[UPSTREAM_CHATGPT] = SHAPE_OPENAI,
	[UPSTREAM_GEMINI] = SHAPE_GEMINI,
	[UPSTREAM_CLOUDCODE] = SHAPE_GEMINI,
	[UPSTREAM_VERTEX] = SHAPE_GEMINI,
	[UPSTREAM_BEDROCK] = SHAPE_ANTHROPIC,
	[UPSTREAM_BACKEND] = SHAPE_OWN, /* that of the client stays */
};

const char *upstream_name(enum upstream u)
{
	return NAMES[u];
}

const char *upstream_base(enum upstream u)
{
	return BASES[u];
}

static enum error_shape shape_of(enum upstream u, enum wire_format f)
{
	if (f == WIRE_ANTHROPIC)
		return SHAPE_ANTHROPIC;
	return f == WIRE_OPENAI_CHAT || f == WIRE_OPENAI_RESPONSES ? SHAPE_OPENAI : SHAPES[u];
}

/* ---- whose credentials are they? ----------------------------------------------------------------------- */

static bool has(const struct http_head *h, const char *name)
{
	return http_header_find(h, str_from(name)).n > 0;
}

/* A ChatGPT login: says its account in a header, or in its token (then *account is set). */
static bool is_chatgpt(const struct http_head *h, struct arena *a, str *account)
{
	str token = bearer_token(http_header_find(h, STR("authorization")));

	if (has(h, "chatgpt-account-id"))
		return true;
	return token.n && jwt_chatgpt_account(token, a, account);
}

/* Signs of a client of Anthropic's, as far as paths do not tell. */
static bool is_anthropic(const struct http_head *h)
{
	str agent = http_header_find(h, STR("user-agent"));

	return has(h, "x-api-key") || has(h, "anthropic-version") ||
	       str_starts(
		       bearer_token(http_header_find(h, STR("authorization"))), STR("sk-ant-")) ||
	       str_find(agent, STR("claude-code/")) != STR_NONE ||
	       str_find(agent, STR("claude-cli/")) != STR_NONE;
}

static enum upstream by_credentials(
	const struct http_head *h, str query, struct arena *a, str *account)
{
	if (is_chatgpt(h, a, account))
		return UPSTREAM_CHATGPT;
	if (has(h, "x-goog-api-key"))
		return UPSTREAM_GEMINI;
	if (is_anthropic(h))
		return UPSTREAM_ANTHROPIC;
	if (!has(h, "authorization") && query_find(query, STR("key")).n)
		return UPSTREAM_GEMINI;
	return UPSTREAM_OPENAI;
}

/* ---- parts of a target --------------------------------------------------------------------------------- */

/* What people can read of a name, up to the limit. */
static str printable(str s, struct arena *a)
{
	char *out = arena_alloc(a, s.n, 1);
	size_t n = 0, chars = 0;

	while (s.n && chars < ROUTE_PROJECT_CHARS) {
		size_t whole = utf8_valid_n(str_sub(s, 0, s.n < 4 ? s.n : 4)), len = 1;
		unsigned char c = (unsigned char)s.p[0];
		bool is_control = c < ' ' || c == 0x7f;

		if (whole && c >= 0x80) {
			len = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
			is_control = c == 0xc2 && (unsigned char)s.p[1] < 0xa0; /* U+0080..U+009F */
		}
		if (whole && !is_control) {
			memcpy(out + n, s.p, len);
			n += len;
			chars++;
		}
		s = str_sub(s, len, s.n);
	}
	return str_trim((str){out, n});
}

/* Takes "/p/NAME" off the beginning of a target, when a path follows. A NAME that is a dot segment, in any
 * spelling, is none: a server before us may have meant something else by it. */
static str take_project(str *target, struct arena *a)
{
	str rest = *target, name;
	size_t end;

	if (!str_take(&rest, STR("/p/")))
		return STR_NULL;
	end = str_find_byte(rest, '/');
	if (end == STR_NONE || end == 0)
		return STR_NULL;
	name = percent_decode(str_sub(rest, 0, end), a);
	if (str_find_byte(str_sub(rest, 0, end), '?') != STR_NONE || str_eq(name, STR(".")) ||
		str_eq(name, STR("..")))
		return STR_NULL;
	*target = str_sub(rest, end, rest.n);
	return printable(name, a);
}

/* The target as a path that can stand behind a base: what does not begin with '/' would become a part of the
 * host's name there. */
static str target_path(str target, struct arena *a)
{
	if (str_starts(target, STR("/")))
		return target;
	if (!target.n || str_eq(target, STR("*")))
		return STR("/");
	return path_join(STR("/"), target, a);
}

static bool is_upgrade(const struct http_head *h)
{
	return http_header_has(h, STR("upgrade"), STR("websocket")) &&
	       http_header_has(h, STR("connection"), STR("upgrade"));
}

/* ---- the decision -------------------------------------------------------------------------------------- */

/* Is method in a list as "GET, HEAD"? */
static bool is_allowed(str method, const char *allow)
{
	str rest = str_from(allow), m;

	while (str_split(&rest, ',', &m)) {
		if (str_eq(str_trim(m), method))
			return true;
	}
	return false;
}

static void route_own(const struct own_row *row, str method, struct route *out)
{
	out->kind = ROUTE_OWN;
	out->own = row->own;
	out->own_allow = row->allow;
	out->own_methods_ok = is_allowed(method, row->allow);
	out->is_loopback_only = row->is_loopback_only;
	out->is_open = row->is_open;
	out->shape = SHAPE_OWN;
	out->endpoint = row->endpoint;
}

/* Methods that start nothing that costs. */
#define READING "GET, HEAD, OPTIONS, DELETE"

/* What the tables say of a path. */
struct found {
	const struct route_row *row; /* NULL: not known */
	str path;                    /* as it is forwarded */
	str star;
	bool is_plain;
};

/* A model of Bedrock's by its ARN, whose slash is an escape: the one place where that means nothing else. */
static bool is_plain_arn(str path, struct arena *a)
{
	char *p = arena_cstr(a, path);

	if (!str_starts(path, STR("/model/arn:")) && !str_starts(path, STR("/model/arn%3A")))
		return false;
	for (char *at = p; (at = strstr(at, "%2F")) != NULL;)
		memset(at, '-', 3);
	return path_is_plain((str){p, path.n});
}

static struct found find_row(str path, struct arena *a)
{
	struct found f = {.path = path, .is_plain = path_is_plain(path) || is_plain_arn(path, a)};
	str known = path;

	if (!f.is_plain)
		return f;
	while (str_starts(known, STR("//")))
		known = str_sub(known, 1, known.n);
	known = route_alias(known, a);
	f.row = route_row_find(
		str_sub(known, 0, known.n - (known.n > 1 && str_ends(known, STR("/")))), &f.star);
	if (f.row)
		f.path = known;
	return f;
}

/* A path of the API as a ChatGPT login has it; other paths are chatgpt.com's own. */
static str codex_path(str path, struct arena *a)
{
	str rest = path;

	if (!str_take(&rest, STR("/v1")) || (rest.n && rest.p[0] != '/'))
		return path;
	return path_join(STR(CODEX_PATH), rest, a);
}

static void apply_row(
	const struct http_head *h, const struct found *f, struct arena *a, struct route *out)
{
	const struct route_row *row = f->row;
	bool has_body = str_eq(h->method, STR("POST")) && !out->is_upgrade;

	out->kind = has_body ? row->kind : ROUTE_PASS;
	out->format = out->kind == ROUTE_PASS ? WIRE_NONE : row->format;
	out->is_enveloped = (row->flags & ROW_ENVELOPED) != 0;
	out->is_stream = (row->flags & ROW_STREAM) != 0;
	out->endpoint = row->endpoint;
	if (row->flags & ROW_MODEL)
		out->model = percent_decode(f->star, a);
}

static bool is_rate_limited(const struct http_head *h, const struct found *f, bool is_upgrade)
{
	if (is_upgrade)
		return true;
	if (is_allowed(h->method, READING))
		return false;
	/* An escape could spell a path that costs, where the pattern only has a '*'. */
	return !f->row || !(f->row->flags & ROW_FREE) || str_find_byte(f->path, '%') != STR_NONE;
}

static void route_upstream(
	const struct http_head *h, str path, str tail, struct arena *a, struct route *out)
{
	struct found f = find_row(path, a);
	str query = tail;

	(void)str_take(&query, STR("?"));
	out->kind = ROUTE_PASS;
	out->endpoint = "pass";
	out->upstream = f.row ? f.row->upstream : BY_CREDENTIALS;
	if (out->upstream == BY_CREDENTIALS)
		out->upstream = by_credentials(h, query, a, &out->chatgpt_account);
	else if (f.row->flags & ROW_CHATGPT && is_chatgpt(h, a, &out->chatgpt_account))
		out->upstream = UPSTREAM_CHATGPT;
	if (f.row)
		apply_row(h, &f, a, out);
	out->shape = shape_of(out->upstream, f.row ? f.row->format : WIRE_NONE);
	out->is_counted = true;
	out->is_rate_limited = is_rate_limited(h, &f, out->is_upgrade);
	if (out->upstream == UPSTREAM_CHATGPT && f.is_plain)
		f.path = codex_path(f.path, a);
	out->path = path_join(f.path, tail, a);
}

void route_request(const struct http_head *head, struct arena *a, struct route *out)
{
	str target = target_path(head->target, a), path;
	const struct own_row *own;
	size_t mark;

	*out = (struct route){.is_upgrade = is_upgrade(head)};
	out->project = take_project(&target, a);
	mark = str_find_byte(target, '?');
	path = str_sub(target, 0, mark == STR_NONE ? target.n : mark);
	own = str_starts(head->target, STR("/")) ? own_row_find(path, &out->own_arg) : NULL;
	if (own) {
		out->path = target;
		route_own(own, head->method, out);
	} else {
		route_upstream(head, path, str_sub(target, path.n, target.n), a, out);
	}
}
