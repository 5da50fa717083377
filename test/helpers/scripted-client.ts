/** An engine that answers from a script: for frames of the dashboard, where what matters is what is drawn. Journeys use the real one. */
import type {Client} from '../../source/client/client.js';
import type {
	BackupSummary,
	EngineEvent,
	Instance,
	MethodName,
	Params,
	Result,
	StatusReport,
} from '../../source/client/protocol.js';
import {PrintkeepError} from '../../source/errors.js';

/** Noon of a day in November, local time of the tests. */
export const scriptedNow = new Date(2026, 10, 21, 12, 0, 0).getTime();

const hour = 60 * 60 * 1000;

/** A backup of the store with believable values; `age` in hours. */
export const aBackup = (
	age: number,
	changes: Partial<BackupSummary> = {},
	key = `octopi_octoprint-octoprint_${new Date(scriptedNow - age * hour).toISOString().slice(0, 10).replaceAll('-', '')}-${String(Math.floor(age) % 100).padStart(2, '0')}0000z_manual.zip`,
): BackupSummary => ({
	key,
	origin: 'store',
	path: `/srv/backups/${key}`,
	bytes: 12_400_000 + age * 1000,
	modifiedAt: scriptedNow - age * hour,
	createdAt: scriptedNow - age * hour,
	sequence: null,
	proof: 'sha256',
	health: {type: 'verified', at: scriptedNow - age * hour},
	writtenBy: 'printkeep',
	kind: 'octoprint',
	instanceName: 'octoprint',
	host: 'octopi',
	serverVersion: '1.10.2',
	trigger: 'manual',
	note: '',
	pinned: false,
	files: 214,
	uncompressedBytes: 48_000_000,
	excludes: [],
	...changes,
});

export const anInstance: Instance = {
	name: 'octoprint',
	kind: 'octoprint',
	dataFolder: '/home/pi/.octoprint',
	version: '1.10.2',
	versionSource: 'environment',
	foundBy: 'unit octoprint.service',
	nativeBackupFolder: '/home/pi/.octoprint/data/backup',
	running: true,
	problems: [],
};

/** The state that goes with these backups. */
export const aStatus = (
	backups: readonly BackupSummary[],
	store: string,
	changes: Partial<StatusReport> = {},
): StatusReport => {
	const lastGood = backups.find(({health}) => health.type !== 'bad') ?? null;
	return {
		instance: anInstance,
		store: {
			path: store,
			exists: true,
			writable: true,
			freeBytes: 12_300_000_000,
			totalBytes: 31_000_000_000,
			sameDevice: false,
			problem: '',
		},
		total: backups.length,
		totalBytes: backups.reduce((sum, {bytes}) => sum + bytes, 0),
		bad: backups.filter(({health}) => health.type === 'bad').length,
		lastGood,
		ageMilliseconds: lastGood ? scriptedNow - lastGood.createdAt : null,
		overdue: lastGood === null || scriptedNow - lastGood.createdAt > 7 * 24 * hour,
		days: Array.from({length: 14}, (_, index) => ({
			date: `2026-11-${String(8 + index).padStart(2, '0')}`,
			state: (['none', 'ok', 'failed', 'ok', 'warning', 'ok', 'none'] as const)[index % 7] ?? 'none',
		})),
		lastJob: null,
		leftovers: [],
		holder: null,
		undo: null,
		restoreDisabled: null,
		...changes,
	};
};

export type ScriptedClient = Client & {
	readonly emit: (event: EngineEvent) => void;
	/** Methods that were asked, in order, with what they were given. */
	readonly calls: readonly {readonly method: MethodName; readonly params: unknown}[];
};

export type Script = {
	readonly backups?: readonly BackupSummary[];
	readonly status?: Partial<StatusReport>;
	/** Answers that differ from the usual ones. */
	readonly answers?: {readonly [Name in MethodName]?: (params: Params<Name>) => Result<Name> | Promise<Result<Name>>};
};

/** Makes a client that answers as scripted. Methods nobody scripted fail. */
export const createScriptedClient = ({backups = [], status = {}, answers = {}}: Script = {}): ScriptedClient => {
	const listeners = new Set<(event: EngineEvent) => void>();
	const calls: {readonly method: MethodName; readonly params: unknown}[] = [];
	const usual: NonNullable<Script['answers']> = {
		'instances.inspect': () => anInstance,
		'instances.find': () => ({found: [anInstance], unusable: []}),
		'backups.list': ({offset, limit}) => ({
			items: backups.slice(offset, offset + limit),
			total: backups.length,
			offset,
			revision: 1,
		}),
		'backups.watch': () => ({revision: 1, holder: null}),
		'backups.unwatch': () => null,
		'recover.pending': () => ({type: 'none', message: '', hint: ''}),
		'trash.list': () => ({items: [], bytes: 0, days: 7}),
		'status.report': ({target}) => aStatus(backups, target.store, status),
		'job.start': () => ({jobId: 'job-1'}),
		'job.cancel': () => null,
	};
	const request = async <Name extends MethodName>(method: Name, params: Params<Name>): Promise<Result<Name>> => {
		calls.push({method, params});
		const answer = (answers[method] ?? usual[method]) as ((params: Params<Name>) => Result<Name>) | undefined;
		if (!answer) {
			throw new PrintkeepError('failed', `Nobody scripted ${method}.`);
		}

		return answer(params);
	};

	return {
		request,
		subscribe: listener => {
			listeners.add(listener);
			return () => {
				listeners.delete(listener);
			};
		},
		close: async () => undefined,
		emit: event => {
			for (const listener of [...listeners]) {
				listener(event);
			}
		},
		calls,
	};
};
