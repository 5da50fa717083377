/**
 * Walks the parts of an instance in a fixed order. Lazy, so that nothing of a large tree is kept but the folder at hand and its
 * ancestors; synchronous calls inside, since a worker thread owns them. Nothing is opened for reading but the first bytes of databases.
 */
import {Buffer} from 'node:buffer';
import * as fs from 'node:fs';
import type {Layout, PartDefinition, PartRoot} from '../../servers/adapter.js';
import {pathInside} from '../../servers/real-path.js';
import {fileStartsLikeSqlite, sidecarSuffixes} from '../sqlite.js';
import {type EntryName, joinNames, rootName} from './names.js';

type ScannedBase = {
	readonly part: string;
	/** Path to read from; bytes when a name on the way is no UTF-8. */
	readonly source: string | Buffer;
	/** Path inside the data folder, with `/`, escaped like the entry name. */
	readonly target: string;
	/** Name in the archive: prefix and target; folders end with `/`. */
	readonly entryName: string;
	/** Base64 of the path's true bytes inside the data folder, when the entry name had to be changed. */
	readonly rawPath?: string;
	/** st_mode: type and permission bits. */
	readonly mode: number;
	readonly modifiedNanoseconds: bigint;
	readonly uid: number;
	readonly gid: number;
	readonly device: bigint;
	readonly inode: bigint;
};

export type ScannedFile = ScannedBase & {readonly type: 'file'; readonly bytes: number};

/** `empty`: nothing inside it is scanned, so that only an entry of its own keeps it. */
export type ScannedFolder = ScannedBase & {readonly type: 'folder'; readonly empty: boolean};

/** A symbolic link. What it leads to follows as a file or folder of the same name when `followed`. */
export type ScannedLink = ScannedBase & {
	readonly type: 'link';
	readonly linkTarget: string;
	readonly linkType: 'file' | 'directory' | 'dangling';
	readonly followed: boolean;
};

export type ScanItem = ScannedFile | ScannedFolder | ScannedLink;

/** `skipped`: something is missing from the backup. `note`: taken in, or rightly left out, in a way worth telling. */
export type ScanProblem = {
	readonly path: string;
	readonly reason: string;
	readonly severity: 'skipped' | 'note';
};

export type ScanOptions = {
	readonly layout: Layout;
	/** Names of the parts that are out, from `resolveExcludes`. */
	readonly excludes: readonly string[];
	readonly signal?: AbortSignal;
	readonly breathe: () => Promise<void>;
	readonly onProblem?: (problem: ScanProblem) => void;
	/** Walks just this part, even when it is one that is never backed up. */
	readonly onlyPart?: string;
};

type Stats = fs.BigIntStats;

type Child = {
	readonly name: EntryName;
	readonly source: string | Buffer;
	/** Of the thing itself, or of what the link leads to. */
	readonly stats: Stats;
	readonly link?: {
		readonly stats: Stats;
		readonly target: string;
		readonly type: ScannedLink['linkType'];
		readonly followed: boolean;
	};
};

type Frame = {readonly children: readonly Child[]; next: number};

const identity = ({dev, ino}: Stats): string => `${dev}:${ino}`;

const vanished = new Set(['ENOENT', 'ENOTDIR', 'ESTALE']);

const reasons: Readonly<Record<string, string>> = {
	EACCES: 'Permission was denied.',
	EPERM: 'Permission was denied.',
	EIO: 'The disk reported an input/output error.',
	ENOTCONN: 'Its disk is not connected.',
	ELOOP: 'Its links lead in a circle.',
	ENAMETOOLONG: 'Its path is too long.',
};

const codeOf = (error: unknown): string =>
	error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : String(error);

const joinPath = (folder: string | Buffer, name: Buffer, isText: boolean): string | Buffer =>
	typeof folder === 'string' && isText
		? `${folder}/${name.toString()}`
		: Buffer.concat([Buffer.from(folder), Buffer.from('/'), name]);

const readLink = (source: string | Buffer): string => fs.readlinkSync(source).toString();

const realPath = (source: string | Buffer): string | undefined => {
	try {
		return fs.realpathSync.native(source);
	} catch {
		return undefined;
	}
};

/** One walk over a layout. A class because the state of a walk (what was visited, what is told) belongs together. */
class Walk {
	readonly #options: ScanOptions;
	/** Folders entered so far, by device and inode: a link into one of them is not followed. */
	readonly #visited = new Set<string>();
	/** Real paths of the folders that links were followed to. */
	readonly #followed: string[] = [];
	readonly #offLimits = new Map<string, string>();
	readonly #roots: readonly {readonly part: PartDefinition; readonly root: PartRoot}[];
	#sinceBreath = 0;

	constructor(options: ScanOptions) {
		this.#options = options;
		const {layout, excludes, onlyPart} = options;
		for (const {path: folder, reason} of layout.offLimits) {
			const stats = fs.statSync(folder, {bigint: true, throwIfNoEntry: false});
			if (stats) {
				this.#offLimits.set(identity(stats), reason);
			}
		}

		this.#roots = layout.parts
			.filter(({name, inclusion}) =>
				onlyPart === undefined ? inclusion !== 'never' && !excludes.includes(name) : name === onlyPart,
			)
			.flatMap(part => part.roots.map(root => ({part, root})));
	}

	async *run(): AsyncGenerator<ScanItem, void, undefined> {
		for (const {part, root} of this.#roots) {
			yield* this.#root(part, root);
		}
	}

	async *#root(part: PartDefinition, root: PartRoot): AsyncGenerator<ScanItem, void, undefined> {
		await this.#breathe();
		const source = root.sourceBytes ?? root.source;
		const name = rootName(root.target, root.sourceBytes);
		const child = this.#look(name, source, true);
		if (!child) {
			return;
		}

		const withLink: Child =
			root.link === undefined
				? child
				: {
						...child,
						link: {
							stats: child.stats,
							target: root.link,
							type: child.stats.isDirectory() ? 'directory' : 'file',
							followed: true,
						},
					};
		yield* this.#take(part, withLink);
	}

	/** Yields a thing and, when it is a folder, everything below it. */
	async *#take(part: PartDefinition, top: Child): AsyncGenerator<ScanItem, void, undefined> {
		const stack: Frame[] = [{children: [top], next: 0}];
		for (let frame = stack.at(-1); frame; frame = stack.at(-1)) {
			const child = frame.children[frame.next++];
			if (!child) {
				stack.pop();
				continue;
			}

			this.#options.signal?.throwIfAborted();
			if (++this.#sinceBreath >= 64) {
				await this.#breathe();
			}

			const {stats, link} = child;
			if (link) {
				yield {
					...this.#base(part, child, link.stats),
					type: 'link',
					linkTarget: link.target,
					linkType: link.type,
					followed: link.followed,
				};
				if (!link.followed) {
					continue;
				}
			}

			if (stats.isFile()) {
				yield {...this.#base(part, child, stats), type: 'file', bytes: Number(stats.size)};
				continue;
			}

			this.#visited.add(identity(stats));
			const children = await this.#children(child);
			const base = this.#base(part, child, stats);
			yield {
				...base,
				entryName: `${base.entryName}/`,
				type: 'folder',
				empty: children.every(({link: below}) => below?.followed === false),
			};
			stack.push({children, next: 0});
		}
	}

	#base(part: PartDefinition, {name, source}: Child, stats: Stats): ScannedBase {
		return {
			part: part.name,
			source,
			target: name.target,
			entryName: `${this.#options.layout.prefix}${name.target}`,
			...(name.raw === undefined ? {} : {rawPath: name.raw.toString('base64')}),
			mode: Number(stats.mode),
			modifiedNanoseconds: stats.mtimeNs,
			uid: Number(stats.uid),
			gid: Number(stats.gid),
			device: stats.dev,
			inode: stats.ino,
		};
	}

	async #children(folder: Child): Promise<readonly Child[]> {
		let names: readonly Buffer[];
		try {
			names = fs.readdirSync(folder.source, {encoding: 'buffer'}).sort(Buffer.compare);
		} catch (error) {
			this.#trouble(folder.name.target, error);
			return [];
		}

		const sidecars = this.#sidecars(folder.source, names);
		const join = joinNames(folder.name, names);
		const children: Child[] = [];
		for (const bytes of names) {
			if (++this.#sinceBreath >= 64) {
				await this.#breathe();
			}

			const name = join(bytes);
			if (sidecars.has(bytes.toString('latin1'))) {
				continue;
			}

			const child = this.#look(name, joinPath(folder.source, bytes, name.isText), false);
			if (child) {
				children.push(child);
				if (name.changed) {
					this.#tell(
						name.target,
						'Its name holds bytes that an archive cannot; it is stored under this one, and restored under its own.',
						'note',
					);
				}
			}
		}

		return children;
	}

	/** Looks at one name; undefined when there is nothing to take, which has been told then. */
	#look(name: EntryName, source: string | Buffer, isRoot: boolean): Child | undefined {
		const {layout, excludes, onlyPart} = this.#options;
		// A part that is never backed up can be measured: its own rule must not make it empty then.
		const isNever = onlyPart !== undefined && this.#isNever(onlyPart);
		if (!isRoot && !isNever && layout.leftOut(name.target, excludes) !== undefined) {
			return undefined;
		}

		try {
			const stats = fs.lstatSync(source, {bigint: true});
			if (stats.isSymbolicLink()) {
				return this.#lookAtLink(name, source, stats);
			}

			if (stats.isDirectory()) {
				return !isRoot && this.#offLimits.has(identity(stats)) ? undefined : {name, source, stats};
			}

			// Pipes, sockets and devices hold no data.
			return stats.isFile() ? {name, source, stats} : undefined;
		} catch (error) {
			this.#trouble(name.target, error);
			return undefined;
		}
	}

	#isNever(part: string): boolean {
		return this.#options.layout.parts.find(({name}) => name === part)?.inclusion === 'never';
	}

	#lookAtLink(name: EntryName, source: string | Buffer, link: Stats): Child | undefined {
		const target = readLink(source);
		let stats: Stats | undefined;
		try {
			stats = fs.statSync(source, {bigint: true, throwIfNoEntry: false});
		} catch (error) {
			if (codeOf(error) !== 'ELOOP' && !vanished.has(codeOf(error))) {
				throw error;
			}
		}

		if (!stats) {
			this.#tell(name.target, 'It is a link that leads nowhere; only the link itself is remembered.', 'note');
			return {name, source, stats: link, link: {stats: link, target, type: 'dangling', followed: false}};
		}

		if (stats.isFile()) {
			const real = realPath(source);
			const limit = this.#options.layout.offLimits.find(
				({path: folder}) => real !== undefined && pathInside(folder, real) !== undefined,
			);
			if (limit) {
				this.#tell(name.target, `It is a link that is not followed: ${limit.reason}`, 'note');
			}

			return {name, source, stats, link: {stats: link, target, type: 'file', followed: !limit}};
		}

		if (!stats.isDirectory()) {
			return undefined;
		}

		const reason = this.#notFollowed(source, stats);
		if (reason !== undefined) {
			this.#tell(name.target, `It is a link that is not followed: ${reason}`, 'note');
		}

		return {name, source, stats, link: {stats: link, target, type: 'directory', followed: reason === undefined}};
	}

	/** Why a link to a folder is not followed; when it is, that is remembered. */
	#notFollowed(source: string | Buffer, stats: Stats): string | undefined {
		const limits = this.#offLimits.get(identity(stats));
		if (limits !== undefined) {
			return limits;
		}

		if (this.#visited.has(identity(stats))) {
			return 'what it leads to is stored already.';
		}

		const real = realPath(source);
		if (real === undefined) {
			return 'where it leads cannot be found out.';
		}

		if (this.#followed.some(folder => folder === real || pathInside(folder, real) !== undefined)) {
			return 'what it leads to is stored already.';
		}

		const {layout} = this.#options;
		for (const {path: folder, reason} of layout.offLimits) {
			if (pathInside(folder, real) !== undefined) {
				return reason;
			}
		}

		for (const {name, roots} of layout.parts) {
			for (const root of roots) {
				if (root.type === 'directory' && (root.source === real || pathInside(root.source, real) !== undefined)) {
					return `what it leads to belongs to ${root.target === name ? name : `${name} (${root.target})`}.`;
				}

				if (pathInside(real, root.source) !== undefined) {
					return 'it leads to a folder around the data itself.';
				}
			}
		}

		this.#followed.push(real);
		return undefined;
	}

	/** Names of the journals that SQLite keeps beside a database: a consistent copy of the database needs none of them. */
	#sidecars(folder: string | Buffer, names: readonly Buffer[]): ReadonlySet<string> {
		const found = new Set<string>();
		const present = new Set(names.map(name => name.toString('latin1')));
		for (const name of present) {
			const suffix = sidecarSuffixes.find(ending => name.endsWith(ending));
			const database = suffix === undefined ? undefined : name.slice(0, -suffix.length);
			if (database && present.has(database)) {
				const bytes = Buffer.from(database, 'latin1');
				if (fileStartsLikeSqlite(Buffer.concat([Buffer.from(folder), Buffer.from('/'), bytes]))) {
					found.add(name);
				}
			}
		}

		return found;
	}

	#trouble(target: string, error: unknown): void {
		const code = codeOf(error);
		if (!vanished.has(code)) {
			this.#tell(target, reasons[code] ?? `It could not be read (${code}).`, 'skipped');
		}
	}

	#tell(target: string, reason: string, severity: ScanProblem['severity']): void {
		this.#options.onProblem?.({path: target, reason, severity});
	}

	async #breathe(): Promise<void> {
		this.#sinceBreath = 0;
		await this.#options.breathe();
	}
}

/**
 * Walks everything that belongs into a backup: parts in the layout's order, names in the order of their bytes, a folder before what is in it. What is
 * missing or remarkable goes to `onProblem`. The journals of databases are left out. Throws only what `breathe` and `signal` throw.
 */
export const scan = (options: ScanOptions): AsyncGenerator<ScanItem, void, undefined> => new Walk(options).run();
