import {isDeepStrictEqual} from 'node:util';
import type {MachineSetting} from '../../client/protocol.js';
import {PrintkeepError} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';
import type {ServerAdapter} from '../adapter.js';
import {machinePaths} from './machine-paths.js';
import {cannot, type Mapping, nodeAt, type Parsed, parse, putInto, replaced, textOf, valueAt} from './machine-yaml.js';

const maximumShown = 160;

/** Users, passwords and tokens in addresses are nobody's business. */
const withoutSecrets = (text: string): string =>
	text.replaceAll(/(\w:\/\/)[^\s/@"']*@/gu, '$1…@').replaceAll(/(\/[^\s?#"']*[?#])[^\s"']+/gu, '$1…');

const oneLine = (value: unknown): string => {
	if (value instanceof Map) {
		return [...value].map(([key, item]) => `${oneLine(key)}: ${oneLine(item)}`).join(', ');
	}

	return Array.isArray(value) ? value.map(oneLine).join(', ') : value === null ? '' : String(value);
};

const shown = (value: unknown): string | null => {
	if (value === undefined || value === null) {
		return null;
	}

	const text = safeText(withoutSecrets(oneLine(value)));
	return text.length > maximumShown ? `${text.slice(0, maximumShown)}…` : text;
};

/** Settings that belong to this machine, where two configurations differ; none when either cannot be understood. */
export const machineSettings: ServerAdapter['machineSettings'] = (presentYaml, backupYaml) => {
	let present: Mapping;
	let backup: Mapping;
	try {
		present = parse(presentYaml, 'the present configuration').values;
		backup = parse(backupYaml, "the backup's configuration").values;
	} catch {
		return [];
	}

	return machinePaths.flatMap(({group, title, path}): readonly MachineSetting[] => {
		const [here, there] = [valueAt(present, path) ?? null, valueAt(backup, path) ?? null];
		return isDeepStrictEqual(here, there)
			? []
			: [{group, title, path: path.join('.'), present: shown(here), backup: shown(there)}];
	});
};

/**
 * The backup's configuration with the present values of some groups of settings. A value that is not set at present is taken out. The result is read
 * again, and given only when it says exactly that and nothing else is different.
 * @throws PrintkeepError failed, when one of the two cannot be understood or changed with certainty; usage for a group there is not.
 */
export const withMachineSettings: ServerAdapter['withMachineSettings'] = (presentYaml, backupYaml, groups) => {
	const stranger = groups.find(name => !machinePaths.some(({group}) => group === name));
	if (stranger !== undefined) {
		const known = [...new Set(machinePaths.map(({group}) => group))].join(', ');
		throw new PrintkeepError('usage', `There is no group of settings called ${safeText(stranger)}.`, {
			hint: `Use one of: ${known}`,
		});
	}

	const chosen = machinePaths.filter(({group}) => groups.includes(group));
	const present = parse(presentYaml, 'the present configuration');
	const backup = parse(backupYaml, "the backup's configuration");
	const changes = chosen.filter(
		({path}) => !isDeepStrictEqual(valueAt(present.values, path), valueAt(backup.values, path)),
	);
	if (changes.length === 0) {
		return backupYaml;
	}

	let {values, texts}: Pick<Parsed, 'values' | 'texts'> = backup;
	let text: string;
	try {
		for (const {path} of changes) {
			values = replaced(values, path, valueAt(present.values, path));
			texts = replaced(texts, path, valueAt(present.texts, path));
			putInto(backup.document, path, nodeAt(present.document, path));
		}

		text = textOf(backup.document, backupYaml);
	} catch (error) {
		throw error instanceof PrintkeepError ? error : cannot("the backup's configuration cannot be changed", error);
	}

	// Anchors that are used elsewhere, and whatever else nobody has thought of.
	const result = parse(text, 'the result');
	if (!isDeepStrictEqual(result.values, values) || !isDeepStrictEqual(result.texts, texts)) {
		throw cannot("changing them would change other settings in the backup's configuration");
	}

	return text;
};
