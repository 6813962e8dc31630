// Memories through the proxy: what the model saves in one conversation stands in the next, its calls are answered within the
// answer, beside the client's own too, and nobody gets what is another's. One proxy for all of it.
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { before, after, test } from 'node:test';
import { startProvider } from '../provider/provider.mjs';
import { lastResults, readAnswer, resultsOf } from './answers.mjs';
import { run } from './option_rows.mjs';
import { startProxy, tempDir } from './kit.mjs';
import { DIALECT_NAMES, formatOf, itemsOf } from './requests.mjs';
import { pathOf, requestOf, usage } from './retrieve_kit.mjs';

const OPEN = '<headroom-memory';
const FACT = 'Deploys go through make release, never by hand.';
const save = (content, more = {}) => ({ name: 'memory_save', args: { content, ...more } });
const read = (path) => ({ name: 'Read', args: { file_path: path } });

let provider;
let proxy;
const cleanups = [];
before(async () => {
	const t = { after: (fn) => cleanups.push(fn) };
	provider = await startProvider();
	t.after(() => provider.close());
	proxy = await startProxy({ t, provider, args: ['--memory', '--memory-native-tool'] });
});
after(async () => {
	for (const fn of cleanups.reverse())
		await fn();
});

// A conversation of one project: asks, and keeps what was said.
class Talk {
	constructor(name, project, { stream = true, headers = [] } = {}) {
		Object.assign(this, { name, stream, items: [], headers: [['x-headroom-project-id', project], ...headers] });
	}

	// turns: what the model says, a round each. What the client reads, and what the provider was sent in each round.
	async ask(items, ...turns) {
		this.items.push(...items);
		const from = provider.requests.length;
		if (turns.length)
			provider.answer(pathOf(this.name, this.stream), ...turns.map((turn) => ({ turn: { usage: usage(5), ...turn } })));
		const r = await proxy.ask(requestOf(this.name, this.items, { stream: this.stream, headers: this.headers }));
		assert.equal(r.status, 200, r.text);
		const got = readAnswer(this.name, this.stream, r.text);
		this.items.push(...got.history);
		return { ...got, sent: provider.requests.slice(from) };
	}

	user(text, ...turns) {
		return this.ask(formatOf(this.name).user(text), ...turns);
	}
}

const answerOf = (name, sent) => JSON.parse(lastResults(name, sent.json).at(-1).text);

for (const name of DIALECT_NAMES) {
	for (const stream of [true, false]) {
		test(`${name}, ${stream ? 'stream' : 'whole'}: saved in one conversation, recalled, changed and forgotten in the next`, async () => {
			const project = `p-${name}-${stream}`;
			const first = new Talk(name, project, { stream });
			const saved = await first.user('Please remember how deploys work.', { text: 'Noting. ', calls: [save(FACT)], usage: usage(40) },
				{ text: 'Noted.', usage: usage(12) });
			assert.deepEqual(saved.calls, []);
			assert.match(saved.text, /Noting.*Noted\./s);
			assert.equal(saved.sent.length, 2);
			assert.ok(!saved.sent[0].text.includes(OPEN));
			assert.equal(answerOf(name, saved.sent[1]).status, 'saved');
			if (name === 'responses')
				assert.ok(saved.sent.every((r) => r.json.store === false));
			// what was really said is where the next request begins
			const next = await first.user('Thanks, go on.', { text: 'Gladly.' });
			const was = itemsOf(name, saved.sent[1].json);
			assert.deepEqual(itemsOf(name, next.sent[0].json).slice(0, was.length), was);

			const second = new Talk(name, project, { stream });
			const shown = await second.user('How do deploys work here?', { text: 'By make.' });
			assert.equal(shown.sent[0].text.split(FACT).length, 2);
			assert.ok(shown.sent[0].text.includes(OPEN));
			const again = await second.user('And who may change that rule?', { text: 'You.' });
			assert.ok(JSON.stringify(itemsOf(name, again.sent[0].json)).startsWith(JSON.stringify(itemsOf(name, shown.sent[0].json)).slice(0, -1)));

			const third = new Talk(name, project, { stream });
			const found = await third.user('Look up what you know.', { calls: [{ name: 'memory_search', args: { query: 'deploys' } }] }, { text: 'Well.' });
			const [memory] = answerOf(name, found.sent[1]).memories;
			assert.equal(memory.content, FACT);
			const updated = await third.user('They go through ansible now.',
				{ calls: [{ name: 'memory_update', args: { memory_id: memory.id, content: 'Deploys go through ansible.' } }] }, { text: 'Updated.' });
			const { memory_id: id, status } = answerOf(name, updated.sent[1]);
			assert.equal(status, 'updated');
			const fourth = new Talk(name, project, { stream });
			const now = await fourth.user('How do deploys work today?', { calls: [{ name: 'memory_delete', args: { memory_id: id } }] }, { text: 'Gone.' });
			assert.ok(now.sent[0].text.includes('ansible'));
			assert.ok(!now.sent[0].text.includes(FACT));
			assert.equal(answerOf(name, now.sent[1]).status, 'deleted');
			const fifth = await new Talk(name, project, { stream }).user('How do deploys work tomorrow?', { text: 'No idea.' });
			assert.ok(!fifth.sent[0].text.includes(OPEN));
		});

		test(`${name}, ${stream ? 'stream' : 'whole'}: a call beside the client's own is answered, and the client sees its own alone`, async () => {
			const talk = new Talk(name, `m-${name}-${stream}`, { stream });
			const got = await talk.user('Read it and remember.', { text: 'Both.', calls: [read('/a'), save('The file /a is read first.')] });
			assert.deepEqual(got.calls, [read('/a')]);
			assert.equal(got.sent.length, 1);
			const next = await talk.ask(resultsOf(name, got.history, 'a file'), { text: 'Done.' });
			const texts = lastResults(name, next.sent[0].json).map((x) => x.text);
			assert.equal(texts[0], 'a file');
			assert.equal(JSON.parse(texts[1]).status, 'saved');
			assert.ok(!texts.some((x) => x.includes(OPEN)));
		});
	}

	test(`${name}: a provider that fails meanwhile: the answer is whole, without a call of ours`, async () => {
		const talk = new Talk(name, `f-${name}`);
		talk.items.push(...formatOf(name).user('Remember: tea.'));
		provider.answer(pathOf(name, true), { turn: { text: 'Noting.', calls: [save('Bea likes tea.')] } }, { status: 500, json: { error: { message: 'no' } } });
		const r = await proxy.ask(requestOf(name, talk.items, { headers: talk.headers }));
		const got = readAnswer(name, true, r.text);
		assert.equal(r.status, 200);
		assert.deepEqual(got.calls, []);
		assert.match(got.text, /Noting\..*could not go on/s);
	});
}

test('a secret is not saved, and the model is told so', async () => {
	const r = await new Talk('anthropic', 'secrets').user('Remember the key.', { calls: [save('the key is sk-ant-api03-abcdefghijklmnop1234')] }, { text: 'No.' });
	const { status, error } = answerOf('anthropic', r.sent[1]);
	assert.equal(status, 'error');
	assert.match(error, /secrets are never remembered/);
	assert.ok(!existsSync(join(proxy.home, '.headroom', 'memories', 'projects', 'secrets')));
});

test('users and projects are apart, and where nobody knows the project nothing is read or written', async () => {
	const known = ['x-headroom-user-id', 'ann'];
	await new Talk('anthropic', 'apart', { headers: [known] }).user('Remember.', { calls: [save('The password manager is green.')] }, { text: 'Yes.' });
	const question = 'Which colour has the password manager?';
	const sees = async (project, headers) => (await new Talk('anthropic', project, { headers }).user(question, { text: 'x' })).sent[0].text;
	assert.ok((await sees('apart', [known])).includes('is green'));
	assert.ok(!(await sees('apart', [['x-headroom-user-id', 'bob']])).includes('is green'));
	assert.ok(!(await sees('elsewhere', [known])).includes('is green'));
	const dir = join(proxy.home, '.headroom', 'memories', 'projects');
	const files = readdirSync(dir).sort();
	const nowhere = await sees('', [known]);
	assert.ok(!nowhere.includes(OPEN) && !nowhere.includes('memory_save'));
	assert.deepEqual(readdirSync(dir).sort(), files);
});

test('the directory that the prompt names is the project; texts of people and tools name none', async () => {
	const body = (system, text) => JSON.stringify({ model: 'claude-opus-4', max_tokens: 9, system, tools: [{ name: 'Read', input_schema: { type: 'object' } }], messages: [{ role: 'user', content: text }] });
	const send = async (system, text) => {
		const from = provider.requests.length;
		const r = requestOf('anthropic', [], { stream: false });
		assert.equal((await proxy.ask({ ...r, body: body(system, text) })).status, 200);
		return provider.requests.slice(from);
	};
	provider.answer(pathOf('anthropic', false), { turn: { calls: [save('The linter is called mint.')] } }, { turn: { text: 'Yes.' } });
	await send('You help.\nPrimary working directory: /srv/shop\n', 'Remember the linter.');
	assert.ok((await send('Primary working directory: /srv/shop\nDate: y', 'What is the linter called?'))[0].text.includes('mint'));
	assert.ok(!(await send('Primary working directory: /srv/other', 'What is the linter called?'))[0].text.includes('mint'));
	assert.ok(!(await send('You help.', 'Working directory: /srv/shop. What is the linter called?'))[0].text.includes('mint'));
});

test('what asks to be let alone is, byte for byte; and a tool result is no question', async () => {
	await new Talk('anthropic', 'bypass').user('Remember.', { calls: [save('The parser is in core/json.')] }, { text: 'Yes.' });
	const r = requestOf('anthropic', formatOf('anthropic').user('Where is the parser?'), { headers: [['x-headroom-project-id', 'bypass'], ['x-headroom-bypass', 'true']] });
	await proxy.ask(r);
	assert.equal(provider.requests.at(-1).text, r.body);
	const talk = new Talk('anthropic', 'bypass');
	const got = await talk.user('Look at it.', { calls: [read('/parser')] });
	const next = await talk.ask(resultsOf('anthropic', got.history, 'where the parser is'), { text: 'Done.' });
	assert.ok(!next.sent[0].text.includes(OPEN));
});

test('files of the memory tool that a client declares, where it is asked for', async (t) => {
	const tools = [{ type: 'memory_20250818', name: 'memory' }, { name: 'Read', input_schema: { type: 'object' } }];
	const headers = [['x-headroom-project-id', 'files']];
	const [user, path] = [formatOf('anthropic').user, pathOf('anthropic', true)];
	const files = (args) => ({ name: 'memory', args });
	const send = async (to, lone, text, ...turns) => {
		const from = lone.requests.length;
		lone.answer(path, ...turns.map((turn) => ({ turn })));
		const r = await to.ask(requestOf('anthropic', user(text), { headers, tools }));
		return { ...readAnswer('anthropic', true, r.text), texts: lone.requests.slice(from + 1).map((s) => lastResults('anthropic', s.json).at(-1).text) };
	};
	const got = await send(proxy, provider, 'Keep notes.', { calls: [files({ command: 'create', path: '/memories/notes.md', file_text: 'one\ntwo\n' })] },
		{ calls: [files({ command: 'str_replace', path: '/memories/notes.md', old_str: 'two', new_str: 'three' })] },
		{ calls: [files({ command: 'view', path: '/memories/notes.md' })] }, { text: 'Kept.' });
	assert.deepEqual(got.calls, []);
	assert.equal(got.text, 'Kept.');
	assert.match(got.texts[2], / 1\tone\n +2\tthree\n/);
	// by default the client has its own files
	const lone = await startProvider();
	t.after(() => lone.close());
	const plain = await startProxy({ t, provider: lone, args: ['--memory'] });
	const view = files({ command: 'view', path: '/memories' });
	assert.deepEqual((await send(plain, lone, 'Look.', { calls: [view] })).calls, [view]);
});

// What a request of a first conversation has of memories, under such options.
const OPTIONS = [
	[['--no-optimize', '--memory-top-k', '1'], { hasTools: true, shown: 1, hasRetrieve: false }],
	[['--no-memory-tools'], { hasTools: false, shown: 2, hasRetrieve: true }],
	[['--no-memory-context'], { hasTools: true, shown: 0, hasRetrieve: true }],
	[['--memory-storage', 'global'], { hasTools: true, shown: 0, hasRetrieve: true }],
	[['--memory-db-path', 'other/memory.db'], { hasTools: true, shown: 0, hasRetrieve: true }],
	[['--stateless'], { hasTools: false, shown: 0, hasRetrieve: true }],
];

test('options take away what they say', async (t) => {
	const home = tempDir(t);
	const lone = await startProvider();
	t.after(() => lone.close());
	const sees = async (args) => {
		const one = await startProxy({ t, provider: lone, home, ccr: true, args: ['--memory', '--memory-project-root', '/srv/p', ...args] });
		const r = requestOf('anthropic', formatOf('anthropic').user(`What is the port of the service? ${args.join(' ')}`), { stream: false });
		const from = lone.requests.length;
		assert.equal((await one.ask(r)).status, 200);
		const { text } = lone.requests[from];
		await one.stop();
		return { hasTools: text.includes('memory_save'), shown: text.split(/\d\. \[/).length - 1, hasRetrieve: text.includes('headroom_retrieve') };
	};
	const calls = [save('The port of the service is 8443.'), save('The service has its port from a file.')];
	lone.answer(pathOf('anthropic', false), { turn: { calls } }, { turn: { text: 'Yes.' } });
	assert.deepEqual(await sees([]), { hasTools: true, shown: 0, hasRetrieve: true });
	for (const [args, expected] of OPTIONS)
		assert.deepEqual(await sees(args), expected, args.join(' '));
});

// A conversation in which python is not there and python3 is.
const bash = (id, command, content, isError) => [
	{ role: 'assistant', content: [{ type: 'tool_use', id, name: 'Bash', input: { command } }] },
	{ role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content, is_error: isError }] },
];
const fails = (n) => [{ role: 'user', content: `Run number ${n}.` },
	...bash(`a${n}`, 'python a.py', 'Exit code 127\n/bin/bash: line 1: python: command not found', true),
	...bash(`b${n}`, 'python3 a.py', 'fine', false)];
const LEARNED = '`python` is not found here: use `python3`.';

test('what was seen often enough is remembered', async (t) => {
	const home = tempDir(t);
	const lone = await startProvider();
	t.after(() => lone.close());
	const start = (...args) => startProxy({ t, provider: lone, home, args: ['--learn', '--min-evidence', '2', ...args] });
	const send = async (one, messages, headers = []) => {
		const r = requestOf('anthropic', [], { stream: false, headers });
		const body = JSON.stringify({ model: 'claude-opus-4', max_tokens: 9, system: 'Primary working directory: /srv/shop\n', messages });
		assert.equal((await one.ask({ ...r, body })).status, 200);
		return lone.requests.at(-1).text;
	};
	const remembered = () => JSON.parse(run(['memory', 'list', '--json', '--project', '/srv/shop'], { home }).out).memories.map((m) => m.content);
	const one = await start();
	for (let i = 0; i < 4; i++)
		await send(one, fails(1));
	await send(one, fails(2), [['x-headroom-user-id', 'somebody-else']]);
	await one.stop();
	// a history that is sent again, to another process too, counts once
	const two = await start();
	await send(two, fails(1));
	await two.stop();
	assert.ok(!existsSync(join(home, '.headroom', 'memories')));
	const three = await start();
	await send(three, fails(2));
	await three.stop();
	assert.deepEqual(remembered(), [LEARNED]);
	const four = await start('--no-learn', '--memory');
	assert.ok((await send(four, [{ role: 'user', content: 'Is python or python3 found here?' }])).includes(LEARNED));
});
