import {Buffer} from 'node:buffer';
import * as fs from 'node:fs';
import {type Child, joinPath} from './child.js';
import {type EntryName, joinNames} from './names.js';
import {plainNames} from './plain-names.js';
import {sidecarsIn} from './sidecars.js';

/** One name in a folder, not looked at yet. */
export type Listed = {
	readonly name: EntryName;
	/** Its own name; text where that is plain. */
	readonly last: string | Buffer;
	readonly source: string | Buffer;
};

/** Gives the names in a folder one by one, in the order of their bytes; undefined after the last one. */
export type Listing = () => Listed | undefined;

/** Of a folder in which all names are plain, as they nearly always are: undefined when one is not, or when there is trouble. */
const listPlain = ({name: parent, source}: Child): Listing | undefined => {
	const names = typeof source === 'string' && parent.raw === undefined ? plainNames(source) : undefined;
	if (!names) {
		return undefined;
	}

	let next = 0;
	return () => {
		const last = names[next++];
		return last === undefined
			? undefined
			: {
					name: {target: `${parent.target}/${last}`, raw: undefined, isText: true, changed: false},
					last,
					source: `${source}/${last}`,
				};
	};
};

const listAny = ({name: parent, source}: Child): Listing => {
	const names = fs.readdirSync(source, {encoding: 'buffer'}).sort(Buffer.compare);
	const sidecars = sidecarsIn(source, names);
	const join = joinNames(parent, names);
	let next = 0;
	return () => {
		for (let last = names[next++]; last !== undefined; last = names[next++]) {
			// Every name is asked for: what a changed name becomes depends on those before it.
			const name = join(last);
			if (!sidecars.has(last.toString('latin1'))) {
				return {name, last, source: joinPath(source, last, name.isText)};
			}
		}

		return undefined;
	};
};

/** Lists a folder, without the journals of databases in it. @throws the system's error. */
export const listFolder = (folder: Child): Listing => listPlain(folder) ?? listAny(folder);
