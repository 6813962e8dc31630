/* html: the codec of pages. What a reader sees of it as Markdown: tags, scripts, styles and comments go, and so do menus, footers
 * and other short or linked texts beside the page's subject:
 *	[html: text of the page, where its links lead once at the end; 34 texts beside it, 12 scripts and all tags left out; original: headroom retrieve 3f0a]
 *	# Title
 * Elided only. Thread: any; pure functions, all memory is the caller's arena. */
#ifndef CORE_COMPRESS_HTML_HTML_H
#define CORE_COMPRESS_HTML_HTML_H

#include "core/compress/codec.h"

extern const struct codec html_codec;

#endif
