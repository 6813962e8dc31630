// workloads_words: what the made texts are full of.
export const SERVICES = ['auth', 'billing', 'catalog', 'gateway', 'mailer', 'orders', 'search', 'shipping'];

export const sentence = (random, n) => Array.from({ length: n }, () => random.word()).join(' ');

// About one every three seconds.
export const instant = (random, i) => new Date(Date.UTC(2026, 2, 3, 8) + i * 3000 + random.below(1000)).toISOString();

// Found nowhere else.
export const needleId = (random) => `${random.pick(['kx', 'qv', 'zj', 'wy'])}${random.hex(10)}`;
