#include "core/wire/sse.h"

/* What the lines of the present event have given so far, while it lies in the bytes of one call. */
struct sse_event {
	str name, data;
	bool is_slice; /* data points into those bytes, not into s->data */
};

struct sse_feed {
	struct sse *s;
	sse_event_fn *fn;
	void *self;
	struct sse_event ev;
};

void sse_init(struct sse *s, size_t max)
{
	*s = (struct sse){.max = max};
	buf_init(&s->line, max);
	buf_init(&s->data, max);
}

void sse_release(struct sse *s)
{
	buf_release(&s->line);
	buf_release(&s->data);
}

/* Forgets the event, up to the blank line that ends it. */
static void skip_event(struct sse *s)
{
	s->is_skipping = s->is_begun = true;
	buf_reset(&s->line);
	buf_reset(&s->data);
}

static void end_event(struct sse_feed *f)
{
	struct sse *s = f->s;

	if (s->is_skipping) {
		s->skipped_count++;
	} else if (s->has_data) {
		s->event_count++;
		f->fn(f->self, f->ev.name, f->ev.is_slice ? f->ev.data : buf_str(&s->data));
	}
	f->ev = (struct sse_event){0};
	s->event_n = 0;
	s->has_data = s->is_skipping = false;
	buf_reset(&s->data);
}

/* Moves what points into the bytes of the call into the struct's own memory. */
static void keep_event(struct sse_feed *f)
{
	struct sse *s = f->s;

	if (f->ev.name.n && f->ev.name.p != s->event)
		memcpy(s->event, f->ev.name.p, f->ev.name.n);
	s->event_n = f->ev.name.n;
	f->ev.name = (str){s->event, s->event_n};
	if (!f->ev.is_slice)
		return;
	buf_add(&s->data, f->ev.data);
	f->ev.is_slice = false;
	if (s->data.err)
		skip_event(s);
}

static void add_data(struct sse_feed *f, str value, bool is_lasting)
{
	struct sse *s = f->s;

	if (s->has_data)
		keep_event(f);
	if (!s->has_data && is_lasting) {
		f->ev.data = value;
		f->ev.is_slice = true;
	} else {
		if (s->has_data)
			buf_add_byte(&s->data, '\n');
		buf_add(&s->data, value);
	}
	s->has_data = true;
	if (s->data.err)
		skip_event(s);
}

/* One line without its end. is_lasting: its bytes stay until the call of sse_feed returns. */
static void take_line(struct sse_feed *f, str line, bool is_lasting)
{
	struct sse *s = f->s;
	bool is_too_long = line.n > s->max;
	size_t colon;
	str name, value = STR_NULL;

	if (!s->is_begun)
		(void)str_take(&line, STR("\xEF\xBB\xBF"));
	s->is_begun = true;
	if (!line.n || s->is_skipping) {
		if (!line.n)
			end_event(f);
		return;
	}
	if (is_too_long) {
		skip_event(s);
		return;
	}
	colon = str_find_byte(line, ':');
	name = str_sub(line, 0, colon == STR_NONE ? line.n : colon);
	if (colon != STR_NONE) {
		value = str_sub(line, colon + 1, line.n);
		(void)str_take(&value, STR(" "));
	}
	if (str_eq(name, STR("data"))) {
		add_data(f, value, is_lasting);
	} else if (str_eq(name, STR("event"))) {
		f->ev.name = str_sub(value, 0, value.n < SSE_NAME_MAX ? value.n : SSE_NAME_MAX);
		if (!is_lasting)
			keep_event(f);
	}
}

/* The bytes up to a line end, after those that earlier calls have kept of the line. */
static void end_line(struct sse_feed *f, str piece)
{
	struct sse *s = f->s;

	if (s->is_in_line) { /* the rest of a line that was too long */
		s->is_in_line = false;
		return;
	}
	if (!s->line.n) {
		take_line(f, piece, true);
		return;
	}
	if (piece.n > s->max - s->line.n)
		buf_reset(&s->line);
	else
		buf_add(&s->line, piece);
	if (!s->line.n || s->line.err)
		skip_event(s);
	else
		take_line(f, buf_str(&s->line), false);
	buf_reset(&s->line);
}

/* The beginning of a line whose end is not there yet. */
static void keep_line(struct sse_feed *f, str piece)
{
	struct sse *s = f->s;

	if (!piece.n || s->is_in_line)
		return;
	if (s->is_skipping || piece.n > s->max - s->line.n) {
		skip_event(s);
		s->is_in_line = true;
		return;
	}
	buf_add(&s->line, piece);
	if (s->line.err) {
		skip_event(s);
		s->is_in_line = true;
	}
}

/* Where the line at the start of s ends; STR_NONE when its end is not there. *newline is the next newline, or
 * NULL, as the line before has found it: so every byte is looked at once for each of the two. */
static size_t line_end(str s, const char **newline, bool *has_newline)
{
	size_t cr;

	if (*has_newline && (!*newline || *newline < s.p)) {
		*newline = s.n ? memchr(s.p, '\n', s.n) : NULL;
		*has_newline = *newline != NULL;
	}
	cr = str_find_byte(*has_newline ? str_sub(s, 0, (size_t)(*newline - s.p)) : s, '\r');
	if (cr != STR_NONE)
		return cr;
	return *has_newline ? (size_t)(*newline - s.p) : STR_NONE;
}

void sse_feed(struct sse *s, str bytes, sse_event_fn *fn, void *self)
{
	struct sse_feed f = {.s = s, .fn = fn, .self = self, .ev.name = {s->event, s->event_n}};
	const char *newline = NULL;
	bool has_newline = true;
	size_t end;

	while (bytes.n) {
		if (s->is_after_cr) {
			s->is_after_cr = false;
			(void)str_take(&bytes, STR("\n"));
			continue;
		}
		end = line_end(bytes, &newline, &has_newline);
		if (end == STR_NONE)
			break;
		end_line(&f, str_sub(bytes, 0, end));
		s->is_after_cr = bytes.p[end] == '\r';
		bytes = str_sub(bytes, end + 1, bytes.n);
	}
	keep_line(&f, bytes);
	keep_event(&f);
}

void sse_finish(struct sse *s, sse_event_fn *fn, void *self)
{
	struct sse_feed f = {.s = s, .fn = fn, .self = self, .ev.name = {s->event, s->event_n}};

	if (s->line.n || s->is_in_line)
		end_line(&f, STR_NULL);
	if (s->is_skipping || s->has_data)
		end_event(&f);
	s->is_after_cr = false;
}
