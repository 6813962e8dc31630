// workloads_hard: shapes with little to win, in which a compressor that drops rows or pieces of text drops what nobody can guess.
import { dump } from './jsontext.mjs';
import { SERVICES, instant, needleId, sentence } from './workloads_words.mjs';

const range = (n, make) => Array.from({ length: n }, (_, i) => make(i));
const titled = (s) => s[0].toUpperCase() + s.slice(1);

export function tickets(random, n) {
	const list = range(n, (i) => ({
		ticket_id: `TCK-${needleId(random)}`, customer: `${titled(random.word())} ${titled(random.word())}`, severity: i % 17 === 5 ? 'critical' : random.pick(['low', 'medium']),
		issue: `${titled(sentence(random, 45))}.`, assignee: `agent${random.below(9)}`, created_at: instant(random, i * 700), response_count: random.below(9), last_response: `${sentence(random, 10)}.`,
		tags: [random.word(), random.word()],
	}));
	const critical = list.filter((t) => t.severity === 'critical');
	return {
		text: dump({ tool: 'list_tickets', result: { queue: 'support', total_tickets: n, tickets: list } }), needles: critical.map((t) => t.ticket_id), query: 'Which tickets are critical?',
	};
}

export function traces(random, n) {
	const errors = range(n, (i) => ({
		error_id: `ERR-${needleId(random)}`, error_type: `${titled(random.word())}${titled(random.word())}Error`, message: `${sentence(random, 8)} (${needleId(random)})`, stack: range(16, () => `at ${random.word()}.${random.word()} (${random.word()}.py:${random.below(900)})`).join('\n'),
		language: random.pick(['python', 'go', 'java']), occurrence_count: 1 + random.below(300), environment: random.pick(['production', 'staging']),
		context: { service: random.pick(SERVICES), line: random.below(900), file: `${random.word()}/${random.word()}.py` }, first_seen: instant(random, i * 100),
	}));
	return { text: dump({ tool: 'get_errors', result: { time_range: '24h', total_unique_errors: n, errors } }), needles: errors.flatMap((e) => [e.error_id, e.message]), query: 'Which errors are there?' };
}

export function patients(random, n) {
	const list = range(n, (i) => ({
		patient_id: `P-${needleId(random)}`, name: `${titled(random.word())} ${titled(random.word())}`, age: 20 + random.below(70), sex: random.pick(['f', 'm']),
		chief_complaint: sentence(random, 4), conditions: [random.word(), random.word()], medications: [`${random.word()} ${5 * (1 + random.below(40))} mg`],
		allergies: i === Math.floor(n * 0.6) ? [`penicillin (${needleId(random)})`] : [], notes: `${sentence(random, 100)}.`,
	}));
	const allergic = list.find((p) => p.allergies.length);
	return {
		text: dump({ tool: 'search_patients', result: { query: 'ward 3', total_patients: n, patients: list } }), needles: [allergic.allergies[0]], query: 'Who is allergic to penicillin?',
	};
}

export function documents(random, n) {
	const list = range(n, (i) => ({
		doc_id: `DOC-${needleId(random)}`, type: 'email', date: instant(random, i * 4000), from: `${random.word()}@example.com`, to: [`${random.word()}@example.com`], cc: [],
		subject: titled(sentence(random, 5)), body: `${titled(sentence(random, 28))}.`, attachments: [], reviewed: false, flags: i === Math.floor(n * 0.4) ? ['privileged'] : [],
	}));
	const wanted = list[Math.floor(n * 0.4)];
	return {
		text: dump({ tool: 'discovery_search', result: { case: '2026-CV-118', total_documents: n, documents: list } }), needles: [wanted.doc_id], query: 'Which documents are privileged?',
	};
}

// The next ones are whole texts in one member, which nothing in their JSON tells apart.

export function paper(random, n) {
	const needle = `we observe an effect of ${needleId(random)} percent`;
	const paragraphs = range(n, (i) => `${i === Math.floor(n * 0.7) ? `In contrast to earlier work, ${needle}. ` : ''}${titled(sentence(random, 36))}.`);
	return { text: dump({ tool: 'fetch_paper', result: paragraphs.join('\n\n') }), needles: [needle], query: 'Which effect is reported?' };
}

export function codeDiff(random, n) {
	const needles = [];
	const files = range(n, (i) => {
		const path = `src/${random.word()}_${i}.js`;
		const added = `  return ${needleId(random)}(${random.word()});`;
		needles.push(added.trim());
		const context = range(6, () => ` const ${random.word()}${random.below(99)} = ${random.word()}.${random.word()}();`);
		return [`diff --git a/${path} b/${path}`, `--- a/${path}`, `+++ b/${path}`, `@@ -${10 + i},7 +${10 + i},7 @@`, ...context.slice(0, 3), `-  return ${random.word()}(${random.word()});`, `+${added}`, ...context.slice(3)].join('\n');
	});
	return { text: dump({ tool: 'git_diff', result: `${files.join('\n')}\n` }), needles, query: 'Review this change.' };
}

export function encrypted(random, n) {
	const id = needleId(random);
	return {
		text: dump({ tool: 'read_blob', result: { blob_id: id, encryption: 'AES-256-GCM', content: Buffer.from(random.hex(n), 'hex').toString('base64'), size_bytes: n / 2 } }),
		needles: [id], query: 'What is in this blob?',
	};
}

export function tiny(random, n) {
	const items = range(n, (i) => ({ id: i + 1, name: random.word(), note: needleId(random), value: random.below(100) }));
	return { text: dump({ tool: 'list_items', result: { count: n, items } }), needles: items.map((x) => x.note), query: 'List the items.' };
}

export function conversation(random, n) {
	const needle = `the launch is on ${1 + random.below(28)} May with code ${needleId(random)}`;
	const turns = range(n, (i) => `${i % 2 ? 'Ben' : 'Ada'}: ${i === Math.floor(n * 0.55) ? `Agreed, ${needle}.` : `${titled(sentence(random, 16))}.`}`);
	return { text: dump({ tool: 'get_history', result: turns.join('\n') }), needles: [needle], query: 'When is the launch?' };
}

export function documentation(random, n) {
	const needle = `set ${needleId(random).toUpperCase()}_TIMEOUT to 0`;
	const parts = range(n, (i) => {
		const heading = i % 7 === 0 ? `## ${titled(sentence(random, 3))}\n\n` : '';
		return `${heading}${titled(sentence(random, 50))}.${i === Math.floor(n * 0.6) ? ` To wait for ever, ${needle}.` : ''}`;
	});
	return { text: `# Manual\n\n${parts.join('\n\n')}\n`, needles: [needle], query: 'How does one wait for ever?', kind: 'text', tool: 'WebFetch' };
}
