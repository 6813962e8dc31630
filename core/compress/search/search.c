#include "core/compress/search/search.h"

#include "core/base/limits.h"
#include "core/compress/search/dirs.h"
#include "core/compress/search/elide.h"
#include "core/compress/search/form.h"
#include "core/compress/search/list.h"

enum {
	LINES_MIN = 4,
	OTHERS_MAX = 8, /* lines in a row that are no results: the results end before them */
	TRIES_MAX = 6,  /* each gives up one assumption about the style */
	/* Paths stand whole where that costs less than one part in so many: they are what an agent copies. */
	DIRS_GAIN = 16,
	DIRS_WORDS = 48, /* bytes that the head line says about them */
	/* Tokens that beginnings must save: one of so many bytes, and what the head line says about them. */
	STARTS_GAIN = 192,
	STARTS_WORDS = 16,
	STARTS_BYTES_MIN = 3072, /* of results: less hardly ever saves that */
	ELIDE_LINES_MIN = 60,    /* fewer are shown */
};

/* One reading of the results of a text, and what was written. */
struct pass {
	struct arena *arena;
	struct search_source source; /* at the first result */
	struct search_writer w;
	VEC(struct search_item)
	waiting; /* lines that are no results: they stand behind, unless one follows */
	struct search_item before; /* the result before */
	size_t end;                /* where the text behind the last result begins */
	bool has_dropped_gap;
	unsigned again; /* a style that fits better than the present one */
};

static bool try_again(struct pass *p, unsigned style)
{
	p->again = style;
	return false;
}

/* Writes what stood between two results; false when the style is not what it seemed. */
static bool add_waiting(struct pass *p, const struct search_item *it)
{
	unsigned style = p->source.style;
	size_t n = p->waiting.n, dropped = 0;
	struct search_item *v = p->waiting.v;
	bool is_open = p->before.kind != SEARCH_ITEM_OTHER;

	if (style & SEARCH_GAPS) {
		dropped = n && v[0].kind == SEARCH_ITEM_GAP;
		for (size_t i = dropped; i < n; i++)
			p->before.kind = SEARCH_ITEM_OTHER;
		if ((dropped && n > 1) || dropped != search_has_gap(style, &p->before, it))
			return try_again(p, style & ~(unsigned)SEARCH_GAPS);
		p->has_dropped_gap |= dropped;
	}
	for (size_t i = dropped; i < n; i++) {
		if (v[i].kind == SEARCH_ITEM_GAP && !(style & SEARCH_CONTEXT))
			return try_again(p, style | SEARCH_CONTEXT | SEARCH_GAPS);
		is_open &= v[i].kind == SEARCH_ITEM_GAP;
		if (is_open)
			search_writer_add(&p->w, &v[i]);
		else
			search_writer_other(
				&p->w, v[i].kind == SEARCH_ITEM_GAP ? STR("--") : v[i].body);
	}
	p->waiting.n = 0;
	return true;
}

static bool add_result(struct pass *p, struct search_item *it)
{
	unsigned style = p->source.style;

	if (it->kind == SEARCH_ITEM_AROUND && !(style & SEARCH_CONTEXT))
		return try_again(p, style | SEARCH_CONTEXT | SEARCH_GAPS);
	if (!add_waiting(p, it))
		return false;
	p->before = *it;
	if (style & SEARCH_TRIMMED)
		while (search_has_margin(it->body))
			it->body = str_sub(it->body, 1, it->body.n);
	search_writer_add(&p->w, it);
	p->end = p->source.at;
	return true;
}

/* False when the style has to be another one (p->again), or a line cannot be said. */
static bool run_pass(struct pass *p)
{
	struct search_item it;

	p->before.kind = SEARCH_ITEM_OTHER;
	p->end = p->source.at;
	while (search_next(&p->source, &it)) {
		bool is_result = it.kind == SEARCH_ITEM_MATCH || it.kind == SEARCH_ITEM_AROUND;

		if (is_result) {
			if (!add_result(p, &it))
				return false;
			continue;
		}
		*vec_push(&p->waiting, p->arena) = it;
		if (p->waiting.n > OTHERS_MAX)
			break;
	}
	search_writer_end(&p->w);
	p->w.head.lines += p->source.left;
	p->end = p->source.left_end > p->end ? p->source.left_end : p->end;
	if ((p->source.style & SEARCH_COLUMN) && p->end < p->source.text.n / 2)
		return try_again(p, p->source.style & ~(unsigned)SEARCH_COLUMN);
	if (!p->has_dropped_gap)
		p->w.head.style &= ~(unsigned)SEARCH_GAPS;
	return !p->w.is_unfit && p->w.out.err == E_OK && p->w.head.lines >= LINES_MIN;
}

/* Shapes of all matches; NULL when too little repeats, or there are lines around matches. */
static struct search_elision *look_for_shapes(
	const struct search_source *from, const struct codec_in *in, bool *has_context)
{
	struct search_elision *e =
		search_elision_new(from->arena, from->text, in->query, in->is_gentle);
	struct search_source s = *from;
	struct search_item it;
	uint64_t n = 0;

	while (search_next(&s, &it)) {
		*has_context = it.kind == SEARCH_ITEM_AROUND || it.kind == SEARCH_ITEM_GAP;
		if (*has_context)
			return NULL;
		if (it.kind != SEARCH_ITEM_MATCH)
			continue;
		search_elision_see(e, &it);
		n++;
	}
	return n >= ELIDE_LINES_MIN && search_elision_ready(e) ? e : NULL;
}

/* What the lines begin with, where that saves enough; NULL: nothing. */
static struct search_starts *find_starts(
	const struct codec_in *in, const struct search_source *source)
{
	struct search_sample *sample =
		arena_alloc(source->arena, sizeof *sample, alignof(max_align_t));
	struct search_starts *starts = arena_new(source->arena, struct search_starts);
	uint64_t saved;

	if (source->text.n - source->at < STARTS_BYTES_MIN)
		return NULL;
	search_sample_take(source, sample);
	saved = search_starts_choose(sample, source->arena, in->encoding, in->cache, starts);
	return saved >= sample->bytes / STARTS_GAIN + STARTS_WORDS ? starts : NULL;
}

static void begin_pass(struct pass *p, const struct codec_in *in,
	const struct search_source *source, unsigned more_style)
{
	*p = (struct pass){.arena = source->arena, .source = *source};
	search_writer_init(&p->w, p->arena, source->style | more_style, in->text.n + (64 << 10));
}

/* p is written again with directories said once, where that is worth it. */
static void write_dirs(
	const struct codec_in *in, const struct search_source *source, struct pass *p)
{
	struct pass plain = *p;
	size_t saved;
	uint32_t *dir_n = search_dirs(p->arena, p->w.paths.v, p->w.paths.n, &saved);

	if (saved < p->w.out.n / DIRS_GAIN + DIRS_WORDS)
		return;
	begin_pass(p, in, source, SEARCH_DIRS);
	p->w.dir_n = dir_n;
	if (plain.w.starts)
		search_writer_starts(&p->w, plain.w.starts);
	if (!run_pass(p))
		*p = plain;
}

/* Elided: looks at all matches first, and for what can be left out. False when that is nothing. */
static bool look_ahead(
	const struct codec_in *in, struct search_source *source, struct search_elision **e)
{
	bool has_context = false;

	*e = NULL;
	if (source->style & (SEARCH_JSON | SEARCH_BARE))
		return true;
	*e = look_for_shapes(source, in, &has_context);
	if (!*e && (!has_context || in->is_gentle))
		return false;
	if (has_context)
		source->style &= ~(unsigned)(SEARCH_CONTEXT | SEARCH_GAPS);
	source->style |= has_context ? SEARCH_BARE : SEARCH_TRIMMED;
	return true;
}

/* The results of one style. */
static bool write_results(
	const struct codec_in *in, const struct search_source *from, struct pass *p, bool is_elided)
{
	struct search_source source = *from;

	for (int i = 0; i < TRIES_MAX; i++) {
		struct search_elision *e = NULL;
		struct search_starts *starts = NULL;

		if (is_elided && !look_ahead(in, &source, &e))
			return false;
		if (!is_elided)
			starts = find_starts(in, &source);
		begin_pass(p, in, &source, 0);
		p->w.elision = e;
		if (starts)
			search_writer_starts(&p->w, starts);
		if (run_pass(p))
			break;
		if (!p->again)
			return false;
		source.style = p->again;
	}
	if (p->again)
		return false;
	/* Where lines are left out, what is shown stands as it was, and so do the names of files. */
	if (!is_elided)
		write_dirs(in, &source, p);
	return true;
}

/* ripgrep's lines about files and the whole search stand behind the last match, too. */
static size_t skip_json(str text, size_t at, struct arena *a)
{
	while (at < text.n) {
		struct search_item it;
		bool is_result;
		size_t next;

		if (!search_json_line(search_line(text, at, &next), a, &it, &is_result))
			break;
		at = next;
	}
	return at;
}

static bool encode_list(const struct codec_in *in, struct arena *a, struct search_form *f)
{
	struct search_list list;
	struct buf body;

	if (!search_list_find(in->text, &list))
		return false;
	buf_init_arena(&body, a, in->text.n + (64 << 10));
	f->before = str_sub(in->text, 0, list.start);
	f->has_newline = in->text.p[list.end - 1] == '\n';
	f->after = str_sub(in->text, list.end, in->text.n);
	f->head = (struct search_head){.style = SEARCH_LIST | SEARCH_DIRS, .lines = list.n};
	if (!search_list_write(
		    str_sub(in->text, list.start, list.end - f->has_newline), list.n, a, &body))
		return false;
	f->body = buf_str(&body);
	return body.err == E_OK;
}

static bool encode_results(const struct codec_in *in, struct arena *a, struct search_form *f)
{
	struct search_source source;
	struct pass p;
	size_t end;

	if (!search_open(in->text, a, &source) || (!in->route.n && (source.style & SEARCH_JSON)) ||
		!write_results(in, &source, &p, in->route.n > 0))
		return false;
	if (in->route.n && !(p.w.head.style & (SEARCH_MORE | SEARCH_JSON)) &&
		!(p.source.left && !p.source.is_lost && p.w.head.matches >= ELIDE_LINES_MIN))
		return false;
	end = p.end;
	if (source.style & SEARCH_JSON)
		end = skip_json(in->text, end, a);
	f->before = str_sub(in->text, 0, source.at);
	f->head = p.w.head;
	f->route = in->route;
	f->body = str_sub(buf_str(&p.w.out), 1, p.w.out.n); /* the head line ends in "\n" */
	f->has_newline = in->text.p[end - 1] == '\n';
	f->after = str_sub(in->text, end, in->text.n);
	return true;
}

static bool encode(const struct codec_in *in, struct arena *a, struct codec_out *out)
{
	struct search_form f = {0};
	struct codec_head head;
	size_t at, end;
	struct buf b;

	if (in->text.n > LIMIT_INPUT || !in->text.n)
		return false;
	if (!(in->route.n == 0 && encode_list(in, a, &f)) && !encode_results(in, a, &f))
		return false;
	if (f.body.n >= in->text.n - f.before.n - f.after.n ||
		codec_head_find(f.before, &head, &at, &end))
		return false;
	buf_init_arena(&b, a, LIMIT_INPUT);
	(void)buf_reserve(&b, f.before.n + f.body.n + f.after.n + 1024);
	search_form_write(&b, &f);
	out->text = buf_str(&b);
	out->form = f.route.n ? CODEC_ELIDED : CODEC_EXACT;
	return b.err == E_OK;
}

/* ---- back again ------------------------------------------------------------------------------ */

/* The lines of the original, one after the other. */
struct restored {
	struct buf *out;
	unsigned style;
	bool is_first;
	struct search_item before;
	struct search_head counts;
};

static void add_line(struct restored *r, str line)
{
	if (!r->is_first)
		buf_add_byte(r->out, '\n');
	r->is_first = false;
	buf_add(r->out, line);
}

static void add_item(struct restored *r, const struct search_item *it)
{
	char sign = it->kind == SEARCH_ITEM_MATCH ? ':' : '-';
	bool has_path = !(r->style & (SEARCH_HEADING | SEARCH_PATHLESS));

	add_line(r, has_path ? it->path : STR_NULL);
	if (has_path)
		buf_add_byte(r->out, sign);
	if (!(r->style & SEARCH_NUMBERLESS)) {
		buf_add_u64(r->out, it->number);
		buf_add_byte(r->out, sign);
	}
	if ((r->style & SEARCH_COLUMN) && it->kind == SEARCH_ITEM_MATCH) {
		buf_add_u64(r->out, it->column);
		buf_add_byte(r->out, sign);
	}
	buf_add(r->out, it->body);
}

static void add_group(struct restored *r, struct search_group *g)
{
	if (g->is_other) {
		r->before.kind = SEARCH_ITEM_OTHER;
		add_line(r, g->path);
		return;
	}
	if (r->style & SEARCH_HEADING) {
		if (!r->is_first)
			add_line(r, STR_NULL);
		add_line(r, g->path);
	}
	r->counts.files++;
	for (size_t i = 0; i < g->items.n; i++) {
		struct search_item *it = &g->items.v[i];

		it->is_heading = i == 0;
		if (it->kind == SEARCH_ITEM_GAP) {
			add_line(r, STR("--"));
			continue;
		}
		if ((r->style & SEARCH_GAPS) && search_has_gap(r->style, &r->before, it))
			add_line(r, STR("--"));
		add_item(r, it);
		r->counts.lines++;
		r->counts.matches += it->kind == SEARCH_ITEM_MATCH;
		r->before = *it;
	}
}

static bool decode_results(const struct search_form *f, struct arena *a, struct buf *out)
{
	const unsigned lossy = SEARCH_JSON | SEARCH_BARE | SEARCH_TRIMMED | SEARCH_MORE;
	struct restored r = {.out = out, .style = f->head.style, .is_first = true};
	struct search_reader reader;

	if (f->head.style & lossy)
		return false;
	r.before.kind = SEARCH_ITEM_OTHER;
	search_reader_init(&reader, a, f->body, f->head.style);
	while (out->err == E_OK && search_reader_next(&reader))
		add_group(&r, &reader.group);
	return !reader.is_damaged && r.counts.lines == f->head.lines &&
	       (!(f->head.style & SEARCH_CONTEXT) || r.counts.matches == f->head.matches) &&
	       ((f->head.style & SEARCH_PATHLESS) || r.counts.files == f->head.files);
}

static bool decode(str text, struct arena *a, str *out)
{
	struct search_form f;
	struct buf b;

	if (!search_form_read(text, &f) || f.route.n)
		return false;
	buf_init_arena(&b, a, LIMIT_INPUT);
	buf_add(&b, f.before);
	if (f.head.style & SEARCH_LIST) {
		if (!search_list_read(f.body, f.head.lines, &b))
			return false;
	} else if (!decode_results(&f, a, &b)) {
		return false;
	}
	if (f.has_newline)
		buf_add_byte(&b, '\n');
	buf_add(&b, f.after);
	*out = buf_str(&b);
	return b.err == E_OK;
}

const struct codec search_codec = {
	.word = "search",
	.encoder = ENCODER_SEARCH,
	.kinds = 1u << KIND_SEARCH | 1u << KIND_JSONL,
	.encode = encode,
	.decode = decode,
	.holds = search_holds,
	.owns = search_json_begins,
};
