// cases: one output of a tool each, and what in it a reader needs, out of the recorded data below HEADROOM_CORPORA (not part of
// the repository). A case: {id, topic, kind, tool, query, text, truth}; truth holds the facts that facts.mjs looks for.
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { basename, join, relative } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { toGitlog } from './gitlog.mjs';
import { toCurl } from './http.mjs';
import { Num, leaves, parse, tryParse } from './jsontext.mjs';
import { headingsOf } from './prose_facts.mjs';
import { toMysql, toPsql } from './records.mjs';
import { toYaml } from './yaml.mjs';

// What an agent's tools return in one piece at most, and below which nobody looks for savings.
const SMALLEST = 1500;
const LARGEST = 200000;

const lines = (text) => text.split('\n').filter((l) => l.trim());
const unique = (list) => [...new Set(list)];
const read = (path) => readFileSync(path, 'utf8');
const matches = (text, re, group = 0) => [...text.matchAll(re)].map((m) => m[group]);
const sha1 = (text) => createHash('sha1').update(text).digest('hex');

// All files below dir, in the order of their paths.
function files(dir, accepts = () => true) {
	if (!existsSync(dir))
		return [];
	return readdirSync(dir, { recursive: true }).map((name) => join(dir, name)).filter((p) => accepts(p) && statSync(p).isFile()).sort();
}

// Rows of a CSV file as objects.
function csv(text) {
	const rows = [[]];
	for (const m of text.matchAll(/("(?:[^"]|"")*"|[^,\r\n]*)(,|\r?\n|$)/g)) {
		rows.at(-1).push(m[1].startsWith('"') ? m[1].slice(1, -1).replaceAll('""', '"') : m[1]);
		if (m[2] !== ',')
			rows.push([]);
		if (m.index + m[0].length === text.length)
			break;
	}
	const names = rows.shift();
	return rows.filter((r) => r.length === names.length).map((r) => Object.fromEntries(names.map((n, i) => [n, r[i]])));
}

// ---- logs ---------------------------------------------------------------------------------------

const LOUD = new Set(['ERROR', 'FATAL', 'SEVERE', 'CRITICAL', 'WARN', 'WARNING', 'FAILURE', 'E', 'W']);
const WINDOW = 500;

// 500 lines each, with the templates and levels that people gave them.
function* loghub(root) {
	const dir = join(root, 'logs/loghub');
	for (const name of existsSync(dir) ? readdirSync(dir).sort() : []) {
		const [log, table] = [join(dir, name, `${name}_2k.log`), join(dir, name, `${name}_2k.log_structured.csv`)];
		if (!existsSync(log) || !existsSync(table))
			continue;
		const all = read(log).split('\n');
		const rows = csv(read(table));
		if (lines(all.join('\n')).length < rows.length - 5)
			continue;
		for (let w = 0; w + WINDOW <= rows.length; w += WINDOW) {
			const part = all.slice(w, w + WINDOW);
			const templates = new Map();
			part.forEach((l, i) => templates.set(rows[w + i].EventId, [...(templates.get(rows[w + i].EventId) ?? []), l]));
			yield {
				id: `loghub/${name}/${w}`, topic: 'logs/loghub', kind: 'log', tool: 'Bash', query: 'Find errors and anomalies in this log.', text: part.join('\n'),
				truth: {
					templates: [...templates.values()],
					rare: [...templates.values()].filter((t) => t.length <= 2),
					errors: unique(part.filter((_, i) => LOUD.has((rows[w + i].Level ?? '').toUpperCase()))),
				},
			};
		}
	}
}

// What an agent would look at: 3,000 lines around the first error that Mozilla's own parser marks.
function* treeherder(root) {
	for (const path of files(join(root, 'logs/treeherder_truth'), (p) => p.endsWith('.logview.json'))) {
		const log = join(root, 'logs/treeherder_ci/tests/sample_data/logs', basename(path).replace('.logview.json', '.log'));
		if (!existsSync(log))
			continue;
		const all = read(log).split('\n');
		const marked = unique(JSON.parse(read(path)).errors.map((e) => e.line.trim()));
		const first = all.findIndex((l) => marked.some((e) => l.trim().endsWith(e.slice(-200)) || l.includes(e.slice(0, 200))));
		if (first < 0)
			continue;
		const part = all.slice(Math.max(0, first - 2000), first + 1000);
		const errors = marked.filter((e) => part.some((l) => l.includes(e.slice(0, 200))));
		yield { id: `ci/${basename(log)}`, topic: 'logs/ci', kind: 'cilog', tool: 'Bash', query: 'Why did this CI job fail?', text: part.join('\n'), truth: { errors } };
	}
}

const TEST_ERROR = /^(?:FAILED|ERROR|E {2}[ ]*\S|error(?:\[E\d+\])?:|panicked|test .* FAILED|thread .* panicked)|^.*=+ .*(?:failed|passed|error).* in .*=+/;

function* testOutput(root) {
	const found = [
		...files(join(root, 'logs/pytest_moatless'), (p) => /output[^/]*\.txt$/.test(basename(p))),
		...files(join(root, 'logs/cargo_cass'), (p) => p.endsWith('.log')),
	];
	for (const path of found) {
		const text = read(path).slice(0, LARGEST);
		if (text.length < 2000)
			continue;
		const errors = unique(text.split('\n').filter((l) => TEST_ERROR.test(l)).map((l) => l.trim()).filter(Boolean)).slice(0, 60);
		yield { id: `test/${basename(path)}`, topic: 'logs/test_output', kind: 'cilog', tool: 'Bash', query: 'Which tests failed and why?', text, truth: { errors } };
	}
}

// ---- JSON ---------------------------------------------------------------------------------------

const IDENTIFIER = /(?:^|_|\b)(?:id|uid|uuid|arn|name|sha|key|url|number|hostname|ip|email|login|title)$|(?:Id|Arn|Name|Identifier)$/i;
// Not the "oom" of "Joomla" and "bedroom".
const TROUBLE = /error|fail|crash|denied|backoff|(?<![a-z])oom|unhealthy|timeout|exception/i;
const JSON_FOLDERS = [
	['k8s_troubleshoot', 'json/k8s'], ['aws_placebo', 'json/aws'], ['aws_placebo_big', 'json/aws'], ['github_webhooks', 'json/github'],
	['simdjson_examples', 'json/misc'], ['treeherder_api', 'json/ci_api'], ['cass_search_json', 'json/search'], ['azure_cassettes', 'json/azure'],
];
const PER_FOLDER = 60;
const RECORDS_PER_FOLDER = 10;
const ROWS_MIN = 5;
const LOG_ROWS = 100;

function jsonTruth(value) {
	const [keys, ids, values, long] = [new Set(), new Set(), new Set(), new Set()];
	for (const [path, v] of leaves(value)) {
		path.split(/[.[\]]+/).filter(Boolean).forEach((k) => keys.add(k));
		if (typeof v === 'string' && [...v].length >= 3 && v.length <= 120) {
			values.add(v);
			if (IDENTIFIER.test(path.slice(path.lastIndexOf('.') + 1)))
				ids.add(v);
		} else if (typeof v === 'string' && v.length > 120) {
			long.add(v);
		} else if (v instanceof Num && Math.abs(Number(v.raw)) > 999) {
			values.add(v.raw);
		}
	}
	const [idList, valueList] = [[...ids], [...values].sort()];
	return {
		keys: [...keys].sort(), ids: idList.slice(0, 400), values: valueList.slice(0, 800), long: [...long].slice(0, 200),
		errors: valueList.filter((v) => TROUBLE.test(v)).slice(0, 50),
		needle: idList.length >= 8 ? [idList[Math.floor(idList.length / 2)]] : [],
	};
}

function* json(root) {
	for (const [folder, topic] of JSON_FOLDERS) {
		let n = 0;
		for (const path of files(join(root, 'json_api', folder), (p) => p.endsWith('.json'))) {
			const { size } = statSync(path);
			const text = size >= 3000 && size <= 250000 ? read(path) : '';
			const value = tryParse(text);
			if (value === undefined || n === PER_FOLDER)
				continue;
			n++;
			const truth = jsonTruth(value);
			const query = truth.needle.length ? `Give me the details of ${truth.needle[0]}` : 'Summarize this API response.';
			yield { id: `json/${relative(root, path)}`, topic, kind: 'json', tool: 'mcp_api', query, text, truth };
		}
	}
}

// Recorded replies of Kubernetes, spelled as kubectl does.
function* yaml(root) {
	for (const path of files(join(root, 'json_api/k8s_troubleshoot'), (p) => p.endsWith('.json'))) {
		const value = tryParse(read(path));
		const text = value === undefined || value === null || typeof value !== 'object' ? '' : toYaml(value);
		if (text.length >= SMALLEST && text.length <= LARGEST) {
			const truth = jsonTruth(value);
			const query = truth.needle.length ? `Give me the details of ${truth.needle[0]}` : 'What is wrong here?';
			yield { id: `yaml/${relative(root, path)}`, topic: 'yaml/k8s', kind: 'yaml', tool: 'Bash', query, text, truth };
		}
	}
}

// Rows of the replies of services, as a table of a database shows them.
function rowsOf(value) {
	const found = [];
	const visit = (v) => {
		const inner = v instanceof Map ? [...v.values()] : Array.isArray(v) ? v : [];
		if (Array.isArray(v) && v.length >= ROWS_MIN && v.every((row) => row instanceof Map && row.size > 1))
			found.push(v);
		inner.forEach(visit);
	};
	visit(value);
	return found.sort((a, b) => b.length - a.length)[0];
}

function recordsCase(id, topic, rows, text) {
	const truth = jsonTruth(rows);
	const query = truth.needle.length ? `Give me the details of ${truth.needle[0]}` : 'What is in this table?';
	return { id, topic, kind: 'yaml', tool: 'Bash', query, text, truth };
}

function* records(root) {
	for (const [folder] of JSON_FOLDERS) {
		let n = 0;
		for (const path of files(join(root, 'json_api', folder), (p) => p.endsWith('.json'))) {
			const rows = rowsOf(tryParse(read(path)));
			const text = rows ? toPsql(rows) : '';
			if (text.length < SMALLEST || text.length > LARGEST || n === RECORDS_PER_FOLDER)
				continue;
			n++;
			yield recordsCase(`psql/${relative(root, path)}`, 'records/psql', rows, text);
		}
	}
	for (const path of files(join(root, 'logs/loghub'), (p) => p.endsWith('_2k.log_structured.csv'))) {
		const rows = csv(read(path)).slice(0, LOG_ROWS).map((row) => new Map(Object.entries(row)));
		if (rows.length)
			yield recordsCase(`mysql/${basename(path)}`, 'records/mysql', rows, toMysql(rows));
	}
}

// What a reader of an exchange looks for, beside the body: what was asked, what came of it, and headers that say more of it.
const SAYS = /^(?:content-(?:type|length|location)|location|azure-asyncoperation|retry-after|www-authenticate|cache-control|.*(?:request-ids?|correlation.*|ratelimit.*|quota|activity-id))$/i;

function* exchanges(root) {
	for (const path of files(join(root, 'json_api/azure_cassettes'), (p) => p.endsWith('.json'))) {
		const { text, starts, headers, bodies } = toCurl(parse(read(path)).get('interactions'));
		if (text.length < SMALLEST || text.length > LARGEST)
			continue;
		const named = headers.filter((h) => SAYS.test(h.slice(0, h.indexOf(':'))));
		const truth = { ...jsonTruth(bodies.map((body) => tryParse(body) ?? body)), starts, headers: named, names: unique(headers.map((h) => h.slice(0, h.indexOf(':')))) };
		yield { id: `curl/${basename(path)}`, topic: 'http/azure', kind: 'http', tool: 'Bash', query: 'What did the server answer?', text, truth };
	}
}

// ---- text tools ---------------------------------------------------------------------------------

function* diffs(root) {
	const found = [
		...files(join(root, 'text_tools/diffs_git'), (p) => p.endsWith('.diff')),
		...files(join(root, 'text_tools/patches_bugsinpy'), (p) => basename(p) === 'bug_patch.txt'),
	];
	for (const path of found) {
		const text = read(path);
		if (text.length < 3000 || text.length > 250000 || !/^diff --git /m.test(text))
			continue;
		const changed = text.split('\n').filter((l) => /^[+-](?![+-]{2})\s*\S/.test(l)).map((l) => l.slice(1));
		yield { id: `diff/${relative(root, path)}`, topic: 'diffs', kind: 'diff', tool: 'Bash', query: 'Review this change.', text, truth: { changed, files: matches(text, /^\+\+\+ b\/(\S+)/gm, 1) } };
	}
}

// ---- git log ------------------------------------------------------------------------------------

const GIT_FORMS = [['git log', {}], ['git log --stat', { stat: true }], ['git log --numstat', { numstat: true }], ['git log --oneline', { oneline: true }], ['git log --oneline --stat', { oneline: true, stat: true }]];
const AUTHORS = ['Ada Example <ada@example.org>', 'Ben Sample <ben.sample@example.com>', 'Chris Test <chris@users.noreply.example.net>'];
const COMMITS = 40;

// The files of a patch, with the lines that each gains and loses.
function filesOf(patch) {
	return patch.split(/^diff --git /m).slice(1).map((part) => ({
		name: /^a\/(\S+)/.exec(part)[1], added: matches(part, /^\+(?!\+\+ )/gm).length, removed: matches(part, /^-(?!-- )/gm).length,
	})).filter((f) => f.added + f.removed);
}

// Each recorded patch is a commit whose id is made of it; what commits say and when is from a recorded changelog.
function* histories(root) {
	const log = join(root, 'text_tools/markdown_docs/CHANGELOG.md');
	const said = existsSync(log) ? matches(read(log), /^\* (.+?)(?: \(\[.*)?$/gm, 1).map((l) => l.replace(/\*\*|\[(#\d+)\]\(\S+\)/g, '$1')) : [];
	const dir = join(root, 'text_tools/patches_bugsinpy');
	const commits = files(dir, (p) => basename(p) === 'bug_patch.txt').map((path) => ({ path, id: sha1(read(path)), files: filesOf(read(path)) })).filter((c) => c.files.length);
	for (let at = 0; said.length && at + COMMITS <= commits.length; at += COMMITS) {
		const list = commits.slice(at, at + COMMITS).map((c, i) => ({
			...c, author: AUTHORS[parseInt(c.id[0], 16) % AUTHORS.length], date: 1771000000 - (at + i) * 7919 - parseInt(c.id.slice(0, 4), 16),
			subject: said[(at + i) % said.length].slice(0, 72), body: i % 3 ? [] : ['', said[(at + i * 7) % said.length]],
		}));
		for (const [command, of] of GIT_FORMS) {
			const truth = {
				keys: of.oneline ? [] : ['commit', 'Author', 'Date'], ids: list.map((c) => (of.oneline ? c.id.slice(0, 8) : c.id)),
				values: unique([...list.map((c) => c.subject), ...(of.oneline ? [] : list.map((c) => c.author)), ...(of.stat || of.numstat ? list.flatMap((c) => c.files.map((f) => basename(f.name))) : [])]),
				long: [], errors: [], needle: [list[COMMITS / 2].id.slice(0, 8)],
			};
			yield { id: `gitlog/${at}/${command}`, topic: 'git_log', kind: 'yaml', tool: 'Bash', query: `What did ${truth.needle[0]} change?`, text: toGitlog(list, of), truth };
		}
	}
}

const commandOf = (path) => read(path.replace(/\.txt$/, '.cmd')).trim();

function* searches(root) {
	for (const path of files(join(root, 'text_tools/grep_rg'), (p) => p.endsWith('.txt') && !p.includes('json'))) {
		const text = read(path);
		if (text.length < SMALLEST)
			continue;
		const all = lines(text);
		const named = all.map((l) => /^([^\s:]+)[:-]\d+[:-]/.exec(l)?.[1]).filter(Boolean);
		const found = all.map((l) => l.replace(/^[^\s:]+[:-]\d+[:-](?:\d+:)?/, '') || l);
		yield { id: `search/${basename(path)}`, topic: 'search', kind: 'search', tool: 'Grep', query: commandOf(path), text, truth: { lines: found, files: unique(named) } };
	}
}

function* listings(root) {
	for (const path of files(join(root, 'text_tools/listings'), (p) => p.endsWith('.txt'))) {
		const text = read(path);
		if (text.length >= SMALLEST)
			yield { id: `listing/${basename(path)}`, topic: 'listing', kind: 'lines', tool: 'Bash', query: commandOf(path), text, truth: { lines: lines(text) } };
	}
}

function* pages(root) {
	const dir = join(root, 'text_tools/html_scrapinghub');
	const truth = join(dir, 'ground-truth.filtered.json');
	for (const [key, { articleBody }] of existsSync(truth) ? Object.entries(JSON.parse(read(truth))).sort() : []) {
		const path = join(dir, 'html', `${key}.html.gz`);
		if (existsSync(path))
			yield { id: `html/${key.slice(0, 16)}`, topic: 'html', kind: 'html', tool: 'WebFetch', query: 'Summarize the article.', text: gunzipSync(readFileSync(path)).toString(), truth: { article: articleBody } };
	}
}

function* markdown(root) {
	let n = 0;
	const found = files(join(root, 'text_tools/markdown_docs'), (p) => p.endsWith('.md')).map((p) => [sha1(relative(root, p)), p]).sort();
	for (const [, path] of found) {
		const text = read(path);
		if (text.length < 4000 || text.length > 60000 || n === 40)
			continue;
		n++;
		const truth = { headings: headingsOf(text), urls: unique(matches(text, /https?:\/\/[^\s)>\]"']+/g)), codespans: unique(matches(text, /`([^`\n]{3,60})`/g, 1)) };
		const one = { kind: 'text', query: 'What does this document say?', text, truth };
		yield { ...one, id: `md/${relative(root, path)}`, topic: 'prose/markdown', tool: 'Read' };
		yield { ...one, id: `web/${relative(root, path)}`, topic: 'prose/web', tool: 'WebFetch' };
	}
}

const SIGNATURES = {
	py: /^\s*(?:async\s+)?(?:def|class)\s+\w+/gm,
	go: /^(?:func|type)\s+[^\n{]+/gm,
	rs: /^\s*(?:pub(?:\([^)]*\))?\s+)?(?:fn|struct|enum|trait|impl)\s+\w+/gm,
	ts: /^\s*(?:export\s+)?(?:async\s+)?(?:function|class|interface|type)\s+\w+/gm,
	js: /^\s*(?:export\s+)?(?:async\s+)?(?:function|class)\s+\w+/gm,
	c: /^[a-z_][\w\s*]+\s\*?(?:\w+)\([^;]*\)\s*\{/gm,
	java: /^\s*(?:public|private|protected)[\w\s<>[\],]+\([^)]*\)/gm,
};

function* code(root) {
	const counts = {};
	for (const [, path] of files(join(root, 'code')).map((p) => [sha1(relative(root, p)), p]).sort()) {
		const ending = path.split('.').at(-1).replace('tsx', 'ts');
		const { size } = statSync(path);
		if (!SIGNATURES[ending] || size < 6000 || size > 80000 || counts[ending] === 16)
			continue;
		counts[ending] = (counts[ending] ?? 0) + 1;
		const text = read(path);
		yield { id: `code/${relative(root, path)}`, topic: `code/${ending}`, kind: 'code', tool: 'Read', query: 'Explain this file.', text, truth: { signatures: matches(text, SIGNATURES[ending]).map((s) => s.trim()) } };
	}
}

// ---- results in recorded sessions of agents -----------------------------------------------------

function textOf(content) {
	if (typeof content === 'string')
		return content;
	return (content ?? []).map((part) => part?.text ?? '').join('\n');
}

function parsed(line) {
	try {
		return JSON.parse(line);
	} catch {
		return undefined; // recordings hold broken lines, some of them on purpose
	}
}

// Of Claude Code and pi: JSON Lines.
function resultsOfLines(text) {
	return text.split('\n').flatMap((line) => {
		const message = parsed(line)?.message;
		const blocks = Array.isArray(message?.content) ? message.content : [];
		if (message?.role === 'toolResult')
			return [blocks.filter((b) => b?.type === 'text').map((b) => b.text).join('\n')];
		return blocks.filter((b) => b?.type === 'tool_result').map((b) => textOf(b.content));
	});
}

function* sessions(root) {
	const dir = join(root, 'agent_transcripts');
	const found = [
		...files(dir, (p) => /\/(?:claude_code[^/]*|pi_sessions)\/.*\.jsonl$/.test(p)).map((p) => [p, resultsOfLines(read(p))]),
		...files(join(dir, 'swe_agent_traj'), (p) => p.endsWith('.traj')).map((p) => [p, (parsed(read(p))?.trajectory ?? []).map((s) => s.observation ?? '')]),
		...files(join(dir, 'adp_sft_chat'), (p) => p.endsWith('.json')).map((p) => [
			p, parsed(read(p)).flatMap((r) => r.conversations ?? []).filter((m) => !['function_call', 'gpt', 'system'].includes(m.from)).map((m) => m.value ?? ''),
		]),
	];
	for (const [path, texts] of found)
		for (const [i, text] of texts.entries())
			if (text.length >= SMALLEST && text.length <= LARGEST)
				yield { id: `agent/${relative(root, path)}#${i}`, topic: 'agent_tool_results', kind: 'lines', tool: 'Bash', query: 'Continue the task.', text, truth: { lines: lines(text) } };
}

export function* cases(root) {
	for (const source of [sessions, code, diffs, histories, pages, json, yaml, records, exchanges, listings, treeherder, loghub, testOutput, markdown, searches])
		yield* source(root);
}
