import type {PlantedFault} from './fault.js';

const hostile = 'test/faults/hostile-archives.test.ts';
const flips = 'test/faults/bit-flips.test.ts';

/** Checks of the archive reader, left out one at a time. */
export const archiveFaults: readonly PlantedFault[] = [
	{
		name: 'skip-crc',
		damage: 'A changed byte of stored content is restored as if it were right.',
		edits: [
			{
				file: 'source/engine/archive/take-stream.ts',
				find: 'if (checksum !== record.crc32) {',
				replace: 'if (checksum !== record.crc32 && record.bytes < 0) {',
			},
			{
				file: 'source/engine/archive/unpack-content.ts',
				find: 'if (checksum !== record.crc32) {',
				replace: 'if (checksum !== record.crc32 && record.bytes < 0) {',
			},
		],
		caughtBy: {file: flips, test: 'OctoPrint'},
	},
	{
		name: 'skip-overlap',
		damage: 'Two entries share their bytes, and a small file unpacks to as much as anybody likes.',
		edits: [
			{
				file: 'source/engine/archive/checks.ts',
				find: 'if (offset < end) {',
				replace: 'if (offset < end && end < 0) {',
			},
		],
		caughtBy: {file: hostile, test: 'an entry inside the content of another'},
	},
	{
		name: 'skip-duplicate',
		damage: 'Of two files of one name it depends on the reader which is restored.',
		edits: [
			{
				file: 'source/engine/archive/checks.ts',
				find: "if (!name.startsWith(listedTwice) || name.endsWith('/')) {",
				replace: "if (!name.startsWith(listedTwice) && name.endsWith('/')) {",
			},
		],
		caughtBy: {file: hostile, test: 'twice'},
	},
	{
		name: 'skip-dot-segments',
		damage: 'A name leads out of the folder that is restored into.',
		edits: [
			{
				file: 'source/engine/archive/names.ts',
				find: 'breaks: path => /(^|\\/)\\.{1,2}(\\/|$)/.test(path),',
				replace: 'breaks: path => /^\\.{1,2}$/.test(path),',
			},
		],
		caughtBy: {file: hostile, test: 'leads out'},
	},
	{
		name: 'skip-symlink',
		damage: 'A symbolic link out of a stranger’s archive is taken for a file.',
		edits: [
			{
				file: 'source/engine/archive/entry-rules.ts',
				find: "when(fileType(entry) === modeLink, 'is a symbolic link')",
				replace: "when(fileType(entry) === -1, 'is a symbolic link')",
			},
		],
		caughtBy: {file: hostile, test: 'symbolic link'},
	},
	{
		name: 'skip-second-end',
		damage: 'An end record in the comment shows another archive to other programs.',
		edits: [
			{
				file: 'source/engine/archive/end-record-search.ts',
				find: 'if (exact.length > 1 || found.some(other => other > at)) {',
				replace: 'if (exact.length > 1) {',
			},
		],
		caughtBy: {file: hostile, test: 'in the comment'},
	},
	{
		name: 'skip-local-headers',
		damage: 'The list of contents and the headers name different files.',
		edits: [
			{
				file: 'source/engine/archive/local-header.ts',
				find: 'if (nameBytes !== rawName.length || header.compare(rawName, 0, nameBytes, localHeaderBytes, extraStart) !== 0) {',
				replace: 'if (nameBytes !== rawName.length) {',
			},
		],
		caughtBy: {file: hostile, test: 'local header'},
	},
	{
		name: 'skip-gaps',
		damage: 'Bytes that belong to no entry hide in the archive.',
		edits: [
			{
				file: 'source/engine/archive/local-header.ts',
				find: '		if (gap.length > 0) {',
				replace: '		if (gap.length > 24) {',
			},
		],
		caughtBy: {file: hostile, test: 'bytes after an entry'},
	},
	{
		name: 'skip-seal',
		damage: 'A changed date or mode in the headers of a backup goes unnoticed.',
		edits: [
			{
				file: 'source/engine/archive/verify-manifest.ts',
				find: 'if (comment.sha256 !== wanted) {',
				replace: 'if (comment.sha256 === unsealedHash && isSealed) {',
			},
		],
		caughtBy: {file: flips, test: 'every flipped bit'},
	},
	{
		name: 'refuse-everything',
		damage: 'No archive with sizes after its content is restored any more, though Python and Info-ZIP write such.',
		edits: [
			{
				file: 'source/engine/archive/local-header.ts',
				find: '(flags & flagDescriptor) !== 0 &&\n		[0, record.crc32]',
				replace: '(flags & flagDescriptor) === 0 &&\n		[0, record.crc32]',
			},
		],
		caughtBy: {file: hostile, test: 'content before its sizes'},
	},
	{
		name: 'show-names-raw',
		damage: 'A name out of an archive writes to the clipboard of whoever looks at it.',
		edits: [
			{
				file: 'source/engine/archive/errors.ts',
				find: "import {safeText} from '../../format/safe-text.js';",
				replace: 'const safeText = (text: string): string => text;',
			},
		],
		caughtBy: {file: hostile, test: 'a clipboard write in a name'},
	},
];
