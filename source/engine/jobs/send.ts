import {basename} from 'node:path';
import type {BackupSummary, JobRequest, JobResult, LimitSettings} from '../../client/protocol.js';
import {fromErrorData, PrintkeepError} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';
import type {AgentBackup} from '../../plugins/api.js';
import {openArchive} from '../archive/reader.js';
import {type Catalog, summariseFile} from '../catalog.js';
import {badCopy, countProgress, nameOf, needAgents} from './agent-tools.js';
import type {JobContext} from './context.js';
import {readChunks} from './copy-file.js';
import {problemError, verifyWithProgress} from './verify-with-progress.js';

type SendRequest = Extract<JobRequest, {type: 'send'}>;
type SendResult = Extract<JobResult, {type: 'send'}>;

const summaryOf = (context: JobContext, {source, target}: SendRequest, catalog: Catalog): BackupSummary => {
	if (source.type === 'backup') {
		return catalog.get(source.key, source.origin);
	}

	try {
		return summariseFile(source.path, context.ports.adapters, target.limits);
	} catch (error) {
		throw new PrintkeepError('not-found', `There is no file ${safeText(source.path)}.`, {
			hint: 'Check the path.',
			cause: error,
		});
	}
};

/** Nothing leaves that nobody has read in full since it was written. @throws archive-*, zip-* */
const requireIntact = async (
	context: JobContext,
	{health, path, uncompressedBytes, bytes, files}: BackupSummary,
	limits: LimitSettings | undefined,
): Promise<void> => {
	if (health.type === 'bad') {
		throw fromErrorData(health.error);
	}

	if (health.type === 'verified') {
		return;
	}

	context.report.phase('verifying');
	context.report.total(uncompressedBytes ?? bytes, files ?? 0);
	const archive = await openArchive(path, {limits});
	try {
		const [first] = (await verifyWithProgress(context, archive)).problems;
		if (first) {
			throw problemError(first, `It was not sent: ${first.message}`, first.hint);
		}
	} finally {
		archive.close();
	}
};

const isSame = (there: AgentBackup, {bytes, sha256}: {readonly bytes: number; readonly sha256: string}): boolean =>
	there.bytes === bytes && (there.sha256 === undefined || there.sha256 === sha256);

/**
 * Takes a copy of a backup to an agent. What is not known to be intact is read in full first; afterwards the agent has to list the copy with the size
 * and, where it tells one, the hash of the original.
 * @throws no-agent; remote-failed when the place says no, or lists something else than was sent; name-clash when it has another backup of that name;
 * archive-*, plugin-failed, cancelled
 */
export const runSend = async (context: JobContext, request: SendRequest, catalog: Catalog): Promise<SendResult> => {
	const {report} = context;
	const {target, agent} = request;
	const agents = needAgents(context, agent);
	await catalog.refresh();
	const summary = summaryOf(context, request, catalog);
	report.phase('waiting');
	const id = basename(summary.path);
	const find = async (): Promise<AgentBackup | undefined> =>
		(await agents.backups(agent)).find(backup => backup.id === id);
	// A place that cannot be reached is found out before gigabytes are read.
	const before = await find();
	await requireIntact(context, summary, target.limits);
	report.phase('checking');
	report.total(summary.bytes, 1);
	report.currentFile(id);
	const original = await readChunks(context, summary.path, chunk => report.advance(chunk.length, 0));
	const done = ({sha256}: AgentBackup, wasThere: boolean): SendResult => ({
		type: 'send',
		agent,
		id,
		...original,
		comparedBy: sha256 === undefined ? 'size' : 'sha256',
		wasThere,
	});
	if (before) {
		if (isSame(before, original)) {
			return done(before, true);
		}

		throw new PrintkeepError('name-clash', `${nameOf(agent)} has another backup called ${safeText(id)}.`, {
			hint: `Delete that one with: printkeep agents delete ${nameOf(agent)} ${safeText(id)}`,
		});
	}

	report.phase('sending');
	report.total(original.bytes, 1);
	report.currentFile(id);
	const backup: AgentBackup = {
		id,
		name: summary.note === '' ? id : summary.note,
		...original,
		createdAt: summary.createdAt,
		...(summary.instanceName === null ? {} : {instance: summary.instanceName}),
		extra: {kind: summary.kind, serverVersion: summary.serverVersion, sequence: summary.sequence},
	};
	await agents.upload(agent, backup, summary.path, countProgress(context));
	report.phase('checking');
	const after = await find();
	const hint = 'Do not rely on that copy. Delete it there, then send it again.';
	if (!after) {
		throw badCopy(`${nameOf(agent)} took ${safeText(id)}, and does not list it.`, hint);
	}

	if (!isSame(after, original)) {
		throw badCopy(
			after.bytes === original.bytes
				? `${nameOf(agent)} lists ${safeText(id)} with another hash than was sent.`
				: `${nameOf(agent)} lists ${safeText(id)} with ${after.bytes} bytes instead of ${original.bytes}.`,
			hint,
		);
	}

	return done(after, false);
};
