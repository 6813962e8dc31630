/* table_help: for the tests of JSON as tables. */
#ifndef TESTS_UNIT_TABLE_HELP_H
#define TESTS_UNIT_TABLE_HELP_H

#include <stdlib.h>

#include "core/base/limits.h"
#include "core/compress/table/table.h"
#include "tests/unit/compress_help.h"
#include "tests/unit/random_json.h"
#include "tests/unit/seeds.h"

static inline str random_doc(uint64_t seed, struct arena *a)
{
	struct rng r = rng_new(seed);
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	add_json_value(&r, &b, 0);
	return buf_str(&b);
}

static inline str encode(str text, struct arena *a)
{
	const struct codec_in in = {.text = text, .kind = KIND_JSON};
	struct codec_out out;

	return table_codec.encode(&in, a, &out) ? out.text : STR_NULL;
}

static inline void assert_decodes(str text, str encoded, struct arena *a)
{
	str got = STR_NULL;

	if (table_codec.decode(encoded, a, &got) && str_eq(got, text))
		return;
	print_error("text: " STR_FMT "\nencoded: " STR_FMT "\ngot:  " STR_FMT "\n", STR_ARG(text),
		STR_ARG(encoded), STR_ARG(got));
	fail();
}

#endif
