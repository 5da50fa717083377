import {join} from 'node:path';
import type {JobRequest, JobResult} from '../../client/protocol.js';
import {toPrintkeepError} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';
import type {AgentBackup} from '../../plugins/api.js';
import {adapterFor} from '../adapter-for.js';
import type {Catalog} from '../catalog.js';
import type {Disk} from '../disk.js';
import {discard, makeLastingFolders} from '../durable-file.js';
import {partialName} from '../names.js';
import {sweepStore} from '../store-strays.js';
import {badCopy, countProgress, nameOf, needAgents} from './agent-tools.js';
import type {JobAgents, JobContext} from './context.js';
import {readChunks} from './copy-file.js';
import {checkStoreSpace, nameInStore, publishInStore, validateArchive} from './take-in.js';

type FetchRequest = Extract<JobRequest, {type: 'fetch'}>;
type FetchResult = Extract<JobResult, {type: 'fetch'}>;

const toMedium = async (disk: Disk, path: string, createdAt: number): Promise<void> => {
	try {
		// For archives of other programs it is all that tells when they were made.
		disk.setTimes(path, createdAt / 1000, createdAt / 1000);
	} catch {
		// Some network file systems let nobody set times.
	}

	const descriptor = disk.openForUpdate(path);
	try {
		await disk.syncFile(descriptor);
	} finally {
		disk.close(descriptor);
	}
};

/** What came must be what was listed. @throws remote-failed */
const compare = async (context: JobContext, agent: string, listed: AgentBackup, path: string): Promise<void> => {
	const {report} = context;
	const name = `${nameOf(agent)} gave something else than the ${safeText(listed.id)} it lists`;
	const hint = 'Nothing was taken into the store. The copy there may be damaged: look at an older one.';
	report.phase('checking');
	report.total(listed.bytes, 1);
	const {bytes, sha256} = await readChunks(context, path, chunk => report.advance(chunk.length, 0));
	if (bytes !== listed.bytes) {
		throw badCopy(`${name}: ${bytes} bytes instead of ${listed.bytes}.`, hint);
	}

	if (listed.sha256 !== undefined && listed.sha256 !== sha256) {
		throw badCopy(`${name}: its hash is another one.`, hint);
	}
};

const download = async (
	context: JobContext,
	agents: JobAgents,
	{agent, listed, partial}: {readonly agent: string; readonly listed: AgentBackup; readonly partial: string},
): Promise<void> => {
	const {ports, report} = context;
	report.phase('receiving');
	report.total(listed.bytes, 1);
	report.currentFile(listed.id);
	// The file is made here and only written there: what is given up is gone, and nobody makes it anew.
	ports.disk.close(ports.disk.create(partial, 0o600));
	await agents.download(agent, listed, partial, countProgress(context));
	report.phase('syncing');
	await toMedium(ports.disk, partial, listed.createdAt);
};

/**
 * Takes a backup of an agent into the store: written under a hidden name, compared with what the agent lists, read in full like any archive from outside,
 * and only then named.
 * @throws no-agent, not-found; remote-failed when the place says no or gives something else; archive-*, wrong-server, no-space, invalid-name, name-clash,
 * plugin-failed, cancelled
 */
export const runFetch = async (
	context: JobContext,
	{target, agent, id, as}: FetchRequest,
	catalog: Catalog,
): Promise<FetchResult> => {
	const {ports} = context;
	const agents = needAgents(context, agent);
	sweepStore(ports.disk, target.store);
	await catalog.refresh();
	const listed = await agents.backup(agent, id);
	const name = nameInStore(catalog, listed.id, as);
	checkStoreSpace(target, listed.bytes, 'The backup');
	const partial = join(target.store, partialName(ports.randomHex(8)));
	try {
		try {
			await makeLastingFolders(ports.disk, target.store);
			await download(context, agents, {agent, listed, partial});
			await compare(context, agent, listed, partial);
		} catch (error) {
			throw toPrintkeepError(error, 'The backup could not be written into the store');
		}

		await validateArchive(context, partial, {
			adapter: await adapterFor(ports, target.instance.kind),
			limits: target.limits,
			failed: 'The backup was not taken into the store',
		});
		return {
			type: 'fetch',
			agent,
			id: listed.id,
			backup: await publishInStore(context, partial, {name, target, catalog}),
		};
	} catch (error) {
		discard(ports.disk, partial);
		throw error;
	}
};
