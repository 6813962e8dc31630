#include "core/compress/model/bpe.h"

#include <inttypes.h>
#include <stdlib.h>

#include "core/base/map.h"
#include "core/json/scan.h"
#include "core/token/unicode.h"

enum {
	PIECE_MAX = 256,  /* bytes that are merged at once: merging is quadratic */
	ID_MAX = 1 << 24, /* vocabularies have 50,000 to 300,000 */
};

struct merge {
	uint64_t
		pair; /* of ids, the first one above; 0 is an empty slot, since a pair has 1 added */
	uint32_t rank, id;
};

struct added {
	str text;
	uint32_t id;
};

struct bpe {
	struct map ids;       /* token -> id, behind pointers */
	uint32_t *bytes;      /* id of each byte */
	struct merge *merges; /* open addressing */
	size_t mask;
	struct added *added; /* longest first */
	size_t added_n;
	bool begins_added[256];
	uint32_t ids_n;
};

bool bpe_find(const struct bpe *b, str token, uint32_t *id)
{
	const uint32_t *found = map_find(&b->ids, token);

	if (found)
		*id = *found;
	return found;
}

uint32_t bpe_ids_n(const struct bpe *b)
{
	return b->ids_n;
}

/* ---- reading --------------------------------------------------------------------------------------- */

static enum err add_id(struct bpe *b, str token, uint64_t id, struct errctx *cx)
{
	uint32_t *p = arena_new(b->ids.arena, uint32_t);

	if (id >= ID_MAX)
		FAIL(cx, E_MALFORMED, "token %" PRIu64 ": ids end at %d", id, ID_MAX);
	*p = (uint32_t)id;
	*map_at(&b->ids, token) = p;
	if (id >= b->ids_n)
		b->ids_n = (uint32_t)id + 1;
	return E_OK;
}

static enum err read_vocab(
	struct bpe *b, const struct json_tape *t, uint32_t vocab, struct errctx *cx)
{
	for (struct json_iter it = json_iter(t, vocab); json_next(&it);) {
		uint64_t id;
		str token;

		if (it.key == JSON_ABSENT || !json_string(t, it.key, b->ids.arena, &token) ||
			!json_u64(t, it.value, &id))
			FAIL(cx, E_MALFORMED, "model.vocab: expected tokens with ids");
		TRY(add_id(b, token, id, cx));
	}
	return E_OK;
}

/* How the tokenizer spells a byte: printable ones of Latin-1 as themselves, the others from U+0100 on. */
static enum err find_bytes(struct bpe *b, struct errctx *cx)
{
	uint32_t next = 256;

	b->bytes = arena_array(b->ids.arena, uint32_t, 256);
	for (uint32_t i = 0; i < 256; i++) {
		bool is_plain = (i > 32 && i < 127) || (i > 160 && i != 173);
		uint32_t c = is_plain ? i : next++;
		char text[2] = {(char)(0xc0 | c >> 6), (char)(0x80 | (c & 63))};
		char ascii = (char)c;

		if (!bpe_find(b, c < 128 ? (str){&ascii, 1} : (str){text, 2}, &b->bytes[i]))
			FAIL(cx, E_MALFORMED, "model.vocab: byte %u has no token", i);
	}
	return E_OK;
}

static size_t slot_of(const struct bpe *b, uint64_t pair)
{
	size_t at = (size_t)(pair * 0x9e3779b97f4a7c15u >> 20) & b->mask;

	while (b->merges[at].pair && b->merges[at].pair != pair)
		at = (at + 1) & b->mask;
	return at;
}

static uint64_t pair_of(uint32_t left, uint32_t right)
{
	return ((uint64_t)left << 32 | right) + 1;
}

/* "left right", or [left, right]. */
static bool read_merge(struct bpe *b, const struct json_tape *t, uint32_t node, str parts[2])
{
	struct json_iter it = json_iter(t, node);
	str text;
	size_t at;

	if (json_is(t, node, JSON_ARRAY))
		return t->v[node].n == 2 && json_next(&it) &&
		       json_string(t, it.value, b->ids.arena, &parts[0]) && json_next(&it) &&
		       json_string(t, it.value, b->ids.arena, &parts[1]);
	if (!json_string(t, node, b->ids.arena, &text))
		return false;
	at = str_find_byte(text, ' ');
	if (at == STR_NONE)
		return false;
	parts[0] = str_sub(text, 0, at);
	parts[1] = str_sub(text, at + 1, text.n);
	return true;
}

static enum err read_merges(
	struct bpe *b, const struct json_tape *t, uint32_t merges, struct errctx *cx)
{
	struct arena *a = b->ids.arena;
	uint32_t rank = 0;
	size_t slots = 16;

	while (slots < (size_t)t->v[merges].n * 2)
		slots *= 2;
	b->mask = slots - 1;
	b->merges = arena_array(a, struct merge, slots);
	for (struct json_iter it = json_iter(t, merges); json_next(&it); rank++) {
		uint32_t left, right, id;
		struct merge *m;
		str parts[2];

		if (!read_merge(b, t, it.value, parts) || !bpe_find(b, parts[0], &left) ||
			!bpe_find(b, parts[1], &right) ||
			!bpe_find(b,
				arena_printf(
					a, STR_FMT STR_FMT, STR_ARG(parts[0]), STR_ARG(parts[1])),
				&id))
			FAIL(cx, E_MALFORMED,
				"model.merges: number %u is not of two tokens that make a third",
				rank);
		m = &b->merges[slot_of(b, pair_of(left, right))];
		if (!m->pair)
			*m = (struct merge){pair_of(left, right), rank, id};
	}
	return E_OK;
}

static int by_length(const void *x, const void *y)
{
	const struct added *a = x, *b = y;

	if (a->text.n != b->text.n)
		return a->text.n > b->text.n ? -1 : 1;
	return str_cmp(a->text, b->text);
}

static enum err read_added(
	struct bpe *b, const struct json_tape *t, uint32_t list, struct errctx *cx)
{
	b->added = arena_alloc(
		b->ids.arena, (t->v[list].n + 1) * sizeof *b->added, alignof(struct added));
	for (struct json_iter it = json_iter(t, list); json_next(&it);) {
		struct added *one = &b->added[b->added_n];
		uint64_t id;

		if (!json_is(t, it.value, JSON_OBJECT) ||
			json_member(t, it.value, "content") == JSON_ABSENT ||
			json_member(t, it.value, "id") == JSON_ABSENT ||
			!json_string(
				t, json_member(t, it.value, "content"), b->ids.arena, &one->text) ||
			!json_u64(t, json_member(t, it.value, "id"), &id))
			FAIL(cx, E_MALFORMED, "added_tokens: expected id and content");
		if (!one->text.n)
			continue;
		TRY(add_id(b, one->text, id, cx));
		one->id = (uint32_t)id;
		b->begins_added[(unsigned char)*one->text.p] = true;
		b->added_n++;
	}
	qsort(b->added, b->added_n, sizeof *b->added, by_length);
	return E_OK;
}

static bool has_type(const struct json_tape *t, uint32_t object, const char *type)
{
	return object != JSON_ABSENT && json_is(t, object, JSON_OBJECT) &&
	       json_member(t, object, "type") != JSON_ABSENT &&
	       json_string_is(t, json_member(t, object, "type"), type);
}

static bool is_true(const struct json_tape *t, uint32_t object, const char *key, bool otherwise)
{
	uint32_t node = json_member(t, object, key);

	return node == JSON_ABSENT ? otherwise : json_is(t, node, JSON_TRUE);
}

static enum err check_kind(const struct json_tape *t, uint32_t model, struct errctx *cx)
{
	uint32_t pre = json_member(t, 0, "pre_tokenizer"),
		 normalizer = json_member(t, 0, "normalizer");

	if (model == JSON_ABSENT || !json_is(t, model, JSON_OBJECT))
		FAIL(cx, E_MALFORMED, "no model");
	if ((json_member(t, model, "type") != JSON_ABSENT && !has_type(t, model, "BPE")) ||
		is_true(t, model, "byte_fallback", false))
		FAIL(cx, E_UNSUPPORTED, "model: expected byte-level BPE");
	if (!has_type(t, pre, "ByteLevel") || is_true(t, pre, "add_prefix_space", true) ||
		!is_true(t, pre, "use_regex", true))
		FAIL(cx, E_UNSUPPORTED,
			"pre_tokenizer: expected ByteLevel without a blank before the text");
	if (normalizer != JSON_ABSENT && !json_is(t, normalizer, JSON_NULL) &&
		!has_type(t, normalizer, "NFC"))
		FAIL(cx, E_UNSUPPORTED, "normalizer: expected none, or NFC");
	return E_OK;
}

enum err bpe_read(str json, struct arena *a, struct bpe **out, struct errctx *cx)
{
	struct bpe *b = arena_new(a, struct bpe);
	struct json_tape t;
	uint32_t model, vocab, merges, added;

	map_init(&b->ids, a);
	TRY(json_scan(a, arena_str(a, json), &t, cx)); /* tokens are slices of it */
	if (!json_is(&t, 0, JSON_OBJECT))
		FAIL(cx, E_MALFORMED, "expected an object");
	model = json_member(&t, 0, "model");
	TRY(check_kind(&t, model, cx));
	vocab = json_member(&t, model, "vocab");
	merges = json_member(&t, model, "merges");
	added = json_member(&t, 0, "added_tokens");
	if (vocab == JSON_ABSENT || !json_is(&t, vocab, JSON_OBJECT) || merges == JSON_ABSENT ||
		!json_is(&t, merges, JSON_ARRAY))
		FAIL(cx, E_MALFORMED, "model: expected vocab and merges");
	TRY(read_vocab(b, &t, vocab, cx));
	TRY(find_bytes(b, cx));
	TRY(read_merges(b, &t, merges, cx));
	if (added != JSON_ABSENT && json_is(&t, added, JSON_ARRAY))
		TRY(read_added(b, &t, added, cx));
	*out = b;
	return E_OK;
}

/* ---- encoding --------------------------------------------------------------------------------------- */

enum kind { KIND_OF_SPACE, KIND_OF_LETTER, KIND_OF_NUMBER, KIND_OF_SIGN };

static enum kind kind_at(str text, size_t at, size_t *n)
{
	switch (char_class_at((const unsigned char *)text.p + at, n)) {
	case CHAR_SPACE:
	case CHAR_NEWLINE:
		return KIND_OF_SPACE;
	case CHAR_NUMBER:
		return KIND_OF_NUMBER;
	case CHAR_UPPER:
	case CHAR_LOWER:
	case CHAR_LETTER:
		return KIND_OF_LETTER;
	default:
		return KIND_OF_SIGN;
	}
}

static size_t contraction_length(str text)
{
	static const char *const all[] = {"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"};

	for (size_t i = 0; i < ARRAY_N(all); i++)
		if (str_starts(text, str_from(all[i])))
			return strlen(all[i]);
	return 0;
}

/* The first piece of a text, by the pattern of GPT-2:
 * 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+ */
static size_t piece_length(str text)
{
	size_t n, at = contraction_length(text), last = 0;
	enum kind kind;

	if (at)
		return at;
	at = *text.p == ' ' && text.n > 1 && kind_at(text, 1, &n) != KIND_OF_SPACE;
	kind = kind_at(text, at, &n);
	while (at < text.n && kind_at(text, at, &n) == kind) {
		last = at;
		at += n;
	}
	/* the last blank goes with what follows it, unless it is alone */
	return kind == KIND_OF_SPACE && at < text.n && last > 0 ? last : at;
}

static void merge_piece(
	const struct bpe *b, str piece, uint32_t start, struct arena *a, bpe_vec *out)
{
	struct bpe_token v[PIECE_MAX];
	size_t n = piece.n;

	for (size_t i = 0; i < n; i++)
		v[i] = (struct bpe_token){
			b->bytes[(unsigned char)piece.p[i]], start + (uint32_t)i + 1};
	for (;;) {
		const struct merge *best = NULL;
		size_t at = 0;

		for (size_t i = 0; i + 1 < n; i++) {
			const struct merge *m =
				&b->merges[slot_of(b, pair_of(v[i].id, v[i + 1].id))];

			if (m->pair && (!best || m->rank < best->rank)) {
				best = m;
				at = i;
			}
		}
		if (!best)
			break;
		v[at] = (struct bpe_token){best->id, v[at + 1].end};
		memmove(v + at + 1, v + at + 2, (n - at - 2) * sizeof *v);
		n--;
	}
	for (size_t i = 0; i < n; i++)
		*vec_push(out, a) = v[i];
}

static void encode_pieces(
	const struct bpe *b, str text, size_t from, size_t to, struct arena *a, bpe_vec *out)
{
	while (from < to) {
		size_t n = piece_length(str_sub(text, from, to));

		for (size_t at = 0; at < n; at += PIECE_MAX) {
			size_t part = n - at < PIECE_MAX ? n - at : PIECE_MAX;

			merge_piece(b, str_sub(text, from + at, from + at + part),
				(uint32_t)(from + at), a, out);
		}
		from += n;
	}
}

/* The added token that begins a text; NULL: none does. */
static const struct added *added_at(const struct bpe *b, str text)
{
	if (!b->begins_added[(unsigned char)*text.p])
		return NULL;
	for (size_t i = 0; i < b->added_n; i++)
		if (str_starts(text, b->added[i].text))
			return &b->added[i];
	return NULL;
}

void bpe_encode(const struct bpe *b, str text, struct arena *a, bpe_vec *out)
{
	size_t from = 0;

	for (size_t at = 0; at < text.n;) {
		const struct added *one = added_at(b, str_sub(text, at, text.n));

		if (!one) {
			at++;
			continue;
		}
		encode_pieces(b, text, from, at, a, out);
		at += one->text.n;
		*vec_push(out, a) = (struct bpe_token){one->id, (uint32_t)at};
		from = at;
	}
	encode_pieces(b, text, from, text.n, a, out);
}
