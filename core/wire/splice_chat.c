#include "core/wire/splice_chat.h"

/* platform.openai.com/docs/api-reference/chat-streaming. */
static const char *const META[CHAT_META_N] = {"id", "created", "model", "system_fingerprint"};

/* Members that are put together elsewhere, and one that stands first. */
static const char *const APART[] = {"role", "tool_calls", "function_call", "audio", NULL};
/* ... and those of them that cannot be put together. */
static const char *const LOST[] = {"function_call", "audio"};

void chat_note_meta(struct chat *ch, const struct json_tape *t)
{
	if (ch->has_meta)
		return;
	ch->has_meta = true;
	for (size_t i = 0; i < CHAT_META_N; i++) {
		uint32_t node = json_member(t, 0, META[i]);

		if (node != JSON_ABSENT)
			buf_add(&ch->meta[i], json_text(t, node));
	}
}

void chat_edit_meta(struct answer_splice *s, const struct json_tape *t, struct splice_edits *edits)
{
	const struct chat *ch = s->state;

	for (size_t i = 0; s->round_n && i < CHAT_META_N; i++) {
		uint32_t node = json_member(t, 0, META[i]);

		if (node != JSON_ABSENT && ch->meta[i].n && !ch->meta[i].err)
			splice_replace(s, edits, splice_span(t, node), buf_str(&ch->meta[i]));
	}
}

void chat_write_meta(const struct chat *ch, struct buf *out)
{
	for (size_t i = 0; i < CHAT_META_N; i++) {
		if (!ch->meta[i].n || ch->meta[i].err)
			continue;
		buf_printf(out, ",\"%s\":", META[i]);
		buf_add(out, buf_str(&ch->meta[i]));
	}
}

void chat_say(struct answer_splice *s, const struct json_tape *t, uint32_t message)
{
	struct chat *ch = s->state;

	for (size_t i = 0; i < ARRAY_N(LOST); i++) {
		uint32_t node = splice_member(t, message, LOST[i]);

		s->is_lost |= node != JSON_ABSENT && !json_is(t, node, JSON_NULL);
	}
	if (message != JSON_ABSENT && !s->is_lost)
		s->is_lost = !merge_take(&ch->said, &s->round, &ch->room, t, message, APART);
}

/* What a message of a request may have beside its calls. Reasoning goes back to those who write it: DeepSeek's
 * (api-docs.deepseek.com/guides/thinking_mode), Groq's and OpenRouter's (openrouter.ai/docs, "Reasoning tokens"),
 * and as LiteLLM spells Anthropic's. */
static const str REQUEST[] = {WALK_KEY("\"content\""), WALK_KEY("\"refusal\""),
	WALK_KEY("\"reasoning\""), WALK_KEY("\"reasoning_content\""),
	WALK_KEY("\"reasoning_details\""), WALK_KEY("\"thinking_blocks\""), {NULL, 0}};

void chat_write_message(const struct merge *m, str calls, bool is_request, struct buf *out)
{
	const struct merge_member *content = merge_find(m, REQUEST[0]);
	bool has_content = content && content->kind != MERGE_VALUE;

	buf_add_c(out, "{\"role\":\"assistant\"");
	if (!has_content && (is_request || !content))
		buf_add_c(out, ",\"content\":null");
	merge_write(m, is_request ? REQUEST : NULL, out);
	if (calls.n) {
		buf_add_c(out, ",\"tool_calls\":[");
		buf_add(out, calls);
		buf_add_byte(out, ']');
	}
	buf_add_byte(out, '}');
}

static bool join(struct answer_splice *s, struct merge *m, str message)
{
	static const char *const ROLE[] = {"role", NULL};
	size_t room = SIZE_MAX;
	struct json_tape t;

	return !message.n || (json_scan(&s->event, message, &t, NULL) == E_OK &&
				     merge_take(m, &s->event, &room, &t, 0, ROLE));
}

void chat_show(struct answer_splice *s, str message)
{
	struct merge m = {0};

	if (s->is_shown_lost || !join(s, &m, buf_str(&s->visible))) {
		s->is_shown_lost = true;
		return;
	}
	merge_next_round(&m, STR("\"content\""));
	if (!join(s, &m, message)) {
		s->is_shown_lost = true;
		return;
	}
	buf_reset(&s->visible);
	chat_write_message(&m, STR_NULL, false, &s->visible);
}

void chat_show_note(struct answer_splice *s, str note)
{
	struct buf text;

	buf_init_arena(&text, &s->event, SIZE_MAX / 4);
	buf_add_c(&text, "{\"content\":");
	buf_add_json_string(&text, note);
	buf_add_byte(&text, '}');
	chat_show(s, buf_str(&text));
}

/* Not the ends by a limit ("length"), a refusal ("content_filter") or a call of the old kind ("function_call"). */
bool chat_is_call_end(const struct json_tape *t, uint32_t reason)
{
	return splice_says(t, reason, "tool_calls") || splice_says(t, reason, "stop");
}

bool chat_is_error(const struct json_tape *t)
{
	uint32_t error = json_member(t, 0, "error");

	return error != JSON_ABSENT && !json_is(t, error, JSON_NULL);
}

enum round_end chat_round_end(const struct answer_splice *s)
{
	const struct chat *ch = s->state;

	if (ch->has_error || !ch->has_end)
		return ROUND_BROKEN;
	if (!ch->own_n || !ch->is_call_end)
		return ROUND_DONE;
	return ch->client_n || ch->is_many ? ROUND_MIXED : ROUND_CONTINUE;
}
