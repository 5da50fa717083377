import {Box} from 'ink';
import {safeText} from '../../format/safe-text.js';
import {truncateEnd, truncateMiddle} from '../../format/truncate.js';
import {wrapText} from '../../format/wrap.js';
import type {Model} from '../../state/model.js';
import {Choices} from '../components/choices.js';
import {Dialog, dialogInnerWidth} from '../components/dialog.js';
import {Paint} from '../components/paint.js';
import {TypeName, typeNameHeight} from '../components/type-name.js';
import {useDashboard} from '../dashboard-context.js';
import {fitLines} from '../fit-lines.js';
import {useModel} from '../hooks/use-model.js';
import {useTerminalSize} from '../hooks/use-size.js';
import {chosenParts, countsText, removesData, restoreCommand, serviceText, sourceName, sumOf} from '../plan-facts.js';
import type {RestoreDecision} from '../router.js';
import {evenIfPrinting} from './undo.js';

const selectInstance = ({target}: Model): string => target?.instance.name ?? '';

/**
 * Asks before a restore, with what the plan says. Cancel has the focus; where data would be removed or the backup is of a newer version, the
 * instance's name has to be typed.
 */
export const RestoreOverlay = ({
	choice,
	onStart,
	onClose,
}: {
	readonly choice: RestoreDecision;
	/** Is told the job. */
	readonly onStart: (jobId: string) => void;
	readonly onClose: () => void;
}) => {
	const {actions, symbols} = useDashboard();
	const {columns, rows} = useTerminalSize();
	const instance = useModel(selectInstance);
	const width = dialogInnerWidth(columns, 76);
	const {plan, source, parts, files, to, mode, keepSettings} = choice;
	const leftOut = new Set(
		parts === undefined ? [] : plan.parts.map(({name}) => name).filter(name => !parts.includes(name)),
	);
	const {counts} = sumOf(chosenParts(plan, leftOut));
	const isNewer = plan.inPlace && plan.newerVersion;
	const isBlocked = plan.activityRefusal !== '';
	const mustType = removesData(plan, leftOut) || isNewer || isBlocked;
	const expected = isBlocked ? evenIfPrinting : instance;
	const run = (): void => {
		onClose();
		void actions
			.restore({
				source,
				allowNewer: isNewer,
				...(to === undefined ? {} : {to}),
				...(parts === undefined ? {} : {parts}),
				...(files === undefined ? {mode} : {files}),
				...(keepSettings.length === 0 ? {} : {keepSettings}),
				...(isBlocked ? {evenIfPrinting: true} : {}),
			})
			.then(start => {
				if (start.type === 'started') {
					onStart(start.jobId);
				}
			});
	};

	const consequence = plan.inPlace
		? counts.removed > 0
			? 'What is removed and replaced is kept aside until the next restore: u brings it back.'
			: 'What is replaced is kept aside until the next restore: u brings it back.'
		: 'The data that is there now is not touched.';
	const service = serviceText(plan);
	const askRows = mustType ? typeNameHeight(expected, width) : 1;
	const all = [
		...(isBlocked ? wrapText(safeText(`${plan.activityRefusal} A restore now can ruin it.`), width) : []),
		...wrapText(consequence, width),
		...(service === '' ? [] : wrapText(safeText(`The server: ${service}.`), width)),
		...(isNewer
			? wrapText(
					safeText(
						`The backup is of ${plan.backupVersion ?? '?'}, newer than the installed ${plan.installedVersion ?? '?'}: the server may not understand it.`,
					),
					width,
				)
			: []),
	];
	const lines = fitLines(all, {room: rows - 9 - askRows, width, ellipsis: symbols.ellipsis});
	// The command in full where there is room for it: what matters may stand at its end.
	const wholeCommand = `As a command: ${restoreCommand(choice, isBlocked)}`;
	const commandRoom = Math.max(1, rows - 4 - 3 - lines.length - 1 - askRows);
	const wrapped = wrapText(wholeCommand, width);
	const commandLines =
		wrapped.length <= commandRoom ? wrapped : [truncateMiddle(wholeCommand, width, symbols.ellipsis)];
	return (
		<Dialog
			title={plan.inPlace ? 'Restore over the present data?' : 'Restore into another folder?'}
			tone={mustType ? 'error' : 'warning'}
			height={3 + lines.length + commandLines.length + 1 + askRows}
			width={76}
		>
			<Paint>{truncateMiddle(safeText(sourceName(source)), width, symbols.ellipsis)}</Paint>
			<Paint>{truncateMiddle(`into ${safeText(plan.destination)}`, width, symbols.ellipsis)}</Paint>
			<Paint strong>{truncateEnd(`Files: ${countsText(counts)}`, width, symbols.ellipsis)}</Paint>
			{lines.map(line => (
				<Paint key={line}>{line}</Paint>
			))}
			{commandLines.map(line => (
				<Paint key={line} tone="muted">
					{line}
				</Paint>
			))}
			<Box marginTop={1}>
				{mustType ? (
					<TypeName expected={expected} width={width} onConfirm={run} onCancel={onClose} />
				) : (
					<Choices
						choices={[
							{label: 'Cancel', run: onClose},
							{label: 'Restore', run},
						]}
						onCancel={onClose}
					/>
				)}
			</Box>
		</Dialog>
	);
};
