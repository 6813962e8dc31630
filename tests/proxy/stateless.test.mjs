// --stateless: everything works where nothing can be written, and nothing is. Two proofs: a file system that takes
// nothing (a mount namespace; directories that the user may not write to), and the system calls (strace). Where the
// system allows none of the ways to one of them, that test is skipped and says so.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startProvider } from '../provider/provider.mjs';
import { startProxy, tempDir, until } from './kit.mjs';
import { FORMAT_NAMES, request } from './requests.mjs';

// Every file below a directory, with what a change of it would change.
function listing(dir) {
	const out = [];
	const walk = (path) => {
		const s = lstatSync(path);
		out.push([path, s.mode, s.size, s.mtimeMs, s.ino].join(' '));
		if (s.isDirectory())
			readdirSync(path).sort().forEach((name) => walk(join(path, name)));
	};
	walk(dir);
	return out;
}

// A round through all that could be tempted to write: conversations that are compressed and remembered, the cache,
// the ledger, limits, a log and a store that are asked for, a reload.
async function exercise(proxy, provider) {
	for (const name of FORMAT_NAMES) {
		for (const stream of [false, true]) {
			for (const steps of [2, 4]) {
				const sent = request(name, { steps, stream });
				const r = await proxy.ask(sent);
				assert.equal(r.status, 200, `${name} ${r.text}`);
				assert.ok(r.complete);
				assert.ok(provider.requests.at(-1).body.length < sent.body.length, `${name} was not made smaller`);
			}
		}
	}
	const fixed = request('anthropic');
	fixed.body = JSON.stringify({ ...JSON.parse(fixed.body), temperature: 0 });
	await proxy.ask(fixed);
	assert.equal((await proxy.ask(fixed)).header('x-headroom-cached'), 'true');
	proxy.child.kill('SIGHUP');
	await proxy.logged(/reloaded/);
	// what was spent is known as long as the process lives
	provider.answer('/v1/messages', { turn: { text: 'dear', usage: { input: 10000000, cacheRead: 0, cacheWrite: 0, output: 0 } } });
	assert.equal((await proxy.ask(request('anthropic', { seed: 9 }))).status, 200);
	assert.equal((await proxy.ask(request('anthropic', { seed: 10 }))).status, 429);
}

const ARGS = ['--stateless', '--budget', '20', '--log-file', 'log.jsonl', '--store', 'store.db', '--log-messages', '--workers', '2'];

// All mounts but those of the kernel itself become read-only, then the command takes this process' place.
const READ_ONLY = `
while read -r _ at type _; do
	case $type in proc|sysfs|devtmpfs|devpts|mqueue|cgroup*|securityfs) continue ;; esac
	mount -o remount,bind,ro "$at" 2>/dev/null
done </proc/mounts
exec "$@"`;

const WAYS = {
	'a mount namespace': () => [['unshare', '-m', 'sh', '-c', READ_ONLY, 'sh'], ['unshare', '-rm', 'sh', '-c', READ_ONLY, 'sh']],
	// the superuser may write everywhere: somebody else, then
	'directories of somebody else': () => (process.getuid() === 0 ? [['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--']] : [[]]),
};

// The first of the wrappers under which the home takes no file, but programs run.
function usable(wrappers, home) {
	return wrappers.find((wrapper) => {
		const probe = [...wrapper, 'sh', '-c', `test -x "$0" && "$0" --version >/dev/null && ! touch "$HOME/probe" 2>/dev/null && ! touch "$HOME/.headroom/probe" 2>/dev/null`, process.env.HEADROOM];
		const r = spawnSync(probe[0], probe.slice(1), { env: { PATH: process.env.PATH, HOME: home }, stdio: 'ignore' });
		return r.status === 0;
	});
}

for (const [what, wrappers] of Object.entries(WAYS)) {
	test(`in ${what} that cannot be written everything works and nothing is left`, async (t) => {
		let home;
		t.after(() => [home, join(home, '.headroom')].forEach((dir) => chmodSync(dir, 0o755))); // before it is removed
		home = tempDir(t);
		mkdirSync(join(home, '.headroom'));
		chmodSync(join(home, '.headroom'), 0o555);
		chmodSync(home, 0o555);
		const wrapper = usable(wrappers(), home);
		if (!wrapper)
			return t.skip(`THIS SYSTEM ALLOWS NO ${what.toUpperCase()} FOR THE TEST: --stateless is not proven by it`);
		const provider = await startProvider();
		t.after(() => provider.close());
		const before = listing(home);
		const proxy = await startProxy({ provider, home, wrapper, args: ARGS });
		try {
			await exercise(proxy, provider);
		} finally {
			await proxy.stop();
		}
		assert.match(proxy.stderr, /--stateless writes no file: --log-file log\.jsonl is not written/);
		assert.match(proxy.stderr, /--stateless writes no file: --store store\.db is not used/);
		assert.deepEqual(listing(home), before);

		// the same place without --stateless: it can be seen that nothing can be written
		await assert.rejects(async () => (await startProxy({ provider, home, wrapper })).stop(), /ended \(\d+\) before it was ready/);
	});
}

test('where it could be written nothing is', async (t) => {
	const provider = await startProvider();
	t.after(() => provider.close());
	const home = tempDir(t);
	const tmp = tempDir(t); // the thread sanitizer makes a file there, and removes it
	const before = listing(home);
	const proxy = await startProxy({ provider, home, args: ARGS, env: { TMPDIR: tmp } });
	await exercise(proxy, provider);
	await proxy.stop();
	assert.deepEqual(listing(home), before);
	assert.deepEqual(readdirSync(tmp), []);
	const again = await startProxy({ t, provider, home, args: ARGS });
	assert.equal((await again.ask(request('anthropic'))).status, 200, 'what was spent is forgotten with the process');
});

// ---- system calls -------------------------------------------------------------------------------------

const CALLS = [
	'open', 'openat', 'openat2', 'creat', 'mkdir', 'mkdirat', 'mknod', 'mknodat', 'unlink', 'unlinkat', 'rmdir', 'rename', 'renameat', 'renameat2',
	'link', 'linkat', 'symlink', 'symlinkat', 'truncate', 'ftruncate', 'chmod', 'fchmod', 'fchmodat', 'utimensat',
];
// No files; and one that the thread sanitizer makes for itself before the program begins.
const HARMLESS = /"\/(dev|proc|sys)\/|\/tsan\.rodata\.\d+"/;

// What of a trace changes files or opens one for that, failed attempts too.
function writes(trace) {
	return trace.split('\n').filter((line) => {
		const [, call, args] = line.match(/^\d+ +(?:<\.\.\. )?(\w+)[( ](.*)$/) ?? [];
		if (!CALLS.includes(call) || HARMLESS.test(args))
			return false;
		return !/^open/.test(call) || /O_(WRONLY|RDWR|CREAT|TRUNC|APPEND|TMPFILE)/.test(args);
	});
}

async function traced(t, args) {
	const home = tempDir(t);
	const file = join(tempDir(t), 'trace');
	const provider = await startProvider();
	t.after(() => provider.close());
	// -D: the proxy is the child, so that it gets the signals. Leaks cannot be looked for under a tracer.
	const wrapper = ['strace', '-D', '-f', '-qq', '-s', '300', '-o', file, '-e', `trace=${CALLS.map((c) => `?${c}`).join(',')}`];
	const proxy = await startProxy({ provider, home, wrapper, args, env: { ASAN_OPTIONS: 'exitcode=99:detect_leaks=0' } });
	const { pid } = proxy.child;
	try {
		await exercise(proxy, provider);
	} finally {
		await proxy.stop();
	}
	await until(() => !existsSync(`/proc/${pid}`), 'the end of the proxy');
	let last = '';
	// the tracer writes its file to the end and goes; what it had in its buffer comes with that
	return until(() => {
		const text = readFileSync(file, 'utf8');
		const isSame = text === last && text.endsWith('\n') && text.length > 0;
		last = text;
		return isSame && text;
	}, 'the whole trace');
}

test('no system call writes a file', async (t) => {
	const probe = spawnSync('strace', ['-f', '-o', '/dev/null', 'true']);
	if (probe.status !== 0)
		return t.skip('NO STRACE HERE, OR NO RIGHT TO TRACE: system calls of --stateless are not looked at');
	const args = ['--budget', '20', '--workers', '2'];
	const usual = writes(await traced(t, args));
	assert.ok(usual.some((l) => l.includes('store.db')), 'without --stateless the trace shows what is written');
	assert.ok(usual.some((l) => /mkdir.*\.headroom/.test(l)));
	assert.deepEqual(writes(await traced(t, [...args, '--stateless', '--log-file', 'log.jsonl', '--store', 'store.db'])), []);
});
