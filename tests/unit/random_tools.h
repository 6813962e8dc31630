/* random_tools: what the tools of an agent print that searches, compares, reads logs and asks services: made of a
 * seed, each with one needle that a reader must see wherever else lines are left out. For property tests. */
#ifndef TESTS_UNIT_RANDOM_TOOLS_H
#define TESTS_UNIT_RANDOM_TOOLS_H

#include "tests/unit/random_session.h"

enum tools_kind { TOOLS_SEARCH, TOOLS_DIFF, TOOLS_LOG, TOOLS_JSON, TOOLS_CSV, TOOLS_N };

/* needle: stands in the line number `at` of n lines, in no other. */
struct tools_text {
	struct rng *rng;
	struct buf *b;
	uint32_t n, at;
	str needle;
};

static inline void tools_path(struct tools_text *t, bool is_needle)
{
	static const char *const dirs[] = {"src/core", "src/net", "lib/util/text", "tests"};
	static const char *const names[] = {"main.c", "parse.c", "table.py", "queue.go"};

	buf_printf(t->b, "%s/", RNG_PICK(t->rng, dirs));
	if (is_needle)
		buf_printf(t->b, STR_FMT ".c", STR_ARG(t->needle));
	else
		buf_add_c(t->b, RNG_PICK(t->rng, names));
}

/* rg -n: a file's name before each match. The needle is the name of a file. */
static inline void tools_search(struct tools_text *t)
{
	struct buf path;
	str whole = buf_str(t->b);

	buf_init(&path, LIMIT_INPUT);
	for (uint32_t i = 0, line = 1; i < t->n; i++, line += 1 + rng_below(t->rng, 9)) {
		if (i == t->at || i == t->at + 1 || rng_once_in(t->rng, 12)) {
			size_t from = t->b->n;

			tools_path(t, i == t->at);
			whole = buf_str(t->b);
			buf_reset(&path);
			buf_add(&path, str_sub(whole, from, whole.n));
			line = 1;
		} else {
			buf_add(t->b, buf_str(&path));
		}
		buf_printf(t->b, ":%u:", line);
		add_source_line(t->rng, t->b);
		buf_add_byte(t->b, '\n');
	}
	buf_release(&path);
}

/* git diff. The needle is in a line that was added. */
static inline void tools_diff(struct tools_text *t)
{
	enum { CONTEXT = 3 };

	for (uint32_t i = 0; i < t->n; i += 2 * CONTEXT + 6) {
		bool is_here = t->at >= i && t->at < i + 2 * CONTEXT + 6;

		buf_printf(t->b, "diff --git a/src/f%u.c b/src/f%u.c\n--- a/src/f%u.c\n", i, i, i);
		buf_printf(t->b, "+++ b/src/f%u.c\n@@ -%u,7 +%u,7 @@\n", i, i + 1, i + 1);
		for (uint32_t k = 0; k < 2 * CONTEXT; k++) {
			if (k == CONTEXT && is_here)
				buf_printf(t->b, "-old\n+" STR_FMT "\n", STR_ARG(t->needle));
			else if (k == CONTEXT)
				buf_printf(t->b, "-old %u\n+new %u\n", i, i);
			buf_add_byte(t->b, ' ');
			add_source_line(t->rng, t->b);
			buf_add_byte(t->b, '\n');
		}
	}
}

static inline void tools_time(struct tools_text *t, uint32_t i)
{
	buf_printf(t->b, "2026-03-0%uT%02u:%02u:%02u.%03uZ", 1 + i / 5000 % 9, i / 250 % 24,
		i / 5 % 60, i * 7 % 60, rng_below(t->rng, 1000));
}

/* A service's log. The needle is in its one error. */
static inline void tools_log(struct tools_text *t)
{
	static const struct {
		const char *before, *after;
	} shapes[] = {{"connection from 10.0.0.", " accepted"}, {"request ", " done in 12 ms"},
		{"cache: ", " entries, none expired"}, {"worker ", " sleeps for 30 seconds"}};

	for (uint32_t i = 0; i < t->n; i++) {
		uint32_t shape = rng_below(t->rng, ARRAY_N(shapes));

		tools_time(t, i);
		if (i == t->at) {
			buf_printf(
				t->b, " ERROR db: query failed: " STR_FMT "\n", STR_ARG(t->needle));
			continue;
		}
		buf_printf(t->b, " INFO app: %s%u%s\n", shapes[shape].before,
			rng_below(t->rng, 250), shapes[shape].after);
	}
}

/* A service's list. The needle is in the error of one of its rows. */
static inline void tools_json(struct tools_text *t)
{
	const char *space = rng_once_in(t->rng, 2) ? " " : "";

	buf_printf(t->b, "{\"total\":%s%u,%s\"items\":%s[", space, t->n, space, space);
	for (uint32_t i = 0; i < t->n; i++) {
		buf_printf(t->b, "%s{\"id\":%s%u,%s\"name\":%s\"job-%u\",%s\"at\":%s\"",
			i ? "," : "", space, 1000 + i, space, space, rng_below(t->rng, 900), space,
			space);
		tools_time(t, i);
		buf_printf(t->b, "\",%s\"state\":%s\"%s\"", space, space,
			i == t->at ? "failed" : "done");
		if (i == t->at)
			buf_printf(t->b, ",\"error\":\"timeout " STR_FMT "\"", STR_ARG(t->needle));
		buf_add_byte(t->b, '}');
	}
	buf_add_c(t->b, "]}\n");
}

/* A table. The needle is in the error of one of its rows. */
static inline void tools_csv(struct tools_text *t)
{
	buf_add_c(t->b, "id,host,region,value,note\n");
	for (uint32_t i = 0; i < t->n; i++) {
		buf_printf(t->b, "%u,web-%02u,eu-west-1,%u.%u,", i, rng_below(t->rng, 12),
			40 + rng_below(t->rng, 20), rng_below(t->rng, 10));
		if (i == t->at)
			buf_printf(t->b, "error: " STR_FMT, STR_ARG(t->needle));
		else
			buf_add_c(t->b, "ok");
		buf_add_byte(t->b, '\n');
	}
}

struct tools_maker {
	const char *tool, *input;
	void (*add)(struct tools_text *t);
};

static const struct tools_maker tools_makers[TOOLS_N] = {
	[TOOLS_SEARCH] = {"Grep", "{\"pattern\":\"count\"}", tools_search},
	[TOOLS_DIFF] = {"Bash", "{\"command\":\"git diff\"}", tools_diff},
	[TOOLS_LOG] = {"Bash", "{\"command\":\"kubectl logs app\"}", tools_log},
	[TOOLS_JSON] = {"mcp__jobs__list", "{}", tools_json},
	[TOOLS_CSV] = {"mcp__db__query", "{\"sql\":\"select * from hosts\"}", tools_csv},
};

/* Makes the step one of such a tool; returns the needle. number: of the step, in no other step the same. */
static inline str tools_replace(struct session *s, struct session_step *x, uint32_t number)
{
	enum { LINES_MIN = 20, LINES_MORE = 300 };
	const struct tools_maker *m = &tools_makers[rng_below(&s->rng, TOOLS_N)];
	struct tools_text t = {.rng = &s->rng, .n = LINES_MIN + rng_below(&s->rng, LINES_MORE)};
	struct buf b;

	buf_init_arena(&b, s->arena, LIMIT_INPUT);
	buf_printf(&b, "kx%08x%02u", rng_next(&s->rng), number);
	t.needle = session_take(s, &b);
	t.at = rng_below(&s->rng, t.n);
	buf_reset(&b);
	t.b = &b;
	m->add(&t);
	*x = (struct session_step){.tool = str_from(m->tool),
		.input = str_from(m->input),
		.result = session_take(s, &b),
		.has_escapes = rng_once_in(&s->rng, 8)};
	return t.needle;
}

#endif
