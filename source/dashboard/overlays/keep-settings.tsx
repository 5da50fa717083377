import {Box, Text} from 'ink';
import {useState} from 'react';
import type {MachineSetting} from '../../client/protocol.js';
import {safeText} from '../../format/safe-text.js';
import {padEnd, truncateMiddle} from '../../format/truncate.js';
import {Choices} from '../components/choices.js';
import {Dialog, dialogInnerWidth} from '../components/dialog.js';
import {Paint} from '../components/paint.js';
import {useDashboard} from '../dashboard-context.js';
import {useList} from '../hooks/use-list.js';
import {useTerminalSize} from '../hooks/use-size.js';

const groupWidth = 12;
const keyOf = ({path}: MachineSetting): string => path;
const valueText = (value: string | null): string => (value === null ? 'not set' : safeText(value));

/** Which settings that belong to this machine stay as they are: a group is kept or taken from the backup as one. */
export const KeepSettingsOverlay = ({
	settings,
	kept: before,
	onDone,
	onClose,
}: {
	readonly settings: readonly MachineSetting[];
	readonly kept: readonly string[];
	readonly onDone: (kept: readonly string[]) => void;
	readonly onClose: () => void;
}) => {
	const {symbols, theme} = useDashboard();
	const {columns, rows} = useTerminalSize();
	const [kept, setKept] = useState<ReadonlySet<string>>(() => new Set(before));
	const width = dialogInnerWidth(columns, 90);
	const height = Math.max(1, Math.min(settings.length, rows - 12));
	const list = useList('keep-settings', settings, keyOf, height);
	const {selected} = list;
	return (
		<Dialog title="Keep settings of this machine?" height={height + 5} width={90}>
			{list.visible.map(({item, key, isSelected}) => (
				<Text key={key} wrap="truncate-end" {...theme.style({selected: isSelected})}>
					{`${isSelected ? symbols.pointer : ' '}[${kept.has(item.group) ? symbols.checked : symbols.unchecked}] ${padEnd(item.group, groupWidth, symbols.ellipsis)}${truncateMiddle(safeText(item.title), width - groupWidth - 5, symbols.ellipsis)}`}
				</Text>
			))}
			<Box flexDirection="column" marginTop={1}>
				<Paint>{`Now: ${truncateMiddle(selected ? valueText(selected.present) : '', width - 12, symbols.ellipsis)}`}</Paint>
				<Paint>{`In the backup: ${truncateMiddle(selected ? valueText(selected.backup) : '', width - 15, symbols.ellipsis)}`}</Paint>
			</Box>
			<Box marginTop={1}>
				<Choices
					choices={[
						{
							label: 'Use this',
							run: () => {
								onClose();
								onDone([...kept].sort());
							},
						},
						{label: 'Cancel', run: onClose},
					]}
					onCancel={onClose}
					actions={{
						...list.actions,
						...(selected
							? {
									mark: () =>
										setKept(previous => {
											const next = new Set(previous);
											if (!next.delete(selected.group)) {
												next.add(selected.group);
											}

											return next;
										}),
								}
							: {}),
					}}
				/>
			</Box>
		</Dialog>
	);
};
