/**
 * Walks what is there now against what is wanted, and finds the moves that make the one the other. What the backup covers and does not have leaves;
 * what it does not cover stays. A folder in which something stays is kept and its children are moved one by one; any other is moved as a whole.
 *
 * Why one long file: the cases of one walk (folder, mount point, link, file, nothing) depend on each other and are read together.
 */
import {type BigIntStats, readlinkSync} from 'node:fs';
import {PrintkeepError, toPrintkeepError} from '../../errors.js';
import {isSystemFolder} from '../../servers/system-folders.js';
import {
	type BytePath,
	emptyPath,
	joinPath,
	listNames,
	lookAt,
	pathBelow,
	resolveLinks,
	showPath,
	toDiskPath,
	toText,
} from './byte-path.js';
import {type Coverage, type CoverageOptions, createCoverage} from './coverage.js';
import type {Move, SwapRecord} from './journal.js';
import type {Mounts} from './mounts.js';
import type {OwnerOf} from './owners.js';
import type {ChooseWorkFolder, SwapPlace} from './places.js';
import {fileChange, folderChange} from './survey-attributes.js';
import type {RemovedFile, Survey} from './survey-result.js';
import {nodeAt, type WantedFile, type WantedFolder, type WantedLink, type WantedNode} from './wanted-tree.js';

export type SurveyOptions = CoverageOptions & {
	readonly places: readonly SwapPlace[];
	readonly mounts: Mounts;
	readonly chooseWork: ChooseWorkFolder;
	/** Files and links that are as wanted and are to be left in their places: what else is in their folders is exchanged one by one. */
	readonly staying?: ReadonlySet<WantedFile | WantedLink> | undefined;
	/** Files that are exchanged for themselves, so that their folders stay. */
	readonly apart?: ReadonlySet<WantedFile> | undefined;
	/** Owner that a recorded one means here. */
	readonly ownerOf: OwnerOf;
	readonly breathe: () => Promise<void>;
};

type Visit = {
	readonly placeIndex: number;
	/** Path on the disk. */
	readonly live: BytePath;
	/** Path inside the data folder. */
	readonly target: BytePath;
	/** Path below the place's folder. */
	readonly relative: BytePath;
};

type Outcome = {
	/** True when nothing in it stays, so that it can be moved as a whole. */
	readonly isWhole: boolean;
	readonly moves: readonly Move[];
	readonly folders: SwapRecord['folders'];
};

const nothing: Outcome = {isWhole: true, moves: [], folders: []};
const untouched: Outcome = {isWhole: false, moves: [], folders: []};

const liveOf = ({live, only}: SwapPlace): BytePath => (only === null ? live : joinPath(live, only));

const readLink = (path: BytePath): string | null => {
	try {
		return readlinkSync(toDiskPath(path), 'utf8');
	} catch {
		return null;
	}
};

/** One walk. A class because the state of a walk belongs together. */
class Surveyor {
	readonly #options: SurveyOptions;
	readonly #places: SwapPlace[];
	readonly #coverage: Coverage;
	readonly #added: (WantedFile | WantedLink)[] = [];
	readonly #changed: (WantedFile | WantedLink)[] = [];
	readonly #pairs: WantedFile[] = [];
	readonly #linkedPairs = new Set<WantedFile>();
	readonly #sameLinks: WantedLink[] = [];
	readonly #removed: RemovedFile[] = [];
	readonly #avoided = new Set<BytePath>();
	#rollbackBytes = 0;
	#databaseJournals = 0;

	constructor(options: SurveyOptions) {
		this.#options = options;
		this.#places = [...options.places];
		this.#coverage = createCoverage(options);
	}

	async run(): Promise<Survey> {
		const outcomes: Outcome[] = [];
		// Mount points and followed links found on the way are places of their own and are appended while this runs.
		for (let index = 0; index < this.#places.length; index++) {
			const place = this.#places[index];
			if (place) {
				outcomes.push(await this.#place(place, index));
			}
		}

		return {
			places: this.#places,
			moves: outcomes.flatMap(({moves}) => moves),
			folders: outcomes.flatMap(({folders}) => folders),
			added: this.#added,
			changed: this.#changed,
			pairs: this.#pairs,
			linkedPairs: this.#linkedPairs,
			sameLinks: this.#sameLinks,
			removed: this.#removed,
			databaseJournals: this.#databaseJournals,
			avoided: this.#avoided,
			rollbackBytes: this.#rollbackBytes,
		};
	}

	get #isExact(): boolean {
		return this.#options.mode === 'exact';
	}

	get #isMerge(): boolean {
		return this.#options.mode === 'merge';
	}

	async #place(place: SwapPlace, placeIndex: number): Promise<Outcome> {
		const node = nodeAt(this.#options.wanted.root, place.target);
		if (place.only !== null) {
			return node || this.#isExact
				? this.#child(
						{placeIndex, live: joinPath(place.live, place.only), target: place.target, relative: place.only},
						node,
						true,
					)
				: nothing;
		}

		if (node ? node.type !== 'folder' : !this.#isExact) {
			return nothing;
		}

		const folder = node?.type === 'folder' ? node : undefined;
		const visit: Visit = {placeIndex, live: place.live, target: place.target, relative: emptyPath};
		const {moves, folders} = await this.#folder(visit, folder, lookAt(place.live) !== undefined);
		return {isWhole: false, moves, folders: [this.#attributes(visit, folder), ...folders]};
	}

	/** Everything in a folder that is there now (or is about to be), against what is wanted in it. */
	async #folder(visit: Visit, node: WantedFolder | undefined, isThere: boolean): Promise<Outcome> {
		await this.#options.breathe();
		const present = isThere ? this.#list(visit.live) : [];
		const children = node?.children;
		const names = new Set([...present, ...(children?.keys() ?? [])]);
		const outcomes: Outcome[] = [];
		for (const name of names) {
			outcomes.push(
				await this.#child(
					{
						placeIndex: visit.placeIndex,
						live: joinPath(visit.live, name),
						target: joinPath(visit.target, name),
						relative: joinPath(visit.relative, name),
					},
					children?.get(name),
					false,
				),
			);
		}

		return {
			isWhole: outcomes.every(({isWhole}) => isWhole),
			moves: outcomes.flatMap(({moves}) => moves),
			folders: outcomes.flatMap(({folders}) => folders),
		};
	}

	#list(live: BytePath): readonly BytePath[] {
		try {
			return listNames(live);
		} catch (error) {
			throw toPrintkeepError(error, `The folder ${showPath(live)} cannot be read`);
		}
	}

	async #child(visit: Visit, node: WantedNode | undefined, isPlace: boolean): Promise<Outcome> {
		const outcome = await this.#exchange(visit, node, isPlace);
		return node?.type === 'file' && this.#options.apart?.has(node) === true ? {...outcome, isWhole: false} : outcome;
	}

	async #exchange(visit: Visit, wanted: WantedNode | undefined, isPlace: boolean): Promise<Outcome> {
		const {live, target} = visit;
		const stats = lookAt(live);
		let node = wanted;
		if (!isPlace && this.#isElsewhere(visit)) {
			if (!this.#isLeftBehind(visit, stats)) {
				return untouched;
			}

			node = undefined;
		}

		if (this.#coverage.isNeverTouched(live, target)) {
			if (node) {
				this.#avoided.add(target);
			}

			return stats ? untouched : nothing;
		}

		if (!stats) {
			this.#addAll(node);
			return node ? {isWhole: true, moves: [this.#move(visit, false, true)], folders: []} : nothing;
		}

		if (!node && (this.#coverage.staysUnknown(target, stats, live) || this.#isKeptLink(visit, stats))) {
			return untouched;
		}

		if (stats.isDirectory()) {
			return this.#liveFolder(visit, node);
		}

		if (stats.isSymbolicLink() && node?.type === 'folder' && this.#follow(visit, node)) {
			return untouched;
		}

		if (this.#isMerge && node && (node.type === 'folder' || !(stats.isFile() || stats.isSymbolicLink()))) {
			throw new PrintkeepError(
				'unsafe-destination',
				`${showPath(live)} is a ${node.type} in the backup and something else now, and nothing is to be removed.`,
				{hint: 'Move it away, or restore in the mode "replace", which keeps it for undo.'},
			);
		}

		this.#compare(visit, node, stats);
		const stays = node && node.type !== 'folder' ? this.#stay(visit, node) : undefined;
		if (stays) {
			return stays;
		}

		this.#rollbackBytes += Number(stats.size);
		return {isWhole: true, moves: [this.#move(visit, true, node !== undefined)], folders: []};
	}

	/** What is there already is left where it is, and only gets the mode, owner and date it had. */
	#stay({placeIndex, live, relative}: Visit, node: WantedFile | WantedLink): Outcome | undefined {
		if (this.#options.staying?.has(node) !== true) {
			return undefined;
		}

		const change = node.type === 'link' ? null : fileChange(live, node, this.#options.ownerOf);
		if (change === null) {
			return untouched;
		}

		// What cannot be given another date or mode is exchanged like everything that differs.
		return change && {isWhole: false, moves: [], folders: [{place: placeIndex, path: relative, ...change}]};
	}

	#isKeptLink({live, target}: Visit, stats: BigIntStats): boolean {
		const leadsTo = stats.isSymbolicLink() ? resolveLinks(live) : undefined;
		return leadsTo !== undefined && this.#coverage.isKeptLink(target, leadsTo);
	}

	async #liveFolder(visit: Visit, node: WantedNode | undefined): Promise<Outcome> {
		const {live, target} = visit;
		if (this.#options.mounts.isMountPoint(live)) {
			// What is mounted here is no part of what the backup knows, or a place of its own. It is never moved nor emptied for being unknown.
			if (node?.type === 'folder') {
				this.#places.push({
					target,
					live,
					work: this.#options.chooseWork(live, this.#options.mounts),
					made: false,
					only: null,
				});
			} else if (node) {
				this.#avoided.add(target);
			}

			return untouched;
		}

		const folder = node?.type === 'folder' ? node : undefined;
		const inside = await this.#folder(visit, folder, true);
		if (node && node.type !== 'folder') {
			if (!inside.isWhole) {
				throw new PrintkeepError(
					'unsafe-destination',
					`${showPath(live)} is a file in the backup and a folder now, with things in it that have to stay.`,
					{hint: 'Move what is in it away, or restore into another folder with --to.'},
				);
			}

			this.#changed.push(node);
		}

		// Where nothing is removed, a folder that is there stays, and what is wanted in it is put into it.
		const stays = !inside.isWhole || (this.#isMerge && folder !== undefined);
		return !stays
			? {isWhole: true, moves: [this.#move(visit, true, node !== undefined)], folders: []}
			: {isWhole: false, moves: inside.moves, folders: [this.#attributes(visit, folder), ...inside.folders]};
	}

	/** A link to a folder that the backup has the content of is kept; the content goes where it leads. */
	#follow({live, target}: Visit, _node: WantedFolder): boolean {
		const real = resolveLinks(live);
		if (real === undefined || !lookAt(real)?.isDirectory()) {
			return false;
		}

		const touchesPlace = this.#places.some(
			place => pathBelow(place.live, real) !== undefined || pathBelow(real, place.live) !== undefined,
		);
		if (touchesPlace) {
			return false;
		}

		// Whoever may write the data folder may put a link there; what it leads to may be nobody's but the system's.
		if (this.#coverage.isOffLimits(real) || isSystemFolder(toText(real))) {
			this.#avoided.add(target);
			return true;
		}

		this.#places.push({
			target,
			live: real,
			work: this.#options.chooseWork(real, this.#options.mounts),
			made: false,
			only: null,
		});
		return true;
	}

	/** In the mode `exact`, a folder in the usual place of one that is configured elsewhere is none of the backup's, and goes. */
	#isLeftBehind({live, placeIndex}: Visit, stats: BigIntStats | undefined): boolean {
		const isPlaceItself = this.#places.some((place, index) => index !== placeIndex && liveOf(place) === live);
		return this.#isExact && stats?.isDirectory() === true && !isPlaceItself;
	}

	/** True for what belongs to another place: its folder, wherever it lies, and whatever now lies at its usual path. */
	#isElsewhere({live, target, placeIndex}: Visit): boolean {
		return this.#places.some(
			(place, index) => index !== placeIndex && (place.target === target || liveOf(place) === live),
		);
	}

	#compare({live, target}: Visit, node: WantedNode | undefined, stats: BigIntStats): void {
		if (node === undefined || node.type === 'folder') {
			this.#addAll(node);
			// What goes along with a database is no file of its own to anybody.
			if (this.#isMerge) {
				this.#databaseJournals++;
			} else {
				this.#removed.push({
					target,
					part: this.#options.adapter.partOf(toText(target)),
					bytes: Number(stats.size),
				});
			}

			return;
		}

		const link = stats.isSymbolicLink() ? readLink(live) : null;
		if (node.type === 'link') {
			(link === node.linkTarget ? this.#sameLinks : this.#changed).push(node);
			return;
		}

		const isSameLink = link !== null && link === node.linkTarget;
		if (isSameLink || (stats.isFile() && Number(stats.size) === node.bytes)) {
			this.#pairs.push(node);
			if (isSameLink) {
				this.#linkedPairs.add(node);
			}
		} else {
			this.#changed.push(node);
		}
	}

	#addAll(node: WantedNode | undefined): void {
		if (node?.type === 'folder') {
			for (const child of node.children.values()) {
				this.#addAll(child);
			}
		} else if (node) {
			this.#added.push(node);
		}
	}

	#move({placeIndex, relative}: Visit, out: boolean, isIn: boolean): Move {
		return {place: placeIndex, path: relative, out, in: isIn};
	}

	#attributes({placeIndex, live, relative}: Visit, node: WantedFolder | undefined): SwapRecord['folders'][number] {
		const {ownerOf} = this.#options;
		return {place: placeIndex, path: relative, ...folderChange(live, node, {ownerOf, keepsOwn: this.#isMerge})};
	}
}

/**
 * Compares the names and sizes of what is there with what is wanted. Contents are compared afterwards, from `pairs`.
 * @throws permission-denied when a folder cannot be read; unsafe-destination when something would have to go that has to stay.
 */
export const survey = async (options: SurveyOptions): Promise<Survey> => new Surveyor(options).run();
