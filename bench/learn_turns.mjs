// Recorded conversations below HEADROOM_CORPORA/turns as request lines that `headroom learn --from DIR` reads: a file for each
// repository that they were recorded for, which is the project; of each conversation the longest request between compactions.
//
//	HEADROOM_CORPORA=... node bench/learn_turns.mjs DIR
import fs from "node:fs";
import path from "node:path";

const from = path.join(process.env.HEADROOM_CORPORA ?? "", "turns");
const to = process.argv[2];
if (!to || !fs.existsSync(from)) {
	console.error("usage: HEADROOM_CORPORA=... node bench/learn_turns.mjs DIR");
	process.exit(2);
}

// The directory that most absolute paths of the calls of a group are in.
function directory(texts) {
	const paths = texts.flatMap((text) => [...text.matchAll(/(?:file_path|path|workdir)\\*":\s*\\*"(\/[^"\\]+)/g)].map((m) => m[1]));
	const count = new Map();
	for (const p of paths) {
		const parts = p.split("/");
		for (let k = 3; k < parts.length; k++) {
			const dir = parts.slice(0, k).join("/");
			count.set(dir, (count.get(dir) ?? 0) + 1);
		}
	}
	let best = "";
	for (const [dir, n] of count) if (n >= paths.length * 0.95 && dir.length > best.length) best = dir;
	return best;
}

const groups = new Map();
for (const name of fs.readdirSync(from).filter((f) => f.endsWith(".json")).sort()) {
	const group = name.split("--")[0];
	if (!groups.has(group)) groups.set(group, []);
	// Worktrees of one repository are one project.
	const text = fs.readFileSync(path.join(from, name), "utf8").replaceAll(/\/spotter-worktrees\/spotter-\w+/g, "/spotter-worktrees/spotter");
	groups.get(group).push([name, text]);
}
fs.mkdirSync(to, { recursive: true });
for (const [group, files] of groups) {
	const project = directory(files.map(([, text]) => text)) || `/${group}`;
	const lines = [];
	for (const [name, text] of files) {
		const d = JSON.parse(text);
		const last = new Map(d.turns.map((turn) => [turn.start, turn]));
		const key = d.messages.some((m) => m.type === "function_call") ? "input" : "messages";
		for (const turn of last.values())
			lines.push(JSON.stringify({ session: d.id ?? name, project, ts: turn.ts,
				request: { ...d.head, [key]: d.messages.slice(turn.start, turn.end + 2) } }));
	}
	fs.writeFileSync(path.join(to, `${group}.jsonl`), `${lines.join("\n")}\n`);
}
