// gitlog: commits as git log shows them. A commit: {id, author, date, subject, body, files: [{name, added, removed}]}; dates are seconds.
const WIDTH = 80;
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function dateOf(seconds) {
	const d = new Date(seconds * 1000);
	return `${DAYS[d.getUTCDay()]} ${MONTHS[d.getUTCMonth()]} ${d.getUTCDate()} ${d.toISOString().slice(11, 19)} ${d.getUTCFullYear()} +0000`;
}

// How many signs stand for n changes where the most have room.
const scaled = (n, room, most) => (n ? 1 + Math.floor((n * (room - 1)) / most) : 0);

function bar({ added, removed }, room, most) {
	if (most <= room)
		return '+'.repeat(added) + '-'.repeat(removed);
	const all = scaled(added + removed, room, most);
	const less = Math.min(scaled(Math.min(added, removed), room, most), all);
	return added < removed ? '+'.repeat(less) + '-'.repeat(all - less) : '+'.repeat(all - less) + '-'.repeat(less);
}

const counted = (n, what) => `${n} ${what}${n === 1 ? '' : 's'}`;

function stat(list) {
	const most = Math.max(...list.map((f) => f.added + f.removed));
	const [names, digits] = [Math.max(...list.map((f) => f.name.length)), String(most).length];
	const room = Math.max(6, WIDTH - names - digits - 5);
	const sum = (key) => list.reduce((n, f) => n + f[key], 0);
	const parts = [`${counted(list.length, 'file')} changed`];
	if (sum('added'))
		parts.push(`${counted(sum('added'), 'insertion')}(+)`);
	if (sum('removed'))
		parts.push(`${counted(sum('removed'), 'deletion')}(-)`);
	return [...list.map((f) => ` ${f.name.padEnd(names)} | ${String(f.added + f.removed).padStart(digits)} ${bar(f, room, most)}`), ` ${parts.join(', ')}`];
}

// git log, with what of: stat, numstat, oneline.
export function toGitlog(commits, of) {
	const out = [];
	for (const c of commits) {
		if (of.oneline)
			out.push(`${c.id.slice(0, 8)} ${c.subject}`);
		else
			out.push(...(out.length ? [''] : []), `commit ${c.id}`, `Author: ${c.author}`, `Date:   ${dateOf(c.date)}`, '', ...[c.subject, ...c.body].map((l) => (l ? `    ${l}` : '')));
		if (!of.oneline && (of.stat || of.numstat))
			out.push('');
		if (of.stat)
			out.push(...stat(c.files));
		if (of.numstat)
			out.push(...c.files.map((f) => `${f.added}\t${f.removed}\t${f.name}`));
	}
	return `${out.join('\n')}\n`;
}
