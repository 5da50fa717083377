import type {Holder} from '../client/protocol.js';
import type {Clock} from '../clock.js';
import {toErrorData} from '../errors.js';
import type {Catalog} from './catalog.js';
import type {EventBus} from './events.js';
import {type FolderWatcher, watchFolders} from './watch.js';

export type TargetWatch = {
	/** Looks now, and tells listeners what changed. */
	readonly check: () => Promise<void>;
	readonly holder: () => Holder | null;
	readonly close: () => Promise<void>;
};

/** A holder that was killed removes nothing, so somebody has to look whether it still lives. */
const holderPollMilliseconds = 1500;

/** A message crosses threads as a copy; small ones keep the screen responsive. */
const eventChunk = 500;

/** Follows a target: its list of backups and who holds its lock. */
export const watchTarget = (
	catalog: Catalog,
	{bus, clock, holderOf}: {readonly bus: EventBus; readonly clock: Clock; readonly holderOf: () => Holder | null},
): TargetWatch => {
	const {store} = catalog.target;
	let holder: Holder | null = null;
	let poll: NodeJS.Timeout | undefined;
	let isClosed = false;

	const checkHolder = (): void => {
		const current = holderOf();
		if (JSON.stringify(current) !== JSON.stringify(holder)) {
			holder = current;
			bus.emit({type: 'holder-changed', store, holder});
		}

		if (holder && !poll && !isClosed) {
			poll = setInterval(checkHolder, holderPollMilliseconds);
			poll.unref();
		} else if (!holder) {
			clearInterval(poll);
			poll = undefined;
		}
	};

	// Whoever had the folders read again, a job, a screen or the watcher: every change is told, once.
	const unsubscribe = catalog.subscribe(({upserted, removed}) => {
		const revision = catalog.revision();
		for (let start = 0; start < Math.max(upserted.length, 1); start += eventChunk) {
			bus.emit({
				type: 'catalog-changed',
				store,
				revision,
				upserted: upserted.slice(start, start + eventChunk),
				removed: start === 0 ? removed : [],
			});
		}
	});

	const check = async (): Promise<void> => {
		checkHolder();
		await catalog.refresh();
	};

	const checkQuietly = (): void => {
		check().catch((error: unknown) => {
			const {message, detail} = toErrorData(error, 'The backup folder cannot be read');
			bus.emit({
				type: 'log',
				level: 'warning',
				at: clock.now(),
				text: message,
				...(detail === undefined ? {} : {detail}),
			});
		});
	};

	const watcher: FolderWatcher = watchFolders(
		[store, ...(catalog.nativeFolder === null ? [] : [catalog.nativeFolder])],
		{
			onChange: checkQuietly,
			onError(error) {
				const {message, detail} = toErrorData(error, 'The backup folder cannot be watched');
				bus.emit({
					type: 'log',
					level: 'warning',
					at: clock.now(),
					text: `${message} Press R to read it again.`,
					...(detail === undefined ? {} : {detail}),
				});
			},
		},
	);

	return {
		check,
		holder: () => holder,
		async close() {
			isClosed = true;
			unsubscribe();
			clearInterval(poll);
			await watcher.close();
		},
	};
};
