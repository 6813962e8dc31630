/* form: what the dialects have in common: a request as parameters, tools and a flat list of blocks; an answer as a row of
 * events. Four readers and four writers stand on it. Internal to core/translate.
 *
 * A text is kept as the inside of a JSON string, escapes and all (an "inside"), as nearly all go from one string into
 * another. Numbers and schemas are JSON as spelled. Empty: not there.
 * Owns: nothing; slices lead into the body, the arena or static memory. Thread: that of the request. */
#ifndef CORE_TRANSLATE_FORM_H
#define CORE_TRANSLATE_FORM_H

#include "core/json/scan.h"
#include "core/translate/translate.h"

enum form_role { FORM_SYSTEM, FORM_USER, FORM_ASSISTANT };

enum form_kind {
	FORM_TEXT,
	FORM_IMAGE,
	FORM_DOCUMENT,
	FORM_AUDIO,
	FORM_THINKING, /* text may be empty: then there is only a signature */
	FORM_CALL,
	FORM_RESULT, /* its content are the blocks behind it that are in_result */
};

struct form_block {
	enum form_role role;
	enum form_kind kind;
	uint32_t turn; /* the client's message or item */
	bool in_result, is_error, is_custom;
	str text;      /* TEXT, THINKING; of a custom CALL its input */
	str id, name;  /* CALL, RESULT (name: where known); DOCUMENT: its title */
	str json;      /* CALL: arguments, an object */
	str mime;      /* media: plain text */
	str data;      /* media: base64 */
	str url;       /* media, in place of data */
	str signature; /* THINKING, CALL: what the provider alone can read; see form_sign */
	str cache;     /* JSON of a cache_control */
};

struct form_tool {
	str name, description, schema, cache;
	bool is_custom;
	enum { STRICT_UNSET, STRICT_NO, STRICT_YES } strict;
};

enum form_choice { CHOICE_UNSET, CHOICE_AUTO, CHOICE_ANY, CHOICE_NONE, CHOICE_TOOL };
enum form_effort {
	EFFORT_UNSET,
	EFFORT_NONE,
	EFFORT_MINIMAL,
	EFFORT_LOW,
	EFFORT_MEDIUM,
	EFFORT_HIGH,
	EFFORT_XHIGH,
	EFFORT_MAX,
};
enum form_output { OUTPUT_TEXT, OUTPUT_JSON, OUTPUT_SCHEMA };

struct form_request {
	struct arena *a;
	const struct json_tape *t;
	const struct translate_conf *conf;
	enum wire_format from, to;
	struct translate_report *report;
	struct errctx *cx;
	enum err err; /* the first; later steps do nothing */
	uint32_t turn;

	str model; /* inside */
	bool is_stream, wants_usage;
	str max_tokens, temperature, top_p, top_k, seed, frequency_penalty, presence_penalty;
	VEC(str) stops;
	VEC(struct form_tool) tools;
	VEC(struct form_block) blocks;
	enum form_choice choice;
	str choice_name;
	bool is_serial; /* one call at a time */
	enum form_effort effort;
	uint64_t budget;     /* tokens for thoughts; 0: not said */
	bool is_adaptive;    /* the model decides how long it thinks */
	bool shows_thoughts; /* the client asked to see them */
	enum form_output output;
	str schema, schema_name;
	bool is_schema_strict;
	bool has_breakpoints;
	VEC(struct translate_name) names;
};

/* ---- reading ------------------------------------------------------------------------------------------------ */

/* One per dialect: fills q from the tape. */
typedef void form_read_fn(struct form_request *q);
extern form_read_fn form_read_anthropic, form_read_chat, form_read_responses, form_read_gemini;

/* Takes the value of a member, which is not null. */
typedef void form_take_fn(struct form_request *q, uint32_t node);
/* What is done with a member of an object; take may be NULL: nothing, and nobody misses it. */
struct form_taker {
	const char *key;
	form_take_fn *take;
};
/* Each member whose value is not null by its row; one without a row is noted under prefix and its key. A table ends with a
 * row whose key is NULL. */
void form_take(
	struct form_request *q, uint32_t object, const struct form_taker *rows, const char *prefix);

/* Members that more than one dialect has; values of another type are as if they were not there. */
extern form_take_fn form_take_model, form_take_stream, form_take_max_tokens, form_take_temperature,
	form_take_top_p, form_take_top_k, form_take_seed, form_take_frequency_penalty,
	form_take_presence_penalty;
extern form_take_fn form_take_stops;    /* a list of texts */
extern form_take_fn form_take_parallel; /* OpenAI: may there be more than one call at a time? */
/* OpenAI: "json_object" or "json_schema", and the object that has the schema, its name and whether it is strict. */
void form_take_format(struct form_request *q, uint32_t type, uint32_t schema);
/* "strict" of a tool's object. */
void form_take_strict(struct form_request *q, struct form_tool *tool, uint32_t object);
/* OpenAI: a tool that takes plain text of a grammar: any text, here. */
void form_note_grammar(struct form_request *q, const struct form_tool *tool, uint32_t object);
/* A tool of a type that runs at the provider. */
void form_note_tool(struct form_request *q, uint32_t type);
/* Tools that run at the provider are only offered: without them the model goes another way. Where all of the list are such, they
 * were what the request is for. who: the provider. */
void form_want_tools(struct form_request *q, uint32_t node, const char *who);

/* name must be static or in the arena. */
void form_note(struct form_request *q, const char *name);
void form_refuse(struct form_request *q, const char *fmt, ...) PRINTF_LIKE(2, 3);
void form_malformed(struct form_request *q, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* json_member that takes an absent node, and gives none for null. */
uint32_t form_member(const struct json_tape *t, uint32_t object, const char *key);
bool form_says(const struct json_tape *t, uint32_t node, const char *text);
static inline bool form_is(const struct json_tape *t, uint32_t node, enum json_type type)
{
	return node != JSON_ABSENT && json_is(t, node, type);
}
/* The inside of a string; empty when it is none. */
str form_inside(const struct json_tape *t, uint32_t node);
/* The text that an inside says; empty where it cannot be said. */
str form_plain(struct arena *a, str inside);
/* A text as an inside. */
str form_escaped(struct arena *a, str text);
/* JSON as spelled; empty when absent. */
str form_raw(const struct json_tape *t, uint32_t node);
/* Appends a block of the present turn; the result may be changed until the next one. */
struct form_block *form_add(struct form_request *q, enum form_role role, enum form_kind kind);
/* A text that is not empty. */
void form_add_text(struct form_request *q, enum form_role role, str inside);
/* The blocks from at on are what the result in front of them says; the mark of an error at their beginning is taken off. For
 * forms whose results do not say by themselves that they failed. */
void form_end_result(struct form_request *q, size_t at);
/* Media by a data URL or another one; kind by its type where is_any. */
void form_set_url(struct form_request *q, struct form_block *b, str url);
enum form_kind form_kind_of(str mime);
/* Arguments that came as the inside of a string, as an object: {"INVALID_JSON": text} where they are none. */
str form_object(struct form_request *q, str inside);
/* The same for any JSON value as spelled. */
str form_as_object(struct form_request *q, str json);
/* Parameters that the dialect written has no word for: those of them that the client said are noted. */
enum form_unsaid { UNSAID_TOP_K = 1, UNSAID_SEED = 2, UNSAID_PENALTIES = 4, UNSAID_STOPS = 8 };
void form_note_unsaid(struct form_request *q, unsigned which);
/* Does the model take an effort, as far as its name says? Others answer 400 to it. */
bool form_reasons(struct form_request *q);
/* The effort by its word. */
bool form_effort_parse(const struct json_tape *t, uint32_t node, enum form_effort *out);
const char *form_effort_name(enum form_effort e);
/* OpenAI's words for a choice without a tool's name. */
bool form_choice_parse(const struct json_tape *t, uint32_t node, enum form_choice *out);
enum form_effort form_effort_of_budget(uint64_t tokens);
uint64_t form_budget_of_effort(enum form_effort e);

/* Signatures say whose they are, so that they come back to the dialect alone that gave them: they begin with a mark, of letters
 * that base64 has, as clients of Gemini decode it. */
str form_sign(struct arena *a, enum wire_format whose, str inside);
/* The provider's own words of a signature that is of this dialect; false when it is another's. */
bool form_signed_by(str signature, enum wire_format whose, str *own);

/* ---- writing ------------------------------------------------------------------------------------------------ */

typedef void form_write_fn(struct form_request *q, struct buf *out);
extern form_write_fn form_write_anthropic, form_write_chat, form_write_responses, form_write_gemini;

/* Objects and lists by hand: a comma where one is needed, a key, a value. */
void form_key(struct buf *out, const char *key);                  /* ,"key": */
void form_put(struct buf *out, const char *key, str raw);         /* when raw is not empty */
void form_put_text(struct buf *out, const char *key, str inside); /* always */
void form_put_c(struct buf *out, const char *key, const char *text);
void form_put_bool(struct buf *out, const char *key, bool v);
void form_comma(struct buf *out);
void form_text(struct buf *out, str inside); /* with its quotes */
/* JSON as the inside of a string. */
void form_add_escaped(struct buf *out, str json);
/* A data URL or the URL, as a string. */
void form_put_url(struct buf *out, const char *key, const struct form_block *b);
/* The list "tools" where there are any; put writes the members of one. */
typedef void form_put_tool_fn(
	struct form_request *q, const struct form_tool *tool, struct buf *out);
void form_put_tools(struct form_request *q, form_put_tool_fn *put, struct buf *out);
/* Its name, and its description where it has one. */
void form_put_tool_name(const struct form_tool *tool, struct buf *out);
/* OpenAI: which tools may be called; before and behind: what stands around a tool's name. */
void form_put_choice(
	struct form_request *q, const char *before, const char *behind, struct buf *out);
/* The first max of the texts that end an answer; that there are more is noted. */
void form_put_stops(struct form_request *q, const char *key, size_t max, struct buf *out);
/* What stands for a schema where a tool has none. */
#define FORM_NO_PARAMETERS "{\"type\":\"object\",\"properties\":{}}"
/* True when an inside has nothing but white space. */
bool form_is_blank(str inside);
/* The end of the blocks from i that make up one message of the other side: all that the model or the system says in a row, and
 * of the user one message, or all of those up to the last result of a tool. */
size_t form_message_end(const struct form_request *q, size_t i);
/* The end of the content of the result at i. */
size_t form_result_end(const struct form_request *q, size_t i);
/* What a result says as one text (inside), its error marked where the dialect has no word for it. */
str form_result_text(struct form_request *q, size_t i, bool marks_error);
/* What marks the text of a result as an error. */
#define FORM_ERROR_MARK "[tool error] "

#endif
