#include "learn/write/block.h"

#include "core/base/clock.h"
#include "core/base/hash.h"
#include "core/base/limits.h"
#include "core/base/lines.h"

#define STATE_BEGIN "<!-- headroom:learn:state 1"
#define STATE_ANY   "<!-- headroom:learn:state"
#define COMMENT_END "-->"
#define TITLE       "## Headroom Learned Patterns"
#define INTRO                                                                                   \
	"*From recorded sessions, by `headroom learn`. A line that you delete stays away, one " \
	"that you change is yours.*"

enum { DAY_MS = 24 * 60 * 60 * 1000, DATE_LEN = 10 };

int64_t block_day(int64_t ms)
{
	return ms < 0 ? -1 : ms - ms % DAY_MS;
}

struct block_key block_key_of(const struct rule *r)
{
	struct block_key k = {{0}};

	memcpy(k.hex, r->key, BLOCK_KEY_LEN);
	return k;
}

static bool key_eq(struct block_key x, struct block_key y)
{
	return memcmp(x.hex, y.hex, BLOCK_KEY_LEN) == 0;
}

/* ---- the words of a line ------------------------------------------------------------------------- */

static void hash_words(str text, char out[BLOCK_HASH_LEN + 1])
{
	char hex[SHA256_HEX + 1];

	sha256_hex(text, hex);
	memcpy(out, hex, BLOCK_HASH_LEN);
	out[BLOCK_HASH_LEN] = '\0';
}

void block_add_evidence(struct buf *out, const struct block_line *l)
{
	char date[CLOCK_TIME_LEN + 1];

	buf_printf(out, " (%ux in %u session%s", l->evidence, l->sessions,
		l->sessions == 1 ? "" : "s");
	if (l->last_ms >= 0) {
		clock_format(l->last_ms, date);
		buf_printf(out, ", last %.*s", DATE_LEN, date);
	}
	buf_add_c(out, ")");
}

static bool take_date(str *s, int64_t *out)
{
	char text[DATE_LEN + sizeof "T00:00:00Z"];

	if (s->n < DATE_LEN)
		return false;
	memcpy(text, s->p, DATE_LEN);
	memcpy(text + DATE_LEN, "T00:00:00Z", sizeof "T00:00:00Z");
	*s = str_sub(*s, DATE_LEN, s->n);
	return clock_parse(str_from(text), out);
}

/* Cuts the evidence off the end of l->text. */
static bool take_evidence(struct block_line *l)
{
	size_t open = str_rfind_byte(l->text, '(');
	str s;

	if (open == STR_NONE || !open || l->text.p[open - 1] != ' ')
		return false;
	s = str_sub(l->text, open + 1, l->text.n);
	l->last_ms = -1;
	if (!str_take_u32(&s, UINT32_MAX, &l->evidence) || !str_take(&s, STR("x in ")) ||
		!str_take_u32(&s, UINT32_MAX, &l->sessions) || !str_take(&s, STR(" session")))
		return false;
	(void)str_take(&s, STR("s"));
	if (str_take(&s, STR(", last ")) && !take_date(&s, &l->last_ms))
		return false;
	if (!str_eq(s, STR(")")))
		return false;
	l->text = str_sub(l->text, 0, open - 1);
	return true;
}

/* ---- reading ------------------------------------------------------------------------------------- */

/* A line of the state: a rule and its words. */
struct state_line {
	struct block_key key;
	char hash[BLOCK_HASH_LEN + 1];
	bool is_found;
};

struct reader {
	struct arena *a;
	str text;
	struct block *out;
	struct errctx *cx;
	bool has_state;
	VEC(struct state_line) state;
};

static size_t line_number(str text, size_t at)
{
	size_t n = 1;

	for (size_t i = 0; i < at; i++)
		n += text.p[i] == '\n';
	return n;
}

static bool is_hex(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!(s.p[i] >= '0' && s.p[i] <= '9') && !(s.p[i] >= 'a' && s.p[i] <= 'f'))
			return false;
	return true;
}

static bool read_line_list(struct reader *r, str list)
{
	str part;

	while (str_split(&list, ',', &part)) {
		struct state_line l = {.is_found = false};

		if (part.n != BLOCK_KEY_LEN + BLOCK_HASH_LEN || !is_hex(part) ||
			r->state.n == BLOCK_LINES_MAX)
			return false;
		memcpy(l.key.hex, part.p, BLOCK_KEY_LEN);
		memcpy(l.hash, part.p + BLOCK_KEY_LEN, BLOCK_HASH_LEN);
		*vec_push(&r->state, r->a) = l;
	}
	return true;
}

static bool read_gone(struct reader *r, str list)
{
	str part;

	while (str_split(&list, ',', &part)) {
		struct block_key k = {{0}};

		if (part.n != BLOCK_KEY_LEN || !is_hex(part) || r->out->gone.n == BLOCK_GONE_MAX)
			return false;
		memcpy(k.hex, part.p, BLOCK_KEY_LEN);
		*vec_push(&r->out->gone, r->a) = k;
	}
	return true;
}

static bool read_small(str s, unsigned max, unsigned *out)
{
	uint64_t v;

	if (!str_u64(s, &v) || v > max)
		return false;
	*out = (unsigned)v;
	return true;
}

/* Behind the marker and its version: "joined=1 lines=...". */
static bool read_state(struct reader *r, str rest)
{
	unsigned made = 0;
	str part;

	if (r->has_state || !str_ends(rest, STR(COMMENT_END)))
		return false;
	r->has_state = true;
	rest = str_trim(str_sub(rest, 0, rest.n - strlen(COMMENT_END)));
	while (str_split(&rest, ' ', &part)) {
		bool is_fine = !part.n;

		if (str_take(&part, STR("joined=")))
			is_fine = read_small(part, 2, &r->out->joined);
		else if (str_take(&part, STR("made=")))
			is_fine = read_small(part, 1, &made);
		else if (str_take(&part, STR("dirs=")))
			is_fine = read_small(part, BLOCK_DIRS_MAX, &r->out->dirs_made);
		else if (str_take(&part, STR("lines=")))
			is_fine = read_line_list(r, part);
		else if (str_take(&part, STR("gone=")))
			is_fine = read_gone(r, part);
		if (!is_fine)
			return false;
	}
	r->out->is_file_made = made != 0;
	return true;
}

static bool is_conflict(str line)
{
	return str_starts(line, STR("<<<<<<< ")) || str_starts(line, STR(">>>>>>> ")) ||
	       str_eq(str_trim_right(line), STR("======="));
}

/* What the head of a block says, ours or the Python program's. */
static bool is_head(str line)
{
	return str_eq(line, STR(TITLE)) || str_eq(line, STR(INTRO)) ||
	       str_starts(line, STR("*Auto-generated by `headroom learn`")) ||
	       (str_starts(line, STR("*~")) && str_ends(line, STR("tokens/session saved*")));
}

static struct block_section *add_section(struct reader *r, str title)
{
	struct block_section *s = vec_push(&r->out->sections, r->a);

	*s = (struct block_section){.title = title, .kind = RULE_KIND_N};
	for (enum rule_kind k = 0; k < RULE_KIND_N; k++)
		if (str_eq_c(title, rule_kind_section(k)))
			s->kind = k;
	return s;
}

/* A line is ours when the state, which stands behind all of them, knows its words; until then it is somebody's. */
static void add_line(struct reader *r, str line)
{
	struct block_section *s = r->out->sections.n ? &r->out->sections.v[r->out->sections.n - 1]
						     : add_section(r, STR(""));
	struct block_line l = {.text = line, .last_ms = -1};

	/* A blank line is kept within what others wrote, and printed between sections anyway. */
	if (line.n || (s->lines.n && !str_starts(s->lines.v[s->lines.n - 1].text, STR("- "))))
		*vec_push(&s->lines, r->a) = l;
}

static struct state_line *state_of(struct reader *r, str text)
{
	char hash[BLOCK_HASH_LEN + 1];

	hash_words(text, hash);
	for (size_t i = 0; i < r->state.n; i++)
		if (!r->state.v[i].is_found && !memcmp(r->state.v[i].hash, hash, BLOCK_HASH_LEN))
			return &r->state.v[i];
	return NULL;
}

static void claim_lines(struct reader *r, struct block_section *s)
{
	while (s->lines.n && !s->lines.v[s->lines.n - 1].text.n)
		s->lines.n--;
	if (s->kind == RULE_KIND_N)
		return;
	for (size_t i = 0; i < s->lines.n; i++) {
		struct block_line l = s->lines.v[i];
		struct state_line *known;

		l.text = str_trim_right(l.text);
		if (!str_take(&l.text, STR("- ")) || !take_evidence(&l))
			continue;
		known = state_of(r, l.text);
		if (!known)
			continue;
		known->is_found = true;
		l.is_ours = true;
		l.key = known->key;
		s->lines.v[i] = l;
	}
}

static void add_gone(struct arena *a, struct block *b, struct block_key key)
{
	for (size_t i = 0; i < b->gone.n; i++)
		if (key_eq(b->gone.v[i], key))
			return;
	if (b->gone.n == BLOCK_GONE_MAX) {
		b->gone.n--;
		memmove(b->gone.v, b->gone.v + 1, b->gone.n * sizeof *b->gone.v);
	}
	*vec_push(&b->gone, a) = key;
}

static enum err read_inside(struct reader *r)
{
	const char *const way_out =
		"repair it, or delete the block from \"" BLOCK_START "\" to \"" BLOCK_END "\"";
	str text = r->text;
	size_t next = lines_next(text, r->out->start), lines = 0;

	for (size_t i = next; i < r->out->end; i = next) {
		str line = str_sub(text, i, lines_end(text, i)), bare = str_trim(line), rest = bare;

		next = lines_next(text, i);
		if (str_eq(bare, STR(BLOCK_END)))
			break;
		if (is_conflict(line))
			FAIL(r->cx, E_CONFIG, "line %zu: a merge conflict in what was learned: %s",
				line_number(text, i), way_out);
		if (++lines > BLOCK_LINES_MAX)
			FAIL(r->cx, E_CONFIG,
				"line %zu: more than %d lines between \"" BLOCK_START
				"\" and \"" BLOCK_END "\"; move yours out of it",
				line_number(text, i), BLOCK_LINES_MAX);
		if (str_take(&rest, STR(STATE_BEGIN))) {
			if (!read_state(r, rest))
				FAIL(r->cx, E_CONFIG,
					"line %zu: what was learned cannot be read: %s",
					line_number(text, i), way_out);
		} else if (str_starts(bare, STR(STATE_ANY))) {
			FAIL(r->cx, E_CONFIG,
				"line %zu: what was learned is of a newer version of headroom",
				line_number(text, i));
		} else if (str_take(&bare, STR("### "))) {
			(void)add_section(r, str_trim(bare));
		} else if (!is_head(bare)) {
			add_line(r, line);
		}
	}
	return E_OK;
}

static enum err find(struct reader *r)
{
	size_t next;
	bool is_open = false;

	for (size_t i = lines_bom(r->text); i < r->text.n; i = next) {
		str line = str_trim(str_sub(r->text, i, lines_end(r->text, i)));

		next = lines_next(r->text, i);
		if (str_eq(line, STR(BLOCK_START))) {
			if (r->out->is_there)
				FAIL(r->cx, E_CONFIG,
					"line %zu: a second \"" BLOCK_START
					"\"; delete one of the two blocks",
					line_number(r->text, i));
			r->out->is_there = is_open = true;
			r->out->start = i;
		} else if (str_eq(line, STR(BLOCK_END))) {
			if (!is_open)
				FAIL(r->cx, E_CONFIG,
					"line %zu: \"" BLOCK_END "\" without \"" BLOCK_START
					"\" before it; delete this line",
					line_number(r->text, i));
			is_open = false;
			r->out->end = lines_end(r->text, i);
		}
	}
	if (is_open)
		FAIL(r->cx, E_CONFIG,
			"line %zu: \"" BLOCK_START "\" has no end; put \"" BLOCK_END
			"\" behind the last line that was learned, or delete this line",
			line_number(r->text, r->out->start));
	return E_OK;
}

enum err block_parse(struct arena *a, str text, struct block *out, struct errctx *cx)
{
	struct reader r = {.a = a, .text = text, .out = out, .cx = cx};

	*out = (struct block){.is_there = false};
	TRY(find(&r));
	if (!out->is_there)
		return E_OK;
	TRY(read_inside(&r));
	for (size_t i = 0; i < out->sections.n; i++)
		claim_lines(&r, &out->sections.v[i]);
	for (size_t i = 0; i < r.state.n; i++)
		if (!r.state.v[i].is_found)
			add_gone(a, out, r.state.v[i].key);
	return E_OK;
}

/* ---- printing ------------------------------------------------------------------------------------ */

static void print_line(const struct block_line *l, str eol, struct buf *out)
{
	if (l->is_ours)
		buf_add_c(out, "- ");
	buf_add(out, l->text);
	if (l->is_ours)
		block_add_evidence(out, l);
	buf_add(out, eol);
}

static void print_section(const struct block_section *s, str eol, struct buf *out)
{
	if (!s->lines.n)
		return;
	if (s->title.n) {
		buf_add_c(out, "### ");
		buf_add(out, s->title);
		buf_add(out, eol);
	}
	for (size_t i = 0; i < s->lines.n; i++)
		print_line(&s->lines.v[i], eol, out);
	buf_add(out, eol);
}

static void print_state(const struct block *b, struct buf *out)
{
	const char *before = " lines=";

	buf_add_c(out, STATE_BEGIN);
	if (b->joined)
		buf_printf(out, " joined=%u", b->joined);
	if (b->is_file_made)
		buf_add_c(out, " made=1");
	if (b->dirs_made)
		buf_printf(out, " dirs=%u", b->dirs_made);
	for (size_t i = 0; i < b->sections.n; i++)
		for (size_t k = 0; k < b->sections.v[i].lines.n; k++) {
			const struct block_line *l = &b->sections.v[i].lines.v[k];
			char hash[BLOCK_HASH_LEN + 1];

			if (!l->is_ours)
				continue;
			hash_words(l->text, hash);
			buf_printf(out, "%s%s%s", before, l->key.hex, hash);
			before = ",";
		}
	for (size_t i = 0; i < b->gone.n; i++)
		buf_printf(out, "%s%s", i ? "," : " gone=", b->gone.v[i].hex);
	buf_add_c(out, " " COMMENT_END);
}

void block_print(const struct block *b, str eol, struct buf *out)
{
	bool has_lines = false;

	for (size_t i = 0; i < b->sections.n; i++)
		has_lines |= b->sections.v[i].lines.n != 0;
	buf_add_c(out, BLOCK_START);
	buf_add(out, eol);
	if (has_lines) {
		buf_add_c(out, TITLE);
		buf_add(out, eol);
		buf_add_c(out, INTRO);
		buf_add(out, eol);
		buf_add(out, eol);
	}
	for (size_t i = 0; i < b->sections.n; i++)
		print_section(&b->sections.v[i], eol, out);
	print_state(b, out);
	buf_add(out, eol);
	buf_add_c(out, BLOCK_END);
}
