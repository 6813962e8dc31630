/* confine: what this process may do from here on, so that whoever finds a hole in it gets no further than it: files by Landlock
 * (landlock(7)), system calls by a filter (seccomp(2)). Both hold for the threads that start after it, and cannot be taken back.
 * Owns: nothing. Thread: the main one, before any other has started. */
#ifndef PROXY_CONFINE_H
#define PROXY_CONFINE_H

#include "proxy/proxy.h"

/* No file of the process's memory is written when it crashes, in any case. Then, as conf->confine says: reads what a proxy needs
 * of the system and what the configuration names, writes where store, figures, log and memories are, starts no program.
 * CONFINE_ON: E_UNSUPPORTED where the kernel has not both; CONFINE_AUTO: then the log says so, and what there is holds. */
enum err proxy_confine(const struct proxy_conf *conf, struct errctx *cx) MUST_CHECK;

#endif
