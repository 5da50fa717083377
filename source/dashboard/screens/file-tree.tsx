import {Box, Text} from 'ink';
import {memo} from 'react';
import type {ArchiveEntryInfo, ArchiveSource, Target} from '../../client/protocol.js';
import {formatBytes} from '../../format/bytes.js';
import {formatDateTime} from '../../format/date-time.js';
import {plural} from '../../format/plural.js';
import {safeText} from '../../format/safe-text.js';
import {padMiddle, padStart, truncateMiddle} from '../../format/truncate.js';
import {ErrorView} from '../components/error-view.js';
import {Paint} from '../components/paint.js';
import {useDashboard} from '../dashboard-context.js';
import {useLayer} from '../hooks/use-layer.js';
import {useList} from '../hooks/use-list.js';
import {usePages} from '../hooks/use-pages.js';
import {toHandler} from '../keys/layers.js';
import {baseName, holdsMarks, isCovered, type MarkedPaths} from '../marked-paths.js';

const sizeWidth = 9;
const timeWidth = 18;
const filesWidth = 14;

type RowProps = {
	readonly mark: string;
	readonly name: string;
	readonly files: string;
	readonly bytes: string;
	readonly modified: string;
	readonly isSelected: boolean;
	readonly isFolder: boolean;
	readonly width: number;
};

const Row = memo(({mark, name, files, bytes, modified, isSelected, isFolder, width}: RowProps) => {
	const {theme, symbols} = useDashboard();
	const room = width - 2 - filesWidth - sizeWidth - timeWidth;
	const cells = [
		`${isSelected ? symbols.pointer : ' '}${mark}`,
		padMiddle(name, room, symbols.ellipsis),
		padStart(files, filesWidth, symbols.ellipsis),
		padStart(bytes, sizeWidth, symbols.ellipsis),
		padStart(modified, timeWidth, symbols.ellipsis),
	];
	return (
		<Text wrap="truncate-end" {...theme.style({tone: isFolder ? 'accent' : 'plain', selected: isSelected})}>
			{cells.join('')}
		</Text>
	);
});
Row.displayName = 'Row';

const pathOf = ({path}: ArchiveEntryInfo): string => path;

/** One folder inside an archive: in with Enter or the right arrow, out with the left one, Space marks. */
export const FileTree = ({
	source,
	target,
	directory,
	marks,
	width,
	height,
	onEnter,
	onLeave,
	onMark,
}: {
	readonly source: ArchiveSource;
	readonly target: Target;
	/** Path inside the data folder; '' for the top. */
	readonly directory: string;
	readonly marks: MarkedPaths;
	readonly width: number;
	readonly height: number;
	readonly onEnter: (directory: string) => void;
	/** Missing at the top. */
	readonly onLeave: (() => void) | undefined;
	readonly onMark: (path: string) => void;
}) => {
	const {actions, symbols} = useDashboard();
	const {items, total, error} = usePages(directory, async page =>
		actions.request('backup.entries', {target, source, directory, ...page}),
	);
	const list = useList(`files:${directory}`, items, pathOf, height - 1);
	const {selected} = list;
	const enter = selected?.type === 'directory' ? () => onEnter(selected.path) : undefined;
	useLayer({
		rank: 'pane',
		actions: {
			...list.actions,
			...(enter ? {open: enter, descend: enter} : {}),
			...(onLeave ? {parent: onLeave} : {}),
			...(selected
				? {
						mark: {
							run: press => {
								onMark(selected.path);
								toHandler(list.actions['move-down'] ?? (() => undefined)).run(press);
							},
							disabled:
								!marks.has(selected.path) && isCovered(marks, selected.path)
									? 'The folder above is marked, and this goes with it.'
									: undefined,
						},
					}
				: {}),
		},
	});
	if (error) {
		return <ErrorView error={error} instance={target.instance.name} />;
	}

	return (
		<Box flexDirection="column" width={width} height={height}>
			<Paint strong>
				{truncateMiddle(
					`/${safeText(directory)}${total === null ? '' : `  ${plural(total, 'entry', 'entries')}`}`,
					width,
					symbols.ellipsis,
				)}
			</Paint>
			{total === null ? (
				<Paint>Reading the list of files...</Paint>
			) : items.length === 0 ? (
				<Paint>This folder is empty in the backup. Go back with the left arrow.</Paint>
			) : null}
			{list.visible.map(({item, key, isSelected}) => {
				const isFolder = item.type === 'directory';
				return (
					<Row
						key={key}
						mark={
							isCovered(marks, item.path)
								? symbols.mark
								: isFolder && holdsMarks(marks, item.path)
									? symbols.warning
									: ' '
						}
						name={`${safeText(baseName(item.path))}${isFolder ? '/' : ''}`}
						files={isFolder ? plural(item.files, 'file') : ''}
						bytes={formatBytes(item.bytes)}
						modified={isFolder ? '' : formatDateTime(item.modifiedAt)}
						isSelected={isSelected}
						isFolder={isFolder}
						width={width}
					/>
				);
			})}
		</Box>
	);
};
