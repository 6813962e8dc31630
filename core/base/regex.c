#define PCRE2_CODE_UNIT_WIDTH 8

#include "core/base/regex.h"

#include <pcre2.h>

#include "core/base/check.h"
#include "core/base/limits.h"
#include "core/base/mem.h"

enum {
	/* For each start of a match; 100,000 steps are below a millisecond of machine code. */
	MATCH_STEPS = 100000,
	/* KiB for backtracking, when the search is not compiled; PCRE2's own default is 20,000,000. */
	MATCH_HEAP_KIB = 16 << 10,
	JIT_STACK_MIN = 32 << 10,
	JIT_STACK_MAX = 1 << 20,
	/* A pattern from a configuration file; PCRE2 itself allows 2^62 bytes. */
	PATTERN_MAX = 64 << 10,
	SHOWN_MAX = 60,
};

struct regex {
	pcre2_code *code;
	bool is_compiled, is_utf8;
};

struct regex_scratch {
	pcre2_match_data *data;
	pcre2_match_context *context;
	pcre2_jit_stack *stack;
};

static void *take(size_t n, void *self)
{
	(void)self;
	return mem_alloc(n);
}

static void give(void *p, void *self)
{
	(void)self;
	mem_free(p);
}

static uint32_t options_of(unsigned flags)
{
	static const struct {
		unsigned flag;
		uint32_t option;
	} map[] = {
		{REGEX_NOCASE, PCRE2_CASELESS},
		{REGEX_MULTILINE, PCRE2_MULTILINE},
		{REGEX_DOTALL, PCRE2_DOTALL},
		{REGEX_UTF8, PCRE2_UTF | PCRE2_UCP | PCRE2_MATCH_INVALID_UTF},
		{REGEX_LITERAL, PCRE2_LITERAL},
	};
	uint32_t options = PCRE2_NEVER_BACKSLASH_C;

	/* PCRE2 takes few options next to this one, and \C cannot be said in a literal text. */
	if (flags & REGEX_LITERAL)
		options = 0;
	for (size_t i = 0; i < ARRAY_N(map); i++)
		if (flags & map[i].flag)
			options |= map[i].option;
	if (flags & REGEX_LITERAL)
		options &= ~(uint32_t)(PCRE2_MULTILINE | PCRE2_DOTALL | PCRE2_UCP);
	return options;
}

static enum err refuse(struct errctx *cx, str pattern, int code, size_t at)
{
	PCRE2_UCHAR why[128];

	if (code == PCRE2_ERROR_HEAP_FAILED || code == PCRE2_ERROR_NOMEMORY)
		return err_set(cx, E_NOMEM, "no memory for a regular expression");
	if (pcre2_get_error_message(code, why, sizeof why) < 0)
		why[0] = '\0';
	return err_set(cx, E_USAGE, "regular expression '%.*s'%s: %s at character %zu",
		(int)(pattern.n < SHOWN_MAX ? pattern.n : SHOWN_MAX), pattern.p,
		pattern.n > SHOWN_MAX ? "..." : "", (const char *)why, at + 1);
}

/* The pattern, and its machine code where there can be some. */
static enum err compile(struct regex *r, pcre2_general_context *memory, str pattern, unsigned flags,
	struct errctx *cx)
{
	pcre2_compile_context *context = pcre2_compile_context_create(memory);
	size_t at = 0;
	int code = PCRE2_ERROR_NOMEMORY;

	if (!context)
		return refuse(cx, pattern, code, 0);
	(void)pcre2_set_max_pattern_length(context, PATTERN_MAX);
	r->code = pcre2_compile((PCRE2_SPTR)(pattern.n ? pattern.p : ""), pattern.n,
		options_of(flags), &code, &at, context);
	pcre2_compile_context_free(context);
	if (!r->code)
		return refuse(cx, pattern, code, at);
	r->is_utf8 = flags & REGEX_UTF8;
	r->is_compiled = pcre2_jit_compile(r->code, PCRE2_JIT_COMPLETE) == 0;
	return E_OK;
}

enum err regex_new(str pattern, unsigned flags, struct regex **out, struct errctx *cx)
{
	pcre2_general_context *memory = pcre2_general_context_create(take, give, NULL);
	struct regex *r = mem_zalloc(sizeof *r);
	enum err e;

	*out = NULL;
	if (memory && r)
		e = compile(r, memory, pattern, flags, cx);
	else
		e = refuse(cx, pattern, PCRE2_ERROR_NOMEMORY, 0);
	pcre2_general_context_free(memory); /* its functions were copied */
	if (e) {
		mem_free(r);
		return e;
	}
	*out = r;
	return E_OK;
}

void regex_free(struct regex *r)
{
	if (!r)
		return;
	pcre2_code_free(r->code);
	mem_free(r);
}

bool regex_is_compiled(const struct regex *r)
{
	return r->is_compiled;
}

struct regex_scratch *regex_scratch_new(void)
{
	pcre2_general_context *memory = pcre2_general_context_create(take, give, NULL);
	struct regex_scratch *s = mem_zalloc(sizeof *s);

	if (memory && s) {
		s->data = pcre2_match_data_create(REGEX_GROUPS_MAX, memory);
		s->context = pcre2_match_context_create(memory);
		s->stack = pcre2_jit_stack_create(JIT_STACK_MIN, JIT_STACK_MAX, memory);
	}
	pcre2_general_context_free(memory);
	if (!s || !s->data || !s->context || !s->stack) {
		regex_scratch_free(s);
		return NULL;
	}
	(void)pcre2_set_match_limit(s->context, MATCH_STEPS);
	(void)pcre2_set_heap_limit(s->context, MATCH_HEAP_KIB);
	pcre2_jit_stack_assign(s->context, NULL, s->stack);
	return s;
}

void regex_scratch_free(struct regex_scratch *s)
{
	if (!s)
		return;
	pcre2_jit_stack_free(s->stack);
	pcre2_match_context_free(s->context);
	pcre2_match_data_free(s->data);
	mem_free(s);
}

static enum err result_of(int code)
{
	switch (code) {
	case PCRE2_ERROR_NOMATCH:
		return E_NOT_FOUND;
	case PCRE2_ERROR_MATCHLIMIT:
	case PCRE2_ERROR_DEPTHLIMIT:
	case PCRE2_ERROR_HEAPLIMIT:
	case PCRE2_ERROR_JIT_STACKLIMIT:
		return E_TIMEOUT;
	case PCRE2_ERROR_NOMEMORY:
		return E_NOMEM;
	default:
		/* 0: more groups than fit, which is a match. Else a defect of ours or of the library. */
		return code >= 0 ? E_OK : E_INTERNAL;
	}
}

enum err regex_find(const struct regex *r, struct regex_scratch *s, str text, size_t from,
	struct span *groups, size_t n)
{
	const size_t *at;
	size_t known;
	enum err e;
	int code;

	ASSERT(from <= text.n && text.n <= LIMIT_INPUT && n <= REGEX_GROUPS_MAX);
	code = pcre2_match(
		r->code, (PCRE2_SPTR)(text.n ? text.p : ""), text.n, from, 0, s->data, s->context);
	e = result_of(code);
	if (e)
		return e;
	at = pcre2_get_ovector_pointer(s->data);
	known = code ? (size_t)code : REGEX_GROUPS_MAX;
	for (size_t g = 0; g < n; g++) {
		bool is_there = g < known && at[2 * g] != PCRE2_UNSET;

		groups[g] = is_there ? (struct span){(uint32_t)at[2 * g], (uint32_t)at[2 * g + 1]}
				     : (struct span){UINT32_MAX, UINT32_MAX};
	}
	/* \K can put the start behind the end; callers rely on spans that go forward. */
	if (n && groups[0].start > groups[0].end)
		groups[0].start = groups[0].end;
	return E_OK;
}

/* The place behind the character at byte i. */
static size_t step(const struct regex *r, str text, size_t i)
{
	i++;
	while (r->is_utf8 && i < text.n && ((unsigned char)text.p[i] & 0xc0) == 0x80)
		i++;
	return i;
}

enum err regex_next(const struct regex *r, struct regex_scratch *s, struct regex_walk *w,
	struct span *groups, size_t n)
{
	struct span whole[REGEX_GROUPS_MAX];
	enum err e;

	if (w->is_done)
		return E_NOT_FOUND;
	e = regex_find(r, s, w->text, w->at, whole, n ? n : 1);
	if (e) {
		w->is_done = true;
		return e;
	}
	for (size_t g = 0; g < n; g++)
		groups[g] = whole[g];
	if (whole[0].end > w->at && whole[0].end > whole[0].start) {
		w->at = whole[0].end;
	} else if (whole[0].end < w->text.n) {
		w->at = step(r, w->text, whole[0].end > w->at ? whole[0].end : w->at);
		w->is_done = w->at > w->text.n;
	} else {
		w->is_done = true;
	}
	return E_OK;
}
