#include "core/token/recount.h"

#include "core/base/mem.h"
#include "core/token/split.h"

static size_t count_joined(enum token_encoding e, const str parts[3], struct token_cache *cache)
{
	char room[4096], *joined = room, *at;
	size_t n = parts[0].n + parts[1].n + parts[2].n, count = 0;

	if (n > sizeof room && !(joined = mem_alloc(n))) {
		for (int i = 0; i < 3; i++)
			count += token_count(e, parts[i], cache);
		return count;
	}
	at = joined;
	for (int i = 0; i < 3; i++) {
		if (parts[i].n)
			memcpy(at, parts[i].p, parts[i].n);
		at += parts[i].n;
	}
	count = token_count(e, (str){joined, n}, cache);
	if (joined != room)
		mem_free(joined);
	return count;
}

/* What lies between two sure ends of pieces around the edit is counted, as it was and as it is. */
size_t token_recount(enum token_encoding e, str old, size_t old_count, struct span at, str text,
	struct token_cache *cache)
{
	size_t start = at.start, end = at.end;

	/* Both bytes that make an end sure have to be outside of the edit. */
	start -= start > 0;
	while (start > 0 && !split_is_sure(old.p[start - 1], old.p[start]))
		start--;
	end += end < old.n;
	while (end < old.n && !split_is_sure(old.p[end - 1], old.p[end]))
		end++;
	return old_count - token_count(e, str_sub(old, start, end), cache) +
	       count_joined(e,
		       (str[]){str_sub(old, start, at.start), text, str_sub(old, at.end, end)},
		       cache);
}
