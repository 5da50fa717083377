import {accessSync, constants, statSync} from 'node:fs';
import {dirname} from 'node:path';
import type {JobOutcome, JobRequest, JobResult, ReinstalledPlugin, Target} from '../client/protocol.js';
import {type ErrorData, isPrintkeepError, PrintkeepError, toErrorData} from '../errors.js';
import {plural} from '../format/plural.js';
import {safeText} from '../format/safe-text.js';
import type {Catalog} from './catalog.js';
import {makeLastingFolders} from './durable-file.js';
import type {JobContext} from './jobs/context.js';
import {runCreate} from './jobs/create.js';
import {runDelete} from './jobs/delete.js';
import {dropOldRollback, runRecover} from './jobs/recover.js';
import {runTrashEmpty} from './jobs/trash-empty.js';
import {runTrashRestore} from './jobs/trash-restore.js';
import {runVerify} from './jobs/verify.js';
import {acquireLock, type Lock, lockPaths} from './lock.js';
import type {EnginePorts} from './ports.js';
import {refuseWhilePending} from './restore/recover.js';
import {withTrashHint} from './trash-hint.js';
import {purgeAfter} from './trash-purge.js';

/** What a job needs locked. `store` that cannot be written is let pass for jobs that only read it. */
const lockNeeds = {
	create: {store: 'write', instance: true},
	verify: {store: 'read', instance: false},
	plan: {store: 'read', instance: true},
	compare: {store: 'none', instance: false},
	restore: {store: 'read', instance: true},
	undo: {store: 'none', instance: true},
	delete: {store: 'write', instance: false},
	'trash-restore': {store: 'write', instance: false},
	'trash-empty': {store: 'write', instance: false},
	import: {store: 'write', instance: false},
	export: {store: 'read', instance: false},
	recover: {store: 'read', instance: true},
	'reinstall-plugins': {store: 'none', instance: true},
	send: {store: 'read', instance: false},
	fetch: {store: 'write', instance: false},
} as const satisfies Record<
	JobRequest['type'],
	{readonly store: 'write' | 'read' | 'none'; readonly instance: boolean}
>;

const canWrite = (folder: string): boolean => {
	try {
		accessSync(folder, constants.W_OK | constants.X_OK);
		return true;
	} catch {
		return false;
	}
};

/** True when a restore goes somewhere else than into the instance. */
const staysOutside = (request: JobRequest): boolean =>
	(request.type === 'restore' || request.type === 'plan') && request.to !== undefined;

/** What a job needs locked: ending an interrupted restore needs no store, which may not even be there. */
const needsOf = (request: JobRequest): {readonly store: 'write' | 'read' | 'none'; readonly instance: boolean} =>
	request.type === 'recover' && request.leftoverIds === 'interrupted'
		? {store: 'none', instance: true}
		: lockNeeds[request.type];

/** True when there is something to lock: the data folder, or beside where it was. */
const isLockable = ({type, target}: JobRequest): boolean =>
	statSync(type === 'recover' ? dirname(target.instance.dataFolder) : target.instance.dataFolder, {
		throwIfNoEntry: false,
	}) !== undefined;

/**
 * Takes the locks a job needs, store first.
 * @throws busy naming the holder; nothing stays locked then.
 */
export const lockFor = async (ports: EnginePorts, request: JobRequest): Promise<readonly Lock[]> => {
	const {target, type} = request;
	const needs = needsOf(request);
	const paths = lockPaths(target);
	const common = {
		disk: ports.disk,
		clock: ports.clock,
		hostName: ports.hostName,
		randomHex: ports.randomHex,
		processFolder: ports.server.processFolder,
		job: type,
	};
	const locks: Lock[] = [];
	try {
		if (needs.store === 'write') {
			try {
				await makeLastingFolders(ports.disk, target.store);
			} catch (error) {
				throw new PrintkeepError('store-unwritable', `The backup folder ${safeText(target.store)} could not be made.`, {
					hint: 'Choose another one with: printkeep config set store DIR',
					cause: error,
				});
			}

			if (!canWrite(target.store)) {
				throw new PrintkeepError('store-unwritable', `The backup folder ${safeText(target.store)} cannot be written.`, {
					hint: 'Give yourself the right to write there, or choose another one with: printkeep config set store DIR',
				});
			}
		}

		// A store on a read-only medium cannot be locked, and nobody can change it either.
		if (
			needs.store !== 'none' &&
			statSync(target.store, {throwIfNoEntry: false})?.isDirectory() &&
			canWrite(target.store)
		) {
			locks.push(await acquireLock({...common, paths: [paths.store]}));
		}

		if (needs.instance && !staysOutside(request) && isLockable(request)) {
			locks.push(await acquireLock({...common, paths: paths.instance}));
		}

		return locks;
	} catch (error) {
		for (const lock of locks) {
			lock.release();
		}

		throw error;
	}
};

/** With the data in a backup that lacks nothing, an old copy of what a restore replaced has had its time. */
const afterCreate = async (
	context: JobContext,
	target: Target,
	result: Extract<JobResult, {type: 'create'}>,
): Promise<JobResult> => {
	if (result.skipped.length === 0) {
		await dropOldRollback(context, target);
	}

	return result;
};

/** Does the job. Those that are not done every day are loaded when they are: a backup needs neither their code nor the packages behind it. */
const run = async (context: JobContext, request: JobRequest, catalog: Catalog): Promise<JobResult> => {
	switch (request.type) {
		case 'create':
			// Half of an exchanged data folder is nothing to make a backup of.
			refuseWhilePending(request.target.instance);
			return purgeAfter(
				context,
				request,
				catalog,
				await afterCreate(context, request.target, await runCreate(context, request, catalog)),
			);
		case 'verify':
			return runVerify(context, request, catalog);
		case 'plan': {
			const {runPlan} = await import('./jobs/rarer.js');
			return runPlan(context, request, catalog);
		}

		case 'compare': {
			const {runCompare} = await import('./jobs/rarer.js');
			return runCompare(context, request, catalog);
		}

		case 'restore': {
			const {runRestore} = await import('./jobs/rarer.js');
			return runRestore(context, request, catalog);
		}

		case 'undo': {
			const {runUndo} = await import('./jobs/rarer.js');
			return runUndo(context, request);
		}

		case 'delete':
			return purgeAfter(context, request, catalog, await runDelete(context, request, catalog));
		case 'trash-restore':
			return runTrashRestore(context, request, catalog);
		case 'trash-empty':
			return runTrashEmpty(context, request);
		case 'import': {
			const {runImport} = await import('./jobs/rarer.js');
			return purgeAfter(context, request, catalog, await runImport(context, request, catalog));
		}

		case 'export': {
			const {runExport} = await import('./jobs/rarer.js');
			return runExport(context, request, catalog);
		}

		case 'send': {
			const {runSend} = await import('./jobs/rarer.js');
			return runSend(context, request, catalog);
		}

		case 'fetch': {
			const {runFetch} = await import('./jobs/rarer.js');
			return purgeAfter(context, request, catalog, await runFetch(context, request, catalog));
		}

		case 'recover':
			return runRecover(context, request);
		case 'reinstall-plugins': {
			const {runReinstallPlugins} = await import('./jobs/rarer.js');
			return runReinstallPlugins(context, request, catalog);
		}
	}
};

export type JobEnd = {
	readonly outcome: JobOutcome;
	readonly result: JobResult | null;
	readonly error: ErrorData | null;
};

const isLacking = ({outcome}: ReinstalledPlugin): boolean => outcome !== 'installed' && outcome !== 'present';

const judge = (result: JobResult): JobEnd => {
	if (result.type === 'verify') {
		const damaged = result.results.filter(({ok}) => !ok);
		return damaged.length === 0
			? {outcome: 'done', result, error: null}
			: {
					outcome: 'failed',
					result,
					error: {
						code: damaged.length === 1 ? (damaged[0]?.problems[0]?.code ?? 'archive-damaged') : 'archive-damaged',
						message:
							damaged.length === 1
								? `${safeText(damaged[0]?.key ?? '')} is not intact: ${damaged[0]?.problems[0]?.message ?? ''}`
								: `${plural(damaged.length, 'backup')} are not intact.`,
						hint: 'Do not rely on it: make a new backup, and check the others with: printkeep verify --all',
					},
				};
	}

	const isIncomplete =
		result.type === 'create' || result.type === 'restore'
			? result.skipped.length > 0
			: result.type === 'reinstall-plugins' && !result.dryRun && result.plugins.some(isLacking);
	return isIncomplete ? {outcome: 'partial', result, error: null} : {outcome: 'done', result, error: null};
};

const doing = {
	create: 'The backup could not be made',
	verify: 'The check could not be finished',
	plan: 'The plan could not be made',
	compare: 'The comparison could not be made',
	restore: 'The restore could not be done',
	undo: 'The restore could not be undone',
	delete: 'The backup could not be deleted',
	'trash-restore': 'The backup could not be brought back',
	'trash-empty': 'The trash could not be emptied',
	import: 'The file could not be imported',
	export: 'The backup could not be exported',
	recover: 'The leftovers could not be cleaned',
	'reinstall-plugins': 'The plugins could not be installed',
	send: 'The copy could not be sent',
	fetch: 'The backup could not be fetched',
} as const satisfies Record<JobRequest['type'], string>;

/** Runs a job to its end, whatever that is. Never throws. */
export const runJob = async (context: JobContext, request: JobRequest, catalog: Catalog): Promise<JobEnd> => {
	try {
		return judge(await run(context, request, catalog));
	} catch (error) {
		const isCancelled = context.signal.aborted && (!isPrintkeepError(error) || error.code === 'cancelled');
		return isCancelled
			? {
					outcome: 'cancelled',
					result: null,
					error: {
						code: 'cancelled',
						// What was installed by then stays, and the job says what that was.
						message:
							request.type === 'reinstall-plugins' && isPrintkeepError(error)
								? error.message
								: 'The job was cancelled; nothing was left behind.',
						hint: '',
					},
				}
			: {outcome: 'failed', result: null, error: withTrashHint(toErrorData(error, doing[request.type]), request)};
	}
};
