// --effort-routing: the message and the header that it needs, what the proxy says of it, and who gets none.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pair, until } from './kit.mjs';
import { request } from './requests.mjs';

const BETA = 'mid-conversation-output-config-2026-07-01';
const effort = (level) => ({ role: 'system', content: [], output_config: { effort: level } });
const user = (content) => ({ role: 'user', content });
const assistant = (content) => ({ role: 'assistant', content });
const FIRST = [user('Make a parser.')];
const SECOND = [...FIRST, assistant('Here is a plan.'), user('Looks good, go on.')];
const THIRD = [...SECOND, assistant('It is made.'), user('Why is it slow?')];

function turn(messages, more = {}, headers = []) {
	const r = request('anthropic');
	return { ...r, headers: [...r.headers, ...headers], body: JSON.stringify({ model: 'claude-opus-5-5', max_tokens: 9, output_config: { effort: 'high' }, messages, ...more }) };
}

test('what only says to go on is answered with less effort, behind the prompt that was sent before', async (t) => {
	const { proxy, provider } = await pair(t, { args: ['--effort-routing'] });
	const sent = async (...args) => {
		const r = turn(...args), answer = await proxy.ask(r);
		assert.equal(answer.status, 200);
		const got = provider.requests.at(-1);
		return { isSame: got.text === r.body, messages: JSON.parse(got.text).messages, betas: got.header('anthropic-beta'), transforms: answer.header('x-headroom-transforms') };
	};
	const first = await sent(FIRST);
	assert.ok(first.isSame);
	assert.equal(first.betas, undefined);
	const second = await sent(SECOND, {}, [['anthropic-beta', 'a-1,b-2']]);
	assert.deepEqual(second.messages, [...SECOND, effort('low')]);
	assert.equal(second.betas, `a-1,b-2,${BETA}`);
	assert.match(second.transforms, /\beffort\*1\b/);
	const third = await sent(THIRD);
	assert.deepEqual(third.messages, [...SECOND, effort('low'), ...THIRD.slice(SECOND.length), effort('high')]);
	assert.equal(third.betas, BETA);
	assert.match(third.transforms, /\beffort\*2\b/);
	// who takes none, or wants none
	for (const [more, headers] of [[{ model: 'claude-opus-4-8' }], [{}, [['x-headroom-bypass', 'true']]]]) {
		const other = await sent(THIRD, more, headers);
		assert.ok(other.isSame);
		assert.equal(other.betas, undefined);
	}
	assert.ok((await sent([user('Else.'), assistant('a'), user('yes')])).isSame, 'one that is seen in its middle');
	const stats = await until(async () => {
		const s = (await proxy.ask({ method: 'GET', path: '/stats' })).json;
		return s.requests.total === 6 && s;
	}, 'all rows');
	assert.equal(stats.tokens.saved, -30); // what it costs is taken off
});
