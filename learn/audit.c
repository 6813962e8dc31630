#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/compress/program.h"
#include "core/engine/call.h"
#include "core/json/scan.h"
#include "learn/audit_seen.h"

/* A result with fewer such lines is no listing. */
enum { LISTED_LINES_MIN = 10 };

/* ---- making one ---------------------------------------------------------------------------------- */

static enum err begin(struct audit *a, str project)
{
	if (arena_recover(&a->arena))
		return E_NOMEM;
	a->project = arena_str(&a->arena, str_eq(project, STR("/")) ? STR("") : project);
	map_init(&a->reads, &a->arena);
	map_init(&a->dirs, &a->arena);
	map_init(&a->tools, &a->arena);
	arena_end_recover(&a->arena);
	return E_OK;
}

enum err audit_new(str project, struct audit **out, struct errctx *cx)
{
	struct audit *a = mem_zalloc(sizeof *a);

	*out = NULL;
	if (!a)
		FAIL(cx, E_NOMEM, "out of memory");
	arena_init(&a->arena);
	arena_init(&a->file);
	arena_init(&a->scratch);
	a->cache = token_cache_new();
	if (begin(a, project)) {
		audit_free(a);
		FAIL(cx, E_NOMEM, "out of memory");
	}
	*out = a;
	return E_OK;
}

void audit_free(struct audit *a)
{
	if (!a)
		return;
	token_cache_free(a->cache);
	arena_release(&a->scratch);
	arena_release(&a->file);
	arena_release(&a->arena);
	mem_free(a);
}

/* ---- what a block is about ----------------------------------------------------------------------- */

/* A call's result, at its first place in a session. */
struct piece {
	str tool, path; /* path: of a file that was shown; else empty */
	bool is_whole, is_again, is_error, has_result;
	uint64_t text; /* hash64 of what came back */
	uint64_t tokens, requests;
	uint32_t message;
	uint64_t body; /* the number of the newest one that it stood in */
	/* Of installed things. */
	const char *dir;
	uint64_t dir_lines, dir_tokens;
};

struct session {
	struct audit *a;
	const struct turn_session *s;
	struct map seen; /* hash of a block -> struct piece */
	VEC(struct piece *) pieces;
	struct map shown; /* path -> the piece that showed it last */
	/* By message: requests that carried it, and the first message of the one in which it was new. NULL: each body is a request. */
	const uint32_t *carried, *context;
	uint64_t body, number;
};

str audit_server_of(str tool)
{
	size_t end;

	if (!str_take(&tool, STR("mcp__")))
		return STR("");
	end = str_find(tool, STR("__"));
	return str_sub(tool, 0, end == STR_NONE ? tool.n : end);
}

const char *audit_installed(str name)
{
	static const char *const names[] = {"node_modules", "bower_components", "site-packages",
		"dist-packages", ".venv", "venv", ".tox", ".nox", "__pycache__", ".mypy_cache",
		".pytest_cache", ".git", ".next", ".nuxt", ".gradle", "Pods", "DerivedData",
		"vendor", "third_party", "target", "dist", ".terraform", ".cargo"};

	for (size_t i = 0; i < ARRAY_N(names); i++)
		if (str_eq_c(name, names[i]))
			return names[i];
	return NULL;
}

/* The first such directory on the path that a line begins with. */
static const char *installed_in(str line)
{
	str part;

	line = str_trim(line);
	for (size_t i = 0; i < line.n; i++)
		if (line.p[i] == ' ' || line.p[i] == '\t' || line.p[i] == ':')
			line.n = i;
	while (str_split(&line, '/', &part)) {
		const char *name = line.p ? audit_installed(part) : NULL; /* something is in it */

		if (name)
			return name;
	}
	return NULL;
}

/* Counts lines of the directory that the first of them names. */
static void look_for_installed(str text, struct piece *p)
{
	uint64_t bytes = 0, all = text.n ? text.n : 1;
	str line;

	while (str_next_line(&text, &line, NULL)) {
		const char *name = installed_in(line);

		if (!name || (p->dir && p->dir != name))
			continue;
		p->dir = name;
		p->dir_lines++;
		bytes += line.n + 1;
	}
	p->dir_tokens = p->tokens * (bytes < all ? bytes : all) / all;
	if (p->dir_lines < LISTED_LINES_MIN)
		p->dir = NULL;
}

/* The file that a command prints, for agents that have only a shell: its last word. */
static str printed_file(str command, struct arena *a)
{
	static const char *const programs[] = {"cat", "sed", "head", "tail", "nl", "bat", "less"};
	str program = program_of(command, a);
	size_t end = str_find_byte(command, '|');
	size_t blank;

	command = str_trim(str_sub(command, 0, end == STR_NONE ? command.n : end));
	for (size_t i = 0; i < ARRAY_N(programs); i++) {
		if (!str_eq_c(program, programs[i]))
			continue;
		blank = str_rfind_byte(command, ' ');
		command = str_sub(command, blank == STR_NONE ? 0 : blank + 1, command.n);
		return command.n > 1 && strchr("'\"`$&;<>()-", command.p[0]) ? STR("") : command;
	}
	return STR("");
}

static str relative(const struct session *x, str path)
{
	str dir = x->s->project;

	if (dir.n > 1 && str_starts(path, dir) && path.n > dir.n && path.p[dir.n] == '/')
		return str_sub(path, dir.n + 1, path.n);
	return str_starts(path, STR("./")) ? str_sub(path, 2, path.n) : path;
}

/* What the call says: which file, and whether all of it was wanted. */
static void read_call(struct session *x, const struct wire_doc *doc, const struct wire_block *b,
	str text, struct piece *p)
{
	struct arena *a = &x->a->scratch;
	struct call c;

	call_of_result(doc, b, a, &c);
	if (c.kind == TOOL_FILE && !tool_lists_directory(text))
		p->path = c.path;
	else if (c.kind == TOOL_SHELL)
		p->path = printed_file(c.command, a);
	p->is_whole = p->path.n && b->call != WIRE_NO_CALL && c.kind == TOOL_FILE &&
		      !call_names_lines(span_str(doc->tape.doc, doc->blocks[b->call].at), a);
	p->path = p->path.n ? arena_str(&x->a->file, relative(x, p->path)) : STR("");
}

/* ---- one session --------------------------------------------------------------------------------- */

static bool is_change(str tool)
{
	static const char *const names[] = {"edit", "write", "multiedit", "notebookedit",
		"apply_patch", "replace", "write_file", "str_replace_editor", "update_file"};

	for (size_t i = 0; i < ARRAY_N(names); i++)
		if (str_eq_nocase(tool, str_from(names[i])))
			return true;
	return false;
}

/* What was there before a compaction, or before the user went back, is not. */
static bool is_in_context(
	const struct session *x, const struct piece *before, const struct piece *p)
{
	return x->context ? before->message >= x->context[p->message] : before->body == p->body;
}

static void add_result(
	struct session *x, const struct wire_doc *doc, const struct wire_block *b, struct piece *p)
{
	struct piece *before;
	str text;

	if (!json_string(&doc->tape, b->node, &x->a->scratch, &text))
		text = str_sub(doc->tape.doc, b->at.start, b->at.end);
	p->has_result = true;
	p->is_error = b->is_error;
	p->text = hash64(text);
	p->tokens = token_count(TOKEN_O200K, text, x->a->cache);
	read_call(x, doc, b, text, p);
	if (!p->path.n) {
		look_for_installed(text, p);
		return;
	}
	if (p->is_error || is_change(p->tool)) {
		p->path = STR("");
		return;
	}
	before = map_find(&x->shown, p->path);
	p->is_again = before && before->text == p->text && is_in_context(x, before, p);
	*map_at(&x->shown, p->path) = p;
}

static void add_block(struct session *x, const struct wire_doc *doc, const struct wire_block *b)
{
	str key = {(const char *)&b->hash, sizeof b->hash};
	uint32_t carried;
	struct piece *p;

	if (b->kind != WIRE_TOOL_RESULT || b->message == WIRE_NO_MESSAGE)
		return;
	carried = x->carried ? x->carried[b->message] : 1;
	p = map_find(&x->seen, key);
	if (p) {
		p->requests += x->carried ? 0 : 1;
		p->body = x->body;
		return;
	}
	p = arena_new(&x->a->file, struct piece);
	p->requests = carried;
	p->message = b->message;
	p->body = x->body;
	p->tool = arena_str(&x->a->file, b->tool);
	add_result(x, doc, b, p);
	*map_at(&x->seen, arena_str(&x->a->file, key)) = p;
	*vec_push(&x->pieces, &x->a->file) = p;
}

static void count(
	struct session *x, struct audit_sum *s, uint64_t times, uint64_t tokens, uint64_t sent)
{
	s->times += times;
	s->tokens += tokens;
	s->sent += sent;
	s->sessions += s->last_session != x->number;
	s->last_session = x->number;
}

static struct audit_tool *tool_of(struct session *x, str name)
{
	void **at = map_at(&x->a->tools, name);
	struct audit_tool *t = *at;

	if (t)
		return t;
	t = arena_new(&x->a->arena, struct audit_tool);
	t->name = arena_str(&x->a->arena, name);
	t->format = x->s->format;
	x->a->tools.entries[x->a->tools.n - 1].key = t->name;
	*at = t;
	return t;
}

/* The name of a tool as its provider spells the list; JSON_ABSENT where it has none. */
static uint32_t tool_name(const struct json_tape *t, uint32_t node)
{
	uint32_t name = json_member(t, node, "name");
	uint32_t function = json_member(t, node, "function");

	if (name == JSON_ABSENT && function != JSON_ABSENT)
		name = json_member(t, function, "name");
	return name == JSON_ABSENT ? json_member(t, node, "type") : name;
}

static void add_tool_list(
	struct session *x, const struct json_tape *t, uint32_t list, uint64_t requests)
{
	for (struct json_iter it = json_iter(t, list); json_next(&it);) {
		uint32_t inner = json_member(t, it.value, "functionDeclarations");
		uint64_t tokens;
		str name;
		uint32_t node;

		if (inner == JSON_ABSENT)
			inner = json_member(t, it.value, "tools"); /* a namespace of Responses */
		if (inner != JSON_ABSENT) {
			add_tool_list(x, t, inner, requests);
			continue;
		}
		node = tool_name(t, it.value);
		if (node == JSON_ABSENT || !json_string(t, node, &x->a->scratch, &name))
			continue;
		tokens = token_count(TOKEN_O200K, json_text(t, it.value), x->a->cache);
		count(x, &tool_of(x, name)->declared, requests, 0, tokens * requests);
		tool_of(x, name)->declared.tokens = tokens;
		x->a->totals.sent += tokens * requests;
	}
}

/* Walks a body, whose blocks stand in so many requests. */
static void add_body(struct session *x, str body, uint64_t requests)
{
	struct wire_doc doc;
	struct json_tape t;

	arena_reset(&x->a->scratch);
	x->body++;
	if (json_scan(&x->a->scratch, body, &t, NULL) ||
		wire_walk(&x->a->scratch, &t, x->s->format, &doc, NULL))
		return;
	for (uint32_t i = 0; i < doc.n; i++)
		add_block(x, &doc, &doc.blocks[i]);
	if (doc.tools.end > doc.tools.start) {
		uint32_t list = json_member(&t, 0, "tools");

		x->a->totals.declared += requests;
		if (list != JSON_ABSENT)
			add_tool_list(x, &t, list, requests);
	}
}

static void keep_read(struct session *x, const struct piece *p)
{
	void **at = map_at(&x->a->reads, p->path);
	struct audit_read *r = *at;

	if (!r) {
		r = arena_new(&x->a->arena, struct audit_read);
		r->path = arena_str(&x->a->arena, p->path);
		x->a->reads.entries[x->a->reads.n - 1].key = r->path;
		*at = r;
	}
	count(x, &r->all, 1, p->tokens, p->tokens * p->requests);
	if (p->is_again)
		count(x, &r->again, 1, p->tokens, p->tokens * p->requests);
	if (!p->is_whole || p->is_again)
		return;
	count(x, &r->whole, 1, p->tokens, p->tokens * p->requests);
	if (p->tokens > r->whole_max)
		r->whole_max = p->tokens;
}

static void keep_dir(struct session *x, const struct piece *p)
{
	void **at = map_at(&x->a->dirs, str_from(p->dir));
	struct audit_dir *d = *at;

	if (!d) {
		d = arena_new(&x->a->arena, struct audit_dir);
		d->name = str_from(p->dir);
		*at = d;
	}
	d->lines += p->dir_lines;
	count(x, &d->listed, 1, p->dir_tokens, p->dir_tokens * p->requests);
}

static void keep(struct session *x, const struct piece *p)
{
	struct audit_totals *sum = &x->a->totals;

	sum->calls++;
	sum->tokens += p->tokens;
	sum->sent += p->tokens * p->requests;
	if (p->tool.n) {
		struct audit_tool *t = tool_of(x, p->tool);

		count(x, &t->called, 1, p->tokens, p->tokens * p->requests);
		t->failed += p->is_error;
		t->failed_tokens += p->is_error ? p->tokens : 0;
		t->failed_sent += p->is_error ? p->tokens * p->requests : 0;
	}
	if (p->path.n)
		keep_read(x, p);
	else if (p->dir)
		keep_dir(x, p);
}

/* Messages that are kept once, and of each how many requests carried it. */
static const uint32_t *count_carried(struct audit *a, const struct turn_session *s)
{
	uint32_t *n = arena_array(&a->file, uint32_t, s->messages.n + 1);

	for (size_t i = 0; i < s->turns.n; i++) {
		if (s->turns.v[i].body.n)
			continue;
		n[s->turns.v[i].start]++;
		n[s->turns.v[i].end]--;
	}
	for (size_t i = 1; i <= s->messages.n; i++)
		n[i] += n[i - 1];
	return n;
}

/* The first message that the model saw when a message was new. */
static const uint32_t *find_context(struct audit *a, const struct turn_session *s)
{
	uint32_t *first = arena_array(&a->file, uint32_t, s->messages.n + 1);
	uint32_t done = 0;

	for (size_t i = 0; i < s->turns.n; i++)
		for (; done < s->turns.v[i].end; done++)
			first[done] = s->turns.v[i].start;
	return first;
}

static enum err add_history(struct session *x)
{
	const struct turn all = {.start = 0, .end = (uint32_t)x->s->messages.n};
	struct buf body;

	/* In an arena, which nothing else grows meanwhile: its maximum is what one recording may be, and some brackets. */
	buf_init_arena(&body, &x->a->file, 2 * LIMIT_INPUT);
	turns_body(x->s, &all, &body);
	if (body.err)
		return body.err;
	x->carried = count_carried(x->a, x->s);
	x->context = find_context(x->a, x->s);
	add_body(x, buf_str(&body), x->s->turns.n);
	x->carried = x->context = NULL;
	return E_OK;
}

static bool is_wanted(const struct audit *a, str project)
{
	return !a->project.n || str_eq(project, a->project) ||
	       (str_starts(project, a->project) && project.n > a->project.n &&
		       project.p[a->project.n] == '/');
}

static enum err add_session(struct audit *a, const struct turn_session *s)
{
	struct session x = {.a = a, .s = s};
	uint64_t key = hash64(s->key);

	if (!is_wanted(a, s->project))
		return E_OK;
	/* A recording in pieces goes on with its last one. */
	a->totals.sessions += !s->key.n || a->last_session != key;
	a->last_session = key;
	x.number = a->totals.sessions;
	map_init(&x.seen, &a->file);
	map_init(&x.shown, &a->file);
	a->totals.requests += s->turns.n;
	if (s->messages.n)
		TRY(add_history(&x));
	for (size_t i = 0; i < s->turns.n; i++)
		if (s->turns.v[i].body.n)
			add_body(&x, s->turns.v[i].body, 1);
	for (size_t i = 0; i < x.pieces.n; i++)
		keep(&x, x.pieces.v[i]);
	return E_OK;
}

static enum err add_file(struct audit *a, str text, str file_name, struct errctx *cx)
{
	struct turn_file f;

	if (arena_recover(&a->arena) || arena_recover(&a->file) || arena_recover(&a->scratch))
		FAIL(cx, E_NOMEM, "out of memory");
	TRY(turns_load(&a->file, &a->scratch, text, file_name, TRANSCRIPT_NONE, &f, cx));
	for (size_t i = 0; i < f.sessions.n; i++)
		TRY(add_session(a, &f.sessions.v[i]));
	return E_OK;
}

enum err audit_file(struct audit *a, str text, str file_name, struct errctx *cx)
{
	enum err e = add_file(a, text, file_name, cx);

	arena_end_recover(&a->arena);
	arena_end_recover(&a->file);
	arena_end_recover(&a->scratch);
	arena_reset(&a->file);
	arena_reset(&a->scratch);
	return e;
}
