// Who uses a proxy: its control socket, its file in the run directory, the end when nobody needs it. Leases are taken here
// by hand; how `headroom wrap` takes them is tests/unit/test_wrap_lease.c.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { pair, startProxy, tempDir, until, within } from './kit.mjs';
import { request } from './requests.mjs';

const runDir = (proxy) => join(proxy.home, '.headroom', 'run');
const fileOf = (proxy, ending) => join(runDir(proxy), `proxy-${proxy.port}.${ending}`);
const record = (proxy) => JSON.parse(readFileSync(fileOf(proxy, 'json'), 'utf8'));

// A connection to the control socket: lines as they come, null at the end.
class Lease {
	constructor(socket) {
		this.socket = socket;
		this.lines = [];
		this.wakers = [];
		let text = '';
		const wake = (line) => (this.wakers.length ? this.wakers.shift()(line) : this.lines.push(line));
		socket.setEncoding('utf8').on('data', (part) => {
			text += part;
			for (let at; (at = text.indexOf('\n')) >= 0; text = text.slice(at + 1))
				wake(text.slice(0, at));
		});
		socket.on('close', () => wake(null));
		socket.on('error', () => {});
	}

	line() {
		return within(this.lines.length ? Promise.resolve(this.lines.shift()) : new Promise((done) => this.wakers.push(done)), 'a line of the proxy');
	}

	release() {
		this.socket.destroy();
	}
}

async function takeLease(proxy) {
	const socket = net.connect(fileOf(proxy, 'sock'));
	const lease = new Lease(socket);
	await within(once(socket, 'connect'), 'a connection to the control socket');
	lease.hello = JSON.parse(await lease.line());
	return lease;
}

// The end by itself, with status 0.
async function ended(proxy) {
	assert.deepEqual(await within(proxy.exited, 'the proxy to end by itself'), [0, null]);
}

test('the file and the first line of the socket say who it is', async (t) => {
	const { proxy } = await pair(t, { args: ['--mode', 'cache'] });
	const file = record(proxy);
	assert.equal(file.schema, 'headroom.lease/1');
	assert.equal(file.pid, proxy.child.pid);
	assert.equal(file.url, proxy.url);
	assert.equal(file.uid, process.getuid());
	assert.equal(file.socket, fileOf(proxy, 'sock'));
	assert.match(file.nonce, /^[0-9a-f]{32}$/);
	assert.match(file.digest, /^[0-9a-f]{64}$/);
	assert.equal(file.settings.mode, 'cache');
	assert.deepEqual(file.given, ['mode', 'rate-limit', 'ccr']);
	assert.equal(file.leases, 0);
	const stat = readFileSync(`/proc/${file.pid}/stat`, 'utf8');
	assert.equal(file.start_time, Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]));
	const lease = await takeLease(proxy);
	assert.deepEqual(lease.hello, { ...file, leases: 1 });
	assert.equal((await takeLease(proxy)).hello.leases, 2);
	assert.equal((await proxy.ask({ method: 'GET', path: '/health' })).json.config.nonce, file.nonce);
	assert.equal(statSync(runDir(proxy)).mode & 0o7777, 0o700);
	for (const ending of ['json', 'sock'])
		assert.equal(statSync(fileOf(proxy, ending)).mode & 0o7777, 0o600, ending);
});

test('no secret is in it', async (t) => {
	const { proxy } = await pair(t, { env: { HEADROOM_PROXY_TOKEN: 'sesame-open' } });
	assert.ok(!readFileSync(fileOf(proxy, 'json'), 'utf8').includes('sesame'));
});

test('at the end nothing is left', async (t) => {
	const { proxy } = await pair(t);
	await proxy.stop();
	assert.deepEqual(readdirSync(runDir(proxy)), []);
});

test('--stateless: no file, no socket', async (t) => {
	const { proxy } = await pair(t, { args: ['--stateless'] });
	assert.ok(!existsSync(join(proxy.home, '.headroom')));
});

test('a run directory that cannot be used is said, and the proxy serves', async (t) => {
	const home = tempDir(t);
	const { proxy } = await pair(t, { home, args: ['--store', join(home, 'store.db')], env: { HEADROOM_WORKSPACE_DIR: '/dev/null/x', HEADROOM_CONFIG_DIR: home } });
	await proxy.logged(/no_control_socket/);
	assert.equal((await proxy.ask(request('anthropic'))).status, 200);
});

test('--idle-exit: not before the last lease is gone', async (t) => {
	const { proxy } = await pair(t, { args: ['--idle-exit', '2s'] });
	const first = await takeLease(proxy);
	const second = await takeLease(proxy);
	first.release();
	await until(async () => {
		const look = await takeLease(proxy);
		look.release();
		return look.hello.leases === 2; // the second, and the look itself
	}, 'the first lease to be gone');
	assert.equal(proxy.child.exitCode, null);
	second.release();
	await ended(proxy);
	await proxy.logged(/idle_exit/);
});

test('--idle-exit: not while a request is under way, nor soon after', async (t) => {
	const { provider, proxy } = await pair(t, { args: ['--idle-exit', '2s'] });
	provider.answer('/v1/messages', { hold: 'head' });
	const asking = proxy.ask(request('anthropic'));
	const ex = await within(provider.next(1), 'the request');
	const lease = await takeLease(proxy);
	lease.release();
	ex.release(1);
	assert.equal((await asking).status, 200);
	await ended(proxy);
});

test('SIGTERM: leases end at once, open requests do not', async (t) => {
	const { provider, proxy } = await pair(t);
	provider.answer('/v1/messages', { hold: 'head' });
	const lease = await takeLease(proxy);
	const asking = proxy.ask(request('anthropic'));
	const ex = await within(provider.next(1), 'the request');
	proxy.child.kill('SIGTERM');
	assert.equal(await lease.line(), null);
	assert.deepEqual(readdirSync(runDir(proxy)), []);
	assert.equal(proxy.child.exitCode, null);
	ex.release(1);
	assert.equal((await asking).status, 200);
	await ended(proxy);
});

test('while one drains, the next one has the port, and keeps its files', async (t) => {
	const { provider, proxy } = await pair(t);
	provider.answer('/v1/messages', { hold: 'head' });
	const lease = await takeLease(proxy);
	const asking = proxy.ask(request('anthropic'));
	const ex = await within(provider.next(1), 'the request');
	proxy.child.kill('SIGTERM');
	assert.equal(await lease.line(), null);
	await until(() => new Promise((done) => {
		const probe = net.createServer().once('error', () => done(false)).listen(proxy.port, '127.0.0.1', () => probe.close(() => done(true)));
	}), 'the port to be free');
	const next = await startProxy({ t, provider, home: proxy.home, args: ['--port', String(proxy.port)] });
	assert.equal(next.port, proxy.port);
	ex.release(1);
	assert.equal((await asking).status, 200);
	await ended(proxy);
	assert.equal(record(next).pid, next.child.pid);
	assert.equal((await takeLease(next)).hello.pid, next.child.pid);
});

test('"stop": only for who is alone', async (t) => {
	const { proxy } = await pair(t);
	const first = await takeLease(proxy);
	const second = await takeLease(proxy);
	second.socket.write('stop\n');
	assert.equal(await second.line(), 'shared');
	assert.equal(await second.line(), null);
	first.socket.write('st');
	first.socket.write('op\n');
	assert.equal(await first.line(), 'stopping');
	assert.equal(await first.line(), null);
	await ended(proxy);
});

test('what is no word of ours ends the lease, and nothing else', async (t) => {
	const { proxy } = await pair(t);
	for (const word of ['GET / HTTP/1.1\r\n\r\n', 'stop it\n', '\n', 'stop\nstop\n', 'x'.repeat(100000)]) {
		const lease = await takeLease(proxy);
		assert.equal(lease.hello.leases, 1);
		lease.socket.write(word);
		assert.equal(await lease.line(), null, JSON.stringify(word.slice(0, 20)));
	}
	assert.equal((await proxy.ask(request('anthropic'))).status, 200);
});

test('five hundred leases at once', async (t) => {
	const { proxy } = await pair(t);
	const all = await Promise.all(Array.from({ length: 500 }, () => takeLease(proxy)));
	assert.equal(Math.max(...all.map((l) => l.hello.leases)), 500);
	assert.equal((await proxy.ask(request('anthropic'))).status, 200);
	all.forEach((l) => l.release());
	await until(async () => {
		const look = await takeLease(proxy);
		look.release();
		return look.hello.leases === 1;
	}, 'all leases to be gone');
});

test('files of a killed proxy are replaced by the next one at its port', async (t) => {
	const home = tempDir(t);
	const first = await startProxy({ home });
	first.child.kill('SIGKILL');
	await within(first.exited, 'the end');
	assert.equal(record(first).pid, first.child.pid);
	const next = await startProxy({ t, home, args: ['--port', String(first.port)] });
	assert.equal((await takeLease(next)).hello.pid, next.child.pid);
	assert.deepEqual(readdirSync(runDir(next)).sort(), [`proxy-${next.port}.json`, `proxy-${next.port}.sock`]);
});

test('headroom proxy list', async (t) => {
	const home = tempDir(t);
	const list = (...args) => spawnSync(process.env.HEADROOM, ['proxy', 'list', ...args], { encoding: 'utf8', env: { PATH: process.env.PATH, HOME: home } });
	const none = list('--json');
	assert.equal(none.status, 0, none.stderr);
	assert.deepEqual(JSON.parse(none.stdout), { schema: 'headroom.proxy-list/1', proxies: [] });
	const one = await startProxy({ t, home });
	const two = await startProxy({ t, home, args: ['--idle-exit', '1h', '--mode', 'cache'] });
	writeFileSync(join(home, '.headroom', 'run', 'proxy-9.json'), 'left by nobody');
	const lease = await takeLease(two);
	const { proxies } = JSON.parse(list('--json').stdout);
	const row = (proxy) => proxies.find((p) => p.url === proxy.url);
	assert.equal(proxies.length, 2);
	assert.equal(row(one).pid, one.child.pid);
	assert.equal(row(one).leases, 0);
	assert.equal(row(one).idle_exit_seconds, null);
	assert.equal(row(two).leases, 1);
	assert.equal(row(two).idle_exit_seconds, 3600);
	assert.equal(row(two).mode, 'cache');
	assert.match(list().stdout, new RegExp(`${two.url}\\s`));
	lease.release();
});
