import {createHash} from 'node:crypto';
import {commentOf, encodeComment} from '../../source/engine/archive/comment.js';
import {manifestChunks} from '../../source/engine/archive/manifest.js';
import type {Manifest, ManifestFile} from '../../source/engine/archive/types.js';
import {type CraftedEntry, type CraftOptions, craftZip} from './craft-zip.js';

const partOf = (name: string): string => /^basedir\/(config|users)\.yaml$/.exec(name)?.[1] ?? 'uploads';

/** What a manifest of printkeep's says of an entry. */
export const manifestFile = ({name, data = ''}: CraftedEntry, more: Partial<ManifestFile> = {}): ManifestFile => ({
	path: String(name),
	part: partOf(String(name)),
	bytes: Buffer.byteLength(data),
	mode: 0o100644,
	modified: '1747485296.000000000',
	uid: process.getuid?.() ?? 0,
	gid: process.getgid?.() ?? 0,
	sha256: createHash('sha256').update(data).digest('hex'),
	...more,
});

const parts = ['config', 'users', 'uploads'];

/**
 * Makes an archive with printkeep's manifest and seal by hand: the seal has no secret in it, so that anybody can make one.
 * @param change what the manifest says that is not so.
 */
export const craftSealed = (
	entries: readonly CraftedEntry[],
	change: (manifest: Manifest) => Manifest = manifest => manifest,
	options: CraftOptions = {},
): Buffer => {
	const files = entries
		.filter(({name}) => String(name).startsWith('basedir/') && !String(name).endsWith('/'))
		.map(entry => manifestFile(entry));
	const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
	const manifest = change({
		format: 1,
		printkeep: '0.1.0',
		id: '6f1c2b1e-3f0a-4c59-8a4e-0123456789ab',
		sequence: 1,
		created: '2026-05-17T12:34:56.000Z',
		host: 'octopi',
		kind: 'octoprint',
		instance: 'octoprint',
		trigger: 'manual',
		note: '',
		server: {version: '1.11.8', versionSource: 'environment'},
		dataFolder: '/home/pi/.octoprint',
		prefix: 'basedir/',
		parts: parts.map(name => ({
			name,
			title: name,
			state: 'included',
			reason: '',
			files: files.filter(({part}) => part === name).length,
			bytes: files.filter(({part}) => part === name).reduce((sum, file) => sum + file.bytes, 0),
		})),
		excludes: [],
		plugins: [],
		status: 'complete',
		skipped: [],
		notes: [],
		totals: {files: files.length, bytes},
		folders: [],
		links: [],
		files,
	});
	const text = Buffer.concat([...manifestChunks(manifest)]);
	return craftZip([...entries, {name: 'printkeep.json', data: text, method: 8, mode: 0o100600}], {
		comment: sha256 => encodeComment(commentOf(manifest), sha256),
		...options,
	});
};
