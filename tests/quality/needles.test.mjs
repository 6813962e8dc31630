// What a reader must see stays to be seen, in every way of making texts smaller: small ones of the shapes that `make quality`
// measures. And the parts of that measuring themselves.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { ourArms } from '../../bench/quality/arms.mjs';
import { KEPT_MIN, factsAlone, hasBound } from '../../bench/quality/bound.mjs';
import { hasNeedle, score } from '../../bench/quality/facts.mjs';
import { Headroom, OURS } from '../../bench/quality/headroom.mjs';
import { toCurl } from '../../bench/quality/http.mjs';
import { dump, minify, parse, spell, tryParse } from '../../bench/quality/jsontext.mjs';
import { toMysql, toPsql } from '../../bench/quality/records.mjs';
import { toon } from '../../bench/quality/toon.mjs';
import { workloads } from '../../bench/quality/workloads.mjs';

const made = workloads({ isSmall: true });
const headroom = new Headroom(process.env.HEADROOM ?? 'build/release/headroom');
after(() => headroom.close());

for (const [i, arm] of ourArms(headroom).entries()) {
	test(`${OURS[i].name}: every needle of ${made.length} workloads is seen, everything decodes or can be had back`, () => {
		const { failed, texts } = arm.run(made);
		assert.equal(failed, 0, `${failed} texts do not decode`);
		made.forEach((one, k) => {
			for (const needle of one.truth.needles)
				assert.ok(hasNeedle(one.text, texts[k].text, needle), `${one.id}: ${needle} is not in\n${texts[k].text.slice(0, 2000)}`);
			assert.notEqual(texts[k].isReachable, false, `${one.id}: the text names no way to its original, or it is another one`);
			assert.ok(OURS[i].args.includes('--ccr') || texts[k].isExact, `${one.id}: something was left out without an original being kept`);
		});
		assert.ok(texts.filter((t) => t.encoders).length > 0, 'nothing became smaller: the test says nothing');
	});
}

test('what --ccr on changed can be had back, whether it lost something or not', () => {
	const { texts } = headroom.compress(OURS.find((arm) => arm.name === 'ccr'), made);
	const kept = made.map((one, k) => [one, texts[k].hash]).filter(([, hash]) => hash);
	assert.ok(kept.length > 0);
	for (const [one, hash] of kept)
		assert.equal(headroom.retrieve(hash), one.text, one.id);
});

test('workloads are the same every time, and each needle is in its text', () => {
	assert.deepEqual(workloads({ isSmall: true }), made);
	for (const one of [...made, ...workloads()])
		for (const needle of one.truth.needles)
			assert.ok(one.text.includes(needle) || one.text.includes(JSON.stringify(needle).slice(1, -1)), `${one.id}: ${needle}`);
});

test('a needle is found as it is, escaped, or in two parts of which one is its own, and else not', () => {
	const original = 'src/app/deep/one.c\nsrc/app/deep/two.c\nsrc/app/deep/rare.c "x"\n';
	assert.ok(hasNeedle(original, 'a\nsrc/app/deep/rare.c\n', 'src/app/deep/rare.c'));
	assert.ok(hasNeedle(original, '[3 lines, each: src/app/deep/]\none.c\ntwo.c\nrare.c\n', 'src/app/deep/rare.c'));
	assert.ok(hasNeedle(original, '"rare.c \\"x\\""', 'rare.c "x"'));
	assert.ok(!hasNeedle(original, '[3 lines, each: src/app/deep/]\none.c\ntwo.c\n', 'src/app/deep/rare.c'));
	assert.ok(!hasNeedle(original, 'src/app/deep/one.c\n[2 more]\n', 'src/app/deep/rare.c'));
});

test('facts: lost ones are missed', () => {
	const log = { kind: 'log', truth: { templates: [['10:01 user ann logged in from home today', '10:02 user bob logged in from home today'], ['10:03 disk full']], rare: [['10:03 disk full']], errors: ['10:03 disk full'] } };
	assert.deepEqual(score(log, log.truth.templates.flat().join('\n')), { templates: 1, 'rare templates': 1, 'error lines': 1, 'error templates': 1 });
	assert.deepEqual(score(log, 'user … logged in from home today'), { templates: 0.5, 'rare templates': 0, 'error lines': 0, 'error templates': 0 });
	const diff = { kind: 'diff', truth: { changed: ['int a;', 'int b;'], files: ['x.c'] } };
	assert.deepEqual(score(diff, '+int a;'), { 'changed lines': 0.5, files: 0 });
	const json = { kind: 'json', truth: { keys: ['k'], ids: ['one', 'tw"o'], values: [], errors: [], needle: ['one'], long: [] } };
	assert.deepEqual(score(json, '{"k":"tw\\"o"}'), { keys: 1, ids: 0.5, needle: 0 });
	assert.deepEqual(score({ kind: 'html', truth: { article: 'a b c d e' } }, '<p>a b <b>c</b> d&nbsp;x</p>')['article text'], 0.5);
});

test('JSON is read strictly, keeps its numbers, and is minified as text', () => {
	assert.equal(minify('{ "a" : [ 1.0, 1e5,\t"x y\\" " ] }\n'), '{"a":[1.0,1e5,"x y\\" "]}');
	assert.equal(minify('not { json'), 'not { json');
	assert.equal(parse('[12345678901234567890]')[0].raw, '12345678901234567890');
	for (const bad of ['', '[1,]', '{"a":1,}', '[01]', '"\n"', '[1] 2', '{a:1}', '[1', 'nul', '[1]]', `${'['.repeat(1000)}${']'.repeat(1000)}`])
		assert.equal(tryParse(bad), undefined, bad);
	assert.equal(dump({ a: [1, null, 'x'], b: {} }), '{"a": [1, null, "x"], "b": {}}');
});

test('TOON-like: tables, nested ones, keyed ones, lists, quotes', () => {
	const lines = (value) => toon(JSON.stringify(value)).split('\n');
	assert.deepEqual(lines({ a: 1, s: 'x: y', e: [], t: ['p', '1'] }), ['a: 1', 's: "x: y"', 'e: []', 't[2]: p,"1"']);
	assert.deepEqual(lines([{ a: 1, b: null }, { b: true, a: 2 }]), ['[2]{a,b}:', '  1,null', '  2,true']);
	assert.deepEqual(lines({ l: [{ a: 1, b: { c: 2 } }, { a: 3, b: { c: 4 } }] }), ['l[2]{a,b{c}}:', '  1,2', '  3,4']);
	assert.deepEqual(lines({ m: { p: { x: 1 }, q: { x: 2 } } }), ['m[2:]{x}:', '  p: 1', '  q: 2']);
	assert.deepEqual(lines([{ a: 1 }, { b: [1] }, [], {}]), ['[4]:', '  - a: 1', '  - b[1]: 1', '  - [0]:', '  -']);
	assert.equal(toon('no json'), 'no json');
});

test('the facts alone show what the bar asks for and nothing that was not there', () => {
	const lines = Array.from({ length: 40 }, (_, i) => `line ${i} ${'x'.repeat(i)}`);
	const one = { kind: 'lines', text: ['noise', ...lines, ...lines.slice(0, 5)].join('\n\n'), truth: { lines: [...lines, ...lines.slice(0, 5)] } };
	const shown = factsAlone(one);
	assert.ok(score(one, shown).lines >= KEPT_MIN);
	assert.ok(shown.split('\n').every((l) => lines.includes(l)));
	assert.ok(!shown.includes(lines[39]), 'the most expensive fact may be missing');
	assert.equal(shown.split('\n').filter((l) => l === lines[0]).length, 1);
	assert.ok(!hasBound({ kind: 'json', truth: {} }));
});

test('records: as psql 15 and mysql print them', () => {
	const rows = parse('[{"id": 1, "name": "a b", "ok": true, "tags": {"x": [1, 2.50]}}, {"id": 22, "name": null, "long_column_name": "y"}]');
	assert.equal(toPsql(rows), [
		'-[ RECORD 1 ]----+-----------------', 'id               | 1', 'name             | a b', 'ok               | t', 'tags             | {"x": [1, 2.50]}', 'long_column_name | ',
		'-[ RECORD 2 ]----+-----------------', 'id               | 22', 'name             | ', 'ok               | ', 'tags             | ', 'long_column_name | y', '', '',
	].join('\n'));
	assert.equal(toMysql(parse('[{"id": 1, "state": null}, {"id": 2, "state": "up"}]')), [
		'*************************** 1. row ***************************', '   id: 1', 'state: NULL',
		'*************************** 2. row ***************************', '   id: 2', 'state: up', '2 rows in set (0.01 sec)', '',
	].join('\n'));
});

test('http: as curl -v prints it, and what a reader looks for', () => {
	const one = (path) => `{"request": {"method": "GET", "uri": "https://a.example/${path}?n=1", "headers": {"x-a": ["1"]}, "body": null}, "response": {"status": {"code": 200, "message": "OK"}, "headers": {"etag": ["w1"]}, "body": {"data": {"n": 1.50}}}}`;
	const { text, starts, headers, bodies } = toCurl(parse(`[${one('x')}, ${one('y')}]`));
	assert.ok(text.startsWith('*   Trying '));
	assert.ok(text.includes('\n* using HTTP/1.x\n> GET /x?n=1 HTTP/1.1\n> Host: a.example\n> User-Agent: curl/7.88.1\n> Accept: */*\n> x-a: 1\n> \n< HTTP/1.1 200 OK\n< etag: w1\n< \n'));
	assert.ok(text.endsWith('* using HTTP/1.x\n> GET /y?n=1 HTTP/1.1\n> Host: a.example\n> User-Agent: curl/7.88.1\n> Accept: */*\n> x-a: 1\n> \n< HTTP/1.1 200 OK\n< etag: w1\n< \n* Connection #0 to host a.example left intact\n{"n":1.50}\n'));
	assert.deepEqual([starts, headers, bodies], [['GET /x?n=1 HTTP/1.1', 'HTTP/1.1 200 OK', 'GET /y?n=1 HTTP/1.1', 'HTTP/1.1 200 OK'], ['etag: w1', 'etag: w1'], ['{"n":1.50}', '{"n":1.50}']]);
	const truth = { keys: [], ids: [], values: ['v9'], long: [], errors: [], needle: [], starts, headers, names: ['etag'] };
	assert.deepEqual(score({ kind: 'http', truth }, 'GET /x?n=1 HTTP/1.1\nHTTP/1.1 200 OK etag'), { values: 0, 'start lines': 0.75, headers: 0, 'header names': 1 });
	assert.equal(spell(parse('{"a": [1.50, "x", null]}')), '{"a":[1.50,"x",null]}');
});
