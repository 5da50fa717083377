import {join} from 'node:path';
import {Box} from 'ink';
import {useState} from 'react';
import type {ArchiveSource} from '../../client/protocol.js';
import {plural} from '../../format/plural.js';
import {safeText} from '../../format/safe-text.js';
import {shellCommand} from '../../format/shell-quote.js';
import {truncateEnd, truncateMiddle} from '../../format/truncate.js';
import {resolvePath} from '../../settings/paths.js';
import {Dialog, dialogInnerWidth} from '../components/dialog.js';
import {Paint} from '../components/paint.js';
import {SmallMenu} from '../components/small-menu.js';
import {TextField} from '../components/text-field.js';
import {useDashboard} from '../dashboard-context.js';
import {useLayer} from '../hooks/use-layer.js';
import {useTerminalSize} from '../hooks/use-size.js';
import {sourceName} from '../plan-facts.js';
import {textOf} from '../text-edit.js';

type What = 'marked' | 'whole';

/** The same as a command. */
export const exportCommand = (source: ArchiveSource, destination: string, files: readonly string[]): string =>
	shellCommand([
		'printkeep',
		'export',
		sourceName(source),
		destination,
		...files.flatMap(path => ['--file', path]),
		...(source.type === 'backup' && source.origin === 'server' ? ['--origin', 'server'] : []),
	]);

const Destination = ({
	source,
	files,
	width,
	onClose,
}: {
	readonly source: ArchiveSource;
	readonly files: readonly string[];
	readonly width: number;
	readonly onClose: () => void;
}) => {
	const {actions, symbols, environment} = useDashboard();
	const home = environment.HOME ?? '/';
	const [state, setState] = useState(() => textOf(join(home, '/')));
	const [complaint, setComplaint] = useState('');
	const path = state.value.trim();
	const destination = resolvePath(path, home, home);
	useLayer({rank: 'overlay', modal: true, actions: {back: onClose}});
	const run = async (): Promise<void> => {
		if (path === '') {
			setComplaint('Type a folder, or the file to write.');
			return;
		}

		const start = await actions.exportBackup({source, destination, parts: [], files});
		if (start.type === 'started') {
			onClose();
		} else {
			setComplaint(safeText(`${start.error.message} ${start.error.hint}`.trimEnd()));
		}
	};

	return (
		<>
			<Paint>{truncateMiddle(safeText(sourceName(source)), width, symbols.ellipsis)}</Paint>
			<Paint>
				{files.length === 0
					? 'Copied as it is and compared; the original stays.'
					: `${plural(files.length, 'marked entry', 'marked entries')}, as a small ZIP.`}
			</Paint>
			<Box marginTop={1}>
				<Paint strong>{'To '}</Paint>
				<TextField
					state={state}
					width={width - 3}
					rank="overlay-field"
					onChange={change => {
						setComplaint('');
						setState(change);
					}}
					actions={{submit: () => void run()}}
				/>
			</Box>
			<Paint tone={complaint === '' ? 'muted' : 'error'}>
				{truncateEnd(
					complaint === '' ? 'A folder, or a file that does not exist yet. Enter starts, Esc cancels.' : complaint,
					width,
					symbols.ellipsis,
				)}
			</Paint>
			<Paint tone="muted">
				{truncateEnd(`As a command: ${exportCommand(source, destination, files)}`, width, symbols.ellipsis)}
			</Paint>
		</>
	);
};

/** Asks where a copy goes; when files are marked, whether just these or the whole archive. */
export const ExportOverlay = ({
	source,
	files,
	onClose,
}: {
	readonly source: ArchiveSource;
	/** Paths inside the data folder that were marked. */
	readonly files: readonly string[];
	readonly onClose: () => void;
}) => {
	const {columns} = useTerminalSize();
	const [what, setWhat] = useState<What | null>(files.length === 0 ? 'whole' : null);
	const width = dialogInnerWidth(columns, 76);
	return (
		<Dialog title="Export" height={what === null ? 3 : 7} width={76}>
			{what === null ? (
				<Box marginTop={1}>
					<SmallMenu<What>
						items={[
							{
								value: 'marked',
								label: `Only the ${plural(files.length, 'marked entry', 'marked entries')}, as a small ZIP`,
							},
							{value: 'whole', label: 'The whole backup'},
						]}
						width={width}
						rank="overlay"
						onSelect={setWhat}
						onCancel={onClose}
					/>
				</Box>
			) : (
				<Destination source={source} files={what === 'marked' ? files : []} width={width} onClose={onClose} />
			)}
		</Dialog>
	);
};
