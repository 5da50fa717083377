import {basename} from 'node:path';
import {Box} from 'ink';
import {useMemo} from 'react';
import type {ArchiveSource} from '../../client/protocol.js';
import {safeText} from '../../format/safe-text.js';
import {shellCommand} from '../../format/shell-quote.js';
import {truncateEnd, truncateMiddle} from '../../format/truncate.js';
import type {BackupsState, Model} from '../../state/model.js';
import {ErrorView} from '../components/error-view.js';
import {Paint} from '../components/paint.js';
import {TextField} from '../components/text-field.js';
import {useDashboard} from '../dashboard-context.js';
import {detailLines} from '../details-lines.js';
import {useAsync} from '../hooks/use-async.js';
import {useLayer} from '../hooks/use-layer.js';
import {useMemory} from '../hooks/use-memory.js';
import {useModel} from '../hooks/use-model.js';
import {useNow} from '../hooks/use-now.js';
import {freeName, isTaken} from '../import-name.js';
import {disabledReason} from '../keys/disabled.js';
import {textOf} from '../text-edit.js';

const selectBackups = ({backups}: Model): BackupsState => backups;
const selectInstance = ({target}: Model): string => target?.instance.name ?? '';
const selectBusy = (model: Model): string | undefined => disabledReason('import', {model, backups: []});

/** A file that was picked: what it is, and under which name it comes into the store. */
export const ImportCheck = ({
	path,
	width,
	height,
	onClose,
}: {
	readonly path: string;
	readonly width: number;
	readonly height: number;
	readonly onClose: () => void;
}) => {
	const {actions, router, symbols} = useDashboard();
	const now = useNow();
	const {ordered} = useModel(selectBackups);
	const instance = useModel(selectInstance);
	const busy = useModel(selectBusy);
	const keys = useMemo(() => ordered.filter(({origin}) => origin === 'store').map(({key}) => key), [ordered]);
	const fileName = basename(path);
	const [name, setName] = useMemory(`name:${path}`, textOf(freeName(fileName, keys)));
	const source = useMemo((): ArchiveSource => ({type: 'file', path}), [path]);
	const [details] = useAsync(path, async () => actions.details(source));
	const wanted = name.value.trim();
	const as = wanted === fileName || wanted === '' ? undefined : wanted;
	const clash = isTaken(wanted, keys);
	const run = async (): Promise<void> => {
		const start = await actions.importFile(path, as);
		if (start.type === 'started') {
			router.go({screen: 'backups'});
		}
	};

	const isReady = details.type === 'ready';
	useLayer({rank: 'pane', actions: {back: onClose}});
	if (details.type === 'failed') {
		return <ErrorView error={details.error} instance={instance} />;
	}

	const lines = isReady ? detailLines(details.value, {width, now, symbols}).slice(0, Math.max(1, height - 5)) : [];
	const command = shellCommand(['printkeep', 'import', path, ...(as === undefined ? [] : ['--as', as])]);
	return (
		<Box flexDirection="column" height={height}>
			<Paint strong>{truncateMiddle(safeText(path), width, symbols.ellipsis)}</Paint>
			<Box flexDirection="column" height={height - 4} overflow="hidden">
				{isReady ? null : <Paint>Looking into the file...</Paint>}
				{lines.map(({text, tone, strong}, index) => (
					// biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity but their place.
					<Paint key={index} tone={tone} strong={strong}>
						{text === '' ? ' ' : text}
					</Paint>
				))}
			</Box>
			<Box height={1}>
				<Paint strong>{'Name in the store  '}</Paint>
				<TextField
					state={name}
					onChange={setName}
					width={width - 19}
					actions={{
						start: {
							run: () => void run(),
							disabled:
								busy ??
								(isReady ? undefined : 'The file is still being looked at.') ??
								(clash ? `There is a backup called ${wanted} already: type another name.` : undefined),
						},
						back: onClose,
					}}
				/>
			</Box>
			<Paint tone={clash ? 'error' : 'muted'}>
				{clash
					? 'There is a backup of this name already: type another one.'
					: 'Enter reads it in full and copies it in; the file itself stays where it is.'}
			</Paint>
			<Paint tone="muted">{truncateEnd(`As a command: ${command}`, width, symbols.ellipsis)}</Paint>
		</Box>
	);
};
