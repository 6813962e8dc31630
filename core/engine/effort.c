#include "core/engine/effort.h"

#include "core/base/limits.h"
#include "core/engine/go_ahead.h"
#include "core/engine/offer.h"
#include "core/engine/use.h"
#include "core/json/text.h"
#include "core/memory/clean.h"
#include "core/store/rendering.h"

enum {
	LEVEL_NONE,
	LEVEL_LOW,
	LEVEL_N = 6, /* with none */
	/* Of one message. How a provider spells a message without text to its model is not known; role and level are this much. */
	TOKENS = 10,
};

/* "Effort levels" of the page on effort: .../build-with-claude/effort. */
static const char *const levels[LEVEL_N] = {NULL, "low", "medium", "high", "xhigh", "max"};

/* The models that take such messages; any other answers 400. .../build-with-claude/effort, "Per-message effort (beta)": "available on Claude
 * Fable 5.1, Claude Mythos 5.1, Claude Opus 5.5, Claude Opus 5, Claude Sonnet 5.5, and Claude Haiku 5.5". */
static const char *const models[] = {"claude-fable-5-1", "claude-mythos-5-1", "claude-opus-5-5",
	"claude-opus-5", "claude-sonnet-5-5", "claude-haiku-5-5"};

#define MESSAGE_BEGIN "{\"role\":\"system\",\"content\":[],\"output_config\":{\"effort\":\""
#define MESSAGE_END   "\"}}"

bool effort_is_message(str text)
{
	if (!str_take(&text, STR(MESSAGE_BEGIN)))
		return false;
	for (unsigned i = LEVEL_LOW; i < LEVEL_N; i++) {
		str rest = text;

		if (str_take(&rest, str_from(levels[i])) && str_eq(rest, STR(MESSAGE_END)))
			return true;
	}
	return false;
}

/* ---- may it be? ------------------------------------------------------------------------------------------- */

/* "-20261001" or, on Google Cloud, "@20261001". */
static bool is_date(str s)
{
	if (!str_take(&s, STR("@")) && !str_take(&s, STR("-")))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n == strlen("20261001");
}

static bool has_model(const struct pass *p)
{
	str name = p->conf->model.n ? p->conf->model : p->doc->model;

	for (size_t i = 0; i < ARRAY_N(models); i++) {
		str rest = name;

		if (str_take(&rest, str_from(models[i])) && (!rest.n || is_date(rest)))
			return true;
	}
	return false;
}

/* Sonnet 5.5's "between_tools" takes no changed effort, and models that can do without thoughts tie that to a level. */
static bool thinks_freely(const struct json_tape *t)
{
	uint32_t thinking = json_member(t, 0, "thinking"), type;

	if (thinking == JSON_ABSENT || json_is(t, thinking, JSON_NULL))
		return true;
	type = json_member(t, thinking, "type");
	return type != JSON_ABSENT && json_string_is(t, type, "adaptive");
}

static bool may_route(const struct pass *p)
{
	return p->conf->routes_effort && !p->conf->is_off && p->chains &&
	       p->doc->format == WIRE_ANTHROPIC && has_model(p) && thinks_freely(&p->doc->tape) &&
	       /* beta message-threads-2026-08-12: the next request has what is new in it alone */
	       json_member(&p->doc->tape, 0, "thread") == JSON_ABSENT;
}

/* The level that an object's output_config says; LEVEL_NONE: it says none, or one that is not known. */
static unsigned level_of(const struct json_tape *t, uint32_t object)
{
	uint32_t conf = json_member(t, object, "output_config"), effort;

	if (conf == JSON_ABSENT || !json_is(t, conf, JSON_OBJECT))
		return LEVEL_NONE;
	effort = json_member(t, conf, "effort");
	for (unsigned i = LEVEL_LOW; effort != JSON_ABSENT && i < LEVEL_N; i++)
		if (json_string_is(t, effort, levels[i]))
			return i;
	return LEVEL_NONE;
}

/* The level that the conversation began with; LEVEL_NONE: nothing is done in it. */
static unsigned first_level(struct pass *p, unsigned top)
{
	struct shaper_state *s = conversation_effort_state(p->conversation);
	char found;

	if (s->is_decided)
		return s->level;
	if (!offer_decision(p, STR("routes effort"), "effort",
		    top > LEVEL_LOW ? (char)('0' + top) : '\0', &found))
		return LEVEL_NONE;
	if (found <= '0' + LEVEL_LOW || found >= '0' + LEVEL_N)
		return LEVEL_NONE;
	s->is_decided = p->store != NULL;
	s->level = (unsigned)(found - '0');
	return s->level;
}

/* ---- messages of the user's ------------------------------------------------------------------------------- */

struct scan {
	struct pass *p;
	own_edits *edits;
	uint32_t message,
		block;     /* the present message, and the first block behind those before it */
	uint32_t answered; /* the last message of the assistant's, plus one; 0: none */
	bool has_answer;   /* one stood before */
	unsigned top;      /* what the request asks for */
	unsigned level;    /* what our last message before has set; LEVEL_NONE: none has */
	bool is_client;    /* a system message of the client's stood before */
};

struct said {
	str text;
	bool has_other; /* something new that is no text */
	uint32_t last;  /* block; UINT32_MAX: nothing was said */
};

/* What a person has said in a block: without what programs have put around it. */
static void add_block(struct scan *s, const struct wire_block *b, struct buf *out)
{
	struct arena *a = &s->p->worker->scratch;
	struct buf stripped;
	str text;

	if (!json_unescape(span_str(s->p->doc->tape.doc, b->at), a, &text))
		return;
	buf_init_arena(&stripped, a, LIMIT_INPUT);
	(void)memory_strip(text, &stripped);
	text = str_trim(buf_str(&stripped));
	if (!text.n || str_starts(text, STR("[Request interrupted by user")))
		return;
	if (out->n)
		buf_add_byte(out, ' ');
	buf_add(out, text);
}

/* Of the present message, whose blocks are taken. */
static struct said read_said(struct scan *s)
{
	const struct wire_doc *doc = s->p->doc;
	struct said out = {.last = UINT32_MAX};
	struct buf text;

	buf_init_arena(&text, &s->p->worker->scratch, LIMIT_INPUT);
	for (; s->block < doc->n && doc->blocks[s->block].message == s->message; s->block++) {
		const struct wire_block *b = &doc->blocks[s->block];
		size_t before = text.n;

		if (b->role != WIRE_USER)
			continue;
		if (b->kind == WIRE_TEXT)
			add_block(s, b, &text);
		else
			out.has_other = true;
		if (text.n > before || b->kind != WIRE_TEXT)
			out.last = s->block;
	}
	out.text = buf_str(&text);
	return out;
}

static void skip_blocks(struct scan *s)
{
	const struct wire_doc *doc = s->p->doc;

	while (s->block < doc->n && doc->blocks[s->block].message == s->message)
		s->block++;
}

/* ---- decisions -------------------------------------------------------------------------------------------- */

/* The level that is to be set behind what was said; LEVEL_NONE: it is in force already. */
static unsigned wanted(const struct scan *s, const struct said *said)
{
	bool is_low = !s->is_client && s->has_answer && !said->has_other && go_ahead_is(said->text);
	unsigned want = is_low ? LEVEL_LOW : s->top;

	return want == (s->level ? s->level : s->top) ? LEVEL_NONE : want;
}

static unsigned level_named(str name)
{
	for (unsigned i = LEVEL_LOW; i < LEVEL_N; i++)
		if (str_eq_c(name, levels[i]))
			return i;
	return LEVEL_NONE;
}

/* Keeps a level, or takes what was kept first; what cannot be kept is not set. */
static unsigned keep(struct pass *p, struct hash128 key, unsigned level)
{
	struct rendering r = {.is_changed = true, .tokens_after = TOKENS, .label = "effort"};
	struct buf *winner = &p->worker->heap;
	bool was_there;

	buf_reset(winner);
	if (rendering_put_unseen(
		    p->store, key, &r, str_from(levels[level]), winner, &was_there, NULL))
		return LEVEL_NONE;
	*vec_push(&p->put, &p->result->arena) = key;
	use_decision(p, key, "");
	return was_there ? level_named(buf_str(winner)) : level;
}

/* What is set behind a message of the user's. Behind one that was answered nothing is put that was not there: it was sent without. */
static unsigned find_level(const struct scan *s, const struct said *said, bool may_decide)
{
	struct pass *p = s->p;
	struct hash128 after = p->chains[said->last], key;
	const struct shown *known;
	struct shown found = {.after = after};
	struct rendering r;
	bool is_answered = s->message < s->answered;
	unsigned level = LEVEL_NONE;
	enum err err;

	if (!p->store)
		return may_decide ? wanted(s, said) : LEVEL_NONE;
	known = conversation_effort(p->conversation, after);
	if (known)
		return level_named(known->text);
	key = hash128_chain(after, hash128(STR("effort")));
	buf_reset(&p->worker->heap);
	err = rendering_get(p->store, key, &r, &p->worker->heap, NULL);
	if (!err) {
		if (r.is_unsettled)
			*vec_push(&p->put, &p->result->arena) = key;
		level = level_named(buf_str(&p->worker->heap));
		use_decision(p, key, "");
	} else if (err == E_NOT_FOUND && may_decide && !is_answered) {
		level = wanted(s, said);
		if (level)
			level = keep(p, key, level);
	}
	if (level)
		found.text = str_from(levels[level]);
	if (level ||
		is_answered) /* of one that is not, what else the request has may be another next time */
		conversation_add_effort(p->conversation, &found);
	return level;
}

static void put_message(struct scan *s, uint32_t node, unsigned level)
{
	struct compress_result *r = s->p->result;
	uint32_t at = s->p->doc->tape.v[node].end;

	*vec_push(s->edits, &r->arena) = (struct patch_edit){.at = {at, at},
		.text = arena_printf(&r->arena, "," MESSAGE_BEGIN "%s" MESSAGE_END, levels[level])};
	r->efforts_n++;
	r->own_tokens += TOKENS;
	s->level = level;
}

static bool has_role(const struct json_tape *t, uint32_t message, const char *role)
{
	uint32_t node =
		json_is(t, message, JSON_OBJECT) ? json_member(t, message, "role") : JSON_ABSENT;

	return node != JSON_ABSENT && json_string_is(t, node, role);
}

/* next: the message behind, JSON_ABSENT: none. */
static void take_message(struct scan *s, uint32_t node, uint32_t next)
{
	const struct json_tape *t = &s->p->doc->tape;
	struct said said;
	unsigned level;

	if (has_role(t, node, "system")) {
		s->is_client = true;
		if (json_member(t, node, "output_config") != JSON_ABSENT)
			s->level = LEVEL_NONE; /* theirs is in force */
	}
	if (!has_role(t, node, "user")) {
		s->has_answer |= has_role(t, node, "assistant");
		skip_blocks(s);
		return;
	}
	said = read_said(s);
	if (said.last == UINT32_MAX)
		return;
	/* Beside a system message that says something other rules would hold. */
	level = find_level(s, &said, next == JSON_ABSENT || !has_role(t, next, "system"));
	if (level)
		put_message(s, node, level);
	arena_reset(&s->p->worker->scratch);
}

void effort_add(struct pass *p, own_edits *edits)
{
	const struct json_tape *t = &p->doc->tape;
	struct scan s = {.p = p, .edits = edits};
	struct json_iter it, next;
	unsigned first;

	if (!may_route(p))
		return;
	s.top = level_of(t, 0);
	first = first_level(p, s.top);
	if (!first)
		return;
	if (!s.top)
		s.top = first;
	while (s.block < p->doc->n && p->doc->blocks[s.block].message == WIRE_NO_MESSAGE)
		s.block++;
	for (uint32_t i = s.block; i < p->doc->n; i++)
		if (p->doc->blocks[i].role == WIRE_ASSISTANT)
			s.answered = p->doc->blocks[i].message + 1;
	it = json_iter(t, own_tool_history(p->doc));
	for (; json_next(&it); s.message++) {
		next = it;
		take_message(&s, it.value, json_next(&next) ? next.value : JSON_ABSENT);
	}
}
