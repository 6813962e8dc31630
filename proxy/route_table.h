/* route_table: what is known of paths, as data: our own endpoints, other spellings, the providers' paths.
 * Owns: nothing; all of it is constant. Thread: any. */
#ifndef PROXY_ROUTE_TABLE_H
#define PROXY_ROUTE_TABLE_H

#include "proxy/route.h"

/* An endpoint of ours. */
struct own_row {
	str path; /* exact, or ending in a '*' for one name */
	enum own_endpoint own;
	const char *allow;
	const char *endpoint;
	bool is_loopback_only, is_open;
};

enum row_flags {
	ROW_FREE = 1,      /* never rate limited: it costs nothing */
	ROW_STREAM = 2,    /* the answer is a stream */
	ROW_MODEL = 4,     /* the last '*' is the model */
	ROW_ENVELOPED = 8, /* struct route.is_enveloped */
	ROW_CHATGPT = 16,  /* with a ChatGPT login it goes there */
};

/* In place of an upstream: whose credentials are they? */
#define BY_CREDENTIALS UPSTREAM_N

/* Paths of a provider. kind is that of a POST; other methods pass. */
struct route_row {
	str pattern; /* path_match() */
	enum route_kind kind;
	enum upstream upstream;
	enum wire_format format; /* PASS: in whose words errors are put, when not the upstream's */
	const char *endpoint;
	unsigned flags;
};

/* The endpoint of ours at exactly this path, and the name in it; NULL when there is none. */
const struct own_row *own_row_find(str path, str *arg);
/* The first row that matches, and what its last '*' stands for; NULL when the path is not known. */
const struct route_row *route_row_find(str path, str *star);
/* Where the path is another spelling of one that is known: it as the tables have it, put together in the
 * arena. Else as it is. */
str route_alias(str path, struct arena *a);

#endif
