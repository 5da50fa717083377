/**
 * The engine: the methods of the protocol over one stream of events. It runs in the worker thread or in process; knows no screen, no settings file and
 * no particular server; and runs one job at a time.
 */
import {readdirSync, statSync} from 'node:fs';
import {dirname, join} from 'node:path';
import type {
	BackupSummary,
	EngineEvent,
	FolderEntry,
	Holder,
	JobRequest,
	MethodName,
	Params,
	Result,
	Target,
} from '../client/protocol.js';
import {PrintkeepError, toPrintkeepError} from '../errors.js';
import {safeText} from '../format/safe-text.js';
import {type OpenArchive, openArchive} from './archive/reader.js';
import {cancelledError, createBreathe} from './breathe.js';
import {type Catalog, createCatalog, summariseFile} from './catalog.js';
import {describeInstance} from './describe-instance.js';
import {backupDetails, dataPrefix, listEntries} from './details.js';
import {runDoctor} from './doctor.js';
import {createEventBus} from './events.js';
import {addHistory, readHistory} from './history.js';
import {findLeftovers} from './leftovers.js';
import type {EnginePorts} from './ports.js';
import {createReporter} from './reporter.js';
import {planFiles} from './restore/plan-registry.js';
import {undoInfo} from './restore/undo.js';
import {historyRecord, jobTitle, lockFor, runJob} from './run-job.js';
import {measurePart} from './scan.js';
import {storeInfo} from './space.js';
import {dayStates, lastGoodOf} from './status.js';
import {updateStoreIndex} from './store-index.js';
import {targetHolder} from './target-holder.js';
import {type TargetWatch, watchTarget} from './watch-target.js';

export type Engine = {
	readonly request: <Name extends MethodName>(method: Name, params: Params<Name>) => Promise<Result<Name>>;
	readonly subscribe: (listener: (event: EngineEvent) => void) => () => void;
	/** Cancels a running job and waits for it, stops watching, closes files. */
	readonly close: () => Promise<void>;
};

type RunningJob = {
	readonly id: string;
	readonly request: JobRequest;
	readonly startedAt: number;
	readonly controller: AbortController;
	readonly finished: Promise<void>;
};

type Handlers = {readonly [Name in MethodName]: (params: Params<Name>) => Promise<Result<Name>>};

const pageLimit = 200;

const targetId = ({instance, store}: Target): string => `${instance.dataFolder}\0${store}`;

const listFolder = (directory: string): Result<'folder.list'> => {
	let names: readonly string[];
	try {
		names = readdirSync(directory);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
			throw new PrintkeepError('missing-folder', `There is no folder ${safeText(directory)}.`, {
				hint: 'Go up, or type another path.',
			});
		}

		throw toPrintkeepError(error, `The folder ${safeText(directory)} cannot be read`);
	}

	const entries = names.flatMap((name): readonly FolderEntry[] => {
		const stats = statSync(join(directory, name), {throwIfNoEntry: false});
		if (stats?.isDirectory()) {
			return [{name, type: 'directory', bytes: 0, modifiedAt: stats.mtimeMs}];
		}

		return stats?.isFile() && /\.zip$/i.test(name)
			? [{name, type: 'file', bytes: stats.size, modifiedAt: stats.mtimeMs}]
			: [];
	});
	entries.sort((a, b) => (a.type === b.type ? (a.name < b.name ? -1 : 1) : a.type === 'directory' ? -1 : 1));
	const parent = dirname(directory);
	return {directory, parent: parent === directory ? null : parent, entries};
};

/** Makes an engine. */
export const createEngine = (ports: EnginePorts): Engine => {
	const bus = createEventBus();
	const catalogs = new Map<string, Catalog>();
	const watches = new Map<string, TargetWatch>();
	let job: RunningJob | null = null;
	let opened: {readonly path: string; readonly modified: bigint; readonly archive: OpenArchive} | null = null;

	const catalogOf = async (target: Target): Promise<Catalog> => {
		const id = targetId(target);
		let catalog = catalogs.get(id);
		if (!catalog) {
			const {nativeBackupFolder} = await describeInstance(ports, target.instance);
			catalog = createCatalog(target, nativeBackupFolder, ports);
			catalogs.set(id, catalog);
		}

		return catalog;
	};

	const closeOpened = (): void => {
		opened?.archive.close();
		opened = null;
	};

	/** The archive a screen looks into; the last one stays open, since a person browses one at a time. */
	const archiveOf = async (path: string): Promise<OpenArchive> => {
		let modified: bigint;
		try {
			modified = statSync(path, {bigint: true}).mtimeNs;
		} catch (error) {
			throw new PrintkeepError('not-found', `There is no file ${safeText(path)}.`, {cause: error});
		}

		if (opened?.path !== path || opened.modified !== modified) {
			closeOpened();
			opened = {path, modified, archive: await openArchive(path)};
		}

		return opened.archive;
	};

	const summaryOf = async (params: Params<'backup.details'>): Promise<BackupSummary> => {
		const {source, target} = params;
		if (source.type === 'file') {
			try {
				return summariseFile(source.path, ports.adapters);
			} catch (error) {
				throw new PrintkeepError('not-found', `There is no file ${safeText(source.path)}.`, {
					hint: 'Check the path.',
					cause: error,
				});
			}
		}

		const catalog = await catalogOf(target);
		await catalog.refresh();
		return catalog.get(source.key, source.origin);
	};

	const holderOf = (target: Target): Holder | null => targetHolder(ports, target);

	const refuseSecond = (): void => {
		if (job) {
			throw new PrintkeepError('busy', `A ${job.request.type} job is running here already.`, {
				hint: 'Wait for it, or cancel it first.',
			});
		}
	};

	const startJob = async (request: JobRequest): Promise<Result<'job.start'>> => {
		refuseSecond();
		const id = ports.randomHex(8);
		const controller = new AbortController();
		const startedAt = ports.clock.monotonic();
		let finish: () => void = () => undefined;
		const finished = new Promise<void>(resolve => {
			finish = resolve;
		});
		job = {id, request, startedAt, controller, finished};
		let locks: Awaited<ReturnType<typeof lockFor>>;
		try {
			closeOpened();
			locks = await lockFor(ports, request);
		} catch (error) {
			job = null;
			finish();
			throw error;
		}

		bus.emit({type: 'job-started', jobId: id, job: request.type, title: jobTitle(request), at: ports.clock.now()});
		const work = async (): Promise<void> => {
			// The caller has the id before the first progress arrives.
			await new Promise(resolve => {
				setImmediate(resolve);
			});
			const report = createReporter(bus, ports.clock, id);
			const context = {
				ports,
				report,
				signal: controller.signal,
				breathe: createBreathe(ports.clock, controller.signal),
			};
			const end = await runJob(context, request, await catalogOf(request.target));
			report.flush();
			const at = ports.clock.now();
			const record = historyRecord(request, end, at);
			if (record) {
				try {
					await addHistory(ports.disk, {
						stateFolder: ports.stateFolder,
						target: request.target,
						record,
						randomHex: ports.randomHex(8),
					});
				} catch (error) {
					report.log('warning', 'The result could not be noted in the history.', toPrintkeepError(error).detail);
				}
			}

			for (const lock of locks.toReversed()) {
				lock.release();
			}

			job = null;
			await publishChanges(request.target);
			bus.emit({
				type: 'job-finished',
				jobId: id,
				job: request.type,
				...end,
				durationMilliseconds: ports.clock.monotonic() - startedAt,
				at,
			});
			finish();
		};
		void work();
		return {jobId: id};
	};

	/** Tells listeners what a job did to the list, without waiting for the watcher to notice. */
	const publishChanges = async (target: Target): Promise<void> => {
		await watches.get(targetId(target))?.check();
	};

	const handlers: Handlers = {
		async 'instances.find'({extraFolders}) {
			const results = await Promise.all(
				Object.values(ports.adapters).map(async adapter => adapter.find(ports.server, extraFolders)),
			);
			return {found: results.flatMap(({found}) => found), unusable: results.flatMap(({unusable}) => unusable)};
		},
		'instances.inspect': async params => ports.adapters.octoprint.inspect(ports.server, params),
		async 'parts.list'({instance, store}) {
			const layout = await ports.adapters[instance.kind].layout(instance, store);
			return layout.parts.map(({name, title, inclusion, reason, roots}) => ({
				name,
				title,
				inclusion,
				reason,
				sources: roots.map(({source}) => source),
				external: roots.some(({external}) => external),
				leftOut: layout.leftOutPaths
					.filter(({part}) => part === name)
					.map(({path, reason: why}) => ({path, reason: why})),
			}));
		},
		async 'parts.measure'({instance, store, part}) {
			const layout = await ports.adapters[instance.kind].layout(instance, store);
			const {signal} = new AbortController();
			return measurePart({layout, part, signal, breathe: createBreathe(ports.clock, signal)});
		},
		'store.info': async ({target}) => storeInfo(target),
		async 'backups.list'({target, offset, limit}) {
			const catalog = await catalogOf(target);
			if (offset === 0) {
				await catalog.refresh();
			}

			const all = catalog.list();
			return {
				items: all.slice(offset, offset + Math.min(limit, pageLimit)),
				total: all.length,
				offset,
				revision: catalog.revision(),
			};
		},
		async 'backups.watch'({target}) {
			const catalog = await catalogOf(target);
			const id = targetId(target);
			let watch = watches.get(id);
			if (!watch) {
				watch = watchTarget(catalog, {bus, clock: ports.clock, holderOf: () => (job ? null : holderOf(target))});
				watches.set(id, watch);
			}

			await watch.check();
			return {revision: catalog.revision(), holder: watch.holder()};
		},
		async 'backups.unwatch'({target}) {
			await watches.get(targetId(target))?.close();
			watches.delete(targetId(target));
			return null;
		},
		async 'backup.details'(params) {
			const summary = await summaryOf(params);
			if (summary.health.type === 'bad') {
				const {code, message, hint, detail} = summary.health.error;
				throw new PrintkeepError(code, message, {hint, ...(detail === undefined ? {} : {detail})});
			}

			return backupDetails(
				await archiveOf(summary.path),
				summary,
				ports.adapters[summary.kind ?? params.target.instance.kind],
			);
		},
		async 'backup.entries'({target, source, directory, offset, limit}) {
			const summary = await summaryOf({target, source});
			const archive = await archiveOf(summary.path);
			return listEntries(archive, dataPrefix(await archive.manifestHeader()), {directory, offset, limit});
		},
		async 'backup.pin'({target, key, origin, pinned}) {
			refuseSecond();
			const catalog = await catalogOf(target);
			await catalog.refresh();
			const backup = catalog.get(key, origin);
			if (backup.origin === 'server') {
				throw new PrintkeepError(
					'not-found',
					`${safeText(key)} is in the server's own folder, where printkeep deletes nothing, so it needs no pin.`,
					{
						hint: `Import it to keep a copy: printkeep import ${safeText(backup.path)}`,
					},
				);
			}

			const locks = await lockFor(ports, {type: 'delete', target, keys: [key], allowPinned: false});
			try {
				await updateStoreIndex(ports.disk, target.store, ports.randomHex(8), index => {
					const next = new Set(index.pinned);
					if (pinned) {
						next.add(key);
					} else {
						next.delete(key);
					}

					return {...index, pinned: next};
				});
			} finally {
				for (const lock of locks) {
					lock.release();
				}
			}

			await (watches.get(targetId(target))?.check() ?? catalog.refresh());
			return catalog.get(key, 'store');
		},
		'plan.files': async params => planFiles(params),
		async 'status.report'({target, overdueAfterMilliseconds}) {
			const adapter = ports.adapters[target.instance.kind];
			const instance = await describeInstance(ports, target.instance);
			const catalog = await catalogOf(target);
			await catalog.refresh();
			const backups = catalog.list();
			const holder = holderOf(target);
			const now = ports.clock.now();
			const history = readHistory(ports.stateFolder, target);
			const disabled = target.restoreUnsupported
				? 'Restoring is switched off in the settings (restore-unsupported).'
				: await adapter.restoreDisabled(ports.server, target.instance);
			return {
				instance,
				store: storeInfo(target),
				total: backups.length,
				totalBytes: backups.reduce((sum, {bytes, origin}) => sum + (origin === 'store' ? bytes : 0), 0),
				bad: backups.filter(({health}) => health.type === 'bad').length,
				...lastGoodOf(backups, {now, overdueAfterMilliseconds}),
				days: dayStates(backups, history, {now, overdueAfterMilliseconds}),
				lastJob: history.at(-1) ?? null,
				leftovers: await findLeftovers(ports, target, holder !== null || job !== null),
				holder: job ? null : holder,
				undo: undoInfo(target.instance),
				restoreDisabled: disabled === '' ? null : disabled,
			};
		},
		'doctor.run': async ({target, stateFolder}) =>
			runDoctor(ports, {target, stateFolder, catalog: target === null ? null : await catalogOf(target)}),
		'folder.list': async ({directory}) => listFolder(directory),
		'job.start': startJob,
		async 'job.cancel'({jobId}) {
			if (job?.id === jobId && !job.controller.signal.aborted) {
				bus.emit({type: 'phase', jobId, phase: 'cancelling'});
				job.controller.abort(cancelledError());
			}

			return null;
		},
	};

	return {
		request: async (method, params) => handlers[method](params),
		subscribe: bus.subscribe,
		async close() {
			job?.controller.abort(cancelledError());
			await job?.finished;
			await Promise.all([...watches.values()].map(async watch => watch.close()));
			watches.clear();
			closeOpened();
		},
	};
};
