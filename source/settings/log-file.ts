import * as fs from 'node:fs';
import * as path from 'node:path';
import type {EngineEvent} from '../client/protocol.js';
import type {Clock} from '../clock.js';
import type {PrintkeepError} from '../errors.js';
import {safeText} from '../format/safe-text.js';

/** What happened, kept on disk for when something has to be understood later. */
export type LogFile = {
	readonly path: string;
	/** Notes an event, when it is worth it. Never throws. */
	readonly record: (event: EngineEvent) => void;
	/** Notes a failure with its detail. Never throws. Returns whether it is in the file. */
	readonly failure: (error: PrintkeepError) => boolean;
};

/** The file is put aside as `printkeep.log.1` when it is larger than this, so that both together stay under 2 MB. */
const maximumBytes = 1_000_000;

const lineOf = (event: EngineEvent): string | undefined => {
	switch (event.type) {
		case 'job-started':
			return `info ${event.title}`;
		case 'job-finished':
			return event.error
				? `error ${event.job} ${event.outcome}: ${event.error.message} ${event.error.detail ?? ''}`
				: `info ${event.job} ${event.outcome} after ${Math.round(event.durationMilliseconds)} ms`;
		case 'file-skipped':
			return `warning skipped ${event.file.path}: ${event.file.reason}`;
		case 'log':
			return event.level === 'debug' ? undefined : `${event.level} ${event.text} ${event.detail ?? ''}`;
		case 'plugin-failed':
			return `warning The plugin ${event.plugin} failed: ${event.reason}`;
		case 'engine-restarted':
			return `error ${event.error.message} ${event.error.detail ?? ''}`;
		case 'phase':
		case 'progress':
		case 'catalog-changed':
		case 'holder-changed':
		case 'backup-created':
		case 'backup-overdue':
		case 'agents-changed':
			return undefined;
		default:
			return event satisfies never;
	}
};

/** Opens the log; the file is made with the first line. One line per record, control characters escaped. */
export const openLogFile = (file: string, clock: Clock): LogFile => {
	const append = (text: string): boolean => {
		try {
			fs.mkdirSync(path.dirname(file), {recursive: true, mode: 0o700});
			if ((fs.statSync(file, {throwIfNoEntry: false})?.size ?? 0) > maximumBytes) {
				fs.renameSync(file, `${file}.1`);
			}

			fs.appendFileSync(file, `${new Date(clock.now()).toISOString()} ${safeText(text.trimEnd())}\n`, {mode: 0o600});
			return true;
		} catch {
			// A log that cannot be written must not stop what it tells about.
			return false;
		}
	};

	return {
		path: file,
		record(event) {
			const line = lineOf(event);
			if (line !== undefined) {
				append(line);
			}
		},
		failure: ({code, message, detail}) => append(`error ${code}: ${message} ${detail ?? ''}`),
	};
};
