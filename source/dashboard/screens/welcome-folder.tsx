import {Box} from 'ink';
import {useState} from 'react';
import {kindTitle} from '../../client/server-kind.js';
import {type ErrorData, toErrorData} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';
import {wrapText} from '../../format/wrap.js';
import {resolvePath} from '../../settings/paths.js';
import {Paint} from '../components/paint.js';
import {TextField} from '../components/text-field.js';
import {useDashboard} from '../dashboard-context.js';
import {useMemory} from '../hooks/use-memory.js';
import {textOf} from '../text-edit.js';
import type {Candidate} from '../welcome-facts.js';

/** A data folder that was not found by itself, typed in. */
export const WelcomeFolder = ({
	width,
	onChoose,
	onBack,
}: {
	readonly width: number;
	readonly onChoose: (candidate: Candidate) => void;
	readonly onBack: () => void;
}) => {
	const {actions, environment} = useDashboard();
	const home = environment.HOME ?? '/';
	const [state, setState] = useMemory('data-folder', textOf('~/.octoprint'));
	const [error, setError] = useState<ErrorData | null>(null);
	const submit = async (): Promise<void> => {
		try {
			const instance = await actions.request('instances.inspect', {
				dataFolder: resolvePath(state.value.trim(), home, home),
			});
			const {version, foundBy, problems} = instance;
			const title = kindTitle(instance.kind, instance.kindTitle);
			onChoose({instance, title, version, foundBy, problems, isRegistered: false});
		} catch (failure) {
			setError(toErrorData(failure, 'The folder could not be looked at'));
		}
	};

	const complaint = error === null ? '' : `${error.message} ${error.hint}`;
	return (
		<Box flexDirection="column">
			<Paint strong>Where is the print server's data?</Paint>
			<Paint>{"OctoPrint's is the folder that holds config.yaml, usually ~/.octoprint."}</Paint>
			<Box marginTop={1}>
				<Paint strong>{'Data folder  '}</Paint>
				<TextField
					state={state}
					width={width - 13}
					onChange={change => {
						setError(null);
						setState(change);
					}}
					actions={{'go-on': () => void submit(), back: onBack}}
				/>
			</Box>
			<Box flexDirection="column" marginTop={1}>
				{complaint === ''
					? null
					: wrapText(safeText(complaint.trimEnd()), width).map(line => (
							<Paint key={line} tone="error">
								{line}
							</Paint>
						))}
			</Box>
		</Box>
	);
};
