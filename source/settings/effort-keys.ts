import {pluginPolicies, profiles} from '../client/protocol.js';
import {formatRateValue, parseJobs, parseMemory, parseProfile, parseRate} from './effort-values.js';
import type {InstanceSettingKey} from './setting-key.js';
import {choiceOf, parseBoolean} from './values.js';
import {without} from './without.js';

const yesOrNo = ['yes', 'no'] as const;

/** How much of the machine backups and other jobs take, and when a backup is not made at all. */
export const effortKeys: readonly InstanceSettingKey[] = [
	{
		scope: 'instance',
		name: 'profile',
		title: 'Profile',
		description:
			'Size against time: balanced is as small as the server’s own backups, fast is some per cent larger, small takes the longest.',
		placeholder: profiles.join('|'),
		choices: profiles,
		defaultText: 'balanced',
		editor: 'choice',
		format: ({profile = 'balanced'}) => profile,
		apply: (settings, text) =>
			text === '' ? without(settings, 'profile') : {...settings, profile: parseProfile(text)},
	},
	{
		scope: 'instance',
		name: 'skip-unchanged',
		title: 'Skip unchanged',
		description: 'Makes no new backup when nothing at all has changed since the newest verified one.',
		placeholder: 'yes|no',
		choices: yesOrNo,
		defaultText: 'no',
		editor: 'choice',
		format: ({skipUnchanged = false}) => (skipUnchanged ? 'yes' : 'no'),
		apply: (settings, text) =>
			text === '' ? without(settings, 'skipUnchanged') : {...settings, skipUnchanged: parseBoolean(text)},
	},
	{
		scope: 'instance',
		name: 'plugin-policy',
		title: 'Failing plugins',
		description:
			'What happens when a plugin fails before a backup or restore: nothing, a warning, or that it is not begun.',
		placeholder: pluginPolicies.join('|'),
		choices: pluginPolicies,
		defaultText: 'warn',
		editor: 'choice',
		format: ({pluginPolicy = 'warn'}) => pluginPolicy,
		apply: (settings, text) =>
			text === '' ? without(settings, 'pluginPolicy') : {...settings, pluginPolicy: choiceOf(pluginPolicies, text)},
	},
	{
		scope: 'instance',
		name: 'nice',
		title: 'Give way',
		description:
			'Backups run at low priority for processor and disk, and leave one core to a print. With no, they take what they can get.',
		placeholder: 'yes|no',
		choices: yesOrNo,
		defaultText: 'yes',
		editor: 'choice',
		format: ({nice = true}) => (nice ? 'yes' : 'no'),
		apply: (settings, text) => (text === '' ? without(settings, 'nice') : {...settings, nice: parseBoolean(text)}),
	},
	{
		scope: 'instance',
		name: 'jobs',
		title: 'Threads',
		description: 'How many threads read, compress and unpack at the same time.',
		placeholder: 'NUMBER',
		defaultText: 'one per core, up to four',
		editor: 'text',
		format: ({jobs}) => (jobs === undefined ? '' : String(jobs)),
		apply: (settings, text) => (text === '' ? without(settings, 'jobs') : {...settings, jobs: parseJobs(text)}),
	},
	{
		scope: 'instance',
		name: 'max-memory',
		title: 'Memory for threads',
		description:
			'What these threads and their buffers may take, in megabytes (MB) or gigabytes (GB): with less, fewer are started.',
		placeholder: 'SIZE',
		defaultText: 'what the threads need',
		editor: 'text',
		format: ({maxMemoryMegabytes}) => (maxMemoryMegabytes === undefined ? '' : `${maxMemoryMegabytes} MB`),
		apply: (settings, text) =>
			text === '' ? without(settings, 'maxMemoryMegabytes') : {...settings, maxMemoryMegabytes: parseMemory(text)},
	},
	{
		scope: 'instance',
		name: 'max-rate',
		title: 'Reading rate',
		description: 'Backups read no faster than this, in kilobytes (kB) or megabytes (MB) a second.',
		placeholder: 'RATE',
		defaultText: 'as fast as it can be read',
		editor: 'text',
		format: ({maxBytesPerSecond}) => (maxBytesPerSecond === undefined ? '' : formatRateValue(maxBytesPerSecond)),
		apply: (settings, text) =>
			text === '' ? without(settings, 'maxBytesPerSecond') : {...settings, maxBytesPerSecond: parseRate(text)},
	},
];
