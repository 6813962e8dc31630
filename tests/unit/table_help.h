/* table_help: for the tests of JSON as tables. */
#ifndef TESTS_UNIT_TABLE_HELP_H
#define TESTS_UNIT_TABLE_HELP_H

#include <stdlib.h>

#include "core/base/limits.h"
#include "core/compress/table/read.h"
#include "core/compress/table/table.h"
#include "core/compress/table/write.h"
#include "core/json/scan.h"
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

static inline str write_doc(str json, struct arena *a, unsigned *escapes)
{
	struct facts f;
	struct json_tape t;
	struct buf b;

	assert_int_equal(json_scan(a, json, &t, NULL), E_OK);
	facts_init(&f, t, a);
	*escapes = f.escapes;
	buf_init_arena(&b, a, LIMIT_INPUT);
	(void)write_document(&(struct write_in){.f = &f, .arena = a}, &b);
	return buf_str(&b);
}

static inline bool read_doc(str text, unsigned escapes, struct arena *a, str *out)
{
	struct read_out read;
	struct buf b;

	*out = STR_NULL;
	buf_init_arena(&b, a, LIMIT_INPUT);
	if (!read_document(text, escapes, 0, a, &b, &read) || read.end != text.n || read.gaps_n)
		return false;
	*out = buf_str(&b);
	return true;
}

/* Any JSON without white space, however small. */
static inline void assert_reads_back(str json, struct arena *a)
{
	unsigned escapes;
	str text = write_doc(json, a, &escapes), got = STR_NULL;

	if (read_doc(text, escapes, a, &got) && str_eq(got, json))
		return;
	print_error("json: " STR_FMT "\ntext: " STR_FMT "\ngot:  " STR_FMT "\n", STR_ARG(json),
		STR_ARG(text), STR_ARG(got));
	fail();
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
