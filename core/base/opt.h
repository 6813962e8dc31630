/* opt: one table of options per command. From its rows come parsing (GNU style), environment variables,
 * configuration keys, precedence, range errors, --help, man pages, completions and `headroom config`.
 *
 * A struct opt_group binds a table to the struct that its values go to, and keeps for every option where its
 * value came from. A higher source wins whatever the order of reading: flag > environment > project file >
 * user file > default. So the line can be read first, and it may say which file to read.
 *
 * A struct errctx is always given (never NULL), for its text is the whole point of an error here.
 * Owns: nothing; values and messages live in the caller's arena or are the caller's strings (argv, environment),
 * which must outlive the group. Reads no environment and no files by itself. Thread: one at a time. */
#ifndef CORE_BASE_OPT_H
#define CORE_BASE_OPT_H

#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/err.h"
#include "core/base/toml.h"
#include "core/base/vec.h"

/* The type of an option, and of the field that .off names. */
enum opt_type {
	OPT_FLAG,     /* bool */
	OPT_COUNT,    /* int: how often it was given (-vv) */
	OPT_INT,      /* int64_t */
	OPT_DOUBLE,   /* double */
	OPT_SIZE,     /* uint64_t, bytes: 4096, 64k, 10M, 2G (powers of 1024) */
	OPT_DURATION, /* int64_t, milliseconds: 250ms, 30s, 15m, 3h, 7d, 2w, 1mo (30 days) */
	OPT_STRING,   /* str; .p is NULL when not given */
	OPT_PATH,     /* const char *; NULL when not given */
	OPT_ENUM,     /* int: .value of the choice */
	OPT_LIST,     /* struct opt_list: separated by commas, every occurrence adds */
};

enum opt_flags {
	OPT_NEGATABLE = 1, /* FLAG: --no-NAME exists */
	OPT_SAFE = 2,      /* a project's configuration file may set it */
	OPT_HIDDEN = 4,    /* works, is in no help, man page or completion */
	/* Not built yet, listed nowhere: to ask for it by line, variable or file is an error that says so.
	 * What asks for nothing is let pass: false for a flag, the very text of .def for another. */
	OPT_PLANNED = 8,
	/* STRING: a URL that may hold a password; what stands before its '@' is shown to nobody. */
	OPT_SECRET = 16,
};

struct opt_list {
	str *v;
	size_t n;
};

/* The choices of an OPT_ENUM; a row without a name ends them. */
struct opt_choice {
	const char *name;
	int value;
	bool is_alias; /* an older spelling: accepted with a note, not listed */
	const char *help;
};

/* .max of a number that has no upper limit. Ranges are doubles: exact for whole numbers up to this. */
#define OPT_NO_MAX 9007199254740992.0

struct opt {
	const char *name; /* without dashes; NULL: only the letter */
	char letter;      /* 0: only the name */
	enum opt_type type;
	unsigned flags;
	const char
		*env; /* variables, separated by blanks; the first that is set and not empty wins */
	const char *key; /* in the configuration file, "compress.mode" */
	const char *def; /* as it would be given; NULL: false, 0 or nothing */
	double min, max; /* INT, DOUBLE, SIZE, DURATION: inclusive */
	const struct opt_choice *choices;
	const char *metavar; /* FILE and DIR are completed as such */
	const char *help;    /* one short sentence with a full stop, for every listing */
	const char *more;    /* further sentences for --help and the man page; NULL */
	size_t off;          /* offsetof the field */
};

enum opt_source { OPT_FROM_DEFAULT, OPT_FROM_USER, OPT_FROM_PROJECT, OPT_FROM_ENV, OPT_FROM_LINE };

struct opt_origin {
	enum opt_source source;
	const char *name; /* file, variable, or option as it was spelled; NULL for a default */
	uint32_t line;    /* in the file */
};

struct opt_group {
	const struct opt *opts;
	size_t n;
	void *args;
	struct opt_origin *origins; /* one per option */
};

/* Something to tell the user that is no error. */
struct opt_note {
	bool is_minor; /* worth a line only with --verbose */
	str text;
};

struct opt_reader {
	struct arena *arena;
	struct opt_group
		*groups; /* looked through in this order; names are unique over all of them */
	size_t group_n;
	bool skips_planned; /* pass over what is not built yet, in variables and files */
	VEC(struct opt_note) notes;
};

/* Sets every field to its default. A default that does not parse is a defect of the table and aborts. */
void opt_group_init(
	struct opt_group *g, struct arena *a, const struct opt *opts, size_t n, void *args);

struct opt_line {
	const char **operands; /* NULL-terminated */
	size_t n;
	size_t used;    /* how many of argv were consumed */
	bool has_ended; /* the last of them is a "--" */
};

enum opt_until {
	OPT_UNTIL_END,     /* options and operands in any order, only operands behind "--" */
	OPT_UNTIL_OPERAND, /* stops before the first operand; line->n is 0 */
	/* The same, and before what is no long option of the groups: a line that goes on in other hands. */
	OPT_UNTIL_FOREIGN,
};

/* Reads argv[0..argc), which does not hold the name of the program. E_USAGE; E_UNSUPPORTED for what is
 * planned. The message begins with the option as it was spelled. */
enum err opt_read_line(struct opt_reader *r, char *const *argv, size_t argc, enum opt_until until,
	struct opt_line *line, struct errctx *cx) MUST_CHECK;
/* envp as main's: "NAME=value" strings, NULL-terminated. E_CONFIG. */
enum err opt_read_env(struct opt_reader *r, char *const *envp, struct errctx *cx) MUST_CHECK;
/* Keys of d that no group has are passed over. source: OPT_FROM_USER or OPT_FROM_PROJECT. E_CONFIG. */
enum err opt_read_config(struct opt_reader *r, const struct toml_doc *d, const char *file,
	enum opt_source source, struct errctx *cx) MUST_CHECK;

void opt_note(struct opt_reader *r, bool is_minor, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Where the present value of the option of that name came from; it must be in the group. */
const struct opt_origin *opt_origin_of(const struct opt_group *g, const char *name) RETURNS_NONNULL;

/* The variable that gives o its value: its text, and its name in *name; NULL when none is set. */
const char *opt_env_value(const struct opt *o, char *const *envp, str *name);
bool opt_has_env(const struct opt *o, str name) PURE;

static inline void *opt_field(const struct opt_group *g, const struct opt *o)
{
	return (char *)g->args + o->off;
}

#endif
