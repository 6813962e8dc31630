/* The command that prints a dump of a format, and back. */
#include "core/compress/opaque/dump.h"

static unsigned xxd_group(const struct dump_format *f)
{
	return f->is_little ? 4 : 2;
}

void dump_name_write(const struct dump_format *f, struct buf *out)
{
	static const char *const names[] = {"xxd", "hexdump -C", "hexdump", "od"};
	const char *letter = "";

	buf_add_c(out, names[f->program]);
	for (size_t u = 0; u < DUMP_UNITS_N; u++)
		if (dump_units[u].unit == f->unit && dump_units[u].size == f->size)
			letter = dump_units[u].letter;
	if (f->program == DUMP_XXD) {
		buf_printf(out, "%s%s", f->is_little ? " -e" : "", f->is_upper ? " -u" : "");
		if (f->cols != 16)
			buf_printf(out, " -c %u", f->cols);
		if (f->size != xxd_group(f))
			buf_printf(out, " -g %u", f->size);
	} else if (f->program == DUMP_HEXDUMP && f->unit != DUMP_HEX) {
		buf_add_c(out, f->unit == DUMP_CHAR ? " -c" : " -b");
	} else if (f->program == DUMP_OD) {
		if (f->at != DUMP_AT_OCTAL)
			buf_printf(out, " -A %c", "odxn"[f->at]);
		if (f->unit != DUMP_OCTAL || f->size != 2 || f->has_text)
			buf_printf(out, " -t %s%s", letter, f->has_text ? "z" : "");
		if (f->cols != 16)
			buf_printf(out, " -w%u", f->cols);
	}
	if (f->is_trimmed)
		buf_add_c(out, " (trimmed)");
}

static bool take_count(str *words, const char *option, unsigned *out)
{
	uint64_t v;

	if (!str_take(words, str_from(option)))
		return true;
	if (!dump_take_number(words, 10, 3, &v) || !v || v > DUMP_BYTES)
		return false;
	*out = (unsigned)v;
	return true;
}

static bool read_od(str *words, struct dump_format *f)
{
	f->unit = DUMP_OCTAL;
	f->size = 2;
	if (str_take(words, STR(" -A "))) {
		const char *at = words->n ? memchr("odxn", *words->p, 4) : NULL;

		if (!at)
			return false;
		for (f->at = DUMP_AT_OCTAL; "odxn"[f->at] != *words->p; f->at++)
			;
		*words = str_sub(*words, 1, words->n);
	}
	if (str_take(words, STR(" -t "))) {
		size_t u = 0;

		while (u < DUMP_UNITS_N && !str_take(words, str_from(dump_units[u].letter)))
			u++;
		if (u == DUMP_UNITS_N)
			return false;
		f->unit = dump_units[u].unit;
		f->size = dump_units[u].size;
		f->has_text = str_take(words, STR("z"));
	}
	return take_count(words, " -w", &f->cols) && f->cols % f->size == 0;
}

static bool read_xxd(str *words, struct dump_format *f)
{
	f->is_little = str_take(words, STR(" -e"));
	f->is_upper = str_take(words, STR(" -u"));
	f->size = xxd_group(f);
	return take_count(words, " -c ", &f->cols) && take_count(words, " -g ", &f->size) &&
	       f->size <= f->cols && !(f->is_little && f->cols % f->size);
}

bool dump_name_read(str *words, struct dump_format *out)
{
	bool is_read = true;

	*out = (struct dump_format){.at = DUMP_AT_HEX, .cols = 16, .size = 1};
	if (str_take(words, STR("xxd"))) {
		out->program = DUMP_XXD;
		is_read = read_xxd(words, out);
	} else if (str_take(words, STR("hexdump -C"))) {
		out->program = DUMP_CANONICAL;
	} else if (str_take(words, STR("hexdump"))) {
		out->program = DUMP_HEXDUMP;
		if (str_take(words, STR(" -c")))
			out->unit = DUMP_CHAR;
		else if (str_take(words, STR(" -b")))
			out->unit = DUMP_OCTAL;
		else
			out->size = 2;
	} else if (str_take(words, STR("od"))) {
		out->program = DUMP_OD;
		out->at = DUMP_AT_OCTAL;
		is_read = read_od(words, out);
	} else {
		return false;
	}
	out->is_trimmed = str_take(words, STR(" (trimmed)"));
	return is_read;
}
