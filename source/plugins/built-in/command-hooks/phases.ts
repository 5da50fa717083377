/** What a command is told about the job it runs around: variables of its environment, and nothing else. */
import type {AfterBackup, AfterRestore, BeforeBackup, BeforeRestore, PluginFailure, PluginInstance} from '../../api.js';
import {systemEnvironment} from '../shared/system-environment.js';

export const phases = ['before-backup', 'after-backup', 'before-restore', 'after-restore'] as const;

export type Phase = (typeof phases)[number];

export type Variables = Readonly<Record<string, string>>;

const failureOf = (error: PluginFailure | null): Variables => ({
	PRINTKEEP_ERROR: error?.code ?? '',
	PRINTKEEP_ERROR_MESSAGE: error?.message ?? '',
});

/** Each name on a line of its own. */
export const ofBeforeBackup = ({trigger, excludes}: BeforeBackup): Variables => ({
	PRINTKEEP_TRIGGER: trigger,
	PRINTKEEP_EXCLUDES: excludes.join('\n'),
});

export const ofAfterBackup = ({error, key, path, files, bytes, skipped}: AfterBackup): Variables => ({
	...failureOf(error),
	PRINTKEEP_KEY: key ?? '',
	PRINTKEEP_PATH: path ?? '',
	PRINTKEEP_FILES: String(files),
	PRINTKEEP_BYTES: String(bytes),
	PRINTKEEP_SKIPPED: String(skipped),
});

export const ofBeforeRestore = ({key, destination, inPlace}: BeforeRestore): Variables => ({
	PRINTKEEP_KEY: key,
	PRINTKEEP_DESTINATION: destination,
	PRINTKEEP_IN_PLACE: inPlace ? 'yes' : 'no',
});

export const ofAfterRestore = (restore: AfterRestore): Variables => ({
	...failureOf(restore.error),
	...ofBeforeRestore(restore),
});

/** The whole environment of a command. */
export const environmentOf = (phase: Phase, instance: PluginInstance, variables: Variables): Variables =>
	Object.fromEntries(
		Object.entries({
			...systemEnvironment(),
			PRINTKEEP_PHASE: phase,
			PRINTKEEP_INSTANCE: instance.name,
			PRINTKEEP_DATA_FOLDER: instance.dataFolder,
			PRINTKEEP_STORE: instance.store,
			...variables,
			// The end of a value, for the system.
		}).map(([name, value]) => [name, value.replaceAll('\0', '')]),
	);
