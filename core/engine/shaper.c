#include "core/engine/shaper.h"

#include "core/base/limits.h"
#include "core/engine/offer.h"

/* Each level says what those before it do, too. Nothing here needs an escape in JSON. */
static const char *const levels[SHAPER_LEVEL_MAX] = {
	"Answer without introductions, and do not sum up at the end what was just said or done.",
	" Do not repeat code, file contents or output of tools that stand in this conversation; "
	"name them.",
	" Between calls of tools say at most one sentence.",
	" Use as few words as a complete answer needs; headings and lists only where they were "
	"asked for.",
};

#define NOTE_BEGIN "\\n\\n<headroom_output_shaping>\\n"
#define NOTE_END                                                                           \
	" Code, commands, edits, error messages, warnings and whatever the user asks for " \
	"in full are never shortened.\\n</headroom_output_shaping>"

static str note_of(unsigned level, struct arena *a)
{
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	buf_add_c(&b, NOTE_BEGIN);
	for (unsigned i = 0; i < level; i++)
		buf_add_c(&b, levels[i]);
	buf_add_c(&b, NOTE_END);
	return buf_str(&b);
}

bool shaper_is_note(str text)
{
	for (unsigned level = 1; level <= SHAPER_LEVEL_MAX; level++) {
		str rest = text;
		bool is = str_take(&rest, STR(NOTE_BEGIN));

		for (unsigned i = 0; is && i < level; i++)
			is = str_take(&rest, str_from(levels[i]));
		if (is && str_eq(rest, STR(NOTE_END)))
			return true;
	}
	return false;
}

const struct wire_block *shaper_place(const struct wire_doc *doc)
{
	const struct wire_block *last = NULL;

	for (uint32_t i = 0; i < doc->n && doc->blocks[i].role == WIRE_SYSTEM; i++)
		if (doc->blocks[i].kind == WIRE_TEXT)
			last = &doc->blocks[i];
	return last;
}

/* A conversation that is seen in its middle, without a decision, may have a warm prefix without a note. */
static unsigned find_level(struct pass *p)
{
	char level;

	if (!offer_decision(p, STR("shapes output"), "shaper",
		    (char)('0' + p->conf->verbosity_level), &level) ||
		level < '1' || level > '0' + SHAPER_LEVEL_MAX)
		return 0;
	return (unsigned)(level - '0');
}

void shaper_add(struct pass *p, own_edits *edits)
{
	struct shaper_state *s = conversation_shaper(p->conversation);
	const struct wire_block *block = shaper_place(p->doc);
	struct compress_result *r = p->result;
	str note;

	if (!p->conf->shapes_output || p->conf->is_off || !block)
		return;
	if (!s->is_decided)
		s->level = find_level(p);
	s->is_decided = true;
	if (!s->level)
		return;
	note = note_of(s->level, &r->arena);
	/* before the quote that ends the text */
	*vec_push(edits, &r->arena) =
		(struct patch_edit){.at = {block->at.end - 1, block->at.end - 1}, .text = note};
	r->own_tokens += (uint32_t)token_count(r->model.encoding, note, p->worker->tokens);
}
