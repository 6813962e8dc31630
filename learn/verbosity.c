#include "learn/verbosity.h"

#include "core/base/limits.h"
#include "core/json/scan.h"

enum {
	STOPPED_WORDS = 50, /* who stops a shorter text means something else */
	READ_WORDS = 150,   /* a shorter answer is seen at one look */
	READ_PER_MINUTE = 250,
	MINUTE_MS = 60000,
	WISH_BYTES = 400, /* a wish stands at the beginning */
	FEW_WORDS = 4,    /* a message of so few is about the answer and nothing else */
	LOW_TURNS = 10,
	HIGH_TURNS = 60,
	USUAL_LEVEL = 2,
};

/* ---- wishes -------------------------------------------------------------------------------------- */

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* The words alone, in lower case, with a blank before and behind each. */
static str plain_words(str s, char *out, size_t max, unsigned *words)
{
	size_t n = 0;

	*words = 0;
	out[n++] = ' ';
	for (size_t i = 0; i < s.n && n + 2 < max; i++) {
		char c = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] - 'A' + 'a') : s.p[i];

		if (c == '\'')
			continue;
		if (is_word(c)) {
			out[n++] = c;
		} else if (out[n - 1] != ' ') {
			out[n++] = ' ';
			++*words;
		}
	}
	if (out[n - 1] != ' ') {
		out[n++] = ' ';
		++*words;
	}
	return (str){out, n};
}

struct phrase {
	const char *words; /* with a blank before and behind */
	enum verbosity_wish wish;
	bool is_alone; /* only in a message of few words: else it may be about code */
};

static const struct phrase phrases[] = {
	{" shorter answers ", WISH_SHORTER, false},
	{" shorter answer ", WISH_SHORTER, false},
	{" answer shorter ", WISH_SHORTER, false},
	{" answers shorter ", WISH_SHORTER, false},
	{" answer briefly ", WISH_SHORTER, false},
	{" keep your answers ", WISH_SHORTER, false},
	{" keep it short ", WISH_SHORTER, false},
	{" keep it brief ", WISH_SHORTER, false},
	{" be brief ", WISH_SHORTER, false},
	{" be concise ", WISH_SHORTER, false},
	{" be more concise ", WISH_SHORTER, false},
	{" be less verbose ", WISH_SHORTER, false},
	{" too verbose ", WISH_SHORTER, false},
	{" too wordy ", WISH_SHORTER, false},
	{" too much text ", WISH_SHORTER, false},
	{" fewer words ", WISH_SHORTER, false},
	{" stop explaining ", WISH_SHORTER, false},
	{" dont explain ", WISH_SHORTER, false},
	{" no explanations ", WISH_SHORTER, false},
	{" no need to explain ", WISH_SHORTER, false},
	{" skip the explanation ", WISH_SHORTER, false},
	{" skip the summary ", WISH_SHORTER, false},
	{" no summary ", WISH_SHORTER, false},
	{" just the code ", WISH_SHORTER, false},
	{" wall of text ", WISH_SHORTER, false},
	{" walls of text ", WISH_SHORTER, false},
	{" ask for an essay ", WISH_SHORTER, false},
	{" cut to the chase ", WISH_SHORTER, false},
	{" keep your replies ", WISH_SHORTER, false},
	{" keep your responses ", WISH_SHORTER, false},
	{" shorter replies ", WISH_SHORTER, false},
	{" shorter responses ", WISH_SHORTER, false},
	{" less explanation ", WISH_SHORTER, false},
	{" skip the preamble ", WISH_SHORTER, false},
	{" no preamble ", WISH_SHORTER, false},
	{" just the answer ", WISH_SHORTER, false},
	{" please get to the point ", WISH_SHORTER, false},
	{" get to the point ", WISH_SHORTER, true},
	{" less verbose ", WISH_SHORTER, true},
	{" less text ", WISH_SHORTER, true},
	{" less prose ", WISH_SHORTER, true},
	{" only the diff ", WISH_SHORTER, true},
	{" only the code ", WISH_SHORTER, true},
	{" tldr ", WISH_SHORTER, true},
	{" tl dr ", WISH_SHORTER, true},
	{" shorter ", WISH_SHORTER, true},
	{" too long ", WISH_SHORTER, true},
	{" in short ", WISH_SHORTER, true},
	{" briefly ", WISH_SHORTER, true},
	{" concise ", WISH_SHORTER, true},
	{" more detail ", WISH_LONGER, true},
	{" more details ", WISH_LONGER, true},
	{" in more detail ", WISH_LONGER, false},
	{" explain more ", WISH_LONGER, true},
	{" explain in detail ", WISH_LONGER, false},
	{" elaborate ", WISH_LONGER, true},
	{" explain that ", WISH_LONGER, true},
	{" explain please ", WISH_LONGER, true},
	{" walk me through it ", WISH_LONGER, true},
	{" walk me through that ", WISH_LONGER, true},
	{" tell me more ", WISH_LONGER, true},
	{" i dont understand ", WISH_LONGER, true},
};

enum verbosity_wish verbosity_wish(str message)
{
	char text[WISH_BYTES + 3];
	unsigned words;
	str plain = plain_words(message, text, sizeof text, &words);

	for (size_t i = 0; i < ARRAY_N(phrases); i++)
		if ((!phrases[i].is_alone || words <= FEW_WORDS) &&
			str_find(plain, str_from(phrases[i].words)) != STR_NONE)
			return phrases[i].wish;
	return WISH_NONE;
}

/* ---- sessions ------------------------------------------------------------------------------------ */

/* What of a session's last answer is known. */
struct answer {
	uint64_t key;   /* hash64 of the session's name */
	uint64_t words; /* of text since the last message or result */
	int64_t at_ms;  /* of its end; -1 */
	bool is_stopped;
};

enum {
	OPEN_MAX = 64
}; /* sessions of one file that are told apart; a later one takes the place of the oldest */

struct reader {
	struct verbosity *v;
	struct answer open[OPEN_MAX];
	uint64_t open_n;
};

static struct answer *answer_of(struct reader *r, str session)
{
	uint64_t key = hash64(session), n = r->open_n < OPEN_MAX ? r->open_n : OPEN_MAX;
	struct answer *a;

	for (uint64_t i = 0; i < n; i++)
		if (r->open[i].key == key)
			return &r->open[i];
	a = &r->open[r->open_n++ % OPEN_MAX];
	*a = (struct answer){.key = key, .at_ms = -1};
	r->v->sessions += r->v->last_session != key;
	r->v->last_session = key;
	return a;
}

static uint64_t count_words(str s)
{
	uint64_t n = 0;
	bool is_in = false;

	for (size_t i = 0; i < s.n; i++) {
		bool is_space = (unsigned char)s.p[i] <= ' ';

		n += !is_space && !is_in;
		is_in = !is_space;
	}
	return n;
}

static void end_answer(struct answer *a)
{
	a->words = 0;
	a->at_ms = -1;
	a->is_stopped = false;
}

/* True when the text is the program's own mark, or nothing that a person wrote. */
static bool take_mark(struct reader *r, struct answer *a, str text)
{
	if (str_starts(text, STR("[Request interrupted by user"))) {
		bool is_of_tool = str_find(text, STR("for tool use")) != STR_NONE;

		if (!is_of_tool && a->words >= STOPPED_WORDS && !a->is_stopped)
			r->v->interrupted++;
		a->is_stopped = true;
		return true;
	}
	/* Reminders, the environment, commands of the program and their output. */
	return !text.n || text.p[0] == '<' || str_starts(text, STR("# AGENTS.md")) ||
	       str_starts(text, STR("Caveat:"));
}

static void take_message(struct reader *r, struct answer *a, str text, int64_t at_ms)
{
	struct verbosity *v = r->v;
	int64_t least_ms = (int64_t)(a->words * MINUTE_MS / READ_PER_MINUTE / 2);

	if (take_mark(r, a, text))
		return;
	if (a->words) {
		enum verbosity_wish wish = verbosity_wish(text);

		v->turns++;
		v->words += a->words;
		v->long_answers += a->words >= VERBOSITY_LONG;
		v->skipped += !a->is_stopped && a->words >= READ_WORDS && a->at_ms >= 0 &&
			      at_ms >= a->at_ms && at_ms - a->at_ms < least_ms;
		v->shorter += wish == WISH_SHORTER;
		v->longer += wish == WISH_LONGER;
	}
	end_answer(a);
}

static void take_block(struct reader *r, struct answer *a, const struct wire_doc *doc,
	const struct wire_block *b, const struct transcript_note *note, struct arena *scratch)
{
	str text;

	if (b->kind == WIRE_TOOL_CALL || b->kind == WIRE_TOOL_RESULT) {
		a->words = 0;
		return;
	}
	if (b->kind != WIRE_TEXT || !json_string(&doc->tape, b->node, scratch, &text))
		return;
	text = str_trim(text);
	if (b->role == WIRE_ASSISTANT) {
		a->words += count_words(text);
		a->at_ms = note->at_ms;
	} else if (b->role == WIRE_USER && !note->is_meta) {
		take_message(r, a, text, note->at_ms);
	}
}

static bool is_wanted(const struct verbosity *v, str project)
{
	return v->project.n <= strlen("/") || str_eq(project, v->project) ||
	       (str_starts(project, v->project) && project.n > v->project.n &&
		       project.p[v->project.n] == '/');
}

/* A line, or the whole of a document. */
static void take_line(struct reader *r, struct transcript *t, str text, struct arena *scratch)
{
	struct transcript_line line;
	struct transcript_note note;
	struct json_tape tape;
	struct answer *a;

	if (json_scan(scratch, text, &tape, NULL))
		return;
	transcript_read(t, scratch, &tape, &line);
	transcript_note(t, scratch, &tape, &note);
	if (line.is_request || !line.doc.n || note.is_subagent || !is_wanted(r->v, note.project))
		return;
	a = answer_of(r, line.session);
	for (uint32_t i = 0; i < line.doc.n; i++)
		take_block(r, a, &line.doc, &line.doc.blocks[i], &note, scratch);
}

struct arenas {
	struct arena kept, scratch;
};

static enum err read_file(struct arenas *m, struct verbosity *v, str text,
	enum transcript_kind kind, struct errctx *cx)
{
	struct reader r = {.v = v};
	struct transcript *t;
	str line;

	if (arena_recover(&m->kept) || arena_recover(&m->scratch))
		FAIL(cx, E_NOMEM, "out of memory");
	t = transcript_new(&m->kept, kind);
	if (!transcript_is_lines(kind)) {
		take_line(&r, t, text, &m->scratch);
		return E_OK;
	}
	while (str_next_line(&text, &line, NULL)) {
		if (line.n <= LIMIT_JSONL_LINE)
			take_line(&r, t, line, &m->scratch);
		arena_reset(&m->scratch);
	}
	return E_OK;
}

enum err verbosity_file(struct verbosity *v, str text, str file_name, struct errctx *cx)
{
	size_t seen = text.n < TRANSCRIPT_DETECT_BYTES ? text.n : TRANSCRIPT_DETECT_BYTES;
	enum transcript_kind kind = transcript_detect(str_sub(text, 0, seen), file_name);
	struct arenas m = {.kept = ARENA_INIT, .scratch = ARENA_INIT};
	enum err e;

	if (kind == TRANSCRIPT_NONE)
		FAIL(cx, E_MALFORMED, "no recording of a session");
	if (kind <= TRANSCRIPT_PROXY_LOG)
		FAIL(cx, E_UNSUPPORTED, "requests, which do not say when somebody wrote what");
	e = read_file(&m, v, text, kind, cx);
	arena_release(&m.kept);
	arena_release(&m.scratch);
	return e;
}

/* ---- advice -------------------------------------------------------------------------------------- */

struct verbosity_advice verbosity_advise(const struct verbosity *v)
{
	static const double LITTLE = 0.10, MUCH = 0.30;
	struct verbosity_advice out = {.level = USUAL_LEVEL, .confidence = "low"};
	double for_less = (double)(v->interrupted + v->skipped + v->shorter);

	if (v->turns)
		out.pressure = (for_less - (double)v->longer) / (double)v->turns;
	if (v->turns < LOW_TURNS)
		return out;
	out.confidence = v->turns >= HIGH_TURNS ? "high" : "medium";
	/* Level 4 is nobody's but his who asks for it. */
	out.level = out.pressure < LITTLE ? 1 : out.pressure < MUCH ? 2 : 3;
	return out;
}
