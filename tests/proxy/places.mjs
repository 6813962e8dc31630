// Every place of a request in which a conversation stands, and what the proxy makes of a text there.
import assert from 'node:assert/strict';
import { until } from './kit.mjs';
import { FORMAT_NAMES, formatOf } from './requests.mjs';
import { sql } from './sqlite.mjs';

export const COLOURED = Array.from({ length: 6 }, (_, i) => `\u001b[1mhead ${i}\u001b[0m of a text that is long enough\n`).join('');
// What loses nothing of it leaves less than nine tenths, and the colours.
export const ONE_DIRECTORY = Array.from({ length: 40 }, (_, i) => `src/core/compress/encoders/${'abcdefgh'[i % 8]}${i}.c: \u001b[1mword ${i}\u001b[0m\n`).join('');

// A conversation with one result of a tool named Bash.
export const short = (name, text) => formatOf(name).wrap([...formatOf(name).user('look'), ...formatOf(name).step('1', 'Bash', { command: 'x' }, text)], {});

const CHATGPT = [['authorization', 'Bearer eyJ.x.y'], ['chatgpt-account-id', 'acc']];
export const ANTHROPIC = [['x-api-key', 'k'], ['anthropic-version', '2023-06-01']];
export const GOOGLE = [['x-goog-api-key', 'k']];

const inBatch = (body) => ({ batch: { display_name: 'b', input_config: { requests: { requests: [{ request: body, metadata: { key: 'r1' } }] } }, priority: '1' } });

// Every place where a conversation stands: [path, headers, body of a text].
export const PLACES = {
	...Object.fromEntries(FORMAT_NAMES.map((name) => [name, [formatOf(name).path, formatOf(name).headers, (text) => short(name, text)]])),
	'a stream of Gemini': [formatOf('gemini').streamPath, GOOGLE, (text) => short('gemini', text)],
	'a ChatGPT login': ['/backend-api/codex/responses', CHATGPT, (text) => short('responses', text)],
	'compaction': ['/v1/responses/compact', [['authorization', 'Bearer k']], (text) => short('responses', text)],
	'Gemini in the words of OpenAI': ['/v1beta/openai/chat/completions', [['authorization', 'Bearer k']], (text) => short('chat', text)],
	'Code Assist': ['/v1internal:generateContent', [['authorization', 'Bearer k']], (text) => ({ model: 'gemini-2.5-pro', project: 'p', request: short('gemini', text) })],
	'Vertex': ['/v1/projects/p/locations/l/publishers/google/models/gemini-2.5-pro:generateContent', [['authorization', 'Bearer k']], (text) => short('gemini', text)],
	'Claude of Vertex': ['/v1/projects/p/locations/l/publishers/anthropic/models/claude-sonnet-4-5:rawPredict', [['authorization', 'Bearer k']], (text) => short('anthropic', text)],
	'a batch of Anthropic': ['/v1/messages/batches', ANTHROPIC, (text) => ({ requests: [{ custom_id: 'r1', params: short('anthropic', text), more: 1 }] })],
	'a batch of Gemini': ['/v1beta/models/gemini-2.5-pro:batchGenerateContent', GOOGLE, (text) => inBatch(short('gemini', text))],
	'a batch of Gemini, as the SDK spells it': ['/v1beta/models/gemini-2.5-pro:batchGenerateContent', GOOGLE, (text) => ({ batch: { inputConfig: inBatch(short('gemini', text)).batch.input_config, displayName: 'b' } })],
	'/v1/compress': ['/v1/compress?body=1', [], (text) => short('chat', text)],
};

// What is sent of a text from there: is it as it came, does it have its colours?
export async function sent(provider, proxy, [path, headers, make], text) {
	const body = JSON.stringify(make(text));
	const r = await proxy.ask({ method: 'POST', path, headers, body });
	assert.equal(r.status, 200, `${path}: ${r.text}`);
	const got = path.startsWith('/v1/compress') ? JSON.stringify(r.json.body) : provider.requests.at(-1).text;
	return { isSame: got === body, hasColours: got.includes('\\u001b') };
}

// The first n rows of the ledger, when they are there.
export const rows = (home, n) => until(() => {
	const found = sql(home, 'SELECT * FROM ledger ORDER BY at_ms, id');
	return found.length >= n && found;
}, `${n} rows in the ledger`);
