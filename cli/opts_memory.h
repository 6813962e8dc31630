/* opts_memory: the options of proxy about memories of earlier sessions. Fields of args as in struct proxy_args. */
#ifndef CLI_OPTS_MEMORY_H
#define CLI_OPTS_MEMORY_H

#include "core/base/opt.h"
#include "core/memory/place.h"
#include "core/memory/recall.h"

/* Of enum memory_storage. */
static const struct opt_choice memory_storage_choices[] = {
	{"project", MEMORY_IN_PROJECT, false, "those of a project, whoever works in it"},
	{"user", MEMORY_OF_USER, false, "those of a user, in all projects"},
	{"global", MEMORY_GLOBAL, false, "one file for all"},
	{NULL, 0, false, NULL},
};

/* clang-format off */
/* Of 'headroom memory', too. */
#define MEMORY_EMBEDDER                                                                           \
	.type = OPT_STRING, .def = "builtin", .env = "HEADROOM_MEMORY_EMBEDDER",                  \
	.metavar = "builtin|URL", .help = "Who says what memories are about.",                    \
	.more = "builtin sends nothing anywhere. A URL is that of an endpoint as OpenAI's "       \
		"/v1/embeddings (http://127.0.0.1:11434/v1 of Ollama): it is sent the texts of "  \
		"memories and of what they are searched for. Its key is in "                      \
		"HEADROOM_MEMORY_EMBEDDER_KEY. Where it does not answer in 2 s, what is built "   \
		"in counts."
#define MEMORY_EMBEDDER_MODEL                                                                     \
	.type = OPT_STRING, .def = "text-embedding-3-small",                                      \
	.env = "HEADROOM_MEMORY_EMBEDDER_MODEL", .metavar = "NAME",                               \
	.help = "The model that such an endpoint is asked for."
#define OPTS_MEMORY(args)                                                                         \
	{.name = "memory",                                                                        \
		.type = OPT_FLAG,                                                                 \
		.flags = OPT_NEGATABLE,                                                           \
		.env = "HEADROOM_MEMORY",                                                         \
		.key = "proxy.memory",                                                            \
		.help = "Remember across sessions.",                                              \
		.more = "Memories that a message is about stand behind it in a block of their "   \
			"own, and the model gets tools to save, search, update and delete "       \
			"them. 'headroom memory' shows them. Not with --stateless.",              \
		.off = offsetof(args, has_memory)},                                               \
	{.name = "memory-storage",                                                                \
		.type = OPT_ENUM,                                                                 \
		.def = "project",                                                                 \
		.env = "HEADROOM_MEMORY_STORAGE",                                                 \
		.key = "proxy.memory_storage",                                                    \
		.choices = memory_storage_choices,                                                \
		.metavar = "WHAT",                                                                \
		.help = "Whose memories are kept apart.",                                         \
		.more = "A project is what x-headroom-project-id or x-headroom-cwd says, else "   \
			"--memory-project-root, else the directory that the client's prompt "     \
			"names; where nobody knows, nothing is remembered. A user is what "       \
			"x-headroom-user-id says, else USER.",                                    \
		.off = offsetof(args, memory_storage)},                                           \
	{.name = "memory-db-path",                                                                \
		.type = OPT_PATH,                                                                 \
		.env = "HEADROOM_MEMORY_DB_PATH",                                                 \
		.key = "proxy.memory_db_path",                                                    \
		.metavar = "FILE",                                                                \
		.help = "The file of all memories.",                                              \
		.more = "Those of projects and users stand beside it in memories/. Without it "   \
			"memory.db in the workspace, which 'headroom memory' uses, too.",         \
		.off = offsetof(args, memory_file)},                                              \
	{.name = "memory-project-root",                                                           \
		.type = OPT_PATH,                                                                 \
		.env = "HEADROOM_MEMORY_PROJECT_ROOT",                                            \
		.key = "proxy.memory_project_root",                                               \
		.metavar = "DIR",                                                                 \
		.help = "The project of requests that name none in a header.",                    \
		.off = offsetof(args, memory_root)},                                              \
	{.name = "memory-top-k",                                                                  \
		.type = OPT_INT,                                                                  \
		.def = "10",                                                                      \
		.env = "HEADROOM_MEMORY_TOP_K",                                                   \
		.key = "proxy.memory_top_k",                                                      \
		.min = 1,                                                                         \
		.max = RECALL_LIMIT_MAX,                                                          \
		.metavar = "N",                                                                   \
		.help = "Show so many memories with a message at most.",                          \
		.off = offsetof(args, memory_top_k)},                                             \
	{.name = "no-memory-tools",                                                               \
		.type = OPT_FLAG,                                                                 \
		.env = "HEADROOM_NO_MEMORY_TOOLS",                                                \
		.key = "proxy.no_memory_tools",                                                   \
		.help = "Give the model no tools for memories.",                                  \
		.off = offsetof(args, no_memory_tools)},                                          \
	{.name = "no-memory-context",                                                             \
		.type = OPT_FLAG,                                                                 \
		.env = "HEADROOM_NO_MEMORY_CONTEXT",                                              \
		.key = "proxy.no_memory_context",                                                 \
		.help = "Show no memories with a message.",                                       \
		.off = offsetof(args, no_memory_context)},                                        \
	{.name = "memory-native-tool",                                                            \
		.type = OPT_FLAG,                                                                 \
		.env = "HEADROOM_MEMORY_NATIVE_TOOL",                                             \
		.key = "proxy.memory_native_tool",                                                \
		.help = "Answer the memory tool that clients declare.",                  \
		.more = "Of Anthropic's memory_20250818, whose files are memories then. Without " \
			"it the client answers them, from files of its own.",                     \
		.off = offsetof(args, answers_memory_files)},                                     \
	{.name = "memory-embedder", MEMORY_EMBEDDER, .key = "proxy.memory_embedder",              \
		.off = offsetof(args, memory_embedder)},                                          \
	{.name = "memory-embedder-model", MEMORY_EMBEDDER_MODEL,                                  \
		.key = "proxy.memory_embedder_model",                                             \
		.off = offsetof(args, memory_embedder_model)}
/* clang-format on */

#endif
