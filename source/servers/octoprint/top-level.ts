import {Buffer, isUtf8} from 'node:buffer';
import * as fs from 'node:fs';
import * as path from 'node:path';
import {PrintkeepError, toPrintkeepError} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';
import type {PartRoot} from '../adapter.js';
import {look} from '../look.js';
import {pathInside, realPathOf} from '../real-path.js';
import {type FolderKey, folderKeyOf} from './folders.js';
import {neverReason} from './left-out.js';
import type {Places} from './places.js';

/** What lies directly in the data folder and is none of OctoPrint's own folders. */
export type TopLevel = {
	/** Plain files, and links that are stored as nothing but a link: part `config`. */
	readonly files: readonly PartRoot[];
	/** Foreign folders: part `other`. */
	readonly folders: readonly PartRoot[];
	readonly leftOut: readonly {readonly part: string; readonly path: string; readonly reason: string}[];
};

const ownFiles = new Set(['config.yaml', 'users.yaml', 'groups.yaml']);

const unreadable = (error: unknown, folder: string): PrintkeepError => {
	const {message, hint} = toPrintkeepError(error, `The data folder ${safeText(folder)} cannot be read`);
	return new PrintkeepError('source-unreadable', message, {hint, cause: error});
};

const namesIn = (folder: string): readonly Buffer[] => {
	try {
		return fs.readdirSync(folder, {encoding: 'buffer'}).sort(Buffer.compare);
	} catch (error) {
		throw unreadable(error, folder);
	}
};

const statsIn = (base: string, file: Buffer): fs.Stats | undefined => {
	try {
		return fs.lstatSync(file, {throwIfNoEntry: false});
	} catch (error) {
		throw unreadable(error, base);
	}
};

/** Looks at everything directly in the data folder. `claims` are real paths that are stored elsewhere or nowhere. */
export const topLevel = ({
	places,
	claims,
	folderSources,
	note,
}: {
	readonly places: Places;
	readonly claims: readonly {readonly path: string; readonly reason: string}[];
	readonly folderSources: ReadonlyMap<FolderKey, PartRoot>;
	readonly note: (text: string) => void;
}): TopLevel => {
	const {base} = places;
	const files: PartRoot[] = [];
	const folders: PartRoot[] = [];
	const leftOut: {part: string; path: string; reason: string}[] = [];
	const names = namesIn(base);
	for (const bytes of names) {
		const name = bytes.toString();
		const source = path.join(base, name);
		const fullBytes = Buffer.concat([Buffer.from(`${base}/`), bytes]);
		const stats = statsIn(base, fullBytes);
		const resolved = stats?.isSymbolicLink() ? look(fullBytes) : stats;
		if (!stats || !(stats.isSymbolicLink() || stats.isFile() || stats.isDirectory())) {
			continue;
		}

		const leave = (part: string, reason: string): void => {
			leftOut.push({part, path: name, reason});
		};

		const never = neverReason(name);
		if (never !== undefined) {
			// Folders that are parts of their own are shown as such.
			if (folderKeyOf(name) === undefined) {
				leave(stats.isDirectory() ? 'other' : 'config', never);
			}

			continue;
		}

		const key = folderKeyOf(name);
		if (key !== undefined) {
			const place = places.folder(key);
			if (place.isConfigured && realPathOf(source) !== place.real) {
				leave(key, `Left behind: the folder is configured as ${safeText(place.configured)} now.`);
				if (stats.isDirectory() && namesIn(source).some(child => neverReason(`${name}/${child}`) === undefined)) {
					note(
						`${name} in the data folder is not backed up: OctoPrint keeps that folder at ${safeText(place.configured)} now, and would confuse the two.`,
					);
				}
			}

			continue;
		}

		if (ownFiles.has(name)) {
			const place = {'config.yaml': places.configFile, 'users.yaml': places.userFile}[name] ?? places.groupFile;
			if (place.isConfigured && realPathOf(source) !== place.real) {
				leave('config', `Left behind: OctoPrint uses ${safeText(place.configured)} now.`);
			}

			continue;
		}

		const raw = isUtf8(bytes) ? {} : {sourceBytes: fullBytes};
		if (!stats.isSymbolicLink()) {
			const claim = claims.find(({path: claimed}) => claimed === source);
			if (claim) {
				leave(stats.isDirectory() ? 'other' : 'config', claim.reason);
			} else if (stats.isDirectory()) {
				folders.push({source, target: name, type: 'directory', external: false, ...raw});
			} else {
				files.push({source, target: name, type: 'file', external: false, ...raw});
			}

			continue;
		}

		const real = resolved ? realPathOf(fullBytes.toString()) : '';
		const isTaken = (folder: string): boolean =>
			folder === base ||
			pathInside(base, folder) !== undefined ||
			pathInside(folder, base) !== undefined ||
			claims.some(({path: claimed}) => claimed === folder || pathInside(claimed, folder) !== undefined) ||
			[...folderSources.values()].some(root => pathInside(root.source, folder) !== undefined);
		if (resolved?.isDirectory() && !isTaken(real)) {
			folders.push({
				source: real,
				target: name,
				type: 'directory',
				external: true,
				link: fs.readlinkSync(fullBytes),
				...raw,
			});
		} else {
			// A link to a file, one that leads nowhere, or one into what is stored already: the scan tells them apart.
			files.push({source, target: name, type: 'file', external: false, ...raw});
		}
	}

	return {files, folders, leftOut};
};
