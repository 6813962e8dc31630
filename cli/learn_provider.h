/* learn_provider: a model of a provider of core/provider/provider.h, asked by its API with the user's key, at the place that a proxy of
 * this configuration would ask. Owns: nothing; texts live in the arena of the struct cli. Thread: the main thread. */
#ifndef CLI_LEARN_PROVIDER_H
#define CLI_LEARN_PROVIDER_H

#include "cli/cli.h"
#include "core/wire/wire.h"

struct learn_provider {
	const char *name; /* NULL: none */
	str model;
	enum wire_format dialect; /* Anthropic's or Chat */
	const char *url;
	const char *const *headers; /* with the key */
	size_t headers_n;
	const char *ca_file; /* NULL: the system's */
};

/* Is it PROVIDER/MODEL? One word of letters, digits and -_.:@+/ in which a name stands before the first slash: no command that
 * anybody would write, which begins with "./" or "/" when it is in no directory of PATH. */
bool learn_provider_is(str model) PURE;
/* Where and with which key. E_USAGE: no such provider, or none that is asked so; E_CONFIG: a key or an address that is not there. */
enum err learn_provider_find(
	struct cli *cli, str model, struct learn_provider *out, struct errctx *cx) MUST_CHECK;
/* Appends the text that the model answers. E_TIMEOUT, E_TOO_BIG, E_UNAVAILABLE; E_FAILED: its error, with the status; E_MALFORMED: an
 * answer without text. */
enum err learn_provider_ask(struct cli *cli, const struct learn_provider *p, str prompt,
	int64_t timeout_ms, struct buf *answer, struct errctx *cx) MUST_CHECK;

#endif
