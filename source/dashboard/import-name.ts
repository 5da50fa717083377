/** Names for imported backups: pure. The engine has the last word. */

const longest = 150;

/** The name a file would get in the store: its own, with what is not allowed in names replaced. */
export const suggestedName = (fileName: string): string => {
	const stem = fileName
		.replace(/\.zip$/iu, '')
		.normalize('NFKD')
		.replaceAll(/[^\w.@-]+/gu, '-')
		.replaceAll(/^[-.]+|-+$/gu, '')
		.slice(0, longest - '.zip'.length);
	return `${stem === '' ? 'imported' : stem}.zip`;
};

/** True when a backup of that name is there, in whatever case. */
export const isTaken = (name: string, keys: readonly string[]): boolean => {
	const wanted = name.toLowerCase();
	return keys.some(key => key.toLowerCase() === wanted);
};

/** The suggested name, counted up until it is free. */
export const freeName = (fileName: string, keys: readonly string[]): string => {
	const suggestion = suggestedName(fileName);
	let name = suggestion;
	for (let count = 2; isTaken(name, keys); count++) {
		name = suggestion.replace(/\.zip$/u, `-${count}.zip`);
	}

	return name;
};
