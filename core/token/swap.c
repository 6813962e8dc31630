#include "core/token/swap.h"

#include "core/base/utf8.h"
#include "core/base/vec.h"
#include "core/token/split.h"

struct token_swap {
	enum token_encoding encoding;
	struct token_cache *cache;
	char *text; /* TOKEN_PART_PAD bytes can be read behind it */
	size_t n;
	char **signs; /* places in text */
	size_t signs_n, signs_cap;
	str *parts; /* of text: they begin and end where pieces do, whatever the signs are; all signs are in one of them */
	size_t parts_n, parts_cap;
	size_t rest; /* tokens of what is between the parts */
};

/* What a piece ends before and begins at for sure, next to the sign at that place. */
static str part_around(const struct token_swap *s, size_t from, size_t sign)
{
	size_t to = sign + 1;

	for (size_t at = sign; at > from; at--) {
		if (split_is_sure(s->text[at - 1], s->text[at])) {
			from = at;
			break;
		}
	}
	while (to < s->n && !split_is_sure(s->text[to - 1], s->text[to]))
		to++;
	return (str){s->text + from, to - from};
}

/* Between two parts the text ends with a letter or digit, and goes on with neither: so it does where it is put together,
 * and that changes none of its pieces. */
static void find_parts(struct token_swap *s, char sign, struct arena *a)
{
	char *rest = arena_alloc(a, s->n + 1, 1);
	size_t rest_n = 0, done = 0;

	for (size_t at = 0; at < s->n; at++) {
		char *next = memchr(s->text + at, sign, s->n - at);
		str part;

		if (!next)
			break;
		at = (size_t)(next - s->text);
		vec_room(a, (void **)&s->signs, s->signs_n, &s->signs_cap, sizeof *s->signs);
		s->signs[s->signs_n++] = next;
		if (at < done)
			continue;
		part = part_around(s, done, at);
		memcpy(rest + rest_n, s->text + done, (size_t)(part.p - s->text) - done);
		rest_n += (size_t)(part.p - s->text) - done;
		done = (size_t)(part.p - s->text) + part.n;
		vec_room(a, (void **)&s->parts, s->parts_n, &s->parts_cap, sizeof *s->parts);
		s->parts[s->parts_n++] = part;
	}
	memcpy(rest + rest_n, s->text + done, s->n - done);
	rest_n += s->n - done;
	s->rest = token_count(s->encoding, (str){rest, rest_n}, s->cache);
}

struct token_swap *token_swap_new(
	enum token_encoding e, str text, char sign, struct token_cache *cache, struct arena *a)
{
	struct token_swap *s;

	if (!text.n || utf8_valid_n(text) < text.n)
		return NULL;
	s = arena_new(a, struct token_swap);
	*s = (struct token_swap){.encoding = e, .cache = cache, .n = text.n};
	s->text = arena_alloc(a, text.n + TOKEN_PART_PAD, 1);
	memcpy(s->text, text.p, text.n);
	memset(s->text + text.n, 0, TOKEN_PART_PAD);
	find_parts(s, sign, a);
	return s;
}

size_t token_swap_count(struct token_swap *s, char sign)
{
	for (size_t i = 0; i < s->signs_n; i++)
		*s->signs[i] = sign;
	return s->rest + token_count_parts(s->encoding, s->parts, s->parts_n, s->cache);
}
