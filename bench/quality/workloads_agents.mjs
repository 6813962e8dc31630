// workloads_agents: results of the tools of three agents: one looks into an incident, one explores a code base, one sorts issues.
import { dump } from './jsontext.mjs';
import { SERVICES, instant, needleId, sentence } from './workloads_words.mjs';

const range = (n, make) => Array.from({ length: n }, (_, i) => make(i));
const result = (tool, query, value) => dump({ tool, query, result: value });

export function logSearch(random, n) {
	const needles = [];
	const at = [Math.floor(n * 0.2), Math.floor(n * 0.63)];
	const entries = range(n, (i) => {
		const isError = at.includes(i);
		if (isError)
			needles.push(`connection pool exhausted on db-${needleId(random)}`);
		return {
			timestamp: instant(random, i), level: isError ? 'ERROR' : random.pick(['INFO', 'INFO', 'DEBUG']), service: random.pick(SERVICES),
			message: isError ? needles.at(-1) : `${random.pick(['served', 'queued', 'retried'])} ${sentence(random, 3)}`, trace_id: random.hex(16),
			metadata: { region: random.pick(['eu-west-1', 'us-east-1']), duration_ms: random.below(800), pod: `pod-${random.below(30)}` },
		};
	});
	return { text: result('search_logs', 'level:* last 1h', { total_hits: n * 14, returned: n, entries }), needles, query: 'Why did the service fail?' };
}

export function userQuery(random, n) {
	const wanted = Math.floor(n * 0.66);
	const rows = range(n, (i) => ({
		user_id: 4000 + i, email: `${random.word()}${i}@example.org`, country: random.pick(['DE', 'FR', 'US', 'JP']), status: 'active', subscription_tier: random.pick(['free', 'pro']),
		created_at: instant(random, i), last_login: instant(random, i + 5000), login_count: random.below(900),
	}));
	rows[wanted].status = 'locked';
	rows[wanted].email = `${needleId(random)}@example.org`;
	const columns = [...Object.keys(rows[0]), 'total'];
	return { text: result('query_database', 'SELECT * FROM users', { columns, row_count: n, rows }), needles: [rows[wanted].email], query: 'Which users cannot log in?' };
}

export function fileMatches(random, n) {
	const wanted = Math.floor(n * 0.48);
	const needle = `raise PoolExhausted("${needleId(random)}")`;
	const matches = range(n, (i) => ({
		path: `services/${random.pick(SERVICES)}/${random.word()}_${i}.py`, type: 'file', size: 400 + random.below(9000), modified: instant(random, i), score: Number((0.99 - i / (n * 2)).toFixed(3)),
		matches: [{ line: 1 + random.below(400), text: i === wanted ? needle : `pool = get_${random.word()}_pool()` }],
	}));
	return { text: result('search_files', 'PoolExhausted', { total_matches: n, files_searched: n * 31, matches }), needles: [needle], query: 'Where is PoolExhausted raised?' };
}

export function directoryTree(random, n) {
	const needle = `${needleId(random)}_migration.sql`;
	const file = (dir, name, i) => ({ name, path: `${dir}/${name}`, type: 'file', size: 300 + random.below(9000), modified: instant(random, i) });
	const children = range(n, (i) => {
		if (i % 5 !== 4)
			return file('/app', `${random.word()}_${i}.ts`, i);
		const dir = `/app/${random.word()}_${i}`;
		const inner = range(95, (k) => file(dir, `${random.word()}_${k}.ts`, k));
		if (i === 9)
			inner[33] = file(dir, needle, 33);
		return { name: dir.slice(5), path: dir, type: 'directory', children: inner };
	});
	return { text: dump({ tool: 'list_directory', path: '/app', result: { name: 'app', type: 'directory', path: '/app', children } }), needles: [needle], query: `Where is ${needle}?` };
}

export function codeSearch(random, n) {
	const wanted = Math.floor(n * 0.7);
	const needle = `export function ${needleId(random)}(`;
	const items = range(n, (i) => {
		const path = `packages/${random.word()}/src/${random.word()}_${i}.ts`;
		return {
			path, repository: 'example/monorepo', score: Number((50 - i / 3).toFixed(2)), sha: random.hex(40), url: `https://github.com/example/monorepo/blob/main/${path}`,
			text_matches: [{ fragment: i === wanted ? `${needle}input) {` : `const ${random.word()} = ${random.word()}(${random.word()}, ${random.below(100)});\n${sentence(random, 40)}` }],
		};
	});
	return { text: result('github_code_search', 'language:ts', { total_count: n, incomplete_results: false, items }), needles: [needle], query: `Where is ${needle.slice(16, -1)} defined?` };
}

export function issues(random, n) {
	const wanted = Math.floor(n * 0.33);
	const needle = `Segmentation fault in ${needleId(random)} when the file is empty`;
	const items = range(n, (i) => ({
		number: 9000 - i, title: i === wanted ? needle : `${random.pick(['Add', 'Support', 'Document'])} ${sentence(random, 4)}`, state: random.pick(['open', 'open', 'closed']),
		labels: i === wanted ? ['bug', 'critical'] : [random.pick(['enhancement', 'question', 'docs'])], user: `dev${random.below(50)}`, comments: random.below(12),
		created_at: instant(random, i), updated_at: instant(random, i + 900), body: `${sentence(random, 70)}.`,
	}));
	return { text: dump({ tool: 'list_issues', repository: 'example/monorepo', result: { total_count: n, items } }), needles: [needle], query: 'Which bugs are critical?' };
}
