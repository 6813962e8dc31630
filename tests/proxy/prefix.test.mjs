// What was forwarded stays: the bytes for turn n are a prefix of those for turn n + 1, in both modes, over a restart, on
// whichever worker. Providers cache by prefix, and a rewritten one is paid for again.
// With HEADROOM_CORPORA=folder (recorded conversations, *.json) those are sent, too.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startProvider } from '../provider/provider.mjs';
import { startProxy, tempDir, until } from './kit.mjs';
import { FORMAT_NAMES, conversation, formatOf, request } from './requests.mjs';

const TURNS = 12;

// The client itself moves its mark on from turn to turn; nothing else may differ.
const unmarked = (text) => text.replaceAll(',"cache_control":{"type":"ephemeral"}', '');

// A forwarded body up to the end of its last message. `tail` is what follows the messages in what was sent.
function upToMessages(text, tail) {
	assert.ok(text.endsWith(tail), 'what follows the messages was changed');
	return text.slice(0, text.length - tail.length);
}

// The body that a client sends for a turn, and what follows its messages.
function turnOf(name, steps, options) {
	const body = conversation(name, steps, options);
	const items = body[formatOf(name).items];
	if (options.marks)
		markLast(items);
	const text = JSON.stringify(body);
	const last = JSON.stringify(items.at(-1));
	return { text, tail: text.slice(text.lastIndexOf(last) + last.length) };
}

// Texts become blocks everywhere: that the last one only does is a change of the client's own, and not the matter here.
function markLast(messages) {
	for (const message of messages)
		if (typeof message.content === 'string')
			message.content = [{ type: 'text', text: message.content }];
	messages.at(-1).content.at(-1).cache_control = { type: 'ephemeral' };
}

function assertPrefix(earlier, later, what) {
	let at = 0;
	while (at < earlier.length && earlier[at] === later[at])
		at++;
	assert.equal(at, earlier.length, `${what}: at ${at} of ${earlier.length} ${JSON.stringify(earlier.slice(Math.max(0, at - 30), at + 60))} became ${JSON.stringify(later.slice(Math.max(0, at - 30), at + 60))}`);
}

// Sends turns [from, to) and checks each against the one before. state: {previous} over several calls.
async function converse(proxy, provider, name, from, to, state, options = {}) {
	const format = formatOf(name);
	for (let n = from; n < to; n++) {
		const { text, tail } = turnOf(name, n, options);
		const r = await proxy.ask({ ...request(name), body: text });
		assert.equal(r.status, 200, r.text);
		const got = unmarked(upToMessages(provider.requests.at(-1).text, tail));
		state.saved = (state.saved ?? 0) + text.length - provider.requests.at(-1).body.length;
		if (state.previous !== undefined)
			assertPrefix(state.previous, got, `${format.path} turn ${n}`);
		state.previous = got;
	}
}

for (const mode of ['token', 'cache']) {
	for (const name of FORMAT_NAMES) {
		test(`--mode ${mode}, ${name}: over ${TURNS} turns, with a restart in the middle`, async (t) => {
			const provider = await startProvider();
			t.after(() => provider.close());
			const home = tempDir(t);
			const state = {};
			for (const [from, to] of [[0, 5], [5, 9], [9, TURNS + 1]]) {
				const proxy = await startProxy({ provider, home, args: ['--mode', mode] });
				await converse(proxy, provider, name, from, to, state);
				await proxy.stop();
			}
			assert.ok(state.saved > 0, 'nothing was saved: the property says nothing');
		});
	}
	test(`--mode ${mode}: --workers 4, every turn on another connection, eight conversations at once`, async (t) => {
		const provider = await startProvider();
		t.after(() => provider.close());
		const proxy = await startProxy({ t, provider, args: ['--mode', mode, '--workers', '4'] });
		const bySeed = new Map();
		for (let n = 0; n <= TURNS; n++) {
			await Promise.all(Array.from({ length: 8 }, async (_, k) => {
				const name = FORMAT_NAMES[k % FORMAT_NAMES.length];
				const { text, tail } = turnOf(name, n, { seed: 20 + k });
				const r = await proxy.ask({ ...request(name), body: text, headers: [...request(name).headers, ['x-test-conversation', String(k)]] });
				assert.equal(r.status, 200);
				const got = upToMessages(provider.requests.findLast((ex) => ex.header('x-test-conversation') === String(k)).text, tail);
				if (bySeed.has(k))
					assertPrefix(bySeed.get(k), got, `conversation ${k} turn ${n}`);
				bySeed.set(k, got);
			}));
		}
	});
	test(`--mode ${mode}: a mark that moves, a fork, a repeated turn`, async (t) => {
		const provider = await startProvider();
		t.after(() => provider.close());
		const proxy = await startProxy({ t, provider, args: ['--mode', mode, '--no-cache'] });
		const marked = {};
		await converse(proxy, provider, 'anthropic', 0, TURNS, marked, { marks: true });
		assert.ok(marked.saved > 0);
		// the same conversation goes two ways: what they have in common is the same on both
		const ways = [];
		for (const last of ['And now this.', 'Or rather that.']) {
			const { text } = turnOf('anthropic', 6, { last });
			await proxy.ask({ ...request('anthropic'), body: text });
			ways.push(provider.requests.at(-1).text.split(JSON.stringify(last))[0]);
		}
		assert.equal(ways[0], ways[1]);
		// the same request again is the same bytes
		const { text } = turnOf('chat', 7, {});
		const again = [];
		for (let i = 0; i < 3; i++) {
			await proxy.ask({ ...request('chat'), body: text });
			again.push(provider.requests.at(-1).text);
		}
		assert.equal(new Set(again).size, 1);
	});
}

// Recorded conversations: request k is head and messages[start:end].
function recordedBody(file, turn, provider) {
	const messages = structuredClone(file.messages.slice(turn.start, turn.end));
	if (provider === 'anthropic')
		markLast(messages);
	const key = provider === 'openai-responses' ? 'input' : 'messages';
	const body = { ...file.head, [key]: messages };
	const text = JSON.stringify(body);
	const last = JSON.stringify(messages.at(-1));
	return { text, tail: text.slice(text.lastIndexOf(last) + last.length) };
}

const PATHS = { anthropic: '/v1/messages', 'openai-chat': '/v1/chat/completions', 'openai-responses': '/v1/responses' };

const corpora = process.env.HEADROOM_CORPORA;

test('recorded conversations', { skip: corpora ? false : 'HEADROOM_CORPORA is not set' }, async (t) => {
	const provider = await startProvider();
	t.after(() => provider.close());
	for (const mode of ['token', 'cache']) {
		const home = tempDir(t);
		const start = () => startProxy({ provider, home, args: ['--mode', mode, '--workers', '4', '--no-cache'] });
		const total = { sent: 0, forwarded: 0, turns: 0 };
		let proxy = await start();
		for (const name of readdirSync(corpora).filter((f) => f.endsWith('.json')).sort()) {
			const file = JSON.parse(readFileSync(join(corpora, name), 'utf8'));
			let before = {};
			for (const [k, turn] of file.turns.entries()) {
				if (k === file.turns.length >> 1) {
					await proxy.stop();
					proxy = await start();
				}
				const { text, tail } = recordedBody(file, turn, file.provider);
				const r = await proxy.ask({ method: 'POST', path: PATHS[file.provider], headers: [['x-api-key', 'k'], ['authorization', 'Bearer k'], ['content-type', 'application/json']], body: text });
				assert.equal(r.status, 200, r.text);
				const ex = provider.requests.at(-1);
				const got = unmarked(upToMessages(ex.text, tail));
				if (turn.start === before.start) // else the client itself compacted
					assertPrefix(before.got, got, `${mode} ${name} up to message ${turn.end}`);
				before = { got, start: turn.start };
				total.sent += Buffer.byteLength(text);
				total.forwarded += ex.body.length;
				total.turns++;
				provider.forget();
			}
		}
		await proxy.stop();
		t.diagnostic(`${mode}: ${total.turns} requests, ${total.sent} bytes sent, ${total.forwarded} forwarded`);
	}
});

// What the code graph says changes with the files; what was sent of one does not.
test('--code-graph: what is related to the question stays whole in an outline, and stays so', async (t) => {
	const provider = await startProvider();
	t.after(() => provider.close());
	const home = tempDir(t);
	const path = join(home, 'f.py');
	const line = (i) => `x = x * ${i * 7919 + 3} + 3`;
	const text = Array.from({ length: 40 }, (_, i) => `def f${i}(x):\n${Array.from({ length: 6 }, (_, k) => `    x = x * ${i * 7919 + k} + ${k}`).join('\n')}\n    return x\n`).join('\n');
	const calls = (i) => writeFileSync(join(home, 'main.py'), `def main_loop(x):\n    return f${i}(x)\n`);
	const messages = (n) => [{ role: 'user', content: `${n}: why does main_loop fail?` },
		{ role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'Read', input: { file_path: path } }] },
		{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: text }] }];
	const send = async (proxy, list) => {
		const body = JSON.stringify({ model: 'claude-opus-4', max_tokens: 1, tools: [{ name: 'Read', input_schema: { type: 'object' } }], messages: list });
		assert.equal((await proxy.ask({ ...request('anthropic'), body })).status, 200);
		return provider.requests.at(-1).text;
	};
	// Asks in new conversations until the graph has read the files.
	const untilRelated = (proxy, i, n) => until(async () => {
		const got = await send(proxy, messages(++n));
		return got.includes(line(i)) && { n, got };
	}, 'the graph to know');
	writeFileSync(path, text);
	calls(20);
	const options = { provider, home, ccr: true, args: ['--intercept-tool-results', '--code-graph'] };
	let proxy = await startProxy(options);
	const { n, got } = await untilRelated(proxy, 20, 0);
	assert.ok(!got.includes(line(30)) && got.includes('not shown]'));
	await proxy.stop();
	calls(30);
	proxy = await startProxy(options);
	const now = await untilRelated(proxy, 30, 1000);
	assert.ok(!now.got.includes(line(20)));
	const next = [...messages(n), { role: 'assistant', content: 'Done.' }, { role: 'user', content: 'thanks' }];
	const end = ']}]}';
	assert.ok(got.endsWith(end));
	assertPrefix(got.slice(0, -2), await send(proxy, next), 'the next turn');
	await proxy.stop();
});
