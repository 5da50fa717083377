import type {JobRequest, JobResult, PluginRecord, ReinstalledPlugin, ServerActivity} from '../../client/protocol.js';
import {PrintkeepError} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';
import type {ServerAdapter} from '../../servers/adapter.js';
import {withoutCredentials} from '../../servers/download-address.js';
import {adapterFor} from '../adapter-for.js';
import type {Catalog} from '../catalog.js';
import {refuseWhilePending} from '../restore/recover.js';
import {nextSteps} from '../restore/restore-result.js';
import type {JobContext} from './context.js';
import {pluginsOfBackup, usualSource} from './plugin-source.js';

type ReinstallRequest = Extract<JobRequest, {type: 'reinstall-plugins'}>;
type ReinstallResult = Extract<JobResult, {type: 'reinstall-plugins'}>;

/** Those of the backup's plugins that are meant. @throws not-found naming one the backup does not have */
const chosen = (plugins: readonly PluginRecord[], only: readonly string[] | undefined): readonly PluginRecord[] => {
	const foreign = only?.find(key => !plugins.some(plugin => plugin.key === key));
	if (foreign !== undefined) {
		throw new PrintkeepError('not-found', `The backup has no plugin called ${safeText(foreign)}.`, {
			hint:
				plugins.length === 0
					? 'It lists none at all.'
					: `It has these: ${plugins.map(({key}) => safeText(key)).join(', ')}`,
		});
	}

	return only === undefined ? plugins : plugins.filter(({key}) => only.includes(key));
};

/** Installing takes all there is of a small board: what is printed would suffer. @throws printing */
const refuseUnderPrint = ({state, detail}: ServerActivity): void => {
	if (state === 'printing' || state === 'paused') {
		const what = safeText(detail);
		throw new PrintkeepError(
			'printing',
			`A print is ${state === 'paused' ? 'paused' : 'running'}${what === '' ? '' : ` (${what})`}.`,
			{
				hint: 'Wait until it has ended. --even-if-printing goes on, and may ruin it.',
			},
		);
	}
};

const cancelledError = (plugins: readonly ReinstalledPlugin[], current: PluginRecord | undefined): PrintkeepError => {
	const installed = plugins.filter(({outcome}) => outcome === 'installed').map(({key}) => safeText(key));
	return new PrintkeepError(
		'cancelled',
		[
			installed.length === 0
				? 'Cancelled: nothing was installed.'
				: `Cancelled: ${installed.join(', ')} ${installed.length === 1 ? 'was' : 'were'} installed and stay${installed.length === 1 ? 's' : ''}.`,
			...(current ? [`${safeText(current.key)} was under way.`] : []),
		].join(' '),
	);
};

const installAll = async (
	context: JobContext,
	adapter: ServerAdapter,
	{request, plugins}: {readonly request: ReinstallRequest; readonly plugins: readonly PluginRecord[]},
): Promise<readonly ReinstalledPlugin[]> => {
	const {report, signal, ports} = context;
	const done: ReinstalledPlugin[] = [];
	let current: PluginRecord | undefined;
	try {
		await adapter.reinstallPlugins(ports.server, request.target.instance, {
			plugins,
			repository: request.repository ?? null,
			fromIndex: request.fromIndex ?? false,
			dryRun: request.dryRun,
			signal,
			onStep(plugin, doing) {
				if (done.length === 0 && current === undefined) {
					report.phase(request.dryRun ? 'comparing' : 'installing');
					report.total(0, plugins.length);
				}

				current = plugin;
				report.currentFile(`${plugin.key}: ${doing}`);
				report.advance(0, 0);
			},
			onDone(result, detail) {
				const {key, version, outcome, reason} = result;
				current = undefined;
				done.push(result);
				report.log('info', `${key}${version === null ? '' : ` ${version}`}: ${outcome}. ${reason}`.trimEnd(), detail);
				report.advance(0, 1);
			},
		});
	} catch (error) {
		throw signal.aborted ? cancelledError(done, current) : error;
	}

	return done;
};

/**
 * Installs the plugins of a backup that the server's environment lacks, each by itself: whatever becomes of one, the others are tried. Nothing of the data
 * folder is touched. The lock of the instance is held by the caller.
 * @throws not-found, archive errors, printing, remote-failed, permission-denied, needs-recovery, cancelled
 */
export const runReinstallPlugins = async (
	context: JobContext,
	request: ReinstallRequest,
	catalog: Catalog,
): Promise<ReinstallResult> => {
	const {ports, report} = context;
	const {target, dryRun} = request;
	const {instance} = target;
	const adapter = await adapterFor(ports, instance.kind);
	refuseWhilePending(instance);
	report.phase('fetching');
	await catalog.refresh();
	const source = request.source ?? usualSource(ports.stateFolder, target, catalog);
	const plugins = chosen(await pluginsOfBackup(catalog, source, adapter), request.only);
	const activity = await adapter.activity(ports.server, instance, target.service);
	if (!dryRun && !request.evenIfPrinting) {
		refuseUnderPrint(activity);
	}

	const results = plugins.length === 0 ? [] : await installAll(context, adapter, {request, plugins});
	const hasNew = results.some(({outcome}) => outcome === 'installed');
	return {
		type: 'reinstall-plugins',
		source,
		repository: withoutCredentials(request.repository ?? adapter.pluginRepository),
		dryRun,
		plugins: results,
		activity: hasNew ? null : activity,
		next: hasNew ? await nextSteps(context, adapter, instance) : [],
	};
};
