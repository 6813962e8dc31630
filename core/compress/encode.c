#include "core/compress/encode.h"

#include "core/base/buf.h"
#include "core/base/limits.h"
#include "core/compress/envelope.h"
#include "core/compress/fold.h"
#include "core/compress/minify.h"
#include "core/compress/rendered.h"
#include "core/compress/tidy.h"

const char *encode_reason_text(enum encode_reason r)
{
	static const char *const text[] = {
#define X(name, t) [ENCODE_##name] = t,
		ENCODE_REASONS(X)
#undef X
	};

	return text[r];
}

/* Words that stand for the call's own argument in the first line of a result. */
static const str echo_word = {"(path)", 6};
enum { ECHO_MIN = 12 /* bytes of the argument */ };

static str first_line(str text)
{
	size_t eol = str_find_byte(text, '\n');

	return str_sub(text, 0, eol == STR_NONE ? text.n : eol);
}

static bool can_echo(const struct encode_in *in)
{
	return in->tool == TOOL_FILE && in->path.n >= ECHO_MIN;
}

/* Replaces every "from" in the first line. */
static str replace_in_first_line(str text, str from, str to, struct arena *a)
{
	str line = first_line(text), rest = str_sub(text, line.n, text.n);
	struct buf b;
	size_t at;

	if (str_find(line, from) == STR_NONE)
		return text;
	buf_init_arena(&b, a, LIMIT_INPUT);
	while ((at = str_find(line, from)) != STR_NONE) {
		buf_add(&b, str_sub(line, 0, at));
		buf_add(&b, to);
		line = str_sub(line, at + from.n, line.n);
	}
	buf_add(&b, line);
	buf_add(&b, rest);
	return buf_str(&b);
}

struct encode {
	const struct encode_in *in;
	const struct encode_policy *policy;
	struct view *view;
	struct token_cache *cache;
	struct arena *arena;
	size_t tokens_before;
};

/* A candidate on its way: the text that decoding must give, and what became of it. */
struct draft {
	str head;  /* of the envelope, or empty */
	str plain; /* what decoding gives back, without the envelope */
	str text;
	enum loss loss;
	unsigned encoders;
	size_t tokens;
};

/* Lines, references and the rest, over d->plain. */
static void fold_draft(struct encode *e, struct draft *d)
{
	struct encode_in in = *e->in;
	struct buf b;

	in.text = d->plain;
	if (can_echo(&in)) {
		in.text = replace_in_first_line(in.text, in.path, echo_word, e->arena);
		if (in.text.p != d->plain.p)
			d->encoders |= ENCODER_ECHO;
	}
	buf_init_arena(&b, e->arena, LIMIT_INPUT);
	if (d->head.n) {
		buf_add(&b, d->head);
		buf_add_byte(&b, '\n');
	}
	d->encoders |= fold_lines(&in, e->policy, e->view, e->cache, e->arena, &b);
	d->text = buf_str(&b);
	d->tokens = d->encoders ? token_count(e->policy->encoding, d->text, e->cache)
				: e->tokens_before;
}

static bool is_verified(struct encode *e, const struct draft *d)
{
	struct encode_in in = *e->in;
	str decoded, want = d->plain;

	if (d->head.n && !envelope_close(d->head, d->plain, e->arena, &want))
		return false;
	in.text = d->text;
	return encode_decode(&in, e->view, e->arena, &decoded) && str_eq(decoded, want);
}

bool encode_is_file(const struct encode_in *in)
{
	return in->kind == KIND_CODE || in->kind == KIND_DIFF ||
	       tool_shows_file(in->tool, in->command);
}

/* Takes the text out of its envelope, if it is in one. What looks like our marker in there must stay inside. */
static void open_draft(struct encode *e, struct draft *d)
{
	struct envelope env;

	if (d->head.n || !envelope_open(d->plain, e->arena, &env) || marker_in_text(env.inner))
		return;
	d->head = env.head;
	d->plain = env.inner;
	d->encoders |= ENCODER_ENVELOPE;
}

/* d with another text, from which an encoder has taken what does not show. The text may only now be an envelope
 * that can be opened: one that was spread over lines. */
static void set_plain(struct encode *e, struct draft *d, str plain, enum encoder encoder)
{
	d->plain = plain;
	d->loss = LOSS_FORMAT;
	d->encoders |= encoder;
	open_draft(e, d);
}

/* The rungs that lose what does not show. Tidying never costs tokens; minified JSON may, because its lines can
 * no longer be referred to, so both are tried. */
static struct draft format_draft(struct encode *e, struct draft d)
{
	str tidied = tidy_text(d.plain, e->arena), minified;
	struct draft json;

	if (tidied.p != d.plain.p)
		set_plain(e, &d, tidied, ENCODER_TIDY);
	json = d;
	fold_draft(e, &d);
	if (!json.plain.n || !strchr("{[ \n\t", *json.plain.p))
		return d;
	minified = minify_json(json.plain, e->arena);
	if (minified.p == json.plain.p)
		return d;
	set_plain(e, &json, minified, ENCODER_JSON);
	fold_draft(e, &json);
	return json.tokens < d.tokens ? json : d;
}

static struct draft best_draft(struct encode *e)
{
	struct draft d = {.plain = e->in->text}, lossless;
	double enough = e->policy->target_ratio * (double)e->tokens_before;

	open_draft(e, &d);
	if (e->policy->is_lossless || encode_is_file(e->in)) {
		fold_draft(e, &d);
		return d;
	}
	lossless = d;
	if (enough > 0) {
		fold_draft(e, &lossless);
		if ((double)lossless.tokens <= enough)
			return lossless;
	}
	return format_draft(e, d);
}

static bool is_already(const struct encode_in *in)
{
	str rest;

	return envelope_split(in->text, &rest).n || marker_in_text(in->text) ||
	       (can_echo(in) && str_find(first_line(in->text), echo_word) != STR_NONE);
}

void encode_text(const struct encode_in *in, const struct encode_policy *policy, struct view *view,
	struct token_cache *cache, struct arena *a, struct encode_out *out)
{
	struct encode e = {in, policy, view, cache, a, 0};
	struct draft d;

	*out = (struct encode_out){.reason = ENCODE_TOO_SMALL, .text = in->text};
	out->tokens_before = (uint32_t)token_count(policy->encoding, in->text, cache);
	out->tokens_after = out->tokens_before;
	if (out->tokens_before < policy->min_tokens || !str_trim(in->text).n)
		return;
	if (is_already(in)) {
		out->reason = ENCODE_ALREADY;
		return;
	}
	e.tokens_before = out->tokens_before;
	d = best_draft(&e);
	out->reason = ENCODE_NO_GAIN;
	if (!d.encoders || d.tokens + policy->min_gain > out->tokens_before || !str_trim(d.text).n)
		return;
	if (!is_verified(&e, &d)) {
		out->reason = ENCODE_UNVERIFIED;
		return;
	}
	*out = (struct encode_out){
		ENCODE_CHANGED, d.text, d.loss, d.encoders, out->tokens_before, (uint32_t)d.tokens};
}

bool encode_decode(const struct encode_in *in, struct view *view, struct arena *a, str *out)
{
	str text, head = envelope_split(in->text, &text);

	if (!rendered_decode(view, text, tool_numbers_lines(in->tool, in->command), a, out))
		return false;
	if (can_echo(in))
		*out = replace_in_first_line(*out, echo_word, in->path, a);
	return !head.n || envelope_close(head, *out, a, out);
}

/* True when decoded is the original tidied, minified, or both; inside the envelope of that head, if any. */
static bool is_format_within(str head, str original, str decoded, struct arena *a)
{
	str tidied = tidy_text(original, a);
	str ways[] = {tidied, minify_json(tidied, a), minify_json(original, a)};

	for (size_t i = 0; i < ARRAY_N(ways); i++) {
		if (head.n && !envelope_close(head, ways[i], a, &ways[i]))
			continue;
		if (str_eq(ways[i], decoded))
			return true;
	}
	return false;
}

bool encode_is_format_of(str original, str decoded, struct arena *a)
{
	struct envelope e;

	return is_format_within(STR_NULL, original, decoded, a) ||
	       (envelope_open(original, a, &e) && is_format_within(e.head, e.inner, decoded, a));
}
