import {defaultLimits} from '../engine/archive/limits.js';
import {PrintkeepError} from '../errors.js';
import {formatBytes} from '../format/bytes.js';
import {formatCount} from '../format/count.js';
import type {InstanceSettingKey} from './setting-key.js';
import {parseCount, parseMegabytes} from './values.js';
import {without} from './without.js';

/** A slip of the finger must not make every backup one that is refused, so that each limit has a least value. */
const parseTotal = (text: string): number => {
	const megabytes = parseMegabytes(text);
	if (megabytes < 100) {
		throw new PrintkeepError('invalid-setting', `“${text}” is too little: ordinary backups are larger.`, {
			hint: 'The least is 100 MB.',
		});
	}

	return megabytes;
};

/** What an archive may claim before it is refused. */
export const limitKeys: readonly InstanceSettingKey[] = [
	{
		scope: 'instance',
		name: 'limit-entries',
		title: 'Limit: entries',
		description: 'Archives with more files and folders than this are refused.',
		placeholder: 'NUMBER',
		defaultText: formatCount(defaultLimits.entries),
		editor: 'text',
		format: ({limitEntries}) => (limitEntries === undefined ? '' : String(limitEntries)),
		apply: (settings, text) =>
			text === ''
				? without(settings, 'limitEntries')
				: {...settings, limitEntries: parseCount(text, 1000, 100_000_000)},
	},
	{
		scope: 'instance',
		name: 'limit-total',
		title: 'Limit: unpacked size',
		description:
			'Archives that unpack to more than this are refused, in megabytes (MB), gigabytes (GB) or terabytes (TB).',
		placeholder: 'SIZE',
		defaultText: formatBytes(defaultLimits.totalBytes),
		editor: 'text',
		format: ({limitTotalMegabytes}) => (limitTotalMegabytes === undefined ? '' : `${limitTotalMegabytes} MB`),
		apply: (settings, text) =>
			text === '' ? without(settings, 'limitTotalMegabytes') : {...settings, limitTotalMegabytes: parseTotal(text)},
	},
	{
		scope: 'instance',
		name: 'limit-ratio',
		title: 'Limit: compression',
		description: 'Archives with a file that unpacks to more than this many times its packed size are refused.',
		placeholder: 'NUMBER',
		defaultText: formatCount(defaultLimits.entryRatio),
		editor: 'text',
		format: ({limitRatio}) => (limitRatio === undefined ? '' : String(limitRatio)),
		apply: (settings, text) =>
			text === '' ? without(settings, 'limitRatio') : {...settings, limitRatio: parseCount(text, 10, 1_000_000)},
	},
	{
		scope: 'instance',
		name: 'limit-name',
		title: 'Limit: name length',
		description: 'Archives with a name of more bytes than this, folders included, are refused.',
		placeholder: 'NUMBER',
		defaultText: formatCount(defaultLimits.nameBytes),
		editor: 'text',
		format: ({limitNameBytes}) => (limitNameBytes === undefined ? '' : String(limitNameBytes)),
		apply: (settings, text) =>
			text === '' ? without(settings, 'limitNameBytes') : {...settings, limitNameBytes: parseCount(text, 255, 65_535)},
	},
];
