#include "core/wire/splice.h"

/* What stands before an element: the provider's own, where it fits what the client has been given so far. */
static void write_gap(struct answer_splice *s, str gap, struct buf *out)
{
	bool is_first = !s->has_elements;
	bool opens = str_find_byte(gap, '[') != STR_NONE;
	bool parts = str_find_byte(gap, ',') != STR_NONE;

	s->has_elements = true;
	if (!s->is_touched || (is_first ? opens : parts && !opens))
		buf_add(out, gap);
	else
		buf_add_c(out, is_first ? "[" : ",\n");
}

/* Before anything that follows an event that had no blank line. */
static void end_open_event(struct answer_splice *s, struct buf *out)
{
	if (s->is_open_event)
		buf_add_c(out, "\n\n");
	s->is_open_event = false;
}

void splice_pass(struct answer_splice *s, const struct splice_event *ev, struct buf *out)
{
	if (s->is_array)
		write_gap(s, ev->gap, out);
	else
		end_open_event(s, out);
	buf_add(out, ev->raw);
}

void splice_take(struct answer_splice *s, const struct splice_taker *takers,
	struct splice_event *ev, struct buf *out)
{
	uint32_t type = ev->is_json ? splice_member(&ev->tape, 0, "type") : JSON_ABSENT;

	if (type == JSON_ABSENT) {
		splice_pass(s, ev, out);
		return;
	}
	while (takers->type && !json_string_is(&ev->tape, type, takers->type))
		takers++;
	takers->take(s, ev, out);
}

bool splice_is_within(str part, str whole)
{
	return part.n && (uintptr_t)part.p >= (uintptr_t)whole.p &&
	       (uintptr_t)part.p + part.n <= (uintptr_t)whole.p + whole.n;
}

/* An event whose data came in several lines, as one with the same lines; those of a JSON text end outside of its
 * strings. */
static void write_lines(const struct splice_event *ev, str data, struct buf *out)
{
	str line;

	if (ev->name.n) {
		buf_add_c(out, "event: ");
		buf_add(out, ev->name);
		buf_add_byte(out, '\n');
	}
	while (str_next_line(&data, &line, NULL)) {
		buf_add_c(out, "data: ");
		buf_add(out, line);
		buf_add_byte(out, '\n');
	}
	buf_add_byte(out, '\n');
}

void splice_emit(struct answer_splice *s, const struct splice_event *ev, struct splice_edits *edits,
	struct buf *out)
{
	struct splice_event changed = *ev;
	struct buf data;
	size_t at;

	if (!edits->n) {
		splice_pass(s, ev, out);
		return;
	}
	buf_init_arena(&data, &s->event, SIZE_MAX / 4);
	patch_sort(edits->v, edits->n);
	if (patch_apply(ev->data, edits->v, edits->n, &data) != E_OK)
		arena_fail(&s->event); /* edits that overlap are a defect; nothing else can fail */
	if (splice_is_within(ev->data, ev->raw)) {
		at = (size_t)(ev->data.p - ev->raw.p);
		changed.raw = str_sub(ev->raw, 0, at);
		splice_pass(s, &changed, out);
		buf_add(out, buf_str(&data));
		buf_add(out, str_sub(ev->raw, at + ev->data.n, ev->raw.n));
	} else {
		changed.raw = STR_NULL;
		splice_pass(s, &changed, out);
		write_lines(ev, buf_str(&data), out);
	}
}

void splice_write(struct answer_splice *s, str event, struct buf *out)
{
	splice_pass(s, &(struct splice_event){.raw = event}, out);
}

void splice_replace(struct answer_splice *s, struct splice_edits *edits, struct span at, str text)
{
	*vec_push(edits, &s->event) = (struct patch_edit){at, text};
}

void splice_replace_u64(
	struct answer_splice *s, struct splice_edits *edits, struct span at, uint64_t n)
{
	struct buf text;

	buf_init_arena(&text, &s->event, 32);
	buf_add_u64(&text, n);
	splice_replace(s, edits, at, buf_str(&text));
}

/* Elements that go, in one run at the end of the array, and those before it one by one. */
void splice_list(struct answer_splice *s, const struct json_tape *t, uint32_t array,
	const bool *is_out, str front, struct splice_edits *edits)
{
	const struct json_node *v = t->v;
	uint32_t start = v[array].start + 1, kept_end = start, out_from = JSON_ABSENT, end = start;
	size_t i = 0, kept_n = 0;
	struct buf text;

	for (struct json_iter it = json_iter(t, array); json_next(&it); i++) {
		if (out_from != JSON_ABSENT && !is_out[i]) {
			splice_replace(
				s, edits, (struct span){out_from, v[it.value].start}, STR_NULL);
			out_from = JSON_ABSENT;
		}
		if (is_out[i] && out_from == JSON_ABSENT)
			out_from = v[it.value].start;
		end = v[it.value].end;
		if (!is_out[i]) {
			kept_end = end;
			kept_n++;
		}
	}
	if (out_from != JSON_ABSENT)
		splice_replace(
			s, edits, (struct span){kept_n ? kept_end : out_from, end}, STR_NULL);
	if (!front.n)
		return;
	buf_init_arena(&text, &s->event, front.n + 1);
	buf_add(&text, front);
	if (kept_n)
		buf_add_byte(&text, ',');
	splice_replace(s, edits, (struct span){start, start}, buf_str(&text));
}

void splice_take_out(struct answer_splice *s, const struct json_tape *t, uint32_t object,
	uint32_t value, struct splice_edits *edits)
{
	uint32_t before = t->v[object].start + 1;
	bool is_first = true, is_found = false;
	struct span at = {0, 0};

	for (struct json_iter it = json_iter(t, object); json_next(&it); is_first = false) {
		if (is_found) { /* it was the first: the comma behind it goes too */
			at.end = t->v[it.key].start;
			break;
		}
		if (it.value == value) {
			at = (struct span){
				is_first ? t->v[it.key].start : before, t->v[it.value].end};
			if (!is_first)
				break;
			is_found = true;
		}
		before = t->v[it.value].end;
	}
	if (at.end)
		splice_replace(s, edits, at, STR_NULL);
}

void splice_join(struct buf *list, str element)
{
	if (list->n)
		buf_add_byte(list, ',');
	buf_add(list, element);
}
