#include "core/base/opt_value.h"

#include <math.h>
#include <stdio.h>

#include "core/base/check.h"

enum { RANGE_TEXT_MAX = 128 };

/* A unit of a number; tables go from the largest to the smallest, so that writing finds the shortest. */
struct unit {
	const char *suffix;
	int64_t factor;
};

static const struct unit size_units[] = {
	{"T", (int64_t)1 << 40}, {"G", 1 << 30}, {"M", 1 << 20}, {"k", 1 << 10}, {"", 1}};

static const struct unit duration_units[] = {{"w", 604800000}, {"d", 86400000}, {"h", 3600000},
	{"m", 60000}, {"s", 1000}, {"ms", 1}, {"mo", 2592000000}};

static enum err refuse(struct errctx *cx, const char *label, str text, const char *why)
{
	return err_set(cx, E_USAGE, "%s: '" STR_FMT "' %s", label, STR_ARG(text), why);
}

/* ---- flags, choices --------------------------------------------------------------------------- */

static bool parse_bool(str text, bool *out)
{
	static const char *const yes[] = {"1", "true", "yes", "on"};
	static const char *const no[] = {"0", "false", "no", "off"};

	for (size_t i = 0; i < ARRAY_N(yes); i++) {
		*out = str_eq_nocase(text, str_from(yes[i]));
		if (*out || str_eq_nocase(text, str_from(no[i])))
			return true;
	}
	return false;
}

const struct opt_choice *opt_choice_find(const struct opt *o, str name)
{
	for (const struct opt_choice *c = o->choices; c && c->name; c++)
		if (str_eq_c(name, c->name))
			return c;
	return NULL;
}

static const struct opt_choice *choice_of(const struct opt *o, int value)
{
	for (const struct opt_choice *c = o->choices; c && c->name; c++)
		if (c->value == value && !c->is_alias)
			return c;
	return NULL;
}

static enum err parse_enum(
	const struct opt *o, const char *label, str text, int *out, struct errctx *cx)
{
	const struct opt_choice *found = opt_choice_find(o, text);
	char list[256];
	size_t n = 0;

	if (found) {
		*out = found->value;
		return E_OK;
	}
	for (const struct opt_choice *c = o->choices; c->name; c++) {
		size_t len = strlen(c->name);

		if (c->is_alias || n + len + 3 > sizeof list)
			continue;
		if (n) {
			memcpy(list + n, ", ", 2);
			n += 2;
		}
		memcpy(list + n, c->name, len);
		n += len;
	}
	return err_set(cx, E_USAGE, "%s: '" STR_FMT "' is not one of %.*s", label, STR_ARG(text),
		(int)n, list);
}

/* ---- numbers ---------------------------------------------------------------------------------- */

static const struct unit *find_unit(const struct unit *units, size_t n, str suffix)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq_c(suffix, units[i].suffix))
			return &units[i];
	return NULL;
}

static str split_number(str text, str *suffix)
{
	size_t n = 0;

	while (n < text.n && text.p[n] >= '0' && text.p[n] <= '9')
		n++;
	*suffix = str_sub(text, n, text.n);
	return str_sub(text, 0, n);
}

static bool scale(str digits, const struct unit *u, int64_t *out)
{
	return u && str_i64(digits, out) && !__builtin_mul_overflow(*out, u->factor, out);
}

static bool parse_size(str text, int64_t *out)
{
	str suffix, digits = split_number(text, &suffix);

	if (str_ends(suffix, STR("iB")))
		suffix.n -= 2;
	else if (suffix.n > 1 && str_ends(suffix, STR("B")))
		suffix.n -= 1;
	if (str_eq_c(suffix, "K"))
		suffix = STR("k");
	return scale(digits, find_unit(size_units, ARRAY_N(size_units), suffix), out);
}

static bool parse_duration(str text, int64_t *out)
{
	str suffix, digits = split_number(text, &suffix);

	if (str_eq_c(text, "0")) {
		*out = 0;
		return true;
	}
	return scale(digits, find_unit(duration_units, ARRAY_N(duration_units), suffix), out);
}

/* n in the largest unit that divides it. */
static void write_scaled(struct buf *b, int64_t n, const struct unit *units, size_t unit_n)
{
	const struct unit *u = units;

	while (u < units + unit_n - 1 && n % u->factor)
		u++;
	if (n)
		buf_printf(b, "%lld%s", (long long)(n / u->factor), u->suffix);
	else
		buf_add_byte(b, '0');
}

/* x with as few digits as read back the same. */
static void write_double(struct buf *b, double x)
{
	for (int digits = 6; digits <= 17; digits++) {
		char text[40];
		double back;
		int n = snprintf(text, sizeof text, "%.*g", digits, x);

		if (digits == 17 ||
			(str_f64((str){text, (size_t)n}, &back) && !(back < x) && !(back > x))) {
			buf_add(b, (str){text, (size_t)n});
			return;
		}
	}
}

static void write_number(const struct opt *o, double x, struct buf *b)
{
	if (o->type == OPT_SIZE)
		write_scaled(b, (int64_t)x, size_units, ARRAY_N(size_units));
	else if (o->type == OPT_DURATION)
		write_scaled(b, (int64_t)x, duration_units, ARRAY_N(duration_units) - 1);
	else if (o->type == OPT_INT)
		buf_printf(b, "%lld", (long long)x);
	else
		write_double(b, x);
}

bool opt_has_range(const struct opt *o)
{
	return o->type == OPT_INT || o->type == OPT_DOUBLE || o->type == OPT_SIZE ||
	       o->type == OPT_DURATION;
}

void opt_range_write(const struct opt *o, struct buf *b)
{
	if (!opt_has_range(o))
		return;
	buf_add_c(b, o->max < OPT_NO_MAX ? "from " : "at least ");
	write_number(o, o->min, b);
	if (o->max < OPT_NO_MAX) {
		buf_add_c(b, " to ");
		write_number(o, o->max, b);
	}
}

static enum err check_range(
	const struct opt *o, const char *label, str text, double x, struct errctx *cx)
{
	struct buf range;

	if (x >= o->min && x <= o->max)
		return E_OK;
	buf_init(&range, RANGE_TEXT_MAX);
	opt_range_write(o, &range);
	(void)err_set(cx, E_USAGE, "%s: " STR_FMT " is out of range (" STR_FMT ")", label,
		STR_ARG(text), STR_ARG(buf_str(&range)));
	buf_release(&range);
	return E_USAGE;
}

static enum err parse_number(
	const struct opt *o, const char *label, str text, void *field, struct errctx *cx)
{
	double x = 0;
	int64_t n = 0;

	if (o->type == OPT_DOUBLE) {
		if (!str_f64(text, &x) || !isfinite(x))
			return refuse(cx, label, text, "is not a number");
	} else if (o->type == OPT_INT) {
		if (!str_i64(text, &n))
			return refuse(cx, label, text, "is not a whole number");
	} else if (o->type == OPT_SIZE) {
		if (!parse_size(text, &n))
			return refuse(cx, label, text, "is not a size, as in 4096, 64k, 10M or 2G");
	} else if (!parse_duration(text, &n)) {
		return refuse(
			cx, label, text, "is not a duration, as in 250ms, 30s, 15m, 3h or 7d");
	}
	TRY(check_range(o, label, text, o->type == OPT_DOUBLE ? x : (double)n, cx));
	if (o->type == OPT_DOUBLE)
		*(double *)field = x;
	else if (o->type == OPT_SIZE)
		*(uint64_t *)field = (uint64_t)n;
	else
		*(int64_t *)field = n;
	return E_OK;
}

/* ---- texts ------------------------------------------------------------------------------------ */

static void list_add(struct arena *a, struct opt_list *list, str element)
{
	str *v = arena_array(a, str, list->n + 1);

	if (list->n)
		memcpy(v, list->v, list->n * sizeof *v);
	v[list->n++] = element;
	list->v = v;
}

static void parse_list(struct arena *a, str text, struct opt_list *list)
{
	str part;

	while (str_split(&text, ',', &part)) {
		part = str_trim(part);
		if (part.n)
			list_add(a, list, part);
	}
}

enum err opt_value_parse(struct arena *a, const struct opt *o, const char *label, str text,
	void *field, struct errctx *cx)
{
	bool is_true;

	switch (o->type) {
	case OPT_FLAG:
		if (!parse_bool(text, &is_true))
			return refuse(cx, label, text, "is not true or false");
		*(bool *)field = is_true;
		return E_OK;
	case OPT_COUNT:
		if (text.n != 1 || *text.p < '0' || *text.p > '9')
			return refuse(cx, label, text, "is not a number from 0 to 9");
		*(int *)field = *text.p - '0';
		return E_OK;
	case OPT_INT:
	case OPT_DOUBLE:
	case OPT_SIZE:
	case OPT_DURATION:
		return parse_number(o, label, text, field, cx);
	case OPT_ENUM:
		return parse_enum(o, label, text, field, cx);
	case OPT_STRING:
		*(str *)field = text;
		return E_OK;
	case OPT_PATH:
		if (!text.n)
			return err_set(cx, E_USAGE, "%s: the name is empty", label);
		*(const char **)field = text.p;
		return E_OK;
	case OPT_LIST:
		parse_list(a, text, field);
		return E_OK;
	}
	UNREACHABLE("an option of no type");
}

/* ---- configuration file ----------------------------------------------------------------------- */

static enum err list_from_array(struct arena *a, const char *label, const struct toml_value *v,
	struct opt_list *list, struct errctx *cx)
{
	for (size_t i = 0; i < v->u.array.n; i++) {
		if (v->u.array.v[i].type != TOML_STRING)
			return err_set(cx, E_USAGE, "%s: expected strings in the array", label);
		list_add(a, list, v->u.array.v[i].u.string);
	}
	return E_OK;
}

/* A value of the right type as text; STR_NULL when the type does not fit. */
static str toml_text(struct arena *a, const struct opt *o, const struct toml_value *v)
{
	bool is_number = o->type == OPT_INT || o->type == OPT_COUNT || o->type == OPT_SIZE ||
			 o->type == OPT_DURATION || o->type == OPT_DOUBLE;

	if (v->type == TOML_BOOL && o->type == OPT_FLAG)
		return v->u.is_true ? STR("true") : STR("false");
	if (v->type == TOML_INT && is_number)
		return arena_printf(a, "%lld", (long long)v->u.integer);
	if (v->type == TOML_FLOAT && o->type == OPT_DOUBLE)
		return arena_printf(a, "%.17g", v->u.real);
	if (v->type == TOML_STRING &&
		(!is_number || o->type == OPT_SIZE || o->type == OPT_DURATION) &&
		o->type != OPT_FLAG)
		return str_from(arena_cstr(a, v->u.string));
	return STR_NULL;
}

static const char *toml_expected(enum opt_type t)
{
	switch (t) {
	case OPT_FLAG:
		return "true or false";
	case OPT_COUNT:
	case OPT_INT:
		return "a whole number";
	case OPT_DOUBLE:
		return "a number";
	case OPT_SIZE:
		return "a size, as in 4096 or \"64k\"";
	case OPT_DURATION:
		return "a duration in quotes, as in \"30s\"";
	case OPT_LIST:
		return "an array of strings";
	case OPT_STRING:
	case OPT_PATH:
	case OPT_ENUM:
		break;
	}
	return "a string in quotes";
}

enum err opt_value_from_toml(struct arena *a, const struct opt *o, const char *label,
	const struct toml_value *v, void *field, struct errctx *cx)
{
	str text;

	if (o->type == OPT_LIST && v->type == TOML_ARRAY)
		return list_from_array(a, label, v, field, cx);
	text = toml_text(a, o, v);
	if (!text.p)
		return err_set(cx, E_USAGE, "%s: expected %s", label, toml_expected(o->type));
	return opt_value_parse(a, o, label, text, field, cx);
}

/* ---- writing ---------------------------------------------------------------------------------- */

static double number_of(const struct opt *o, const void *field)
{
	if (o->type == OPT_DOUBLE)
		return *(const double *)field;
	if (o->type == OPT_SIZE)
		return (double)*(const uint64_t *)field;
	return (double)*(const int64_t *)field;
}

/* The text of a value that is written as one string, or STR_NULL. */
static str text_of(const struct opt *o, const void *field)
{
	const struct opt_choice *c;

	switch (o->type) {
	case OPT_STRING:
		return *(const str *)field;
	case OPT_PATH:
		return str_from(*(const char *const *)field);
	case OPT_ENUM:
		c = choice_of(o, *(const int *)field);
		return str_from(c ? c->name : NULL);
	default:
		return STR_NULL;
	}
}

bool opt_value_is_set(const struct opt *o, const void *field)
{
	if (o->type == OPT_LIST)
		return ((const struct opt_list *)field)->n > 0;
	if (o->type == OPT_STRING || o->type == OPT_PATH || o->type == OPT_ENUM)
		return text_of(o, field).p != NULL;
	return true;
}

/* A URL as it may be shown. */
static str without_secret(str url, struct buf *b)
{
	size_t at = str_rfind_byte(url, '@'), scheme = str_find(url, STR("://"));

	if (at == STR_NONE)
		return url;
	if (scheme != STR_NONE && scheme < at)
		buf_add(b, str_sub(url, 0, scheme + 3));
	buf_add_c(b, "***");
	return str_sub(url, at, url.n);
}

void opt_value_write(const struct opt *o, const void *field, struct buf *b)
{
	const struct opt_list *list = field;

	switch (o->type) {
	case OPT_FLAG:
		buf_add_c(b, *(const bool *)field ? "true" : "false");
		break;
	case OPT_COUNT:
		buf_printf(b, "%d", *(const int *)field);
		break;
	case OPT_INT:
	case OPT_DOUBLE:
	case OPT_SIZE:
	case OPT_DURATION:
		write_number(o, number_of(o, field), b);
		break;
	case OPT_STRING:
	case OPT_PATH:
	case OPT_ENUM:
		buf_add(b, o->flags & OPT_SECRET ? without_secret(text_of(o, field), b)
						 : text_of(o, field));
		break;
	case OPT_LIST:
		for (size_t i = 0; i < list->n; i++) {
			buf_add_c(b, i ? "," : "");
			buf_add(b, list->v[i]);
		}
		break;
	}
}

void opt_value_literal(const struct opt *o, const void *field, struct buf *b)
{
	const struct opt_list *list = field;

	if (o->type == OPT_LIST) {
		buf_add_byte(b, '[');
		for (size_t i = 0; i < list->n; i++) {
			buf_add_c(b, i ? ", " : "");
			toml_add_string(b, list->v[i]);
		}
		buf_add_byte(b, ']');
	} else if (o->type == OPT_STRING || o->type == OPT_PATH || o->type == OPT_ENUM) {
		toml_add_string(b, text_of(o, field));
	} else if (o->type == OPT_SIZE || o->type == OPT_DURATION) {
		buf_add_byte(b, '"');
		opt_value_write(o, field, b);
		buf_add_byte(b, '"');
	} else {
		opt_value_write(o, field, b);
	}
}

void opt_value_clear(const struct opt *o, void *field)
{
	static const size_t sizes[] = {[OPT_FLAG] = sizeof(bool),
		[OPT_COUNT] = sizeof(int),
		[OPT_INT] = sizeof(int64_t),
		[OPT_DOUBLE] = sizeof(double),
		[OPT_SIZE] = sizeof(uint64_t),
		[OPT_DURATION] = sizeof(int64_t),
		[OPT_STRING] = sizeof(str),
		[OPT_PATH] = sizeof(char *),
		[OPT_ENUM] = sizeof(int),
		[OPT_LIST] = sizeof(struct opt_list)};

	memset(field, 0, sizes[o->type]);
}
