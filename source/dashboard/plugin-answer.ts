/** What a plugin answers to a command, as lines: pure. Not made safe for showing. */
import type {PluginData} from '../plugins/api.js';

const indent = '  ';

const scalar = (value: Exclude<PluginData, object>): string =>
	value === null ? '-' : typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);

const isList = (value: PluginData): value is readonly PluginData[] => Array.isArray(value);

/** Lines of a value; records as `name: value`, lists with dashes, what lies deeper indented. Nothing at all is no line. */
export const answerLines = (value: PluginData | undefined): readonly string[] => {
	if (value === undefined || value === null) {
		return [];
	}

	if (typeof value !== 'object') {
		return scalar(value)
			.split(/\r\n|\n/u)
			.filter((line, place, all) => line !== '' || place < all.length - 1);
	}

	const below = (head: string, item: PluginData): readonly string[] => {
		if (item === null || typeof item !== 'object') {
			const [first = '', ...rest] = item === null ? ['-'] : answerLines(item);
			return [`${head} ${first}`, ...rest.map(line => `${indent}${line}`)];
		}

		const lines = answerLines(item);
		return lines.length === 0 ? [`${head} (nothing)`] : [head, ...lines.map(line => `${indent}${line}`)];
	};

	return isList(value)
		? value.flatMap(item => below('-', item))
		: Object.entries(value).flatMap(([name, item]) => (item === undefined ? [] : below(`${name}:`, item)));
};
