import type {Buffer} from 'node:buffer';
import * as fs from 'node:fs';
import {entryNameProblem} from '../archive/names.js';
import {type Child, readLink, type Stats} from './child.js';
import type {ScanProblem, WalkOptions} from './items.js';
import type {EntryName} from './names.js';
import type {Territory} from './territory.js';
import {codeOf, reasons, vanished} from './trouble.js';

/** Nanoseconds and the whole number of an inode need more digits than a usual number has. */
const exact = {bigint: true} as const;

/** Up to this many characters of ASCII no rule about lengths is broken. */
const shortName = 255;

/** Looks at single names of a layout: whether they are to be taken, and what they are. What is missing or remarkable is told. */
export class Look {
	readonly #options: WalkOptions;
	readonly #territory: Territory;
	/** A part that is never backed up can be measured: its own rule must not make it empty then. */
	readonly #isNever: boolean;

	constructor(options: WalkOptions, territory: Territory) {
		this.#options = options;
		this.#territory = territory;
		const {onlyPart, layout} = options;
		this.#isNever = onlyPart !== undefined && layout.parts.find(({name}) => name === onlyPart)?.inclusion === 'never';
	}

	/** The root of a part; undefined when there is nothing to take, which has been told then. */
	root(name: EntryName, source: string | Buffer): Child | undefined {
		return this.#canHold(name.target) ? this.#at(name, source, true) : undefined;
	}

	/** Something in a folder that is being walked. @param last its own name, without the folder's; text only when it is plain. */
	below(name: EntryName, last: string | Buffer, source: string | Buffer): Child | undefined {
		const {target} = name;
		const {layout, excludes} = this.#options;
		if (!this.#isNever && layout.leftOut(target, excludes) !== undefined) {
			return undefined;
		}

		if (layout.isOtherRoot?.(target)) {
			return undefined;
		}

		// The folder's name was looked at before: nearly always the last part is all there is to look at.
		const isFine =
			typeof last === 'string' && layout.prefix.length + target.length <= shortName && entryNameProblem(last) === null;
		return isFine || this.#canHold(target) ? this.#at(name, source, false) : undefined;
	}

	/** Tells of what could not be read, unless it is simply gone. */
	trouble(target: string, error: unknown): void {
		const code = codeOf(error);
		if (!vanished.has(code)) {
			this.tell(target, reasons[code] ?? `It could not be read (${code}).`, 'skipped');
		}
	}

	tell(target: string, reason: string, severity: ScanProblem['severity']): void {
		this.#options.onProblem?.({path: target, reason, severity});
	}

	#canHold(target: string): boolean {
		const problem = entryNameProblem(this.#options.layout.prefix + target);
		if (problem !== null) {
			this.tell(target, `An archive cannot hold it: its name ${problem}.`, 'skipped');
		}

		return problem === null;
	}

	#at(name: EntryName, source: string | Buffer, isRoot: boolean): Child | undefined {
		try {
			const stats = fs.lstatSync(source, exact);
			if (stats.isSymbolicLink()) {
				return this.#link(name, source, stats);
			}

			if (stats.isDirectory()) {
				return !isRoot && this.#territory.isOffLimits(stats) ? undefined : {name, source, stats};
			}

			// Pipes, sockets and devices hold no data.
			return stats.isFile() ? {name, source, stats} : undefined;
		} catch (error) {
			this.trouble(name.target, error);
			return undefined;
		}
	}

	#link(name: EntryName, source: string | Buffer, link: Stats): Child | undefined {
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
			this.tell(name.target, 'It is a link that leads nowhere; only the link itself is remembered.', 'note');
			return {name, source, stats: link, link: {stats: link, target, type: 'dangling', followed: false}};
		}

		if (stats.isFile()) {
			const limit = this.#territory.fileLinkReason(source);
			if (limit !== undefined) {
				this.tell(name.target, `It is a link that is not followed: ${limit}`, 'note');
			}

			return {name, source, stats, link: {stats: link, target, type: 'file', followed: limit === undefined}};
		}

		if (!stats.isDirectory()) {
			return undefined;
		}

		const reason = this.#territory.followLink(source, stats);
		if (reason !== undefined) {
			this.tell(name.target, `It is a link that is not followed: ${reason}`, 'note');
		}

		return {name, source, stats, link: {stats: link, target, type: 'directory', followed: reason === undefined}};
	}
}
