/* figures: what commands that report figures share: times on the command line, the ledger that they read, shares. Thread: the main
 * thread. */
#ifndef CLI_FIGURES_H
#define CLI_FIGURES_H

#include "cli/cli.h"
#include "core/store/ledger.h"

/* The time that an option says: a date (2026-06-01: its beginning in UTC), a time (RFC 3339), or how long before now (7d). *out is
 * untouched when text is empty. E_USAGE, naming the option. */
enum err figures_time(
	struct cli *cli, const char *option, str text, int64_t *out, struct errctx *cx) MUST_CHECK;

/* The store, to read; path NULL: that of the workspace. E_NOT_FOUND says that nothing was recorded yet. Close it. */
enum err figures_open(
	struct cli *cli, const char *path, struct store **out, struct errctx *cx) MUST_CHECK;

double figures_usd(int64_t nano);
/* Percent; 0 when whole is not above 0. */
double figures_percent(double part, double whole);

/* The two shares that are ever named, in percent, both net: tokens that were not sent, of all that the clients sent; and money that was
 * not spent, of the bill as it would have been. */
double figures_of_input(const struct ledger_sum *s);
double figures_of_bill(const struct ledger_sum *s);

#endif
