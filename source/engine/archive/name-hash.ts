/**
 * FNV-1a over UTF-16, its bits mixed as MurmurHash3 does at its end, since the lowest bits choose the slot of a table. Of a name that is its bytes, one character
 * for each, the hash of the bytes is the same.
 */
import {randomInt} from 'node:crypto';

const prime = 0x01000193;
/** Another one in every process, so that no archive can be made of names that lie in one place of the table. */
const seed = randomInt(2 ** 32);

const mixed = (state: number): number => {
	let hash = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
	hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
	return (hash ^ (hash >>> 16)) >>> 0;
};

export const hashName = (name: string): number => {
	let state = seed;
	for (let index = 0; index < name.length; index++) {
		state = Math.imul(state ^ name.charCodeAt(index), prime);
	}

	return mixed(state);
};

export const hashNameBytes = (bytes: Uint8Array, start: number, end: number): number => {
	let state = seed;
	for (let index = start; index < end; index++) {
		state = Math.imul(state ^ (bytes[index] ?? 0), prime);
	}

	return mixed(state);
};
