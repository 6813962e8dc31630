/* starts: beginnings that many lines of a result have in common, up to whole lines, said once above the groups:
 *
 *	~=	return nil, errors.Wrap(err, "failed to
 *
 *	src/a.c
 *	12~ read")             12:	return nil, errors.Wrap(err, "failed to read")
 *
 * A sign stands where the ':' would. Thread: any. */
#ifndef CORE_COMPRESS_SEARCH_STARTS_H
#define CORE_COMPRESS_SEARCH_STARTS_H

#include "core/compress/search/source.h"
#include "core/token/token.h"

/* One token each in all encodings; nothing else stands behind a line's number, or first in a line without. */
#define SEARCH_SIGNS "~^%$&@!;|+<>?*#"
enum { SEARCH_STARTS_MAX = sizeof SEARCH_SIGNS - 1 };

/* The nth is said by the nth sign; longer ones first. */
struct search_starts {
	str v[SEARCH_STARTS_MAX];
	size_t n;
};

/* Which sign a byte is; SEARCH_STARTS_MAX: none. */
size_t search_sign(char c) PURE;
/* The longest one that the line begins with; s->n: none. */
size_t search_starts_find(const struct search_starts *s, str line) PURE;

/* Lines of a result, taken evenly. */
enum { SEARCH_SAMPLE_MAX = 512 }; /* looking at them is cheap beside writing as many */
struct search_sample {
	struct search_sampled {
		str body, path;
	} v[SEARCH_SAMPLE_MAX];
	uint32_t n;
	size_t bytes, read; /* of all results, of those that were read for this */
};
/* From where the source is on. */
void search_sample_take(const struct search_source *from, struct search_sample *out);

/* Chooses what saves most tokens when it is said once; s is put in another order. Tokens that are saved of all
 * lines, about; 0: nothing is worth it. */
uint64_t search_starts_choose(struct search_sample *s, struct arena *a,
	enum token_encoding encoding, struct token_cache *cache,
	struct search_starts *out) MUST_CHECK;

#endif
