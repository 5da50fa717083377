import type {ArchiveSource} from '../../client/protocol.js';
import {exitCodeOf, PrintkeepError} from '../../errors.js';
import {formatBytes} from '../../format/bytes.js';
import {plural} from '../../format/plural.js';
import {safeText} from '../../format/safe-text.js';
import {threadOptions, withEffort} from '../effort-options.js';
import {findSource, latestWord, originOption, parseOrigin} from '../find-backup.js';
import {defineCommand} from '../spec.js';

const proofWords = {
	sha256: 'SHA-256 of every file and of the archive',
	crc32: 'CRC-32 and structure only; written by another program',
} as const;

export const verifyCommand = defineCommand({
	name: 'verify',
	summary: 'Read backups in full and compare every byte with its proof',
	details: [
		'Reads every entry, compares CRC and hash, and opens the databases in it. Without a key the newest backup is checked. The exit code is 4 when one of them is damaged.',
	],
	operands: {usage: '[KEY|FILE…]', minimum: 0, maximum: 1000},
	options: {
		all: {type: 'boolean', description: 'Check every backup of the list.'},
		origin: originOption,
		...threadOptions,
	},
	examples: [{command: 'printkeep verify --all', meaning: 'Once a month, and after a disk acted up.'}],
	output: 'events',
	async run(context, {options, operands}) {
		if (options.all && operands.length > 0) {
			throw new PrintkeepError('usage', '`printkeep verify` takes either keys or --all, not both.');
		}

		const origin = parseOrigin(options.origin);
		const target = withEffort((await context.resolveForArchives()).target, options);
		const sources: ArchiveSource[] = [];
		if (!options.all) {
			for (const text of operands.length === 0 ? [latestWord] : operands) {
				sources.push((await findSource(context, text, origin)).source);
			}
		}

		const {outcome, result, error} = await context.runJob<'verify'>({
			type: 'verify',
			target,
			sources: options.all ? 'all' : sources,
		});
		if (result.results.length === 0) {
			context.print(`There are no backups in ${safeText(target.store)} yet.`);
		}

		for (const {key, ok, proof, entries, bytes, databases, problems} of result.results) {
			context.print(
				ok
					? `intact   ${safeText(key)}: ${plural(entries, 'entry', 'entries')}, ${formatBytes(bytes)}${databases > 0 ? `, ${plural(databases, 'database')}` : ''} (${proofWords[proof]})`
					: `DAMAGED  ${safeText(key)}`,
				...problems.map(({message}) => `  ${safeText(message)}`),
			);
		}

		const damaged = result.results.filter(({ok}) => !ok).length;
		if (damaged > 0 && !context.shared.json) {
			const words = damaged === 1 ? 'One backup is damaged.' : `${damaged} backups are damaged.`;
			context.system.stderr.write(`printkeep: ${words}\n${error?.hint ? `${safeText(error.hint)}\n` : ''}`);
		}

		// A problem that is no damage, like a file nobody may read, has its own code.
		const [only] = result.results.flatMap(({problems}) => problems);
		const exit = damaged === 0 ? 0 : result.results.length === 1 && only ? exitCodeOf(only.code) : 4;
		return {exit, json: {outcome, result}};
	},
});
