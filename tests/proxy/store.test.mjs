// A store that is locked by another process, deleted, or out of room: requests go on, nobody waits long for it, what was
// sent once is sent again, and the log says what is wrong.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startProvider } from '../provider/provider.mjs';
import { History } from './history.mjs';
import { startProxy, tempDir, within } from './kit.mjs';
import { formatOf } from './requests.mjs';
import { agentSession } from './sessions.mjs';

// What the store itself waits for a lock; nobody who asks it may wait as long.
const PATIENT_MS = 2000;

const storeOf = (home) => join(home, '.headroom', 'store.db');

// An agent that goes through a session and keeps an eye on what the provider gets.
class Agent {
	constructor(name, seed) {
		Object.assign(this, { name, requests: agentSession(name, seed).filter((r) => r.kind === 'main'), at: 0, history: new History(name), changed: 0, slowest: 0 });
	}

	async ask(proxy, provider, body, times = 1) {
		const { path, headers } = formatOf(this.name);
		const seen = provider.requests.length;
		const start = process.hrtime.bigint();
		const answers = await Promise.all(Array.from({ length: times }, () => proxy.ask({ path, headers: [['Content-Type', 'application/json'], ...headers], body })));
		this.slowest = Math.max(this.slowest, Number(process.hrtime.bigint() - start) / 1e6);
		answers.forEach((answer) => assert.equal(answer.status, 200, answer.text));
		for (const { body: sent } of provider.requests.slice(seen)) {
			assert.deepEqual(this.history.add(body, sent), []);
			this.changed += body.equals(sent) ? 0 : 1;
		}
	}

	// The next n requests; each `times` times at once.
	async go(proxy, provider, n, times) {
		for (const end = Math.min(this.at + n, this.requests.length); this.at < end; this.at++)
			await this.ask(proxy, provider, this.requests[this.at].body, times);
	}
}

async function provide(t) {
	const provider = await startProvider();
	t.after(() => provider.close());
	return provider;
}

// Another process that holds the database until it is told to end.
async function lockStore(file) {
	const child = spawn('sqlite3', [file], { stdio: ['pipe', 'pipe', 'inherit'] });
	child.stdin.write(".timeout 20000\nBEGIN EXCLUSIVE;\nSELECT 'locked';\n");
	const [line] = await within(once(child.stdout.setEncoding('utf8'), 'data'), 'the lock');
	assert.equal(line.trim(), 'locked');
	return async () => {
		child.stdin.end('ROLLBACK;\n');
		await once(child, 'exit');
	};
}

const hasSqlite = spawnSync('sqlite3', ['--version']).status === 0;

test('locked by another process: nobody waits long, and all of it is kept', { skip: !hasSqlite && 'sqlite3 is not installed (make deps)' }, async (t) => {
	const provider = await provide(t);
	const home = tempDir(t);
	const agent = new Agent('anthropic', 3);
	let proxy = await startProxy({ provider, home, args: ['--workers', '4'] });
	await agent.go(proxy, provider, 2);
	agent.slowest = 0;
	const unlock = await lockStore(storeOf(home));
	await agent.go(proxy, provider, 8, 2);
	t.diagnostic(`slowest request while the store was locked: ${agent.slowest.toFixed(0)} ms`);
	assert.ok(agent.slowest < PATIENT_MS, `a request took ${agent.slowest} ms`);
	assert.ok(agent.changed > 4, 'nothing was compressed');
	await unlock();
	await agent.go(proxy, provider, 2);
	await proxy.stop();
	proxy = await startProxy({ t, provider, home });
	await agent.go(proxy, provider, 100);
});

test('deleted while the proxy runs: what was sent stays, and the log says why nothing new is changed', async (t) => {
	const provider = await provide(t);
	const home = tempDir(t);
	const agent = new Agent('chat', 5);
	const proxy = await startProxy({ t, provider, home });
	await agent.go(proxy, provider, 5);
	const before = agent.changed;
	assert.ok(before > 2, 'nothing was compressed');
	for (const end of ['', '-wal', '-shm'])
		rmSync(storeOf(home) + end, { force: true });
	await agent.go(proxy, provider, 7, 2);
	assert.ok(agent.changed > before, 'what was changed before is not any more');
	assert.ok(agent.slowest < PATIENT_MS, `a request took ${agent.slowest} ms`);
	await proxy.logged(/store\.db was deleted or replaced/);
});

// A file system of its own that is full after some requests; as root, or in a user namespace.
const TMPFS = ['sh', '-c', 'mount -t tmpfs -o size=600k none "$0" && exec "$@"'];
const NAMESPACES = [['unshare', '-m'], ['unshare', '-Urm']];
const namespace = NAMESPACES.find((argv) => spawnSync(argv[0], [...argv.slice(1), ...TMPFS, '/mnt', 'true']).status === 0);

test('on a full disk: requests go on, what was sent stays, and the log says it', { skip: !namespace && 'no file system can be mounted here' }, async (t) => {
	const provider = await provide(t);
	const home = tempDir(t);
	// TMPDIR is elsewhere: ThreadSanitizer has a file there.
	const proxy = await startProxy({ t, provider, home, wrapper: [...namespace, ...TMPFS, home], env: { TMPDIR: tmpdir() } });
	const agents = Array.from({ length: 12 }, (_, i) => new Agent(i % 2 ? 'responses' : 'gemini', 100 + 9 * i));
	for (const agent of agents)
		await agent.go(proxy, provider, 6);
	await proxy.logged(/the store cannot be written: .*full/);
	for (const agent of agents)
		await agent.go(proxy, provider, 2, 2);
	assert.ok(agents[0].changed > 4, 'nothing was compressed while there was room');
	const slowest = Math.max(...agents.map((agent) => agent.slowest));
	assert.ok(slowest < PATIENT_MS, `a request took ${slowest} ms`);
});
