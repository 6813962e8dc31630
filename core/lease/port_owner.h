/* port_owner: who holds a TCP port of this machine, for the message that a port is taken and to be sure whom a
 * signal goes to. Reads /proc (proc(5): net/tcp, net/tcp6, PID/fd, PID/comm): only processes that we may look into are
 * found, which are those of the same user, and none in another container. Sends nothing to anybody.
 * Owns: nothing. Thread: any; blocks, so not on a loop that serves. */
#ifndef CORE_LEASE_PORT_OWNER_H
#define CORE_LEASE_PORT_OWNER_H

#include <stdint.h>
#include <sys/types.h>

#include "core/base/err.h"
#include "core/base/str.h"

enum { PORT_OWNER_NAME = 32 };
struct port_owner {
	pid_t pid;
	char name[PORT_OWNER_NAME]; /* of the program; printable */
};

/* False when nobody listens there, or nobody that we may look into. pid: only this one; 0: any. */
bool port_owner_find(uint16_t port, pid_t pid, struct port_owner *out) MUST_CHECK;

/* Whether all sockets that listen at the port, at least one, are those of user uid. What such a process is told, that user has
 * anyway. */
bool port_owner_is_user(uint16_t port, uid_t uid) MUST_CHECK;

/* The inode of the socket when the line of /proc/net/tcp is one that listens at port; 0 otherwise. */
uint64_t port_owner_inode(str line, uint16_t port);

#endif
