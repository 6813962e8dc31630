// One scripted session of a real agent: run it, and compare what two runs sent.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { RETRIEVE, isCallOf } from '../provider/agent.mjs';
import { startProvider } from '../provider/provider.mjs';
import { within } from '../proxy/kit.mjs';
import { agentOf } from './agents.mjs';
import { makeScript, makeWork } from './workdir.mjs';

const AGENT_PATIENCE_MS = 180000;

// Refuses every CONNECT and every request, and notes where it was to go.
async function startGuard() {
	const tried = [];
	const server = net.createServer((socket) => {
		socket.on('error', () => {});
		socket.once('data', (bytes) => {
			tried.push(bytes.toString('latin1').split('\r\n')[0]);
			socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
		});
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return { url: `http://127.0.0.1:${server.address().port}`, tried, close: () => server.close() };
}

function filesBelow(dir) {
	const out = {};
	for (const entry of readdirSync(dir, { withFileTypes: true, recursive: false })) {
		const path = join(dir, entry.name);
		if (entry.isDirectory())
			for (const [name, text] of Object.entries(filesBelow(path)))
				out[join(entry.name, name)] = text;
		else
			out[entry.name] = readFileSync(path, 'utf8');
	}
	return out;
}

// Runs the agent once in front of `provider`, or of what through(provider) puts before it (it returns a URL). The work
// directory has the same path in every run below `dir`, so that requests can be compared. start: as in agents.mjs; after({home}) is
// called when the agent has ended and the provider still listens.
// Gives {answer, code, stderr, requests, files, tried}.
export async function runSession(name, dir, through = async (provider) => provider.url, start = agentOf(name).start, after = async () => {}) {
	const home = join(dir, 'home');
	const work = join(dir, 'work');
	rmSync(home, { recursive: true, force: true });
	mkdirSync(home, { recursive: true });
	makeWork(work);
	const provider = await startProvider();
	const guard = await startGuard();
	try {
		provider.upgrades(426); // as the proxy does; a provider that accepts is another protocol
		provider.agent(makeScript(work));
		const url = await through(provider);
		const { cmd, args, env } = start({ url, home, work, prompt: 'Find the failing case.' });
		const child = spawn(cmd, args, {
			cwd: work, stdio: ['ignore', 'pipe', 'pipe'],
			env: {
				PATH: process.env.PATH, HOME: home, LANG: 'C.UTF-8', TERM: 'dumb', TZ: 'UTC', NO_PROXY: '127.0.0.1,localhost',
				no_proxy: '127.0.0.1,localhost', HTTPS_PROXY: guard.url, HTTP_PROXY: guard.url, ...env,
			},
		});
		const text = { stdout: '', stderr: '' };
		for (const stream of ['stdout', 'stderr'])
			child[stream].setEncoding('utf8').on('data', (part) => { text[stream] += part; });
		const [code] = await within(once(child, 'close'), `${name} to end`, AGENT_PATIENCE_MS).finally(() => child.kill('SIGKILL'));
		await after({ home });
		return {
			code, answer: text.stdout.trim(), stderr: text.stderr, requests: [...provider.requests], files: filesBelow(work), tried: guard.tried,
		};
	} finally {
		guard.close();
		await provider.close();
	}
}

// What is new in every run: ids, times, and the numbers that agents print about their own processes.
const VARYING = [
	[/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uuid>'],
	[/\b[0-9a-f]{64}\b/g, '<hex64>'],
	[/Chunk ID: [0-9a-f]+/g, 'Chunk ID: <id>'],
	[/[Ww]all time:? [\d.]+/g, 'Wall time <t>'],
	[/Process Group PGID: \d+/g, 'Process Group PGID: <n>'],
	[/"([a-z_]+_unix_ms)":\d+/g, '"$1":0'],
	[/\b(msg|fc|ctc|rs)_\d{12}\b/g, '$1_<answer>'], // the scripted provider counts its answers
	[/cc_version=[\w.]+/g, 'cc_version=<v>'],
	[/chunk_id(\\*":\\*)"[0-9a-f]+/g, 'chunk_id$1"<id>'], // perhaps JSON within JSON
	[/wall_time_seconds(\\*":)[\d.e-]+/g, 'wall_time_seconds$10'],
];

const VARYING_KEYS = /^(create_time|turn_started_at_unix_ms|.*_unix_ms)$/;

export const plain = (text) => VARYING.reduce((t, [re, by]) => t.replace(re, by), text);

function walked(value) {
	if (typeof value === 'string')
		return plain(value);
	if (Array.isArray(value))
		return value.map(walked);
	if (value !== null && typeof value === 'object')
		return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, VARYING_KEYS.test(k) && typeof v === 'number' ? 0 : walked(v)]));
	return value;
}

// [holder, key] of each tool output of a body, whatever its format.
function outputPlaces(body) {
	const out = [];
	for (const m of body.messages ?? []) {
		if (m.role === 'tool')
			out.push([m, 'content']);
		for (const block of Array.isArray(m.content) ? m.content : [])
			if (block.type === 'tool_result')
				out.push([block, 'content']);
	}
	for (const item of Array.isArray(body.input) ? body.input : [])
		if (/_call_output$/.test(item.type ?? ''))
			out.push([item, 'output']);
	for (const content of body.contents ?? [])
		for (const part of content.parts ?? [])
			if (part.functionResponse)
				out.push([part.functionResponse, 'response']);
	return out;
}

// ---- lookups of headroom_retrieve ----

const isOurResult = (ids) => (part) => part.type === 'tool_result' && ids.has(part.tool_use_id) || (part.type === 'function_call_output' || part.role === 'tool') && ids.has(part.call_id ?? part.tool_call_id)
	|| part.functionResponse?.name === RETRIEVE;

// Messages of one role in a row are one: as a client has them who knows nothing of what was said between.
function joinedMessages(messages, key) {
	const out = [];
	for (const m of messages) {
		if (Array.isArray(m[key]) && Array.isArray(out.at(-1)?.[key]) && out.at(-1).role === m.role)
			out.at(-1)[key].push(...m[key]);
		else
			out.push(m);
	}
	return out;
}

// A body without the tool, its calls and results: what the client has sent.
// {body, calls: how many were taken out, results: their texts}
export function withoutLookups(json) {
	const body = structuredClone(json);
	const ids = new Set();
	const results = [];
	let calls = 0;
	const isOurs = (part) => {
		if (isCallOf(part, RETRIEVE)) {
			calls++;
			ids.add(part.id).add(part.call_id);
			return true;
		}
		if (!isOurResult(ids)(part))
			return false;
		results.push(part.content ?? part.output ?? part.functionResponse.response.output ?? part.functionResponse.response.error);
		return true;
	};
	const rest = (parts) => parts.filter((part) => !isOurs(part));
	const isTool = (tool) => tool.name === RETRIEVE;
	for (const holder of [body, ...(body.tools ?? []), ...(Array.isArray(body.input) ? body.input : [])])
		for (const key of ['tools', 'functionDeclarations'])
			if (Array.isArray(holder[key]))
				holder[key] = holder[key].filter((tool) => !isTool(tool));
	for (const [list, key] of [['messages', 'content'], ['contents', 'parts']]) {
		if (!body[list])
			continue;
		for (const m of body[list])
			if (Array.isArray(m[key]))
				m[key] = rest(m[key]);
		for (const m of body[list].filter((one) => one.tool_calls)) // Chat
			m.tool_calls = m.tool_calls.filter((call) => !isOurs(call));
		body[list] = joinedMessages(body[list].filter((m) => m.role === 'tool' ? !isOurs(m) : m[key]?.length || m.tool_calls?.length), key);
	}
	if (Array.isArray(body.input))
		body.input = rest(body.input);
	return { body, calls, results };
}

// Of items that Codex sends back, what it has added to or left out of those that the model said. Where they stand in a turn with
// lookups they are the model's own.
function bareItems(body) {
	for (const item of Array.isArray(body.input) ? body.input : [])
		if (/call$/.test(item.type) || item.role === 'assistant')
			for (const key of ['internal_chat_message_metadata_passthrough', 'status', 'phase'])
				delete item[key];
}

// A body split in two: {frame, outputs}. Both are normalised; the frame has a mark where each output was.
export function split(json, isLooking = false) {
	const body = structuredClone(json);
	if (isLooking)
		bareItems(body);
	const outputs = outputPlaces(body).map(([holder, key]) => {
		const output = holder[key];
		holder[key] = '<output>';
		return plain(typeof output === 'string' ? output : JSON.stringify(output));
	});
	return { frame: walked(body), outputs };
}

// The requests of the client among those that the provider got: {requests, rounds}. One that has no more results of the client's
// than the one before is a round of the proxy's.
export function clientsOwn(all) {
	const requests = [];
	for (const ex of all) {
		const bare = withoutLookups(ex.json);
		if (requests.length && split(bare.body).outputs.length === split(requests.at(-1).json).outputs.length)
			continue;
		requests.push({ ...bare, ex, json: bare.body });
	}
	return { requests, rounds: all.length - requests.length };
}

// Headers that may differ between two runs, or belong to the connection.
const NOT_COMPARED = new Set(['host', 'content-length', 'connection', 'accept', 'transfer-encoding']);

export function headersOf(ex) {
	return ex.headers.filter(([k]) => !NOT_COMPARED.has(k.toLowerCase()))
		.map(([k, v]) => `${k.toLowerCase()}: ${plain(v)}`).sort();
}

// Where two values differ first, in words; null when they do not. Frames are tens of KB: a whole diff says nothing.
export function difference(a, b, path = '') {
	if (typeof a === 'string' && typeof b === 'string') {
		let at = 0;
		while (at < a.length && a[at] === b[at])
			at++;
		const part = (text) => JSON.stringify(text.slice(Math.max(0, at - 40), at + 80));
		return a === b ? null : `${path}, character ${at}: ${part(a)} became ${part(b)}`;
	}
	if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object')
		return a === b ? null : `${path}: ${JSON.stringify(a)?.slice(0, 100)} became ${JSON.stringify(b)?.slice(0, 100)}`;
	for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
		const found = difference(a[key], b[key], `${path}/${key}`);
		if (found)
			return found;
	}
	return null;
}
