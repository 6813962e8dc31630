/* The kind of a recording by the members of its first lines. They are looked at without a scan, because the first
 * bytes of a file may end in the middle of a value. */
#include "core/transcript/transcript.h"

/* X(member, name): what tells kinds apart. */
#define MEMBER_MAP(X)                           \
	X(TYPE, "type")                         \
	X(MESSAGE, "message")                   \
	X(MESSAGES, "messages")                 \
	X(INPUT, "input")                       \
	X(CONTENTS, "contents")                 \
	X(MODEL, "model")                       \
	X(REQUEST, "request")                   \
	X(REQUEST_ID, "request_id")             \
	X(REQUEST_MESSAGES, "request_messages") \
	X(TOKENS, "input_tokens_original")      \
	X(TOKENS_BEFORE, "tokens_before")       \
	X(PAYLOAD, "payload")                   \
	X(INSTRUCTIONS, "instructions")         \
	X(RECORD_TYPE, "record_type")           \
	X(TIMESTAMP, "timestamp")               \
	X(ID, "id")                             \
	X(UUID, "uuid")                         \
	X(SESSION, "sessionId")                 \
	X(SESSION_ID, "sessionID")              \
	X(MESSAGE_ID, "messageID")              \
	X(PROJECT, "projectHash")               \
	X(INFO, "info")                         \
	X(PARTS, "parts")                       \
	X(CWD, "cwd")                           \
	X(ROLE, "role")                         \
	X(TRAJECTORY_FORMAT, "trajectory_format")

enum {
#define X(member, name) BIT_##member,
	MEMBER_MAP(X)
#undef X
};
#define X(member, name) HAS_##member = 1u << BIT_##member,
enum { MEMBER_MAP(X) };
#undef X

static const char *const NAMES[] = {
#define X(member, name) [BIT_##member] = (name),
	MEMBER_MAP(X)
#undef X
};

/* The outermost members of a value, as far as it can be seen. */
struct peek {
	bool is_array;  /* then the members are those of its first element */
	bool is_whole;  /* the value's end was seen */
	bool is_spread; /* it stands on several lines */
	unsigned has;
	str type; /* the value of "type", without its quotes */
	str rest; /* what is behind it */
};

/* The string literal at the start of s without its quotes; false when it has no end. */
static bool peek_string(str s, str *inner)
{
	for (size_t i = 1; i < s.n; i++) {
		if (s.p[i] == '\\') {
			i++;
		} else if (s.p[i] == '"') {
			*inner = str_sub(s, 1, i);
			return true;
		}
	}
	return false;
}

static void note_member(struct peek *p, str name, str value)
{
	for (size_t i = 0; i < ARRAY_N(NAMES); i++) {
		if (!str_eq_c(name, NAMES[i]))
			continue;
		p->has |= 1u << i;
		if (i == BIT_TYPE && value.n && value.p[0] == '"')
			(void)peek_string(value, &p->type);
	}
}

/* A string: a member's name when a colon follows and it stands at the right depth. Answers its length. */
static size_t peek_member(struct peek *p, str s, bool is_outer)
{
	str inner, value;

	if (!peek_string(s, &inner))
		return s.n;
	value = str_trim(str_sub(s, inner.n + 2, s.n));
	if (is_outer && value.n && value.p[0] == ':')
		note_member(p, inner, str_trim(str_sub(value, 1, value.n)));
	return inner.n + 2;
}

/* Reads the first value of s, leniently. */
static struct peek peek(str s)
{
	struct peek p = {0};
	int depth = 0, outer;
	size_t i = 0;
	bool is_first = true; /* of an array's elements */

	s = str_trim(s);
	p.is_array = s.n && s.p[0] == '[';
	outer = p.is_array ? 2 : 1;
	for (; i < s.n && !p.is_whole; i++) {
		char c = s.p[i];

		if (c == '"')
			i += peek_member(&p, str_sub(s, i, s.n), depth == outer && is_first) - 1;
		else if (c == '{' || c == '[')
			depth++;
		else if (c == '}' || c == ']')
			p.is_whole = --depth <= 0;
		else if (c == ',' && depth == 1 && p.is_array)
			is_first = false;
		else if (c == '\n')
			p.is_spread = true;
	}
	p.rest = i < s.n ? str_sub(s, i, s.n) : STR_NULL;
	return p;
}

/* What a line (or document) must have to be of a kind; the first row that fits counts. */
static const struct {
	unsigned all, any;
	const char *types; /* words that "type" must be one of; NULL: any */
	enum transcript_kind kind;
} SIGNS[] = {
	{HAS_REQUEST_ID, HAS_REQUEST_MESSAGES | HAS_TOKENS | HAS_TOKENS_BEFORE, NULL,
		TRANSCRIPT_PROXY_LOG},
	{HAS_MESSAGES | HAS_TRAJECTORY_FORMAT, 0, NULL, TRANSCRIPT_REQUEST},
	{HAS_TYPE | HAS_PAYLOAD, 0, NULL, TRANSCRIPT_CODEX},
	{0, HAS_RECORD_TYPE, NULL, TRANSCRIPT_CODEX},
	{HAS_ID | HAS_TIMESTAMP | HAS_INSTRUCTIONS, 0, NULL, TRANSCRIPT_CODEX},
	{HAS_SESSION | HAS_PROJECT | HAS_MESSAGES, 0, NULL, TRANSCRIPT_GEMINI_FILE},
	{HAS_SESSION | HAS_PROJECT, 0, NULL, TRANSCRIPT_GEMINI},
	{HAS_INFO | HAS_MESSAGES, 0, NULL, TRANSCRIPT_OPENCODE},
	{HAS_SESSION_ID | HAS_MESSAGE_ID, 0, NULL, TRANSCRIPT_OPENCODE},
	{HAS_TYPE | HAS_ID | HAS_CWD, 0, "session", TRANSCRIPT_PI},
	{HAS_TYPE | HAS_MESSAGE, 0, "user assistant system tool progress", TRANSCRIPT_CLAUDE},
	{HAS_TYPE | HAS_UUID, 0, NULL, TRANSCRIPT_CLAUDE},
	{HAS_TYPE | HAS_MESSAGE, 0, "message", TRANSCRIPT_PI},
	{0, HAS_REQUEST, NULL, TRANSCRIPT_REQUESTS},
	{0, HAS_MESSAGES | HAS_INPUT | HAS_CONTENTS, NULL, TRANSCRIPT_REQUEST},
};

static bool is_word_of(str word, const char *words)
{
	str rest = str_from(words), w;

	while (str_split(&rest, ' ', &w)) {
		if (str_eq(w, word))
			return true;
	}
	return false;
}

static enum transcript_kind kind_of(const struct peek *p)
{
	for (size_t i = 0; i < ARRAY_N(SIGNS); i++) {
		if ((p->has & SIGNS[i].all) == SIGNS[i].all &&
			(!SIGNS[i].any || (p->has & SIGNS[i].any)) &&
			(!SIGNS[i].types || is_word_of(p->type, SIGNS[i].types)))
			return SIGNS[i].kind;
	}
	return TRANSCRIPT_NONE;
}

static enum transcript_kind kind_of_array(const struct peek *p)
{
	if (p->has & (HAS_ROLE | HAS_PARTS))
		return TRANSCRIPT_MESSAGES;
	return is_word_of(p->type, "message function_call function_call_output custom_tool_call "
				   "reasoning additional_tools")
		       ? TRANSCRIPT_MESSAGES
		       : TRANSCRIPT_NONE;
}

/* One body, or one per line? A body that stands on one line may be read as either. */
static enum transcript_kind request_kind(const struct peek *p, str rest, str file_name)
{
	if (p->is_spread)
		return TRANSCRIPT_REQUEST;
	if (rest.n || str_ends(file_name, STR(".jsonl")))
		return TRANSCRIPT_REQUESTS;
	return TRANSCRIPT_REQUEST;
}

/* The first bytes as one document, which may end behind them. */
static enum transcript_kind document_kind(str first, str file_name)
{
	struct peek p = peek(first);
	enum transcript_kind kind = p.is_array ? kind_of_array(&p) : kind_of(&p);

	return kind == TRANSCRIPT_REQUEST ? request_kind(&p, STR_NULL, file_name) : kind;
}

enum transcript_kind transcript_detect(str first, str file_name)
{
	/* Sessions may begin with notes that say nothing, or with a broken line. */
	enum { LINES = 64 };
	enum transcript_kind kind = TRANSCRIPT_NONE;
	str rest, line;

	if (str_starts(first, STR("\xef\xbb\xbf")))
		first = str_sub(first, 3, first.n);
	first = rest = str_trim(first);
	for (int i = 0; i < LINES && kind == TRANSCRIPT_NONE && str_next_line(&rest, &line, NULL);
		i++) {
		struct peek p = peek(line);
		bool is_alone = p.is_whole ? !str_trim(p.rest).n : i && !rest.n;

		if (!p.is_array && is_alone)
			kind = kind_of(&p);
		if (kind == TRANSCRIPT_REQUEST)
			kind = request_kind(&p, str_trim(rest), file_name);
	}
	return kind == TRANSCRIPT_NONE ? document_kind(first, file_name) : kind;
}
