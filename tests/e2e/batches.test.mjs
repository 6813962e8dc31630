// Batches made with the official SDKs: requests in them are smaller. Where their results come from is why nothing is left out of them
// (docs/decisions/0015): Anthropic's SDK asks the URL that the provider names, and not the proxy.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startProvider } from '../provider/provider.mjs';
import { startProxy } from '../proxy/kit.mjs';
import { conversation } from '../proxy/requests.mjs';
import { packageMissing } from './agents.mjs';

const HEADROOM = process.env.HEADROOM ? null : 'SKIPPED: HEADROOM does not name the binary';

const bodyOf = (name) => conversation(name, 3);

async function sent(t, name, use) {
	const missing = packageMissing(name) ?? HEADROOM;
	if (missing) {
		t.skip(missing);
		return;
	}
	const provider = await startProvider();
	t.after(() => provider.close());
	const proxy = await startProxy({ t, provider, ccr: true });
	await use({ module: await import(name), provider, proxy });
}

test('@anthropic-ai/sdk: messages.batches', (t) => sent(t, '@anthropic-ai/sdk', async ({ module, provider, proxy }) => {
	const elsewhere = await startProvider();
	t.after(() => elsewhere.close());
	const client = new module.default({ apiKey: 'k', baseURL: proxy.url, maxRetries: 0 });
	const params = bodyOf('anthropic');
	await client.messages.batches.create({ requests: [{ custom_id: 'a', params }] });
	const made = provider.requests.at(-1);
	assert.ok(made.body.length < JSON.stringify({ requests: [{ custom_id: 'a', params }] }).length * 0.9, `${made.body.length} bytes`);
	const path = '/v1/messages/batches/msgbatch_01';
	const line = { custom_id: 'a', result: { type: 'succeeded', message: { id: 'm', content: [{ type: 'text', text: 'Done.' }] } } };
	provider.answer(path, { json: { id: 'msgbatch_01', type: 'message_batch', processing_status: 'ended', results_url: `${elsewhere.url}${path}/results` } });
	elsewhere.answer(`${path}/results`, { body: `${JSON.stringify(line)}\n`, type: 'application/x-jsonl' });
	const results = [];
	for await (const one of await client.messages.batches.results('msgbatch_01'))
		results.push(one);
	assert.deepEqual(results, [line]);
	assert.equal(provider.requests.length, 2);
	assert.equal(elsewhere.requests.length, 1);
	assert.equal(elsewhere.requests[0].header('x-headroom-request-id'), undefined);
}));

test('@google/genai: batches.create', (t) => sent(t, '@google/genai', async ({ module, provider, proxy }) => {
	const client = new module.GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: proxy.url, retryOptions: { attempts: 1 } } });
	const { contents, systemInstruction, tools } = bodyOf('gemini');
	provider.answer('*', { json: { name: 'batches/1', metadata: {} } });
	await client.batches.create({ model: 'gemini-2.5-pro', src: [{ contents, config: { systemInstruction, tools } }] });
	const { text } = provider.requests.at(-1);
	assert.ok(text.length < JSON.stringify({ contents, systemInstruction, tools }).length * 0.9, `${text.length} bytes`);
}));
