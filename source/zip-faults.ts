/**
 * What can be wrong with a ZIP archive, one code for each class of defect, so that programs can tell them apart. All of them end a command with exit
 * code 4. Spread into the table of all failures in errors.ts.
 */
const exit = 4;

export const zipFaults = {
	// Names
	'zip-absolute-name': {exit, title: 'The archive has an absolute path in it'},
	'zip-drive-name': {exit, title: 'The archive has a drive letter in a name'},
	'zip-dot-segment': {exit, title: 'The archive has a name that leads out of its folder'},
	'zip-empty-name': {exit, title: 'The archive has an empty name in it'},
	'zip-backslash': {exit, title: 'The archive has a backslash in a name'},
	'zip-control-character': {exit, title: 'The archive has a control character in a name'},
	'zip-invalid-utf8': {exit, title: 'The archive has a name that is no text'},
	'zip-name-mismatch': {exit, title: 'The archive gives a file two names'},
	'zip-name-too-long': {exit, title: 'The archive has a name that is too long'},
	'zip-too-deep': {exit, title: 'The archive has too many folders in one another'},
	'zip-duplicate-name': {exit, title: 'The archive has one name twice'},
	'zip-colliding-name': {exit, title: 'Two names in the archive mean one file there'},
	'zip-reserved-name': {exit, title: 'The file system there cannot hold a name of the archive'},
	// Kinds of entries
	'zip-symlink': {exit, title: 'The archive has a symbolic link in it'},
	'zip-special-file': {exit, title: 'The archive has a device or pipe in it'},
	'zip-file-and-folder': {exit, title: 'The archive has a file that is a folder, too'},
	'zip-directory-with-data': {exit, title: 'The archive has a folder with content of its own'},
	// How the bytes lie
	'zip-prefix': {exit, title: 'There is something in front of the archive'},
	'zip-gap': {exit, title: 'There is something hidden in the archive'},
	'zip-trailing-data': {exit, title: 'There is something after the end of the archive'},
	'zip-overlap': {exit, title: 'Files of the archive lie in one another'},
	'zip-outside': {exit, title: 'The archive points outside of itself'},
	'zip-several-ends': {exit, title: 'The archive has several ends'},
	'zip-entry-count': {exit, title: 'The archive miscounts its entries'},
	'zip-multi-disk': {exit, title: 'The archive is one of several pieces'},
	'zip-ambiguous': {exit, title: 'The archive can be read in two ways'},
	// Claims
	'zip-too-many-entries': {exit, title: 'The archive has too many entries'},
	'zip-directory-too-large': {exit, title: 'The archive has an oversized list of contents'},
	'zip-extra-too-large': {exit, title: 'The archive has oversized extra fields'},
	'zip-member-too-large': {exit, title: 'A file of the archive is larger than it can be'},
	'zip-bomb-ratio': {exit, title: 'A file of the archive would unpack to far too much'},
	'zip-bomb-total': {exit, title: 'The archive would unpack to far too much'},
	// Contradictions
	'zip-local-mismatch': {exit, title: 'The archive contradicts itself'},
	'zip-descriptor': {exit, title: 'The archive contradicts itself after a file'},
	'zip-unknown-length': {exit, title: 'The archive does not say where a file ends'},
	'zip-size-mismatch': {exit, title: 'A file of the archive has another size'},
	'zip-extra-damaged': {exit, title: 'The archive has damaged extra fields'},
	'zip64-field': {exit, title: 'The archive has damaged 64-bit sizes'},
	'zip64-number': {exit, title: 'The archive has an impossible 64-bit number'},
	'zip64-end': {exit, title: 'The archive has a damaged 64-bit end'},
	// Content
	'zip-method': {exit, title: 'The archive is compressed in an unknown way'},
	'zip-flags': {exit, title: 'The archive uses features that are not supported'},
	'zip-encrypted': {exit, title: 'The archive is encrypted'},
	'zip-crc': {exit, title: 'A file of the archive is damaged'},
	'zip-content': {exit, title: 'A file of the archive cannot be unpacked'},
	'zip-data-after-content': {exit, title: 'The archive has something hidden after a file'},
	'zip-changed': {exit, title: 'The archive changed while it was read'},
} as const satisfies Record<string, {readonly exit: 4; readonly title: string}>;

export type ZipFault = keyof typeof zipFaults;
