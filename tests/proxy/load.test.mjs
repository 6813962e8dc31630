// Many streams at once: nothing is lost or mixed up, and memory does not grow from round to round.
// HEADROOM_LOAD_STREAMS (1000) streams of HEADROOM_LOAD_EVENTS (20) events, HEADROOM_LOAD_ROUNDS (3) times.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { pair, requestBytes, residentBytes, within } from './kit.mjs';
import { FORMAT_NAMES, formatOf, request } from './requests.mjs';

const STREAMS = Number(process.env.HEADROOM_LOAD_STREAMS ?? 1000);
const EVENTS = Number(process.env.HEADROOM_LOAD_EVENTS ?? 20);
const ROUNDS = Number(process.env.HEADROOM_LOAD_ROUNDS ?? 3);

const LOAD_PATIENCE_MS = 300000;

const MEGABYTE = 1 << 20;

const ROOM = ['--limit-concurrency', '5000', '--max-connections', '5000', '--max-keepalive', '5000'];

// Opens one stream and reads all of it: the ids in its events in the order in which they came.
async function stream(proxy, i, round) {
	const name = FORMAT_NAMES[i % FORMAT_NAMES.length];
	const sent = request(name, { stream: true, steps: i % 3, seed: 1 + i % 50 });
	const raw = await proxy.connect();
	await raw.send(requestBytes({ ...sent, headers: [...sent.headers, ['x-test-id', `s${round}-${i}`]] }));
	const r = await raw.response('POST');
	raw.close();
	assert.equal(r.status, 200, r.text);
	assert.ok(r.complete, `stream ${i} was cut`);
	return [...r.text.matchAll(/id(s\d+-\d+):(\d+):x/g)].map((m) => `${m[1]}:${m[2]}`);
}

for (const workers of [1, 4]) {
	test(`${STREAMS} streams at once, ${ROUNDS} times, --workers ${workers}`, async (t) => {
		// with more that is freed and kept from use, the sanitizer's memory would grow for more rounds than there are
		const env = { ASAN_OPTIONS: 'exitcode=99:quarantine_size_mb=32' };
		const { provider, proxy } = await pair(t, { args: ['--workers', String(workers), ...ROOM], env });
		// every answer carries the id of its request; none is finished before all are begun
		for (const name of FORMAT_NAMES)
			provider.answer(formatOf(name).streamPath.split('?')[0], { loadFrom: 'x-test-id', load: { count: EVENTS, size: 200 }, hold: 'head', repeat: true });
		const resident = [];
		for (let round = 0; round < ROUNDS; round++) {
			provider.requests.length = 0;
			const all = Array.from({ length: STREAMS }, (_, i) => stream(proxy, i, round));
			await within(Promise.race([provider.next(STREAMS), Promise.all(all)]), 'all streams to be open at the same time', LOAD_PATIENCE_MS);
			assert.equal(provider.requests.length, STREAMS);
			provider.requests.forEach((ex) => ex.release(1));
			const ids = await within(Promise.all(all), 'all streams to end', LOAD_PATIENCE_MS);
			ids.forEach((list, i) => assert.deepEqual(list, Array.from({ length: EVENTS }, (_, k) => `s${round}-${i}:${k}`)));
			resident.push(await residentBytes(proxy.child.pid));
		}
		t.diagnostic(`resident after each round: ${resident.map((b) => `${(b / MEGABYTE).toFixed(0)} MB`).join(', ')}`);
		assert.ok(resident.at(-1) < resident[0] * 1.25 + 16 * MEGABYTE, 'memory grows from round to round');
		assert.equal((await proxy.ask({ method: 'GET', path: '/livez' })).status, 200);
	});
}

test('clients that come and go in mid-stream leave nothing behind', async (t) => {
	const { provider, proxy } = await pair(t, { args: ROOM });
	provider.answer('/v1/messages', { hold: 'events', repeat: true });
	const n = Math.min(STREAMS, 300);
	for (let round = 0; round < 2; round++) {
		provider.requests.length = 0;
		const raws = await Promise.all(Array.from({ length: n }, async () => {
			const raw = await proxy.connect();
			await raw.send(requestBytes(request('anthropic', { stream: true })));
			return raw;
		}));
		await within(provider.next(n), 'all requests', LOAD_PATIENCE_MS);
		provider.requests.forEach((ex) => ex.release(2));
		await Promise.all(raws.map((raw) => raw.fill(1)));
		raws.forEach((raw, i) => (i % 2 ? raw.reset() : raw.close()));
		await within(Promise.all(provider.requests.map((ex) => ex.gone)), 'all upstream requests to be cancelled', LOAD_PATIENCE_MS);
	}
	assert.equal((await proxy.ask(request('chat'))).status, 200);
});

test('of the libraries, what only starting has used is not resident', async (t) => {
	const { proxy } = await pair(t, {});
	let size = 0, resident = 0, isCode = false;
	for (const line of readFileSync(`/proc/${proxy.child.pid}/smaps`, 'utf8').split('\n')) {
		const [name, value] = line.split(/:? +/);
		if (/^[0-9a-f]+-[0-9a-f]+ /.test(line)) isCode = / r-xp .*lib(crypto|gnutls)\.so/.test(line);
		else if (isCode && name === 'Size') size += Number(value);
		else if (isCode && name === 'Rss') resident += Number(value);
	}
	assert.ok(size > 0 && resident < size / 4, `${resident} of ${size} KiB of code are resident`);
});
