// Automatic mode: the number of tool results in a request says which turn of a scripted conversation comes next.
// A script is {turns: [{text, thinking, calls: [{do: 'shell'|'read'|'write', ...}]}], final: 'text'}; calls are
// written down once and said here in the words of whichever agent asks, told by the tools that it offers.

// [tool as offered, arguments from the neutral call, kind of call]
const SAY = {
	shell: [
		['Bash', (c) => ({ command: c.command, description: 'scripted' })],
		['exec_command', (c) => ({ cmd: c.command })],
		['shell_command', (c) => ({ command: c.command })],
		['run_shell_command', (c) => ({ command: c.command, description: 'scripted' })],
		['functions.exec', (c) => `text(await tools.exec_command({cmd: ${JSON.stringify(c.command)}}));`, 'custom'],
		['bash', (c) => ({ command: c.command, description: 'scripted' })],
		['shell', (c) => ({ command: c.command })],
	],
	read: [
		['Read', (c) => ({ file_path: c.path, ...(c.offset ? { offset: c.offset, limit: c.limit } : {}) })],
		['read_file', (c) => ({ file_path: c.path, ...(c.offset ? { start_line: c.offset, end_line: c.offset + c.limit - 1 } : {}) })],
		['read', (c) => ({ filePath: c.path })],
	],
	write: [
		['Write', (c) => ({ file_path: c.path, content: c.content })],
		['write_file', (c) => ({ file_path: c.path, content: c.content })],
		['write', (c) => ({ filePath: c.path, content: c.content })],
	],
};

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

// An agent without a tool for it does it in its shell.
const BY_SHELL = {
	read: (c) => ({ do: 'shell', command: c.offset ? `sed -n ${c.offset},${c.offset + c.limit - 1}p ${quoted(c.path)}` : `cat ${quoted(c.path)}` }),
	write: (c) => ({ do: 'shell', command: `printf %s ${quoted(c.content)} > ${quoted(c.path)}` }),
};

// The neutral call in the words of an agent that offers `tools`; null when it has none that fits.
export function sayCall(call, tools) {
	for (const [name, args, kind] of SAY[call.do] ?? []) {
		if (!tools.includes(name))
			continue;
		const bare = name.split('.').pop();
		return { name: bare, args: args(call), kind, id: call.id };
	}
	return BY_SHELL[call.do] ? sayCall({ ...BY_SHELL[call.do](call), id: call.id }, tools) : null;
}

// The turn that follows `results` tool results. Ids are made from the place in the script, so that two runs of one
// script get the same ones. null: the request offers no tool of ours (a title, a check), it is not the conversation.
export function agentTurn(script, format, body) {
	const tools = format.tools(body);
	if (!tools.some((t) => SAY.shell.some(([name]) => name === t)))
		return null;
	let left = format.results(body);
	for (const [k, turn] of script.turns.entries()) {
		const n = (turn.calls ?? []).length;
		if (left < n || n === 0 && left === 0)
			return { ...turn, calls: turn.calls.map((c, i) => sayCall({ ...c, id: `${script.idPrefix ?? 'call_'}t${k}c${i}` }, tools)) };
		left -= n;
	}
	return { text: script.final };
}
