/* Gemini generateContent, read: ai.google.dev/api/generate-content. Its JSON takes names in both spellings. */
#include "core/translate/form.h"

static uint32_t member(
	struct form_request *q, uint32_t object, const char *camel, const char *snake)
{
	uint32_t v = form_member(q->t, object, camel);

	return v != JSON_ABSENT ? v : form_member(q->t, object, snake);
}

/* ---- schemas ------------------------------------------------------------------------------------------------ */

static bool is_one_of(str key, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(key, str_from(words[i])))
			return true;
	return false;
}

/* A value of "type": its word in small letters, where it is one of Google's. */
static void lower_word(struct form_request *q, uint32_t node, struct buf *b, uint32_t *at)
{
	static const char *const words[] = {
		"STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT", "NULL"};
	str word = form_inside(q->t, node);

	if (!form_is(q->t, node, JSON_STRING) || !is_one_of(word, words, ARRAY_N(words)))
		return;
	buf_add(b, str_sub(q->t->doc, *at, q->t->v[node].start));
	buf_add_byte(b, '"');
	for (size_t i = 0; i < word.n; i++)
		buf_add_byte(b, (char)(word.p[i] | 0x20));
	buf_add_byte(b, '"');
	*at = q->t->v[node].end;
}

/* The values of some keywords are data and stay; those of others are schemas by names that mean nothing here. */
static void lower_schema(
	struct form_request *q, uint32_t node, bool by_name, struct buf *b, uint32_t *at)
{
	static const char *const data[] = {
		"default", "const", "enum", "example", "examples", "required"};
	static const char *const named[] = {
		"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"};

	for (struct json_iter it = json_iter(q->t, node); json_next(&it);) {
		bool is_word = form_is(q->t, node, JSON_OBJECT) && !by_name;
		str key = is_word ? form_inside(q->t, it.key) : (str){0};

		if (is_one_of(key, data, ARRAY_N(data)))
			continue;
		if (str_eq(key, STR("type")))
			lower_word(q, it.value, b, at);
		lower_schema(q, it.value, is_one_of(key, named, ARRAY_N(named)), b, at);
	}
}

/* Types in capitals, as Google's Schema spells those of OpenAPI, in small letters as JSON Schema does. */
static str lower_types(struct form_request *q, uint32_t node)
{
	struct buf b;
	uint32_t at = q->t->v[node].start;

	buf_init_arena(&b, q->a, SIZE_MAX / 4);
	lower_schema(q, node, false, &b, &at);
	if (!b.n)
		return json_text(q->t, node);
	buf_add(&b, str_sub(q->t->doc, at, q->t->v[node].end));
	return buf_str(&b);
}

/* ---- parts -------------------------------------------------------------------------------------------------- */

static void take_media(
	struct form_request *q, enum form_role role, uint32_t node, bool is_file, bool in_result)
{
	str mime = form_plain(q->a, form_inside(q->t, member(q, node, "mimeType", "mime_type")));
	struct form_block *b = form_add(q, role, form_kind_of(mime));

	b->mime = mime;
	b->in_result = in_result;
	b->name = form_inside(q->t, member(q, node, "displayName", "display_name"));
	if (is_file)
		b->url = form_inside(q->t, member(q, node, "fileUri", "file_uri"));
	else
		b->data = form_inside(q->t, form_member(q->t, node, "data"));
	if (str_starts(b->url, STR("https://generativelanguage.googleapis.com/")) ||
		str_starts(b->url, STR("gs://")))
		form_refuse(q,
			"contents[%u]: a file that Google keeps cannot be translated: no other "
			"provider has it",
			q->turn);
	if (str_starts(mime, STR("video/")))
		form_refuse(q, "contents[%u]: a video cannot be translated: only Gemini takes one",
			q->turn);
}

static str made_id(struct form_request *q, size_t n)
{
	return arena_printf(q->a, "call_%zu", n);
}

/* Calls of clients that give them no ids are told by their order. */
static void take_call(struct form_request *q, uint32_t node)
{
	struct form_block *b = form_add(q, FORM_ASSISTANT, FORM_CALL);
	uint32_t args = form_member(q->t, node, "args");
	size_t n = q->blocks.n;

	b->id = form_inside(q->t, form_member(q->t, node, "id"));
	if (!b->id.n)
		b->id = made_id(q, n);
	b->name = form_inside(q->t, form_member(q->t, node, "name"));
	b->json = args == JSON_ABSENT ? STR("{}") : form_as_object(q, form_raw(q->t, args));
}

/* The oldest call of that name behind the last thing that the user said which has no result yet. */
static str find_call(struct form_request *q, str name)
{
	size_t i = q->blocks.n, answered = 0;

	while (i > 0 && q->blocks.v[i - 1].role == FORM_USER) {
		const struct form_block *b = &q->blocks.v[--i];

		answered += b->kind == FORM_RESULT && str_eq(b->name, name);
	}
	while (i > 0 && q->blocks.v[i - 1].role == FORM_ASSISTANT)
		i--;
	for (; i < q->blocks.n && q->blocks.v[i].role == FORM_ASSISTANT; i++)
		if (q->blocks.v[i].kind == FORM_CALL && str_eq(q->blocks.v[i].name, name) &&
			!answered--)
			return q->blocks.v[i].id;
	return made_id(q, q->blocks.n);
}

/* {"output": text} and {"error": text} are Google's words for what a function gave; other objects are the text themselves. */
static void take_response(struct form_request *q, size_t at, uint32_t response)
{
	const struct json_tape *t = q->t;
	static const char *const words[] = {"output", "result", "error"};
	str text = STR("");

	for (size_t i = 0; response != JSON_ABSENT && t->v[response].n == 1 && i < ARRAY_N(words);
		i++) {
		uint32_t v = form_member(t, response, words[i]);

		if (!form_is(t, v, JSON_STRING))
			continue;
		text = form_inside(t, v);
		q->blocks.v[at].is_error = strcmp(words[i], "error") == 0;
		response = JSON_ABSENT;
	}
	if (response != JSON_ABSENT)
		text = form_escaped(q->a, form_raw(t, response));
	if (!text.n)
		return;
	form_add_text(q, FORM_USER, text);
	q->blocks.v[q->blocks.n - 1].in_result = true;
}

static void take_result(struct form_request *q, uint32_t node)
{
	const struct json_tape *t = q->t;
	str name = form_inside(t, form_member(t, node, "name")),
	    id = form_inside(t, form_member(t, node, "id"));
	uint32_t parts = form_member(t, node, "parts");
	struct form_block *b;
	size_t at = q->blocks.n;

	if (!id.n)
		id = find_call(q, name);
	b = form_add(q, FORM_USER, FORM_RESULT);
	b->id = id;
	b->name = name;
	take_response(q, at, form_member(t, node, "response"));
	if (form_is(t, parts, JSON_ARRAY))
		for (struct json_iter it = json_iter(t, parts); json_next(&it);)
			take_media(q, FORM_USER, member(q, it.value, "inlineData", "inline_data"),
				false, true);
}

static void take_part(struct form_request *q, enum form_role role, uint32_t node)
{
	const struct json_tape *t = q->t;
	uint32_t text = form_member(t, node, "text"), v;
	str signature = form_inside(t, member(q, node, "thoughtSignature", "thought_signature"));
	struct form_block *b;

	/* Thoughts, and signatures of what has no place for one. */
	if (form_is(t, form_member(t, node, "thought"), JSON_TRUE) ||
		(signature.n && role == FORM_ASSISTANT)) {
		bool is_thought = form_is(t, form_member(t, node, "thought"), JSON_TRUE);

		b = form_add(q, role, FORM_THINKING);
		b->signature = signature;
		b->text = is_thought ? form_inside(t, text) : STR("");
		if (is_thought)
			return;
	}
	if (text != JSON_ABSENT)
		form_add_text(q, role, form_inside(t, text));
	else if ((v = member(q, node, "functionCall", "function_call")) != JSON_ABSENT)
		take_call(q, v);
	else if ((v = member(q, node, "functionResponse", "function_response")) != JSON_ABSENT)
		take_result(q, v);
	else if ((v = member(q, node, "inlineData", "inline_data")) != JSON_ABSENT)
		take_media(q, role, v, false, false);
	else if ((v = member(q, node, "fileData", "file_data")) != JSON_ABSENT)
		take_media(q, role, v, true, false);
	else if (!signature.n)
		form_refuse(q,
			"contents[%u]: a part that is no text, call, result or file cannot be "
			"translated",
			q->turn);
}

static void take_content(struct form_request *q, enum form_role role, uint32_t node)
{
	uint32_t parts = form_member(q->t, node, "parts");

	if (form_is(q->t, node, JSON_STRING)) {
		form_add_text(q, role, form_inside(q->t, node));
		return;
	}
	if (form_is(q->t, parts, JSON_OBJECT))
		take_part(q, role, parts);
	else if (form_is(q->t, parts, JSON_ARRAY))
		for (struct json_iter it = json_iter(q->t, parts); json_next(&it) && !q->err;)
			take_part(q, role, it.value);
}

static void take_contents(struct form_request *q, uint32_t node)
{
	if (json_is(q->t, node, JSON_OBJECT)) {
		take_content(q, FORM_USER, node);
		return;
	}
	for (struct json_iter it = json_iter(q->t, node); json_next(&it) && !q->err; q->turn++)
		take_content(q,
			form_says(q->t, form_member(q->t, it.value, "role"), "model")
				? FORM_ASSISTANT
				: FORM_USER,
			it.value);
}

/* ---- parameters --------------------------------------------------------------------------------------------- */

static void take_function(struct form_request *q, uint32_t node)
{
	const struct json_tape *t = q->t;
	uint32_t schema = form_member(t, node, "parameters");
	struct form_tool tool = {.name = form_inside(t, form_member(t, node, "name")),
		.description = form_inside(t, form_member(t, node, "description")),
		.schema = form_raw(
			t, member(q, node, "parametersJsonSchema", "parameters_json_schema"))};

	if (!tool.schema.n && schema != JSON_ABSENT)
		tool.schema = lower_types(q, schema);
	*vec_push(&q->tools, q->a) = tool;
}

static void take_tools(struct form_request *q, uint32_t node)
{
	for (struct json_iter it = json_iter(q->t, node); json_next(&it);) {
		uint32_t list =
			member(q, it.value, "functionDeclarations", "function_declarations");

		if (!form_is(q->t, list, JSON_ARRAY)) {
			form_note(q, "tools.google");
			continue;
		}
		for (struct json_iter f = json_iter(q->t, list); json_next(&f);)
			take_function(q, f.value);
	}
	form_want_tools(q, node, "Google");
}

static void take_tool_config(struct form_request *q, uint32_t node)
{
	const struct json_tape *t = q->t;
	uint32_t f = member(q, node, "functionCallingConfig", "function_calling_config");
	uint32_t mode = form_member(t, f, "mode"),
		 names = member(q, f, "allowedFunctionNames", "allowed_function_names");

	q->choice = form_says(t, mode, "ANY")    ? CHOICE_ANY
		    : form_says(t, mode, "NONE") ? CHOICE_NONE
		    : form_says(t, mode, "AUTO") ? CHOICE_AUTO
						 : CHOICE_UNSET;
	if (q->choice == CHOICE_ANY && form_is(t, names, JSON_ARRAY) && t->v[names].n == 1) {
		q->choice = CHOICE_TOOL;
		q->choice_name = form_inside(t, names + 1);
	} else if (names != JSON_ABSENT && t->v[names].n)
		form_note(q, "toolConfig.allowedFunctionNames");
}

static void take_thought(struct form_request *q, uint32_t node)
{
	const struct json_tape *t = q->t;
	uint32_t level = member(q, node, "thinkingLevel", "thinking_level"),
		 budget = member(q, node, "thinkingBudget", "thinking_budget");
	static const char *const levels[] = {"MINIMAL", "LOW", "MEDIUM", "HIGH"};

	q->shows_thoughts =
		form_is(t, member(q, node, "includeThoughts", "include_thoughts"), JSON_TRUE);
	for (size_t i = 0; i < ARRAY_N(levels); i++)
		if (str_eq_nocase(form_inside(t, level), str_from(levels[i])))
			q->effort = (enum form_effort)(EFFORT_MINIMAL + i);
	if (budget == JSON_ABSENT)
		return;
	if (!json_u64(t, budget, &q->budget))
		q->is_adaptive = true; /* -1: as long as the model likes */
	else
		q->effort = q->budget ? form_effort_of_budget(q->budget) : EFFORT_NONE;
}

static void take_mime(struct form_request *q, uint32_t node)
{
	if (form_says(q->t, node, "application/json"))
		q->output = q->output == OUTPUT_TEXT ? OUTPUT_JSON : q->output;
	else if (!form_says(q->t, node, "text/plain"))
		form_refuse(q, "responseMimeType \"" STR_FMT "\" cannot be translated",
			STR_ARG(form_inside(q->t, node)));
}

static void take_schema(struct form_request *q, uint32_t node)
{
	q->output = OUTPUT_SCHEMA;
	q->schema = lower_types(q, node);
}

static void take_count(struct form_request *q, uint32_t node)
{
	if (!str_eq(form_raw(q->t, node), STR("1")))
		form_refuse(
			q, "candidateCount: more than one answer at a time cannot be translated");
}

static void take_modalities(struct form_request *q, uint32_t node)
{
	for (struct json_iter it = json_iter(q->t, node); json_next(&it);)
		if (!str_eq_nocase(form_inside(q->t, it.value), STR("text")))
			form_refuse(q, "responseModalities: answers in other than text cannot be "
				       "translated");
}

static void take_logprobs(struct form_request *q, uint32_t node)
{
	if (json_is(q->t, node, JSON_TRUE))
		form_refuse(q, "responseLogprobs cannot be translated: the backend has none");
}

static void take_config(struct form_request *q, uint32_t node)
{
	static const struct form_taker rows[] = {{"maxOutputTokens", form_take_max_tokens},
		{"max_output_tokens", form_take_max_tokens}, {"temperature", form_take_temperature},
		{"topP", form_take_top_p}, {"top_p", form_take_top_p}, {"topK", form_take_top_k},
		{"top_k", form_take_top_k}, {"seed", form_take_seed},
		{"frequencyPenalty", form_take_frequency_penalty},
		{"frequency_penalty", form_take_frequency_penalty},
		{"presencePenalty", form_take_presence_penalty},
		{"presence_penalty", form_take_presence_penalty},
		{"stopSequences", form_take_stops}, {"stop_sequences", form_take_stops},
		{"candidateCount", take_count}, {"candidate_count", take_count},
		{"responseMimeType", take_mime}, {"response_mime_type", take_mime},
		{"responseSchema", take_schema}, {"response_schema", take_schema},
		{"responseJsonSchema", take_schema}, {"response_json_schema", take_schema},
		{"thinkingConfig", take_thought}, {"thinking_config", take_thought},
		{"responseModalities", take_modalities}, {"response_modalities", take_modalities},
		{"responseLogprobs", take_logprobs}, {"response_logprobs", take_logprobs},
		{NULL, NULL}};

	form_take(q, node, rows, "generationConfig.");
}

static void take_kept(struct form_request *q, uint32_t node)
{
	(void)node;
	form_refuse(q,
		"cachedContent: what Google keeps cannot be translated: no other provider has it");
}

void form_read_gemini(struct form_request *q)
{
	static const struct form_taker rows[] = {{"contents", NULL}, {"systemInstruction", NULL},
		{"system_instruction", NULL}, {"tools", take_tools},
		{"toolConfig", take_tool_config}, {"tool_config", take_tool_config},
		{"generationConfig", take_config}, {"generation_config", take_config},
		{"cachedContent", take_kept}, {"cached_content", take_kept}, {"model", NULL},
		{NULL, NULL}};
	uint32_t system = member(q, 0, "systemInstruction", "system_instruction");
	uint32_t contents = form_member(q->t, 0, "contents");

	form_take(q, 0, rows, "");
	if (system != JSON_ABSENT)
		take_content(q, FORM_SYSTEM, system);
	if (contents == JSON_ABSENT)
		form_malformed(q, "contents is missing");
	else if (!q->err)
		take_contents(q, contents);
	q->wants_usage = true;
}
