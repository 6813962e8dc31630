// yaml: values as kubectl prints them with -o yaml (sigs.k8s.io/yaml): keys sorted, sequences not indented, strings in quotes
// where they would be taken for something else, "|" blocks.
import { Num } from './jsontext.mjs';

const OTHER = /^(?:|[-+.\d][\d._eE+:-]*|0x.*|true|false|null|yes|no|on|off|y|n|~|\d{4}-\d\d-\d\d.*)$/i;
const SIGNS = /^[\s,[\]{}#&*!|>'"%@`]|^[-?:](?:\s|$)|: |:$| #|\s$/;

function scalar(value, indent) {
	if (value instanceof Num)
		return value.raw;
	if (typeof value !== 'string')
		return String(value);
	if (value.includes('\n') && !/^\s|[^\P{C}\n]/u.test(value)) {
		const body = value.replace(/\n$/, '');
		return `${value.endsWith('\n') ? '|' : '|-'}\n${body.split('\n').map((l) => (l ? ' '.repeat(indent) + l : l)).join('\n')}`;
	}
	if (/[\n\t\\]/.test(value))
		return JSON.stringify(value);
	if (OTHER.test(value))
		return `"${value}"`;
	return SIGNS.test(value) ? `'${value.replaceAll("'", "''")}'` : value;
}

const isEmpty = (v) => (Array.isArray(v) ? v.length : v.size ?? Object.keys(v).length) === 0;
const isContainer = (v) => v !== null && typeof v === 'object' && !(v instanceof Num);
const entries = (v) => (v instanceof Map ? [...v] : Object.entries(v)).sort(([a], [b]) => (a < b ? -1 : 1));

// Lines of a container that begins in that column; the first one without its blanks.
function block(value, col) {
	const pad = ' '.repeat(col);
	if (Array.isArray(value))
		return value.map((v) => `- ${isContainer(v) ? (isEmpty(v) ? (Array.isArray(v) ? '[]' : '{}') : block(v, col + 2)) : scalar(v, col + 2)}`).join(`\n${pad}`);
	return entries(value).map(([key, v]) => {
		if (!isContainer(v))
			return `${key}: ${scalar(v, col + 2)}`;
		if (isEmpty(v))
			return `${key}: ${Array.isArray(v) ? '[]' : '{}'}`;
		const inner = Array.isArray(v) ? col : col + 2;
		return `${key}:\n${' '.repeat(inner)}${block(v, inner)}`;
	}).join(`\n${pad}`);
}

export const toYaml = (value) => `${block(value, 0)}\n`;
