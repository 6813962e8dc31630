#include "cli/cli.h"
#include "cli/cmds.h"
#include "version.h"

enum { TEXT_MAX = 4096 };

struct version_args {
	bool is_json, features;
};

/* What this binary was built with, for bug reports. */
struct feature {
	const char *name, *value;
};

#if defined(__clang__)
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZER "address"
#elif defined(__SANITIZE_THREAD__)
#define SANITIZER "thread"
#else
#define SANITIZER "none"
#endif

static const struct feature features[] = {
	{"compiler", COMPILER},
	{"machine", __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? "little-endian" : "big-endian"},
	{"sanitizer", SANITIZER},
};

enum err version_print(struct errctx *cx)
{
	return out_print(STR("headroom " HEADROOM_VERSION "\n"), cx);
}

static void add_json(struct buf *b)
{
	buf_add_c(b, "{\"schema\":\"headroom.version/1\",\"version\":\"" HEADROOM_VERSION
		     "\",\"features\":{");
	for (size_t i = 0; i < ARRAY_N(features); i++) {
		buf_add_c(b, i ? "," : "");
		buf_add_json_string(b, str_from(features[i].name));
		buf_add_byte(b, ':');
		buf_add_json_string(b, str_from(features[i].value));
	}
	buf_add_c(b, "}}\n");
}

static enum err run(struct cli *cli, const void *args, struct errctx *cx)
{
	const struct version_args *v = args;
	struct buf b;

	if (!v->is_json && !v->features)
		return version_print(cx);
	buf_init_arena(&b, &cli->arena, TEXT_MAX);
	if (v->is_json)
		add_json(&b);
	else
		for (size_t i = 0; i < ARRAY_N(features); i++)
			buf_printf(&b, "%-12s %s\n", features[i].name, features[i].value);
	return out_print(buf_str(&b), cx);
}

static const struct opt opts[] = {
	{.name = "json",
		.type = OPT_FLAG,
		.help = "Print one JSON object, schema headroom.version/1.",
		.off = offsetof(struct version_args, is_json)},
	{.name = "features",
		.type = OPT_FLAG,
		.help = "Say what this binary was built with.",
		.off = offsetof(struct version_args, features)},
};

static const struct cmd_example examples[] = {
	{.line = "headroom version", .what = "Print the version."},
	{.line = "headroom version --json",
		.what = "The same for a program, with what the binary was built with."},
};

const struct cmd cmd_version = {
	.name = "version",
	.summary = "print the version",
	.about = "Prints the name and the version of the program.",
	CMD_OPTS(opts),
	.args_size = sizeof(struct version_args),
	CMD_EXAMPLES(examples),
	.flags = CMD_NO_SETTINGS,
	.run = run,
};
