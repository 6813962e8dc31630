/* peer: decisions and originals of a store in the shared Redis: core/store/peer.h over core/share/link.h. The keys:
 * docs/shared-store.md. Owns: nothing. Thread: any. */
#ifndef CORE_SHARE_PEER_H
#define CORE_SHARE_PEER_H

#include "core/share/link.h"
#include "core/store/peer.h"

/* Seconds that a decision or an original stays there without being used. A provider's prompt cache is gone after an hour;
 * a conversation that is taken up again within the week finds what was sent. The stores of the machines keep
 * what they have for longer. */
enum { SHARE_KEEP_S = 7 * 24 * 3600 };

/* Over this link, which must outlive it. */
struct store_peer share_peer(struct share *s);

#endif
