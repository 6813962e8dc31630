// The requests of an agent's whole session, in any of the formats: it reads, changes, searches, fails, reads again, calls
// in parallel, asks a sub-agent, goes on another day with its history spelled otherwise, and compacts. The same
// arguments give the same bytes.
import { formatOf, numbered as manyLines } from './requests.mjs';

const LINES = 80;
const numbered = (seed) => manyLines(seed, LINES);

const json = (seed) => JSON.stringify(Array.from({ length: 25 }, (_, i) => ({ id: seed * 1000 + i, name: `item-${i % 7}`, state: i % 5 ? 'active' : 'deleted', url: `https://example.test/items/${i}` })), null, 2);
const log = (seed) => Array.from({ length: 60 }, (_, i) => `\u001b[32mINFO\u001b[0m worker-${i % 4} handled request id=${seed * 100 + i} in ${i * 7 % 90} ms`).join('\n');
const grep = (seed) => Array.from({ length: 40 }, (_, i) => `/w/src/module_${seed}/file_${i % 6}.c:${i * 13 + 1}:\tqueue[${i % 5}] += step_${seed};`).join('\n');
const changed = (seed) => numbered(seed).replace('the same old story', 'a new story');

// What a result looks like when it is a failure, and when it is a list of texts.
const SHAPES = {
	anthropic: {
		fail: (items) => Object.assign(items[1].content[0], { is_error: true }),
		list: (items) => { items[1].content[0].content = items[1].content[0].content.split('\n\n').map((text) => ({ type: 'text', text })); },
	},
	chat: { fail: () => {}, list: (items) => { items[1].content = items[1].content.split('\n\n').map((text) => ({ type: 'text', text })); } },
	responses: { fail: () => {}, list: (items) => { items[1].output = items[1].output.split('\n\n').map((text) => ({ type: 'input_text', text })); } },
	gemini: { fail: (items) => { const r = items[1].parts[0].functionResponse; r.response = { error: r.response.output }; }, list: () => {} },
};

const lists = (m) => m.content ?? m.parts;

// Two calls in one answer of the model, and both results.
function inParallel(name, [callA, resultA], [callB, resultB]) {
	if (name === 'responses')
		return [callA, callB, resultA, resultB];
	if (name === 'chat')
		return [{ ...callA, tool_calls: [...callA.tool_calls, ...callB.tool_calls] }, resultA, resultB];
	lists(callA).push(...lists(callB).filter((b) => b.type !== 'text'));
	lists(resultA).push(...lists(resultB));
	return [callA, resultA];
}

// The conversation on another day: contents that were lists of one text are strings, and the other way round.
function respelled(name, items) {
	return items.map((item) => {
		if (name === 'anthropic' && item.role === 'user' && typeof item.content === 'string')
			return { ...item, content: [{ type: 'text', text: item.content }] };
		if (name === 'anthropic' && Array.isArray(item.content))
			return {
				...item, content: item.content.map((b) => (b.type === 'tool_result' && typeof b.content === 'string'
					? { ...b, content: [{ type: 'text', text: b.content }] } : b)),
			};
		if (name === 'chat' && item.role === 'user' && typeof item.content === 'string')
			return { ...item, content: [{ type: 'text', text: item.content }] };
		return item;
	});
}

// Claude Code's breakpoint on the last block of the last message, gone from there at the next request.
function marked(name, items) {
	const last = items.at(-1);
	if (name !== 'anthropic')
		return items;
	const content = typeof last.content === 'string' ? [{ type: 'text', text: last.content }] : last.content;
	return [...items.slice(0, -1), { ...last, content: [...content.slice(0, -1), { ...content.at(-1), cache_control: { type: 'ephemeral' } }] }];
}

const bodyOf = (name, items) => Buffer.from(JSON.stringify(formatOf(name).wrap(marked(name, items), {})));

// [{kind, body}] in the order in which the agent sends them. kind: 'main'; 'sub' of another conversation; 'again', what
// was sent before, as a client does that has lost the answer.
export function agentSession(name, seed) {
	const { user, step } = formatOf(name);
	const out = [];
	let k = 0;
	const one = (tool, args, text) => step(`${seed}_${k++}`, tool, args, text);
	const read = (file, text) => one('Read', { file_path: `/w/${file}_${seed}.c` }, text);
	const shape = (how, items) => (SHAPES[name][how](items), items);
	let items = user(`Please repair the queue of module ${seed}.`);
	const send = (added = []) => {
		items = [...items, ...added];
		out.push({ kind: 'main', body: bodyOf(name, items) });
	};
	send();
	send(read('a', numbered(seed)));
	send(read('b', numbered(seed + 1)));
	send(one('Edit', { file_path: `/w/a_${seed}.c`, old_string: 'the same old story', new_string: 'a new story' }, 'The file has been updated.'));
	send(read('a', changed(seed)));
	const early = out.at(-1).body;
	send(one('Grep', { pattern: 'queue', path: '/w' }, grep(seed)));
	send(shape('fail', one('Bash', { command: 'make test' }, `Exit code 2\n${log(seed)}`)));
	subAgent(name, seed).forEach((body) => out.push({ kind: 'sub', body }));
	send(inParallel(name, read('c', numbered(seed + 2)), one('Bash', { command: 'cat log' }, log(seed + 1))));
	send(shape('list', one('Task', { prompt: 'Read it for me.' }, `${numbered(seed + 3)}\n\nagentId: x1`)));
	send(read('b', numbered(seed + 1)));
	out.push({ kind: 'again', body: early });
	send(one('Bash', { command: 'curl https://example.test/items' }, json(seed)));
	items = respelled(name, items);
	send(user('Go on.'));
	send(read('a', changed(seed)));
	send(one('Bash', { command: 'make test' }, log(seed)));
	items = user(`A summary of all that went before in module ${seed}: the queue is repaired, the tests pass.`);
	send(read('a', changed(seed)));
	send(read('a', changed(seed)));
	send(inParallel(name, read('b', numbered(seed + 1)), one('Grep', { pattern: 'queue', path: '/w' }, grep(seed))));
	return out;
}

// A conversation of its own over the same files.
function subAgent(name, seed) {
	const { user, step } = formatOf(name);
	let items = user('You are a sub-agent. Find the queue.');
	return [numbered(seed), changed(seed), numbered(seed)].map((text, i) => {
		items = [...items, ...step(`sub${seed}_${i}`, 'Read', { file_path: `/w/a_${seed}.c` }, text)];
		return bodyOf(name, items);
	});
}
