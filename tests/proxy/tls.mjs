// Certificates made for one test, and an HTTP proxy: what tests of connections to providers need beside the kit.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { join } from 'node:path';

// A name that no resolver has: only an HTTP proxy of a test leads to it.
export const NAME = 'provider.test';

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];

// An authority and a certificate that it has signed: {file: of the authority, tls: {cert, key}}.
export function authority(dir, name = 'a') {
	const at = (end) => join(dir, `${name}-${end}`);
	const openssl = (...args) => execFileSync('openssl', args, { stdio: 'pipe' });
	openssl('req', '-x509', ...KEY, '-subj', `/CN=test authority ${name}`, '-keyout', at('ca.key'), '-out', at('ca.pem'));
	openssl('req', '-new', ...KEY.slice(0, 4), '-nodes', '-subj', '/CN=provider', '-keyout', at('key.pem'), '-out', at('csr.pem'));
	writeFileSync(at('ext'), `subjectAltName=DNS:localhost,IP:127.0.0.1,DNS:${NAME}\n`);
	openssl('x509', '-req', '-in', at('csr.pem'), '-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-days', '2',
		'-extfile', at('ext'), '-out', at('cert.pem'));
	return { file: at('ca.pem'), tls: { cert: readFileSync(at('cert.pem')), key: readFileSync(at('key.pem')) } };
}

// Listens on a free port of loopback until the test ends. connections: every socket so far.
export async function listen(t, server) {
	const connections = [];
	server.on('connection', (socket) => {
		connections.push(socket);
		socket.on('error', () => {});
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.after(() => {
		server.close();
		for (const socket of connections)
			socket.destroy();
	});
	return { port: server.address().port, connections };
}

// An HTTP proxy that leads every name to loopback. seen: what it was asked for, "CONNECT host:port" or "GET url".
export async function startHttpProxy(t) {
	const seen = [];
	const server = http.createServer((req, res) => {
		seen.push(`${req.method} ${req.url}`);
		const to = new URL(req.url);
		req.pipe(http.request({ host: '127.0.0.1', port: to.port, path: to.pathname + to.search, method: req.method, headers: req.headers },
			(answer) => {
				res.writeHead(answer.statusCode, answer.headers);
				answer.pipe(res);
			}));
	});
	server.on('connect', (req, client, head) => {
		seen.push(`CONNECT ${req.url}`);
		const up = net.connect({ host: '127.0.0.1', port: Number(req.url.split(':').pop()), allowHalfOpen: true }, () => {
			client.write('HTTP/1.1 200 Connection established\r\n\r\n');
			up.write(head);
			client.pipe(up);
			up.pipe(client);
		});
		up.on('error', () => client.destroy());
		client.on('error', () => up.destroy());
		client.on('close', () => up.destroy());
	});
	const { port } = await listen(t, server);
	return { url: `http://127.0.0.1:${port}`, seen };
}
