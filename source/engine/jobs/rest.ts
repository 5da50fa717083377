/** Bringing a server to rest while its files are read, and letting it go on. */
import type {Target} from '../../client/protocol.js';
import {toErrorData} from '../../errors.js';
import {adapterFor} from '../adapter-for.js';
import type {JobContext} from './context.js';

export type Rest = {
	/** Lets the server go on. May be asked as often as one likes: it is done once. Never throws. */
	readonly over: () => Promise<void>;
	/** What there is to say of it in the backup, in sentences. */
	readonly notes: readonly string[];
};

/**
 * Brings the server to rest, if its kind knows how.
 * @throws plugin-failed when it cannot and the instance's policy is `abort`; cancelled
 */
export const bringToRest = async (
	{ports, report, signal}: Pick<JobContext, 'ports' | 'report' | 'signal'>,
	{instance, pluginPolicy = 'warn'}: Target,
): Promise<Rest> => {
	const notes: string[] = [];
	const adapter = await adapterFor(ports, instance.kind);
	let release: (() => Promise<void>) | undefined;
	const over = async (): Promise<void> => {
		const once = release;
		release = undefined;
		try {
			await once?.();
		} catch (error) {
			report.log(
				'error',
				`The server was brought to rest for the backup and could not be told to go on: ${toErrorData(error).message} Restart it.`,
			);
		}
	};

	try {
		release = await adapter.quiesce?.(instance);
	} catch (error) {
		if (pluginPolicy === 'abort') {
			throw error;
		}

		const text = `The server could not be brought to rest, and was read as it ran: ${toErrorData(error).message}`;
		if (pluginPolicy === 'warn') {
			notes.push(text);
			report.log('warning', text);
		}
	}

	if (signal.aborted) {
		await over();
		signal.throwIfAborted();
	}

	return {over, notes};
};
