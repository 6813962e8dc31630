#include "core/compress/diff/brief.h"

/* What a line says. */
struct facts {
	enum diff_what what;
	str old_name, name;
	str old_mode, mode, percent, old_hash, hash;
	bool is_binary;
	bool has_lines;  /* "--- " and "+++ " */
	bool is_without; /* the line says that it has none */
};

static const char usual_mode[] = "100644";
static const str becomes = {" => ", 4};

static const char *const what_words[] = {[DIFF_CHANGED] = "",
	[DIFF_NEW] = "new",
	[DIFF_DELETED] = "deleted",
	[DIFF_RENAMED] = "renamed ",
	[DIFF_COPIED] = "copied "};

static bool is_moved(enum diff_what w)
{
	return w == DIFF_RENAMED || w == DIFF_COPIED;
}

/* ---- facts to a line ---- */

/* The separator before every attribute but the first. */
static void next_attribute(struct buf *b, bool *is_first)
{
	if (!*is_first)
		buf_add_c(b, ", ");
	*is_first = false;
}

static void add_modes(struct buf *b, const struct facts *x, bool *is_first)
{
	if (x->old_mode.n) {
		next_attribute(b, is_first);
		buf_add_c(b, "mode ");
		buf_add(b, x->old_mode);
		buf_add(b, becomes);
		buf_add(b, x->mode);
	} else if (x->mode.n && !str_eq_c(x->mode, usual_mode)) {
		next_attribute(b, is_first);
		buf_add_c(b, "mode ");
		buf_add(b, x->mode);
	}
}

static void add_hashes(struct buf *b, const struct facts *x, bool *is_first)
{
	if (!x->hash.n)
		return;
	next_attribute(b, is_first);
	if (x->what == DIFF_NEW) {
		buf_add(b, x->hash);
		return;
	}
	buf_add(b, x->old_hash);
	if (x->what == DIFF_DELETED)
		return;
	buf_add_c(b, "..");
	buf_add(b, x->hash);
}

/* Whether "---" and "+++" lines are there unless the line says something else. */
static bool has_lines_by_default(const struct facts *x)
{
	return x->hash.n && !x->is_binary;
}

static void write_facts(struct buf *b, const struct facts *x)
{
	bool is_first = true;

	buf_add_c(b, "diff ");
	if (is_moved(x->what)) {
		buf_add(b, x->old_name);
		buf_add(b, becomes);
	}
	buf_add(b, x->name);
	buf_add_c(b, " (");
	if (x->what != DIFF_CHANGED) {
		next_attribute(b, &is_first);
		buf_add_c(b, what_words[x->what]);
		buf_add(b, x->percent);
	}
	add_modes(b, x, &is_first);
	if (x->is_binary) {
		next_attribute(b, &is_first);
		buf_add_c(b, "binary");
	} else if (has_lines_by_default(x) != x->has_lines) {
		next_attribute(b, &is_first);
		buf_add_c(b, x->has_lines ? "no index" : "no lines");
	}
	add_hashes(b, x, &is_first);
	buf_add_c(b, ")\n");
}

static struct facts facts_of(const struct diff_file *f)
{
	struct facts x = {.what = f->what,
		.old_name = f->old_name,
		.name = f->name,
		.old_mode = f->old_mode,
		.mode = f->old_mode.n || f->what == DIFF_NEW || f->what == DIFF_DELETED
				? f->mode
				: f->index_mode,
		.old_hash = f->old_hash,
		.hash = f->hash,
		.is_binary = f->is_binary,
		.has_lines = f->minus.n > 0};

	if (is_moved(f->what))
		x.percent = f->percent;
	return x;
}

/* ---- a line to facts ---- */

static bool parse_hashes(str s, struct facts *x)
{
	size_t dots = str_find(s, STR(".."));

	if (!s.n || x->hash.n || str_find_byte(s, ' ') != STR_NONE)
		return false;
	if (x->what == DIFF_NEW || x->what == DIFF_DELETED) {
		x->hash = x->old_hash = s;
		return dots == STR_NONE;
	}
	if (dots == STR_NONE)
		return false;
	x->old_hash = str_sub(s, 0, dots);
	x->hash = str_sub(s, dots + 2, s.n);
	return x->old_hash.n && x->hash.n;
}

static bool parse_attribute(str s, struct facts *x)
{
	size_t at;

	for (int w = DIFF_NEW; w <= DIFF_COPIED; w++) {
		str rest = s;

		if (!str_take(&rest, str_from(what_words[w])))
			continue;
		x->what = (enum diff_what)w;
		x->percent = rest;
		return is_moved(x->what) ? rest.n > 0 : !rest.n;
	}
	if (str_take(&s, STR("mode "))) {
		at = str_find(s, becomes);
		if (at != STR_NONE)
			x->old_mode = str_sub(s, 0, at);
		x->mode = at == STR_NONE ? s : str_sub(s, at + becomes.n, s.n);
		return x->mode.n > 0;
	}
	if (str_eq(s, STR("binary")))
		return x->is_binary = true;
	if (str_eq(s, STR("no lines")))
		return x->is_without = true;
	if (str_eq(s, STR("no index")))
		return x->has_lines = true;
	return parse_hashes(s, x);
}

static bool parse_facts(str line, struct facts *x)
{
	size_t open = str_rfind_byte(line, '('), at;
	str attributes, word;

	*x = (struct facts){0};
	if (!str_take(&line, STR("diff ")) || open == STR_NONE || open < 7 || *line.p == '-' ||
		!str_ends(line, STR(")")) || line.p[open - 6] != ' ')
		return false;
	open -= 5;
	x->name = str_sub(line, 0, open - 1);
	attributes = str_sub(line, open + 1, line.n - 1);
	while (attributes.n) {
		at = str_find(attributes, STR(", "));
		word = at == STR_NONE ? attributes : str_sub(attributes, 0, at);
		if (!parse_attribute(word, x))
			return false;
		attributes =
			str_sub(attributes, at == STR_NONE ? attributes.n : at + 2, attributes.n);
	}
	x->has_lines |= has_lines_by_default(x) && !x->is_without;
	if (!is_moved(x->what)) {
		x->old_name = x->name;
		return x->name.n > 0;
	}
	at = str_find(x->name, becomes);
	if (at == STR_NONE)
		return false;
	x->old_name = str_sub(x->name, 0, at);
	x->name = str_sub(x->name, at + becomes.n, x->name.n);
	return x->old_name.n && x->name.n;
}

/* ---- facts to a header ---- */

static void add_line(struct buf *b, const char *word, str value)
{
	buf_add_c(b, word);
	buf_add(b, value);
	buf_add_byte(b, '\n');
}

static void add_zeros(struct buf *b, size_t n)
{
	while (n--)
		buf_add_byte(b, '0');
}

static void add_index(struct buf *b, const struct facts *x)
{
	if (!x->hash.n)
		return;
	buf_add_c(b, "index ");
	if (x->what == DIFF_NEW)
		add_zeros(b, x->hash.n);
	else
		buf_add(b, x->old_hash);
	buf_add_c(b, "..");
	if (x->what == DIFF_DELETED)
		add_zeros(b, x->old_hash.n);
	else
		buf_add(b, x->hash);
	if (x->what != DIFF_NEW && x->what != DIFF_DELETED && !x->old_mode.n) {
		buf_add_byte(b, ' ');
		buf_add(b, x->mode.n ? x->mode : str_from(usual_mode));
	}
	buf_add_byte(b, '\n');
}

/* "a/x", or /dev/null where there is no such side. */
static void add_side(struct buf *b, const char *prefix, str name, bool is_there)
{
	if (!is_there) {
		buf_add_c(b, "/dev/null");
		return;
	}
	buf_add_c(b, prefix);
	buf_add(b, name);
}

static void add_names(struct buf *b, const struct facts *x)
{
	/* git ends a name with blanks in it with a tab */
	bool is_old = x->what != DIFF_NEW, is_new = x->what != DIFF_DELETED;

	if (x->is_binary) {
		buf_add_c(b, "Binary files ");
		add_side(b, "a/", x->old_name, is_old);
		buf_add_c(b, " and ");
		add_side(b, "b/", x->name, is_new);
		buf_add_c(b, " differ\n");
		return;
	}
	if (!x->has_lines)
		return;
	buf_add_c(b, "--- ");
	add_side(b, "a/", x->old_name, is_old);
	if (is_old && str_find_byte(x->old_name, ' ') != STR_NONE)
		buf_add_byte(b, '\t');
	buf_add_c(b, "\n+++ ");
	add_side(b, "b/", x->name, is_new);
	if (is_new && str_find_byte(x->name, ' ') != STR_NONE)
		buf_add_byte(b, '\t');
	buf_add_byte(b, '\n');
}

static void expand_facts(struct buf *b, const struct facts *x)
{
	str mode = x->mode.n ? x->mode : str_from(usual_mode);

	buf_add_c(b, "diff --git a/");
	buf_add(b, x->old_name);
	add_line(b, " b/", x->name);
	if (x->old_mode.n) {
		add_line(b, "old mode ", x->old_mode);
		add_line(b, "new mode ", x->mode);
	}
	if (x->what == DIFF_NEW)
		add_line(b, "new file mode ", mode);
	if (x->what == DIFF_DELETED)
		add_line(b, "deleted file mode ", mode);
	if (is_moved(x->what)) {
		bool is_copy = x->what == DIFF_COPIED;

		add_line(b, "similarity index ", x->percent);
		add_line(b, is_copy ? "copy from " : "rename from ", x->old_name);
		add_line(b, is_copy ? "copy to " : "rename to ", x->name);
	}
	add_index(b, x);
	add_names(b, x);
}

bool brief_expand(struct buf *b, str line)
{
	struct facts x;

	if (!parse_facts(line, &x))
		return false;
	expand_facts(b, &x);
	return true;
}

bool brief_write(struct buf *b, const struct diff_file *f, str header, struct buf *scratch)
{
	struct facts x = facts_of(f);
	size_t before = b->n;

	if (f->form != DIFF_GIT)
		return false;
	write_facts(b, &x);
	buf_reset(scratch);
	if (!b->err && brief_expand(scratch, str_sub(buf_str(b), before, b->n - 1)) &&
		str_eq(buf_str(scratch), header))
		return true;
	b->n = before;
	return false;
}

void brief_add_range(struct buf *b, const struct diff_range *r)
{
	buf_add_c(b, "@@ -");
	buf_add_u64(b, r->old_from);
	if (r->old_n != 1) {
		buf_add_byte(b, ',');
		buf_add_u64(b, r->old_n);
	}
	buf_add_c(b, " +");
	buf_add_u64(b, r->new_from);
	if (r->new_n != 1) {
		buf_add_byte(b, ',');
		buf_add_u64(b, r->new_n);
	}
	buf_add_c(b, " @@");
}

static const char each_open[] = "[next ";
static const char each_close[] = " lines: each ";

void brief_add_each(struct buf *b, uint32_t n, char sign)
{
	buf_add_c(b, each_open);
	buf_add_u64(b, n);
	buf_add_c(b, each_close);
	buf_add_byte(b, sign);
	buf_add_byte(b, ']');
}

bool brief_each_parse(str line, uint32_t *n, char *sign)
{
	uint64_t count;
	size_t digits = 0;

	if (!str_take(&line, str_from(each_open)))
		return false;
	while (digits < line.n && line.p[digits] >= '0' && line.p[digits] <= '9')
		digits++;
	if (digits > 9 || !str_u64(str_sub(line, 0, digits), &count) || count == 0)
		return false;
	line = str_sub(line, digits, line.n);
	if (!str_take(&line, str_from(each_close)) || line.n != 2 || line.p[1] != ']' ||
		(*line.p != '+' && *line.p != '-'))
		return false;
	*n = (uint32_t)count;
	*sign = *line.p;
	return true;
}
