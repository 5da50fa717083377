/** Which way a restore in place goes: everything unpacked and exchanged, or, where that does not fit, only what differs, file by file. */
import {lstatSync, statSync} from 'node:fs';
import type {RestorePlan} from '../../client/protocol.js';
import {PrintkeepError} from '../../errors.js';
import type {JobContext} from '../jobs/context.js';
import {type BytePath, parentPath, showPath, toDiskPath} from './byte-path.js';
import type {Comparison} from './compare.js';
import type {Move} from './journal.js';
import {liveOf, placeOf} from './places.js';
import type {Prepared} from './prepare.js';
import {isEnough, spaceNeeded} from './space-needed.js';
import type {Survey} from './survey-result.js';
import type {Wanted, WantedFile, WantedLink} from './wanted-tree.js';

type Tree = Pick<Wanted, 'files' | 'links' | 'folders'>;

export type Way = {
	readonly found: Survey;
	/** True when what is the same stays in its place. */
	readonly lowSpace: boolean;
	/** What has to be unpacked. */
	readonly unpacked: Tree;
	/** Files that stay where they are, with what tells whether they are still the same. */
	readonly staying: ReadonlyMap<WantedFile, number>;
	readonly sameLinks: ReadonlySet<WantedFile | WantedLink>;
	readonly space: RestorePlan['space'];
};

/** Tells whether a path of a place lies in something that is moved as a whole. */
const insideMoves = (moves: readonly Move[]): ((place: number, path: BytePath) => boolean) => {
	const moved = new Set(moves.map(({place, path}) => `${place}/${path}`));
	return (place, path) => {
		for (let folder = parentPath(path); folder !== ''; folder = parentPath(folder)) {
			if (moved.has(`${place}/${folder}`)) {
				return true;
			}
		}

		return false;
	};
};

/** What of a tree arrives with some moves. */
const arriving = (wanted: Tree, {places, moves}: Pick<Survey, 'places' | 'moves'>): Tree => {
	const incoming = moves.filter(move => move.in);
	const itself = new Set(incoming.map(({place, path}) => `${place}/${path}`));
	const isInside = insideMoves(incoming);
	const isMoved = ({target}: {readonly target: BytePath}): boolean => {
		const at = placeOf(places, target);
		return at !== undefined && (itself.has(`${at.index}/${at.relative}`) || isInside(at.index, at.relative));
	};

	return {
		files: wanted.files.filter(isMoved),
		links: wanted.links.filter(isMoved),
		folders: wanted.folders.filter(isMoved),
	};
};

/** Files that are there byte for byte. One that was a link and is a file now is not as it was. */
const stayingFiles = ({sameBytes, changedAt, sameLinks}: Comparison): ReadonlyMap<WantedFile, number> => {
	const staying = new Map<WantedFile, number>();
	for (const [index, file] of sameBytes.entries()) {
		if (file.linkTarget === null || sameLinks.has(file)) {
			staying.set(file, changedAt[index] ?? 0);
		}
	}

	return staying;
};

/**
 * Chooses the way, by the space there is and by what the person asked for. Whether even the smaller one fits is for the caller to see.
 */
export const chooseWay = async (
	{breathe}: Pick<JobContext, 'breathe'>,
	prepared: Prepared,
	{found, comparison}: {readonly found: Survey; readonly comparison: Comparison},
): Promise<Way> => {
	const {wanted, mounts, scope} = prepared;
	const sameLinks = new Set<WantedFile | WantedLink>([...found.sameLinks, ...comparison.sameLinks]);
	const space = spaceNeeded(wanted, {places: found.places, mounts});
	const whole: Way = {found, lowSpace: false, unpacked: wanted, staying: new Map(), sameLinks, space};
	if (prepared.inPlace === null || (!scope.lowSpace && isEnough(space))) {
		return whole;
	}

	const staying = stayingFiles(comparison);
	if (!scope.lowSpace && staying.size === 0) {
		return whole;
	}

	const nearer = await prepared.survey(breathe, {staying: new Set([...staying.keys(), ...sameLinks])});
	const unpacked = arriving(wanted, nearer);
	return {
		found: nearer,
		lowSpace: true,
		unpacked,
		staying,
		sameLinks,
		space: spaceNeeded(unpacked, {
			places: nearer.places,
			mounts,
			moves: nearer.moves,
			changes: nearer.folders,
		}),
	};
};

const isStill = (path: BytePath, changedAt: number, isLink: boolean): boolean => {
	try {
		const stats = (isLink ? statSync : lstatSync)(toDiskPath(path), {bigint: true});
		return stats.isFile() && Number(stats.ctimeNs) === changedAt;
	} catch {
		return false;
	}
};

/**
 * The last look before the exchange. What was to stay and has been changed meanwhile, by a server that still ran for one, is unpacked after all.
 * @param unpack unpacks more files into the stage.
 * @throws failed when the folders were rearranged; nothing live has been touched then.
 */
export const lastLook = async (
	{breathe}: Pick<JobContext, 'breathe'>,
	prepared: Prepared,
	way: Way,
	unpack: (files: readonly WantedFile[]) => Promise<void>,
): Promise<Survey> => {
	if (!way.lowSpace) {
		return prepared.survey(breathe);
	}

	const apart = new Set<WantedFile>();
	for (const [file, changedAt] of way.staying) {
		await breathe();
		if (!isStill(liveOf(way.found.places, file), changedAt, way.sameLinks.has(file))) {
			apart.add(file);
		}
	}

	const unpacked = new Set(way.unpacked.files);
	const missing = [...apart].filter(file => !unpacked.has(file));
	if (missing.length > 0) {
		await unpack(missing);
	}

	const staying = new Set<WantedFile | WantedLink>([...way.staying.keys(), ...way.sameLinks]);
	for (const file of apart) {
		staying.delete(file);
	}

	const found = await prepared.survey(breathe, {staying, apart});
	const isInside = insideMoves(found.moves);
	for (const file of way.staying.keys()) {
		const at = placeOf(found.places, file.target);
		if (at && !unpacked.has(file) && isInside(at.index, at.relative)) {
			throw new PrintkeepError(
				'failed',
				`${showPath(liveOf(found.places, file))} was removed or moved while the backup was unpacked.`,
				{hint: 'Stop the server, then try again. Nothing has been changed.'},
			);
		}
	}

	return found;
};
