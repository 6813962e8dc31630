/* random_list: lists of files as tools print them, made of a seed and nothing else, well-formed and not. For property
 * tests and measurements. */
#ifndef TESTS_UNIT_RANDOM_LIST_H
#define TESTS_UNIT_RANDOM_LIST_H

#include "tests/unit/random_text.h"

enum list_spelling {
	SPELL_FIND,
	SPELL_FILES,
	SPELL_DU,
	SPELL_WC,
	SPELL_STATUS,
	SPELL_LS,
	SPELL_LS_R,
	SPELL_TREE,
	SPELL_CELLS,
	SPELL_TAILS,
	SPELL_LISTS
};

struct list_maker {
	struct rng *r;
	struct buf *b;
	enum list_spelling spelling;
	unsigned drawing, left; /* entries that may still be made */
	unsigned cells;         /* which, before the paths */
	bool is_tame;           /* no odd names */
	char path[1024], signs[1024];
	size_t path_n, signs_n;
};

static inline size_t list_name(struct list_maker *m, char *out, size_t room, bool is_dir)
{
	static const char *const odd[] = {"a b", "x:", "-", "+5", "a.", ".git", "\"q\"", "größe",
		"[lines 1-3]", "M.=", "x=y", "a/", "..", "1.2", "tab\there", "b ", " c"};
	static const char *const dirs[] = {"src", "core", "lib", "tests", "a"};
	static const char *const ends[] = {".c", ".c", ".c", ".h", ".test.ts", "", ".md"};

	if (!m->is_tame && rng_once_in(m->r, 12))
		return (size_t)snprintf(out, room, "%s", RNG_PICK(m->r, odd));
	if (is_dir && rng_once_in(m->r, 4))
		return (size_t)snprintf(out, room, "node_modules");
	if (is_dir)
		return (size_t)snprintf(
			out, room, "%s%u", RNG_PICK(m->r, dirs), rng_below(m->r, 3));
	return (size_t)snprintf(out, room, "%s_%u%s", RNG_PICK(m->r, text_words),
		rng_below(m->r, 50), RNG_PICK(m->r, ends));
}

/* What git, sha256sum, wc and find print before a path; sometimes something else. */
static inline void list_cells(struct list_maker *m)
{
	static const char *const modes[] = {"100644", "100644", "100644", "100755"},
				 *const letters[] = {"M", "M", "M", "A", "D", "R100\told/x.c"},
				 *const odd[] = {"b= ", "^ ", "+5\t", "\"q\" ", "% ", "a,b ", "  ",
					 "", "1 2 3 4 5 6 7 8 9 10 11 12 13 "};
	unsigned digest = rng_below(m->r, 1u << 30);

	if (!m->is_tame && rng_once_in(m->r, 60))
		buf_add_c(m->b, RNG_PICK(m->r, odd));
	switch (m->cells) {
	case 0:
		buf_printf(m->b, "%s blob %08x\t", RNG_PICK(m->r, modes), digest);
		break;
	case 1:
		buf_printf(m->b, "%u\t%u\t", rng_below(m->r, 40), rng_below(m->r, 400));
		break;
	case 2:
		buf_printf(m->b, "%08x %s", digest, m->is_tame ? " " : "*");
		break;
	case 3:
		buf_printf(m->b, "%s\t", RNG_PICK(m->r, letters));
		break;
	case 4:
		buf_printf(m->b, "%5u %5u %6u ", rng_below(m->r, 999), rng_below(m->r, 200000),
			rng_below(m->r, 9999));
		break;
	default:
		buf_printf(m->b, "2026-07-0%u 11:%02u %u ", 1 + rng_below(m->r, 2),
			rng_below(m->r, 60), rng_below(m->r, 9999));
	}
}

/* What git diff --stat, find -printf, file and rg -c print behind a path. */
static inline void list_tail(struct list_maker *m)
{
	static const char *const graphs[] = {
		"+", "++-", "-", "", " +5", "^", "| 3 +", "Bin 0 -> 12 bytes"};
	unsigned odd = m->is_tame ? 0 : rng_below(m->r, 40);

	if (m->cells == 5)
		buf_printf(m->b, odd == 3 ? "%s :%u\n" : "%s:%u\n", m->path, rng_below(m->r, 99));
	else if (m->cells % 3 == 0)
		buf_printf(m->b, " %-*s | %*u %s\n", 30, m->path, odd == 1 ? 2 : 4,
			rng_below(m->r, 999), graphs[rng_below(m->r, odd ? ARRAY_N(graphs) : 3)]);
	else if (m->cells % 3 == 1)
		buf_printf(m->b, "%s %u\n", m->path, rng_below(m->r, 99999));
	else
		buf_printf(m->b, "%-40s %s%u kB\n", m->path, odd == 2 ? "  " : "",
			rng_below(m->r, 99));
}

static inline void list_line(struct list_maker *m, bool is_last)
{
	static const char *const tee[] = {"├── ", "├── ", "|-- "}, *const last[] = {
									   "└── ", "└── ", "`-- "};
	static const char *const status[] = {" M", "M ", "??", "A ", "MM"};
	const char *name = m->path;

	for (size_t i = 0; i + 1 < m->path_n; i++)
		if (m->path[i] == '/')
			name = m->path + i + 1;
	switch (m->spelling) {
	case SPELL_DU:
		buf_printf(m->b, "%u%s\t", rng_below(m->r, 999), rng_once_in(m->r, 3) ? "K" : "");
		break;
	case SPELL_WC:
		buf_printf(m->b, "%7u ", rng_below(m->r, 9999));
		break;
	case SPELL_STATUS:
		buf_printf(m->b, "%s ", RNG_PICK(m->r, status));
		break;
	case SPELL_TREE:
		buf_printf(m->b, "%.*s%s%s\n", (int)m->signs_n, m->signs,
			is_last ? last[m->drawing] : tee[m->drawing], name);
		return;
	case SPELL_LS:
		buf_printf(m->b, "%s\n", name);
		return;
	case SPELL_CELLS:
		list_cells(m);
		break;
	case SPELL_TAILS:
		list_tail(m);
		return;
	default:
		break;
	}
	buf_printf(m->b, "%s\n", m->path);
}

static inline void list_dir(struct list_maker *m, unsigned depth);

/* One entry below m->path, and what is in it. */
static inline void list_entry_of(struct list_maker *m, unsigned depth, bool is_dir, bool is_last)
{
	static const char *const more[] = {"│\xc2\xa0\xc2\xa0 ", "│   ", "|   "};
	size_t path_n = m->path_n, signs_n = m->signs_n;

	m->path_n += (size_t)snprintf(
		m->path + path_n, sizeof m->path - path_n, "%s", path_n ? "/" : "");
	m->path_n += list_name(m, m->path + m->path_n, sizeof m->path - m->path_n, is_dir);
	if (!(m->spelling == SPELL_FILES && is_dir) && m->spelling != SPELL_LS_R)
		list_line(m, is_last);
	if (is_dir) {
		m->signs_n += (size_t)snprintf(m->signs + signs_n, sizeof m->signs - signs_n, "%s",
			is_last ? "    " : more[m->drawing]);
		list_dir(m, depth + 1);
	}
	m->path_n = path_n;
	m->signs_n = signs_n;
	m->path[path_n] = '\0';
}

static inline void list_dir(struct list_maker *m, unsigned depth)
{
	unsigned n = 1 + rng_below(m->r, 12);
	bool is_dir[12];

	for (unsigned i = 0; i < n; i++)
		is_dir[i] = depth < 5 && rng_once_in(m->r, 4);
	if (m->spelling == SPELL_LS_R) {
		char name[64];

		buf_printf(m->b, "%s:\n", m->path_n ? m->path : ".");
		for (unsigned i = 0; i < n; i++) {
			(void)list_name(m, name, sizeof name, false);
			buf_printf(m->b, "%s\n", name);
		}
		buf_add_byte(m->b, '\n');
	}
	for (unsigned i = 0; i < n && m->left; i++) {
		m->left--;
		list_entry_of(m, depth, is_dir[i], i + 1 == n || !m->left);
	}
}

/* ls -l of some directories, as GNU and BSD print it; now and then cut off, so that columns are wider than they must be. */
static inline void add_long_list(struct list_maker *m)
{
	static const char *const modes[] = {"-rw-r--r--", "drwxr-xr-x", "-rwxr-xr-x", "lrwxrwxrwx"},
				 *const users[] = {"root", "me", "www-data"},
				 *const times[] = {"Jun  5 11:41", "Jun  5 11:42", "Mar 11  2024",
					 "Jul 17 03:07"},
				 *const odd[] = {"total 64", "src/core:", "", "12 x", "a b c", "=x",
					 "~ 2 5", "^ y", "ls: no such file", "b6 z"};
	unsigned gap = 1 + rng_below(m->r, 2), links = 1 + rng_below(m->r, 3),
		 size = 5 + rng_below(m->r, 3), users_n = 1 + rng_below(m->r, 3);
	bool is_iso = rng_once_in(m->r, 3);
	char name[64];

	for (; m->left; m->left--) {
		const char *user = users[rng_below(m->r, users_n)];

		if (rng_once_in(m->r, 12)) {
			buf_printf(m->b, "%s\n", RNG_PICK(m->r, odd));
			continue;
		}
		(void)list_name(m, name, sizeof name, false);
		buf_printf(m->b, "%s%s %*u %-*s%*s%-*s%*s%*u ", RNG_PICK(m->r, modes),
			gap == 2 && users_n == 2 ? "@" : "", (int)links, 1 + rng_below(m->r, 12),
			users_n > 2 ? 8 : 4, user, (int)gap, "", users_n > 2 ? 8 : 4, user,
			(int)gap, "", (int)size,
			rng_once_in(m->r, 3) ? 4096 : rng_below(m->r, 99999));
		if (is_iso)
			buf_printf(m->b, "2026-07-%02u 11:%02u ", 1 + rng_below(m->r, 2),
				rng_below(m->r, 3));
		else
			buf_printf(m->b, "%s ", RNG_PICK(m->r, times));
		buf_printf(m->b, "%s\n", name);
	}
}

/* Names in columns, as ls prints them to a terminal; sometimes not quite. */
static inline void add_columns_list(struct list_maker *m)
{
	static const char *const ends[] = {"", ".c", "/", ".test.ts", "-x"};
	unsigned cols = 2 + rng_below(m->r, 5), n = 12 + rng_below(m->r, 70), at = 0,
		 rows = (n + cols - 1) / cols, widths[6] = {0};
	bool is_across = rng_once_in(m->r, 3), has_tabs = !rng_once_in(m->r, 3);
	char names[82][32];

	for (unsigned i = 0; i < n; i++) {
		unsigned c = is_across ? i % cols : i / rows;
		size_t len = (size_t)snprintf(names[i], sizeof names[i], "%s%02u%.*s%s",
			m->is_tame ? "n" : "a_", i, (int)rng_below(m->r, 9), "long_name",
			m->is_tame ? RNG_PICK(m->r, ends) : "");

		widths[c] = len + 2 > widths[c] ? (unsigned)len + 2 : widths[c];
	}
	for (unsigned row = 0; row < rows; row++, at = 0) {
		unsigned from = 0;

		for (unsigned c = 0; c < cols; at += widths[c++]) {
			unsigned i = is_across ? row * cols + c : c * rows + row;

			if (i >= n)
				break;
			while (from < at) {
				bool is_tab = has_tabs && at / 8 > (from + 1) / 8;

				buf_add_byte(m->b, is_tab ? '\t' : ' ');
				from = is_tab ? (from / 8 + 1) * 8 : from + 1;
			}
			if (!m->is_tame && rng_once_in(m->r, 90))
				buf_add_byte(m->b, ' ');
			buf_add_c(m->b, names[i]);
			from += (unsigned)strlen(names[i]);
		}
		buf_add_byte(m->b, '\n');
	}
}

static inline void add_random_list(struct rng *r, struct buf *b)
{
	static const char *const roots[] = {"", "", ".", "/home/me/work", "src", "/"};
	struct list_maker m = {.r = r,
		.b = b,
		.spelling = rng_below(r, SPELL_LISTS),
		.drawing = rng_below(r, 3),
		.left = 5 + rng_below(r, 80),
		.cells = rng_below(r, 6),
		.is_tame = !rng_once_in(r, 3)};

	if (rng_once_in(r, 4))
		buf_add_c(b, "found these:\n");
	if (rng_once_in(r, 6))
		add_long_list(&m);
	if (rng_once_in(r, 9)) {
		add_columns_list(&m);
		return;
	}
	if (m.spelling != SPELL_TREE)
		m.path_n = (size_t)snprintf(m.path, sizeof m.path, "%s", RNG_PICK(r, roots));
	while (m.left)
		list_dir(&m, 0);
	if (rng_once_in(r, 4))
		buf_add_c(b, "\n12 directories, 40 files\n");
	if (b->n && rng_once_in(r, 4))
		b->n--;
}

#endif
