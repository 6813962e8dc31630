/* Reports that are one document: a list of diagnostics, or of files with theirs. */
#include "core/base/limits.h"
#include "core/compress/build/report.h"

struct report {
	const struct json_tape *t;
	struct arena *arena;
	struct buf *b;
	size_t n, clean_n; /* what it is about; of these, about which it says nothing */
};

static str member(const struct report *r, uint32_t object, const char *key)
{
	uint32_t v = json_member(r->t, object, key);
	str s;

	return v != JSON_ABSENT && json_string(r->t, v, r->arena, &s) ? s : STR_NULL;
}

/* As it is spelled; "0" where there is none. */
static str number(const struct report *r, uint32_t object, const char *key)
{
	uint32_t v = object == JSON_ABSENT ? JSON_ABSENT : json_member(r->t, object, key);

	return v != JSON_ABSENT && json_is(r->t, v, JSON_NUMBER) ? json_text(r->t, v) : STR("0");
}

static void add(struct report *r, const char *before, str s)
{
	buf_add_c(r->b, before);
	buf_add(r->b, s);
}

/* ---- diagnostics by file: eslint --format json, as its own "stylish" says it ---- */

static bool add_eslint_message(struct report *r, uint32_t m)
{
	str text = member(r, m, "message"), rule = member(r, m, "ruleId");

	if (!text.n)
		return false;
	add(r, "  ", number(r, m, "line"));
	add(r, ":", number(r, m, "column"));
	buf_add_c(r->b, str_eq_c(number(r, m, "severity"), "1") ? "  warning  " : "  error  ");
	buf_add(r->b, text);
	if (rule.n)
		add(r, "  ", rule);
	buf_add_byte(r->b, '\n');
	return true;
}

static bool add_eslint(struct report *r, uint32_t file)
{
	uint32_t messages = json_member(r->t, file, "messages");
	str path = member(r, file, "filePath");

	if (!path.n || messages == JSON_ABSENT)
		return false;
	if (!r->t->v[messages].n) {
		r->clean_n++;
		return true;
	}
	buf_add(r->b, path);
	buf_add_byte(r->b, '\n');
	for (struct json_iter it = json_iter(r->t, messages); json_next(&it);)
		if (!add_eslint_message(r, it.value))
			return false;
	return true;
}

/* ---- lists of diagnostics: ruff --output-format json, pylint --output-format json, as they print them otherwise ---- */

static bool add_ruff(struct report *r, uint32_t m)
{
	uint32_t at = json_member(r->t, m, "location"), fix = json_member(r->t, m, "fix");
	str path = member(r, m, "filename"), text = member(r, m, "message"),
	    code = member(r, m, "code");

	if (!path.n || !text.n || at == JSON_ABSENT)
		return false;
	buf_add(r->b, path);
	add(r, ":", number(r, at, "row"));
	add(r, ":", number(r, at, "column"));
	add(r, ": ", code.n ? code : STR("error:"));
	if (fix != JSON_ABSENT && json_is(r->t, fix, JSON_OBJECT))
		buf_add_c(r->b, " [*]");
	add(r, " ", text);
	buf_add_byte(r->b, '\n');
	return true;
}

static bool add_pylint(struct report *r, uint32_t m)
{
	str path = member(r, m, "path"), text = member(r, m, "message"),
	    symbol = member(r, m, "symbol");

	if (!path.n || !text.n || !symbol.n)
		return false;
	buf_add(r->b, path);
	add(r, ":", number(r, m, "line"));
	add(r, ":", number(r, m, "column"));
	add(r, ": ", member(r, m, "message-id"));
	add(r, ": ", text);
	add(r, " (", symbol);
	buf_add_c(r->b, ")\n");
	return true;
}

typedef bool add_item(struct report *r, uint32_t item);

static bool add_list(struct report *r, uint32_t list, add_item *one)
{
	for (struct json_iter it = json_iter(r->t, list); json_next(&it);) {
		r->n++;
		if (!json_is(r->t, it.value, JSON_OBJECT) || !one(r, it.value))
			return false;
	}
	return r->n > 0;
}

/* ---- tests: jest --json, pytest --json-report ---- */

static bool add_failures(struct report *r, uint32_t test)
{
	uint32_t messages = json_member(r->t, test, "failureMessages");

	add(r, "  \xe2\x97\x8f ", member(r, test, "fullName"));
	buf_add_byte(r->b, '\n');
	if (messages == JSON_ABSENT)
		return true;
	for (struct json_iter it = json_iter(r->t, messages); json_next(&it);) {
		str text;

		if (!json_string(r->t, it.value, r->arena, &text))
			return false;
		buf_add(r->b, text);
		buf_add_byte(r->b, '\n');
	}
	return true;
}

static bool add_jest(struct report *r, uint32_t file)
{
	uint32_t tests = json_member(r->t, file, "assertionResults");
	str status = member(r, file, "status"), message = member(r, file, "message");
	bool has_failed = !str_eq_c(status, "passed");
	size_t failed = 0;

	if (tests == JSON_ABSENT || !status.n)
		return false;
	add(r, has_failed ? "FAIL " : "PASS ", member(r, file, "name"));
	buf_printf(r->b, " (%u tests)\n", (unsigned)r->t->v[tests].n);
	for (struct json_iter it = json_iter(r->t, tests); json_next(&it);) {
		if (!json_string_is(r->t, json_member(r->t, it.value, "status"), "failed"))
			continue;
		failed++;
		if (!add_failures(r, it.value))
			return false;
	}
	if (!failed && has_failed) /* the file itself could not be run */
		add(r, "", message);
	if (!failed && has_failed)
		buf_add_byte(r->b, '\n');
	return true;
}

static bool read_jest(struct report *r)
{
	static const char *const counts[][2] = {{"numFailedTests", "failed"},
		{"numPassedTests", "passed"}, {"numPendingTests", "skipped"},
		{"numTotalTests", "total"}};

	if (!add_list(r, json_member(r->t, 0, "testResults"), add_jest))
		return false;
	buf_add_c(r->b, "Tests:");
	for (size_t i = 0; i < ARRAY_N(counts); i++) {
		add(r, i ? ", " : " ", number(r, 0, counts[i][0]));
		add(r, " ", str_from(counts[i][1]));
	}
	buf_add_byte(r->b, '\n');
	return true;
}

/* "longrepr" of what failed: of a phase, or of a collector. */
static void add_longrepr(struct report *r, uint32_t phase)
{
	str text = phase == JSON_ABSENT ? STR_NULL : member(r, phase, "longrepr");

	if (text.n)
		add(r, "", text);
	if (text.n)
		buf_add_byte(r->b, '\n');
}

static bool add_pytest(struct report *r, uint32_t test)
{
	static const char *const phases[] = {"setup", "call", "teardown"};
	str id = member(r, test, "nodeid"), outcome = member(r, test, "outcome");
	bool is_good = str_eq_c(outcome, "passed") || str_eq_c(outcome, "skipped") ||
		       str_eq_c(outcome, "xfailed");

	if (!id.n || !outcome.n)
		return false;
	buf_add(r->b, id);
	if (is_good) {
		buf_add_c(r->b, str_eq_c(outcome, "passed") ? " PASSED\n" : " SKIPPED\n");
		return true;
	}
	buf_add_c(r->b, str_eq_c(outcome, "error") ? " ERROR\n" : " FAILED\n");
	for (size_t i = 0; i < ARRAY_N(phases); i++)
		add_longrepr(r, json_member(r->t, test, phases[i]));
	return true;
}

static bool read_pytest(struct report *r)
{
	uint32_t collectors = json_member(r->t, 0, "collectors"),
		 summary = json_member(r->t, 0, "summary");
	bool is_first = true;

	for (struct json_iter it = json_iter(r->t, collectors == JSON_ABSENT ? 0 : collectors);
		collectors != JSON_ABSENT && json_next(&it);)
		add_longrepr(r, it.value);
	if (!add_list(r, json_member(r->t, 0, "tests"), add_pytest) || summary == JSON_ABSENT)
		return false;
	for (struct json_iter it = json_iter(r->t, summary); json_next(&it); is_first = false) {
		str key;

		if (!json_string(r->t, it.key, r->arena, &key))
			return false;
		add(r, is_first ? "" : ", ", json_text(r->t, it.value));
		add(r, " ", key);
	}
	buf_add_byte(r->b, '\n');
	return true;
}

/* ---- which it is ---- */

static bool read_list(struct report *r, const char **name)
{
	static const struct {
		const char *key; /* of the first item */
		add_item *one;
		const char *name;
	} lists[] = {{"filePath", add_eslint, "files of eslint's JSON"},
		{"location", add_ruff, "diagnostics of ruff's JSON"},
		{"symbol", add_pylint, "messages of pylint's JSON"}};

	for (size_t i = 0; i < ARRAY_N(lists); i++) {
		if (!json_is(r->t, 0, JSON_ARRAY) || !r->t->v[0].n ||
			!json_is(r->t, 1, JSON_OBJECT) ||
			json_member(r->t, 1, lists[i].key) == JSON_ABSENT)
			continue;
		*name = lists[i].name;
		return add_list(r, 0, lists[i].one);
	}
	return false;
}

bool build_report_document(const struct json_tape *t, struct arena *a, struct build_report *out)
{
	struct buf b;
	struct report r = {.t = t, .arena = a, .b = &b};
	const char *name = NULL;
	bool is_read;

	buf_init_arena(&b, a, LIMIT_INPUT);
	if (json_is(t, 0, JSON_OBJECT) && json_member(t, 0, "testResults") != JSON_ABSENT) {
		name = "files of jest's JSON";
		is_read = read_jest(&r);
	} else if (json_is(t, 0, JSON_OBJECT) && json_member(t, 0, "tests") != JSON_ABSENT) {
		name = "tests of pytest's JSON";
		is_read = read_pytest(&r);
	} else {
		is_read = read_list(&r, &name);
		out->is_list = true;
	}
	if (!is_read || b.err || !b.n)
		return false;
	out->text = buf_str(&b);
	out->source = r.clean_n ? arena_printf(a, "%zu %s, %zu of them clean", r.n, name, r.clean_n)
				: arena_printf(a, "%zu %s", r.n, name);
	return true;
}
