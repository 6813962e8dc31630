// table: figures as text.

export const median = values => {
	const v = values.filter(Number.isFinite).sort((a, b) => a - b)
	if (!v.length) return NaN
	return v.length % 2 ? v[(v.length - 1) / 2] : (v[v.length / 2 - 1] + v[v.length / 2]) / 2
}

export const fixed = (value, digits = 2) => (Number.isFinite(value) ? value.toFixed(digits) : '-')

// rows: arrays of strings; the first is the head. The first column to the left, all others to the right.
export function table(rows) {
	const width = rows[0].map((_, i) => Math.max(...rows.map(row => row[i].length)))
	for (const row of rows)
		console.log('  ' + row.map((cell, i) => (i ? cell.padStart(width[i]) : cell.padEnd(width[i]))).join('  '))
}

export const heading = text => console.log(`\n== ${text}`)

// What must not be overlooked.
export const loud = text => console.log(`\n*** ${text} ***`)
