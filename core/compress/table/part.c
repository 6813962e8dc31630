#include "core/compress/table/part.h"

#include "core/base/limits.h"
#include "core/base/vec.h"
#include "core/json/scan.h"

enum {
	BODY_MIN = 100,  /* bytes */
	STARTS_MAX = 16, /* places where it may begin, that are tried */
	SHARE_MIN = 4,   /* the part is that share of the text at least */
};

/* Brackets and quotes. */
static const bool means_something[256] = {
	['"'] = true, ['{'] = true, ['}'] = true, ['['] = true, [']'] = true};

/* Where the value that begins at s.p[0] with a bracket ends; 0: nowhere. */
static size_t value_end(str s)
{
	size_t depth = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (!means_something[(unsigned char)s.p[i]])
			continue;
		switch (s.p[i]) {
		case '"':
			for (i++; i < s.n && s.p[i] != '"'; i++)
				i += s.p[i] == '\\';
			break;
		case '{':
		case '[':
			depth++;
			break;
		case '}':
		case ']':
			if (--depth == 0)
				return i + 1;
			break;
		default:
			break;
		}
	}
	return 0;
}

static bool is_open(str s)
{
	return s.n && (*s.p == '{' || *s.p == '[');
}

/* Where documents end that stand one below the other. */
struct ends {
	size_t *v;
	size_t n, cap;
};

/* The documents from the beginning of s on. */
static void find_documents(str s, struct arena *a, struct ends *out)
{
	size_t at = 0;

	for (;;) {
		size_t size = value_end(str_sub(s, at, s.n));
		str rest;

		if (!size)
			return;
		at += size;
		*vec_push(out, a) = at;
		rest = str_sub(s, at, s.n);
		if (!str_take(&rest, STR("\n")) || !is_open(rest))
			return;
		at++;
	}
}

/* One array of all the documents: commas for the line ends between them. */
static str join_documents(str body, const struct ends *ends, struct arena *a)
{
	char *p = arena_alloc(a, body.n + 2, 1);

	p[0] = '[';
	memcpy(p + 1, body.p, body.n);
	p[body.n + 1] = ']';
	for (size_t i = 0; i + 1 < ends->n; i++)
		p[ends->v[i] + 1] = ',';
	return (str){p, body.n + 2};
}

bool part_print(const struct layout *l, bool has_lines, str minified, struct arena *a, str *out)
{
	struct buf b;
	size_t at = 1;

	if (!has_lines && layout_is_tight(l)) {
		*out = minified;
		return true;
	}
	buf_init_arena(&b, a, LIMIT_INPUT);
	(void)buf_reserve(&b, minified.n < LIMIT_INPUT / 2 ? minified.n * 2 : minified.n);
	if (!has_lines) {
		layout_apply(l, minified, &b);
	} else {
		if (minified.n < 2 || *minified.p != '[')
			return false;
		while (at + 1 < minified.n) {
			size_t size = value_end(str_sub(minified, at, minified.n - 1));

			if (!size)
				return false;
			if (at > 1)
				buf_add_byte(&b, '\n');
			layout_apply(l, str_sub(minified, at, at + size), &b);
			at += size + 1;
		}
	}
	*out = buf_str(&b);
	return b.err == E_OK;
}

/* Documents one below the other all have the layout. */
static bool has_layout(const struct layout *l, bool has_lines, str body)
{
	if (!has_lines)
		return layout_is(l, body);
	for (;;) {
		size_t end = value_end(body);

		if (!end || !layout_is(l, str_sub(body, 0, end)))
			return false;
		if (end == body.n)
			return true;
		body = str_sub(body, end + 1, body.n);
	}
}

/* What follows begins with a line end, so that a reader sees where the part ends. */
static bool is_apart(const struct part *p)
{
	return !p->after.n || *p->after.p == '\n';
}

static void split(str text, size_t at, size_t end, struct part *out)
{
	*out = (struct part){.before = str_sub(text, 0, at),
		.body = str_sub(text, at, end),
		.after = str_sub(text, end, text.n)};
}

/* All of the text but for white space around it. */
static bool try_whole(str text, struct arena *a, struct part *out)
{
	str body = str_trim(text);
	size_t at = body.n ? (size_t)(body.p - text.p) : 0;

	if (!is_open(body) || body.n < BODY_MIN)
		return false;
	split(text, at, at + body.n, out);
	return is_apart(out) && json_scan(a, body, &out->tape, NULL) == E_OK;
}

static bool try_at(str text, size_t at, struct arena *a, struct part *out)
{
	struct ends ends = {0};
	size_t end;

	find_documents(str_sub(text, at, text.n), a, &ends);
	end = ends.n ? ends.v[ends.n - 1] : 0;
	if (end < BODY_MIN || end * SHARE_MIN < text.n)
		return false;
	split(text, at, at + end, out);
	out->has_lines = ends.n > 1;
	return is_apart(out) &&
	       json_scan(a, ends.n > 1 ? join_documents(out->body, &ends, a) : out->body,
		       &out->tape, NULL) == E_OK;
}

/* Where JSON may begin: behind white space, or after what does not belong to a word. */
static bool may_begin(str text, size_t at)
{
	return !at || text.p[at - 1] == '\n' || text.p[at - 1] == ' ';
}

static bool find(str text, struct arena *a, struct part *out)
{
	int starts = 0;

	if (try_whole(text, a, out))
		return true;
	for (size_t i = 0; i + BODY_MIN <= text.n && starts < STARTS_MAX; i++) {
		if (!is_open(str_sub(text, i, text.n)) || !may_begin(text, i))
			continue;
		/* A bracket that is soon closed again is part of a sentence. */
		starts++;
		if (try_at(text, i, a, out))
			return true;
	}
	return false;
}

/* Tokens add up to the whole document then. */
bool part_is_minified(const struct json_tape *t)
{
	size_t bytes = 0;

	for (uint32_t i = 0; i < t->n; i++) {
		const struct json_node *v = &t->v[i];

		/* Brackets, the commas, the colons. */
		if (v->type > JSON_ARRAY)
			bytes += v->end - v->start;
		else
			bytes += 2 + (v->n ? v->n - 1 : 0) + (v->type == JSON_OBJECT ? v->n : 0);
	}
	return bytes == t->doc.n;
}

bool part_find(str text, struct arena *a, struct part *out)
{
	*out = (struct part){0};
	return find(text, a, out);
}

bool part_find_layout(struct part *p, size_t bytes)
{
	if (bytes == p->tape.doc.n)
		return true;
	p->layout = layout_guess(p->body);
	return has_layout(&p->layout, p->has_lines, p->body);
}
