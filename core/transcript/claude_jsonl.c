/* Claude Code: a line per event. "user" and "assistant" lines hold a message (an assistant's message comes as
 * several lines with the same id, one per block); "system" lines notes, of which a compaction matters;
 * all else is about the program. Lines are linked by uuid and parentUuid. */
#include "core/base/hash.h"
#include "core/transcript/reader.h"

static uint64_t id_hash(struct line *l, const char *key)
{
	str id = line_string(l, 0, key);

	return id.n ? hash64(id) : 0;
}

/* The chain that a line of a sub-agent without agentId belongs to: that of its parent, or its own. */
static uint64_t chain_root(struct line *l)
{
	struct transcript *r = l->r;
	uint64_t id = id_hash(l, "uuid"), parent = id_hash(l, "parentUuid"), root = parent ? 0 : id;
	uint32_t kept = r->chains_n < CHAINS_KEPT ? r->chains_n : CHAINS_KEPT;

	for (uint32_t i = 1; i <= kept && parent && !root; i++) {
		const struct chain *c = &r->chains[(r->chains_n - i) % CHAINS_KEPT];

		if (c->id == parent)
			root = c->root;
	}
	r->chains[r->chains_n++ % CHAINS_KEPT] = (struct chain){id, root};
	return root;
}

str claude_session_name(struct line *l)
{
	str session = line_string(l, 0, "sessionId"), agent = line_string(l, 0, "agentId");

	if (!line_is_true(l, 0, "isSidechain"))
		return session;
	if (agent.n)
		return arena_printf(l->a, STR_FMT "/" STR_FMT, STR_ARG(session), STR_ARG(agent));
	return arena_printf(
		l->a, STR_FMT "/%016llx", STR_ARG(session), (unsigned long long)chain_root(l));
}

bool claude_is_prompt(struct line *l, uint32_t content)
{
	struct json_iter it;

	if (!line_is(l, 0, "type", "user") || line_is_true(l, 0, "isMeta") ||
		content == JSON_ABSENT)
		return false;
	if (!json_is(l->t, content, JSON_ARRAY))
		return true;
	it = json_iter(l->t, content);
	return !json_next(&it) || !line_is(l, it.value, "type", "tool_result");
}

static bool is_in_tail(const struct session *s, uint64_t id)
{
	uint32_t kept = s->tail_n < TAIL_KEPT ? s->tail_n : TAIL_KEPT;

	for (uint32_t i = 0; i < kept; i++) {
		if (s->tail[i] == id)
			return true;
	}
	return false;
}

/* Notes the line, and whether the user went back: then a prompt follows on a line before the last prompt. */
static void follow(struct line *l, bool starts_turn)
{
	struct session *s = l->session;
	uint64_t id = id_hash(l, "uuid");

	if (starts_turn && s->tail_n) {
		uint64_t parent = id_hash(l, "parentUuid");

		if (line_member(l, 0, "parentUuid") != JSON_ABSENT && !is_in_tail(s, parent))
			line_forget(l);
		s->tail_n = 0;
	}
	if (id)
		s->tail[s->tail_n++ % TAIL_KEPT] = id;
}

/* Other programs write sessions in this shape with call and result in one line of type "tool". */
static void tool_line(struct line *l, uint32_t message)
{
	struct wire_block b = {.role = WIRE_ASSISTANT, .kind = WIRE_TOOL_CALL};

	b.message = l->out->doc.message_n++;
	b.tool = line_string(l, message, "tool_name");
	line_block(l, &b, line_member(l, message, "tool_input"), STR("message.tool_input"));
	b.role = WIRE_TOOL;
	b.kind = WIRE_TOOL_RESULT;
	b.message = l->out->doc.message_n++;
	b.is_error = line_is(l, message, "status", "error");
	line_block(l, &b, line_member(l, message, "tool_output"), STR("message.tool_output"));
}

void claude_read(struct line *l)
{
	uint32_t message = line_object(l, 0, "message"),
		 content = line_member(l, message, "content");
	bool is_user = line_is(l, 0, "type", "user");

	(void)line_session(l, claude_session_name(l));
	follow(l, claude_is_prompt(l, content));
	if (line_is(l, 0, "subtype", "compact_boundary") ||
		line_is(l, 0, "subtype", "microcompact_boundary") ||
		line_is_true(l, 0, "isCompactSummary"))
		line_forget(l);
	if (line_is_true(l, 0, "isApiErrorMessage"))
		return; /* written by the program, never sent */
	if (is_user || line_is(l, 0, "type", "assistant"))
		line_content(l, WIRE_ANTHROPIC, is_user ? WIRE_USER : WIRE_ASSISTANT, content,
			STR("message.content"));
	else if (line_is(l, 0, "type", "tool"))
		tool_line(l, message);
}
