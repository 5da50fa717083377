import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

/** Makes an instance with next to nothing in it, for what is not about its data. Gives its folder. */
export const smallInstance = (folder: string): string => {
	const path = join(folder, 'small');
	mkdirSync(join(path, 'uploads'), {recursive: true});
	writeFileSync(join(path, 'config.yaml'), 'server:\n  firstRun: false\n');
	writeFileSync(join(path, 'users.yaml'), 'admin:\n  active: true\n');
	return path;
};
