#include "core/memory/clean.h"

#include "core/base/attr.h"
#include "core/json/redact.h"

/* Blocks that clients and we put into messages. What Claude Code, Codex and Gemini write around their reminders and
 * surroundings was seen in recorded requests; the others are ours. */
static const struct {
	str open, close;
} BLOCKS[] = {
	{{"<system-reminder>", 17}, {"</system-reminder>", 18}},
	{{MEMORY_BLOCK_OPEN, 16}, {MEMORY_BLOCK_CLOSE, 18}},
	{{"<!-- headroom:memory:start -->", 30}, {"<!-- headroom:memory:end -->", 28}},
	{{"<environment_context>", 21}, {"</environment_context>", 22}},
	{{"<session_context>", 17}, {"</session_context>", 18}},
	{{"<environment_details>", 21}, {"</environment_details>", 22}},
	{{"<local-command-caveat>", 22}, {"</local-command-caveat>", 23}},
	{{"<command-name>", 14}, {"</command-name>", 15}},
	{{"<command-message>", 17}, {"</command-message>", 18}},
	{{"<command-args>", 14}, {"</command-args>", 15}},
};

/* Bytes of the block at the beginning of s, 0 when there is none. One without end goes to the end of the text. */
static size_t block_bytes(str s)
{
	for (size_t i = 0; i < ARRAY_N(BLOCKS); i++) {
		size_t end;

		if (!str_starts(s, BLOCKS[i].open))
			continue;
		end = str_find(s, BLOCKS[i].close);
		return end == STR_NONE ? s.n : end + BLOCKS[i].close.n;
	}
	return 0;
}

bool memory_strip(str text, struct buf *out)
{
	bool found = false;
	size_t from = 0, at = 0;

	while (at < text.n) {
		size_t n = text.p[at] == '<' ? block_bytes(str_sub(text, at, text.n)) : 0;

		if (!n) {
			at++;
			continue;
		}
		buf_add(out, str_sub(text, from, at));
		from = at += n;
		found = true;
	}
	buf_add(out, str_sub(text, from, text.n));
	return found;
}

static enum err check_secrets(str text, struct errctx *cx)
{
	struct buf shown;
	size_t n;
	enum err e;

	buf_init(&shown, text.n * 2 + 4096);
	n = redact_text(text, &shown);
	e = shown.err;
	buf_release(&shown);
	if (n)
		FAIL(cx, E_PERMISSION, "the text holds %zu secret%s: nothing was remembered", n,
			n == 1 ? "" : "s");
	return e ? err_set(cx, e, "the text could not be looked through for secrets") : E_OK;
}

enum err memory_check_texts(const str *v, size_t n, struct errctx *cx)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].n)
			TRY(check_secrets(v[i], cx));
	return E_OK;
}

enum err memory_clean(str text, struct buf *out, struct errctx *cx)
{
	struct buf stripped;
	str kept;
	enum err e;

	buf_init(&stripped, text.n + 1);
	(void)memory_strip(text, &stripped);
	kept = str_trim(buf_str(&stripped));
	if (stripped.err)
		e = err_set(cx, stripped.err, "no memory for the text");
	else if (!kept.n)
		e = err_set(cx, E_MALFORMED, "there is nothing in it to remember");
	else
		e = check_secrets(kept, cx);
	if (!e) {
		buf_add(out, kept);
		e = out->err ? err_set(cx, out->err, "no room for the text") : E_OK;
	}
	buf_release(&stripped);
	return e;
}
