#include "core/compress/pairs/yaml.h"

#include "core/base/limits.h"
#include "core/compress/pairs/form.h"
#include "core/compress/pairs/tree.h"
#include "core/json/scan.h"

enum {
	DEPTH_MAX = 128,    /* of what is printed; the reader of YAML stops before */
	STARTS_MAX = 4,     /* lines with which it may begin, that are tried */
	LOOK_LINES = 24,    /* that are looked at before anything is read */
	SHARE_PERCENT = 70, /* of the text that must be YAML */
	NAME_MAX = 16,      /* bytes of "#12" */
	WORD_MAX = 3,       /* of "yes" */
};

#define NOTE "#" /* key of the first note in a mapping, then "#2"; no key begins so */

/* ---- to JSON ---- */

/* A container that is open. */
struct level {
	bool is_map, is_filled;
	uint32_t notes_n;
};

struct builder {
	const struct yaml_tree *t;
	struct arena *arena;
	struct buf *json;
	struct level levels[DEPTH_MAX];
	uint32_t depth;
};

static void begin_element(struct builder *b)
{
	struct level *l = &b->levels[b->depth];

	if (l->is_filled)
		buf_add_byte(b->json, ',');
	l->is_filled = true;
}

/* Lines of a note without the blanks before them: of a mapping a member, of a sequence a string that begins with "#". */
static void build_note(struct builder *b, const struct yaml_event *e)
{
	struct level *l = &b->levels[b->depth];
	str lines = yaml_text(b->t, e);
	struct buf text;

	buf_init_arena(&text, b->arena, LIMIT_INPUT);
	begin_element(b);
	if (l->is_map) {
		if (l->notes_n++)
			buf_printf(b->json, "\"" NOTE "%u\":", l->notes_n);
		else
			buf_add_c(b->json, "\"" NOTE "\":");
	} else {
		buf_add_c(&text, NOTE);
	}
	for (size_t at = 0; at <= lines.n;) {
		size_t n = str_find_byte(str_sub(lines, at, lines.n), '\n');
		size_t end = n == STR_NONE ? lines.n : at + n;

		if (at)
			buf_add_byte(&text, '\n');
		buf_add(&text, end > at ? str_sub(lines, at + e->base, end) : STR_NULL);
		at = end + 1;
	}
	buf_add_json_string(b->json, buf_str(&text));
}

static bool build_value(struct builder *b, const struct yaml_event *e)
{
	bool is_item = !b->levels[b->depth].is_map;
	str text = yaml_text(b->t, e);

	if (is_item)
		begin_element(b);
	if (text.n == 2 && (str_eq(text, STR("{}")) || str_eq(text, STR("[]")))) {
		buf_add(b->json, text);
		return true;
	}
	return yaml_scalar_json(&b->t->style, text, e->base, is_item, b->arena, b->json);
}

static bool build_event(struct builder *b, const struct yaml_event *e)
{
	switch ((enum yaml_event_kind)e->kind) {
	case YAML_MAP:
	case YAML_SEQ:
		if (!b->levels[b->depth].is_map)
			begin_element(b);
		buf_add_byte(b->json, e->kind == YAML_MAP ? '{' : '[');
		b->levels[++b->depth] = (struct level){.is_map = e->kind == YAML_MAP};
		return b->depth + 1 < DEPTH_MAX;
	case YAML_END:
		buf_add_byte(b->json, b->levels[b->depth--].is_map ? '}' : ']');
		return true;
	case YAML_KEY:
		begin_element(b);
		buf_add_json_string(b->json, yaml_text(b->t, e));
		buf_add_byte(b->json, ':');
		return true;
	case YAML_NOTE:
		build_note(b, e);
		return true;
	case YAML_VALUE:
		return build_value(b, e);
	}
	return false;
}

static bool build(const struct yaml_tree *t, struct arena *a, struct buf *json)
{
	struct builder b = {.t = t, .arena = a, .json = json};

	if (t->style.is_many)
		buf_add_byte(json, '[');
	for (size_t i = 0; i < t->events.n; i++)
		if (!build_event(&b, &t->events.v[i]))
			return false;
	if (t->style.is_many)
		buf_add_byte(json, ']');
	return json->err == E_OK;
}

/* ---- to text ---- */

struct printer {
	const struct json_tape *t;
	struct yaml_style style;
	struct arena *arena;
	struct buf *out;
	uint32_t depth;
	bool is_bad;
};

static void print_line(struct printer *p, size_t col)
{
	buf_add_byte(p->out, '\n');
	buf_fill(p->out, ' ', col);
}

static str string_of(struct printer *p, uint32_t node)
{
	str s = STR_NULL;

	p->is_bad |= !json_string(p->t, node, p->arena, &s);
	return s;
}

/* Lines of a note, at the beginning of a line. */
static void print_note(struct printer *p, str text, size_t col)
{
	for (size_t at = 0; at <= text.n;) {
		size_t eol = str_find_byte(str_sub(text, at, text.n), '\n');
		str line = str_sub(text, at, eol == STR_NONE ? text.n : at + eol);

		if (at)
			buf_add_byte(p->out, '\n');
		for (size_t i = 0; line.n && i < col; i++)
			buf_add_byte(p->out, ' ');
		buf_add(p->out, line);
		at += line.n + 1;
	}
}

static void print_scalar(struct printer *p, uint32_t node, size_t base)
{
	str text = json_text(p->t, node);

	if (!json_is(p->t, node, JSON_STRING)) {
		buf_add_byte(p->out, ' ');
		buf_add(p->out, text);
		return;
	}
	text = string_of(p, node);
	if (str_eq(text, STR(" ")))
		return; /* nothing was spelled */
	buf_add_byte(p->out, ' ');
	yaml_scalar_print(&p->style, text, base, p->out);
}

static void print_value(struct printer *p, uint32_t node, size_t col, size_t base, bool is_item);

static void print_map(struct printer *p, uint32_t node, size_t col, bool is_begun)
{
	for (struct json_iter it = json_iter(p->t, node); json_next(&it); is_begun = false) {
		str key = string_of(p, it.key);
		bool is_note = str_starts(key, STR(NOTE));

		if (!is_begun)
			print_line(p, is_note ? 0 : col);
		if (is_note) {
			print_note(p, string_of(p, it.value), col);
			continue;
		}
		buf_add(p->out, key);
		buf_add_byte(p->out, ':');
		print_value(p, it.value, col, col + p->style.indent, false);
	}
}

static void print_seq(struct printer *p, uint32_t node, size_t col, bool is_begun)
{
	for (struct json_iter it = json_iter(p->t, node); json_next(&it); is_begun = false) {
		str note = STR_NULL;

		if (json_is(p->t, it.value, JSON_STRING))
			note = string_of(p, it.value);
		if (!is_begun)
			print_line(p, str_starts(note, STR(NOTE)) ? 0 : col);
		if (str_take(&note, STR(NOTE))) {
			print_note(p, note, col);
			continue;
		}
		buf_add_byte(p->out, '-');
		print_value(p, it.value, col + 2, col + 2, true);
	}
}

/* What follows the colon of a key in column col, or a dash, which is two columns before that. */
static void print_value(struct printer *p, uint32_t node, size_t col, size_t base, bool is_item)
{
	bool is_seq = json_is(p->t, node, JSON_ARRAY);

	if (p->depth == DEPTH_MAX || p->out->err != E_OK || p->is_bad) {
		p->is_bad = true;
		return;
	}
	p->depth++;
	if (!is_seq && !json_is(p->t, node, JSON_OBJECT)) {
		print_scalar(p, node, base);
	} else if (!p->t->v[node].n) {
		buf_add_c(p->out, is_seq ? " []" : " {}");
	} else {
		if (is_item)
			buf_add_byte(p->out, ' ');
		else if (!is_seq || p->style.dashes_in)
			col += p->style.indent;
		if (is_seq)
			print_seq(p, node, col, is_item);
		else
			print_map(p, node, col, is_item);
	}
	p->depth--;
}

static void print_document(struct printer *p, uint32_t node)
{
	if (json_is(p->t, node, JSON_ARRAY))
		print_seq(p, node, 0, true);
	else
		print_map(p, node, 0, true);
}

/* room: bytes that it is expected to take. */
static bool print_tape(
	str words, const struct json_tape *tape, size_t room, struct arena *a, str *out)
{
	struct printer p = {.t = tape, .arena = a};
	struct buf b;

	if (!yaml_style_read(words, &p.style))
		return false;
	buf_init_arena(&b, a, LIMIT_INPUT);
	(void)buf_reserve(&b, room);
	p.out = &b;
	if (!p.style.is_many) {
		print_document(&p, 0);
	} else {
		bool is_first = !p.style.has_first;

		for (struct json_iter it = json_iter(tape, 0); json_next(&it); is_first = false) {
			if (!is_first)
				buf_add_c(&b, b.n ? "\n---\n" : "---\n");
			print_document(&p, it.value);
		}
	}
	*out = buf_str(&b);
	return b.err == E_OK && !p.is_bad;
}

static bool print(str words, str json, struct arena *a, str *out)
{
	struct json_tape tape;

	return json_scan(a, json, &tape, NULL) == E_OK &&
	       print_tape(words, &tape, json.n + json.n / 2, a, out);
}

/* ---- the part ---- */

/* True for what begins as no other class than plain does, or one whose quotes are known: nearly all. */
static bool tells_nothing(const struct yaml_style *s, str spelled)
{
	bool is_quoted = spelled.n && (*spelled.p == '"' || *spelled.p == '\'');

	if (is_quoted && (!s->value_quote || !s->sign_quote))
		return false;
	spelled = str_sub(spelled, is_quoted, spelled.n);
	return spelled.n > WORD_MAX + 1 && (*spelled.p | 0x20) >= 'a' && (*spelled.p | 0x20) <= 'z';
}

/* By the first scalar of each class: whether and how it is quoted. */
static void look_at_quotes(struct yaml_tree *t, struct arena *a)
{
	unsigned seen = 0;

	for (size_t i = 0; i < t->events.n; i++) {
		str spelled = yaml_text(t, &t->events.v[i]), inside = spelled;
		bool is_quoted = spelled.n && (*spelled.p == '"' || *spelled.p == '\'');
		enum yaml_class class;
		char *quote;

		if (t->events.v[i].kind != YAML_VALUE || !spelled.n ||
			tells_nothing(&t->style, spelled) ||
			(is_quoted && !yaml_unquote(spelled, a, &inside)))
			continue;
		class = yaml_classify(inside);
		quote = class == YAML_SIGN ? &t->style.sign_quote : &t->style.value_quote;
		if (is_quoted && class != YAML_PLAIN && !*quote)
			*quote = *spelled.p;
		if (!is_quoted && class >= YAML_WORD && class <= YAML_NUMBER &&
			!(seen & 1u << class))
			t->style.is_plain |= 1u << class;
		seen |= 1u << class;
	}
	if (!t->style.value_quote)
		t->style.value_quote = t->style.sign_quote ? t->style.sign_quote : '"';
	if (!t->style.sign_quote)
		t->style.sign_quote = t->style.value_quote;
}

/* True when the first lines are mostly keys and dashes, and some of them are below others. */
static bool looks_like(str text)
{
	unsigned all = 0, keys = 0, below = 0;
	str line;

	while (all < LOOK_LINES && str_next_line(&text, &line, NULL)) {
		str s = str_trim(line);

		if (!s.n)
			continue;
		all++;
		below += s.p != line.p || str_starts(s, STR("- "));
		keys += yaml_key_end(s) > 0 || str_starts(s, STR("- "));
	}
	return keys > 2 && keys * 2 > all && below > 1;
}

/* True when nearly all values are a word: lists of sentences are not what this is for. */
static bool has_words(const struct yaml_tree *t)
{
	uint32_t words = 0;

	for (size_t i = 0; i < t->events.n; i++)
		words += t->events.v[i].kind == YAML_VALUE &&
			 str_find_byte(yaml_text(t, &t->events.v[i]), ' ') == STR_NONE;
	return words * 5ULL >= t->values_n * 4ULL;
}

/* The value of the YAML from text + at on, and its style: what was read to find them is given back. *end: how far it goes, also
 * when it is not worth it. */
static bool find_value(str text, size_t at, struct arena *a, struct buf *json,
	struct yaml_style *style, size_t *end)
{
	struct arena_mark mark = arena_mark(a);
	const char *was = json->p;
	struct yaml_tree t;
	bool is_found;

	*end = at;
	if (yaml_tree_read(str_sub(text, at, text.n), a, &t))
		*end = (size_t)(t.end - text.p);
	is_found = *end > at && (*end - at) / SHARE_PERCENT >= text.n / 100 &&
		   (t.keys_n * 2 >= t.values_n || has_words(&t));
	if (is_found) {
		look_at_quotes(&t, a);
		is_found = build(&t, a, json);
		*style = t.style;
	}
	if (json->p == was)
		arena_rewind(a, mark);
	return is_found;
}

/* True when the value is printed as this text. */
static bool is_printed(const struct pairs_part *part, str text, struct arena *a)
{
	struct arena_mark mark = arena_mark(a);
	str again;
	bool is_same =
		print_tape(part->words, &part->tape, text.n, a, &again) && str_eq(again, text);

	arena_rewind(a, mark);
	return is_same;
}

/* The part from the beginning of text on. */
static bool find_at(str text, size_t at, struct arena *a, struct pairs_part *out, size_t *end)
{
	struct yaml_style style;
	struct buf json, words;

	buf_init_arena(&json, a, LIMIT_INPUT);
	buf_init_arena(&words, a, LIMIT_INPUT);
	/* with the quotes that it may lack */
	(void)buf_reserve(&json, (text.n - at) / 2 * 3);
	if (!find_value(text, at, a, &json, &style, end))
		return false;
	yaml_style_write(&style, &words);
	*out = (struct pairs_part){.before = str_sub(text, 0, at),
		.after = str_sub(text, *end, text.n),
		.json = buf_str(&json),
		.words = buf_str(&words)};
	return json_scan(a, out->json, &out->tape, NULL) == E_OK &&
	       is_printed(out, str_sub(text, at, *end), a);
}

static bool find(str text, struct arena *a, struct pairs_part *out)
{
	size_t at = 0;

	if (!looks_like(text))
		return false;
	for (int i = 0; i < STARTS_MAX; i++) {
		struct arena_mark mark = arena_mark(a);
		size_t end, eol;

		if (find_at(text, at, a, out, &end))
			return true;
		arena_rewind(a, mark);
		if ((end - at) * 2 > text.n)
			return false;
		eol = str_find_byte(str_sub(text, end, text.n), '\n');
		if (eol == STR_NONE)
			return false;
		at = end + eol + 1;
	}
	return false;
}

PAIRS_CODEC(yaml, ENCODER_YAML, 1u << KIND_TEXT | 1u << KIND_TABLE);
