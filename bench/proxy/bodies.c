/* bodies: the request bodies of the proxy's benchmark: sessions of a coding agent whose tool results are real files of
 * this repository, as its tools would print them. Run from the root of the repository.
 *
 *	bodies DIR
 *
 * Writes DIR/DIALECT-NAME.json for the dialects anthropic and chat: 2k, 100k, 1m, each of exactly that size; 1m-before,
 * which is 1m without its last call and result, as the turn before it was; stream-1, stream-64 and stream-1000, which
 * ask for streams that suit so many connections. All have "conversation 0000000000" in their first message, whose
 * digits bench/proxy/load.c changes. */
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/proxy/answer.h"
#include "bench/proxy/client.h"
#include "core/base/file.h"
#include "core/base/limits.h"

#define FIRST_WORDS CLIENT_CONVERSATION "0000000000: "

enum { READ_LINES = 400, LAST_RESULT = 4096 };

static const struct dialect {
	const char *name, *head, *tail;
	/* A call and the beginning and end of its result. The arguments, as they are needed: number of the call,
	 * tool, key, value. */
	const char *call, *result, *result_end;
} dialects[ANSWER_DIALECT_N] = {
	[ANSWER_ANTHROPIC] =
		{
			"anthropic",
			"{\"model\":\"claude-opus-4-8\",\"max_tokens\":1024,%s\"messages\":["
			"{\"role\":\"user\",\"content\":\"" FIRST_WORDS "%s\"}",
			"]}",
			",{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":"
			"\"toolu_%06u\",\"name\":\"%s\",\"input\":{\"%s\":\"%s\"}}]}",
			",{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\","
			"\"tool_use_id\":\"toolu_%06u\",\"content\":",
			"}]}",
		},
	[ANSWER_CHAT] =
		{
			"chat",
			"{\"model\":\"gpt-4o-mini\",%s\"messages\":["
			"{\"role\":\"user\",\"content\":\"" FIRST_WORDS "%s\"}",
			"]}",
			",{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":"
			"\"call_%06u\",\"type\":\"function\",\"function\":{\"name\":\"%s\","
			"\"arguments\":\"{\\\"%s\\\":\\\"%s\\\"}\"}}]}",
			",{\"role\":\"tool\",\"tool_call_id\":\"call_%06u\",\"content\":",
			"}",
		},
};

static const struct {
	const char *name;
	size_t size;
} sizes[] = {{"2k", 2048}, {"100k", 100 << 10}, {"1m", 1 << 20}};

/* So many events at such a gap that a run takes one to three seconds and some 6,000 events go by in one. */
static const struct {
	const char *name, *ask;
} streams[] = {
	{"stream-1", "events=1000 gap_us=1000"},
	{"stream-64", "events=200 gap_us=10000"},
	{"stream-1000", "events=20 gap_us=150000"},
};

struct session {
	const struct dialect *dialect;
	struct buf body;
	size_t size;     /* that the body is to have */
	size_t before_n; /* of the body up to its last call */
	unsigned calls;
};

struct call {
	const char *tool, *key, *value;
};

/* What is left for the text of one more result. */
static size_t room(const struct session *s)
{
	size_t overhead = strlen(s->dialect->call) + strlen(s->dialect->result) +
			  strlen(s->dialect->result_end) + strlen(s->dialect->tail) + 128;

	return s->body.n + overhead < s->size ? s->size - s->body.n - overhead : 0;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static void begin_step(struct session *s, struct call call)
{
	s->before_n = s->body.n;
	buf_printf(&s->body, s->dialect->call, s->calls, call.tool, call.key, call.value);
	buf_printf(&s->body, s->dialect->result, s->calls);
	s->calls++;
}

static void begin_session(struct session *s, const char *fields, const char *text)
{
	buf_printf(&s->body, s->dialect->head, fields, text);
}
#pragma GCC diagnostic pop

static void add_step(struct session *s, struct call call, str text)
{
	size_t most = (room(s) - LAST_RESULT) * 4 / 5; /* escapes */

	begin_step(s, call);
	buf_add_json_string(&s->body, str_sub(text, 0, text.n < most ? text.n : most));
	buf_add_c(&s->body, s->dialect->result_end);
}

/* A file as Claude Code's Read shows it, lines from..to. */
static void add_read(struct session *s, const char *path, str text, uint32_t from, uint32_t to)
{
	struct buf b;
	str line;
	uint32_t n = 0;

	buf_init(&b, LIMIT_INPUT);
	while (str_next_line(&text, &line, NULL))
		if (++n >= from && n < to)
			buf_printf(&b, "%6u\t" STR_FMT "\n", n, STR_ARG(line));
	add_step(s, (struct call){"Read", "file_path", path}, buf_str(&b));
	buf_release(&b);
}

static void add_search(struct session *s, const char *path, str text, const char *word)
{
	struct buf b;
	str line;
	unsigned n = 0;

	buf_init(&b, LIMIT_INPUT);
	while (str_next_line(&text, &line, NULL)) {
		n++;
		if (str_find(line, str_from(word)) != STR_NONE)
			buf_printf(&b, "%s:%u:" STR_FMT "\n", path, n, STR_ARG(line));
	}
	add_step(s, (struct call){"Bash", "command", "grep -rn word ."}, buf_str(&b));
	buf_release(&b);
}

static size_t log_line(char line[128], unsigned i, unsigned seed)
{
	int n = snprintf(line, 128, "[%02u:%02u] step %u of module_%u finished in %u ms\\n",
		i / 60 % 60, i % 60, i, (i * 7 + seed) % 13, (i * 37 + seed) % 400);

	return (size_t)n;
}

/* The last step: as much of a log as makes the body exactly as long as it is to be. */
static void fill_with_log(struct session *s)
{
	size_t end = s->size - strlen(s->dialect->tail) - strlen(s->dialect->result_end) - 1;
	char line[128];
	size_t n;

	begin_step(s, (struct call){"Bash", "command", "make test"});
	buf_add_byte(&s->body, '"');
	for (unsigned i = 0; n = log_line(line, i, s->calls), s->body.n + n <= end; i++)
		buf_add(&s->body, (str){line, n});
	while (s->body.n < end)
		buf_add_byte(&s->body, '.');
	buf_add_byte(&s->body, '"');
	buf_add_c(&s->body, s->dialect->result_end);
}

static void add_steps(struct session *s, const glob_t *files)
{
	for (unsigned i = 0; room(s) > LAST_RESULT; i++) {
		const char *path = files->gl_pathv[i % files->gl_pathc];
		struct buf text;

		buf_init(&text, LIMIT_INPUT);
		if (file_read(path, &text, NULL) == E_OK) {
			uint32_t from = 1 + READ_LINES * (i / (uint32_t)files->gl_pathc);

			add_read(s, path, buf_str(&text), from, from + READ_LINES);
			if (i % 3 == 1 && room(s) > LAST_RESULT)
				add_read(s, path, buf_str(&text), 10, 90);
			if (i % 4 == 2 && room(s) > LAST_RESULT)
				add_search(s, path, buf_str(&text), "struct");
		}
		buf_release(&text);
	}
	fill_with_log(s);
}

static void write_body(const char *dir, const struct session *s, const char *name, str body)
{
	struct errctx cx = {.code = E_OK};
	char path[4096];

	(void)snprintf(path, sizeof path, "%s/%s-%s.json", dir, s->dialect->name, name);
	if (file_write_atomic(path, body, 0644, &cx) == E_OK)
		return;
	fprintf(stderr, "bodies: %s\n", cx.text);
	exit(1);
}

static void make_session(const char *dir, const struct dialect *d, size_t k, const glob_t *files)
{
	struct session s = {.dialect = d, .size = sizes[k].size};
	char name[32];

	buf_init(&s.body, LIMIT_INPUT);
	begin_session(&s, "", "make the tests pass");
	add_steps(&s, files);
	buf_add_c(&s.body, d->tail);
	write_body(dir, &s, sizes[k].name, buf_str(&s.body));
	if (s.size >= 1 << 20) {
		(void)snprintf(name, sizeof name, "%s-before", sizes[k].name);
		s.body.n = s.before_n;
		buf_add_c(&s.body, d->tail);
		write_body(dir, &s, name, buf_str(&s.body));
	}
	buf_release(&s.body);
}

static void make_stream(const char *dir, const struct dialect *d, size_t k)
{
	struct session s = {.dialect = d};

	buf_init(&s.body, LIMIT_INPUT);
	begin_session(&s, "\"stream\":true,", streams[k].ask);
	buf_add_c(&s.body, d->tail);
	write_body(dir, &s, streams[k].name, buf_str(&s.body));
	buf_release(&s.body);
}

int main(int argc, char **argv)
{
	glob_t files = {0};

	if (argc != 2) {
		fprintf(stderr, "usage: bodies DIR\n");
		return 2;
	}
	(void)glob("core/*/*.[ch]", 0, NULL, &files);
	if (!files.gl_pathc) {
		fprintf(stderr, "bodies: no files; run it from the root of the repository\n");
		return 1;
	}
	for (size_t d = 0; d < ANSWER_DIALECT_N; d++) {
		for (size_t k = 0; k < ARRAY_N(sizes); k++)
			make_session(argv[1], &dialects[d], k, &files);
		for (size_t k = 0; k < ARRAY_N(streams); k++)
			make_stream(argv[1], &dialects[d], k);
	}
	globfree(&files);
	return 0;
}
