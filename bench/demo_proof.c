/* demo_proof: looks at a request before and after headroom compress, without trusting it: is every byte outside
 * tool results the same, and does headroom retrieve give back each result that was changed?
 *
 *	demo_proof HEADROOM STORE REQUEST COMPRESSED REPORT
 *
 * REPORT is what --report wrote. Exit status 1 when either does not hold. */
#include <stdio.h>
#include <stdlib.h>

#include "core/base/file.h"
#include "core/base/vec.h"
#include "core/json/scan.h"

struct result {
	str path;         /* as the report names it */
	struct span span; /* the string literal */
};

struct doc {
	struct buf file;
	struct json_tape tape;
	VEC(struct result) results;
};

struct proof {
	struct arena arena;
	const char *headroom, *store;
	struct doc before, after, report;
};

static bool load(struct arena *a, const char *path, struct doc *d)
{
	struct errctx cx = {.code = E_OK};

	buf_init(&d->file, LIMIT_INPUT);
	if (file_read(path, &d->file, &cx) == E_OK &&
		json_scan(a, buf_str(&d->file), &d->tape, &cx) == E_OK)
		return true;
	fprintf(stderr, "demo_proof: %s: %s\n", path, cx.text);
	return false;
}

static bool is_result(const struct json_tape *t, uint32_t block)
{
	uint32_t type = json_member(t, block, "type");

	return type != JSON_ABSENT && json_string_is(t, type, "tool_result");
}

static void find_results(struct arena *a, struct doc *d)
{
	const struct json_tape *t = &d->tape;
	uint32_t messages = json_member(t, 0, "messages");
	unsigned m = 0;

	if (messages == JSON_ABSENT)
		return;
	for (struct json_iter i = json_iter(t, messages); json_next(&i); m++) {
		uint32_t list = json_member(t, i.value, "content");
		unsigned c = 0;

		if (list == JSON_ABSENT)
			continue;
		for (struct json_iter k = json_iter(t, list); json_next(&k); c++) {
			uint32_t content = json_member(t, k.value, "content");

			if (is_result(t, k.value) && content != JSON_ABSENT)
				*vec_push(&d->results, a) = (struct result){
					arena_printf(a, "messages[%u].content[%u]", m, c),
					{t->v[content].start, t->v[content].end}};
		}
	}
}

/* The bytes before result i, up to the one before it; behind the last one for i == n. */
static str gap(const struct doc *d, size_t i)
{
	uint32_t start = i ? d->results.v[i - 1].span.end : 0;

	return str_sub(
		d->tape.doc, start, i < d->results.n ? d->results.v[i].span.start : d->tape.doc.n);
}

static bool prove_rest(struct proof *p)
{
	size_t same = 0;

	if (p->before.results.n != p->after.results.n) {
		printf("%zu tool results became %zu\n", p->before.results.n, p->after.results.n);
		return false;
	}
	for (size_t i = 0; i <= p->before.results.n; i++) {
		if (!str_eq(gap(&p->before, i), gap(&p->after, i))) {
			printf("bytes before tool result %zu are not the same\n", i);
			return false;
		}
		same += gap(&p->before, i).n;
	}
	printf("outside of the %zu tool results: all %zu bytes are the same\n", p->before.results.n,
		same);
	return true;
}

/* What headroom retrieve prints for the key. */
static bool retrieve(struct proof *p, str key, struct buf *out)
{
	str command = arena_printf(&p->arena, "'%s' retrieve --store '%s' " STR_FMT "%c",
		p->headroom, p->store, STR_ARG(key), '\0');
	FILE *f = popen(command.p, "r");
	char chunk[4096];
	size_t n;

	if (!f)
		return false;
	while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
		buf_add(out, (str){chunk, n});
	return pclose(f) == 0 && out->err == E_OK;
}

/* The key of the original that the report names for that block; empty when there is none. */
static str key_of(struct proof *p, str path)
{
	const struct json_tape *t = &p->report.tape;
	uint32_t blocks = json_member(t, 0, "blocks");
	str s;

	if (blocks == JSON_ABSENT)
		return STR("");
	for (struct json_iter i = json_iter(t, blocks); json_next(&i);) {
		uint32_t name = json_member(t, i.value, "path"),
			 key = json_member(t, i.value, "ccr_hash");

		if (name != JSON_ABSENT && json_string(t, name, &p->arena, &s) &&
			str_starts(s, path) && key != JSON_ABSENT &&
			json_string(t, key, &p->arena, &s))
			return s;
	}
	return STR("");
}

static bool prove_original(struct proof *p, const struct result *r)
{
	str key = key_of(p, r->path), text;
	struct buf back;
	bool is_same;

	buf_init(&back, LIMIT_INPUT);
	is_same = key.n && retrieve(p, key, &back) &&
		  json_unescape(span_str(p->before.tape.doc, r->span), &p->arena, &text) &&
		  str_eq(text, buf_str(&back));
	if (!is_same)
		printf(STR_FMT " cannot be had back (key '" STR_FMT "')\n", STR_ARG(r->path),
			STR_ARG(key));
	buf_release(&back);
	return is_same;
}

static bool prove_originals(struct proof *p)
{
	size_t changed = 0, back = 0;

	for (size_t i = 0; i < p->before.results.n; i++) {
		const struct result *was = &p->before.results.v[i], *is = &p->after.results.v[i];

		if (str_eq(span_str(p->before.tape.doc, was->span),
			    span_str(p->after.tape.doc, is->span)))
			continue;
		changed++;
		back += prove_original(p, was);
	}
	printf("%zu tool results changed: %zu originals came back byte for byte from headroom "
	       "retrieve\n",
		changed, back);
	return back == changed;
}

int main(int argc, char **argv)
{
	struct proof p = {.arena = ARENA_INIT};
	bool ok;

	if (argc != 6) {
		fprintf(stderr, "usage: demo_proof HEADROOM STORE REQUEST COMPRESSED REPORT\n");
		return 2;
	}
	p.headroom = argv[1];
	p.store = argv[2];
	ok = load(&p.arena, argv[3], &p.before) && load(&p.arena, argv[4], &p.after) &&
	     load(&p.arena, argv[5], &p.report);
	if (ok) {
		find_results(&p.arena, &p.before);
		find_results(&p.arena, &p.after);
		ok = prove_rest(&p);
		ok = prove_originals(&p) && ok;
	}
	buf_release(&p.before.file);
	buf_release(&p.after.file);
	buf_release(&p.report.file);
	arena_release(&p.arena);
	return !ok;
}
