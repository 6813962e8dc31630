#include "core/compress/log/values.h"

enum {
	/* Longer numbers are names: a range of them says nothing. */
	DIGITS_MAX = 8,
	LABEL_MAX = 32,
	/* A frequent value has at least one in so many lines. */
	FREQUENT = 8,
	/* After so many values that are all numbers, and not few, their range is what will be said. */
	NUMBERS_SEEN = 64,
};

void log_values_init(struct log_values *v, bool is_all, struct arena *a)
{
	*v = (struct log_values){.is_all = is_all, .least = INT64_MAX, .most = INT64_MIN};
	if (is_all)
		map_init(&v->all, a);
}

static void add_number(struct log_values *v, str value)
{
	int64_t x;

	if (v->is_not_number)
		return;
	if (value.n > DIGITS_MAX || !str_i64(value, &x)) {
		v->is_not_number = true;
		return;
	}
	v->least = x < v->least ? x : v->least;
	v->most = x > v->most ? x : v->most;
}

static void add_few(struct log_values *v, str value)
{
	for (uint32_t i = 0; i < v->n; i++) {
		if (str_eq(v->few[i].v, value)) {
			v->few[i].count++;
			return;
		}
	}
	if (v->n < LOG_VALUES_FEW) {
		v->few[v->n].v = value;
		v->few[v->n++].count = 1;
		return;
	}
	v->is_overflown = true;
	for (uint32_t i = 0; i < v->n;) {
		if (--v->few[i].count)
			i++;
		else
			v->few[i] = v->few[--v->n];
	}
}

void log_values_add(struct log_values *v, str value)
{
	value = str_trim(value);
	v->seen++;
	if (v->is_all) {
		*map_at(&v->all, value) = v;
		return;
	}
	add_number(v, value);
	if (v->is_overflown && !v->is_not_number && v->seen > NUMBERS_SEEN)
		return;
	add_few(v, value);
}

static void write_value(struct buf *b, str value)
{
	buf_add(b, value.n ? value : LOG_VALUES_NOTHING);
}

static void write_label(struct buf *b, str label)
{
	label = str_trim(label);
	if (!label.n || label.n <= LABEL_MAX) {
		write_value(b, label);
		return;
	}
	/* not in the middle of a character */
	label.n = LABEL_MAX - 4;
	while (label.n && ((unsigned char)label.p[label.n] & 0xc0) == 0x80)
		label.n--;
	buf_add(b, label);
	buf_add_c(b, "...");
}

static bool write_frequent(const struct log_values *v, struct buf *b, str label)
{
	bool is_any = false;

	for (uint32_t i = 0; i < v->n; i++) {
		if ((uint64_t)v->few[i].count * FREQUENT < v->seen)
			continue;
		if (!is_any) {
			write_label(b, label);
			buf_add_c(b, " is often");
		}
		buf_add_byte(b, ' ');
		write_label(b, v->few[i].v);
		is_any = true;
	}
	return is_any;
}

static void write_all(const struct log_values *v, struct buf *b, str label)
{
	write_label(b, label);
	buf_add_c(b, " is");
	for (size_t i = 0; i < v->all.n; i++) {
		buf_add_byte(b, ' ');
		write_value(b, v->all.entries[i].key);
	}
}

static void write_few(const struct log_values *v, struct buf *b, str label)
{
	write_label(b, label);
	buf_add_c(b, " is");
	for (uint32_t i = 0; i < v->n; i++) {
		buf_add_byte(b, ' ');
		write_label(b, v->few[i].v);
	}
}

bool log_values_write(const struct log_values *v, struct buf *b, str label)
{
	if (v->is_all) {
		if (v->all.n > 1)
			write_all(v, b, label);
		return v->all.n > 1;
	}
	if (!v->is_overflown) {
		if (v->n > 1)
			write_few(v, b, label);
		return v->n > 1;
	}
	if (v->is_not_number)
		return write_frequent(v, b, label);
	write_label(b, label);
	buf_printf(b, " is %lld to %lld", (long long)v->least, (long long)v->most);
	return true;
}
