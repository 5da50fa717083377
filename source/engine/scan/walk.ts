/**
 * Walks the parts of an instance in a fixed order. Lazy, so that nothing of a large tree is kept but the folder at hand and its
 * ancestors; synchronous calls inside, since a worker thread owns them. Nothing is opened for reading but the first bytes of databases.
 */
import {Buffer} from 'node:buffer';
import * as fs from 'node:fs';
import type {PartDefinition, PartRoot} from '../../servers/adapter.js';
import {entryNameProblem} from '../archive/names.js';
import {type Child, joinPath, readLink, type Stats} from './child.js';
import type {ScanItem, ScannedBase, ScanOptions, ScanProblem} from './items.js';
import {type EntryName, joinNames, rootName} from './names.js';
import {plainNames} from './plain-names.js';
import {sidecarsIn} from './sidecars.js';
import {Territory} from './territory.js';
import {codeOf, reasons, vanished} from './trouble.js';

type Frame = {readonly children: readonly Child[]; next: number};

/** One walk over a layout. A class because the state of a walk (what was visited, what is told) belongs together. */
class Walk {
	readonly #options: ScanOptions;
	readonly #territory: Territory;
	readonly #roots: readonly {readonly part: PartDefinition; readonly root: PartRoot}[];
	#sinceBreath = 0;

	constructor(options: ScanOptions) {
		this.#options = options;
		const {layout, excludes, onlyPart} = options;
		this.#territory = new Territory(layout);
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

			this.#territory.enter(stats);
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
			changedNanoseconds: stats.ctimeNs,
			uid: Number(stats.uid),
			gid: Number(stats.gid),
			device: stats.dev,
			inode: stats.ino,
		};
	}

	async #children(folder: Child): Promise<readonly Child[]> {
		return (await this.#plainChildren(folder)) ?? this.#anyChildren(folder);
	}

	/** Children of a folder in which all names are plain, as they nearly always are: undefined when one is not, or when there is trouble. */
	async #plainChildren({name: parent, source}: Child): Promise<readonly Child[] | undefined> {
		if (typeof source !== 'string' || parent.raw !== undefined) {
			return undefined;
		}

		const names = plainNames(source);
		if (!names) {
			return undefined;
		}

		const children: Child[] = [];
		for (const plain of names) {
			if (++this.#sinceBreath >= 64) {
				await this.#breathe();
			}

			const name = {target: `${parent.target}/${plain}`, raw: undefined, isText: true, changed: false};
			const child = this.#look(name, `${source}/${plain}`, false);
			if (child) {
				children.push(child);
			}
		}

		return children;
	}

	async #anyChildren(folder: Child): Promise<readonly Child[]> {
		let names: readonly Buffer[];
		try {
			names = fs.readdirSync(folder.source, {encoding: 'buffer'}).sort(Buffer.compare);
		} catch (error) {
			this.#trouble(folder.name.target, error);
			return [];
		}

		const sidecars = sidecarsIn(folder.source, names);
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

		if (!isRoot && layout.isOtherRoot?.(name.target)) {
			return undefined;
		}

		const problem = entryNameProblem(layout.prefix + name.target);
		if (problem !== null) {
			this.#tell(name.target, `An archive cannot hold it: its name ${problem}.`, 'skipped');
			return undefined;
		}

		try {
			const stats = fs.lstatSync(source, {bigint: true});
			if (stats.isSymbolicLink()) {
				return this.#lookAtLink(name, source, stats);
			}

			if (stats.isDirectory()) {
				return !isRoot && this.#territory.isOffLimits(stats) ? undefined : {name, source, stats};
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
			const limit = this.#territory.fileLinkReason(source);
			if (limit !== undefined) {
				this.#tell(name.target, `It is a link that is not followed: ${limit}`, 'note');
			}

			return {name, source, stats, link: {stats: link, target, type: 'file', followed: limit === undefined}};
		}

		if (!stats.isDirectory()) {
			return undefined;
		}

		const reason = this.#territory.followLink(source, stats);
		if (reason !== undefined) {
			this.#tell(name.target, `It is a link that is not followed: ${reason}`, 'note');
		}

		return {name, source, stats, link: {stats: link, target, type: 'directory', followed: reason === undefined}};
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
