/** Reads what the screens show from the engine. */
import type {BackupSummary, Methods, Target} from '../client/protocol.js';
import {toErrorData} from '../errors.js';
import type {ActionTools} from './action-tools.js';

const pageLimit = 200;

/** What takes longer is said to be going on. */
const noticeableMilliseconds = 300;

export type Loaders = {
	readonly loadBackups: () => Promise<void>;
	readonly loadStatus: () => Promise<void>;
	readonly loadParts: () => Promise<void>;
	/** Asks what a backup with this choice of parts leaves out of them; of choices that follow each other quickly the last one counts. */
	readonly loadLeftOut: (choice: PartChoice) => Promise<void>;
};

type PartChoice = {readonly excludes: readonly string[]; readonly includes: readonly string[]};

/** Makes the actions that read. */
export const createLoaders = ({client, store, dispatch, complain, target, isCurrent}: ActionTools): Loaders => {
	const loadBackups = async (): Promise<void> => {
		const asked = target();
		if (!asked) {
			return;
		}

		let revision = 0;
		const isFirstTime = store.get().backups.state !== 'ready';
		dispatch({type: 'backups-loading'});
		try {
			let backups: readonly BackupSummary[] = [];
			for (;;) {
				const page: Methods['backups.list']['result'] = await client.request('backups.list', {
					target: asked,
					offset: backups.length,
					limit: pageLimit,
				});
				if (!isCurrent(asked)) {
					return;
				}

				const hasMoved = backups.length > 0 && page.revision !== revision;
				revision = page.revision;
				if (hasMoved) {
					// The list changed between two pages, so that they do not fit together.
					backups = [];
					continue;
				}

				backups = [...backups, ...page.items];
				const isComplete = page.items.length === 0 || backups.length >= page.total;
				if (isComplete || (isFirstTime && page.offset === 0)) {
					// The first page is what the person looks at; the rest follows.
					dispatch({type: 'backups-loaded', backups, revision});
				}

				if (isComplete) {
					return;
				}
			}
		} catch (error) {
			if (isCurrent(asked)) {
				dispatch({type: 'backups-failed', error: complain(error, 'The backups could not be listed')});
			}
		}
	};

	const loadStatus = async (): Promise<void> => {
		const asked = target();
		if (!asked) {
			return;
		}

		const own = store.get().settings.instances[asked.instance.name];
		try {
			const status = await client.request('status.report', {
				target: asked,
				overdueAfterMilliseconds: (own?.overdueAfterHours ?? 7 * 24) * 60 * 60 * 1000,
			});
			if (isCurrent(asked)) {
				dispatch({type: 'status-loaded', status});
			}

			const {items} = await client.request('trash.list', {target: asked});
			if (isCurrent(asked)) {
				dispatch({type: 'trash-loaded', items});
			}
		} catch (error) {
			complain(error, 'The state could not be read');
		}
	};

	const measureParts = async (asked: Target, isWanted: () => boolean): Promise<void> => {
		for (const {name, inclusion} of store.get().parts.list) {
			if (inclusion === 'never') {
				continue;
			}

			try {
				const size = await client.request('parts.measure', {instance: asked.instance, store: asked.store, part: name});
				if (!isWanted()) {
					return;
				}

				dispatch({type: 'part-measured', size});
			} catch (error) {
				if (!isWanted()) {
					return;
				}

				dispatch({type: 'part-unmeasured', name, error: toErrorData(error, 'The part could not be measured')});
			}
		}
	};

	let partsAsked = 0;
	const loadParts = async (): Promise<void> => {
		const asked = target();
		if (!asked) {
			return;
		}

		const own = ++partsAsked;
		const isWanted = (): boolean => own === partsAsked && isCurrent(asked);
		dispatch({type: 'parts-loading'});
		try {
			const parts = await client.request('parts.list', {instance: asked.instance, store: asked.store});
			const info = await client.request('store.info', {target: asked});
			if (!isWanted()) {
				return;
			}

			dispatch({type: 'parts-loaded', parts});
			dispatch({type: 'store-loaded', store: info});
			await measureParts(asked, isWanted);
		} catch (error) {
			if (isWanted()) {
				dispatch({type: 'parts-failed', error: complain(error, 'The parts could not be read')});
			}
		}
	};

	const sizesOf = async (asked: Target, names: readonly string[], excludes: readonly string[]): Promise<void> => {
		for (const part of names) {
			const size = await client.request('parts.measure', {
				instance: asked.instance,
				store: asked.store,
				part,
				excludes,
			});
			if (isCurrent(asked)) {
				dispatch({type: 'part-measured', size});
			}
		}
	};

	/** The choice that is to be asked for when the present answer has come. */
	let nextChoice: PartChoice | null = null;
	let isAsking = false;
	const loadLeftOut = async (choice: PartChoice): Promise<void> => {
		nextChoice = choice;
		if (isAsking) {
			return;
		}

		isAsking = true;
		try {
			for (let asked = target(); asked && nextChoice; asked = target()) {
				const {excludes, includes} = nextChoice;
				nextChoice = null;
				const {instance, store: folder} = asked;
				// Mostly the answer is there at once, and nothing flickers.
				const timer = setTimeout(() => dispatch({type: 'left-out-asked', asking: true}), noticeableMilliseconds);
				const parts = await client
					.request('parts.left-out', {instance, store: folder, excludes, includes})
					.finally(() => clearTimeout(timer));
				if (nextChoice || !isCurrent(asked)) {
					continue;
				}

				const before = new Map(store.get().parts.list.map(({name, leftOut}) => [name, JSON.stringify(leftOut)]));
				dispatch({type: 'left-out-known', parts});
				const changed = parts.filter(
					({name, leftOut}) => before.has(name) && before.get(name) !== JSON.stringify(leftOut),
				);
				await sizesOf(
					asked,
					changed.map(({name}) => name),
					excludes,
				);
			}
		} catch (error) {
			dispatch({type: 'left-out-asked', asking: false});
			complain(error, 'What plugins leave out could not be found out');
		} finally {
			isAsking = false;
		}
	};

	return {loadBackups, loadStatus, loadParts, loadLeftOut};
};
