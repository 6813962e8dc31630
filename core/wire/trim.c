#include "core/wire/trim.h"

#include "core/base/limits.h"
#include "core/base/vec.h"
#include "core/json/text.h"
#include "core/json/write.h"
#include "core/wire/own_tool.h"

struct trim {
	const struct json_tape *t;
	struct arena *arena;
	struct buf *out;
	bool keeps_all; /* only white space goes */
};

/* ---- descriptions -------------------------------------------------------------------------------- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static str without_tail(str line)
{
	while (line.n && is_blank(line.p[line.n - 1]))
		line.n--;
	return line;
}

/* Blanks that all lines begin with, but for empty ones. */
static str common_margin(str text)
{
	str margin = STR_NULL, line;
	bool is_first = true;

	while (str_next_line(&text, &line, NULL)) {
		size_t n = 0, max;

		line = without_tail(line);
		if (!line.n)
			continue;
		max = is_first ? line.n : margin.n < line.n ? margin.n : line.n;
		while (n < max && is_blank(line.p[n]) && (is_first || line.p[n] == margin.p[n]))
			n++;
		margin = str_sub(line, 0, n);
		is_first = false;
	}
	return margin;
}

str trim_description(str text, struct arena *a)
{
	str margin = common_margin(text), rest = text, line;
	bool is_fenced = false;
	size_t empty_n = 0;
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	while (str_next_line(&rest, &line, NULL)) {
		line = without_tail(line);
		if (!line.n && !is_fenced) {
			empty_n++;
			continue;
		}
		if (b.n)
			buf_add_c(&b, empty_n ? "\n\n" : "\n");
		empty_n = 0;
		line = str_sub(line, margin.n < line.n ? margin.n : line.n, line.n);
		is_fenced ^= str_starts(str_trim(line), STR("```"));
		buf_add(&b, line);
	}
	return b.err || b.n >= text.n ? text : buf_str(&b);
}

/* ---- schemas ------------------------------------------------------------------------------------- */

enum below {
	BELOW_VALUE,   /* no schema: stays as it is */
	BELOW_SCHEMA,  /* one, or a list of them */
	BELOW_SCHEMAS, /* an object of schemas by name */
};

/* The keywords of all drafts that have schemas in them: https://json-schema.org/draft/2020-12/json-schema-core section 10,
 * and those of the drafts before it. */
static const struct {
	const char *name;
	enum below below;
} KEYWORDS[] = {
	{"properties", BELOW_SCHEMAS},
	{"items", BELOW_SCHEMA},
	{"anyOf", BELOW_SCHEMA},
	{"oneOf", BELOW_SCHEMA},
	{"allOf", BELOW_SCHEMA},
	{"$defs", BELOW_SCHEMAS},
	{"definitions", BELOW_SCHEMAS},
	{"additionalProperties", BELOW_SCHEMA},
	{"prefixItems", BELOW_SCHEMA},
	{"patternProperties", BELOW_SCHEMAS},
	{"dependentSchemas", BELOW_SCHEMAS},
	{"propertyNames", BELOW_SCHEMA},
	{"contains", BELOW_SCHEMA},
	{"not", BELOW_SCHEMA},
	{"if", BELOW_SCHEMA},
	{"then", BELOW_SCHEMA},
	{"else", BELOW_SCHEMA},
	{"additionalItems", BELOW_SCHEMA},
	{"unevaluatedItems", BELOW_SCHEMA},
	{"unevaluatedProperties", BELOW_SCHEMA},
};

/* Keywords whose meaning is not the same from draft 7 to 2020-12, or hangs on where the schema is. */
static const char *const BY_DRAFT[] = {"$id", "$ref", "$anchor", "$dynamicRef", "$dynamicAnchor",
	"$recursiveRef", "$recursiveAnchor", "$vocabulary", "dependencies", "additionalItems",
	"format", "contentEncoding", "contentMediaType", "unevaluatedItems",
	"unevaluatedProperties", "dependentSchemas", "dependentRequired", "prefixItems",
	"minContains", "maxContains"};

/* What a "$schema" may say to be left out, without the scheme in front and a # behind. */
static const char *const DRAFTS[] = {"json-schema.org/draft-07/schema",
	"json-schema.org/draft/2019-09/schema", "json-schema.org/draft/2020-12/schema"};

/* The key of a member, raw; keywords have no escapes, and one that has is none to us. */
static str key_of(const struct json_tape *t, uint32_t key)
{
	return str_sub(json_text(t, key), 1, json_text(t, key).n - 1);
}

static enum below below_of(str key)
{
	for (size_t i = 0; i < ARRAY_N(KEYWORDS); i++)
		if (str_eq_c(key, KEYWORDS[i].name))
			return KEYWORDS[i].below;
	return BELOW_VALUE;
}

static bool is_by_draft(const struct json_tape *t, str key, uint32_t value)
{
	for (size_t i = 0; i < ARRAY_N(BY_DRAFT); i++)
		if (str_eq_c(key, BY_DRAFT[i]))
			return true;
	/* A list of schemas for a tuple; true or false beside a bound. */
	return (str_eq_c(key, "items") && json_is(t, value, JSON_ARRAY)) ||
	       (str_starts(key, STR("exclusive")) && !json_is(t, value, JSON_NUMBER));
}

/* True when the schema, and all in it, says the same under every one of these drafts. */
static bool is_of_any_draft(const struct json_tape *t, uint32_t schema)
{
	bool is_object = json_is(t, schema, JSON_OBJECT);

	if (!is_object && !json_is(t, schema, JSON_ARRAY))
		return true;
	for (struct json_iter it = json_iter(t, schema); json_next(&it);) {
		str key = is_object ? key_of(t, it.key) : STR_NULL;
		enum below below = is_object ? below_of(key) : BELOW_SCHEMA;

		if (is_object && is_by_draft(t, key, it.value))
			return false;
		if (below == BELOW_SCHEMA && !is_of_any_draft(t, it.value))
			return false;
		if (below != BELOW_SCHEMAS)
			continue;
		for (struct json_iter s = json_iter(t, it.value); json_next(&s);)
			if (!is_of_any_draft(t, s.value))
				return false;
	}
	return true;
}

static bool is_draft(str uri)
{
	(void)(str_take(&uri, STR("http://")) || str_take(&uri, STR("https://")));
	if (str_ends(uri, STR("#")))
		uri.n--;
	for (size_t i = 0; i < ARRAY_N(DRAFTS); i++)
		if (str_eq_c(uri, DRAFTS[i]))
			return true;
	return false;
}

/* The letters and digits of both are the same, upper and lower case alike: "File Path" of file_path. */
static bool spells(str title, str name)
{
	size_t i = 0, j = 0;

	for (;; i++, j++) {
		while (i < title.n && (title.p[i] == ' ' || title.p[i] == '_' || title.p[i] == '-'))
			i++;
		while (j < name.n && (name.p[j] == ' ' || name.p[j] == '_' || name.p[j] == '-'))
			j++;
		if (i == title.n || j == name.n)
			return i == title.n && j == name.n;
		if (!str_eq_nocase(str_sub(title, i, i + 1), str_sub(name, j, j + 1)))
			return false;
	}
}

static bool is_integer(const struct json_tape *t, uint32_t schema)
{
	uint32_t type = json_member(t, schema, "type");

	return type != JSON_ABSENT && json_string_is(t, type, "integer");
}

/* Where a schema stands. */
struct at {
	uint32_t schema;
	str name; /* of the property or definition; empty: none */
	bool is_root;
};

static bool is_empty_description(const struct trim *x, uint32_t value)
{
	str text;

	return json_string(x->t, value, x->arena, &text) && !trim_description(text, x->arena).n;
}

/* May this member of a schema be left out? RFC 8259 section 6 and RFC 7493 section 2.2 on the numbers. */
static bool says_nothing(const struct trim *x, const struct at *at, str key, uint32_t value)
{
	const struct json_tape *t = x->t;
	str text = json_text(t, value);

	if (str_eq_c(key, "minimum"))
		return str_eq_c(text, "-9007199254740991") && is_integer(t, at->schema);
	if (str_eq_c(key, "maximum"))
		return str_eq_c(text, "9007199254740991") && is_integer(t, at->schema);
	if (!json_is(t, value, JSON_STRING))
		return false;
	if (str_eq_c(key, "title"))
		return at->name.n && spells(str_sub(text, 1, text.n - 1), at->name);
	if (str_eq_c(key, "$schema"))
		return at->is_root && is_draft(str_sub(text, 1, text.n - 1)) &&
		       is_of_any_draft(t, at->schema);
	if (str_eq_c(key, "description"))
		return is_empty_description(x, value);
	return str_eq_c(key, "$comment");
}

/* ---- writing ------------------------------------------------------------------------------------- */

static void write_key(struct trim *x, uint32_t key, bool *is_first)
{
	if (!*is_first)
		buf_add_byte(x->out, ',');
	*is_first = false;
	if (key == JSON_ABSENT)
		return;
	buf_add(x->out, json_text(x->t, key));
	buf_add_byte(x->out, ':');
}

/* As it is, without white space. */
static void write_value(struct trim *x, uint32_t node)
{
	bool is_object = json_is(x->t, node, JSON_OBJECT), is_first = true;

	if (!is_object && !json_is(x->t, node, JSON_ARRAY)) {
		buf_add(x->out, json_text(x->t, node));
		return;
	}
	buf_add_byte(x->out, is_object ? '{' : '[');
	for (struct json_iter it = json_iter(x->t, node); json_next(&it);) {
		write_key(x, it.key, &is_first);
		write_value(x, it.value);
	}
	buf_add_byte(x->out, is_object ? '}' : ']');
}

static void write_description(struct trim *x, uint32_t node)
{
	struct json_writer w;
	str text, shorter;

	if (x->keeps_all || !json_string(x->t, node, x->arena, &text)) {
		write_value(x, node);
		return;
	}
	shorter = trim_description(text, x->arena);
	if (shorter.p == text.p) {
		write_value(x, node);
		return;
	}
	json_write_init(&w, x->out, false);
	json_write_str(&w, NULL, shorter);
}

static void write_schema(struct trim *x, const struct at *at);

/* A list of schemas, or an object of them by name. */
static void write_schemas(struct trim *x, uint32_t node)
{
	bool is_object = json_is(x->t, node, JSON_OBJECT), is_first = true;

	buf_add_byte(x->out, is_object ? '{' : '[');
	for (struct json_iter it = json_iter(x->t, node); json_next(&it);) {
		struct at at = {.schema = it.value};

		if (is_object)
			at.name = key_of(x->t, it.key);
		write_key(x, it.key, &is_first);
		write_schema(x, &at);
	}
	buf_add_byte(x->out, is_object ? '}' : ']');
}

static void write_member(struct trim *x, str key, uint32_t value)
{
	enum below below = below_of(key);
	bool is_object = json_is(x->t, value, JSON_OBJECT);

	if (str_eq_c(key, "description"))
		write_description(x, value);
	else if (below == BELOW_SCHEMA && is_object)
		write_schema(x, &(struct at){.schema = value});
	else if (below == BELOW_SCHEMA ? json_is(x->t, value, JSON_ARRAY)
				       : below == BELOW_SCHEMAS && is_object)
		write_schemas(x, value);
	else
		write_value(x, value);
}

static void write_schema(struct trim *x, const struct at *at)
{
	bool is_first = true;

	if (x->keeps_all || !json_is(x->t, at->schema, JSON_OBJECT) ||
		json_has_duplicate_key(x->t, at->schema)) {
		write_value(x, at->schema);
		return;
	}
	buf_add_byte(x->out, '{');
	for (struct json_iter it = json_iter(x->t, at->schema); json_next(&it);) {
		str key = key_of(x->t, it.key);

		if (says_nothing(x, at, key, it.value))
			continue;
		write_key(x, it.key, &is_first);
		write_member(x, key, it.value);
	}
	buf_add_byte(x->out, '}');
}

/* ---- tools --------------------------------------------------------------------------------------- */

enum part {
	PART_OTHER,
	PART_DESCRIPTION,
	PART_SCHEMA,
	PART_TOOL,  /* a function within a tool */
	PART_TOOLS, /* a list of them */
};

/* Members of definitions, of all dialects: in none of them does one of these names mean another thing. */
static const struct {
	const char *name;
	enum part part;
} PARTS[] = {
	{"description", PART_DESCRIPTION},
	{"input_schema", PART_SCHEMA},         /* Anthropic */
	{"parameters", PART_SCHEMA},           /* the others */
	{"function", PART_TOOL},               /* Chat */
	{"tools", PART_TOOLS},                 /* Responses: of a namespace */
	{"functionDeclarations", PART_TOOLS},  /* Gemini */
	{"function_declarations", PART_TOOLS}, /* Gemini */
	{"parametersJsonSchema", PART_SCHEMA}, /* Gemini, as the next */
	{"parameters_json_schema", PART_SCHEMA},
	{"response", PART_SCHEMA},
	{"responseJsonSchema", PART_SCHEMA},
	{"response_json_schema", PART_SCHEMA},
};

/* Types of tools that the client defines; the others are the provider's own, and their members are settings. */
static const char *const OWN_TYPES[] = {"function", "custom", "namespace"};

static enum part part_of(str key)
{
	for (size_t i = 0; i < ARRAY_N(PARTS); i++)
		if (str_eq_c(key, PARTS[i].name))
			return PARTS[i].part;
	return PART_OTHER;
}

/* Is the tool one that may be said shorter? */
static bool is_definition(const struct json_tape *t, uint32_t tool)
{
	uint32_t type, later;

	if (!json_is(t, tool, JSON_OBJECT) || json_has_duplicate_key(t, tool))
		return false;
	type = json_member(t, tool, "type");
	later = json_member(t, tool, "defer_loading");
	if (later != JSON_ABSENT && json_is(t, later, JSON_TRUE))
		return false;
	if (type == JSON_ABSENT)
		return true;
	for (size_t i = 0; i < ARRAY_N(OWN_TYPES); i++)
		if (json_string_is(t, type, OWN_TYPES[i]))
			return true;
	return false;
}

static void write_tool(struct trim *x, uint32_t tool);

static void write_tools(struct trim *x, uint32_t list)
{
	bool is_first = true;

	buf_add_byte(x->out, '[');
	for (struct json_iter it = json_iter(x->t, list); json_next(&it);) {
		write_key(x, JSON_ABSENT, &is_first);
		write_tool(x, it.value);
	}
	buf_add_byte(x->out, ']');
}

static str name_of(const struct json_tape *t, uint32_t tool)
{
	uint32_t name = json_member(t, tool, "name");

	return name != JSON_ABSENT && json_is(t, name, JSON_STRING) ? key_of(t, name) : STR_NULL;
}

static void write_part(struct trim *x, uint32_t tool, str key, uint32_t value)
{
	const struct at root = {.schema = value, .name = name_of(x->t, tool), .is_root = true};
	enum part part = part_of(key);

	if (part == PART_DESCRIPTION)
		write_description(x, value);
	else if (part == PART_SCHEMA)
		write_schema(x, &root);
	else if (part == PART_TOOL && json_is(x->t, value, JSON_OBJECT))
		write_tool(x, value);
	else if (part == PART_TOOLS && json_is(x->t, value, JSON_ARRAY))
		write_tools(x, value);
	else
		write_value(x, value);
}

static void write_tool(struct trim *x, uint32_t tool)
{
	bool is_first = true;

	if (x->keeps_all || !is_definition(x->t, tool)) {
		write_value(x, tool);
		return;
	}
	buf_add_byte(x->out, '{');
	for (struct json_iter it = json_iter(x->t, tool); json_next(&it);) {
		write_key(x, it.key, &is_first);
		write_part(x, tool, key_of(x->t, it.key), it.value);
	}
	buf_add_byte(x->out, '}');
}

/* ---- the list ------------------------------------------------------------------------------------ */

struct list {
	const struct wire_doc *doc;
	struct arena *arena;
	own_edits *edits;
	struct buf *plain, *short_;
};

static void trim_one(struct list *l, uint32_t tool)
{
	const struct json_tape *t = &l->doc->tape;
	struct trim x = {.t = t, .arena = l->arena};
	struct buf b;

	if (!is_definition(t, tool))
		return;
	buf_init_arena(&b, l->arena, LIMIT_INPUT);
	x.out = &b;
	write_tool(&x, tool);
	if (b.err || str_eq(buf_str(&b), json_text(t, tool)))
		return;
	*vec_push(l->edits, l->arena) =
		(struct patch_edit){{t->v[tool].start, t->v[tool].end}, buf_str(&b)};
	if (!l->plain)
		return;
	x.out = l->plain;
	x.keeps_all = true;
	write_tool(&x, tool);
	buf_add(l->short_, buf_str(&b));
}

void trim_tools(const struct wire_doc *doc, struct arena *a, own_edits *edits, struct buf *plain,
	struct buf *short_)
{
	const struct json_tape *t = &doc->tape;
	struct list l = {doc, a, edits, plain, short_};
	uint32_t list = own_tool_list(doc);

	if (list == JSON_ABSENT)
		return;
	for (struct json_iter it = json_iter(t, list); json_next(&it);) {
		uint32_t functions = doc->format == WIRE_GEMINI ? own_tool_declarations(t, it.value)
								: JSON_ABSENT;

		/* One by one, so that a declaration of ours finds its place behind the last. */
		if (functions != JSON_ABSENT)
			for (struct json_iter f = json_iter(t, functions); json_next(&f);)
				trim_one(&l, f.value);
		else if (doc->format != WIRE_GEMINI)
			trim_one(&l, it.value);
	}
}
