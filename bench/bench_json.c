/* bench_json: throughput of the JSON scanner beside memcpy and simdjson, on one core.
 *
 *	bench_json [FILE...]
 *
 * Without files: documents made here, and with HEADROOM_CORPORA also twitter.json (where it is), a recorded
 * agent session and citm_catalog.json. Prints "document  what  MB/s  ratio to memcpy"; each figure is that of
 * the fastest of many rounds, which disturbs least on a shared machine. */
#include <stdio.h>
#include <stdlib.h>

#include "core/base/clock.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/json/patch.h"
#include "core/json/scan.h"

#ifdef HAVE_SIMDJSON
void *peer_simdjson_new(void);
void peer_simdjson_free(void *parser);
int peer_simdjson_parse(void *parser, const char *p, size_t n);
size_t peer_simdjson_padding(void);
#else
static size_t peer_simdjson_padding(void)
{
	return 0;
}
#endif

enum { ROUNDS_MIN = 10, ROUNDS_NS = 300000000 };

struct bench {
	str doc;
	char *copy;
	struct arena arena;
	struct json_tape tape;
	struct buf out;
	str *texts; /* the strings of the document as text */
	struct arena texts_arena;
	void *peer;
};

static NORETURN void die(const char *what)
{
	(void)fprintf(stderr, "bench_json: %s\n", what);
	exit(1);
}

/* ---- documents ---- */

static uint32_t next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

static void add_words(struct buf *b, uint32_t *seed, unsigned n)
{
	static const char *const words[] = {"the", "scanner", "of", "document", "reads", "a",
		"caf\u00e9", "\u65e5\u672c\u8a9e", "\u3053\u3093\u306b\u3061\u306f",
		"\u826f\u3044\u5929\u6c17"};

	for (unsigned i = 0; i < n; i++)
		buf_printf(b, "%s%s", i ? " " : "", words[next_random(seed) % ARRAY_N(words)]);
}

static void add_user(struct buf *b, uint32_t *seed)
{
	static const char *const flags[] = {
		"protected", "verified", "geo_enabled", "notifications"};

	buf_printf(b, "      \"user\": {\n        \"id\": %u,\n        \"name\": \"",
		next_random(seed));
	add_words(b, seed, 2);
	buf_add_c(b, "\",\n        \"description\": \"");
	add_words(b, seed, 18);
	buf_add_c(b, "\",\n        \"created_at\": \"Sun Aug 31 00:29:15 +0000 2014\",\n");
	buf_printf(b, "        \"followers_count\": %u,\n", next_random(seed) % 5000);
	for (size_t i = 0; i < ARRAY_N(flags); i++)
		buf_printf(b, "        \"%s\": %s,\n", flags[i],
			next_random(seed) % 4 ? "false" : "null");
	buf_add_c(b, "        \"profile_image_url\": "
		     "\"http://pbs.example.com/profile_images/495/o_normal.jpeg\",\n"
		     "        \"profile_background_color\": \"C0DEED\"\n      },\n");
}

/* Of the shape of simdjson's twitter.json: indented, short members, a good part of the text Japanese. */
static void add_posts(struct buf *b)
{
	uint32_t seed = 1;

	buf_add_c(b, "{\n  \"statuses\": [\n");
	for (int i = 0; i < 450; i++) {
		buf_printf(b,
			"%s    {\n      \"metadata\": {\n        \"result_type\": \"recent\",\n",
			i ? ",\n" : "");
		buf_add_c(b, "        \"iso_language_code\": \"ja\"\n      },\n      \"text\": \"");
		add_words(b, &seed, 20);
		buf_printf(b, "\",\n      \"id\": %u%09u,\n", next_random(&seed) >> 4,
			next_random(&seed) % 1000000000);
		buf_add_c(b,
			"      \"source\": \"<a "
			"href=\\\"http:\\/\\/example.com\\/#!\\/download\\\">a client</a>\",\n");
		buf_add_c(b, "      \"truncated\": false,\n      \"in_reply_to_user_id\": null,\n");
		add_user(b, &seed);
		buf_printf(b, "      \"entities\": {\n        \"hashtags\": [],\n        "
			      "\"indices\": [\n");
		buf_printf(b, "          %u,\n          %u\n", next_random(&seed) % 140,
			next_random(&seed) % 140);
		buf_add_c(b, "        ]\n      },\n      \"favorited\": false,\n      \"lang\": "
			     "\"ja\"\n    }");
	}
	buf_add_c(b, "\n  ],\n  \"search_metadata\": {\n    \"count\": 100\n  }\n}\n");
}

/* What a tool prints: lines of code with tabs and quotes. */
static void add_code(struct buf *b, uint32_t *seed, unsigned lines)
{
	for (unsigned i = 1; i <= lines; i++) {
		buf_printf(b, "%6u\t", i);
		for (unsigned tabs = next_random(seed) % 4; tabs; tabs--)
			buf_add_byte(b, '\t');
		buf_printf(b, "if (value_%u == \"%x\") return compute(state, %u);\n",
			next_random(seed) % 100, next_random(seed), next_random(seed) % 1000);
	}
}

static void add_rows(struct buf *b, uint32_t *seed, unsigned rows)
{
	buf_add_byte(b, '[');
	for (unsigned i = 0; i < rows; i++)
		buf_printf(b, "%s{\"id\":%u,\"name\":\"row %u\",\"ok\":true}", i ? "," : "", i,
			next_random(seed));
	buf_add_byte(b, ']');
}

/* One request of a coding agent: few very long strings. is_json: the tool results are JSON themselves. */
static void add_request(struct buf *b, bool is_json)
{
	uint32_t seed = 2;
	struct buf text;

	buf_init(&text, LIMIT_INPUT);
	buf_add_c(b, "{\"model\":\"claude\",\"max_tokens\":32000,\"stream\":true,\"messages\":[");
	for (int i = 0; i < 60; i++) {
		buf_reset(&text);
		if (is_json)
			add_rows(&text, &seed, 300);
		else
			add_code(&text, &seed, 250);
		buf_printf(b,
			"%s{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":"
			"\"toolu_%d\",",
			i ? "," : "", i);
		buf_printf(
			b, "\"name\":\"Read\",\"input\":{\"file_path\":\"/src/file%d.c\"}}]},", i);
		buf_printf(b,
			"{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":"
			"\"toolu_%d\",",
			i);
		buf_add_c(b, "\"content\":");
		buf_add_json_string(b, buf_str(&text));
		buf_add_c(b, "}]}");
	}
	buf_add_c(b, "]}");
	buf_release(&text);
}

/* Text of another script, as writers that keep to ASCII spell it. */
static void add_escaped(struct buf *b)
{
	uint32_t seed = 3;

	buf_add_c(b, "[\"");
	for (int i = 0; i < 100000; i++)
		buf_printf(b, "\\u%04x%s", 0x3040 + next_random(&seed) % 0x60,
			i % 100 == 99 ? "\",\"" : "");
	buf_add_c(b, "\"]");
}

static bool read_file(const char *path, struct buf *b)
{
	FILE *f = fopen(path, "rb");
	char part[1 << 16];
	size_t n;

	if (!f)
		return false;
	while ((n = fread(part, 1, sizeof part, f)) > 0)
		buf_add(b, (str){part, n});
	(void)fclose(f);
	return true;
}

/* ---- what is measured ---- */

static void run_memcpy(struct bench *b)
{
	memcpy(b->copy, b->doc.p, b->doc.n);
	__asm__ volatile("" : : "r"(b->copy) : "memory");
}

static void run_scan(struct bench *b)
{
	arena_reset(&b->arena);
	if (json_scan(&b->arena, b->doc, &b->tape, NULL) != E_OK)
		die("the document is not JSON");
}

/* Every string of the document as text. */
static void run_unescape(struct bench *b)
{
	struct arena a = ARENA_INIT;
	str text;

	for (uint32_t i = 0; i < b->tape.n; i++)
		if (json_is(&b->tape, i, JSON_STRING) && !json_string(&b->tape, i, &a, &text))
			die("a string is not Unicode");
	arena_release(&a);
}

/* Writes them back, which makes about the bytes that they were. */
static void run_write(struct bench *b)
{
	buf_reset(&b->out);
	for (uint32_t i = 0; i < b->tape.n; i++)
		buf_add_json_string(&b->out, b->texts[i]);
}

static void prepare_texts(struct bench *b)
{
	run_scan(b);
	b->texts = arena_array(&b->texts_arena, str, b->tape.n);
	for (uint32_t i = 0; i < b->tape.n; i++)
		if (!json_string(&b->tape, i, &b->texts_arena, &b->texts[i]))
			b->texts[i] = STR("");
}

/* Ten edits, spread evenly. */
static void run_patch(struct bench *b)
{
	struct patch_edit edits[10];

	for (size_t i = 0; i < ARRAY_N(edits); i++) {
		uint32_t at = (uint32_t)(b->doc.n / ARRAY_N(edits) * i);

		edits[i] = (struct patch_edit){{at, at + 10}, STR("ten bytes.")};
	}
	buf_reset(&b->out);
	patch_sort(edits, ARRAY_N(edits));
	if (patch_apply(b->doc, edits, ARRAY_N(edits), &b->out) != E_OK)
		die("patch");
}

#ifdef HAVE_SIMDJSON
static void run_simdjson(struct bench *b)
{
	if (peer_simdjson_parse(b->peer, b->doc.p, b->doc.n) != 0)
		die("simdjson refuses the document");
}
#endif

static double fastest_ns(struct bench *b, void (*run)(struct bench *))
{
	int64_t start = clock_monotonic_ns(NULL), now = start, best = INT64_MAX;

	for (int i = 0; i < ROUNDS_MIN || now - start < ROUNDS_NS; i++) {
		int64_t from = clock_monotonic_ns(NULL);

		run(b);
		now = clock_monotonic_ns(NULL);
		best = now - from < best ? now - from : best;
	}
	return (double)best;
}

static void measure(const char *name, str doc)
{
	static const struct {
		const char *name;
		void (*run)(struct bench *);
	} rows[] = {
		{"memcpy", run_memcpy}, /* first: the others are compared with it */
		{"json_scan", run_scan},
#ifdef HAVE_SIMDJSON
		{"simdjson DOM", run_simdjson},
#endif
		{"json_string of all", run_unescape},
		{"buf_add_json_string", run_write},
		{"patch_apply", run_patch},
	};
	/* simdjson wants padding behind the document. */
	struct bench b = {.copy = mem_alloc(doc.n)};
	char *padded = mem_zalloc(doc.n + peer_simdjson_padding());
	double memcpy_ns = 0;

	if (!b.copy || !padded)
		die("out of memory");
	memcpy(padded, doc.p, doc.n);
	b.doc = (str){padded, doc.n};
	buf_init(&b.out, 2 * LIMIT_INPUT);
#ifdef HAVE_SIMDJSON
	b.peer = peer_simdjson_new();
#endif
	prepare_texts(&b);
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		double ns = fastest_ns(&b, rows[i].run);

		memcpy_ns = i ? memcpy_ns : ns;
		printf("%-24.24s %-20s %8.0f MB/s  %.3f\n", name, rows[i].name,
			(double)doc.n * 1e3 / ns, memcpy_ns / ns);
	}
#ifdef HAVE_SIMDJSON
	peer_simdjson_free(b.peer);
#endif
	buf_release(&b.out);
	arena_release(&b.arena);
	arena_release(&b.texts_arena);
	mem_free(b.copy);
	mem_free(padded);
}

static bool measure_file(const char *path)
{
	const char *slash = strrchr(path, '/');
	struct buf doc;
	bool is_read;

	buf_init(&doc, LIMIT_INPUT);
	is_read = read_file(path, &doc);
	if (is_read && doc.err)
		die(err_text(doc.err));
	if (is_read)
		measure(slash ? slash + 1 : path, buf_str(&doc));
	buf_release(&doc);
	return is_read;
}

static void measure_corpora(const char *dir)
{
	static const char *const files[] = {"json_api/simdjson_examples/jsonexamples/twitter.json",
		"json_api/simdjson_examples/jsonexamples/citm_catalog.json",
		"turns/pi-mono--before-compaction--56f9cf.json"};
	char path[4096];

	for (size_t i = 0; i < ARRAY_N(files); i++) {
		(void)snprintf(path, sizeof path, "%s/%s", dir, files[i]);
		if (!measure_file(path))
			printf("%s: not there\n", path);
	}
}

static void measure_made(const char *name, void (*add)(struct buf *))
{
	struct buf doc;

	buf_init(&doc, LIMIT_INPUT);
	add(&doc);
	if (doc.err)
		die(err_text(doc.err));
	measure(name, buf_str(&doc));
	buf_release(&doc);
}

static void add_code_request(struct buf *b)
{
	add_request(b, false);
}

static void add_json_request(struct buf *b)
{
	add_request(b, true);
}

int main(int argc, char **argv)
{
	const char *corpora = getenv("HEADROOM_CORPORA");

	for (int i = 1; i < argc; i++)
		if (!measure_file(argv[i]))
			die("cannot read a file");
	if (argc > 1)
		return 0;
	measure_made("posts (made here)", add_posts);
	measure_made("agent request, code", add_code_request);
	measure_made("agent request, JSON", add_json_request);
	measure_made("\\u escapes", add_escaped);
	if (corpora)
		measure_corpora(corpora);
	return 0;
}
