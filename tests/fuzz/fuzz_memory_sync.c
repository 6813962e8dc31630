/* Any bytes as the files in which an agent keeps its memories, separated by bytes of 0xFF: what stands in MEMORY.md (and, for Codex,
 * AGENTS.md), then a name and, behind a line end, a text for each further file. Whatever they are: done twice, nothing changes
 * the second time, and every file that does not say an id of ours is as it was. */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/check.h"
#include "core/base/file.h"
#include "core/base/limits.h"
#include "core/memory/sync.h"
#include "tests/fuzz/temp_dir.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { FILES_MAX = 8, NAME_MAX_BYTES = 64 };

struct given {
	char notes[80], agent[128], user[32];
	str own, names[FILES_MAX], texts[FILES_MAX];
	size_t n;
};

/* Made anew after so many inputs, each of which has a user of its own: to make one takes as long as ten inputs. */
enum { STORE_INPUTS = 100 };
static struct memory_store *store;
static unsigned inputs_n;

static void close_store(void)
{
	memory_store_close(store);
	store = NULL;
	temp_dir_empty(temp_dir);
}

static void open_store(void)
{
	char path[TEMP_PATH_MAX];

	if (inputs_n++ % STORE_INPUTS)
		return;
	close_store();
	temp_dir_file(path, "memory.db");
	ASSERT(memory_store_open(path, MEMORY_WRITE, NULL, &store, NULL) == E_OK);
}

static void make_dir(struct given *g)
{
	if (temp_dir_make())
		ASSERT(atexit(close_store) == 0);
	open_store();
	(void)snprintf(g->notes, sizeof g->notes, "%s/notes", temp_dir);
	(void)snprintf(g->user, sizeof g->user, "user%u", inputs_n);
	ASSERT(mkdir(g->notes, 0700) == 0);
}

static void put(const struct given *g, str name, str text)
{
	char path[256];
	FILE *f;

	(void)snprintf(path, sizeof path, "%s/" STR_FMT, g->notes, STR_ARG(name));
	f = fopen(path, "wb");
	ASSERT(f && fwrite(text.n ? text.p : "", 1, text.n, f) == text.n && fclose(f) == 0);
}

/* One that a directory can have, and that no other file has. */
static bool is_name(const struct given *g, str name)
{
	if (!name.n || name.n > NAME_MAX_BYTES || *name.p == '.')
		return false;
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] == '/' || (unsigned char)name.p[i] < ' ')
			return false;
	for (size_t i = 0; i < g->n; i++)
		if (str_eq(g->names[i], name))
			return false;
	return !str_eq_c(name, "MEMORY.md") && !str_eq_c(name, "AGENTS.md");
}

static void put_files(struct given *g, str all)
{
	str part, name;

	while (g->n < FILES_MAX && str_split(&all, (char)0xff, &part)) {
		if (!str_next_line(&part, &name, NULL) || !is_name(g, name))
			continue;
		g->names[g->n] = name;
		g->texts[g->n++] = part;
		put(g, name, part);
	}
}

/* Every file that does not say that it is a note of ours is as it was. */
static void check_files(const struct given *g)
{
	for (size_t i = 0; i < g->n; i++) {
		char path[256];
		struct buf now;

		if (str_find(g->texts[i], STR("headroom_id:")) != STR_NONE)
			continue;
		(void)snprintf(path, sizeof path, "%s/" STR_FMT, g->notes, STR_ARG(g->names[i]));
		buf_init(&now, LIMIT_INPUT);
		ASSERT(file_read(path, &now, NULL) == E_OK);
		ASSERT(str_eq(buf_str(&now), g->texts[i]));
		buf_release(&now);
	}
}

static void add(const struct given *g, str text)
{
	struct memory m = memory_blank();
	struct memory_added added;

	m.text[MEMORY_CONTENT] = text;
	m.text[MEMORY_USER] = str_from(g->user);
	ASSERT(memory_add(store, &m, &added, NULL) == E_OK);
}

static void check_agent(struct given *g, enum sync_agent agent)
{
	struct sync_conf conf = {.agent = agent, .path = g->agent, .user = str_from(g->user)};
	struct sync_counts n;

	(void)snprintf(g->agent, sizeof g->agent, "%s/%s", g->notes,
		agent == SYNC_CLAUDE ? "MEMORY.md" : "AGENTS.md");
	if (memory_sync(store, &conf, &n, NULL) != E_OK)
		return;
	for (int i = 0; i < 2; i++) {
		ASSERT(memory_sync(store, &conf, &n, NULL) == E_OK);
		ASSERT(!n.imported && !n.updated && !n.exported && !n.removed && !n.busy);
		if (i)
			break;
		add(g, STR("Deploys go through make release."));
		ASSERT(memory_sync(store, &conf, &n, NULL) == E_OK);
	}
	check_files(g);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	str all = {(const char *)data, n};
	struct given g = {.n = 0};

	make_dir(&g);
	(void)str_split(&all, (char)0xff, &g.own);
	put(&g, STR("MEMORY.md"), g.own);
	put_files(&g, all);
	check_agent(&g, SYNC_CLAUDE);
	put(&g, STR("AGENTS.md"), g.own);
	check_agent(&g, SYNC_CODEX);
	temp_dir_empty(g.notes);
	ASSERT(rmdir(g.notes) == 0);
	return 0;
}
