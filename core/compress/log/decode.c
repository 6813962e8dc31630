#include "core/base/vec.h"
#include "core/compress/log/log.h"

/* More than any encoder made. */
enum { PATTERNS_MAX = 1 << 16 };

/* A pattern as its line spells it: texts[0] value texts[1] value ... texts[slots_n]. */
struct pattern {
	str *texts;
	bool *is_time;
	str *before; /* values of the row before */
	uint32_t slots_n;
};

struct reader {
	struct arena *arena;
	struct pattern *patterns;
	uint32_t n;
	str time[LOG_STAMPS_MAX];
	bool has_twins;
	str left; /* the value on the left in the row, times aside */
	struct buf out;
};

/* The next placeholder from at on; STR_NONE when there is none. */
static size_t find_slot(str s, size_t from, bool *is_time)
{
	for (size_t i = from; i < s.n; i++) {
		str rest = str_sub(s, i, s.n);
		size_t next = str_find_byte(rest, '<');

		if (next == STR_NONE)
			return STR_NONE;
		i += next;
		rest = str_sub(s, i, s.n);
		*is_time = str_starts(rest, STR(LOG_TIME));
		if (*is_time || str_starts(rest, STR(LOG_ANY)))
			return i;
	}
	return STR_NONE;
}

static bool read_pattern(struct reader *r, struct pattern *p, str s)
{
	size_t at = 0, next;
	uint32_t n = 0, stamps = 0;
	bool is_time;

	for (next = find_slot(s, 0, &is_time); next != STR_NONE; n++)
		next = find_slot(
			s, next + (is_time ? sizeof LOG_TIME : sizeof LOG_ANY) - 1, &is_time);
	p->slots_n = n;
	p->texts = arena_array(r->arena, str, n + 1);
	p->is_time = arena_array(r->arena, bool, n + 1);
	p->before = arena_array(r->arena, str, n + 1);
	for (uint32_t i = 0; i < n; i++) {
		next = find_slot(s, at, &p->is_time[i]);
		p->texts[i] = str_sub(s, at, next);
		at = next + (p->is_time[i] ? sizeof LOG_TIME : sizeof LOG_ANY) - 1;
		stamps += p->is_time[i];
	}
	p->texts[n] = str_sub(s, at, s.n);
	return stamps <= LOG_STAMPS_MAX;
}

static bool take_number(str *s, uint64_t *v)
{
	size_t n = 0;

	while (n < s->n && s->p[n] >= '0' && s->p[n] <= '9')
		n++;
	if (!n || !str_u64(str_sub(*s, 0, n), v))
		return false;
	*s = str_sub(*s, n, s->n);
	return true;
}

static bool read_table(struct reader *r, str words, str *rest)
{
	uint64_t lines, n;

	if (!take_number(&words, &lines) || !str_take(&words, STR(" lines in ")) ||
		!take_number(&words, &n) || n > PATTERNS_MAX || n > rest->n)
		return false;
	r->n = (uint32_t)n;
	r->patterns = arena_array(r->arena, struct pattern, n);
	for (uint32_t i = 0; i < r->n; i++) {
		uint64_t number;
		str line;

		if (!str_next_line(rest, &line, NULL) || !take_number(&line, &number) ||
			number != i + 1 || !str_take(&line, STR(": ")) ||
			!read_pattern(r, &r->patterns[i], line))
			return false;
	}
	return true;
}

static bool read_value(struct reader *r, struct pattern *p, uint32_t i, uint32_t *stamp, str v)
{
	str *before = &p->before[i];

	if (p->is_time[i]) {
		before = &r->time[(*stamp)++];
		return log_time_join(*before, v, r->arena, before);
	}
	if (r->has_twins && str_eq(v, STR(LOG_TWIN)))
		*before = r->left;
	else if (!str_eq(v, STR("=")))
		*before = v;
	r->left = *before;
	return before->p != NULL;
}

static bool read_row(struct reader *r, struct pattern *p, str fields)
{
	uint32_t stamp = 0;

	r->left = STR_NULL;
	for (uint32_t i = 0; i < p->slots_n; i++) {
		size_t end;
		str v;

		if (!str_take(&fields, STR("\t")))
			return false;
		end = str_find_byte(fields, '\t');
		v = str_sub(fields, 0, end == STR_NONE ? fields.n : end);
		fields = str_sub(fields, v.n, fields.n);
		buf_add(&r->out, p->texts[i]);
		if (!read_value(r, p, i, &stamp, v))
			return false;
		buf_add(&r->out, p->is_time[i] ? r->time[stamp - 1] : p->before[i]);
	}
	buf_add(&r->out, p->texts[p->slots_n]);
	return !fields.n;
}

static bool read_line(struct reader *r, str line)
{
	str rest = line;
	uint64_t number;

	if (!take_number(&rest, &number) || (rest.n && *rest.p != '\t')) {
		buf_add(&r->out, line);
		return true;
	}
	if (!number) {
		if (!str_take(&rest, STR("\t")))
			return false;
		buf_add(&r->out, rest);
		return true;
	}
	return number <= r->n && read_row(r, &r->patterns[number - 1], rest);
}

bool log_decode(str text, struct arena *a, str *out)
{
	struct reader r = {.arena = a};
	struct codec_head head;
	size_t at, end;
	str rest, line;
	bool has_eol;

	if (!codec_head_find(text, &head, &at, &end) || head.codec != &log_codec ||
		head.form != CODEC_EXACT)
		return false;
	r.has_twins = str_ends(head.words, STR(LOG_TWIN_WORDS));
	/* A row of a few bytes may stand for a long line: a damaged text must not ask for all memory. */
	buf_init_arena(&r.out, a, (text.n + 1) * 1024);
	buf_add(&r.out, str_sub(text, 0, at));
	rest = str_sub(text, end, text.n);
	if (!read_table(&r, head.words, &rest))
		return false;
	while (str_next_line(&rest, &line, &has_eol)) {
		if (!read_line(&r, line))
			return false;
		if (has_eol)
			buf_add_byte(&r.out, '\n');
	}
	*out = buf_str(&r.out);
	return !r.out.err;
}
