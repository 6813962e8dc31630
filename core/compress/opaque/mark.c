#include "core/compress/opaque/mark.h"

#include "core/base/hash.h"
#include "core/base/limits.h"
#include "core/compress/opaque/span.h"
#include "core/compress/opaque/what.h"

static const char of[] = " bytes of ", gone[] = " left out";
enum {
	SHA_SHOWN = 12
}; /* digits of the hash: as git shows of a commit, more than enough to tell two files apart */

/* ", 13613 bytes, sha256 9c1d0e7faa10" of what it stands for. */
static void add_what(str text, const struct opaque_span *s, struct arena *a, struct buf *b)
{
	str bytes;
	char sha[SHA256_HEX + 1];
	size_t before;

	if (s->kind != OPAQUE_BASE64 && s->kind != OPAQUE_HEX)
		return;
	bytes = what_decode(str_sub(text, s->start, s->end), s->kind, a);
	sha256_hex(bytes, sha);
	buf_add_c(b, ": ");
	before = b->n;
	what_is(bytes, b);
	buf_printf(b, "%s%zu bytes, sha256 %.*s", b->n > before ? ", " : "", bytes.n,
		(int)SHA_SHOWN, sha);
}

static void add_mark(str text, const struct opaque_span *s, struct arena *a, struct buf *b)
{
	buf_printf(b, "[%zu%s%s", s->to - s->from, of, opaque_name(s->kind));
	if (s->lines > 1)
		buf_printf(b, " in %u lines", s->lines);
	buf_add_c(b, gone);
	add_what(text, s, a, b);
	buf_add_byte(b, ']');
}

/* ---- written ---- */

/* The next span of each kind; at the end of the text where there is none. */
struct spans {
	struct opaque_span next[OPAQUE_KINDS];
	struct opaque_seen seen;
	bool is_known;
};

static const struct opaque_span *next_span(struct spans *all, str text, size_t at)
{
	const struct opaque_span *first = NULL;

	for (unsigned k = 0; k < OPAQUE_KINDS; k++) {
		struct opaque_span *s = &all->next[k];

		if ((!all->is_known || s->start < at) &&
			!opaque_find(text, (enum opaque_kind)k, at, &all->seen, s))
			s->start = s->end = text.n;
		if (s->start < text.n && (!first || s->start < first->start))
			first = s;
	}
	all->is_known = true;
	return first;
}

static bool is_worth(const struct opaque_span *s, bool is_file)
{
	size_t least = !is_file                     ? MARK_GAIN
		       : s->kind == OPAQUE_MINIFIED ? MARK_FILE_CODE
						    : MARK_FILE;

	return s->to - s->from >= least && (!is_file || s->lines == 1);
}

size_t mark_spans(str text, bool is_file, struct arena *a, struct buf *out)
{
	struct spans all = {.is_known = false};
	const struct opaque_span *s;
	size_t done = 0, n = 0;

	for (size_t at = 0; (s = next_span(&all, text, at)); at = s->end) {
		if (!is_worth(s, is_file))
			continue;
		buf_add(out, str_sub(text, done, s->from));
		add_mark(text, s, a, out);
		done = s->to;
		n++;
	}
	buf_add(out, str_sub(text, done, text.n));
	return n;
}

/* ---- proven ---- */

/* No reader misses a word of this. */
static bool may_go(enum opaque_kind kind, str left_out)
{
	size_t blanks = 0, odd = 0;

	for (size_t i = 0; i < left_out.n; i++) {
		char c = left_out.p[i];

		blanks += c == ' ' || c == '\t' || c == '\r' || c == '\n';
		odd += !opaque_is_base64(c);
	}
	switch (kind) {
	case OPAQUE_MAPPINGS: /* between signs */
		return !blanks;
	case OPAQUE_MINIFIED:
		return blanks * 8 < left_out.n && str_find_byte(left_out, '\n') == STR_NONE;
	case OPAQUE_BINARY:
		return odd * 8 > left_out.n;
	default: /* line ends, and blanks before the lines */
		return odd * 2 < left_out.n && (blanks || odd * 16 < left_out.n);
	}
}

/* Takes the mark of the span off *rest; false when it does not begin with it. */
static bool take_mark(str text, const struct opaque_span *s, struct arena *a, str *rest)
{
	struct buf b;

	if (!rest->n || *rest->p != '[')
		return false;
	buf_init_arena(&b, a, LIMIT_INPUT);
	add_mark(text, s, a, &b);
	return !b.err && str_take(rest, buf_str(&b));
}

bool mark_holds(str original, str marked, size_t n, struct arena *a)
{
	struct spans all = {.is_known = false};
	const struct opaque_span *s;
	size_t done = 0, found = 0;

	for (size_t at = 0; (s = next_span(&all, original, at)); at = s->end) {
		if (!str_take(&marked, str_sub(original, done, s->from)))
			return false;
		done = s->from;
		if (!take_mark(original, s, a, &marked))
			continue;
		if (!may_go(s->kind, str_sub(original, s->from, s->to)))
			return false;
		done = s->to;
		found++;
	}
	return found == n && str_eq(marked, str_sub(original, done, original.n));
}
