import {closeSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach} from 'vitest';
import {commentOf, sealArchive} from '../../../source/engine/archive/comment.js';
import {writeManifest} from '../../../source/engine/archive/manifest.js';
import {type OpenArchive, openArchive, readEntry} from '../../../source/engine/archive/reader.js';
import type {ManifestFile, ManifestHeader} from '../../../source/engine/archive/types.js';
import {type VerifyReport, verifyArchive} from '../../../source/engine/archive/verify.js';
import {type ArchiveWriter, createArchiveWriter, type Member} from '../../../source/engine/archive/writer.js';
import {systemDisk} from '../../../source/engine/disk.js';

export const breathe = async (): Promise<void> => undefined;

/** A fresh folder for every test of the file. */
export const temporaryFolder = (): {readonly file: (name: string) => string; readonly path: () => string} => {
	let folder = '';
	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), 'printkeep-archive-'));
	});
	afterEach(() => {
		rmSync(folder, {recursive: true, force: true});
	});
	return {file: name => join(folder, name), path: () => folder};
};

export const modifiedAt = Date.UTC(2026, 4, 17, 12, 34, 56);

export const member = (name: string, more: Partial<Member> = {}): Member => ({
	name,
	mode: name.endsWith('/') ? 0o040755 : 0o100644,
	modifiedAt,
	uid: 1000,
	gid: 1000,
	...more,
});

export const sampleHeader: ManifestHeader = {
	format: 1,
	printkeep: '0.1.0',
	id: '6f1c2b1e-3f0a-4c59-8a4e-0123456789ab',
	sequence: 7,
	created: '2026-05-17T12:34:56.000Z',
	host: 'octopi',
	kind: 'octoprint',
	instance: 'octoprint',
	trigger: 'manual',
	note: 'before the new nozzle',
	server: {version: '1.11.8', versionSource: 'environment'},
	dataFolder: '/home/pi/.octoprint',
	prefix: 'basedir/',
	parts: [{name: 'uploads', title: 'G-code files', state: 'included', reason: '', files: 1, bytes: 5}],
	excludes: ['timelapse'],
	plugins: [{key: 'themeify', name: 'Themeify', url: null, version: '1.2.3'}],
	status: 'complete',
	skipped: [],
	notes: [],
	totals: {files: 1, bytes: 5},
};

/** Opens a new archive at a path, lets `fill` write it, finishes and closes it. */
export const writeArchive = async (
	path: string,
	fill: (writer: ArchiveWriter) => Promise<unknown>,
	header: ManifestHeader = sampleHeader,
): Promise<number> => {
	const descriptor = systemDisk.create(path, 0o600);
	try {
		const writer = createArchiveWriter({disk: systemDisk, descriptor, breathe});
		await fill(writer);
		const {bytes} = await writer.finish(commentOf(header));
		return bytes;
	} finally {
		closeSync(descriptor);
	}
};

export type Content = Readonly<Record<string, string | Uint8Array>>;

export const sampleContent: Content = {
	'metadata.json': '{"version": "1.11.8", "excludes": ["timelapse"]}',
	'basedir/config.yaml': 'api:\n  key: secret\n'.repeat(20),
	'basedir/users.yaml': 'admin: {}\n',
	'basedir/uploads/': '',
	'basedir/uploads/hölzer.gcode': 'G1 X1 Y2 E3\n'.repeat(50),
};

/** Writes an archive as printkeep does, manifest and seal included. */
export const writeSample = async (
	path: string,
	content: Content = sampleContent,
	header: ManifestHeader = sampleHeader,
): Promise<void> => {
	await writeArchive(
		path,
		async writer => {
			const files: ManifestFile[] = [];
			for (const [name, data] of Object.entries(content)) {
				if (name.endsWith('/')) {
					await writer.addDirectory(member(name));
					continue;
				}

				const {bytes, sha256} = await writer.addBuffer(member(name), Buffer.from(data));
				if (name.startsWith('basedir/')) {
					files.push({
						path: name,
						part: 'uploads',
						bytes,
						mode: 0o100644,
						modified: '1747485296.000000000',
						uid: 1000,
						gid: 1000,
						sha256,
					});
				}
			}

			const folders = Object.keys(content)
				.filter(name => name.endsWith('/'))
				.map(path_ => ({path: path_, mode: 0o40755, modified: '1747485296.000000000', uid: 1000, gid: 1000}));
			await writeManifest(writer, {...header, folders, links: [], files}, modifiedAt);
		},
		header,
	);
	const {problems, sha256OfBody} = await verify(path, {sealed: false});
	if (problems[0]) {
		throw new Error(problems[0].message);
	}

	const descriptor = openSync(path, 'r+');
	sealArchive({disk: systemDisk, descriptor, sha256: sha256OfBody});
	closeSync(descriptor);
};

export const withArchive = async <Value>(
	path: string,
	use: (archive: OpenArchive) => Promise<Value>,
): Promise<Value> => {
	const archive = await openArchive(path);
	try {
		return await use(archive);
	} finally {
		archive.close();
	}
};

export const verify = async (path: string, {sealed = true} = {}): Promise<VerifyReport> =>
	withArchive(path, async archive => verifyArchive(archive, {signal: new AbortController().signal, breathe, sealed}));

/** All content of an archive, entry by entry. */
export const readAll = async (path: string): Promise<Map<string, Buffer>> =>
	withArchive(path, async archive => {
		await archive.checkLocalHeaders(breathe);
		const all = new Map<string, Buffer>();
		for (const entry of archive.entries) {
			const chunks: Buffer[] = [];
			await readEntry(archive, entry, chunk => {
				chunks.push(Buffer.from(chunk));
			});
			all.set(entry.name, Buffer.concat(chunks));
		}

		return all;
	});

/** Everything that opening and reading an archive does. Returns the code and sentence it ends with, or null when it is fine. */
export const readingFault = async (path: string): Promise<{readonly code: string; readonly message: string} | null> => {
	try {
		await readAll(path);
		const {problems} = await verify(path);
		return problems[0] ?? null;
	} catch (error) {
		if (error instanceof Error && error.name === 'PrintkeepError' && 'code' in error) {
			return {code: String(error.code), message: error.message};
		}

		throw error;
	}
};

export const writeBytes = (path: string, bytes: Uint8Array): void => {
	writeFileSync(path, bytes, {mode: 0o600});
};

export const sizeOf = (path: string): number => statSync(path).size;
