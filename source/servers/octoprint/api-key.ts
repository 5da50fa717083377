import * as fs from 'node:fs';
import type {InstanceRef, ServiceSettings} from '../../client/protocol.js';
import {toPrintkeepError} from '../../errors.js';
import {readConfiguration} from './configuration.js';

/** A key to ask with, null when there is none, or why the one that is set cannot be used. */
export type ApiKey = {readonly key: string | null} | {readonly why: string; readonly advice: string};

const maximumBytes = 4096;

const isKey = (text: string): boolean => /^[\x21-\x7e]{1,512}$/u.test(text);

const fromFile = (file: string): ApiKey => {
	const problem = (what: string, advice: string): ApiKey => ({why: `the file ${file} with its key ${what}`, advice});
	let descriptor: number;
	try {
		// A pipe would wait for somebody to write into it.
		descriptor = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
	} catch (error) {
		const {message} = toPrintkeepError(error, 'cannot be read');
		return problem(message.replace(/\.$/u, ''), 'Check the setting api-key-file.');
	}

	try {
		const stats = fs.fstatSync(descriptor);
		if (!stats.isFile() || stats.size > maximumBytes) {
			return problem('is no file of a key', 'Check the setting api-key-file.');
		}

		if ((stats.mode & 0o077) !== 0) {
			return problem('can be read by others', `Make it private: chmod 600 ${file}`);
		}

		const key = fs.readFileSync(descriptor, 'utf8').trim();
		return isKey(key) ? {key} : problem('does not hold a key', 'Put the key into it, and nothing else.');
	} catch (error) {
		return problem(toPrintkeepError(error, 'cannot be read').message.replace(/\.$/u, ''), '');
	} finally {
		fs.closeSync(descriptor);
	}
};

/**
 * The key of an instance: from the private file a person has set, else the one key older versions keep in their configuration. It is used in a header and
 * nowhere else.
 */
export const apiKeyOf = (instance: InstanceRef, {keyFile}: ServiceSettings): ApiKey => {
	if (keyFile !== undefined) {
		return fromFile(keyFile);
	}

	try {
		const {apiKey} = readConfiguration(instance);
		return {key: apiKey !== null && isKey(apiKey) ? apiKey : null};
	} catch {
		return {key: null};
	}
};
