import {Box, Text} from 'ink';
import SelectInput from 'ink-select-input';
import {useEffect} from 'react';
import {safeText} from '../../format/safe-text.js';
import {truncateEnd} from '../../format/truncate.js';
import {Dialog, dialogInnerWidth} from '../components/dialog.js';
import {Paint} from '../components/paint.js';
import {useDashboard} from '../dashboard-context.js';
import {useLayer} from '../hooks/use-layer.js';
import {useModel} from '../hooks/use-model.js';
import {minimumSize, useTerminalSize} from '../hooks/use-size.js';
import {selectJob} from '../job-view.js';

type Answer = 'finish' | 'cancel' | 'stay';

const MenuPointer = ({isSelected = false}: {readonly isSelected?: boolean}) => {
	const {symbols, theme} = useDashboard();
	return <Text {...theme.style({tone: 'accent'})}>{isSelected ? `${symbols.pointer} ` : '  '}</Text>;
};

const MenuItem = ({isSelected = false, label}: {readonly isSelected?: boolean; readonly label: string}) => {
	const {theme} = useDashboard();
	return <Text {...theme.style({tone: isSelected ? 'accent' : 'plain', strong: isSelected})}>{label}</Text>;
};

/** Asks what is to become of the running job. Closes by itself when the job ends. */
export const QuitOverlay = ({exitCode, onClose}: {readonly exitCode: number; readonly onClose: () => void}) => {
	const {router, host, symbols} = useDashboard();
	const {columns, rows} = useTerminalSize();
	const job = useModel(selectJob);
	const isOver = job === null;
	useEffect(() => {
		if (isOver) {
			onClose();
		}
	}, [isOver, onClose]);
	useLayer({rank: 'overlay', ownKeys: true, actions: {back: onClose}});
	const items: {readonly key: string; readonly label: string; readonly value: Answer}[] = [
		{key: 'finish', label: '1  Finish it, then quit', value: 'finish'},
		{key: 'cancel', label: '2  Cancel it and quit', value: 'cancel'},
		{key: 'stay', label: '3  Stay', value: 'stay'},
	];
	const about = job ? `${job.title}: ${job.phase}${job.percent === null ? '' : ` ${job.percent}%`}` : '';
	return (
		<Dialog title="A job is running" height={5}>
			<Paint>{truncateEnd(safeText(about), dialogInnerWidth(columns), symbols.ellipsis)}</Paint>
			<Box marginTop={1}>
				<SelectInput
					items={items}
					isFocused={columns >= minimumSize.columns && rows >= minimumSize.rows}
					indicatorComponent={MenuPointer}
					itemComponent={MenuItem}
					onSelect={({value}) => {
						switch (value) {
							case 'finish':
								router.setLeaving(true);
								break;
							case 'cancel':
								host.stop(exitCode);
								break;
							case 'stay':
								onClose();
								break;
						}
					}}
				/>
			</Box>
		</Dialog>
	);
};
