import {Box, Text} from 'ink';
import {useState} from 'react';
import type {Part} from '../../client/protocol.js';
import {toErrorData} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';
import {padEnd, truncateEnd} from '../../format/truncate.js';
import {wrapText} from '../../format/wrap.js';
import type {SettingKey} from '../../settings/keys.js';
import {settingKeys} from '../../settings/keys.js';
import {resolvePath} from '../../settings/paths.js';
import type {Model} from '../../state/model.js';
import {broughtNames} from '../appearance.js';
import {changeSetting, eligibleParts, typedValue} from '../change-setting.js';
import {Dialog, dialogInnerWidth} from '../components/dialog.js';
import {Paint} from '../components/paint.js';
import {SmallMenu} from '../components/small-menu.js';
import {TextField} from '../components/text-field.js';
import {useDashboard} from '../dashboard-context.js';
import {useAsync} from '../hooks/use-async.js';
import {useLayer} from '../hooks/use-layer.js';
import {useList} from '../hooks/use-list.js';
import {useTerminalSize} from '../hooks/use-size.js';
import {textOf} from '../text-edit.js';

type EditorProps = {
	readonly settingKey: SettingKey;
	readonly choices: readonly string[];
	readonly value: string;
	readonly width: number;
	readonly onSave: (text: string) => void;
	readonly onClose: () => void;
};

/** What can be chosen: a menu has room for nine. */
const choicesOf = (
	{choices = [], brought}: SettingKey,
	value: string,
	list: Model['plugins']['list'],
): readonly string[] => {
	const all = [...choices, ...(brought === undefined ? [] : broughtNames(list, brought))].slice(0, 9);
	// What is set stays to be seen, although its plugin may not be there.
	return value === '' || all.includes(value) ? all : [...all.slice(0, 8), value];
};

const ChoiceEditor = ({settingKey, choices, value, width, onSave, onClose}: EditorProps) => (
	<SmallMenu
		items={choices.map(choice => ({
			value: choice,
			label: `${choice}${choice === value ? ' (now)' : ''}${choice === settingKey.defaultText ? ' (default)' : ''}`,
		}))}
		width={width}
		rank="overlay"
		onSelect={onSave}
		onCancel={onClose}
	/>
);

const TextEditor = ({settingKey, value, width, onSave, onClose}: EditorProps) => {
	const [state, setState] = useState(() => textOf(value));
	useLayer({rank: 'overlay', modal: true, actions: {back: onClose}});
	return (
		<Box flexDirection="column">
			<TextField
				state={state}
				width={width}
				rank="overlay-field"
				onChange={setState}
				placeholder={settingKey.placeholder}
				actions={{submit: () => onSave(state.value.trim())}}
			/>
			<Paint tone="muted">{truncateEnd(`Empty: ${settingKey.defaultText}.`, width)}</Paint>
		</Box>
	);
};

const partKey = ({name}: Part): string => name;
const noParts: readonly Part[] = [];

/** Rows of the list of parts. */
const partRows = 6;

const PartsEditor = ({settingKey, value, width, onSave, onClose}: EditorProps) => {
	const {actions, store, symbols, theme} = useDashboard();
	const [chosen, setChosen] = useState<ReadonlySet<string>>(
		() => new Set(value.split(',').filter(name => name !== '')),
	);
	const [parts] = useAsync('parts', async () => {
		const {target} = store.get();
		return target ? actions.request('parts.list', {instance: target.instance, store: target.store}) : noParts;
	});
	const eligible = parts.type === 'ready' ? eligibleParts(settingKey.name, parts.value) : noParts;
	const list = useList(`setting:${settingKey.name}`, eligible, partKey, partRows);
	const {selected} = list;
	useLayer({
		rank: 'overlay',
		modal: true,
		actions: {
			...list.actions,
			...(selected
				? {
						mark: () =>
							setChosen(previous => {
								const next = new Set(previous);
								if (!next.delete(selected.name)) {
									next.add(selected.name);
								}

								return next;
							}),
					}
				: {}),
			submit: () => onSave([...chosen].join(',')),
			back: onClose,
		},
	});
	if (parts.type === 'loading') {
		return <Paint>Reading the parts...</Paint>;
	}

	if (parts.type === 'failed') {
		return <Paint tone="error">{truncateEnd(safeText(parts.error.message), width)}</Paint>;
	}

	return (
		<Box flexDirection="column">
			{eligible.length === 0 ? <Paint>There is no such part here.</Paint> : null}
			{list.visible.map(({item, key, isSelected}) => (
				<Text key={key} wrap="truncate-end" {...theme.style({selected: isSelected})}>
					{`${isSelected ? symbols.pointer : ' '}[${chosen.has(item.name) ? symbols.checked : symbols.unchecked}] ${padEnd(safeText(item.name), 16, symbols.ellipsis)} ${padEnd(safeText(item.title), width - 22, symbols.ellipsis)}`}
				</Text>
			))}
		</Box>
	);
};

/** Changes one setting: a choice, a text, or a list of parts. What cannot be is said, and nothing is kept. */
export const SettingOverlay = ({name, onClose}: {readonly name: string; readonly onClose: () => void}) => {
	const {actions, store, settings, environment} = useDashboard();
	const {columns} = useTerminalSize();
	const [complaint, setComplaint] = useState('');
	const width = dialogInnerWidth(columns, 76);
	const settingKey = settingKeys.find(key => key.name === name);
	if (!settingKey) {
		return null;
	}

	const model = store.get();
	const value = typedValue(settingKey, model) ?? '';
	const save = async (text: string): Promise<void> => {
		const home = environment.HOME ?? '/';
		try {
			const changed = await changeSetting(settingKey, text, store.get(), settings, {
				resolvePath: path => resolvePath(path, home, home),
				instanceNames: Object.keys(store.get().settings.instances),
				partNames: [],
			});
			onClose();
			await actions.settingsChanged(changed);
		} catch (error) {
			const {message, hint} = toErrorData(error, 'The setting could not be kept');
			setComplaint(safeText(hint === '' ? message : `${message} ${hint}`));
		}
	};

	const choices = choicesOf(settingKey, value, model.plugins.list);
	const editor: EditorProps = {settingKey, choices, value, width, onSave: text => void save(text), onClose};
	const description = wrapText(settingKey.description, width);
	const editorRows = settingKey.editor === 'choice' ? choices.length : settingKey.editor === 'parts' ? partRows : 2;
	const complaints = complaint === '' ? [''] : wrapText(complaint, width);
	return (
		<Dialog title={settingKey.title} height={description.length + 2 + editorRows + complaints.length} width={76}>
			{description.map(line => (
				<Paint key={line} tone="muted">
					{line}
				</Paint>
			))}
			<Box marginTop={1} flexDirection="column" height={editorRows}>
				{settingKey.editor === 'choice' ? (
					<ChoiceEditor {...editor} />
				) : settingKey.editor === 'parts' ? (
					<PartsEditor {...editor} />
				) : (
					<TextEditor {...editor} />
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
