/* bench_yaml: throughput of the codec of YAML; bench/codec/speed.h says how. */
#include "bench/codec/speed.h"
#include "core/compress/pairs/yaml.h"
#include "tests/unit/random_yaml.h"

static void make_pods(struct buf *b, size_t n)
{
	struct rng r = rng_new(1);

	buf_add_c(b, "apiVersion: v1\nitems:\n");
	for (uint32_t i = 0; b->n < n; i++)
		buf_printf(b,
			"- apiVersion: v1\n  kind: Pod\n  metadata:\n    creationTimestamp: "
			"\"2026-03-01T12:%02u:%02uZ\"\n    labels:\n      app: %s\n"
			"      pod-template-hash: \"%u\"\n    name: web-%u\n    namespace: "
			"default\n"
			"  spec:\n    containers:\n    - image: registry.example.org/%s:1.2\n"
			"      name: app\n      ports:\n      - containerPort: 8080\n"
			"        protocol: TCP\n    nodeName: node-%u\n  status:\n    phase: "
			"Running\n"
			"    podIP: 10.1.%u.%u\n",
			i / 60 % 60, i % 60, RNG_PICK(&r, text_words), rng_next(&r), i,
			RNG_PICK(&r, text_words), rng_below(&r, 90), i / 250 % 250, i % 250);
	buf_add_c(b, "kind: List\n");
}

static void make_values(struct buf *b, size_t n)
{
	struct rng r = rng_new(1);

	for (uint32_t i = 0; b->n < n; i++)
		buf_printf(b,
			"service_%u:\n  image: %s:%u\n  environment:\n    LEVEL: info\n"
			"    PORT: \"%u\"\n  command: run --with '%s' & wait\n",
			i, RNG_PICK(&r, text_words), rng_below(&r, 20), rng_below(&r, 9000),
			RNG_PICK(&r, text_words));
}

int main(int argc, char **argv)
{
	static const struct speed_text texts[] = {{"pods", make_pods}, {"values", make_values}};

	return speed_main(&yaml_codec, KIND_TEXT, texts, ARRAY_N(texts), argc, argv);
}
