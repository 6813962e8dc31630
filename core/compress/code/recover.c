#include "core/compress/code/recover.h"

#include "core/base/buf.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/compress/code/macro.h"

enum {
	CLASSES_MAX = 6, /* within one another, read by their members */
	/* Of fewer lines none is left out: a body's first and last one are not, nor are those of a short comment (outline.c). */
	BODY_LINES_MIN = 3,
	COMMENT_LINES_MIN = 5,
};

static const str class_begin = {"struct A {\n", 11}, class_end = {"\n};\n", 4};

struct recovery {
	struct code_outliner *outliner;
	struct arena *arena;
	str source;
	struct lines lines;
	struct macro_tokens tokens;
	struct code_outline *out;
};

/* ---- one region ---- */

/* A name in a copy of a region, as it stands in the whole. copy: where the region begins in the copy. */
static str name_in_whole(
	const struct recovery *r, const struct code_region *at, str name, const char *copy)
{
	size_t from;

	if (!name.n)
		return STR_NULL;
	from = at->start + (size_t)(name.p - copy);
	return str_sub(r->source, from, from + name.n);
}

/* The definitions of a region are those of the whole: where they stand is not. skip: lines before it. False: there are more than lines. */
static bool add_definitions(struct recovery *r, const struct code_outline *part,
	const struct code_region *at, uint32_t skip, const char *copy)
{
	for (uint32_t i = 0; i < part->n; i++) {
		struct code_definition d = part->v[i];

		if (d.first < skip)
			continue;
		d.first += at->first - skip;
		d.last += at->first - skip;
		d.body += at->first - skip;
		d.name = name_in_whole(r, at, d.name, copy);
		if (r->out->n == r->lines.n)
			return false;
		r->out->v[r->out->n++] = d;
	}
	return true;
}

static str framed(const struct recovery *r, str text)
{
	struct buf b;

	buf_init_arena(&b, r->arena, LIMIT_INPUT);
	buf_add(&b, class_begin);
	buf_add(&b, text);
	buf_add(&b, class_end);
	return buf_str(&b);
}

static str source_of(const struct recovery *r, const struct code_region *at)
{
	return str_sub(r->source, at->start, at->end);
}

/* Reads the lines of a region; between those of a class where it is a member of one. */
static bool read_text(
	struct recovery *r, const struct code_region *at, str source, str parsed, bool in_class)
{
	uint32_t n = at->next - at->first, skip = in_class ? 1 : 0;
	struct lines lines = {r->lines.v + at->first, n};
	struct code_outline part;

	if (in_class) {
		bool is_same = parsed.p == source.p;

		source = framed(r, source);
		parsed = is_same ? source : framed(r, parsed);
		lines = lines_split(r->arena, source);
	}
	part = (struct code_outline){.is_hidden = arena_array(r->arena, bool, lines.n),
		.v = arena_array(r->arena, struct code_definition, lines.n)};
	if (!code_outline_clean(r->outliner, parsed, source, lines, &part))
		return false;
	memcpy(r->out->is_hidden + at->first, part.is_hidden + skip, n * sizeof(bool));
	return add_definitions(r, &part, at, skip, source.p + (in_class ? class_begin.n : 0));
}

static void read_regions(struct recovery *r, const struct code_regions *all, uint32_t depth);

/* A class by what stands before its bracket, and by its members. */
static void read_class(struct recovery *r, const struct code_region *at, str masked, uint32_t depth)
{
	const struct macro_token *open = &r->tokens.v[at->open];
	struct code_regions members;
	struct code_region head = *at;
	uint32_t n = r->out->n;
	str text, parsed;

	if (depth >= CLASSES_MAX || !code_regions_find(r->source, r->tokens, at->open + 1,
					    at->close, true, r->arena, &members))
		return;
	head.end = open->end;
	head.next = open->line + 1;
	text = arena_printf(r->arena, STR_FMT "};", STR_ARG(source_of(r, &head)));
	parsed = arena_printf(
		r->arena, STR_FMT "};", STR_ARG(str_sub(masked, 0, head.end - head.start)));
	if (read_text(r, &head, text, parsed, depth > 0) && r->out->n > n) {
		r->out->v[n].last = r->tokens.v[at->close].line;
		r->out->v[n].body = r->out->v[n].last + 1;
	}
	read_regions(r, &members, depth + 1);
}

/* True when there is something that could be left out: a body, or a long comment. */
static bool may_hide(const struct recovery *r, const struct code_region *at)
{
	uint32_t lines = at->next - at->first;
	bool has_comment = false;

	if (lines < BODY_LINES_MIN)
		return false;
	for (uint32_t i = at->from; i < at->to; i++) {
		const struct macro_token *t = &r->tokens.v[i];

		if (macro_is(t, '{'))
			return true;
		has_comment |= t->kind == MACRO_COMMENT;
	}
	return has_comment && lines >= COMMENT_LINES_MIN;
}

/* Of what is not understood the comments are: they are no less comments. */
static void read_comments(struct recovery *r, const struct code_region *at)
{
	str source = source_of(r, at);
	char *p = arena_alloc(r->arena, source.n + 1, 1);
	uint32_t n = 0;

	for (uint32_t i = 0; i < source.n; i++)
		p[i] = source.p[i] == '\n' ? '\n' : ' ';
	for (uint32_t i = at->from; i < at->to; i++) {
		const struct macro_token *t = &r->tokens.v[i];

		if (t->kind != MACRO_COMMENT)
			continue;
		memcpy(p + t->start - at->start, r->source.p + t->start, t->end - t->start);
		n++;
	}
	if (n)
		(void)!read_text(r, at, source, (str){p, source.n}, false);
}

/* With blanks first: most regions have macros, and what is blank need not be read. */
static void read_region(struct recovery *r, const struct code_region *at, uint32_t depth)
{
	str source = source_of(r, at), masked;

	if (!may_hide(r, at))
		return;
	masked = code_macro_mask(r->source, r->tokens, at, r->arena);
	if (read_text(r, at, source, masked, depth > 0) ||
		read_text(r, at, source, source, depth > 0))
		return;
	if (at->close)
		read_class(r, at, masked, depth);
	else
		read_comments(r, at);
}

static void read_regions(struct recovery *r, const struct code_regions *all, uint32_t depth)
{
	for (uint32_t i = 0; i < all->n; i++)
		read_region(r, &all->v[i], depth);
}

/* ---- the whole ---- */

bool code_recover(struct code_outliner *o, str source, struct lines lines, struct code_outline *out)
{
	struct recovery r = {.outliner = o,
		.arena = code_outliner_arena(o),
		.source = source,
		.lines = lines,
		.out = out};
	struct code_regions all;

	r.tokens = macro_lex(source, r.arena);
	if (r.tokens.is_open ||
		!code_regions_find(source, r.tokens, 0, r.tokens.n, false, r.arena, &all))
		return false;
	read_regions(&r, &all, 0);
	return true;
}
