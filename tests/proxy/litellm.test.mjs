// LiteLLM's guardrail "headroom" and /v1/compress: what it sends, and what it takes, after litellm 1.110.2
// (litellm/proxy/guardrails/guardrail_hooks/headroom/headroom.py). It keeps back all turns of the assistant and the newest of the user, so that results
// of tools come without their calls; it wants as many messages back, in the order of their roles; and it gives the model
// headroom_retrieve for the hashes that it was told. HEADROOM_LITELLM=PYTHON, one that has litellm, asks the guardrail itself, too.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { startProxy, tempDir } from './kit.mjs';

const TOKEN = 'a-token-of-the-team';
const LOG = Array.from({ length: 600 }, (_, i) => `2026-01-01T00:${String(Math.floor(i / 60)).padStart(2, '0')}:${String(i % 60).padStart(2, '0')}Z INFO worker ${i * 7919 % 1000} took job ${(i * 2654435761 >>> 0).toString(16)} from queue ${i % 5}`).join('\n');
const CONVERSATION = [
	{ role: 'system', content: 'You look after the queue.' },
	{ role: 'user', content: 'What does the log say?' },
	{ role: 'assistant', content: null, tool_calls: [{ id: 'c1', type: 'function', function: { name: 'bash', arguments: '{"command":"journalctl -u queue"}' } }] },
	{ role: 'tool', tool_call_id: 'c1', content: LOG },
	{ role: 'assistant', content: 'Jobs were taken.' },
	{ role: 'user', content: 'Which ones?' },
];

async function call(proxy, path, body, token = TOKEN) {
	const r = await fetch(proxy.url + path, {
		method: body ? 'POST' : 'GET', body: body && JSON.stringify(body),
		headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, 'x-headroom-affinity': 'session-1' },
	});
	return { status: r.status, json: await r.json() };
}

test('the guardrail: what it sends is compressed, row by row, and its hashes lead to the originals', async (t) => {
	const proxy = await startProxy({ t, ccr: true, env: { HEADROOM_PROXY_TOKEN: TOKEN } });
	const sent = CONVERSATION.slice(0, 4).filter((m) => m.role !== 'assistant' && m.role !== 'system');
	const ask = (config) => call(proxy, '/v1/compress', { messages: sent, model: 'gpt-4o', ...config });
	const ccr = await ask({ config: { mode: 'ccr' } });
	assert.equal(ccr.status, 200);
	const a = ccr.json;
	assert.deepEqual(a.messages.map((m) => m.role), sent.map((m) => m.role));
	assert.deepEqual(a.messages[0], sent[0]);
	assert.equal(a.messages[1].tool_call_id, 'c1');
	assert.ok(a.messages[1].content.length < LOG.length / 4);
	for (const what of ['tokens_before', 'tokens_after', 'tokens_saved', 'compression_ratio'])
		assert.equal(typeof a[what], 'number', what);
	assert.deepEqual(a.transforms_applied, ['log']);
	assert.equal(a.warnings, undefined);
	assert.equal(a.ccr_hashes.length, 1);
	assert.match(a.ccr_hashes[0], /^[a-f0-9]{12,24}$/);
	assert.ok(a.messages[1].content.includes(`headroom_retrieve ${a.ccr_hashes[0]}`), 'the model sees the hash, and which tool takes it');
	const original = await call(proxy, `/v1/retrieve/${a.ccr_hashes[0]}`);
	assert.equal(original.json.original_content, LOG);
	const part = await call(proxy, `/v1/retrieve/${a.ccr_hashes[0]}?query=${encodeURIComponent('00:05:07')}`);
	assert.match(part.json.original_content, /00:05:07Z/);
	assert.equal((await call(proxy, '/v1/retrieve/0123456789abcdef01234567')).status, 404);
	// ccr_retrieval: false, where the model gets no tool
	const plain = (await ask({})).json;
	assert.deepEqual(plain.ccr_hashes, []);
	assert.ok(!plain.messages[1].content.includes('headroom_retrieve'));
	assert.ok(plain.tokens_saved > 0 && plain.tokens_after > a.tokens_after);
	assert.equal(JSON.stringify((await ask({ config: { mode: 'ccr' } })).json.messages), JSON.stringify(a.messages), 'the same once more');
	assert.match((await ask({ config: { mode: 'x' } })).json.warnings[0], /config\.mode/);
	assert.equal((await call(proxy, '/v1/compress', { messages: sent, model: 'm' }, 'another')).status, 401);
	await proxy.stop();
	const lossless = await startProxy({ t, ccr: true, args: ['--lossless'] });
	const kept = (await call(lossless, '/v1/compress', { messages: sent, model: 'gpt-4o', config: { mode: 'ccr' } })).json;
	assert.deepEqual(kept.ccr_hashes, []);
	assert.match(kept.warnings[0], /leaves nothing out/);
});

const python = process.env.HEADROOM_LITELLM;
test('the guardrail of LiteLLM itself', { skip: !python && 'HEADROOM_LITELLM names no Python with litellm' }, async (t) => {
	const proxy = await startProxy({ t, ccr: true, env: { HEADROOM_PROXY_TOKEN: TOKEN } });
	const file = join(tempDir(t), 'conversation.json');
	writeFileSync(file, JSON.stringify(CONVERSATION));
	const out = JSON.parse(execFileSync(python, [fileURLToPath(new URL('litellm_guardrail.py', import.meta.url)), file], {
		env: { ...process.env, HEADROOM_API_BASE: proxy.url, HEADROOM_API_KEY: TOKEN, LITELLM_LOCAL_MODEL_COST_MAP: 'True' }, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'],
	}));
	assert.deepEqual(out.messages.map((m) => m.role), CONVERSATION.map((m) => m.role));
	for (const [i, m] of CONVERSATION.entries())
		if (m.role !== 'tool')
			assert.deepEqual(out.messages[i], m);
	assert.ok(out.messages[3].content.length < LOG.length / 4);
	assert.deepEqual(out.tools, ['headroom_retrieve']);
	assert.equal(out.original, LOG);
});
