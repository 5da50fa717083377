import {type FolderKey, folderKeyOf, folderKeys, folders, isFolderKey} from './folders.js';

export const configTitle = 'Settings and users';
export const otherTitle = 'Other folders';

/** The parts a person can leave out, and those that are always in or out, in archive order. */
export const partNames: readonly string[] = [
	'config',
	...folderKeys.filter(key => folders[key].inclusion !== 'never'),
	'other',
	...folderKeys.filter(key => folders[key].inclusion === 'never'),
];

/** The part a path inside the data folder belongs to. Folders end with `/`: a plain file at the top belongs to `config`, a foreign folder to `other`. */
export const partOf = (target: string): string => {
	const key = folderKeyOf(target.endsWith('/') ? target.slice(0, -1) : target);
	if (key !== undefined) {
		return key;
	}

	return target.includes('/') ? 'other' : 'config';
};

/** The title of a part; the name itself when it is none of OctoPrint's. */
export const partTitle = (name: string): string => {
	if (name === 'config') {
		return configTitle;
	}

	return name === 'other' ? otherTitle : isFolderKey(name) ? folders[name satisfies FolderKey].title : name;
};
