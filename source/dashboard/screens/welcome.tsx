import {Box} from 'ink';
import {useState} from 'react';
import {type ErrorData, toErrorData} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';
import {truncateMiddle} from '../../format/truncate.js';
import {wrapText} from '../../format/wrap.js';
import {nameFor} from '../../settings/instance-name.js';
import {defaultStore} from '../../settings/paths.js';
import {settingsFor} from '../../settings/resolve-target.js';
import type {Model} from '../../state/model.js';
import {Paint} from '../components/paint.js';
import {ScreenFrame} from '../components/screen-frame.js';
import {SmallMenu} from '../components/small-menu.js';
import {useDashboard} from '../dashboard-context.js';
import {useMemory} from '../hooks/use-memory.js';
import {useModel} from '../hooks/use-model.js';
import {useBodySize} from '../hooks/use-size.js';
import {type TextState, textOf} from '../text-edit.js';
import type {Candidate} from '../welcome-facts.js';
import {WelcomeFind} from './welcome-find.js';
import {WelcomeFolder} from './welcome-folder.js';
import {WelcomeStore} from './welcome-store.js';

type Step =
	| {readonly type: 'find'}
	| {readonly type: 'folder'}
	| {readonly type: 'store'; readonly candidate: Candidate}
	| {readonly type: 'summary'; readonly candidate: Candidate; readonly store: string};

type Ending = 'first-backup' | 'only' | 'back';

const find: Step = {type: 'find'};

const stepTitles = {
	find: 'Welcome to printkeep: 1 of 3',
	folder: 'Welcome to printkeep: 1 of 3',
	store: 'Welcome to printkeep: 2 of 3',
	summary: 'Welcome to printkeep: 3 of 3',
} as const satisfies Record<Step['type'], string>;

const selectSettings = ({settings}: Model): Model['settings'] => settings;

/** What is going to be kept, and the first backup. */
const Summary = ({
	candidate: {instance},
	store,
	width,
	onBack,
}: {
	readonly candidate: Candidate;
	readonly store: string;
	readonly width: number;
	readonly onBack: () => void;
}) => {
	const {actions, router, settings: file, paths, symbols} = useDashboard();
	const settings = useModel(selectSettings);
	const [error, setError] = useState<ErrorData | null>(null);
	const name = nameFor(instance, settings);
	const finish = async (ending: Ending): Promise<void> => {
		if (ending === 'back') {
			onBack();
			return;
		}

		try {
			await file.setInstance(name, {
				...settingsFor(instance),
				...(store === defaultStore(paths, name) ? {} : {store}),
			});
			actions.dispatch({type: 'settings-changed', settings: file.read()});
			await actions.choose({instance: name});
			if (ending === 'first-backup') {
				await actions.create({excludes: [], includes: [], note: ''});
				router.go({screen: 'backups'});
			} else {
				router.go({screen: 'home'});
			}
		} catch (failure) {
			setError(toErrorData(failure, 'The settings could not be kept'));
		}
	};

	const fact = (label: string, text: string) => (
		<Paint>{`${label.padEnd(14)}${truncateMiddle(safeText(text), width - 14, symbols.ellipsis)}`}</Paint>
	);
	return (
		<Box flexDirection="column">
			<Paint strong>Ready. Nothing has been written so far.</Paint>
			<Box flexDirection="column" marginTop={1}>
				{fact('Print server', name)}
				{fact('Its data', instance.dataFolder)}
				{fact('Backups go to', store)}
				{fact('Settings in', file.path)}
			</Box>
			<Box marginTop={1}>
				<SmallMenu<Ending>
					items={[
						{value: 'first-backup', label: 'Keep this and make the first backup'},
						{value: 'only', label: 'Keep this, back up later'},
						{value: 'back', label: 'Back'},
					]}
					width={width}
					onSelect={ending => void finish(ending)}
					onCancel={onBack}
				/>
			</Box>
			{error === null
				? null
				: wrapText(safeText(`${error.message} ${error.hint}`.trimEnd()), width).map(line => (
						<Paint key={line} tone="error">
							{line}
						</Paint>
					))}
		</Box>
	);
};

/** The first run: what is there, where the backups go, and the first one. Nothing is written before the last step. */
export const WelcomeScreen = () => {
	const {actions, paths, router} = useDashboard();
	const {columns, rows} = useBodySize();
	const settings = useModel(selectSettings);
	const [step, setStep] = useMemory<Step>('step', find);
	const [store, setStore] = useMemory<TextState>('store', textOf(''));
	const width = columns - 2;
	const choose = (candidate: Candidate): void => {
		const {name} = candidate.instance;
		if (candidate.isRegistered) {
			void actions.choose({instance: name}).then(() => router.go({screen: 'home'}));
			return;
		}

		setStore(textOf(defaultStore(paths, nameFor(candidate.instance, settings))));
		setStep(() => ({type: 'store', candidate}));
	};

	const body = (): React.ReactNode => {
		switch (step.type) {
			case 'find':
				return (
					<WelcomeFind
						width={width}
						height={rows - 2}
						onChoose={choose}
						onFolder={() => setStep(() => ({type: 'folder'}))}
					/>
				);
			case 'folder':
				return <WelcomeFolder width={width} onChoose={choose} onBack={() => setStep(() => find)} />;
			case 'store':
				return (
					<WelcomeStore
						instance={step.candidate.instance}
						state={store}
						width={width}
						onChange={setStore}
						onChoose={folder => setStep(() => ({type: 'summary', candidate: step.candidate, store: folder}))}
						onBack={() => setStep(() => find)}
					/>
				);
			case 'summary':
				return (
					<Summary
						candidate={step.candidate}
						store={step.store}
						width={width}
						onBack={() => setStep(() => ({type: 'store', candidate: step.candidate}))}
					/>
				);
		}
	};

	return (
		<ScreenFrame>
			<Paint tone="accent">{stepTitles[step.type]}</Paint>
			<Box flexDirection="column" paddingX={1} marginTop={1}>
				{body()}
			</Box>
		</ScreenFrame>
	);
};
