/* token_ids: the peer of bench/token_ids.mjs. Standard input: texts, each as its length (32 bits,
 * native order) and its bytes. Standard output: for each text the number of ids and the ids,
 * 32 bits each.
 * usage: token_ids o200k_base|cl100k_base */
#include <stdio.h>
#include <stdlib.h>

#include "core/base/check.h"
#include "core/base/mem.h"
#include "core/token/token.h"

static bool read_text(struct arena *a, str *text)
{
	uint32_t n;
	char *p;

	if (fread(&n, sizeof n, 1, stdin) != 1)
		return false;
	p = arena_alloc(a, n, 1);
	ASSERT(fread(p, 1, n, stdin) == n);
	*text = (str){p, n};
	return true;
}

int main(int argc, char **argv)
{
	struct arena a = ARENA_INIT;
	struct token_cache *cache = token_cache_new();
	enum token_encoding e;
	str text;

	if (argc != 2) {
		fprintf(stderr, "usage: token_ids o200k_base|cl100k_base < texts > ids\n");
		return 2;
	}
	ASSERT(cache);
	e = str_eq_c(STR("cl100k_base"), argv[1]) ? TOKEN_CL100K : TOKEN_O200K;
	while (read_text(&a, &text)) {
		size_t n;
		uint32_t *ids = token_encode(e, text, &a, &n), n32 = (uint32_t)n;

		ASSERT(token_count(e, text, NULL) == n && token_count(e, text, cache) == n);
		fwrite(&n32, sizeof n32, 1, stdout);
		fwrite(ids, sizeof *ids, n, stdout);
		arena_reset(&a);
	}
	fflush(stdout);
	arena_release(&a);
	token_cache_free(cache);
	return 0;
}
