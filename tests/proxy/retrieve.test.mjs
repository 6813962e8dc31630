// Calls of headroom_retrieve are answered within the answer: the provider calls it at every awkward place, the client sees
// one answer, and what is sent on is what the model said and what it asked for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startProvider } from '../provider/provider.mjs';
import { lastResults, readAnswer, resultsOf } from './answers.mjs';
import { ask, connect, pair, requestBytes, startProxy, until, within } from './kit.mjs';
import { DIALECT_NAMES, FORMAT_NAMES, formatOf, itemsOf } from './requests.mjs';
import { LEFT_OUT, TOOL, asksFor, begin, call, elided, pathOf, requestOf, searched, usage } from './retrieve_kit.mjs';
import { sql } from './sqlite.mjs';

// How much two texts have in common at both ends: all of the first when the second has only insertions in one place.
function inCommon(a, b) {
	let at = 0;
	let end = 0;
	while (at < a.length && a[at] === b[at])
		at++;
	while (end < a.length - at && a[a.length - 1 - end] === b[b.length - 1 - end])
		end++;
	return at + end;
}

for (const name of DIALECT_NAMES) {
	for (const stream of [true, false]) {
		test(`${name}, ${stream ? 'stream' : 'whole'}: a call behind text is answered, and the answer goes on`, async (t) => {
			const { provider, proxy } = await pair(t, { ccr: true });
			const { hash, original, items } = await elided(name, { provider, proxy }, { stream });
			const before = provider.requests.length;
			provider.answer(pathOf(name, stream), { turn: { text: 'Let me look. ', calls: [call(hash, { lines: '3-4' })], usage: usage(40) } },
				{ turn: { text: 'It is in line 3.', usage: usage(12) } });
			const r = await proxy.ask(requestOf(name, items, { stream }));
			assert.equal(r.status, 200);
			assert.ok(r.complete);
			const got = readAnswer(name, stream, r.text);
			assert.equal(got.text, `Let me look. ${name === 'chat' ? '\n\n' : ''}It is in line 3.`); // Chat has one text
			assert.deepEqual(got.calls, []);
			assert.ok(got.output === 52 || name === 'chat' && stream, `output tokens ${got.output}`);
			assert.equal(provider.requests.length, before + 2);
			const [first, second] = provider.requests.slice(before);
			assert.equal(inCommon(first.text, second.text), first.text.length, 'more than an insertion');
			const [result] = lastResults(name, second.json);
			for (const line of original.split('\n').slice(2, 4))
				assert.ok(result.text.includes(line), result.text);
			assert.equal(second.header('accept-encoding'), 'identity');
			for (const header of Object.values(formatOf(name).headers))
				assert.equal(second.header(header[0]), header[1]);
			const metrics = (await proxy.ask({ method: 'GET', path: '/metrics' })).text;
			assert.match(metrics, /^headroom_retrievals_total 1$/m);
			assert.match(metrics, /^headroom_rounds_total 1$/m);
		});
	}

	for (const stream of [true, false]) {
		test(`${name}, ${stream ? 'stream' : 'whole'}: the next request says what was really said, also of a process that comes later`, async (t) => {
			const provider = await startProvider();
			t.after(() => provider.close());
			let proxy = await startProxy({ t, provider, ccr: true });
			const { hash, items } = await elided(name, { provider, proxy }, { stream });
			const text = `${name === 'responses' ? 'It' : 'Well, it'} is in line 3.`;
			provider.answer(pathOf(name, stream), { turn: { text: 'Let me look. ', calls: [call(hash, { lines: '3' })] } }, { turn: { text } });
			const got = readAnswer(name, stream, (await proxy.ask(requestOf(name, items, { stream }))).text);
			const last = provider.requests.at(-1);
			const next = requestOf(name, [...items, ...got.history, ...formatOf(name).user('Go on.')], { stream });
			for (let k = 0; k < 2; k++) {
				assert.equal((await proxy.ask(next)).status, 200);
				const sent = provider.requests.at(-1);
				const [now, was] = [itemsOf(name, sent.json), itemsOf(name, last.json)];
				assert.deepEqual(now.slice(0, was.length), was);
				assert.equal(now.length, was.length + 2);
				assert.ok(JSON.stringify(now.at(-2)).includes(text));
				assert.ok(!JSON.stringify(now.at(-2)).includes('Let me look'));
				let at = 0;
				while (sent.text[at] === last.text[at])
					at++;
				assert.equal(last.text[at], ']', 'what was sent before is not the beginning of it');
				await proxy.stop();
				proxy = await startProxy({ t, provider, ccr: true, home: proxy.home });
			}
		});
	}

	test(`${name}: the first event, two calls at once, twice, a bad hash, one that is not kept`, async (t) => {
		const { provider, proxy } = await pair(t, { ccr: true });
		const { hash, items } = await elided(name, { provider, proxy });
		const before = provider.requests.length;
		provider.answer(pathOf(name, true), { turn: { calls: [call(hash, { lines: '1' }), call('0123456789abcdef01234567')] } },
			{ turn: { calls: [call('no hash'), { name: TOOL, args: {} }] } }, { turn: { text: 'Done.', usage: usage(3) } });
		const r = await proxy.ask(requestOf(name, items));
		const got = readAnswer(name, true, r.text);
		assert.equal(got.text, 'Done.');
		assert.deepEqual(got.calls, []);
		const [, second, third] = provider.requests.slice(before);
		const results = [...lastResults(name, second.json), ...lastResults(name, third.json)];
		assert.equal(results.length, 4);
		assert.match(results[0].text, /^\[original/);
		assert.match(results[1].text, /no original has the hash 0123456789abcdef01234567/);
		assert.match(results[2].text, /hex digits/);
		assert.match(results[3].text, /hash is missing/);
	});

	test(`${name}: calls of the client's own go out, ours between them does not`, async (t) => {
		const { provider, proxy } = await pair(t, { ccr: true });
		const { hash, items } = await elided(name, { provider, proxy });
		const before = provider.requests.length;
		const own = (path) => ({ name: 'Read', args: { file_path: path } });
		provider.answer(pathOf(name, true), { turn: { text: 'Two files.', calls: [own('/a'), call(hash), own('/b')] } });
		const got = readAnswer(name, true, (await proxy.ask(requestOf(name, items))).text);
		assert.equal(got.text, 'Two files.');
		assert.deepEqual(got.calls, [own('/a'), own('/b')]);
		assert.equal(provider.requests.length, before + 1);
		// and the model finds its answer beside theirs
		await proxy.ask(requestOf(name, [...items, ...got.history, ...resultsOf(name, got.history, 'a file')]));
		const texts = lastResults(name, provider.requests.at(-1).json).map((r) => r.text);
		assert.equal(texts.length, 3);
		assert.equal(texts.filter((x) => x === 'a file').length, 2);
		assert.equal(texts.filter((x) => x.startsWith('[original')).length, 1);
	});

	test(`${name}: up to the first call the bytes are the provider's own`, async (t) => {
		const { provider, proxy } = await pair(t, { ccr: true });
		const { hash, items } = await elided(name, { provider, proxy });
		const direct = await startProvider();
		t.after(() => direct.close());
		const turn = { text: 'A text of some length, so that it comes in several pieces. ', calls: [call(hash)], usage: usage(9) };
		provider.answer(pathOf(name, true), { turn }, { turn: { text: 'End.' } });
		direct.answer(pathOf(name, true), {}, {}, { turn });
		const rawly = async (url) => {
			const raw = await connect(url);
			await raw.send(requestBytes(requestOf(name, items)));
			const { text } = await raw.response();
			raw.close();
			return text;
		};
		const seen = await rawly(proxy.url);
		let reference;
		for (let i = 0; i < 3; i++) // ids count the answers
			reference = await rawly(direct.url);
		const held = reference.split(/(?<=\r?\n\r?\n)/).findIndex((e) => e.includes(TOOL));
		const visible = reference.split(/(?<=\r?\n\r?\n)/).slice(0, held).join('');
		assert.ok(held > 2);
		assert.equal(seen.slice(0, visible.length), visible);
	});

	test(`${name}: after too many rounds the model is told so, and has one more`, async (t) => {
		const { provider, proxy } = await pair(t, { ccr: true });
		const { hash, items } = await elided(name, { provider, proxy });
		const before = provider.requests.length;
		const some = Array.from({ length: 9 }, (_, i) => ({ turn: { calls: [call(hash, { lines: String(i + 1) })] } }));
		provider.answer(pathOf(name, true), ...some, { turn: { text: 'Enough.' } });
		const got = readAnswer(name, true, (await proxy.ask(requestOf(name, items))).text);
		assert.equal(got.text, 'Enough.');
		const texts = provider.requests.slice(before + 1).map((r) => lastResults(name, r.json)[0].text);
		assert.equal(texts.length, 9);
		assert.deepEqual(texts.map((x) => x.startsWith('[original')), [true, true, true, false, false, false, false, false, false]);
		assert.match(texts[3], /given 3 times/);
		assert.match(texts[8], /no more calls of this tool/);
		// and who does not listen is stopped
		provider.answer(pathOf(name, true), ...some, { turn: { calls: [call(hash)] } });
		const stopped = readAnswer(name, true, (await proxy.ask(requestOf(name, items))).text);
		assert.match(stopped.text, /called our tools too often/);
		assert.equal(provider.requests.length, before + 20);
	});

	for (const stream of [true, false]) {
		test(`${name}, ${stream ? 'stream' : 'whole'}: a continuation that fails ends the answer with a note`, async (t) => {
			const { provider, proxy } = await pair(t, { ccr: true });
			const { hash, items } = await elided(name, { provider, proxy }, { stream });
			const first = { turn: { text: 'Let me look. ', calls: [call(hash)] } };
			const fails = [[{ status: 429 }, /answered 429/], [{ status: 400 }, /answered 400/], [{ fault: { reset: 'head' }, repeat: true }, /could not go on/],
				[{ turn: { text: 'Begun, but it will break off before all is said.' }, fault: { reset: 1 }, ...(stream ? {} : { split: 40 }) }, /could not go on/], [{ body: 'no answer', type: 'text/plain' }, /could not go on/]];
			for (const [answer, note] of fails) {
				provider.state.queues.clear();
				provider.answer(pathOf(name, stream), first, answer);
				const r = await proxy.ask(requestOf(name, items, { stream }));
				assert.equal(r.status, 200);
				assert.ok(r.complete);
				const got = readAnswer(name, stream, r.text);
				assert.match(got.text, /^Let me look\. /);
				assert.match(got.text, note);
				assert.deepEqual(got.calls, []);
			}
		});
	}
}

test('a continuation that is refused for a moment is asked again', async (t) => {
	const { provider, proxy } = await pair(t, { ccr: true });
	const { hash, items } = await elided('anthropic', { provider, proxy });
	provider.answer('/v1/messages', { turn: { calls: [call(hash)] } }, { status: 429, headers: { 'retry-after': '0' } }, { turn: { text: 'Now.' } });
	assert.equal(readAnswer('anthropic', true, (await proxy.ask(requestOf('anthropic', items))).text).text, 'Now.');
});

test('while a continuation is slow the client gets pings; when it leaves, the continuation is cancelled', async (t) => {
	const { provider, proxy } = await pair(t, { ccr: true });
	const { hash, items } = await elided('anthropic', { provider, proxy });
	const before = provider.requests.length;
	provider.answer('/v1/messages', { turn: { text: 'Wait.', calls: [call(hash)] } }, { hold: 'head' });
	const raw = await proxy.connect();
	await raw.send(requestBytes(requestOf('anthropic', items)));
	const head = await raw.head();
	let pings = 0;
	for await (const event of raw.events(head)) {
		pings += event.event === 'ping' ? 1 : 0;
		if (pings === 2) // one is the provider's
			break;
	}
	const slow = await provider.next(before + 2);
	raw.close();
	await within(slow.gone, 'the continuation to be cancelled');
});

test('events before a call arrive while the call is being made', async (t) => {
	const { provider, proxy } = await pair(t, { ccr: true });
	const { hash, items } = await elided('anthropic', { provider, proxy });
	const before = provider.requests.length;
	provider.answer('/v1/messages', { turn: { text: 'Now.', calls: [call(hash)] }, hold: 'events' });
	const raw = await proxy.connect();
	await raw.send(requestBytes(requestOf('anthropic', items)));
	const ex = await provider.next(before + 1);
	const head = await raw.head();
	ex.release(1);
	const seen = [];
	for await (const event of raw.events(head)) {
		seen.push(event.event);
		assert.equal(ex.steps, seen.length, 'an event came late');
		if (event.event === 'content_block_stop')
			break;
		ex.release(1);
	}
	assert.deepEqual(seen, ['message_start', 'content_block_start', 'ping', 'content_block_delta', 'content_block_stop']);
	raw.close();
	await within(ex.gone, 'the request to be cancelled');
});

test('a provider that encodes although it was asked not to is read all the same', async (t) => {
	const { provider, proxy } = await pair(t, { ccr: true });
	for (const stream of [true, false]) {
		for (const encoding of ['gzip', 'br', 'zstd']) {
			const { hash, items } = await elided('anthropic', { provider, proxy }, { seed: `${encoding}${stream}`.length + (stream ? 100 : 0), stream });
			provider.answer('/v1/messages', { turn: { text: 'A ', calls: [call(hash)] }, encoding }, { turn: { text: 'B' }, encoding });
			const r = await proxy.ask(requestOf('anthropic', items, { stream, headers: [['Accept-Encoding', 'gzip, br, zstd']] }));
			assert.equal(r.header('content-encoding'), undefined);
			assert.equal(readAnswer('anthropic', stream, r.text).text, 'A B');
		}
	}
});

test('where the tool is not ours its calls are nobody\'s', async (t) => {
	const { provider, proxy } = await pair(t, { ccr: true });
	const tools = [{ name: 'mcp__headroom__headroom_retrieve', description: 'x', input_schema: { type: 'object' } }];
	for (const items of [begin('anthropic', 1), searched('anthropic', 1)])
		await proxy.ask(requestOf('anthropic', items, { tools }));
	const { text, json } = provider.requests.at(-1);
	assert.equal(json.tools.length, 1);
	assert.match(text, /original: mcp__headroom__headroom_retrieve [0-9a-f]{24}/);
	const own = { name: tools[0].name, args: { hash: 'x' } };
	provider.answer('/v1/messages', { turn: { calls: [own] } });
	const got = readAnswer('anthropic', true, (await proxy.ask(requestOf('anthropic', searched('anthropic', 1), { tools }))).text);
	assert.deepEqual(got.calls, [own]);
});

test('a conversation that is first seen in its middle gets no tool, and nothing is left out of it', async (t) => {
	const { provider, proxy } = await pair(t, { ccr: true });
	for (const name of FORMAT_NAMES) {
		await proxy.ask(requestOf(name, searched(name, 1)));
		assert.ok(!provider.requests.at(-1).text.includes(TOOL), name);
	}
});

for (const args of [['--no-ccr-inject-tool'], ['--no-ccr-marker'], ['--lossless'], ['--no-optimize']]) {
	test(`${args[0]}: no tool, nothing left out`, async (t) => {
		const { provider, proxy } = await pair(t, { ccr: true, args });
		for (const items of [begin('anthropic', 1), searched('anthropic', 1)]) {
			await proxy.ask(requestOf('anthropic', items));
			assert.ok(!provider.requests.at(-1).text.includes(TOOL));
		}
	});
}

test('requests without tools, batches, several choices and answers that the provider keeps get no tool', async (t) => {
	const { provider, proxy } = await pair(t, { ccr: true });
	const none = async (name, change, path) => {
		const r = requestOf(name, begin(name, 1), { stream: false });
		await proxy.ask({ ...r, body: JSON.stringify(change(JSON.parse(r.body))), path: path ?? r.path });
		assert.ok(!provider.requests.at(-1).text.includes(TOOL), name);
	};
	for (const name of FORMAT_NAMES)
		await none(name, (b) => ({ ...b, tools: undefined }));
	await none('chat', (b) => ({ ...b, n: 2 }));
	await none('gemini', (b) => ({ ...b, generationConfig: { candidateCount: 2 } }));
	await none('responses', (b) => ({ ...b, store: undefined }));
	await none('anthropic', (b) => ({ ...b, thread: { type: 'create' } })); // as the tool runner of Anthropic's SDK has it
	await none('responses', (b) => ({ ...b, previous_response_id: 'resp_1' }));
	await none('responses', (b) => ({ ...b, conversation: 'conv_1' }));
	await none('responses', (b) => ({ ...b, input: [{ type: 'item_reference', id: 'msg_1' }, ...b.input] }));
	await none('anthropic', (b) => ({ requests: [{ custom_id: 'a', params: b }] }), '/v1/messages/batches');
});

test('--stateless: the same from memory', async (t) => {
	const { provider, proxy } = await pair(t, { ccr: true, args: ['--stateless'] });
	const { hash, items } = await elided('anthropic', { provider, proxy });
	provider.answer('/v1/messages', { turn: { calls: [call(hash)] } }, { turn: { text: 'Here.' } });
	assert.equal(readAnswer('anthropic', true, (await proxy.ask(requestOf('anthropic', items))).text).text, 'Here.');
	assert.match(provider.requests.at(-1).text, /\[original/);
});

test('the tool and the hash outlive the process', async (t) => {
	const provider = await startProvider();
	t.after(() => provider.close());
	const one = await startProxy({ t, provider, ccr: true });
	const { hash, items } = await elided('anthropic', { provider, proxy: one });
	const sent = provider.requests.at(-1).text;
	await one.stop();
	const two = await startProxy({ t, provider, ccr: true, home: one.home });
	provider.answer('/v1/messages', { turn: { calls: [call(hash)] } }, { turn: { text: 'Here.' } });
	await two.ask(requestOf('anthropic', items));
	assert.equal(provider.requests.at(-2).text, sent);
	assert.match(provider.requests.at(-1).text, /\[original/);
});

test('ledger and log know rounds, and the usage of all of them', async (t) => {
	const { readFileSync } = await import('node:fs');
	const { provider, proxy } = await pair(t, { ccr: true, args: ['--log-file', 'log.jsonl'] });
	const { hash, items } = await elided('anthropic', { provider, proxy });
	provider.answer('/v1/messages', { turn: { text: 'A ', calls: [call(hash)], usage: usage(40) } }, { turn: { text: 'B', usage: usage(12) } });
	await proxy.ask(requestOf('anthropic', items));
	const rows = () => readFileSync(`${proxy.home}/log.jsonl`, 'utf8').trim().split('\n').map((l) => JSON.parse(l));
	await until(() => rows().length === 3, 'the log');
	const row = rows()[2];
	assert.equal(row.rounds, 2);
	assert.equal(row.retrievals, 1);
	assert.equal(row.input_tokens, 200);
	assert.equal(row.output_tokens, 52);
	assert.equal(row.attempts, 2);
	assert.equal(row.bytes_sent, provider.requests.slice(-2).reduce((n, r) => n + r.body.length, 0));
});

test('Responses: what says that there is nothing before it is offered the tool', async (t) => {
	const { provider, proxy } = await pair(t, { ccr: true });
	const r = requestOf('responses', begin('responses', 1));
	await proxy.ask({ ...r, body: JSON.stringify({ ...JSON.parse(r.body), previous_response_id: null, conversation: null }) });
	assert.ok(provider.requests.at(-1).text.includes(TOOL));
});

test('an original that was evicted is said to be gone, and the answer goes on', async (t) => {
	const provider = await startProvider();
	t.after(() => provider.close());
	let proxy = await startProxy({ t, provider, ccr: true });
	const { hash, items } = await elided('anthropic', { provider, proxy });
	await proxy.stop();
	sql(proxy.home, `DELETE FROM original WHERE hex(sha) LIKE upper('${hash}%')`);
	proxy = await startProxy({ t, provider, ccr: true, home: proxy.home });
	provider.answer('/v1/messages', { turn: { calls: [call(hash)] } }, { turn: { text: 'Gone.' } });
	assert.equal(readAnswer('anthropic', true, (await proxy.ask(requestOf('anthropic', items))).text).text, 'Gone.');
	const [result] = lastResults('anthropic', provider.requests.at(-1).json);
	assert.ok(result.isError);
	assert.match(result.text, new RegExp(`no original has the hash ${hash}`));
});

for (const name of DIALECT_NAMES) {
	test(`${name}: an answer without calls of ours is the provider's own, byte for byte`, async (t) => {
		const { provider, proxy } = await pair(t, { ccr: true });
		const direct = await startProvider();
		t.after(() => direct.close());
		const own = { name: 'Read', args: { file_path: '/a' } };
		for (const stream of [true, false]) {
			for (const turn of [{ text: 'All is well, in several pieces. ', usage: usage(9) }, { text: 'Two.', calls: [own, own], usage: usage(9) }]) {
				const r = requestOf(name, begin(name, 1), { stream });
				provider.answer(pathOf(name, stream), { turn });
				direct.answer(pathOf(name, stream), { turn });
				const seen = await proxy.ask(r);
				assert.ok(provider.requests.at(-1).text.includes(TOOL));
				assert.equal(seen.text, (await ask(direct.url, r)).text);
			}
		}
	});

	test(`${name}: a question for what was left out has it behind it, now and in every later request`, async (t) => {
		const provider = await startProvider();
		t.after(() => provider.close());
		let proxy = await startProxy({ t, provider, ccr: true });
		const { hash, items } = await elided(name, { provider, proxy });
		assert.ok(!provider.requests.at(-1).text.includes(LEFT_OUT));
		const asking = [...items, ...asksFor(name, LEFT_OUT)];
		const seen = await proxy.ask(requestOf(name, asking));
		assert.match(seen.header('x-headroom-transforms'), /expansion\*1/);
		const sent = provider.requests.at(-1);
		const last = JSON.stringify(itemsOf(name, sent.json).at(-1));
		assert.match(last, /Where is it too long at \d+\?.*<headroom_proactive_expansion>.*<\/headroom_proactive_expansion>/);
		assert.ok(last.includes(`[original ${hash}: 500 lines`));
		assert.ok(last.includes(`too long at ${LEFT_OUT}\\"`), last);
		await proxy.stop();
		proxy = await startProxy({ t, provider, ccr: true, home: proxy.home });
		await proxy.ask(requestOf(name, [...asking, ...formatOf(name).said('There.'), ...formatOf(name).user('Thanks.')]));
		const later = itemsOf(name, provider.requests.at(-1).json);
		assert.deepEqual(later.slice(0, -2), itemsOf(name, sent.json));
		assert.ok(!JSON.stringify(later.slice(-2)).includes('expansion'));
	});
}
