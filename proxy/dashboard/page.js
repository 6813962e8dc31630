// The dashboard: draws the states that the proxy tells (docs/dashboard.md). Every figure is one of /stats or /stats-history;
// here they are only spelled and added up to shares. Text goes in as text, never as markup.

const $ = (id) => document.getElementById(id);
const TOKEN = 'headroom-proxy-token';
const SILENCE_MS = 40000; // the proxy tells something every 15 s
const RETRY_MS = 1000, RETRY_MAX_MS = 15000;
const HISTORY_MS = 5000; // the past is asked for again at most so often, and more seldom where it takes long

// ---- elements and numbers

function el(name, properties = {}, ...children) {
	const node = Object.assign(document.createElement(name), properties);
	node.append(...children.filter((c) => c !== null && c !== undefined));
	return node;
}

function svg(name, attributes = {}, ...children) {
	const node = document.createElementNS('http://www.w3.org/2000/svg', name);
	for (const [key, value] of Object.entries(attributes))
		node.setAttribute(key, value);
	node.append(...children);
	return node;
}

const count = (n) => (n ?? 0).toLocaleString('en-US');
const percent = (n) => `${(n ?? 0).toFixed(1)} %`;
const bytes = (n) => (n >= 1 << 20 ? `${(n / (1 << 20)).toFixed(1)} MB` : n >= 1024 ? `${(n / 1024).toFixed(1)} KB` : `${count(n)} B`);
const ms = (n) => (n >= 10000 ? `${(n / 1000).toFixed(1)} s` : `${n.toFixed(n < 10 ? 1 : 0)} ms`);
const clock = (time) => new Date(time).toLocaleTimeString([], { hour12: false });

function usd(n) {
	const digits = Math.abs(n) < 1 ? 4 : 2;
	return `${n < 0 ? '−' : ''}$${Math.abs(n).toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })}`;
}

function duration(seconds) {
	const units = [['d', 86400], ['h', 3600], ['min', 60], ['s', 1]];
	const found = units.findIndex(([, s]) => seconds >= s);
	const at = found < 0 ? units.length - 1 : found;
	return units.slice(at, at + 2).map(([unit, s], i) => `${Math.floor(i ? seconds % units[at][1] / s : seconds / s)} ${unit}`).join(' ');
}

const sign = (n) => (n > 0 ? 'good' : n < 0 ? 'bad' : '');

// ---- tiles: [key, title, value, what more there is to say, class]. They are kept, so that only what changes is drawn anew.

function drawTiles(list, tiles) {
	const old = new Map([...list.children].map((tile) => [tile.dataset.key, tile]));
	tiles.forEach(([key, title, value, more, kind], i) => {
		let tile = old.get(key);
		if (!tile) {
			tile = el('div', {}, el('dt'), el('dd'), el('dd', { className: 'more' }));
			tile.dataset.key = key;
		}
		old.delete(key);
		const parts = [title, value, more ?? ''];
		[...tile.children].forEach((part, k) => {
			if (parts[k] instanceof Node)
				part.replaceChildren(parts[k]);
			else if (part.textContent !== parts[k])
				part.textContent = parts[k];
		});
		tile.children[1].className = kind ?? '';
		tile.children[2].hidden = more === undefined || more === '';
		if (list.children[i] !== tile)
			list.insertBefore(tile, list.children[i] ?? null);
	});
	for (const tile of old.values())
		tile.remove();
}

function drawTable(table, columns, rows) {
	const cell = (column, row, first) => el(first ? 'th' : 'td', { className: column.number ? 'n' : '', ...(first ? { scope: 'row' } : {}) }, column.value(row));
	table.replaceChildren(
		el('thead', {}, el('tr', {}, ...columns.map((c) => el('th', { scope: 'col', className: c.number ? 'n' : '' }, c.title)))),
		el('tbody', {}, ...rows.map((row) => el('tr', {}, ...columns.map((c, i) => cell(c, row, i === 0))))),
	);
}

// Of a limit: bad where it comes near.
function meter(value, max, label) {
	return el('meter', { min: 0, max: Math.max(max, 1e-9), value, low: 0, high: 0.9 * max, optimum: 0, ariaLabel: label });
}

// ---- the sum

function drawSum({ stats }) {
	const { tokens, requests, summary: { cost }, persistent_savings: { lifetime } } = stats;
	const unpriced = cost.requests_without_price ? `without ${count(cost.requests_without_price)} requests of unknown price` : undefined;
	$('since').textContent = `Since ${new Date(stats.since).toLocaleString()} (${duration(stats.uptime_seconds)} up), and in all runs on this store. What a change adds is taken off; so it may be less than nothing.`;
	drawTiles($('tiles'), [
		['tokens', 'Tokens saved', count(tokens.saved), `${percent(tokens.savings_percent)} of ${count(tokens.total_before_compression)} input`, sign(tokens.saved)],
		['money', 'Money saved', usd(cost.total_saved_usd), `${percent(cost.savings_pct)} of the bill`, sign(cost.total_saved_usd)],
		['bill', 'Bill', usd(cost.with_headroom_usd), unpriced],
		['requests', 'Requests', count(requests.total), `${count(requests.changed)} made smaller, ${count(requests.failed)} failed`],
		['all-tokens', 'Tokens saved, all time', count(lifetime.tokens_saved), `${percent(lifetime.savings_percent)} of input, ${count(lifetime.requests)} requests`, sign(lifetime.tokens_saved)],
		['all-money', 'Money saved, all time', usd(lifetime.compression_savings_usd), `bill ${usd(lifetime.total_cost_usd)}`, sign(lifetime.compression_savings_usd)],
		['overhead', 'Added by headroom', ms(stats.overhead.average_ms), `at most ${ms(stats.overhead.max_ms)}`],
		['ttfb', 'First byte of answers', ms(stats.ttfb.average_ms), `whole answer ${ms(stats.latency.average_ms)}`],
	]);
}

// ---- where it comes from

const saving = (name, v) => ({ name, requests: v.requests, before: v.tokens_before, saved: v.tokens_saved, usd: v.compression_savings_usd ?? v.savings_usd });
const entries = (object, map = saving) => Object.entries(object ?? {}).map(([name, v]) => map(name, v));

// Of what results of a tool, or an encoder, saved: in which requests, and of how much, nobody counts.
const part = (name, v) => ({ name, saved: v.tokens_saved });

// An encoder, with what became of its results in all runs: how often the model asked for them again.
const encoder = (returns) => (name, v) => {
	const r = returns[name] ?? {};
	return { ...part(name, v), shown: r.shown, again: r.shown === undefined ? undefined : r.asked_again + r.retrieved, ratio: r.ratio, hurts: r.hurts };
};

const SOURCES = [
	['model', 'Model', (s) => entries(s.stats.cost.per_model, (name, v) => saving(name, { ...v, tokens_before: v.tokens_sent + v.tokens_saved }))],
	['client', 'Client', (s) => entries(s.clients)],
	['project', 'Project', (s) => entries(s.stats.savings.per_project, (name, v) => saving(name, { ...v, tokens_before: v.savings_percent ? Math.round(100 * v.tokens_saved / v.savings_percent) : undefined }))],
	['tool', 'Tool', (s) => entries(s.stats.savings.by_tool, part)],
	['encoder', 'Encoder', (s) => entries(s.stats.savings.by_encoder, encoder(s.stats.trial.returns))],
	['reason', 'What was done', (s) => entries(s.stats.requests.by_reason, (name, n) => ({ name: words(name), requests: n }))],
];
let source = 'model';

const words = (name) => name.replaceAll('_', ' ');

function drawTabs(state) {
	const there = SOURCES.filter(([key, , rows]) => key === 'model' || rows(state).length);
	if (!there.some(([key]) => key === source))
		source = 'model';
	const tabs = $('tabs');
	if ([...tabs.children].map((t) => t.dataset.key).join() !== there.map(([key]) => key).join())
		tabs.replaceChildren(...there.map(([key, label]) => {
			const tab = el('button', { type: 'button', id: `tab-${key}`, role: 'tab' }, label);
			tab.dataset.key = key;
			tab.setAttribute('aria-controls', 'from');
			return tab;
		}));
	for (const tab of tabs.children) {
		tab.ariaSelected = String(tab.dataset.key === source);
		tab.tabIndex = tab.dataset.key === source ? 0 : -1;
	}
	$('from').setAttribute('aria-labelledby', `tab-${source}`);
}

function drawSources(state) {
	drawTabs(state);
	const [, label, of] = SOURCES.find(([key]) => key === source);
	const rows = of(state).sort((a, b) => (b.saved ?? 0) - (a.saved ?? 0) || (b.requests ?? 0) - (a.requests ?? 0));
	const all = [
		{ title: label, value: (r) => r.name },
		{ title: 'Requests', key: 'requests', number: true, value: (r) => count(r.requests) },
		{ title: 'Input tokens', key: 'before', number: true, value: (r) => count(r.before) },
		{ title: 'Saved', key: 'saved', number: true, value: (r) => count(r.saved) },
		{ title: 'Share', key: 'saved', number: true, value: (r) => (r.before > 0 ? percent(100 * r.saved / r.before) : '') },
		{ title: 'Saved, USD', key: 'usd', number: true, value: (r) => usd(r.usd) },
		{ title: 'Shown', key: 'shown', number: true, value: (r) => (r.shown === undefined ? '' : count(r.shown)) },
		{ title: 'Asked again', key: 'again', number: true, value: (r) => (r.again === undefined ? '' : count(r.again)) },
		{ title: 'As others', key: 'ratio', number: true, value: (r) => (r.ratio === undefined ? '' : `${r.ratio.toFixed(1)} ×${r.hurts ? ', hurts' : ''}`) },
	];
	drawTable($('from-table'), all.filter((c) => !c.key || rows.some((r) => r[c.key] !== undefined)), rows);
}

// Named on whichever tab is shown: docs/holdout.md has the rule.
function drawHurts({ stats: { trial: { returns } } }) {
	const hurting = Object.entries(returns).filter(([, r]) => r.hurts);
	$('hurts').hidden = !hurting.length;
	const text = hurting.map(([name, r]) => `${name} hurts: ${count(r.asked_again + r.retrieved)} of ${count(r.shown)} results were asked for again, ${r.ratio.toFixed(1)} times as often as others of the same tools.`).join(' ');
	if ($('hurts').textContent !== text)
		$('hurts').textContent = text;
}

// ---- what was held out

const figure = (n) => (Math.abs(n) >= 1000 ? count(Math.round(n)) : Math.abs(n) >= 10 ? n.toFixed(1) : n.toFixed(4));
const signed = (n) => `${n > 0 ? '+' : n < 0 ? '−' : ''}${figure(Math.abs(n))}`;

function drawTrial({ stats: { trial: { holdout } } }) {
	const { treated, held_out: held, minimum } = holdout;
	$('trial').hidden = !(treated.conversations + held.conversations);
	if ($('trial').hidden)
		return;
	const few = Math.min(treated.conversations, held.conversations) < minimum;
	$('trial-note').textContent = `${count(treated.conversations)} conversations were treated, ${count(held.conversations)} left alone, in all runs. ${few ? `Too few to say what the difference is: ${minimum} are needed of both.` : 'The interval holds the difference 95 times in 100.'}`;
	drawTable($('trial-table'), [
		{ title: 'Figure', value: ([name]) => words(name) },
		{ title: 'Treated', number: true, value: ([, f]) => figure(f.treated) },
		{ title: 'Left alone', number: true, value: ([, f]) => figure(f.held_out) },
		{ title: 'Difference', number: true, value: ([, f]) => (f.difference === null ? '' : signed(f.difference)) },
		{ title: '95 in 100', number: true, value: ([, f]) => (f.low === null ? '' : `${signed(f.low)} to ${signed(f.high)}`) },
	], Object.entries(holdout.figures));
}

function choose(key, focus) {
	source = key;
	if (last)
		drawSources(last);
	if (focus)
		$(`tab-${key}`)?.focus();
}

// The keys of a list of tabs as the ARIA Authoring Practices have them.
function onTabKey(event) {
	const keys = [...$('tabs').children].map((t) => t.dataset.key);
	const at = keys.indexOf(source);
	const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: keys.length - 1 }[event.key];
	if (to === undefined)
		return;
	event.preventDefault();
	choose(keys[(to + keys.length) % keys.length], true);
}

// ---- prompt cache, health

function drawCache({ stats }) {
	const c = stats.prefix_cache;
	const written = c.write_5m_tokens + c.write_1h_tokens;
	const all = c.read_tokens + written + c.uncached_tokens;
	const of = (n) => (all ? `${percent(100 * n / all)} of what providers counted` : '');
	const tiles = [
		['read', 'Read from the cache', count(c.read_tokens), of(c.read_tokens), 'good'],
		['written', 'Written to it', count(written), of(written)],
		['uncached', 'Neither', count(c.uncached_tokens), of(c.uncached_tokens)],
		['hit', 'Hit rate', percent(100 * c.hit_rate), all ? el('meter', { max: all, value: c.read_tokens, ariaLabel: 'share that was read from the cache' }) : ''],
	];
	const { requests, tokens, cost_usd: cost, by } = stats.cache_breaks;
	tiles.push(['breaks', 'Broken', requests ? `${count(requests)} ×` : 'never', requests ? `${count(tokens)} tokens written again, ${usd(cost)}` : '', requests ? 'warn' : 'good']);
	for (const [cause, b] of Object.entries(by))
		tiles.push([`break-${cause}`, `Broken: ${words(cause)}`, count(b.requests), `${count(b.tokens)} tokens, ${usd(b.cost_usd)}`]);
	if (stats.cache)
		tiles.push(['own', 'Answered from our cache', count(stats.cache.total_hits), `${count(stats.cache.entries)} answers kept, ${bytes(stats.cache.bytes)}`]);
	drawTiles($('cache'), tiles);
}

function budgetTile({ budget }) {
	if (!budget)
		return ['budget', 'Budget', 'none', 'set one with --budget'];
	const spent = budget.spent_usd + budget.reserved_usd;
	return ['budget', `Budget, ${budget.period}`, `${usd(budget.spent_usd)} of ${usd(budget.limit_usd)}`, meter(spent, budget.limit_usd, 'spent of the budget'), budget.is_over ? 'bad' : ''];
}

function rateTiles({ rate_limiter: rate, requests }) {
	if (!rate)
		return [['rate', 'Rate limits', 'off']];
	const limit = (n) => (n ? count(n) : 'none');
	return [
		['rpm', 'Requests a minute, for each key', limit(rate.requests_per_minute), `${count(rate.refused_rpm)} refused`, rate.refused_rpm ? 'warn' : ''],
		['tpm', 'Tokens a minute, for each key', limit(rate.tokens_per_minute), `${count(rate.refused_tpm)} refused, ${count(requests.rate_limited)} in all`, rate.refused_tpm ? 'warn' : ''],
	];
}

function drawHealth({ stats, health, limits }) {
	const { upstreams, ...checks } = health.checks;
	const bad = Object.entries({ ...checks, ...upstreams }).filter(([, c]) => c.enabled && !c.ready).map(([name]) => name);
	drawTiles($('health'), [
		['ready', 'Ready', bad.length ? 'no' : 'yes', bad.length ? bad.join(', ') : `providers: ${Object.keys(upstreams).join(', ') || 'none asked yet'}`, bad.length ? 'bad' : 'good'],
		['active', 'Requests under way', `${count(limits.active)} of ${count(limits.concurrency)}`, meter(limits.active, limits.concurrency, 'requests under way')],
		...rateTiles(stats),
		budgetTile(stats),
		['memory', 'Memory', bytes(health.runtime.rss_bytes), `${count(health.runtime.connections)} connections, ${count(health.runtime.workers)} workers`],
		['store', 'Originals kept', count(stats.store.originals), `${bytes(stats.store.original_bytes)}; ${count(stats.compression.ccr_retrievals)} asked for by models`],
		...(stats.store.write_errors ? [['errors', 'Failed writes', count(stats.store.write_errors), 'see the log', 'bad']] : []),
	]);
}

// ---- the shared store, where there is one

function sharedState(s) {
	if (!s.is_up)
		return ['away', s.last_error ?? 'not reached yet', 'bad'];
	return s.is_quick ? ['there', s.is_behind ? 'not everything is told yet' : '', s.is_behind ? 'warn' : 'good'] : ['slow', s.last_error ?? 'nothing is asked of it until it answers in time', 'warn'];
}

function drawShared({ stats: { shared: s } }) {
	$('shared').hidden = !s;
	if (!s)
		return;
	const asked = s.found + s.missed + s.unknown;
	const failed = s.errors + s.timeouts + s.not_sent;
	const { answers, sum_us: sum } = s.latency;
	const [state, more, kind] = sharedState(s);
	$('shared-note').textContent = `${s.url}, namespace ${s.namespace}. Without it limits are ${s.fail === 'closed' ? 'refused (closed)' : 'those of this proxy (open)'}.`;
	drawTiles($('shared-tiles'), [
		['state', 'Redis', state, more, kind],
		['told', 'Told', count(s.put + s.put_later + s.put_again), `${count(s.put)} at once, ${count(s.put_later)} later, ${count(s.put_again)} again`],
		['asked', 'Asked for', count(asked), `${count(s.found)} found, ${count(s.missed)} not there, ${count(s.unknown)} without an answer`, s.unknown ? 'warn' : ''],
		['yielded', 'Decided elsewhere first', count(s.yielded)],
		['failed', 'Failed', count(failed), `${count(s.errors)} errors, ${count(s.timeouts)} too late, ${count(s.not_sent)} not sent`, failed ? 'warn' : 'good'],
		['waiting', 'Waiting', count(s.in_flight), `${bytes(s.queued_bytes)} to be sent; connected ${count(s.connections)} ×, lost ${count(s.connections_lost)} ×, emptied ${count(s.emptied)} ×`],
		['latency', 'Answers after', answers ? ms(sum / answers / 1000) : '—', `${count(answers)} answers`],
		['events', 'Retrievals told', count(s.events_said), `${count(s.events_heard)} heard, ${count(s.events_lost)} lost`],
		['unknown', 'Limits nobody could tell', count(s.limits_unknown), '', s.limits_unknown ? 'bad' : ''],
	]);
}

// ---- recent requests

function recentRow(r, canShow) {
	const done = r.transforms_applied.length ? r.transforms_applied.join(' ') : words(r.reason);
	const broken = r.cache_break ? el('span', { className: 'warn', title: `at ${r.cache_break_at}` }, ` cache broken: ${words(r.cache_break)}`) : null;
	const row = el('tr', {},
		el('td', {}, el('time', { dateTime: r.timestamp, title: r.timestamp }, clock(r.timestamp))),
		el('th', { scope: 'row' }, r.model || '—'), el('td', {}, r.client || '—'), el('td', {}, done, broken ?? ''),
		el('td', { className: 'n' }, count(r.input_tokens_original)), el('td', { className: `n ${sign(r.tokens_saved)}` }, count(r.tokens_saved)),
		el('td', { className: 'n' }, percent(r.savings_percent)), el('td', { className: 'n' }, ms(r.latency_ms)),
		el('td', { className: `n ${r.status >= 400 || !r.status ? 'bad' : ''}` }, r.status ? String(r.status) : 'gone'), el('td'));
	row.dataset.id = r.request_id;
	if (canShow && r.transforms_applied.length) {
		const show = el('button', { type: 'button' }, 'Show', el('span', { className: 'hidden' }, ` what was changed in the request of ${clock(r.timestamp)}`));
		show.addEventListener('click', () => showChanges(r));
		row.lastChild.append(show);
	}
	return row;
}

// Rows stay the same elements, so that whoever is in one with the keyboard stays there.
function drawRecent({ stats }) {
	const rows = stats.recent_requests;
	const body = $('recent-table').tBodies[0];
	$('recent').hidden = !rows;
	if (!rows)
		return;
	$('recent-note').textContent = !rows.length ? 'None yet.' : stats.log_full_messages ? 'What was changed can be seen, as the log has the messages.' : 'With --log-file FILE and --log-messages, what was changed in each can be seen here.';
	const old = new Map([...body.rows].map((row) => [row.dataset.id, row]));
	rows.forEach((r, i) => {
		const row = old.get(r.request_id) ?? recentRow(r, stats.log_full_messages);
		old.delete(r.request_id);
		if (body.rows[i] !== row)
			body.insertBefore(row, body.rows[i] ?? null);
	});
	for (const row of old.values())
		row.remove();
}

// ---- before and after

// Lines of one text that the other does not have are marked.
function side(title, text, other, cut) {
	const have = new Set((other ?? '').split('\n'));
	const pre = el('pre', { tabIndex: 0, ariaLabel: title });
	for (const line of (text ?? '').split('\n'))
		pre.append(have.has(line) || other === null ? line : el('mark', {}, line), '\n');
	return el('div', {}, el('p', { className: 'note' }, title, cut ? ' (cut)' : ''), pre);
}

function change(c) {
	const title = `${c.tool || c.role} ${c.kind}`;
	if (c.before === null)
		return el('article', { className: 'change' }, el('h3', {}, `${title}, added`), side(`sent, ${bytes(c.after_bytes)}`, c.after, null, c.is_cut));
	return el('article', { className: 'change' },
		el('h3', {}, `${title}: ${bytes(c.before_bytes)} → ${bytes(c.after_bytes)}`), el('p', { className: 'note' }, c.path),
		el('div', { className: 'sides' }, side(`before, ${bytes(c.before_bytes)}`, c.before, c.after, c.is_cut), side(`after, ${bytes(c.after_bytes)}`, c.after, c.before, c.is_cut)));
}

async function showChanges(r) {
	$('changes-title').textContent = `${r.model || 'Request'}, ${clock(r.timestamp)}: ${count(r.input_tokens_original)} → ${count(r.input_tokens_optimized)} tokens`;
	$('changes-note').textContent = 'reading the log';
	$('changes-list').replaceChildren();
	$('changes').showModal();
	try {
		const got = await ask(`v1/dashboard/requests/${r.request_id}`).then((answer) => answer.json());
		const more = got.changes_left_out ? ` (${count(got.changes_left_out)} older ones are not shown)` : '';
		$('changes-note').textContent = got.note ?? `${count(got.changes_total)} changes in the conversation, the newest first${more}. Marked: lines that only one side has.`;
		$('changes-list').replaceChildren(...got.changes.map(change));
	} catch (e) {
		$('changes-note').textContent = e.message;
	}
}

// ---- over time

const DAY_MS = 86400000;
const SPANS = {
	hourly: { n: 48, name: 'hour', next: (t, by) => t + by * 3600000, label: (t) => `${t.slice(5, 10)} ${t.slice(11, 13)}:00` },
	daily: { n: 30, name: 'day', next: (t, by) => t + by * DAY_MS, label: (t) => t.slice(0, 10) },
	weekly: { n: 26, name: 'week', next: (t, by) => t + 7 * by * DAY_MS, label: (t) => `week of ${t.slice(0, 10)}` },
	monthly: { n: 24, name: 'month', next: (t, by) => Date.UTC(new Date(t).getUTCFullYear(), new Date(t).getUTCMonth() + by), label: (t) => t.slice(0, 7) },
};
const UNITS = {
	tokens: { name: 'tokens saved', value: (p) => p.tokens_saved, text: count },
	money: { name: 'USD saved', value: (p) => p.compression_savings_usd_delta, text: usd },
};
const chosen = (name) => document.querySelector(`input[name=${name}]:checked`).value;
let points = null, historyTimer = 0, historyNext = 0, historySum = '';

function began(span, at) {
	const d = new Date(at);
	const day = Math.floor(at / DAY_MS);
	return { hourly: at - at % 3600000, daily: day * DAY_MS, weekly: (day - (day + 3) % 7) * DAY_MS, monthly: Date.UTC(d.getUTCFullYear(), d.getUTCMonth()) }[span];
}

// One for each unit of time up to now, those without requests, too.
function filled(span, series, now) {
	const at = new Map(series.map((p) => [Date.parse(p.timestamp), p]));
	const to = began(span, now);
	return Array.from({ length: SPANS[span].n }, (_, i) => {
		const t = SPANS[span].next(to, i + 1 - SPANS[span].n);
		return at.get(t) ?? { timestamp: new Date(t).toISOString(), requests: 0, tokens_saved: 0, compression_savings_usd_delta: 0, total_cost_usd_delta: 0 };
	});
}

function drawChart() {
	if (!points)
		return;
	const span = chosen('span'), unit = UNITS[chosen('unit')], { label, name } = SPANS[span];
	const bars = filled(span, points, Date.now());
	const values = bars.map(unit.value);
	const top = Math.max(0, ...values), bottom = Math.min(0, ...values), range = top - bottom || 1;
	const W = 1000, H = 200, step = W / bars.length;
	const y = (v) => 8 + (H - 16) * (top - v) / range;
	const sum = values.reduce((a, b) => a + b, 0);
	const caption = `${unit.text(sum)} ${chosen('unit') === 'tokens' ? 'tokens' : ''} saved in ${bars.length} ${name}s; best ${name}: ${unit.text(top)}`;
	const chart = svg('svg', { viewBox: `0 0 ${W} ${H}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': caption },
		...bars.map((p, i) => svg('rect', {
			class: values[i] < 0 ? 'bar loss' : 'bar', x: i * step + step * 0.1, width: step * 0.8,
			y: y(Math.max(0, values[i])), height: Math.max(values[i] ? 1 : 0, Math.abs(y(0) - y(values[i]))),
		}, svg('title', {}, `${label(p.timestamp)}: ${unit.text(values[i])}`))),
		svg('line', { class: 'axis', x1: 0, x2: W, y1: y(0), y2: y(0), 'vector-effect': 'non-scaling-stroke' }));
	$('chart').replaceChildren(chart);
	$('chart-caption').textContent = `${label(bars[0].timestamp)} to ${label(bars.at(-1).timestamp)}: ${caption}`;
	drawTable($('chart-table'), [
		{ title: name, value: (p) => label(p.timestamp) },
		{ title: 'Requests', number: true, value: (p) => count(p.requests) },
		{ title: 'Tokens saved', number: true, value: (p) => count(p.tokens_saved) },
		{ title: 'Saved, USD', number: true, value: (p) => usd(p.compression_savings_usd_delta) },
		{ title: 'Bill, USD', number: true, value: (p) => usd(p.total_cost_usd_delta) },
	], bars.filter((p) => p.requests).reverse());
}

async function readHistory() {
	clearTimeout(historyTimer);
	const span = chosen('span'), begin = Date.now();
	try {
		const got = await ask(`stats-history?series=${span}&limit=${SPANS[span].n}`).then((r) => r.json());
		if (span !== chosen('span'))
			return;
		points = got.series[span];
		drawChart();
	} catch {
		// the states stop then, too, and say why
	}
	historyNext = Date.now() + Math.max(HISTORY_MS, 20 * (Date.now() - begin));
}

function historyDue({ stats }) {
	const sum = JSON.stringify(stats.persistent_savings.lifetime);
	if (sum === historySum)
		return;
	historySum = sum;
	clearTimeout(historyTimer);
	historyTimer = setTimeout(readHistory, Math.max(0, historyNext - Date.now()));
}

// ---- states

let last = null;

function draw(state) {
	last = state;
	$('main').hidden = false;
	$('version').textContent = state.health.version ?? '';
	for (const part of [drawSum, drawSources, drawHurts, drawTrial, drawCache, drawHealth, drawShared, drawRecent, historyDue])
		part(state);
	say(state.health.ready ? 'good' : 'bad', state.health.ready ? `live, mode ${state.stats.summary.mode}` : 'live; the proxy is not ready');
	document.title = `${count(state.stats.tokens.saved)} tokens saved – headroom`;
}

function say(kind, text) {
	$('dot').className = `dot ${kind}`;
	if ($('status').textContent !== text)
		$('status').textContent = text;
}

// ---- asking

const headers = () => (sessionStorage.getItem(TOKEN) ? { 'x-headroom-proxy-token': sessionStorage.getItem(TOKEN) } : {});

async function ask(path, options = {}) {
	const answer = await fetch(path, { headers: headers(), cache: 'no-store', credentials: 'omit', ...options });
	if (answer.ok)
		return answer;
	const text = await answer.json().then((j) => j.detail, () => answer.statusText);
	throw Object.assign(new Error(text), { status: answer.status });
}

// Resolves when a token was given.
function signIn(wrong) {
	const form = $('sign-in');
	$('main').hidden = true;
	form.hidden = false;
	$('sign-in-error').textContent = wrong ? 'It is another one.' : '';
	say('', 'not signed in');
	$('token').focus();
	return new Promise((done) => {
		form.onsubmit = (event) => {
			event.preventDefault();
			sessionStorage.setItem(TOKEN, $('token').value);
			$('token').value = '';
			form.hidden = true;
			done();
		};
	});
}

// The data of each event (HTML, "Server-sent events"); those of this proxy are one line.
async function* events(stream) {
	const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
	let text = '';
	for (;;) {
		const { done, value } = await reader.read();
		if (done)
			return;
		text += value;
		for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2))
			yield text.slice(0, end).split('\n').filter((l) => l.startsWith('data: ')).map((l) => l.slice(6)).join('\n');
	}
}

let stop = new AbortController();

async function listenOnce() {
	let timer = 0;
	stop = new AbortController();
	const { signal } = stop;
	const alive = () => {
		clearTimeout(timer);
		timer = setTimeout(() => stop.abort(new Error('the proxy is silent')), SILENCE_MS);
	};
	try {
		alive();
		const { body } = await ask('v1/dashboard/events', { signal });
		$('sign-out').hidden = !sessionStorage.getItem(TOKEN);
		for await (const data of events(body)) {
			alive();
			draw(JSON.parse(data));
		}
	} finally {
		clearTimeout(timer);
	}
}

const shown = () => (document.hidden ? new Promise((done) => document.addEventListener('visibilitychange', done, { once: true })) : null);

async function listen() {
	for (let wait = RETRY_MS; ; wait = Math.min(2 * wait, RETRY_MAX_MS)) {
		let why = 'the proxy has ended';
		await shown();
		last = null;
		try {
			await listenOnce();
		} catch (e) {
			if (e.status === 401) {
				const wrong = sessionStorage.getItem(TOKEN) !== null;
				sessionStorage.removeItem(TOKEN);
				await signIn(wrong);
				wait = RETRY_MS / 2;
				continue;
			}
			why = e.message;
		}
		if (last)
			wait = RETRY_MS;
		if (document.hidden) // its own doing, below
			continue;
		say('bad', `not connected: ${why}; trying again`);
		await new Promise((done) => setTimeout(done, wait));
	}
}

// A page that nobody looks at costs nothing.
document.addEventListener('visibilitychange', () => {
	if (document.hidden)
		stop.abort();
});
$('sign-out').addEventListener('click', () => {
	sessionStorage.removeItem(TOKEN);
	location.reload();
});
$('tabs').addEventListener('click', (event) => event.target.dataset.key && choose(event.target.dataset.key));
$('tabs').addEventListener('keydown', onTabKey);
$('unit').addEventListener('change', drawChart);
$('span').addEventListener('change', readHistory);
$('changes-close').addEventListener('click', () => $('changes').close());
listen();
