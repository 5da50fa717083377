/** Finds an archive's entries by name, in some ten bytes for each: a Map of hundreds of thousands of strings takes ten times as much. */
import {randomInt} from 'node:crypto';
import {makeIntegers} from './room.js';

export type NameIndex = {
	/** How many names there are. */
	readonly size: number;
	/** The number of the record with a name. */
	readonly get: (name: string) => number | undefined;
	readonly has: (name: string) => boolean;
	/** The numbers of all of them, in the archive's order. */
	readonly numbers: () => Iterable<number>;
};

export type MutableNameIndex = NameIndex & {
	/** Takes in the record of a number. One that has the same name is in the index no more. */
	readonly set: (number: number) => void;
};

const prime = 0x01000193;
/** Another one in every process, so that no archive can be made of names that lie in one place of the table. */
const seed = randomInt(2 ** 32);

/** FNV-1a over UTF-16, its bits mixed as MurmurHash3 does at its end, since the lowest bits choose the slot. */
const hashOf = (name: string): number => {
	let hash = seed;
	for (let index = 0; index < name.length; index++) {
		hash = Math.imul(hash ^ name.charCodeAt(index), prime);
	}

	hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
	hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
	return (hash ^ (hash >>> 16)) >>> 0;
};

/**
 * An index of nothing yet.
 * @param count numbers go from 0 up to this, exclusive.
 * @param nameOf the name of a record, which may be made anew with every call.
 */
export const createNameIndex = (count: number, nameOf: (number: number) => string): MutableNameIndex => {
	let slotCount = 16;
	while (slotCount < count * 2) {
		slotCount *= 2;
	}

	// 0 is free; others are a number and one.
	const slots = makeIntegers(slotCount);
	const hashes = makeIntegers(count);
	const isThere = new Uint8Array(count);
	const mask = slotCount - 1;
	let size = 0;

	/** Where a name is, or would be. */
	const slotOf = (name: string, hash: number): number => {
		let slot = hash & mask;
		for (let held = slots[slot] ?? 0; held !== 0; held = slots[slot] ?? 0) {
			if (hashes[held - 1] === hash && nameOf(held - 1) === name) {
				break;
			}

			slot = (slot + 1) & mask;
		}

		return slot;
	};

	const get = (name: string): number | undefined => {
		const held = slots[slotOf(name, hashOf(name))] ?? 0;
		return held === 0 ? undefined : held - 1;
	};

	return {
		get size() {
			return size;
		},
		get,
		has: name => get(name) !== undefined,
		*numbers() {
			for (let number = 0; number < count; number++) {
				if (isThere[number] === 1) {
					yield number;
				}
			}
		},
		set(number) {
			const name = nameOf(number);
			const hash = hashOf(name);
			const slot = slotOf(name, hash);
			const held = slots[slot] ?? 0;
			if (held === 0) {
				size++;
			} else {
				isThere[held - 1] = 0;
			}

			hashes[number] = hash;
			slots[slot] = number + 1;
			isThere[number] = 1;
		},
	};
};
