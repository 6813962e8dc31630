#include "core/base/log.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "core/base/limits.h"

static const char *const level_names[] = {
	[LOG_LEVEL_ERROR] = "error",
	[LOG_LEVEL_WARN] = "warn",
	[LOG_LEVEL_INFO] = "info",
	[LOG_LEVEL_DEBUG] = "debug",
};

const char *log_level_name(enum log_level level)
{
	return level_names[level];
}

bool log_level_parse(str name, enum log_level *out)
{
	for (size_t i = 0; i < ARRAY_N(level_names); i++)
		if (str_eq_c(name, level_names[i])) {
			*out = (enum log_level)i;
			return true;
		}
	return false;
}

/* What must still fit behind the last field. */
#define CUT_JSON ",\"cut\":true}\n"
#define CUT_TEXT " cut=true\n"
enum { TAIL_MAX = sizeof CUT_JSON };

struct line {
	char p[LIMIT_LOG_LINE];
	size_t n;
	bool is_json, is_full; /* full: something did not fit; n is where the line was whole */
	bool is_cut;
};

static void add(struct line *l, const char *p, size_t n)
{
	if (l->is_full || n > sizeof l->p - TAIL_MAX - l->n) {
		l->is_full = true;
		return;
	}
	memcpy(l->p + l->n, p, n);
	l->n += n;
}

static void add_c(struct line *l, const char *s)
{
	add(l, s, strlen(s));
}

/* Length of the UTF-8 sequence that s begins with (RFC 3629 section 4), 0 when there is none. */
static size_t utf8_length(str s)
{
	const unsigned char *u = (const unsigned char *)s.p;
	size_t n;

	if (u[0] < 0x80)
		return 1;
	n = u[0] >= 0xc2 && u[0] <= 0xdf ? 2 : u[0] >= 0xe0 && u[0] <= 0xef ? 3 : 4;
	if (u[0] < 0xc2 || u[0] > 0xf4 || s.n < n)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((u[i] & 0xc0) != 0x80)
			return 0;
	if ((u[0] == 0xe0 && u[1] < 0xa0) || (u[0] == 0xed && u[1] > 0x9f) ||
		(u[0] == 0xf0 && u[1] < 0x90) || (u[0] == 0xf4 && u[1] > 0x8f))
		return 0; /* too long a form, a surrogate, or above U+10FFFF */
	return n;
}

/* Control characters: C0, DEL, and C1 (U+0080 to U+009F, which some terminals obey). */
static bool is_control(str s, size_t n)
{
	unsigned char c = (unsigned char)s.p[0];

	return n == 1 ? c < 0x20 || c == 0x7f : n == 2 && c == 0xc2 && (s.p[1] & 0x7f) < 0x20;
}

static void add_escaped(struct line *l, str s)
{
	for (size_t n; s.n; s = str_sub(s, n, s.n)) {
		char escape[8];

		n = utf8_length(s);
		if (!n) {
			n = 1;
			add_c(l, "\xef\xbf\xbd");
		} else if (is_control(s, n)) {
			(void)snprintf(escape, sizeof escape, "\\u%04x", (unsigned char)s.p[n - 1]);
			add_c(l, *s.p == '\n' ? "\\n" : *s.p == '\t' ? "\\t" : escape);
		} else {
			if (*s.p == '"' || *s.p == '\\')
				add_c(l, "\\");
			add(l, s.p, n);
		}
	}
}

/* In text a value stands bare when nothing in it could be misread. */
static bool is_plain(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || (unsigned char)s.p[i] >= 0x7f ||
			strchr("\"\\=", s.p[i]))
			return false;
	return s.n != 0;
}

static void add_string(struct line *l, str s)
{
	if (s.n > LOG_STR_MAX) {
		s.n = LOG_STR_MAX;
		while (s.n && (s.p[s.n] & 0xc0) == 0x80) /* not within a character */
			s.n--;
		l->is_cut = true;
	}
	if (!l->is_json && is_plain(s)) {
		add(l, s.p, s.n);
		return;
	}
	add_c(l, "\"");
	add_escaped(l, s);
	add_c(l, "\"");
}

static void add_value(struct line *l, const struct log_field *f)
{
	char number[32];

	switch (f->type) {
	case LOG_STR:
		add_string(l, f->value.s);
		return;
	case LOG_U64:
		(void)snprintf(number, sizeof number, "%" PRIu64, f->value.u);
		break;
	case LOG_I64:
		(void)snprintf(number, sizeof number, "%" PRId64, f->value.i);
		break;
	case LOG_F64:
		(void)snprintf(
			number, sizeof number, isfinite(f->value.f) ? "%.6g" : "null", f->value.f);
		break;
	case LOG_BOOL:
		(void)snprintf(number, sizeof number, "%s", f->value.b ? "true" : "false");
		break;
	}
	add_c(l, number);
}

/* All of the field or nothing of it. */
static void add_field(struct line *l, const struct log_field *f)
{
	size_t whole_n = l->n;
	bool was_full = l->is_full;

	add_c(l, l->is_json ? ",\"" : " ");
	add_c(l, f->name);
	add_c(l, l->is_json ? "\":" : "=");
	add_value(l, f);
	if (l->is_full && !was_full)
		l->n = whole_n;
}

static void add_head(struct line *l, const struct log *log, enum log_level level, const char *event)
{
	char time[CLOCK_TIME_LEN + 1];

	clock_format(clock_wall_ms(log->clock), time);
	add_c(l, l->is_json ? "{\"time\":\"" : "");
	add_c(l, time);
	add_c(l, l->is_json ? "\",\"level\":\"" : " ");
	add_c(l, log_level_name(level));
	add_c(l, l->is_json ? "\",\"event\":\"" : " ");
	add_c(l, event);
	add_c(l, l->is_json ? "\"" : "");
}

void log_event(const struct log *log, enum log_level level, const char *event,
	const struct log_field *fields, size_t fields_n)
{
	struct line l;
	const char *tail;

	if (!log_is_on(log, level))
		return;
	l.n = 0;
	l.is_json = log->format == LOG_FORMAT_JSON;
	l.is_full = l.is_cut = false;
	add_head(&l, log, level, event);
	for (size_t i = 0; i < fields_n && !l.is_full; i++)
		add_field(&l, &fields[i]);
	if (l.is_full || l.is_cut)
		tail = l.is_json ? CUT_JSON : CUT_TEXT;
	else
		tail = l.is_json ? "}\n" : "\n";
	memcpy(l.p + l.n, tail, strlen(tail)); /* add() kept room for it */
	log->sink(log->self, level, (str){l.p, l.n + strlen(tail)});
}
