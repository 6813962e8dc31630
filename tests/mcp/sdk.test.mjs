// The official client of the Model Context Protocol talks to `headroom mcp serve`: it checks every message against the
// schemas of the protocol, and structured content against the tool's own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HEADROOM, environment, loadSdk, logText, tempHome } from './kit.mjs';

const sdk = await loadSdk();
const skip = sdk ? false : 'SKIPPED: the official MCP client is not installed (make deps)';
if (skip)
	console.error(skip);

async function connect(t, options = {}) {
	const home = options.home ?? tempHome(t);
	const transport = new sdk.StdioClientTransport({
		command: HEADROOM, args: ['mcp', 'serve'], env: environment(home), cwd: home, stderr: 'pipe',
	});
	const client = new sdk.Client({ name: 'sdk-test', version: '1' }, { capabilities: {} });
	const errors = [];
	client.onerror = (e) => errors.push(e);
	await client.connect(transport);
	t.after(() => client.close());
	return { client, transport, home, errors };
}

const textOf = (result, i = 0) => result.content[i].text;

test('it connects, lists the tools, pings and closes', { skip }, async (t) => {
	const { client, errors } = await connect(t);
	assert.equal(client.getServerVersion().name, 'headroom');
	assert.deepEqual(client.getServerCapabilities(), { tools: { listChanged: false }, logging: {} });
	assert.match(client.getInstructions(), /headroom_retrieve/);
	const { tools, nextCursor } = await client.listTools();
	assert.deepEqual(tools.map((tool) => tool.name), ['headroom_retrieve', 'headroom_compress', 'headroom_stats']);
	assert.equal(nextCursor, undefined);
	assert.equal(tools[0].annotations.readOnlyHint, true);
	assert.deepEqual(tools[0].inputSchema.required, ['hash']);
	await client.ping();
	await client.setLoggingLevel('debug');
	await assert.rejects(client.listResources(), (e) => e.code === -32601 || /does not support/.test(e.message));
	assert.deepEqual(errors, []);
});

test('what was left out of a text comes back by its hash, whole and in parts', { skip }, async (t) => {
	const { client } = await connect(t);
	const text = logText(900);
	const made = await client.callTool({ name: 'headroom_compress', arguments: { text, keep: true } });
	const report = JSON.parse(textOf(made));
	assert.ok(report.tokens_after < report.tokens_before / 4, JSON.stringify(report));
	assert.ok(textOf(made, 1).includes(`original: headroom_retrieve ${report.hash}`));
	const part = await client.callTool({ name: 'headroom_retrieve', arguments: { hash: report.hash, lines: '450-451' } });
	assert.equal(textOf(part).split('\n').slice(2, 4).join('\n'), text.split('\n').slice(449, 451).join('\n'));
	// page by page, every byte of it
	let lines = [];
	for (let offset = 0; ;) {
		const page = textOf(await client.callTool({ name: 'headroom_retrieve', arguments: { hash: report.hash, offset } }));
		lines = lines.concat(page.split('\n').filter((line) => line && !/^\[(original|lines?|cut) ?/.test(line)));
		const next = /\[cut here; next: offset (\d+)\]/.exec(page);
		if (!next)
			break;
		offset = Number(next[1]);
	}
	assert.equal(`${lines.join('\n')}\n`, text);
	// another server of the same store
	const found = await client.callTool({ name: 'headroom_retrieve', arguments: { hash: report.hash, query: 'id=1130' } });
	assert.match(textOf(found), /id=1130/);
});

test('a server that is started later finds what another one kept', { skip }, async (t) => {
	const home = tempHome(t);
	const first = await connect(t, { home });
	const text = logText(500);
	const made = await first.client.callTool({ name: 'headroom_compress', arguments: { text, keep: true } });
	const { hash } = JSON.parse(textOf(made));
	await first.client.close();
	const second = await connect(t, { home });
	const back = await second.client.callTool({ name: 'headroom_retrieve', arguments: { hash, lines: '500' } });
	assert.equal(back.isError, false);
	assert.ok(textOf(back).includes(text.trim().split('\n').at(-1)));
});

test('results in messages are made smaller, all else stays', { skip }, async (t) => {
	const { client } = await connect(t);
	const messages = [
		{ role: 'user', content: 'run it' },
		{ role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'Bash', input: { command: './server --verbose' } }] },
		{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content: logText(300) }] },
	];
	const made = await client.callTool({ name: 'headroom_compress', arguments: { messages } });
	const report = JSON.parse(textOf(made));
	const after = JSON.parse(textOf(made, 1));
	assert.equal(report.changed, 1);
	assert.deepEqual(after.slice(0, 2), messages.slice(0, 2));
	assert.ok(after[2].content[0].content.length < messages[2].content[0].content.length / 2);
});

test('figures come as structured content that fits their schema', { skip }, async (t) => {
	const { client } = await connect(t);
	await client.listTools(); // so that the client knows the schema
	const stats = await client.callTool({ name: 'headroom_stats', arguments: { days: 7 } });
	assert.equal(stats.structuredContent.requests, 0);
	assert.deepEqual(JSON.parse(textOf(stats)), stats.structuredContent);
});

test('what fails is told to the model, what is wrong to the client', { skip }, async (t) => {
	const { client, errors } = await connect(t);
	const gone = await client.callTool({ name: 'headroom_retrieve', arguments: { hash: '0123456789abcdef01234567' } });
	assert.equal(gone.isError, true);
	assert.match(textOf(gone), /run the command again/);
	const none = await client.callTool({ name: 'headroom_compress', arguments: {} });
	assert.equal(none.isError, true);
	await assert.rejects(client.callTool({ name: 'headroom_nothing', arguments: {} }), (e) => e.code === -32602);
	assert.deepEqual(errors, []);
});

test('a hundred calls at once are all answered, each with its own text', { skip }, async (t) => {
	const { client } = await connect(t);
	const texts = Array.from({ length: 100 }, (_, i) => `call ${i}\n${'x'.repeat(i * 100)}\n`);
	const answers = await Promise.all(texts.map((text) => client.callTool({ name: 'headroom_compress', arguments: { text } })));
	answers.forEach((answer, i) => assert.ok(textOf(answer, 1).startsWith(`call ${i}\n`)));
});

test('a megabyte of text goes through', { skip }, async (t) => {
	const { client } = await connect(t);
	const text = logText(16000);
	assert.ok(text.length > 1 << 20);
	const made = await client.callTool({ name: 'headroom_compress', arguments: { text, keep: true } }, undefined, { timeout: 300000 });
	assert.equal(made.isError, false);
	assert.ok(textOf(made, 1).length < text.length / 2);
});

test('an aborted call leaves the session usable', { skip }, async (t) => {
	const { client, errors } = await connect(t);
	const stop = new AbortController();
	const call = client.callTool({ name: 'headroom_compress', arguments: { text: logText(4000) } }, undefined, { signal: stop.signal });
	stop.abort('not wanted any more');
	await assert.rejects(call);
	assert.equal((await client.callTool({ name: 'headroom_stats', arguments: {} })).isError, false);
	assert.deepEqual(errors, []);
});
