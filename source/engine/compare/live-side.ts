import {type BigIntStats, closeSync, constants, fstatSync, openSync, readlinkSync, readSync, statSync} from 'node:fs';
import type {PlanFile} from '../../client/protocol.js';
import {toPrintkeepError} from '../../errors.js';
import {type BytePath, joinPath, lookAt, toBytePath, toDiskPath, toText} from '../restore/byte-path.js';
import {placeOf} from '../restore/places.js';
import type {Prepared} from '../restore/prepare.js';
import type {Survey} from '../restore/survey-result.js';
import {linkWords} from './archive-side.js';
import {changedSince, maximumTextBytes, type Side, type SideContent, tooLarge} from './side.js';

const stampOf = ({dev, ino, size, mtimeNs, ctimeNs}: BigIntStats): string =>
	`${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`;

const lookThrough = (path: BytePath): BigIntStats | undefined => {
	try {
		return statSync(toDiskPath(path), {bigint: true, throwIfNoEntry: false});
	} catch {
		return undefined;
	}
};

const readWhole = (descriptor: number, bytes: number): Buffer => {
	// One byte more than there should be: a file that grows is told from one that is read to its end.
	const buffer = Buffer.alloc(bytes + 1);
	let length = 0;
	for (;;) {
		const count = readSync(descriptor, buffer, length, buffer.length - length, length);
		length += count;
		if (count === 0 || length === buffer.length) {
			return buffer.subarray(0, length);
		}
	}
};

const readFile = (path: BytePath, followsLink: boolean, stamp: string | undefined): SideContent => {
	const descriptor = openSync(
		toDiskPath(path),
		constants.O_RDONLY | constants.O_NONBLOCK | (followsLink ? 0 : constants.O_NOFOLLOW),
	);
	try {
		const stats = fstatSync(descriptor, {bigint: true});
		const bytes = Number(stats.size);
		if (!stats.isFile()) {
			return {type: 'other', reason: 'It is no ordinary file.', bytes: null};
		}

		if (stamp !== undefined && stampOf(stats) !== stamp) {
			return {type: 'other', reason: changedSince, bytes};
		}

		if (bytes > maximumTextBytes) {
			return {type: 'other', reason: tooLarge, bytes};
		}

		const content = readWhole(descriptor, bytes);
		return content.length === bytes ? {type: 'content', content} : {type: 'other', reason: changedSince, bytes};
	} finally {
		closeSync(descriptor);
	}
};

/**
 * What lies on the disk now as a side of a comparison, or of a plan.
 * @param files of the comparison; of those that differ it is noted how they look, to see later whether they still do.
 */
export const liveSide = async (
	{wanted, breathe}: Pick<Prepared, 'wanted'> & {readonly breathe: () => Promise<void>},
	{places, removed}: Pick<Survey, 'places' | 'removed'>,
	files: readonly PlanFile[],
): Promise<Side> => {
	// Names that are no UTF-8 are rare; only theirs are kept.
	const trueNames = new Map<string, BytePath>();
	for (const [name, target] of [
		...[...wanted.files, ...wanted.links].map(item => [item.name, item.target] as const),
		...removed.map(({target}) => [toText(target), target] as const),
	]) {
		if (toBytePath(name) !== target) {
			trueNames.set(name, target);
		}
	}

	const links = new Map(
		[...wanted.files, ...wanted.links].flatMap(({name, linkTarget}) =>
			linkTarget === null ? [] : [[name, linkTarget]],
		),
	);
	const find = (name: string): BytePath | undefined => {
		const found = placeOf(places, trueNames.get(name) ?? toBytePath(name));
		return found && joinPath(found.place.live, found.relative);
	};

	const stamps = new Map<string, string>();
	for (const {path, action} of files) {
		await breathe();
		const live = action === 'changed' || action === 'removed' ? find(path) : undefined;
		const stats = live === undefined ? undefined : lookThrough(live);
		if (stats) {
			stamps.set(path, stampOf(stats));
		}
	}

	return {
		async read(name, action) {
			const live = find(name);
			try {
				const stats = live === undefined ? undefined : lookAt(live);
				if (live === undefined || !stats) {
					return action === 'added' ? {type: 'none'} : {type: 'other', reason: changedSince, bytes: null};
				}

				if (action === 'added') {
					return {type: 'other', reason: changedSince, bytes: Number(stats.size)};
				}

				if (stats.isDirectory()) {
					return {type: 'other', reason: 'It is a folder now.', bytes: null};
				}

				if (stats.isSymbolicLink()) {
					const leadsTo = readlinkSync(toDiskPath(live), 'utf8');
					// Whoever may write the data folder may let a link lead to anything; only the one that was backed up is followed.
					return leadsTo === links.get(name) && lookThrough(live)?.isFile() === true
						? readFile(live, true, stamps.get(name))
						: {type: 'other', reason: linkWords(leadsTo), bytes: null};
				}

				return readFile(live, false, stamps.get(name));
			} catch (error) {
				return {type: 'other', reason: toPrintkeepError(error, 'It cannot be read now').message, bytes: null};
			}
		},
	};
};
