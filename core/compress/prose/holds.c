#include "core/compress/prose/holds.h"

#include "core/base/map.h"
#include "core/compress/codec.h"
#include "core/compress/prose/rows.h"
#include "core/compress/prose/sentence.h"
#include "core/compress/prose/word.h"

struct proof {
	str original;
	const struct lexicon *lexicon;
	VEC(size_t) fences; /* of the original: where they stand */
	struct map shown;   /* words of what is shown that have to be shown once */
};

/* What stands there is shown, however it is read: what seems to be code over a line end may be two signs that have nothing to do with each other. */
static void note_words(struct proof *p, str text)
{
	struct word_reader r = {p->lexicon, text, true};
	struct word w;

	while (word_next(&r, &w)) {
		struct word_reader inside = {p->lexicon, str_sub(w.text, 1, w.text.n), true};

		*map_at(&p->shown, w.text) = p;
		if (*w.text.p != '`' || str_find_byte(w.text, '\n') == STR_NONE)
			continue;
		while (word_next(&inside, &w))
			*map_at(&p->shown, w.text) = p;
	}
}

/* Where fences stand, behind the blanks before them. */
static void find_fences(struct proof *p, struct arena *a)
{
	str rest = p->original, line;

	while (str_next_line(&rest, &line, NULL))
		if (sentence_line_is_fence(line))
			*vec_push(&p->fences, a) = (size_t)(str_trim(line).p - p->original.p);
}

/* Of the fences so many stand before that place. */
static size_t fences_before(const struct proof *p, size_t at)
{
	size_t low = 0, high = p->fences.n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (p->fences.v[middle] < at)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* True when a line begins there by which a reader finds his way. In code that is its fence alone. */
static bool has_structure(const struct proof *p, size_t from, size_t end)
{
	size_t before = fences_before(p, from);
	bool is_line_start = !from || p->original.p[from - 1] == '\n', in_code = before % 2;
	str gap = str_sub(p->original, from, end), line;

	if (in_code)
		return fences_before(p, end) > before;
	for (bool is_first = true; str_next_line(&gap, &line, NULL); is_first = false)
		if ((!is_first || is_line_start) && sentence_line_is_structure(line))
			return true;
	return false;
}

/* What was left out between these places may be. */
static bool may_go(const struct proof *p, size_t from, size_t end)
{
	str gap = str_sub(p->original, from, end);
	struct word_reader r = {p->lexicon, gap, word_starts_behind(str_sub(p->original, 0, from))};
	bool in_code = fences_before(p, from) % 2;
	struct word w;

	if (has_structure(p, from, end) || sentence_is_strong(gap))
		return false;
	while (word_next(&r, &w))
		if (w.weight == WORD_ALWAYS || (w.weight == WORD_ONCE && (w.is_span || !in_code) &&
						       !map_find(&p->shown, w.text)))
			return false;
	return true;
}

/* Where a piece stands next, from that place on. The blanks before it are the original's, and say where a short one belongs: a "-" behind a line end
 * is an item's. Only where they stand nowhere the piece is looked for without them. */
static size_t place_of(const struct proof *p, str piece, size_t from)
{
	str rest = str_sub(p->original, from, p->original.n), bare = str_trim(piece);
	size_t blanks = (size_t)(bare.p - piece.p), at;

	at = str_find(rest, str_sub(piece, 0, blanks + bare.n));
	if (at != STR_NONE)
		return from + at + blanks;
	at = str_find(rest, bare);
	return at == STR_NONE ? STR_NONE : from + at;
}

/* What stands between marks, and where the original has it. */
struct piece {
	str text;
	size_t at, end; /* in the original; at end it goes on behind the piece */
};
typedef VEC(struct piece) piece_vec;

static void split(str text, struct arena *a, piece_vec *out)
{
	for (size_t gap = 0; gap != STR_NONE;) {
		gap = str_find(text, STR(PROSE_GAP));
		*vec_push(out, a) =
			(struct piece){.text = str_sub(text, 0, gap == STR_NONE ? text.n : gap)};
		if (gap != STR_NONE)
			text = str_sub(text, gap + sizeof PROSE_GAP - 1, text.n);
	}
}

/* Puts piece k where it stands next from that place on, with nothing before it that must not be missing. A piece behind nothing has nothing left
 * out before it. */
static bool put(const struct proof *p, piece_vec *pieces, size_t k, size_t from)
{
	struct piece *piece = &pieces->v[k];
	size_t before = k ? piece[-1].end : 0, n = str_trim(piece->text).n;

	piece->at = piece->end = before;
	if (!n)
		return from == before; /* there is no other place for nothing */
	piece->at = place_of(p, piece->text, from);
	if (piece->at == STR_NONE)
		return false;
	piece->end = piece->at + n;
	return k ? may_go(p, before, piece->at) : !str_trim(str_sub(p->original, 0, piece->at)).n;
}

/* Behind the last piece only what a mark at the end stands for is missing. */
static bool ends(const struct proof *p, const piece_vec *pieces)
{
	const struct piece *last = &pieces->v[pieces->n - 1];

	if (pieces->n > 1 && !str_trim(last->text).n)
		return may_go(p, last->end, p->original.n);
	return !str_trim(str_sub(p->original, last->end, p->original.n)).n;
}

/* Pieces that stand at more than one place may be put to the wrong one; then they are put to the next, back to back. A text in which each is found
 * at once is read twice; READS times its bytes, or so many where it is short, are no doubt that is worth the time. */
enum { READS = 8, READ_MIN = 1 << 16, PER_TRY = 16 };

/* What it took to look for the piece. */
static size_t read_for(const struct proof *p, const piece_vec *pieces, size_t k, size_t from)
{
	const struct piece *piece = &pieces->v[k];

	if (piece->at == STR_NONE)
		return PER_TRY + p->original.n - from;
	return PER_TRY + 2 * (piece->at - (k ? piece[-1].end : 0));
}

static bool put_all(const struct proof *p, piece_vec *pieces)
{
	size_t k = 0, from = 0, most = READ_MIN + READS * (p->original.n + PER_TRY * pieces->n);

	for (size_t n = 0; n < most;) {
		bool is_put = put(p, pieces, k, from);

		n += read_for(p, pieces, k, from);
		if (is_put && k + 1 < pieces->n) {
			from = pieces->v[k++].end;
			continue;
		}
		if (is_put && ends(p, pieces))
			return true;
		if (!is_put && !k--)
			return false;
		from = pieces->v[k].at + 1;
	}
	return false;
}

bool prose_holds(str original, str text, struct arena *a)
{
	struct proof p = {.original = rows_tight(original, a), .lexicon = lexicon_new(a)};
	struct codec_head head;
	piece_vec pieces = {0};
	size_t at, end;

	if (!codec_head_find(text, &head, &at, &end) || at)
		return false;
	find_fences(&p, a);
	map_init(&p.shown, a);
	text = str_sub(text, end, text.n);
	split(text, a, &pieces);
	for (size_t i = 0; i < pieces.n; i++)
		note_words(&p, pieces.v[i].text);
	return put_all(&p, &pieces);
}
