#include "core/json/scan.h"

#include "core/base/check.h"
#include "core/json/index.h"
#include "core/json/fail_at.h"

_Static_assert(LIMIT_INPUT <= JSON_ENTRY_ESCAPE, "offsets leave the flag bit free");
/* The smallest element is a digit and its comma, so that this bounds json_node.n. */
_Static_assert(LIMIT_INPUT / 2 <= UINT32_C(1) << 27, "counts fit in their 27 bits");

enum {
	NODES_FIRST = 256,
	FORESEE_BYTES =
		4 * JSON_INDEX_CHUNK, /* enough of a document to tell how dense the rest is */
};
#define NODE_COUNT_MASK ((UINT32_C(1) << 27) - 1)
#define NO_ENTRY        UINT32_MAX
#define NO_PARENT       UINT32_MAX

struct scanner {
	struct json_index x;
	struct arena *arena;
	struct errctx *cx;
	struct json_node *v; /* room for cap nodes */
	uint32_t cap;
};

/* What changes with each token; a local variable of build, so that it stays in registers. */
struct reader {
	const char *doc;
	const uint32_t *at, *end; /* entries of the chunk that are not read yet */
	struct json_node *v;      /* the tape; n nodes so far */
	uint32_t n;
	uint32_t open;  /* the innermost open container; its next is the one around it */
	uint32_t depth; /* how many are open */
};

/* Stands for the token behind the last one. */
static const char end_mark = '\0';

/* Room for all of the document if it goes on as it began: each growth leaves behind what was too small. */
static uint32_t foresee(const struct scanner *s, uint32_t need)
{
	uint64_t whole = s->x.at < FORESEE_BYTES ? 0 : (uint64_t)need * s->x.doc.n / s->x.at;

	/* An eighth more; a document has no more tokens than bytes. */
	whole += whole / 8;
	return (uint32_t)(whole < s->x.doc.n ? whole : s->x.doc.n);
}

/* Every entry makes one node at most. */
static void reserve_nodes(struct scanner *s, uint32_t n)
{
	uint32_t need = n + s->x.n, cap = s->cap * 2 > need ? s->cap * 2 : need + NODES_FIRST;
	uint32_t whole;

	if (need <= s->cap)
		return;
	whole = foresee(s, need);
	cap = whole > cap ? whole : cap;
	s->v = arena_grow(
		s->arena, s->v, n * sizeof *s->v, cap * sizeof *s->v, alignof(struct json_node));
	s->cap = cap;
}

/* Indexes until there is an entry; false at the end. n: nodes in use. */
static __attribute__((noinline)) bool next_chunk(struct scanner *s, uint32_t n)
{
	do {
		if (!json_index_next(&s->x))
			return false;
	} while (!s->x.n);
	reserve_nodes(s, n);
	return true;
}

static inline uint32_t take_entry(struct scanner *s, struct reader *r)
{
	if (UNLIKELY(r->at == r->end)) {
		if (!next_chunk(s, r->n))
			return NO_ENTRY;
		r->at = s->x.v;
		r->end = s->x.v + s->x.n;
		r->v = s->v;
	}
	return *r->at++;
}

/* The first byte of the next token; &end_mark at the end of the document. An entry has no mark here: a '\'
 * outside a string is refused before the entry behind it is read. */
static inline const char *take(struct scanner *s, struct reader *r)
{
	uint32_t e = take_entry(s, r);

	return LIKELY(e != NO_ENTRY) ? r->doc + e : &end_mark;
}

/* ---- errors ---- */

/* The token at t is not what stands there in good JSON. */
static enum err fail(struct scanner *s, const char *t, const char *expected)
{
	str doc = s->x.doc;
	unsigned char c = (unsigned char)*t;
	size_t at = t == &end_mark ? doc.n : (size_t)(t - doc.p);

	if (at == doc.n && s->x.bad)
		return json_fail_at(s->cx, doc, s->x.bad_at, "%s", s->x.bad);
	if (at == doc.n)
		return json_fail_at(s->cx, doc, at, "expected %s, found the end", expected);
	if (c > 0x20 && c < 0x7F)
		return json_fail_at(s->cx, doc, at, "expected %s, found '%c'", expected, c);
	return json_fail_at(s->cx, doc, at, "expected %s, found byte 0x%02X", expected, c);
}

static enum err fail_as(struct scanner *s, const char *t, const char *what)
{
	return json_fail_at(s->cx, s->x.doc, (size_t)(t - s->x.doc.p), "%s", what);
}

static enum err fail_depth(struct scanner *s, const char *t)
{
	return json_fail_at(s->cx, s->x.doc, (size_t)(t - s->x.doc.p),
		"nested deeper than %u levels", LIMIT_JSON_DEPTH);
}

/* ---- nodes ---- */

static inline struct json_node *add_node(
	struct reader *r, enum json_type type, const char *start, const char *end)
{
	struct json_node *node = &r->v[r->n++];

	*node = (struct json_node){.start = (uint32_t)(start - r->doc),
		.end = (uint32_t)(end - r->doc),
		.next = r->n,
		.type = type & 31};
	return node;
}

static inline enum err add_string(struct scanner *s, struct reader *r, const char *t)
{
	uint32_t close = take_entry(s, r);
	struct json_node *node;

	if (UNLIKELY(close == NO_ENTRY))
		return s->x.bad ? fail(s, &end_mark, "")
				: fail_as(s, t, "string without its closing quote");
	node = add_node(r, JSON_STRING, t, r->doc + (close & ~JSON_ENTRY_ESCAPE) + 1);
	node->n = (close & JSON_ENTRY_ESCAPE) != 0;
	return E_OK;
}

static inline const char *skip_digits(const char *p, const char *end)
{
	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return p;
}

/* True when a number or a name may end before p. */
static inline bool is_end(const char *p, const char *end)
{
	static const bool can_follow[256] = {['\t'] = 1,
		['\n'] = 1,
		['\r'] = 1,
		[' '] = 1,
		['{'] = 1,
		['}'] = 1,
		['['] = 1,
		[']'] = 1,
		[':'] = 1,
		[','] = 1,
		['"'] = 1};

	return p == end || can_follow[(unsigned char)*p];
}

/* RFC 8259 section 6. */
static enum err add_number(struct scanner *s, struct reader *r, const char *t)
{
	const char *end = s->x.doc.p + s->x.doc.n, *first = t + (*t == '-'),
		   *p = skip_digits(first, end), *from;

	if (p == first)
		return fail_as(s, t, "number without digits");
	if (*first == '0' && p > first + 1)
		return fail_as(s, t, "number with a leading zero");
	if (p < end && *p == '.') {
		from = p + 1;
		p = skip_digits(from, end);
		if (p == from)
			return fail_as(s, t, "number without digits behind its '.'");
	}
	if (p < end && (*p | 0x20) == 'e') {
		from = p + 1;
		from += from < end && (*from == '+' || *from == '-');
		p = skip_digits(from, end);
		if (p == from)
			return fail_as(s, t, "number without digits in its exponent");
	}
	if (!is_end(p, end))
		return fail(s, p, "the end of a number");
	add_node(r, JSON_NUMBER, t, p);
	return E_OK;
}

static inline enum err add_name(
	struct scanner *s, struct reader *r, const char *t, str name, enum json_type type)
{
	const char *end = s->x.doc.p + s->x.doc.n;

	if ((size_t)(end - t) < name.n || memcmp(t, name.p, name.n) != 0 ||
		!is_end(t + name.n, end))
		return fail(s, t, "a value");
	add_node(r, type, t, t + name.n);
	return E_OK;
}

static enum err add_scalar(struct scanner *s, struct reader *r, const char *t)
{
	switch (*t) {
	case 't':
		return add_name(s, r, t, STR("true"), JSON_TRUE);
	case 'f':
		return add_name(s, r, t, STR("false"), JSON_FALSE);
	case 'n':
		return add_name(s, r, t, STR("null"), JSON_NULL);
	default:
		if (*t == '-' || (*t >= '0' && *t <= '9'))
			return add_number(s, r, t);
		return fail(s, t, "a value");
	}
}

static inline bool open_container(struct reader *r, const char *t, enum json_type type)
{
	if (r->depth == LIMIT_JSON_DEPTH)
		return false;
	add_node(r, type, t, t)->next = r->open;
	r->open = r->n - 1;
	r->depth++;
	return true;
}

static inline void close_container(struct reader *r, const char *t)
{
	struct json_node *node = &r->v[r->open];

	r->open = node->next;
	node->next = r->n;
	node->end = (uint32_t)(t - r->doc) + 1;
	r->depth--;
}

/* Behind the root there must be nothing; *n: nodes in all. */
static inline enum err finish(struct scanner *s, struct reader *r, uint32_t *n)
{
	const char *t = take(s, r);

	*n = r->n;
	return t == &end_mark && !s->x.bad ? E_OK : fail(s, t, "nothing more behind the document");
}

/* Walks the tokens by the grammar, from the beginning or from behind a value in an open container. The states are labels:
 * each has branches of its own, which the processor learns by themselves. */
static enum err build(struct scanner *s, struct reader r, uint32_t *n)
{
	const char *t;

	if (r.depth)
		goto after;
	t = take(s, &r);
value:
	switch (*t) {
	case '{':
		if (!open_container(&r, t, JSON_OBJECT))
			return fail_depth(s, t);
		t = take(s, &r);
		if (*t == '}')
			goto close;
		goto key;
	case '[':
		if (!open_container(&r, t, JSON_ARRAY))
			return fail_depth(s, t);
		t = take(s, &r);
		if (*t == ']')
			goto close;
		goto element;
	case '"':
		TRY(add_string(s, &r, t));
		break;
	default:
		TRY(add_scalar(s, &r, t));
	}
after:
	if (!r.depth)
		return finish(s, &r, n);
	t = take(s, &r);
	if (r.v[r.open].type == JSON_OBJECT) {
		if (*t == '}')
			goto close;
		if (*t != ',')
			return fail(s, t, "',' or '}' in an object");
		t = take(s, &r);
		goto key;
	}
	if (*t == ']')
		goto close;
	if (*t != ',')
		return fail(s, t, "',' or ']' in an array");
	t = take(s, &r);
element:
	r.v[r.open].n++;
	goto value;
key:
	if (*t != '"')
		return fail(s, t, "a key in double quotes");
	TRY(add_string(s, &r, t));
	t = take(s, &r);
	if (*t != ':')
		return fail(s, t, "':' behind a key");
	t = take(s, &r);
	goto element;
close:
	close_container(&r, t);
	goto after;
}

enum err json_scan(struct arena *a, str doc, struct json_tape *out, struct errctx *cx)
{
	return json_scan_with(json_simd_best(), a, doc, out, cx);
}

static void scanner_init(struct scanner *s, struct arena *a, struct errctx *cx)
{
	s->arena = a;
	s->cx = cx;
	s->v = NULL;
	s->cap = 0;
}

static enum err scan(struct scanner *s, struct reader r, str doc, struct json_tape *out)
{
	uint32_t n = 0;

	TRY(build(s, r, &n));
	arena_trim(s->arena, s->v, s->cap * sizeof *s->v, n * sizeof *s->v);
	*out = (struct json_tape){.doc = doc,
		.v = s->v,
		.n = n,
		.notes = s->x.notes,
		.note_offset = s->x.note_offset};
	return E_OK;
}

enum err json_scan_with(
	enum json_simd simd, struct arena *a, str doc, struct json_tape *out, struct errctx *cx)
{
	struct scanner s;

	if (doc.n > LIMIT_INPUT)
		FAIL(cx, E_TOO_BIG, "JSON of %zu bytes is larger than %zu", doc.n, LIMIT_INPUT);
	json_index_init(&s.x, doc, simd);
	scanner_init(&s, a, cx);
	return scan(&s, (struct reader){.doc = doc.p, .open = NO_PARENT}, doc, out);
}

/* ---- going on with what is known ----------------------------------------------------------------------- */

/* Into child: the last child of parent that ends before end, JSON_ABSENT when there is none; what comes behind it
 * into *behind. *n: how many there are up to it. */
static uint32_t last_child(
	const struct json_node *v, uint32_t parent, uint32_t end, uint32_t *n, uint32_t *behind)
{
	bool is_object = v[parent].type == JSON_OBJECT;
	uint32_t last = JSON_ABSENT, at = parent + 1, left = v[parent].n;

	for (*n = 0, *behind = JSON_ABSENT; left--; at = v[at].next, ++*n) {
		at += is_object; /* behind its key */
		if (v[at].end >= end) {
			*behind = at;
			break;
		}
		last = at;
	}
	return last;
}

bool json_place_find(const struct json_tape *t, uint32_t end, struct json_place *out)
{
	uint32_t parent = 0, n, behind, last;

	*out = (struct json_place){.depth = 0};
	for (uint32_t depth = 1; depth <= JSON_PLACE_DEPTH; depth++, parent = behind) {
		if (t->v[parent].type > JSON_ARRAY)
			break;
		last = last_child(t->v, parent, end, &n, &behind);
		out->open[depth - 1] = parent;
		/* What is still open counts as a child of what it is in. */
		out->counts[depth - 1] = behind == JSON_ABSENT ? n : n + 1;
		if (last != JSON_ABSENT) {
			out->depth = depth;
			out->last_n = n;
			out->at = t->v[last].end;
			out->nodes_n = t->v[last].next;
		}
		if (behind == JSON_ABSENT)
			break;
	}
	return out->depth > 0;
}

enum err json_scan_on(struct arena *a, str doc, const struct json_node *before,
	const struct json_place *place, struct json_tape *out, struct errctx *cx)
{
	struct scanner s;
	uint32_t n = place->nodes_n, depth = place->depth;

	if (doc.n > LIMIT_INPUT)
		FAIL(cx, E_TOO_BIG, "JSON of %zu bytes is larger than %zu", doc.n, LIMIT_INPUT);
	ASSERT(depth && depth <= JSON_PLACE_DEPTH && place->at <= doc.n);
	json_index_init(&s.x, doc, json_simd_best());
	json_index_skip(&s.x, place->at);
	scanner_init(&s, a, cx);
	s.cap = n + n / 8 + NODES_FIRST;
	s.v = arena_alloc(a, s.cap * sizeof *s.v, alignof(struct json_node));
	memcpy(s.v, before, n * sizeof *s.v);
	for (uint32_t i = 0; i < depth; i++) {
		struct json_node *node = &s.v[place->open[i]];

		node->next = i ? place->open[i - 1] : NO_PARENT;
		node->n = (i + 1 < depth ? place->counts[i] : place->last_n) & NODE_COUNT_MASK;
	}
	return scan(&s,
		(struct reader){.doc = doc.p,
			.v = s.v,
			.n = n,
			.open = place->open[depth - 1],
			.depth = depth},
		doc, out);
}
