import {createHash} from 'node:crypto';

import {commentOf, encodeComment} from '../../source/engine/archive/comment.js';
import {manifestChunks} from '../../source/engine/archive/manifest.js';
import type {Manifest, ManifestFile} from '../../source/engine/archive/types.js';
import type {ErrorCode} from '../../source/errors.js';
import {type CraftedEntry, type CraftOptions, craftZip} from './craft-zip.js';
import {type HostileArchive, ordinaryEntries} from './hostile-archives.js';

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

const withFile = (more: Partial<ManifestFile>) => (manifest: Manifest) => ({
	...manifest,
	files: manifest.files.map((file, index) => (index === manifest.files.length - 1 ? {...file, ...more} : file)),
});

type Lie = readonly [
	title: string,
	code: ErrorCode,
	seen: HostileArchive['seen'],
	why: string,
	change: (manifest: Manifest) => Manifest,
];

const lies: readonly Lie[] = [
	['a manifest that leads out', 'zip-dot-segment', 'content', 'leads out', withFile({path: 'basedir/../../x'})],
	['a manifest with an absolute name', 'zip-absolute-name', 'content', 'absolute', withFile({path: '/etc/x'})],
	[
		'a manifest with a control character',
		'zip-control-character',
		'content',
		'control',
		withFile({path: 'basedir/\u001b]0;pwned\u0007'}),
	],
	[
		'a manifest whose data lies elsewhere',
		'zip-dot-segment',
		'content',
		'leads out',
		manifest => ({...manifest, prefix: '../'}),
	],
	['a manifest with another hash', 'archive-damaged', 'content', 'not the one', withFile({sha256: '0'.repeat(64)})],
	['a manifest with another size', 'archive-damaged', 'manifest', 'not the one', withFile({bytes: 3})],
	[
		'a manifest of a file that is not there',
		'archive-damaged',
		'manifest',
		'missing',
		manifest => ({...manifest, files: [...manifest.files, manifestFile({name: 'basedir/uploads/missing', data: 'x'})]}),
	],
	[
		'a manifest that does not know a file',
		'archive-damaged',
		'manifest',
		'does not know',
		manifest => ({...manifest, files: manifest.files.slice(0, -1)}),
	],
	[
		'a manifest with a file twice',
		'archive-damaged',
		'manifest',
		'twice',
		manifest => ({...manifest, files: [...manifest.files, ...manifest.files.slice(-1)]}),
	],
	[
		'a manifest with a link over a file',
		'archive-damaged',
		'manifest',
		'does not know',
		manifest => ({
			...manifest,
			files: manifest.files.slice(0, -1),
			links: [{path: 'basedir/uploads/evil.gcode', target: '/etc/passwd', type: 'file' as const}],
		}),
	],
	[
		'a manifest that gives a file other bytes for a name',
		'archive-refused',
		'content',
		'cannot be used',
		withFile({rawPath: Buffer.from('../../x').toString('base64')}),
	],
];

/** Archives with printkeep's own manifest and a right seal, whose manifest lies. */
export const hostileManifests: readonly HostileArchive[] = lies.map(([title, code, seen, why, change]) => ({
	title,
	code,
	seen,
	why,
	bytes: () => craftSealed([...ordinaryEntries, {name: 'basedir/uploads/evil.gcode', data: 'G1 X1 Y1\n'}], change),
}));
