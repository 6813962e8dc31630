#include "core/compress/variant.h"

#include "core/base/buf.h"
#include "core/base/hash.h"
#include "core/base/limits.h"
#include "core/json/scan.h"

enum {
	CHANGES_MAX = 6,
	OLD_MAX = 160,  /* bytes that one change takes away: they are quoted */
	NEW_MAX = 4096, /* bytes that one change puts there */
	GRAM = 16,      /* bytes that must agree for two lines to meet again */
	LINE_MAX = 64 << 10,
};

static bool is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '_' || c == '-' || c == '.' || (unsigned char)c >= 0x80;
}

/* Places of old's GRAMs, by hash. */
struct grams {
	uint32_t *slots; /* offset + 1 */
	size_t mask;
};

static uint64_t gram_hash(const char *p)
{
	return hash64((str){p, GRAM});
}

static struct grams index_grams(str old, struct arena *a)
{
	struct grams g;
	size_t n = 64;

	while (n < old.n * 2)
		n *= 2;
	g.mask = n - 1;
	g.slots = arena_array(a, uint32_t, n);
	for (size_t i = old.n - GRAM + 1; i-- > 0;) /* the first of equal ones stays */
		g.slots[gram_hash(old.p + i) & g.mask] = (uint32_t)i + 1;
	return g;
}

/* Where the lines agree again, at or behind *o and *n. False when they do not soon enough. */
static bool meet(const struct grams *g, str old, str line, size_t *o, size_t *n)
{
	for (size_t i = *n; i + GRAM <= line.n && i - *n <= NEW_MAX; i++) {
		size_t at = g->slots[gram_hash(line.p + i) & g->mask];

		if (at && at - 1 >= *o && at - 1 - *o <= OLD_MAX && at - 1 + GRAM <= old.n &&
			memcmp(old.p + at - 1, line.p + i, GRAM) == 0) {
			*o = at - 1;
			*n = i;
			return true;
		}
	}
	return false;
}

struct change {
	size_t old_start, old_end, start, end;
};

static bool grow_left(struct change *c, size_t floor)
{
	if (c->old_start == floor)
		return false;
	c->old_start--;
	c->start--;
	return true;
}

/* Grows a change to whole words, and to the left until what it replaces occurs nowhere before it (from the end
 * of the last change on): so that the words alone say where. */
static bool grow_to_words(str old, struct change *c, size_t floor)
{
	while (c->old_start > floor && is_word(old.p[c->old_start - 1]))
		(void)grow_left(c, floor);
	while (c->old_end < old.n && is_word(old.p[c->old_end])) {
		c->old_end++;
		c->end++;
	}
	while (c->old_end - c->old_start <= OLD_MAX) {
		str from = str_sub(old, c->old_start, c->old_end);

		if (from.n && str_find(str_sub(old, floor, old.n), from) == c->old_start - floor)
			return true;
		if (!grow_left(c, floor))
			return false;
	}
	return false;
}

/* The changes from old to line in order; 0 when there are none or too many. */
static size_t find_changes(str old, str line, struct arena *a, struct change *v)
{
	size_t o = 0, n = 0, count = 0, floor = 0;
	struct grams g = index_grams(old, a);

	for (;;) {
		size_t same = str_common_prefix(str_sub(old, o, old.n), str_sub(line, n, line.n)),
		       tail;
		struct change c;

		o += same;
		n += same;
		if (o == old.n && n == line.n)
			return count;
		if (count == CHANGES_MAX)
			return 0;
		tail = str_common_suffix(str_sub(old, o, old.n), str_sub(line, n, line.n));
		c = (struct change){o, old.n - tail, n, line.n - tail};
		if (!meet(&g, old, line, &o, &n)) {
			if (c.old_end - c.old_start > OLD_MAX || c.end - c.start > NEW_MAX)
				return 0;
			o = c.old_end;
			n = c.end;
		}
		c.old_end = o;
		c.end = n;
		if (!grow_to_words(old, &c, floor) || c.end > line.n)
			return 0;
		o = floor = c.old_end;
		n = c.end;
		v[count++] = c;
	}
}

bool variant_make(str old, str line, struct arena *a, str *words)
{
	struct change v[CHANGES_MAX];
	struct buf b;
	size_t n;
	str back;

	if (old.n < VARIANT_LINE || line.n < VARIANT_LINE || old.n > LINE_MAX || line.n > LINE_MAX)
		return false;
	n = find_changes(old, line, a, v);
	if (!n)
		return false;
	buf_init_arena(&b, a, LIMIT_INPUT);
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_add_c(&b, ", ");
		buf_add_json_string(&b, str_sub(old, v[i].old_start, v[i].old_end));
		buf_add_c(&b, " -> ");
		buf_add_json_string(&b, str_sub(line, v[i].start, v[i].end));
	}
	*words = buf_str(&b);
	return !b.err && variant_apply(old, *words, a, &back) && str_eq(back, line);
}

/* Bytes of the escape that s begins with (RFC 8259 section 7); 0 when it is none. */
static size_t escape_length(str s)
{
	if (s.n < 2 || !s.p[1])
		return 0;
	if (s.p[1] == 'u')
		return s.n >= 6 && json_hex4(s.p + 2) >= 0 ? 6 : 0;
	return strchr("\"\\/bfnrt", s.p[1]) ? 2 : 0;
}

/* Length of the JSON string that s begins with; 0 when it begins with none. */
static size_t literal_length(str s)
{
	size_t n;

	if (!s.n || *s.p != '"')
		return 0;
	for (size_t i = 1; i < s.n; i += n) {
		if (s.p[i] == '"')
			return i + 1;
		n = s.p[i] == '\\' ? escape_length(str_sub(s, i, s.n)) : 1;
		if (!n || (unsigned char)s.p[i] < 0x20)
			return 0;
	}
	return 0;
}

/* Takes one "old" -> "new" off the list. */
static bool take_change(str *list, str *from, str *to)
{
	static const str arrow = {" -> ", 4}, comma = {", ", 2};
	size_t n = literal_length(*list);
	str s = str_sub(*list, n, list->n);

	if (n <= 2 || !str_starts(s, arrow))
		return false;
	*from = str_sub(*list, 0, n);
	s = str_sub(s, arrow.n, s.n);
	n = literal_length(s);
	if (!n)
		return false;
	*to = str_sub(s, 0, n);
	s = str_sub(s, n, s.n);
	if (s.n && !str_starts(s, comma))
		return false;
	*list = s.n ? str_sub(s, comma.n, s.n) : s;
	return s.n != comma.n;
}

bool variant_is_list(str words)
{
	str from, to;

	if (!words.n)
		return false;
	while (words.n)
		if (!take_change(&words, &from, &to))
			return false;
	return true;
}

bool variant_apply(str old, str words, struct arena *a, str *line)
{
	struct buf b;
	str from, to;

	buf_init_arena(&b, a, LIMIT_INPUT);
	while (words.n) {
		size_t at;

		if (!take_change(&words, &from, &to) || !json_unescape(from, a, &from) ||
			!json_unescape(to, a, &to))
			return false;
		at = str_find(old, from);
		if (at == STR_NONE)
			return false;
		buf_add(&b, str_sub(old, 0, at));
		buf_add(&b, to);
		old = str_sub(old, at + from.n, old.n);
	}
	buf_add(&b, old);
	*line = buf_str(&b);
	return !b.err;
}
