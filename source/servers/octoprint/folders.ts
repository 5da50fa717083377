import type {Inclusion} from '../../client/protocol.js';

type FolderDescription = {readonly title: string; readonly inclusion: Inclusion; readonly reason: string};

/**
 * The folders OctoPrint knows by name, each of which can be configured elsewhere as `folder.<key>`, in the order they
 * take in an archive. What OctoPrint's own backup always leaves out is left out here too.
 * Source: `octoprint/schema/config/folder.py` and the Backup plugin of OctoPrint 1.11 and 2.0.
 */
export const folders = {
	uploads: {title: 'G-code files and models', inclusion: 'included', reason: ''},
	timelapse: {title: 'Timelapse videos', inclusion: 'included', reason: ''},
	data: {title: 'Data of plugins', inclusion: 'included', reason: ''},
	plugins: {title: 'Single-file plugins', inclusion: 'included', reason: ''},
	printerProfiles: {title: 'Printer profiles', inclusion: 'included', reason: ''},
	slicingProfiles: {title: 'Slicing profiles', inclusion: 'included', reason: ''},
	scripts: {title: 'G-code scripts', inclusion: 'included', reason: ''},
	translations: {title: 'Translations', inclusion: 'included', reason: ''},
	virtualSd: {title: 'SD card of the virtual printer', inclusion: 'included', reason: ''},
	logs: {
		title: 'Log files',
		inclusion: 'never',
		reason: 'Logs describe this machine and are of no use in a restored server.',
	},
	generated: {title: 'Generated web files', inclusion: 'never', reason: 'OctoPrint makes them again at every start.'},
	watched: {
		title: 'Watched folder',
		inclusion: 'never',
		reason: 'An inbox: OctoPrint moves what lies there into the uploads.',
	},
	uploadtemp: {
		title: 'Unfinished uploads',
		inclusion: 'never',
		reason: 'Temporary files that OctoPrint deletes at every start.',
	},
	timelapse_tmp: {
		title: 'Timelapse frames',
		inclusion: 'never',
		reason: 'Frames of a timelapse that is being recorded; they change all the time and go when the video is made.',
	},
} as const satisfies Readonly<Record<string, FolderDescription>>;

export type FolderKey = keyof typeof folders;

export const folderKeys = Object.keys(folders) as readonly FolderKey[];

export const isFolderKey = (name: string): name is FolderKey => Object.hasOwn(folders, name);

/** Where a folder lies inside the data folder unless it is configured elsewhere, and always inside an archive: `timelapse_tmp` is `timelapse/tmp`. */
export const targetOf = (key: FolderKey): string => key.replace('_', '/');

/** The first name of a path. */
export const firstOf = (target: string): string => {
	const end = target.indexOf('/');
	return end === -1 ? target : target.slice(0, end);
};

/** The folder key a path inside the data folder belongs to; undefined when OctoPrint has no such folder. */
export const folderKeyOf = (target: string): FolderKey | undefined => {
	if (target === 'timelapse/tmp' || target.startsWith('timelapse/tmp/')) {
		return 'timelapse_tmp';
	}

	const first = firstOf(target);
	return first !== 'timelapse_tmp' && isFolderKey(first) ? first : undefined;
};
