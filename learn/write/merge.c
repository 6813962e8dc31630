#include "learn/write/merge.h"

#include "core/base/limits.h"
#include "core/base/utf8.h"
#include "core/json/redact.h"

enum { DAY_MS = 24 * 60 * 60 * 1000, CUT_BYTES = 3 /* "…" */ };

/* Code, paths and tools change; what somebody wants does not, and is said once and not again. A half life in days says how much less
 * evidence counts with its age where there is too little room. */
static const struct {
	unsigned keep_days, half_life;
} AGES[RULE_KIND_N] = {
	[RULE_ENVIRONMENT] = {90, 30},
	[RULE_PATH] = {30, 10},
	[RULE_SEARCH] = {30, 10},
	[RULE_COMMAND] = {60, 20},
	[RULE_LARGE_FILE] = {60, 20},
	[RULE_LOOP] = {60, 20},
	[RULE_REPEATED_READ] = {30, 10},
	[RULE_PREFERENCE] = {365, 180},
	[RULE_PERMISSION] = {90, 30},
	[RULE_SUBAGENT] = {60, 20},
};

unsigned merge_keep_days(enum rule_kind k)
{
	return AGES[k].keep_days;
}

struct merger {
	struct arena *a;
	const struct merge_conf *conf;
	struct block *b;
	struct merge_result *out;
	int64_t today_ms;
};

static void note(struct merger *m, str text, const char *why)
{
	*vec_push(&m->out->notes, m->a) = (struct merge_note){text, why};
}

/* ---- the words of a line ------------------------------------------------------------------------- */

/* One line, in which no comment begins or ends. */
static str one_line(struct arena *a, str s)
{
	struct buf b;
	bool is_space = false;

	buf_init_arena(&b, a, LIMIT_CONFIG_FILE);
	s = str_trim(s);
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		str rest = str_sub(s, i, s.n);

		if (c <= ' ' || c == 0x7f) {
			is_space = true;
			continue;
		}
		if (is_space)
			buf_add_byte(&b, ' ');
		is_space = false;
		if (str_starts(rest, STR("<!--")) || str_starts(rest, STR("-->"))) {
			buf_add_byte(&b, (char)c);
			buf_add_byte(&b, ' ');
			continue;
		}
		buf_add_byte(&b, (char)c);
	}
	return b.n ? buf_str(&b) : STR("");
}

/* At a blank where there is one near, outside of a character, with code spans closed. */
static str shorten(struct arena *a, str s)
{
	size_t n = MERGE_TEXT_MAX - CUT_BYTES - 1, blank;
	unsigned ticks = 0;
	struct buf b;

	if (s.n <= MERGE_TEXT_MAX)
		return s;
	while (n && ((unsigned char)s.p[n] & 0xc0) == 0x80)
		n--;
	blank = str_rfind_byte(str_sub(s, 0, n), ' ');
	if (blank != STR_NONE && blank > n / 2)
		n = blank;
	buf_init_arena(&b, a, LIMIT_CONFIG_FILE);
	buf_add(&b, str_sub(s, 0, n));
	for (size_t i = 0; i < n; i++)
		ticks += s.p[i] == '`';
	buf_add_c(&b, "\xe2\x80\xa6");
	if (ticks % 2)
		buf_add_byte(&b, '`');
	return buf_str(&b);
}

/* What would stand in the file; false, with a note, when it must not. */
static bool clean(struct merger *m, const struct rule *r, str *out)
{
	str line = one_line(m->a, r->text);
	struct buf redacted;

	buf_init_arena(&redacted, m->a, LIMIT_CONFIG_FILE);
	if (!line.n)
		return false;
	if (utf8_valid_n(line) != line.n) {
		note(m, STR(""), "it is no text");
		return false;
	}
	if (redact_text(line, &redacted)) {
		note(m, buf_str(&redacted), "it holds a secret");
		return false;
	}
	*out = shorten(m->a, line);
	return true;
}

/* ---- lines of the block -------------------------------------------------------------------------- */

struct place {
	struct block_section *section; /* NULL: nowhere */
	size_t line;
};

static struct place find_key(struct block *b, struct block_key key)
{
	for (size_t i = 0; i < b->sections.n; i++)
		for (size_t k = 0; k < b->sections.v[i].lines.n; k++) {
			const struct block_line *l = &b->sections.v[i].lines.v[k];

			if (l->is_ours && memcmp(l->key.hex, key.hex, BLOCK_KEY_LEN) == 0)
				return (struct place){&b->sections.v[i], k};
		}
	return (struct place){NULL, 0};
}

/* Whether a line says these words already, whoever wrote it. */
static bool has_words(const struct block *b, str text, struct block_key key)
{
	for (size_t i = 0; i < b->sections.n; i++)
		for (size_t k = 0; k < b->sections.v[i].lines.n; k++) {
			const struct block_line *l = &b->sections.v[i].lines.v[k];
			str words = l->text;

			if (l->is_ours && memcmp(l->key.hex, key.hex, BLOCK_KEY_LEN) == 0)
				continue;
			if (!l->is_ours && !str_take(&words, STR("- ")))
				continue;
			if (str_eq(words, text))
				return true;
		}
	return false;
}

static bool is_gone(const struct block *b, struct block_key key)
{
	for (size_t i = 0; i < b->gone.n; i++)
		if (memcmp(b->gone.v[i].hex, key.hex, BLOCK_KEY_LEN) == 0)
			return true;
	return false;
}

static void remove_line(struct block_section *s, size_t i)
{
	s->lines.n--;
	memmove(s->lines.v + i, s->lines.v + i + 1, (s->lines.n - i) * sizeof *s->lines.v);
}

/* Sections stand in the order of their kinds, those of others behind ours where they stood. */
static struct block_section *section_of(struct merger *m, enum rule_kind kind)
{
	struct block *b = m->b;
	struct block_section s = {.title = str_from(rule_kind_section(kind)), .kind = kind};
	size_t at = 0;

	for (size_t i = 0; i < b->sections.n; i++) {
		if (b->sections.v[i].kind == kind)
			return &b->sections.v[i];
		if (b->sections.v[i].kind < kind || !b->sections.v[i].title.n)
			at = i + 1;
	}
	(void)vec_push(&b->sections, m->a);
	memmove(b->sections.v + at + 1, b->sections.v + at,
		(b->sections.n - 1 - at) * sizeof *b->sections.v);
	b->sections.v[at] = s;
	return &b->sections.v[at];
}

static uint32_t larger(uint32_t x, uint32_t y)
{
	return x > y ? x : y;
}

/* The recordings that were read before may have gone, and those of today may be the same: the larger figure, not the sum. */
static bool update(struct block_line *l, const struct rule *r, str text)
{
	struct block_line before = *l;

	l->text = text;
	l->evidence = larger(l->evidence, r->evidence);
	l->sessions = larger(l->sessions, r->sessions);
	if (block_day(r->last_ms) > l->last_ms)
		l->last_ms = block_day(r->last_ms);
	return !str_eq(before.text, l->text) || before.evidence != l->evidence ||
	       before.sessions != l->sessions || before.last_ms != l->last_ms;
}

static bool is_old(const struct merger *m, enum rule_kind kind, int64_t last_ms)
{
	return last_ms >= 0 && last_ms < m->today_ms - (int64_t)AGES[kind].keep_days * DAY_MS;
}

static void add_rule(struct merger *m, const struct rule *r)
{
	struct block_key key = block_key_of(r);
	struct block_section *section;
	struct place at;
	str text;

	if (!(rule_kind_is_context(r->kind) ? m->conf->with_context : m->conf->with_habits) ||
		is_old(m, r->kind, r->last_ms) || !clean(m, r, &text))
		return;
	if (is_gone(m->b, key)) {
		note(m, text, "its line was deleted or changed");
		return;
	}
	if (has_words(m->b, text, key))
		return;
	at = find_key(m->b, key);
	if (at.section && at.section->kind == r->kind) {
		m->out->updated += update(&at.section->lines.v[at.line], r, text);
		return;
	}
	if (at.section) /* now under another heading */
		remove_line(at.section, at.line);
	section = section_of(m, r->kind);
	*vec_push(&section->lines, m->a) = (struct block_line){.is_ours = true,
		.is_new = true,
		.key = key,
		.evidence = r->evidence,
		.sessions = r->sessions,
		.last_ms = block_day(r->last_ms),
		.text = text};
}

static void drop_old(struct merger *m)
{
	for (size_t i = 0; i < m->b->sections.n; i++) {
		struct block_section *s = &m->b->sections.v[i];

		for (size_t k = s->lines.n; k--;) {
			if (!s->lines.v[k].is_ours || !is_old(m, s->kind, s->lines.v[k].last_ms))
				continue;
			note(m, s->lines.v[k].text, "nobody has seen it for long");
			remove_line(s, k);
		}
	}
}

/* ---- room ---------------------------------------------------------------------------------------- */

/* Evidence halves with each half life of its kind. In steps, so that no machine rounds it otherwise. */
static uint64_t worth(
	const struct merger *m, const struct block_section *s, const struct block_line *l)
{
	uint64_t age_days = l->last_ms < 0 || l->last_ms > m->today_ms
				    ? 0
				    : (uint64_t)((m->today_ms - l->last_ms) / DAY_MS);
	uint64_t halves = age_days / AGES[s->kind].half_life;

	return halves > 31 ? 0 : ((uint64_t)l->evidence << 16) >> halves;
}

static size_t line_bytes(const struct merger *m, const struct block_line *l)
{
	struct buf b;

	buf_init_arena(&b, m->a, LIMIT_CONFIG_FILE);
	block_add_evidence(&b, l);
	return l->text.n + b.n + strlen("- \n");
}

struct room {
	size_t lines, bytes, added;
};

static struct room room_used(const struct merger *m)
{
	struct room used = {0};

	for (size_t i = 0; i < m->b->sections.n; i++)
		for (size_t k = 0; k < m->b->sections.v[i].lines.n; k++) {
			const struct block_line *l = &m->b->sections.v[i].lines.v[k];

			used.lines += l->is_ours;
			used.added += l->is_new;
			used.bytes += l->is_ours ? line_bytes(m, l) : 0;
		}
	return used;
}

/* Takes the line away that is worth least, of one section or of all; of equals the last. */
static size_t drop_least(struct merger *m, struct block_section *only)
{
	struct block_section *from = NULL;
	uint64_t least = UINT64_MAX;
	size_t at = 0, bytes;

	for (size_t i = 0; i < m->b->sections.n; i++) {
		struct block_section *s = &m->b->sections.v[i];

		if (only && s != only)
			continue;
		for (size_t k = 0; k < s->lines.n; k++)
			if (s->lines.v[k].is_ours && worth(m, s, &s->lines.v[k]) <= least) {
				least = worth(m, s, &s->lines.v[k]);
				from = s;
				at = k;
			}
	}
	if (!from)
		return 0;
	bytes = line_bytes(m, &from->lines.v[at]);
	note(m, from->lines.v[at].text, "there is no room for it");
	remove_line(from, at);
	return bytes;
}

static size_t ours_in(const struct block_section *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->lines.n; i++)
		n += s->lines.v[i].is_ours;
	return n;
}

static void make_room(struct merger *m)
{
	struct room used;

	for (size_t i = 0; i < m->b->sections.n; i++)
		while (ours_in(&m->b->sections.v[i]) > MERGE_SECTION_MAX)
			(void)drop_least(m, &m->b->sections.v[i]);
	used = room_used(m);
	while (used.lines > MERGE_LINES_MAX || used.bytes > MERGE_BYTES_MAX) {
		used.bytes -= drop_least(m, NULL);
		used.lines--;
	}
	used = room_used(m);
	m->out->kept = used.lines;
	m->out->added = used.added;
}

void merge_rules(struct arena *a, const struct merge_conf *conf, const struct rule *rules, size_t n,
	struct block *b, struct merge_result *out)
{
	struct merger m = {a, conf, b, out, block_day(conf->now_ms)};

	*out = (struct merge_result){0};
	for (size_t i = 0; i < n; i++)
		add_rule(&m, &rules[i]);
	drop_old(&m);
	make_room(&m);
}
