import {join} from 'node:path';
import {Box, Text} from 'ink';
import {memo} from 'react';
import type {FolderEntry} from '../../client/protocol.js';
import {formatBytes} from '../../format/bytes.js';
import {formatDateTime} from '../../format/date-time.js';
import {safeText} from '../../format/safe-text.js';
import {padMiddle, padStart, truncateMiddle} from '../../format/truncate.js';
import {resolvePath} from '../../settings/paths.js';
import {ErrorView} from '../components/error-view.js';
import {Paint} from '../components/paint.js';
import {ScreenFrame} from '../components/screen-frame.js';
import {TextField} from '../components/text-field.js';
import {useDashboard} from '../dashboard-context.js';
import {useAsync} from '../hooks/use-async.js';
import {useLayer} from '../hooks/use-layer.js';
import {useList} from '../hooks/use-list.js';
import {useMemory} from '../hooks/use-memory.js';
import {useBodySize} from '../hooks/use-size.js';
import {textOf} from '../text-edit.js';
import {ImportCheck} from './import-check.js';

const sizeWidth = 9;
const timeWidth = 18;

type RowProps = {
	readonly name: string;
	readonly bytes: string;
	readonly modified: string;
	readonly isFolder: boolean;
	readonly isSelected: boolean;
	readonly width: number;
};

const Row = memo(({name, bytes, modified, isFolder, isSelected, width}: RowProps) => {
	const {theme, symbols} = useDashboard();
	return (
		<Text wrap="truncate-end" {...theme.style({tone: isFolder ? 'accent' : 'plain', selected: isSelected})}>
			{`${isSelected ? symbols.pointer : ' '} ${padMiddle(name, width - 2 - sizeWidth - timeWidth, symbols.ellipsis)}${padStart(bytes, sizeWidth)}${padStart(modified, timeWidth)}`}
		</Text>
	);
});
Row.displayName = 'Row';

const nameOf = ({name}: FolderEntry): string => name;
const noEntries: readonly FolderEntry[] = [];

/** The folders and archives in one folder. */
const Folder = ({
	directory,
	width,
	height,
	onFolder,
	onFile,
}: {
	readonly directory: string;
	readonly width: number;
	readonly height: number;
	readonly onFolder: (directory: string) => void;
	readonly onFile: (path: string) => void;
}) => {
	const {actions, symbols} = useDashboard();
	const [listing, reload] = useAsync(directory, async () => actions.request('folder.list', {directory}));
	const entries = listing.type === 'ready' ? listing.value.entries : noEntries;
	const parent = listing.type === 'ready' ? listing.value.parent : join(directory, '..');
	const list = useList(`folder:${directory}`, entries, nameOf, height - 1);
	const {selected} = list;
	const open = (): void => {
		if (selected) {
			const path = join(directory, selected.name);
			if (selected.type === 'directory') {
				onFolder(path);
			} else {
				onFile(path);
			}
		}
	};

	useLayer({
		rank: 'pane',
		actions: {
			...list.actions,
			...(selected ? {open} : {}),
			...(selected?.type === 'directory' ? {descend: open} : {}),
			...(parent === null || parent === directory ? {} : {parent: () => onFolder(parent)}),
			refresh: reload,
		},
	});
	return (
		<Box flexDirection="column" height={height}>
			<Paint strong>{truncateMiddle(safeText(directory), width, symbols.ellipsis)}</Paint>
			{listing.type === 'loading' ? <Paint>Reading the folder...</Paint> : null}
			{listing.type === 'failed' ? <ErrorView error={listing.error} instance="" /> : null}
			{listing.type === 'ready' && entries.length === 0 ? (
				<Paint>There are no folders or ZIP files here. The left arrow goes up, Tab types a path.</Paint>
			) : null}
			{list.visible.map(({item, key, isSelected}) => (
				<Row
					key={key}
					name={`${safeText(item.name)}${item.type === 'directory' ? '/' : ''}`}
					bytes={item.type === 'directory' ? '' : formatBytes(item.bytes)}
					modified={formatDateTime(item.modifiedAt)}
					isFolder={item.type === 'directory'}
					isSelected={isSelected}
					width={width}
				/>
			))}
		</Box>
	);
};

/** Picks an archive file on this host and brings it into the store. */
export const ImportScreen = () => {
	const {environment} = useDashboard();
	const {columns, rows} = useBodySize();
	const home = environment.HOME ?? '/';
	const [directory, setDirectory] = useMemory('directory', home);
	const [path, setPath] = useMemory<string | null>('path', null);
	const [typed, setTyped] = useMemory('typed', textOf(''));
	const [isTyping, setIsTyping] = useMemory('is-typing', false);
	const other = (): void => setIsTyping(previous => !previous);
	useLayer({rank: 'screen', actions: path === null ? {'next-pane': other, 'previous-pane': other} : {}});
	if (path !== null) {
		return (
			<ScreenFrame>
				<ImportCheck key={path} path={path} width={columns} height={rows} onClose={() => setPath(() => null)} />
			</ScreenFrame>
		);
	}

	return (
		<ScreenFrame>
			<Folder
				key={directory}
				directory={directory}
				width={columns}
				height={rows - 1}
				onFolder={setDirectory}
				onFile={setPath}
			/>
			<Box height={1}>
				<Paint strong>{'Path  '}</Paint>
				<TextField
					state={typed}
					onChange={setTyped}
					width={columns - 6}
					focused={isTyping}
					placeholder="Tab to type the path of a file or folder"
					actions={{
						open: () => {
							const wanted = resolvePath(typed.value.trim(), directory, home);
							if (/\.zip$/iu.test(wanted)) {
								setPath(() => wanted);
							} else {
								setDirectory(wanted);
							}

							setIsTyping(false);
						},
						back: () => setIsTyping(false),
						'next-pane': other,
						'previous-pane': other,
					}}
				/>
			</Box>
		</ScreenFrame>
	);
};
