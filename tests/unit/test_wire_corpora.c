/* Recorded conversations, where there are some: HEADROOM_CORPORA names a folder with turns/NAME.json, each
 * {"provider","messages"}. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/file.h"
#include "tests/unit/wire_help.h"

struct totals {
	size_t files, blocks, results;
};

static void check_file(const char *path, struct totals *all)
{
	struct arena a = ARENA_INIT;
	struct wire_piece piece = {.path = STR("messages")};
	struct wire_doc d = {0};
	struct errctx cx = {0};
	struct json_tape t;
	struct buf file;
	str provider;

	buf_init(&file, LIMIT_INPUT);
	if (file_read(path, &file, &cx) != E_OK)
		fail_msg("%s", cx.text);
	t = scanned(&a, buf_str(&file));
	piece.node = json_member(&t, 0, "messages");
	assert_true(json_string(&t, json_member(&t, 0, "provider"), &a, &provider));
	assert_true(wire_format_parse(provider, &piece.format));
	assert_int_equal(wire_walk_piece(&a, &t, &piece, &d, &cx), E_OK);
	wire_resolve(&a, &d, NULL);
	assert_spans_are_sound(&d);
	for (uint32_t i = 0; i < d.n; i++) {
		const struct wire_block *b = &d.blocks[i];

		if (b->kind != WIRE_TOOL_RESULT)
			continue;
		all->results++;
		if (b->call == WIRE_NO_CALL || !b->tool.n)
			fail_msg("no call for " STR_FMT " of %s", STR_ARG(b->path), path);
	}
	all->files++;
	all->blocks += d.n;
	buf_release(&file);
	arena_release(&a);
}

static void every_recorded_result_finds_its_call(void **state)
{
	const char *corpora = getenv("HEADROOM_CORPORA");
	struct totals all = {0};
	struct dirent *entry;
	char path[4096];
	DIR *dir;

	(void)state;
	if (!corpora) {
		print_message("HEADROOM_CORPORA is not set\n");
		skip();
	}
	(void)snprintf(path, sizeof path, "%s/turns", corpora);
	dir = opendir(path);
	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		if (!str_ends(str_from(entry->d_name), STR(".json")))
			continue;
		(void)snprintf(path, sizeof path, "%s/turns/%s", corpora, entry->d_name);
		check_file(path, &all);
	}
	(void)closedir(dir);
	print_message("%zu files, %zu blocks, %zu results\n", all.files, all.blocks, all.results);
	assert_true(all.results > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_recorded_result_finds_its_call),
	};

	return cmocka_run_group_tests_name("wire: recorded conversations", tests, NULL, NULL);
}
