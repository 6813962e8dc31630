#include "core/compress/build/mark.h"

#include "core/base/hash.h"
#include "core/base/map.h"
#include "core/compress/build/frame.h"
#include "core/compress/build/named.h"
#include "core/compress/build/outcome.h"
#include "core/compress/log/error.h"

enum {
	/* Lines of captured output, and of output anywhere, that are shown at both ends. */
	CAPTURED_SHOWN = 3,
	OUTPUT_SHOWN = 15,
	/* Runs of output that are longer lose what is between. */
	OUTPUT_MAX = 60,
	/* Lines of a statement that pytest marks with '>'. */
	STATEMENT_MAX = 8,
	/* The user's own frames of a trace that are shown at its beginning and end, if there are more than both and one. */
	FRAMES_FIRST = 3,
	FRAMES_LAST = 4,
	FRAMES_MAX = 512, /* of one trace that are told apart; more are shown */
};

/* Where in pytest's report of failures a line stands. */
enum section {
	SECTION_NONE,
	SECTION_FAILED, /* below the title of a test that failed */
	SECTION_CAPTURED,
	SECTION_PASSED, /* what passing tests printed */
};

/* What is known of a line, since it is asked for more than once. */
enum known {
	KNOWN_OUTCOME = 1, /* of a test that did not fail */
	KNOWN_MUST = 2,
	KNOWN_MUST_NOT = 4,
	KNOWN_ERROR = 8,
	KNOWN_FINE = 16,
	KNOWN_PRINTED = 32, /* by a test that passed */
};

struct mark {
	struct lines l;
	uint8_t *kind;
	uint8_t *known; /* sets of enum known */
	struct arena *arena;
	enum section section;
	bool is_passes;      /* of "= PASSES =" */
	bool is_library;     /* the place above was one */
	bool is_below_place; /* the line above said where code stands */
	uint32_t statement;  /* lines of it that may still be shown */
	uint32_t title;      /* line behind the title of the test that failed; 0: none */
	uint64_t error;      /* what the one before it said; 0: none */
	bool has_printed;    /* any line is KNOWN_PRINTED */
	bool has_named;
	struct named named; /* tests whose titles may go */
};

static bool must_show(const struct mark *m, uint32_t i)
{
	uint8_t *known = &m->known[i];

	if (!(*known & (KNOWN_MUST | KNOWN_MUST_NOT)))
		*known |= build_must_show(m->l.v[i]) ? KNOWN_MUST : KNOWN_MUST_NOT;
	return *known & KNOWN_MUST;
}

static bool is_error(const struct mark *m, uint32_t i)
{
	uint8_t *known = &m->known[i];

	if (!(*known & (KNOWN_ERROR | KNOWN_FINE)))
		*known |= log_is_error(m->l.v[i]) ? KNOWN_ERROR : KNOWN_FINE;
	return *known & KNOWN_ERROR;
}

static bool is_blank(str line)
{
	return !str_trim(line).n;
}

/* "=== FAILURES ===": a rule of that sign around words. */
static bool is_ruled(str line, char sign)
{
	str s = str_trim_right(line);

	return s.n > 6 && s.p[0] == sign && s.p[1] == sign && s.p[s.n - 1] == sign &&
	       str_find_byte(s, ' ') != STR_NONE && s.p[s.n - 2] != ' ';
}

/* What a failed test reports: hash of its assertions and of all else that may be missing in no other place. */
static uint64_t error_hash(const struct mark *m, uint32_t from, uint32_t end)
{
	uint64_t hash = 0;

	for (uint32_t i = from; i < end; i++) {
		str line = m->l.v[i];

		if (line.n && *line.p != '>' &&
			(must_show(m, i) || (m->kind[i] == BUILD_OUTPUT && is_error(m, i))))
			hash = hash64_seed(line, hash + 1);
	}
	return hash;
}

/* True when a line of its own says that the test of that title has failed. */
static bool is_named(struct mark *m, uint32_t title)
{
	if (!m->has_named)
		named_find(&m->named, m->l, m->arena);
	m->has_named = true;
	return named_has(&m->named, m->l.v[title]);
}

/* At the end of what is told of a test that failed: left out where it is what was told of the one before. */
static void end_failed(struct mark *m, uint32_t end)
{
	uint64_t error;

	if (!m->title)
		return;
	error = error_hash(m, m->title, end);
	if (error && error == m->error)
		memset(m->kind + m->title, BUILD_AGAIN, end - m->title);
	if (error && error == m->error && is_named(m, m->title - 1))
		m->kind[m->title - 1] = BUILD_AGAIN;
	m->error = error;
	m->title = 0;
}

/* A rule in what passing tests printed, which may be a report of pytest itself. */
static bool is_printed_rule(const struct mark *m, uint32_t i)
{
	return m->is_passes &&
	       (str_find(m->l.v[i], STR(" short test summary ")) == STR_NONE || i + 1 == m->l.n ||
		       !str_starts(m->l.v[i + 1], STR("PASSED ")));
}

static bool begins_section(struct mark *m, uint32_t i)
{
	str s = str_trim_right(m->l.v[i]);
	bool is_passes = str_find(s, STR("= PASSES =")) != STR_NONE;

	if (!is_ruled(s, '=') || is_printed_rule(m, i))
		return false;
	end_failed(m, i);
	m->error = 0;
	m->section = SECTION_NONE;
	m->is_passes = is_passes;
	if (is_passes || str_find(s, STR("FAILURES =")) != STR_NONE ||
		str_find(s, STR("= ERRORS =")) != STR_NONE)
		m->section = is_passes ? SECTION_PASSED : SECTION_FAILED;
	return true;
}

/* A line below the title of a failed test. */
static enum build_kind mark_failed(struct mark *m, str line)
{
	enum build_frame place;

	if (line.n && (*line.p == '>' || *line.p == 'E') && (line.n == 1 || line.p[1] == ' ')) {
		m->statement = *line.p == '>' ? STATEMENT_MAX : 0;
		m->is_below_place = false;
		return BUILD_SHOWN;
	}
	place = build_place_of(line);
	if (place) {
		m->is_below_place = true;
		m->is_library = place == FRAME_LIBRARY && str_find(line, STR(": in ")) != STR_NONE;
		return m->is_library ? BUILD_SOURCE : BUILD_SHOWN;
	}
	if (m->is_below_place && build_indent(line)) {
		m->is_below_place = false;
		return m->is_library ? BUILD_SOURCE : BUILD_SHOWN;
	}
	m->is_below_place = false;
	if (m->statement && line.n) {
		m->statement--;
		return BUILD_SHOWN;
	}
	m->statement = 0;
	return BUILD_SOURCE;
}

static enum build_kind mark_in_section(struct mark *m, uint32_t i)
{
	str line = m->l.v[i];

	if (build_is_title(line)) {
		end_failed(m, i);
		m->title = m->is_passes ? 0 : i + 1;
		m->section = m->is_passes ? SECTION_PASSED : SECTION_FAILED;
		m->statement = 0;
		m->is_below_place = false;
		return m->is_passes ? BUILD_OUTPUT : BUILD_SHOWN;
	}
	if (str_starts(line, STR("---")) && is_ruled(line, '-')) {
		if (!m->is_passes)
			m->section = SECTION_CAPTURED;
		return m->is_passes ? BUILD_OUTPUT : BUILD_SHOWN;
	}
	return m->section == SECTION_FAILED ? mark_failed(m, line) : BUILD_OUTPUT;
}

/* ---- stack traces ---- */

struct frame {
	uint32_t at, end;
	bool is_library;
};

/* The line behind the frame that begins at i: its code, and the signs below it, are further in. */
static uint32_t frame_end(const struct mark *m, uint32_t i)
{
	size_t in = build_indent(m->l.v[i]);
	bool is_python = build_frame_is_python(m->l.v[i]);

	i++;
	while (is_python && i < m->l.n && m->l.v[i].n && build_indent(m->l.v[i]) > in &&
		!build_frame_of(m->l.v[i]))
		i++;
	return i;
}

/* Of the frames that a trace has, which are shown: the one where it was raised, and the first ones and last ones of the user. */
static void mark_frames(struct mark *m, const struct frame *f, uint32_t n, bool is_python)
{
	uint32_t users = 0, user = 0;

	for (uint32_t i = 0; i < n; i++)
		users += !f[i].is_library;
	for (uint32_t i = 0; i < n; i++) {
		bool is_raised = i == (is_python ? n - 1 : 0);
		bool is_shown = is_raised;

		if (!f[i].is_library) {
			is_shown = is_shown || users <= FRAMES_FIRST + FRAMES_LAST + 1 ||
				   user < FRAMES_FIRST || user + FRAMES_LAST >= users;
			user++;
		}
		for (uint32_t k = f[i].at; k < f[i].end && !is_shown; k++)
			m->kind[k] = BUILD_FRAMES;
	}
}

/* The trace that begins at line i, if any; the line behind it. */
static uint32_t mark_trace(struct mark *m, uint32_t i)
{
	bool is_python = build_frame_is_python(m->l.v[i]);
	struct frame *f;
	enum build_frame of = build_frame_of(m->l.v[i]);
	uint32_t n = 0;

	if (!of)
		return i;
	f = arena_array(m->arena, struct frame, FRAMES_MAX);
	for (; of && n < FRAMES_MAX; n++) {
		uint32_t end = frame_end(m, i);

		f[n] = (struct frame){i, end, of == FRAME_LIBRARY};
		i = end;
		of = i < m->l.n ? build_frame_of(m->l.v[i]) : FRAME_NONE;
	}
	mark_frames(m, f, n, is_python);
	return i;
}

/* ---- all other lines ---- */

/* "test_a (b.C)", whose docstring and result are in the next line. */
static bool is_test_head(const struct mark *m, uint32_t i)
{
	struct build_outcome o;
	str line = m->l.v[i];

	return str_starts(line, STR("test")) && str_ends(line, STR(")")) && i + 1 < m->l.n &&
	       str_find(m->l.v[i + 1], STR(" ... ")) != STR_NONE &&
	       build_outcome_of(m->l.v[i + 1], &o) && o.result != BUILD_FAIL;
}

static enum build_kind mark_plain(const struct mark *m, uint32_t i)
{
	struct build_outcome o;
	str line = m->l.v[i];

	if (build_outcome_of(line, &o)) {
		bool has_failed = o.result == BUILD_FAIL;

		m->known[i] |= has_failed ? KNOWN_MUST : KNOWN_MUST_NOT | KNOWN_OUTCOME;
		return has_failed ? BUILD_SHOWN : BUILD_PASSED;
	}
	if (is_test_head(m, i) || build_is_test_start(line))
		return BUILD_PASSED;
	return build_is_progress(line) ? BUILD_PROGRESS : BUILD_SHOWN;
}

static void mark_lines(struct mark *m)
{
	uint32_t end;

	for (uint32_t i = 0; i < m->l.n; i++) {
		str line = m->l.v[i];

		if (line.n && *line.p == '=' && begins_section(m, i))
			continue;
		if (m->section) {
			m->kind[i] = (uint8_t)mark_in_section(m, i);
			m->known[i] |= m->is_passes ? KNOWN_PRINTED : 0;
			m->has_printed |= m->is_passes;
			continue;
		}
		end = mark_trace(m, i);
		if (end > i)
			i = end - 1;
		else
			m->kind[i] = (uint8_t)mark_plain(m, i);
	}
}

/* ---- what stays all the same ---- */

/* Of the lines from..to, the first and the last ones are shown. */
static void show_ends(struct mark *m, uint32_t from, uint32_t to, uint32_t shown)
{
	for (uint32_t i = from; i < to; i++)
		if (i < from + shown || i + shown >= to)
			m->kind[i] = BUILD_SHOWN;
}

static void mark_long_output(struct mark *m)
{
	uint32_t from = 0;

	for (uint32_t i = 0; i <= m->l.n; i++) {
		if (i < m->l.n && m->kind[i] == BUILD_SHOWN && !must_show(m, i))
			continue;
		for (uint32_t k = from + OUTPUT_SHOWN;
			i - from > OUTPUT_MAX && k < i - OUTPUT_SHOWN; k++)
			m->kind[k] = BUILD_OUTPUT;
		from = i + 1;
	}
}

static bool stays(const struct mark *m, uint32_t i)
{
	str line = m->l.v[i];
	struct build_outcome o;

	if (m->kind[i] != BUILD_AGAIN && must_show(m, i))
		return true;
	switch ((enum build_kind)m->kind[i]) {
	case BUILD_PROGRESS:
	case BUILD_OUTPUT:
		return is_error(m, i);
	case BUILD_PASSED:
		return !(m->known[i] & KNOWN_OUTCOME) && !build_outcome_of(line, &o) &&
		       !str_starts(line, STR("test")) && !build_is_test_start(line) &&
		       is_error(m, i);
	case BUILD_SHOWN:
	case BUILD_AGAIN:
	case BUILD_SOURCE:
	case BUILD_FRAMES:
	default:
		return false;
	}
}

/* What must be shown, and was, is counted where passing tests print it again: these test what runs other tests. */
static void mark_repeated(struct mark *m)
{
	struct map shown;

	if (!m->has_printed)
		return;
	map_init(&shown, m->arena);
	for (uint32_t i = 0; i < m->l.n; i++) {
		str line = m->l.v[i];

		if (m->kind[i] != BUILD_SHOWN || (!must_show(m, i) && !is_error(m, i)))
			continue;
		if (!map_find(&shown, line))
			*map_at(&shown, line) = m;
		else if (m->known[i] & KNOWN_PRINTED)
			m->kind[i] = BUILD_REPEATED;
	}
}

/* Blank lines between lines of one kind are of it, too. */
static void join_blanks(struct mark *m)
{
	uint32_t from = 0; /* behind the last line that is not blank */

	for (uint32_t i = 0; i < m->l.n; i++) {
		if (m->kind[i] == BUILD_SHOWN && is_blank(m->l.v[i]))
			continue;
		for (uint32_t k = from; from && k < i && m->kind[from - 1] == m->kind[i]; k++)
			m->kind[k] = m->kind[i];
		from = i + 1;
	}
}

/* The first line of a run of progress stands for the others. */
static void show_progress(struct mark *m)
{
	for (uint32_t i = m->l.n; i--;)
		if (m->kind[i] == BUILD_PROGRESS && (!i || m->kind[i - 1] != BUILD_PROGRESS))
			m->kind[i] = BUILD_SHOWN;
}

/* Of captured output of tests that failed, both ends are shown. */
static void show_captured(struct mark *m)
{
	for (uint32_t i = 0, end; i < m->l.n; i = end) {
		end = i + 1;
		if (m->kind[i] != BUILD_OUTPUT)
			continue;
		while (end < m->l.n && m->kind[end] == BUILD_OUTPUT)
			end++;
		if (i && str_starts(m->l.v[i - 1], STR("---")))
			show_ends(m, i, end, CAPTURED_SHOWN);
	}
}

uint8_t *build_mark(struct lines l, bool is_gentle, struct arena *a)
{
	struct mark m = {.l = l,
		.arena = a,
		.kind = arena_array(a, uint8_t, l.n),
		.known = arena_array(a, uint8_t, l.n)};

	mark_lines(&m);
	for (uint32_t i = 0; i < l.n; i++)
		if (m.kind[i] && ((is_gentle && m.kind[i] >= BUILD_SOURCE) || stays(&m, i)))
			m.kind[i] = BUILD_SHOWN;
	show_captured(&m);
	if (!is_gentle)
		mark_long_output(&m);
	for (uint32_t i = 0; i < l.n; i++)
		if (m.kind[i] == BUILD_OUTPUT && stays(&m, i))
			m.kind[i] = BUILD_SHOWN;
	if (!is_gentle)
		mark_repeated(&m);
	join_blanks(&m);
	m.kind[l.n - 1] = BUILD_SHOWN; /* its end may be without a line end */
	show_progress(&m);
	return m.kind;
}
