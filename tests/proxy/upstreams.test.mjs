// Upstreams over TLS: who is trusted, HTTP/2 and HTTP/1.1.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startProvider } from '../provider/provider.mjs';
import { requestBytes, startProxy, tempDir, within } from './kit.mjs';
import { FORMAT_NAMES, formatOf, request } from './requests.mjs';

// A certificate that signs itself, for 127.0.0.1; made by the program of Debian's openssl.
function certificate(dir, name = 'own', address = 'IP:127.0.0.1') {
	const [cert, key] = [join(dir, `${name}.pem`), join(dir, `${name}.key`)];
	const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=scripted', '-addext', `subjectAltName=${address}`, '-keyout', key, '-out', cert]);
	assert.equal(made.status, 0, String(made.stderr));
	return { file: cert, cert: readFileSync(cert), key: readFileSync(key) };
}

async function secure(t, options = {}) {
	const dir = tempDir(t);
	const own = certificate(dir, 'own', options.address);
	const provider = await startProvider({ tls: own, http2: options.http2 });
	t.after(() => provider.close());
	return { dir, own, provider };
}

for (const variable of ['SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS']) {
	test(`${variable} makes a private authority known`, async (t) => {
		const { own, provider } = await secure(t);
		const proxy = await startProxy({ t, provider, env: { [variable]: own.file } });
		for (const name of FORMAT_NAMES) {
			const r = await proxy.ask(request(name, { stream: true, steps: 4 }));
			assert.equal(r.status, 200, r.text);
			assert.ok(r.complete);
		}
		assert.equal(provider.requests.length, FORMAT_NAMES.length);
	});
}

for (const [what, make] of [
	['an unknown authority', async (t) => ({ ...(await secure(t)), trusted: null })],
	['a certificate of another host', async (t) => {
		const all = await secure(t, { address: 'DNS:elsewhere.example' });
		return { ...all, trusted: all.own.file };
	}],
]) {
	test(`${what}: 502 in the shape of the route, and not a byte of the request`, async (t) => {
		const { provider, trusted } = await make(t);
		const proxy = await startProxy({ t, provider, env: trusted ? { SSL_CERT_FILE: trusted } : {} });
		const r = await proxy.ask(request('anthropic', { stream: true }));
		assert.equal(r.status, 502);
		assert.equal(r.json.type, 'error');
		assert.match(r.json.error.message, /certificate|TLS|SSL/i);
		assert.equal(provider.requests.length, 0);
	});
}

test('HTTP/2: many streams share few connections, each event as it is sent', async (t) => {
	const { own, provider } = await secure(t, { http2: true });
	const proxy = await startProxy({ t, provider, env: { SSL_CERT_FILE: own.file } });
	// the first request finds out that the provider speaks HTTP/2
	assert.equal((await proxy.ask(request('anthropic'))).status, 200);
	assert.equal(provider.requests[0].version, '2.0');
	provider.forget();
	for (const name of FORMAT_NAMES)
		provider.answer(formatOf(name).streamPath.split('?')[0], { hold: 'events', repeat: true });
	const n = 40;
	const raws = await Promise.all(Array.from({ length: n }, async (_, i) => {
		const raw = await proxy.connect();
		await raw.send(requestBytes(request(FORMAT_NAMES[i % 4], { stream: true, steps: 2, seed: i + 1 })));
		return raw;
	}));
	await within(provider.next(n), 'all requests');
	const all = raws.map((raw) => raw.response('POST'));
	provider.requests.forEach((ex) => ex.release(1000));
	for (const r of await Promise.all(all)) {
		assert.equal(r.status, 200);
		assert.ok(r.complete);
	}
	assert.ok(provider.requests.every((ex) => ex.version === '2.0'));
	assert.ok(new Set(provider.requests.map((ex) => ex.conn)).size < n / 2, 'a connection for each stream');
	// one of them held event by event
	provider.requests.length = 0;
	const raw = await proxy.connect();
	await raw.send(requestBytes(request('anthropic', { stream: true })));
	const ex = await within(provider.next(1), 'the request');
	const head = await raw.head();
	let events = 0;
	ex.release(1);
	for await (const event of raw.events(head)) {
		assert.ok(event.data);
		assert.equal(ex.steps, ++events);
		ex.release(1);
	}
	assert.ok(head.complete);
	raw.close();
});

test('HTTP/2: a client that goes ends its stream and no other', async (t) => {
	const { own, provider } = await secure(t, { http2: true });
	const proxy = await startProxy({ t, provider, env: { SSL_CERT_FILE: own.file } });
	assert.equal((await proxy.ask(request('anthropic'))).status, 200);
	provider.forget();
	provider.answer('/v1/messages', { hold: 'events', repeat: true });
	const raws = [];
	for (let i = 0; i < 6; i++) {
		const raw = await proxy.connect();
		await raw.send(requestBytes(request('anthropic', { stream: true, seed: i + 1 })));
		const ex = await within(provider.next(i + 1), 'the request');
		ex.release(1);
		await raw.fill(100);
		raws.push({ raw, ex });
	}
	for (const { raw, ex } of raws.slice(0, 3)) {
		raw.reset();
		await within(ex.gone, 'the stream to be cancelled');
	}
	for (const { raw, ex } of raws.slice(3)) {
		ex.release(1000);
		const r = await raw.response('POST');
		assert.ok(r.complete && r.text.includes('message_stop'));
		raw.close();
	}
});

test('--no-http2 stays with HTTP/1.1; header names of HTTP/2 answers are relayed', async (t) => {
	const { own, provider } = await secure(t, { http2: true });
	const env = { SSL_CERT_FILE: own.file };
	const one = await startProxy({ t, provider, env, args: ['--no-http2'] });
	await one.ask(request('anthropic'));
	assert.equal(provider.requests.at(-1).version, '1.1');
	const two = await startProxy({ t, provider, env });
	provider.answer('/v1/messages', { json: {}, status: 429, headers: [['retry-after', '3600'], ['set-cookie', 'a=1'], ['set-cookie', 'b=2'], ['x-unknown', 'u']] });
	const r = await two.ask(request('anthropic'));
	assert.equal(provider.requests.at(-1).version, '2.0');
	assert.equal(r.status, 429);
	assert.equal(r.header('retry-after'), '3600');
	assert.deepEqual(r.all('set-cookie'), ['a=1', 'b=2']);
	assert.equal(r.header('x-unknown'), 'u');
});
