/* reader: what the readers of all kinds share. Internal to core/transcript. */
#ifndef CORE_TRANSCRIPT_READER_H
#define CORE_TRANSCRIPT_READER_H

#include "core/transcript/transcript.h"

/* Ids of lines since the last prompt: a prompt that follows on none of them is one that the user went back
 * to. Only the last line's is met in practice, give or take a few notes. */
enum { TAIL_KEPT = 256 };

/* A session, as far as later lines depend on it. */
struct session {
	uint64_t key;     /* hash64 of its name */
	uint64_t used_at; /* reader's count of lines */
	bool is_new;      /* the next blocks start anew */
	uint32_t tail_n;
	uint64_t tail[TAIL_KEPT];
	struct wire_calls calls;
};

/* Lines of sub-agents that do not say which one: the line that they began with, by any later one's id. */
enum { CHAINS_KEPT = 512 };
struct chain {
	uint64_t id, root;
};

/* Longer ones are taken as not named. */
enum { PROJECT_MAX = 1024 };

struct transcript {
	struct arena *arena;
	enum transcript_kind kind;
	uint64_t lines;
	struct session *sessions[TRANSCRIPT_SESSIONS];
	uint32_t sessions_n;
	str name; /* of the session, where a line at the start says it for all that follow */
	uint64_t last_id; /* pi, Gemini: hash64 of the last line's id */
	struct chain chains[CHAINS_KEPT];
	uint32_t chains_n;
	uint32_t project_n; /* the directory that was named last */
	char project[PROJECT_MAX];
};

/* One call of transcript_read(). */
struct line {
	struct transcript *r;
	struct arena *a;
	const struct json_tape *t;
	struct transcript_line *out;
	struct session *session;
};

typedef void line_read_fn(struct line *l);
line_read_fn requests_read, messages_read, proxy_log_read, claude_read, codex_read, gemini_read,
	gemini_file_read, opencode_read, pi_read;

/* The session that this line belongs to; made, and new, when it is not known. */
struct session *line_session(struct line *l, str name);
/* Remembers the name of the file's session. */
void line_name_session(struct line *l, uint32_t node);
/* Claude Code: the session, with the sub-agent, that a line belongs to; and whether the user wrote it, as opposed
 * to a tool or the program. */
str claude_session_name(struct line *l);
bool claude_is_prompt(struct line *l, uint32_t content);

/* The request that a line holds, in an envelope or as it is (then 0). */
uint32_t line_request(const struct line *l);

/* What the session said before is gone. */
void line_forget(struct line *l);

/* Appends the blocks of a value in a provider's spelling: of a list of messages or a message, or of the content
 * of a message with that role. A node that is JSON_ABSENT or of the wrong type has none. */
void line_messages(struct line *l, enum wire_format f, uint32_t node, str path);
void line_content(struct line *l, enum wire_format f, enum wire_role role, uint32_t node, str path);
/* Appends one block; b says what it is. */
void line_block(struct line *l, const struct wire_block *b, uint32_t node, str path);

/* Values of members; JSON_ABSENT and empty when they are not there. line_object() wants an object whose keys
 * occur once. */
uint32_t line_object(const struct line *l, uint32_t object, const char *key);
uint32_t line_member(const struct line *l, uint32_t object, const char *key);
str line_string(struct line *l, uint32_t object, const char *key);
bool line_is(const struct line *l, uint32_t object, const char *key, const char *text);
bool line_is_true(const struct line *l, uint32_t object, const char *key);

#endif
