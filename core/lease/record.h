/* record: what a running proxy says of itself to other processes of its user. The same line of JSON stands in its file
 * WORKSPACE/run/proxy-PORT.json and is the first thing that its control socket says to whoever connects, as the only
 * line. Without the members of a running process it is what `headroom proxy --print-config` prints.
 *
 *	{"schema":"headroom.lease/1","pid":123,"start_time":4567,"uid":1000,"network":4026531840,"version":"0.2.0",
 *	 "nonce":"<32 hexadecimal digits>","digest":"<64 of them>","url":"http://127.0.0.1:8787","socket":"/.../proxy-8787.sock",
 *	 "idle_exit_ms":30000,"leases":2,"settings":{"mode":"token",...},"given":["mode"]}
 *
 * The control socket: connecting is taking a lease, closing is letting go, and so is saying anything but this: the line
 * "stop" asks the proxy to make way. When nobody else has a lease, the answer is the line "stopping", and the connection
 * ends with the process; else it is "shared", and the connection ends. All others end when the proxy begins to take no
 * more requests.
 *
 * Owns: nothing; what is parsed lives in the arena. Thread: any. */
#ifndef CORE_LEASE_RECORD_H
#define CORE_LEASE_RECORD_H

#include "core/base/buf.h"

#define LEASE_STOP     "stop\n"
#define LEASE_STOPPING "stopping\n"
#define LEASE_SHARED   "shared\n"

enum {
	LEASE_NONCE_LEN = 32,
	LEASE_DIGEST_LEN = 64,
	LEASE_RECORD_MAX = 64 << 10, /* a hundred settings, of which lists may be long */
	LEASE_SETTINGS_MAX = 256,
};

/* An option of the proxy that may make a difference to those who share it. */
struct lease_setting {
	str name, value; /* "mode", "token": as on a command line */
	bool is_given;   /* on the line or by a variable: who says so means it */
};

struct lease_record {
	int64_t pid;         /* 0: of no process */
	uint64_t start_time; /* core/lease/process.h */
	int64_t uid;
	uint64_t network; /* core/lease/process.h */
	str version, nonce, url, socket;
	/* Over all that decides where requests and their credentials go, and who may send them: equal or not to be shared. */
	str digest;
	int64_t idle_exit_ms; /* 0: never */
	int64_t leases;       /* with the reader's */
	const struct lease_setting *settings;
	size_t settings_n;
};

/* Appends the line with its newline. */
void lease_record_write(const struct lease_record *r, struct buf *out);

/* E_MALFORMED: no such line. Members of later versions are passed over; what is missing is 0 or empty, but for digest and
 * settings, which must be there. */
enum err lease_record_parse(
	str line, struct arena *a, struct lease_record *out, struct errctx *cx) MUST_CHECK;

/* Whether who wants `want` may use the proxy `have`: the digest is the same, and every setting that want gives is
 * as have has it. Otherwise *why (may be NULL) is the name of the setting, or empty for the digest. */
bool lease_record_suits(
	const struct lease_record *have, const struct lease_record *want, str *why) MUST_CHECK;

/* The port of its URL; 0: it has none. */
uint16_t lease_record_port(const struct lease_record *r);

#endif
