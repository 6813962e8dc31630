#include "proxy/retrieval.h"

#include "core/base/hash.h"
#include "core/json/scan.h"
#include "core/retrieve/retrieve.h"
#include "core/store/feedback.h"
#include "core/store/original.h"

void retrieval_init(struct retrieval *r, struct store *s, str tenant, bool is_counted)
{
	*r = (struct retrieval){.store = s, .tenant = tenant, .is_counted = is_counted};
	buf_init(&r->whole, STORE_TEXT_MAX);
}

void retrieval_release(struct retrieval *r)
{
	buf_release(&r->whole);
}

/* Counts one more; false when that is too many. Spellings of different length are told apart by what all have: the
 * shortest prefix. */
static bool may_give(struct retrieval *r, str hash)
{
	uint64_t h = hash64_seed(
		hash.n > ORIGINAL_PREFIX_MIN ? str_sub(hash, 0, ORIGINAL_PREFIX_MIN) : hash, 0);
	size_t i = 0;

	while (i < r->given_n && r->given[i].hash != h)
		i++;
	if (i == RETRIEVAL_HASHES)
		return false;
	if (i == r->given_n) {
		r->given_n++;
		r->given[i].hash = h;
		r->given[i].n = 0;
	}
	return r->given[i].n++ < RETRIEVAL_HASH_MAX;
}

static enum err read_want(
	str arguments, struct arena *a, struct retrieve_want *want, struct errctx *cx)
{
	struct json_tape t;

	if (json_scan(a, arguments, &t, NULL) != E_OK)
		FAIL(cx, E_MALFORMED, "the arguments are no JSON object");
	return retrieve_want_read(&t, 0, a, want, cx);
}

static enum err answer(
	struct retrieval *r, str arguments, struct arena *a, struct buf *out, struct errctx *cx)
{
	struct retrieve_want want;
	enum err err;

	TRY(read_want(arguments, a, &want, cx));
	if (!may_give(r, want.hash))
		FAIL(cx, E_USAGE,
			"this original was given %d times already: go on with what you have",
			(int)RETRIEVAL_HASH_MAX);
	buf_reset(&r->whole);
	err = original_get_for(r->store, r->tenant, want.hash, &r->whole, cx);
	if (err == E_NOT_FOUND && original_is_gone(r->store, r->tenant, want.hash))
		FAIL(cx, err,
			ORIGINAL_EXPIRED ": run the command or read the file again if it matters");
	if (err == E_NOT_FOUND)
		FAIL(cx, err,
			"no original has the hash %.64s: it is misspelled, or gone for more than a "
			"day; "
			"run the command or read the file again if it matters",
			arena_cstr(a, want.hash));
	TRY(err);
	TRY(retrieve_answer(&want, buf_str(&r->whole), a, out, cx));
	if (r->is_counted && !out->err)
		(void)!feedback_retrieved(r->store, want.hash, !retrieve_is_part(&want), NULL);
	return out->err;
}

bool retrieval_answer(struct retrieval *r, str arguments, struct arena *a, str *text)
{
	struct errctx cx = {0};
	struct buf out;

	buf_init_arena(&out, a, 2 * RETRIEVE_ANSWER_MAX);
	if (answer(r, arguments, a, &out, &cx) != E_OK) {
		*text = arena_str(a, str_from(cx.code ? cx.text : "the answer is too large"));
		return false;
	}
	*text = buf_str(&out);
	r->answers_n++;
	r->answers_bytes += out.n;
	return true;
}
