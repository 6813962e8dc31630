#include "bench/turns/visible.h"

#include "core/base/hash.h"
#include "core/json/scan.h"

enum {
	IDENTIFIER_MIN = 6, /* bytes; shorter ones are words of any language */
	WORD_MIN =
		3, /* bytes of a word that an error line must keep; values with digits have notations */
	LINE_MAX = 1000, /* bytes of a line; longer ones are documents */
	SET_FIRST = 1 << 12
};

/* Hashes of words. */
struct words {
	uint64_t *slots; /* 0: free */
	size_t n, cap;   /* cap: a power of two */
	struct arena *arena;
};

static uint64_t *slot_of(const struct words *w, uint64_t hash)
{
	size_t i = hash & (w->cap - 1);

	while (w->slots[i] && w->slots[i] != hash)
		i = (i + 1) & (w->cap - 1);
	return &w->slots[i];
}

static bool has(const struct words *w, uint64_t hash)
{
	return w->cap && *slot_of(w, hash);
}

/* False when it was there. */
static bool add(struct words *w, uint64_t hash)
{
	uint64_t *slot;

	if (w->n * 2 >= w->cap) {
		struct words more = {.cap = w->cap ? w->cap * 2 : SET_FIRST, .arena = w->arena};

		more.slots = arena_array(w->arena, uint64_t, more.cap);
		for (size_t i = 0; i < w->cap; i++)
			if (w->slots[i])
				*slot_of(&more, w->slots[i]) = w->slots[i];
		more.n = w->n;
		*w = more;
	}
	slot = slot_of(w, hash);
	if (*slot)
		return false;
	*slot = hash;
	w->n++;
	return true;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_word(char c)
{
	return is_letter(c) || (c >= '0' && c <= '9') || c == '_';
}

/* The next word of ASCII; false when there is none. A sign behind a backslash is none of a word: results may be JSON in
 * a string. */
static bool next_word(str *text, str *word)
{
	size_t i = 0, from;

	while (i < text->n && !is_word(text->p[i]))
		i += text->p[i] == '\\' && i + 1 < text->n ? 2 : 1;
	from = i;
	while (i < text->n && is_word(text->p[i]))
		i++;
	*word = str_sub(*text, from, i);
	*text = str_sub(*text, i, text->n);
	return word->n > 0;
}

static uint64_t hash_of(str word)
{
	return hash64(word) | 1;
}

/* Names of things in programs: with a capital inside, a digit or an underscore, and a letter. */
static bool is_identifier(str w)
{
	bool has_letter = false, is_odd = false;

	for (size_t i = 0; i < w.n; i++) {
		has_letter |= is_letter(w.p[i]);
		is_odd |= !is_letter(w.p[i]) || (i && w.p[i] >= 'A' && w.p[i] <= 'Z');
	}
	return w.n >= IDENTIFIER_MIN && has_letter && is_odd;
}

static void add_all(struct words *w, str text)
{
	for (str word; next_word(&text, &word);)
		(void)add(w, hash_of(word));
}

struct body {
	struct json_tape tape;
	struct wire_doc doc;
	struct words results, others;
};

/* What a block says; what is no string as it stands. */
static str text_of(const struct body *b, uint32_t i, struct arena *a)
{
	str literal = span_str(b->doc.tape.doc, b->doc.blocks[i].at), text;

	return literal.n && *literal.p == '"' && json_unescape(literal, a, &text) ? text : literal;
}

static enum err read_body(
	struct arena *a, enum wire_format f, str text, struct body *b, struct errctx *cx)
{
	*b = (struct body){.results.arena = a, .others.arena = a};
	TRY(json_scan(a, text, &b->tape, cx));
	TRY(wire_walk(a, &b->tape, f, &b->doc, cx));
	for (uint32_t i = 0; i < b->doc.n; i++)
		add_all(b->doc.blocks[i].kind == WIRE_TOOL_RESULT ? &b->results : &b->others,
			text_of(b, i, a));
	return E_OK;
}

/* The answer: blocks of the assistant right behind those of the request. */
static void count_needed(struct arena *a, const struct body *raw, const struct body *sent,
	const struct body *next, struct visible *sum)
{
	struct words seen = {.arena = a};

	for (uint32_t i = raw->doc.n; i < next->doc.n && next->doc.blocks[i].role == WIRE_ASSISTANT;
		i++) {
		str text = text_of(next, i, a);

		for (str word; next_word(&text, &word);) {
			uint64_t hash = hash_of(word);

			if (!is_identifier(word) || !has(&raw->results, hash) ||
				has(&raw->others, hash) || !add(&seen, hash))
				continue;
			sum->needed++;
			sum->shown += has(&sent->results, hash);
		}
	}
}

/* What Codex' shell printed, out of the JSON around it; any other text as it is. */
static str printed(str text, struct arena *a)
{
	str rest = text, output;
	size_t n = 1;

	if (!str_take(&rest, STR("{\"output\":")) || !rest.n || *rest.p != '"')
		return text;
	while (n < rest.n && rest.p[n] != '"')
		n += rest.p[n] == '\\' ? 2 : 1;
	return n < rest.n && json_unescape(str_sub(rest, 0, n + 1), a, &output) ? output : text;
}

/* "src/errors.ts", "error.log": what is behind the word in its line, and before it. */
static bool is_in_name(str line, str word)
{
	const char *end = line.p + line.n, *behind = word.p + word.n;

	return (word.p > line.p && word.p[-1] == '/') ||
	       (behind + 1 < end && *behind == '.' && is_word(behind[1]));
}

static bool reports_error(str line)
{
	static const char *const says[] = {"error", "errors", "failed", "failure", "failures",
		"exception", "traceback", "panic", "panicked", "fatal", "assertionerror"};
	str whole = line;

	for (str word; next_word(&line, &word);)
		for (size_t i = 0; i < ARRAY_N(says); i++)
			if (str_eq_nocase(word, str_from(says[i])) && !is_in_name(whole, word))
				return true;
	return false;
}

static bool is_shown(str line, const struct body *sent)
{
	for (str word; next_word(&line, &word);) {
		bool is_plain = true;

		for (size_t i = 0; i < word.n; i++)
			is_plain &= !(word.p[i] >= '0' && word.p[i] <= '9');
		if (is_plain && word.n >= WORD_MIN && !has(&sent->results, hash_of(word)) &&
			!has(&sent->others, hash_of(word)))
			return false;
	}
	return true;
}

static void count_errors(struct arena *a, const struct body *raw, const struct body *sent,
	uint32_t from, struct visible *sum)
{
	for (uint32_t i = from; i < raw->doc.n; i++) {
		str text = STR_NULL;

		if (raw->doc.blocks[i].kind == WIRE_TOOL_RESULT)
			text = printed(text_of(raw, i, a), a);
		for (str line; str_next_line(&text, &line, NULL);) {
			if (line.n > LINE_MAX || !reports_error(line))
				continue;
			sum->error_lines++;
			sum->error_shown += is_shown(line, sent);
		}
	}
}

enum err visible_turn(struct arena *a, enum wire_format f, const struct visible_bodies *bodies,
	uint32_t *known_n, struct visible *sum, struct errctx *cx)
{
	struct body raw, sent, next;

	TRY(read_body(a, f, bodies->raw, &raw, cx));
	TRY(read_body(a, f, bodies->sent, &sent, cx));
	if (*known_n > raw.doc.n)
		*known_n = 0;
	count_errors(a, &raw, &sent, *known_n, sum);
	*known_n = raw.doc.n;
	if (!bodies->next.n)
		return E_OK;
	TRY(read_body(a, f, bodies->next, &next, cx));
	count_needed(a, &raw, &sent, &next, sum);
	return E_OK;
}

void visible_add(struct visible *sum, const struct visible *v)
{
	sum->needed += v->needed;
	sum->shown += v->shown;
	sum->error_lines += v->error_lines;
	sum->error_shown += v->error_shown;
}
