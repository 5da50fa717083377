/** Finds an archive's entries by name, in some ten bytes for each: a Map of hundreds of thousands of strings takes ten times as much. */
import {hashName} from './name-hash.js';
import {makeIntegers} from './room.js';

export type NameIndex = {
	/** How many names there are. */
	readonly size: number;
	/** The number of the record with a name. */
	readonly get: (name: string) => number | undefined;
	readonly has: (name: string) => boolean;
	/** The number of the record with a name that is in some bytes, one character for each. @param hash of the name */
	readonly find: (hash: number, bytes: Buffer, start: number, end: number) => number | undefined;
	/** Tells whether a record is in the index, and not another one of the same name. */
	readonly holds: (number: number) => boolean;
	/** The numbers of all of them, in the archive's order. */
	readonly numbers: () => Iterable<number>;
};

export type MutableNameIndex = NameIndex & {
	/** Takes in the record of a number. One that has the same name is in the index no more: its number is returned. */
	readonly set: (number: number) => number | undefined;
};

/**
 * An index of nothing yet.
 * @param count numbers go from 0 up to this, exclusive.
 * @param nameOf the name of a record, which may be made anew with every call.
 * @param hashes of the names, where they are known; 0 where one is not.
 */
export const createNameIndex = (
	count: number,
	nameOf: (number: number) => string,
	hashes: Uint32Array = makeIntegers(count),
): MutableNameIndex => {
	let slotCount = 16;
	while (slotCount < count * 2) {
		slotCount *= 2;
	}

	// 0 is free; others are a number and one.
	const slots = makeIntegers(slotCount);
	const isThere = new Uint8Array(count);
	const mask = slotCount - 1;
	let size = 0;

	/** Where a name is, or would be. */
	const slotOf = (hash: number, isIt: (number: number) => boolean): number => {
		let slot = hash & mask;
		for (let held = slots[slot] ?? 0; held !== 0; held = slots[slot] ?? 0) {
			if (hashes[held - 1] === hash && isIt(held - 1)) {
				break;
			}

			slot = (slot + 1) & mask;
		}

		return slot;
	};

	const numberAt = (slot: number): number | undefined => {
		const held = slots[slot] ?? 0;
		return held === 0 ? undefined : held - 1;
	};

	const get = (name: string): number | undefined => numberAt(slotOf(hashName(name), number => nameOf(number) === name));

	return {
		get size() {
			return size;
		},
		get,
		has: name => get(name) !== undefined,
		find: (hash, bytes, start, end) =>
			numberAt(slotOf(hash, number => nameOf(number) === bytes.toString('latin1', start, end))),
		holds: number => isThere[number] === 1,
		*numbers() {
			for (let number = 0; number < count; number++) {
				if (isThere[number] === 1) {
					yield number;
				}
			}
		},
		set(number) {
			const known = hashes[number] ?? 0;
			const hash = known === 0 ? hashName(nameOf(number)) : known;
			const slot = slotOf(hash, other => nameOf(other) === nameOf(number));
			const replaced = numberAt(slot);
			if (replaced === undefined) {
				size++;
			} else {
				isThere[replaced] = 0;
			}

			hashes[number] = hash;
			slots[slot] = number + 1;
			isThere[number] = 1;
			return replaced;
		},
	};
};
