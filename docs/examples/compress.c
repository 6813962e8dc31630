/* Reads a request body from standard input, writes the smaller one to standard output, and what was saved to
 * standard error.
 *
 *	cc compress.c -lheadroom -o compress && ./compress < request.json > smaller.json
 */
#include <headroom.h>
#include <stdio.h>
#include <stdlib.h>

static char *read_all(FILE *f, size_t *n)
{
	size_t cap = 1 << 16, got;
	char *p = malloc(cap), *more;

	for (*n = 0; p && (got = fread(p + *n, 1, cap - *n, f)) > 0;) {
		*n += got;
		if (*n < cap)
			continue;
		more = realloc(p, cap *= 2);
		if (!more)
			free(p);
		p = more;
	}
	return p;
}

int main(void)
{
	headroom_options options = {.size = sizeof options, .lossless = 1};
	headroom_result r, proof;
	headroom *h;
	size_t n;
	char *body = read_all(stdin, &n);
	int err;

	if (!body || headroom_new(&options, &h) != HEADROOM_OK)
		return 1;
	err = headroom_compress_request(h, body, n, NULL, &r);
	if (err)
		fprintf(stderr, "left as it is: %s\n", r.message);
	/* whatever happened, r.data can be sent */
	fwrite(r.data, 1, r.size, stdout);
	if (!err) {
		fprintf(stderr, "%zu of %zu tool results smaller, %zu tokens instead of %zu\n",
			r.changed, r.results, r.tokens_after, r.tokens_before);
		err = headroom_verify(h, body, n, r.data, r.size, &proof);
		fprintf(stderr, "%s\n", err ? proof.message : "verified");
		headroom_result_free(&proof);
	}
	headroom_result_free(&r);
	headroom_free(h);
	free(body);
	return err;
}
