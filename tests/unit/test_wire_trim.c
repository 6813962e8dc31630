/* Definitions of tools without what says nothing; each case is an original and what it becomes. */
#include "core/wire/trim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/json/scan.h"

enum { BODY_MAX = 1 << 20 };

static struct arena arena = ARENA_INIT;

static int tear_down(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static struct wire_doc walk(str body, enum wire_format f)
{
	struct json_tape t;
	struct wire_doc doc = {0};
	struct errctx cx = {0};

	assert_int_equal(json_scan(&arena, body, &t, &cx), E_OK);
	assert_int_equal(wire_walk(&arena, &t, f, &doc, &cx), E_OK);
	return doc;
}

/* The body with the edits; proven by the check. */
static str trimmed(str body, enum wire_format f)
{
	struct wire_doc doc = walk(body, f), after;
	own_edits edits = {0};
	struct buf out;

	trim_tools(&doc, &arena, &edits, NULL, NULL);
	buf_init_arena(&out, &arena, BODY_MAX);
	assert_int_equal(patch_apply(body, edits.v, edits.n, &out), E_OK);
	after = walk(buf_str(&out), f);
	assert_true(trim_says_same(&doc, &after, &arena));
	return buf_str(&out);
}

static str anthropic(const char *tools)
{
	return arena_printf(&arena, "{\"model\":\"m\",\"tools\":[%s],\"messages\":[]}", tools);
}

static void check_schema(const char *schema, const char *want)
{
	str body = anthropic(arena_cstr(&arena,
		arena_printf(&arena, "{\"name\":\"read_file\",\"input_schema\":%s}", schema)));
	str expected = anthropic(arena_cstr(&arena,
		arena_printf(&arena, "{\"name\":\"read_file\",\"input_schema\":%s}", want)));

	assert_string_equal(
		arena_cstr(&arena, trimmed(body, WIRE_ANTHROPIC)), arena_cstr(&arena, expected));
}

#define DRAFT7    "\"$schema\":\"http://json-schema.org/draft-07/schema#\""
#define DRAFT2020 "\"$schema\":\"https://json-schema.org/draft/2020-12/schema\""

static const struct {
	const char *schema, *want;
} SCHEMAS[] = {
	{"{}", "{}"},
	{"{" DRAFT7 "}", "{}"},
	{"{" DRAFT7 ",\"type\":\"object\"}", "{\"type\":\"object\"}"},
	{"{\"type\":\"object\"," DRAFT2020 "}", "{\"type\":\"object\"}"},
	{"{\"type\":\"object\"," DRAFT7 ",\"properties\":{\"id\":{\"type\":\"string\"}}}",
		"{\"type\":\"object\",\"properties\":{\"id\":{\"type\":\"string\"}}}"},
	/* Drafts that mean other things, or would. */
	{"{\"$schema\":\"http://json-schema.org/draft-04/schema#\"}",
		"{\"$schema\":\"http://json-schema.org/draft-04/schema#\"}"},
	{"{" DRAFT7 ",\"properties\":{\"a\":{\"items\":[{},{}]}}}",
		"{" DRAFT7 ",\"properties\":{\"a\":{\"items\":[{},{}]}}}"},
	{"{" DRAFT7 ",\"properties\":{\"a\":{\"$ref\":\"#/definitions/a\"}}}",
		"{" DRAFT7 ",\"properties\":{\"a\":{\"$ref\":\"#/definitions/a\"}}}"},
	{"{" DRAFT7 ",\"anyOf\":[{\"format\":\"uri\"}]}",
		"{" DRAFT7 ",\"anyOf\":[{\"format\":\"uri\"}]}"},
	/* Properties of such names are none of these. */
	{"{" DRAFT7 ",\"properties\":{\"format\":{},\"$ref\":{},\"items\":{}}}",
		"{\"properties\":{\"format\":{},\"$ref\":{},\"items\":{}}}"},
	/* Titles. */
	{"{\"title\":\"Read "
	 "File\",\"properties\":{\"filePath\":{\"title\":\"Filepath\"},\"b\":"
	 "{\"title\":\"Bytes\"}}}",
		"{\"properties\":{\"filePath\":{},\"b\":{\"title\":\"Bytes\"}}}"},
	{"{\"$defs\":{\"A_b\":{\"title\":\"A b\",\"type\":\"object\"}}}",
		"{\"$defs\":{\"A_b\":{\"type\":\"object\"}}}"},
	{"{\"properties\":{\"a\":{\"items\":{\"title\":\"a\"}}}}",
		"{\"properties\":{\"a\":{\"items\":{\"title\":\"a\"}}}}"},
	/* A property that is called as a keyword. */
	{"{\"properties\":{\"title\":{\"type\":\"string\"},\"$comment\":{\"type\":"
	 "\"string\"},"
	 "\"description\":{\"type\":\"string\",\"description\":\"x \"}}}",
		"{\"properties\":{\"title\":{\"type\":\"string\"},\"$comment\":{\"type\":"
		"\"string\"},\"description\":{\"type\":\"string\",\"description\":\"x\"}}"
		"}"},
	/* Values are no schemas. */
	{"{\"default\":{\"$comment\":\"a\"},\"enum\":[{\"title\":\"\"}],\"examples\":[{"
	 "\"description\":\" a\"}],\"const\":{\"minimum\":-9007199254740991}}",
		"{\"default\":{\"$comment\":\"a\"},\"enum\":[{\"title\":\"\"}],"
		"\"examples\":[{"
		"\"description\":\" a\"}],\"const\":{\"minimum\":-9007199254740991}}"},
	/* Bounds of all integers, and others. */
	{"{\"properties\":{\"a\":{\"type\":\"integer\",\"minimum\":-9007199254740991,"
	 "\"maximum\":9007199254740991},\"b\":{\"type\":\"integer\",\"exclusiveMinimum\":0,"
	 "\"maximum\":9007199254740990},\"c\":{\"type\":\"number\",\"maximum\":"
	 "9007199254740991}}}",
		"{\"properties\":{\"a\":{\"type\":\"integer\"},\"b\":{\"type\":\"integer\","
		"\"exclusiveMinimum\":0,\"maximum\":9007199254740990},\"c\":{\"type\":"
		"\"number\",\"maximum\":9007199254740991}}}"},
	{"{\"description\":\" \",\"type\":\"object\",\"$comment\":\"x\"}", "{\"type\":\"object\"}"},
	/* What stays: these say something, or are demanded. */
	{"{\"additionalProperties\":false,\"required\":[],\"properties\":{},\"deprecated\":"
	 "true,"
	 "\"readOnly\":false,\"examples\":[1],\"default\":null}",
		"{\"additionalProperties\":false,\"required\":[],\"properties\":{},"
		"\"deprecated\":true,\"readOnly\":false,\"examples\":[1],\"default\":"
		"null}"},
	{"{\"title\":\"a\",\"title\":\"read_file\"}", "{\"title\":\"a\",\"title\":\"read_file\"}"},
	{"true", "true"},
	{"{ \"a\" : [ 1 , 2 ] ,\n\"b\": {} }", "{\"a\":[1,2],\"b\":{}}"},
};

static void test_schemas(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_N(SCHEMAS); i++)
		check_schema(SCHEMAS[i].schema, SCHEMAS[i].want);
}

static void test_descriptions(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{"", ""},
		{"one", "one"},
		{"one  \ntwo\t", "one\ntwo"},
		{"\n\n  one\n    two\n\n\n  three\n", "one\n  two\n\nthree"},
		{"- a\n  - b\n  - c", "- a\n  - b\n  - c"},
		{"a\n\n\n```\nx\n\n\ny  \n```\n\n\nb", "a\n\n```\nx\n\n\ny\n```\n\nb"},
		{" \t\n ", ""},
		{"\tone\n two", "\tone\n two"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(
			arena_cstr(&arena, trim_description(str_from(cases[i].text), &arena)),
			cases[i].want);
}

static void check_body(const char *body, const char *want, enum wire_format f)
{
	assert_string_equal(arena_cstr(&arena, trimmed(str_from(body), f)), want);
	/* Once more changes nothing: the same prefix, whoever sends it. */
	assert_string_equal(arena_cstr(&arena, trimmed(str_from(want), f)), want);
}

#define SCHEMA  "{" DRAFT7 ",\"title\":\"go\",\"type\":\"object\"}"
#define SHORTER "{\"type\":\"object\"}"

static void test_dialects(void **state)
{
	(void)state;
	check_body("{\"tools\": [ {\"name\":\"go\",\"description\":\"x \",\"input_schema\":" SCHEMA
		   ",\"cache_control\":{\"type\":\"ephemeral\"}} "
		   ",{\"type\":\"custom\",\"name\":\"go\","
		   "\"input_schema\":" SCHEMA "}],\"messages\":[]}",
		"{\"tools\": [ {\"name\":\"go\",\"description\":\"x\",\"input_schema\":" SHORTER
		",\"cache_control\":{\"type\":\"ephemeral\"}} "
		",{\"type\":\"custom\",\"name\":\"go\","
		"\"input_schema\":" SHORTER "}],\"messages\":[]}",
		WIRE_ANTHROPIC);
	check_body(
		"{\"messages\":[],\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"go\","
		"\"description\":\" x\",\"parameters\":" SCHEMA ",\"strict\":true}}]}",
		"{\"messages\":[],\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"go\","
		"\"description\":\"x\",\"parameters\":" SHORTER ",\"strict\":true}}]}",
		WIRE_OPENAI_CHAT);
	check_body("{\"input\":[],\"tools\":[{\"type\":\"function\",\"name\":\"go\","
		   "\"parameters\":" SCHEMA "},{\"type\":\"namespace\",\"name\":\"n\",\"tools\":[{"
		   "\"type\":\"function\",\"name\":"
		   "\"go\",\"parameters\":" SCHEMA "}]}]}",
		"{\"input\":[],\"tools\":[{\"type\":\"function\",\"name\":\"go\","
		"\"parameters\":" SHORTER "},{\"type\":\"namespace\",\"name\":\"n\",\"tools\":[{"
		"\"type\":\"function\",\"name\":"
		"\"go\",\"parameters\":" SHORTER "}]}]}",
		WIRE_OPENAI_RESPONSES);
	check_body(
		"{\"contents\":[],\"tools\":[{\"functionDeclarations\":[{\"name\":\"go\","
		"\"parameters\":"
		"{\"type\":\"OBJECT\",\"properties\":{\"a\":{\"title\":\"A\"}}}},{\"name\":\"go\","
		"\"parametersJsonSchema\":" SCHEMA "}]},{\"googleSearch\":{}}]}",
		"{\"contents\":[],\"tools\":[{\"functionDeclarations\":[{\"name\":\"go\","
		"\"parameters\":"
		"{\"type\":\"OBJECT\",\"properties\":{\"a\":{}}}},{\"name\":\"go\","
		"\"parametersJsonSchema\":" SHORTER "}]},{\"googleSearch\":{}}]}",
		WIRE_GEMINI);
}

/* Tools of the provider's own, and those that are loaded when they are searched for. */
static void test_left_alone(void **state)
{
	static const char body[] =
		"{\"tools\": [{\"type\":\"web_search_20250305\",\"name\":\"web_search\", "
		"\"description\":\" x \"},{\"name\":\"go\",\"defer_loading\":true, "
		"\"input_schema\":" SCHEMA "}], \"messages\":[]}";

	(void)state;
	check_body(body, body, WIRE_ANTHROPIC);
}

/* The check sees what is not the same. */
static void check_other(const char *tools, const char *other)
{
	struct wire_doc a = walk(anthropic(tools), WIRE_ANTHROPIC),
			b = walk(anthropic(other), WIRE_ANTHROPIC);

	assert_false(trim_says_same(&a, &b, &arena));
}

static void test_check(void **state)
{
	(void)state;
#define TOOL(schema) "{\"name\":\"t\",\"description\":\"d e\",\"input_schema\":" schema "}"
	check_other(TOOL("{\"type\":\"object\"}"), TOOL("{}"));
	check_other(TOOL("{}"), TOOL("{\"type\":\"object\"}"));
	check_other(TOOL("{\"title\":\"other\"}"), TOOL("{}"));
	check_other(TOOL("{\"maximum\":5}"), TOOL("{}"));
	check_other(TOOL("{\"description\":\"x\"}"), TOOL("{}"));
	check_other(TOOL("{\"description\":\"x y\"}"), TOOL("{\"description\":\"x z\"}"));
	check_other(TOOL("{\"enum\":[\"a \"]}"), TOOL("{\"enum\":[\"a\"]}"));
	check_other(TOOL("{\"enum\":[{\"$comment\":\"a\"}]}"), TOOL("{\"enum\":[{}]}"));
	check_other(TOOL("{}"), TOOL("{}") "," TOOL("{}"));
	check_other(TOOL("{}") "," TOOL("{}"), TOOL("{}"));
	check_other(TOOL("{\"a\":1,\"b\":2}"), TOOL("{\"b\":2,\"a\":1}"));
	check_other("{\"name\":\"t\",\"description\":\"\"}", "{\"name\":\"t\"}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_schemas, tear_down),
		cmocka_unit_test_teardown(test_descriptions, tear_down),
		cmocka_unit_test_teardown(test_dialects, tear_down),
		cmocka_unit_test_teardown(test_left_alone, tear_down),
		cmocka_unit_test_teardown(test_check, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
