#include "core/compress/table/part.h"

#include "core/base/limits.h"
#include "core/json/scan.h"

enum {
	BODY_MIN = 100,  /* bytes */
	STARTS_MAX = 16, /* places where it may begin, that are tried */
	SHARE_MIN = 4,   /* the part is that share of the text at least */
};

/* Where the value that begins at s.p[0] with a bracket ends; 0: nowhere. */
static size_t value_end(str s)
{
	size_t depth = 0;

	for (size_t i = 0; i < s.n; i++) {
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

/* The documents from the beginning of s on: how many, and where the last one ends. */
static uint32_t find_documents(str s, size_t *end)
{
	uint32_t n = 0;
	size_t at = 0;

	for (;;) {
		size_t size = value_end(str_sub(s, at, s.n));
		str rest;

		if (!size)
			return n;
		at += size;
		*end = at;
		n++;
		rest = str_sub(s, at, s.n);
		if (!str_take(&rest, STR("\n")) || !is_open(rest))
			return n;
		at++;
	}
}

/* One array of all the documents: commas for the line ends between them. */
static str join_documents(str body, uint32_t n, struct arena *a)
{
	char *p = arena_alloc(a, body.n + 2, 1);
	size_t at = 0;

	p[0] = '[';
	memcpy(p + 1, body.p, body.n);
	p[body.n + 1] = ']';
	for (; n > 1; n--) {
		at += value_end(str_sub(body, at, body.n));
		p[++at] = ',';
	}
	return (str){p, body.n + 2};
}

bool part_print(const struct layout *l, bool has_lines, str minified, struct arena *a, str *out)
{
	struct buf b;
	size_t at = 1;

	buf_init_arena(&b, a, LIMIT_INPUT);
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

static bool try_at(str text, size_t at, bool is_exact, struct arena *a, struct part *out)
{
	str rest = str_sub(text, at, text.n), again;
	size_t end = 0;
	uint32_t n = find_documents(rest, &end);
	struct buf b;

	if (!n || end < BODY_MIN || end * SHARE_MIN < text.n)
		return false;
	*out = (struct part){.before = str_sub(text, 0, at),
		.body = str_sub(rest, 0, end),
		.after = str_sub(rest, end, rest.n),
		.has_lines = n > 1};
	/* What follows begins with a line end, so that a reader sees where the part ends. */
	if (out->after.n && *out->after.p != '\n')
		return false;
	if (json_scan(a, n > 1 ? join_documents(out->body, n, a) : out->body, &out->tape, NULL) !=
		E_OK)
		return false;
	out->layout = layout_guess(out->body);
	if (!is_exact)
		return true;
	buf_init_arena(&b, a, LIMIT_INPUT);
	layout_strip(out->tape.doc, &b);
	return part_print(&out->layout, out->has_lines, buf_str(&b), a, &again) &&
	       str_eq(again, out->body);
}

/* Where JSON may begin: behind white space, or after what does not belong to a word. */
static bool may_begin(str text, size_t at)
{
	return !at || text.p[at - 1] == '\n' || text.p[at - 1] == ' ';
}

bool part_find(str text, bool is_exact, struct arena *a, struct part *out)
{
	int starts = 0;

	for (size_t i = 0; i + BODY_MIN <= text.n && starts < STARTS_MAX; i++) {
		if (!is_open(str_sub(text, i, text.n)) || !may_begin(text, i))
			continue;
		/* A bracket that is soon closed again is part of a sentence. */
		starts++;
		if (try_at(text, i, is_exact, a, out))
			return true;
		if (text.p[i] == '{' && out->body.p == text.p + i)
			return false;
	}
	return false;
}
