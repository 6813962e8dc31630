#include "core/base/suggest.h"

enum { DISTANCE_MAX = 2 };

static size_t min2(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t suggest_distance(str a, str b)
{
	size_t rows[3][SUGGEST_WORD_MAX + 1];
	size_t *before = rows[0], *last = rows[1], *now = rows[2];

	if (a.n > SUGGEST_WORD_MAX || b.n > SUGGEST_WORD_MAX)
		return SIZE_MAX;
	for (size_t j = 0; j <= b.n; j++)
		last[j] = before[j] = j;
	for (size_t i = 1; i <= a.n; i++) {
		size_t *spare = before;

		now[0] = i;
		for (size_t j = 1; j <= b.n; j++) {
			size_t replace = last[j - 1] + (a.p[i - 1] != b.p[j - 1]);

			now[j] = min2(replace, 1 + min2(last[j], now[j - 1]));
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1])
				now[j] = min2(now[j], before[j - 2] + 1);
		}
		before = last;
		last = now;
		now = spare;
	}
	return last[b.n];
}

struct suggest suggest_for(str word)
{
	return (struct suggest){.word = word, .distance = SIZE_MAX};
}

void suggest_offer(struct suggest *s, str candidate)
{
	size_t d = suggest_distance(s->word, candidate);

	if (d > DISTANCE_MAX || d * 2 >= candidate.n || d >= s->distance)
		return;
	s->best = candidate;
	s->distance = d;
}
