#include "core/compress/pairs/xml.h"

#include "core/base/limits.h"
#include "core/compress/pairs/element.h"
#include "core/compress/pairs/form.h"
#include "core/json/scan.h"

enum {
	LOOK_LINES = 12,    /* in which the root must begin */
	SHARE_PERCENT = 70, /* of the text that must be XML */
};

/* ---- to text ---- */

struct printer {
	const struct json_tape *t;
	struct xml_style style;
	struct arena *arena;
	struct buf *out;
	bool is_bad;
};

static str string_of(struct printer *p, uint32_t node)
{
	str s = STR_NULL;

	p->is_bad |= !json_string(p->t, node, p->arena, &s);
	return s;
}

static void print_gap(struct printer *p, unsigned depth)
{
	if (p->style.is_flat)
		return;
	buf_add_byte(p->out, '\n');
	buf_fill(p->out, p->style.fill, (size_t)p->style.indent * depth);
}

static void print_text(struct printer *p, uint32_t node)
{
	if (json_is(p->t, node, JSON_STRING))
		buf_add(p->out, string_of(p, node));
	else if (p->t->v[node].type > JSON_ARRAY)
		buf_add(p->out, json_text(p->t, node));
	else
		p->is_bad = true;
}

static void print_end(struct printer *p, str name)
{
	buf_add_c(p->out, "</");
	buf_add(p->out, name);
	buf_add_byte(p->out, '>');
}

static void print_element(struct printer *p, str name, uint32_t node, unsigned depth);

/* Elements within another one, each behind its white space. */
static void print_member(struct printer *p, str key, uint32_t value, unsigned depth)
{
	size_t again = str_find_byte(key, ELEMENT_AGAIN);
	str name = str_sub(key, 0, again == STR_NONE ? key.n : again);

	if (str_starts(key, STR(ELEMENT_NOTE))) {
		print_gap(p, depth);
		print_text(p, value);
	} else if (json_is(p->t, value, JSON_ARRAY)) {
		for (struct json_iter it = json_iter(p->t, value); json_next(&it);) {
			print_gap(p, depth);
			print_element(p, name, it.value, depth);
		}
	} else {
		print_gap(p, depth);
		print_element(p, name, value, depth);
	}
}

/* Attributes, and what is within: text, or elements. */
static void print_object(struct printer *p, str name, uint32_t node, unsigned depth)
{
	bool is_open = false, has_text = false;

	for (struct json_iter it = json_iter(p->t, node); json_next(&it) && !p->is_bad;) {
		str key = string_of(p, it.key);

		if (!is_open && str_take(&key, STR(ELEMENT_ATTRIBUTE))) {
			buf_add_byte(p->out, ' ');
			buf_add(p->out, key);
			buf_add_c(p->out, "=\"");
			print_text(p, it.value);
			buf_add_byte(p->out, '"');
			continue;
		}
		if (!is_open)
			buf_add_byte(p->out, '>');
		is_open = true;
		has_text = str_eq(key, STR(ELEMENT_TEXT));
		if (has_text)
			print_text(p, it.value);
		else
			print_member(p, key, it.value, depth + 1);
	}
	if (!is_open) {
		buf_add_c(p->out, p->style.has_blank_slash ? " />" : "/>");
		return;
	}
	if (!has_text)
		print_gap(p, depth);
	print_end(p, name);
}

static void print_element(struct printer *p, str name, uint32_t node, unsigned depth)
{
	p->is_bad |= depth > ELEMENT_DEPTH_MAX || !name.n || p->out->err != E_OK;
	if (p->is_bad)
		return;
	buf_add_byte(p->out, '<');
	buf_add(p->out, name);
	if (json_is(p->t, node, JSON_OBJECT)) {
		print_object(p, name, node, depth);
	} else if (json_is(p->t, node, JSON_NULL)) {
		buf_add_c(p->out, p->style.has_blank_slash ? " />" : "/>");
	} else {
		buf_add_byte(p->out, '>');
		print_text(p, node);
		print_end(p, name);
	}
}

/* ---- words ---- */

static const str indent = {"indent ", 7}, tabs = {" tab", 4}, flat = {"one line", 8},
		 slash = {", <a />", 7};

static void write_words(const struct xml_style *s, struct buf *out)
{
	if (s->is_flat) {
		buf_add(out, flat);
	} else {
		buf_add(out, indent);
		buf_add_u64(out, s->indent);
		if (s->fill == '\t')
			buf_add(out, tabs);
	}
	if (s->has_blank_slash)
		buf_add(out, slash);
}

static bool read_words(str words, struct xml_style *s)
{
	*s = (struct xml_style){.fill = ' '};
	if (str_ends(words, slash)) {
		s->has_blank_slash = true;
		words.n -= slash.n;
	}
	if (str_eq(words, flat)) {
		s->is_flat = true;
		return true;
	}
	if (!str_take(&words, indent))
		return false;
	if (str_ends(words, tabs)) {
		s->fill = '\t';
		words.n -= tabs.n;
	}
	s->indent = words.n == 1 && *words.p >= '0' ? (unsigned)(*words.p - '0') : UINT32_MAX;
	return s->indent <= ELEMENT_INDENT_MAX;
}

static bool print(str words, str json, struct arena *a, str *out)
{
	struct printer p = {.arena = a};
	struct json_tape tape;
	struct buf b;

	if (!read_words(words, &p.style) || json_scan(a, json, &tape, NULL) != E_OK ||
		!json_is(&tape, 0, JSON_OBJECT))
		return false;
	buf_init_arena(&b, a, LIMIT_INPUT);
	(void)buf_reserve(&b, json.n + json.n / 2);
	p.t = &tape;
	p.out = &b;
	for (struct json_iter it = json_iter(&tape, 0); json_next(&it);) {
		str key = string_of(&p, it.key);

		if (str_eq(key, STR(ELEMENT_PROLOG)))
			print_text(&p, it.value);
		else
			print_element(&p, key, it.value, 0);
	}
	*out = buf_str(&b);
	return b.err == E_OK && !p.is_bad;
}

/* ---- the part ---- */

/* Where the root begins, and its line; false when the first lines are none of XML. */
static bool find_root(str text, size_t *line_at, size_t *at)
{
	str rest = text, line;

	for (int i = 0; i < LOOK_LINES && str_next_line(&rest, &line, NULL); i++) {
		size_t end = 0;

		if (i > 0 && line.n && *line.p != '<')
			continue; /* within a comment or a type */
		if (line.n && *line.p != '<')
			return false;
		*line_at = (size_t)(line.p - text.p);
		if (str_starts(line, STR("<?"))) {
			end = str_find(line, STR("?>"));
			end = end == STR_NONE ? line.n : end + 2;
		}
		*at = *line_at + end;
		if (end + 1 < line.n && line.p[end] == '<' &&
			element_name(str_sub(line, end + 1, line.n)))
			return true;
	}
	return false;
}

/* True when the value is printed as this text; what that takes is given back. */
static bool is_printed(const struct pairs_part *part, str text, struct arena *a)
{
	struct arena_mark mark = arena_mark(a);
	str again;
	bool is_same = print(part->words, part->json, a, &again) && str_eq(again, text);

	arena_rewind(a, mark);
	return is_same;
}

static bool find(str text, struct arena *a, struct pairs_part *out)
{
	struct buf json, words;
	struct xml_style style;
	size_t line, at, end;

	if (text.n && *text.p != '<' && *text.p != '\n')
		return false;
	if (!find_root(text, &line, &at) || detect_begins_page(str_sub(text, at, text.n)) ||
		detect_begins_page(text))
		return false;
	buf_init_arena(&json, a, LIMIT_INPUT);
	buf_init_arena(&words, a, LIMIT_INPUT);
	(void)buf_reserve(&json, text.n - at);
	buf_add_byte(&json, '{');
	if (at > line) {
		buf_add_c(&json, "\"" ELEMENT_PROLOG "\":");
		buf_add_json_string(&json, str_sub(text, line, at));
		buf_add_byte(&json, ',');
	}
	if (!element_read(str_sub(text, at, text.n), &style, &json, &end) ||
		end / SHARE_PERCENT < text.n / 100)
		return false;
	buf_add_byte(&json, '}');
	end += at;
	write_words(&style, &words);
	*out = (struct pairs_part){.before = str_sub(text, 0, line),
		.after = str_sub(text, end, text.n),
		.json = buf_str(&json),
		.words = buf_str(&words)};
	return (!out->after.n || *out->after.p == '\n') && json.err == E_OK &&
	       is_printed(out, str_sub(text, line, end), a);
}

PAIRS_CODEC(xml, ENCODER_XML, 1u << KIND_TEXT | 1u << KIND_HTML);
