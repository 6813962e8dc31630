/* What follows from what was seen: what is worth a word, and what to do about it. */
#include <stdlib.h>

#include "learn/audit_seen.h"

enum {
	AGAIN_MIN = 2,        /* once is an accident */
	LARGE_TOKENS = 4000,  /* Claude Code refuses to show more than 25,000 */
	LARGE_MIN = 2,        /* reads */
	UNUSED_TOKENS = 300,  /* of a schema; the remedy costs a line of settings */
	UNUSED_REQUESTS = 20, /* a tool may be wanted yet */
	FAILS_MIN = 4,        /* calls, and at least half of them */
};

static const struct {
	const char *name, *means;
	bool is_of_tools;
} KINDS[AUDIT_KIND_N] = {
#define X(kind, name, is_of_tools, means) [AUDIT_##kind] = {name, means, is_of_tools},
	AUDIT_MAP(X)
#undef X
};

const char *audit_kind_name(enum audit_kind k)
{
	return KINDS[k].name;
}

const char *audit_kind_means(enum audit_kind k)
{
	return KINDS[k].means;
}

bool audit_kind_is_of_tools(enum audit_kind k)
{
	return KINDS[k].is_of_tools;
}

struct finder {
	struct arena *a;
	const struct audit *audit;
	struct audit_result *out;
};

static struct audit_finding *add(
	struct finder *f, enum audit_kind kind, str name, const struct audit_sum *s)
{
	struct audit_finding *x = vec_push(&f->out->findings, f->a);

	*x = (struct audit_finding){.kind = kind,
		.name = arena_str(f->a, name),
		.times = s->times,
		.sessions = s->sessions,
		.tokens = s->tokens,
		.sent = s->sent};
	return x;
}

/* ---- reads --------------------------------------------------------------------------------------- */

static bool is_lock_file(str path)
{
	static const char *const names[] = {"package-lock.json", "yarn.lock", "pnpm-lock.yaml",
		"bun.lock", "Cargo.lock", "poetry.lock", "uv.lock", "Pipfile.lock", "composer.lock",
		"Gemfile.lock", "go.sum", "flake.lock", "packages.lock.json", "mix.lock"};
	size_t slash = str_rfind_byte(path, '/');
	str name = str_sub(path, slash == STR_NONE ? 0 : slash + 1, path.n);

	for (size_t i = 0; i < ARRAY_N(names); i++)
		if (str_eq_c(name, names[i]))
			return true;
	return str_ends(name, STR(".min.js")) || str_ends(name, STR(".min.css")) ||
	       str_ends(name, STR(".map"));
}

static const char *installed_above(str path)
{
	str part;

	while (str_split(&path, '/', &part)) {
		const char *name = path.p ? audit_installed(part) : NULL;

		if (name)
			return name;
	}
	return NULL;
}

/* Which one thing a file is named for, the dearest first. */
static void find_read(struct finder *f, const struct audit_read *r)
{
	struct audit_finding *x;

	if (is_lock_file(r->path)) {
		x = add(f, AUDIT_LOCK_FILE, r->path, &r->all);
		x->remedy = arena_printf(f->a,
			"add \"Read(./" STR_FMT ")\" to permissions.deny in .claude/settings.json, "
			"or say in the agent's memory file what to run instead",
			STR_ARG(r->path));
		x->undo = STR("take the line out");
	} else if (r->again.times >= AGAIN_MIN) {
		x = add(f, AUDIT_READ_AGAIN, r->path, &r->again);
		x->remedy = STR("headroom wrap AGENT: what is in context already is sent as a "
				"reference to it");
		x->undo = STR("start the agent without it");
	} else if (r->whole_max >= LARGE_TOKENS && r->whole.times >= LARGE_MIN) {
		x = add(f, AUDIT_LARGE_FILE, r->path, &r->whole);
		x->remedy = STR("headroom learn --apply: the agent is told its size, and asks for "
				"lines");
		x->undo = STR("headroom learn --remove --apply");
	}
}

static void find_reads(struct finder *f)
{
	const struct map *reads = &f->audit->reads, *dirs = &f->audit->dirs;

	for (size_t i = 0; i < reads->n; i++)
		if (!installed_above(reads->entries[i].key))
			find_read(f, reads->entries[i].value);
	for (size_t i = 0; i < dirs->n; i++) {
		const struct audit_dir *d = dirs->entries[i].value;
		struct audit_finding *x = add(f, AUDIT_INSTALLED, d->name, &d->listed);

		x->remedy = arena_printf(f->a,
			"echo '" STR_FMT "/' >>.ignore: ripgrep, which most agents search with, "
			"passes it over",
			STR_ARG(d->name));
		x->undo = STR("take the line out");
	}
}

/* ---- tools --------------------------------------------------------------------------------------- */

static str deny(struct finder *f, enum wire_format format, const char *what, str name)
{
	if (format == WIRE_ANTHROPIC)
		return arena_printf(f->a,
			"add \"%s" STR_FMT "\" to permissions.deny in .claude/settings.local.json",
			what, STR_ARG(name));
	if (format == WIRE_OPENAI_RESPONSES && *what)
		return arena_printf(f->a,
			"set enabled = false in [mcp_servers." STR_FMT "] of ~/.codex/config.toml",
			STR_ARG(name));
	return *what ? STR("turn the server off in the agent's settings")
		     : STR("headroom proxy --trim-tools: definitions without what says nothing");
}

/* Sums up what is declared and called of a server; false when it was seen before. */
struct server {
	str name;
	enum wire_format format;
	struct audit_sum declared;
	uint64_t calls;
};

static struct server *server_of(struct finder *f, struct map *servers, str name)
{
	void **at = map_at(servers, name);
	struct server *s = *at;

	if (!s)
		*at = s = arena_new(f->a, struct server);
	s->name = name;
	return s;
}

static void find_servers(struct finder *f, struct map *servers)
{
	const struct map *tools = &f->audit->tools;

	for (size_t i = 0; i < tools->n; i++) {
		const struct audit_tool *t = tools->entries[i].value;
		str name = audit_server_of(t->name);
		struct server *s;

		if (!name.n)
			continue;
		s = server_of(f, servers, name);
		s->format = t->format;
		s->calls += t->called.times;
		s->declared.tokens += t->declared.tokens;
		s->declared.sent += t->declared.sent;
		if (t->declared.times > s->declared.times)
			s->declared.times = t->declared.times;
		if (t->declared.sessions > s->declared.sessions)
			s->declared.sessions = t->declared.sessions;
	}
	for (size_t i = 0; i < servers->n; i++) {
		const struct server *s = servers->entries[i].value;
		struct audit_finding *x;

		if (s->calls || s->declared.times < UNUSED_REQUESTS)
			continue;
		x = add(f, AUDIT_SERVER_UNUSED, s->name, &s->declared);
		x->remedy = deny(f, s->format, "mcp__", s->name);
		x->undo = STR("take it out again");
	}
}

static void find_tool(struct finder *f, const struct audit_tool *t)
{
	struct audit_sum failed = t->called;
	struct audit_finding *x;

	if (!t->called.times && t->declared.times >= UNUSED_REQUESTS &&
		t->declared.tokens >= UNUSED_TOKENS && !audit_server_of(t->name).n) {
		x = add(f, AUDIT_TOOL_UNUSED, t->name, &t->declared);
		x->remedy = deny(f, t->format, "", t->name);
		x->undo = STR("take it out again");
	}
	if (t->failed < FAILS_MIN || t->failed * 2 < t->called.times)
		return;
	failed.times = t->failed;
	failed.tokens = t->failed_tokens;
	failed.sent = t->failed_sent;
	x = add(f, AUDIT_TOOL_FAILS, t->name, &failed);
	x->remedy = STR("headroom learn --apply: the agent is told what worked after it");
	x->undo = STR("headroom learn --remove --apply");
}

static void find_tools(struct finder *f)
{
	const struct map *tools = &f->audit->tools;
	struct map servers;

	map_init(&servers, f->a);
	find_servers(f, &servers);
	for (size_t i = 0; i < tools->n; i++)
		find_tool(f, tools->entries[i].value);
	/* Of a server that is set up but in no recorded list of tools, the price is not known; it is named all the same. */
	for (size_t i = 0; i < f->audit->servers.n; i++) {
		const struct audit_config *c = &f->audit->servers.v[i];
		struct audit_sum none = {0};
		struct audit_finding *x;

		if (map_find(&servers, c->name))
			continue;
		*map_at(&servers, c->name) = f;
		x = add(f, AUDIT_SERVER_IDLE, c->name, &none);
		x->remedy = arena_printf(f->a, "take it out of " STR_FMT, STR_ARG(c->file));
		x->undo = STR("put it back");
	}
}

/* ---- all ----------------------------------------------------------------------------------------- */

static int cmp_dearest(const void *a, const void *b)
{
	const struct audit_finding *x = a, *y = b;

	if (x->sent != y->sent)
		return x->sent > y->sent ? -1 : 1;
	if (x->kind != y->kind)
		return (int)x->kind - (int)y->kind;
	return str_cmp(x->name, y->name);
}

void audit_server(struct audit *a, str name, str file)
{
	if (a->totals.sessions)
		*vec_push(&a->servers, &a->arena) = (struct audit_config){
			arena_str(&a->arena, name), arena_str(&a->arena, file)};
}

void audit_result(struct audit *audit, bool is_of_tools, struct arena *a, struct audit_result *out)
{
	struct finder f = {.a = a, .audit = audit, .out = out};

	*out = (struct audit_result){.totals = audit->totals};
	if (is_of_tools)
		find_tools(&f);
	else
		find_reads(&f);
	if (out->findings.n)
		qsort(out->findings.v, out->findings.n, sizeof *out->findings.v, cmp_dearest);
}
