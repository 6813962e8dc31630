#include "core/compress/pairs/body.h"

#include "core/base/limits.h"
#include "core/base/vec.h"
#include "core/compress/table/dict.h"

enum {
	DIR_MIN = 3, /* keys that begin alike */
};

void body_pack(struct aligned *x)
{
	memcpy(x->packed, x->lines, x->n * sizeof *x->lines);
}

void body_unpack(struct aligned *x)
{
	memcpy(x->lines, x->packed, x->n * sizeof *x->lines);
}

static bool has_joins(const struct aligned *x)
{
	return x->style.layout == ALIGNED_BRACES || x->style.layout == ALIGNED_NONE;
}

static bool has_dirs(const struct aligned *x)
{
	return x->style.layout == ALIGNED_NONE;
}

/* "net.ipv4." of "net.ipv4.tcp_mem"; empty for none. */
static str dir_of(str key)
{
	size_t at = str_rfind_byte(key, '.');

	return str_sub(key, 0, at == STR_NONE ? 0 : at + 1);
}

static bool is_dir(str line)
{
	return str_ends(line, STR(".")) && str_find_byte(line, ' ') == STR_NONE &&
	       str_find_byte(line, '=') == STR_NONE;
}

void body_check(struct aligned *x)
{
	str sign, key, value;

	for (uint32_t i = 0; i < x->n; i++) {
		str line = x->packed[i];

		if (!line.n || x->is_raw[i])
			continue;
		x->is_raw[i] =
			*line.p == '=' ||
			(has_joins(x) && aligned_split(&x->style, line, &sign, &key, &value) &&
				str_find_byte(key, ' ') != STR_NONE) ||
			(has_dirs(x) && (*line.p == ' ' || is_dir(line)));
		if (x->is_raw[i])
			x->packed[i] = x->lines[i];
	}
}

/* ---- to text ---- */

struct writer {
	const struct aligned *x;
	struct body_used *used;
	struct buf *out;
	struct dict dict;
	str dir;
};

/* Calls f with what values and cells a line has, one after the other, each with what stands before it. */
typedef void part_fn(struct writer *w, str before, str text);

static void each_part(struct writer *w, str line, part_fn *f)
{
	size_t from = 0, at;

	if (has_joins(w->x)) {
		str sign, key, value;

		if (aligned_split(&w->x->style, line, &sign, &key, &value))
			from = (size_t)(value.p - line.p);
		f(w, str_sub(line, 0, from), str_sub(line, from, line.n));
		return;
	}
	at = str_find(line, STR(": "));
	for (size_t before = 0; from <= line.n; before = from) {
		size_t tab = str_find_byte(str_sub(line, from, line.n), '\t');
		size_t end = tab == STR_NONE ? line.n : from + tab;

		if (at != STR_NONE && at >= from && at + 2 < end)
			from = at + 2;
		f(w, str_sub(line, before, from), str_sub(line, from, end));
		if (end == line.n)
			return;
		from = end + 1;
		f(w, str_sub(line, end, from), STR_NULL);
	}
}

static void write_part(struct writer *w, str before, str text)
{
	buf_add(w->out, before);
	if (text.n)
		buf_add(w->out, dict_shorten(&w->dict, text, w->x->arena));
}

struct collector {
	struct writer w; /* first */
	VEC(struct dict_text) texts;
};

static void collect_part(struct writer *w, str before, str text)
{
	struct collector *c = (struct collector *)w;

	(void)before;
	if (text.n)
		*vec_push(&c->texts, w->x->arena) = (struct dict_text){text, 1};
}

/* True when some line has what would be taken for a name. */
static bool has_names(const struct aligned *x)
{
	for (uint32_t i = 0; i < x->n; i++) {
		str s = x->packed[i];
		size_t at = str_find_byte(s, '$');

		for (; at < s.n; at++)
			if (s.p[at] == '$' && at + 1 < s.n && s.p[at + 1] >= '1' &&
				s.p[at + 1] <= '9')
				return true;
	}
	return false;
}

static void make_dict(struct writer *w, const struct codec_in *in)
{
	struct collector c = {.w = *w};

	if (has_names(w->x))
		return;
	for (uint32_t i = 0; i < w->x->n; i++)
		if (!w->x->is_raw[i])
			each_part(&c.w, w->x->packed[i], collect_part);
	dict_build(&w->dict, c.texts.v, c.texts.n, in->encoding, in->cache, w->x->arena);
	w->used->pieces_n = w->dict.n;
	for (uint32_t i = 1; i <= w->dict.n; i++) {
		buf_printf(w->out, "$%u=", i);
		buf_add(w->out, w->dict.v[i]);
		buf_add_byte(w->out, '\n');
	}
}

/* How many lines from i on are keys of that directory. */
static uint32_t count_dir(const struct aligned *x, uint32_t i, str dir)
{
	uint32_t n = 0;
	str sign, key, value;

	while (i + n < x->n && n < DIR_MIN && !x->is_raw[i + n] &&
		aligned_split(&x->style, x->packed[i + n], &sign, &key, &value) &&
		str_eq(dir_of(key), dir))
		n++;
	return n;
}

/* Begins the line of a key. */
static str write_dir(struct writer *w, uint32_t i, str key)
{
	str dir = has_dirs(w->x) ? dir_of(key) : STR_NULL;

	if (!dir.n || dir.n == key.n)
		return key;
	if (!str_eq(dir, w->dir)) {
		if (count_dir(w->x, i, dir) < DIR_MIN)
			return key;
		buf_add(w->out, dir);
		buf_add_byte(w->out, '\n');
		w->dir = dir;
		w->used->has_dirs = true;
	}
	buf_add_byte(w->out, ' ');
	return str_sub(key, dir.n, key.n);
}

/* True when both lines may have their keys in one. */
static bool joins(const struct writer *w, str sign, str key, str value, uint32_t i)
{
	str sign2, key2, value2;

	if (i >= w->x->n || w->x->is_raw[i] || !has_joins(w->x) || !value.n ||
		strchr("{[(", value.p[value.n - 1]) ||
		!aligned_split(&w->x->style, w->x->packed[i], &sign2, &key2, &value2))
		return false;
	return str_eq(sign, sign2) && str_eq(value, value2) && str_eq(dir_of(key), dir_of(key2)) &&
	       dir_of(key2).n < key2.n && dir_of(key).n < key.n;
}

/* A line, or several that have their value in common. Returns the last one's number. */
static uint32_t write_line(struct writer *w, uint32_t i)
{
	const struct aligned *x = w->x;
	str line = x->packed[i], sign, key, value, shown;

	if (x->is_raw[i]) {
		w->used->has_raw = true;
		buf_add_byte(w->out, '=');
		buf_add(w->out, line);
		return i;
	}
	w->used->has_widths |= x->style.layout == ALIGNED_BRACES && line.n &&
			       line.p[line.n - 1] >= '0' && line.p[line.n - 1] <= '9' &&
			       !aligned_split(&x->style, line, &sign, &key, &value);
	if (!has_joins(x) || !aligned_split(&x->style, line, &sign, &key, &value)) {
		each_part(w, line, write_part);
		return i;
	}
	w->used->has_unknown |= x->style.layout == ALIGNED_BRACES &&
				(str_eq(value, STR("?")) || str_ends(value, STR(" -> ?")));
	shown = write_dir(w, i, key);
	buf_add(w->out, sign);
	buf_add(w->out, shown);
	for (; joins(w, sign, key, value, i + 1); i++) {
		str next, same;

		if (!aligned_split(&x->style, x->packed[i + 1], &same, &next, &same))
			break;
		buf_add_byte(w->out, ' ');
		buf_add(w->out, shown.n < key.n ? str_sub(next, key.n - shown.n, next.n) : next);
		w->used->has_joins = true;
	}
	write_part(w, (str){key.p + key.n, (size_t)(value.p - key.p) - key.n}, value);
	return i;
}

void body_write(
	const struct aligned *x, const struct codec_in *in, struct body_used *used, struct buf *b)
{
	struct writer w = {.x = x, .used = used, .out = b};

	make_dict(&w, in);
	for (uint32_t i = 0; i < x->n; i++) {
		if (i)
			buf_add_byte(b, '\n');
		i = write_line(&w, i);
	}
}

/* ---- and back ---- */

struct reader {
	struct aligned *x;
	struct dict dict;
	str dir;
	VEC(str) packed;
	VEC(bool) is_raw;
};

static void add_line(struct reader *r, str line, bool is_raw)
{
	*vec_push(&r->packed, r->x->arena) = line;
	*vec_push(&r->is_raw, r->x->arena) = is_raw;
}

/* The keys of a line, each a line of its own. */
static void read_keys(struct reader *r, str sign, str keys, str value)
{
	str key, sep = {keys.p + keys.n, (size_t)(value.p - keys.p) - keys.n};
	str dir = STR_NULL;

	if (has_dirs(r->x) && str_take(&keys, STR(" ")))
		dir = r->dir;
	while (str_split(&keys, ' ', &key))
		add_line(r, ALIGNED_JOIN(r->x->arena, sign, dir, key, sep, value), false);
}

static void read_line(struct reader *r, str line)
{
	struct aligned *x = r->x;
	str sign, key, value;

	if (str_take(&line, STR("="))) {
		add_line(r, line, true);
		return;
	}
	line = dict_expand(&r->dict, line, x->arena);
	if (has_dirs(x) && is_dir(line))
		r->dir = line;
	else if (has_joins(x) && aligned_split(&x->style, line, &sign, &key, &value) &&
		 str_find_byte(key, ' ') != STR_NONE)
		read_keys(r, sign, key, value);
	else
		add_line(r, line, false);
}

static bool read_pieces(struct reader *r, str *body, uint32_t n)
{
	for (uint32_t i = 1; i <= n; i++) {
		str line, name = arena_printf(r->x->arena, "$%u=", i);

		if (!str_next_line(body, &line, NULL) || !str_take(&line, name))
			return false;
		dict_add(&r->dict, line);
	}
	return true;
}

bool body_read(struct aligned *x, str body, uint32_t pieces_n)
{
	struct reader r = {.x = x};
	str line;

	if (!read_pieces(&r, &body, pieces_n))
		return false;
	while (str_split(&body, '\n', &line))
		read_line(&r, line);
	if (r.packed.n > UINT32_MAX || !r.packed.n)
		return false;
	x->n = (uint32_t)r.packed.n;
	x->packed = r.packed.v;
	x->is_raw = r.is_raw.v;
	x->lines = arena_array(x->arena, str, x->n);
	return true;
}
