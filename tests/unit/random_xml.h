/* random_xml: XML as programs write it, and sometimes as people do, made of a seed and nothing else. For property tests and
 * measurements. */
#ifndef TESTS_UNIT_RANDOM_XML_H
#define TESTS_UNIT_RANDOM_XML_H

#include "tests/unit/random_text.h"

struct xml_maker {
	struct rng *r;
	struct buf *b;
	unsigned step; /* blanks of an element in another; FLAT: no white space */
	bool is_tame;
	unsigned left; /* elements that may still be made */
};

enum { XML_FLAT = 99, XML_TAB = 100 };

static inline void xml_gap(struct xml_maker *m, unsigned depth)
{
	if (m->step == XML_FLAT)
		return;
	buf_add_byte(m->b, '\n');
	if (!m->is_tame && rng_once_in(m->r, 60))
		buf_add_c(m->b, RNG_PICK(m->r, ((const char *const[]){" ", "\n", "\t"})));
	for (unsigned i = 0; i < depth; i++)
		buf_printf(m->b, "%*s", m->step == XML_TAB ? 0 : (int)m->step,
			m->step == XML_TAB ? "\t" : "");
}

static inline void xml_text(struct xml_maker *m)
{
	static const char *const tame[] = {"web", "true", "80", "null", "10.0.0.1", "Running", "",
		"2026-01-02T10:00:00Z", "a &amp; b", "12.50"},
				 *const odd[] = {" x", "a\nb", "<b>bold</b> words", "\t",
					 "[lines 1-3]", "<![CDATA[a <b> c]]>", "1e3", "01",
					 "\xc3\xa4", "{a}", "\"q\"", "<!-- note --> x", "=x", "^",
					 "*1", "- -", "x <i/> y", "$1"};

	buf_add_c(m->b,
		m->is_tame || !rng_once_in(m->r, 4) ? RNG_PICK(m->r, tame) : RNG_PICK(m->r, odd));
}

static inline void xml_element(struct xml_maker *m, const char *name, unsigned depth)
{
	static const char *const names[] = {
		"id", "name", "state", "item", "ns:size", "Key", "entry", "x-y", "_z"};
	unsigned kind = rng_below(m->r, m->is_tame ? 12 : 14), n = 1 + rng_below(m->r, 5);

	if (m->left)
		m->left--;
	buf_printf(m->b, "<%s", name);
	for (unsigned i = rng_below(m->r, m->is_tame ? 2 : 4); i; i--)
		buf_printf(m->b, " %s%u=\"%s%u\"", RNG_PICK(m->r, names), i,
			RNG_PICK(m->r, text_words), rng_below(m->r, 9));
	if (kind < 2) {
		buf_add_c(m->b, !m->is_tame && rng_once_in(m->r, 9) ? " />" : "/>");
		return;
	}
	buf_add_byte(m->b, '>');
	if (kind < 6 || depth > 5 || !m->left) {
		xml_text(m);
	} else if (kind == 13) {
		buf_add_c(m->b, "words ");
		xml_element(m, "em", depth + 1);
		buf_add_c(m->b, " more");
	} else {
		const char *child = RNG_PICK(m->r, names);

		for (; n; n--) {
			if (!rng_once_in(m->r, 3))
				child = RNG_PICK(m->r, names);
			xml_gap(m, depth + 1);
			if (rng_once_in(m->r, 30))
				buf_add_c(m->b, "<!-- a note -->");
			else
				xml_element(m, child, depth + 1);
		}
		xml_gap(m, depth);
	}
	buf_printf(m->b, "</%s>", name);
}

/* Rows that are alike, as lists have them. */
static inline void xml_rows(struct xml_maker *m)
{
	unsigned rows = rng_once_in(m->r, 8) ? 60 + rng_below(m->r, 60) : 1 + rng_below(m->r, 9);

	for (unsigned i = 0; i < rows; i++) {
		xml_gap(m, 1);
		buf_add_c(m->b, "<row>");
		xml_gap(m, 2);
		buf_printf(m->b, "<key>%s-%u</key>", RNG_PICK(m->r, text_words), i);
		xml_gap(m, 2);
		buf_printf(m->b, "<size>%u</size>", rng_below(m->r, 9000));
		xml_gap(m, 2);
		buf_printf(m->b, "<owner id=\"%u\">%s</owner>", rng_below(m->r, 3),
			RNG_PICK(m->r, text_words));
		xml_gap(m, 1);
		buf_add_c(m->b, "</row>");
	}
}

static inline void add_random_xml(struct rng *r, struct buf *b)
{
	static const unsigned steps[] = {2, 2, 4, XML_FLAT, 0, 1, XML_TAB, 8};
	struct xml_maker m = {.r = r,
		.b = b,
		.step = steps[rng_below(r, ARRAY_N(steps))],
		.is_tame = !rng_once_in(r, 3),
		.left = 40};

	if (rng_once_in(r, 2))
		buf_add_c(b, rng_once_in(r, 3) ? "<?xml version=\"1.0\"?>"
					       : "<?xml version=\"1.0\"?>\n");
	if (rng_once_in(r, 5))
		buf_add_c(b, "<!-- first -->\n");
	if (rng_once_in(r, 3)) {
		xml_element(&m, "root", 0);
	} else {
		buf_add_c(b, "<rows>");
		xml_rows(&m);
		if (rng_once_in(r, 3)) {
			xml_gap(&m, 1);
			xml_element(&m, "more", 1);
			xml_rows(&m);
		}
		xml_gap(&m, 0);
		buf_add_c(b, "</rows>");
	}
	if (rng_once_in(r, 2))
		buf_add_byte(b, '\n');
	if (rng_once_in(r, 9))
		buf_add_c(b, "that was it\n");
}

#endif
