/* run_dir: the directory where proxies of one user and those who look for one meet: WORKSPACE/run (0700), with three files for
 * each port:
 *
 *	proxy-PORT.json   who is there (core/lease/record.h)
 *	proxy-PORT.sock   its control socket (0600)
 *	proxy-PORT.lock   flock(2) of whoever looks for a proxy at this port and starts one when there is none. Stays.
 *
 * The first two are made by the proxy while it has the TCP port, which is what keeps two from doing so at once, and
 * taken away before it gives the port back. A proxy that was killed leaves them; the next one replaces them, and whoever finds
 * them takes them away (run_dir_clean).
 *
 * Owns: nothing; paths are the caller's. Thread: any. */
#ifndef CORE_LEASE_RUN_DIR_H
#define CORE_LEASE_RUN_DIR_H

#include <limits.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/err.h"

struct run_dir {
	char path[PATH_MAX - 64]; /* so that the names of its files fit behind it */
};

enum run_file { RUN_JSON, RUN_SOCK, RUN_LOCK };

/* Makes it when it is not there, and takes it from others when they have rights to it. E_PERMISSION: it is another
 * user's; E_CANT_CREATE, E_IO and so on: it cannot be made. */
enum err run_dir_open(const char *workspace, struct run_dir *out, struct errctx *cx) MUST_CHECK;

/* Where it is, or would be; makes nothing. False: the path is too long. */
bool run_dir_name(const char *workspace, struct run_dir *out) MUST_CHECK;

void run_dir_file(const struct run_dir *d, uint16_t port, enum run_file which, char out[PATH_MAX]);

/* The ports that have a file of this kind, in order, at most max. */
size_t run_dir_ports(const struct run_dir *d, enum run_file which, uint16_t *out, size_t max);

/* Takes the lock of the port: *fd is closed to give it back. is_waiting: waits for whoever has it, who gives it
 * back within the time that a proxy may take to start; else E_BUSY. */
enum err run_dir_lock(const struct run_dir *d, uint16_t port, bool is_waiting, int *fd,
	struct errctx *cx) MUST_CHECK;

/* The file of the port: who says to be there. E_NOT_FOUND; E_MALFORMED. */
struct lease_record;
enum err run_dir_read(const struct run_dir *d, uint16_t port, struct arena *a,
	struct lease_record *out, struct errctx *cx) MUST_CHECK;

/* A listening control socket of the port and its file, over what is there. Only for who has the port. record: the line,
 * with its newline. */
enum err run_dir_publish(const struct run_dir *d, uint16_t port, str record, int *listen_fd,
	struct errctx *cx) MUST_CHECK;
/* Takes both away. Only for who still has the port. */
void run_dir_withdraw(const struct run_dir *d, uint16_t port);
/* Takes away what a dead proxy left at the port; leaves what may be alive. For who has the lock of the port. */
void run_dir_clean(const struct run_dir *d, uint16_t port);

/* A connection to the control socket of the port, whose peer is this user. E_NOT_FOUND: there is none that listens;
 * E_PERMISSION: somebody else does. */
enum err run_dir_connect(
	const struct run_dir *d, uint16_t port, int *fd, struct errctx *cx) MUST_CHECK;

#endif
