import {mkdtempSync, realpathSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

/** Removes a folder even when things in it were made read-only. */
export const removeDirectory = (directory: string): void => {
	rmSync(directory, {recursive: true, force: true, maxRetries: 3});
};

/** Makes a new folder under the system's temporary folder, its path without links. The caller removes it. */
export const makeTemporaryDirectory = (parent = tmpdir()): string =>
	realpathSync(mkdtempSync(join(parent, 'printkeep-test-')));

/** Calls back with a new folder and removes it afterwards. */
export const inTemporaryDirectory = async <Result>(
	callback: (directory: string) => Result | Promise<Result>,
): Promise<Result> => {
	const directory = makeTemporaryDirectory();
	try {
		return await callback(directory);
	} finally {
		removeDirectory(directory);
	}
};
