/* service: a proxy that its machine starts, as the text that each supervisor wants: a unit of systemd's user manager, a property
 * list of launchd, a line of cron. Pure functions of what they are given; nothing is read, written or started here.
 * Owns: nothing. Thread: any. */
#ifndef WRAP_SERVICE_H
#define WRAP_SERVICE_H

#include "core/base/buf.h"

enum service_kind { SERVICE_SYSTEMD, SERVICE_LAUNCHD, SERVICE_CRON, SERVICE_KINDS };

const char *service_kind_name(enum service_kind k) RETURNS_NONNULL; /* "systemd"; static */
/* False: no such name. */
bool service_kind_find(str name, enum service_kind *out) MUST_CHECK;

struct service {
	const char *profile;
	const char *exe;                /* absolute */
	const char *workspace, *config; /* directories, absolute */
	const char
		*env_file; /* NAME=value lines, may be missing: secrets are put there by the user */
	const char *log_file;    /* where the supervisor keeps none itself */
	const char *const *args; /* of the program, without its name */
	size_t args_n;
};

/* Letters, digits, '.', '_' and '-', at most 64, and neither "." nor "..": it names files. */
bool service_profile_is_valid(str profile) PURE;

/* Appends the text. E_UNSUPPORTED: a path or an argument holds a control character, which none of the three can spell. */
enum err service_text(const struct service *s, enum service_kind kind, struct buf *out,
	struct errctx *cx) MUST_CHECK;

/* text as a word of a POSIX shell, of fish where is_fish: within single quotes. */
void service_add_quoted(struct buf *b, str text, bool is_fish);

#endif
