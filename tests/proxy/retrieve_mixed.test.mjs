// Calls of headroom_retrieve beside the agent's own: the agent sees its own alone, byte for byte as if ours had never been
// made, and the next request has all of them with their results, for ever.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startProvider } from '../provider/provider.mjs';
import { lastResults, readAnswer, resultsOf } from './answers.mjs';
import { ask, pair, startProxy } from './kit.mjs';
import { DIALECT_NAMES, formatOf, itemsOf } from './requests.mjs';
import { TOOL, call, elided, pathOf, requestOf, usage } from './retrieve_kit.mjs';

const read = (path) => ({ name: 'Read', args: { file_path: path } });

// Where ours stands among the agent's calls.
const ORDERS = {
	'between two': (ours) => [read('/a'), ours, read('/b')],
	'first': (ours) => [ours, read('/a')],
	'last': (ours) => [read('/a'), ours],
	'twice': (ours) => [ours, read('/a'), { ...ours, args: { ...ours.args, lines: '2' } }],
};

// Ids count what was made, and ours were not made for the agent: each is named by the place where it comes first.
function renumbered(text) {
	const seen = [];
	return text.replace(/\d{12,14}/g, (id) => {
		if (!seen.includes(id))
			seen.push(id);
		return `<${seen.indexOf(id)}>`;
	});
}

function shown(name, stream, text) {
	const { history, ...rest } = readAnswer(name, stream, text);
	return { ...rest, parts: history[0].parts.filter((p) => p.text !== '') };
}

// The names of all calls in a history, in order.
const callNames = (items) => [...JSON.stringify(items).matchAll(/"(?:name)":"(Read|headroom_retrieve)"/g)].map((m) => m[1]);

for (const name of DIALECT_NAMES) {
	for (const stream of [true, false]) {
		const what = `${name}, ${stream ? 'stream' : 'whole'}`;

		for (const [place, order] of Object.entries(ORDERS)) {
			test(`${what}: ours ${place}: the agent's bytes are those of an answer without it`, async (t) => {
				const { provider, proxy } = await pair(t, { ccr: true });
				const direct = await startProvider();
				t.after(() => direct.close());
				const { hash, items } = await elided(name, { provider, proxy }, { stream });
				const calls = order(call(hash, { lines: '1' }));
				const turn = { text: 'Two files.', calls, usage: usage(40) };
				const theirs = { ...turn, calls: calls.filter((c) => c.name !== TOOL) };
				const before = provider.requests.length;
				const r = requestOf(name, items, { stream });
				provider.answer(pathOf(name, stream), { turn });
				const seen = await proxy.ask(r);
				direct.answer(pathOf(name, stream), {}, {}, { turn: theirs });
				let reference;
				for (let i = 0; i < 3; i++) // ids count the answers, too
					reference = await ask(direct.url, r);
				// A stream of Gemini ends in its last part. Where that is ours, its end comes by itself, with an empty text.
				if (stream && formatOf(name).items === 'contents' && calls.at(-1).name === TOOL)
					assert.deepEqual(shown(name, stream, seen.text), shown(name, stream, reference.text));
				else
					assert.equal(renumbered(seen.text), renumbered(reference.text));
				assert.equal(provider.requests.length, before + 1, 'nothing to go on with');
			});

			test(`${what}: ours ${place}: the next requests have every call and result`, async (t) => {
				const provider = await startProvider();
				t.after(() => provider.close());
				let proxy = await startProxy({ t, provider, ccr: true });
				const { hash, items } = await elided(name, { provider, proxy }, { stream });
				const calls = order(call(hash, { lines: '1' }));
				provider.answer(pathOf(name, stream), { turn: { text: 'Two files.', calls } });
				const got = readAnswer(name, stream, (await proxy.ask(requestOf(name, items, { stream }))).text);
				const was = itemsOf(name, provider.requests.at(-1).json);
				const next = [...items, ...got.history, ...resultsOf(name, got.history, 'a file')];
				await proxy.ask(requestOf(name, next, { stream }));
				const sent = provider.requests.at(-1);
				const news = itemsOf(name, sent.json).slice(was.length);
				assert.deepEqual(itemsOf(name, sent.json).slice(0, was.length), was);
				assert.deepEqual(callNames(news.filter((m) => m.role !== 'user')), calls.map((c) => c.name));
				const texts = lastResults(name, sent.json).map((x) => x.text);
				assert.equal(texts.length, calls.length);
				assert.equal(texts.filter((x) => x === 'a file').length, got.calls.length);
				assert.equal(texts.filter((x) => x.startsWith(`[original ${hash}`)).length, calls.length - got.calls.length);
				assert.ok(texts.slice(0, got.calls.length).every((x) => x === 'a file'), 'ours stand behind the agent\'s');
				const ids = lastResults(name, sent.json).map((x) => x.id);
				if (ids.every(Boolean))
					assert.equal(new Set(ids).size, calls.length);
				// and so does every later one, of a process that comes later, too
				await proxy.stop();
				proxy = await startProxy({ t, provider, ccr: true, home: proxy.home });
				await proxy.ask(requestOf(name, [...next, ...formatOf(name).said('Read.'), ...formatOf(name).user('Go on.')], { stream }));
				const later = itemsOf(name, provider.requests.at(-1).json);
				assert.deepEqual(later.slice(0, was.length + news.length), [...was, ...news]);
			});
		}

		test(`${what}: a round of ours, then one with both`, async (t) => {
			const { provider, proxy } = await pair(t, { ccr: true });
			const { hash, items } = await elided(name, { provider, proxy }, { stream });
			provider.answer(pathOf(name, stream), { turn: { text: 'One. ', calls: [call(hash, { lines: '1' })], usage: usage(7) } },
				{ turn: { text: 'Two.', calls: [read('/a'), call(hash, { lines: '2' })], usage: usage(5) } });
			const got = readAnswer(name, stream, (await proxy.ask(requestOf(name, items, { stream }))).text);
			assert.deepEqual(got.calls, [read('/a')]);
			const was = itemsOf(name, provider.requests.at(-1).json); // of the second round
			const next = [...items, ...got.history, ...resultsOf(name, got.history, 'a file')];
			await proxy.ask(requestOf(name, next, { stream }));
			const sent = provider.requests.at(-1).json;
			assert.deepEqual(itemsOf(name, sent).slice(0, was.length), was);
			const texts = lastResults(name, sent).map((x) => x.text);
			assert.equal(texts[0], 'a file');
			assert.match(texts[1], /^\[original.*\n\[line 2\]/);
		});
	}

	test(`${name}: an agent that drops its calls says so, and the answer stays its own`, async (t) => {
		const { provider, proxy } = await pair(t, { ccr: true });
		const { hash, items } = await elided(name, { provider, proxy });
		provider.answer(pathOf(name, true), { turn: { text: 'Two files.', calls: [read('/a'), call(hash)] } });
		await proxy.ask(requestOf(name, items));
		// no result follows: a record with a call of ours would be left without one, too
		await proxy.ask(requestOf(name, [...items, ...formatOf(name).said('Two files.'), ...formatOf(name).user('Never mind.')]));
		assert.deepEqual(callNames(itemsOf(name, provider.requests.at(-1).json)), []);
	});
}
