#include "core/engine/sessions.h"

#include "core/base/hash.h"

/* Memory of one conversation: some ten megabytes of tool results. */
#define SESSION_BYTES_MAX ((size_t)64 << 20)

void sessions_forget(struct sessions *s, struct session_slot *slot)
{
	(void)s;
	conversation_free(slot->conversation);
	conversation_free(slot->check);
	*slot = (struct session_slot){0};
}

static struct session_slot *find_slot(struct sessions *s, uint64_t key)
{
	struct session_slot *oldest = &s->slots[0];

	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		struct session_slot *x = &s->slots[i];

		if (x->conversation && x->key == key)
			return x;
		if (x->used_at < oldest->used_at)
			oldest = x;
	}
	return oldest;
}

struct session_slot *sessions_get(struct sessions *s, str name, bool starts_anew,
	const struct compress_conf *conf, bool has_check)
{
	uint64_t key = hash64(name);
	struct session_slot *slot = find_slot(s, key);

	if (slot->conversation &&
		(slot->key != key || starts_anew ||
			conversation_bytes(slot->conversation) > SESSION_BYTES_MAX))
		sessions_forget(s, slot);
	if (!slot->conversation) {
		slot->conversation = compress_conversation_new(conf);
		slot->check = has_check ? compress_conversation_new(conf) : NULL;
		if (!slot->conversation || (has_check && !slot->check)) {
			sessions_forget(s, slot);
			return NULL;
		}
	}
	slot->key = key;
	slot->used_at = ++s->used_n;
	return slot;
}

void sessions_release(struct sessions *s)
{
	for (size_t i = 0; i < SESSIONS_MAX; i++)
		sessions_forget(s, &s->slots[i]);
}
