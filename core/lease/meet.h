/* meet: the other side of a control socket (core/lease/record.h). Owns: nothing; descriptors are handed out.
 * Thread: any, one arena each; waits for the proxy. */
#ifndef CORE_LEASE_MEET_H
#define CORE_LEASE_MEET_H

#include "core/lease/record.h"
#include "core/lease/run_dir.h"

/* Takes a lease on who is said to be at the port. text is a heap buffer of at least LEASE_RECORD_MAX for what it says.
 * E_NOT_FOUND: nobody, or one that ends. E_TIMEOUT: it does not say who it is in time; E_VERIFY: it is not the one that the
 * file names, or is in another network, where the same address is another one: then *out is what the file says. *fd is
 * -1 unless E_OK. */
enum err lease_meet(const struct run_dir *d, uint16_t port, struct buf *text, struct arena *a,
	int *fd, struct lease_record *out) MUST_CHECK;

/* Appends a line from a proxy, with its newline, to out. E_TIMEOUT; E_NOT_FOUND: the connection ended before. */
enum err lease_hear(int fd, int64_t timeout_ms, struct buf *out, struct errctx *cx) MUST_CHECK;

#endif
