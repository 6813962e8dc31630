// What was forwarded for one request stays a prefix of what is forwarded for the next: whatever the client does, and
// whatever becomes of the proxy in between.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startProvider } from '../provider/provider.mjs';
import { History, commonLength, findEdits } from './history.mjs';
import { startProxy, tempDir } from './kit.mjs';
import { hasRedis, startRedis } from './redis.mjs';
import { FORMAT_NAMES, formatOf } from './requests.mjs';
import { agentSession } from './sessions.mjs';

// Proxies on one store, and a way to send them things and learn what reached the provider.
class Setup {
	constructor(t, { args = [], proxies = 1, homes = [tempDir(t)] } = {}) {
		Object.assign(this, { t, args, count: proxies, homes, proxies: [], sent: 0 });
	}

	async start() {
		this.provider ??= await startProvider();
		for (let i = 0; i < this.count; i++)
			this.proxies.push(await startProxy({ provider: this.provider, args: this.args, home: this.homes[i % this.homes.length] }));
		return this;
	}

	async restart(signal) {
		await this.stop(signal);
		await this.start();
	}

	async stop(signal = 'SIGTERM') {
		for (const proxy of this.proxies.splice(0)) {
			if (signal === 'SIGKILL') {
				proxy.child.kill(signal);
				await proxy.exited;
			} else {
				await proxy.stop();
			}
		}
	}

	async close() {
		await this.stop();
		await this.provider.close();
	}

	// The body that the provider got. which: of the proxies.
	async forward(name, body, which = 0) {
		const id = String(++this.sent);
		const { path, headers } = formatOf(name);
		const answer = await this.proxies[which % this.count].ask({ path, headers: [['Content-Type', 'application/json'], ...headers, ['X-History-Id', id]], body });
		assert.equal(answer.status, 200, answer.text);
		const at = this.provider.requests.findIndex((r) => r.headers.some(([k, v]) => k.toLowerCase() === 'x-history-id' && v === id));
		return this.provider.requests.splice(at, 1)[0].body;
	}
}

async function setup(t, options) {
	const s = new Setup(t, options);
	t.after(() => s.close());
	return s.start();
}

// Compares a request with the one before it of the same conversation. Says how many edits the last one had.
class Watcher {
	constructor(name) {
		this.name = name;
		this.main = new History(name);
		this.sub = new History(name);
		this.changed = 0;
	}

	add({ kind, body }, sent) {
		const history = kind === 'sub' ? this.sub : this.main;
		const last = history.last;
		assert.deepEqual(history.add(body, sent), [], `${this.name}, ${kind}`);
		this.changed += body.equals(sent) ? 0 : 1;
		if (kind === 'again')
			history.last = last;
	}
}

// Sends the sessions of all formats side by side, request by request. each: how one request is sent.
async function run(names, each, between = () => {}) {
	const sessions = names.map((name, i) => ({ watcher: new Watcher(name), requests: agentSession(name, 10 + 20 * i) }));
	const n = sessions[0].requests.length;
	for (let k = 0; k < n; k++) {
		await between(k);
		await Promise.all(sessions.map(async ({ watcher, requests }) => {
			for (const sent of [await each(watcher.name, requests[k].body, k)].flat())
				watcher.add(requests[k], sent);
		}));
	}
	for (const { watcher } of sessions)
		assert.ok(watcher.changed > n / 5, `${watcher.name}: only ${watcher.changed} of ${n} requests were changed: this test says nothing`);
}

test('a whole session, nothing kept on disk', async (t) => {
	const s = await setup(t, { args: ['--stateless'] });
	await run(FORMAT_NAMES, (name, body) => s.forward(name, body));
});

for (const mode of ['token', 'cache']) {
	test(`${mode} mode: restarted, and killed, in the middle of a session`, async (t) => {
		const s = await setup(t, { args: ['--mode', mode] });
		await run(FORMAT_NAMES, (name, body) => s.forward(name, body), (k) => k % 6 === 5 && s.restart(k % 4 === 1 ? 'SIGKILL' : 'SIGTERM'));
	});
}

test('four workers, each request three times at once', async (t) => {
	const s = await setup(t, { args: ['--workers', '4'] });
	await run(FORMAT_NAMES, (name, body) => Promise.all([0, 1, 2].map(() => s.forward(name, body))));
});

test('four workers without a disk, each request three times at once', async (t) => {
	const s = await setup(t, { args: ['--workers', '4', '--stateless'] });
	await run(['anthropic', 'responses'], (name, body) => Promise.all([0, 1, 2].map(() => s.forward(name, body))));
});

test('two proxies on one store, in turns and at once', async (t) => {
	const s = await setup(t, { proxies: 2 });
	await run(FORMAT_NAMES, (name, body, k) => (k % 3 ? s.forward(name, body, k) : Promise.all([0, 1, 2, 3].map((i) => s.forward(name, body, i)))));
});

// What is not on its way to the Redis is found there, or decided alike; what was decided while it was gone is told.
test('two proxies with a store each over a Redis, in turns and at once; it is killed and comes back empty', { skip: !hasRedis && 'no redis-server' }, async (t) => {
	const redis = await startRedis(t);
	const s = await setup(t, { proxies: 2, homes: [tempDir(t), tempDir(t)], args: ['--store-url', redis.url, '--store-wait', '10s'] });
	await run(['anthropic', 'responses'], (name, body, k) => (k % 3 ? s.forward(name, body, k) : Promise.all([0, 1].map((i) => s.forward(name, body, i)))),
		async (k) => {
			if (k % 8 === 4)
				await redis.stop();
			else if (k % 8 === 6)
				await redis.start();
		});
});

test('what --protect-recent left is left, also when it is no longer recent, by another process', async (t) => {
	const s = await setup(t, { args: ['--protect-recent', '2'] });
	await inEachFormat(s);
});

// All results are recent when they are new, so the first request has a history.
async function inEachFormat(s) {
	for (const name of FORMAT_NAMES) {
		const requests = agentSession(name, 7).filter((r) => r.kind === 'main').slice(8);
		const watcher = new Watcher(name);
		for (const [k, request] of requests.entries()) {
			watcher.add(request, await s.forward(name, request.body));
			if (k === 2)
				await s.restart();
		}
		assert.ok(watcher.changed > 2, `${name}: nothing was changed`);
	}
}

// ---- the checks themselves ---------------------------------------------------------------------------------------

const body = (texts, other = 'x') => Buffer.from(JSON.stringify({
	model: 'm', system: other,
	messages: texts.map((text, i) => ({ role: 'user', content: [{ type: 'tool_result', tool_use_id: `t${i}`, content: text }] })),
}));

test('the checks find what is broken', () => {
	const one = body(['long "quoted" \\ text', 'second']);
	const problems = (client, sent, next, nextSent) => {
		const history = new History('anthropic');
		return [history.add(client, sent), next ? history.add(next, nextSent) : []];
	};
	assert.deepEqual(problems(one, body(['short', 'second'])), [[], []]);
	assert.deepEqual(findEdits(one, body(['l', 's'])).map((e) => one.subarray(e.at, e.end).toString()), [JSON.stringify('long "quoted" \\ text'), '"second"']);
	assert.equal(findEdits(one, Buffer.from(one.toString().replace('"messages":', '"messages": '))), null);
	assert.equal(problems(one, body(['short', 'second'], 'y'))[0].length, 1);
	assert.equal(problems(one, Buffer.from(one.toString().replace('t1', 't2')))[0].length, 1);
	const next = body(['long "quoted" \\ text', 'second', 'third']);
	assert.deepEqual(problems(one, body(['short', 'second']), next, body(['short', 'second', '3'])), [[], []]);
	assert.equal(problems(one, body(['short', 'second']), next, body(['shorter', 'second', '3']))[1].length, 2);
	assert.equal(problems(one, body(['short', 'second']), next, next)[1].length, 2);
	assert.equal(problems(one, body(['short', 'second']), one, body(['long "quoted" \\ text', 'second']))[1].length, 3);
	assert.equal(commonLength(Buffer.from('abcd'), Buffer.from('abxd')), 2);
	assert.equal(commonLength(Buffer.alloc(200000, 1), Buffer.concat([Buffer.alloc(150001, 1), Buffer.alloc(10)])), 150001);
	// a breakpoint that moves hides the bytes, not the blocks
	const moved = (text, mark) => Buffer.from(JSON.stringify({ messages: [{ role: 'user', content: [{ type: 'tool_result', ...(mark ? { cache_control: {} } : {}), content: text }] }] }));
	assert.equal(problems(moved('abcdef', true), moved('abc', true), moved('abcdef', false), moved('abd', false))[1].length, 1);
});
