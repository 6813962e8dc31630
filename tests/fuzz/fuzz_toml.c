/* The reader of configuration files takes any bytes. What it accepts can be edited, and an edit changes one
 * key and no other. */
#include <stdint.h>

#include "core/base/check.h"
#include "core/base/toml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { ITEMS_TRIED = 8, TEXT_MAX = 1 << 16 };

static struct toml_doc parsed(struct arena *a, str text)
{
	struct errctx cx = {0};
	struct toml_doc d;

	ASSERT(toml_parse(a, text, &d, &cx) == E_OK);
	return d;
}

/* Spans lie within the text and in order; every key is found by its path. */
static void check_places(const struct toml_doc *d)
{
	for (size_t i = 0; i < d->n; i++) {
		const struct toml_item *it = &d->items[i];

		ASSERT(it->key.start <= it->key.end && it->key.end < it->value.at.start);
		ASSERT(it->value.at.end == it->at.end && it->at.end <= d->text.n);
		ASSERT(i == 0 || d->items[i - 1].at.end <= it->at.start);
		ASSERT(toml_find(d, it->path) == it);
	}
}

static void check_set(struct arena *a, const struct toml_doc *d, str path)
{
	struct errctx cx = {0};
	struct toml_doc now;
	struct buf b;

	buf_init_arena(&b, a, TEXT_MAX + 4096);
	if (toml_set(a, d, path, STR("[1, 'x']"), &b, &cx)) {
		ASSERT(b.n == 0 && cx.text[0]);
		return;
	}
	now = parsed(a, buf_str(&b));
	ASSERT(toml_find(&now, path)->value.type == TOML_ARRAY);
	ASSERT(now.n == d->n + !toml_find(d, path));
}

static void check_unset(struct arena *a, const struct toml_doc *d, str path)
{
	struct errctx cx = {0};
	struct toml_doc now;
	struct buf b;

	buf_init_arena(&b, a, TEXT_MAX);
	/* Taking a key away never collides with anything. */
	ASSERT(toml_unset(a, d, path, &b, &cx) == E_OK);
	now = parsed(a, buf_str(&b));
	ASSERT(now.n == d->n - 1 && !toml_find(&now, path));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena a = ARENA_INIT;
	struct errctx cx = {0};
	struct toml_doc d;

	if (n > TEXT_MAX)
		return 0;
	if (toml_parse(&a, (str){(const char *)data, n}, &d, &cx) == E_OK) {
		check_places(&d);
		check_set(&a, &d, STR("new.key"));
		check_set(&a, &d, STR("root"));
		for (size_t i = 0; i < d.n && i < ITEMS_TRIED; i++) {
			check_set(&a, &d, d.items[i].path);
			check_unset(&a, &d, d.items[i].path);
		}
	} else {
		ASSERT(cx.code == E_CONFIG && cx.text[0]);
	}
	arena_release(&a);
	return 0;
}
