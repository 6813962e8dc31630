// random: the same numbers for the same seed, on every machine (xorshift32, Marsaglia 2003).
const WORDS = ('account adapter archive balance batch branch bucket cache catalog channel checkout client cluster column commit config cursor delivery ' +
	'device digest driver export feature filter gateway handler import index invoice journal kernel ledger letter mapping matrix meeting message ' +
	'module monitor network notice object option order packet parser payment pipeline policy process product profile quota record region release ' +
	'report request review route sample schema segment service session signal socket source stream summary switch system table target ticket token ' +
	'trace transfer update vendor version volume window worker').split(' ');

export class Random {
	constructor(seed) {
		this.state = (seed * 2654435761) >>> 0 || 1;
		for (let i = 0; i < 8; i++)
			this.next();
	}

	next() {
		let x = this.state;
		x ^= x << 13;
		x ^= x >>> 17;
		x ^= x << 5;
		this.state = x >>> 0;
		return this.state;
	}

	below(n) {
		return this.next() % n;
	}

	chance(share) {
		return this.next() / 2 ** 32 < share;
	}

	pick(list) {
		return list[this.below(list.length)];
	}

	word() {
		return this.pick(WORDS);
	}

	hex(n) {
		let s = '';
		while (s.length < n)
			s += this.next().toString(16).padStart(8, '0');
		return s.slice(0, n);
	}

	uuid() {
		const h = this.hex(32);
		return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-a${h.slice(17, 20)}-${h.slice(20)}`;
	}
}
