#include "core/json/scan.h"

#include "core/json/index.h"
#include "core/json/place.h"

_Static_assert(LIMIT_INPUT <= JSON_ENTRY_ESCAPE, "offsets leave the flag bit free");
/* The smallest element is a digit and its comma, so that this bounds json_node.n. */
_Static_assert(LIMIT_INPUT / 2 <= UINT32_C(1) << 27, "counts fit in their 27 bits");

enum { NODES_FIRST = 256 };
#define NO_ENTRY UINT32_MAX

struct scanner {
	struct json_index x;
	struct arena *arena;
	struct errctx *cx;
	const char *p;
	uint32_t i; /* the next entry */
	struct json_node *v;
	uint32_t n, cap;
	uint32_t open;  /* the innermost open container; its next is the one around it */
	uint32_t depth; /* how many are open */
};

/* Every entry makes one node at most. */
static void reserve_nodes(struct scanner *s)
{
	uint32_t need = s->n + s->x.n, cap = s->cap * 2 > need ? s->cap * 2 : need + NODES_FIRST;

	if (need <= s->cap)
		return;
	s->v = arena_grow(
		s->arena, s->v, s->n * sizeof *s->v, cap * sizeof *s->v, alignof(struct json_node));
	s->cap = cap;
}

static uint32_t take_from_next_chunk(struct scanner *s)
{
	do {
		if (!json_index_next(&s->x))
			return NO_ENTRY;
	} while (!s->x.n);
	reserve_nodes(s);
	s->i = 1;
	return s->x.v[0];
}

static inline uint32_t take(struct scanner *s)
{
	return LIKELY(s->i < s->x.n) ? s->x.v[s->i++] : take_from_next_chunk(s);
}

static enum err fail_end(struct scanner *s, const char *expected)
{
	if (s->x.bad)
		return json_fail_at(s->cx, s->x.doc, s->x.bad_at, "%s", s->x.bad);
	return json_fail_at(s->cx, s->x.doc, s->x.doc.n, "expected %s, found the end", expected);
}

/* The token at e is not what stands there in good JSON. */
static enum err fail(struct scanner *s, uint32_t e, const char *expected)
{
	unsigned char c;

	if (e == NO_ENTRY)
		return fail_end(s, expected);
	e &= ~JSON_ENTRY_ESCAPE;
	c = (unsigned char)s->p[e];
	if (c > 0x20 && c < 0x7F)
		return json_fail_at(s->cx, s->x.doc, e, "expected %s, found '%c'", expected, c);
	return json_fail_at(s->cx, s->x.doc, e, "expected %s, found byte 0x%02X", expected, c);
}

static inline struct json_node *add_node(
	struct scanner *s, enum json_type type, uint32_t start, uint32_t end)
{
	struct json_node *node = &s->v[s->n++];

	*node = (struct json_node){.start = start, .end = end, .next = s->n, .type = type & 31};
	return node;
}

static enum err add_string(struct scanner *s, uint32_t e)
{
	uint32_t close = take(s);
	struct json_node *node;

	if (close == NO_ENTRY && !s->x.bad)
		return json_fail_at(s->cx, s->x.doc, e, "string without its closing quote");
	if (close == NO_ENTRY)
		return fail(s, close, "a closing quote");
	node = add_node(s, JSON_STRING, e, (close & ~JSON_ENTRY_ESCAPE) + 1);
	node->n = close >> 31 & 1;
	return E_OK;
}

static uint32_t skip_digits(const struct scanner *s, uint32_t at)
{
	while (at < s->x.doc.n && s->p[at] >= '0' && s->p[at] <= '9')
		at++;
	return at;
}

static bool is_at(const struct scanner *s, uint32_t at, char c)
{
	return at < s->x.doc.n && s->p[at] == c;
}

/* True when a number or a name may end before at. */
static bool is_end(const struct scanner *s, uint32_t at)
{
	return at == s->x.doc.n || (s->p[at] && strchr(" \t\n\r{}[]:,\"", s->p[at]));
}

/* RFC 8259 section 6. */
static enum err add_number(struct scanner *s, uint32_t e)
{
	uint32_t first = e + is_at(s, e, '-'), at = skip_digits(s, first), from;

	if (at == first)
		return json_fail_at(s->cx, s->x.doc, e, "number without digits");
	if (s->p[first] == '0' && at > first + 1)
		return json_fail_at(s->cx, s->x.doc, e, "number with a leading zero");
	if (is_at(s, at, '.')) {
		from = at + 1;
		at = skip_digits(s, from);
		if (at == from)
			return json_fail_at(
				s->cx, s->x.doc, e, "number without digits behind its '.'");
	}
	if (is_at(s, at, 'e') || is_at(s, at, 'E')) {
		from = at + 1;
		from += is_at(s, from, '+') || is_at(s, from, '-');
		at = skip_digits(s, from);
		if (at == from)
			return json_fail_at(
				s->cx, s->x.doc, e, "number without digits in its exponent");
	}
	if (!is_end(s, at))
		return fail(s, at, "the end of a number");
	add_node(s, JSON_NUMBER, e, at);
	return E_OK;
}

static enum err add_name(struct scanner *s, uint32_t e, str name, enum json_type type)
{
	if (s->x.doc.n - e < name.n || memcmp(s->p + e, name.p, name.n) != 0 ||
		!is_end(s, e + (uint32_t)name.n))
		return fail(s, e, "a value");
	add_node(s, type, e, e + (uint32_t)name.n);
	return E_OK;
}

static enum err add_scalar(struct scanner *s, uint32_t e)
{
	if (e == NO_ENTRY)
		return fail(s, e, "a value");
	switch (s->p[e]) {
	case '"':
		return add_string(s, e);
	case 't':
		return add_name(s, e, STR("true"), JSON_TRUE);
	case 'f':
		return add_name(s, e, STR("false"), JSON_FALSE);
	case 'n':
		return add_name(s, e, STR("null"), JSON_NULL);
	default:
		if (s->p[e] != '-' && (s->p[e] < '0' || s->p[e] > '9'))
			return fail(s, e, "a value");
		return add_number(s, e);
	}
}

static enum err open_container(struct scanner *s, uint32_t e, enum json_type type)
{
	if (s->depth == LIMIT_JSON_DEPTH)
		return json_fail_at(
			s->cx, s->x.doc, e, "nested deeper than %u levels", LIMIT_JSON_DEPTH);
	add_node(s, type, e, 0)->next = s->open;
	s->open = s->n - 1;
	s->depth++;
	return E_OK;
}

static void close_container(struct scanner *s, uint32_t e)
{
	struct json_node *node = &s->v[s->open];

	s->open = node->next;
	node->next = s->n;
	node->end = e + 1;
	s->depth--;
}

/* From a key to the start of its value. */
static enum err add_key(struct scanner *s, uint32_t *e)
{
	if (*e == NO_ENTRY || s->p[*e] != '"')
		return fail(s, *e, "a key in double quotes");
	TRY(add_string(s, *e));
	*e = take(s);
	if (*e == NO_ENTRY || s->p[*e] != ':')
		return fail(s, *e, "':' behind a key");
	s->v[s->open].n++;
	*e = take(s);
	return E_OK;
}

static enum err next_element(struct scanner *s, uint32_t *e)
{
	if (s->v[s->open].type == JSON_OBJECT)
		return add_key(s, e);
	s->v[s->open].n++;
	return E_OK;
}

/* Behind a value: closes containers, moves *e to the next value. *is_done when the root is closed. */
static enum err after_value(struct scanner *s, uint32_t *e, bool *is_done)
{
	while (s->depth) {
		bool is_object = s->v[s->open].type == JSON_OBJECT;

		*e = take(s);
		if (*e != NO_ENTRY && s->p[*e] == ',') {
			*e = take(s);
			return next_element(s, e);
		}
		if (*e == NO_ENTRY || s->p[*e] != (is_object ? '}' : ']'))
			return fail(s, *e,
				is_object ? "',' or '}' in an object" : "',' or ']' in an array");
		close_container(s, *e);
	}
	*is_done = true;
	return E_OK;
}

static enum err add_all(struct scanner *s)
{
	uint32_t e = take(s);
	bool is_done = false;

	while (!is_done) {
		char c = e == NO_ENTRY ? '\0' : s->p[e];

		if (c != '{' && c != '[') {
			TRY(add_scalar(s, e));
			TRY(after_value(s, &e, &is_done));
			continue;
		}
		TRY(open_container(s, e, c == '{' ? JSON_OBJECT : JSON_ARRAY));
		e = take(s);
		if (e != NO_ENTRY && s->p[e] == (c == '{' ? '}' : ']')) {
			close_container(s, e);
			TRY(after_value(s, &e, &is_done));
		} else {
			TRY(next_element(s, &e));
		}
	}
	e = take(s);
	return e == NO_ENTRY && !s->x.bad ? E_OK : fail(s, e, "nothing more behind the document");
}

enum err json_scan(struct arena *a, str doc, struct json_tape *out, struct errctx *cx)
{
	struct scanner s;

	if (doc.n > LIMIT_INPUT)
		FAIL(cx, E_TOO_BIG, "JSON of %zu bytes is larger than %zu", doc.n, LIMIT_INPUT);
	memset(&s, 0, sizeof s);
	json_index_init(&s.x, doc);
	s.arena = a;
	s.cx = cx;
	s.p = doc.p;
	TRY(add_all(&s));
	*out = (struct json_tape){
		.doc = doc, .v = s.v, .n = s.n, .notes = s.x.notes, .note_offset = s.x.note_offset};
	return E_OK;
}
