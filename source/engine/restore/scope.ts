import type {RestoreChoice, RestoreMode} from '../../client/protocol.js';
import {PrintkeepError} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';

/** What a person chose to restore, checked and in one form. */
export type Scope = {
	readonly mode: RestoreMode;
	/** Null for all parts in the backup. */
	readonly parts: readonly string[] | null;
	/** Paths inside the data folder without `/` at either end; null when whole parts are restored. */
	readonly files: readonly string[] | null;
	readonly keepSettings: readonly string[];
	readonly lowSpace: boolean;
};

const usage = (message: string, hint: string): PrintkeepError => new PrintkeepError('usage', message, {hint});

const normalized = (path: string): string => {
	const names = path.split('/').filter(name => name !== '' && name !== '.');
	if (names.length === 0 || path.startsWith('/') || names.includes('..')) {
		throw usage(
			`${safeText(path === '' ? '""' : path)} is no path inside the data folder.`,
			'Name files as they lie in the data folder: uploads/benchy.gcode',
		);
	}

	return names.join('/');
};

/**
 * Checks that the parts of a choice go together.
 * @throws usage, saying which two do not
 */
export const scopeOf = ({parts, files, mode, keepSettings = [], lowSpace = false, to}: RestoreChoice): Scope => {
	if (files !== undefined && parts !== undefined) {
		throw usage('Parts and files cannot be chosen together.', 'Choose a whole part by the name of its folder.');
	}

	if (files?.length === 0) {
		throw usage('No file was chosen.', 'Name at least one file or folder.');
	}

	if (files !== undefined && mode !== undefined && mode !== 'merge') {
		throw usage(
			`Single files cannot be restored in the mode "${mode}".`,
			'Nothing else is removed when single files are restored: leave the mode out.',
		);
	}

	if (mode === 'exact' && parts !== undefined) {
		throw usage(
			'The mode "exact" makes the whole data folder as backed up, and cannot be limited to parts.',
			'Leave the parts out, or use the mode "replace", which makes each part as backed up.',
		);
	}

	if (to !== undefined && keepSettings.length > 0) {
		throw usage(
			'Settings of this machine can be kept only when the backup is restored in place.',
			'In another folder there are none to keep.',
		);
	}

	return {
		mode: files === undefined ? (mode ?? 'replace') : 'merge',
		parts: parts ?? null,
		files: files === undefined ? null : [...new Set(files.map(normalized))],
		keepSettings: [...new Set(keepSettings)],
		lowSpace: lowSpace && to === undefined,
	};
};
