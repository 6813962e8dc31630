// Which path speaks which format. A row is [method, path, what]: what.format for calls of a model,
// what.plain(ex) for fixed JSON answers. The first row that matches wins; no row: the request is echoed.
import { anthropic } from './formats/anthropic.mjs';
import { gemini } from './formats/gemini.mjs';
import { chat, completions } from './formats/openai.mjs';
import { responses } from './formats/responses.mjs';

const byBody = (ex) => ex.json?.stream === true;
const bySse = (ex) => (ex.query.get('alt') === 'sse' ? true : 'array');

const model = (ex) => ex.json?.model ?? ex.path.match(/\/models\/([^/:]+)/)?.[1] ?? 'scripted-1';

const batch = (id, status) => ({
	id, type: 'message_batch', processing_status: status,
	request_counts: { processing: 0, succeeded: status === 'ended' ? 1 : 0, errored: 0, canceled: 0, expired: 0 },
	created_at: '2026-01-01T00:00:00Z', expires_at: '2026-01-02T00:00:00Z', ended_at: null, archived_at: null,
	cancel_initiated_at: null, results_url: null,
});

// The same figure for the same text: clients decide by it where they cut.
const countTokens = (ex) => Math.ceil(ex.body.length / 4);

function models(ex) {
	if (ex.query.has('client_version') || ex.path.startsWith('/backend-api/'))
		return { models: [] };
	if (ex.header('anthropic-version') || ex.header('x-api-key'))
		return {
			data: [{ type: 'model', id: 'claude-scripted-1', display_name: 'Scripted', created_at: '2026-01-01T00:00:00Z' }],
			has_more: false, first_id: 'claude-scripted-1', last_id: 'claude-scripted-1',
		};
	return { object: 'list', data: [{ id: 'gpt-scripted-1', object: 'model', created: 1764300000, owned_by: 'scripted' }] };
}

const embeddings = (ex) => ({
	object: 'list',
	data: [ex.json?.input ?? ''].flat().map((_, index) => ({ object: 'embedding', index, embedding: [0.0023064255, -0.009327292, 1e-7] })),
	model: model(ex), usage: { prompt_tokens: 8, total_tokens: 8 },
});

const ROUTES = [
	['POST', /^\/v1\/messages$/, { format: anthropic, stream: byBody }],
	['POST', /^\/v1\/messages\/count_tokens$/, { plain: (ex) => ({ input_tokens: countTokens(ex) }) }],
	['POST', /^\/v1\/messages\/batches$/, { plain: () => batch('msgbatch_01', 'in_progress') }],
	['POST', /^\/v1\/messages\/batches\/[^/]+\/cancel$/, { plain: () => batch('msgbatch_01', 'canceling') }],
	['GET', /^\/v1\/messages\/batches$/, { plain: () => ({ data: [batch('msgbatch_01', 'ended')], has_more: false }) }],
	['GET', /^\/v1\/messages\/batches\/[^/]+$/, { plain: () => batch('msgbatch_01', 'ended') }],
	['POST', /^\/v1\/chat\/completions$/, { format: chat, stream: byBody }],
	['POST', /^\/v1\/completions$/, { format: completions, stream: byBody }],
	['POST', /^\/(v1|backend-api\/codex)\/responses$/, { format: responses, stream: byBody }],
	['POST', /^\/v1\/embeddings$/, { plain: embeddings }],
	['GET', /^\/(v1|backend-api\/codex)\/models$/, { plain: models }],
	['POST', /^\/v1(beta1?)?\/.*models\/[^/:]+:streamGenerateContent$/, { format: gemini, stream: bySse }],
	['POST', /^\/v1(beta1?)?\/.*models\/[^/:]+:generateContent$/, { format: gemini, stream: () => false }],
	['POST', /^\/v1(beta1?)?\/.*models\/[^/:]+:countTokens$/, { plain: (ex) => ({ totalTokens: countTokens(ex) }) }],
	['POST', /^\/v1internal:streamGenerateContent$/, { format: gemini, stream: bySse, wrapped: true }],
	['POST', /^\/v1internal:generateContent$/, { format: gemini, stream: () => false, wrapped: true }],
	['POST', /^\/v1internal:loadCodeAssist$/, {
		plain: () => ({
			currentTier: { id: 'free-tier', name: 'Scripted', description: '', isDefault: true },
			allowedTiers: [], cloudaicompanionProject: 'scripted-project',
		}),
	}],
];

export function routeOf(method, path) {
	const row = ROUTES.find(([m, re]) => m === method && re.test(path));
	return row ? { ...row[2], model } : null;
}

// The format whose errors a path speaks, for faults on paths without a row of their own.
export function formatOf(path) {
	if (path.startsWith('/v1/messages'))
		return anthropic;
	return /^\/(v1beta|v1internal)|\/models\/[^/]+:/.test(path) ? gemini : chat;
}

export const isResponses = (path) => /^\/(v1\/|backend-api\/)?(codex\/)?responses$/.test(path);
