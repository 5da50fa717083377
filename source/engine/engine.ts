/**
 * The engine: the methods of the protocol over one stream of events. It runs in the worker thread or in process; knows no screen, no settings file and
 * no particular server; and runs one job at a time. What only some commands need is imported when it is asked for.
 */
import type {BackupSummary, EngineEvent, MethodName, Params, Result, Target} from '../client/protocol.js';
import {PrintkeepError, toPrintkeepError} from '../errors.js';
import {safeText} from '../format/safe-text.js';
import {unknownAdapter} from '../plugins/adapters.js';
import {toPluginInstance} from '../plugins/service.js';
import {adapterFor} from './adapter-for.js';
import {cancelledError} from './breathe.js';
import {type Catalog, createCatalog, summariseFile} from './catalog.js';
import {connectPlugins} from './connect-plugins.js';
import {describeInstance} from './describe-instance.js';
import {backupDetails, dataPrefix, listEntries} from './details.js';
import {runDoctor} from './doctor.js';
import {createEventBus} from './events.js';
import {findInstances, inspectInstance} from './find-instances.js';
import {listFolder} from './folder-list.js';
import {createJobRunner, type JobRunner, jobPlugins} from './job-runner.js';
import {createKnownTargets} from './known-targets.js';
import {createArchiveShelf} from './open-archives.js';
import {leftOutOfParts, listParts, measureOnePart} from './parts.js';
import {changePin} from './pins.js';
import {pluginMethods} from './plugin-methods.js';
import type {EnginePorts} from './ports.js';
import {recoverPending} from './restore/recover-pending.js';
import {lockFor} from './run-job.js';
import {searchEntries} from './search.js';
import {storeInfo} from './space.js';
import {statusReport} from './status-report.js';
import {sweepAfterCrash} from './sweep.js';
import {targetHolder} from './target-holder.js';
import {listTrash} from './trash.js';
import type {TargetWatch} from './watch-target.js';

export type Engine = {
	readonly request: <Name extends MethodName>(method: Name, params: Params<Name>) => Promise<Result<Name>>;
	readonly subscribe: (listener: (event: EngineEvent) => void) => () => void;
	/** Cancels a running job and waits for it, stops watching, closes files. */
	readonly close: () => Promise<void>;
};

type Handlers = {readonly [Name in MethodName]: (params: Params<Name>) => Promise<Result<Name>>};

const pageLimit = 200;

const targetId = ({instance, store}: Target): string => `${instance.dataFolder}\0${store}`;

/** Makes an engine. */
export const createEngine = (given: EnginePorts): Engine => {
	const ports: EnginePorts = {
		...given,
		pluginAdapters: {
			of: async kind => (plugins?.isUsed() ? plugins.adapterOf(kind) : unknownAdapter(kind)),
			all: async () => (plugins?.isUsed() ? plugins.allAdapters() : []),
		},
	};
	const bus = createEventBus();
	const shelf = createArchiveShelf();
	const catalogs = new Map<string, Promise<Catalog>>();
	const watches = new Map<string, TargetWatch>();
	/** Ends what is asked for beside jobs. */
	const closing = new AbortController();

	const catalogOf = async (target: Target): Promise<Catalog> => {
		const id = targetId(target);
		let catalog = catalogs.get(id);
		if (!catalog) {
			catalog = describeInstance(ports, target.instance).then(({nativeBackupFolder}) =>
				createCatalog(target, nativeBackupFolder, ports),
			);
			catalogs.set(id, catalog);
		}

		return catalog;
	};

	const freshCatalog = async (target: Target): Promise<Catalog> => {
		const catalog = await catalogOf(target);
		try {
			await catalog.refresh();
		} catch (error) {
			throw toPrintkeepError(error, 'The backup folder cannot be read');
		}

		return catalog;
	};

	const known = createKnownTargets();
	const plugins = connectPlugins(ports, bus, () => jobs, known);
	const jobs: JobRunner = createJobRunner(ports, bus, {
		plugins,
		catalogOf,
		beforeStart: shelf.clear,
		afterEnd: async target => watches.get(targetId(target))?.check(),
	});

	/** Another printkeep that is at work on a target; this engine's own job is none. */
	const holderOf = (target: Target) => (jobs.isRunning() ? null : targetHolder(ports, target));

	const summaryOf = async ({
		source,
		target,
	}: Pick<Params<'backup.details'>, 'source' | 'target'>): Promise<BackupSummary> => {
		if (source.type === 'backup') {
			return (await freshCatalog(target)).get(source.key, source.origin);
		}

		try {
			return summariseFile(source.path, ports.adapters, target.limits);
		} catch (error) {
			throw new PrintkeepError('not-found', `There is no file ${safeText(source.path)}.`, {
				hint: 'Check the path.',
				cause: error,
			});
		}
	};

	const handlers: Handlers = {
		...pluginMethods(plugins),
		async 'plugins.reload'() {
			// What a job has begun with plugins (a server brought to rest, a transfer) could not be ended with others.
			jobs.refuseSecond();
			await plugins?.reload();
			return null;
		},
		'instances.find': async params => findInstances(ports, params),
		'instances.inspect': async params => inspectInstance(ports, params),
		'parts.list': async params => listParts(ports, params, closing.signal),
		async 'parts.left-out'(params) {
			const {signal} = closing;
			const options = {
				instance: toPluginInstance(params.instance, params.store),
				policy: 'ignore',
				signal,
				onProblem: () => undefined,
			} as const;
			return leftOutOfParts(
				{ports, signal, plugins: plugins?.isUsed() ? jobPlugins(plugins, options) : undefined},
				params,
			);
		},
		'parts.measure': async params => measureOnePart(ports, {excludes: [], ...params}, closing.signal),
		'store.info': async ({target}) => storeInfo(target),
		async 'backups.list'({target, offset, limit}) {
			// Later pages continue the list the first one began.
			const catalog = offset === 0 ? await freshCatalog(target) : await catalogOf(target);
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
			const {watchTarget} = await import('./watch-target.js');
			const id = targetId(target);
			let watch = watches.get(id);
			if (!watch) {
				watch = watchTarget(catalog, {bus, clock: ports.clock, holderOf: () => holderOf(target)});
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

			const adapter = await adapterFor(ports, summary.kind ?? params.target.instance.kind);
			return backupDetails(await shelf.open(summary.path, params.target.limits), summary, adapter);
		},
		async 'backup.entries'({target, source, directory, offset, limit}) {
			const archive = await shelf.open((await summaryOf({target, source})).path, target.limits);
			return listEntries(archive, dataPrefix(await archive.manifestHeader()), {directory, offset, limit});
		},
		async 'backup.pin'({target, key, origin, pinned}) {
			jobs.refuseSecond();
			const catalog = await freshCatalog(target);
			const backup = catalog.get(key, origin);
			const locks = await lockFor(ports, {type: 'delete', target, keys: [key], allowPinned: false});
			try {
				await changePin(ports, target.store, backup, pinned);
			} finally {
				for (const lock of locks) {
					lock.release();
				}
			}

			await (watches.get(targetId(target))?.check() ?? catalog.refresh());
			return catalog.get(key, 'store');
		},
		async 'backup.search'({target, source, words, offset, limit}) {
			const archive = await shelf.open((await summaryOf({target, source})).path, target.limits);
			return searchEntries(archive, dataPrefix(await archive.manifestHeader()), {words, offset, limit});
		},
		'trash.list': async ({target}) => listTrash(ports, target),
		async 'recover.pending'({target}) {
			if (jobs.isRunning()) {
				return {type: 'none', message: '', hint: ''};
			}

			const result = await recoverPending(ports, target);
			if (result.type !== 'none') {
				bus.emit({
					type: 'log',
					level: result.type === 'failed' ? 'error' : 'warning',
					at: ports.clock.now(),
					text: `${result.message} ${result.hint}`.trim(),
				});
			}

			return result;
		},
		async 'plan.files'(params) {
			const {planFiles} = await import('./jobs/rarer.js');
			return planFiles(params);
		},
		async 'plan.text'(params) {
			const {planText} = await import('./jobs/rarer.js');
			return planText(params);
		},
		async 'status.report'({target, overdueAfterMilliseconds}) {
			const report = await statusReport(ports, await catalogOf(target), {
				target,
				overdueAfterMilliseconds,
				holder: holderOf(target),
				jobRunning: jobs.isRunning(),
			});
			if (report.overdue) {
				const {ageMilliseconds} = report;
				const {instance, store} = target;
				plugins?.event(
					{type: 'backup-overdue', instance: instance.name, ageMilliseconds},
					toPluginInstance(instance, store),
				);
			}

			return report;
		},
		async 'doctor.run'({target, stateFolder}) {
			const catalog = target === null ? null : await catalogOf(target);
			const [checks, {pluginChecks}] = await Promise.all([
				runDoctor(ports, {target, stateFolder, catalog}),
				import('./doctor-plugins.js'),
			]);
			return [...checks, ...(await pluginChecks(plugins, target))];
		},
		async 'engine.sweep'({target}) {
			jobs.refuseSecond();
			sweepAfterCrash(ports, target);
			return null;
		},
		'folder.list': async ({directory}) => listFolder(directory),
		'job.start': async request => known.during(request.target, async () => jobs.start(request)),
		async 'job.cancel'({jobId}) {
			jobs.cancel(jobId);
			return null;
		},
	};

	return {
		async request(method, params) {
			if (plugins && 'target' in params && params.target) {
				known.note(params.target);
			}

			return handlers[method](params);
		},
		subscribe: bus.subscribe,
		async close() {
			closing.abort(cancelledError());
			await jobs.close(true);
			// Plugins hear of the end of what was cancelled, and may have something made because of it.
			await plugins?.close(jobs.close);
			await jobs.close();
			await Promise.all([...watches.values()].map(async watch => watch.close()));
			watches.clear();
			shelf.clear();
		},
	};
};
