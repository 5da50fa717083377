/** Finds ranges of bytes by what they hold, in a few bytes of memory each. */
export type NameTable = {
	/** Number of the range with these bytes; -1 when there is none. */
	readonly find: (name: Uint8Array) => number;
};

const offsetBasis = 0x811c9dc5;
const prime = 0x01000193;

/** FNV-1a, 32 bits. */
export const hashRange = (bytes: Uint8Array, start: number, end: number): number => {
	let hash = offsetBasis;
	for (let index = start; index < end; index++) {
		hash = Math.imul(hash ^ (bytes[index] as number), prime);
	}

	return hash >>> 0;
};

/**
 * Makes the table.
 * @param hashes of the ranges, by `hashRange`.
 * @param rangeOf start and end of a range in `bytes`, by its number.
 */
export const createNameTable = (
	bytes: Buffer,
	hashes: Uint32Array,
	rangeOf: (index: number) => readonly [start: number, end: number],
): NameTable => {
	const count = hashes.length;
	let size = 16;
	while (size < count * 2) {
		size *= 2;
	}

	// 0 is free; others are a number and one.
	const slots = new Int32Array(size);
	const mask = size - 1;
	for (let index = 0; index < count; index++) {
		let slot = (hashes[index] as number) & mask;
		while (slots[slot] !== 0) {
			slot = (slot + 1) & mask;
		}

		slots[slot] = index + 1;
	}

	return {
		find(name) {
			for (let slot = hashRange(name, 0, name.length) & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
				const index = (slots[slot] as number) - 1;
				const [start, end] = rangeOf(index);
				if (end - start === name.length && bytes.compare(name, 0, name.length, start, end) === 0) {
					return index;
				}
			}

			return -1;
		},
	};
};
