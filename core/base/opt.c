#include "core/base/opt.h"

#include <stdarg.h>
#include <stdio.h>

#include "core/base/check.h"
#include "core/base/opt_value.h"
#include "core/base/suggest.h"

enum { NOTE_MAX = 512 };

/* One option of one group. */
struct found {
	const struct opt *opt;
	struct opt_group *group;
	bool is_negated; /* --no-NAME */
};

/* Where reading of a command line has come to. */
struct cursor {
	char *const *argv;
	size_t argc, at;
	struct errctx *cx;
};

void opt_group_init(
	struct opt_group *g, struct arena *a, const struct opt *opts, size_t n, void *args)
{
	*g = (struct opt_group){opts, n, args, arena_array(a, struct opt_origin, n)};
	for (size_t i = 0; i < n; i++) {
		void *field = opt_field(g, &opts[i]);
		struct errctx cx = {0};

		if (opts[i].flags & OPT_PLANNED)
			continue; /* has no field */
		opt_value_clear(&opts[i], field);
		if (opts[i].def &&
			opt_value_parse(a, &opts[i], "default", str_from(opts[i].def), field, &cx))
			UNREACHABLE("the default of an option does not parse");
	}
}

const struct opt_origin *opt_origin_of(const struct opt_group *g, const char *name)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->opts[i].name && strcmp(g->opts[i].name, name) == 0)
			return &g->origins[i];
	UNREACHABLE("no option of that name");
}

void opt_note(struct opt_reader *r, bool is_minor, const char *fmt, ...)
{
	char text[NOTE_MAX];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	if ((size_t)n >= sizeof text)
		n = sizeof text - 1;
	*vec_push(&r->notes, r->arena) =
		(struct opt_note){is_minor, arena_str(r->arena, (str){text, (size_t)n})};
}

/* Makes ready for a value from that source: false when a higher one has spoken. The first value of a source
 * clears what lower ones left, so that lists do not mix. */
static bool begin_value(const struct found *f, struct opt_origin from)
{
	struct opt_origin *o = &f->group->origins[f->opt - f->group->opts];

	if (o->source > from.source)
		return false;
	if (o->source < from.source)
		opt_value_clear(f->opt, opt_field(f->group, f->opt));
	*o = from;
	return true;
}

static void note_alias(struct opt_reader *r, const struct opt *o, const char *label, str text)
{
	const struct opt_choice *c = o->type == OPT_ENUM ? opt_choice_find(o, text) : NULL;

	if (!c || !c->is_alias)
		return;
	for (const struct opt_choice *now = o->choices; now->name; now++)
		if (now->value == c->value && !now->is_alias)
			opt_note(r, true, "%s: '%s' is an old name of '%s'", label, c->name,
				now->name);
}

/* ---- command line ----------------------------------------------------------------------------- */

/* What is planned refuses every value but the one that asks for nothing. text.p is NULL when there is none. */
static enum err refuse_planned(const struct opt *o, const char *label, str text, struct errctx *cx)
{
	struct errctx ignored;
	bool is_on = true;

	if (o->type == OPT_FLAG && text.p &&
		opt_value_parse(NULL, o, label, text, &is_on, &ignored) == E_OK && !is_on)
		return E_OK;
	if (o->type == OPT_FLAG || !text.p)
		return err_set(cx, E_UNSUPPORTED, "%s is not built yet", label);
	if (o->def && str_eq_c(text, o->def))
		return E_OK;
	return err_set(cx, E_UNSUPPORTED, "%s: '" STR_FMT "' is not built yet%s%s%s", label,
		STR_ARG(text), o->def ? " (only " : "", o->def ? o->def : "", o->def ? ")" : "");
}

/* An option by its name without dashes, also as --no-NAME. */
static bool find_name(const struct opt_reader *r, str name, struct found *out)
{
	str positive = str_starts(name, STR("no-")) ? str_sub(name, 3, name.n) : STR_NULL;

	for (size_t g = 0; g < r->group_n; g++) {
		for (size_t i = 0; i < r->groups[g].n; i++) {
			const struct opt *o = &r->groups[g].opts[i];

			*out = (struct found){o, &r->groups[g], false};
			if (o->name && str_eq_c(name, o->name))
				return true;
			out->is_negated = true;
			if (o->flags & OPT_NEGATABLE && str_eq_c(positive, o->name))
				return true;
		}
	}
	return false;
}

static bool find_letter(const struct opt_reader *r, char letter, struct found *out)
{
	for (size_t g = 0; g < r->group_n; g++) {
		for (size_t i = 0; i < r->groups[g].n; i++) {
			*out = (struct found){&r->groups[g].opts[i], &r->groups[g], false};
			if (out->opt->letter == letter)
				return true;
		}
	}
	return false;
}

static enum err unknown_name(const struct opt_reader *r, str name, struct errctx *cx)
{
	bool has_no = str_starts(name, STR("no-"));
	struct suggest s = suggest_for(has_no ? str_sub(name, 3, name.n) : name);
	struct suggest whole = suggest_for(name);

	for (size_t g = 0; g < r->group_n; g++) {
		for (size_t i = 0; i < r->groups[g].n; i++) {
			const struct opt *o = &r->groups[g].opts[i];

			if (!o->name || o->flags & (OPT_HIDDEN | OPT_PLANNED))
				continue;
			suggest_offer(&whole, str_from(o->name));
			if (has_no && o->flags & OPT_NEGATABLE)
				suggest_offer(&s, str_from(o->name));
		}
	}
	if (whole.best.n)
		return err_set(cx, E_USAGE,
			"unknown option '--" STR_FMT "' (did you mean '--" STR_FMT "'?)",
			STR_ARG(name), STR_ARG(whole.best));
	if (s.best.n)
		return err_set(cx, E_USAGE,
			"unknown option '--" STR_FMT "' (did you mean '--no-" STR_FMT "'?)",
			STR_ARG(name), STR_ARG(s.best));
	return err_set(cx, E_USAGE, "unknown option '--" STR_FMT "'", STR_ARG(name));
}

/* Sets a flag or counts; the option takes no value. */
static void set_switch(const struct found *f, const char *label)
{
	void *field = opt_field(f->group, f->opt);

	if (!begin_value(f, (struct opt_origin){.source = OPT_FROM_LINE, .name = label}))
		return;
	if (f->opt->type == OPT_COUNT)
		*(int *)field += *(int *)field < 9;
	else
		*(bool *)field = !f->is_negated;
}

static enum err set_value(struct opt_reader *r, const struct found *f, const char *label,
	const char *text, struct errctx *cx)
{
	if (!begin_value(f, (struct opt_origin){.source = OPT_FROM_LINE, .name = label}))
		return E_OK;
	note_alias(r, f->opt, label, str_from(text));
	return opt_value_parse(
		r->arena, f->opt, label, str_from(text), opt_field(f->group, f->opt), cx);
}

static bool takes_value(const struct opt *o)
{
	return o->type != OPT_FLAG && o->type != OPT_COUNT;
}

/* The value that follows as an argument of its own. */
static enum err next_value(
	struct cursor *c, const struct opt *o, const char *label, const char **out)
{
	if (c->at == c->argc)
		return err_set(c->cx, E_USAGE, "%s needs a value (%s)", label, o->metavar);
	*out = c->argv[c->at++];
	return E_OK;
}

static enum err read_planned(
	struct cursor *c, const struct found *f, const char *label, const char *text)
{
	if (f->opt->type == OPT_FLAG)
		return refuse_planned(
			f->opt, label, f->is_negated ? STR("false") : STR_NULL, c->cx);
	if (!text && f->opt->def)
		TRY(next_value(c, f->opt, label, &text));
	return refuse_planned(f->opt, label, str_from(text), c->cx);
}

static enum err read_long(struct opt_reader *r, struct cursor *c)
{
	const char *arg = c->argv[c->at++], *text;
	str name = str_from(arg + 2);
	size_t eq = str_find_byte(name, '=');
	const char *label;
	struct found f;

	if (eq != STR_NONE)
		name = str_sub(name, 0, eq);
	if (!find_name(r, name, &f))
		return unknown_name(r, name, c->cx);
	label = arena_cstr(r->arena, (str){arg, name.n + 2});
	if (f.opt->flags & OPT_PLANNED)
		return read_planned(c, &f, label, eq == STR_NONE ? NULL : arg + 2 + name.n + 1);
	if (!takes_value(f.opt)) {
		if (eq != STR_NONE)
			return err_set(c->cx, E_USAGE, "%s takes no value", label);
		set_switch(&f, label);
		return E_OK;
	}
	text = arg + 2 + name.n + 1;
	if (eq == STR_NONE)
		TRY(next_value(c, f.opt, label, &text));
	return set_value(r, &f, label, text, c->cx);
}

/* -abc, -ofile, -o file */
static enum err read_letters(struct opt_reader *r, struct cursor *c)
{
	const char *arg = c->argv[c->at++], *text;

	for (const char *p = arg + 1; *p; p++) {
		const char *label = arena_cstr(r->arena, (str){(char[]){'-', *p}, 2});
		struct found f;

		if (!find_letter(r, *p, &f))
			return err_set(c->cx, E_USAGE, "unknown option '%s'%s%s%s", label,
				arg[2] ? " in '" : "", arg[2] ? arg : "", arg[2] ? "'" : "");
		if (f.opt->flags & OPT_PLANNED)
			return refuse_planned(f.opt, label, STR_NULL, c->cx);
		if (!takes_value(f.opt)) {
			set_switch(&f, label);
			continue;
		}
		text = p + 1;
		if (!*text)
			TRY(next_value(c, f.opt, label, &text));
		return set_value(r, &f, label, text, c->cx);
	}
	return E_OK;
}

/* Whether arg is one of the long options, perhaps with a value behind '='. */
static bool is_known(const struct opt_reader *r, const char *arg)
{
	struct found ignored;

	return arg[0] == '-' && arg[1] == '-' &&
	       (!arg[2] || find_name(r, (str){arg + 2, strcspn(arg + 2, "=")}, &ignored));
}

enum err opt_read_line(struct opt_reader *r, char *const *argv, size_t argc, enum opt_until until,
	struct opt_line *line, struct errctx *cx)
{
	struct cursor c = {argv, argc, 0, cx};

	*line = (struct opt_line){.operands = arena_array(r->arena, const char *, argc + 1)};
	while (c.at < argc) {
		const char *arg = argv[c.at];

		if (until == OPT_UNTIL_FOREIGN && !is_known(r, arg))
			break;
		if (arg[0] != '-' || !arg[1]) {
			if (until == OPT_UNTIL_OPERAND)
				break;
			line->operands[line->n++] = arg;
			c.at++;
		} else if (arg[1] != '-') {
			TRY(read_letters(r, &c));
		} else if (arg[2]) {
			TRY(read_long(r, &c));
		} else {
			c.at++;
			line->has_ended = true;
			break;
		}
	}
	while (until == OPT_UNTIL_END && c.at < argc)
		line->operands[line->n++] = argv[c.at++];
	line->used = c.at;
	return E_OK;
}

/* ---- environment ------------------------------------------------------------------------------ */

static const char *env_find(char *const *envp, str name)
{
	for (; *envp; envp++)
		if (str_starts(str_from(*envp), name) && (*envp)[name.n] == '=')
			return *envp + name.n + 1;
	return NULL;
}

const char *opt_env_value(const struct opt *o, char *const *envp, str *name)
{
	str rest = str_from(o->env);

	while (str_split(&rest, ' ', name)) {
		const char *text = env_find(envp, *name);

		if (text && *text)
			return text;
	}
	return NULL;
}

bool opt_has_env(const struct opt *o, str name)
{
	str rest = str_from(o->env), one;

	while (str_split(&rest, ' ', &one))
		if (str_eq(one, name))
			return true;
	return false;
}

static enum err read_env_of(
	struct opt_reader *r, const struct found *f, char *const *envp, struct errctx *cx)
{
	str name;
	const char *label, *text = opt_env_value(f->opt, envp, &name);

	if (!text)
		return E_OK;
	label = arena_cstr(r->arena, name);
	if (f->opt->flags & OPT_PLANNED)
		return r->skips_planned ? E_OK : refuse_planned(f->opt, label, str_from(text), cx);
	if (!begin_value(f, (struct opt_origin){.source = OPT_FROM_ENV, .name = label}))
		return E_OK;
	note_alias(r, f->opt, label, str_from(text));
	if (opt_value_parse(
		    r->arena, f->opt, label, str_from(text), opt_field(f->group, f->opt), cx)) {
		cx->code = E_CONFIG;
		return E_CONFIG;
	}
	return E_OK;
}

enum err opt_read_env(struct opt_reader *r, char *const *envp, struct errctx *cx)
{
	for (size_t g = 0; g < r->group_n; g++)
		for (size_t i = 0; i < r->groups[g].n; i++) {
			struct found f = {&r->groups[g].opts[i], &r->groups[g], false};

			TRY(read_env_of(r, &f, envp, cx));
		}
	return E_OK;
}

/* ---- configuration file ----------------------------------------------------------------------- */

static bool find_key(const struct opt_reader *r, str path, struct found *out)
{
	for (size_t g = 0; g < r->group_n; g++) {
		for (size_t i = 0; i < r->groups[g].n; i++) {
			*out = (struct found){&r->groups[g].opts[i], &r->groups[g], false};
			if (out->opt->key && str_eq_c(path, out->opt->key))
				return true;
		}
	}
	return false;
}

static enum err read_planned_item(struct opt_reader *r, const struct opt *o,
	const struct toml_item *it, struct opt_origin from, struct errctx *cx)
{
	str text = STR_NULL;

	if (it->value.type == TOML_STRING)
		text = it->value.u.string;
	else if (it->value.type == TOML_BOOL)
		text = it->value.u.is_true ? STR("true") : STR("false");
	else if (it->value.type == TOML_INT)
		text = arena_printf(r->arena, "%lld", (long long)it->value.u.integer);
	if (r->skips_planned || refuse_planned(o, o->key, text, cx) == E_OK)
		return E_OK;
	return err_prefix(cx, "%s:%u", from.name, from.line);
}

static enum err read_item(struct opt_reader *r, const struct found *f, const struct toml_item *it,
	struct opt_origin from, struct errctx *cx)
{
	const char *label = f->opt->key;

	if (f->opt->flags & OPT_PLANNED)
		return read_planned_item(r, f->opt, it, from, cx);
	if (from.source == OPT_FROM_PROJECT && !(f->opt->flags & OPT_SAFE)) {
		opt_note(r, false, "%s:%u: %s cannot be set by a project; ignored", from.name,
			from.line, label);
		return E_OK;
	}
	if (!begin_value(f, from))
		return E_OK;
	if (it->value.type == TOML_STRING)
		note_alias(r, f->opt, label, it->value.u.string);
	if (opt_value_from_toml(
		    r->arena, f->opt, label, &it->value, opt_field(f->group, f->opt), cx)) {
		err_prefix(cx, "%s:%u", from.name, from.line);
		cx->code = E_CONFIG;
		return E_CONFIG;
	}
	return E_OK;
}

enum err opt_read_config(struct opt_reader *r, const struct toml_doc *d, const char *file,
	enum opt_source source, struct errctx *cx)
{
	for (size_t i = 0; i < d->n; i++) {
		const struct toml_item *it = &d->items[i];
		struct opt_origin from = {source, file, it->line};
		struct found f;

		if (find_key(r, it->path, &f))
			TRY(read_item(r, &f, it, from, cx));
	}
	return E_OK;
}
