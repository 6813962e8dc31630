// entities: the character references that pages of prose hold, as characters.
const NAMED = {
	amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0', ndash: '\u2013', mdash: '\u2014', lsquo: '\u2018', rsquo: '\u2019',
	ldquo: '\u201c', rdquo: '\u201d', hellip: '\u2026', copy: '\u00a9', reg: '\u00ae', trade: '\u2122', eacute: '\u00e9', auml: '\u00e4',
	ouml: '\u00f6', uuml: '\u00fc', szlig: '\u00df', euro: '\u20ac', pound: '\u00a3', laquo: '\u00ab', raquo: '\u00bb', middot: '\u00b7', bull: '\u2022',
};

export function decodeEntities(text) {
	return text.replace(/&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-zA-Z]{2,8}));/g, (all, decimal, hex, name) => {
		if (name)
			return NAMED[name] ?? all;
		const code = decimal ? Number(decimal) : parseInt(hex, 16);
		return code && code <= 0x10ffff ? String.fromCodePoint(code) : all;
	});
}
