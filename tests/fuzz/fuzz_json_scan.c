/* Any bytes: the scan accepts what a small recursive checker accepts and nothing else, its tape is the one that
 * the checker lists, with every set of instructions and wherever the document lies across blocks and chunks,
 * and the text of every container scans to the same part of a tape. */
#include <stdlib.h>

#include "core/base/check.h"
#include "core/base/limits.h"
#include "core/json/scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* ---- an independent reading of RFC 8259: one byte at a time, by recursion ---- */

enum { NODES_MAX = 4096 };

struct checker {
	const unsigned char *p;
	size_t n, at;
	struct json_node v[NODES_MAX];
	uint32_t v_n;
	unsigned notes;
	size_t note_offset;
};

static int peek(const struct checker *c)
{
	return c->at < c->n ? c->p[c->at] : -1;
}

static void skip_white(struct checker *c)
{
	while (peek(c) == ' ' || peek(c) == '\t' || peek(c) == '\n' || peek(c) == '\r')
		c->at++;
}

static void note(struct checker *c, size_t at, unsigned note)
{
	if (!c->notes || at < c->note_offset)
		c->note_offset = at;
	c->notes |= note;
}

static int hex4(const struct checker *c, size_t at)
{
	int v = 0;

	for (size_t i = at; i < at + 4; i++) {
		int d = i < c->n ? c->p[i] : 0;

		if (d >= '0' && d <= '9')
			v = v * 16 + d - '0';
		else if (d >= 'a' && d <= 'f')
			v = v * 16 + d - 'a' + 10;
		else if (d >= 'A' && d <= 'F')
			v = v * 16 + d - 'A' + 10;
		else
			return -1;
	}
	return v;
}

static bool check_escape(struct checker *c, bool *has_high)
{
	size_t at = c->at++;
	int letter = peek(c), unit;

	if (letter < 0 || !memchr("\"\\/bfnrtu", letter, 9))
		return false;
	c->at++;
	if (letter != 'u')
		return true;
	unit = hex4(c, c->at);
	if (unit < 0)
		return false;
	c->at += 4;
	if (unit >= 0xD800 && unit < 0xDC00) {
		int next = c->at + 1 < c->n && c->p[c->at] == '\\' && c->p[c->at + 1] == 'u'
				   ? hex4(c, c->at + 2)
				   : -1;

		*has_high = next >= 0xDC00 && next < 0xE000;
		if (!*has_high)
			note(c, at, JSON_NOTE_LONE_SURROGATE);
	} else if (unit >= 0xDC00 && unit < 0xE000) {
		if (!*has_high)
			note(c, at, JSON_NOTE_LONE_SURROGATE);
		*has_high = false;
	}
	return true;
}

/* One byte or sequence of bytes above 0x7F: RFC 3629 section 4, spelled out. */
static void check_sequence(struct checker *c)
{
	const unsigned char *p = c->p + c->at;
	size_t left = c->n - c->at, len = 0;

	if (*p >= 0xC2 && *p <= 0xDF)
		len = 2;
	else if (*p >= 0xE0 && *p <= 0xEF)
		len = 3;
	else if (*p >= 0xF0 && *p <= 0xF4)
		len = 4;
	for (size_t i = 1; i < len; i++)
		if (i >= left || p[i] < 0x80 || p[i] > 0xBF)
			len = 0;
	if ((*p == 0xE0 && len && p[1] < 0xA0) || (*p == 0xED && len && p[1] > 0x9F) ||
		(*p == 0xF0 && len && p[1] < 0x90) || (*p == 0xF4 && len && p[1] > 0x8F))
		len = 0;
	if (!len)
		note(c, c->at, JSON_NOTE_INVALID_UTF8);
	c->at += len ? len : 1;
}

static struct json_node *add(struct checker *c, enum json_type type)
{
	struct json_node *node = &c->v[c->v_n < NODES_MAX ? c->v_n : NODES_MAX - 1];

	c->v_n++;
	*node = (struct json_node){.start = (uint32_t)c->at, .type = type & 31};
	return node;
}

static void end(struct checker *c, struct json_node *node)
{
	node->end = (uint32_t)c->at;
	node->next = c->v_n;
}

static bool check_string(struct checker *c)
{
	struct json_node *node = add(c, JSON_STRING);
	bool has_high = false;

	c->at++;
	while (peek(c) != '"') {
		if (peek(c) < 0x20)
			return false;
		if (peek(c) == '\\') {
			node->n = 1;
			if (!check_escape(c, &has_high))
				return false;
		} else if (peek(c) < 0x80) {
			c->at++;
		} else {
			check_sequence(c);
		}
	}
	c->at++;
	end(c, node);
	return true;
}

static bool check_digits(struct checker *c)
{
	size_t from = c->at;

	while (peek(c) >= '0' && peek(c) <= '9')
		c->at++;
	return c->at > from;
}

static bool check_number(struct checker *c)
{
	struct json_node *node = add(c, JSON_NUMBER);

	if (peek(c) == '-')
		c->at++;
	if (peek(c) == '0')
		c->at++;
	else if (!check_digits(c))
		return false;
	if (peek(c) == '.') {
		c->at++;
		if (!check_digits(c))
			return false;
	}
	if (peek(c) == 'e' || peek(c) == 'E') {
		c->at++;
		if (peek(c) == '+' || peek(c) == '-')
			c->at++;
		if (!check_digits(c))
			return false;
	}
	end(c, node);
	return true;
}

static bool check_name(struct checker *c, const char *name, enum json_type type)
{
	struct json_node *node = add(c, type);
	size_t n = strlen(name);

	if (c->n - c->at < n || memcmp(c->p + c->at, name, n) != 0)
		return false;
	c->at += n;
	end(c, node);
	return true;
}

static bool check_value(struct checker *c, unsigned depth);

static bool check_member(struct checker *c, unsigned depth)
{
	if (peek(c) != '"' || !check_string(c))
		return false;
	skip_white(c);
	if (peek(c) != ':')
		return false;
	c->at++;
	return check_value(c, depth);
}

static bool check_container(struct checker *c, unsigned depth)
{
	bool is_object = peek(c) == '{';
	int close = is_object ? '}' : ']';
	struct json_node *node = add(c, is_object ? JSON_OBJECT : JSON_ARRAY);

	if (depth == LIMIT_JSON_DEPTH)
		return false;
	c->at++;
	skip_white(c);
	while (peek(c) != close || node->n) {
		if (!(is_object ? check_member(c, depth + 1) : check_value(c, depth + 1)))
			return false;
		node->n++;
		if (peek(c) == close)
			break;
		if (peek(c) != ',')
			return false;
		c->at++;
		skip_white(c);
	}
	c->at++;
	end(c, node);
	return true;
}

/* A value and the white space around it. depth: containers around it. */
static bool check_value(struct checker *c, unsigned depth)
{
	bool is_good;

	skip_white(c);
	switch (peek(c)) {
	case '{':
	case '[':
		is_good = check_container(c, depth);
		break;
	case '"':
		is_good = check_string(c);
		break;
	case 't':
		is_good = check_name(c, "true", JSON_TRUE);
		break;
	case 'f':
		is_good = check_name(c, "false", JSON_FALSE);
		break;
	case 'n':
		is_good = check_name(c, "null", JSON_NULL);
		break;
	default:
		is_good = check_number(c);
	}
	skip_white(c);
	return is_good;
}

/* ---- properties ---- */

static void compare(
	const struct checker *c, bool is_good, enum err e, const struct json_tape *t, uint32_t pad)
{
	ASSERT(e == (is_good ? E_OK : E_MALFORMED));
	if (!is_good)
		return;
	ASSERT(t->n == c->v_n && t->notes == c->notes);
	ASSERT(!t->notes || t->note_offset == c->note_offset + pad);
	for (uint32_t i = 0; i < t->n; i++) {
		const struct json_node *a = &t->v[i], *b = &c->v[i];

		ASSERT(a->start == b->start + pad && a->end == b->end + pad && a->next == b->next);
		ASSERT(a->type == b->type && a->n == b->n);
	}
}

static void scan_at(const struct checker *c, bool is_good, uint32_t pad)
{
	struct arena a = ARENA_INIT;
	char *doc = arena_alloc(&a, c->n + pad, 1);

	memset(doc, ' ', pad);
	if (c->n)
		memcpy(doc + pad, c->p, c->n);
	for (enum json_simd simd = JSON_SIMD_NONE; simd <= json_simd_best(); simd++) {
		struct errctx cx = {0};
		struct json_tape t = {0};
		enum err e = json_scan_with(simd, &a, (str){doc, c->n + pad}, &t, &cx);

		compare(c, is_good, e, &t, pad);
	}
	arena_release(&a);
}

static void rescan_containers(const struct json_tape *t)
{
	enum { ENOUGH = 100 };

	for (uint32_t i = 0; i < t->n && i < ENOUGH; i++) {
		const struct json_node *v = &t->v[i];
		struct arena a = ARENA_INIT;
		struct json_tape part;

		ASSERT(json_scan(&a, json_text(t, i), &part, NULL) == E_OK);
		ASSERT(part.n == v->next - i);
		for (uint32_t j = 0; j < part.n; j++) {
			ASSERT(part.v[j].start == t->v[i + j].start - v->start &&
				part.v[j].n == t->v[i + j].n);
			ASSERT(part.v[j].end == t->v[i + j].end - v->start &&
				part.v[j].next == t->v[i + j].next - i);
		}
		if (v->type == JSON_OBJECT)
			(void)json_has_duplicate_key(t, i);
		arena_release(&a);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	enum { CHUNK = 8192, BLOCK = 64 };
	struct checker *c = calloc(1, sizeof *c);
	struct arena a = ARENA_INIT;
	struct json_tape t;
	bool is_good;

	ASSERT(c);
	c->p = data;
	c->n = n;
	is_good = check_value(c, 0) && c->at == n;
	if (c->v_n <= NODES_MAX) {
		scan_at(c, is_good, 0);
		scan_at(c, is_good, BLOCK - (uint32_t)(n / 2 % BLOCK));
		scan_at(c, is_good, CHUNK - (uint32_t)(n / 2 % CHUNK));
	}
	if (json_scan(&a, (str){(const char *)data, n}, &t, NULL) == E_OK)
		rescan_containers(&t);
	arena_release(&a);
	free(c);
	return 0;
}
