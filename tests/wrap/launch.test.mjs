// The agent is to the user as if it had been started alone: streams, exit status, signals, job control.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../proxy/kit.mjs';
import { place, snapshot } from './kit.mjs';

const STAY = 'setInterval(() => {}, 1000);';

// A stub that stays; its parent is the wrap.
async function started(t, script, options = {}) {
	const p = await place(t);
	p.stub('claude');
	const run = p.start(['wrap', 'claude', ...(options.args ?? [])], { env: { STUB_SCRIPT: `${script} console.log('ready ' + process.pid);`, ...options.env } });
	await run.printed(/^ready \d+$/m);
	return { p, pid: Number(/^ready (\d+)$/m.exec(run.text.stdout)[1]), ...run };
}

const stateOf = (pid) => readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1][0];

for (const code of [0, 3, 255])
	test(`exit status ${code} is passed on`, async (t) => {
		const p = await place(t);
		p.stub('claude');
		assert.equal((await p.run(['wrap', 'claude'], { env: { STUB_SCRIPT: `process.exitCode = ${code}` } })).code, code);
	});

for (const [name, number] of [['SIGTERM', 15], ['SIGKILL', 9], ['SIGSEGV', 11]])
	test(`an agent that ${name} ends gives ${128 + number}`, async (t) => {
		const p = await place(t);
		const run = await p.run(['wrap', 'exec', '--', 'sh', '-c', `kill -${number} $$`]);
		assert.equal(run.code, 128 + number);
		assert.equal(run.signal, null);
	});

test('127 and 126 before anything is started or written', async (t) => {
	const p = await place(t);
	const before = snapshot(p.home);
	const missing = await p.run(['wrap', 'codex']);
	assert.equal(missing.code, 127);
	assert.match(missing.stderr, /codex is not there \(npm install/);
	p.stub('codex');
	chmodSync(join(p.bin, 'codex'), 0o644);
	assert.equal((await p.run(['wrap', 'codex'])).code, 126);
	assert.equal((await p.run(['wrap', 'exec', '--', '/no/such'])).code, 127);
	assert.equal((await p.run(['wrap', 'codex', '--agent-bin', '/no/such'])).code, 127);
	assert.deepEqual(p.proxies(), []);
	assert.deepEqual(snapshot(p.home), before);
});

test('a program of a wrong format: 126 by the report of the child', async (t) => {
	const p = await place(t);
	const file = p.put('bad', '\0\0\0\0', 0o755);
	const run = await p.run(['wrap', 'exec', '--', file]);
	assert.equal(run.code, 126);
	assert.match(run.stderr, /bad: /);
});

test('--agent-bin and HEADROOM_CLAUDE_BIN name another program', async (t) => {
	const p = await place(t);
	p.stub('other');
	const file = join(p.bin, 'other');
	assert.deepEqual((await p.wrap(['claude', '--agent-bin', file, '-x'])).argv.slice(2), ['-x']);
	assert.deepEqual((await p.wrap(['claude', '-y'], { env: { HEADROOM_CLAUDE_BIN: file } })).argv.slice(2), ['-y']);
});

test('standard output and input are the agent\'s alone; our words go to standard error, or nowhere with -q', async (t) => {
	const p = await place(t);
	const run = p.start(['wrap', 'exec', '--', 'cat'], { stdin: 'pipe' });
	run.child.stdin.end('a\0b\n');
	const { stdout, stderr, code } = await run.ended;
	assert.equal(code, 0);
	assert.equal(stdout, 'a\0b\n');
	assert.match(stderr, /through http:/);
	const quiet = await p.run(['wrap', 'exec', '-q', '--', 'true']);
	assert.equal(quiet.stdout + quiet.stderr, '');
});

for (const [signal, number] of [['SIGTERM', 15], ['SIGHUP', 1], ['SIGINT', 2], ['SIGQUIT', 3], ['SIGUSR1', 10]])
	test(`${signal} to the wrap reaches the agent; files of the run go`, async (t) => {
		const script = `process.on('${signal}', () => { console.log('got it'); process.exit(${number}); }); ${STAY}`;
		const { p, child, ended } = await started(t, script, { env: { ANTHROPIC_CUSTOM_HEADERS: 'Authorization: x' } });
		const dir = readdirSync(join(p.home, '.headroom/run')).find((name) => name.startsWith('wrap-'));
		assert.ok(existsSync(join(p.home, '.headroom/run', dir, 'claude-settings.json')));
		child.kill(signal);
		const run = await ended;
		assert.equal(run.code, number);
		assert.match(run.stdout, /got it/);
		assert.ok(!existsSync(join(p.home, '.headroom/run', dir)));
		assert.ok(!existsSync(join(p.home, '.headroom/state/edits.jsonl')));
	});

test('a second SIGTERM, later, kills an agent that does not heed the first', async (t) => {
	const { child, ended, printed } = await started(t, `process.on('SIGTERM', () => console.log('no')); ${STAY}`);
	child.kill('SIGTERM');
	await printed(/^no$/m);
	await new Promise((done) => setTimeout(done, 250)); // LAUNCH_AGAIN_MS: one that comes at once is the same one
	child.kill('SIGTERM');
	assert.equal((await ended).code, 137);
});

test('when the agent stops, the wrap stops; SIGCONT goes to both', async (t) => {
	const { child, ended, pid } = await started(t, `process.on('SIGTERM', () => process.exit(0)); ${STAY}`);
	process.kill(pid, 'SIGSTOP');
	await until(() => stateOf(child.pid) === 'T', 'the wrap to stop');
	child.kill('SIGCONT');
	await until(() => stateOf(pid) !== 'T' && stateOf(child.pid) !== 'T', 'both to go on');
	child.kill('SIGTERM');
	assert.equal((await ended).code, 0);
});

test('kill -9 of the wrap: the next command takes away the files of that run', async (t) => {
	const { p, child, ended, pid } = await started(t, `${STAY} `, { env: { ANTHROPIC_CUSTOM_HEADERS: 'Authorization: x' } });
	child.kill('SIGKILL');
	process.kill(pid, 'SIGKILL');
	await ended.catch(() => {});
	const run = () => readdirSync(join(p.home, '.headroom/run')).filter((name) => name.startsWith('wrap-'));
	assert.equal(run().length, 1);
	assert.equal((await p.run(['wrap', 'exec', '--', 'true'])).code, 0);
	assert.deepEqual(run(), []);
});

test('the proxy is killed while the agent runs: its next request is answered, and it is said at the end', async (t) => {
	const ask = `const u = process.env.ANTHROPIC_BASE_URL + '/livez';
		process.on('SIGUSR1', async () => { for (let i = 0; i < 200; i++) { try { await fetch(u); console.log('answered'); return process.exit(0); } catch { await new Promise((d) => setTimeout(d, 20)); } } process.exit(9); }); ${STAY}`;
	const { p, child, ended, text } = await started(t, ask);
	const [{ pid }] = p.proxies();
	process.kill(pid, 'SIGKILL');
	await until(() => !p.isAlive(pid), 'the proxy to die');
	child.kill('SIGUSR1');
	const run = await ended;
	assert.equal(run.code, 0);
	assert.match(text.stdout, /answered/);
	assert.match(run.stderr, /ended 1 time meanwhile/);
	assert.notEqual(p.proxies()[0].pid, pid);
	assert.equal(p.proxies()[0].url, `http://127.0.0.1:${p.port}`);
});
