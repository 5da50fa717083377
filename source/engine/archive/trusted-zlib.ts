/**
 * Node's major versions whose zlib was tried out underneath its documented interface. There arguments are checked by ending the process, so that another version is not
 * even tried: it works the documented way until it has been looked at. `test/interop/installed.test.ts` runs backup and restore on each of them.
 */
const triedMajors: ReadonlySet<number> = new Set([22, 24]);

/** True when this Node's zlib may be used underneath. */
export const isZlibTried = (): boolean => triedMajors.has(Number.parseInt(process.versions.node, 10));
