/* user: who the process is from here on: started by root, because of a port below 1024 or a file that root alone may read, it becomes
 * somebody who may do less, and cannot come back.
 * Owns: nothing. Thread: the main one, before any other has started. */
#ifndef PROXY_USER_H
#define PROXY_USER_H

#include "proxy/proxy.h"

/* Becomes conf->user, with that one's groups and no others; nothing to do when that is who it is. The environment, and with it all places, stays.
 * E_CONFIG: there is no such user, it is root, or it may not use what conf names, where later files would be looked for in vain: with the
 * file. E_PERMISSION: only root can become another one. E_UNAVAILABLE: the system does not do it, or not for good. */
enum err proxy_become_user(const struct proxy_conf *conf, struct errctx *cx) MUST_CHECK;

#endif
