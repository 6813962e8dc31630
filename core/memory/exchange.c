#include "core/memory/exchange.h"

#include "core/base/attr.h"
#include "core/json/scan.h"

#define COMMENT_OPEN  "<!-- headroom "
#define COMMENT_CLOSE " -->"
#define NO_CATEGORY   "General"

static bool is_json_field(enum memory_text t)
{
	return t == MEMORY_ENTITIES || t == MEMORY_METADATA || t == MEMORY_PROMOTION_CHAIN;
}

/* ---- out ---- */

static void write_text(struct json_writer *w, const struct memory *m, enum memory_text t)
{
	const char *name = memory_text_name(t);
	str s = m->text[t];

	if (is_json_field(t)) {
		struct arena a = ARENA_INIT;
		struct json_tape tape;
		bool is_ok = s.n && json_scan(&a, s, &tape, NULL) == E_OK;

		arena_release(&a);
		s = is_ok ? s : t == MEMORY_METADATA ? STR("{}") : STR("[]");
		json_write_raw(w, name, s);
	} else if (s.n) {
		json_write_str(w, name, s);
	} else {
		json_write_null(w, name);
	}
}

static void write_members(struct json_writer *w, const struct memory *m, bool has_content)
{
	for (int i = 0; i < MEMORY_TEXTS_N; i++)
		if (has_content || i != MEMORY_CONTENT)
			write_text(w, m, (enum memory_text)i);
	for (int i = 0; i < MEMORY_TIMES_N; i++) {
		char text[CLOCK_TIME_LEN + 1];

		if (m->at[i] == MEMORY_NO_TIME) {
			json_write_null(w, memory_time_name((enum memory_time)i));
			continue;
		}
		clock_format(m->at[i], text);
		json_write_c(w, memory_time_name((enum memory_time)i), text);
	}
	json_write_f64(w, "importance", m->importance);
	json_write_i64(w, "access_count", m->used_n);
}

void memory_write_members(struct json_writer *w, const struct memory *m)
{
	write_members(w, m, true);
}

static void write_object(struct buf *out, const struct memory *m, bool is_pretty, bool has_content)
{
	struct json_writer w;

	json_write_init(&w, out, is_pretty);
	json_write_object(&w, NULL);
	write_members(&w, m, has_content);
	json_write_end(&w);
}

/* The lines of an item, those behind the first one indented. */
static void write_item(struct buf *out, const struct memory *m)
{
	str rest = m->text[MEMORY_CONTENT], line;
	const char *indent = "- ";
	size_t from;

	while (str_split(&rest, '\n', &line)) {
		buf_add_c(out, indent);
		buf_add(out, line);
		buf_add_byte(out, '\n');
		indent = "  ";
	}
	buf_add_c(out, "  " COMMENT_OPEN);
	from = out->n;
	write_object(out, m, false, false);
	/* A comment ends at the first "-->". In JSON, outside of strings, '>' cannot be. */
	for (size_t i = from; i + 2 < out->n && !out->err; i++) {
		if (memcmp(out->p + i, "-->", 3) != 0 || !buf_reserve(out, 5))
			continue;
		memmove(out->p + i + 8, out->p + i + 3, out->n - i - 3);
		memcpy(out->p + i, "--\\u003e", 8);
		out->n += 5;
	}
	buf_add_c(out, COMMENT_CLOSE "\n");
}

static str category_of(const struct memory *m)
{
	str c = m->text[MEMORY_CATEGORY];

	return c.n && str_find_byte(c, '\n') == STR_NONE ? c : STR(NO_CATEGORY);
}

/* Categories in the order in which they first come. */
static void write_markdown(const struct memory *v, size_t n, struct buf *out)
{
	buf_add_c(out, "# Memories\n");
	for (size_t i = 0; i < n; i++) {
		bool is_first = true;

		for (size_t k = 0; k < i && is_first; k++)
			is_first = !str_eq(category_of(&v[k]), category_of(&v[i]));
		if (!is_first)
			continue;
		buf_printf(out, "\n## " STR_FMT "\n\n", STR_ARG(category_of(&v[i])));
		for (size_t k = i; k < n; k++)
			if (str_eq(category_of(&v[k]), category_of(&v[i])))
				write_item(out, &v[k]);
	}
}

enum err memory_write_all(enum memory_format format, const struct memory *v, size_t n,
	struct buf *out, struct errctx *cx)
{
	struct json_writer w;

	if (format == MEMORY_AS_MARKDOWN) {
		write_markdown(v, n, out);
	} else if (format == MEMORY_AS_JSONL) {
		for (size_t i = 0; i < n; i++) {
			write_object(out, &v[i], false, true);
			buf_add_byte(out, '\n');
		}
	} else {
		json_write_init(&w, out, true);
		json_write_array(&w, NULL);
		for (size_t i = 0; i < n; i++) {
			json_write_object(&w, NULL);
			write_members(&w, &v[i], true);
			json_write_end(&w);
		}
		json_write_end(&w);
		buf_add_byte(out, '\n');
	}
	return out->err ? err_set(cx, out->err, "the memories do not fit") : E_OK;
}

/* ---- in ---- */

struct reader {
	struct arena *a;
	str user;
	struct memory_read *out;
	const char *what; /* "line", "element", "item" */
	size_t number;    /* of the one that is read, from 1 */
};

static void bad(struct reader *r, const char *why)
{
	if (!r->out->bad_n++)
		r->out->first_bad = arena_printf(r->a, "%s %zu: %s", r->what, r->number, why);
}

static bool read_text(struct reader *r, const struct json_tape *t, uint32_t object,
	enum memory_text which, str *out)
{
	uint32_t at = json_member(t, object, memory_text_name(which));

	if (at == JSON_ABSENT || json_is(t, at, JSON_NULL))
		return true;
	if (!is_json_field(which))
		return json_string(t, at, r->a, out);
	*out = json_text(t, at);
	return json_is(t, at, which == MEMORY_METADATA ? JSON_OBJECT : JSON_ARRAY);
}

/* Perhaps without a time zone, as the Python program writes it: UTC. */
static bool read_time(struct reader *r, const struct json_tape *t, uint32_t object,
	enum memory_time which, int64_t *out)
{
	uint32_t at = json_member(t, object, memory_time_name(which));
	str s;

	if (at == JSON_ABSENT || json_is(t, at, JSON_NULL))
		return true;
	if (!json_string(t, at, r->a, &s))
		return false;
	if (!clock_parse(s, out) && !clock_parse(arena_printf(r->a, STR_FMT "Z", STR_ARG(s)), out))
		return false;
	return *out >= 0; /* nobody remembered anything before 1970 */
}

/* content: NULL, or what stands beside the object. */
static void read_object(
	struct reader *r, const struct json_tape *t, uint32_t object, const str *content)
{
	struct memory m = memory_blank();
	uint32_t importance = json_member(t, object, "importance");
	uint32_t used = json_member(t, object, "access_count");
	uint64_t used_n = 0;
	bool is_ok = json_is(t, object, JSON_OBJECT);

	for (int i = 0; i < MEMORY_TEXTS_N && is_ok; i++)
		is_ok = read_text(r, t, object, (enum memory_text)i, &m.text[i]);
	for (int i = 0; i < MEMORY_TIMES_N && is_ok; i++)
		is_ok = read_time(r, t, object, (enum memory_time)i, &m.at[i]);
	if (is_ok && importance != JSON_ABSENT)
		is_ok = json_f64(t, importance, &m.importance);
	if (is_ok && used != JSON_ABSENT)
		is_ok = json_u64(t, used, &used_n);
	m.used_n = (int64_t)used_n;
	if (content)
		m.text[MEMORY_CONTENT] = *content;
	if (!is_ok || !m.text[MEMORY_CONTENT].n) {
		bad(r, is_ok ? "it has no content" : "a member is of another type");
		return;
	}
	if (!m.text[MEMORY_USER].n)
		m.text[MEMORY_USER] = r->user;
	if (m.at[MEMORY_CREATED] == MEMORY_NO_TIME)
		m.text[MEMORY_ID] = STR_NULL; /* it gets one, and the time of now */
	if (m.at[MEMORY_VALID_FROM] == MEMORY_NO_TIME)
		m.at[MEMORY_VALID_FROM] = m.at[MEMORY_CREATED];
	*vec_push(&r->out->v, r->a) = m;
}

static enum err read_array(struct reader *r, str text, struct errctx *cx)
{
	struct json_tape t;

	TRY(json_scan(r->a, text, &t, cx));
	r->what = "element";
	for (struct json_iter it = json_iter(&t, 0); json_next(&it);) {
		r->number++;
		read_object(r, &t, it.value, NULL);
	}
	return E_OK;
}

static void read_lines(struct reader *r, str text)
{
	str line;

	while (str_next_line(&text, &line, NULL)) {
		struct json_tape t;

		r->number++;
		if (!str_trim(line).n)
			continue;
		if (json_scan(r->a, str_trim(line), &t, NULL) == E_OK)
			read_object(r, &t, 0, NULL);
		else
			bad(r, "it is no JSON");
	}
}

/* What write_item did to the comment, undone. The backslash is behind a '-', so no other one escapes it. */
static str with_arrows(struct reader *r, str s)
{
	struct buf b;
	size_t at;

	buf_init_arena(&b, r->a, LIMIT_INPUT);
	while ((at = str_find(s, STR("--\\u003e"))) != STR_NONE) {
		buf_add(&b, str_sub(s, 0, at));
		buf_add_c(&b, "-->");
		s = str_sub(s, at + 8, s.n);
	}
	buf_add(&b, s);
	return buf_str(&b);
}

/* The object in the comment that is the last line of an item; the comment is taken off. */
static bool take_comment(struct reader *r, str *item, struct json_tape *t)
{
	size_t eol = str_rfind_byte(*item, '\n');
	str last = eol == STR_NONE ? *item : str_sub(*item, eol + 1, item->n);

	if (!str_take(&last, STR(COMMENT_OPEN)) || !str_ends(last, STR(COMMENT_CLOSE)))
		return false;
	last.n -= strlen(COMMENT_CLOSE);
	if (json_scan(r->a, with_arrows(r, last), t, NULL) != E_OK || !json_is(t, 0, JSON_OBJECT))
		return false;
	item->n = eol == STR_NONE ? 0 : eol;
	return true;
}

static void end_item(struct reader *r, struct buf *item, str category)
{
	str text = str_trim_right(arena_str(r->a, buf_str(item)));
	struct json_tape t;
	struct memory m = memory_blank();

	buf_reset(item);
	if (!text.n)
		return;
	r->number++;
	if (take_comment(r, &text, &t)) {
		read_object(r, &t, 0, &text);
		return;
	}
	m.text[MEMORY_CONTENT] = text;
	m.text[MEMORY_USER] = r->user;
	m.text[MEMORY_CATEGORY] = category;
	*vec_push(&r->out->v, r->a) = m;
}

static void read_markdown(struct reader *r, str text)
{
	str line, category = STR_NULL;
	bool is_in_item = false;
	struct buf item;

	buf_init_arena(&item, r->a, LIMIT_INPUT);
	r->what = "item";
	while (str_next_line(&text, &line, NULL)) {
		if (str_ends(line, STR("\r")))
			line.n--;
		if (is_in_item && (!line.n || str_take(&line, STR("  ")))) {
			buf_add_byte(&item, '\n');
			buf_add(&item, line);
			continue;
		}
		end_item(r, &item, category);
		is_in_item = str_take(&line, STR("- ")) || str_take(&line, STR("* "));
		if (is_in_item)
			buf_add(&item, line);
		else if (str_take(&line, STR("## ")))
			category =
				str_eq_c(str_trim(line), NO_CATEGORY) ? STR_NULL : str_trim(line);
	}
	end_item(r, &item, category);
}

enum err memory_read_all(
	str text, str user, struct arena *a, struct memory_read *out, struct errctx *cx)
{
	struct reader r = {a, user, out, "line", 0};
	str whole;

	*out = (struct memory_read){.bad_n = 0};
	(void)str_take(&text, STR("\xef\xbb\xbf"));
	whole = text; /* where lines are counted */
	text = str_trim(text);
	if (str_starts(text, STR("[")))
		TRY(read_array(&r, text, cx));
	else if (str_starts(text, STR("{")))
		read_lines(&r, whole);
	else
		read_markdown(&r, text);
	if (!out->v.n && text.n)
		FAIL(cx, E_MALFORMED,
			"no memories in it: neither JSON, JSON Lines nor a list in Markdown");
	return E_OK;
}
