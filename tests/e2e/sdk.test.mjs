// The official SDKs, direct and through the proxy: what a program sees must be the same, for answers, streams, errors,
// and an abort in mid-stream. Without HEADROOM only the direct runs are made.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startProvider } from '../provider/provider.mjs';
import { startProxy, within } from '../proxy/kit.mjs';
import { packageMissing } from './agents.mjs';

const TURN = { text: 'Grüße aus der Probe, 日本 🎉 and a few more words.', calls: [{ name: 'lookup', args: { city: 'Köln', n: 3 }, id: 'call_1' }] };

const MESSAGES = [{ role: 'user', content: 'Hello' }];

async function collect(stream) {
	const out = [];
	for await (const event of stream)
		out.push(JSON.parse(JSON.stringify(event)));
	return out;
}

const errorOf = async (promise) => {
	try {
		await promise;
	} catch (e) {
		return e;
	}
	return assert.fail('no error');
};

// One SDK: make(url) -> client; one(client), streamed(client, signal) -> promises; paths are where the provider is asked;
// seen(error) what a program can see of an error.
const SDKS = {
	'@anthropic-ai/sdk': {
		path: '/v1/messages', body: { model: 'claude-opus-4-8', max_tokens: 64, messages: MESSAGES },
		make: (m, url) => new m.default({ apiKey: 'k', baseURL: url, maxRetries: 0 }),
		one: (c, body) => c.messages.create(body),
		streamed: (c, body, signal) => c.messages.create({ ...body, stream: true }, { signal }),
		helper: async (c, body) => c.messages.stream(body).finalMessage(),
		seen: (e) => ({ name: e.constructor.name, status: e.status, body: e.error, after: e.headers?.get('retry-after'), message: e.message }),
	},
	'openai': {
		path: '/v1/chat/completions', body: { model: 'gpt-4o', messages: MESSAGES },
		make: (m, url) => new m.default({ apiKey: 'k', baseURL: `${url}/v1`, maxRetries: 0 }),
		one: (c, body) => c.chat.completions.create(body),
		streamed: (c, body, signal) => c.chat.completions.create({ ...body, stream: true, stream_options: { include_usage: true } }, { signal }),
		helper: async (c) => c.responses.create({ model: 'gpt-5.5', input: 'Hello', stream: true }).then(collect),
		seen: (e) => ({ name: e.constructor.name, status: e.status, code: e.code, type: e.type, after: e.headers?.get('retry-after'), message: e.message }),
	},
	'@google/genai': {
		path: '/v1/models/gemini-2.5-pro:generateContent', streamPath: '/v1/models/gemini-2.5-pro:streamGenerateContent',
		body: { model: 'gemini-2.5-pro', contents: 'Hello' },
		abortsOnlyHeads: true, // in 3.3.0 the signal has no effect any more once the stream has begun
		make: (m, url) => new m.GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: url, retryOptions: { attempts: 1 } } }),
		one: (c, body) => c.models.generateContent(body),
		streamed: (c, body, signal) => c.models.generateContentStream({ ...body, config: { abortSignal: signal } }),
		helper: async (c, body) => c.models.countTokens({ model: body.model, contents: body.contents }),
		seen: (e) => ({ name: e.constructor.name, status: e.status, message: e.message }),
	},
};

// What does not belong to the answer: an SDK's own view of its HTTP response has a date in it.
function visible(value) {
	const copy = JSON.parse(JSON.stringify(value));
	delete copy.sdkHttpResponse;
	return copy;
}

async function abortSeen(sdk, client, provider, path) {
	provider.answer(path, { turn: TURN, hold: sdk.abortsOnlyHeads ? 'head' : 'events' });
	const before = provider.requests.length;
	const abort = new AbortController();
	const opening = sdk.streamed(client, sdk.body, abort.signal);
	const ex = await within(provider.next(before + 1), 'the request');
	if (sdk.abortsOnlyHeads) {
		abort.abort();
		await errorOf(opening);
		await within(ex.gone, 'the provider to see that the client is gone');
		return ex.isGone;
	}
	ex.release(4);
	const stream = await opening;
	const iterator = stream[Symbol.asyncIterator]();
	await within(iterator.next(), 'the first event');
	abort.abort();
	await iterator.next().catch(() => {});
	await within(ex.gone, 'the provider to see that the client is gone');
	return ex.isGone;
}

// Everything that a program can see, in one object. The provider starts afresh, so that ids are the same.
async function behaviour(sdk, module, url, provider) {
	provider.forget();
	provider.state.answers = 0;
	const client = sdk.make(module, url);
	const streamPath = sdk.streamPath ?? sdk.path;
	const out = {};
	provider.answer(sdk.path, { turn: TURN });
	out.one = visible(await sdk.one(client, sdk.body));
	provider.answer(streamPath, { turn: TURN });
	out.stream = (await collect(await sdk.streamed(client, sdk.body))).map(visible);
	out.helper = visible(await sdk.helper(client, sdk.body));
	for (const status of [429, 400, 500]) {
		provider.forget();
		provider.answer('*', { status, message: `scripted ${status}`, headers: { 'retry-after': '120', 'x-should-retry': 'false' }, repeat: true });
		out[status] = sdk.seen(await errorOf(sdk.one(client, sdk.body)));
		out[`${status} of a stream`] = sdk.seen(await errorOf(sdk.streamed(client, sdk.body)));
	}
	provider.forget();
	out.gone = await abortSeen(sdk, client, provider, streamPath);
	return out;
}

for (const [name, sdk] of Object.entries(SDKS)) {
	const missing = packageMissing(name);
	if (missing)
		process.stdout.write(`${missing}\n`);
	test(name, { skip: missing ?? false }, async (t) => {
		const module = await import(name);
		const provider = await startProvider();
		t.after(() => provider.close());
		const direct = await behaviour(sdk, module, provider.url, provider);
		assert.equal(direct[429].status, 429);
		assert.equal(direct[400].status, 400);
		assert.ok(JSON.stringify(direct.stream).includes('Köln'), 'the call is in the stream');
		assert.ok(direct.stream.length >= 3 && direct.gone);
		if (!process.env.HEADROOM)
			return;
		const proxy = await startProxy({ provider });
		const through = await behaviour(sdk, module, proxy.url, provider);
		await proxy.stop();
		assert.deepEqual(through, direct);
	});
}
