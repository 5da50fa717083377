import {onTestFinished} from 'vitest';
import {makeTemporaryDirectory, removeDirectory} from './temporary.js';

/** Makes a new folder that is removed when the running test has finished, passed or failed. */
export const temporaryDirectory = (parent?: string): string => {
	const directory = makeTemporaryDirectory(parent);
	onTestFinished(() => {
		removeDirectory(directory);
	});
	return directory;
};
