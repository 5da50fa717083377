/** Settings read with care: they come from a file a person may have written by hand. */
import {
	invalidSetting,
	type PluginData,
	type PluginRecordData,
	type PluginSettingsAccess,
	type SettingsPath,
} from '../../api.js';

export const isRecord = (value: unknown): value is PluginRecordData =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

/** The text at a path without blanks around it; empty where there is none. */
export const textAt = (settings: PluginSettingsAccess, path: SettingsPath): string => {
	const value = settings.get(path);
	return typeof value === 'string' ? value.trim() : '';
};

/** The number at a path within its bounds; `otherwise` where there is none. */
export const numberAt = (
	settings: PluginSettingsAccess,
	path: SettingsPath,
	{least, most, otherwise}: {readonly least: number; readonly most: number; readonly otherwise: number},
): number => {
	const value = settings.get(path);
	return typeof value === 'number' && Number.isFinite(value) ? Math.min(Math.max(value, least), most) : otherwise;
};

/** The texts of the list at a path. */
export const textsAt = (settings: PluginSettingsAccess, path: SettingsPath): readonly string[] => {
	const value = settings.get(path);
	return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
};

/** The object at a path; an empty one where there is none. */
export const recordAt = (settings: PluginSettingsAccess, path: SettingsPath): PluginRecordData => {
	const value = settings.get(path);
	return isRecord(value) ? value : {};
};

/** What a value must be: one sentence that says what is wrong with it, empty when nothing is. */
export type Check = (value: PluginData) => string;

export const numberFrom =
	(least: number, most: number): Check =>
	value =>
		typeof value === 'number' && value >= least && value <= most ? '' : `must be a number from ${least} to ${most}`;

export const oneOf =
	(...words: readonly string[]): Check =>
	value =>
		typeof value === 'string' && words.includes(value) ? '' : `must be one of: ${words.join(', ')}`;

export const listOf =
	(...words: readonly string[]): Check =>
	value =>
		Array.isArray(value) && value.every(item => words.includes(item))
			? ''
			: `must be a list, with nothing in it but: ${words.join(', ')}`;

export const yesOrNo: Check = value => (typeof value === 'boolean' ? '' : 'must be true or false');

/** Empty, or the absolute path of something. */
export const absolutePath: Check = value =>
	typeof value === 'string' && (value === '' || value.startsWith('/')) ? '' : 'must be an absolute path';

/**
 * Looks at every value that is there, by its path with dots; what no check is given for is let pass.
 * @throws invalid-setting in a sentence that names the first wrong one.
 */
export const checkSettings = (values: PluginRecordData, checks: Readonly<Record<string, Check>>): void => {
	for (const [path, check] of Object.entries(checks)) {
		let value: PluginData | undefined = values;
		for (const step of path.split('.')) {
			value = isRecord(value) ? value[step] : undefined;
		}

		const problem = value === undefined ? '' : check(value);
		if (problem !== '') {
			throw invalidSetting(`${path} ${problem}.`);
		}
	}
};
