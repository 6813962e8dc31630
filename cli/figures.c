#include "cli/figures.h"

#include "core/base/opt_value.h"

enum err figures_time(
	struct cli *cli, const char *option, str text, int64_t *out, struct errctx *cx)
{
	static const struct opt ago = {
		.name = "ago", .type = OPT_DURATION, .min = 0, .max = OPT_NO_MAX, .help = ""};
	int64_t ms;

	if (!text.n || clock_parse(text, out) ||
		clock_parse(arena_printf(&cli->arena, STR_FMT "T00:00:00Z", STR_ARG(text)), out))
		return E_OK;
	if (opt_value_parse(&cli->arena, &ago, "ago", text, &ms, cx) != E_OK)
		FAIL(cx, E_USAGE,
			"--%s: '" STR_FMT
			"' is no date (2026-06-01), time (2026-06-01T12:00:00Z) or duration (7d)",
			option, STR_ARG(text));
	*out = clock_wall_ms(NULL) - ms;
	return E_OK;
}

enum err figures_open(struct cli *cli, const char *path, struct store **out, struct errctx *cx)
{
	struct store_conf conf = {.path = path, .is_read_only = true};
	struct places places;
	enum err err;

	if (!conf.path) {
		TRY(cli_places(cli, &places, cx));
		conf.path = places.store_file;
	}
	err = store_open(&conf, out, cx);
	if (err == E_NOT_FOUND)
		FAIL(cx, E_NOT_FOUND,
			"no request was recorded yet: there is no %s; start 'headroom proxy' or "
			"'headroom wrap'",
			conf.path);
	return err;
}

double figures_usd(int64_t nano)
{
	return (double)nano / 1e9;
}

double figures_percent(double part, double whole)
{
	return whole > 0 ? 100 * part / whole : 0;
}

double figures_of_input(const struct ledger_sum *s)
{
	return figures_percent(
		(double)s->tokens_before - (double)s->tokens_after, (double)s->tokens_before);
}

double figures_of_bill(const struct ledger_sum *s)
{
	return figures_percent((double)s->saved_nano, (double)s->cost_nano + (double)s->saved_nano);
}
