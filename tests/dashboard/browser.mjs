// Debian's Chromium, and a page of it on the dashboard of a proxy. CHROMIUM names another program.
import assert from 'node:assert/strict';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';
import { PATIENCE_MS } from '../proxy/kit.mjs';

export function findChromium() {
	if (process.env.CHROMIUM)
		return process.env.CHROMIUM;
	for (const dir of process.env.PATH.split(delimiter)) {
		try {
			accessSync(join(dir, 'chromium'), constants.X_OK);
			return join(dir, 'chromium');
		} catch {
			// in the next one
		}
	}
	return null;
}

// Names resolve to nothing: what would leave this machine fails, and is seen by openPage.
export async function launch() {
	return chromium.launch({
		executablePath: findChromium(),
		args: ['--no-sandbox', '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1', '--disable-background-networking'],
	});
}

// A page, watched: problems lists errors, words on the console, and every request to anything but the proxy.
export async function openPage(t, browser, proxy, options = {}) {
	const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, timezoneId: 'UTC', locale: 'en-US', ...options });
	const page = await context.newPage();
	const problems = [];
	const expected = options.expected ?? [];
	const note = (text) => expected.some((pattern) => pattern.test(text)) || problems.push(text);
	page.setDefaultTimeout(PATIENCE_MS);
	page.on('console', (m) => note(`console ${m.type()}: ${m.text()}`));
	page.on('pageerror', (e) => note(`error: ${e.stack}`));
	page.on('request', (r) => {
		if (!r.url().startsWith(`${proxy.url}/`) && !r.url().startsWith('data:'))
			note(`request to ${r.url()}`);
	});
	t.after(() => context.close());
	await page.goto(`${proxy.url}/dashboard`);
	return {
		page, context, problems,
		assertClean: () => assert.deepEqual(problems, []),
		// Text of a tile, by its key in a list.
		tile: (list, key) => page.locator(`#${list} [data-key="${key}"] dd`).first(),
	};
}
