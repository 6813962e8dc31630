/* learn verbosity. */
#include "cli/figures.h"
#include "cli/learn.h"
#include "cli/recording.h"
#include "cli/settings.h"
#include "core/base/file.h"
#include "core/json/write.h"
#include "learn/verbosity.h"

#define KEY "proxy.verbosity_level"

enum { FILE_MODE = 0600, DIR_MODE = 0700 }; /* as headroom config set */

struct taking {
	struct verbosity *verbosity;
	const char *path;
};

static enum err take(void *self, str text, struct errctx *cx)
{
	struct taking *t = self;

	return verbosity_file(t->verbosity, text, str_from(t->path), cx);
}

/* What is no recording of an agent's session is passed over. */
static enum err add_files(struct learn_run *r, struct verbosity *v, struct errctx *cx)
{
	for (size_t i = 0; i < r->files.v.n; i++) {
		const char *path = r->files.v.v[i].path;
		struct taking t = {v, path};
		struct errctx why = {0};
		enum err e = recording_read(path, LIMIT_INPUT, RECORDING_PIECE, take, &t, &why);

		if (e == E_NOMEM)
			FAIL(cx, e, "%s", why.text);
		r->unread += e != E_OK;
		if (e)
			cli_info(r->cli, "%s", why.text);
	}
	return E_OK;
}

static void add_line(struct buf *b, const char *what, uint64_t n, uint64_t of)
{
	buf_printf(b, "%-44s", what);
	out_add_count(b, n);
	if (of)
		buf_printf(b, "  (%.1f %%)", figures_percent((double)n, (double)of));
	buf_add_byte(b, '\n');
}

static void add_text(
	const struct verbosity *v, const struct verbosity_advice *advice, struct buf *b)
{
	add_line(b, "sessions", v->sessions, 0);
	add_line(b, "messages that follow on an answer", v->turns, 0);
	add_line(b, "words of an answer, on average", v->turns ? v->words / v->turns : 0, 0);
	add_line(b, "answers of 200 words and more", v->long_answers, v->turns);
	add_line(b, "stopped while a text was written", v->interrupted, v->turns);
	add_line(b, "went on before half of it could be read", v->skipped, v->turns);
	add_line(b, "asked for fewer words", v->shorter, v->turns);
	add_line(b, "asked for more", v->longer, v->turns);
	buf_printf(b, "\nlevel %u, confidence %s\n", advice->level, advice->confidence);
}

static void add_json(const struct learn_run *r, const struct verbosity *v,
	const struct verbosity_advice *advice, struct buf *b)
{
	struct json_writer w;

	json_write_init(&w, b, true);
	json_write_object(&w, NULL);
	json_write_c(&w, "schema", "headroom.learn-verbosity/1");
	json_write_str(&w, "project", r->project);
	json_write_u64(&w, "sessions", v->sessions);
	json_write_u64(&w, "turns", v->turns);
	json_write_u64(&w, "words", v->words);
	json_write_u64(&w, "long_answers", v->long_answers);
	json_write_u64(&w, "interrupted", v->interrupted);
	json_write_u64(&w, "skipped", v->skipped);
	json_write_u64(&w, "shorter", v->shorter);
	json_write_u64(&w, "longer", v->longer);
	json_write_fixed(&w, "pressure", advice->pressure, 4);
	json_write_u64(&w, "level", advice->level);
	json_write_c(&w, "confidence", advice->confidence);
	json_write_bool(&w, "written", r->args->applies);
	json_write_end(&w);
	buf_add_byte(b, '\n');
}

static enum err set_level(struct cli *cli, unsigned level, const char **path, struct errctx *cx)
{
	struct settings_file f;
	struct buf text;
	size_t slash;

	TRY(settings_user_path(cli, path, cx));
	TRY(settings_read_file(cli, *path, OPT_FROM_USER, &f, cx));
	buf_init_arena(&text, &cli->arena, LIMIT_CONFIG_FILE);
	if (toml_set(&cli->arena, &f.doc, STR(KEY), arena_printf(&cli->arena, "%u", level), &text,
		    cx))
		return err_prefix(cx, "%s", f.path);
	slash = str_rfind_byte(str_from(*path), '/');
	if (slash != STR_NONE && slash > 0)
		TRY(file_mkdirs(
			arena_cstr(&cli->arena, str_sub(str_from(*path), 0, slash)), DIR_MODE, cx));
	return file_write_atomic(*path, buf_str(&text), FILE_MODE, cx);
}

enum err run_learn_verbosity(struct cli *cli, const void *args, struct errctx *cx)
{
	const struct learn_args *a = args;
	struct learn_args which = *a;
	struct verbosity_advice advice;
	struct verbosity v = {0};
	const char *path = NULL;
	struct learn_run r;
	struct buf out;

	which.agent = LEARN_ALL_AGENTS;
	TRY(learn_find_files(&r, cli, &which, cx));
	v.project = r.project;
	TRY(add_files(&r, &v, cx));
	if (!v.sessions)
		FAIL(cx, E_NOT_FOUND, "no recorded session%s%s; --all takes all",
			r.project.n ? " is of " : " could be read",
			arena_cstr(&cli->arena, r.project));
	advice = verbosity_advise(&v);
	if (a->applies)
		TRY(set_level(cli, advice.level, &path, cx));
	buf_init_arena(&out, &cli->arena, LIMIT_INPUT);
	if (a->is_json)
		add_json(&r, &v, &advice, &out);
	else
		add_text(&v, &advice, &out);
	if (!a->is_json && path)
		buf_printf(&out, "%s: " KEY " = %u, for headroom proxy --output-shaper\n", path,
			advice.level);
	else if (!a->is_json)
		buf_printf(&out, "nothing was written; --apply sets " KEY "\n");
	return out_print(buf_str(&out), cx);
}
