import type {Client} from '../../client/client.js';
import type {ArchiveEntryInfo, ArchiveSource, BackupDetails, Target} from '../../client/protocol.js';
import {PrintkeepError} from '../../errors.js';
import {formatBytes} from '../../format/bytes.js';
import {formatDateTime} from '../../format/date-time.js';
import {plural} from '../../format/plural.js';
import {safeText} from '../../format/safe-text.js';
import {healthReason, healthWord, leftOutLines, originWords, skippedLines} from '../describe.js';
import {findSource, originOption, parseOrigin} from '../find-backup.js';
import {pairLines, tableLines} from '../printers/table.js';
import {defineCommand} from '../spec.js';

const pageLength = 200;

/** Everything in an archive, folder by folder. */
async function* walkEntries(client: Client, target: Target, source: ArchiveSource): AsyncGenerator<ArchiveEntryInfo> {
	const pending = [''];
	for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
		const folders: string[] = [];
		for (let offset = 0, total = 1; offset < total; offset += pageLength) {
			const page = await client.request('backup.entries', {target, source, directory, offset, limit: pageLength});
			total = page.total;
			for (const entry of page.items) {
				yield entry;
				if (entry.type === 'directory') {
					folders.push(entry.path);
				}
			}
		}

		pending.push(...folders.toReversed());
	}
}

/** What of an archive has some words in its path. */
async function* findEntries(
	client: Client,
	target: Target,
	source: ArchiveSource,
	words: string,
): AsyncGenerator<ArchiveEntryInfo> {
	for (let offset = 0, total = 1; offset < total; offset += pageLength) {
		const page = await client.request('backup.search', {target, source, words, offset, limit: pageLength});
		total = page.total;
		yield* page.items;
	}
}

const detailLines = ({summary, ...details}: BackupDetails): readonly string[] => [
	...pairLines([
		['Key', safeText(summary.key)],
		['File', safeText(summary.path)],
		['Made', formatDateTime(summary.createdAt)],
		['From', originWords(summary)],
		['Status', [healthWord(summary.health), healthReason(summary.health)].filter(Boolean).join(': ')],
		['Proof', safeText(details.proofText)],
		['Pinned', summary.pinned ? 'yes' : 'no'],
		['Note', safeText(summary.note)],
		['Host', safeText(summary.host ?? '')],
		['Instance', safeText(summary.instanceName ?? '')],
		['Server version', safeText(summary.serverVersion ?? 'unknown')],
		[
			'Written by',
			details.printkeepVersion === null ? summary.writtenBy : `printkeep ${safeText(details.printkeepVersion)}`,
		],
		['Data folder', safeText(details.dataFolder ?? '')],
		['Archive', formatBytes(summary.bytes)],
		[
			'Content',
			[
				summary.files === null ? '' : plural(summary.files, 'file'),
				summary.uncompressedBytes === null ? '' : formatBytes(summary.uncompressedBytes),
			]
				.filter(Boolean)
				.join(', '),
		],
	]),
	...(details.parts.length === 0
		? []
		: [
				'',
				...tableLines(
					[
						{title: 'PART'},
						{title: 'SIZE', align: 'right'},
						{title: 'FILES', align: 'right'},
						{title: 'STATE'},
						{title: 'WHAT'},
					],
					details.parts.map(({name, title, state, reason, files, bytes, externalSource}) => [
						safeText(name),
						state === 'included' ? formatBytes(bytes) : '',
						state === 'included' ? String(files) : '',
						state === 'included' ? 'in' : 'left out',
						[
							safeText(title),
							externalSource === null ? '' : `(from ${safeText(externalSource)})`,
							reason === '' ? '' : `(${safeText(reason)})`,
						]
							.filter(Boolean)
							.join(' '),
					]),
				),
			]),
	...(details.folders.length === 0
		? []
		: [
				'',
				...tableLines(
					[{title: 'FOLDER'}, {title: 'SIZE', align: 'right'}, {title: 'FILES', align: 'right'}],
					details.folders.map(({path, bytes, files}) => [
						path === '' ? '(top)' : safeText(path),
						formatBytes(bytes),
						String(files),
					]),
				),
			]),
	...(details.databases.length === 0
		? []
		: [
				'',
				...tableLines(
					[{title: 'DATABASE'}, {title: 'TABLES', align: 'right'}, {title: 'ROWS', align: 'right'}],
					details.databases.map(({path, tables, rows}) => [safeText(path), String(tables), String(rows)]),
				),
			]),
	...(details.plugins.length === 0
		? []
		: [
				'',
				...tableLines(
					[{title: 'PLUGIN'}, {title: 'VERSION'}, {title: 'NAME'}],
					details.plugins.map(({key, version, name}) => [safeText(key), safeText(version ?? ''), safeText(name)]),
				),
			]),
	...(details.leftOut.length === 0 ? [] : ['', ...leftOutLines(details.leftOut)]),
	...(details.skipped.length === 0 ? [] : ['', ...skippedLines(details.skipped)]),
];

export const showCommand = defineCommand({
	name: 'show',
	summary: 'Show what is in a backup and how it can be proven intact',
	details: ['Takes the key of a backup, the word `latest` or `previous`, or the path of any archive file.'],
	operands: {usage: 'KEY|FILE', minimum: 1, maximum: 1},
	options: {
		files: {type: 'boolean', description: 'List every file in it.'},
		find: {type: 'string', value: 'WORDS', description: 'List the files whose path has all of these words in it.'},
		origin: originOption,
	},
	examples: [
		{command: 'printkeep show latest --files', meaning: 'Every file in the newest backup.'},
		{command: 'printkeep show latest --find "ender profile"', meaning: 'Where a profile lies, and what it is called.'},
	],
	output: 'document',
	async run(context, {options, operands: [text = '']}) {
		const {target} = await context.resolveForArchives();
		const client = await context.client();
		const {source} = await findSource(context, text, parseOrigin(options.origin));
		if (options.files && options.find !== undefined) {
			throw new PrintkeepError('usage', '`printkeep show` takes either --files or --find, not both.');
		}

		if (!options.files && options.find === undefined) {
			const details = await client.request('backup.details', {target, source});
			context.print(...detailLines(details));
			return {exit: 0, json: details};
		}

		const entries: ArchiveEntryInfo[] = [];
		const found =
			options.find === undefined
				? walkEntries(client, target, source)
				: findEntries(client, target, source, options.find);
		for await (const entry of found) {
			if (context.shared.json) {
				entries.push(entry);
			} else if (entry.type === 'file') {
				context.print(
					`${formatBytes(entry.bytes).padStart(9)}  ${formatDateTime(entry.modifiedAt)}  ${safeText(entry.path)}`,
				);
			}
		}

		return {exit: 0, json: {source, entries}};
	},
});
