// docs/examples/nginx.conf, run by Debian's nginx in front of two proxies; only addresses, port and certificate are others.
import assert from 'node:assert/strict';
import { spawn, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { join } from 'node:path';
import { test } from 'node:test';
import { startProvider } from '../provider/provider.mjs';
import { startProxy, tempDir, until, within } from './kit.mjs';
import { authority } from './tls.mjs';

const nginx = ['/usr/sbin/nginx', '/usr/bin/nginx'].find(existsSync);
const NAME = 'headroom.example.org';
const TOKEN = 'a-token-of-the-team';
const EXAMPLE = readFileSync(new URL('../../docs/examples/nginx.conf', import.meta.url), 'utf8');

// Each place must be there: an example that says something else is another one.
function replaced(text, pairs) {
	for (const [from, to] of pairs) {
		assert.ok(text.includes(from), `nginx.conf without ${from}`);
		text = text.replace(from, to);
	}
	return text;
}

async function startNginx(t, ports) {
	const dir = tempDir(t);
	const { file, tls } = authority(dir);
	writeFileSync(join(dir, 'crt'), tls.cert);
	writeFileSync(join(dir, 'key'), tls.key);
	const socket = join(dir, 'socket');
	const server = replaced(EXAMPLE, [
		['10.0.0.11:8787', `127.0.0.1:${ports[0]}`], ['10.0.0.12:8787', `127.0.0.1:${ports[1]}`], ['listen 443 ', `listen unix:${socket} `],
		['/etc/nginx/headroom.crt', join(dir, 'crt')], ['/etc/nginx/headroom.key', join(dir, 'key')],
	]);
	const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${dir}/${name};`).join('\n');
	mkdirSync(join(dir, 'logs'));
	writeFileSync(join(dir, 'nginx.conf'), `daemon off; pid ${dir}/pid; error_log ${dir}/error.log;
${process.getuid() === 0 ? 'user root;' : ''}
events { worker_connections 64; }
http { access_log off; ${temp}
${server} }`);
	execFileSync(nginx, ['-t', '-q', '-p', dir, '-c', join(dir, 'nginx.conf')], { stdio: 'pipe' });
	const child = spawn(nginx, ['-p', dir, '-c', join(dir, 'nginx.conf')], { stdio: 'ignore' });
	const exited = once(child, 'exit');
	t.after(async () => {
		child.kill('SIGQUIT');
		await within(exited, 'nginx to end');
	});
	await until(() => existsSync(socket), 'nginx to listen');
	return { ca: readFileSync(file), socket, errors: () => readFileSync(join(dir, 'error.log'), 'utf8') };
}

// One request on a connection of its own; the answer's head, and its body as it comes.
async function ask(front, path, { method = 'POST', body = '', token = TOKEN } = {}) {
	const request = https.request({
		socketPath: front.socket, ca: front.ca, servername: 'localhost', path, method, agent: false,
		headers: { host: NAME, 'content-type': 'application/json', 'x-api-key': 'k', 'content-length': Buffer.byteLength(body), ...(token && { 'x-headroom-proxy-token': token }) },
	});
	request.end(body);
	const [response] = await within(once(request, 'response'), `an answer to ${path}`);
	return response;
}
async function answer(...args) {
	const response = await ask(...args);
	let text = '';
	for await (const part of response.setEncoding('utf8'))
		text += part;
	return { status: response.statusCode, text };
}
const message = (stream, content = 'hello') => JSON.stringify({ model: 'claude-test', max_tokens: 8, stream, messages: [{ role: 'user', content }] });

test('nginx in front: events one by one, tokens, large bodies, and a proxy that ends', { skip: !nginx && 'there is no nginx' }, async (t) => {
	const provider = await startProvider();
	t.after(() => provider.close());
	const start = () => startProxy({ t, provider, args: ['--allowed-hosts', NAME], env: { HEADROOM_PROXY_TOKEN: TOKEN } });
	const [one, two] = [await start(), await start()];
	const front = await startNginx(t, [one.port, two.port]);

	assert.equal((await answer(front, '/v1/messages', { body: message(false), token: '' })).status, 401);
	assert.equal((await answer(front, '/v1/messages', { body: message(false) })).status, 200);
	assert.equal((await answer(front, '/readyz', { method: 'GET', token: '' })).status, 200);
	for (const path of ['/v1/compress', '/stats/reset', '/v1/retrieve/tool_call'])
		assert.equal((await answer(front, path, { body: '{}' })).status, 404, `${path} is for this machine alone`);
	assert.equal((await answer(front, '/v1/messages', { body: message(false, 'x'.repeat(20 << 20)) })).status, 200);
	const sent = provider.requests.at(-1).headers.map(([name]) => name.toLowerCase());
	assert.ok(!sent.includes('x-headroom-proxy-token') && !sent.includes('x-forwarded-for'), sent.join(' '));

	const seen = provider.requests.length;
	provider.answer('/v1/messages', { hold: 'events' });
	const head = ask(front, '/v1/messages', { body: message(true) });
	const exchange = await within(provider.next(seen + 1), 'the request');
	const response = (await head).setEncoding('utf8');
	let events = 0;
	let open = '';
	exchange.release(1);
	for await (const part of response) {
		open += part;
		for (const parts = open.split('\n\n'); parts.length > 1; open = parts.join('\n\n')) {
			parts.shift();
			assert.equal(exchange.steps, ++events, 'an event came late');
			exchange.release(1);
		}
	}
	assert.ok(events > 3, `${events} events`);

	// one ends while both are asked: no request is lost, and none is answered twice
	const before = provider.requests.length;
	const all = [];
	for (let i = 0; i < 20; i++) {
		if (i === 8)
			all.push(one.stop());
		all.push(answer(front, '/v1/messages', { body: message(false, `number ${i}`) }).then(({ status, text }) => assert.equal(status, 200, text)));
		await new Promise((done) => setImmediate(done));
	}
	await Promise.all(all);
	for (let i = 0; i < 4; i++)
		assert.equal((await answer(front, '/v1/messages', { body: message(false, `afterwards ${i}`) })).status, 200, front.errors());
	assert.equal(provider.requests.length, before + 24);
});
