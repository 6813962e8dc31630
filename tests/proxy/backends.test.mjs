// --backend: requests go to another provider, at its address and with its key, never to anybody else.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { test } from 'node:test';
import { createHash, createVerify, generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chunk, exception, signatureOf, unframe } from './aws_kit.mjs';
import { startProxy, tempDir, until } from './kit.mjs';

// A server that answers by a function of what it was asked; everything it was asked is kept.
async function startServer(t, answer = () => ({})) {
	const asked = [];
	const server = http.createServer(async (req, res) => {
		const parts = [];
		for await (const part of req)
			parts.push(part);
		const got = { method: req.method, url: req.url, headers: req.headers, raw: req.rawHeaders, body: Buffer.concat(parts) };
		asked.push(got);
		const a = await answer(got);
		res.writeHead(a.status ?? 200, { 'content-type': 'application/json', ...a.headers });
		for (const piece of [a.body ?? '{}'].flat())
			res.write(piece);
		res.end();
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.after(() => server.closeAllConnections() ?? server.close());
	return { url: `http://127.0.0.1:${server.address().port}`, asked };
}

const MESSAGES = { path: '/v1/messages?beta=true', headers: [['x-api-key', 'of-the-client'], ['anthropic-version', '2023-06-01'], ['content-type', 'application/json']], body: '{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"hi"}]}' };
const CHAT = { path: '/v1/chat/completions', headers: [['authorization', 'Bearer of-the-client'], ['content-type', 'application/json']], body: '{"model":"m","messages":[{"role":"user","content":"hi"}]}' };

test('a provider of the same dialect gets requests at its address, with its own key', async (t) => {
	const server = await startServer(t, () => ({ body: '{"id":"x","object":"chat.completion","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}}' }));
	const other = await startServer(t);
	const proxy = await startProxy({
		t, args: ['--backend', 'litellm-openrouter'],
		env: { OPENROUTER_API_KEY: 'of-openrouter', OPENROUTER_API_BASE: `${server.url}`, ANTHROPIC_TARGET_API_URL: other.url, OPENAI_TARGET_API_URL: other.url },
	});
	assert.equal((await proxy.ask(CHAT)).status, 200);
	assert.equal((await proxy.ask(MESSAGES)).status, 200);
	assert.equal((await proxy.ask({ method: 'GET', path: '/v1/models', headers: [['authorization', 'Bearer of-the-client']] })).status, 200);
	assert.deepEqual(server.asked.map((a) => a.url), ['/api/v1/chat/completions', '/api/v1/messages?beta=true', '/api/v1/models']);
	for (const a of server.asked) {
		assert.equal(a.headers.authorization, 'Bearer of-openrouter');
		assert.doesNotMatch(JSON.stringify(a.raw), /of-the-client/);
	}
	assert.equal(server.asked[1].body.toString(), MESSAGES.body);
	// What it does not have is refused; nobody else is asked.
	const refused = await proxy.ask({ path: '/v1beta/models/m:embedContent', headers: [['x-goog-api-key', 'k']], body: '{}' });
	assert.equal(refused.status, 501);
	assert.match(refused.json.error.message, /no such endpoint/);
	assert.equal(other.asked.length, 0);
	const health = (await proxy.ask({ method: 'GET', path: '/health' })).json;
	assert.equal(health.config.backend, 'openrouter');
	assert.equal(health.config.backend_url, `${server.url}/api/v1`);
	assert.ok(!`${proxy.stderr}${JSON.stringify(health)}`.includes('of-openrouter'));
	assert.match(proxy.stderr, /backend +openrouter at http:/);
});

test('--anyllm-provider names the provider of --backend anyllm, --openai-api-url its place', async (t) => {
	const server = await startServer(t);
	const proxy = await startProxy({
		t, args: ['--backend', 'anyllm', '--anyllm-provider', 'mistral', '--openai-api-url', server.url], env: { MISTRAL_API_KEY: 'k' },
	});
	assert.equal((await proxy.ask(CHAT)).status, 200);
	assert.equal(server.asked[0].url, '/v1/chat/completions');
	assert.equal(server.asked[0].headers.authorization, 'Bearer k');
});

test('a backend that cannot start stops the program with what is missing', (t) => {
	const home = tempDir(t);
	const start = (args, env = {}) => {
		const r = spawnSync(process.env.HEADROOM, ['proxy', '--port', '0', ...args], { encoding: 'utf8', cwd: home, env: { PATH: process.env.PATH, HOME: home, ...env } });
		return `${r.status} ${r.stderr}`;
	};
	assert.match(start(['--backend', 'opnerouter']), /^2 .*providers: .*\bgroq\b.*\bxai\b.*did you mean 'openrouter'/s);
	assert.match(start(['--backend', 'anyllm', '--anyllm-provider', 'grok2']), /^2 .*--anyllm-provider: no provider is called 'grok2'/s);
	assert.match(start([], { HEADROOM_BACKEND: 'nobody' }), /^78 .*HEADROOM_BACKEND: no provider/s);
	assert.match(start(['--backend', 'openrouter']), /^78 .*openrouter needs a key: set OPENROUTER_API_KEY/s);
	assert.match(start(['--backend', 'azure'], { AZURE_API_KEY: 'k' }), /^78 .*azure needs a base URL: set AZURE_API_BASE/s);
	assert.match(start(['--backend', 'vertex']), /^78 .*vertex_ai needs a region/s);
	assert.match(start(['--backend', 'bedrock'], { AWS_EC2_METADATA_DISABLED: 'true' }), /^78 .*--backend bedrock: no AWS credentials: /s);
	assert.match(start(['--backend', 'bedrock', '--bedrock-profile', 'work']), /^78 .*there is no AWS profile work/s);
	assert.match(start(['--backend', 'vertex', '--region', 'global'], { GOOGLE_APPLICATION_CREDENTIALS: '/nowhere.json' }), /^78 .*nowhere.json/s);
	assert.match(start(['--backend', 'vertex', '--region', 'global'], { GOOGLE_OAUTH_ACCESS_TOKEN: 'x' }), /^78 .*needs a project: set GOOGLE_CLOUD_PROJECT/s);
	assert.match(start(['--backend', 'groq'], { GROQ_API_KEY: 'a b' }), /^78 .*GROQ_API_KEY: a key cannot hold blanks/s);
	assert.match(start(['--backend', 'groq'], { GROQ_API_KEY: 'k', GROQ_API_BASE: 'x y' }), /^78 .*the base URL of groq/s);
});

// ---- Bedrock ---------------------------------------------------------------------------------------------------

const EVENTS = [
	{ type: 'message_start', message: { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-sonnet-4-5', content: [], usage: { input_tokens: 11, output_tokens: 1 } } },
	{ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
	{ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Grüße' } },
	{ type: 'content_block_stop', index: 0 },
	{ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 7 } },
	{ type: 'message_stop', 'amazon-bedrock-invocationMetrics': { inputTokenCount: 11 } },
];
const SSE = EVENTS.map((e) => `event: ${e.type}\ndata: ${JSON.stringify(e)}\n\n`).join('');
const ANSWER = { id: 'msg_1', type: 'message', role: 'assistant', content: [{ type: 'text', text: 'hi' }], stop_reason: 'end_turn', usage: { input_tokens: 3, output_tokens: 4 } };

// Bedrock, which refuses what is not signed with one of these secrets ({access: secret}) and tells which it saw.
async function startBedrock(t, secrets) {
	const seen = [];
	const pieces = (bytes) => Array.from({ length: Math.ceil(bytes.length / 37) }, (_, i) => bytes.subarray(i * 37, i * 37 + 37));
	const server = await startServer(t, (got) => {
		const auth = signatureOf(got, secrets[/Credential=([^/]+)/.exec(got.headers.authorization)?.[1]] ?? '');
		seen.push({ ...auth, bearer: got.headers.authorization, ...got });
		if (!auth?.isRight && got.headers.authorization !== 'Bearer of-bedrock')
			return { status: 403, headers: { 'x-amzn-errortype': 'InvalidSignatureException' }, body: '{"message":"The request signature we calculated does not match"}' };
		if (got.body.includes('too long'))
			return { status: 400, headers: { 'x-amzn-errortype': 'ValidationException' }, body: '{"message":"prompt is too long"}' };
		if (!got.url.endsWith('-with-response-stream'))
			return { body: JSON.stringify(ANSWER) };
		const events = got.body.includes('throttle') ? [chunk(EVENTS[0]), exception('throttlingException', 'Too many requests')] : EVENTS.map(chunk);
		if (got.body.includes('damage'))
			events[1][20] ^= 1;
		return { headers: { 'content-type': 'application/vnd.amazon.eventstream' }, body: pieces(Buffer.concat(events)) };
	});
	return { ...server, seen };
}

const claude = (text, more = {}) => ({
	...MESSAGES, headers: [...MESSAGES.headers, ['anthropic-beta', 'interleaved-thinking-2025-05-14,oauth-2025-04-20'], ['accept-encoding', 'gzip, br']],
	body: JSON.stringify({ model: 'claude-sonnet-4-5', max_tokens: 1.0, stream: false, messages: [{ role: 'user', content: text }], ...more }),
});

test('--backend bedrock: signed requests, event streams as server-sent events, errors in the words of Anthropic', async (t) => {
	const bedrock = await startBedrock(t, { AKIA1: 'of/the+environment' });
	const proxy = await startProxy({
		t, args: ['--backend', 'bedrock', '--region', 'eu-west-1', '--bedrock-api-url', bedrock.url, '--log-messages', '--log-file', 'x.jsonl'],
		env: { AWS_ACCESS_KEY_ID: 'AKIA1', AWS_SECRET_ACCESS_KEY: 'of/the+environment', AWS_SESSION_TOKEN: 'a-session' },
	});
	const whole = await proxy.ask(claude('hi'));
	assert.deepEqual(whole.json, ANSWER);
	const [first] = bedrock.seen;
	assert.equal(first.url, '/model/eu.anthropic.claude-sonnet-4-5-20250929-v1%3A0/invoke');
	assert.deepEqual([first.isRight, first.region, first.service, first.token], [true, 'eu-west-1', 'bedrock', 'a-session']);
	assert.deepEqual(first.signed, ['content-type', 'host', 'x-amz-date', 'x-amz-security-token']);
	assert.equal(first.body.toString(), '{"anthropic_version":"bedrock-2023-05-31","anthropic_beta":["interleaved-thinking-2025-05-14"],"max_tokens":1,"messages":[{"role":"user","content":"hi"}]}');
	assert.doesNotMatch(JSON.stringify(first.raw), /of-the-client|anthropic-/i);

	const stream = await proxy.ask(claude('hi', { stream: true }));
	assert.equal(stream.header('content-type'), 'text/event-stream');
	assert.equal(stream.text, SSE);
	assert.equal(bedrock.seen[1].headers.accept, 'application/vnd.amazon.eventstream');
	assert.match(bedrock.seen[1].url, /invoke-with-response-stream$/);

	const refused = await proxy.ask(claude('too long'));
	assert.equal(refused.status, 400);
	assert.deepEqual(refused.json, { type: 'error', error: { type: 'invalid_request_error', message: 'prompt is too long' } });
	const broken = await proxy.ask({ ...MESSAGES, body: '{"model":"m","messages":' });
	assert.deepEqual([broken.status, broken.json.type], [400, 'error']);
	const throttled = await proxy.ask(claude('throttle', { stream: true }));
	assert.match(throttled.text, /event: error\ndata: \{"type":"error","error":\{"type":"rate_limit_error","message":"Too many requests"\}\}\n\n$/);
	const damaged = await proxy.ask(claude('damage', { stream: true })).catch((e) => e);
	assert.match(damaged.text ?? '', /event: message_start.*event: error.*damaged/s);
	// In other words, too: translated there and back.
	const chat = await proxy.ask({ ...CHAT, body: '{"model":"claude-sonnet-4-5","stream":true,"messages":[{"role":"user","content":"hi"}]}' });
	assert.match(bedrock.seen.at(-1).url, /^\/model\/eu\.anthropic\.claude-sonnet-4-5-20250929-v1%3A0\/invoke-with-response-stream$/);
	assert.ok(bedrock.seen.at(-1).isRight);
	assert.match(bedrock.seen.at(-1).body.toString(), /^\{"anthropic_version":"bedrock-2023-05-31",(?!.*"(model|stream)").*"messages":/);
	assert.match(chat.text, /"object":"chat.completion.chunk".*"content":"Grüße".*data: \[DONE\]/s);
	const said = await proxy.ask({ ...CHAT, body: '{"model":"claude-sonnet-4-5","messages":[{"role":"user","content":"too long"}]}' });
	assert.deepEqual([said.status, said.json.error.message], [400, 'prompt is too long']);
	// The figures are the provider's own, and no secret is anywhere.
	const stats = (await proxy.ask({ method: 'GET', path: '/stats' })).text;
	assert.match(stats, /"bedrock"/);
	await proxy.stop();
	for (const text of [proxy.stderr, stats])
		assert.doesNotMatch(text, /of\/the|a-session/);
	const log = readFileSync(join(proxy.home, 'x.jsonl'), 'utf8');
	assert.doesNotMatch(log, /of\/the|a-session/);
	assert.match(log, /"output_tokens":7/);
});

test('a client of Bedrock gets its own words back, signed anew; without keys only who needs none is let through', async (t) => {
	const bedrock = await startBedrock(t, { AKIA1: 'secret-1' });
	const proxy = await startProxy({
		t, args: ['--backend', 'bedrock', '--bedrock-api-url', bedrock.url], env: { AWS_ACCESS_KEY_ID: 'AKIA1', AWS_SECRET_ACCESS_KEY: 'secret-1', AWS_REGION: 'us-east-2' },
	});
	const body = '{"anthropic_version":"bedrock-2023-05-31","max_tokens":1,"messages":[{"role":"user","content":"hi"}]}';
	const signed = [['authorization', 'AWS4-HMAC-SHA256 Credential=AKIAX/20260101/us-east-1/bedrock/aws4_request, SignedHeaders=host, Signature=00'], ['x-amz-date', '20260101T000000Z'], ['x-amzn-bedrock-trace', 'ENABLED'], ['content-type', 'application/json'], ['accept', 'application/vnd.amazon.eventstream']];
	const arn = 'arn%3Aaws%3Abedrock%3Aus-east-2%3A1%3Aapplication-inference-profile%2Fabc';
	for (const id of ['us.anthropic.claude-sonnet-4-5-20250929-v1%3A0', arn]) {
		const answer = await proxy.ask({ path: `/model/${id}/invoke-with-response-stream`, headers: signed, body });
		const seen = bedrock.seen.at(-1);
		assert.deepEqual([answer.status, seen.isRight, seen.access, seen.region, seen.url], [200, true, 'AKIA1', 'us-east-2', `/model/${id}/invoke-with-response-stream`]);
		assert.ok(seen.signed.includes('x-amzn-bedrock-trace'));
		assert.equal(seen.body.toString(), body);
		assert.deepEqual(answer.body, Buffer.concat(EVENTS.map(chunk))); // the very bytes
	}
	assert.deepEqual((await proxy.ask({ path: '/model/us.anthropic.x/invoke', headers: signed, body })).json, ANSWER);
	const rows = (await proxy.ask({ method: 'GET', path: '/stats' })).json;
	assert.match(JSON.stringify(rows), /claude-sonnet-4-5/);
	await proxy.stop();

	const none = await startProxy({ t });
	const refused = await none.ask({ path: '/model/m/invoke', headers: signed, body });
	assert.equal(refused.status, 501);
	assert.match(refused.json.error.message, /--backend bedrock/);
	const gateway = await startProxy({ t, args: ['--bedrock-api-url', bedrock.url] });
	assert.equal((await gateway.ask({ path: '/model/m/invoke', headers: [['authorization', 'Bearer of-bedrock']], body })).status, 200);
	await gateway.ask({ path: '/model/m/invoke', headers: signed, body });
	assert.equal(bedrock.seen.at(-1).bearer, signed[0][1]); // as the client has signed it
});

test('a client of Bedrock gets an answer in its framing where our tool was called on the way', async (t) => {
	const turn = (content, stop) => [
		{ type: 'message_start', message: { id: 'm', type: 'message', role: 'assistant', model: 'x', content: [], usage: { input_tokens: 1, output_tokens: 1 } } },
		...content.flatMap((c, index) => [
			{ type: 'content_block_start', index, content_block: c.name ? { type: 'tool_use', id: c.id, name: c.name, input: {} } : { type: 'text', text: '' } },
			{ type: 'content_block_delta', index, delta: c.name ? { type: 'input_json_delta', partial_json: JSON.stringify(c.input) } : { type: 'text_delta', text: c.text } },
			{ type: 'content_block_stop', index },
		]),
		{ type: 'message_delta', delta: { stop_reason: stop }, usage: { output_tokens: 2 } }, { type: 'message_stop' },
	];
	const bodies = [];
	const server = await startServer(t, (got) => {
		assert.ok(signatureOf(got, 's').isRight);
		bodies.push(JSON.parse(got.body));
		const events = bodies.length === 1 ? turn([{ text: 'let me look' }, { id: 'r1', name: 'headroom_retrieve', input: { hash: 'a'.repeat(24) } }], 'tool_use') : turn([{ text: 'done' }], 'end_turn');
		return { headers: { 'content-type': 'application/vnd.amazon.eventstream' }, body: events.map(chunk) };
	});
	const proxy = await startProxy({ t, ccr: true, args: ['--backend', 'bedrock', '--bedrock-api-url', server.url], env: { AWS_ACCESS_KEY_ID: 'A', AWS_SECRET_ACCESS_KEY: 's' } });
	const answer = await proxy.ask({
		path: '/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/invoke-with-response-stream', headers: [['content-type', 'application/json']],
		body: JSON.stringify({ anthropic_version: 'bedrock-2023-05-31', max_tokens: 9, messages: [{ role: 'user', content: 'look' }], tools: [{ name: 'Bash', input_schema: { type: 'object' } }] }),
	});
	assert.equal(answer.header('content-type'), 'application/vnd.amazon.eventstream');
	const events = unframe(answer.body).map((m) => JSON.parse(Buffer.from(m.payload.bytes, 'base64')));
	assert.equal(bodies.length, 2);
	assert.equal(bodies[0].tools.at(-1).name, 'headroom_retrieve');
	assert.equal(events[0].type, 'message_start');
	assert.equal(events.at(-1).type, 'message_stop');
	assert.match(JSON.stringify(events), /let me look.*done/);
	assert.ok(!JSON.stringify(events).includes('headroom_retrieve'));
});

// ---- where credentials come from ----------------------------------------------------------------------------------

const iso = (ms) => new Date(Date.now() + ms).toISOString().replace(/\.\d+/, '');
const keysOf = (n, ms) => ({ AccessKeyId: `AKIA${n}`, SecretAccessKey: `secret-${n}`, Token: `token-${n}`, Expiration: iso(ms) });

// STS, SSO's portal, a container's endpoint and an instance's metadata. Each set of keys has a number of its own and lives for ms.
async function startAws(t, ms) {
	let n = 0;
	const server = await startServer(t, (got) => {
		const path = got.url.split('?')[0];
		const form = new URLSearchParams(got.body.toString());
		if (path === '/' && got.method === 'POST') {
			if (form.get('Action') === 'AssumeRole' && !signatureOf(got, 'of-the-file')?.isRight)
				return { status: 403, body: '<Error/>' };
			const k = keysOf(++n, ms);
			return { body: `<R><Credentials><AccessKeyId>${k.AccessKeyId}</AccessKeyId><SecretAccessKey>${k.SecretAccessKey}</SecretAccessKey><SessionToken>${k.Token}</SessionToken><Expiration>${k.Expiration}</Expiration></Credentials></R>` };
		}
		if (path === '/federation/credentials' && got.headers['x-amz-sso_bearer_token'] === 'of-sso') {
			const k = keysOf(++n, ms);
			return { body: JSON.stringify({ roleCredentials: { accessKeyId: k.AccessKeyId, secretAccessKey: k.SecretAccessKey, sessionToken: k.Token, expiration: Date.now() + ms } }) };
		}
		if (path === '/container' && got.headers.authorization === 'of-the-container')
			return { body: JSON.stringify(keysOf(++n, ms)) };
		if (path === '/latest/api/token' && got.method === 'PUT' && got.headers['x-aws-ec2-metadata-token-ttl-seconds'])
			return { body: 'of-imds' };
		if (path.startsWith('/latest/meta-data/iam/security-credentials/') && got.headers['x-aws-ec2-metadata-token'] === 'of-imds')
			return { body: path.endsWith('/') ? 'my-role' : JSON.stringify(keysOf(++n, ms)) };
		return { status: 404, body: 'no' };
	});
	return server;
}

const SOURCES = {
	'web identity': ({ aws, home }) => {
		writeFileSync(join(home, 'jwt'), 'a.web.token\n');
		return { AWS_ROLE_ARN: 'arn:aws:iam::1:role/r', AWS_WEB_IDENTITY_TOKEN_FILE: join(home, 'jwt'), AWS_ENDPOINT_URL_STS: aws.url };
	},
	'a role of a profile': ({ aws, home }) => {
		mkdirSync(join(home, '.aws'));
		writeFileSync(join(home, '.aws', 'config'), '[profile work]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = base\nregion = eu-north-1\n');
		writeFileSync(join(home, '.aws', 'credentials'), '# keys\n[base]\naws_access_key_id = AKIAFILE\naws_secret_access_key=of-the-file\n');
		return { AWS_PROFILE: 'work', AWS_ENDPOINT_URL_STS: aws.url };
	},
	SSO: ({ aws, home }) => {
		mkdirSync(join(home, '.aws', 'sso', 'cache'), { recursive: true });
		writeFileSync(join(home, '.aws', 'config'), '[default]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = dev\n[sso-session corp]\nsso_region = us-east-1\nsso_start_url = https://x\n');
		writeFileSync(join(home, '.aws', 'sso', 'cache', `${createHash('sha1').update('corp').digest('hex')}.json`), JSON.stringify({ accessToken: 'of-sso', expiresAt: iso(3600000) }));
		return { AWS_ENDPOINT_URL_SSO: aws.url };
	},
	'a container': ({ aws }) => ({ AWS_CONTAINER_CREDENTIALS_FULL_URI: `${aws.url}/container`, AWS_CONTAINER_AUTHORIZATION_TOKEN: 'of-the-container' }),
	'an instance, and its keys are renewed before they end': ({ aws }) => ({ AWS_EC2_METADATA_SERVICE_ENDPOINT: aws.url }),
};

test('credentials of AWS come from each place of its chain', async (t) => {
	for (const [name, setUp] of Object.entries(SOURCES)) {
		const isShort = name.includes('renewed');
		const home = tempDir(t);
		const aws = await startAws(t, isShort ? 3000 : 3600000);
		const bedrock = await startBedrock(t, { AKIA1: 'secret-1', AKIA2: 'secret-2', AKIA3: 'secret-3' });
		const proxy = await startProxy({ t, home, args: ['--backend', 'bedrock', '--bedrock-api-url', bedrock.url], env: setUp({ aws, home }) });
		assert.equal((await proxy.ask(claude('hi'))).status, 200, name);
		const [first] = bedrock.seen;
		assert.deepEqual([first.access, first.isRight, first.token], ['AKIA1', true, 'token-1'], name);
		assert.equal(first.region, name.includes('profile') ? 'eu-north-1' : 'us-west-2');
		if (isShort) {
			await until(() => aws.asked.filter((a) => a.url.endsWith('/my-role')).length > 1, 'new keys');
			await until(async () => (await proxy.ask(claude('again'))).status === 200 && bedrock.seen.at(-1).access === 'AKIA2', 'their use');
		}
		await proxy.stop();
		assert.doesNotMatch(proxy.stderr, /secret-|token-|of-/, name);
	}
});

// ---- Vertex AI ----------------------------------------------------------------------------------------------------

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048, privateKeyEncoding: { type: 'pkcs8', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } });

// Google's token endpoint and metadata server, and Vertex AI itself.
async function startGoogle(t) {
	const claims = [];
	let n = 0;
	const server = await startServer(t, (got) => {
		const form = new URLSearchParams(got.body.toString());
		const token = () => ({ body: JSON.stringify({ access_token: `ya29-${++n}`, expires_in: 3599, token_type: 'Bearer' }) });
		if (got.url === '/token' && form.get('grant_type') === 'urn:ietf:params:oauth:grant-type:jwt-bearer') {
			const [head, body, signature] = form.get('assertion').split('.');
			if (!createVerify('RSA-SHA256').update(`${head}.${body}`).verify(publicKey, Buffer.from(signature, 'base64url')))
				return { status: 401, body: '{"error":"invalid_grant"}' };
			claims.push({ ...JSON.parse(Buffer.from(head, 'base64url')), ...JSON.parse(Buffer.from(body, 'base64url')) });
			return token();
		}
		if (got.url === '/token' && form.get('refresh_token') === '1//of the user')
			return token();
		if (got.url.startsWith('/computeMetadata/') && got.headers['metadata-flavor'] === 'Google')
			return got.url.endsWith('/token') ? token() : { body: 'of-metadata' };
		if (!/^Bearer ya29-/.test(got.headers.authorization ?? ''))
			return { status: 401, body: '{"error":{"code":401,"status":"UNAUTHENTICATED"}}' };
		return got.url.includes('streamRawPredict') ? { headers: { 'content-type': 'text/event-stream' }, body: SSE } : { body: JSON.stringify(ANSWER) };
	});
	return { ...server, claims };
}

test('--backend litellm-vertex: rawPredict with a token of a service account, of a user, of the metadata server', async (t) => {
	const google = await startGoogle(t);
	const file = (home, value) => {
		writeFileSync(join(home, 'adc.json'), JSON.stringify({ token_uri: `${google.url}/token`, ...value }));
		return { GOOGLE_APPLICATION_CREDENTIALS: join(home, 'adc.json') };
	};
	const args = ['--backend', 'litellm-vertex', '--region', 'europe-west1'];
	const home = tempDir(t);
	const env = { VERTEX_TARGET_API_URL: google.url, ...file(home, { type: 'service_account', project_id: 'of-the-file', client_email: 'me@x', private_key: privateKey, private_key_id: 'kid-1' }) };
	const proxy = await startProxy({ t, home, args, env });
	assert.deepEqual((await proxy.ask(claude('hi'))).json, ANSWER);
	const [claim] = google.claims;
	assert.deepEqual([claim.alg, claim.kid, claim.iss, claim.scope, claim.aud, claim.exp - claim.iat], ['RS256', 'kid-1', 'me@x', 'https://www.googleapis.com/auth/cloud-platform', `${google.url}/token`, 3600]);
	const seen = google.asked.at(-1);
	assert.equal(seen.url, '/v1/projects/of-the-file/locations/europe-west1/publishers/anthropic/models/claude-sonnet-4-5@20250929:rawPredict');
	assert.equal(seen.headers.authorization, 'Bearer ya29-1');
	assert.equal(seen.body.toString(), '{"anthropic_version":"vertex-2023-10-16","max_tokens":1,"stream":false,"messages":[{"role":"user","content":"hi"}]}');
	assert.doesNotMatch(JSON.stringify(seen.raw), /of-the-client/);
	assert.equal((await proxy.ask(claude('hi', { stream: true }))).text, SSE);
	// Gemini's words reach Google's models.
	await proxy.ask({ path: '/v1beta/models/gemini-2.5-pro:generateContent?key=of-the-client', headers: [['content-type', 'application/json']], body: '{"contents":[]}' });
	assert.equal(google.asked.at(-1).url, '/v1/projects/of-the-file/locations/europe-west1/publishers/google/models/gemini-2.5-pro:generateContent');
	// Vertex's own paths stay; who has no token gets ours.
	const own = '/v1/projects/p/locations/us-east5/publishers/anthropic/models/claude-sonnet-4-5@20250929:rawPredict';
	await proxy.ask({ path: own, headers: [['content-type', 'application/json']], body: '{"anthropic_version":"vertex-2023-10-16","max_tokens":1,"messages":[]}' });
	assert.deepEqual([google.asked.at(-1).url, google.asked.at(-1).headers.authorization], [own, 'Bearer ya29-1']);
	await proxy.stop();
	assert.doesNotMatch(proxy.stderr, /ya29|PRIVATE KEY/);

	for (const [more, project, expected] of [
		[(h) => file(h, { type: 'authorized_user', client_id: 'c', client_secret: 's', refresh_token: '1//of the user', quota_project_id: 'q' }), 'of-the-variable', /projects\/of-the-variable\//],
		[() => ({ GCE_METADATA_HOST: google.url.slice(7) }), '', /projects\/of-metadata\//],
	]) {
		const place = tempDir(t);
		const other = await startProxy({ t, home: place, args, env: { VERTEX_TARGET_API_URL: google.url, GOOGLE_CLOUD_PROJECT: project, ...more(place) } });
		assert.equal((await other.ask(claude('hi'))).status, 200);
		assert.match(google.asked.at(-1).url, expected);
		assert.equal(google.asked.at(-1).headers['x-goog-user-project'], project ? 'q' : undefined);
		await other.stop();
	}
});

test('clouds are asked where the request or the region says', async (t) => {
	const hosts = [];
	const server = http.createServer();
	server.on('connect', (req, socket) => {
		hosts.push(req.url);
		socket.end('HTTP/1.1 403 No\r\n\r\n');
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.after(() => server.close());
	const proxy = await startProxy({ t, args: ['--region', 'eu-west-3', '--retry-max-attempts', '1'], env: { https_proxy: `http://127.0.0.1:${server.address().port}` } });
	for (const [path, host] of [
		['/v1/projects/p/locations/us-east5/publishers/anthropic/models/m:rawPredict', 'us-east5-aiplatform.googleapis.com:443'],
		['/v1/projects/p/locations/global/publishers/google/models/m:generateContent', 'aiplatform.googleapis.com:443'],
		['/v1/projects/p/locations/eu/publishers/anthropic/models/m:rawPredict', 'aiplatform.eu.rep.googleapis.com:443'],
		['/v1/projects/p/locations/evil.example.com/publishers/google/models/m:x', 'us-central1-aiplatform.googleapis.com:443'],
		['/v1/publishers/google/models/m:generateContent', 'us-central1-aiplatform.googleapis.com:443'],
		['/model/m/invoke', 'bedrock-runtime.eu-west-3.amazonaws.com:443'],
	]) {
		assert.equal((await proxy.ask({ path, headers: [['authorization', 'Bearer k']], body: '{}' })).status, 502, path);
		assert.equal(hosts.pop(), host, path);
	}
});
