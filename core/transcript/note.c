/* What a document says of the session: the directory, the time, who speaks. Where each kind writes it is data. */
#include "core/base/clock.h"
#include "core/transcript/reader.h"

enum { PLACES_MAX = 4 };

/* Members on the way to a value, with dots between; the first that is there counts. */
static const struct {
	const char *project[PLACES_MAX], *time[PLACES_MAX];
} PLACES[TRANSCRIPT_KIND_N] = {
	[TRANSCRIPT_REQUESTS] = {{"project"}, {"ts"}},
	[TRANSCRIPT_PROXY_LOG] = {{"project"}, {"timestamp"}},
	[TRANSCRIPT_CLAUDE] = {{"cwd"}, {"timestamp"}},
	/* session_meta, turn_context; before those the line with the instructions had none. */
	[TRANSCRIPT_CODEX] = {{"payload.cwd"}, {"timestamp"}},
	[TRANSCRIPT_GEMINI] = {{NULL}, {"timestamp", "lastUpdated"}},
	[TRANSCRIPT_GEMINI_FILE] = {{NULL}, {"lastUpdated", "startTime"}},
	[TRANSCRIPT_OPENCODE] = {{"info.directory", "info.path.cwd"},
		{"time.start", "state.time.start", "info.time.created"}},
	[TRANSCRIPT_PI] = {{"cwd"}, {"timestamp"}},
};

/* JSON_ABSENT when a member on the way is not there. */
static uint32_t value_at(const struct line *l, const char *way)
{
	str rest = str_from(way), name;
	uint32_t at = 0;

	while (at != JSON_ABSENT && str_split(&rest, '.', &name)) {
		char key[32];

		if (name.n >= sizeof key)
			return JSON_ABSENT;
		memcpy(key, name.p, name.n);
		key[name.n] = '\0';
		at = line_member(l, at, key);
	}
	return at;
}

/* RFC 3339, or seconds or milliseconds since 1970. */
static int64_t time_of(struct line *l, uint32_t node)
{
	static const double MS_FROM =
		1e11; /* as seconds in the year 5138, as milliseconds in 1973 */
	static const double MS_MAX = 1e14;
	int64_t ms;
	double n;
	str s;

	if (json_string(l->t, node, l->a, &s))
		return clock_parse(s, &ms) ? ms : -1;
	if (!json_f64(l->t, node, &n) || n < 0 || n > MS_MAX)
		return -1;
	return (int64_t)(n < MS_FROM ? n * 1000 : n);
}

void transcript_note(struct transcript *r, struct arena *a, const struct json_tape *t,
	struct transcript_note *out)
{
	struct transcript_line unused = {0};
	struct line l = {.r = r, .a = a, .t = t, .out = &unused};
	uint32_t result;
	str project;

	*out = (struct transcript_note){.at_ms = -1};
	for (int i = 0; i < PLACES_MAX && out->at_ms < 0 && PLACES[r->kind].time[i]; i++) {
		uint32_t at = value_at(&l, PLACES[r->kind].time[i]);

		out->at_ms = at == JSON_ABSENT ? -1 : time_of(&l, at);
	}
	for (int i = 0; i < PLACES_MAX && PLACES[r->kind].project[i]; i++) {
		uint32_t at = value_at(&l, PLACES[r->kind].project[i]);

		if (at == JSON_ABSENT || !json_string(t, at, a, &project) || !project.n ||
			project.n > PROJECT_MAX)
			continue;
		memcpy(r->project, project.p, project.n);
		r->project_n = (uint32_t)project.n;
		break;
	}
	out->project = (str){r->project, r->project_n};
	if (r->kind != TRANSCRIPT_CLAUDE)
		return;
	out->is_subagent = line_is_true(&l, 0, "isSidechain");
	out->is_meta = line_is_true(&l, 0, "isMeta") || line_is_true(&l, 0, "isCompactSummary");
	result = line_member(&l, line_object(&l, 0, "toolUseResult"), "totalTokens");
	if (result != JSON_ABSENT)
		(void)!json_u64(t, result, &out->subagent_tokens);
}
