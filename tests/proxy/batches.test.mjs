// Requests in batches are answered when nobody waits: nothing is left out of them, unless the agent has a tool of its own to get
// it back (docs/decisions/0015). Results pass as they come, byte by byte.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pair, requestBytes, startProxy } from './kit.mjs';
import { formatOf } from './requests.mjs';

const OWN = 'headroom_retrieve';
const MCP = 'mcp__headroom__headroom_retrieve';

// What a search prints: most of it is left out where that may be.
const hits = (n = 500) => Array.from({ length: n }, (_, i) => `src/mod_${i / 9 | 0}.c:${10 + i % 9 * 13}:\tif (queue_length(q_${i % 7}) > limit_${i * 31 % 97}) return fail(ctx, "too long at ${i * 7919 % 10007}");`).join('\n');

const begin = (name) => formatOf(name).user('Look at the queues.');
const searched = (name) => [...begin(name), ...formatOf(name).step('1', 'Bash', { command: 'rg -n queue_length' }, hits())];

const BATCHES = {
	anthropic: {
		path: '/v1/messages/batches', wrap: (bodies) => ({ requests: bodies.map((params, i) => ({ custom_id: `r${i}`, params })) }), parts: (b) => b.requests.map((r) => r.params),
		tool: { name: MCP, description: 'x', input_schema: { type: 'object' } }, withTool: (body, tool) => ({ ...body, tools: [...body.tools, tool] }),
	},
	gemini: {
		path: '/v1beta/models/gemini-2.5-pro:batchGenerateContent',
		wrap: (bodies) => ({ batch: { display_name: 'b', input_config: { requests: { requests: bodies.map((request, i) => ({ request, metadata: { key: `r${i}` } })) } } } }),
		parts: (b) => b.batch.input_config.requests.requests.map((r) => r.request),
		tool: { name: MCP, description: 'x', parameters: { type: 'OBJECT' } },
		withTool: (body, tool) => ({ ...body, tools: [{ functionDeclarations: [...body.tools[0].functionDeclarations, tool] }] }),
	},
};

const bodyOf = (name, items) => formatOf(name).wrap(items, { stream: false });
const batchOf = (name, bodies) => ({ path: BATCHES[name].path, headers: [['Content-Type', 'application/json'], ...formatOf(name).headers], body: JSON.stringify(BATCHES[name].wrap(bodies)) });

for (const name of Object.keys(BATCHES)) {
	test(`${name}: nothing is offered in a batch, and nothing left out, also of a conversation that has begun live`, async (t) => {
		const { provider, proxy } = await pair(t, { ccr: true });
		const whole = await startProxy({ t, provider, ccr: true, args: ['--no-ccr-marker'] });
		const bodies = [bodyOf(name, begin(name)), bodyOf(name, searched(name))];
		assert.equal((await whole.ask(batchOf(name, bodies))).status, 200);
		const expected = provider.requests.at(-1).text;
		const live = { path: formatOf(name).path, headers: batchOf(name, []).headers, body: JSON.stringify(bodies[0]) };
		for (const isLive of [false, true]) {
			if (isLive) {
				await proxy.ask(live);
				assert.match(provider.requests.at(-1).text, new RegExp(OWN), 'it did not begin live with the tool');
			}
			const r = await proxy.ask(batchOf(name, bodies));
			assert.equal(r.status, 200);
			const sent = provider.requests.at(-1);
			assert.equal(sent.text, expected);
			assert.ok(!sent.text.includes(OWN));
			assert.ok(Number(r.header('x-headroom-tokens-saved')) >= 0);
			assert.equal(sent.header('accept-encoding'), undefined, 'the answer is not asked for in another way');
		}
	});

	test(`${name}: a tool of the agent's own is the way back in a batch, too, and its calls are the agent's`, async (t) => {
		const { provider, proxy } = await pair(t, { ccr: true });
		const { tool, withTool, parts } = BATCHES[name];
		const body = withTool(bodyOf(name, searched(name)), tool);
		await proxy.ask(batchOf(name, [body, bodyOf(name, searched(name))]));
		const [has, hasNot] = parts(provider.requests.at(-1).json).map((part) => JSON.stringify(part));
		assert.match(has, new RegExp(`original: ${MCP} [0-9a-f]{24}`));
		assert.ok(has.length < hasNot.length);
		assert.ok(!hasNot.includes('original: '));
	});
}

test('results come line by line, as the provider has them, calls of whatever tool among them', async (t) => {
	const { provider, proxy } = await pair(t, { ccr: true });
	const line = (i, content) => `{"custom_id":"r${i}","result":{"type":"succeeded","message":{"id":"msg_${i}","type":"message","role":"assistant","content":[${content}],"stop_reason":"tool_use"}}}\n`;
	const lines = [line(0, `{"type":"tool_use","id":"t1","name":"${OWN}","input":{"hash":"0123456789abcdef01234567"}}`), line(1, `{"type":"tool_use","id":"t2","name":"${MCP}","input":{}}`), '{"custom_id":"r2","result":{"type":"expired"}}\n'];
	const [first] = lines;
	for (const path of ['/v1/messages/batches/msgbatch_1/results', '/v1/files/file-1/content', '/download/v1beta/files/b1:download?alt=media']) {
		const text = lines.join('');
		provider.answer(path.split('?')[0], { body: text, type: 'application/x-jsonl', split: [first.length], hold: 'events', chunked: true });
		const before = provider.requests.length;
		const raw = await proxy.connect();
		await raw.send(requestBytes({ method: 'GET', path, headers: [['x-api-key', 'k'], ['anthropic-version', '2023-06-01']] }));
		const ex = await provider.next(before + 1);
		ex.release(1);
		const head = await raw.head();
		let got = '';
		for await (const part of raw.parts(head)) {
			got += part;
			if (got === first)
				ex.release(1);
			else
				assert.ok(got === text || ex.steps > 1, 'more than was sent');
		}
		assert.equal(got, text);
		assert.equal(provider.requests.length, before + 1);
		raw.close();
	}
});

test('a file for a batch of OpenAI is a file: it goes up as it is', async (t) => {
	const { provider, proxy } = await pair(t, { ccr: true });
	const lines = ['chat', 'responses'].map((name, i) => JSON.stringify({ custom_id: `r${i}`, method: 'POST', url: formatOf(name).path, body: bodyOf(name, searched(name)) }));
	const body = ['--x', 'Content-Disposition: form-data; name="purpose"', '', 'batch', '--x', 'Content-Disposition: form-data; name="file"; filename="b.jsonl"', 'Content-Type: application/jsonl', '', lines.join('\n'), '--x--', ''].join('\r\n');
	assert.equal((await proxy.ask({ path: '/v1/files', headers: [['Authorization', 'Bearer sk-test'], ['Content-Type', 'multipart/form-data; boundary=x']], body })).status, 200);
	assert.equal(provider.requests.at(-1).text, body);
	const made = JSON.stringify({ input_file_id: 'file-1', endpoint: '/v1/chat/completions', completion_window: '24h', metadata: { a: 'b' } });
	await proxy.ask({ path: '/v1/batches', headers: [['Authorization', 'Bearer sk-test'], ['Content-Type', 'application/json']], body: made });
	assert.equal(provider.requests.at(-1).text, made);
});
