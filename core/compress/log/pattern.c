#include "core/compress/log/pattern.h"

enum {
	/* Digits of an address, and of those that are left to a value. */
	ADDRESS_BYTES = 8,
	ADDRESS_LEFT = 3,
};

static bool is_hex(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((s.p[i] < '0' || s.p[i] > '9') && (s.p[i] < 'a' || s.p[i] > 'f'))
			return false;
	return true;
}

/* Where the digits of an address begin, of which the first are the same in many, and nobody looks for them; all words are as
 * long. 0: it is none. */
static uint32_t address_at(str s)
{
	uint32_t blanks = 0, from;

	while (blanks < s.n && s.p[blanks] == ' ')
		blanks++;
	s = str_sub(s, blanks, s.n);
	from = s.n > 2 && *s.p == '0' && s.p[1] == 'x' ? 2 : 1;
	return s.n >= ADDRESS_BYTES && (from == 2 || str_starts(s, STR("0000"))) &&
			       is_hex(str_sub(s, from, s.n))
		       ? blanks + from
		       : 0;
}

/* Cuts the first digits of an address, which all have in common, off its values. False when the word is none. */
static bool cut_address(struct log_slot *slot, str first, uint32_t prefix, uint32_t shortest)
{
	uint32_t at = prefix && shortest == first.n ? address_at(first) : 0, most;

	if (!at || prefix < at)
		return false;
	most = shortest - ADDRESS_LEFT;
	slot->prefix = (uint16_t)(prefix < most ? prefix : most);
	return true;
}

/* Common bytes back to where a number or name begins, so that no value is cut in two. */
static void set_ends(
	struct log_slot *slot, str first, uint32_t prefix, uint32_t suffix, uint32_t shortest)
{
	while (prefix && !log_is_boundary(first.p[prefix - 1]))
		prefix--;
	if (suffix > shortest - prefix)
		suffix = shortest - prefix;
	while (suffix && !log_ends_at(first, first.n - suffix))
		suffix--;
	slot->prefix = (uint16_t)prefix;
	slot->suffix = (uint16_t)suffix;
}

void log_pattern_set_slots(struct log_pattern *p, bool has_cuts, struct arena *a)
{
	const struct log_shape *s = p->shape;

	p->slots = arena_array(a, struct log_slot, s->n + 1);
	for (uint32_t i = 0; i < s->n; i++) {
		struct log_slot *slot = &p->slots[p->slots_n];
		str first = log_word_str(s->line, &s->w[i]);

		/* A stamp is one of the line's first two: it always has a slot, so that they can be counted. */
		if (s->suffix[i] == first.n && !s->w[i].stamp)
			continue; /* all are equal */
		slot->word = i;
		slot->stamp = s->w[i].stamp;
		if (!slot->stamp &&
			!(has_cuts && cut_address(slot, first, s->prefix[i], s->shortest[i])))
			set_ends(slot, first, s->prefix[i], s->suffix[i], s->shortest[i]);
		p->slots_n++;
	}
}

/* What all of the log's time stamps begin and end with: the date, the zone. */
struct stamp_ends {
	str first; /* NULL: none so far */
	size_t prefix, suffix, shortest;
};

static void narrow_stamp(struct stamp_ends *e, const struct log_shape *s, uint32_t i)
{
	str first = log_word_str(s->line, &s->w[i]);
	size_t n;

	if (!e->first.p)
		*e = (struct stamp_ends){first, s->prefix[i], s->suffix[i], s->shortest[i]};
	n = str_common_prefix(str_sub(e->first, 0, e->prefix), first);
	e->prefix = n < s->prefix[i] ? n : s->prefix[i];
	n = str_common_suffix(str_sub(e->first, e->first.n - e->suffix, e->first.n), first);
	e->suffix = n < s->suffix[i] ? n : s->suffix[i];
	if (s->shortest[i] < e->shortest)
		e->shortest = s->shortest[i];
}

/* True where a time begins in a stamp: behind the date. What a zone begins with is none. */
static bool is_behind_date(str s, size_t at)
{
	return (s.p[at - 1] == ' ' || s.p[at - 1] == 'T') && at < s.n && s.p[at] >= '0' &&
	       s.p[at] <= '9';
}

/* Back to behind a date, and on to a zone or a year; something must be left. */
static void round_stamp(struct stamp_ends *e)
{
	str s = e->first;

	while (e->prefix && !is_behind_date(s, e->prefix))
		e->prefix--;
	if (e->prefix == e->shortest)
		e->prefix = 0;
	if (e->suffix >= e->shortest - e->prefix)
		e->suffix = e->shortest - e->prefix - 1;
	while (e->suffix && !strchr(" Z+", s.p[s.n - e->suffix]))
		e->suffix--;
}

void log_pattern_set_stamps(struct log_pattern *patterns, size_t n)
{
	struct stamp_ends ends[LOG_STAMPS_MAX + 1] = {0};

	for (size_t k = 0; k < n; k++) {
		const struct log_shape *s = patterns[k].shape;

		for (uint32_t i = 0; i < s->n; i++)
			if (s->w[i].stamp)
				narrow_stamp(&ends[s->w[i].stamp], s, i);
	}
	for (unsigned i = 1; i <= LOG_STAMPS_MAX; i++)
		if (ends[i].first.p)
			round_stamp(&ends[i]);
	for (size_t k = 0; k < n; k++) {
		struct log_pattern *p = &patterns[k];

		for (uint32_t i = 0; i < p->slots_n; i++) {
			p->slots[i].prefix += (uint16_t)ends[p->slots[i].stamp].prefix;
			p->slots[i].suffix += (uint16_t)ends[p->slots[i].stamp].suffix;
		}
	}
}

void log_pattern_set_texts(struct log_pattern *p, size_t end, struct arena *a)
{
	str line = str_sub(p->shape->line, 0, end);
	size_t at = 0;

	p->between = arena_array(a, str, p->slots_n + 2);
	for (uint32_t i = 0; i < p->slots_n; i++) {
		const struct log_slot *s = &p->slots[i];
		const struct log_word *w = &p->shape->w[s->word];

		p->between[i] = str_sub(line, at, w->at + s->prefix);
		at = w->at + w->n - s->suffix;
	}
	p->between[p->slots_n] = str_sub(line, at, line.n);
}

/* Where the slot's word ends of which prefix bytes stand before at. Most stamps are as long as the first one: what
 * follows tells. */
static size_t word_end(const struct log_pattern *p, uint32_t i, str line, size_t at)
{
	const struct log_slot *s = &p->slots[i];
	size_t end = at - s->prefix + p->shape->w[s->word].n, digits = end - s->suffix;
	str next = p->between[i + 1];

	if (!s->stamp)
		return log_word_end(line, at, false);
	if (next.n > s->suffix && end < line.n && line.p[end] == next.p[s->suffix] &&
		line.p[digits - 1] >= '0' && line.p[digits - 1] <= '9')
		return end;
	return log_word_end(line, at - s->prefix, true);
}

bool log_pattern_match(const struct log_pattern *p, str line, str *values)
{
	size_t at = 0;

	for (uint32_t i = 0; i <= p->slots_n; i++) {
		str rest = str_sub(line, at, line.n), fixed = p->between[i];
		size_t n;

		if (!str_take(&rest, fixed))
			return false;
		at += fixed.n;
		if (i == p->slots_n)
			break;
		n = p->slots[i].is_rest ? line.n : word_end(p, i, line, at);
		if (n < at + p->slots[i].suffix)
			return false;
		values[i] = str_sub(line, at, n - p->slots[i].suffix);
		at += values[i].n;
	}
	return at == line.n;
}
