#include "core/engine/use.h"

#include "core/compress/codec.h"
#include "core/store/original.h"
#include "core/store/rendering.h"

void use_decision(struct pass *p, struct hash128 key, const char *original)
{
	struct need n = {.has_key = true, .key = key};

	if (!p->store)
		return;
	memcpy(n.original, original, strnlen(original, sizeof n.original - 1));
	conversation_add_need(p->conversation, &n);
}

void use_marker(struct pass *p, str text)
{
	struct need n = {0};
	struct codec_head head;
	size_t at, end;
	str key;

	if (!p->store || !codec_head_find(text, &head, &at, &end) || head.form != CODEC_ELIDED)
		return;
	at = str_rfind_byte(head.route, ' ');
	key = at == STR_NONE ? head.route : str_sub(head.route, at + 1, head.route.n);
	if (key.n != ORIGINAL_KEY_LEN)
		return;
	memcpy(n.original, key.p, key.n);
	original_use(p->store, key);
	conversation_add_need(p->conversation, &n);
}

void use_renew(struct pass *p)
{
	struct conversation *c = p->conversation;
	const struct need *needs;
	size_t n;

	if (!p->store || !conversation_renews(c, p->now_ms, store_touch_every_ms(p->store)))
		return;
	needs = conversation_needs(c, &n);
	for (size_t i = 0; i < n; i++) {
		if (needs[i].has_key)
			rendering_use(p->store, needs[i].key, str_from(needs[i].original));
		else
			original_use(p->store, str_from(needs[i].original));
	}
}
