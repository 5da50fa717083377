/**
 * Fills a store with many real backups, quickly: each is written by printkeep's own writer, sealed, and passes `printkeep verify`.
 *
 * usage: tsx bench/make-backups.ts STORE COUNT
 */
import {createHash, randomUUID} from 'node:crypto';
import {closeSync, mkdirSync, openSync, readFileSync, utimesSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {commentOf, sealArchive} from '../source/engine/archive/comment.js';
import {writeManifest} from '../source/engine/archive/manifest.js';
import type {ManifestFile, ManifestHeader} from '../source/engine/archive/types.js';
import {createArchiveWriter} from '../source/engine/archive/writer.js';
import {systemDisk} from '../source/engine/disk.js';
import {automaticName} from '../source/engine/names.js';

const hour = 3_600_000;

const contents: Readonly<Record<string, string>> = {
	'config.yaml': 'server:\n  firstRun: false\n',
	'users.yaml': 'admin:\n  active: true\n',
	'uploads/benchy.gcode': '; made up\nG28\nM84\n'.repeat(20),
};

const writeBackup = async (store: string, sequence: number, at: number): Promise<void> => {
	const name = automaticName({hostName: 'printer', kind: 'octoprint', instance: 'octoprint', at, trigger: 'auto'});
	const path = join(store, name);
	const descriptor = openSync(path, 'wx+', 0o600);
	try {
		const writer = createArchiveWriter({disk: systemDisk, descriptor, breathe: async () => undefined});
		const member = {mode: 0o100644, modifiedAt: at, uid: 0, gid: 0};
		await writer.addBuffer({...member, name: 'metadata.json'}, Buffer.from('{"version": "1.11.8", "excludes": []}'));
		const files: ManifestFile[] = [];
		for (const [target, content] of Object.entries(contents)) {
			const {bytes, sha256} = await writer.addBuffer({...member, name: `basedir/${target}`}, Buffer.from(content));
			files.push({
				...{path: `basedir/${target}`, part: target.startsWith('uploads/') ? 'uploads' : 'config', bytes, sha256},
				...{mode: member.mode, modified: `${Math.floor(at / 1000)}.000000000`, uid: 0, gid: 0},
			});
		}

		const total = files.reduce((sum, {bytes}) => sum + bytes, 0);
		const header: ManifestHeader = {
			format: 1,
			printkeep: '0.1.0',
			id: randomUUID(),
			sequence,
			created: new Date(at).toISOString(),
			host: 'printer',
			kind: 'octoprint',
			instance: 'octoprint',
			trigger: 'auto',
			note: '',
			server: {version: '1.11.8', versionSource: 'log'},
			dataFolder: '/home/pi/.octoprint',
			prefix: 'basedir/',
			parts: [
				{name: 'config', title: 'Configuration', state: 'included', reason: '', files: 2, bytes: 0},
				{name: 'uploads', title: 'G-code files', state: 'included', reason: '', files: 1, bytes: 0},
			],
			excludes: [],
			plugins: [],
			status: 'complete',
			skipped: [],
			notes: [],
			totals: {files: files.length, bytes: total},
		};
		await writeManifest(writer, {...header, folders: [], links: [], files}, at);
		await writer.finish(commentOf(header));
		const bytes = readFileSync(path);
		const sha256 = createHash('sha256')
			.update(bytes.subarray(0, bytes.lastIndexOf('PK\u0005\u0006', undefined, 'latin1')))
			.digest('hex');
		sealArchive({disk: systemDisk, descriptor, sha256});
	} finally {
		closeSync(descriptor);
	}

	utimesSync(path, at / 1000, at / 1000);
};

/** Writes that many backups into a folder, one per hour up to now. */
export const makeBackups = async (store: string, count: number, now: number = Date.now()): Promise<void> => {
	mkdirSync(store, {recursive: true, mode: 0o700});
	for (let index = 0; index < count; index++) {
		await writeBackup(store, index + 1, now - (count - index) * hour);
	}
};

const [, script, store, count] = process.argv;
if (script === fileURLToPath(import.meta.url) && store !== undefined && count !== undefined) {
	const start = performance.now();
	await makeBackups(store, Number(count));
	console.log(`${count} backups in ${store}, ${((performance.now() - start) / 1000).toFixed(1)} s`);
}
