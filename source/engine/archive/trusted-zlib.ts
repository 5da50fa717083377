/**
 * Node's major versions whose zlib was tried out underneath its documented interface. There arguments are checked by ending the process, so that another version is not
 * even tried: it works the documented way until it has been looked at. `test/interop/installed.test.ts` runs backup and restore on each of them.
 */
const triedMajors: ReadonlySet<number> = new Set([22, 24]);

/** True when this Node's zlib may be used underneath. */
export const isZlibTried = (): boolean => triedMajors.has(Number.parseInt(process.versions.node, 10));

/** What a handle of zlib does with one piece of input. Bytes left free in the output and left over of the input come in an array of two numbers. */
export type WriteSync = (
	flush: number,
	input: Uint8Array,
	inputOffset: number,
	inputBytes: number,
	output: Uint8Array,
	outputOffset: number,
	outputBytes: number,
) => void;
