#include "core/compress/envelope.h"

#include "core/base/buf.h"
#include "core/base/limits.h"
#include "core/json/scan.h"

enum {
	INNER_MIN = 40,    /* bytes of the string; below, the head costs more than it saves */
	SKELETON_MAX = 300 /* bytes of all the rest */
};

#define HOLE "\xe2\x80\xa6" /* … */

/* Codex' envelope, around exit code and seconds. */
static const str codex_output = {"{\"output\":", 10};
static const str codex_exit = {",\"metadata\":{\"exit_code\":", 25};
static const str codex_time = {",\"duration_seconds\":", 20};
static const str codex_end = {"}}", 2};

/* Of mini-swe-agent, around what a command printed, and of SWE-agent. */
static const str exit_open = {"<returncode>", 12};
static const str exit_close = {"</returncode>\n<output>", 22};
static const str output_end = {"\n</output>", 10};
static const str observation = {"OBSERVATION:", 12};

static bool is_number(str s)
{
	if (!s.n || s.n > 20)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!(s.p[i] >= '0' && s.p[i] <= '9') && !(s.p[i] == '.' && i) &&
			!(s.p[i] == '-' && !i))
			return false;
	return true;
}

static str take_number(str *s)
{
	size_t n = 0;
	str number;

	while (n < s->n && (s->p[n] == '-' || s->p[n] == '.' || (s->p[n] >= '0' && s->p[n] <= '9')))
		n++;
	number = str_sub(*s, 0, n);
	*s = str_sub(*s, n, s->n);
	return number;
}

/* The head in a message of an agent without tools; empty when the text is none. */
static str message_head(str text)
{
	str rest = text, number;

	if (!str_take(&rest, exit_open)) {
		if (!str_take(&rest, observation))
			return str_sub(text, 0, 0);
	} else {
		number = take_number(&rest);
		if (!is_number(number) || !str_take(&rest, exit_close) ||
			!str_ends(rest, output_end))
			return str_sub(text, 0, 0);
	}
	return str_starts(rest, STR("\n")) ? str_sub(text, 0, text.n - rest.n)
					   : str_sub(text, 0, 0);
}

bool envelope_is_ours(str head)
{
	return str_starts(head, STR("["));
}

str envelope_tail(str head)
{
	return str_starts(head, exit_open) ? output_end : str_sub(head, head.n, head.n);
}

/* The text between head and tail. */
static bool open_message(str text, struct envelope *out)
{
	str tail;

	out->head = message_head(text);
	tail = envelope_tail(out->head);
	if (!out->head.n || text.n < out->head.n + 1 + tail.n)
		return false;
	out->inner = str_sub(text, out->head.n + 1, text.n - tail.n);
	return true;
}

/* "[exit 0]" or "[exit 1, 2.5s]" for what stands behind the output; null when it is not Codex'. */
static str codex_head(str before, str behind, struct arena *a)
{
	str code, seconds;

	if (!str_eq(before, codex_output) || !str_take(&behind, codex_exit))
		return STR_NULL;
	code = take_number(&behind);
	if (!str_take(&behind, codex_time))
		return STR_NULL;
	seconds = take_number(&behind);
	if (!str_eq(behind, codex_end) || !is_number(code) || !is_number(seconds))
		return STR_NULL;
	if (str_eq_c(seconds, "0.0"))
		return arena_printf(a, "[exit " STR_FMT "]", STR_ARG(code));
	return arena_printf(a, "[exit " STR_FMT ", " STR_FMT "s]", STR_ARG(code), STR_ARG(seconds));
}

/* The head for a string literal that stands at text[at]. */
static str make_head(str text, struct span at, struct arena *a)
{
	str before = str_sub(text, 0, at.start), behind = str_sub(text, at.end, text.n);
	str head = codex_head(before, behind, a);

	if (head.p || before.n + behind.n > SKELETON_MAX)
		return head;
	head = arena_printf(a, "[" STR_FMT HOLE STR_FMT "]", STR_ARG(before), STR_ARG(behind));
	return str_find_byte(head, '\n') == STR_NONE ? head : STR_NULL;
}

/* True when a value of a member, no key nor element, begins there. */
static bool is_member(str text, size_t at)
{
	if (at > 1 && text.p[at - 1] == ' ')
		at--;
	return at && text.p[at - 1] == ':';
}

/* The longest string that is a member of the root, or of what is in it: there it must be longer than all the rest,
 * which is not worth a look by itself then. JSON_ABSENT when there is none. */
static uint32_t longest_string(const struct json_tape *t)
{
	uint32_t best = JSON_ABSENT, nested = JSON_ABSENT, bytes = 0, most = 0;

	for (struct json_iter it = json_iter(t, 0); json_is(t, 0, JSON_OBJECT) && json_next(&it);) {
		const struct json_node *v = &t->v[it.value];

		if (v->type == JSON_STRING && v->end - v->start > bytes) {
			best = it.value;
			bytes = v->end - v->start;
		}
	}
	for (uint32_t i = 0; i < t->n; i++) {
		if (json_is(t, i, JSON_STRING) && t->v[i].end - t->v[i].start > most) {
			nested = i;
			most = t->v[i].end - t->v[i].start;
		}
	}
	return most > t->doc.n / 2 && is_member(t->doc, t->v[nested].start) ? nested : best;
}

bool envelope_open(str text, struct arena *a, struct envelope *out)
{
	struct json_tape t;
	uint32_t node;
	str closed;

	if (open_message(text, out))
		return true;
	if (text.n < INNER_MIN ||
		!((*text.p == '{' && text.p[text.n - 1] == '}') ||
			(*text.p == '[' && text.p[text.n - 1] == ']')) ||
		json_scan(a, text, &t, NULL) != E_OK)
		return false;
	node = longest_string(&t);
	if (node == JSON_ABSENT || json_text(&t, node).n < INNER_MIN ||
		!json_string(&t, node, a, &out->inner))
		return false;
	out->head = make_head(text, (struct span){t.v[node].start, t.v[node].end}, a);
	return out->head.n && envelope_is_head(out->head) &&
	       envelope_close(out->head, out->inner, a, &closed) && str_eq(closed, text);
}

/* Splits "[exit 1, 2.5s]"; false when the line is no such head. */
static bool parse_codex(str head, str *code, str *seconds)
{
	if (!str_take(&head, STR("[exit ")) || !str_ends(head, STR("]")))
		return false;
	*code = take_number(&head);
	*seconds = STR("0.0");
	if (str_take(&head, STR(", "))) {
		*seconds = take_number(&head);
		if (!str_take(&head, STR("s")) || str_eq_c(*seconds, "0.0"))
			return false;
	}
	return is_number(*code) && is_number(*seconds) && str_eq_c(head, "]");
}

/* Where the text goes in a skeleton: at its only "…", which stands where a value does. STR_NONE: there is none. */
static size_t hole_of(str head)
{
	size_t at = str_find(head, STR(HOLE));

	if (at == STR_NONE || at < 2 ||
		str_find(str_sub(head, at + 1, head.n), STR(HOLE)) != STR_NONE)
		return STR_NONE;
	return head.p[at - 1] == ':' || (head.p[at - 1] == ' ' && head.p[at - 2] == ':') ? at
											 : STR_NONE;
}

bool envelope_is_head(str line)
{
	str code, seconds;

	if (parse_codex(line, &code, &seconds))
		return true;
	return ((str_starts(line, STR("[{\"")) && str_ends(line, STR("}]"))) ||
		       (str_starts(line, STR("[[{\"")) && str_ends(line, STR("}]]")))) &&
	       line.n <= SKELETON_MAX + 8 && hole_of(line) != STR_NONE;
}

bool envelope_close(str head, str inner, struct arena *a, str *out)
{
	str code, seconds;
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	if (str_starts(head, exit_open) || str_eq(head, observation)) {
		buf_add(&b, head);
		buf_add_byte(&b, '\n');
		buf_add(&b, inner);
		buf_add(&b, envelope_tail(head));
	} else if (parse_codex(head, &code, &seconds)) {
		buf_add(&b, codex_output);
		buf_add_json_string(&b, inner);
		buf_add(&b, codex_exit);
		buf_add(&b, code);
		buf_add(&b, codex_time);
		buf_add(&b, seconds);
		buf_add(&b, codex_end);
	} else {
		size_t at = hole_of(head);

		if (!envelope_is_head(head) || at == STR_NONE)
			return false;
		buf_add(&b, str_sub(head, 1, at));
		buf_add_json_string(&b, inner);
		buf_add(&b, str_sub(head, at + sizeof HOLE - 1, head.n - 1));
	}
	*out = buf_str(&b);
	return !b.err;
}

str envelope_split(str text, str *rest)
{
	str line, all = text;
	struct envelope message;
	bool has_eol;

	if (open_message(text, &message)) {
		*rest = message.inner;
		return message.head;
	}
	*rest = text;
	if (!text.n || *text.p != '[' || !str_next_line(&text, &line, &has_eol) || !has_eol ||
		!envelope_is_head(line))
		return str_sub(all, 0, 0);
	*rest = text;
	return line;
}
