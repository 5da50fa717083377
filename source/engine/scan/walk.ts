/**
 * Walks the parts of an instance in a fixed order. Lazy, so that nothing of a large tree is kept but the names in the folder at hand and in its
 * ancestors; synchronous calls inside, since a worker thread owns them. Nothing is opened for reading but the first bytes of databases.
 */
import type {PartDefinition, PartRoot} from '../../servers/adapter.js';
import type {Child, Stats} from './child.js';
import type {ScanItem, ScannedBase, ScannedFile, ScanOptions, WalkOptions} from './items.js';
import {type Listing, listFolder} from './listing.js';
import {Look} from './look.js';
import {rootName} from './names.js';
import {Territory} from './territory.js';

/** A folder whose children are walked. */
type Frame = {
	readonly folder: Child;
	readonly next: Listing;
	/** Those that were looked at before it was their turn, to know whether the folder is empty. */
	readonly ahead: Child[];
};

/** What a walk comes across. A link that is followed is met twice: as the link, and as what it leads to. */
export type Met =
	| {readonly type: 'file' | 'link'; readonly part: string; readonly child: Child}
	| {readonly type: 'folder'; readonly part: string; readonly child: Child; readonly empty: boolean};

/** Names looked at, or things met, between two pauses. */
const stepsBetweenPauses = 64;

/** One walk over a layout. A class because the state of a walk (where it is, what was visited) belongs together. */
export class Walk {
	readonly #look: Look;
	readonly #territory: Territory;
	readonly #roots: readonly {readonly part: PartDefinition; readonly root: PartRoot}[];
	readonly #frames: Frame[] = [];
	#nextRoot = 0;
	#part = '';
	/** What the link that was met last leads to. */
	#behindLink: Child | undefined;
	/** The folder that is being entered. */
	#entering: Frame | undefined;
	#sincePause = 0;

	constructor(options: WalkOptions) {
		const {layout, excludes, onlyPart} = options;
		this.#territory = new Territory(layout);
		this.#look = new Look(options, this.#territory);
		this.#roots = layout.parts
			.filter(({name, inclusion}) =>
				onlyPart === undefined ? inclusion !== 'never' && !excludes.includes(name) : name === onlyPart,
			)
			.flatMap(part => part.roots.map(root => ({part, root})));
	}

	/** The next thing; `pause` now and then, when the caller should let others in; undefined at the end. */
	step(): Met | 'pause' | undefined {
		for (;;) {
			if (++this.#sincePause > stepsBetweenPauses) {
				this.#sincePause = 0;
				return 'pause';
			}

			if (this.#entering) {
				const met = this.#goOnEntering(this.#entering);
				if (met) {
					return met;
				}

				continue;
			}

			const behind = this.#behindLink;
			if (behind) {
				this.#behindLink = undefined;
				const met = this.#arrive(behind);
				if (met) {
					return met;
				}

				continue;
			}

			const frame = this.#frames.at(-1);
			if (!frame && this.#nextRoot === this.#roots.length) {
				return undefined;
			}

			const child = frame ? this.#below(frame) : this.#root();
			if (child === 'end') {
				this.#frames.pop();
			} else if (child) {
				const met = this.#meet(child);
				if (met) {
					return met;
				}
			}
		}
	}

	#root(): Child | undefined {
		const next = this.#roots[this.#nextRoot++];
		if (!next) {
			return undefined;
		}

		const {part, root} = next;
		this.#part = part.name;
		const child = this.#look.root(rootName(root.target, root.sourceBytes), root.sourceBytes ?? root.source);
		if (!child || root.link === undefined) {
			return child;
		}

		const type = child.stats.isDirectory() ? 'directory' : 'file';
		return {...child, link: {stats: child.stats, target: root.link, type, followed: true}};
	}

	/** The next child of a folder; undefined when it is not to be taken. */
	#below({ahead, next}: Frame): Child | 'end' | undefined {
		const looked = ahead.shift();
		if (looked) {
			return looked;
		}

		const listed = next();
		if (!listed) {
			return 'end';
		}

		const {name, last, source} = listed;
		const child = this.#look.below(name, last, source);
		if (child && name.changed) {
			this.#look.tell(
				name.target,
				'Its name holds bytes that an archive cannot; it is stored under this one, and restored under its own.',
				'note',
			);
		}

		return child;
	}

	#meet(child: Child): Met | undefined {
		const {link} = child;
		if (!link) {
			return this.#arrive(child);
		}

		this.#behindLink = link.followed ? child : undefined;
		return {type: 'link', part: this.#part, child};
	}

	/** A file is met at once, a folder when it is known whether anything is in it. */
	#arrive(child: Child): Met | undefined {
		if (child.stats.isFile()) {
			return {type: 'file', part: this.#part, child};
		}

		this.#territory.enter(child.stats);
		let next: Listing;
		try {
			next = listFolder(child);
		} catch (error) {
			this.#look.trouble(child.name.target, error);
			next = () => undefined;
		}

		this.#entering = {folder: child, next, ahead: []};
		return undefined;
	}

	/** Looks at children up to the first that makes the folder more than a list of links that are not followed. */
	#goOnEntering(frame: Frame): Met | undefined {
		const {folder, next, ahead} = frame;
		const child = this.#below({folder, next, ahead: []});
		if (child === undefined) {
			return undefined;
		}

		if (child !== 'end') {
			ahead.push(child);
			if (child.link?.followed === false) {
				return undefined;
			}
		}

		this.#entering = undefined;
		this.#frames.push(frame);
		return {type: 'folder', part: this.#part, child: folder, empty: child === 'end'};
	}
}

const baseOf = (part: string, prefix: string, {name, source}: Child, stats: Stats): ScannedBase => {
	const {target, raw} = name;
	const base = {
		part,
		source,
		target,
		entryName: prefix + target,
		mode: Number(stats.mode),
		modifiedNanoseconds: stats.mtimeNs,
		changedNanoseconds: stats.ctimeNs,
		uid: Number(stats.uid),
		gid: Number(stats.gid),
		device: stats.dev,
		inode: stats.ino,
	};
	return raw === undefined ? base : {...base, rawPath: raw.toString('base64')};
};

/** A file that was met, as an item of its own. */
export const fileItem = (prefix: string, {part, child}: Pick<Met, 'part' | 'child'>): ScannedFile => ({
	...baseOf(part, prefix, child, child.stats),
	type: 'file',
	bytes: Number(child.stats.size),
});

/** What was met, as an item of its own. */
export const itemOf = (prefix: string, met: Met): ScanItem => {
	const {type, part, child} = met;
	const {stats, link} = child;
	switch (type) {
		case 'file':
			return fileItem(prefix, met);
		case 'folder': {
			const base = baseOf(part, prefix, child, stats);
			return {...base, entryName: `${base.entryName}/`, type, empty: met.empty};
		}

		case 'link': {
			const {stats: own, target, type: linkType, followed} = link as NonNullable<typeof link>;
			return {...baseOf(part, prefix, child, own), type, linkTarget: target, linkType, followed};
		}
	}
};

/**
 * Walks everything that belongs into a backup: parts in the layout's order, names in the order of their bytes, a folder before what is in it. What is
 * missing or remarkable goes to `onProblem`. The journals of databases are left out. Throws only what `breathe` and `signal` throw.
 */
export async function* scan(options: ScanOptions): AsyncGenerator<ScanItem, void, undefined> {
	const {signal, breathe, layout} = options;
	const walk = new Walk(options);
	for (let met = walk.step(); met; met = walk.step()) {
		signal?.throwIfAborted();
		if (met === 'pause') {
			await breathe();
			continue;
		}

		yield itemOf(layout.prefix, met);
	}
}
