/* bench_engine: what a request costs. Makes a request of one megabyte whose tool results are real files of this
 * repository (numbered reads, partial re-reads, a search, JSON, a coloured log), and prints the time of the first
 * request of a process, of a cold one (no block of the conversation is known), of its own thread when helpers do their
 * part, of the same again, of one more turn, and the memory that a request takes; then MB/s of each encoder by itself.
 * Times are processor time, the best of several runs. Run from the root of the repository.
 *
 *	bench_engine [FILE...]     default: the .c and .h files under core/
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/cpu/cpu_clock.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/limits.h"
#include "core/compress/fold.h"
#include "core/compress/minify.h"
#include "core/compress/tidy.h"
#include "core/engine/engine.h"

/* Stands in the first message; another number makes it another conversation. */
#define CONVERSATION "000000"

enum { BODY_BYTES = 1 << 20, RUNS = 15 };

static double ms(int64_t ns)
{
	return (double)ns / 1e6;
}

/* ---- the request -------------------------------------------------------------------------------- */

struct session {
	struct buf body;
	unsigned calls;
};

static void add_call(
	struct session *s, const char *tool, const char *key, const char *value, str result)
{
	buf_printf(&s->body,
		"%s{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\"t%u\","
		"\"name\":"
		"\"%s\",\"input\":{\"%s\":\"%s\"}}]},{\"role\":\"user\",\"content\":[{\"type\":"
		"\"tool_result\",\"tool_use_id\":\"t%u\",\"content\":",
		s->calls ? "," : "", s->calls, tool, key, value, s->calls);
	buf_add_json_string(&s->body, result);
	buf_add_c(&s->body, "}]}");
	s->calls++;
}

/* A file as Claude Code's Read shows it, lines from..to. */
static void add_read(struct session *s, const char *path, str text, uint32_t from, uint32_t to)
{
	struct buf b;
	str line;
	uint32_t n = 0;

	buf_init(&b, LIMIT_INPUT);
	while (str_next_line(&text, &line, NULL))
		if (++n >= from && n <= to)
			buf_printf(&b, "%6u\xe2\x86\x92" STR_FMT "\n", n, STR_ARG(line));
	add_call(s, "Read", "file_path", path, buf_str(&b));
	buf_release(&b);
}

/* Lines with a word, as grep -n prints them for several files. */
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
	add_call(s, "Bash", "command", "grep -rn word .", buf_str(&b));
	buf_release(&b);
}

static void add_log(struct session *s, unsigned seed)
{
	struct buf b;

	buf_init(&b, LIMIT_INPUT);
	for (unsigned i = 0; i < 60; i++)
		buf_printf(&b,
			"\x1b[32m[%02u:%02u]\x1b[0m step %u of module_%u finished in %u ms\n",
			i / 60, i % 60, i, (i * 7 + seed) % 13, (i * 37 + seed) % 400);
	add_call(s, "Bash", "command", "make test", buf_str(&b));
	buf_release(&b);
}

static void add_json(struct session *s, unsigned seed)
{
	struct buf b;

	buf_init(&b, LIMIT_INPUT);
	buf_add_c(&b, "[");
	for (unsigned i = 0; i < 40; i++)
		buf_printf(&b,
			"%s\n  {\n    \"id\": %u,\n    \"name\": \"item %u\",\n    \"ok\": true\n  "
			"}",
			i ? "," : "", i + seed, i * seed);
	buf_add_c(&b, "\n]\n");
	add_call(s, "mcp__api__list", "query", "items", buf_str(&b));
	buf_release(&b);
}

static void make_session(struct session *s, const glob_t *files)
{
	buf_init(&s->body, LIMIT_INPUT);
	buf_add_c(&s->body, "{\"model\":\"claude-test\",\"max_tokens\":1,\"messages\":["
			    "{\"role\":\"user\",\"content\":\"conversation " CONVERSATION "\"},");
	for (unsigned i = 0; s->body.n < BODY_BYTES - 4096; i++) {
		const char *path = files->gl_pathv[i % files->gl_pathc];
		struct buf text;

		buf_init(&text, LIMIT_INPUT);
		if (file_read(path, &text, NULL) == E_OK) {
			if (i < files->gl_pathc)
				add_read(s, path, buf_str(&text), 1, UINT32_MAX);
			if (i % 3 == 1)
				add_read(s, path, buf_str(&text), 10, 90);
			if (i % 4 == 2)
				add_search(s, path, buf_str(&text), "struct");
		}
		buf_release(&text);
		add_log(s, i);
		if (i % 5 == 3)
			add_json(s, i);
	}
	buf_add_c(&s->body, "]}");
}

/* ---- requests -------------------------------------------------------------------------------------- */

struct figures {
	int64_t first, cold, warm, turn, helped;
	size_t body, sent, tokens_before, tokens_after, results;
};

static void keep_best(int64_t *best, int64_t ns)
{
	if (!*best || ns < *best)
		*best = ns;
}

/* Compresses a body; how long it took. */
static int64_t run_request(struct engine *e, str body, struct figures *f)
{
	struct compress_conf policy = {0};
	struct compress_result r;
	int64_t ns;

	if (compress_request(e, body, WIRE_NONE, &policy, &r, NULL) != E_OK)
		exit(1);
	ns = r.elapsed_ns;
	if (f) {
		f->sent = r.body.n;
		f->tokens_before = r.tokens_before;
		f->tokens_after = r.tokens_after;
		f->results = r.results_n;
	}
	compress_result_release(&r);
	return ns;
}

/* The same session as another conversation: nothing of it is known. */
static void renumber(char *body, size_t n, int number)
{
	char *at = memmem(body, n, "conversation ", 13);
	char digits[16];

	(void)snprintf(digits, sizeof digits, "%06d", number % 1000000);
	memcpy(at + 13, digits, sizeof CONVERSATION - 1);
}

/* Anonymous memory that is resident, in bytes (proc(5), RssAnon); the tables of the tokenizer are not in it. */
static size_t resident_bytes(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	size_t kib = 0;
	char line[256];

	while (f && fgets(line, sizeof line, f))
		if (strncmp(line, "RssAnon:", 8) == 0)
			kib = strtoul(line + 8, NULL, 10);
	if (f)
		(void)fclose(f);
	return kib << 10;
}

/* What one request takes in a fresh process: its result, the conversation, and what the engine keeps to work with.
 * To be measured before anything else has used memory. */
static size_t measure_memory(str body)
{
	struct engine_conf conf = {0};
	struct compress_conf policy = {0};
	struct compress_result r;
	size_t before = resident_bytes(), held;
	struct engine *e;

	if (engine_new(&conf, &e, NULL) != E_OK ||
		compress_request(e, body, WIRE_NONE, &policy, &r, NULL) != E_OK)
		exit(1);
	held = resident_bytes() - before;
	compress_result_release(&r);
	engine_free(e);
	return held;
}

static struct engine *new_engine(unsigned helpers_n)
{
	struct engine_conf conf = {.clock = &cpu_clock, .helpers_n = helpers_n};
	struct engine *e;

	if (engine_new(&conf, &e, NULL) != E_OK)
		exit(1);
	return e;
}

static void run_all(struct figures *f, char *first, size_t first_n, char *all, size_t all_n)
{
	struct engine *e = new_engine(0), *helped = new_engine(engine_helpers_n());

	keep_best(&f->first, run_request(e, (str){all, all_n}, f));
	for (int i = 1; i <= RUNS; i++) {
		renumber(all, all_n, i);
		keep_best(&f->cold, run_request(e, (str){all, all_n}, NULL));
		keep_best(&f->warm, run_request(e, (str){all, all_n}, NULL));
		keep_best(&f->helped, run_request(helped, (str){all, all_n}, NULL));
		renumber(first, first_n, RUNS + i);
		renumber(all, all_n, RUNS + i);
		(void)run_request(e, (str){first, first_n}, NULL);
		keep_best(&f->turn, run_request(e, (str){all, all_n}, NULL));
	}
	engine_free(e);
	engine_free(helped);
}

/* The body without its last call and result. */
static str without_last_turn(str body, struct buf *out)
{
	str last = STR(",{\"role\":\"assistant\"");
	size_t at = body.n - last.n;

	while (!str_starts(str_sub(body, at, body.n), last))
		at--;
	buf_add(out, str_sub(body, 0, at));
	buf_add_c(out, "]}");
	return buf_str(out);
}

static void bench_requests(struct buf body)
{
	size_t held = measure_memory(buf_str(&body));
	struct figures f = {.body = body.n};
	struct buf first;

	buf_init(&first, LIMIT_INPUT);
	(void)without_last_turn(buf_str(&body), &first);
	for (int i = 0; i < 3; i++)
		run_all(&f, first.p, first.n, body.p, body.n);
	printf("request of %zu bytes, %zu tool results, %zu -> %zu tokens, %zu bytes sent\n",
		f.body, f.results, f.tokens_before, f.tokens_after, f.sent);
	printf("first of a process     %8.2f ms\n", ms(f.first));
	printf("cold: new conversation %8.2f ms\n", ms(f.cold));
	printf("what helpers leave     %8.2f ms of it, %u of them\n", ms(f.helped),
		engine_helpers_n());
	printf("the same again         %8.2f ms\n", ms(f.warm));
	printf("one more turn          %8.2f ms\n", ms(f.turn));
	printf("memory held            %8.2f times the body\n", (double)held / (double)f.body);
	buf_release(&first);
}

/* ---- encoders ---------------------------------------------------------------------------------------- */

static str all_files(const glob_t *files, struct buf *out, bool is_numbered)
{
	for (size_t i = 0; i < files->gl_pathc; i++) {
		struct buf text;
		str rest, line;
		unsigned n = 0;

		buf_init(&text, LIMIT_INPUT);
		if (file_read(files->gl_pathv[i], &text, NULL) == E_OK)
			for (rest = buf_str(&text); str_next_line(&rest, &line, NULL);) {
				if (is_numbered)
					buf_printf(out, "%6u\t", ++n);
				buf_add(out, line);
				buf_add_byte(out, '\n');
			}
		buf_release(&text);
	}
	return buf_str(out);
}

static void print_rate(const char *name, size_t bytes, int64_t ns)
{
	printf("%-22s %8.0f MB/s\n", name, (double)bytes / ((double)ns / 1e3));
}

static void bench_fold(const char *name, str text, enum tool_kind tool)
{
	struct encode_policy policy = {.encoding = TOKEN_O200K};
	struct encode_in in = {.text = text, .tool = tool};
	struct token_cache *cache = token_cache_new();
	int64_t best = 0;

	for (int i = 0; i < RUNS; i++) {
		struct arena a = ARENA_INIT;
		struct view *v = view_new();
		fold_runs runs = {0};
		struct buf out;
		int64_t start = cpu_ns();

		buf_init_arena(&out, &a, LIMIT_INPUT);
		(void)fold_lines(&in, &policy, v, cache, &a, &out, &runs);
		keep_best(&best, cpu_ns() - start);
		view_free(v);
		arena_release(&a);
	}
	print_rate(name, text.n, best);
	token_cache_free(cache);
}

static void bench_text(const char *name, str text, str (*run)(str, struct arena *))
{
	int64_t best = 0;

	for (int i = 0; i < RUNS; i++) {
		struct arena a = ARENA_INIT;
		int64_t start = cpu_ns();

		(void)run(text, &a);
		keep_best(&best, cpu_ns() - start);
		arena_release(&a);
	}
	print_rate(name, text.n, best);
}

static void bench_encoders(const glob_t *files)
{
	struct session log = {0}, json = {0};
	struct buf numbered, plain;

	buf_init(&numbered, LIMIT_INPUT);
	buf_init(&plain, LIMIT_INPUT);
	buf_init(&log.body, LIMIT_INPUT);
	buf_init(&json.body, LIMIT_INPUT);
	bench_fold("gutter, references", all_files(files, &numbered, true), TOOL_FILE);
	bench_fold("references, prefixes", all_files(files, &plain, false), TOOL_OTHER);
	for (unsigned i = 0; i < 200; i++)
		buf_printf(&log.body,
			"\x1b[32mok\x1b[0m %u of 200\r\x1b[1mok\x1b[0m %u done in %u ms\n", i, i,
			i * 7);
	bench_text("tidy", buf_str(&log.body), tidy_text);
	buf_add_c(&json.body, "[");
	for (unsigned i = 0; i < 2000; i++)
		buf_printf(&json.body, "%s\n  {\n    \"id\": %u,\n    \"name\": \"n%u\"\n  }",
			i ? "," : "", i, i);
	buf_add_c(&json.body, "\n]\n");
	bench_text("json", buf_str(&json.body), minify_json);
	buf_release(&numbered);
	buf_release(&plain);
	buf_release(&log.body);
	buf_release(&json.body);
}

int main(int argc, char **argv)
{
	struct session s = {0};
	glob_t files = {0};
	int flags = 0;

	for (int i = 1; i < argc; i++, flags = GLOB_APPEND)
		(void)glob(argv[i], flags, NULL, &files);
	if (argc == 1) {
		(void)glob("core/*/*.c", 0, NULL, &files);
		(void)glob("core/*/*.h", GLOB_APPEND, NULL, &files);
	}
	if (!files.gl_pathc) {
		fprintf(stderr, "bench_engine: no files; run it from the root of the repository\n");
		return 1;
	}
	make_session(&s, &files);
	bench_requests(s.body);
	bench_encoders(&files);
	buf_release(&s.body);
	globfree(&files);
	return 0;
}
