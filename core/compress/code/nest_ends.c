/* Nests of languages whose classes close by a word: by how far lines are indented. */
#include "core/compress/code/nest.h"

struct ends {
	struct lines lines;
	struct code_nest *nest;
	uint32_t *members; /* of each opener: the blanks before what stands in it */
	uint32_t open;     /* the innermost, as outer */
};

static size_t indent_of(str line)
{
	size_t n = 0;

	while (n < line.n && (line.p[n] == ' ' || line.p[n] == '\t'))
		n++;
	return n;
}

/* "class Name < Other", "module A::B", "class << self": in one line, and not closed there. */
static bool is_opener(str line)
{
	line = str_trim(line);
	if (!str_take(&line, STR("class ")) && !str_take(&line, STR("module ")))
		return false;
	return line.n && ((*line.p >= 'A' && *line.p <= 'Z') || *line.p == ':' || *line.p == '<') &&
	       str_find_byte(line, ';') == STR_NONE && !str_ends(line, STR(" end"));
}

static bool is_end(str line)
{
	line = str_trim(line);
	return str_take(&line, STR("end")) && (!line.n || *line.p == ' ' || *line.p == '#');
}

/* The blanks before the first line below that has something in it. */
static size_t members_of(struct lines lines, uint32_t opener)
{
	uint32_t i = opener + 1;

	while (i < lines.n && !str_trim(lines.v[i]).n)
		i++;
	return i < lines.n ? indent_of(lines.v[i]) : 0;
}

static void open_class(struct ends *e, uint32_t line)
{
	e->nest->v[e->nest->n] =
		(struct code_opener){.first = line, .line = line, .outer = e->open};
	e->members[e->nest->n++] = (uint32_t)members_of(e->lines, line);
	e->open = e->nest->n;
}

/* Lines that are indented otherwise are in something that is no class. */
static uint32_t around_of(const struct ends *e, str line)
{
	size_t members = e->open ? e->members[e->open - 1] : 0;

	return line.n && indent_of(line) == members ? e->open : NEST_OTHER;
}

bool code_nest_read_ends(struct lines lines, struct arena *a, struct code_nest *out)
{
	struct ends e = {lines, out, arena_array(a, uint32_t, lines.n + 1), 0};

	*out = (struct code_nest){.is_guess = true,
		.v = arena_array(a, struct code_opener, lines.n + 1),
		.around = arena_array(a, uint32_t, lines.n + 1)};
	for (uint32_t i = 0; i < lines.n; i++) {
		str line = lines.v[i];
		bool is_closed = e.open && is_end(line) &&
				 indent_of(line) == indent_of(lines.v[out->v[e.open - 1].line]);

		out->around[i] = around_of(&e, line);
		if (is_closed) {
			out->v[e.open - 1].last = i;
			e.open = out->v[e.open - 1].outer;
		} else if (is_opener(line)) {
			open_class(&e, i);
		}
	}
	return !e.open;
}
