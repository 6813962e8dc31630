#include "core/compress/pairs/diffstat.h"

#include "core/base/limits.h"
#include "core/base/vec.h"

enum {
	NUMBER_MAX = 1000 * 1000 * 1000, /* lines of a file */
	SIGNS_MAX = 1000,                /* of a bar; git makes them as wide as a terminal */
	NAME_MAX_BYTES = 4096,
};

#define NEXT " | "
#define SUM  "= "

struct file {
	str name;
	uint64_t all, added, removed; /* as many signs of both */
};

struct stat_block {
	VEC(struct file) files;
	bool is_cut;             /* a bar has fewer signs than lines changed */
	uint64_t added, removed; /* of all files */
};

static size_t count_signs(str *s, char sign)
{
	size_t n = 0;

	while (n < s->n && s->p[n] == sign)
		n++;
	*s = str_sub(*s, n, s->n);
	return n;
}

static bool take_number(str *s, uint64_t *v)
{
	size_t n = 0;

	while (n < s->n && s->p[n] >= '0' && s->p[n] <= '9')
		n++;
	if (!n || !str_u64(str_sub(*s, 0, n), v) || *v > NUMBER_MAX)
		return false;
	*s = str_sub(*s, n, s->n);
	return true;
}

/* " name   | 12 ++--" */
static bool parse_file(str line, struct file *f)
{
	size_t bar = str_find(line, STR(" | "));
	str rest;

	if (bar == STR_NONE || !str_starts(line, STR(" ")))
		return false;
	f->name = str_trim(str_sub(line, 1, bar));
	rest = str_trim(str_sub(line, bar + 3, line.n));
	if (!f->name.n || !take_number(&rest, &f->all))
		return false;
	(void)str_take(&rest, STR(" "));
	f->added = count_signs(&rest, '+');
	f->removed = count_signs(&rest, '-');
	return !rest.n;
}

/* " 2 files changed, 10 insertions(+), 3 deletions(-)" */
static bool parse_sum(str line, struct stat_block *s)
{
	uint64_t files, n;
	str rest = line;

	if (!str_take(&rest, STR(" ")) || !take_number(&rest, &files) ||
		!str_take(&rest, files == 1 ? STR(" file changed") : STR(" files changed")))
		return false;
	while (str_take(&rest, STR(", "))) {
		if (str_find_byte(rest, ')') == STR_NONE || !take_number(&rest, &n))
			return false;
		if (str_starts(rest, STR(" insertion")))
			s->added = n;
		else
			s->removed = n;
		rest = str_sub(rest, str_find_byte(rest, ')') + 1, rest.n);
	}
	return !rest.n && files == s->files.n;
}

static unsigned digits_n(uint64_t v)
{
	unsigned n = 1;

	for (; v > 9; v /= 10)
		n++;
	return n;
}

static void add_times(struct buf *b, char c, uint64_t n)
{
	char signs[64];

	memset(signs, c, sizeof signs);
	for (; n > sizeof signs && b->err == E_OK; n -= sizeof signs)
		buf_add(b, (str){signs, sizeof signs});
	buf_add(b, (str){signs, (size_t)n});
}

static void print_part(struct buf *b, uint64_t n, const char *what, const char *sign)
{
	buf_add_c(b, ", ");
	buf_add_u64(b, n);
	buf_add_c(b, what);
	buf_add_c(b, n == 1 ? "" : "s");
	buf_add_c(b, sign);
}

static void print_sum(const struct stat_block *s, struct buf *b)
{
	bool is_none = !s->added && !s->removed;

	buf_add_byte(b, ' ');
	buf_add_u64(b, s->files.n);
	buf_add_c(b, s->files.n == 1 ? " file changed" : " files changed");
	if (s->added || is_none)
		print_part(b, s->added, " insertion", "(+)");
	if (s->removed || is_none)
		print_part(b, s->removed, " deletion", "(-)");
}

static void print_block(const struct stat_block *s, struct buf *b)
{
	unsigned width = 1;
	size_t names = 0;

	for (size_t i = 0; i < s->files.n; i++) {
		const struct file *f = &s->files.v[i];

		width = digits_n(f->all) > width ? digits_n(f->all) : width;
		names = f->name.n > names ? f->name.n : names;
	}
	for (size_t i = 0; i < s->files.n; i++) {
		const struct file *f = &s->files.v[i];

		buf_add_byte(b, ' ');
		buf_add(b, f->name);
		add_times(b, ' ', names - f->name.n);
		buf_add_c(b, " | ");
		add_times(b, ' ', width - digits_n(f->all));
		buf_add_u64(b, f->all);
		if (f->added + f->removed)
			buf_add_byte(b, ' ');
		add_times(b, '+', f->added);
		add_times(b, '-', f->removed);
		buf_add_byte(b, '\n');
	}
	print_sum(s, b);
}

/* ---- packed ---- */

static void write_changes(struct buf *b, uint64_t added, uint64_t removed)
{
	if (added || !removed) {
		buf_add_c(b, " +");
		buf_add_u64(b, added);
	}
	if (removed) {
		buf_add_c(b, " -");
		buf_add_u64(b, removed);
	}
}

static void write_file(struct buf *b, const struct file *f)
{
	buf_add(b, f->name);
	if (f->all == f->added + f->removed) {
		write_changes(b, f->added, f->removed);
		return;
	}
	buf_add_byte(b, ' ');
	buf_add_u64(b, f->all);
	buf_add_byte(b, ' ');
	add_times(b, '+', f->added);
	add_times(b, '-', f->removed);
}

/* Takes " -3" off the end of s; false when there is no such number. */
static bool take_last(str *s, const char *sign, uint64_t *v)
{
	size_t at = s->n;
	str number;

	while (at && s->p[at - 1] >= '0' && s->p[at - 1] <= '9')
		at--;
	number = str_sub(*s, at, s->n);
	if (!str_ends(str_sub(*s, 0, at), str_from(sign)) || !take_number(&number, v) || number.n)
		return false;
	s->n = at - strlen(sign);
	return true;
}

static size_t count_last(str *s, char sign)
{
	size_t n = 0;

	for (; s->n && s->p[s->n - 1] == sign; s->n--)
		n++;
	return n;
}

/* "a.c +9 -3", "a.c 120 +++++--" */
static bool read_file(str row, struct file *f)
{
	bool is_any;

	*f = (struct file){0};
	f->removed = count_last(&row, '-');
	f->added = count_last(&row, '+');
	if (f->added + f->removed) {
		if (!str_ends(row, STR(" ")))
			return false;
		row.n--;
		is_any = take_last(&row, " ", &f->all);
	} else {
		is_any = take_last(&row, " -", &f->removed);
		is_any |= take_last(&row, " +", &f->added);
		f->all = f->added + f->removed;
	}
	f->name = row;
	return is_any && row.n && row.n <= NAME_MAX_BYTES && f->added <= SIGNS_MAX &&
	       f->removed <= SIGNS_MAX;
}

/* "= +75 -45": of all files, which may be more than the signs of a bar. */
static bool read_sum(str row, struct file *f)
{
	bool is_any;

	*f = (struct file){0};
	is_any = take_last(&row, " -", &f->removed);
	is_any |= take_last(&row, " +", &f->added);
	return is_any && row.n == 1;
}

static bool read_block(str packed, struct arena *a, struct stat_block *s)
{
	*s = (struct stat_block){0};
	while (packed.n) {
		size_t at = str_find(packed, STR(NEXT)), n = at == STR_NONE ? packed.n : at;
		str row = str_sub(packed, 0, n);
		struct file f;

		packed = str_sub(packed, at == STR_NONE ? n : n + strlen(NEXT), packed.n);
		if (str_starts(row, STR(SUM)) && !packed.n) {
			if (!read_sum(row, &f))
				return false;
			s->added = f.added;
			s->removed = f.removed;
			return s->files.n > 0;
		}
		if (!read_file(row, &f))
			return false;
		s->added += f.added;
		s->removed += f.removed;
		*vec_push(&s->files, a) = f;
	}
	return s->files.n > 0;
}

bool diffstat_unpack(str packed, struct arena *a, str *out)
{
	struct stat_block s;
	struct buf b;

	if (!read_block(packed, a, &s))
		return false;
	buf_init_arena(&b, a, LIMIT_INPUT);
	print_block(&s, &b);
	*out = buf_str(&b);
	return b.err == E_OK;
}

bool diffstat_pack(str lines, struct arena *a, str *out)
{
	struct stat_block s = {0};
	struct buf b;
	str rest = lines, line, again;

	while (str_next_line(&rest, &line, NULL) && rest.n) {
		struct file *f = vec_push(&s.files, a);

		if (!parse_file(line, f))
			return false;
		s.is_cut |= f->all != f->added + f->removed;
	}
	if (!s.files.n || !parse_sum(line, &s))
		return false;
	buf_init_arena(&b, a, LIMIT_INPUT);
	for (size_t i = 0; i < s.files.n; i++) {
		buf_add_c(&b, i ? NEXT : "");
		write_file(&b, &s.files.v[i]);
	}
	if (s.is_cut) {
		buf_add_c(&b, NEXT "=");
		write_changes(&b, s.added, s.removed);
	}
	*out = buf_str(&b);
	return b.err == E_OK && diffstat_unpack(*out, a, &again) && str_eq(again, lines);
}
