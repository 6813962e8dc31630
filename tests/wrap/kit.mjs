// What the tests of `headroom wrap` stand on: a HOME in a temporary directory, agents that are scripts which tell how they were
// started, and the end of every proxy that was started below that HOME.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, lstatSync, mkdirSync, readFileSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { dirname, join, relative } from 'node:path';
import { tempDir, until, within } from '../proxy/kit.mjs';

// Says {argv, env, cwd} on standard output; STUB_SCRIPT is JavaScript to be run before it ends.
const STUB = `#!${process.execPath}
console.log(JSON.stringify({ argv: process.argv.slice(2), env: process.env, cwd: process.cwd() }));
if (process.env.STUB_SCRIPT) eval(process.env.STUB_SCRIPT);
`;

export async function freePort() {
	const server = net.createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address();
	server.close();
	await once(server, 'close');
	return port;
}

function proxiesOf(home) {
	try {
		return readdirSync(join(home, '.headroom/run')).filter((name) => /^proxy-\d+\.json$/.test(name))
			.map((name) => JSON.parse(readFileSync(join(home, '.headroom/run', name), 'utf8')));
	} catch {
		return [];
	}
}

function isAlive(pid) {
	try {
		process.kill(pid, 0);
		return readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1][0] !== 'Z';
	} catch {
		return false;
	}
}

// Every file below dir but headroom's own: its bytes, mode or target.
export function snapshot(dir) {
	const out = {};
	const walk = (at) => {
		for (const name of readdirSync(at)) {
			const path = join(at, name);
			const st = lstatSync(path);
			if (relative(dir, path) === '.headroom')
				continue;
			if (st.isDirectory())
				walk(path);
			else
				out[relative(dir, path)] = st.isSymbolicLink() ? `-> ${readlinkSync(path)}` : `${(st.mode & 0o777).toString(8)} ${readFileSync(path, 'latin1')}`;
		}
	};
	walk(dir);
	return out;
}

// A place to wrap in: {home, work, bin, put, wrap, run, proxies}.
export async function place(t) {
	const home = join(tempDir(t), 'home');
	const bin = join(dirname(home), 'bin');
	const work = join(home, 'work');
	for (const dir of [work, bin])
		mkdirSync(dir, { recursive: true });
	const port = await freePort();
	const p = {
		home, work, bin, port,
		proxies: () => proxiesOf(home),
		isAlive,
		// a file below home, made with the directories above it
		put(name, text, mode = 0o644) {
			const path = join(home, name);
			mkdirSync(dirname(path), { recursive: true });
			writeFileSync(path, text, { mode });
			return path;
		},
		read: (name) => readFileSync(join(home, name), 'utf8'),
		stub(name) {
			writeFileSync(join(bin, name), STUB);
			chmodSync(join(bin, name), 0o755);
		},
		// `headroom ARGS`: a running process; ended gives {code, signal, stdout, stderr}.
		start(args, { env = {}, cwd = work, stdin = 'ignore', detached = false } = {}) {
			assert.ok(process.env.HEADROOM, 'HEADROOM does not name the binary');
			const child = spawn(process.env.HEADROOM, args, {
				cwd, detached, stdio: [stdin, 'pipe', 'pipe'],
				env: {
					PATH: `${bin}:${process.env.PATH}`, HOME: home, TMPDIR: home, HEADROOM_PORT: String(port), ASAN_OPTIONS: 'exitcode=99', ...env,
				},
			});
			const text = { stdout: '', stderr: '' };
			for (const stream of ['stdout', 'stderr'])
				child[stream].setEncoding('utf8').on('data', (part) => { text[stream] += part; });
			const ended = within(once(child, 'close'), `headroom ${args.join(' ')} to end`).then(([code, signal]) => {
				assert.doesNotMatch(text.stderr, /Sanitizer|runtime error/);
				return { code, signal, ...text };
			}, (e) => {
				child.kill('SIGKILL');
				throw e;
			});
			return { child, ended, text, printed: (pattern) => until(() => pattern.test(text.stdout), `${pattern} on standard output:\n${text.stdout}${text.stderr}`) };
		},
		run: (args, options) => p.start(args, options).ended,
		// A wrapped stub, which must end well: what it said, with the rest of the run in `run`.
		async wrap(args, options) {
			const run = await p.run(['wrap', ...args], options);
			assert.equal(run.code, 0, run.stderr);
			return { ...JSON.parse(run.stdout), run };
		},
		async endProxies() {
			for (const { pid } of proxiesOf(home)) {
				if (isAlive(pid))
					process.kill(pid, 'SIGTERM');
				await until(() => !isAlive(pid), `proxy ${pid} to end`);
			}
		},
	};
	t.after(async () => {
		await p.endProxies();
		rmSync(dirname(home), { recursive: true, force: true });
	});
	return p;
}
