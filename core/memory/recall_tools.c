/* The tools of memories: what models are told of them, and answers to their calls. */
#include "core/base/attr.h"
#include "core/json/scan.h"
#include "core/json/write.h"
#include "core/memory/clean.h"
#include "core/memory/finder.h"
#include "core/memory/recall.h"

/* Answers that are text of memories keep within this, so that the rest of the object has room. */
enum {
	FOUND_MAX = RECALL_ANSWER_MAX - 256,
	CONTENT_SHOWN = 600,
	SHORT_SHOWN = 100, /* fits whatever it takes as JSON, together with the rest */
	NAME_SHOWN = 40,
	ENTITIES_SHOWN = 5
};

const struct recall_tool_text recall_tools[RECALL_TOOLS_N] = {
	[RECALL_SAVE] = {"memory_save",
		"Remember something for later sessions: a preference of the user's, a decision "
		"and its reason, a fact about the project or about people that will matter "
		"again. One fact in a call, in a sentence that can be understood by itself. "
		"Search first, and update what is there instead of saving it twice. Not what "
		"holds for this session only, not what a file of the project says, and never "
		"passwords or keys.",
		"{\"type\":\"object\",\"properties\":{"
		"\"content\":{\"type\":\"string\",\"description\":\"The fact, in a sentence or "
		"two.\"},"
		"\"importance\":{\"type\":\"number\",\"description\":\"0 to 1: 0.9 always matters, "
		"0.7 often, 0.5 (as without it) now and then, 0.3 hardly.\"},"
		"\"category\":{\"type\":\"string\",\"description\":\"One word: preference, "
		"decision, "
		"fact, ...\"},"
		"\"entities\":{\"type\":\"array\",\"items\":{\"type\":\"string\"},\"description\":"
		"\"Names of people, projects and things that it is about.\"}},"
		"\"required\":[\"content\"]}"},
	[RECALL_SEARCH] = {"memory_search",
		"Look for what was remembered in earlier sessions, by the words of a question. "
		"Worth a call before a question about preferences, past decisions or how things "
		"are done here.",
		"{\"type\":\"object\",\"properties\":{"
		"\"query\":{\"type\":\"string\",\"description\":\"A question or words; empty: the "
		"newest memories.\"},"
		"\"limit\":{\"type\":\"integer\",\"description\":\"Memories at most: 1 to 100, 10 "
		"without it.\"}},"
		"\"required\":[\"query\"]}"},
	[RECALL_UPDATE] = {"memory_update",
		"Put a new text in the place of a memory that is not true any more or says too "
		"little. The old text is kept as its history.",
		"{\"type\":\"object\",\"properties\":{"
		"\"memory_id\":{\"type\":\"string\",\"description\":\"Its id, or the first six or "
		"more characters.\"},"
		"\"content\":{\"type\":\"string\",\"description\":\"The new text, whole.\"},"
		"\"reason\":{\"type\":\"string\"}},"
		"\"required\":[\"memory_id\",\"content\"]}"},
	[RECALL_DELETE] = {"memory_delete",
		"Forget a memory: one that was wrong, or that the user wants gone.",
		"{\"type\":\"object\",\"properties\":{"
		"\"memory_id\":{\"type\":\"string\",\"description\":\"Its id, or the first six or "
		"more characters.\"},"
		"\"reason\":{\"type\":\"string\"}},"
		"\"required\":[\"memory_id\"]}"},
};

enum recall_tool recall_tool_find(str name)
{
	int t = 0;

	while (t < RECALL_TOOLS_N && !str_eq_c(name, recall_tools[t].name))
		t++;
	return (enum recall_tool)t;
}

str recall_id_shown(str id)
{
	return id.n == MEMORY_ID_LEN ? str_sub(id, 0, RECALL_ID_SHOWN) : id;
}

/* ---- arguments ------------------------------------------------------------------------------------------ */

struct ask {
	struct recall *recall;
	const struct recall_scope *scope;
	struct arena *arena;
	str content, category, query, id, reason, entities; /* entities: a JSON array */
	double importance;
	uint64_t limit;
	struct json_writer json;
	/* What an arena that runs out of memory does not give back. */
	struct memory_store *store;
	struct memory_set set;
	struct recall_found found;
};

static enum err read_text(
	struct ask *ask, const struct json_tape *t, const char *key, str *out, struct errctx *cx)
{
	uint32_t node = json_member(t, 0, key);

	if (node == JSON_ABSENT || json_is(t, node, JSON_NULL))
		return E_OK;
	if (!json_string(t, node, ask->arena, out))
		FAIL(cx, E_MALFORMED, "%s must be a string", key);
	return E_OK;
}

/* Numbers may be spelled as strings. */
static enum err read_number(
	struct ask *ask, const struct json_tape *t, const char *key, double *out, struct errctx *cx)
{
	uint32_t node = json_member(t, 0, key);
	str text;

	if (node == JSON_ABSENT || json_is(t, node, JSON_NULL) || json_f64(t, node, out))
		return E_OK;
	if (!json_string(t, node, ask->arena, &text) || !str_f64(str_trim(text), out))
		FAIL(cx, E_MALFORMED, "%s must be a number", key);
	return E_OK;
}

/* Names as a JSON array, the empty ones left out. */
static enum err read_entities(struct ask *ask, const struct json_tape *t, struct errctx *cx)
{
	uint32_t node = json_member(t, 0, "entities");
	struct json_writer w;
	struct buf b;
	str name;

	if (node == JSON_ABSENT || json_is(t, node, JSON_NULL))
		return E_OK;
	if (!json_is(t, node, JSON_ARRAY))
		FAIL(cx, E_MALFORMED, "entities must be an array of names");
	buf_init_arena(&b, ask->arena, LIMIT_INPUT);
	json_write_init(&w, &b, false);
	json_write_array(&w, NULL);
	for (struct json_iter it = json_iter(t, node); json_next(&it);) {
		if (!json_string(t, it.value, ask->arena, &name))
			FAIL(cx, E_MALFORMED, "entities must be an array of names");
		if (str_trim(name).n)
			json_write_str(&w, NULL, str_trim(name));
	}
	json_write_end(&w);
	ask->entities = buf_str(&b);
	return E_OK;
}

static enum err read_arguments(struct ask *ask, str arguments, struct errctx *cx)
{
	double limit = RECALL_LIMIT;
	struct json_tape t;

	ask->importance = 0.5;
	if (json_scan(ask->arena, arguments, &t, NULL) != E_OK || !json_is(&t, 0, JSON_OBJECT))
		FAIL(cx, E_MALFORMED, "the arguments are no JSON object");
	TRY(read_text(ask, &t, "new_content", &ask->content, cx)); /* as other programs call it */
	TRY(read_text(ask, &t, "content", &ask->content, cx));
	TRY(read_text(ask, &t, "category", &ask->category, cx));
	TRY(read_text(ask, &t, "query", &ask->query, cx));
	TRY(read_text(ask, &t, "memory_id", &ask->id, cx));
	TRY(read_text(ask, &t, "reason", &ask->reason, cx));
	TRY(read_number(ask, &t, "importance", &ask->importance, cx));
	TRY(read_number(ask, &t, "top_k", &limit, cx));
	TRY(read_number(ask, &t, "limit", &limit, cx));
	if (!(ask->importance >= 0 && ask->importance <= 1))
		FAIL(cx, E_MALFORMED, "importance must be from 0 to 1");
	ask->limit = limit >= RECALL_LIMIT_MAX ? RECALL_LIMIT_MAX
		     : limit >= 1              ? (uint64_t)limit
					       : 1;
	return read_entities(ask, &t, cx);
}

/* ---- the store ------------------------------------------------------------------------------------------- */

/* What is to be remembered of the content, without what nobody said. */
static enum err clean(const struct ask *ask, str *out, struct errctx *cx)
{
	const str more[] = {ask->category, ask->entities, ask->reason};
	struct buf b;
	enum err err;

	if (!str_trim(ask->content).n)
		FAIL(cx, E_USAGE, "content is missing");
	buf_init_arena(&b, ask->arena, MEMORY_CONTENT_MAX);
	err = memory_clean(ask->content, &b, cx);
	err = err ? err : memory_check_texts(more, ARRAY_N(more), cx);
	if (err == E_PERMISSION)
		FAIL(cx, err,
			"it holds a password, key or token, and was not saved: secrets are never "
			"remembered. Say it without the secret, or not at all");
	*out = buf_str(&b);
	return err;
}

/* The memory that is meant, the only one in ask->set: current, and of this user; others are not there for him. */
static enum err find_one(struct ask *ask, struct errctx *cx)
{
	struct memory_filter f = memory_filter_all();

	f.id = str_trim(ask->id);
	f.user = ask->scope->user;
	if (f.id.n < RECALL_ID_MIN)
		FAIL(cx, E_USAGE, "memory_id is missing: %d or more characters of it",
			(int)RECALL_ID_MIN);
	TRY(recall_open(ask->recall, ask->scope, false, &ask->store, cx));
	TRY(memory_list(ask->store, &f, &ask->set, cx));
	if (ask->set.n == 1)
		return E_OK;
	if (ask->set.n)
		FAIL(cx, E_USAGE, "several memories have ids that begin so: give more of it");
	FAIL(cx, E_NOT_FOUND, "there is no memory with the id " STR_FMT ": search for it",
		STR_ARG(f.id));
}

/* ---- answers ---------------------------------------------------------------------------------------------- */

/* s, or its beginning, not cut within a letter. */
static str beginning(const struct ask *ask, str s, size_t max)
{
	if (s.n <= max)
		return s;
	while (max && ((unsigned char)s.p[max] & 0xc0) == 0x80)
		max--;
	return arena_printf(ask->arena, STR_FMT "\xe2\x80\xa6", STR_ARG(str_sub(s, 0, max)));
}

static void write_saved(struct ask *ask, const char *status, const char *id, str content)
{
	json_write_c(&ask->json, "status", status);
	json_write_c(&ask->json, "memory_id", id);
	json_write_str(&ask->json, "content", beginning(ask, content, SHORT_SHOWN));
}

static str metadata_of(const struct ask *ask)
{
	struct json_writer w;
	struct buf b;

	buf_init_arena(&b, ask->arena, LIMIT_INPUT);
	json_write_init(&w, &b, false);
	json_write_object(&w, NULL);
	json_write_c(&w, "created_via", "tool_call");
	if (ask->scope->by.n)
		json_write_str(&w, "source_agent", ask->scope->by);
	json_write_end(&w);
	return buf_str(&b);
}

/* With the words for the search. */
static enum err end_change(struct ask *ask, struct errctx *cx)
{
	TRY(memory_index_store(ask->store, cx));
	return memory_commit(ask->store, cx);
}

static enum err save(struct ask *ask, struct errctx *cx)
{
	struct memory m = memory_blank();
	struct memory_added added;

	TRY(clean(ask, &m.text[MEMORY_CONTENT], cx));
	m.text[MEMORY_USER] = ask->scope->user;
	m.text[MEMORY_CATEGORY] = ask->category;
	m.text[MEMORY_METADATA] = metadata_of(ask);
	if (ask->entities.n)
		m.text[MEMORY_ENTITIES] = ask->entities;
	m.importance = ask->importance;
	TRY(recall_open(ask->recall, ask->scope, true, &ask->store, cx));
	TRY(memory_begin(ask->store, cx)); /* which closing takes back */
	TRY(memory_add(ask->store, &m, &added, cx));
	TRY(end_change(ask, cx));
	write_saved(
		ask, added.was_there ? "known_already" : "saved", added.id, m.text[MEMORY_CONTENT]);
	return E_OK;
}

static enum err update(struct ask *ask, struct errctx *cx)
{
	struct memory_change change = {
		.importance = -1, .by = ask->scope->by, .reason = ask->reason};
	struct memory_added added;

	TRY(clean(ask, &change.content, cx));
	TRY(find_one(ask, cx));
	TRY(memory_begin(ask->store, cx));
	TRY(memory_edit(ask->store, ask->set.v[0].text[MEMORY_ID], &change, &added, cx));
	TRY(end_change(ask, cx));
	write_saved(ask, "updated", added.id, change.content);
	return E_OK;
}

static enum err forget(struct ask *ask, struct errctx *cx)
{
	str id;

	TRY(memory_check_texts(&ask->reason, 1, cx));
	TRY(find_one(ask, cx));
	id = ask->set.v[0].text[MEMORY_ID];
	TRY(memory_delete(ask->store, id, ask->scope->by, ask->reason, cx));
	json_write_c(&ask->json, "status", "deleted");
	json_write_str(&ask->json, "memory_id", id);
	return E_OK;
}

static void write_entities(const struct ask *ask, struct json_writer *w, str json)
{
	struct arena *a = ask->arena;
	struct json_tape t;
	size_t n = 0;
	str name;

	if (json_scan(a, json, &t, NULL) != E_OK || !json_is(&t, 0, JSON_ARRAY) || !t.v[0].n)
		return;
	json_write_array(w, "entities");
	for (struct json_iter it = json_iter(&t, 0); json_next(&it) && n < ENTITIES_SHOWN; n++)
		if (json_string(&t, it.value, a, &name))
			json_write_str(w, NULL, beginning(ask, name, NAME_SHOWN));
	json_write_end(w);
}

static void write_hit(
	const struct ask *ask, const struct memory *m, size_t shown, struct json_writer *w)
{
	char at[CLOCK_TIME_LEN + 1];

	json_write_object(w, NULL);
	json_write_str(w, "id", recall_id_shown(m->text[MEMORY_ID]));
	json_write_str(w, "content", beginning(ask, m->text[MEMORY_CONTENT], shown));
	if (m->at[MEMORY_CREATED] != MEMORY_NO_TIME) {
		clock_format(m->at[MEMORY_CREATED], at);
		json_write_str(w, "created", (str){at, 10});
	}
	if (m->text[MEMORY_CATEGORY].n)
		json_write_str(w, "category", beginning(ask, m->text[MEMORY_CATEGORY], NAME_SHOWN));
	write_entities(ask, w, m->text[MEMORY_ENTITIES]);
	json_write_end(w);
}

static str hit_json(const struct ask *ask, const struct memory *m, size_t shown)
{
	struct json_writer w;
	struct buf b;

	buf_init_arena(&b, ask->arena, LIMIT_INPUT);
	json_write_init(&w, &b, false);
	write_hit(ask, m, shown, &w);
	return buf_str(&b);
}

/* Ids are shown in short; who names one that begins two is told so. */
static void write_found(struct ask *ask, const struct recall_found *found)
{
	size_t shown = 0;

	json_write_c(&ask->json, "status", found->n ? "found" : "nothing_found");
	json_write_array(&ask->json, "memories");
	for (; shown < found->n; shown++) {
		const struct memory *m = &found->v[shown].memory;
		str hit = hit_json(ask, m, CONTENT_SHOWN);

		if (!shown && ask->json.out->n + hit.n > FOUND_MAX)
			hit = hit_json(ask, m, SHORT_SHOWN);
		if (ask->json.out->n + hit.n > FOUND_MAX)
			break;
		json_write_raw(&ask->json, NULL, hit);
	}
	json_write_end(&ask->json);
	if (shown < found->n)
		json_write_u64(&ask->json, "more", found->n - shown);
}

static enum err look(struct ask *ask, struct errctx *cx)
{
	struct recall_query q = {.text = ask->query, .limit = ask->limit};

	TRY(recall_search(ask->recall, ask->scope, &q, &ask->found, cx));
	write_found(ask, &ask->found);
	return E_OK;
}

static enum err (*const run[RECALL_TOOLS_N])(struct ask *ask, struct errctx *cx) = {
	[RECALL_SAVE] = save,
	[RECALL_SEARCH] = look,
	[RECALL_UPDATE] = update,
	[RECALL_DELETE] = forget,
};

static bool answer(struct ask *ask, enum recall_tool tool, str arguments, struct buf *out)
{
	struct errctx cx = {0};
	struct buf said;

	buf_init_arena(&said, ask->arena, LIMIT_INPUT);
	json_write_init(&ask->json, &said, false);
	json_write_object(&ask->json, NULL);
	if (read_arguments(ask, arguments, &cx) == E_OK && run[tool](ask, &cx) == E_OK) {
		json_write_end(&ask->json);
		buf_add(out, buf_str(&said));
		return true;
	}
	json_write_init(&ask->json, out, false);
	json_write_object(&ask->json, NULL);
	json_write_c(&ask->json, "status", "error");
	json_write_c(&ask->json, "error", cx.code ? cx.text : err_text(E_FAILED));
	json_write_end(&ask->json);
	return false;
}

static void release(struct ask *ask)
{
	memory_set_free(&ask->set);
	memory_store_close(ask->store);
	recall_found_release(&ask->found);
	arena_release(ask->arena);
}

bool recall_answer(struct recall *r, const struct recall_scope *s, enum recall_tool tool,
	str arguments, struct buf *out)
{
	struct arena a = ARENA_INIT;
	struct ask ask = {.recall = r, .scope = s, .arena = &a};
	bool is_good;

	if (arena_recover(&a)) {
		release(&ask);
		buf_add_c(out, "{\"status\":\"error\",\"error\":\"out of memory\"}");
		return false;
	}
	is_good = answer(&ask, tool, arguments, out);
	arena_end_recover(&a);
	release(&ask);
	return is_good;
}
