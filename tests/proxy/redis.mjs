// A redis-server of its own for a test, and a relay before it that can hold back what goes through.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { tempDir, until } from './kit.mjs';

export const hasRedis = (() => {
	try {
		execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
		return true;
	} catch {
		return false;
	}
})();

async function freePort() {
	const server = net.createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address();
	server.close();
	await once(server, 'close');
	return port;
}

// One answer to one command, as redis-cli has it: an inline command and the raw reply.
export function redisAsk(port, line, { auth } = {}) {
	return new Promise((done, fail) => {
		const socket = net.connect(port, '127.0.0.1');
		let text = '';
		socket.setEncoding('utf8').on('data', (part) => { text += part; });
		socket.once('error', fail);
		socket.once('end', () => done(text));
		socket.write(`${auth ? `AUTH ${auth}\r\n` : ''}${line}\r\nQUIT\r\n`);
	});
}

// {port, url, ask(line), keys(), stop(), start()}; the data is in memory alone. Somebody else may take a port that was free a
// moment ago: then another one.
export async function startRedis(t, { args = [], auth } = {}) {
	const dir = tempDir(t);
	const redis = {
		port: 0, child: null,
		get url() {
			return `redis://127.0.0.1:${redis.port}/0`;
		},
		ask: (line) => redisAsk(redis.port, line, { auth }),
		async keys(pattern = '*') {
			return [...(await redis.ask(`KEYS ${pattern}`)).matchAll(/^\$\d+\r\n(.*)\r$/gm)].map((m) => m[1]);
		},
		async start() {
			for (let attempt = 0; ; attempt++) {
				const port = redis.port || await freePort();
				const child = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', dir, '--daemonize', 'no', ...args], { stdio: 'ignore' });
				redis.child = child;
				const ended = once(child, 'exit').then(() => 'ended');
				const up = until(async () => child.exitCode !== null || (await redisAsk(port, 'PING', { auth }).catch(() => '')).includes('PONG'), 'redis-server');
				if (await Promise.race([ended, up]) !== 'ended' && child.exitCode === null) {
					redis.port = port;
					return;
				}
				if (attempt === 5)
					throw new Error('redis-server does not start');
			}
		},
		async stop(signal = 'SIGKILL') {
			if (redis.child.exitCode === null && redis.child.signalCode === null) {
				redis.child.kill(signal);
				await once(redis.child, 'exit');
			}
		},
	};
	await redis.start();
	t.after(() => redis.stop());
	return redis;
}

// Passes bytes both ways until it is told to hold them back: then connections are taken and nothing comes.
export async function startRelay(t, port) {
	const sockets = new Set();
	const relay = { held: false, hold: () => { relay.held = true; sockets.forEach((s) => s.pause()); }, release: () => { relay.held = false; sockets.forEach((s) => s.resume()); } };
	const server = net.createServer((client) => {
		const up = net.connect(port, '127.0.0.1');
		for (const [from, to] of [[client, up], [up, client]]) {
			sockets.add(from);
			from.on('data', (bytes) => to.write(bytes));
			from.on('error', () => {});
			from.on('close', () => { sockets.delete(from); to.destroy(); });
			if (relay.held)
				from.pause();
		}
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	relay.url = `redis://127.0.0.1:${server.address().port}/0`;
	t.after(() => { sockets.forEach((s) => s.destroy()); server.close(); });
	return relay;
}
