/** What a plugin has to remember of an instance: a small file in its private folder, whole at every moment. */
import {createHash, randomUUID} from 'node:crypto';
import {closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync} from 'node:fs';
import {join} from 'node:path';
import type {PluginContext, PluginInstance, PluginRecordData} from '../../api.js';
import {isRecord} from './read-settings.js';

const maximumBytes = 100_000;

const fileOf = (context: PluginContext, instance: PluginInstance): string =>
	join(context.stateFolder(), `${createHash('sha256').update(instance.dataFolder).digest('hex').slice(0, 24)}.json`);

/** What was written last for an instance; an empty object when nothing was, or when it cannot be read. */
export const readState = (context: PluginContext, instance: PluginInstance): PluginRecordData => {
	try {
		const file = fileOf(context, instance);
		const {size} = statSync(file);
		const state: unknown = size > maximumBytes ? null : JSON.parse(readFileSync(file, 'utf8'));
		return isRecord(state) ? state : {};
	} catch {
		return {};
	}
};

const removeQuietly = (file: string): void => {
	try {
		rmSync(file, {force: true});
	} catch {
		// It is small, private, and read by nobody.
	}
};

/**
 * Puts a new state in the place of the old one: whoever reads it, and whenever the power goes, there is one of the two. Where that cannot be done, the old
 * one stays and the log says so: what was to be told has been told by then, of a full disk for instance.
 */
export const writeState = (context: PluginContext, instance: PluginInstance, state: PluginRecordData): void => {
	let temporary = '';
	try {
		const file = fileOf(context, instance);
		temporary = `${file}.${randomUUID()}`;
		const descriptor = openSync(temporary, 'wx', 0o600);
		try {
			writeSync(descriptor, `${JSON.stringify(state)}\n`);
			fsyncSync(descriptor);
		} finally {
			closeSync(descriptor);
		}

		renameSync(temporary, file);
	} catch (error) {
		const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
		context.log('warning', `What was told of ${instance.name} could not be noted${code}; it may be told again.`);
		removeQuietly(temporary);
	}
};
