import {Box} from 'ink';
import {memo} from 'react';
import type {BackupSummary} from '../../client/protocol.js';
import {formatBytes} from '../../format/bytes.js';
import {formatDateTime} from '../../format/date-time.js';
import {plural} from '../../format/plural.js';
import {safeText} from '../../format/safe-text.js';
import {healthLooks, originText, serverText} from '../backup-text.js';
import {Paint} from './paint.js';
import {Paragraph} from './paragraph.js';

/** What is known about a backup without opening it, beside the list. */
export const BackupPreview = memo(
	({backup, width, height}: {readonly backup: BackupSummary; readonly width: number; readonly height: number}) => {
		const {health} = backup;
		const facts = [
			`${formatDateTime(backup.createdAt)}, ${originText(backup)}`,
			`${formatBytes(backup.bytes)} stored${backup.uncompressedBytes === null ? '' : `, ${formatBytes(backup.uncompressedBytes)} unpacked`}`,
			...(backup.files === null ? [] : [plural(backup.files, 'file')]),
			...(backup.serverVersion === null ? [] : [`${serverText(backup)} ${backup.serverVersion}`]),
			...(backup.host === null ? [] : [`from ${backup.host}`]),
			...(backup.excludes === null || backup.excludes.length === 0 ? [] : [`without ${backup.excludes.join(', ')}`]),
			backup.proof === 'sha256' ? 'Proof: SHA-256 of every byte' : 'Proof: CRC-32 only',
			...(backup.pinned ? ['Pinned'] : []),
		];
		return (
			<Box flexDirection="column" width={width} height={height} overflow="hidden" paddingLeft={2}>
				<Paragraph strong>{safeText(backup.key)}</Paragraph>
				<Paint tone={healthLooks[health.type].tone}>
					{health.type === 'verified' ? `verified ${formatDateTime(health.at)}` : healthLooks[health.type].word}
				</Paint>
				{health.type === 'bad' ? <Paragraph tone="error">{safeText(health.error.message)}</Paragraph> : null}
				{health.type === 'bad' && health.error.hint !== '' ? (
					<Paragraph>{safeText(health.error.hint)}</Paragraph>
				) : null}
				{health.type === 'partial' ? <Paragraph tone="warning">{safeText(health.reason)}</Paragraph> : null}
				<Paint> </Paint>
				{facts.map(fact => (
					<Paragraph key={fact}>{safeText(fact)}</Paragraph>
				))}
				{backup.note === '' ? null : (
					<Box marginTop={1}>
						<Paragraph tone="accent">{safeText(backup.note)}</Paragraph>
					</Box>
				)}
			</Box>
		);
	},
);
BackupPreview.displayName = 'BackupPreview';
