// http: recorded requests and replies as curl -v prints them on a terminal (curl 7.88 with OpenSSL): what it says of the connection and of
// TLS, the request behind ">", the head of the reply behind "<", the body.
import { spell } from './jsontext.mjs';

// What curl says of a new connection.
const opened = (host) => [
	'*   Trying 20.37.158.1:443...', `* Connected to ${host} (20.37.158.1) port 443 (#0)`, '* ALPN: offers h2,http/1.1',
	'* TLSv1.3 (OUT), TLS handshake, Client hello (1):', '*  CAfile: /etc/ssl/certs/ca-certificates.crt', '*  CApath: /etc/ssl/certs',
	'* TLSv1.3 (IN), TLS handshake, Server hello (2):', '* TLSv1.3 (IN), TLS handshake, Encrypted Extensions (8):', '* TLSv1.3 (IN), TLS handshake, Certificate (11):',
	'* TLSv1.3 (IN), TLS handshake, CERT verify (15):', '* TLSv1.3 (IN), TLS handshake, Finished (20):', '* TLSv1.3 (OUT), TLS change cipher, Change cipher spec (1):',
	'* TLSv1.3 (OUT), TLS handshake, Finished (20):', '* SSL connection using TLSv1.3 / TLS_AES_256_GCM_SHA384', '* ALPN: server accepted http/1.1', '* Server certificate:',
	`*  subject: CN=${host}`, '*  start date: May 13 00:00:00 2021 GMT', '*  expire date: May 13 23:59:59 2022 GMT', `*  subjectAltName: host "${host}" matched cert's "${host}"`,
	'*  issuer: C=US; O=Example Trust; CN=Example TLS CA 01', '*  SSL certificate verify ok.', '* using HTTP/1.x',
];

// Interactions as vcrpy records them, parsed by jsontext.mjs.
const plain = (value) => (typeof value === 'string' ? value : value === null || value === undefined ? '' : spell(value));
const headers = (map) => [...map].flatMap(([name, values]) => (Array.isArray(values) ? values : [values]).map((v) => `${name}: ${plain(v)}`));

// One run of curl, and the line end that an echo puts behind it.
function exchange(one) {
	const [request, response] = [one.get('request'), one.get('response')];
	const url = new URL(request.get('uri'));
	const asked = `${request.get('method')} ${url.pathname}${url.search} HTTP/1.1`;
	const said = `HTTP/1.1 ${plain(response.get('status').get('code'))} ${response.get('status').get('message')}`;
	const head = headers(response.get('headers'));
	const inner = response.get('body');
	const body = plain(inner.get('data') ?? inner.get('string'));
	const lines = [
		...opened(url.host),
		`> ${asked}`, `> Host: ${url.host}`, '> User-Agent: curl/7.88.1', '> Accept: */*', ...headers(request.get('headers')).map((h) => `> ${h}`), '> ',
		`< ${said}`, ...head.map((h) => `< ${h}`), '< ', `* Connection #0 to host ${url.host} left intact`, body,
	];
	return { text: lines.join('\n'), starts: [asked, said], head, body };
}

// {text, starts, headers (of the replies), bodies}
export function toCurl(interactions) {
	const all = interactions.map(exchange);
	return { text: `${all.map((e) => e.text).join('\n')}\n`, starts: all.flatMap((e) => e.starts), headers: all.flatMap((e) => e.head), bodies: all.map((e) => e.body) };
}
