#include "bench/turns/recording.h"

#include "core/base/check.h"
#include "core/base/file.h"
#include "core/base/vec.h"

#define CACHE_CONTROL_5M "\"cache_control\":{\"type\":\"ephemeral\"}"
#define CACHE_CONTROL_1H "\"cache_control\":{\"type\":\"ephemeral\",\"ttl\":\"1h\"}"

/* ---- reading ----------------------------------------------------------------------------------- */

static str member_text(const struct json_tape *t, uint32_t object, const char *key, struct arena *a)
{
	uint32_t v = json_member(t, object, key);
	str s;

	return v != JSON_ABSENT && json_string(t, v, a, &s) ? s : STR("");
}

static uint64_t member_count(const struct json_tape *t, uint32_t object, const char *key)
{
	uint32_t v = json_member(t, object, key);
	uint64_t n;

	return v != JSON_ABSENT && json_u64(t, v, &n) ? n : 0;
}

static bool parse_dialect(str provider, enum dialect *out)
{
	static const char *const names[] = {"anthropic", "openai-chat", "openai-responses"};

	for (size_t i = 0; i < ARRAY_N(names); i++) {
		if (str_eq_c(provider, names[i])) {
			*out = (enum dialect)i;
			return true;
		}
	}
	return false;
}

static struct recorded_turn read_turn(const struct json_tape *t, uint32_t node)
{
	uint32_t usage = json_member(t, node, "usage"), ts = json_member(t, node, "ts");
	struct recorded_turn turn = {
		.start = (uint32_t)member_count(t, node, "start"),
		.end = (uint32_t)member_count(t, node, "end"),
		.at_ms = CACHE_TIME_UNKNOWN,
		.output = member_count(t, node, "out_tokens"),
	};
	double seconds;

	if (ts != JSON_ABSENT && json_f64(t, ts, &seconds))
		turn.at_ms = (int64_t)(seconds * 1000);
	if (usage != JSON_ABSENT && json_is(t, usage, JSON_OBJECT)) {
		turn.has_usage = true;
		turn.usage = (struct usage){
			.input = member_count(t, usage, "input"),
			.read = member_count(t, usage, "read"),
			.write = member_count(t, usage, "write"),
			.write_1h = member_count(t, usage, "write_1h"),
			.output = member_count(t, usage, "output"),
		};
	}
	return turn;
}

static bool read_parts(struct arena *a, struct recording *r)
{
	const struct json_tape *t = &r->tape;
	uint32_t messages = json_member(t, 0, "messages"), turns = json_member(t, 0, "turns");
	VEC(uint32_t) m = {0};
	VEC(struct recorded_turn) v = {0};

	r->head = json_member(t, 0, "head");
	if (r->head == JSON_ABSENT || !json_is(t, r->head, JSON_OBJECT) ||
		messages == JSON_ABSENT || turns == JSON_ABSENT)
		return false;
	for (struct json_iter it = json_iter(t, messages); json_next(&it);)
		*vec_push(&m, a) = it.value;
	for (struct json_iter it = json_iter(t, turns); json_next(&it);) {
		struct recorded_turn turn = read_turn(t, it.value);

		if (turn.start >= turn.end || turn.end > m.n)
			return false;
		if (turn.usage.write_1h)
			r->ttl = CACHE_1H;
		*vec_push(&v, a) = turn;
	}
	r->messages = m.v;
	r->message_n = (uint32_t)m.n;
	r->turns = v.v;
	r->turn_n = (uint32_t)v.n;
	return true;
}

static str stem(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	str s = {name, strlen(name)};

	return str_ends(s, STR(".json")) ? str_sub(s, 0, s.n - 5) : s;
}

enum err recording_load(struct arena *a, const char *path, struct recording *out, struct errctx *cx)
{
	struct recording r = {.name = stem(path)};
	enum err e;

	buf_init(&r.file, LIMIT_INPUT);
	e = file_read(path, &r.file, cx);
	if (e == E_OK)
		e = json_scan(a, buf_str(&r.file), &r.tape, cx);
	if (e == E_OK && !(parse_dialect(member_text(&r.tape, 0, "provider", a), &r.dialect) &&
				 read_parts(a, &r)))
		e = err_set(cx, E_MALFORMED, "%s is no recording of turns", path);
	if (e != E_OK) {
		buf_release(&r.file);
		return e;
	}
	r.agent = member_text(&r.tape, 0, "agent", a);
	r.model = member_text(&r.tape, 0, "model", a);
	*out = r;
	return E_OK;
}

void recording_release(struct recording *r)
{
	buf_release(&r->file);
}

/* ---- writing requests -------------------------------------------------------------------------- */

/* The object without its closing brace, then cache_control and the brace. */
static void add_marked_object(const struct recording *r, uint32_t node, struct buf *out)
{
	str text = json_text(&r->tape, node);

	buf_add(out, str_sub(text, 0, text.n - 1));
	buf_add_c(out, r->ttl == CACHE_1H ? "," CACHE_CONTROL_1H "}" : "," CACHE_CONTROL_5M "}");
}

/* A list of blocks with cache_control on the last one, or a string as the list that it is short for. */
static void add_marked_content(const struct recording *r, uint32_t node, struct buf *out)
{
	const struct json_tape *t = &r->tape;
	uint32_t left = t->v[node].n;

	if (json_is(t, node, JSON_STRING)) {
		buf_add_c(out, "[{\"type\":\"text\",\"text\":");
		buf_add(out, json_text(t, node));
		buf_add_c(out,
			r->ttl == CACHE_1H ? "," CACHE_CONTROL_1H "}]" : "," CACHE_CONTROL_5M "}]");
		return;
	}
	buf_add_byte(out, '[');
	for (struct json_iter it = json_iter(t, node); json_next(&it);) {
		if (--left) {
			buf_add(out, json_text(t, it.value));
			buf_add_byte(out, ',');
		} else {
			add_marked_object(r, it.value, out);
		}
	}
	buf_add_byte(out, ']');
}

/* An object whose member `key` is a content to be marked. */
static void add_object_marking(
	const struct recording *r, uint32_t object, const char *key, struct buf *out)
{
	const struct json_tape *t = &r->tape;
	uint32_t marked = json_member(t, object, key);
	str text = json_text(t, object);
	uint32_t base = t->v[object].start;

	if (marked == JSON_ABSENT) {
		buf_add(out, text);
		return;
	}
	buf_add(out, str_sub(text, 0, t->v[marked].start - base));
	add_marked_content(r, marked, out);
	buf_add(out, str_sub(text, t->v[marked].end - base, text.n));
}

static void add_messages(
	const struct recording *r, const struct recorded_turn *turn, struct buf *out)
{
	for (uint32_t i = turn->start; i < turn->end; i++) {
		if (r->dialect == DIALECT_ANTHROPIC && i + 1 == turn->end)
			add_object_marking(r, r->messages[i], "content", out);
		else
			buf_add(out, json_text(&r->tape, r->messages[i]));
		if (i + 1 < turn->end)
			buf_add_byte(out, ',');
	}
}

/* The members of head that are the provider's own; "_system" holds messages for in front of all others. */
static void add_chat_head(const struct recording *r, struct buf *out)
{
	const struct json_tape *t = &r->tape;
	uint32_t system = json_member(t, r->head, "_system");

	buf_add_byte(out, '{');
	for (struct json_iter it = json_iter(t, r->head); json_next(&it);) {
		if (json_string_is(t, it.key, "_system"))
			continue;
		buf_add(out, json_text(t, it.key));
		buf_add_byte(out, ':');
		buf_add(out, json_text(t, it.value));
		buf_add_byte(out, ',');
	}
	buf_add_c(out, "\"messages\":[");
	if (system == JSON_ABSENT)
		return;
	for (struct json_iter it = json_iter(t, system); json_next(&it);) {
		buf_add(out, json_text(t, it.value));
		buf_add_byte(out, ',');
	}
}

void recording_body(const struct recording *r, uint32_t k, struct buf *out)
{
	ASSERT(k < r->turn_n);
	buf_reset(out);
	switch (r->dialect) {
	case DIALECT_ANTHROPIC:
		add_object_marking(r, r->head, "system", out);
		out->n--; /* goes on behind the last member */
		buf_add_c(out, ",\"messages\":[");
		break;
	case DIALECT_CHAT:
		add_chat_head(r, out);
		break;
	case DIALECT_RESPONSES:
		buf_add(out, json_text(&r->tape, r->head));
		out->n--;
		buf_add_c(out, ",\"input\":[");
		break;
	}
	add_messages(r, &r->turns[k], out);
	buf_add_c(out, "]}");
}
