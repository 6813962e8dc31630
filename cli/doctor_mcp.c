/* Check of doctor: do the entries of the MCP server in agents' settings lead to a program? */
#include "cli/doctor.h"
#include "wrap/mcp_entry.h"

static void look_at_entry(struct doctor *d, const struct mcp_where *w, const struct mcp_entry *e)
{
	if (e->command.n && !mcp_command_is_there(w, e->command)) {
		doctor_say(d, DOCTOR_FAIL, "%s: its MCP server headroom is not there: " STR_FMT,
			e->file, STR_ARG(e->command));
		doctor_advise(d, false, "headroom mcp install %s --force%s", e->row->agent,
			w->is_project ? " --scope project" : "");
	} else {
		doctor_say(d, DOCTOR_PASS, "%s starts it: %s", e->row->agent, e->file);
	}
}

static bool has_entry(const struct mcp_entry *e)
{
	return e->state == MCP_OURS || e->state == MCP_OTHER;
}

void doctor_look_mcp(struct doctor *d)
{
	struct mcp_where user = {.arena = d->arena,
		.envp = d->cli->envp,
		.cwd = d->cwd,
		.home = d->home,
		.exe = "headroom"};
	struct mcp_where project = user;
	size_t before = d->found.n;

	project.is_project = true;
	for (const struct mcp_row *row = mcp_rows; row->agent; row++) {
		struct mcp_entry e, here;

		mcp_entry_look(&user, row, &e);
		mcp_entry_look(&project, row, &here);
		if (has_entry(&e))
			look_at_entry(d, &user, &e);
		if (has_entry(&here) && (!e.file || strcmp(e.file, here.file) != 0))
			look_at_entry(d, &project, &here);
	}
	if (d->found.n == before)
		doctor_say(d, DOCTOR_INFO, "no agent starts it; 'headroom mcp install' lets them");
}
