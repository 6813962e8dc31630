#include "core/compress/search/source.h"

enum {
	START_LINES = 32, /* before the first result */
	SAMPLE_LINES = 96,
	SAMPLE_BYTES = 16 << 10,
	RESULTS_PERCENT = 60,
	KNOWN_PERCENT = 50,
	JUMPS_PERCENT = 25, /* fewer: a file with its number column */
	RESULTS_MIN = 3,
};

/* What a reading of the beginning in one style showed. */
struct sample {
	size_t start; /* of the first result */
	unsigned lines, results, around, gaps;
	unsigned columns; /* matches that begin with another number */
	unsigned known;   /* results of the file of the result before */
	unsigned jumps;   /* in their numbers */
	unsigned falls;   /* numbers that are not larger than the one before */
};

static bool is_result(const struct search_item *it)
{
	return it->kind == SEARCH_ITEM_MATCH || it->kind == SEARCH_ITEM_AROUND;
}

static bool has_column(str body)
{
	uint32_t column;

	return search_take_number(&body, &column) && body.n && *body.p == ':';
}

static void look_at(
	struct sample *p, const struct search_item *it, const struct search_item *before)
{
	p->lines++;
	p->gaps += it->kind == SEARCH_ITEM_GAP;
	if (!is_result(it))
		return;
	p->results++;
	p->around += it->kind == SEARCH_ITEM_AROUND;
	p->columns += it->kind == SEARCH_ITEM_MATCH && has_column(it->body);
	p->known += is_result(before) && str_eq(before->path, it->path);
	p->jumps += it->number != before->number + 1;
	p->falls += it->number <= before->number;
}

static bool find_start(str text, unsigned style, struct arena *a, size_t *start)
{
	struct search_item it;

	*start = 0;
	for (int i = 0; i < START_LINES && *start < text.n; i++) {
		struct search_source s = {.text = text, .at = *start, .style = style, .arena = a};

		if (search_next(&s, &it) && is_result(&it))
			return true;
		(void)search_line(text, *start, start);
	}
	return false;
}

static struct sample read_sample(str text, unsigned style, struct arena *a)
{
	struct search_source s = {.text = text, .style = style, .arena = a};
	struct search_item it, before = {.kind = SEARCH_ITEM_OTHER};
	struct sample p = {0};

	if (!find_start(text, style, a, &p.start))
		return p;
	s.at = p.start;
	while (p.lines < SAMPLE_LINES && s.at < p.start + SAMPLE_BYTES && search_next(&s, &it)) {
		look_at(&p, &it, &before);
		before = it;
	}
	return p;
}

static bool fits(const struct sample *p, unsigned style)
{
	if (p->results < RESULTS_MIN || p->results * 100 < (p->lines - p->gaps) * RESULTS_PERCENT)
		return false;
	if (style & SEARCH_NUMBERLESS)
		return p->known * 100 >= p->results * KNOWN_PERCENT;
	if (style & SEARCH_PATHLESS)
		return !p->falls && (p->around || p->jumps * 100 >= p->results * JUMPS_PERCENT);
	return true;
}

bool search_open(str text, struct arena *a, struct search_source *out)
{
	static const unsigned styles[] = {
		SEARCH_JSON, 0, SEARCH_HEADING, SEARCH_NUMBERLESS, SEARCH_PATHLESS};

	for (size_t i = 0; i < ARRAY_N(styles); i++) {
		struct sample p = read_sample(text, styles[i], a);

		if (!fits(&p, styles[i]))
			continue;
		*out = (struct search_source){
			.text = text, .at = p.start, .style = styles[i], .arena = a};
		if (p.around || p.gaps)
			out->style |= SEARCH_CONTEXT | SEARCH_GAPS;
		if (p.columns == p.results - p.around && p.columns &&
			!(styles[i] & (SEARCH_NUMBERLESS | SEARCH_JSON)))
			out->style |= SEARCH_COLUMN;
		return true;
	}
	return false;
}
