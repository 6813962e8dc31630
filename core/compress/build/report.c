/* Events, one a line: their words are put together. */
#include "core/compress/build/report.h"

#include "core/base/limits.h"
#include "core/base/map.h"
#include "core/json/scan.h"

enum {
	LOOK_BYTES = 4096,  /* at the beginning, in which the names of a report occur */
	OTHER_PERCENT = 50, /* lines that are no events: what a linker says in between */
};

/* Events of one package stand together, as if it had been tested alone. */
struct group {
	struct buf text;
};

struct events {
	struct arena *arena;
	struct map groups;
	size_t events_n, wordless_n, others_n;
};

static struct buf *group_of(struct events *e, str name)
{
	void **at = map_at(&e->groups, name);

	if (!*at) {
		struct group *g = arena_new(e->arena, struct group);

		buf_init_arena(&g->text, e->arena, LIMIT_INPUT);
		*at = g;
	}
	return &((struct group *)*at)->text;
}

static str member(const struct json_tape *t, uint32_t object, const char *key, struct arena *a)
{
	uint32_t v = json_member(t, object, key);
	str s;

	return v != JSON_ABSENT && json_string(t, v, a, &s) ? s : STR_NULL;
}

/* An event of test2json (go doc cmd/test2json), or of a build within. */
static bool add_go(struct events *e, const struct json_tape *t)
{
	uint32_t output = json_member(t, 0, "Output");
	str package = member(t, 0, "Package", e->arena), words;

	if (json_member(t, 0, "Action") == JSON_ABSENT)
		return false;
	if (!package.n)
		package = member(t, 0, "ImportPath", e->arena);
	e->events_n++;
	if (output == JSON_ABSENT) {
		e->wordless_n++;
		return true;
	}
	if (!json_string(t, output, e->arena, &words))
		return false;
	buf_add(group_of(e, package), words);
	return true;
}

/* A message of cargo (The Cargo Book, "External tools"). */
static bool add_cargo(struct events *e, const struct json_tape *t)
{
	uint32_t message = json_member(t, 0, "message"), success = json_member(t, 0, "success");
	str rendered;

	if (json_member(t, 0, "reason") == JSON_ABSENT)
		return false;
	e->events_n++;
	if (success != JSON_ABSENT && json_is(t, success, JSON_FALSE)) {
		buf_add_c(group_of(e, STR_NULL), "error: build finished without success\n");
		return true;
	}
	if (message == JSON_ABSENT) {
		e->wordless_n++;
		return true;
	}
	rendered = member(t, message, "rendered", e->arena);
	if (!rendered.n)
		return false;
	buf_add(group_of(e, STR_NULL), rendered);
	return true;
}

typedef bool add_event(struct events *e, const struct json_tape *t);

static bool read_events(
	str text, add_event *add, const char *name, struct arena *a, struct build_report *out)
{
	struct events e = {.arena = a};
	struct buf all;
	str line;
	bool has_eol;

	map_init(&e.groups, a);
	while (str_next_line(&text, &line, &has_eol)) {
		struct json_tape t;
		struct buf *b;

		if (line.n && *line.p == '{' && json_scan(a, line, &t, NULL) == E_OK) {
			if (!add(&e, &t))
				return false;
			continue;
		}
		e.others_n += line.n > 0;
		b = group_of(&e, STR_NULL);
		buf_add(b, line);
		if (has_eol)
			buf_add_byte(b, '\n');
	}
	if (!e.events_n || e.others_n * 100 > e.events_n * OTHER_PERCENT)
		return false;
	buf_init_arena(&all, a, LIMIT_INPUT);
	for (size_t i = 0; i < e.groups.n; i++) {
		struct group *g = e.groups.entries[i].value;

		if (g->text.err)
			return false;
		buf_add(&all, buf_str(&g->text));
	}
	out->text = buf_str(&all);
	out->source = arena_printf(
		a, "%zu %s, %zu of them without words", e.events_n, name, e.wordless_n);
	return !all.err && str_trim(out->text).n > 0;
}

static bool has(str s, const char *word)
{
	return str_find(s, str_from(word)) != STR_NONE;
}

bool build_report_read(str text, struct arena *a, struct build_report *out)
{
	str start = str_trim(str_sub(text, 0, text.n < LOOK_BYTES ? text.n : LOOK_BYTES));
	struct json_tape t;

	*out = (struct build_report){.is_list = false};
	if (!start.n || (*start.p != '{' && *start.p != '['))
		return has(start, "\n{\"") && has(start, "\"Action\":\"") &&
		       read_events(text, add_go, "events of go test -json", a, out);
	if (has(start, "\"Action\":\"") &&
		(has(start, "\"Package\":") || has(start, "\"ImportPath\":")))
		return read_events(text, add_go, "events of go test -json", a, out);
	if (str_starts(start, STR("{\"reason\":\"")))
		return read_events(text, add_cargo, "messages of cargo", a, out);
	if (!has(start, "\"filePath\"") && !has(start, "\"location\"") &&
		!has(start, "\"testResults\"") && !has(start, "\"numTotalTests\"") &&
		!has(start, "\"nodeid\"") && !has(start, "\"symbol\"") &&
		!has(start, "\"exitcode\""))
		return false;
	return json_scan(a, text, &t, NULL) == E_OK && build_report_document(&t, a, out);
}
