// Puts the page of the dashboard together: node page.mjs DIR OUT.html.gz OUT_POLICY.h
// DIR has page.html with a line STYLE and a line SCRIPT, in whose place page.css and page.js stand. The header has the policy
// (Content Security Policy Level 3) under which nothing runs but these two, and nothing is asked for elsewhere.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const [dir, out, policyOut] = process.argv.slice(2);
const read = (name) => readFileSync(join(dir, name), 'utf8');
const hash = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

const css = `\n${read('page.css')}`;
const js = `\n${read('page.js')}`;
if (/<\/script|<!--/i.test(js) || /<\/style/i.test(css))
	throw new Error('what ends the element stands within it');
let page = read('page.html');
for (const [line, element] of [['STYLE\n', `<style>${css}</style>\n`], ['SCRIPT\n', `<script type="module">${js}</script>\n`]]) {
	if (page.split(line).length !== 2)
		throw new Error(`page.html has not one line ${line}`);
	page = page.replace(line, () => element);
}

const policy = [
	"default-src 'none'", `script-src ${hash(js)}`, `style-src ${hash(css)}`, "connect-src 'self'", 'img-src data:', "base-uri 'none'",
	"form-action 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'",
].join('; ');
writeFileSync(policyOut, `#define DASHBOARD_POLICY "${policy}"\n`);
writeFileSync(out, gzipSync(page, { level: 9 }));
