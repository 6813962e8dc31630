/* bench_memory: the search over memories as a filter, for tools that score it. Reads one JSON object,
 * {"docs": [{"id", "text"}], "queries": [text], "k": n}, and prints an array with the ids of the best k documents for each
 * query. A text may begin with "[when it was said] who said it: ", as a transcript does; documents with the same bracket in a
 * row are a session.
 *   bench_memory < FILE > ids      recall is what the tool makes of them
 *   bench_memory --hits FILE       of lines "question TAB memory", how often the memory is found among all of them
 *   bench_memory --meaning FILE OTHERS  of such lines, at thresholds of the cosine: how many questions get their memory by meaning alone, and
 *                                  how many get one of another line, or a line of the file OTHERS, which has nothing to do with them
 *   bench_memory --save N FILE     how long N memories take to be saved in a new FILE, each by itself, and to be read again
 *   bench_memory --find N FILE     how long a search over N made-up memories in a store takes, the first and later ones; a
 *                                  file that is there is taken as it is
 *   bench_memory --time N          how long a search over N made-up memories takes, and to build the index */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/json/scan.h"
#include "core/json/write.h"
#include "core/memory/embed.h"
#include "core/memory/finder.h"
#include "core/memory/when.h"
#include "core/store/memory.h"

enum { K_MAX = 1000 };

static int fail(const struct errctx *cx)
{
	(void)fprintf(stderr, "bench_memory: %s\n", cx->text);
	return 1;
}

/* "[1:56 pm on 8 May, 2023] Caroline: text" */
static struct memory_index_doc read_doc(str text)
{
	struct memory_index_doc d = {.content = text, .importance = 0.5};
	size_t end = str_find(text, STR("] ")), colon;
	struct when when;

	if (!str_starts(text, STR("[")) || end == STR_NONE)
		return d;
	d.session = str_sub(text, 0, end);
	if (when_find(d.session, 0, &when))
		d.created_ms = when.from_ms;
	d.content = str_sub(text, end + 2, text.n);
	colon = str_find(d.content, STR(": "));
	if (colon != STR_NONE && colon < 64) {
		d.speaker = str_sub(d.content, 0, colon);
		d.content = str_sub(d.content, colon + 2, d.content.n);
	}
	return d;
}

static str string_at(struct arena *a, const struct json_tape *t, uint32_t object, const char *key)
{
	uint32_t at = json_member(t, object, key);
	str s = STR_NULL;

	if (at != JSON_ABSENT && !json_string(t, at, a, &s))
		s = STR_NULL;
	return s;
}

static void answer(struct arena *a, const struct json_tape *t, struct json_writer *w)
{
	struct memory_index *x = memory_index_new(a);
	uint32_t docs = json_member(t, 0, "docs"), queries = json_member(t, 0, "queries");
	uint32_t k = json_member(t, 0, "k");
	struct memory_hit hits[K_MAX];
	uint64_t limit = 20;
	VEC(str) ids = {0};

	if (k != JSON_ABSENT && (!json_u64(t, k, &limit) || limit > K_MAX))
		limit = K_MAX;
	for (struct json_iter it = json_iter(t, docs); json_next(&it);) {
		struct memory_index_doc d = read_doc(string_at(a, t, it.value, "text"));

		*vec_push(&ids, a) = string_at(a, t, it.value, "id");
		memory_index_add(x, &d);
	}
	memory_index_seal(x);
	json_write_array(w, NULL);
	for (struct json_iter it = json_iter(t, queries); json_next(&it);) {
		struct memory_query q = {.limit = limit, .keeps_duplicates = true};
		size_t n;

		if (!json_string(t, it.value, a, &q.text))
			continue;
		n = memory_index_search(x, &q, a, hits);
		json_write_array(w, NULL);
		for (size_t i = 0; i < n && hits[i].doc < ids.n; i++)
			json_write_str(w, NULL, ids.v[hits[i].doc]);
		json_write_end(w);
	}
	json_write_end(w);
}

static int score(void)
{
	struct arena a = ARENA_INIT;
	struct errctx cx = {0};
	struct json_tape t;
	struct json_writer w;
	struct buf in, out;
	int status = 0;

	buf_init(&in, LIMIT_INPUT);
	buf_init(&out, LIMIT_INPUT);
	if (file_read_fd(STDIN_FILENO, "stdin", &in, &cx) || json_scan(&a, buf_str(&in), &t, &cx)) {
		status = fail(&cx);
	} else {
		json_write_init(&w, &out, false);
		answer(&a, &t, &w);
		(void)fwrite(out.p, 1, out.n, stdout);
	}
	buf_release(&in);
	buf_release(&out);
	arena_release(&a);
	return status;
}

/* Of bench/memory/paraphrases.tsv. */
static int hits(const char *file)
{
	enum { BEST = 5 };
	struct arena a = ARENA_INIT;
	struct memory_index *x = memory_index_new(&a);
	struct errctx cx = {0};
	VEC(str) questions = {0};
	size_t first = 0, among = 0, found = 0;
	struct buf in;
	str rest, line;

	buf_init(&in, LIMIT_INPUT);
	if (file_read(file, &in, &cx))
		return fail(&cx);
	for (rest = buf_str(&in); rest.n;) {
		size_t end = str_find_byte(rest, '\n'), tab;

		line = str_sub(rest, 0, end == STR_NONE ? rest.n : end);
		rest = str_sub(rest, end == STR_NONE ? rest.n : end + 1, rest.n);
		tab = str_find_byte(line, '\t');
		if (tab == STR_NONE)
			continue;
		*vec_push(&questions, &a) = str_sub(line, 0, tab);
		memory_index_add(x, &(struct memory_index_doc){.importance = 0.5,
					    .content = str_sub(line, tab + 1, line.n)});
	}
	memory_index_seal(x);
	for (size_t i = 0; i < questions.n; i++) {
		struct memory_query q = {.text = questions.v[i], .limit = BEST};
		struct memory_hit best[BEST];
		size_t n = memory_index_search(x, &q, &a, best), k = 0;

		while (k < n && best[k].doc != i)
			k++;
		found += n > 0;
		among += k < n;
		first += k < n && !k;
	}
	(void)printf("questions %zu  first %zu  among the best %d %zu  with any answer %zu\n",
		questions.n, first, BEST, among, found);
	buf_release(&in);
	arena_release(&a);
	return 0;
}

/* ---- meaning alone ---- */

struct vectors {
	struct near_set set;
	size_t n;
};

static void add_vector(struct vectors *v, str text)
{
	char out[EMBED_BYTES];

	if (!near_put(&v->set, v->n++, (str){out, embed_text(text, out) ? EMBED_BYTES : 0}))
		exit(1);
}

static float cosine(const struct vectors *a, size_t i, const struct vectors *b, size_t k)
{
	return vector_cosine((str){a->set.rows + i * EMBED_BYTES, EMBED_BYTES},
		(str){b->set.rows + k * EMBED_BYTES, EMBED_BYTES});
}

static size_t read_lines(str rest, struct vectors *left, struct vectors *right)
{
	while (rest.n) {
		size_t end = str_find_byte(rest, '\n'), tab;
		str line = str_sub(rest, 0, end == STR_NONE ? rest.n : end);

		rest = str_sub(rest, end == STR_NONE ? rest.n : end + 1, rest.n);
		tab = str_find_byte(line, '\t');
		if (left && tab != STR_NONE)
			add_vector(left, str_sub(line, 0, tab));
		if (!left || tab != STR_NONE)
			add_vector(right, str_sub(line, left ? tab + 1 : 0, line.n));
	}
	return right->n;
}

/* The nearest of them to question i, but for one. */
static float nearest(const struct vectors *asked, size_t i, const struct vectors *of, size_t but)
{
	float best = -1;

	for (size_t k = 0; k < of->n; k++)
		if (k != but)
			best = fmaxf(best, cosine(asked, i, of, k));
	return best;
}

static int meaning(const char *file, const char *others_file)
{
	struct vectors asked = {.set = {.dims = EMBED_DIMS}}, said = asked, others = asked;
	struct errctx cx = {0};
	struct buf in, more;
	size_t n;

	buf_init(&in, LIMIT_INPUT);
	buf_init(&more, LIMIT_INPUT);
	if (file_read(file, &in, &cx) || file_read(others_file, &more, &cx))
		return fail(&cx);
	n = read_lines(buf_str(&in), &asked, &said);
	(void)read_lines(buf_str(&more), NULL, &others);
	(void)printf("cosine  its memory of %zu  another's  one of %zu others\n", n, others.n);
	for (int t = 40; t <= 95; t += 5) {
		float min = (float)t / 100;
		size_t right = 0, wrong = 0, other = 0;

		for (size_t i = 0; i < n; i++) {
			right += cosine(&asked, i, &said, i) >= min;
			wrong += nearest(&asked, i, &said, i) >= min;
			other += nearest(&asked, i, &others, others.n) >= min;
		}
		(void)printf("%.2f  %zu  %zu  %zu\n", (double)min, right, wrong, other);
	}
	buf_release(&in);
	buf_release(&more);
	near_free(&asked.set);
	near_free(&said.set);
	near_free(&others.set);
	return 0;
}

/* The n-th word with the weight 1/n, as words are (Zipf), of 20,000; without the first few, which in a text are those that a
 * search passes over. */
static str made_up(struct arena *a, uint64_t *state, unsigned words)
{
	static const double FIRST = 2.3, LAST = 9.9; /* of the logarithm of n */
	struct buf b;

	buf_init_arena(&b, a, 4096);
	for (unsigned i = 0; i < words; i++) {
		double r;

		*state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
		r = (double)(*state >> 11) / 9007199254740992.0;
		buf_printf(&b, "%sw%" PRIx64 "x", i ? " " : "",
			(uint64_t)exp(FIRST + (LAST - FIRST) * r));
	}
	return buf_str(&b);
}

/* Processor time of this process: others on the machine do not change it. */
static int64_t now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int measure(size_t n)
{
	enum { WORDS = 18, QUERIES = 100, QUERY_WORDS = 6 };
	struct arena a = ARENA_INIT, scratch = ARENA_INIT;
	struct memory_index *x = memory_index_new(&a);
	uint64_t state = 1;
	int64_t from, built, worst = 0, sum = 0;
	struct memory_hit hits[10];
	str *texts = arena_calloc(&a, n, sizeof *texts, alignof(str));

	for (size_t i = 0; i < n; i++)
		texts[i] = made_up(&a, &state, WORDS);
	from = now_ns();
	for (size_t i = 0; i < n; i++)
		memory_index_add(x, &(struct memory_index_doc){.content = texts[i],
					    .created_ms = (int64_t)(i + 1) * 60000});
	memory_index_seal(x);
	built = now_ns() - from;
	for (int i = 0; i < QUERIES; i++) {
		struct memory_query q = {
			.text = made_up(&scratch, &state, QUERY_WORDS), .limit = 10};

		from = now_ns();
		(void)memory_index_search(x, &q, &scratch, hits);
		from = now_ns() - from;
		sum += from;
		worst = from > worst ? from : worst;
		arena_reset(&scratch);
	}
	(void)printf("memories %zu  processor time: build %.1f ms  search mean %.3f ms  worst %.3f "
		     "ms  (%d searches)\n",
		n, (double)built / 1e6, (double)sum / 1e6 / QUERIES, (double)worst / 1e6, QUERIES);
	arena_release(&scratch);
	arena_release(&a);
	return 0;
}

static int64_t wall_ns(void)
{
	return clock_monotonic_ns(NULL);
}

static int save(size_t n, const char *file)
{
	enum { WORDS = 18 };
	struct arena a = ARENA_INIT;
	struct memory_store *s = NULL;
	struct memory_filter f = memory_filter_all();
	struct memory_set set = {0};
	struct errctx cx = {0};
	uint64_t state = 1;
	int64_t worst = 0, wall_sum = 0, from_wall, cpu = now_ns();
	enum err e = memory_store_open(file, MEMORY_WRITE, NULL, &s, &cx);

	for (size_t i = 0; i < n && !e; i++) {
		struct memory m = memory_blank();
		struct memory_added added;

		m.text[MEMORY_USER] = STR("bench");
		m.text[MEMORY_CONTENT] = made_up(&a, &state, WORDS);
		from_wall = wall_ns();
		e = memory_begin(s, &cx);
		e = e ? e : memory_add(s, &m, &added, &cx);
		e = e ? e : memory_index_store(s, &cx);
		e = e ? e : memory_commit(s, &cx);
		from_wall = wall_ns() - from_wall;
		wall_sum += from_wall;
		worst = from_wall > worst ? from_wall : worst;
	}
	cpu = now_ns() - cpu;
	(void)printf("saved %zu  mean %.3f ms (processor %.3f ms)  worst %.3f ms\n", n,
		(double)wall_sum / 1e6 / (double)n, (double)cpu / 1e6 / (double)n,
		(double)worst / 1e6);
	cpu = now_ns();
	e = e ? e : memory_list(s, &f, &set, &cx);
	(void)printf("read %zu  processor %.1f ms\n", set.n, (double)(now_ns() - cpu) / 1e6);
	memory_set_free(&set);
	memory_store_close(s);
	arena_release(&a);
	return e ? fail(&cx) : 0;
}

static enum err fill_store(struct memory_store *s, size_t n, uint64_t *state, struct errctx *cx)
{
	enum { WORDS = 18 };
	struct arena a = ARENA_INIT;
	enum err e = memory_begin(s, cx);

	for (size_t i = 0; i < n && !e; i++) {
		struct memory m = memory_blank();
		struct memory_added added;

		m.text[MEMORY_USER] = STR("bench");
		m.text[MEMORY_CONTENT] = made_up(&a, state, WORDS);
		e = memory_add(s, &m, &added, cx);
		arena_reset(&a);
	}
	e = e ? e : memory_index_store(s, cx);
	e = e ? e : memory_commit(s, cx);
	arena_release(&a);
	return e;
}

static enum err ask(struct memory_finder *f, uint64_t *state, int64_t *cpu, struct errctx *cx)
{
	enum { QUERY_WORDS = 6 };
	struct arena a = ARENA_INIT;
	struct memory_filter filter = memory_filter_all();
	struct memory_search q = {.query = {.text = made_up(&a, state, QUERY_WORDS), .limit = 10}};
	struct memory_answer out;
	enum err e;

	filter.user = STR("bench");
	*cpu = now_ns();
	e = memory_find_answers(f, &filter, &q, &a, &out, cx);
	*cpu = now_ns() - *cpu;
	memory_set_free(&out.set);
	arena_release(&a);
	return e;
}

static int find(size_t n, const char *file)
{
	enum { QUERIES = 200 };
	bool is_there = access(file, F_OK) == 0;
	struct memory_store *s = NULL;
	struct memory_finder *f = NULL;
	struct errctx cx = {0};
	uint64_t state = 1;
	int64_t cpu = now_ns(), built, first = 0, sum = 0, worst = 0;
	enum err e = memory_store_open(file, MEMORY_WRITE, NULL, &s, &cx);

	e = e || is_there ? e : fill_store(s, n, &state, &cx);
	built = now_ns() - cpu;
	e = e ? e : memory_finder_new(s, &f, &cx);
	e = e ? e : ask(f, &state, &first, &cx);
	for (int i = 0; i < QUERIES && !e; i++) {
		e = ask(f, &state, &cpu, &cx);
		sum += cpu;
		worst = cpu > worst ? cpu : worst;
	}
	(void)printf(
		"memories %zu  processor time: saved and indexed %.1f ms  first search %.1f ms  "
		"then mean %.3f ms  worst %.3f ms  (%d searches)\n",
		n, (double)built / 1e6, (double)first / 1e6, (double)sum / 1e6 / QUERIES,
		(double)worst / 1e6, QUERIES);
	memory_finder_free(f);
	memory_store_close(s);
	return e ? fail(&cx) : 0;
}

int main(int argc, char **argv)
{
	uint64_t n;

	if (argc == 1)
		return score();
	if (argc == 3 && strcmp(argv[1], "--time") == 0 && str_u64(str_from(argv[2]), &n) && n)
		return measure((size_t)n);
	if (argc == 3 && strcmp(argv[1], "--hits") == 0)
		return hits(argv[2]);
	if (argc == 4 && strcmp(argv[1], "--meaning") == 0)
		return meaning(argv[2], argv[3]);
	if (argc == 4 && strcmp(argv[1], "--save") == 0 && str_u64(str_from(argv[2]), &n) && n)
		return save((size_t)n, argv[3]);
	if (argc == 4 && strcmp(argv[1], "--find") == 0 && str_u64(str_from(argv[2]), &n) && n)
		return find((size_t)n, argv[3]);
	(void)fprintf(stderr, "usage: bench_memory [--hits FILE | --meaning FILE OTHERS | --time N "
			      "| --save N FILE | "
			      "--find N FILE]\n");
	return 2;
}
