#include "core/compress/html/block.h"

#include "core/base/limits.h"
#include "core/compress/html/token.h"

enum {
	DEPTH_MAX = 512,   /* elements deeper than that are read, but not what they are */
	SUBJECT_PART = 4,  /* one in so many words of a page is its subject, wherever they stand */
	ADDRESS_MAX = 300, /* bytes; longer addresses carry state, nobody types or follows them */
};

/* An open element. */
struct open {
	enum html_tag tag;
	str name;
	bool is_main;
	uint32_t region; /* the innermost that is beside; 0: none */
};

/* An element that looks as if it were beside the page's subject. */
struct region {
	uint32_t outer; /* region that it is in; 0: none */
	uint32_t words; /* that are no links */
};

struct reader {
	struct html_page *page;
	struct arena *arena;
	struct open stack[DEPTH_MAX];
	size_t depth;    /* open[depth - 1] is the innermost */
	struct buf text; /* of the block so far */
	struct buf decoded;
	struct html_block block;
	uint32_t region;  /* of the block */
	bool needs_blank; /* before the next word */
	bool in_word;
	bool in_cell_row; /* a cell of this row has been begun */
	size_t link_at;   /* where the text of the open link begins; SIZE_MAX: none is open */
	str address;      /* of the open link */
	VEC(struct region) regions; /* the first stands for none */
	VEC(uint32_t) region_of;    /* by block */
};

/* ---- where a text stands ---------------------------------------------------------------------------- */

/* Parts of the words of classes and ids by which pages name what is beside their subject. */
static bool has_word_beside(str value)
{
	static const char *const whole[] = {"nav", "menu", "sidebar", "footer", "breadcrumb",
		"breadcrumbs", "cookie", "share", "sharing", "social", "related", "promo", "advert",
		"ads", "newsletter", "subscribe", "hidden", "masthead", "navbar", "navigation",
		"pagination", "toolbar", "banner", "popup", "modal", "skip", "widget"};

	while (value.n) {
		size_t n = 0;

		while (n < value.n && ((value.p[n] | 0x20) >= 'a' && (value.p[n] | 0x20) <= 'z'))
			n++;
		for (size_t i = 0; n > 2 && i < ARRAY_N(whole); i++)
			if (str_eq_nocase(str_sub(value, 0, n), str_from(whole[i])))
				return true;
		value = str_sub(value, n + (n < value.n), value.n);
	}
	return false;
}

static bool is_role_beside(str role)
{
	static const char *const roles[] = {"navigation", "banner", "contentinfo", "search",
		"complementary", "menu", "menubar", "toolbar", "dialog"};

	for (size_t i = 0; i < ARRAY_N(roles); i++)
		if (str_eq_nocase(role, str_from(roles[i])))
			return true;
	return false;
}

static bool is_beside(const struct html_token *t)
{
	bool found;
	str style;

	if (t->tag == TAG_ASIDE)
		return true;
	if (!t->text.n)
		return false;
	(void)html_attribute(t->text, "hidden", &found);
	if (found || is_role_beside(html_attribute(t->text, "role", &found)))
		return true;
	style = html_attribute(t->text, "style", &found);
	if (str_find(style, STR("display:none")) != STR_NONE ||
		str_find(style, STR("display: none")) != STR_NONE)
		return true;
	return has_word_beside(html_attribute(t->text, "class", &found)) ||
	       has_word_beside(html_attribute(t->text, "id", &found));
}

static bool is_root(str name)
{
	return str_eq_nocase(name, STR("html")) || str_eq_nocase(name, STR("body"));
}

static const struct open *innermost(const struct reader *r)
{
	static const struct open none = {.tag = TAG_INLINE};

	return r->depth ? &r->stack[r->depth - 1] : &none;
}

static void push(struct reader *r, const struct html_token *t)
{
	const struct open *in = innermost(r);
	struct open e = {
		.tag = t->tag, .name = t->name, .is_main = in->is_main || t->tag == TAG_MAIN};
	bool found;

	e.is_main |= str_eq_nocase(html_attribute(t->text, "role", &found), STR("main"));
	/* the header of an article is its own, and a page that is hidden until its scripts run is the page */
	e.region = in->region;
	if (!is_root(t->name) && is_beside(t) &&
		!(in->is_main && str_eq_nocase(t->name, STR("header")))) {
		e.region = (uint32_t)r->regions.n;
		*vec_push(&r->regions, r->arena) = (struct region){.outer = in->region};
	}
	r->page->has_main |= e.is_main;
	if (r->depth < DEPTH_MAX)
		r->stack[r->depth++] = e;
}

/* Ends the innermost element of that name and those in it; nothing when there is none. */
static void pop(struct reader *r, str name)
{
	for (size_t i = r->depth; i-- > 0;)
		if (str_eq_nocase(r->stack[i].name, name)) {
			r->depth = i;
			return;
		}
}

/* ---- the text of a block ------------------------------------------------------------------------------ */

static void end_link(struct reader *r)
{
	str text;

	if (r->link_at == SIZE_MAX)
		return;
	text = str_trim(str_sub(buf_str(&r->text), r->link_at, r->text.n));
	r->link_at = SIZE_MAX;
	if (text.n && r->address.n)
		*vec_push(&r->page->links, r->arena) =
			(struct html_link){.block = (uint32_t)r->page->blocks.n,
				.text = arena_str(r->arena, text),
				.address = r->address};
}

static void end_block(struct reader *r)
{
	str text;

	end_link(r);
	text = r->block.is_pre ? buf_str(&r->text) : str_trim(buf_str(&r->text));
	if (r->block.words) {
		r->block.text = arena_str(r->arena, text);
		*vec_push(&r->page->blocks, r->arena) = r->block;
		*vec_push(&r->region_of, r->arena) = r->region;
	}
	buf_reset(&r->text);
	r->block = (struct html_block){0};
	r->needs_blank = r->in_word = r->in_cell_row = false;
}

static void begin_block(struct reader *r, const struct html_token *t)
{
	static const char *const marks[] = {"", "# ", "## ", "### ", "#### ", "##### ", "###### "};

	end_block(r);
	if (t->tag == TAG_HEADING)
		buf_add_c(&r->text, marks[t->level]);
	else if (t->tag == TAG_ITEM)
		buf_add_c(&r->text, "- ");
	r->block.is_heading = t->tag == TAG_HEADING;
	r->block.is_pre = t->tag == TAG_PRE;
}

static void add_plain(struct reader *r, str text)
{
	r->region = innermost(r)->region;
	r->block.is_main = innermost(r)->is_main;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c == ' ' || (c >= '\t' && c <= '\r')) {
			r->needs_blank = true;
			r->in_word = false;
			continue;
		}
		if (r->needs_blank && r->text.n && !strchr(" \n", r->text.p[r->text.n - 1]))
			buf_add_byte(&r->text, ' ');
		r->needs_blank = false;
		if (!r->in_word) {
			r->block.words++;
			r->block.link_words += r->link_at != SIZE_MAX;
		}
		r->in_word = true;
		buf_add_byte(&r->text, c);
	}
}

static void add_text(struct reader *r, str raw)
{
	buf_reset(&r->decoded);
	html_decode(raw, &r->decoded);
	if (r->block.is_pre) {
		r->region = innermost(r)->region;
		r->block.is_main = innermost(r)->is_main;
		r->block.words += str_trim(raw).n > 0;
		buf_add(&r->text, buf_str(&r->decoded));
	} else {
		add_plain(r, buf_str(&r->decoded));
	}
}

/* ---- tags --------------------------------------------------------------------------------------------- */

/* Addresses that lead nowhere from here are none. */
static str address_of(struct reader *r, const struct html_token *t)
{
	struct buf b;
	bool found;
	str raw = str_trim(html_attribute(t->text, "href", &found));

	if (!raw.n || raw.n > ADDRESS_MAX || *raw.p == '#' || str_starts(raw, STR("javascript:")) ||
		str_starts(raw, STR("data:")))
		return STR_NULL;
	buf_init_arena(&b, r->arena, LIMIT_INPUT);
	html_decode(raw, &b);
	return str_find_byte(buf_str(&b), '\n') == STR_NONE ? buf_str(&b) : STR_NULL;
}

static void begin_cell(struct reader *r)
{
	if (r->in_cell_row && r->block.words) {
		end_link(r);
		buf_add_c(&r->text, " | ");
		r->needs_blank = r->in_word = false;
	}
	r->in_cell_row = true;
}

static void start_tag(struct reader *r, const struct html_token *t)
{
	switch (t->tag) {
	case TAG_VOID:
	case TAG_RAW:
	case TAG_INLINE:
		return;
	case TAG_LINK:
		end_link(r);
		r->address = address_of(r, t);
		r->link_at = r->text.n;
		return;
	case TAG_BREAK:
		if (r->block.words && !r->block.is_pre)
			buf_add_byte(&r->text, '\n');
		r->needs_blank = r->in_word = false;
		return;
	case TAG_CELL:
		push(r, t);
		begin_cell(r);
		return;
	default:
		begin_block(r, t);
		if (t->tag != TAG_RULE)
			push(r, t);
	}
}

static void end_tag(struct reader *r, const struct html_token *t)
{
	switch (t->tag) {
	case TAG_VOID:
	case TAG_RAW:
	case TAG_INLINE:
	case TAG_BREAK:
		return;
	case TAG_LINK:
		end_link(r);
		return;
	case TAG_CELL:
		pop(r, t->name);
		return;
	default:
		end_block(r);
		pop(r, t->name);
	}
}

/* What has so much of the page's text is no menu, whatever it is called: a form around all, a body "with-sidebar". */
static void find_beside(struct reader *r)
{
	struct html_page *page = r->page;
	uint64_t all = 0;

	for (size_t i = 0; i < page->blocks.n; i++) {
		uint32_t words = page->blocks.v[i].words - page->blocks.v[i].link_words;

		all += words;
		for (uint32_t k = r->region_of.v[i]; k; k = r->regions.v[k].outer)
			r->regions.v[k].words += words;
	}
	for (size_t i = 0; i < page->blocks.n; i++)
		for (uint32_t k = r->region_of.v[i]; k; k = r->regions.v[k].outer)
			page->blocks.v[i].is_beside |=
				(uint64_t)r->regions.v[k].words * SUBJECT_PART < all;
}

void html_read(str text, struct arena *a, struct html_page *page)
{
	struct html_reader source = {.text = text};
	struct reader *r = arena_zalloc(a, sizeof *r, alignof(struct reader));
	struct html_token t;

	*page = (struct html_page){.scripts_n = 0};
	r->page = page;
	r->arena = a;
	r->link_at = SIZE_MAX;
	buf_init(&r->text, LIMIT_INPUT);
	buf_init(&r->decoded, LIMIT_INPUT);
	*vec_push(&r->regions, a) = (struct region){0};
	while (html_next(&source, &t)) {
		if (t.type == HTML_TEXT)
			add_text(r, t.text);
		else if (t.type == HTML_START)
			start_tag(r, &t);
		else
			end_tag(r, &t);
	}
	end_block(r);
	find_beside(r);
	buf_release(&r->text);
	buf_release(&r->decoded);
	page->scripts_n = source.scripts_n;
	page->comments_n = source.comments_n;
}
