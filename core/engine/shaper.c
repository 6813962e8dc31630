#include "core/engine/shaper.h"

#include "core/base/limits.h"
#include "core/engine/offer.h"
#include "core/engine/use.h"
#include "core/store/rendering.h"

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

/* The last text of the system prompt that the conversation begins with; NULL: there is none. */
static const struct wire_block *system_of(const struct wire_doc *doc)
{
	const struct wire_block *last = NULL;

	for (uint32_t i = 0; i < doc->n && doc->blocks[i].role == WIRE_SYSTEM; i++)
		if (doc->blocks[i].kind == WIRE_TEXT)
			last = &doc->blocks[i];
	return last;
}

/* What a stored decision says; anything else than a level is none. */
static unsigned level_in(const struct rendering *r, str text)
{
	if (!r->is_changed || text.n != 1 || *text.p < '1' || *text.p > '0' + SHAPER_LEVEL_MAX)
		return 0;
	return (unsigned)(*text.p - '0');
}

static unsigned decide(struct pass *p, struct hash128 key)
{
	struct rendering r = {.is_changed = true, .label = "shaper"};
	struct buf *winner = &p->worker->heap;
	char level = (char)('0' + p->conf->verbosity_level);
	bool was_there;

	buf_reset(winner);
	if (rendering_put_unseen(p->store, key, &r, (str){&level, 1}, winner, &was_there, NULL))
		return 0;
	*vec_push(&p->put, &p->result->arena) = key;
	use_decision(p, key, "");
	return was_there ? level_in(&r, buf_str(winner)) : p->conf->verbosity_level;
}

/* A conversation that is seen in its middle, without a decision, may have a warm prefix without a note. */
static unsigned find_level(struct pass *p)
{
	struct buf *text = &p->worker->heap;
	struct rendering r;
	bool is_first;
	struct hash128 key = offer_key(p->doc, p->start, STR("shapes output"), &is_first);
	enum err err;

	if (!p->store) /* whoever keeps nothing does the same with every request */
		return p->conf->verbosity_level;
	buf_reset(text);
	err = rendering_get(p->store, key, &r, text, NULL);
	if (err == E_NOT_FOUND)
		return is_first ? decide(p, key) : 0;
	if (err)
		return 0;
	if (r.is_unsettled)
		*vec_push(&p->put, &p->result->arena) = key;
	use_decision(p, key, "");
	return level_in(&r, buf_str(text));
}

void shaper_add(struct pass *p, own_edits *edits)
{
	struct shaper_state *s = conversation_shaper(p->conversation);
	const struct wire_block *block = system_of(p->doc);
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
