/* What recorded sessions paid for in vain, and how long answers should be: sessions are made, and what is said of them is compared. Large recordings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/recording.h"
#include "core/base/file.h"
#include "core/base/limits.h"
#include "learn/audit.h"
#include "learn/verbosity.h"

struct place {
	struct arena arena;
	struct audit *audit;
	struct audit_result result;
	struct buf text; /* lines of Claude Code */
	const char *session;
	unsigned id;
};

static int setup(void **state)
{
	struct place *p = test_calloc(1, sizeof *p);

	arena_init(&p->arena);
	buf_init_arena(&p->text, &p->arena, LIMIT_INPUT);
	assert_int_equal(audit_new(STR("/w"), &p->audit, NULL), E_OK);
	p->session = "s";
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct place *p = *state;

	audit_free(p->audit);
	arena_release(&p->arena);
	test_free(p);
	return 0;
}

static void line(struct place *p, const char *role, const char *cwd, str content)
{
	p->id++;
	buf_printf(&p->text,
		"{\"type\":\"%s\",\"cwd\":\"%s\",\"sessionId\":\"%s\",\"uuid\":\"%s-%u\","
		"\"parentUuid\":\"%s-%u\",\"timestamp\":\"2026-01-02T03:04:05Z\",\"message\":{"
		"\"role\":\"%s\",\"id\":\"%s-m%u\",\"content\":[" STR_FMT "]}}\n",
		role, cwd, p->session, p->session, p->id, p->session, p->id - 1, role, p->session,
		p->id, STR_ARG(content));
}

static void call_in(struct place *p, const char *cwd, const char *tool, const char *input,
	str result, bool is_error)
{
	struct buf b;

	line(p, "assistant", cwd,
		arena_printf(&p->arena,
			"{\"type\":\"tool_use\",\"id\":\"%s-t%u\",\"name\":\"%s\",\"input\":%s}",
			p->session, p->id + 1, tool, input));
	buf_init_arena(&b, &p->arena, LIMIT_INPUT);
	buf_printf(&b,
		"{\"type\":\"tool_result\",\"tool_use_id\":\"%s-t%u\",%s\"content\":", p->session,
		p->id, is_error ? "\"is_error\":true," : "");
	buf_add_json_string(&b, result);
	buf_add_byte(&b, '}');
	line(p, "user", cwd, buf_str(&b));
}

static void call(struct place *p, const char *tool, const char *input, str result)
{
	call_in(p, "/w/app", tool, input, result, false);
}

static void begin(struct place *p, const char *session)
{
	p->session = session;
	p->id = 0;
	line(p, "user", "/w/app", STR("{\"type\":\"text\",\"text\":\"go\"}"));
}

static void end(struct place *p)
{
	line(p, "assistant", "/w/app", STR("{\"type\":\"text\",\"text\":\"done\"}"));
}

static void audit(struct place *p, bool is_of_tools)
{
	assert_int_equal(audit_file(p->audit, buf_str(&p->text), STR("s.jsonl"), NULL), E_OK);
	audit_result(p->audit, is_of_tools, &p->arena, &p->result);
}

static const struct audit_finding *find(struct place *p, enum audit_kind kind, const char *name)
{
	for (size_t i = 0; i < p->result.findings.n; i++) {
		const struct audit_finding *f = &p->result.findings.v[i];

		if (f->kind == kind && str_eq_c(f->name, name))
			return f;
	}
	return NULL;
}

static str lines(struct place *p, const char *format, unsigned n)
{
	struct buf b;

	buf_init_arena(&b, &p->arena, LIMIT_INPUT);
	for (unsigned i = 0; i < n; i++) {
		buf_add_c(&b, format);
		buf_printf(&b, "%u.js\n", i);
	}
	return buf_str(&b);
}

#define READ(path) "Read", "{\"file_path\":\"" path "\"}"

static void a_file_read_nine_times_is_named(void **state)
{
	struct place *p = *state;
	str text = lines(p, "     1\tconst x = ", 40);
	const struct audit_finding *f;

	begin(p, "a");
	for (int i = 0; i < 9; i++)
		call(p, READ("/w/app/src/a.js"), text);
	call(p, READ("/w/app/src/b.js"), text); /* once */
	end(p);
	audit(p, false);
	assert_int_equal(p->result.findings.n, 1);
	f = find(p, AUDIT_READ_AGAIN, "src/a.js");
	assert_non_null(f);
	assert_int_equal(f->times, 8);
	assert_int_equal(f->sessions, 1);
	assert_true(f->tokens > 8 * 300 && f->tokens < 8 * 600);
	/* The first repeat stands in 9 requests behind it, the last in 2. */
	assert_int_equal(f->sent, f->tokens / 8 * (9 + 8 + 7 + 6 + 5 + 4 + 3 + 2));
	assert_int_equal(p->result.totals.calls, 10);
	assert_int_equal(p->result.totals.requests, 11);
}

static void a_file_that_has_changed_is_not_read_in_vain(void **state)
{
	struct place *p = *state;

	begin(p, "a");
	for (unsigned i = 0; i < 4; i++) {
		call(p, READ("/w/app/a.js"), lines(p, "line", 10 + i));
		call(p, "Edit", "{\"file_path\":\"/w/app/a.js\",\"old_string\":\"x\"}", STR("ok"));
	}
	begin(p, "b"); /* another session does not have it in context */
	call(p, READ("/w/app/a.js"), lines(p, "line", 13));
	begin(p, "c");
	call(p, READ("/w/app/a.js"), lines(p, "line", 13));
	end(p);
	audit(p, false);
	assert_int_equal(p->result.findings.n, 0);
	assert_int_equal(p->result.totals.sessions, 3);
}

static void large_files_lock_files_and_installed_ones(void **state)
{
	struct place *p = *state;
	str large = lines(p, "some words of a large file ", 900);
	const struct audit_finding *f;

	for (int i = 0; i < 3; i++) {
		begin(p, i == 0 ? "a" : i == 1 ? "b" : "c");
		call(p, READ("/w/app/big.js"), large);
		call(p, READ("/w/app/package-lock.json"), lines(p, "lock ", 50));
		call(p, "Read", "{\"file_path\":\"/w/app/part.js\",\"offset\":1,\"limit\":900}",
			large);
		call(p, "Bash", "{\"command\":\"find . -name '*.js'\"}",
			lines(p, "./node_modules/left-pad/", 30));
		call(p, "Bash", "{\"command\":\"ls\"}", lines(p, "node_modules/x/", 3));
		call(p, "Bash", "{\"command\":\"cat ./src/x.js\"}",
			lines(p, "node_modules/x/", 30));
		end(p);
	}
	audit(p, false);
	assert_int_equal(p->result.findings.n, 3);
	f = find(p, AUDIT_LARGE_FILE, "big.js");
	assert_non_null(f);
	assert_int_equal(f->times, 3);
	assert_int_equal(f->sessions, 3);
	f = find(p, AUDIT_LOCK_FILE, "package-lock.json");
	assert_non_null(f);
	assert_int_equal(f->times, 3);
	f = find(p, AUDIT_INSTALLED, "node_modules");
	assert_non_null(f);
	assert_int_equal(f->times, 3);
	for (size_t i = 0; i < p->result.findings.n; i++) {
		assert_true(p->result.findings.v[i].remedy.n && p->result.findings.v[i].undo.n);
		assert_true(!i || p->result.findings.v[i - 1].sent >= p->result.findings.v[i].sent);
	}
}

static void other_projects_are_left_out(void **state)
{
	struct place *p = *state;

	for (int i = 0; i < 4; i++)
		call_in(p, "/www", READ("/www/a.js"), STR("the same text"), false);
	line(p, "assistant", "/www", STR("{\"type\":\"text\",\"text\":\"done\"}"));
	audit(p, false);
	assert_int_equal(p->result.totals.sessions, 0);
}

static void what_fails_mostly_is_named(void **state)
{
	struct place *p = *state;
	const struct audit_finding *f;

	begin(p, "a");
	for (int i = 0; i < 6; i++) {
		call_in(p, "/w/app", "WebFetch", "{\"url\":\"http://x\"}", STR("403 refused"),
			i < 5);
		call_in(p, "/w/app", "Bash", "{\"command\":\"x\"}", STR("fine"), i < 2);
	}
	end(p);
	audit_server(p->audit, STR("none yet"), STR("f"));
	audit(p, true);
	assert_int_equal(p->result.findings.n, 1);
	f = find(p, AUDIT_TOOL_FAILS, "WebFetch");
	assert_non_null(f);
	assert_int_equal(f->times, 5);
}

#define WORDS "What the tool does, and when it should be called. "
#define TOOL(name, words) \
	"{\"name\":\"" name "\",\"description\":\"" words "\",\"input_schema\":{}}"

/* A log of requests, each with its list of tools and the whole history. */
static void tools_that_nobody_calls_are_named(void **state)
{
	struct place *p = *state;
	const struct audit_finding *f;
	struct buf messages;
	char wordy[sizeof WORDS * 12] = "";

	for (int i = 0; i < 12; i++)
		memcpy(wordy + (size_t)i * (sizeof WORDS - 1), WORDS, sizeof WORDS);
	buf_init_arena(&messages, &p->arena, LIMIT_INPUT);
	for (unsigned i = 0; i < 25; i++) {
		buf_printf(
			&messages, "%s{\"role\":\"user\",\"content\":\"go %u\"}", i ? "," : "", i);
		if (i == 3)
			buf_add_c(&messages,
				",{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\","
				"\"id\":"
				"\"t\",\"name\":\"mcp__used__one\",\"input\":{}}]},{\"role\":"
				"\"user\","
				"\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"t\","
				"\"content\":\"fine\"}]}");
		buf_printf(&p->text,
			"{\"project\":\"/w\",\"session\":\"x\",\"request\":{\"model\":\"claude-x\","
			"\"max_tokens\":1,\"tools\":[" TOOL("mcp__used__one", "%s") "," TOOL(
				"mcp__used__two", "%s") "," TOOL("mcp__idle__a",
				"%s") "," TOOL("mcp__idle__b", "%s") "," TOOL("Short",
				"%s") "," TOOL("Wordy", "%s%s%s") "],\"messages\":[",
			WORDS, WORDS, WORDS, WORDS, WORDS, wordy, wordy, wordy);
		buf_add(&p->text, buf_str(&messages));
		buf_add_c(&p->text, "]}}\n");
	}
	audit(p, true);
	audit_server(p->audit, STR("idle"), STR(".mcp.json"));
	audit_server(p->audit, STR("other"), STR(".mcp.json"));
	audit_result(p->audit, true, &p->arena, &p->result);
	assert_int_equal(p->result.totals.declared, 25);
	f = find(p, AUDIT_SERVER_UNUSED, "idle");
	assert_non_null(f);
	assert_int_equal(f->times, 25);
	assert_int_equal(f->sent, f->tokens * 25);
	assert_non_null(find(p, AUDIT_TOOL_UNUSED, "Wordy"));
	assert_non_null(find(p, AUDIT_SERVER_IDLE, "other"));
	assert_int_equal(p->result.findings.n, 3);
	assert_int_equal(p->result.totals.calls, 1); /* in 22 requests, and one call */
}

/* ---- how long answers may be ----------------------------------------------------------------------- */

static void wishes_are_known_where_nothing_else_can_be_meant(void **state)
{
	static const struct {
		const char *text;
		enum verbosity_wish wish;
	} cases[] = {{"Shorter, please.", WISH_SHORTER}, {"too long!", WISH_SHORTER},
		{"Please be concise from now on, and fix the test", WISH_SHORTER},
		{"Don't explain, just do it", WISH_SHORTER}, {"TL;DR?", WISH_SHORTER},
		{"make the function name in scan.c shorter", WISH_NONE},
		{"the line is too long for the linter, wrap it", WISH_NONE},
		{"Elaborate.", WISH_LONGER},
		{"can you say that in more detail? I am new", WISH_LONGER},
		{"add more detail to the log line of the parser", WISH_NONE},
		{"show less text in the tooltip of the button", WISH_NONE},
		{"when we get to the point where it fails, stop", WISH_NONE}, {"", WISH_NONE},
		{"ok", WISH_NONE}};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(cases); i++)
		assert_int_equal(verbosity_wish(str_from(cases[i].text)), cases[i].wish);
}

static void said(struct place *p, const char *role, unsigned seconds, str text)
{
	struct buf b;

	buf_init_arena(&b, &p->arena, LIMIT_INPUT);
	buf_add_c(&b, "{\"type\":\"text\",\"text\":");
	buf_add_json_string(&b, text);
	buf_add_byte(&b, '}');
	p->id++;
	buf_printf(&p->text,
		"{\"type\":\"%s\",\"cwd\":\"/w/app\",\"sessionId\":\"s\",\"uuid\":\"%u\","
		"\"timestamp\":\"2026-01-02T%02u:%02u:%02uZ\",\"message\":{\"role\":\"%s\","
		"\"content\":[" STR_FMT "]}}\n",
		role, p->id, 3 + seconds / 3600, seconds / 60 % 60, seconds % 60, role,
		STR_ARG(buf_str(&b)));
}

static void what_people_do_next_is_counted(void **state)
{
	struct place *p = *state;
	str long_text = lines(p, "some words of an answer ", 100); /* 600 words: read in 144 s */
	struct verbosity v = {.project = STR("/w")};

	said(p, "user", 0, STR("go"));
	said(p, "assistant", 10, long_text);
	said(p, "user", 20, STR("next")); /* skipped */
	said(p, "assistant", 30, long_text);
	said(p, "user", 130, STR("next"));
	said(p, "assistant", 140, long_text);
	said(p, "user", 141, STR("[Request interrupted by user]")); /* stopped */
	said(p, "user", 150, STR("no, the other one"));
	said(p, "assistant", 160, STR("short"));
	said(p, "user", 161, STR("[Request interrupted by user for tool use]"));
	said(p, "user", 162, STR("<command-name>/clear</command-name>"));
	said(p, "user", 170, STR("be brief")); /* shorter */
	said(p, "assistant", 180, STR("ok"));
	said(p, "user", 190, STR("Elaborate"));
	assert_int_equal(verbosity_file(&v, buf_str(&p->text), STR("s.jsonl"), NULL), E_OK);
	assert_int_equal(v.sessions, 1);
	assert_int_equal(v.turns, 5);
	assert_int_equal(v.long_answers, 3);
	assert_int_equal(v.words, 1802);
	assert_int_equal(v.skipped, 1);
	assert_int_equal(v.interrupted, 1);
	assert_int_equal(v.shorter, 1);
	assert_int_equal(v.longer, 1);
	v = (struct verbosity){.project = STR("/other")};
	assert_int_equal(verbosity_file(&v, buf_str(&p->text), STR("s.jsonl"), NULL), E_OK);
	assert_int_equal(v.turns, 0);
	assert_int_equal(verbosity_file(&v, STR("text\n"), STR("x"), NULL), E_MALFORMED);
}

/* Conversations, and the level that a person who reads them would choose: 1 for one who reads what is written, 2 for one who passes over some
 * of it or seldom asks for less, 3 for one to whom it is too much. A turn is "REPEAT*WORDS SECONDS TEXT": so many words of an
 * answer, and so much later what the user says; "!" in place of the seconds: it was stopped. */
static const struct {
	const char *what;
	unsigned level;
	const char *turns;
} CONVERSATIONS[] = {
	{"reads long answers and goes on", 1, "12*500 240 And what about the tests?"},
	{"short answers, short replies", 1, "15*40 5 ok, next"},
	{"asks for more again and again", 1,
		"6*120 60 Elaborate.|6*300 180 Walk me through it.|4*80 40 Why is that?"},
	{"wants code alone, always", 3,
		"4*500 20 Just the code please.|4*400 15 Only the diff.|4*300 20 Stop explaining."},
	{"is told an essay, says so", 3,
		"4*900 200 I didn't ask for an essay.|4*800 200 Cut to the chase.|4*600 150 too "
		"long"},
	{"stops most of them", 3, "8*300 ! use the other file|4*60 20 ok"},
	{"stops one in five", 2, "3*300 ! not that one|12*150 60 now the next"},
	{"goes on before it could be read", 3, "10*800 8 next|4*50 10 fine"},
	{"passes over some", 2, "4*700 10 next|16*60 30 good"},
	{"one wish in a long session", 1, "1*400 120 Shorter, please.|20*100 60 now the next"},
	{"as many wishes for more as for less", 1,
		"4*300 120 Shorter, please.|4*80 60 More detail please.|12*150 60 go on"},
	{"one in six is too wordy", 2, "3*400 120 That is too wordy.|15*120 60 go on"},
	{"walls of text", 3,
		"5*900 300 No more walls of text.|5*700 300 Less text, please.|2*100 60 thanks"},
	{"talks about code that is too long", 1,
		"6*200 120 The line is too long for the linter, wrap it.|"
		"6*200 120 Make the function name shorter in scan.c."},
	{"in other words, politely", 3,
		"4*500 200 Can you keep your replies short?|4*500 200 Please get to the point.|"
		"4*400 150 Less verbose please."},
	{"too few to tell", 2, "3*900 3 too long"},
	{"does not understand what is short", 1,
		"8*40 30 I don't understand.|6*60 40 Explain more."},
	{"no preamble", 3,
		"4*300 100 Skip the preamble.|4*300 100 No preamble, just the answer.|"
		"3*200 90 ok"},
};

static void converse(struct place *p, str turns)
{
	unsigned at = 0;
	str turn;

	while (str_split(&turns, '|', &turn)) {
		uint64_t repeat, words, seconds;
		str field;

		assert_true(str_split(&turn, '*', &field) && str_u64(field, &repeat));
		assert_true(str_split(&turn, ' ', &field) && str_u64(field, &words));
		assert_true(str_split(&turn, ' ', &field));
		for (uint64_t i = 0; i < repeat; i++) {
			said(p, "assistant", at += 2, lines(p, "word ", (unsigned)words));
			if (str_eq_c(field, "!"))
				said(p, "user", at += 2, STR("[Request interrupted by user]"));
			at += str_u64(field, &seconds) ? (unsigned)seconds : 2;
			said(p, "user", at, turn);
		}
	}
}

/* Prints how many of them get that level. */
static void levels_are_those_that_a_person_would_choose(void **state)
{
	struct place *p = *state;
	size_t agreed = 0;

	for (size_t i = 0; i < ARRAY_N(CONVERSATIONS); i++) {
		struct verbosity v = {0};
		unsigned level;

		buf_reset(&p->text);
		converse(p, str_from(CONVERSATIONS[i].turns));
		assert_int_equal(verbosity_file(&v, buf_str(&p->text), STR("s.jsonl"), NULL), E_OK);
		level = verbosity_advise(&v).level;
		agreed += level == CONVERSATIONS[i].level;
		if (level != CONVERSATIONS[i].level)
			print_message("%s: level %u, a person: %u\n", CONVERSATIONS[i].what, level,
				CONVERSATIONS[i].level);
	}
	print_message("%zu of %zu conversations: the level that a person would choose\n", agreed,
		ARRAY_N(CONVERSATIONS));
	assert_true(agreed == ARRAY_N(CONVERSATIONS));
}

static void the_level_follows_the_pressure(void **state)
{
	struct verbosity v = {.turns = 9, .shorter = 9};
	struct verbosity_advice a = verbosity_advise(&v);

	(void)state;
	assert_int_equal(a.level, 2);
	assert_string_equal(a.confidence, "low");
	v = (struct verbosity){.turns = 20, .shorter = 2, .longer = 1};
	assert_int_equal(verbosity_advise(&v).level, 1);
	v.longer = 0;
	assert_int_equal(verbosity_advise(&v).level, 2);
	assert_string_equal(verbosity_advise(&v).confidence, "medium");
	v = (struct verbosity){.turns = 100, .skipped = 20, .interrupted = 10};
	assert_int_equal(verbosity_advise(&v).level, 3);
	assert_string_equal(verbosity_advise(&v).confidence, "high");
}

/* ---- in pieces ---- */

struct pieces {
	uint64_t lines, number, calls;
	size_t largest;
	str first;
};

static enum err take_piece(void *self, str text, struct errctx *cx)
{
	struct pieces *p = self;
	str line;

	(void)cx;
	p->calls++;
	p->largest = text.n > p->largest ? text.n : p->largest;
	assert_true(str_next_line(&text, &line, NULL) && str_eq(line, p->first));
	for (; str_next_line(&text, &line, NULL); p->lines++) {
		char wanted[64];

		(void)snprintf(wanted, sizeof wanted, "\"uuid\":\"%u\"", (unsigned)++p->number + 1);
		assert_true(str_find(line, str_from(wanted)) != STR_NONE);
	}
	return E_OK;
}

static void a_large_recording_is_read_in_pieces(void **state)
{
	enum { LINES = 3000, PIECE = 300 << 10 };
	static const char PATH[] = "/tmp/headroom-pieces-XXXXXX";
	struct place *p = *state;
	char path[sizeof PATH];
	struct pieces seen = {0};

	memcpy(path, PATH, sizeof PATH);
	assert_true(close(mkstemp(path)) == 0);
	for (int i = 0; i < LINES; i++)
		said(p, "assistant", 1, lines(p, "word ", 100));
	p->text.n--; /* the last line has no end */
	assert_int_equal(file_write_atomic(path, buf_str(&p->text), 0600, NULL), E_OK);
	seen.first = str_sub(buf_str(&p->text), 0, str_find_byte(buf_str(&p->text), '\n'));
	assert_int_equal(recording_read(path, LIMIT_INPUT, PIECE, take_piece, &seen, NULL), E_OK);
	assert_int_equal(seen.lines, LINES - 1);
	assert_true(seen.calls > 2);
	assert_true(seen.largest < p->text.n / 2);
	/* Less is allowed than a piece, and it is more than that. */
	assert_int_equal(
		recording_read(path, PIECE - 1, PIECE, take_piece, &seen, NULL), E_TOO_BIG);
	/* A line that fits into none. */
	memset(p->text.p + 1000, 'x', p->text.n - 2000);
	assert_int_equal(file_write_atomic(path, buf_str(&p->text), 0600, NULL), E_OK);
	seen = (struct pieces){.first = seen.first};
	assert_int_equal(
		recording_read(path, LIMIT_INPUT, PIECE, take_piece, &seen, NULL), E_TOO_BIG);
	(void)unlink(path);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_file_read_nine_times_is_named),
		T(a_file_that_has_changed_is_not_read_in_vain),
		T(large_files_lock_files_and_installed_ones),
		T(other_projects_are_left_out),
		T(what_fails_mostly_is_named),
		T(tools_that_nobody_calls_are_named),
		T(wishes_are_known_where_nothing_else_can_be_meant),
		T(what_people_do_next_is_counted),
		T(levels_are_those_that_a_person_would_choose),
		T(the_level_follows_the_pressure),
		T(a_large_recording_is_read_in_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
