#include "cli/doc.h"

#include <stdio.h>

#include "core/base/opt_value.h"

enum { STATUS_MAX = 128, TEXT_MAX = 4096 };

void doc_add_spelling(struct buf *b, const struct opt *o)
{
	if (o->letter)
		buf_printf(b, "-%c", o->letter);
	if (o->letter && o->name)
		buf_add_c(b, ", ");
	if (o->name)
		buf_printf(b, "--%s%s", o->flags & OPT_NEGATABLE ? "[no-]" : "", o->name);
	if (doc_takes_value(o))
		buf_printf(b, " %s", o->metavar);
}

void doc_add_choices(struct buf *b, const struct opt *o, const char *separator)
{
	const char *between = "";

	for (const struct opt_choice *c = o->choices; c && c->name; c++) {
		if (c->is_alias)
			continue;
		buf_add_c(b, between);
		buf_add_c(b, c->name);
		between = separator;
	}
}

static void add_choice_facts(struct buf *b, const struct opt *o)
{
	const char *between = " One of ";

	for (const struct opt_choice *c = o->choices; c && c->name; c++) {
		if (c->is_alias)
			continue;
		buf_add_c(b, between);
		buf_add_c(b, c->name);
		if (c->help)
			buf_printf(b, " (%s)", c->help);
		between = ", ";
	}
	if (o->choices)
		buf_add_byte(b, '.');
}

static void add_words(struct buf *b, const char *first, const char *blank_separated)
{
	str rest = str_from(blank_separated), word;
	const char *between = first;

	while (str_split(&rest, ' ', &word)) {
		buf_add_c(b, between);
		buf_add(b, word);
		between = " or ";
	}
}

void doc_add_facts(struct buf *b, const struct opt *o)
{
	add_choice_facts(b, o);
	if (opt_has_range(o)) {
		buf_add_c(b, " Values: ");
		opt_range_write(o, b);
		buf_add_byte(b, '.');
	}
	if (o->type == OPT_LIST)
		buf_add_c(b, " Separated by commas; may be repeated.");
	if (o->def)
		buf_printf(b, " Default: %s.",
			o->type != OPT_FLAG      ? o->def
			: strcmp(o->def, "true") ? "off"
						 : "on");
	if (o->env) {
		add_words(b, " Variable: ", o->env);
		buf_add_byte(b, '.');
	}
	if (o->key)
		buf_printf(b, " Key: %s%s.", o->key,
			o->flags & OPT_SAFE ? "" : " (not in a project's file)");
}

static bool is_blank(str line)
{
	return str_trim(line).n == 0;
}

bool doc_next_part(str *rest, struct doc_part *part)
{
	str line, before = *rest;
	const char *end = NULL;

	while (str_next_line(rest, &line, NULL) && is_blank(line))
		before = *rest;
	if (is_blank(before))
		return false;
	part->is_literal = str_starts(before, STR("  "));
	*rest = before;
	while (str_next_line(rest, &line, NULL)) {
		if (is_blank(line) || str_starts(line, STR("  ")) != part->is_literal) {
			*rest = str_sub(before, (size_t)(line.p - before.p), before.n);
			break;
		}
		end = line.p + line.n;
	}
	part->text = (str){before.p, (size_t)(end - before.p)};
	return true;
}

void doc_each_status(struct arena *a, void (*row)(void *to, const char *status, str text), void *to)
{
	for (int status = 0; status < STATUS_MAX; status++) {
		struct buf text;
		char number[12];

		buf_init_arena(&text, a, TEXT_MAX);
		for (int e = 0; e < E_COUNT; e++) {
			if (err_exit(e) != status)
				continue;
			buf_add_c(&text, text.n ? "; " : "");
			buf_add_c(&text, e == E_OK ? "success" : err_text(e));
		}
		if (!text.n)
			continue;
		(void)snprintf(number, sizeof number, "%d", status);
		row(to, number, buf_str(&text));
	}
	row(to, "128+n", STR("ended by signal n; 141 when the reader of standard output is gone"));
}
