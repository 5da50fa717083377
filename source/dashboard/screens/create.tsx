import {Box, Text} from 'ink';
import {memo, useEffect, useMemo} from 'react';
import type {Part, Profile} from '../../client/protocol.js';
import {formatBytes} from '../../format/bytes.js';
import {formatCount} from '../../format/count.js';
import {plural} from '../../format/plural.js';
import {safeText} from '../../format/safe-text.js';
import {padEnd, padStart, truncateEnd, truncateMiddle} from '../../format/truncate.js';
import {wrapText} from '../../format/wrap.js';
import type {InstanceSettings} from '../../settings/schema.js';
import type {Model, PartsState} from '../../state/model.js';
import {ErrorView} from '../components/error-view.js';
import {Paint} from '../components/paint.js';
import {ScreenFrame} from '../components/screen-frame.js';
import {TextField} from '../components/text-field.js';
import {
	canToggle,
	createCommand,
	estimate,
	isIn,
	jobChoice,
	nextProfile,
	profileWords,
	type Toggles,
	toggle,
	whyLines,
} from '../create-choice.js';
import {useDashboard} from '../dashboard-context.js';
import {useLayer} from '../hooks/use-layer.js';
import {useList} from '../hooks/use-list.js';
import {useMemory} from '../hooks/use-memory.js';
import {useModel} from '../hooks/use-model.js';
import {useBodySize} from '../hooks/use-size.js';
import {useWords} from '../hooks/use-words.js';
import {disabledReason} from '../keys/disabled.js';
import {textOf} from '../text-edit.js';
import type {Tone} from '../theme.js';

const selectParts = ({parts}: Model): PartsState => parts;
const selectStore = ({store}: Model): Model['store'] => store;
const selectTarget = ({target}: Model): Model['target'] => target;
const selectSettings = ({settings, target}: Model): InstanceSettings | undefined =>
	target === null ? undefined : settings.instances[target.instance.name];
const selectBusy = (model: Model): string | undefined => disabledReason('back-up', {model, backups: []});
const noToggles: Toggles = new Map();

const nameWidth = 15;
const numberWidth = 9;
/** Pointer, box and blank before the name, and the three numbers behind. */
const fixedWidth = 5 + nameWidth + 1 + 3 * numberWidth;
/** Titles above the list; reasons, sums, profile, space, note and command below. */
const whyRows = 2;
const otherRows = 1 + whyRows + 5;

type RowProps = {
	readonly box: string;
	readonly name: string;
	readonly title: string;
	readonly files: string;
	readonly bytes: string;
	readonly archive: string;
	readonly isSelected: boolean;
	readonly isFaint: boolean;
	readonly width: number;
};

const Row = memo(({box, name, title, files, bytes, archive, isSelected, isFaint, width}: RowProps) => {
	const {theme, symbols} = useDashboard();
	const cells = [
		`${isSelected ? symbols.pointer : ' '}${box} ${padEnd(name, nameWidth, symbols.ellipsis)} `,
		padEnd(title, width - fixedWidth, symbols.ellipsis),
		padStart(files, numberWidth, symbols.ellipsis),
		padStart(bytes, numberWidth, symbols.ellipsis),
		padStart(archive, numberWidth, symbols.ellipsis),
	];
	return (
		<Text wrap="truncate-end" {...theme.style({tone: isFaint ? 'muted' : 'plain', selected: isSelected})}>
			{cells.join('')}
		</Text>
	);
});
Row.displayName = 'Row';

const partKey = ({name}: Part): string => name;

/** What goes into the next backup, how large that is, and where it goes. */
export const CreateScreen = () => {
	const {actions, router, symbols, store: model} = useDashboard();
	const {columns, rows} = useBodySize();
	const word = useWords();
	const parts = useModel(selectParts);
	const store = useModel(selectStore);
	const target = useModel(selectTarget);
	const settings = useModel(selectSettings);
	const busy = useModel(selectBusy);
	const [toggles, setToggles] = useMemory<Toggles>('toggles', noToggles);
	const [note, setNote] = useMemory('note', textOf(''));
	const usualProfile = target?.effort?.profile ?? 'balanced';
	const [chosenProfile, setProfile] = useMemory<Profile | null>('profile', null);
	const ownProfile = chosenProfile === usualProfile ? null : chosenProfile;
	const profile = ownProfile ?? usualProfile;
	const [isInNote, setIsInNote] = useMemory('is-in-note', false);
	const height = Math.max(1, Math.min(parts.list.length, rows - otherRows));
	const list = useList('part', parts.list, partKey, height);
	const {selected} = list;

	const storePath = target?.store;
	// biome-ignore lint/correctness/useExhaustiveDependencies: measured anew whenever the screen is opened, or for another store.
	useEffect(() => void actions.loadParts(), [actions, storePath]);

	const choice = jobChoice(parts.list, settings, toggles);
	const choiceKey = JSON.stringify(choice);
	const isReady = parts.state === 'ready';
	// biome-ignore lint/correctness/useExhaustiveDependencies: asked anew for another choice, and when the parts were read again.
	useEffect(() => {
		if (isReady) {
			void actions.loadLeftOut(choice);
		}
	}, [actions, isReady, choiceKey]);

	const start = async (): Promise<void> => {
		const started = await actions.create({
			...jobChoice(model.get().parts.list, settings, toggles),
			note: note.value.trim(),
			...(ownProfile === null ? {} : {profile: ownProfile}),
		});
		if (started.type === 'started') {
			setNote(() => textOf(''));
			setIsInNote(false);
			router.go({screen: 'backups'});
		}
	};

	const startHandler = {
		run: () => void start(),
		disabled: busy ?? (parts.state === 'ready' ? undefined : (parts.error?.message ?? 'The parts are not known yet.')),
	};
	const otherPane = (): void => setIsInNote(previous => !previous);
	const why = useMemo(
		() => (selected ? whyLines(selected, parts.notes.get(selected.name)) : []),
		[selected, parts.notes],
	);
	useLayer({
		rank: 'screen',
		actions: {
			...list.actions,
			start: startHandler,
			profile: () => setProfile(previous => nextProfile(previous ?? usualProfile)),
			...(selected
				? {
						mark: {
							run: () => setToggles(previous => toggle(selected, settings, previous)),
							disabled: canToggle(selected) ? undefined : whyLines(selected)[0],
						},
					}
				: {}),
			...(selected && why.length > 0
				? {
						descend: () =>
							router.openOverlay({type: 'event', title: `${selected.name}: ${selected.title}`, lines: why}),
					}
				: {}),
			'next-pane': otherPane,
			'previous-pane': otherPane,
			refresh: () => void actions.loadParts(),
		},
	});

	const sum = useMemo(() => estimate(parts.list, parts.sizes, settings, toggles), [parts, settings, toggles]);
	if (parts.error) {
		return (
			<ScreenFrame>
				<ErrorView error={parts.error} instance={target?.instance.name ?? ''} />
			</ScreenFrame>
		);
	}

	if (parts.list.length === 0) {
		return (
			<ScreenFrame>
				<Paint>Reading the parts of the data folder...</Paint>
			</ScreenFrame>
		);
	}

	const about = sum.isComplete ? 'about' : 'more than';
	const free = store?.freeBytes ?? null;
	const after = free === null ? null : free - sum.archiveBytes;
	const keepFree = target?.keepFreeBytes ?? 0;
	const spaceTone: Tone = after === null ? 'plain' : after < keepFree ? 'error' : 'plain';
	const spaceText =
		free === null || after === null
			? 'Free space unknown'
			: after < keepFree
				? `${symbols.overdue} Not enough space: ${formatBytes(free)} free, ${formatBytes(keepFree)} are to stay free`
				: `Free now ${formatBytes(free)}, after it about ${formatBytes(after)}`;
	const wrapped = why.flatMap(line => wrapText(safeText(line), columns - 1));
	const whyShown = wrapped.slice(0, whyRows);
	const lastWhy = whyShown.at(-1);
	const labelWidth = 8;
	return (
		<ScreenFrame>
			<Paint>
				{`     ${padEnd('Part', nameWidth)} ${padEnd('', Math.max(0, columns - fixedWidth))}${padStart('Files', numberWidth)}${padStart('Size', numberWidth)}${padStart('Archive', numberWidth)}`}
			</Paint>
			<Box flexDirection="column" height={height}>
				{list.visible.map(({item, key, isSelected}) => {
					const size = parts.sizes.get(item.name);
					const isIncluded = isIn(item, settings, toggles);
					const unknown = item.inclusion === 'never' ? '' : parts.unmeasured.has(item.name) ? '?' : '...';
					return (
						<Row
							key={key}
							box={
								canToggle(item)
									? `[${isIncluded ? symbols.checked : symbols.unchecked}]`
									: isIncluded
										? ` ${symbols.checked} `
										: ` ${symbols.none} `
							}
							name={safeText(item.name)}
							title={safeText(item.title)}
							files={size ? formatCount(size.files) : unknown}
							bytes={size ? formatBytes(size.bytes) : unknown}
							archive={size && isIncluded ? formatBytes(size.estimatedBytes) : ''}
							isSelected={isSelected && !isInNote}
							isFaint={!isIncluded}
							width={columns}
						/>
					);
				})}
			</Box>
			<Box flexDirection="column" height={whyRows}>
				{whyShown.map((line, index) => (
					// biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity but their place.
					<Paint key={index}>
						{` ${line === lastWhy && wrapped.length > whyRows ? truncateEnd(`${line} ${symbols.ellipsis}`, columns - 1, symbols.ellipsis) : line}`}
					</Paint>
				))}
			</Box>
			<Box height={1}>
				<Paint strong>{`${padEnd('Archive', labelWidth)}`}</Paint>
				<Paint>
					{`${about} ${formatBytes(sum.archiveBytes)}, from ${formatBytes(sum.bytes)} in ${plural(sum.files, 'file')}${parts.asking ? '; plugins are being asked...' : ''}`}
				</Paint>
			</Box>
			<Box height={1}>
				<Paint strong>{padEnd('Profile', labelWidth)}</Paint>
				<Paint>{`${profile}: ${word(profileWords[profile])}`}</Paint>
			</Box>
			<Box height={1}>
				<Paint strong>{padEnd('Space', labelWidth)}</Paint>
				<Paint tone={spaceTone}>{spaceText}</Paint>
				<Paint>
					{`  ${truncateMiddle(safeText(target?.store ?? ''), Math.max(0, columns - labelWidth - spaceText.length - 2), symbols.ellipsis)}`}
				</Paint>
			</Box>
			<Box height={1}>
				<Paint strong>{padEnd('Note', labelWidth)}</Paint>
				<TextField
					state={note}
					onChange={setNote}
					width={columns - labelWidth}
					focused={isInNote}
					placeholder="Tab to add one"
					actions={{
						submit: startHandler,
						back: () => setIsInNote(false),
						'next-pane': otherPane,
						'previous-pane': otherPane,
					}}
				/>
			</Box>
			<Box height={1}>
				<Paint strong>{padEnd('Command', labelWidth)}</Paint>
				<Paint>
					{truncateEnd(
						createCommand(parts.list, settings, toggles, note.value.trim(), ownProfile),
						columns - labelWidth,
						symbols.ellipsis,
					)}
				</Paint>
			</Box>
		</ScreenFrame>
	);
};
