#include "core/compress/codec.h"

#include "core/compress/build/build.h"
#include "core/compress/code/code.h"
#include "core/compress/diff/diff.h"
#include "core/compress/grid/cells.h"
#include "core/compress/grid/grid.h"
#include "core/compress/html/html.h"
#include "core/compress/http/http.h"
#include "core/compress/list/list.h"
#include "core/compress/log/log.h"
#include "core/compress/marker.h"
#include "core/compress/opaque/bytes.h"
#include "core/compress/opaque/opaque.h"
#include "core/compress/pairs/aligned.h"
#include "core/compress/pairs/records.h"
#include "core/compress/pairs/xml.h"
#include "core/compress/pairs/yaml.h"
#include "core/compress/prose/prose.h"
#include "core/compress/search/search.h"
#include "core/compress/table/table.h"

static const struct codec *const codecs[] = {
	&search_codec,
	&diff_codec,
	&table_codec,
	&grid_codec,
	&cells_codec,
	&list_codec,
	&yaml_codec,
	&xml_codec,
	&records_codec,
	&aligned_codec,
	&http_codec,
	&log_codec,
	&html_codec,
	&build_codec,
	&bytes_codec,
	&opaque_codec,
	&prose_codec,
	&code_codec,
	NULL,
};

const struct codec *codec_next(enum content_kind kind, size_t *at)
{
	while (codecs[*at]) {
		const struct codec *c = codecs[(*at)++];

		if (c->kinds & 1u << kind)
			return c;
	}
	return NULL;
}

const struct codec *codec_owner(const struct codec_in *in)
{
	size_t at = 0;

	for (const struct codec *c; in->route.n && (c = codec_next(in->kind, &at));)
		if (c->owns && c->owns(in->text))
			return c;
	return NULL;
}

const struct codec_kept *codec_kept(const struct codec_in *in, const struct codec *codec)
{
	for (unsigned i = 0; in->facts && i < in->facts->kept_n; i++)
		if (in->facts->kept[i].codec == codec)
			return &in->facts->kept[i];
	return NULL;
}

void codec_keep(const struct codec_in *in, const struct codec *codec, const void *what)
{
	struct codec_facts *f = in->facts;

	if (f && f->kept_n < CODEC_KEPT_MAX)
		f->kept[f->kept_n++] = (struct codec_kept){codec, what};
}

static const str original = {"; original: ", 12};

/* The codec whose word a head line begins with, behind the bracket. */
static const struct codec *take_word(str *line)
{
	for (size_t i = 0; codecs[i]; i++) {
		str rest = *line;

		if (str_take(&rest, str_from(codecs[i]->word)) && str_take(&rest, STR(": "))) {
			*line = rest;
			return codecs[i];
		}
	}
	return NULL;
}

bool codec_head_parse(str line, struct codec_head *out)
{
	size_t at;

	*out = (struct codec_head){0};
	if (!str_take(&line, STR("[")) || !str_ends(line, STR("]")))
		return false;
	line.n--;
	out->codec = take_word(&line);
	if (!out->codec)
		return false;
	at = str_find(line, original);
	out->words = str_sub(line, 0, at == STR_NONE ? line.n : at);
	out->form = at == STR_NONE ? CODEC_EXACT : CODEC_ELIDED;
	if (at != STR_NONE)
		out->route = str_sub(line, at + original.n, line.n);
	return out->words.n && (out->form == CODEC_EXACT || (out->route.n && out->codec->holds));
}

void codec_head_write(struct buf *b, const struct codec_head *h)
{
	buf_add_byte(b, '[');
	buf_add_c(b, h->codec->word);
	buf_add_c(b, ": ");
	buf_add(b, h->words);
	if (h->form == CODEC_ELIDED) {
		buf_add(b, original);
		buf_add(b, h->route);
	}
	buf_add_byte(b, ']');
}

bool codec_head_find(str text, struct codec_head *out, size_t *at, size_t *end)
{
	for (size_t i = 0; i < text.n;) {
		size_t found = str_find_byte(str_sub(text, i, text.n), '['), eol;
		str line;

		if (found == STR_NONE)
			return false;
		*at = i + found;
		i = *at + 1;
		if (*at && text.p[*at - 1] != '\n')
			continue;
		eol = str_find_byte(str_sub(text, *at, text.n), '\n');
		line = str_sub(text, *at, eol == STR_NONE ? text.n : *at + eol);
		if (!codec_head_parse(line, out))
			continue;
		*end = eol == STR_NONE ? text.n : *at + eol + 1;
		return true;
	}
	return false;
}

enum { HEAD_ROOM = 64 /* of a head line without its words: more than any has */ };

bool codec_assemble(const struct codec_head *h, str before, str body, str after, struct buf *out)
{
	struct codec_head found;
	size_t at, end;

	/* What grows leaves behind what was too small. */
	(void)buf_reserve(out, before.n + h->words.n + h->route.n + HEAD_ROOM + body.n + after.n);
	buf_add(out, before);
	codec_head_write(out, h);
	buf_add_byte(out, '\n');
	buf_add(out, body);
	buf_add(out, after);
	return out->err == E_OK && codec_head_find(buf_str(out), &found, &at, &end) &&
	       at == before.n && found.codec == h->codec && !marker_in_text(before) &&
	       !marker_in_text(body) && !marker_in_text(after);
}
