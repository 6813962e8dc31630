#include "core/compress/prose/holds.h"

#include "core/base/map.h"
#include "core/compress/codec.h"
#include "core/compress/prose/sentence.h"
#include "core/compress/prose/word.h"

struct proof {
	str original;
	size_t at; /* how far the original is accounted for */
	const struct lexicon *lexicon;
	struct map shown; /* words of what is shown that have to be shown once */
};

static void note_words(struct proof *p, str text)
{
	struct word_reader r = {p->lexicon, text, true};
	struct word w;

	while (word_next(&r, &w))
		*map_at(&p->shown, w.text) = p;
}

static bool has_structure(str gap, bool is_line_start)
{
	str line;
	bool has_eol;

	for (bool is_first = true; str_next_line(&gap, &line, &has_eol); is_first = false)
		if ((!is_first || is_line_start) && sentence_line_is_structure(line))
			return true;
	return false;
}

/* What was left out from p->at to end may be. */
static bool may_go(const struct proof *p, size_t end)
{
	str gap = str_sub(p->original, p->at, end);
	struct word_reader r = {
		p->lexicon, gap, word_starts_behind(str_sub(p->original, 0, p->at))};
	struct word w;
	bool is_line_start = !p->at || p->original.p[p->at - 1] == '\n';

	if (has_structure(gap, is_line_start) || sentence_is_strong(gap))
		return false;
	while (word_next(&r, &w))
		if (w.weight == WORD_ALWAYS ||
			(w.weight == WORD_ONCE && !map_find(&p->shown, w.text)))
			return false;
	return true;
}

/* Where a piece stands next, from p->at on. The blanks before it are the original's, and say where a short one belongs: a "-" behind a line end
 * is an item's. Only where they stand nowhere the piece is looked for without them. */
static size_t place_of(const struct proof *p, str piece)
{
	str rest = str_sub(p->original, p->at, p->original.n), bare = str_trim(piece);
	size_t blanks = (size_t)(bare.p - piece.p), at;

	at = str_find(rest, str_sub(piece, 0, blanks + bare.n));
	if (at != STR_NONE)
		return p->at + at + blanks;
	at = str_find(rest, bare);
	return at == STR_NONE ? STR_NONE : p->at + at;
}

/* The next piece of what is shown; a piece behind nothing has nothing left out before it. */
static bool accept(struct proof *p, str piece, bool is_first)
{
	size_t at, n = str_trim(piece).n;

	if (!n)
		return true;
	at = place_of(p, piece);
	if (at == STR_NONE)
		return false;
	if (is_first ? str_trim(str_sub(p->original, 0, at)).n > 0 : !may_go(p, at))
		return false;
	p->at = at + n;
	return true;
}

bool prose_holds(str original, str text, struct arena *a)
{
	struct proof p = {.original = original, .lexicon = lexicon_new(a)};
	struct codec_head head;
	size_t at, end;
	str rest;

	if (!codec_head_find(text, &head, &at, &end) || at)
		return false;
	map_init(&p.shown, a);
	rest = str_sub(text, end, text.n);
	note_words(&p, rest);
	for (bool is_first = true;; is_first = false) {
		size_t gap = str_find(rest, STR(PROSE_GAP));
		bool is_last = gap == STR_NONE;

		if (!accept(&p, str_sub(rest, 0, is_last ? rest.n : gap), is_first))
			return false;
		if (is_last)
			break;
		rest = str_sub(rest, gap + sizeof PROSE_GAP - 1, rest.n);
	}
	/* behind the last piece only what a mark at the end stands for is missing */
	if (!str_trim(rest).n)
		return may_go(&p, original.n);
	return !str_trim(str_sub(original, p.at, original.n)).n;
}
