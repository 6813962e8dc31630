#include "core/compress/table/alarm.h"

#include "core/base/check.h"

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
	for (size_t i = 0; s.n && i < n; i++)
		if (s.n == words[i].n && (*s.p | 0x20) == *words[i].p && str_eq_nocase(s, words[i]))
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

/* Letters of either case by their lower bits. */
static uint32_t letter(char c)
{
	return UINT32_C(1) << (c & 31);
}

void alarm_init(struct alarm *alarm)
{
	*alarm = (struct alarm){0};
	for (size_t i = ARRAY_N(names); i-- > 0;) {
		size_t n = names[i].key.n;

		ASSERT(n <= ALARM_NAME_MAX);
		alarm->letters[n] |= letter(*names[i].key.p);
		alarm->first[n] = (uint8_t)i;
	}
}

bool alarm_is_member(
	const struct alarm *alarm, const struct json_tape *t, uint32_t key, uint32_t value)
{
	str name = inside(t, key);

	if (!name.n || name.n > ALARM_NAME_MAX || !(alarm->letters[name.n] & letter(*name.p)))
		return false;
	for (size_t i = alarm->first[name.n]; i < ARRAY_N(names) && names[i].key.n == name.n; i++)
		if ((*name.p | 0x20) == *names[i].key.p && str_eq_nocase(name, names[i].key))
			return tells_alarm(t, value, names[i].tells);
	return false;
}

static bool is_row_at(
	const struct alarm *alarm, const struct json_tape *t, uint32_t row, unsigned depth)
{
	for (struct json_iter it = json_iter(t, row); json_next(&it);) {
		if (alarm_is_member(alarm, t, it.key, it.value))
			return true;
		if (json_is(t, it.value, JSON_OBJECT) && depth < DEPTH_MAX &&
			is_row_at(alarm, t, it.value, depth + 1))
			return true;
	}
	return false;
}

bool alarm_is_row(const struct alarm *alarm, const struct json_tape *t, uint32_t row)
{
	return json_is(t, row, JSON_OBJECT) && is_row_at(alarm, t, row, 0);
}

/* ---- words ---- */

enum { LOWER = 1, UPPER = 2, FIRST = 4 /* one of these words may begin with it */ };

static const unsigned char letters[256] = {
#define R(from, to, v) [from... to] = (v)
	R('a', 'a', LOWER),
	R('b', 'f', LOWER | FIRST),
	R('g', 'n', LOWER),
	R('o', 'o', LOWER | FIRST),
	R('p', 's', LOWER),
	R('t', 'u', LOWER | FIRST),
	R('v', 'z', LOWER),
	R('A', 'A', UPPER),
	R('B', 'F', UPPER | FIRST),
	R('G', 'N', UPPER),
	R('O', 'O', UPPER | FIRST),
	R('P', 'S', UPPER),
	R('T', 'U', UPPER | FIRST),
	R('V', 'Z', UPPER),
#undef R
};

/* The word that begins with these three letters; empty when there is none. */
static str bad_word(const char *p)
{
#define HEAD(a, b, c) ((uint32_t)(a) << 16 | (uint32_t)(b) << 8 | (uint32_t)(c))
	switch (HEAD((unsigned char)p[0] | 0x20, (unsigned char)p[1] | 0x20,
		(unsigned char)p[2] | 0x20)) {
	case HEAD('e', 'r', 'r'):
		return STR("error");
	case HEAD('f', 'a', 'i'):
		return STR("fail");
	case HEAD('c', 'r', 'a'):
		return STR("crash");
	case HEAD('d', 'e', 'n'):
		return STR("denied");
	case HEAD('b', 'a', 'c'):
		return STR("backoff");
	case HEAD('o', 'o', 'm'):
		return STR("oom");
	case HEAD('u', 'n', 'h'):
		return STR("unhealthy");
	case HEAD('t', 'i', 'm'):
		return STR("timeout");
	case HEAD('e', 'x', 'c'):
		return STR("exception");
	default:
		return STR_NULL;
	}
#undef HEAD
}

static bool is_bad_word(str s)
{
	str word = bad_word(s.p);

	return word.n && s.n >= word.n && str_eq_nocase(str_sub(s, 0, word.n), word);
}

/* Whether a word may begin with the letter here. */
static bool is_beginning(unsigned before, unsigned here, unsigned next)
{
	return !(before & (LOWER | UPPER)) || (here & UPPER && (before & LOWER || next & LOWER));
}

/* Where a word begins: "my_timeout", "ReadTimeout", "IOException", "ERROR", but not "terror". */
static bool has_bad_word(str s)
{
	unsigned before = 0;

	for (size_t at = 0; at + 3 <= s.n; at++) {
		unsigned here = letters[(unsigned char)s.p[at]];

		if (here & FIRST &&
			is_beginning(before, here, letters[(unsigned char)s.p[at + 1]]) &&
			is_bad_word(str_sub(s, at, s.n)))
			return true;
		before = here;
	}
	return false;
}

bool alarm_speaks(str text)
{
	return has_bad_word(text);
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

bool alarm_told(
	const struct json_tape *t, uint32_t row, bool (*visit)(str text, void *user), void *user)
{
	bool is_any = false;

	if (json_is(t, row, JSON_STRING)) {
		str s = inside(t, row);

		return str_find_byte(s, ' ') != STR_NONE && has_bad_word(s) && visit(s, user);
	}
	for (struct json_iter it = json_iter(t, row); json_next(&it);)
		if (t->v[it.value].type <= JSON_STRING)
			is_any |= alarm_told(t, it.value, visit, user);
	return is_any;
}
