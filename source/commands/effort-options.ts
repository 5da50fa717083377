/** Options that say how much of the machine a job may take, over what the settings say. */
import type {Effort, Target} from '../client/protocol.js';
import {isPrintkeepError, PrintkeepError} from '../errors.js';
import {parseJobs, parseMemory, parseProfile, parseRate} from '../settings/effort-values.js';
import type {OptionTable, OptionValues} from './spec.js';

/** For every job that works in threads. */
export const threadOptions = {
	jobs: {
		type: 'string',
		value: 'NUMBER',
		description: 'Threads at the same time; auto for one per core, up to four.',
	},
	'max-memory': {
		type: 'string',
		value: 'SIZE',
		description: 'Memory of these threads and their buffers; none for what they need.',
	},
} as const satisfies OptionTable;

/** For backups. */
export const effortOptions = {
	profile: {
		type: 'string',
		value: 'PROFILE',
		description: 'Size against time: balanced, fast or small.',
	},
	...threadOptions,
	'max-rate': {
		type: 'string',
		value: 'RATE',
		description: 'Read no faster than this, 20MB/s; none for as fast as it goes.',
	},
	nice: {type: 'boolean', description: 'Run at low priority, and leave one core to a print: the usual way.'},
	'no-nice': {type: 'boolean', description: 'Run at the usual priority, on every core.'},
	'skip-unchanged': {
		type: 'boolean',
		description: 'Make no backup when nothing has changed since the newest verified one.',
	},
	'no-skip-unchanged': {type: 'boolean', description: 'Make one in any case, whatever the settings say.'},
} as const satisfies OptionTable;

/** The options as they were typed, all or some of them. */
export type EffortValues = Partial<OptionValues<typeof effortOptions>>;

/** A value that only a command line has: it takes back what the settings say. */
const parseUnless = <Value>(
	option: string,
	word: string,
	text: string | undefined,
	parse: (text: string) => Value,
): {readonly isSet: boolean; readonly value?: Value} => {
	if (text === undefined) {
		return {isSet: false};
	}

	if (text.toLowerCase() === word) {
		return {isSet: true};
	}

	try {
		return {isSet: true, value: parse(text)};
	} catch (error) {
		if (isPrintkeepError(error)) {
			throw new PrintkeepError('usage', `--${option}: ${error.message}`, {hint: error.hint, cause: error});
		}

		throw error;
	}
};

const eitherOf = (values: EffortValues, yes: keyof EffortValues, no: keyof EffortValues): boolean | undefined => {
	if (values[yes] === true && values[no] === true) {
		throw new PrintkeepError('usage', `--${yes} and --${no} cannot be used together.`);
	}

	return values[yes] === true ? true : values[no] === true ? false : undefined;
};

/** The target with what the command line says of the effort. Error: `usage`. */
export const withEffort = (target: Target, values: EffortValues): Target => {
	const chosen = {
		profile: parseUnless('profile', '', values.profile, parseProfile),
		jobs: parseUnless('jobs', 'auto', values.jobs, parseJobs),
		maxMemoryBytes: parseUnless('max-memory', 'none', values['max-memory'], text => parseMemory(text) * 1_000_000),
		maxBytesPerSecond: parseUnless('max-rate', 'none', values['max-rate'], parseRate),
	};
	const nice = eitherOf(values, 'nice', 'no-nice');
	const skipUnchanged = eitherOf(values, 'skip-unchanged', 'no-skip-unchanged') ?? target.skipUnchanged ?? false;
	const {effort: present, skipUnchanged: _present, ...rest} = target;
	const effort: Effort = Object.fromEntries(
		Object.entries({
			...present,
			...Object.fromEntries(
				Object.entries(chosen)
					.filter(([, {isSet}]) => isSet)
					.map(([name, {value}]) => [name, value]),
			),
			...(nice === undefined ? {} : {nice}),
		}).filter(([, value]) => value !== undefined),
	);
	return {
		...rest,
		...(Object.keys(effort).length === 0 ? {} : {effort}),
		...(skipUnchanged ? {skipUnchanged} : {}),
	};
};
