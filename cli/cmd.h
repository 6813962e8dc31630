/* cmd: what a command is, and the table of them all. A command is one file, cli/cmd_NAME.c, that holds its
 * options, its words for --help and the man page, its examples and its run function; help, man pages,
 * completions and dispatch come from the table. To add a command: write the file, add one line to cmd.c.
 * All of it is constant. Thread: any. */
#ifndef CLI_CMD_H
#define CLI_CMD_H

#include "core/base/opt.h"

struct cli;

enum cmd_flags {
	CMD_HIDDEN = 1, /* works, is listed nowhere */
	/* Runs also when the configuration is broken: reads no file, and a bad variable is only a warning. */
	CMD_NO_SETTINGS = 2,
	/* The first operand names a program. Behind it, long options of the command (not the global ones, but --help and
	 * --quiet or -q) are the command's up to the first word that is none of them, or a "--"; all else is the program's. */
	CMD_RUNS_PROGRAM = 4,
};

/* What completes an operand. */
enum cmd_complete {
	COMPLETE_NOTHING,
	COMPLETE_FILE,
	COMPLETE_WORDS,   /* struct cmd's words */
	COMPLETE_COMMAND, /* names of commands */
	COMPLETE_KEY,     /* keys of the configuration file */
};

#define CMD_ANY_OPERANDS ((size_t)-1)

/* Stands in the man page and is run by a test there, in an empty directory, with a POSIX shell. */
struct cmd_example {
	const char *line;  /* as it is typed */
	const char *what;  /* one sentence */
	const char *setup; /* shell lines that make the files which line uses; NULL */
	int status;        /* the exit status that line ends with */
	bool is_server;    /* runs until it is stopped, which the test does once it listens */
};

struct cmd {
	const char *name;
	const char *summary; /* one line, a verb first, without full stop */
	/* Paragraphs between blank lines; lines that begin with two blanks are shown as they are. */
	const char *about;
	const char *operands; /* for the synopsis, "[FILE...]"; NULL: none */
	size_t operand_min, operand_max;
	enum cmd_complete complete;
	const char *const *words; /* COMPLETE_WORDS; NULL-terminated */
	const struct opt *opts;
	size_t opt_n;
	size_t args_size; /* of the struct that the options go to */
	const struct cmd_example *examples;
	size_t example_n;
	/* Subcommands, NULL-terminated. With run, too, the command runs unless its first operand names one of
	 * them; it takes no operands of its own then. */
	const struct cmd *const *subs;
	unsigned flags;
	/* args: the filled struct. An error ends the program with its exit code and, when cx has a text,
	 * that text on standard error. */
	enum err (*run)(struct cli *cli, const void *args, struct errctx *cx);
};

#define CMD_OPTS(table)     .opts = (table), .opt_n = ARRAY_N(table)
#define CMD_EXAMPLES(table) .examples = (table), .example_n = ARRAY_N(table)

extern const struct cmd *const cmd_table[]; /* NULL-terminated, in the order of listings */

const struct cmd *cmd_find(const struct cmd *const *list, str name); /* NULL when there is none */
/* Why name is no command: unknown, with the nearest name, or not built yet. Returns the error it set. */
enum err cmd_unknown(const struct cmd *const *list, str name, struct errctx *cx);

/* A command with the one that it belongs to (NULL at the top). */
struct cmd_ref {
	const struct cmd *parent, *cmd;
};
/* Every command that is not hidden, each followed by its subcommands. */
struct cmd_ref *cmd_all(struct arena *a, size_t *n) RETURNS_NONNULL;

/* "headroom config set" */
void cmd_add_name(struct buf *b, struct cmd_ref ref);

#endif
