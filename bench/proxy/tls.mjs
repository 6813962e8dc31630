// What TLS to providers costs the proxy: usage: HEADROOM=build/release/headroom node bench/proxy/tls.mjs
// CPU time is that of the proxy alone (the provider is node, in this process); resident memory likewise. The store of
// certificates is the system's with one authority added, so that its size counts.
import { readFileSync } from 'node:fs';
import http2 from 'node:http2';
import https from 'node:https';
import { requestBytes, residentBytes, startProxy, tempDir } from '../../tests/proxy/kit.mjs';
import { authority } from '../../tests/proxy/tls.mjs';

const TICK_MS = 10; // sysconf(_SC_CLK_TCK) is 100 on Linux
const ROUNDS = 5;
const ends = [];
const t = { after: (f) => ends.unshift(f) };
const dir = tempDir(t);
const { file, tls } = authority(dir);
const env = { NODE_EXTRA_CA_CERTS: file };
const ask = { path: '/v1/messages', headers: { 'x-api-key': 'k', 'content-type': 'application/json' }, body: { model: 'm', max_tokens: 1, messages: [], stream: true } };
const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
const show = (name, value, unit) => process.stdout.write(`${name.padEnd(58)} ${String(value).padStart(9)} ${unit}\n`);

function cpuMs(proxy) {
	const stat = readFileSync(`/proc/${proxy.child.pid}/stat`, 'utf8').split(') ')[1].split(' ');
	return (Number(stat[11]) + Number(stat[12])) * TICK_MS;
}

async function provider(version, on) {
	let connections = 0;
	const handler = (req, res) => {
		req.resume();
		req.on('end', () => on(res));
	};
	// node resets streams (ENHANCE_YOUR_CALM) when more than 10 MB wait in a session
	const server = version === 2 ? http2.createSecureServer({ ...tls, maxSessionMemory: 1000 }, handler) : https.createServer(tls, handler);
	server.on('secureConnection', () => connections++);
	await new Promise((done) => server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, done));
	ends.unshift(() => server.closeAllConnections?.());
	return { url: `https://127.0.0.1:${server.address().port}`, get connections() { return connections; } };
}

async function handshakes() {
	const up = await provider(1, (res) => res.end('{}'));
	for (const [name, args] of [['a request on a kept connection', []], ['a request with a handshake of its own', ['--max-keepalive', '0']]]) {
		const proxy = await startProxy({ t, provider: up, env, args });
		await proxy.ask(ask);
		const n = 300;
		const [start, cpu] = [performance.now(), cpuMs(proxy)];
		for (let i = 0; i < n; i++)
			await proxy.ask(ask);
		show(`${name}: time`, ((performance.now() - start) / n).toFixed(2), 'ms');
		show(`${name}: CPU of the proxy`, ((cpuMs(proxy) - cpu) / n).toFixed(2), 'ms');
	}
}

async function idleMemory() {
	const waiting = [];
	const up = await provider(1, (res) => waiting.push(res));
	const proxy = await startProxy({ t, provider: up, env, args: ['--max-keepalive', '1000'] });
	const n = 200;
	const round = async (count) => {
		const asked = Array.from({ length: count }, () => proxy.ask(ask));
		while (waiting.length < count)
			await new Promise((done) => setTimeout(done, 20));
		waiting.splice(0).forEach((res) => res.end('{}'));
		await Promise.all(asked);
		await new Promise((done) => setTimeout(done, 7000)); // spare handles go back after five idle seconds
		return residentBytes(proxy.child.pid);
	};
	const before = await round(1);
	show(`memory of an idle connection, of ${n}`, (((await round(n)) - before) / (n - 1) / 1024).toFixed(0), 'KB');
}

async function streams(version, size) {
	const body = Buffer.alloc(size, 'data: 0123456789012345678901234567890123456789012345678901\n\n');
	const up = await provider(version, (res) => {
		res.setHeader('content-type', 'text/event-stream');
		res.end(body);
	});
	const proxy = await startProxy({ t, provider: up, env });
	const one = async () => {
		const raw = await proxy.connect();
		await raw.send(requestBytes(ask));
		const head = await raw.head();
		let n = 0;
		let last;
		for await (const part of raw.parts(head)) {
			n += part.length;
			last = part;
		}
		raw.close();
		if (n !== size)
			throw new Error(`${head.status}, ${n} bytes of ${size}, complete ${head.complete}: ${last?.subarray(-300)}`);
	};
	const times = [];
	const start = cpuMs(proxy);
	let cold;
	for (let i = 0; i <= ROUNDS; i++) {
		const at = performance.now();
		await Promise.all(Array.from({ length: 64 }, one));
		if (i === 0)
			cold = performance.now() - at;
		else
			times.push(performance.now() - at);
	}
	const name = `HTTP/${version}, 64 streams of ${size >> 10} KB at once`;
	show(`${name}: time, first round`, cold.toFixed(0), 'ms');
	show(`${name}: time, median of ${ROUNDS}`, median(times).toFixed(0), 'ms');
	show(`${name}: CPU of the proxy per stream`, ((cpuMs(proxy) - start) / 64 / (ROUNDS + 1)).toFixed(2), 'ms');
	show(`${name}: connections`, up.connections, '');
}

await handshakes();
await idleMemory();
for (const size of [16 << 10, 1 << 20])
	for (const version of [1, 2])
		await streams(version, size);
for (const end of ends)
	await end();
process.exit(0);
