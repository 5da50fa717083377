import type {Comparison, PlanFile} from '../../client/protocol.js';
import {isPrintkeepError, PrintkeepError} from '../../errors.js';
import {asciiText} from '../../format/ascii-text.js';
import {plural} from '../../format/plural.js';
import {safeText} from '../../format/safe-text.js';
import type {CommandContext} from '../context.js';
import {findSource, originOption, parseOrigin} from '../find-backup.js';
import {withNearPaths} from '../missing-file.js';
import {allPlanFiles} from '../plan-files.js';
import {diffLines} from '../printers/diff.js';
import {fileLines, partLines} from '../printers/plan.js';
import type {CommandResult} from '../spec.js';
import {defineCommand} from '../spec.js';

/** The word that stands for what lies on the disk now. No key can be this: keys end in `.zip`. */
const liveWord = 'live';
const listedFiles = 50;

const proofLines = {
	sha256: 'Contents were compared by their SHA-256.',
	crc32: 'Contents were compared by CRC-32 and size.',
} as const satisfies Record<Comparison['proof'], string>;

const comparisonLines = (
	{left, right, counts, parts, proof, warnings}: Comparison,
	files: readonly PlanFile[],
	all: boolean,
): readonly string[] => {
	const more = all ? 0 : files.length - listedFiles;
	return [
		`${safeText(left)} compared with ${safeText(right)}: ${counts.added} added, ${counts.changed} changed, ${counts.removed} removed, ${plural(counts.kept, 'file')} the same.`,
		...(files.length === 0
			? ['No difference.']
			: [
					`Added is what only ${safeText(left)} has, removed what only ${safeText(right)} has, as restoring the one over the other would do.`,
					'',
					...partLines(parts, {kept: 'SAME', bytes: 'SIZE'}),
					'',
					...fileLines(more > 0 ? files.slice(0, listedFiles) : files),
					...(more > 0 ? [`… and ${more} more; --all names them.`] : []),
					'',
				]),
		proofLines[proof],
		...warnings.map(warning => `Note: ${safeText(warning)}`),
	];
};

/** Prints lines as they are: a line of a file must not be broken like a sentence. */
const printUnbroken = (context: CommandContext, lines: readonly string[]): void => {
	const {stdout} = context.system;
	if (!context.shared.json) {
		// Takes a progress bar away.
		context.print();
		const text = lines.map(line => `${line}\n`).join('');
		stdout.write(stdout.onlyAscii ? asciiText(text) : text);
	}
};

const showFile = async (
	context: CommandContext,
	comparison: Comparison,
	path: string,
): Promise<Omit<CommandResult, 'exit'>> => {
	const {planId, left, right} = comparison;
	const client = await context.client();
	const text = await client.request('plan.text', {planId, path});
	printUnbroken(context, [
		...diffLines(text, {left: `${safeText(left)}: ${safeText(path)}`, right: `${safeText(right)}: ${safeText(path)}`}),
		...comparison.warnings.map(warning => `Note: ${safeText(warning)}`),
	]);
	return {json: {comparison, file: {path, ...text}}};
};

export const compareCommand = defineCommand({
	name: 'compare',
	summary: 'Show how a backup differs from another one, or from what is there now',
	details: [
		'Compares files by their content, and says what restoring the first over the second would add, change and remove. Nothing is changed; it works while the server runs and where restoring is switched off. Modes, times, owners and empty folders are not compared, and symbolic links by where they lead.',
		'With --file one text file is shown line by line: with + what only the backup has, with - what only the other has. Values of passwords, keys and the like are hidden. Databases, pictures and files over 512 kB are not shown.',
		'`latest` and `previous` stand for the newest two usable backups, `live` for what lies on the disk now. The exit code is 0 whether there are differences or not.',
	],
	operands: {usage: 'KEY|FILE [KEY2|FILE2|live]', minimum: 1, maximum: 2},
	options: {
		file: {
			type: 'string',
			value: 'PATH',
			description: 'Show how this file differs, named as it lies in the data folder.',
		},
		all: {type: 'boolean', description: 'Name every file that differs, not only the first 50.'},
		origin: originOption,
	},
	examples: [
		{command: 'printkeep compare latest', meaning: 'What changed since the newest backup.'},
		{command: 'printkeep compare previous latest', meaning: 'What changed between the last two backups.'},
		{command: 'printkeep compare latest --file config.yaml', meaning: 'How the settings changed since.'},
	],
	output: 'document',
	async run(context, {options, operands: [leftText = '', rightText = liveWord]}) {
		if (options.all && options.file !== undefined) {
			throw new PrintkeepError('usage', '`printkeep compare` takes either --file or --all, not both.');
		}

		if (leftText === liveWord) {
			throw new PrintkeepError('usage', '`live` comes second, after the backup it is compared with.', {
				hint:
					rightText === liveWord
						? 'See `printkeep help compare`.'
						: `Run \`printkeep compare ${safeText(rightText)} live\`.`,
			});
		}

		const origin = parseOrigin(options.origin);
		const isLive = rightText === liveWord;
		const {target} = await (isLive ? context.resolve() : context.resolveForArchives());
		const {source: left} = await findSource(context, leftText, origin);
		const right = isLive ? ({type: 'live'} as const) : (await findSource(context, rightText, origin)).source;
		const {
			result: {comparison},
		} = await context.runJob<'compare'>({type: 'compare', target, left, right});
		if (options.file !== undefined) {
			const path = options.file.replace(/^(?:\.\/+)+|\/+$/gu, '');
			try {
				return {exit: 0, ...(await showFile(context, comparison, path))};
			} catch (error) {
				throw isPrintkeepError(error)
					? await withNearPaths(context, {target, source: left, files: [path]}, error)
					: error;
			}
		}

		const files = (await allPlanFiles(context, comparison.planId)).filter(({action}) => action !== 'kept');
		context.print(...comparisonLines(comparison, files, options.all));
		return {exit: 0, json: {comparison, files}};
	},
});
