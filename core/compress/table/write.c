#include "core/compress/table/write.h"

#include "core/base/limits.h"
#include "core/base/vec.h"
#include "core/compress/table/cell.h"
#include "core/compress/table/pool.h"

enum {
	LINE_BYTES = 240,    /* a container of so many has a line of its own */
	BYTES_PER_TOKEN = 3, /* of containers, about */
	NAME_COST = 2,       /* tokens of "*1" */
	LIKE_KEYS_MIN = 2,
	LIKE_KEYS_MAX = 8, /* a reader has to count */
	TEXTS_MAX = 1024,  /* strings in which common pieces are looked for */
	TEXT_MAX = 400,
	COUNT_MAX = 64,     /* tokens; more are certainly worth a name */
	KEYS_MAX = 1 << 12, /* sets of keys that are counted, twice over */
};

static void add_label(struct writer *w, char sign, uint32_t label)
{
	buf_add_byte(w->out, sign);
	buf_add_u64(w->out, label);
}

/* ---- names ---- */

/* True when all is said: the value stands elsewhere. Else its name may have been said, and the value comes. */
static bool write_name(struct writer *w, uint32_t node, uint32_t *label)
{
	uint32_t class = w->f->class_of[node], *named;

	*label = 0;
	if (!class)
		return false;
	if (w->is_dry)
		return w->f->shown[class]++ > 0;
	named = &w->f->label[class];
	if (*named == LABEL_NONE)
		return false;
	w->used |= USED_NAME;
	w->has_guess |= *named == LABEL_LATER;
	if (*named != LABEL_LATER || w->is_trial) {
		add_label(w, '*', *named == LABEL_LATER ? 0 : *named);
		return true;
	}
	*named = *label = ++w->labels_n;
	add_label(w, '&', *label);
	buf_add_byte(w->out, ' ');
	return false;
}

static struct keys_class *keys_of(struct writer *w, uint32_t object)
{
	const struct json_node *v = w->f->t.v;
	uint64_t h = v[object].n;
	uint32_t at, bytes = 0;

	if (w->inner || v[object].n < LIKE_KEYS_MIN || v[object].n > LIKE_KEYS_MAX)
		return NULL;
	for (uint32_t key = object + 1; key < v[object].next; key = v[key + 1].next) {
		h = (h ^ w->f->hash[key]) * UINT64_C(0x9e3779b97f4a7c15) + (h >> 29);
		bytes += facts_size(w->f, key) - 2;
	}
	for (at = (uint32_t)(h >> 24) % w->keys_slots; w->keys[at].n; at = (at + 1) % w->keys_slots)
		if (w->keys[at].hash == h)
			return &w->keys[at];
	if (w->keys_n * 2 >= w->keys_slots || !w->is_dry)
		return NULL;
	w->keys_n++;
	w->keys[at] = (struct keys_class){.hash = h, .bytes = bytes};
	return &w->keys[at];
}

/* ---- containers ---- */

void write_key(struct writer *w, uint32_t key)
{
	str literal = json_text(&w->f->t, key), inside = str_sub(literal, 1, literal.n - 1);

	buf_add(w->out, !w->f->t.v[key].n && cell_is_key(inside) ? inside : literal);
}

/* Between two values, or before the bracket that closes (c). */
static void write_sep(struct writer *w, uint32_t next, char c)
{
	bool is_big = next != JSON_ABSENT && w->f->t.v[next].type <= JSON_ARRAY &&
		      facts_size(w->f, next) >= LINE_BYTES;

	if (w->needs_line || is_big)
		buf_add_byte(w->out, '\n');
	else if (!c)
		buf_add_byte(w->out, ' ');
	if (c)
		buf_add_byte(w->out, c);
	w->needs_line = false;
}

static bool has_no_name(const struct writer *w, uint32_t node)
{
	return !w->f->class_of[node] || w->f->label[w->f->class_of[node]] == LABEL_NONE;
}

/* Brackets that need nothing between them: "[1 2][3 4]". */
static bool is_between_arrays(
	const struct writer *w, uint32_t before, uint32_t next, struct place p)
{
	return before != JSON_ABSENT && json_is(&w->f->t, before, JSON_ARRAY) &&
	       json_is(&w->f->t, next, JSON_ARRAY) && has_no_name(w, before) &&
	       has_no_name(w, next) && !w->needs_line && w->out->n &&
	       w->out->p[w->out->n - 1] == ']' &&
	       (!p.can_break || facts_size(w->f, next) < LINE_BYTES);
}

/* How many children from this one on are left out. */
static uint32_t gap_at(const struct picked *picked, uint32_t i, uint32_t n)
{
	uint32_t gap = 0;

	while (picked && i + gap < n && !picked->is_shown[i + gap])
		gap++;
	return gap;
}

static void write_children(
	struct writer *w, uint32_t node, bool has_keys, char open, struct place p)
{
	struct place inner = {.where = IN_BRACKETS, .can_break = p.can_break};
	const struct picked *picked = p.can_break ? pick_of(w->in->pick, node) : NULL;
	uint32_t i = 0, gap = 0, before = JSON_ABSENT;

	buf_add_byte(w->out, open);
	for (struct json_iter it = json_iter(&w->f->t, node); json_next(&it); i++) {
		if (gap && gap--)
			continue;
		gap = gap_at(picked, i, w->f->t.v[node].n);
		if (i && (has_keys || !is_between_arrays(w, before, it.value, p)))
			write_sep(w, p.can_break && !gap ? it.value : JSON_ABSENT, 0);
		before = it.value;
		if (gap) {
			w->used |= USED_GAP;
			buf_printf(w->out, "[%u" CELL_MORE "]", gap--);
			continue;
		}
		if (has_keys) {
			write_key(w, it.key);
			buf_add_byte(w->out, '=');
		}
		write_value(w, it.value, inner);
	}
	write_sep(w, JSON_ABSENT, open == '{' ? '}' : open == '[' ? ']' : ')');
}

static void write_object(struct writer *w, uint32_t node, uint32_t label, struct place p)
{
	struct keys_class *k = keys_of(w, node);

	w->used |= USED_OBJECT;
	if (k && w->is_dry)
		k->n++;
	w->has_guess |= k && k->is_named;
	if (k && k->is_named && !w->is_trial) {
		if (k->label) {
			w->used |= USED_LIKE;
			add_label(w, '*', k->label);
			write_children(w, node, false, '(', p);
			return;
		}
		w->used |= USED_NAME;
		if (!label) {
			label = ++w->labels_n;
			add_label(w, '&', label);
			buf_add_byte(w->out, ' ');
		}
	}
	write_children(w, node, true, '{', p);
	/* A name leads nowhere before its value ends. */
	if (k && k->is_named && !w->is_trial)
		k->label = label;
}

void write_scalar(struct writer *w, uint32_t node, struct place p)
{
	if (json_is(&w->f->t, node, JSON_STRING))
		write_string(w, node, p);
	else
		buf_add(w->out, json_text(&w->f->t, node));
}

void write_value(struct writer *w, uint32_t node, struct place p)
{
	uint32_t label;

	/* Of small values nothing is counted. */
	if (w->is_dry && !w->f->class_of[node] && w->f->t.v[node].type > JSON_ARRAY)
		return;
	if (write_name(w, node, &label))
		return;
	switch ((enum json_type)w->f->t.v[node].type) {
	case JSON_OBJECT:
		if (!p.can_break || !write_table(w, node))
			write_object(w, node, label, p);
		break;
	case JSON_ARRAY:
		if (!p.can_break || !write_table(w, node))
			write_children(w, node, false, '[', p);
		break;
	default:
		write_scalar(w, node, p);
	}
}

/* ---- the document ---- */

static size_t value_tokens(const struct writer *w, uint32_t node)
{
	str text = json_text(&w->f->t, node);

	if (!json_is(&w->f->t, node, JSON_STRING))
		return facts_size(w->f, node) / BYTES_PER_TOKEN;
	return token_count_upto(w->in->encoding, text, COUNT_MAX, w->in->cache) - 1;
}

static void choose_names(struct writer *w)
{
	for (uint32_t i = 1; i < w->f->classes_n; i++) {
		uint32_t shown = w->f->shown[i];
		size_t tokens;

		if (shown < 2)
			continue;
		tokens = value_tokens(w, w->f->classes[i].node);
		if (tokens > NAME_COST && (shown - 1) * (tokens - NAME_COST) > NAME_COST + 2)
			w->f->label[i] = LABEL_LATER;
	}
	for (uint32_t i = 0; i < w->keys_slots; i++) {
		struct keys_class *k = &w->keys[i];

		k->is_named = k->n > 1 && (k->n - 1) * (k->bytes / BYTES_PER_TOKEN) > 4 + 2 * k->n;
	}
}

/* What a string reads as, when it may hold pieces. */
static bool piece_text(const struct writer *w, uint32_t node, str *out)
{
	str literal = json_text(&w->f->t, node);

	if (!json_is(&w->f->t, node, JSON_STRING) || w->f->t.v[node].n || literal.n > TEXT_MAX)
		return false;
	*out = str_sub(literal, 1, literal.n - 1);
	return cell_is_bare(*out, CELL_INNER, 0, false);
}

/* The first string from that node on that has no class; f->t.n when there is none before end. */
static uint32_t next_once(const struct facts *f, uint32_t i, uint32_t end)
{
	for (; i < end; i++)
		if (facts_size(f, i) >= CLASS_BYTES && !f->class_of[i] &&
			json_is(&f->t, i, JSON_STRING))
			return i;
	return f->t.n;
}

/* Each content once: those that have a class, then those that have none; of many, some from everywhere. */
static void choose_pieces(struct writer *w)
{
	const struct facts *f = w->f;
	struct dict_text *texts =
		arena_alloc(w->arena, TEXTS_MAX * sizeof *texts, alignof(struct dict_text));
	uint32_t all = f->classes_n + f->once_n, step = all / TEXTS_MAX + 1;
	uint32_t stride = step > 1 ? f->t.n / (f->once_n / step + 1) + 1 : 1;
	size_t n = 0;

	for (uint32_t i = 1; i < f->classes_n && n < TEXTS_MAX; i += step)
		if (f->shown[i] && piece_text(w, f->classes[i].node, &texts[n].text))
			texts[n++].n = f->label[i] ? 1 : f->shown[i];
	for (uint32_t i = 0; i < f->t.n && n < TEXTS_MAX; i += stride) {
		uint32_t node = next_once(f, i, stride < f->t.n - i ? i + stride : f->t.n);

		if (node < f->t.n && piece_text(w, node, &texts[n].text))
			texts[n++].n = 1;
	}
	dict_build(&w->dict, texts, n, w->in->encoding, w->in->cache, w->arena);
}

/* The document, and before it the tables that its columns refer to. */
static void write_all(struct writer *w)
{
	const struct place root = {.where = IN_BRACKETS, .can_break = true};

	for (uint32_t i = 0; i < w->pools_n; i++) {
		if (!w->pools[i].number)
			continue;
		buf_printf(w->out, "t%u=", w->pools[i].number);
		write_pool(w, &w->pools[i].memo);
		buf_add_byte(w->out, '\n');
	}
	write_value(w, 0, root);
}

static void look(struct writer *w)
{
	memset(w->f->shown, 0, w->f->classes_n * sizeof *w->f->shown);
	memset(w->f->label, 0, w->f->classes_n * sizeof *w->f->label);
	memset(w->keys, 0, w->keys_slots * sizeof *w->keys);
	w->keys_n = 0;
	write_all(w);
	choose_names(w);
	if (!w->f->is_whole)
		choose_pieces(w);
}

unsigned write_document(const struct write_in *in, struct buf *out)
{
	struct writer *w = arena_new(in->arena, struct writer);
	struct buf dry;

	*w = (struct writer){.f = in->f, .in = in, .arena = in->arena, .out = &dry, .is_dry = true};
	w->keys_slots = in->f->t.n / 4 + 16 < KEYS_MAX ? in->f->t.n / 4 + 16 : KEYS_MAX;
	w->keys = arena_array(in->arena, struct keys_class, w->keys_slots);
	/* It takes nothing: this time it is about what is counted on the way. */
	buf_init_arena(&dry, in->arena, 0);
	look(w);
	if (pool_find(w))
		look(w);
	w->is_dry = w->needs_line = false;
	w->used = 0;
	w->out = out;
	for (uint32_t i = 1; i <= w->dict.n; i++) {
		buf_printf(out, "$%u=", i);
		buf_add(out, w->dict.v[i]);
		buf_add_byte(out, '\n');
	}
	write_all(w);
	return w->used;
}
