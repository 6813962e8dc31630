#include "core/compress/table/alarm.h"

enum { DEPTH_MAX = 4 /* of objects in a row that are looked into */ };

/* What a member of that name tells. */
enum tells {
	TELLS_FAULT,   /* anything but nothing: null, false, 0, "", {}, [], "none" */
	TELLS_LEVEL,   /* one of the words for bad levels */
	TELLS_STATE,   /* one of the words for bad states, or a number from 400 to 599 */
	TELLS_EXIT,    /* a number that is not 0 */
	TELLS_SUCCESS, /* false */
};

/* Shorter ones first. */
static const struct {
	str key;
	enum tells tells;
} names[] = {
	{LIT("ok"), TELLS_SUCCESS},
	{LIT("err"), TELLS_FAULT},
	{LIT("lvl"), TELLS_LEVEL},
	{LIT("code"), TELLS_STATE},
	{LIT("error"), TELLS_FAULT},
	{LIT("fault"), TELLS_FAULT},
	{LIT("crash"), TELLS_FAULT},
	{LIT("panic"), TELLS_FAULT},
	{LIT("level"), TELLS_LEVEL},
	{LIT("state"), TELLS_STATE},
	{LIT("phase"), TELLS_STATE},
	{LIT("errors"), TELLS_FAULT},
	{LIT("failed"), TELLS_FAULT},
	{LIT("status"), TELLS_STATE},
	{LIT("result"), TELLS_STATE},
	{LIT("health"), TELLS_STATE},
	{LIT("reason"), TELLS_STATE},
	{LIT("passed"), TELLS_SUCCESS},
	{LIT("failure"), TELLS_FAULT},
	{LIT("anomaly"), TELLS_FAULT},
	{LIT("iserror"), TELLS_FAULT},
	{LIT("outcome"), TELLS_STATE},
	{LIT("success"), TELLS_SUCCESS},
	{LIT("healthy"), TELLS_SUCCESS},
	{LIT("error_id"), TELLS_FAULT},
	{LIT("failures"), TELLS_FAULT},
	{LIT("is_error"), TELLS_FAULT},
	{LIT("severity"), TELLS_LEVEL},
	{LIT("loglevel"), TELLS_LEVEL},
	{LIT("priority"), TELLS_LEVEL},
	{LIT("exitcode"), TELLS_EXIT},
	{LIT("errorcode"), TELLS_FAULT},
	{LIT("exception"), TELLS_FAULT},
	{LIT("traceback"), TELLS_FAULT},
	{LIT("is_needle"), TELLS_FAULT},
	{LIT("timed_out"), TELLS_FAULT},
	{LIT("oomkilled"), TELLS_FAULT},
	{LIT("log_level"), TELLS_LEVEL},
	{LIT("levelname"), TELLS_LEVEL},
	{LIT("exit_code"), TELLS_EXIT},
	{LIT("succeeded"), TELLS_SUCCESS},
	{LIT("error_code"), TELLS_FAULT},
	{LIT("error_type"), TELLS_FAULT},
	{LIT("exceptions"), TELLS_FAULT},
	{LIT("stacktrace"), TELLS_FAULT},
	{LIT("is_anomaly"), TELLS_FAULT},
	{LIT("statuscode"), TELLS_STATE},
	{LIT("conclusion"), TELLS_STATE},
	{LIT("returncode"), TELLS_EXIT},
	{LIT("stack_trace"), TELLS_FAULT},
	{LIT("status_code"), TELLS_STATE},
	{LIT("http_status"), TELLS_STATE},
	{LIT("errormessage"), TELLS_FAULT},
	{LIT("error_message"), TELLS_FAULT},
	{LIT("response_code"), TELLS_STATE},
};

static const str bad_levels[] = {LIT("error"), LIT("err"), LIT("fatal"), LIT("critical"),
	LIT("crit"), LIT("severe"), LIT("alert"), LIT("emergency"), LIT("emerg"), LIT("panic")};

static const str bad_states[] = {LIT("error"), LIT("errored"), LIT("failed"), LIT("failure"),
	LIT("fail"), LIT("fatal"), LIT("crashed"), LIT("timeout"), LIT("timed_out"),
	LIT("unhealthy"), LIT("denied"), LIT("critical"), LIT("down"), LIT("broken"),
	LIT("aborted"), LIT("rejected"), LIT("unavailable"), LIT("degraded"), LIT("evicted"),
	LIT("oomkilled"), LIT("crashloopbackoff"), LIT("imagepullbackoff"), LIT("errimagepull"),
	LIT("backoff"), LIT("failedscheduling"), LIT("failedmount"), LIT("unknown_error"),
	LIT("internal_error")};

static const str nothing[] = {LIT("null"), LIT("false"), LIT("0"), LIT("\"\""), LIT("{}"),
	LIT("[]"), LIT("0.0"), LIT("\"none\""), LIT("\"None\""), LIT("\"null\""), LIT("\"false\""),
	LIT("\"0\"")};

static bool is_one_of(str s, const str *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq_nocase(s, words[i]))
			return true;
	return false;
}

static str inside(const struct json_tape *t, uint32_t node)
{
	str s = json_text(t, node);

	return json_is(t, node, JSON_STRING) ? str_sub(s, 1, s.n - 1) : STR_NULL;
}

static bool is_http_error(const struct json_tape *t, uint32_t value)
{
	str s = json_is(t, value, JSON_STRING) ? inside(t, value) : json_text(t, value);

	return s.n == 3 && (*s.p == '4' || *s.p == '5') && s.p[1] >= '0' && s.p[1] <= '9' &&
	       s.p[2] >= '0' && s.p[2] <= '9';
}

static bool tells_alarm(const struct json_tape *t, uint32_t value, enum tells tells)
{
	const struct json_node *v = &t->v[value];

	switch (tells) {
	case TELLS_FAULT:
		if (v->type == JSON_OBJECT || v->type == JSON_ARRAY)
			return v->n > 0;
		for (size_t i = 0; i < ARRAY_N(nothing); i++)
			if (str_eq(json_text(t, value), nothing[i]))
				return false;
		return true;
	case TELLS_LEVEL:
		return is_one_of(inside(t, value), bad_levels, ARRAY_N(bad_levels));
	case TELLS_STATE:
		return is_http_error(t, value) ||
		       is_one_of(inside(t, value), bad_states, ARRAY_N(bad_states));
	case TELLS_EXIT:
		return v->type == JSON_NUMBER && !str_eq(json_text(t, value), STR("0"));
	default:
		return v->type == JSON_FALSE;
	}
}

/* The first name of that length, by halves. */
static size_t first_of(size_t n)
{
	size_t low = 0, high = ARRAY_N(names);

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (names[mid].key.n < n)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool is_alarm(const struct json_tape *t, uint32_t key, uint32_t value)
{
	str name = inside(t, key);

	if (!name.n || name.n > names[ARRAY_N(names) - 1].key.n)
		return false;
	for (size_t i = first_of(name.n); i < ARRAY_N(names) && names[i].key.n == name.n; i++)
		if ((*name.p | 0x20) == *names[i].key.p && str_eq_nocase(name, names[i].key))
			return tells_alarm(t, value, names[i].tells);
	return false;
}

static bool is_row_at(const struct json_tape *t, uint32_t row, unsigned depth)
{
	if (!json_is(t, row, JSON_OBJECT) || depth > DEPTH_MAX)
		return false;
	for (struct json_iter it = json_iter(t, row); json_next(&it);)
		if (is_alarm(t, it.key, it.value) || is_row_at(t, it.value, depth + 1))
			return true;
	return false;
}

bool alarm_is_row(const struct json_tape *t, uint32_t row)
{
	return is_row_at(t, row, 0);
}

/* ---- words ---- */

static const str bad_words[] = {LIT("error"), LIT("fail"), LIT("crash"), LIT("denied"),
	LIT("backoff"), LIT("oom"), LIT("unhealthy"), LIT("timeout"), LIT("exception")};

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

/* True when a word begins at s.p[at]: "my_timeout", "ReadTimeout", "ERROR", but not "terror". */
static bool begins_word(str s, size_t at)
{
	return !at || (!is_lower(s.p[at - 1]) && !is_upper(s.p[at - 1])) ||
	       (is_lower(s.p[at - 1]) && is_upper(s.p[at]));
}

static bool has_bad_word(str s)
{
	for (size_t at = 0; at + 3 <= s.n; at++) {
		if (!memchr("efcdbout", s.p[at] | 0x20, 8) || !begins_word(s, at))
			continue;
		for (size_t i = 0; i < ARRAY_N(bad_words); i++)
			if (*bad_words[i].p == (s.p[at] | 0x20) &&
				str_eq_nocase(str_sub(s, at, at + bad_words[i].n), bad_words[i]))
				return true;
	}
	return false;
}

bool alarm_is_loud(const struct json_tape *t, uint32_t row)
{
	if (json_is(t, row, JSON_STRING))
		return has_bad_word(inside(t, row));
	for (struct json_iter it = json_iter(t, row); json_next(&it);)
		if (t->v[it.value].type <= JSON_STRING && alarm_is_loud(t, it.value))
			return true;
	return false;
}
