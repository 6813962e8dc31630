/* tenant: several tokens of one proxy, each with a name, limits and a budget of its own (--tokens-file). What belongs to a
 * name (originals, decisions, cached answers, memories, figures) is told apart by that name and by nothing else, so that a token may
 * be changed without losing them.
 *
 * The file is TOML, a table for each name:
 *	[alice]
 *	sha256 = "64 hex digits"     or token = "..."; one, or a list of up to TENANT_TOKENS_MAX while one is changed for another
 *	budget = 5.0                 USD; with budget_period = "hourly", "daily" (the default) or "monthly"
 *	rpm = 60                     requests,
 *	tpm = 200000                 and tokens per minute
 *	project = "team-a"           of requests that name none
 *	admin = true                 may also see and change what is everybody's
 * With tokens as they are it may be read by nobody but its owner; with digests only it may be read by all, and written by its owner.
 *
 * Owns: struct tenants: the rows, and a struct tenant for each name that ever was in the file of this run; those last as long
 * as the table, so that a request may keep the pointer. Thread: any; a reload belongs to one thread at a time. */
#ifndef PROXY_TENANT_H
#define PROXY_TENANT_H

#include <stdatomic.h>

#include "core/base/arena.h"
#include "core/base/hash.h"
#include "core/store/ledger.h"
#include "proxy/budget.h"
#include "proxy/limit.h"

enum {
	TENANT_NAME_MAX =
		64, /* letters, digits, '-' and '_': it is a part of paths and a label of metrics */
	TENANT_PROJECT_MAX = 128, /* LEDGER_TEXT_MAX */
	TENANT_TOKENS_MAX = 4,    /* of one name */
	TENANT_TOKEN_MIN = 16,    /* bytes: what is shorter can be guessed, from its digest, too */
	TENANT_TOKEN_MAX = 1024,  /* as of the proxy's own (cli/proxy_conf.c) */
	/* Of a file: all digests are compared with each request's. */
	TENANTS_MAX = 1000,
	/* Names over all reloads of a run: each keeps its limits and counts. */
	TENANTS_EVER_MAX = 4096,
	TENANTS_FILE_MAX = 1 << 20,
};

/* A row of the file. */
struct tenant_row {
	str name, project; /* project may be empty */
	unsigned char tokens[TENANT_TOKENS_MAX][SHA256_BYTES];
	size_t tokens_n;
	uint32_t line;
	bool is_admin;
	struct limit_conf limit;
	struct budget_conf budget;
};
struct tenant_rows {
	struct tenant_row *v;
	size_t n;
	bool has_secrets; /* a token stands there as it is */
};
/* The text of a file; rows live in the arena and lead into the text. E_CONFIG with the line and what to do. */
enum err tenant_rows_read(
	struct arena *a, str text, struct tenant_rows *out, struct errctx *cx) MUST_CHECK;

struct spend;

/* What a name has done in this run. */
struct tenant_counts {
	_Atomic uint64_t requests, refused, tokens_in, tokens_out;
	_Atomic int64_t tokens_saved, cost_nano, saved_nano;
};

struct tenant {
	char name[TENANT_NAME_MAX + 1];
	struct hash128 key; /* of its buckets */
	struct limit *limit;
	struct budget *budget;
	struct spend *_Atomic spend; /* with other proxies: shared_spend_of(), which owns it */
	_Atomic bool has_budget;
	_Atomic bool is_there; /* false: it is in the file no more */
	struct tenant_counts counts;
};

/* What a token stands for. */
struct tenant_pass {
	struct tenant *tenant; /* NULL: no such token */
	bool is_admin;
	str project; /* in the arena that tenants_find was given */
};

struct tenants;

/* Reads the file. file and clock (NULL: the system's) must outlive it. E_CONFIG: the file cannot be used; E_NOMEM. */
enum err tenants_open(const char *file, const struct clock *clock, struct tenants **out,
	struct errctx *cx) MUST_CHECK;
void tenants_free(struct tenants *t); /* NULL is allowed */

/* Reads the file anew. Names stay who they are; on an error all stays as it was. */
enum err tenants_reload(struct tenants *t, struct errctx *cx) MUST_CHECK;
/* Is the file another one than the one that was read, or tried, last? Looks at its inode, size and times. */
bool tenants_is_changed(struct tenants *t) MUST_CHECK;

/* Whose token has this digest. All rows are compared in a time that depends on how many there are alone. t may be NULL. */
struct tenant_pass tenants_find(
	struct tenants *t, const unsigned char sha[SHA256_BYTES], struct arena *a);

/* All names that ever were there, oldest first; calls come under no lock. */
typedef void tenant_fn(void *self, struct tenant *t);
void tenants_each(struct tenants *t, tenant_fn *fn, void *self);
size_t tenants_n(struct tenants *t); /* that are in the file now */

/* Takes in what the ledger has of the present periods: of before this process, and of others that write there. What
 * cannot be read is left for the next time. */
void tenants_sync(struct tenants *t, struct store *s);

/* The answer to a request has ended. */
void tenant_count(struct tenant *t, const struct ledger_row *row);

#endif
