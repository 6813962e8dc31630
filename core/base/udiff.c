#include "core/base/udiff.h"

#include "core/base/vec.h"

enum { CONTEXT = 3 };

/* What happens to a line. */
struct step {
	char sign; /* ' ', '-' or '+' */
	str line;  /* with its end; the last line may have none */
};

struct differ {
	struct arena *a;
	VEC(str) x, y;
	VEC(struct step) steps;
};

static void push(struct differ *d, char sign, str line)
{
	*vec_push(&d->steps, d->a) = (struct step){sign, line};
}

static str next_line(str *rest)
{
	size_t n = str_find_byte(*rest, '\n');
	str line = str_sub(*rest, 0, n == STR_NONE ? rest->n : n + 1);

	*rest = str_sub(*rest, line.n, rest->n);
	return line;
}

/* Lines [from, x_end) and [from, y_end) by their longest common subsequence. */
static void compare(struct differ *d, size_t from, size_t x_end, size_t y_end)
{
	size_t n = x_end - from, m = y_end - from, i = 0, k = 0;
	size_t wide = m + 1;
	uint32_t *longest;

	if (n && m && n < UDIFF_PAIRS_MAX / wide) {
		longest = arena_array(d->a, uint32_t, (n + 1) * wide);
		for (i = n; i--;)
			for (k = m; k--;) {
				uint32_t down = longest[(i + 1) * wide + k];
				uint32_t right = longest[i * wide + k + 1];

				longest[i * wide + k] =
					str_eq(d->x.v[from + i], d->y.v[from + k])
						? longest[(i + 1) * wide + k + 1] + 1
					: down > right ? down
						       : right;
			}
		for (i = k = 0; i < n && k < m;) {
			if (str_eq(d->x.v[from + i], d->y.v[from + k])) {
				push(d, ' ', d->x.v[from + i]);
				i++;
				k++;
			} else if (longest[(i + 1) * wide + k] >= longest[i * wide + k + 1]) {
				push(d, '-', d->x.v[from + i++]);
			} else {
				push(d, '+', d->y.v[from + k++]);
			}
		}
	}
	for (; i < n; i++)
		push(d, '-', d->x.v[from + i]);
	for (; k < m; k++)
		push(d, '+', d->y.v[from + k]);
}

static void make_steps(struct differ *d, str before, str after)
{
	size_t head = 0, tail = 0, shorter;

	while (before.n)
		*vec_push(&d->x, d->a) = next_line(&before);
	while (after.n)
		*vec_push(&d->y, d->a) = next_line(&after);
	shorter = d->x.n < d->y.n ? d->x.n : d->y.n;
	while (head < shorter && str_eq(d->x.v[head], d->y.v[head]))
		push(d, ' ', d->x.v[head++]);
	while (tail < shorter - head &&
		str_eq(d->x.v[d->x.n - 1 - tail], d->y.v[d->y.n - 1 - tail]))
		tail++;
	compare(d, head, d->x.n - tail, d->y.n - tail);
	for (size_t i = d->x.n - tail; i < d->x.n; i++)
		push(d, ' ', d->x.v[i]);
}

static void add_range(struct buf *out, char sign, size_t before_n, size_t n)
{
	/* Of no lines it is the line before them. */
	buf_printf(out, "%c%zu", sign, n ? before_n + 1 : before_n);
	if (n != 1)
		buf_printf(out, ",%zu", n);
}

/* Steps [from, to) behind x lines of the old text and y of the new one. */
static void add_hunk(
	const struct differ *d, size_t from, size_t to, size_t x, size_t y, struct buf *out)
{
	size_t x_n = 0, y_n = 0;

	for (size_t i = from; i < to; i++) {
		x_n += d->steps.v[i].sign != '+';
		y_n += d->steps.v[i].sign != '-';
	}
	buf_add_c(out, "@@ ");
	add_range(out, '-', x, x_n);
	buf_add_c(out, " ");
	add_range(out, '+', y, y_n);
	buf_add_c(out, " @@\n");
	for (size_t i = from; i < to; i++) {
		buf_add_byte(out, d->steps.v[i].sign);
		buf_add(out, d->steps.v[i].line);
		if (!str_ends(d->steps.v[i].line, STR("\n")))
			buf_add_c(out, "\n\\ No newline at end of file\n");
	}
}

/* The end of the hunk that begins with the change at step i: the context behind its last change, which no other change follows so
 * near that their contexts meet. */
static size_t hunk_end(const struct differ *d, size_t i)
{
	size_t last = i;

	for (; i < d->steps.n && i <= last + 2 * CONTEXT; i++)
		if (d->steps.v[i].sign != ' ')
			last = i;
	last += CONTEXT + 1;
	return last < d->steps.n ? last : d->steps.n;
}

void udiff_add(struct arena *a, const struct udiff *u, struct buf *out)
{
	struct differ d = {.a = a};
	size_t x = 0, y = 0;

	if (str_eq(u->before, u->after))
		return;
	make_steps(&d, u->before, u->after);
	buf_printf(out, "--- " STR_FMT "\n+++ " STR_FMT "\n", STR_ARG(u->old_name),
		STR_ARG(u->new_name));
	for (size_t i = 0, done = 0; i < d.steps.n;) {
		size_t from, to;

		if (d.steps.v[i].sign == ' ') {
			i++;
			continue;
		}
		from = i - done > CONTEXT ? i - CONTEXT : done;
		for (; done < from; done++) { /* all of them stand in both */
			x++;
			y++;
		}
		to = hunk_end(&d, i);
		add_hunk(&d, from, to, x, y, out);
		for (; done < to; done++) {
			x += d.steps.v[done].sign != '+';
			y += d.steps.v[done].sign != '-';
		}
		i = to;
	}
}
