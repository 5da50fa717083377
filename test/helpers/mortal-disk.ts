import {type Disk, systemDisk} from '../../source/engine/disk.js';

/** What a dead disk throws: nothing the system would. */
export class Death extends Error {}

const changing = [
	'create',
	'write',
	'truncate',
	'syncFile',
	'syncDirectory',
	'makeDirectory',
	'rename',
	'link',
	'symlink',
	'unlink',
	'removeDirectory',
	'changeMode',
	'changeOwner',
	'setTimes',
] as const satisfies readonly (keyof Disk)[];

/** A disk that works for some changing calls and never again, as when the process is killed there. */
export const makeMortalDisk = (
	lives: number,
	disk: Disk = systemDisk,
): {readonly disk: Disk; readonly isDead: () => boolean} => {
	let left = lives;
	let isDead = false;
	const mortal =
		(call: (...args: never[]) => unknown) =>
		(...args: never[]): unknown => {
			if (left <= 0) {
				isDead = true;
				throw new Death('the power is gone');
			}

			left--;
			return call(...args);
		};
	const calls = Object.fromEntries(changing.map(name => [name, mortal(disk[name])]));
	const exchange = disk.exchange ? {exchange: mortal(disk.exchange) as Disk['exchange']} : {};
	return {disk: {...disk, ...calls, ...exchange}, isDead: () => isDead};
};
