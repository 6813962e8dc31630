#include "core/wire/own_tool.h"
#include "core/wire/trim.h"

/* Two lists side by side. Rules of its own: a member of the first that the second lacks must say nothing, and texts must be the
 * same but for blanks. */
struct pair {
	const struct json_tape *o, *c;
	struct arena *arena;
};

/* Where two values stand. */
struct place {
	str name;       /* of the innermost property, definition or tool */
	bool in_schema; /* below the root of one, and not in a value that it speaks of */
	bool is_text;   /* a description */
};

static bool is_one_of(str key, const char *const *names)
{
	for (; *names; names++)
		if (str_eq_c(key, *names))
			return true;
	return false;
}

static const char *const ROOTS[] = {"input_schema", "parameters", "parametersJsonSchema",
	"parameters_json_schema", "response", "responseJsonSchema", "response_json_schema", NULL};
static const char *const VALUES[] = {"enum", "const", "default", "example", "examples", NULL};

static str member_name(const struct json_tape *t, uint32_t key)
{
	return str_sub(json_text(t, key), 1, json_text(t, key).n - 1);
}

static bool next_solid(str *s, char *out)
{
	while (s->n && strchr(" \t\r\n", *s->p) && *s->p)
		*s = str_sub(*s, 1, s->n);
	if (!s->n)
		return false;
	*out = *s->p;
	*s = str_sub(*s, 1, s->n);
	return true;
}

/* The same signs in the same order, blanks apart. */
static bool same_words(str a, str b)
{
	char x, y;

	for (;;) {
		bool has_x = next_solid(&a, &x), has_y = next_solid(&b, &y);

		if (!has_x || !has_y)
			return has_x == has_y;
		if (x != y)
			return false;
	}
}

static str letters(str text, struct arena *a)
{
	struct buf b;

	buf_init_arena(&b, a, text.n + 1);
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c == ' ' || c == '_' || c == '-')
			continue;
		buf_add_byte(&b, (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c));
	}
	return buf_str(&b);
}

/* May a member be gone? */
static bool is_idle(const struct pair *p, uint32_t key, uint32_t value, const struct place *at)
{
	str name = member_name(p->o, key), text = json_text(p->o, value), inside;

	if (!at->in_schema)
		return false;
	if (str_eq_c(name, "minimum") || str_eq_c(name, "maximum"))
		return str_ends(text, STR("9007199254740991")) &&
		       text.n == sizeof "9007199254740991" - 1 + str_eq_c(name, "minimum");
	if (!json_is(p->o, value, JSON_STRING))
		return false;
	inside = str_sub(text, 1, text.n - 1);
	if (str_eq_c(name, "title"))
		return str_eq(letters(inside, p->arena), letters(at->name, p->arena));
	if (str_eq_c(name, "description"))
		return json_string(p->o, value, p->arena, &inside) && same_words(inside, STR(""));
	return str_eq_c(name, "$comment") || str_eq_c(name, "$schema");
}

static bool same(const struct pair *p, uint32_t o, uint32_t c, const struct place *at);

static bool same_text(const struct pair *p, uint32_t o, uint32_t c, bool is_text)
{
	str was, is;

	if (str_eq(json_text(p->o, o), json_text(p->c, c)))
		return true;
	return is_text && json_is(p->o, o, JSON_STRING) && json_string(p->o, o, p->arena, &was) &&
	       json_string(p->c, c, p->arena, &is) && same_words(was, is);
}

/* Where a member stands. An object under one of VALUES may be the schema of a property of that name. */
static struct place below(const struct place *at, str key, str tool, bool is_object)
{
	struct place next = {.name = key, .in_schema = at->in_schema};

	if (!at->in_schema && is_one_of(key, ROOTS)) {
		next.in_schema = true;
		next.name = tool;
	}
	if (at->in_schema && is_one_of(key, VALUES) && !is_object)
		next.in_schema = false;
	next.is_text = str_eq_c(key, "description");
	return next;
}

static bool same_members(const struct pair *p, uint32_t o, uint32_t c, const struct place *at)
{
	struct json_iter io = json_iter(p->o, o), ic = json_iter(p->c, c);
	uint32_t name = json_member(p->o, o, "name");
	bool has_c = json_next(&ic);
	str tool = STR_NULL;

	if (name != JSON_ABSENT && json_is(p->o, name, JSON_STRING))
		tool = member_name(p->o, name);
	while (json_next(&io)) {
		struct place next = below(
			at, member_name(p->o, io.key), tool, json_is(p->o, io.value, JSON_OBJECT));

		if (has_c && str_eq(json_text(p->o, io.key), json_text(p->c, ic.key)) &&
			same(p, io.value, ic.value, &next))
			has_c = json_next(&ic);
		else if (!is_idle(p, io.key, io.value, at))
			return false;
	}
	return !has_c;
}

static bool same_elements(const struct pair *p, uint32_t o, uint32_t c, const struct place *at)
{
	struct json_iter io = json_iter(p->o, o), ic = json_iter(p->c, c);

	while (json_next(&io))
		if (!json_next(&ic) || !same(p, io.value, ic.value, at))
			return false;
	return !json_next(&ic);
}

static bool same(const struct pair *p, uint32_t o, uint32_t c, const struct place *at)
{
	struct place inner = {.name = at->name, .in_schema = at->in_schema};

	if (p->o->v[o].type != p->c->v[c].type)
		return false;
	if (json_is(p->o, o, JSON_OBJECT))
		return same_members(p, o, c, &inner);
	if (json_is(p->o, o, JSON_ARRAY))
		return same_elements(p, o, c, &inner);
	return same_text(p, o, c, at->is_text);
}

bool trim_says_same(
	const struct wire_doc *original, const struct wire_doc *trimmed, struct arena *a)
{
	struct pair p = {&original->tape, &trimmed->tape, a};
	uint32_t o = own_tool_list(original), c = own_tool_list(trimmed);

	if (o == JSON_ABSENT || c == JSON_ABSENT)
		return o == c;
	return same(&p, o, c, &(struct place){0});
}
