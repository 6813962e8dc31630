#include "core/json/write.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/check.h"
#include "core/base/utf8.h"

void json_write_init(struct json_writer *w, struct buf *out, bool is_pretty)
{
	memset(w, 0, sizeof *w);
	w->out = out;
	w->is_pretty = is_pretty;
}

static bool in_object(const struct json_writer *w)
{
	unsigned level = w->depth - 1;

	return w->depth && (w->is_object[level / 8] >> level % 8 & 1);
}

static void new_line(struct json_writer *w)
{
	if (!w->is_pretty)
		return;
	buf_add_byte(w->out, '\n');
	for (unsigned i = 0; i < w->depth; i++)
		buf_add(w->out, STR("  "));
}

/* What stands between the element before and the next one. */
static void separate(struct json_writer *w)
{
	if (w->has_elements)
		buf_add_byte(w->out, ',');
	if (w->depth)
		new_line(w);
	w->has_elements = true;
}

/* s escaped as in a JSON string, without the quotes around it. */
static void add_inside(struct buf *out, str s)
{
	size_t start = out->n;

	buf_add_json_string(out, s);
	if (out->err)
		return;
	memmove(out->p + start, out->p + start + 1, out->n - start - 2);
	out->n -= 2;
}

static void add_repaired(struct buf *out, str s)
{
	buf_add_byte(out, '"');
	while (s.n) {
		size_t good = utf8_valid_n(s);

		add_inside(out, str_sub(s, 0, good));
		s = str_sub(s, good, s.n);
		if (s.n) {
			buf_add(out, STR("\xEF\xBF\xBD")); /* U+FFFD */
			s = str_sub(s, utf8_bad_n(s), s.n);
		}
	}
	buf_add_byte(out, '"');
}

static void add_string(struct buf *out, str s)
{
	if (utf8_valid_n(s) == s.n)
		buf_add_json_string(out, s);
	else
		add_repaired(out, s);
}

void json_write_key(struct json_writer *w, str key)
{
	ASSERT(in_object(w) && !w->has_key);
	separate(w);
	add_string(w->out, key);
	buf_add(w->out, w->is_pretty ? STR(": ") : STR(":"));
	w->has_key = true;
}

static void begin_value(struct json_writer *w, const char *key)
{
	if (key)
		json_write_key(w, str_from(key));
	ASSERT(w->has_key == in_object(w));
	if (!w->has_key)
		separate(w);
	w->has_key = false;
}

static void begin_container(struct json_writer *w, const char *key, bool is_object)
{
	unsigned level = w->depth;
	unsigned char bit = (unsigned char)(1u << level % 8);

	begin_value(w, key);
	ASSERT(level < LIMIT_JSON_DEPTH);
	if (is_object)
		w->is_object[level / 8] |= bit;
	else
		w->is_object[level / 8] &= (unsigned char)~bit;
	buf_add_byte(w->out, is_object ? '{' : '[');
	w->depth++;
	w->has_elements = false;
}

void json_write_object(struct json_writer *w, const char *key)
{
	begin_container(w, key, true);
}

void json_write_array(struct json_writer *w, const char *key)
{
	begin_container(w, key, false);
}

void json_write_end(struct json_writer *w)
{
	bool is_object = in_object(w);

	ASSERT(w->depth && !w->has_key);
	w->depth--;
	if (w->has_elements)
		new_line(w);
	buf_add_byte(w->out, is_object ? '}' : ']');
	w->has_elements = true;
}

void json_write_raw(struct json_writer *w, const char *key, str json)
{
	begin_value(w, key);
	buf_add(w->out, json);
}

void json_write_str(struct json_writer *w, const char *key, str value)
{
	begin_value(w, key);
	add_string(w->out, value);
}

void json_write_c(struct json_writer *w, const char *key, const char *value)
{
	if (value)
		json_write_str(w, key, str_from(value));
	else
		json_write_null(w, key);
}

void json_write_u64(struct json_writer *w, const char *key, uint64_t value)
{
	begin_value(w, key);
	buf_add_u64(w->out, value);
}

void json_write_i64(struct json_writer *w, const char *key, int64_t value)
{
	begin_value(w, key);
	if (value < 0)
		buf_add_byte(w->out, '-');
	buf_add_u64(w->out, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

/* printf writes the point of the process's locale; JSON has but '.'. */
static void add_number(struct json_writer *w, const char *key, char *text)
{
	for (char *p = text; *p; p++)
		if (!strchr("+-0123456789eE", *p))
			*p = '.';
	json_write_raw(w, key, str_from(text));
}

void json_write_f64(struct json_writer *w, const char *key, double value)
{
	enum { DIGITS_MIN = 15, DIGITS_MAX = 17 }; /* of a double: surely kept, surely enough */
	char text[40];

	if (!isfinite(value)) {
		json_write_null(w, key);
		return;
	}
	for (int digits = DIGITS_MIN; digits <= DIGITS_MAX; digits++) {
		(void)snprintf(text, sizeof text, "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	add_number(w, key, text);
}

void json_write_fixed(struct json_writer *w, const char *key, double value, int digits)
{
	char text[400]; /* DBL_MAX has 309 digits before its point */

	if (!isfinite(value)) {
		json_write_null(w, key);
		return;
	}
	(void)snprintf(text, sizeof text, "%.*f", digits < 20 ? digits : 20, value);
	add_number(w, key, text);
}

void json_write_bool(struct json_writer *w, const char *key, bool value)
{
	json_write_raw(w, key, value ? STR("true") : STR("false"));
}

void json_write_null(struct json_writer *w, const char *key)
{
	json_write_raw(w, key, STR("null"));
}
