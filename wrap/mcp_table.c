/* Where agents keep their MCP servers. What their documentation says: code.claude.com "MCP", developers.openai.com/codex
 * "MCP", geminicli.com "MCP servers", opencode.ai "MCP servers"; of the others (docs.github.com "Add MCP servers" of Copilot
 * CLI; cursor.com/docs "MCP"; block.github.io/goose "Configuration files"; docs.openhands.dev "MCP servers" of the CLI;
 * docs.cline.bot "Configuring MCP servers"; docs.openclaw.ai "MCP"; docs.continue.dev "MCP"; docs.mistral.ai "MCP
 * servers" of Vibe). */
#include "wrap/mcp_entry.h"

#define ARGS "\"args\":[\"mcp\",\"serve\"]"

/* Most spell it so: an object of the JSON member mcpServers. */
#define MCP_SERVERS                                                            \
	.format = &edit_format_json, .path = {"mcpServers", "headroom", NULL}, \
	.keys = {{NULL, "{\"command\":%C," ARGS "}"}}, .command = {"command", NULL}

const struct mcp_row mcp_rows[] = {
	{
		.agent = "claude",
		.dir_variable = "CLAUDE_CONFIG_DIR",
		.is_home_bare = true,
		.user_file = ".claude.json",
		.project_file = ".mcp.json",
		.format = &edit_format_json,
		.path = {"mcpServers", "headroom", NULL},
		.keys = {{NULL, "{\"type\":\"stdio\",\"command\":%C," ARGS ",\"env\":{}}"}},
		.command = {"command", NULL},
		.by_hand = "claude mcp add headroom -s user -- %c mcp serve",
	},
	{
		.agent = "codex",
		.dir_variable = "CODEX_HOME",
		.dir = ".codex",
		.user_file = "config.toml",
		.format = &edit_format_toml,
		.path = {"mcp_servers", "headroom", NULL},
		.keys = {{"command", "%C"}, {"args", "[\"mcp\", \"serve\"]"}},
		.command = {"command", NULL},
	},
	{
		.agent = "gemini",
		.dir = ".gemini",
		.user_file = "settings.json",
		.project_file = ".gemini/settings.json",
		MCP_SERVERS,
	},
	{
		.agent = "opencode",
		.file_variable = "OPENCODE_CONFIG",
		.xdg_dir = "opencode",
		.dir = ".config/opencode",
		.user_file = "opencode.json",
		.other_file = "opencode.jsonc",
		.project_file = "opencode.json",
		.format = &edit_format_json,
		.path = {"mcp", "headroom", NULL},
		.keys = {{NULL, "{\"type\":\"local\",\"command\":[%C,\"mcp\",\"serve\"],"
				"\"enabled\":true}"}},
	},
	{
		.agent = "copilot",
		.dir = ".copilot",
		.user_file = "mcp-config.json",
		.format = &edit_format_json,
		.path = {"mcpServers", "headroom", NULL},
		.keys = {{NULL, "{\"type\":\"local\",\"command\":%C," ARGS ",\"tools\":[\"*\"]}"}},
		.command = {"command", NULL},
	},
	{
		.agent = "goose",
		.xdg_dir = "goose",
		.dir = ".config/goose",
		.user_file = "config.yaml",
		.format = &edit_format_yaml,
		.path = {"extensions", "headroom", NULL},
		.keys = {{"enabled", "true"}, {"type", "stdio"}, {"name", "headroom"},
			{"description", "\"originals of shortened tool results\""}, {"cmd", "%C"},
			{"args", "[\"mcp\", \"serve\"]"}, {"timeout", "300"}},
		.command = {"cmd", NULL},
	},
	{
		.agent = "openhands",
		.dir = ".openhands",
		.user_file = "mcp.json",
		MCP_SERVERS,
	},
	{
		.agent = "openclaw",
		.dir = ".openclaw",
		.user_file = "openclaw.json",
		.format = &edit_format_json,
		.path = {"mcp", "servers", "headroom", NULL},
		.keys = {{NULL, "{\"command\":%C," ARGS "}"}},
		.command = {"command", NULL},
	},
	{
		.agent = "cline",
		.file_variable = "CLINE_MCP_SETTINGS_PATH",
		.dir = ".cline/data/settings",
		.user_file = "cline_mcp_settings.json",
		MCP_SERVERS,
		.by_hand =
			"the extension of an editor has a file of its own: MCP Servers, Configure",
	},
	{
		.agent = "continue",
		.dir = ".continue/mcpServers",
		.user_file = "headroom.json",
		.project_file = ".continue/mcpServers/headroom.json",
		MCP_SERVERS,
	},
	{
		.agent = "cursor",
		.dir = ".cursor",
		.user_file = "mcp.json",
		.project_file = ".cursor/mcp.json",
		MCP_SERVERS,
	},
	{
		.agent = "vibe",
		.by_hand =
			"its servers are a list in ~/.vibe/config.toml, to which this is added:\n"
			"[[mcp_servers]]\n"
			"name = \"headroom\"\n"
			"transport = \"stdio\"\n"
			"command = %C\n"
			"args = [\"mcp\", \"serve\"]",
	},
	{.agent = NULL},
};

const struct mcp_row *mcp_row_find(const char *agent)
{
	for (const struct mcp_row *r = mcp_rows; r->agent; r++)
		if (strcmp(r->agent, agent) == 0)
			return r;
	return NULL;
}
