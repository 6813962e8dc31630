#include "core/base/toml_number.h"

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_digit(char c, bool is_hex)
{
	return (c >= '0' && c <= '9') || (is_hex && hex_digit(c) >= 0);
}

/* s without its underscores, which must stand between two digits; false when they do not. */
static bool strip_underscores(str s, char *out, size_t *n)
{
	bool is_hex = str_starts(s, STR("0x"));

	*n = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '_') {
			out[(*n)++] = s.p[i];
			continue;
		}
		if (i == 0 || i + 1 == s.n || !is_digit(s.p[i - 1], is_hex) ||
			!is_digit(s.p[i + 1], is_hex))
			return false;
	}
	return true;
}

bool toml_is_digits(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n > 0;
}

/* Whole numbers of base 16, 8 or 2, behind their prefix. */
static bool parse_based(str digits, unsigned base, int64_t *out)
{
	uint64_t v = 0;

	for (size_t i = 0; i < digits.n; i++) {
		int d = hex_digit(digits.p[i]);

		if (d < 0 || (unsigned)d >= base || __builtin_mul_overflow(v, (uint64_t)base, &v))
			return false;
		v += (unsigned)d;
		if (v > (uint64_t)INT64_MAX)
			return false;
	}
	*out = (int64_t)v;
	return digits.n > 0;
}

/* A float is sign, digits without a leading zero, then a fraction, an exponent or both. */
static bool is_float_shape(str s)
{
	size_t e = str_find_byte(s, 'e'), dot;
	str mantissa, exponent;

	if (e == STR_NONE)
		e = str_find_byte(s, 'E');
	mantissa = str_sub(s, 0, e == STR_NONE ? s.n : e);
	if (e != STR_NONE) {
		exponent = str_sub(s, e + 1, s.n);
		if (exponent.n && (*exponent.p == '+' || *exponent.p == '-'))
			exponent = str_sub(exponent, 1, exponent.n);
		if (!toml_is_digits(exponent))
			return false;
	}
	dot = str_find_byte(mantissa, '.');
	if (dot != STR_NONE && !toml_is_digits(str_sub(mantissa, dot + 1, mantissa.n)))
		return false;
	mantissa = str_sub(mantissa, 0, dot == STR_NONE ? mantissa.n : dot);
	return toml_is_digits(mantissa) && (mantissa.n == 1 || *mantissa.p != '0');
}

const char *toml_number(str s, struct toml_value *v)
{
	static const struct {
		str prefix;
		unsigned base;
	} based[] = {{{"0x", 2}, 16}, {{"0o", 2}, 8}, {{"0b", 2}, 2}};
	char digits[64] = "";
	bool has_sign = s.n && (*s.p == '+' || *s.p == '-');
	str clean = {digits, 0}, plain;

	if (s.n > sizeof digits || !strip_underscores(s, digits, &clean.n))
		return "not a number";
	v->type = TOML_INT;
	for (size_t k = 0; k < ARRAY_N(based); k++)
		if (str_starts(clean, based[k].prefix))
			return parse_based(str_sub(clean, 2, clean.n), based[k].base, &v->u.integer)
				       ? NULL
				       : "not a whole number of this base, or too large";
	plain = has_sign ? str_sub(clean, 1, clean.n) : clean;
	if (toml_is_digits(plain)) {
		if (plain.n > 1 && *plain.p == '0')
			return "a number cannot begin with 0";
		return str_i64(*clean.p == '+' ? plain : clean, &v->u.integer) ? NULL
									       : "number too large";
	}
	v->type = TOML_FLOAT;
	if (!is_float_shape(plain))
		return "not a number";
	return str_f64(clean, &v->u.real) ? NULL : "number too large";
}
