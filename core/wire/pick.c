#include "core/wire/pick.h"

#include "core/base/attr.h"
#include "core/base/check.h"

#if HR_X86
#include <emmintrin.h>
#endif

enum { LEX_BETWEEN, LEX_STRING, LEX_ESCAPE, LEX_SCALAR };

void pick_init(struct pick *p, const struct pick_row *rows, size_t row_n, pick_fn *fn, void *self)
{
	ASSERT(row_n <= UINT8_MAX);
	*p = (struct pick){.rows = rows, .row_n = (uint8_t)row_n, .fn = fn, .self = self};
	pick_reset(p);
}

void pick_reset(struct pick *p)
{
	p->level_n = 0;
	p->dead_n = 0;
	p->lex = LEX_BETWEEN;
	p->node = PICK_ROOT;
	p->field = PICK_NONE;
	p->is_key_next = p->is_wanted = p->is_stopped = p->is_whole = false;
	p->text_n = 0;
}

static void tell(struct pick *p, enum pick_kind kind, uint8_t id, str text)
{
	if (id != PICK_NONE && !p->fn(p->self, kind, id, text))
		p->is_stopped = true;
}

static void add_text(struct pick *p, str s)
{
	size_t room = (size_t)(PICK_TEXT - p->text_n), n = s.n < room ? s.n : room;

	if (!p->is_wanted || !n)
		return;
	memcpy(p->text + p->text_n, s.p, n);
	p->text_n = (uint8_t)(p->text_n + n);
}

/* A value or a key begins, and is kept when somebody wants it. */
static void begin_text(struct pick *p, uint8_t lex)
{
	p->lex = lex;
	p->text_n = 0;
	p->is_wanted = !p->dead_n && (p->is_key_next || p->field != PICK_NONE);
}

static void find_row(struct pick *p, str key)
{
	const struct pick_level *l = &p->levels[p->level_n - 1];

	p->node = p->field = PICK_NONE;
	for (unsigned i = l->first; i < p->row_n && p->rows[i].parent == l->node; i++) {
		const struct pick_row *row = &p->rows[i];

		if (row->key.n != key.n || memcmp(row->key.p, key.p, key.n) != 0)
			continue;
		p->node = row->node;
		p->field = row->field;
		return;
	}
}

static void end_text(struct pick *p, enum pick_kind kind)
{
	str text = {p->text, p->text_n};

	p->lex = LEX_BETWEEN;
	if (!p->is_wanted)
		return;
	if (p->is_key_next) {
		find_row(p, text);
		p->is_key_next = false;
	} else {
		tell(p, kind, p->field, text);
		p->field = PICK_NONE;
	}
	p->is_wanted = false;
}

/* Of the rows of a node, which stand together. */
static uint8_t first_row(const struct pick *p, uint8_t node)
{
	uint8_t i = 0;

	while (i < p->row_n && p->rows[i].parent < node)
		i++;
	return i;
}

static void open_container(struct pick *p, bool is_array)
{
	bool is_nested = is_array && p->level_n && p->levels[p->level_n - 1].is_array;

	if (p->dead_n || p->is_key_next || p->node == PICK_NONE || is_nested ||
		p->level_n == PICK_LEVELS) {
		p->dead_n++;
		return;
	}
	p->levels[p->level_n] = (struct pick_level){
		.node = p->node, .is_array = is_array, .first = first_row(p, p->node)};
	p->level_n++;
	p->is_key_next = !is_array;
	p->field = PICK_NONE;
	if (!is_array)
		tell(p, PICK_OPEN, p->node, STR_NULL);
}

/* Elements of an array have its node; a member's is known by its key. */
static void expect_next(struct pick *p)
{
	bool is_array = p->level_n && p->levels[p->level_n - 1].is_array;

	p->is_key_next = p->level_n && !is_array;
	p->node = is_array ? p->levels[p->level_n - 1].node : PICK_NONE;
	p->field = PICK_NONE;
}

static void close_container(struct pick *p)
{
	if (p->dead_n) {
		p->dead_n--;
		return;
	}
	if (!p->level_n)
		return;
	p->level_n--;
	if (!p->levels[p->level_n].is_array)
		tell(p, PICK_CLOSE, p->levels[p->level_n].node, STR_NULL);
	p->is_whole = p->level_n == 0;
	p->is_key_next = false;
	p->node = p->field = PICK_NONE;
}

/* The next quote, or the end: searched for once, however many escapes stand before it. */
static const char *find_quote(const char *at, const char *end)
{
	const char *quote = memchr(at, '"', (size_t)(end - at));

	return quote ? quote : end;
}

/* Most strings are short: their quote is found by the way, or NULL is returned. */
static const char *find_near(const char *at, const char *end)
{
	enum { NEAR = 16 };
#if HR_X86
	const __m128i quotes = _mm_set1_epi8('"'), escapes = _mm_set1_epi8('\\');
	__m128i v;
	int found;

	if (end - at < NEAR)
		return NULL;
	v = _mm_loadu_si128((const __m128i *)(const void *)at);
	found = _mm_movemask_epi8(
		_mm_or_si128(_mm_cmpeq_epi8(v, quotes), _mm_cmpeq_epi8(v, escapes)));
	if (!found)
		return NULL;
	at += __builtin_ctz((unsigned)found);
	return *at == '"' ? at : NULL;
#else
	for (int i = 0; i < NEAR && at < end && *at != '\\'; i++, at++) {
		if (*at == '"')
			return at;
	}
	return NULL;
#endif
}

/* A string ends here, behind what has been kept of it. Returns what is left behind its quote. */
static str close_string(struct pick *p, const char *quote, const char *end)
{
	end_text(p, PICK_STRING);
	return (str){quote + 1, (size_t)(end - quote - 1)};
}

/* The inside of a string; returns what is left of bytes behind it. */
static str take_string(struct pick *p, str bytes)
{
	const char *at = bytes.p, *end = bytes.p + bytes.n, *quote = find_near(at, end), *escape;

	if (quote) {
		add_text(p, (str){at, (size_t)(quote - at)});
		return close_string(p, quote, end);
	}
	quote = find_quote(at, end);
	while (at < end) {
		if (quote < at) /* it was escaped */
			quote = find_quote(at, end);
		escape = memchr(at, '\\', (size_t)(quote - at));
		if (!escape) {
			add_text(p, (str){at, (size_t)(quote - at)});
			if (quote < end)
				return close_string(p, quote, end);
			break;
		}
		if (escape + 1 == end) {
			add_text(p, (str){at, (size_t)(end - at)});
			p->lex = LEX_ESCAPE;
			break;
		}
		add_text(p, (str){at, (size_t)(escape + 2 - at)});
		at = escape + 2;
	}
	return (str){end, 0};
}

static bool is_delimiter(char c)
{
	return c == ',' || c == '}' || c == ']' || c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static str take_scalar(struct pick *p, str bytes)
{
	size_t n = 0;

	while (n < bytes.n && !is_delimiter(bytes.p[n]))
		n++;
	add_text(p, str_sub(bytes, 0, n));
	if (n < bytes.n)
		end_text(p, PICK_SCALAR);
	return str_sub(bytes, n, bytes.n);
}

/* What is passed over: only strings and brackets count. */
static str take_dead(struct pick *p, str bytes)
{
	size_t n = 0;

	for (; n < bytes.n && p->dead_n && p->lex == LEX_BETWEEN; n++) {
		switch (bytes.p[n]) {
		case '"':
			begin_text(p, LEX_STRING);
			break;
		case '{':
		case '[':
			p->dead_n++;
			break;
		case '}':
		case ']':
			p->dead_n--;
			break;
		default:
			break;
		}
	}
	return str_sub(bytes, n, bytes.n);
}

/* Up to where a string, a scalar or what is passed over begins. */
static str take_between(struct pick *p, str bytes)
{
	const char *at = bytes.p, *end = bytes.p + bytes.n;

	for (; at < end && !p->is_stopped && !p->dead_n; at++) {
		switch (*at) {
		case '"':
			begin_text(p, LEX_STRING);
			return (str){at + 1, (size_t)(end - at - 1)};
		case '{':
		case '[':
			open_container(p, *at == '[');
			break;
		case '}':
		case ']':
			close_container(p);
			break;
		case ',':
			expect_next(p);
			break;
		case ':':
		case ' ':
		case '\n':
		case '\r':
		case '\t':
			break;
		default:
			if (p->is_key_next)
				break;
			begin_text(p, LEX_SCALAR);
			return (str){at, (size_t)(end - at)};
		}
	}
	return (str){at, (size_t)(end - at)};
}

void pick_feed(struct pick *p, str bytes)
{
	while (bytes.n && !p->is_stopped) {
		switch (p->lex) {
		case LEX_STRING:
			bytes = take_string(p, bytes);
			break;
		case LEX_ESCAPE:
			add_text(p, str_sub(bytes, 0, 1));
			bytes = str_sub(bytes, 1, bytes.n);
			p->lex = LEX_STRING;
			break;
		case LEX_SCALAR:
			bytes = take_scalar(p, bytes);
			break;
		default:
			bytes = p->dead_n ? take_dead(p, bytes) : take_between(p, bytes);
			break;
		}
	}
}
