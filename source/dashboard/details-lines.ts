/** What there is to say about an opened backup, as lines: pure. */
import type {BackupDetails, BackupPart} from '../client/protocol.js';
import {formatBytes} from '../format/bytes.js';
import {formatDateTime} from '../format/date-time.js';
import {plural} from '../format/plural.js';
import {relativeTime} from '../format/relative-time.js';
import {safeText} from '../format/safe-text.js';
import {padEnd, padStart, truncateMiddle} from '../format/truncate.js';
import {wrapText} from '../format/wrap.js';
import {healthLooks, originText, serverText} from './backup-text.js';
import type {Symbols} from './symbols.js';
import type {Tone} from './theme.js';

export type DetailLine = {readonly text: string; readonly tone: Tone; readonly strong: boolean};

const line = (text: string, tone: Tone = 'plain', strong = false): DetailLine => ({text, tone, strong});

const nameWidth = 12;

/** A name and what there is to say, over as many lines as it takes. */
const fact = (name: string, text: string, width: number, tone: Tone = 'plain'): readonly DetailLine[] =>
	text === ''
		? []
		: wrapText(safeText(text), width - nameWidth).map((part, index) =>
				line(`${padEnd(index === 0 ? name : '', nameWidth)}${part}`, tone),
			);

const section = (title: string, lines: readonly DetailLine[]): readonly DetailLine[] =>
	lines.length === 0 ? [] : [line(''), line(title, 'accent', true), ...lines];

const partStates = {
	included: {word: '', tone: 'plain'},
	excluded: {word: 'left out', tone: 'muted'},
	never: {word: 'never in', tone: 'muted'},
} as const satisfies Record<BackupPart['state'], {readonly word: string; readonly tone: Tone}>;

const partLines = (part: BackupPart, width: number, symbols: Symbols): readonly DetailLine[] => {
	const {word, tone} = partStates[part.state];
	const amount =
		part.state === 'included' ? `${plural(part.files, 'file')}  ${padStart(formatBytes(part.bytes), 7)}` : word;
	const mark = part.state === 'included' ? symbols.ok : symbols.none;
	const room = Math.max(0, width - amount.length - 20);
	return [
		line(
			`${mark} ${padEnd(safeText(part.name), 16, symbols.ellipsis)} ${padEnd(safeText(part.title), room, symbols.ellipsis)} ${amount}`,
			tone,
		),
		...(part.externalSource === null
			? []
			: [line(`  from ${truncateMiddle(safeText(part.externalSource), width - 7, symbols.ellipsis)}`, 'muted')]),
		...(part.state !== 'included' && part.reason !== ''
			? wrapText(safeText(part.reason), width - 2).map(text => line(`  ${text}`, 'muted'))
			: []),
	];
};

const amountLine = (path: string, amount: string, width: number, symbols: Symbols): DetailLine => {
	const room = Math.max(1, width - amount.length - 2);
	return line(`${padEnd(truncateMiddle(safeText(path), room, symbols.ellipsis), room)}  ${amount}`);
};

/**
 * The lines of an opened backup.
 * @param width columns of a line, at least 40.
 * @param now milliseconds since the epoch.
 */
export const detailLines = (
	{
		summary,
		printkeepVersion,
		dataFolder,
		parts,
		plugins,
		skipped,
		leftOut,
		folders,
		databases,
		proofText,
	}: BackupDetails,
	{width, now, symbols}: {readonly width: number; readonly now: number; readonly symbols: Symbols},
): readonly DetailLine[] => {
	const {health} = summary;
	const writer =
		summary.writtenBy === 'printkeep'
			? `printkeep${printkeepVersion === null ? '' : ` ${printkeepVersion}`}`
			: summary.writtenBy === 'octoprint'
				? 'OctoPrint'
				: 'an unknown program';
	const healthWords = {
		verified: health.type === 'verified' ? `verified ${formatDateTime(health.at)}` : '',
		unverified: 'not verified yet',
		partial: health.type === 'partial' ? `partial: ${health.reason}` : '',
		bad: health.type === 'bad' ? health.error.message : '',
	} as const satisfies Record<typeof health.type, string>;
	const server = [
		summary.serverVersion === null ? 'version unknown' : `${serverText(summary)} ${summary.serverVersion}`,
		...(summary.instanceName === null ? [] : [`instance ${summary.instanceName}`]),
		...(summary.host === null ? [] : [`on ${summary.host}`]),
	];
	return [
		...fact(
			'Made',
			`${formatDateTime(summary.createdAt)} (${relativeTime(summary.createdAt, now)}) by ${writer}${originText(summary) === writer ? '' : `, ${originText(summary)}`}`,
			width,
		),
		...fact('Server', server.join(', '), width),
		...fact('Data folder', dataFolder ?? '', width),
		...fact(
			'Size',
			`${formatBytes(summary.bytes)} stored${summary.uncompressedBytes === null ? '' : `, ${formatBytes(summary.uncompressedBytes)}`}${summary.files === null ? '' : ` in ${plural(summary.files, 'file')}`}`,
			width,
		),
		...fact('State', healthWords[health.type], width, healthLooks[health.type].tone),
		...fact('Proof', proofText, width),
		...fact('Pinned', summary.pinned ? 'yes: it is not deleted by mistake' : '', width),
		...fact('Note', summary.note, width, 'accent'),
		...fact('Kept in', summary.path, width),
		...section(
			'Parts',
			parts.flatMap(part => partLines(part, width, symbols)),
		),
		...section(
			'Folders',
			folders.map(({path, files, bytes}) =>
				amountLine(
					path === '' ? '(beside the folders)' : path,
					`${plural(files, 'file')}  ${padStart(formatBytes(bytes), 7)}`,
					width,
					symbols,
				),
			),
		),
		...section(
			`Not as it should be (${skipped.length})`,
			skipped.flatMap(({path, reason}) =>
				wrapText(safeText(`${path}: ${reason}`), width).map(text => line(text, 'warning')),
			),
		),
		...section(
			`Left out by plugins (${leftOut.length})`,
			leftOut.flatMap(({path, plugin}) =>
				wrapText(safeText(`${path}: the plugin ${plugin}`), width).map(text => line(text, 'muted')),
			),
		),
		...section(
			'Databases',
			databases.map(({path, tables, rows}) =>
				amountLine(path, `${plural(tables, 'table')}, ${plural(rows, 'row')}`, width, symbols),
			),
		),
		...section(
			`Plugins (${plugins.length})`,
			plugins.map(({name, version, url}) => {
				const text = `${safeText(name)}${version === null ? '' : ` ${safeText(version)}`}`;
				return line(
					url === null
						? text
						: `${text}  ${truncateMiddle(safeText(url), Math.max(10, width - text.length - 2), symbols.ellipsis)}`,
				);
			}),
		),
	];
};
