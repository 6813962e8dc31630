// workloads: texts of the shapes that the reference publishes figures for, made anew from a seed, each with its needles: what a
// reader must still see. published: the reference's own figures {before, lossless, lossy} in tokens, of its data of that shape.
// A needle is an error, an outlier, what only few have, what the query asks for, or, in the texts that are changes and lists of errors
// as a whole, each of them.
import { dump } from './jsontext.mjs';
import { Random } from './random.mjs';
import * as agents from './workloads_agents.mjs';
import * as hard from './workloads_hard.mjs';
import { SERVICES, instant, needleId, sentence } from './workloads_words.mjs';

const text = (value) => dump(value);
const spread = (n, shares) => shares.map((share) => Math.min(n - 1, Math.floor(n * share)));
const range = (n, make) => Array.from({ length: n }, (_, i) => make(i));

function searchResults(random, n) {
	const needles = [];
	const [first, second, broken] = spread(n, [0.37, 0.71, 0.52]);
	const items = range(n, (i) => {
		const item = {
			id: `doc_${i}`, title: `Result ${i}: ${sentence(random, 5)}`, snippet: `${sentence(random, 14)}.`, score: Number((1 - i / (n + 10)).toFixed(4)),
			source: random.pick(['wiki', 'docs', 'tickets', 'mail']), metadata: { created: instant(random, i), author: `user${random.below(40)}`, views: random.below(5000) },
		};
		if (i === first || i === second) {
			const uuid = random.uuid();
			needles.push(uuid);
			return { ...item, is_needle: true, uuid };
		}
		if (i === broken) {
			const error = `IndexShardError: shard ${needleId(random)} is not available`;
			needles.push(error);
			return { ...item, error };
		}
		return item;
	});
	return { items, needles };
}

function search(random, n) {
	const { items, needles } = searchResults(random, n);
	return { text: text(items), needles, query: 'Which results are marked, and which failed?' };
}

function api(random, n) {
	const [wanted, bad] = spread(n, [0.42, 0.83]);
	const needles = [];
	const items = range(n, (i) => {
		const email = `${random.word()}.${random.word()}${i}@example.com`;
		const item = {
			id: String(10000 + i), type: 'account', attributes: { email, plan: random.pick(['free', 'team', 'business']), seats: 1 + random.below(50), active: true },
			links: { self: `https://api.example.com/v2/accounts/${10000 + i}` }, meta: { version: 3, updated_at: instant(random, i) },
			...(random.chance(0.3) && { relationships: { owner: { id: String(500 + random.below(100)), type: 'user' } } }),
		};
		if (i === wanted)
			needles.push(email);
		if (i === bad) {
			item.attributes.suspension = `payment failed: card ${needleId(random)} declined`;
			needles.push(item.attributes.suspension);
		}
		return item;
	});
	return { text: text(items), needles, query: `What is the plan of ${needles[0]}, and which accounts are suspended?` };
}

function rows(random, n) {
	const at = spread(n, [0.21, 0.5, 0.77]);
	const needles = [];
	const items = range(n, (i) => {
		const item = {
			id: i + 1, timestamp: instant(random, i), host: `web-${String(random.below(12)).padStart(2, '0')}`, region: random.pick(['eu-west-1', 'us-east-1']),
			metric_name: random.pick(['latency_ms', 'queue_depth']), value: Number((40 + random.below(2000) / 100).toFixed(2)),
		};
		if (!at.includes(i))
			return item;
		item.value = 90000 + random.below(9000) + 0.25;
		needles.push(String(item.value));
		return { ...item, is_anomaly: true };
	});
	return { text: text(items), needles, query: 'Are there anomalies?' };
}

function strings(random, n) {
	const odd = Math.floor(n * 0.6);
	const needle = `ERROR: connection to 10.4.${random.below(250)}.${random.below(250)} refused (${needleId(random)})`;
	const items = range(n, (i) => (i === odd ? needle : `log entry ${i}: request handled by ${random.pick(SERVICES)}`));
	return { text: text(items), needles: [needle], query: 'Is anything wrong here?' };
}

function numbers(random, n) {
	const odd = Math.floor(n * 0.44);
	const peak = 70000 + random.below(9000) + 0.125;
	return { text: text(range(n, (i) => (i === odd ? peak : 100 + random.below(1000) / 37))), needles: [String(peak)], query: 'Where is the peak?' };
}

function mixed(random, n) {
	const odd = Math.floor(n / 3);
	const id = needleId(random);
	const items = range(n, (i) => {
		if (i % 5 < 2)
			return { id: i, status: 'ok' };
		return i % 5 < 4 ? `note ${i}: ${random.word()}` : Number((random.below(100000) / 997).toFixed(3));
	});
	items[odd] = { id, status: 'failed' };
	return { text: text(items), needles: [id], query: 'What failed?' };
}

function flat(random, n) {
	const wanted = Math.floor(n * 0.57);
	const value = needleId(random);
	const entries = range(n, (i) => [`config_${i}`, i === wanted ? `secret-rotation-${value}` : `${sentence(random, 52)} (${random.pick(['on', 'off'])})`]);
	return { text: text(Object.fromEntries(entries)), needles: [value], query: `What is config_${wanted}?` };
}

const LEVELS = ['INFO', 'INFO', 'INFO', 'DEBUG', 'INFO', 'WARN'];

function logEntries(random, n) {
	const at = spread(n, [0.03, 0.19, 0.4, 0.55, 0.78, 0.97]);
	const needles = [];
	const items = range(n, (i) => {
		const service = random.pick(SERVICES);
		const item = {
			timestamp: instant(random, i), level: random.pick(LEVELS), service, logger: `com.example.${service}.Handler`,
			message: `${random.pick(['handled request', 'cache hit for', 'published event', 'refreshed token of'])} ${random.below(100000)} in ${random.below(900)} ms`,
			hostname: `ip-10-0-${random.below(4)}-${random.below(250)}`, trace_id: random.hex(16),
		};
		if (!at.includes(i))
			return item;
		const exception = `${random.pick(['TimeoutException', 'NullPointerException', 'IOException'])}: ${sentence(random, 4)} ${needleId(random)}`;
		needles.push(exception);
		return { ...item, level: 'ERROR', message: 'request failed', exception };
	});
	return { items, needles };
}

function logs(random, n) {
	const { items, needles } = logEntries(random, n);
	return { text: text(items), needles, query: 'Find the errors.' };
}

function threeErrors(random, n) {
	const at = spread(n, [0.006, 0.5, 0.99]);
	const needles = [];
	const items = range(n, (i) => {
		const item = { timestamp: instant(random, i), level: 'INFO', service: random.pick(SERVICES), message: `Processed request ${i}`, request_id: `req_${random.hex(8)}` };
		if (!at.includes(i))
			return item;
		const error_code = `E-${needleId(random)}`;
		needles.push(error_code);
		return { ...item, level: 'ERROR', message: `Database connection failed after ${1000 + i} ms`, error_code, trace_id: random.hex(16) };
	});
	return { text: text(items), needles, query: 'What went wrong?' };
}

function fileSearch(random, n) {
	const at = spread(n, [0.05, 0.25, 0.5, 0.75, 0.999]);
	const needles = [];
	const items = range(n, (i) => {
		const item = { path: `src/${random.pick(SERVICES)}/module_${i}.py`, type: 'file', size: 500 + random.below(20000), modified: instant(random, i), language: 'python' };
		if (!at.includes(i))
			return item;
		const description = `holds ${sentence(random, 4)} ${needleId(random)}`;
		needles.push(description);
		return { ...item, description };
	});
	return { text: text(items), needles, query: 'Which files have a description?' };
}

function metrics(random, n) {
	const at = spread(n, [0.1, 0.4, 0.9]);
	const needles = [];
	const items = range(n, (i) => {
		const item = { timestamp: instant(random, i), cpu_percent: 40 + random.below(100) / 10, memory_percent: 60 + random.below(50) / 10, requests_per_min: 1000 + random.below(80), status: 'healthy' };
		if (!at.includes(i))
			return item;
		const event = `${random.pick(['deploy', 'failover', 'oom kill'])} ${needleId(random)}`;
		needles.push(event);
		return { ...item, cpu_percent: 97.5 + random.below(20) / 10, status: 'critical', event };
	});
	return { text: text(items), needles, query: 'When was the service not healthy?' };
}

function nested(random, n) {
	const found = searchResults(random, n);
	const log = logEntries(random, Math.ceil(n / 4));
	return {
		text: text({ search_results: found.items, logs: log.items, counts: range(Math.ceil(n / 4), () => random.below(500)) }),
		needles: [...found.needles, ...log.needles], query: 'Sum up what was found and what failed.',
	};
}

const P = (before, lossless, lossy) => ({ before, lossless, lossy });

// name, maker, size, size of the small one, published
const TABLE = [
	['search results, 100', search, 100, 60, P(9107, 5616, 1636)],
	['search results, 500', search, 500, 0, P(45180, 27650, 1179)],
	['search results, 1,000', search, 1000, 0, P(90320, 55223, 1201)],
	['search results, 5,000', search, 5000, 0, P(455065, 279456, 1190)],
	['API responses, 500', api, 500, 120, P(48346, 36428, 7895)],
	['database rows, 1,000', rows, 1000, 150, P(57276, 33283, 725)],
	['strings, 100', strings, 100, 100, P(1220, 175, 175)],
	['strings, 500', strings, 500, 0, P(6020, 175, 175)],
	['strings, 1,000', strings, 1000, 0, P(12020, 186, 186)],
	['numbers, 200', numbers, 200, 200, P(1790, 129, 129)],
	['numbers, 1,000', numbers, 1000, 0, P(8987, 201, 201)],
	['mixed array, 250', mixed, 250, 100, P(2451, 971, 291)],
	['flat object, 100', flat, 100, 60, P(6700, 976, 976)],
	['nested object, 3 arrays', nested, 200, 60, P(21649, 11406, 1477)],
	['structured logs, 100', logs, 100, 100, P(8280, 5559, 2628)],
	['structured logs, 500', logs, 500, 0, P(39414, 25901, 4291)],
	['structured logs, 1,000', logs, 1000, 0, P(78102, 51089, 13213)],
	['structured logs, 5,000', logs, 5000, 0, P(388062, 253043, 59279)],
	['logs with 3 errors, 500', threeErrors, 500, 150, P(26496, 16986, 10360)],
	['file search with 5 specials, 1,000', fileSearch, 1000, 150, P(40880, 21007, 4280)],
	['metrics with 3 anomalies, 500', metrics, 500, 150, P(25298, 13807, 655)],
	['SRE incident: log search', agents.logSearch, 300, 120, P(24533, 14509, 5741)],
	['SRE incident: database query', agents.userQuery, 200, 100, P(17900, 8678, 4706)],
	['SRE incident: file search', agents.fileMatches, 150, 80, P(13515, 1120, 1120)],
	['codebase: directory tree', agents.directoryTree, 25, 12, P(27864, 22876, 22876)],
	['codebase: file search', agents.fileMatches, 200, 0, P(18214, 1136, 1136)],
	['codebase: code search', agents.codeSearch, 100, 40, P(17166, 13558, 14758)],
	['triage: issues', agents.issues, 100, 40, P(16644, 12564, 14657)],
	['triage: code search', agents.codeSearch, 80, 0, P(13187, 10308, 11259)],
	['triage: log search', agents.logSearch, 200, 0, P(16336, 9661, 5467)],
	['all different: support tickets', hard.tickets, 50, 30, P(7397, 4387, 1966)],
	['all different: error traces', hard.traces, 30, 20, P(6492, 3297, 5818)],
	['all different: medical records', hard.patients, 25, 15, P(4703, 3376, 3886)],
	['all different: legal documents', hard.documents, 40, 20, P(5119, 4063, 4400)],
	['adversarial: research paper', hard.paper, 65, 12, P(2572, 28, 28)],
	['adversarial: code diff', hard.codeDiff, 130, 10, P(15961, 29, 29)],
	['adversarial: encrypted data', hard.encrypted, 41000, 3000, P(18696, 58, 58)],
	['adversarial: tiny', hard.tiny, 5, 5, P(236, 192, 192)],
	['adversarial: conversation', hard.conversation, 100, 12, P(1881, 30, 30)],
	['documentation, 1,000 tokens', hard.documentation, 14, 14, P(716, 716, 716)],
	['documentation, 5,000 tokens', hard.documentation, 70, 0, P(3443, 1000, 1000)],
	['documentation, 20,000 tokens', hard.documentation, 280, 0, P(13931, 1097, 1097)],
];

// As cases of measure.mjs. isSmall: those that have a small size, in it.
export function workloads({ isSmall = false } = {}) {
	return TABLE.filter((row) => !isSmall || row[3]).map(([name, make, size, small, published], i) => {
		const made = make(new Random(1000 + i), isSmall ? small : size);
		return { id: name, topic: name, kind: made.kind ?? 'json', tool: made.tool ?? 'mcp_api', query: made.query, text: made.text, truth: { needles: made.needles }, published };
	});
}
