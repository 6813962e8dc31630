#include "core/engine/outlines.h"

#include "core/base/buf.h"
#include "core/base/limits.h"
#include "core/compress/code/related.h"
#include "core/json/scan.h"

enum {
	/* Places that are kept, of one file: a trace has some dozen. */
	PLACES_MAX = 64,
	/* Between the name of a file and a number of a line: ':', "(", "\", line ". */
	PLACE_GAP_MAX = 12,
	/* Lines that a hunk may have; more is a new file. */
	HUNK_MAX = 400,
	/* Of what others are asked about: names, and how long they are. */
	RELATED_WORDS_MAX = 32,
	RELATED_NAME_MIN = 4,
	RELATED_NAME_MAX = 128,
	HUNK_HEAD_MAX = 32,  /* "12345,67 +12345,678 " */
	HUNK_LINE_MAX = 160, /* what git shows of the line behind it is shorter */
};

static str name_of_path(str path)
{
	size_t slash = str_rfind_byte(path, '/');

	return slash == STR_NONE ? path : str_sub(path, slash + 1, path.n);
}

/* The file of "cat FILE" or "cat -n FILE", perhaps behind "cd DIR &&"; empty when the command is anything else. */
static str file_of_cat(str command)
{
	size_t at = str_find(command, STR("&& "));
	str rest;

	command = str_trim(command);
	if (at != STR_NONE && str_starts(command, STR("cd ")))
		command = str_trim(str_sub(command, at + 3, command.n));
	if (!str_take(&command, STR("cat ")))
		return STR_NULL;
	rest = str_trim(command);
	(void)str_take(&rest, STR("-n "));
	rest = str_trim(rest);
	for (size_t i = 0; i < rest.n; i++)
		if (strchr(" \t\n|&;<>$`'\"*?(){}", rest.p[i]))
			return STR_NULL;
	return rest.n && *rest.p != '-' ? rest : STR_NULL;
}

/* The file that a call shows, writes or changes; empty when it is about none. */
static str file_of(const struct call *c)
{
	return c->kind == TOOL_FILE    ? c->path
	       : c->kind == TOOL_SHELL ? file_of_cat(c->command)
				       : STR_NULL;
}

static str literal_of(const struct pass *p, const struct wire_block *b)
{
	return span_str(p->doc->tape.doc, b->at);
}

/* True when an earlier call is about the same file, but for those that ask for some lines of it. */
static bool is_known_file(
	const struct pass *p, const struct wire_block *call, str path, struct arena *a)
{
	str name = name_of_path(path);

	for (const struct wire_block *b = p->doc->blocks; b < call; b++) {
		struct call other;
		str input = literal_of(p, b);

		if (b->kind != WIRE_TOOL_CALL || str_find(input, name) == STR_NONE)
			continue;
		call_read(b->tool, input, a, &other);
		if (str_eq(file_of(&other), path) && !call_names_lines(input, a))
			return true;
	}
	return false;
}

/* ---- what stays whole ---- */

static void add_place(struct buf *b, uint64_t line)
{
	buf_add_c(b, " @");
	buf_add_u64(b, line);
}

/* "@@ -40,7 +41,9 @@" further on, as JSON has it: the lines of that hunk. True when there is one. */
static bool add_hunk(struct buf *b, str rest)
{
	size_t at = str_find(rest, STR("@@ -")), plus;
	uint64_t first, n = 1;

	if (at == STR_NONE || at > PLACE_GAP_MAX)
		return false;
	plus = str_find(rest, STR(" +"));
	if (plus == STR_NONE)
		return false;
	rest = str_sub(rest, plus + 2, rest.n);
	if (!str_take_u64(&rest, UINT64_MAX, &first) ||
		(str_take(&rest, STR(",")) && !str_take_u64(&rest, UINT64_MAX, &n)) || n > HUNK_MAX)
		return false;
	for (uint64_t i = 0; i < n; i++)
		add_place(b, first + i);
	return true;
}

/* A number of a line near behind the name of a file: ":41", "(41,", "\", line 41". */
static bool add_line(struct buf *b, str rest)
{
	static const char *const ways[] = {":", "(", "\\\", line ", "\", line ", " line ", "#L"};
	uint64_t line;

	for (size_t i = 0; i < ARRAY_N(ways); i++) {
		str tail = rest;

		if (!str_take(&tail, str_from(ways[i])) || !str_take_u64(&tail, UINT64_MAX, &line))
			continue;
		add_place(b, line);
		return true;
	}
	return false;
}

/* The places of a file that a literal names. */
static void add_places(struct buf *b, str literal, str name, uint32_t *n)
{
	for (size_t at; *n < PLACES_MAX && (at = str_find(literal, name)) != STR_NONE;) {
		literal = str_sub(literal, at + name.n, literal.n);
		*n += add_line(b, literal) || add_hunk(b, literal);
	}
}

/* What the user and the tools have said of the file, and the words of the last question. */
static str focus_before(
	const struct pass *p, const struct wire_block *result, str path, str query, struct arena *a)
{
	uint32_t n = 0;
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	buf_add(&b, query);
	for (const struct wire_block *x = p->doc->blocks; x < result; x++)
		if ((x->kind == WIRE_TEXT && x->role != WIRE_SYSTEM) || x->kind == WIRE_TOOL_RESULT)
			add_places(&b, literal_of(p, x), name_of_path(path), &n);
	return buf_str(&b);
}

/* ---- what has to do with it ---- */

static bool is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

/* The name that s begins with. */
static str name_at(str s)
{
	size_t n = 0;

	while (n < s.n && is_name_byte(s.p[n]))
		n++;
	return n >= RELATED_NAME_MIN && n <= RELATED_NAME_MAX ? str_sub(s, 0, n) : STR_NULL;
}

/* True of "parse_head", "parseHead" and "fdopen(": no word of a language that people speak. */
static bool is_of_code(str name, str behind)
{
	bool has_hump = false;

	for (size_t i = 1; i < name.n; i++)
		has_hump |=
			name.p[i] == '_' || (name.p[i] >= 'A' && name.p[i] <= 'Z' &&
						    name.p[i - 1] >= 'a' && name.p[i - 1] <= 'z');
	return has_hump || str_starts(behind, STR("("));
}

static void add_word(struct buf *b, str name, uint32_t *n)
{
	if (!name.n || *n == RELATED_WORDS_MAX)
		return;
	++*n;
	buf_add_byte(b, ' ');
	buf_add(b, name);
}

/* Names in what the user asks. */
static void add_asked(struct buf *b, str question, uint32_t *n)
{
	for (size_t i = 0, end; i < question.n; i = end + (end == i)) {
		str rest = str_sub(question, i, question.n);

		for (end = i; end < question.n && is_name_byte(question.p[end]);)
			end++;
		if (name_at(rest).n == end - i &&
			is_of_code(name_at(rest), str_sub(question, end, question.n)))
			add_word(b, name_at(rest), n);
	}
}

/* "NAME" of "1,2 +3,4 @@ static int NAME(int x)", in one line of a literal. */
static str name_of_hunk(str rest)
{
	size_t at = str_find(rest, STR("@@ ")), open, from;

	if (at == STR_NONE || at > HUNK_HEAD_MAX)
		return STR_NULL;
	rest = str_sub(
		rest, at + 3, at + 3 + HUNK_LINE_MAX < rest.n ? at + 3 + HUNK_LINE_MAX : rest.n);
	at = str_find_byte(rest, '\\');
	rest = str_sub(rest, 0, at == STR_NONE ? rest.n : at);
	open = str_find_byte(rest, '(');
	if (open == STR_NONE)
		return STR_NULL;
	for (from = open; from && is_name_byte(rest.p[from - 1]);)
		from--;
	return name_at(str_sub(rest, from, open));
}

/* Functions in traces, "line 41, in NAME" and "at NAME (", and those that hunks of a diff are in, "@@ -1,2 +3,4 @@ int NAME(". */
static void add_traced(struct buf *b, str literal, uint32_t *n)
{
	static const char *const ways[] = {", in ", " at ", "@@ -"};

	for (size_t way = 0; way < ARRAY_N(ways); way++) {
		str rest = literal, name;

		for (size_t at; *n < RELATED_WORDS_MAX &&
				(at = str_find(rest, str_from(ways[way]))) != STR_NONE;) {
			rest = str_sub(rest, at + strlen(ways[way]), rest.n);
			name = way == 2 ? name_of_hunk(rest) : name_at(rest);
			if (way == 1 && !str_starts(str_sub(rest, name.n, rest.n), STR(" (")))
				continue;
			add_word(b, name, n);
		}
	}
}

/* The newest texts first, since what is asked is about them. */
static void add_related(const struct pass *p, const struct wire_block *result, str path,
	str question, struct arena *a, str *focus)
{
	const struct code_related *related = p->conf->related;
	uint32_t n = 0;
	struct buf words, b;

	if (!related || !p->store)
		return;
	buf_init_arena(&words, a, LIMIT_INPUT);
	add_asked(&words, question, &n);
	for (const struct wire_block *x = result; x-- > p->doc->blocks && n < RELATED_WORDS_MAX;)
		if ((x->kind == WIRE_TEXT && x->role != WIRE_SYSTEM) || x->kind == WIRE_TOOL_RESULT)
			add_traced(&words, literal_of(p, x), &n);
	buf_init_arena(&b, a, LIMIT_INPUT);
	buf_add(&b, *focus);
	related->find(related->self, path, buf_str(&words), &b);
	*focus = buf_str(&b);
}

/* ---- the whole ---- */

void outlines_find(const struct pass *p, const struct task *t, str route, struct arena *a,
	struct encode_outline *out)
{
	const struct wire_block *call;
	bool by_reading = p->conf->outlines_reads && t->call.kind == TOOL_FILE;
	str path = file_of(&t->call);

	*out = (struct encode_outline){0};
	/* a part of a document does not have all that came before */
	if (!p->chains || !t->block || t->block->call == WIRE_NO_CALL || t->is_lossless ||
		!path.n || !(by_reading || (p->conf->outlines_code && route.n)))
		return;
	call = &p->doc->blocks[t->block->call];
	if (call_names_lines(literal_of(p, call), a) || is_known_file(p, call, path, a))
		return;
	out->path = path;
	out->cache = p->cache ? engine_cache_outlines(p->cache) : NULL;
	out->route = by_reading ? arena_printf(a, STR_FMT " again, whole or by lines",
					  STR_ARG(t->call.tool))
				: route;
	out->focus = focus_before(p, t->block, path, t->question, a);
	add_related(p, t->block, path, t->question, a, &out->focus);
}
