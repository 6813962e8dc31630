// models: a provider on this machine, for learn.bats. Says its port on a line. What it does is the model's name: "good" says the first rule in other
// words, "busy" answers 429, "mute" without text, "slow" never. What it was asked stands in the answer's rule or in the error.
import { createServer } from 'node:http';

const shapes = {
	'/v1/messages': { key: (h) => h['x-api-key'] === 'k-a' && h['anthropic-version'], answer: (text) => ({ content: [{ type: 'thinking', thinking: '{' }, { type: 'text', text }] }) },
	'/v1/chat/completions': { key: (h) => h.authorization === 'Bearer k-o', answer: (text) => ({ choices: [{ message: { role: 'assistant', content: text } }] }) },
};

createServer(async (request, response) => {
	const shape = shapes[request.url];
	const body = JSON.parse(Buffer.concat(await request.toArray()));
	const say = (status, value) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
	const key = /"key": "([0-9a-f]*)"/.exec(body.messages[0].content)?.[1];
	if (!shape || !shape.key(request.headers) || request.headers['content-type'] !== 'application/json')
		say(401, { error: { message: `not ${request.url} with this key\nsecond line` } });
	else if (body.model === 'some/good:1' && (body.max_tokens > 0) === (request.url === '/v1/messages'))
		say(200, shape.answer(`Sure: ${JSON.stringify({ rules: [{ keys: [key], text: 'Call `python3`, not `python`.' }] })}`));
	else if (body.model === 'mute')
		say(200, shape.answer(undefined));
	else if (body.model !== 'slow')
		say(429, { error: { type: 'rate_limit_error', message: `too much of ${body.model}` } });
}).listen(0, '127.0.0.1', function () {
	console.log(this.address().port);
});
