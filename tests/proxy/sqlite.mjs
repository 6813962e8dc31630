// Looks into the store of a proxy with the sqlite3 program.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

export const storeOf = (home) => join(home, '.headroom', 'store.db');

// Rows as objects. home: of the proxy, whose store is at the usual place.
export function sql(home, query) {
	const text = execFileSync('sqlite3', ['-json', '-cmd', '.timeout 10000', storeOf(home), query], { encoding: 'utf8', maxBuffer: 1 << 30 });
	return text.trim() ? JSON.parse(text) : [];
}

export const one = (home, query) => sql(home, query)[0];
