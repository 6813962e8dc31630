#include "core/base/limits.h"
#include "core/json/scan.h"
#include "wrap/edit/json_edit.h"
#include "core/base/lines.h"

/* Behind the string that begins at i. */
static size_t skip_string(str s, size_t i)
{
	for (i++; i < s.n && s.p[i] != '"'; i++)
		if (s.p[i] == '\\')
			i++;
	return i < s.n ? i + 1 : s.n;
}

/* Blanks [start, end) but its line ends, so that lines in messages stay right. */
static void blank(char *p, size_t start, size_t end)
{
	for (size_t i = start; i < end; i++)
		if (p[i] != '\n' && p[i] != '\r')
			p[i] = ' ';
}

/* Where the comment that begins at i ends; i when there is none, or it has no end. */
static size_t comment_end(str s, size_t i)
{
	size_t n;

	if (str_starts(str_sub(s, i, s.n), STR("//"))) {
		n = str_find_byte(str_sub(s, i, s.n), '\n');
		return n == STR_NONE ? s.n : i + n;
	}
	if (!str_starts(str_sub(s, i, s.n), STR("/*")))
		return i;
	n = str_find(str_sub(s, i + 2, s.n), STR("*/"));
	return n == STR_NONE ? i : i + 2 + n + 2;
}

static void blank_comments(char *p, size_t n)
{
	str s = {p, n};

	for (size_t i = 0; i < n;) {
		size_t end = p[i] == '/' ? comment_end(s, i) : i;

		blank(p, i, end);
		i = p[i] == '"' ? skip_string(s, i) : end > i ? end : i + 1;
	}
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Commas in front of a closing bracket and behind a value. */
static void blank_last_commas(char *p, size_t n)
{
	size_t comma = STR_NONE;
	char last = '{';

	for (size_t i = 0; i < n;) {
		if ((p[i] == '}' || p[i] == ']') && comma != STR_NONE)
			p[comma] = ' ';
		if (is_space(p[i])) {
			i++;
			continue;
		}
		comma = p[i] == ',' && !strchr("{[,:", last) ? i : STR_NONE;
		last = p[i];
		i = p[i] == '"' ? skip_string((str){p, n}, i) : i + 1;
	}
}

struct level {
	uint32_t node, end; /* end: the first entry of the tape behind it */
	bool is_object;
};

static str key_text(struct arena *a, const struct json_tape *t, uint32_t key)
{
	str raw = json_text(t, key), out;

	/* A key that is no text is known by its spelling. */
	return json_string(t, key, a, &out) ? out : raw;
}

static void add_value(struct arena *a, const struct json_tape *t, struct node_doc *d, uint32_t key,
	uint32_t value, uint32_t parent)
{
	const struct json_node *v = &t->v[value];
	struct node *n = node_add(a, d, parent, key == JSON_ABSENT ? STR("") : key_text(a, t, key));

	n->kind = v->type == JSON_OBJECT  ? NODE_MAP
		  : v->type == JSON_ARRAY ? NODE_LIST
					  : NODE_SCALAR;
	n->at = n->line_at = (struct span){v->start, v->end};
	if (key != JSON_ABSENT) {
		n->key_at = (struct span){t->v[key].start, t->v[key].end};
		n->line_at.start = n->key_at.start;
	}
}

static void add_all(struct arena *a, const struct json_tape *t, struct node_doc *d)
{
	struct level *level = arena_array(a, struct level, LIMIT_JSON_DEPTH + 1);
	unsigned depth = 0;

	for (uint32_t i = 0; i < t->n; i++) {
		uint32_t key = JSON_ABSENT;

		while (depth && i >= level[depth - 1].end)
			depth--;
		if (depth && level[depth - 1].is_object)
			key = i++;
		add_value(a, t, d, key, i, depth ? level[depth - 1].node : NODE_NONE);
		if (t->v[i].type == JSON_OBJECT || t->v[i].type == JSON_ARRAY)
			level[depth++] = (struct level){
				(uint32_t)d->list.n - 1, t->v[i].next, t->v[i].type == JSON_OBJECT};
	}
}

enum err json_edit_parse(struct arena *a, str text, struct node_doc *out, struct errctx *cx)
{
	size_t bom = lines_bom(text);
	char *clean = arena_cstr(a, text), *strict;
	struct json_tape t;

	blank(clean, 0, bom);
	blank_comments(clean, text.n);
	out->clean = (str){clean, text.n};
	if (str_trim(out->clean).n == 0) { /* nothing yet but comments: an empty object */
		struct node *root = node_add(a, out, NODE_NONE, STR(""));

		root->at = (struct span){(uint32_t)bom, (uint32_t)bom};
		return E_OK;
	}
	strict = arena_cstr(a, out->clean);
	blank_last_commas(strict, text.n);
	if (json_scan(a, (str){strict, text.n}, &t, cx)) {
		if (cx && cx->code == E_MALFORMED)
			cx->code = E_CONFIG;
		return cx ? cx->code : E_CONFIG;
	}
	add_all(a, &t, out);
	return E_OK;
}
