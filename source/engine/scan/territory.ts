import type {Buffer} from 'node:buffer';
import * as fs from 'node:fs';
import type {Layout} from '../../servers/adapter.js';
import {pathInside} from '../../servers/real-path.js';

type Identity = Pick<fs.BigIntStats, 'dev' | 'ino'>;

/** A value per device and inode. */
class ByIdentity<Value> {
	readonly #devices = new Map<bigint, Map<bigint, Value>>();

	get({dev, ino}: Identity): Value | undefined {
		return this.#devices.get(dev)?.get(ino);
	}

	set({dev, ino}: Identity, value: Value): void {
		const known = this.#devices.get(dev);
		if (known) {
			known.set(ino, value);
		} else {
			this.#devices.set(dev, new Map([[ino, value]]));
		}
	}
}

/** Undefined when nothing is there, or when it may not be looked at: a walk cannot get in there then. */
const identityAt = (folder: string): Identity | undefined => {
	try {
		return fs.statSync(folder, {bigint: true});
	} catch {
		return undefined;
	}
};

const realPath = (source: string | Buffer): string | undefined => {
	try {
		return fs.realpathSync.native(source);
	} catch {
		return undefined;
	}
};

const takenAlready = 'what it leads to is stored already.';

/** Knows where a walk may go and where it has been, so that links lead it neither in circles, nor twice to the same place, nor where it must not go. */
export class Territory {
	readonly #layout: Layout;
	/** Folders entered so far. */
	readonly #visited = new ByIdentity<true>();
	/** Real paths of the folders that links were followed to. */
	readonly #followed: string[] = [];
	/** Why folders are never entered. */
	readonly #offLimits = new ByIdentity<string>();

	constructor(layout: Layout) {
		this.#layout = layout;
		for (const {path: folder, reason} of layout.offLimits) {
			const stats = identityAt(folder);
			if (stats) {
				this.#offLimits.set(stats, reason);
			}
		}
	}

	/** Remembers that a folder is being walked. */
	enter(folder: Identity): void {
		this.#visited.set(folder, true);
	}

	/** True for a folder that is never entered, however it was reached. */
	isOffLimits(folder: Identity): boolean {
		return this.#offLimits.get(folder) !== undefined;
	}

	/** Why a link to a file is not followed; undefined when it is. */
	fileLinkReason(link: string | Buffer): string | undefined {
		const real = realPath(link);
		return real === undefined ? undefined : this.#limitAround(real);
	}

	/** Why a link to a folder is not followed. Undefined when it is, which is remembered. */
	followLink(link: string | Buffer, folder: Identity): string | undefined {
		const real = realPath(link);
		if (real === undefined) {
			return 'where it leads cannot be found out.';
		}

		const reason =
			this.#offLimits.get(folder) ??
			this.#limitAround(real) ??
			(this.#visited.get(folder) ||
			this.#followed.some(other => other === real || pathInside(other, real) !== undefined)
				? takenAlready
				: this.#partReason(real));
		if (reason === undefined) {
			this.#followed.push(real);
		}

		return reason;
	}

	#limitAround(real: string): string | undefined {
		return this.#layout.offLimits.find(({path: folder}) => pathInside(folder, real) !== undefined)?.reason;
	}

	#partReason(real: string): string | undefined {
		for (const {name, roots} of this.#layout.parts) {
			for (const {source, target, type} of roots) {
				if (type === 'directory' && (source === real || pathInside(source, real) !== undefined)) {
					return `what it leads to belongs to ${target === name ? name : `${name} (${target})`}.`;
				}

				if (pathInside(real, source) !== undefined) {
					return 'it leads to a folder around the data itself.';
				}
			}
		}

		return undefined;
	}
}
