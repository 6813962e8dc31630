/* block: a page as its blocks of text, in order, each as a reader sees it, and what is known of where it stood.
 * Thread: any; all memory is the caller's arena. */
#ifndef CORE_COMPRESS_HTML_BLOCK_H
#define CORE_COMPRESS_HTML_BLOCK_H

#include "core/base/buf.h"
#include "core/base/vec.h"

struct html_block {
	str text; /* Markdown: "# " before a heading, "- " an item; no line end at its end */
	uint32_t words, link_words;
	bool is_heading;
	bool is_beside; /* in what by its element, role, class or id is a menu, a footer, hidden ..., and has not much of the page */
	bool is_main;   /* in the page's main part or an article */
	bool is_pre;    /* code: as it was */
};

struct html_link {
	uint32_t block;    /* in which it stands */
	str text, address; /* as a reader sees them */
};

struct html_page {
	VEC(struct html_link) links; /* in order; those that lead out of the page */
	VEC(struct html_block) blocks;
	size_t scripts_n, comments_n;
	bool has_main;
};

void html_read(str text, struct arena *a, struct html_page *page);

#endif
