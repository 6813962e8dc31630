// Sends the session that bench/demo_session made through a running `headroom proxy`, turn by turn, as its agent would
// have done, to a scripted provider on loopback; shows what the provider received, and checks it.
//
//	node demo_proxy.mjs HEADROOM REQUEST.json
//
// Exit status 1 when anything but tool results differs, or when what was sent for one turn is not the beginning of
// what is sent for the next.
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { startProxy } from '../tests/proxy/kit.mjs';
import { startProvider } from '../tests/provider/provider.mjs';

const [binary, file] = process.argv.slice(2);
const session = JSON.parse(readFileSync(file, 'utf8'));

// What the agent sent after each of its tool results; messages last, so that a turn's bytes begin the next one's.
function turnsOf({ messages, ...rest }) {
	const ends = messages.map((m, i) => (m.role === 'user' ? i + 1 : 0)).filter((n) => n);
	return ends.map((n) => Buffer.from(JSON.stringify({ ...rest, stream: true, messages: messages.slice(0, n) })));
}

function send(url, body) {
	return new Promise((done, fail) => {
		const headers = { 'content-type': 'application/json', 'x-api-key': 'demo', 'anthropic-version': '2023-06-01', 'content-length': body.length };
		const req = http.request(`${url}/v1/messages`, { method: 'POST', headers }, (res) => {
			res.resume().on('end', () => done(res));
		});
		req.on('error', fail).end(body);
	});
}

// The body with the text of every tool result taken out.
const blank = (key, value) => (value?.type === 'tool_result' ? { ...value, content: null } : value);
const withoutResults = (body) => JSON.stringify(JSON.parse(body), blank);

let failed = 0;
function check(ok, what) {
	if (ok)
		return;
	failed = 1;
	console.log(`  WRONG: ${what}`);
}

process.env.HEADROOM = binary;
const provider = await startProvider();
const proxy = await startProxy({ provider });
const turns = turnsOf(session);
const sum = { in: 0, sent: 0, before: 0, after: 0 };
let last = Buffer.from('');

console.log('  turn     bytes in   bytes sent   tokens in   tokens sent');
for (const [i, body] of turns.entries()) {
	const res = await send(proxy.url, body);
	const got = provider.requests.at(-1).body;
	const before = Number(res.headers['x-headroom-tokens-before']);
	const after = Number(res.headers['x-headroom-tokens-after']);

	check(res.statusCode === 200, `turn ${i + 1}: status ${res.statusCode}`);
	check(withoutResults(got) === withoutResults(body), `turn ${i + 1}: something else than tool results differs`);
	// All but the two brackets at the end of the list of messages.
	check(got.subarray(0, Math.max(0, last.length - 2)).equals(last.subarray(0, Math.max(0, last.length - 2))),
		`turn ${i + 1}: does not begin with what was sent for turn ${i}`);
	last = got;
	sum.in += body.length;
	sum.sent += got.length;
	sum.before += before;
	sum.after += after;
	if ((i + 1) % 5 === 0 || i + 1 === turns.length)
		console.log(`  ${String(i + 1).padStart(4)} ${[body.length, got.length, before, after]
			.map((n, k) => n.toLocaleString('en').padStart([12, 12, 11, 13][k])).join(' ')}`);
}
await proxy.stop();
await provider.close();
const share = (a, b) => `${((1 - b / a) * 100).toFixed(1)} %`;
console.log(`  all turns: ${sum.in.toLocaleString('en')} -> ${sum.sent.toLocaleString('en')} bytes (-${share(sum.in, sum.sent)}), `
	+ `${sum.before.toLocaleString('en')} -> ${sum.after.toLocaleString('en')} tokens, system prompt and tools included (-${share(sum.before, sum.after)})`);
if (!failed)
	console.log('  each turn began with what was sent for the one before (the provider\'s prompt cache stays warm); nothing but tool results differed');
process.exit(failed);
