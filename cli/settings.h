/* settings: what the environment and the configuration files say, and which of it is known. There are two
 * files: the user's (CONFIG/config.toml, or --config) and a project's (./.headroom/config.toml), which may
 * set only what is marked safe. Owns: nothing; documents live in the arena of the struct cli.
 * Thread: the main thread. */
#ifndef CLI_SETTINGS_H
#define CLI_SETTINGS_H

#include "cli/cli.h"

#define SETTINGS_PROJECT_FILE ".headroom/config.toml"

struct settings_file {
	const char *path;
	enum opt_source source;
	bool is_present;
	struct toml_doc doc; /* empty when the file is not there */
};

/* A variable that is read but sets no option. */
struct settings_variable {
	const char *name, *help;
};
extern const struct settings_variable settings_variables[]; /* ends with a NULL name */

/* The file that the user's options are in. E_CONFIG. */
enum err settings_user_path(struct cli *cli, const char **out, struct errctx *cx) MUST_CHECK;
/* Reads one file; that it is not there is no error. E_CONFIG with the name of the file. */
enum err settings_read_file(struct cli *cli, const char *path, enum opt_source source,
	struct settings_file *out, struct errctx *cx) MUST_CHECK;
/* Both files, the project's first; *n is 0 with --no-config, and 1 where no home directory is known. E_CONFIG, also when the file that --config names
 * is not there. */
enum { SETTINGS_FILES = 2 };
enum err settings_read_files(struct cli *cli, struct settings_file files[SETTINGS_FILES], size_t *n,
	struct errctx *cx) MUST_CHECK;

/* Environment and files into the groups of r, with warnings for what nobody knows. */
enum err settings_apply(struct cli *cli, struct opt_reader *r, struct errctx *cx) MUST_CHECK;
void settings_warn_variables(struct cli *cli);
/* Prints the notes of r that this run shows. */
void settings_print_notes(struct cli *cli, const struct opt_reader *r);

/* An option by its configuration key, over all commands and the global options. */
struct settings_key {
	const struct opt *opt;
	struct cmd_ref owner; /* cmd is NULL for a global option */
};
struct settings_key *settings_keys(
	struct arena *a, size_t *n) RETURNS_NONNULL; /* in order of listing */
/* E_USAGE with the nearest key. */
enum err settings_find_key(
	struct cli *cli, str key, struct settings_key *out, struct errctx *cx) MUST_CHECK;

#endif
