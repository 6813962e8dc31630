// What goes wrong between a proxy, its clients and its provider, one act each. An act returns how many rows the ledger must
// have for it, and throws when an answer is not the one that is due.
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { requestBytes, within } from '../proxy/kit.mjs';
import { request } from '../proxy/requests.mjs';
import { FLOOD_BYTES } from './chaos_origin.mjs';

const PAUSE_MS = 500;
const BIG_BYTES = 8 << 20;
const PIECES_BYTES = 3 << 20;

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

// A request for the chaos origin. steps: how many results of tools it has.
function chaosRequest(id, act, { steps = 0, stream = false, events = 10, body, path, headers = [] } = {}) {
	const r = request('chat', { stream, steps, seed: 1 });
	return {
		...r, path: path ?? r.path, body: body ?? r.body,
		headers: [...r.headers, ['x-chaos', act], ['x-chaos-id', id], ['x-chaos-events', String(events)], ...headers],
	};
}

async function on(proxy, use) {
	const raw = await proxy.connect();
	try {
		return await use(raw);
	} finally {
		raw.close();
	}
}

async function asked(proxy, r) {
	return on(proxy, async (raw) => {
		await raw.send(requestBytes(r));
		return raw.response(r.method ?? 'POST');
	});
}

function assertWhole(r, id, bodyBytes) {
	assert.equal(r.status, 200, r.text);
	assert.ok(r.complete, 'an answer was cut');
	assert.equal(r.json.id, id);
	if (bodyBytes !== undefined)
		assert.equal(r.json.choices[0].message.content, `${id}:${bodyBytes}`);
}

function assertStream(r, id, events) {
	assert.equal(r.status, 200, r.text);
	assert.ok(r.complete, 'a stream was cut');
	assert.deepEqual([...r.text.matchAll(/"content":"([^"]*) "/g)].map((m) => m[1]), Array.from({ length: events }, (_, n) => `${id}:${n}`));
}

// Any path that is passed on with its body in pieces.
const pieces = (id, act) => chaosRequest(id, act, { path: '/v1/files', body: Buffer.alloc(PIECES_BYTES, 'p') });

const OWN = ['/livez', '/health', '/stats', '/metrics'];

export const ACTS = {
	async answered({ proxy, id }) {
		assertWhole(await asked(proxy, chaosRequest(id, 'ok', { steps: 2 })), id);
		return 1;
	},
	async streamed({ proxy, id }) {
		assertStream(await asked(proxy, chaosRequest(id, 'stream', { steps: 1, stream: true, events: 12 })), id, 12);
		return 1;
	},
	async 'an original is asked for'({ proxy, origin, id }) {
		const r = await asked(proxy, chaosRequest(id, 'look', { stream: true, events: 12 }));
		assertStream({ ...r, text: r.text.replace('"\\n\\n', '"') }, id, 12); // the texts of two answers are one
		assert.ok(!r.text.includes('headroom_retrieve'));
		assert.equal(origin.attempts(id), 2);
		return 1;
	},
	async 'an original is asked for, and the answer does not go on'({ proxy, id, n }) {
		const r = await asked(proxy, chaosRequest(id, n % 2 ? 'look-fail' : 'look-mid', { stream: true }));
		assert.equal(r.status, 200);
		assert.ok(r.complete, 'an answer was cut');
		assert.match(r.text, /could not go on/);
		return 1;
	},
	async 'an original is asked for, and the client leaves'({ proxy, origin, id, n }) {
		await on(proxy, async (raw) => {
			await raw.send(requestBytes(chaosRequest(id, 'look-never', { stream: true })));
			await raw.fill(200);
			while (origin.attempts(id) < 2)
				await within(origin.arrival(id), 'the second request at the origin');
			if (n % 2)
				raw.reset();
		});
		return 1;
	},
	async 'client leaves in mid-stream'({ proxy, id, n }) {
		await on(proxy, async (raw) => {
			await raw.send(requestBytes(chaosRequest(id, 'stream', { stream: true, events: 1000 })));
			await raw.fill(600);
			if (n % 2)
				raw.reset();
		});
		return 1;
	},
	async 'client leaves before the answer'({ proxy, origin, id, n }) {
		await on(proxy, async (raw) => {
			const arrival = origin.arrival(id);
			await raw.send(requestBytes(chaosRequest(id, 'never', { steps: n % 3 })));
			await within(arrival, 'the request at the origin');
			if (n % 2)
				raw.reset();
		});
		return 1;
	},
	async 'client leaves in its body'({ proxy, id }) {
		await on(proxy, async (raw) => {
			const bytes = requestBytes(chaosRequest(id, 'ok', { steps: 3 }));
			await raw.send(bytes.subarray(0, bytes.length - 100));
			raw.finish(); // not a reset: what was sent is read
			await raw.closed;
		});
		return 1;
	},
	async 'client leaves while it is compressed'({ proxy, id }) {
		await on(proxy, async (raw) => {
			await raw.send(requestBytes(chaosRequest(id, 'ok', { steps: 8 })));
			raw.finish();
			await raw.closed;
		});
		return 1;
	},
	async 'reset before the head'({ proxy, origin, id }) {
		const r = await asked(proxy, chaosRequest(id, 'reset-head', { stream: true }));
		assert.equal(r.status, 502);
		assert.ok(r.json.error.message);
		assert.ok(origin.attempts(id) >= 1);
		return 1;
	},
	async 'closed before the head'({ proxy, id }) {
		assert.equal((await asked(proxy, chaosRequest(id, 'close-head'))).status, 502);
		return 1;
	},
	async 'reset in mid-event'({ proxy, id }) {
		const r = await asked(proxy, chaosRequest(id, 'mid', { stream: true }));
		assert.equal(r.status, 200);
		assert.equal(r.complete, false, 'the client cannot see that the answer is cut');
		return 1;
	},
	async 'reset after the end'({ proxy, id }) {
		assertWhole(await asked(proxy, chaosRequest(id, 'after')), id);
		return 1;
	},
	async nonsense({ proxy, id }) {
		assert.equal((await asked(proxy, chaosRequest(id, 'nonsense'))).status, 502);
		return 1;
	},
	async 'a body that is too short'({ proxy, id }) {
		const r = await asked(proxy, chaosRequest(id, 'short'));
		assert.ok(r.status === 502 || !r.complete);
		return 1;
	},
	async refused({ proxy, id }) {
		const r = await asked(proxy, chaosRequest(id, 'fail'));
		assert.equal(r.status, 400);
		assert.equal(r.json.error.message, 'chaos');
		return 1;
	},
	async again({ proxy, origin, id }) {
		assertWhole(await asked(proxy, chaosRequest(id, 'again')), id);
		assert.equal(origin.attempts(id), 2);
		return 1;
	},
	async 'malformed heads'({ proxy, n }) {
		const bad = ['\0\0\0\0\r\n\r\n', 'GET / HTTP/9.9\r\n\r\n', 'POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1, 2\r\n\r\n', 'GET /livez HTTP/1.1\r\nHost localhost\r\n\r\n'][n % 4];
		await on(proxy, async (raw) => {
			await raw.send(bad);
			const r = await raw.response();
			assert.ok(r.status >= 400 && r.status < 600, String(r.status));
			raw.finish();
			await raw.closed;
		});
		return 0;
	},
	async 'a coding that lies'({ proxy, id }) {
		const r = await asked(proxy, chaosRequest(id, 'ok', { body: gzipSync('{"model":"gpt-4o-mini"}').subarray(0, 20), headers: [['content-encoding', 'gzip']] }));
		assert.equal(r.status, 400);
		return 1;
	},
	async 'a reader that stops'({ proxy, id, n }) {
		await on(proxy, async (raw) => {
			await raw.send(requestBytes(chaosRequest(id, 'flood', { stream: true })));
			const head = await raw.head();
			raw.socket.pause();
			await pause(PAUSE_MS);
			if (n % 2)
				return;
			raw.socket.resume();
			let got = 0;
			for await (const part of raw.parts(head))
				got += part.length;
			assert.equal(got, FLOOD_BYTES);
			assert.ok(head.complete);
		});
		return 1;
	},
	async pipelined({ proxy, id }) {
		await on(proxy, async (raw) => {
			await raw.send(Buffer.concat(Array.from({ length: 5 }, (_, k) => requestBytes(chaosRequest(`${id}-${k}`, k % 2 ? 'stream' : 'ok', { steps: k, stream: k % 2 === 1, events: 3 })))));
			for (let k = 0; k < 5; k++) {
				const r = await raw.response('POST');
				if (k % 2)
					assertStream(r, `${id}-${k}`, 3);
				else
					assertWhole(r, `${id}-${k}`);
			}
		});
		return 5;
	},
	async 'pipelined, and gone'({ proxy }) {
		await on(proxy, (raw) => raw.send(Buffer.concat(Array.from({ length: 20 }, () => requestBytes({ method: 'GET', path: '/livez' })))));
		return 0;
	},
	async '8 MB'({ proxy, id, n }) {
		const body = JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'y'.repeat(BIG_BYTES) }] });
		assertWhole(await asked(proxy, { ...chaosRequest(id, 'ok', { body }), chunked: n % 2 ? 60000 : false }), id, body.length);
		return 1;
	},
	// What has been passed on in pieces cannot be sent again: a kept connection that is reset ('after') while they are on their
	// way takes them with it, unseen by the provider. Then it is the client who asks again.
	async 'a body in pieces'({ proxy, origin, id, n }) {
		for (let rows = 1; ; rows++) {
			const r = await asked(proxy, { ...pieces(id, 'ok'), chunked: n % 2 ? 50000 : false });
			if (rows < 3 && r.status === 502 && origin.attempts(id) === 0)
				continue;
			assertWhole(r, id, PIECES_BYTES);
			return rows;
		}
	},
	async 'a body in pieces that breaks off'({ proxy, id }) {
		await on(proxy, async (raw) => {
			const bytes = requestBytes(pieces(id, 'ok'));
			await raw.send(bytes.subarray(0, bytes.length / 2));
			raw.finish();
			await raw.closed;
		});
		return 1;
	},
	async 'a WebSocket'({ proxy, id }) {
		const r = await asked(proxy, {
			method: 'GET', path: '/v1/responses',
			headers: [['connection', 'Upgrade'], ['upgrade', 'websocket'], ['sec-websocket-key', 'dGhlIHNhbXBsZSBub25jZQ=='], ['sec-websocket-version', '13'], ['x-chaos-id', id]],
		});
		assert.equal(r.status, 426);
		return 1;
	},
	async 'own endpoints'({ proxy }) {
		for (const path of OWN)
			assert.equal((await asked(proxy, { method: 'GET', path })).status, 200, path);
		return 0;
	},
	async 'from the cache'({ proxy, id }) {
		const body = JSON.stringify({ model: 'gpt-4o-mini', temperature: 0, messages: [{ role: 'user', content: `cached ${id}` }] });
		const first = await asked(proxy, chaosRequest(id, 'ok', { body }));
		const second = await asked(proxy, chaosRequest(id, 'ok', { body }));
		assert.equal(second.header('x-headroom-cached'), 'true');
		assert.equal(second.text, first.text);
		return 2;
	},
};

// Goes through all acts again and again until `over` says so, at least once through all of them.
export async function runChaos({ proxy, origin, loops, over }) {
	const names = Object.keys(ACTS);
	const counts = Object.fromEntries(names.map((name) => [name, 0]));
	let n = 0;
	let rows = 0;
	const loop = async () => {
		while (n < names.length || !over()) {
			const k = n++;
			const name = names[k % names.length];
			try {
				const more = await within(ACTS[name]({ proxy, origin, id: `chaos-${k}`, n: Math.floor(k / names.length) }), name);
				rows += more;
			} catch (e) {
				throw new Error(`${name}: ${e.message}\n${proxy.stderr.split('\n').slice(-5).join('\n')}`, { cause: e });
			}
			counts[name]++;
		}
	};
	await Promise.all(Array.from({ length: loops }, loop));
	return { rows, acts: n, counts };
}
