import {mkdtempSync, realpathSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {onTestFinished} from 'vitest';

/** Removes a folder even when things in it were made read-only. */
export const removeDirectory = (directory: string): void => {
	rmSync(directory, {recursive: true, force: true, maxRetries: 3});
};

/** Makes a new folder under the system's temporary folder, its path without links. The caller removes it. */
export const makeTemporaryDirectory = (parent = tmpdir()): string =>
	realpathSync(mkdtempSync(join(parent, 'printkeep-test-')));

/** Makes a new folder that is removed when the running test has finished, passed or failed. */
export const temporaryDirectory = (parent?: string): string => {
	const directory = makeTemporaryDirectory(parent);
	onTestFinished(() => {
		removeDirectory(directory);
	});
	return directory;
};

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
