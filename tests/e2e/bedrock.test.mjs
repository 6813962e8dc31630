// Claude Code before a Bedrock of the test's own, which speaks for the scripted provider: it takes only what is signed, and answers in event
// streams. Once as a client of Anthropic's API (--backend bedrock), once as a client of Bedrock's itself.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { test } from 'node:test';
import { chunk, signatureOf } from '../proxy/aws_kit.mjs';
import { startProxy, tempDir } from '../proxy/kit.mjs';
import { agentOf, whyMissing } from './agents.mjs';
import { runSession } from './session.mjs';
import { FINAL, TURNS } from './workdir.mjs';

const isShort = process.env.HEADROOM_E2E_SHORT === '1';
const NO_BINARY = process.env.HEADROOM ? null : 'SKIPPED: HEADROOM does not name the binary';

// What the scripted provider answers, a message for each event.
async function relayEvents(answer, res) {
	res.writeHead(answer.status, { 'content-type': 'application/vnd.amazon.eventstream' });
	let text = '';
	for await (const part of answer.body) {
		text += Buffer.from(part).toString('latin1');
		for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2)) {
			const data = text.slice(0, end).split('\n').find((l) => l.startsWith('data:'));
			if (data)
				res.write(chunk(JSON.parse(Buffer.from(data.slice(5), 'latin1').toString())));
		}
	}
	res.end();
}

async function startBedrock(provider) {
	const seen = [];
	const server = http.createServer(async (req, res) => {
		const parts = [];
		for await (const part of req)
			parts.push(part);
		const body = Buffer.concat(parts);
		const auth = signatureOf({ method: req.method, url: req.url, headers: req.headers, body }, 'of-the-proxy');
		const [, model, verb] = /^\/model\/([^/]+)\/(.*)$/.exec(req.url) ?? [];
		seen.push({ url: req.url, ...auth });
		if (!auth?.isRight || auth.access !== 'AKIAPROXY' || !model) {
			res.writeHead(403, { 'content-type': 'application/json' }).end('{"message":"not signed"}');
			return;
		}
		const { anthropic_version: version, ...rest } = JSON.parse(body);
		const isStream = verb === 'invoke-with-response-stream';
		const answer = await fetch(`${provider.url}/v1/messages`, {
			method: 'POST', headers: { 'content-type': 'application/json', 'anthropic-version': version }, body: JSON.stringify({ ...rest, model: decodeURIComponent(model), stream: isStream }),
		});
		if (isStream && answer.ok)
			await relayEvents(answer, res);
		else
			res.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return { seen, url: `http://127.0.0.1:${server.address().port}`, close: () => server.closeAllConnections() ?? server.close() };
}

const asClientOfBedrock = ({ url, home, work, prompt }) => {
	const plain = agentOf('claude').start({ url, home, work, prompt });
	const settings = JSON.stringify({ env: { CLAUDE_CODE_USE_BEDROCK: '1', ANTHROPIC_BEDROCK_BASE_URL: url, AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'AKIACLIENT', AWS_SECRET_ACCESS_KEY: 'of-the-client', ENABLE_TOOL_SEARCH: 'true' } });
	return { ...plain, args: plain.args.map((a, i) => (plain.args[i - 1] === '--settings' ? settings : a)) };
};

const missing = NO_BINARY ?? whyMissing('claude');
if (missing)
	process.stdout.write(`${missing}\n`);

for (const [name, start, ccr] of [['of Anthropic, --backend bedrock', agentOf('claude').start, false], ['of Bedrock', asClientOfBedrock, false], ['of Bedrock, --ccr on', asClientOfBedrock, true]].slice(0, isShort ? 1 : 3))
	test(`Claude Code as a client ${name}: a session of ${TURNS} turns in Bedrock's framing`, { skip: missing ?? false }, async (t) => {
		let proxy;
		let bedrock;
		const run = await runSession('claude', tempDir(t), async (provider) => {
			bedrock = await startBedrock(provider);
			proxy = await startProxy({ ccr, args: ['--backend', 'bedrock', '--bedrock-api-url', bedrock.url, '--region', 'us-east-1'], env: { AWS_ACCESS_KEY_ID: 'AKIAPROXY', AWS_SECRET_ACCESS_KEY: 'of-the-proxy' } });
			return proxy.url;
		}, start);
		const stats = (await proxy.ask({ method: 'GET', path: '/stats' })).text;
		await proxy.stop();
		bedrock.close();
		assert.equal(run.code, 0, `${run.stderr}\n${proxy.stderr}`);
		assert.ok(run.answer.endsWith(FINAL), run.answer);
		assert.equal(run.files['notes.txt'], 'case 61: expected 3, got 4\nledger was locked\n');
		assert.match(run.files['counts.txt'], /463 total/);
		const turns = bedrock.seen.filter((s) => s.url.includes('/invoke-with-response-stream'));
		assert.ok(turns.length >= TURNS, `${turns.length} streams`);
		for (const s of bedrock.seen)
			assert.ok(s.isRight && s.access === 'AKIAPROXY', JSON.stringify(s));
		assert.doesNotMatch(stats + proxy.stderr, /of-the-proxy|of-the-client/);
	});
