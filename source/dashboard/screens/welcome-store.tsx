import {Box} from 'ink';
import {useEffect, useState} from 'react';
import type {InstanceRef} from '../../client/protocol.js';
import {safeText} from '../../format/safe-text.js';
import {wrapText} from '../../format/wrap.js';
import {resolvePath} from '../../settings/paths.js';
import {settingsFor} from '../../settings/resolve-target.js';
import {toTarget} from '../../settings/to-target.js';
import {Paint} from '../components/paint.js';
import {TextField} from '../components/text-field.js';
import {useDashboard} from '../dashboard-context.js';
import {useAsync} from '../hooks/use-async.js';
import type {TextState} from '../text-edit.js';
import {storeFacts, storeRefusal} from '../welcome-facts.js';

/** Where the backups go: free space, and whether one dead disk would lose both. */
export const WelcomeStore = ({
	instance,
	state,
	width,
	onChange,
	onChoose,
	onBack,
}: {
	readonly instance: InstanceRef;
	readonly state: TextState;
	readonly width: number;
	readonly onChange: (change: (previous: TextState) => TextState) => void;
	/** Is given the folder, absolute. */
	readonly onChoose: (store: string) => void;
	readonly onBack: () => void;
}) => {
	const {actions, paths, environment} = useDashboard();
	const home = environment.HOME ?? '/';
	const typed = state.value.trim();
	const store = resolvePath(typed, home, home);
	const [info] = useAsync(store, async () =>
		actions.request('store.info', {target: toTarget(instance, settingsFor(instance), paths, store)}),
	);
	const refusal =
		typed === ''
			? 'Type the folder that is to keep the backups.'
			: info.type === 'loading'
				? undefined
				: info.type === 'failed'
					? info.error.message
					: storeRefusal(info.value);
	// Enter right after the last letter comes before the folder has been looked at; it is meant all the same.
	const [wanted, setWanted] = useState<string | null>(null);
	const isLooking = info.type === 'loading';
	useEffect(() => {
		if (wanted !== null && (wanted !== store || !isLooking)) {
			setWanted(null);
			if (wanted === store && refusal === undefined) {
				onChoose(store);
			}
		}
	}, [wanted, isLooking, refusal, store, onChoose]);
	const facts =
		typed === ''
			? []
			: info.type === 'ready'
				? storeFacts(info.value)
				: info.type === 'failed'
					? [{text: info.error.message, tone: 'error'} as const]
					: [];
	return (
		<Box flexDirection="column">
			<Paint strong>Where are the backups to be kept?</Paint>
			<Paint>{`Of ${safeText(instance.name)}, ${safeText(instance.dataFolder)}`}</Paint>
			<Box marginTop={1}>
				<Paint strong>{'Backup folder  '}</Paint>
				<TextField
					state={state}
					width={width - 15}
					onChange={onChange}
					actions={{'go-on': {run: () => setWanted(store), disabled: refusal}, back: onBack}}
				/>
			</Box>
			<Box flexDirection="column" marginTop={1}>
				{facts
					.flatMap(({text, tone}) => wrapText(safeText(text), width).map(line => ({line, tone})))
					.map(({line, tone}) => (
						<Paint key={line} tone={tone}>
							{line}
						</Paint>
					))}
			</Box>
		</Box>
	);
};
