// Automatic mode: the number of tool results in a request says which turn of a scripted conversation comes next.
// A script is {turns: [{text, thinking, calls: [{do: 'shell'|'read'|'write', ...}]}], final: 'text'}; calls are
// written down once and said here in the words of whichever agent asks, told by the tools that it offers.
// A turn may look something up where the request declares headroom_retrieve: looks: n times behind its text, in a round each
// (before the final text), beside: n times among its calls. Where it is not declared the same is said without. own: calls
// {name, args} of tools that a proxy may declare, made one by one before the final text where they are.

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

export const RETRIEVE = 'headroom_retrieve';

function* objectsIn(value) {
	if (value === null || typeof value !== 'object')
		return;
	yield value;
	for (const member of Object.values(value))
		yield* objectsIn(member);
}

// Is it a call of that tool, in the history of whatever format?
export const isCallOf = (o, name) => (o?.type === 'tool_use' || o?.type === 'function_call') && o.name === name
	|| o?.functionCall?.name === name || o?.id !== undefined && o?.function?.name === name;

// The original that was named last. Who finds none asks all the same.
const lastHash = (body) => [...JSON.stringify(body).matchAll(/headroom_retrieve ([0-9a-f]{24})/g)].at(-1)?.[1] ?? '0'.repeat(24);

const look = (body, id) => ({ name: RETRIEVE, args: { hash: lastHash(body), lines: '1-5' }, id });

// The turn that follows `results` tool results. Ids are made from the place in the script, so that two runs of one
// script get the same ones. null: the request offers no tool of ours (a title, a check), it is not the conversation.
export function agentTurn(script, format, body) {
	const tools = format.tools(body);
	if (!tools.some((t) => SAY.shell.some(([name]) => name === t)))
		return null;
	const isDeclared = tools.includes(RETRIEVE);
	const own = (script.own ?? []).filter((c) => tools.includes(c.name));
	const ownDone = [...objectsIn(body)].filter((o) => own.some((c) => isCallOf(o, c.name))).length;
	let done = [...objectsIn(body)].filter((o) => isCallOf(o, RETRIEVE)).length;
	let left = format.results(body) - done - ownDone;
	for (const [k, { looks = 0, beside = 0, ...turn }] of [...script.turns, { text: script.final, looks: script.looks }].entries()) {
		const n = (turn.calls ?? []).length;
		const id = `${script.idPrefix ?? 'call_'}t${k}`;
		if (left < n || k === script.turns.length || n === 0 && left === 0) {
			const calls = (turn.calls ?? []).map((c, i) => sayCall({ ...c, id: `${id}c${i}` }, tools));
			const text = turn.text === undefined || done > 0 && n ? {} : { text: turn.text };
			if (k === script.turns.length && ownDone < own.length)
				return { calls: [{ ...own[ownDone], id: `${id}o${ownDone}` }] };
			if (!isDeclared)
				return { ...turn, calls };
			if (done < looks)
				return { ...(n ? text : {}), calls: [look(body, `${id}l${done}`)] };
			const others = Array.from({ length: beside }, (_, i) => look(body, `${id}b${i}`));
			return { ...turn, text: undefined, ...text, calls: [...calls.slice(0, 1), ...others, ...calls.slice(1)] };
		}
		left -= n;
		if (isDeclared)
			done -= looks + beside;
	}
	return null;
}
