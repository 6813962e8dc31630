#include "core/compress/model/shape.h"

#include "core/json/scan.h"

/* The largest encoder of that kind has 28 layers of 1,024; more than these is no size but a mistake. */
enum {
	VOCAB_MAX = 1 << 24,
	HIDDEN_MAX = 1 << 14,
	LAYERS_MAX = 1 << 10,
	/* Tokens at once: what the Kompress models were trained with. More cost more than they tell: attention is quadratic. */
	WINDOW_MAX = 512,
};

/* Defaults are those of ModernBertConfig in transformers. */
static enum err read_sizes(
	const struct json_tape *t, struct shape *out, size_t *heads, struct errctx *cx)
{
	struct {
		const char *name;
		size_t *to;
		size_t otherwise, max; /* otherwise 0: must be there */
	} fields[] = {
		{"vocab_size", &out->vocab_n, 0, VOCAB_MAX},
		{"hidden_size", &out->hidden, 0, HIDDEN_MAX},
		{"num_hidden_layers", &out->layers_n, 0, LAYERS_MAX},
		{"num_attention_heads", heads, 0, HIDDEN_MAX},
		{"intermediate_size", &out->intermediate, 0, HIDDEN_MAX},
		{"local_attention", &out->local, 128, SIZE_MAX / 4},
		{"global_attn_every_n_layers", &out->global_every, 3, LAYERS_MAX},
		{"max_position_embeddings", &out->window, 8192, SIZE_MAX / 4},
	};

	for (size_t i = 0; i < ARRAY_N(fields); i++) {
		uint32_t node = json_member(t, 0, fields[i].name);
		uint64_t v = fields[i].otherwise;

		if (node != JSON_ABSENT && !json_u64(t, node, &v))
			v = 0;
		if (!v || v > fields[i].max)
			FAIL(cx, E_MALFORMED, "%s: expected a number from 1 to %zu", fields[i].name,
				fields[i].max);
		*fields[i].to = (size_t)v;
	}
	return E_OK;
}

static double number_of(
	const struct json_tape *t, uint32_t object, const char *name, double otherwise)
{
	uint32_t node = object != JSON_ABSENT && json_is(t, object, JSON_OBJECT)
				? json_member(t, object, name)
				: JSON_ABSENT;
	double v;

	return node != JSON_ABSENT && json_f64(t, node, &v) ? v : otherwise;
}

/* Both spellings: before and since version 5 of transformers. */
static double theta_of(
	const struct json_tape *t, const char *old, const char *now, double otherwise)
{
	uint32_t all = json_member(t, 0, "rope_parameters");
	uint32_t one = all != JSON_ABSENT && json_is(t, all, JSON_OBJECT) ? json_member(t, all, now)
									  : JSON_ABSENT;

	return number_of(t, one, "rope_theta", number_of(t, 0, old, otherwise));
}

static enum err check_words(const struct json_tape *t, struct errctx *cx)
{
	static const struct {
		const char *name, *value;
	} words[] = {{"hidden_activation", "gelu"}, {"classifier_activation", "gelu"}};

	for (size_t i = 0; i < ARRAY_N(words); i++) {
		uint32_t node = json_member(t, 0, words[i].name);

		if (node != JSON_ABSENT && !json_string_is(t, node, words[i].value))
			FAIL(cx, E_UNSUPPORTED, "%s: expected %s", words[i].name, words[i].value);
	}
	return E_OK;
}

enum err shape_read(str config, struct arena *a, struct shape *out, struct errctx *cx)
{
	struct json_tape t;
	size_t heads;

	TRY(json_scan(a, config, &t, cx));
	if (!json_is(&t, 0, JSON_OBJECT))
		FAIL(cx, E_MALFORMED, "expected an object");
	TRY(read_sizes(&t, out, &heads, cx));
	TRY(check_words(&t, cx));
	if (out->hidden % heads || out->hidden / heads % 2)
		FAIL(cx, E_MALFORMED, "hidden_size is no even multiple of num_attention_heads");
	out->head = out->hidden / heads;
	out->window = out->window < WINDOW_MAX ? out->window : WINDOW_MAX;
	out->global_theta = theta_of(&t, "global_rope_theta", "full_attention", 160000);
	out->local_theta = theta_of(&t, "local_rope_theta", "sliding_attention", 10000);
	out->norm_eps = number_of(&t, 0, "norm_eps", 1e-5);
	if (!(out->global_theta > 1) || !(out->local_theta > 1) || !(out->norm_eps > 0))
		FAIL(cx, E_MALFORMED, "norm_eps or a rope_theta is out of range");
	return E_OK;
}
