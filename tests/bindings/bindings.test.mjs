// libheadroom in process, from Python and from Node, as docs/examples/headroom.py and headroom.mjs do it: compressing, errors,
// originals, threads, and memory that is given back. HEADROOM_LIB names the library (make sets that of the release build: an
// interpreter without the sanitizers' libraries cannot load another).
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

const here = import.meta.dirname;
const root = join(here, '../..');
process.env.HEADROOM_LIB ??= join(root, 'build/release/libheadroom.so');

const python = ['/usr/bin/python3', '/usr/local/bin/python3'].find(existsSync);
test('Python', { skip: !python && 'there is no python3' }, () => {
	assert.equal(execFileSync(python, [join(here, 'try.py')], { encoding: 'utf8', env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' } }), 'ok\n');
});

const log = (seed, n = 300) => Array.from({ length: n }, (_, i) => `2026-01-01T00:00:${String(i % 60).padStart(2, '0')}Z INFO worker ${i * 7919 * seed % 1000} took job ${i}`).join('\n');
const conversation = (text) => [
	{ role: 'user', content: 'look' },
	{ role: 'assistant', content: null, tool_calls: [{ id: 'c1', type: 'function', function: { name: 'bash', arguments: '{"command":"journalctl"}' } }] },
	{ role: 'tool', tool_call_id: 'c1', content: text },
];

const koffi = join(here, 'node_modules/koffi');
test('Node', { skip: !existsSync(koffi) && 'koffi is not installed: make deps' }, async (t) => {
	// as a user would have it: the file beside the package
	const dir = mkdtempSync(join(tmpdir(), 'headroom-test-'));
	t.after(() => rmSync(dir, { recursive: true, force: true }));
	copyFileSync(join(root, 'docs/examples/headroom.mjs'), join(dir, 'headroom.mjs'));
	symlinkSync(join(here, 'node_modules'), join(dir, 'node_modules'));
	const { Code, Headroom, countTokens, version } = await import(pathToFileURL(join(dir, 'headroom.mjs')));

	assert.equal(version(), readFileSync(join(root, 'VERSION'), 'utf8').trim());
	assert.equal(countTokens('hello world', 'gpt-4o'), 2);
	const h = new Headroom();
	const messages = conversation(log(1));
	const r = await h.compress(messages, 'gpt-4o');
	assert.equal(r.error, null);
	assert.equal(r.changed, 1);
	assert.ok(r.tokensSaved > 0);
	assert.deepEqual(r.messages.slice(0, 2), messages.slice(0, 2));
	assert.deepEqual(messages, conversation(log(1)), "the caller's own stay as they are");
	const body = JSON.stringify({ model: 'gpt-4o', messages });
	assert.deepEqual((await h.compressRequest(body)).data, r.data);
	assert.ok(h.verify(body, r.data));
	assert.ok(!h.verify(body, body.replace('took job 7', 'took job 8')));
	assert.ok(h.compressText(log(1), { tool: 'bash', command: 'journalctl' }).tokensSaved > 0);

	const broken = await h.compressRequest('no JSON');
	assert.equal(broken.data.toString(), 'no JSON');
	assert.equal(broken.error.code, Code.malformed);
	assert.throws(() => h.retrieve('0123456789ab'), { code: Code.notFound });
	assert.throws(() => new Headroom({ storePath: '/proc/nowhere/store.db' }), { code: Code.notFound });

	// many at once, while the event loop goes on
	const alone = await Promise.all([1, 2, 3, 4].map(async (seed) => {
		const own = new Headroom();
		const { data } = await own.compress(conversation(log(seed)), 'gpt-4o');
		own.close();
		return data;
	}));
	const all = Array.from({ length: 40 }, (_, i) => h.compress(conversation(log(1 + i % 4)), 'gpt-4o'));
	assert.throws(() => h.close(), /under way/);
	(await Promise.all(all)).forEach(({ data }, i) => assert.deepEqual(data, alone[i % 4]));
	h.close();
	assert.throws(() => h.retrieve('0123456789ab'), /closed/);

	const kept = new Headroom({ storePath: join(dir, 'store.db'), keepOriginals: true });
	assert.equal((await kept.compress(conversation(log(2, 2000)), 'gpt-4o')).changed, 1);
	const key = createHash('sha256').update(log(2, 2000)).digest('hex').slice(0, 24);
	assert.equal(kept.retrieve(key).toString(), log(2, 2000));

	const big = `${log(1, 100)}\n${'y'.repeat(300000)}`;
	for (let i = 0; i < 20; i++)
		kept.compressText(big);
	const before = process.memoryUsage().rss;
	for (let i = 0; i < 400; i++)
		kept.compressText(big);
	const grown = process.memoryUsage().rss - before;
	assert.ok(grown < 40e6, `${grown} bytes of 120 MB are not given back`);
	kept.close();
});
