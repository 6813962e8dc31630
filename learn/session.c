#include "learn/session.h"

#include "core/base/hash.h"
#include "core/memory/clean.h"
#include "learn/pattern.h"

static pattern_fn *const PATTERNS[] = {pattern_environment, pattern_path, pattern_search,
	pattern_command, pattern_habit, pattern_large, pattern_loop, pattern_reads,
	pattern_permission, pattern_subagent, pattern_remedy, pattern_edit};

void session_begin(struct session *s, uint64_t key, uint64_t hash, struct project *p)
{
	*s = (struct session){.key = key, .hash = hash, .project = p};
}

/* ---- calls ------------------------------------------------------------------------------------------------ */

/* A free place; else that of the call that is farthest back, an answered one if there is one. */
static struct call *slot_for(struct session *s)
{
	struct call *oldest = NULL, *oldest_open = &s->slots[0];

	for (int i = 0; i < SESSION_CALLS; i++) {
		struct call *c = &s->slots[i];

		if (!c->called)
			return c;
		if (c->answered && (!oldest || c->answered < oldest->answered))
			oldest = c;
		if (!c->answered && (oldest_open->answered || c->called < oldest_open->called))
			oldest_open = c;
	}
	/* The last few answered ones are what corrections are found by. */
	return oldest ? oldest : oldest_open;
}

enum { UNIQUE_BYTES = 12 };

/* Some agents count their calls ("call_1", "functions.bash:0"), in each conversation anew. */
static bool is_unique(str id)
{
	size_t n = 0;

	while (n < id.n && !strchr("_:.-/", id.p[id.n - 1 - n]))
		n++;
	return n >= UNIQUE_BYTES;
}

void session_call(struct session *s, str id, str tool, str input, struct arena *scratch)
{
	struct call *c = slot_for(s);

	call_begin(c, tool, input, scratch);
	c->id = id.n ? hash64(id) : 0;
	c->is_id_unique = is_unique(id);
	c->called = ++s->place;
	c->number = ++s->calls;
	c->turn = s->turn;
}

/* By its id; where the format has none, the oldest open one of that tool. */
static struct call *open_call(struct session *s, const struct answer *answer)
{
	uint64_t id = answer->id.n ? hash64(answer->id) : 0;
	struct call *found = NULL;

	for (int i = 0; i < SESSION_CALLS; i++) {
		struct call *c = &s->slots[i];

		if (!c->called || c->answered || c->id != id ||
			(!id && answer->tool.n && !str_eq(answer->tool, c->tool)))
			continue;
		if (!found || (id ? c->called > found->called : c->called < found->called))
			found = c;
	}
	return found;
}

void session_answer(struct session *s, const struct answer *answer, struct arena *scratch)
{
	struct call *c = open_call(s, answer);
	struct command *command;
	struct look l = {.s = s, .c = c, .scratch = scratch};

	if (!c)
		return;
	call_answer(c, answer->text, answer->is_error, scratch);
	c->answered = ++s->place;
	c->at_ms = answer->at_ms;
	c->subagent_tokens = answer->subagent_tokens;
	s->project->calls++;
	s->project->failed += call_failed(c);
	s->is_interrupted |= c->failure == FAILURE_REJECTED;
	if (c->kind == CALL_SHELL && c->arg.n) {
		command = arena_alloc(scratch, sizeof *command, alignof(struct command));
		if (command_parse(c->arg, scratch, command))
			l.command = command;
	}
	for (size_t i = 0; i < ARRAY_N(PATTERNS); i++)
		PATTERNS[i](&l);
	/* One that failed may have changed something on the way. */
	if ((c->kind == CALL_CHANGE && !call_failed(c)) ||
		(l.command && command_changes(l.command)))
		s->changed_at = c->answered;
}

/* ---- what the user said --------------------------------------------------------------------------------------- */

static const char INTERRUPTED[] = "[Request interrupted by user";

void session_said(struct session *s, str text, int64_t at_ms, struct arena *scratch)
{
	struct said said = {.s = s, .at_ms = at_ms, .scratch = scratch};
	struct buf b;

	buf_init_arena(&b, scratch, LIMIT_INPUT);
	(void)memory_strip(text, &b);
	said.text = str_trim(buf_str(&b));
	if (!said.text.n)
		return;
	if (str_starts(said.text, str_from(INTERRUPTED))) {
		s->is_interrupted = true;
		return;
	}
	s->turn++;
	said.is_after_interruption = s->is_interrupted;
	s->is_interrupted = false;
	if (!s->is_subagent)
		pattern_preference(&said);
}

/* ---- for the patterns ----------------------------------------------------------------------------------------- */

struct call *look_failed(const struct look *l, call_fits *fits, void *self)
{
	struct call *found = NULL;

	for (int i = 0; i < SESSION_CALLS; i++) {
		struct call *c = &l->s->slots[i];

		if (!c->answered || !call_failed(c) || c->is_fixed || c->answered >= l->c->called ||
			c->number + NEAR_CALLS < l->c->number ||
			(found && c->answered < found->answered))
			continue;
		if (fits(l, c, self))
			found = c;
	}
	return found;
}

struct repeat *session_repeat(struct session *s, uint64_t what)
{
	struct repeat *oldest = &s->repeats[0];

	for (int i = 0; i < SESSION_REPEATS; i++) {
		struct repeat *r = &s->repeats[i];

		if (r->what == what)
			return r;
		if (r->at < oldest->at)
			oldest = r;
	}
	*oldest = (struct repeat){.what = what};
	return oldest;
}

static uint64_t hash_of(const uint64_t *v, size_t n)
{
	uint64_t h = hash64((str){(const char *)v, n * sizeof *v});

	return h ? h : 1;
}

struct rule_sighting session_sighting_call(const struct session *s, const struct call *c)
{
	/* What came back is left out of the first: clients shorten old results. */
	const uint64_t v[] = {
		c->id, c->is_id_unique ? 0 : s->beginning, c->input_hash, c->output_hash};

	if (!s->beginning)
		return (struct rule_sighting){0, 0};
	return (struct rule_sighting){hash_of(v, c->is_id_unique ? 1 : ARRAY_N(v)), s->beginning};
}

struct rule_sighting session_sighting_said(const struct session *s, str text)
{
	const uint64_t v[] = {s->beginning, hash64(text)};

	if (!s->beginning)
		return (struct rule_sighting){0, 0};
	return (struct rule_sighting){hash_of(v, ARRAY_N(v)), s->beginning};
}

void look_see(const struct look *l, struct sighting *x, const struct buf *b)
{
	if (b->err || !b->n)
		return;
	x->text = buf_str(b);
	x->seen = session_sighting_call(l->s, l->c);
	project_see(l->s->project, x, l->s->hash, l->c->at_ms);
}

str look_path(const struct look *l, const struct call *c, str path)
{
	str dir = c->dir.n ? c->dir : l->s->project->dir;

	if (c->dir.n && !text_is_absolute(c->dir) && l->s->project->dir.n)
		dir = text_join(l->scratch, l->s->project->dir, c->dir);
	if (!path.n || text_is_absolute(path) || !dir.n)
		return path;
	return text_join(l->scratch, dir, path);
}

str look_shown(const struct look *l, str absolute)
{
	return text_under(l->s->project->dir, absolute);
}

str pattern_key(struct arena *a, const char *what, str one, str two)
{
	return arena_printf(a, "%s|" STR_FMT "|" STR_FMT, what, STR_ARG(one), STR_ARG(two));
}
