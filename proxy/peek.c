#include "proxy/peek.h"

/* Values as they are spelled; empty: not seen. */
struct reading {
	str model, stream;
};

static str *value_of(struct reading *r, str key)
{
	if (str_eq(key, STR("\"model\"")))
		return &r->model;
	return str_eq(key, STR("\"stream\"")) ? &r->stream : NULL;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* Of a number, or of true, false and null. */
static bool is_literal(char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '-' ||
	       c == '+' || c == '.';
}

/* ---- from the beginning ------------------------------------------------------------------------------ */

static void skip_space(str *s)
{
	while (s->n && is_space(*s->p))
		*s = str_sub(*s, 1, s->n);
}

static bool take_byte(str *s, char c)
{
	skip_space(s);
	if (!s->n || *s->p != c)
		return false;
	*s = str_sub(*s, 1, s->n);
	return true;
}

/* A string without escapes, with its quotes, or a literal. */
static bool take_scalar(str *s, str *out)
{
	size_t n = 0;

	skip_space(s);
	if (s->n && *s->p == '"') {
		size_t end = str_find_byte(str_sub(*s, 1, s->n), '"');

		if (end == STR_NONE)
			return false;
		n = end + 2;
	}
	while (n < s->n && (!n || *s->p != '"') && is_literal(s->p[n]))
		n++;
	*out = str_sub(*s, 0, n);
	*s = str_sub(*s, n, s->n);
	return n && str_find_byte(*out, '\\') == STR_NONE;
}

/* True when that was the whole object. What is left of *s begins before the first member that was not read. */
static bool read_front(struct reading *r, str *s)
{
	str rest = *s, key, value, *kept;

	if (!take_byte(&rest, '{'))
		return false;
	do {
		*s = rest;
		if (!take_scalar(&rest, &key) || !take_byte(&rest, ':') ||
			!take_scalar(&rest, &value))
			return false;
		kept = value_of(r, key);
		if (kept)
			*kept = value;
	} while (take_byte(&rest, ','));
	*s = rest;
	return take_byte(&rest, '}');
}

/* ---- from the end ------------------------------------------------------------------------------------ */

static bool cut_byte(str *s, char c)
{
	*s = str_trim_right(*s);
	if (!s->n || s->p[s->n - 1] != c)
		return false;
	s->n--;
	return true;
}

/* The one that the bytes end with. */
static bool cut_scalar(str *s, str *out)
{
	size_t at;

	*s = str_trim_right(*s);
	at = s->n;
	if (at && s->p[at - 1] == '"') {
		at = str_rfind_byte(str_sub(*s, 0, at - 1), '"');
		if (at == STR_NONE || (at && s->p[at - 1] == '\\'))
			return false;
	} else {
		while (at && is_literal(s->p[at - 1]))
			at--;
	}
	*out = str_sub(*s, at, s->n);
	s->n = at;
	return out->n && str_find_byte(*out, '\\') == STR_NONE;
}

/* What is left of *s ends behind the last member that was not read. */
static void read_back(struct reading *r, str *s)
{
	str rest = *s, key, value, *kept;

	if (!cut_byte(&rest, '}'))
		return;
	do {
		*s = rest;
		if (!cut_scalar(&rest, &value) || !cut_byte(&rest, ':') || !cut_scalar(&rest, &key))
			return;
		kept = value_of(r, key);
		if (kept && !kept->n)
			*kept = value;
	} while (cut_byte(&rest, ','));
}

/* ---- both -------------------------------------------------------------------------------------------- */

/* Whether nothing between has that key, or what was read is the later one. */
static bool is_known(str value, str between, str key)
{
	return value.n || str_find(between, key) == STR_NONE;
}

bool peek_read(str body, struct peek *out)
{
	struct reading front = {0}, back = {0};
	str between = body, model, stream;

	if (read_front(&front, &between))
		between = STR("");
	else
		read_back(&back, &between);
	model = back.model.n ? back.model : front.model;
	stream = back.stream.n ? back.stream : front.stream;
	out->is_stream = str_eq(stream, STR("true"));
	out->model = str_sub(model, model.n ? 1 : 0, model.n ? model.n - 1 : 0);
	if (model.n && *model.p != '"')
		return false; /* no name */
	return is_known(model, between, STR("\"model\"")) &&
	       is_known(stream, between, STR("\"stream\""));
}
