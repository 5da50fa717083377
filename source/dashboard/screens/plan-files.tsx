import {Box, Text} from 'ink';
import {memo} from 'react';
import type {PlanAction, PlanFile, PlanPart} from '../../client/protocol.js';
import {formatBytes} from '../../format/bytes.js';
import {formatCount} from '../../format/count.js';
import {safeText} from '../../format/safe-text.js';
import {padEnd, padMiddle, padStart} from '../../format/truncate.js';
import {ErrorView} from '../components/error-view.js';
import {Paint} from '../components/paint.js';
import {useDashboard} from '../dashboard-context.js';
import {useLayer} from '../hooks/use-layer.js';
import {useList} from '../hooks/use-list.js';
import {usePages} from '../hooks/use-pages.js';
import {planActions} from '../plan-facts.js';
import type {Tone} from '../theme.js';

export type FileKind = PlanAction | 'all';

const kinds = ['all', ...planActions] as const satisfies readonly FileKind[];

const tones = {added: 'ok', changed: 'warning', removed: 'error', kept: 'muted'} as const satisfies Record<
	PlanAction,
	Tone
>;

const actionWidth = 9;
const sizeWidth = 9;

const Row = memo(
	({
		action,
		path,
		bytes,
		isSelected,
		width,
	}: {
		readonly action: PlanAction;
		readonly path: string;
		readonly bytes: string;
		readonly isSelected: boolean;
		readonly width: number;
	}) => {
		const {theme, symbols} = useDashboard();
		return (
			<Text wrap="truncate-end" {...theme.style({selected: isSelected})}>
				{isSelected ? symbols.pointer : ' '}
				<Text {...(isSelected ? {} : theme.style({tone: tones[action]}))}>{padEnd(action, actionWidth)}</Text>
				{padMiddle(path, width - 1 - actionWidth - sizeWidth, symbols.ellipsis)}
				{padStart(bytes, sizeWidth)}
			</Text>
		);
	},
);
Row.displayName = 'Row';

const pathOf = ({path}: PlanFile): string => path;

/** The files of one part of a plan, by what happens to them. */
export const PlanFiles = ({
	planId,
	parts,
	part,
	kind,
	width,
	height,
	onKind,
	onOpen,
	onClose,
}: {
	readonly planId: string;
	readonly parts: readonly PlanPart[];
	readonly part: string;
	readonly kind: FileKind;
	readonly width: number;
	readonly height: number;
	readonly onKind: (kind: FileKind) => void;
	/** Shows how a file differs. */
	readonly onOpen: (file: PlanFile) => void;
	readonly onClose: () => void;
}) => {
	const {actions} = useDashboard();
	const {items, total, error} = usePages(`${planId} ${part} ${kind}`, async page =>
		actions.request('plan.files', {planId, part, ...(kind === 'all' ? {} : {action: kind}), ...page}),
	);
	const list = useList(`files:${part}:${kind}`, items, pathOf, height - 1);
	const step = (by: number) => () => onKind(kinds[(kinds.indexOf(kind) + by + kinds.length) % kinds.length] ?? 'all');
	useLayer({
		rank: 'pane',
		actions: {
			...list.actions,
			'previous-kind': step(-1),
			'next-kind': step(1),
			back: onClose,
			...(list.selected ? {open: () => list.selected && onOpen(list.selected)} : {}),
		},
	});
	const counts = parts.find(({name}) => name === part)?.counts;
	const countOf = (which: FileKind): number =>
		counts === undefined
			? 0
			: which === 'all'
				? planActions.reduce((sum, action) => sum + counts[action], 0)
				: counts[which];
	return (
		<Box flexDirection="column" width={width} height={height}>
			<Box height={1} gap={2}>
				<Paint strong>{safeText(part)}</Paint>
				{kinds.map(which => {
					const text = `${which} ${formatCount(countOf(which))}`;
					return (
						<Paint key={which} tone={which === kind ? 'accent' : 'muted'}>
							{which === kind ? `[${text}]` : ` ${text} `}
						</Paint>
					);
				})}
			</Box>
			{error ? (
				<ErrorView error={error} instance="" />
			) : total === null ? (
				<Paint>Reading the list of files...</Paint>
			) : items.length === 0 ? (
				<Paint>There is no such file in this part. The arrow keys show other kinds.</Paint>
			) : null}
			{list.visible.map(({item, key, isSelected}) => (
				<Row
					key={key}
					action={item.action}
					path={safeText(item.path)}
					bytes={formatBytes(item.bytes)}
					isSelected={isSelected}
					width={width}
				/>
			))}
		</Box>
	);
};
