/**
 * `printkeep.json`, the last member of every archive printkeep writes. It is one JSON document, laid out in lines (the header, then one line per
 * folder, link and file), so that hundreds of thousands of files never become one giant string, neither in writing nor in reading.
 */
import * as v from 'valibot';
import {PrintkeepError} from '../../errors.js';
import {type ByteList, createByteList} from './byte-list.js';
import {archiveFault, damaged, quoteEntry, refused} from './errors.js';
import {createLineSplitter, type TakeBytes} from './line-splitter.js';
import {fileOf, folderOf, ItemFault, linkOf} from './manifest-items.js';
import {manifestName} from './manifest-name.js';
import {headerSchema} from './manifest-schema.js';
import {entryNameFault} from './names.js';
import {createPlainLines, type PlainLine} from './plain-line.js';
import type {Manifest, ManifestFile, ManifestFolder, ManifestHeader, ManifestLink} from './types.js';
import type {ArchiveWriter, WrittenMember} from './writer.js';

export {manifestName, maximumManifestBytes} from './manifest-name.js';

const sections = ['folders', 'links', 'files'] as const;

/** Every line of a list ends with a comma and a line feed. */
const separatorBytes = 2;

/** The lists of a manifest as the lines they will be, each ended by a comma and a line feed. */
export type ManifestLines = {readonly [Section in (typeof sections)[number]]: ByteList};

/** The lists as they stand in a manifest, after the header's line. */
export const manifestSections = function* (lists: ManifestLines): Generator<Uint8Array> {
	for (const [number, name] of sections.entries()) {
		yield Buffer.from(`"${name}":[\n`);
		const list = lists[name];
		let rest = list.length() - separatorBytes;
		for (const chunk of list.chunks()) {
			// The last of a list is followed by no comma.
			yield chunk.subarray(0, Math.max(0, rest));
			rest -= chunk.length;
		}

		yield Buffer.from(list.length() > 0 ? '\n' : '');
		yield Buffer.from(number + 1 < sections.length ? '],\n' : ']}\n');
	}
};

/** A manifest's bytes, in pieces. */
const manifestBytes = function* (header: ManifestHeader, lists: ManifestLines): Generator<Uint8Array> {
	// The last brace is taken off: the lists follow in the same object.
	yield Buffer.from(`${JSON.stringify(header).slice(0, -1)},\n`);
	yield* manifestSections(lists);
};

const linesOf = (items: readonly object[]): ByteList => {
	const list = createByteList();
	for (const item of items) {
		list.append(Buffer.from(`${JSON.stringify(item)},\n`));
	}

	return list;
};

/** The manifest's bytes, piece by piece. */
export const manifestChunks = ({folders, links, files, ...header}: Manifest): Iterable<Uint8Array> =>
	manifestBytes(header, {folders: linesOf(folders), links: linesOf(links), files: linesOf(files)});

/**
 * Writes the manifest; it has to be the last member.
 * @param modifiedAt milliseconds since the epoch.
 */
export const writeManifestLines = async (
	writer: ArchiveWriter,
	header: ManifestHeader,
	lists: ManifestLines,
	modifiedAt: number,
): Promise<WrittenMember> =>
	writer.addChunks({name: manifestName, mode: 0o100600, modifiedAt, uid: 0, gid: 0}, manifestBytes(header, lists));

/** Writes a manifest that is at hand as a whole. @param modifiedAt milliseconds since the epoch. */
export const writeManifest = async (
	writer: ArchiveWriter,
	{folders, links, files, ...header}: Manifest,
	modifiedAt: number,
): Promise<WrittenMember> =>
	writeManifestLines(
		writer,
		header,
		{folders: linesOf(folders), links: linesOf(links), files: linesOf(files)},
		modifiedAt,
	);

const unreadable = (why: string): PrintkeepError =>
	damaged(`The manifest of the archive cannot be understood: ${why}.`);

const parseLine = (line: string): unknown => {
	try {
		return JSON.parse(line);
	} catch {
		throw unreadable('it is not in the form printkeep writes');
	}
};

const checkHeader = (value: unknown): ManifestHeader => {
	const result = v.safeParse(headerSchema, value);
	if (!result.success) {
		const [issue] = result.issues;
		throw unreadable(`${v.getDotPath(issue) ?? 'a line'} is not as it should be`);
	}

	return result.output;
};

const check = <Item>(read: (value: unknown) => Item, value: unknown): Item => {
	try {
		return read(value);
	} catch (error) {
		throw error instanceof ItemFault ? unreadable(`${error.message} is not as it should be`) : error;
	}
};

/**
 * Reads the first line of a manifest.
 * @throws archive-too-new when a newer printkeep wrote it, archive-damaged
 */
export const parseHeaderLine = (line: string): ManifestHeader => {
	const value = parseLine(`${line.replace(/,$/, '')}}`);
	const format = typeof value === 'object' && value !== null && 'format' in value ? value.format : undefined;
	if (typeof format === 'number' && format > 1) {
		throw new PrintkeepError('archive-too-new', 'This backup was written by a newer printkeep.', {
			hint: 'Update printkeep on this machine, then try again.',
		});
	}

	const header = checkHeader(value);
	if (header.prefix !== '') {
		checkPath(header.prefix, true);
	}

	return header;
};

const checkPath = (path: string, isFolder: boolean): string => {
	if (path.endsWith('/') !== isFolder) {
		throw refused(`The manifest names ${quoteEntry(path)}: it is of the wrong kind.`);
	}

	const fault = entryNameFault(path);
	if (fault !== null) {
		throw archiveFault(fault.code, `The manifest names ${quoteEntry(path)}: it ${fault.words}.`);
	}

	return path;
};

/** The true bytes of a name must be a path inside the data folder, too; that they are the name's, a restore checks. */
const checkRawPath = ({path, rawPath}: {readonly path: string; readonly rawPath?: string}): void => {
	const names = rawPath === undefined ? [] : Buffer.from(rawPath, 'base64').toString('latin1').split('/');
	if (names.some(name => name === '' || name === '.' || name === '..' || name.includes('\0'))) {
		throw refused(`The manifest gives ${quoteEntry(path)} a name that cannot be used.`);
	}
};

/** Gets what a manifest lists, in its order; the header comes first. */
export type ManifestVisitor = {
	readonly header?: (header: ManifestHeader) => void;
	readonly folder?: (folder: ManifestFolder) => void;
	readonly link?: (link: ManifestLink) => void;
	readonly file?: (file: ManifestFile) => void;
	/** Where there are these, they get what can be read from the bytes of its line, instead of the others; valid until they return. */
	readonly plainFolder?: (folder: PlainLine) => void;
	readonly plainFile?: (file: PlainLine) => void;
};

export type ManifestReader = {
	/** Takes the next line from its bytes if it can. @throws what the visitor throws */
	readonly bytes: TakeBytes;
	/** Takes the next line. @throws archive-damaged, archive-refused, archive-too-new */
	readonly line: (line: string) => void;
	/** After the last line. @throws archive-damaged when there should have been more */
	readonly finish: () => ManifestHeader;
};

/** Takes a manifest's lines one by one, and shows what they list. */
export const createManifestReader = (visitor: ManifestVisitor): ManifestReader => {
	let header: ManifestHeader | null = null;
	let section = -1;
	let isOpen = false;
	let isDone = false;
	const readPlain = createPlainLines();

	const add = (value: unknown): void => {
		switch (sections[section]) {
			case 'folders': {
				const folder = check(folderOf, value);
				checkPath(folder.path, true);
				checkRawPath(folder);
				visitor.folder?.(folder);
				break;
			}

			case 'links': {
				const link = check(linkOf, value);
				checkPath(link.path, false);
				checkRawPath(link);
				visitor.link?.(link);
				break;
			}

			case 'files': {
				const file = check(fileOf, value);
				checkPath(file.path, false);
				checkRawPath(file);
				visitor.file?.(file);
				break;
			}

			default: {
				throw unreadable('it has lines too many');
			}
		}
	};

	return {
		bytes(bytes, start, end) {
			const name = isOpen ? sections[section] : undefined;
			const isFolder = name === 'folders';
			const visit = isFolder ? visitor.plainFolder : name === 'files' ? visitor.plainFile : undefined;
			const line = visit ? readPlain(bytes, start, end, isFolder) : null;
			if (!visit || !line) {
				return false;
			}

			visit(line);
			return true;
		},
		line(line) {
			if (!header) {
				header = parseHeaderLine(line);
				visitor.header?.(header);
				return;
			}

			if (isOpen) {
				if (line === '],' || line === ']}') {
					isOpen = false;
					isDone = line === ']}';
				} else {
					add(parseLine(line.endsWith(',') ? line.slice(0, -1) : line));
				}

				return;
			}

			section++;
			const name = sections[section];
			if (isDone || name === undefined || line !== `"${name}":[`) {
				throw unreadable('it is not in the form printkeep writes');
			}

			isOpen = true;
		},
		finish() {
			if (!header || !isDone || section !== sections.length - 1) {
				throw unreadable('it is cut off');
			}

			return header;
		},
	};
};

/** Gathers a whole manifest. */
export const createManifestGatherer = (): {
	readonly visitor: ManifestVisitor;
	/** @param header what the reader finished with. */
	readonly manifest: (header: ManifestHeader) => Manifest;
} => {
	const folders: ManifestFolder[] = [];
	const links: ManifestLink[] = [];
	const files: ManifestFile[] = [];
	return {
		visitor: {
			folder: folder => folders.push(folder),
			link: link => links.push(link),
			file: file => files.push(file),
		},
		manifest: header => ({...header, folders, links, files}),
	};
};

/** Reads a whole manifest from its bytes. @throws archive-damaged, archive-refused, archive-too-new */
export const parseManifest = (bytes: Buffer): Manifest => {
	const gatherer = createManifestGatherer();
	const reader = createManifestReader(gatherer.visitor);
	const splitter = createLineSplitter(reader.line, reader.bytes);
	splitter.push(bytes);
	splitter.end();
	return gatherer.manifest(reader.finish());
};
