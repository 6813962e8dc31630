#include "cli/memory.h"

#include <signal.h>
#include <unistd.h>

#include "cli/figures.h"
#include "core/memory/keep.h"
#include "core/memory/recall.h"

/* ---- which store --------------------------------------------------------------------------------------- */

str memory_default_user(struct cli *cli)
{
	const char *named = cli_env(cli, "USER");

	if (!named || !*named)
		named = cli_env(cli, "USERNAME");
	return named && *named ? str_from(named) : STR("default");
}

static str user_of(const struct memory_run *r)
{
	str given = str_trim(r->args->user);

	return given.n ? given : memory_default_user(r->cli);
}

enum err memory_embedder_conf(struct cli *cli, const char *label, str embedder, str model,
	struct proxy_embedder_conf *out, struct errctx *cx)
{
	const char *key = cli_env(cli, "HEADROOM_MEMORY_EMBEDDER_KEY");

	embedder = str_trim(embedder);
	if (str_eq_c(embedder, "builtin"))
		embedder = STR_NULL;
	*out = (struct proxy_embedder_conf){.label = label,
		.url = embedder,
		.model = str_trim(model),
		.key = key ? str_trim(str_from(key)) : STR_NULL,
		.ca_file = cli_env(cli, "SSL_CERT_FILE")};
	return embedder.n ? proxy_embedder_conf_check(out, cx) : E_OK;
}

enum err memory_use_embedder(struct memory_run *r, struct errctx *cx)
{
	struct proxy_embedder_conf conf;

	TRY(memory_embedder_conf(r->cli, "--memory-embedder", r->args->embedder,
		r->args->embedder_model, &conf, cx));
	if (!conf.url.n)
		return E_OK;
	(void)signal(SIGPIPE, SIG_IGN);
	return proxy_embedder_new(&conf, &r->embedder, cx);
}

enum err memory_find_place(struct memory_run *r, struct errctx *cx)
{
	struct memory_place_conf conf = {.storage = (enum memory_storage)r->args->storage};
	struct places places;
	char cwd[4096];

	r->user = conf.user = user_of(r);
	if (r->args->file) {
		r->place = (struct memory_place){.file = r->args->file, .name = STR("global")};
		return E_OK;
	}
	TRY(cli_places(r->cli, &places, cx));
	conf.file = arena_printf(&r->cli->arena, "%s/memory.db%c", places.workspace, 0).p;
	if (r->args->project)
		conf.project_dir = str_from(r->args->project);
	else if (getcwd(cwd, sizeof cwd))
		conf.project_dir = str_from(cwd);
	TRY(memory_place_find(&conf, &r->cli->arena, &r->place, cx));
	if (!r->place.file)
		FAIL(cx, E_CONFIG, "the directory that you are in has no name: use --project");
	return E_OK;
}

enum err memory_begin_run(struct memory_run *r, struct cli *cli, const void *args,
	enum memory_mode mode, struct errctx *cx)
{
	enum err e;

	*r = (struct memory_run){.cli = cli, .args = args};
	buf_init_arena(&r->out, &cli->arena, SIZE_MAX / 2);
	TRY(memory_find_place(r, cx));
	e = memory_store_open(r->place.file, mode, NULL, &r->store, cx);
	if (e == E_NOT_FOUND && mode == MEMORY_READ) {
		cli_info(cli, "there is no %s yet", r->place.file);
		return E_OK;
	}
	return e;
}

enum err memory_end_run(struct memory_run *r, enum err e, struct errctx *cx)
{
	memory_set_free(&r->set);
	memory_store_close(r->store);
	proxy_embedder_free(r->embedder);
	if (e)
		return e;
	return r->out.err ? err_set(cx, r->out.err, "no room for the output")
			  : out_print(buf_str(&r->out), cx);
}

void memory_keep_index(const struct memory_run *r)
{
	struct memory_store *s;
	enum kept kept;

	if (memory_store_open(r->place.file, MEMORY_WRITE, NULL, &s, NULL))
		return;
	(void)!memory_keep(s, KEEP_LEAST, NULL, NULL, &kept, NULL);
	memory_store_close(s);
}

/* ---- which memories ------------------------------------------------------------------------------------ */

enum err memory_filter_of(const struct memory_run *r, struct memory_filter *out, struct errctx *cx)
{
	const struct memory_args *a = r->args;

	*out = memory_filter_all();
	out->user = r->user;
	out->scope = a->scope;
	out->session = a->session;
	out->category = a->category;
	out->entity = a->entity;
	out->with_superseded = a->with_superseded;
	TRY(figures_time(r->cli, "since", a->since, &out->from_ms, cx));
	TRY(figures_time(r->cli, "until", a->until, &out->until_ms, cx));
	return figures_time(r->cli, "at", a->at, &out->at_ms, cx);
}

enum err memory_read_rows(struct memory_run *r, const struct memory_filter *f, struct errctx *cx)
{
	return r->store ? memory_list(r->store, f, &r->set, cx) : E_OK;
}

enum err memory_read_one(struct memory_run *r, const char *operand, struct errctx *cx)
{
	if (!r->store)
		FAIL(cx, E_NOT_FOUND, "nothing is remembered yet: there is no %s", r->place.file);
	memory_set_free(&r->set);
	return memory_find(r->store, str_from(operand), &r->set, cx);
}

/* ---- how they are shown -------------------------------------------------------------------------------- */

void memory_json(struct memory_run *r, const char *schema)
{
	json_write_init(&r->json, &r->out, true);
	json_write_object(&r->json, NULL);
	json_write_c(&r->json, "schema", schema);
	json_write_c(&r->json, "file", r->place.file);
	json_write_str(&r->json, "user", r->user);
}

void memory_add_age(struct buf *b, int64_t ms)
{
	static const struct {
		int64_t ms;
		char unit;
	} units[] = {{(int64_t)86400000, 'd'}, {3600000, 'h'}, {60000, 'm'}};
	int64_t age = clock_wall_ms(NULL) - ms;

	for (size_t i = 0; i < ARRAY_N(units); i++)
		if (age >= units[i].ms) {
			buf_printf(b, "%lld%c", (long long)(age / units[i].ms), units[i].unit);
			return;
		}
	buf_add_c(b, "now");
}

enum { TEXT_FROM = 24 }; /* behind an id of RECALL_ID_SHOWN letters */

/* As much of a text as fits, on one line, cut between characters. */
static void add_flat(struct buf *b, str text, size_t width)
{
	size_t n = 0, at = 0;

	while (at < text.n && n < width) {
		do
			at++;
		while (at < text.n && ((unsigned char)text.p[at] & 0xc0) == 0x80);
		n++;
	}
	for (size_t i = 0; i < at; i++) /* a memory must not move the cursor */
		buf_add_byte(
			b, (unsigned char)text.p[i] < ' ' || text.p[i] == 0x7f ? ' ' : text.p[i]);
	if (at < text.n)
		buf_add_c(b, "...");
}

void memory_add_line(struct memory_run *r, const struct memory *m)
{
	struct out_env env = cli_out_env(r->cli);
	bool has_color = cli_use_color(r->cli, STDOUT_FILENO);
	unsigned width = out_is_tty(STDOUT_FILENO) ? out_width(STDOUT_FILENO, &env) : 200;
	struct buf age, id;
	size_t from;

	buf_init_arena(&id, &r->cli->arena, LIMIT_ERR_TEXT);
	add_flat(&id, recall_id_shown(m->text[MEMORY_ID]), MEMORY_ID_LEN);
	from = TEXT_FROM + (id.n > RECALL_ID_SHOWN ? id.n - RECALL_ID_SHOWN : 0) + 3;
	buf_init_arena(&age, &r->cli->arena, LIMIT_ERR_TEXT);
	memory_add_age(&age, m->at[MEMORY_CREATED]);
	buf_printf(&r->out, "%s%-*.*s%s  %5.*s  %.2f  ", has_color ? OUT_BOLD : "", RECALL_ID_SHOWN,
		(int)id.n, id.p, has_color ? OUT_PLAIN : "", (int)age.n, age.p, m->importance);
	if (m->at[MEMORY_VALID_UNTIL] != MEMORY_NO_TIME)
		buf_add_c(&r->out, "(superseded) ");
	add_flat(&r->out, m->text[MEMORY_CONTENT], width > from ? width - from : 40);
	buf_add_byte(&r->out, '\n');
}

enum err memory_confirm(const struct memory_run *r, const char *question, struct errctx *cx)
{
	char line[16] = "";
	struct buf b;

	if (r->args->is_yes)
		return E_OK;
	if (!out_is_tty(STDIN_FILENO))
		FAIL(cx, E_USAGE, "%s Say --yes: there is nobody to ask", question);
	buf_init_arena(&b, &r->cli->arena, LIMIT_ERR_TEXT);
	buf_printf(&b, "%s [y/N] ", question);
	out_message(buf_str(&b));
	if (read(STDIN_FILENO, line, sizeof line - 1) <= 0 || (line[0] != 'y' && line[0] != 'Y'))
		FAIL(cx, E_FAILED, "nothing was changed");
	return E_OK;
}
