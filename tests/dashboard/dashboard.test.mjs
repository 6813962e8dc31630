// The dashboard in Chromium: what it shows is what /stats says, at once when something happens; with the keyboard, in the dark, on a
// phone; and nothing is asked of anybody but the proxy. UPDATE=1 writes the pictures of docs/dashboard.md.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { pair, startProxy, tempDir, until } from '../proxy/kit.mjs';
import { request } from '../proxy/requests.mjs';
import { hasRedis, startRedis } from '../proxy/redis.mjs';
import { sql } from '../proxy/sqlite.mjs';
import { launch, openPage } from './browser.mjs';

const IMAGES = fileURLToPath(new URL('../../docs/images/', import.meta.url));

let browser;
before(async () => {
	browser = await launch();
});
after(() => browser?.close());

const get = async (proxy, path, headers = []) => (await proxy.ask({ method: 'GET', path, headers })).json;
const count = (n) => n.toLocaleString('en-US');

// A session as an agent has it: turns, a second client, one that fails.
async function traffic(proxy, turns = 6) {
	for (let turn = 1; turn <= turns; turn++) {
		const r = request('anthropic', { steps: turn, stream: turn % 2 === 0 });
		await proxy.ask({ ...r, path: `/p/billing${r.path}`, headers: [...r.headers, ['user-agent', 'claude-cli/2.1.197 (external, cli)']] });
	}
	const other = request('chat', { steps: 4 });
	await proxy.ask({ ...other, headers: [...other.headers, ['user-agent', 'codex_cli_rs/0.169.0']] });
}

// What the page shows of the sum, once it has that many requests.
async function shownSum(view, requests) {
	await until(async () => await view.tile('tiles', 'requests').textContent() === count(requests), `${requests} requests on the page`);
	return Object.fromEntries(await Promise.all(['tokens', 'money', 'bill', 'requests', 'all-tokens', 'all-money'].map(async (key) => [key, await view.tile('tiles', key).textContent()])));
}

const money = (n) => `${n < 0 ? '−' : ''}$${Math.abs(n).toLocaleString('en-US', Math.abs(n) < 1 ? { minimumFractionDigits: 4, maximumFractionDigits: 4 } : { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;

function sumOf(stats) {
	const { lifetime } = stats.persistent_savings;
	return {
		tokens: count(stats.tokens.saved), money: money(stats.summary.cost.total_saved_usd), bill: money(stats.summary.cost.with_headroom_usd),
		requests: count(stats.requests.total), 'all-tokens': count(lifetime.tokens_saved), 'all-money': money(lifetime.compression_savings_usd),
	};
}

test('the page shows the figures of /stats, to the token, and follows them', async (t) => {
	const { proxy } = await pair(t);
	await traffic(proxy);
	const view = await openPage(t, browser, proxy);
	const stats = await get(proxy, '/stats');
	assert.ok(stats.tokens.saved > 1000, String(stats.tokens.saved));
	assert.deepEqual(await shownSum(view, 7), sumOf(stats));
	await proxy.ask(request('anthropic', { steps: 9 }));
	const shown = await shownSum(view, 8);
	const later = await get(proxy, '/stats');
	assert.deepEqual(shown, sumOf(later));
	assert.ok(later.tokens.saved > stats.tokens.saved);
	assert.match(await view.page.title(), new RegExp(`^${count(later.tokens.saved)} tokens saved`));
	assert.equal(await view.tile('cache', 'read').textContent(), count(later.prefix_cache.read_tokens));
	assert.equal(await view.tile('health', 'ready').textContent(), 'yes');
	assert.match(await view.page.locator('#status').textContent(), /^live/);
	assert.equal(await view.page.locator('#sign-in').isVisible(), false);
	view.assertClean();
});

test('what was held out, against the others; and an encoder that hurts, by name', async (t) => {
	const { proxy } = await pair(t, { args: ['--holdout', '0.5'] });
	const session = (n) => ({ ...request('anthropic', { steps: 3 }), headers: [...request('anthropic').headers, ['x-headroom-session-id', `s${n}`]] });
	for (let n = 0; n < 8; n++)
		await proxy.ask(session(n));
	const view = await openPage(t, browser, proxy);
	await shownSum(view, 8);
	const { holdout } = (await get(proxy, '/stats')).trial;
	assert.ok(holdout.treated.conversations > 0 && holdout.held_out.conversations > 0, JSON.stringify(holdout));
	const note = view.page.locator('#trial-note');
	assert.match(await note.textContent(), new RegExp(`^${holdout.treated.conversations} conversations were treated, ${holdout.held_out.conversations} left alone.*Too few`));
	const rows = await view.page.locator('#trial-table tbody tr').evaluateAll((list) => list.map((tr) => [...tr.cells].map((c) => c.textContent)));
	assert.deepEqual(rows.map((r) => r[0]), Object.keys(holdout.figures).map((name) => name.replaceAll('_', ' ')));
	assert.equal(rows.find((r) => r[0] === 'turns per conversation')[1], holdout.figures.turns_per_conversation.treated.toFixed(4));
	assert.equal(await view.page.locator('#hurts').isVisible(), false);
	// as if the ledger had it
	sql(proxy.home, `UPDATE ledger SET parts = '[[1,"table",9,100],[2,"- Bash",300,15],[2,"table Bash",300,90]]' WHERE id = (SELECT max(id) FROM ledger)`);
	await until(async () => {
		await proxy.ask(session(99));
		return view.page.locator('#hurts').isVisible();
	}, 'the encoder that hurts');
	assert.match(await view.page.locator('#hurts').textContent(), /^table hurts: 90 of 300 results were asked for again, 6\.\d times as often/);
	await view.page.getByRole('tab', { name: 'Encoder' }).click();
	const line = await view.page.locator('#from-table tbody tr', { has: view.page.locator('th', { hasText: /^table$/ }) }).textContent();
	assert.match(line, /300.*90.*hurts/);
	view.assertClean();
});

test('what proxies share, where there is a Redis; and when it goes', { skip: !hasRedis && 'no redis-server' }, async (t) => {
	const redis = await startRedis(t);
	const { proxy } = await pair(t, { ccr: true, args: ['--store-url', redis.url, '--store-wait', '10s'] });
	await traffic(proxy);
	const view = await openPage(t, browser, proxy);
	await shownSum(view, 7);
	const { shared } = await get(proxy, '/stats');
	assert.ok(shared.put > 0 && shared.missed > 0, JSON.stringify(shared));
	const shown = async (key) => [await view.tile('shared-tiles', key).textContent(), await view.page.locator(`#shared-tiles [data-key="${key}"] .more`).textContent()];
	assert.equal((await shown('state'))[0], 'there');
	assert.deepEqual(await shown('told'), [count(shared.put + shared.put_later + shared.put_again), `${count(shared.put)} at once, ${count(shared.put_later)} later, ${count(shared.put_again)} again`]);
	assert.deepEqual(await shown('asked'), [count(shared.found + shared.missed + shared.unknown), `${count(shared.found)} found, ${count(shared.missed)} not there, ${count(shared.unknown)} without an answer`]);
	assert.equal((await shown('failed'))[0], '0');
	assert.match(await view.page.locator('#shared-note').textContent(), new RegExp(`^${redis.url}, namespace default\\.`));
	await redis.stop();
	await proxy.logged(/shared_store_lost/);
	await proxy.ask(request('anthropic', { steps: 9 }));
	await until(async () => (await shown('state'))[0] === 'away', 'the page to say that the Redis is away');
	assert.match((await shown('waiting'))[1], /lost 1 ×/);
	view.assertClean();
});

test('without a Redis nothing is said of one', async (t) => {
	const { proxy } = await pair(t);
	const view = await openPage(t, browser, proxy);
	await shownSum(view, 0);
	assert.equal(await view.page.locator('#shared').isVisible(), false);
	view.assertClean();
});

test('where it comes from: models, clients, projects, reasons, each line that of /stats', async (t) => {
	const { proxy } = await pair(t);
	await traffic(proxy);
	const view = await openPage(t, browser, proxy);
	await shownSum(view, 7);
	const stats = await get(proxy, '/stats');
	const rows = async () => Object.fromEntries(await view.page.locator('#from-table tbody tr').evaluateAll((list) => list.map((tr) => [tr.cells[0].textContent, [...tr.cells].slice(1).map((c) => c.textContent)])));
	const models = await rows();
	assert.deepEqual(Object.keys(models).sort(), Object.keys(stats.cost.per_model).sort());
	for (const [name, m] of Object.entries(stats.cost.per_model))
		assert.deepEqual(models[name].slice(0, 3), [count(m.requests), count(m.tokens_sent + m.tokens_saved), count(m.tokens_saved)]);
	await view.page.getByRole('tab', { name: 'Client' }).click();
	const clients = await rows();
	assert.equal(Object.values(clients).reduce((sum, [, , saved]) => sum + Number(saved.replaceAll(',', '')), 0), stats.tokens.saved);
	await view.page.getByRole('tab', { name: 'Project' }).click();
	assert.ok('billing' in await rows());
	await view.page.getByRole('tab', { name: 'What was done' }).click();
	assert.deepEqual(Object.keys(await rows()).sort(), Object.keys(stats.requests.by_reason).map((name) => name.replaceAll('_', ' ')).sort());
	view.assertClean();
});

test('what broke the prompt cache is named, with what it cost', async (t) => {
	const { proxy } = await pair(t);
	const ask = async (steps, tool) => {
		const r = request('chat', { steps });
		const body = JSON.parse(r.body);
		body.messages[0].content = 'Be brief. '.repeat(900);
		body.tools[0].function.name = tool;
		await proxy.ask({ ...r, body: JSON.stringify(body) });
	};
	const view = await openPage(t, browser, proxy);
	await ask(2, 'Read');
	await ask(3, 'Read');
	await shownSum(view, 2);
	assert.equal(await view.tile('cache', 'breaks').textContent(), 'never');
	await ask(4, 'View');
	await shownSum(view, 3);
	const { cache_breaks: breaks } = await get(proxy, '/stats');
	assert.equal(breaks.requests, 1);
	assert.equal(await view.tile('cache', 'breaks').textContent(), '1 ×');
	assert.equal(await view.page.locator('#cache [data-key="break-tools"] dd.more').textContent(), `${count(breaks.by.tools.tokens)} tokens, ${money(breaks.by.tools.cost_usd)}`);
	assert.match(await view.page.locator('#recent-table tbody tr').first().textContent(), /cache broken: tools/);
	view.assertClean();
});

test('over time: the bars are those of /stats-history', async (t) => {
	const { proxy } = await pair(t);
	await traffic(proxy);
	const view = await openPage(t, browser, proxy);
	await shownSum(view, 7);
	const { series } = await get(proxy, '/stats-history?series=daily');
	const saved = series.daily.reduce((sum, p) => sum + p.tokens_saved, 0);
	const caption = view.page.locator('#chart-caption');
	await until(async () => (await caption.textContent()).includes(`${count(saved)} tokens saved in 30 days`), 'the chart');
	assert.equal(await view.page.locator('#chart svg rect').count(), 30);
	await view.page.getByLabel('Hours').check();
	await until(async () => /in 48 hours/.test(await caption.textContent()), 'hours');
	await view.page.getByLabel('Money').check();
	assert.match(await caption.textContent(), /\$0\.\d{4}  saved in 48 hours/);
	await view.page.getByText('As a table').click();
	assert.equal(await view.page.locator('#chart-table tbody tr').count(), 1);
	view.assertClean();
});

test('recent requests, and what was changed in them, when messages are logged', async (t) => {
	const log = join(tempDir(t), 'log.jsonl');
	const { proxy } = await pair(t, { args: ['--log-file', log, '--log-messages'] });
	await traffic(proxy);
	const view = await openPage(t, browser, proxy);
	await shownSum(view, 7);
	const rows = view.page.locator('#recent-table tbody tr');
	assert.equal(await rows.count(), 7);
	const id = await rows.nth(1).getAttribute('data-id');
	await rows.nth(1).getByRole('button', { name: /^Show/ }).focus();
	await proxy.ask(request('gemini', { steps: 2 }));
	await shownSum(view, 8);
	assert.equal(await rows.nth(2).getAttribute('data-id'), id);
	assert.equal(await view.page.evaluate(() => document.activeElement.closest('tr').dataset.id), id, 'whoever is in a row stays there');
	await view.page.keyboard.press('Enter');
	const dialog = view.page.getByRole('dialog');
	await dialog.locator('.change').first().waitFor();
	const [before, behind] = await Promise.all([0, 1].map((i) => dialog.locator('.change').first().locator('pre').nth(i).textContent()));
	assert.ok(before.length > behind.length, `${before.length} > ${behind.length}`);
	assert.ok(await dialog.locator('mark').count() > 0);
	await view.page.keyboard.press('Escape');
	assert.equal(await dialog.isVisible(), false);
	view.assertClean();
});

test('all of it works with the keyboard', async (t) => {
	const { proxy } = await pair(t);
	await traffic(proxy);
	const view = await openPage(t, browser, proxy);
	await shownSum(view, 7);
	const { page } = view;
	await page.keyboard.press('Tab');
	assert.equal(await page.evaluate(() => document.activeElement.textContent), 'To the figures');
	await page.keyboard.press('Enter');
	assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
	const seen = [];
	for (let i = 0; i < 20; i++) {
		await page.keyboard.press('Tab');
		seen.push(await page.evaluate(() => document.activeElement.id || document.activeElement.value || document.activeElement.getAttribute('aria-label') || document.activeElement.getAttribute('aria-labelledby') || document.activeElement.tagName));
		if (seen.at(-1) === 'tab-model')
			break;
	}
	assert.ok(seen.includes('tokens') && seen.includes('daily') && seen.includes('SUMMARY'), seen.join());
	await page.keyboard.press('ArrowRight');
	assert.equal(await page.evaluate(() => document.activeElement.id), 'tab-client');
	assert.equal(await page.locator('#tab-client').getAttribute('aria-selected'), 'true');
	await page.keyboard.press('End');
	assert.equal(await page.evaluate(() => document.activeElement.id), 'tab-reason');
	await page.keyboard.press('Tab');
	assert.equal(await page.evaluate(() => document.activeElement.id), 'from');
	view.assertClean();
});

test('every control and figure has a name, and text stands out in the light and in the dark', async (t) => {
	const { proxy } = await pair(t);
	await traffic(proxy);
	for (const colorScheme of ['light', 'dark']) {
		const view = await openPage(t, browser, proxy, { colorScheme });
		await shownSum(view, 7);
		const unnamed = await view.page.evaluate(() => [...document.querySelectorAll('button, input, meter, svg[role], [role=region], [tabindex="0"]')]
			.filter((e) => !(e.labels?.length || e.getAttribute('aria-label') || e.getAttribute('aria-labelledby') || e.textContent.trim())).map((e) => e.outerHTML));
		assert.deepEqual(unnamed, []);
		// WCAG 2.2, 1.4.3: 4.5 to 1
		const faint = await view.page.evaluate(() => {
			const rgb = (text) => text.match(/[\d.]+/g).map(Number);
			const light = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
			const ground = (e) => {
				for (; e; e = e.parentElement) {
					const c = rgb(getComputedStyle(e).backgroundColor);
					if (c[3] !== 0)
						return c;
				}
				return [255, 255, 255];
			};
			return [...document.querySelectorAll('h1, h2, p, dt, dd, th, td, label, legend, button, figcaption, summary')].filter((e) => e.checkVisibility() && e.textContent.trim()).filter((e) => {
				const [a, b] = [light(rgb(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
				return (a + 0.05) / (b + 0.05) < 4.5;
			}).map((e) => `${e.tagName} ${e.textContent}`);
		});
		assert.deepEqual(faint, [], colorScheme);
		const dark = await view.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
		assert.equal(dark, colorScheme === 'dark' ? 'rgb(20, 23, 26)' : 'rgb(251, 251, 249)');
		view.assertClean();
		if (process.env.UPDATE === '1')
			await view.page.screenshot({ path: join(IMAGES, `dashboard-${colorScheme}.png`), fullPage: colorScheme === 'dark' });
	}
});

test('on a phone nothing is wider than the screen', async (t) => {
	const { proxy } = await pair(t);
	await traffic(proxy);
	const view = await openPage(t, browser, proxy, { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
	await shownSum(view, 7);
	assert.ok(await view.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
	assert.ok(await view.page.evaluate(() => [...document.querySelectorAll('button, .tiles > div')].filter((e) => e.checkVisibility() && !e.closest('.scroll')).every((e) => e.getBoundingClientRect().right <= innerWidth)));
	view.assertClean();
	if (process.env.UPDATE === '1')
		await view.page.screenshot({ path: join(IMAGES, 'dashboard-phone.png') });
});

test('a proxy with a token: the page asks for it, keeps it in the tab, and forgets it', async (t) => {
	const token = 'ht-0123456789-secret';
	const { proxy } = await pair(t, { env: { HEADROOM_PROXY_TOKEN: token } });
	await proxy.ask({ ...request('anthropic', { steps: 3 }), headers: [...request('anthropic').headers, ['x-headroom-proxy-token', token]] });
	const view = await openPage(t, browser, proxy, { expected: [/401 \(Unauthorized\)/] });
	const { page } = view;
	const field = page.locator('#token');
	await field.fill('wrong');
	await page.keyboard.press('Enter');
	await page.getByText('It is another one.').waitFor();
	assert.equal(await page.locator('#main').isVisible(), false);
	await field.fill(token);
	await page.getByRole('button', { name: 'Sign in' }).click();
	await shownSum(view, 1);
	await page.reload();
	await shownSum(view, 1);
	assert.ok(!page.url().includes(token));
	assert.deepEqual(await page.context().cookies(), []);
	await page.getByRole('button', { name: 'Sign out' }).click();
	await field.waitFor();
	assert.equal(await page.evaluate(() => sessionStorage.length), 0);
	view.assertClean();
});

test('the page comes back by itself when the proxy was started anew', async (t) => {
	const { proxy, provider } = await pair(t);
	await traffic(proxy);
	const view = await openPage(t, browser, proxy, { expected: [/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET/] });
	await shownSum(view, 7);
	await proxy.stop();
	await until(async () => /^not connected/.test(await view.page.locator('#status').textContent()), 'the page to see it');
	const again = await startProxy({ t, provider, home: proxy.home, args: ['--port', String(proxy.port)] });
	assert.equal(again.port, proxy.port);
	await until(async () => /^live/.test(await view.page.locator('#status').textContent()), 'the page to be back');
	const { persistent_savings: { lifetime } } = await get(again, '/stats');
	assert.equal(await view.tile('tiles', 'all-tokens').textContent(), count(lifetime.tokens_saved));
	view.assertClean();
});

test('nothing runs in the page but what is in it', async (t) => {
	const { proxy } = await pair(t);
	const view = await openPage(t, browser, proxy, { expected: [/Content Security Policy|Trusted(Script|HTML)/] });
	await view.page.waitForFunction(() => !document.getElementById('main').hidden);
	const tried = await view.page.evaluate(async () => {
		const attempt = (f) => {
			try {
				f();
			} catch {
				// refused
			}
		};
		const script = document.createElement('script');
		attempt(() => { script.textContent = 'globalThis.ran = 1'; });
		attempt(() => script.append('globalThis.ran = 2'));
		attempt(() => document.body.append(script));
		attempt(() => { document.body.innerHTML = '<b>'; });
		document.body.append(Object.assign(document.createElement('img'), { src: '/stats' }));
		const elsewhere = await fetch('https://example.com/').then(() => 'asked', () => 'refused');
		return { ran: globalThis.ran, markup: document.querySelectorAll('body > b').length, elsewhere };
	});
	assert.deepEqual(tried, { ran: undefined, markup: 0, elsewhere: 'refused' });
	view.assertClean();
});
