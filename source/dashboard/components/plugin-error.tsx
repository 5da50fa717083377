import {Box} from 'ink';
import type {ErrorData} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';
import {useDashboard} from '../dashboard-context.js';
import {Paint} from './paint.js';
import {Paragraph} from './paragraph.js';

/** What a plugin’s screen shows when there is nothing from the plugin to show. */
export const PluginError = ({name, error}: {readonly name: string; readonly error: ErrorData}) => {
	const {symbols} = useDashboard();
	const isSilent = /\bdid not answer\b|\bkept the plugin thread busy\b/u.test(error.message);
	return (
		<Box flexDirection="column" gap={1}>
			<Paint tone="error" strong>
				{`${symbols.error} ${safeText(name)} ${isSilent ? 'does not answer' : 'could not be shown'}`}
			</Paint>
			<Paragraph>{safeText(error.message)}</Paragraph>
			<Paragraph tone="accent">R asks again. M lists the plugins; Space disables one there.</Paragraph>
		</Box>
	);
};
