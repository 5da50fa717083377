import {Box} from 'ink';
import {useState} from 'react';
import {toErrorData} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';
import {shellCommand} from '../../format/shell-quote.js';
import {truncateEnd} from '../../format/truncate.js';
import {wrapText} from '../../format/wrap.js';
import type {PluginData, SettingsPath} from '../../plugins/api.js';
import {Dialog, dialogInnerWidth} from '../components/dialog.js';
import {Paint} from '../components/paint.js';
import {SmallMenu} from '../components/small-menu.js';
import {TextField} from '../components/text-field.js';
import {useDashboard} from '../dashboard-context.js';
import {useLayer} from '../hooks/use-layer.js';
import {useTerminalSize} from '../hooks/use-size.js';
import {textOf} from '../text-edit.js';

type Value = string | number | boolean | null;

const TextEditor = ({
	value,
	width,
	onSave,
	onClose,
}: {
	readonly value: string;
	readonly width: number;
	readonly onSave: (text: string) => void;
	readonly onClose: () => void;
}) => {
	const [state, setState] = useState(() => textOf(value));
	useLayer({rank: 'overlay', modal: true, actions: {back: onClose}});
	return (
		<Box flexDirection="column">
			<TextField
				state={state}
				width={width}
				rank="overlay-field"
				onChange={setState}
				actions={{submit: () => onSave(state.value)}}
			/>
			<Paint tone="muted">Empty: the plugin’s default.</Paint>
		</Box>
	);
};

/** Changes one setting of a plugin: a text, a number, or yes and no. What the plugin refuses is said, and nothing is kept. */
export const PluginSettingOverlay = ({
	plugin,
	path,
	value,
	onChanged,
	onClose,
}: {
	readonly plugin: string;
	readonly path: SettingsPath;
	readonly value: Value;
	readonly onChanged: () => void;
	readonly onClose: () => void;
}) => {
	const {actions, symbols} = useDashboard();
	const {columns} = useTerminalSize();
	const [complaint, setComplaint] = useState('');
	const width = dialogInnerWidth(columns, 76);
	const save = async (changed: PluginData): Promise<void> => {
		try {
			await actions.request('plugins.change', {plugin, changes: [{path, value: changed}]});
			onClose();
			onChanged();
			void actions.refreshPlugins();
		} catch (error) {
			setComplaint(safeText(toErrorData(error, 'The setting could not be kept').message));
		}
	};

	const saveText = (text: string): void => {
		if (text === '') {
			void save(null);
		} else if (typeof value !== 'number') {
			void save(text);
		} else if (Number.isFinite(Number(text)) && text.trim() !== '') {
			void save(Number(text));
		} else {
			setComplaint(`“${safeText(text)}” is not a number.`);
		}
	};

	const title = truncateEnd(safeText(`${plugin}: ${path.join('.')}`), width, symbols.ellipsis);
	const command = truncateEnd(
		`As a command: ${shellCommand(['printkeep', 'plugins', 'settings', plugin, path.join('.')])} VALUE`,
		width,
		symbols.ellipsis,
	);
	const complaints = complaint === '' ? [''] : wrapText(complaint, width);
	const isChoice = typeof value === 'boolean';
	return (
		<Dialog title={title} height={(isChoice ? 3 : 2) + 2 + complaints.length} width={76}>
			<Paint tone="muted">{command}</Paint>
			<Box marginTop={1} flexDirection="column">
				{isChoice ? (
					<SmallMenu<'yes' | 'no' | 'default'>
						items={[
							{value: 'yes', label: `yes${value ? ' (now)' : ''}`},
							{value: 'no', label: `no${value ? '' : ' (now)'}`},
							{value: 'default', label: 'the plugin’s default'},
						]}
						width={width}
						rank="overlay"
						onSelect={chosen => void save(chosen === 'default' ? null : chosen === 'yes')}
						onCancel={onClose}
					/>
				) : (
					<TextEditor value={value === null ? '' : String(value)} width={width} onSave={saveText} onClose={onClose} />
				)}
			</Box>
			{complaints.map(line => (
				<Paint key={line} tone="error">
					{line === '' ? ' ' : line}
				</Paint>
			))}
		</Dialog>
	);
};
