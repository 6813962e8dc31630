#include "learn/command.h"

#include "core/base/buf.h"
#include "learn/text.h"

/* ---- words ------------------------------------------------------------------------------------------ */

/* The end of what begins at s.p[at]: a quoted text, an escape, a substitution, or one byte. */
static size_t unit_end(str s, size_t at)
{
	char c = s.p[at];
	unsigned depth = 1;

	if (c == '\\')
		return at + 2 < s.n ? at + 2 : s.n;
	if (c == '$' && at + 1 < s.n && s.p[at + 1] == '(') {
		for (at += 2; at < s.n && depth; at++)
			depth += s.p[at] == '(' ? 1 : s.p[at] == ')' ? -1u : 0;
		return at;
	}
	if (c != '\'' && c != '"' && c != '`')
		return at + 1;
	for (at++; at < s.n && s.p[at] != c; at++)
		if (s.p[at] == '\\' && c == '"')
			at++;
	return at < s.n ? at + 1 : s.n;
}

static str without_quotes(str w)
{
	if (w.n >= 2 && (w.p[0] == '"' || w.p[0] == '\'') && w.p[w.n - 1] == w.p[0])
		return str_sub(w, 1, w.n - 1);
	return w;
}

static bool is_assignment(str w)
{
	size_t at = str_find_byte(w, '=');

	if (at == STR_NONE || !at || (w.p[0] >= '0' && w.p[0] <= '9'))
		return false;
	for (size_t i = 0; i < at; i++)
		if (!text_is_word(w.p[i]))
			return false;
	return true;
}

static void add_word(struct command_part *p, str w)
{
	if (!p->words_n && is_assignment(w)) {
		p->assigned = p->assigned.p
				      ? (str){p->assigned.p, (size_t)(w.p + w.n - p->assigned.p)}
				      : w;
		return;
	}
	if (!p->words_n)
		p->text.p = w.p;
	p->text.n = (size_t)(w.p + w.n - p->text.p);
	if (p->words_n < COMMAND_WORDS_MAX)
		p->words[p->words_n++] = without_quotes(w);
}

/* ---- parts ------------------------------------------------------------------------------------------- */

/* The separator at s.p[at], its length in *n; 0: none. */
static char separator(str s, size_t at, size_t *n)
{
	char c = s.p[at], next = at + 1 < s.n ? s.p[at + 1] : 0;

	*n = 1;
	if (c == ';' || c == '\n')
		return ';';
	if (c == '|') {
		*n = next == '|' ? 2 : 1;
		return next == '|' ? 'o' : '|';
	}
	if (c != '&' || (at && (s.p[at - 1] == '>' || s.p[at - 1] == '<')) || next == '>')
		return 0; /* of "2>&1", "&>" */
	*n = next == '&' ? 2 : 1;
	return next == '&' ? '&' : 'b';
}

static bool cut(str line, struct command *c)
{
	struct command_part *p = NULL;
	size_t at = 0, start, n;
	char sep = 0, s;

	while (at < line.n) {
		if (text_is_space(line.p[at]) && line.p[at] != '\n') {
			at++;
			continue;
		}
		s = separator(line, at, &n);
		if (s) {
			sep = s;
			p = NULL;
			at += n;
			continue;
		}
		if (!p) {
			if (c->parts_n == COMMAND_PARTS_MAX)
				return false;
			p = &c->parts[c->parts_n++];
			*p = (struct command_part){.before = sep};
		}
		for (start = at;
			at < line.n && !text_is_space(line.p[at]) && !separator(line, at, &n);)
			at = unit_end(line, at);
		add_word(p, str_sub(line, start, at));
	}
	return c->parts_n > 0;
}

/* What only prepares: it is passed over on the way to the program that the line is about. */
static bool prepares(const struct command_part *p, struct command *c)
{
	static const char *const WORDS[] = {
		"sleep", "set", "export", "echo", "clear", "pwd", "mkdir", "true", "unset"};
	str program = p->words_n ? p->words[0] : STR_NULL;

	if (!p->words_n)
		return true;
	if (str_eq_c(program, "cd") && p->words_n == 2 && !c->dir.n) {
		c->dir = p->words[1];
		return true;
	}
	if ((str_eq_c(program, "source") || str_eq_c(program, ".")) && p->words_n == 2) {
		if (str_ends(p->words[1], STR("activate")))
			c->activate = p->text;
		return true;
	}
	for (size_t i = 0; i < ARRAY_N(WORDS); i++)
		if (str_eq_c(program, WORDS[i]))
			return true;
	return false;
}

/* "timeout 60 X", "time X": X. */
static void drop_wrapper(struct command_part *p)
{
	uint32_t n = 0;

	if (str_eq_c(p->words[0], "time") || str_eq_c(p->words[0], "nohup"))
		n = 1;
	else if (str_eq_c(p->words[0], "timeout") && p->words_n > 2)
		n = 2;
	if (!n || n >= p->words_n)
		return;
	p->text = (str){p->words[n].p, (size_t)(p->text.p + p->text.n - p->words[n].p)};
	p->words_n -= n;
	memmove(p->words, p->words + n, p->words_n * sizeof *p->words);
}

/* "| head -50", "| tail -n 5", "|| true": how much of it was to be seen, and not what. */
static bool only_shows(const struct command_part *p)
{
	static const char *const WORDS[] = {"head", "tail", "cat", "less", "true", "wc"};

	if ((p->before != '|' && p->before != 'o') || !p->words_n)
		return false;
	for (size_t i = 0; i < ARRAY_N(WORDS); i++)
		if (str_eq_c(p->words[0], WORDS[i]))
			return p->words_n <= 3;
	return false;
}

static bool is_redirection(str w)
{
	static const char *const WORDS[] = {"2>&1", "2>/dev/null", ">/dev/null", "&>/dev/null"};

	for (size_t i = 0; i < ARRAY_N(WORDS); i++)
		if (str_eq_c(w, WORDS[i]))
			return true;
	return false;
}

static void add_core(struct command *c, uint32_t end, struct arena *a, str line)
{
	static const char *const SEPARATORS[] = {
		['&'] = " && ", ['|'] = " | ", ['o'] = " || ", [';'] = "; ", ['b'] = " & "};
	struct buf b;

	buf_init_arena(&b, a, line.n * 3 + 16);
	for (uint32_t i = c->main; i < end; i++) {
		const struct command_part *p = &c->parts[i];
		size_t at = 0;

		if (i > c->main)
			buf_add_c(&b, SEPARATORS[(unsigned char)p->before]);
		if (p->assigned.n && i > c->main) {
			buf_add(&b, p->assigned);
			buf_add_byte(&b, ' ');
		}
		while (at < p->text.n) {
			size_t start = at;

			while (at < p->text.n && !text_is_space(p->text.p[at]))
				at = unit_end(p->text, at);
			if (at > start && !is_redirection(str_sub(p->text, start, at))) {
				if (start)
					buf_add_byte(&b, ' ');
				buf_add(&b, str_sub(p->text, start, at));
			}
			while (at < p->text.n && text_is_space(p->text.p[at]))
				at++;
		}
	}
	c->core = buf_str(&b);
}

bool command_parse(str line, struct arena *a, struct command *out)
{
	static const char *const COMPOUND[] = {
		"for", "while", "if", "case", "function", "{", "(", "["};
	uint32_t end;
	str program;

	out->parts_n = out->main = 0;
	out->dir = out->activate = out->core = STR_NULL;
	if (!cut(str_trim(line), out))
		return false;
	while (out->main + 1 < out->parts_n && prepares(&out->parts[out->main], out))
		out->main++;
	if (!out->parts[out->main].words_n)
		return false;
	drop_wrapper(&out->parts[out->main]);
	for (end = out->parts_n; end > out->main + 1 && only_shows(&out->parts[end - 1]);)
		end--;
	add_core(out, end, a, line);
	program = command_program(out);
	out->is_plain = end == out->main + 1 && str_find(out->core, STR("$(")) == STR_NONE &&
			str_find_byte(out->core, '`') == STR_NONE &&
			str_find(out->core, STR("<<")) == STR_NONE &&
			str_find_byte(out->core, '\n') == STR_NONE && out->core.n;
	for (size_t i = 0; i < ARRAY_N(COMPOUND); i++)
		out->is_plain &= !str_eq_c(program, COMPOUND[i]);
	return out->core.n > 0;
}

/* ---- two commands ------------------------------------------------------------------------------------- */

bool command_runs(const struct command *c, str name)
{
	for (uint32_t i = 0; i < c->parts_n; i++)
		if (c->parts[i].words_n && str_eq(text_base(c->parts[i].words[0]), name))
			return true;
	return false;
}

static bool has_word(const struct command_part *p, str w)
{
	for (uint32_t i = 1; i < p->words_n; i++)
		if (str_eq(p->words[i], w))
			return true;
	return false;
}

/* Into a file, and not only away or into another stream. */
static bool writes_file(str text)
{
	for (size_t at = 0; at + 1 < text.n; at++) {
		str to;

		if (text.p[at] != '>' || (at && strchr("-=<", text.p[at - 1])))
			continue;
		to = str_trim(str_sub(text, at + 1 + (text.p[at + 1] == '>'), text.n));
		if (to.n && to.p[0] != '&' && !str_starts(to, STR("/dev/null")) && to.p[0] != '=')
			return true;
	}
	return false;
}

bool command_changes(const struct command *c)
{
	static const char *const PROGRAMS[] = {"mv", "cp", "rm", "mkdir", "touch", "tee", "patch",
		"ln", "chmod", "git", "docker", "docker-compose", "kill", "pkill", "export",
		"unzip", "tar"};
	static const char *const WORDS[] = {
		"install", "add", "sync", "ci", "-i", "--fix", "--write", "migrate"};

	for (uint32_t i = 0; i < c->parts_n; i++) {
		const struct command_part *p = &c->parts[i];

		if (!p->words_n)
			continue;
		for (size_t k = 0; k < ARRAY_N(PROGRAMS); k++)
			if (str_eq_c(text_base(p->words[0]), PROGRAMS[k]))
				return true;
		for (size_t k = 0; k < ARRAY_N(WORDS); k++)
			if (has_word(p, str_from(WORDS[k])))
				return true;
		if (writes_file(p->text))
			return true;
	}
	return false;
}

static bool programs_match(str a, str b)
{
	size_t shorter;

	a = text_base(a);
	b = text_base(b);
	shorter = a.n < b.n ? a.n : b.n;
	return shorter && str_common_prefix(a, b) == shorter && a.n + b.n - 2 * shorter <= 2;
}

bool command_is_related(const struct command *failed, const struct command *worked)
{
	enum { WORD_MIN = 5 }; /* shorter ones are shared by chance */
	const struct command_part *f = command_main(failed), *w = command_main(worked);
	size_t longer = failed->core.n > worked->core.n ? failed->core.n : worked->core.n;
	str wrong, right;

	if (command_replacement(failed, worked, &wrong, &right))
		return true;
	if (!programs_match(f->words[0], w->words[0]))
		return false;
	if (text_distance(failed->core, worked->core) * 5 <= longer * 2)
		return true;
	for (uint32_t i = 1; i < f->words_n; i++)
		if (f->words[i].n >= WORD_MIN && f->words[i].p[0] != '-' &&
			has_word(w, f->words[i]))
			return true;
	return false;
}

/* Programs that are called the same way. */
static bool are_alternatives(str a, str b)
{
	static const char *const GROUPS[] = {"python python3 python2 py", "pip pip3",
		"npm pnpm yarn bun", "npx pnpx bunx", "make gmake ninja", "sed gsed", "awk gawk",
		"docker podman nerdctl", "docker-compose docker", "node nodejs bun", "fd fdfind",
		"bat batcat", "vi vim nvim", "gradle gradlew", "mvn mvnw"};

	a = text_base(a);
	b = text_base(b);
	for (size_t i = 0; i < ARRAY_N(GROUPS); i++) {
		str rest = str_from(GROUPS[i]), w;
		int found = 0;

		while (str_split(&rest, ' ', &w))
			found += str_eq(w, a) || str_eq(w, b);
		if (found == 2)
			return true;
	}
	return programs_match(a, b);
}

bool command_replacement(
	const struct command *failed, const struct command *worked, str *wrong, str *right)
{
	const struct command_part *f = command_main(failed), *w = command_main(worked);
	const str *last;
	uint32_t same = 0;

	if (f->words_n == COMMAND_WORDS_MAX || w->words_n == COMMAND_WORDS_MAX)
		return false; /* there are more */
	while (same < f->words_n && same < w->words_n &&
		str_eq(f->words[f->words_n - 1 - same], w->words[w->words_n - 1 - same]))
		same++;
	if (same == w->words_n || same + 1 < f->words_n)
		return false;
	/* All of it within the other, "pytest -q" in "uv run pytest -q"; or another program for the same words. */
	last = &w->words[same == f->words_n ? w->words_n - same : w->words_n - 1 - same];
	if (same < f->words_n && !are_alternatives(f->words[0], w->words[0]))
		return false;
	*wrong = f->words[0];
	*right = (str){w->text.p, (size_t)(last->p + last->n - w->text.p)};
	return true;
}
