/** Trees of settings: laid over defaults, reduced to what differs from them, read and changed at a path. Pure; nothing given is changed. */
import type {PluginData, PluginRecordData, PreprocessorTree, SettingsPath} from './api.js';

/** Names that would reach into how objects work instead of being keys. */
const forbidden = new Set(['__proto__', 'constructor', 'prototype']);

/** True for an object with keys: neither a list nor a single value. */
export const isTree = (value: unknown): value is PluginRecordData =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

const entriesOf = (tree: PluginRecordData): readonly (readonly [string, PluginData])[] =>
	Object.entries(tree).filter(
		(entry): entry is [string, PluginData] => entry[1] !== undefined && !forbidden.has(entry[0]),
	);

/** A value as it may be kept: without forbidden names, however deep. */
const cleaned = (value: PluginData): PluginData =>
	isTree(value) ? Object.fromEntries(entriesOf(value).map(([key, item]) => [key, cleaned(item)])) : value;

/** The defaults with the values laid over them, key by key. Lists are replaced as a whole. */
export const mergeOver = (defaults: PluginRecordData, values: PluginRecordData): PluginRecordData => {
	const merged: Record<string, PluginData> = Object.fromEntries(
		entriesOf(defaults).map(([key, value]) => [key, cleaned(value)]),
	);
	for (const [key, value] of entriesOf(values)) {
		const below = merged[key];
		merged[key] = isTree(below) && isTree(value) ? mergeOver(below, value) : cleaned(value);
	}

	return merged;
};

const isSame = (left: PluginData | undefined, right: PluginData | undefined): boolean => {
	if (isTree(left) && isTree(right)) {
		const keys = new Set([...entriesOf(left), ...entriesOf(right)].map(([key]) => key));
		return [...keys].every(key => isSame(left[key], right[key]));
	}

	if (Array.isArray(left) && Array.isArray(right)) {
		return left.length === right.length && left.every((item, index) => isSame(item, right[index]));
	}

	return left === right;
};

/** What of the values differs from the defaults: laid over these it gives the values again. */
export const differencesTo = (defaults: PluginRecordData, values: PluginRecordData): PluginRecordData => {
	const different: Record<string, PluginData> = {};
	for (const [key, value] of entriesOf(values)) {
		const fallback = defaults[key];
		if (isTree(fallback) && isTree(value)) {
			const below = differencesTo(fallback, value);
			if (Object.keys(below).length > 0) {
				different[key] = below;
			}
		} else if (!isSame(fallback, value)) {
			different[key] = cleaned(value);
		}
	}

	return different;
};

/** The value at a path; undefined where there is none. */
export const valueAt = (tree: PluginRecordData, path: SettingsPath): PluginData | undefined => {
	let value: PluginData | undefined = tree;
	for (const step of path) {
		value = isTree(value) && Object.hasOwn(value, step) ? value[step] : undefined;
	}

	return value;
};

/** The tree with another value at a path; with undefined, without it. @throws RangeError for a path that is empty or has a name no key may have. */
export const withValueAt = (
	tree: PluginRecordData,
	path: SettingsPath,
	value: PluginData | undefined,
): PluginRecordData => {
	const [first, ...rest] = path;
	if (first === undefined || forbidden.has(first)) {
		throw new RangeError('There is no such place in the settings.');
	}

	const below = tree[first];
	const changed = rest.length === 0 ? value : withValueAt(isTree(below) ? below : {}, rest, value);
	return changed === undefined
		? Object.fromEntries(entriesOf(tree).filter(([key]) => key !== first))
		: {...tree, [first]: changed};
};

/** The tree without what lies at some paths. */
export const withoutPaths = (tree: PluginRecordData, paths: readonly SettingsPath[]): PluginRecordData => {
	let left = tree;
	for (const path of paths) {
		if (path.length > 0 && valueAt(left, path) !== undefined) {
			left = withValueAt(left, path, undefined);
		}
	}

	return left;
};

/** True when two paths meet: one is the other, or leads to it. */
export const pathsMeet = (left: SettingsPath, right: SettingsPath): boolean =>
	left.slice(0, right.length).every((step, index) => step === right[index]);

/** Runs the function a tree of them has for a path, on its value; the value itself where there is none. */
export const preprocess = (
	tree: PreprocessorTree | undefined,
	path: SettingsPath,
	value: PluginData | undefined,
): PluginData | undefined => {
	let place: PreprocessorTree | ((value: PluginData | undefined) => PluginData | undefined) | undefined = tree;
	for (const step of path) {
		place = typeof place === 'object' && Object.hasOwn(place, step) ? place[step] : undefined;
	}

	if (typeof place === 'function') {
		return place(value);
	}

	if (typeof place !== 'object' || !isTree(value)) {
		return value;
	}

	const below: PreprocessorTree = place;
	return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, preprocess(below, [key], item)]));
};
