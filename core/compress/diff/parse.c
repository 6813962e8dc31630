#include "core/compress/diff/parse.h"

#include "core/base/check.h"

struct parse {
	str text;
	size_t at;
	struct arena *arena;
	struct diff_doc *doc;
};

static str rest_of(const struct parse *p)
{
	return str_sub(p->text, p->at, p->text.n);
}

static str peek_line(const struct parse *p)
{
	return diff_line(p->text, p->at);
}

/* A number of at most nine digits off the beginning of *s. */
static bool take_u32(str *s, uint32_t *out)
{
	size_t n = 0;
	uint32_t v = 0;

	while (n < s->n && n < 9 && s->p[n] >= '0' && s->p[n] <= '9')
		v = v * 10 + (uint32_t)(s->p[n++] - '0');
	*s = str_sub(*s, n, s->n);
	*out = v;
	return n > 0;
}

/* "12,3" or "12", which means "12,1". */
static bool take_range(str *s, uint32_t *from, uint32_t *n, bool *is_given)
{
	if (!take_u32(s, from))
		return false;
	*n = 1;
	*is_given = str_take(s, STR(","));
	return !*is_given || take_u32(s, n);
}

bool diff_range_parse(str s, struct diff_range *out, size_t *n, bool *is_bare)
{
	str rest = s;
	bool is_old, is_new;

	if (!str_take(&rest, STR("@@ -")) ||
		!take_range(&rest, &out->old_from, &out->old_n, &is_old) ||
		!str_take(&rest, STR(" +")) ||
		!take_range(&rest, &out->new_from, &out->new_n, &is_new) ||
		!str_take(&rest, STR(" @@")))
		return false;
	*n = s.n - rest.n;
	*is_bare = !is_old && !is_new;
	return true;
}

bool diff_is_plain_head(str s)
{
	static const char *const starts[] = {"--- ", "+++ ", "@@ -"};

	for (size_t i = 0; i < ARRAY_N(starts); i++) {
		if (!str_starts(s, (str){starts[i], 4}))
			return false;
		s = str_sub(s, diff_line(s, 0).n, s.n);
	}
	return true;
}

/* Lines "\ No newline at end of file" belong to the line before. */
static void take_notes(struct parse *p, struct diff_hunk *h)
{
	while (str_starts(rest_of(p), STR("\\ ")))
		p->at += peek_line(p).n;
	h->end = (uint32_t)p->at;
}

/* One line of an ordinary hunk; false when there is none. left: old and new lines that the header promises. */
static bool take_body_line(struct parse *p, struct diff_hunk *h, uint32_t left[2])
{
	str rest = rest_of(p);

	if (!rest.n)
		return false;
	switch (*rest.p) {
	case '+':
		if (!left[1])
			return false;
		left[1]--;
		h->added++;
		break;
	case '-':
		if (!left[0])
			return false;
		left[0]--;
		h->removed++;
		h->is_odd |= str_starts(rest, STR("--- "));
		break;
	case ' ':
	case '\r':
	case '\n':
		if (!left[0] || !left[1])
			return false;
		h->is_odd |= *rest.p != ' ';
		left[0]--;
		left[1]--;
		h->context++;
		break;
	case '\\':
		h->is_damaged |= p->at == h->body;
		break;
	default:
		return false;
	}
	p->at += diff_line(rest, 0).n;
	return true;
}

/* A hunk of an ordinary diff; false when there is none here. */
static bool take_hunk(struct parse *p, struct diff_hunk *h)
{
	uint32_t left[2];
	size_t n;
	bool is_bare;

	*h = (struct diff_hunk){.at = (uint32_t)p->at};
	if (!diff_range_parse(rest_of(p), &h->range, &n, &is_bare))
		return false;
	h->heading = (uint32_t)(p->at + n);
	p->at += peek_line(p).n;
	h->body = (uint32_t)p->at;
	left[0] = h->range.old_n;
	left[1] = h->range.new_n;
	while (left[0] || left[1]) {
		if (!take_body_line(p, h, left)) {
			h->is_damaged = true;
			break;
		}
	}
	take_notes(p, h);
	return true;
}

bool diff_sides_parse(str s, struct diff_sides *out, size_t *n)
{
	size_t signs = 0;
	str rest;
	bool is_given;

	while (signs < s.n && signs <= DIFF_SIDES_MAX && s.p[signs] == '@')
		signs++;
	if (signs < 3 || signs > DIFF_SIDES_MAX)
		return false;
	out->n = signs;
	rest = str_sub(s, signs, s.n);
	for (size_t i = 0; i < signs; i++)
		if (!str_take(&rest, i + 1 < signs ? STR(" -") : STR(" +")) ||
			!take_range(&rest, &out->from[i], &out->lines[i], &is_given))
			return false;
	if (!str_take(&rest, STR(" ")) || !str_starts(rest, str_sub(s, 0, signs)))
		return false;
	*n = s.n - rest.n + signs;
	return true;
}

void diff_sides_of(const struct diff_doc *d, const struct diff_hunk *h, struct diff_sides *out)
{
	const struct diff_range *r = &h->range;
	size_t n;

	if (h->is_combined && diff_sides_parse(str_sub(d->text, h->at, h->end), out, &n))
		return;
	*out = (struct diff_sides){2, {r->old_from, r->new_from}, {r->old_n, r->new_n}};
}

/* One line of a hunk of a merge: a column for each parent. */
static bool take_combined_line(
	struct parse *p, struct diff_hunk *h, size_t parents, uint32_t left[DIFF_SIDES_MAX])
{
	str line = diff_chomp(peek_line(p));
	bool is_minus = false, is_plus = false;

	if (str_starts(line, STR("\\ "))) {
		p->at += peek_line(p).n;
		return true;
	}
	if (line.n < parents)
		return false;
	for (size_t i = 0; i < parents; i++) {
		if (!strchr(" +-", line.p[i]) || !line.p[i])
			return false;
		is_minus |= line.p[i] == '-';
		is_plus |= line.p[i] == '+';
	}
	for (size_t i = 0; i < parents; i++) {
		if (line.p[i] != (is_minus ? '-' : ' '))
			continue;
		if (!left[i]--)
			return false;
	}
	if (!is_minus && !left[parents]--)
		return false;
	h->removed += is_minus;
	h->added += is_plus && !is_minus;
	h->context += !is_plus && !is_minus;
	p->at += peek_line(p).n;
	return true;
}

static bool take_combined(struct parse *p, struct diff_hunk *h)
{
	struct diff_sides left;
	size_t most, n;

	*h = (struct diff_hunk){.at = (uint32_t)p->at, .is_combined = true};
	if (!diff_sides_parse(rest_of(p), &left, &n))
		return false;
	h->heading = (uint32_t)(p->at + n);
	p->at += peek_line(p).n;
	h->body = (uint32_t)p->at;
	for (;;) {
		most = 0;
		for (size_t i = 0; i < left.n; i++)
			most |= left.lines[i];
		if (!most)
			break;
		if (p->at >= p->text.n || !take_combined_line(p, h, left.n - 1, left.lines)) {
			h->is_damaged = true;
			break;
		}
	}
	take_notes(p, h);
	return true;
}

/* Lines of a header that hold a value. */
static const struct {
	const char *prefix;
	size_t at;
	enum diff_what what; /* DIFF_CHANGED: says nothing about that */
} fields[] = {
	{"old mode ", offsetof(struct diff_file, old_mode), DIFF_CHANGED},
	{"new mode ", offsetof(struct diff_file, mode), DIFF_CHANGED},
	{"mode ", offsetof(struct diff_file, mode), DIFF_CHANGED}, /* of a merge */
	{"new file mode ", offsetof(struct diff_file, mode), DIFF_NEW},
	{"deleted file mode ", offsetof(struct diff_file, mode), DIFF_DELETED},
	{"similarity index ", offsetof(struct diff_file, percent), DIFF_CHANGED},
	{"dissimilarity index ", offsetof(struct diff_file, percent), DIFF_CHANGED},
	{"rename from ", offsetof(struct diff_file, rename_from), DIFF_RENAMED},
	{"rename to ", offsetof(struct diff_file, rename_to), DIFF_RENAMED},
	{"copy from ", offsetof(struct diff_file, rename_from), DIFF_COPIED},
	{"copy to ", offsetof(struct diff_file, rename_to), DIFF_COPIED},
};

static bool take_field(struct diff_file *f, str line)
{
	for (size_t i = 0; i < ARRAY_N(fields); i++) {
		str prefix = str_from(fields[i].prefix);

		if (!str_starts(line, prefix))
			continue;
		*(str *)((char *)f + fields[i].at) = str_sub(line, prefix.n, line.n);
		if (fields[i].what != DIFF_CHANGED)
			f->what = fields[i].what;
		return true;
	}
	return false;
}

/* "index 2050a18..0b81fb0 100644". */
static bool take_index(struct diff_file *f, str line)
{
	size_t dots, blank;

	if (!str_take(&line, STR("index ")))
		return false;
	dots = str_find(line, STR(".."));
	if (dots == STR_NONE)
		return false;
	f->old_hash = str_sub(line, 0, dots);
	f->hash = str_sub(line, dots + 2, line.n);
	blank = str_find_byte(f->hash, ' ');
	if (blank != STR_NONE) {
		f->index_mode = str_sub(f->hash, blank + 1, f->hash.n);
		f->hash.n = blank;
	}
	return true;
}

/* The two blocks of a "GIT binary patch", each up to an empty line. */
static void take_binary_patch(struct parse *p)
{
	for (int blocks = 0; blocks < 2; blocks++) {
		str rest = rest_of(p);

		if (!str_starts(rest, STR("literal ")) && !str_starts(rest, STR("delta ")))
			return;
		while (p->at < p->text.n) {
			str line = peek_line(p);

			p->at += line.n;
			if (!diff_chomp(line).n)
				break;
		}
	}
}

/* "--- a/x" and "+++ b/x". */
static bool take_names(struct parse *p, struct diff_file *f)
{
	str minus = peek_line(p), plus;

	if (!str_starts(minus, STR("--- ")) || p->at + minus.n >= p->text.n)
		return false;
	plus = diff_line(p->text, p->at + minus.n);
	if (!str_starts(plus, STR("+++ ")))
		return false;
	p->at += minus.n + plus.n;
	minus = diff_chomp(minus);
	plus = diff_chomp(plus);
	f->minus = str_sub(minus, 4, minus.n);
	f->plus = str_sub(plus, 4, plus.n);
	return true;
}

/* The lines behind "diff --git ..." up to the first hunk. */
static void take_git_header(struct parse *p, struct diff_file *f)
{
	while (p->at < p->text.n) {
		str line = diff_chomp(peek_line(p));

		if (take_names(p, f))
			return;
		if (str_starts(line, STR("Binary files ")) ||
			str_eq(line, STR("GIT binary patch"))) {
			f->is_binary = true;
			f->binary_at = (uint32_t)p->at;
			p->at += peek_line(p).n;
			if (*line.p == 'G')
				take_binary_patch(p);
			return;
		}
		if (!take_field(f, line) && !take_index(f, line))
			return;
		p->at += peek_line(p).n;
	}
}

static bool is_dev_null(str name)
{
	return str_eq(name, STR("/dev/null"));
}

/* A name as it stands behind "--- ": without what follows a tab, and quotes. */
static str bare_name(str s)
{
	size_t tab = str_find_byte(s, '\t');

	if (tab != STR_NONE)
		s.n = tab;
	if (s.n > 1 && *s.p == '"' && s.p[s.n - 1] == '"')
		s = str_sub(s, 1, s.n - 1);
	return s;
}

/* Takes "a/" and "b/", or git's mnemonic prefixes, off a pair of names. */
static void strip_prefixes(str *old, str *new)
{
	static const char pairs[][3] = {"ab", "iw", "ci", "cw", "ow", "12"};
	char o = old->n > 2 && old->p[1] == '/' ? *old->p : 0;
	char n = new->n > 2 && new->p[1] == '/' ? *new->p : 0;

	for (size_t i = 0; i < ARRAY_N(pairs); i++) {
		bool is_old = o == pairs[i][0], is_new = n == pairs[i][1];

		if ((is_old && is_new) || (is_old && is_dev_null(*new)) ||
			(is_new && is_dev_null(*old))) {
			*old = is_old ? str_sub(*old, 2, old->n) : *old;
			*new = is_new ? str_sub(*new, 2, new->n) : *new;
			return;
		}
	}
}

/* Both halves of "a/x b/x", which are of one length unless the file was renamed. */
static void split_git_line(str s, str *old, str *new)
{
	size_t half = s.n / 2;

	if (s.n % 2 == 0 || s.p[half] != ' ') {
		*old = *new = s;
		return;
	}
	*old = bare_name(str_sub(s, 0, half));
	*new = bare_name(str_sub(s, half + 1, s.n));
}

static void name_file(struct diff_file *f)
{
	if (f->rename_from.n && f->rename_to.n) {
		f->old_name = bare_name(f->rename_from);
		f->name = bare_name(f->rename_to);
		return;
	}
	if (f->minus.n || f->plus.n) {
		f->old_name = bare_name(f->minus);
		f->name = bare_name(f->plus);
		if (is_dev_null(f->old_name) && f->what == DIFF_CHANGED)
			f->what = DIFF_NEW;
		if (is_dev_null(f->name) && f->what == DIFF_CHANGED)
			f->what = DIFF_DELETED;
	} else if (f->form == DIFF_GIT) {
		split_git_line(f->git_line, &f->old_name, &f->name);
	} else {
		f->old_name = f->name = f->git_line;
	}
	strip_prefixes(&f->old_name, &f->name);
	if (is_dev_null(f->name))
		f->name = f->old_name;
	if (is_dev_null(f->old_name))
		f->old_name = f->name;
}

bool diff_is_prelude(str line)
{
	return str_starts(line, STR("Index: ")) || str_starts(line, STR("====")) ||
	       (str_starts(line, STR("diff -")) && !str_starts(line, STR("diff --")));
}

/* A file begins with these lines when its names follow. */
static bool take_prelude(struct parse *p, struct diff_file *f)
{
	size_t at = p->at;

	for (int lines = 0; lines < 4 && p->at < p->text.n; lines++) {
		str line = peek_line(p);

		if (take_names(p, f))
			return true;
		if (!diff_is_prelude(line))
			break;
		p->at += line.n;
	}
	p->at = at;
	return false;
}

/* The header of a file; false (and nothing is taken) when none begins here. */
static bool take_header(struct parse *p, struct diff_file *f)
{
	static const struct {
		const char *word;
		enum diff_form form;
	} heads[] = {{"diff --git ", DIFF_GIT}, {"diff --cc ", DIFF_COMBINED},
		{"diff --combined ", DIFF_COMBINED}};
	str rest = rest_of(p), line;

	*f = (struct diff_file){.at = (uint32_t)p->at, .form = DIFF_PLAIN};
	if (*rest.p == '-')
		return diff_is_plain_head(rest) && take_names(p, f);
	for (size_t i = 0; i < ARRAY_N(heads); i++) {
		str word = str_from(heads[i].word);

		if (!str_starts(rest, word))
			continue;
		line = diff_chomp(peek_line(p));
		f->form = heads[i].form;
		f->git_line = str_sub(line, word.n, line.n);
		if (!f->git_line.n)
			return false;
		p->at += peek_line(p).n;
		take_git_header(p, f);
		return true;
	}
	return take_prelude(p, f);
}

static void take_hunks(struct parse *p, struct diff_file *f)
{
	struct diff_hunk h;

	f->hunk_first = (uint32_t)p->doc->hunks.n;
	while (p->at + 2 < p->text.n && p->text.p[p->at] == '@') {
		bool is_combined = p->text.p[p->at + 2] == '@';

		if (is_combined ? !take_combined(p, &h) : !take_hunk(p, &h))
			break;
		f->added += h.added;
		f->removed += h.removed;
		*vec_push(&p->doc->hunks, p->arena) = h;
		f->hunk_n++;
		if (h.is_damaged)
			break;
	}
	f->end = (uint32_t)p->at;
}

struct diff_doc diff_parse(str text, struct arena *a)
{
	struct diff_doc doc = {.text = text};
	struct parse p = {text, 0, a, &doc};
	struct diff_file f;

	ASSERT(text.n < UINT32_MAX);
	while (p.at < text.n) {
		char c = text.p[p.at];

		if ((c != 'd' && c != '-' && c != 'I') || !take_header(&p, &f)) {
			p.at += peek_line(&p).n;
			continue;
		}
		f.hunks_at = (uint32_t)p.at;
		if (!f.is_binary)
			take_hunks(&p, &f);
		f.end = (uint32_t)p.at;
		name_file(&f);
		*vec_push(&doc.files, a) = f;
	}
	return doc;
}
