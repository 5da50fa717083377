/** Pieces of the model for tests of the state and the screens: plausible values, changed where a test cares. */
import type {
	BackupSummary,
	Instance,
	Part,
	PartSize,
	StatusReport,
	StoreInfo,
	Target,
} from '../../source/client/protocol.js';

/** 2026-11-21 09:30:00 UTC, the present of these tests. */
export const testNow = Date.UTC(2026, 10, 21, 9, 30);

export const makeInstance = (changes: Partial<Instance> = {}): Instance => ({
	name: 'octoprint',
	kind: 'octoprint',
	dataFolder: '/home/pi/.octoprint',
	version: '1.11.3',
	versionSource: 'environment',
	foundBy: 'usual folder',
	nativeBackupFolder: '/home/pi/.octoprint/data/backup',
	running: false,
	problems: [],
	...changes,
});

export const makeTarget = (changes: Partial<Target> = {}): Target => ({
	instance: {name: 'octoprint', kind: 'octoprint', dataFolder: '/home/pi/.octoprint'},
	store: '/srv/backups/octoprint',
	keepFreeBytes: 100_000_000,
	restoreUnsupported: false,
	...changes,
});

export const makeBackup = (changes: Partial<BackupSummary> = {}): BackupSummary => {
	const key = changes.key ?? 'octopi_octoprint-octoprint_20261121-080000z_manual.zip';
	const createdAt = changes.createdAt ?? testNow - 90 * 60_000;
	return {
		key,
		origin: 'store',
		path: `/srv/backups/octoprint/${key}`,
		bytes: 123_400_000,
		modifiedAt: createdAt,
		createdAt,
		sequence: null,
		proof: 'sha256',
		health: {type: 'verified', at: createdAt},
		writtenBy: 'printkeep',
		kind: 'octoprint',
		instanceName: 'octoprint',
		host: 'octopi',
		serverVersion: '1.11.3',
		trigger: 'manual',
		note: '',
		pinned: false,
		files: 412,
		uncompressedBytes: 400_000_000,
		excludes: [],
		...changes,
	};
};

export const makeStoreInfo = (changes: Partial<StoreInfo> = {}): StoreInfo => ({
	path: '/srv/backups/octoprint',
	exists: true,
	writable: true,
	freeBytes: 12_000_000_000,
	totalBytes: 32_000_000_000,
	sameDevice: false,
	problem: '',
	...changes,
});

export const makeStatus = (changes: Partial<StatusReport> = {}): StatusReport => ({
	instance: makeInstance(),
	store: makeStoreInfo(),
	total: 1,
	totalBytes: 123_400_000,
	bad: 0,
	lastGood: makeBackup(),
	ageMilliseconds: 90 * 60_000,
	overdue: false,
	days: Array.from({length: 14}, (_, index) => ({
		date: `2026-11-${String(index + 8).padStart(2, '0')}`,
		state: index === 13 ? 'ok' : 'none',
	})),
	lastJob: null,
	leftovers: [],
	holder: null,
	undo: null,
	restoreDisabled: null,
	...changes,
});

export const makePart = (changes: Partial<Part> = {}): Part => ({
	name: 'uploads',
	title: 'G-code files and models',
	inclusion: 'included',
	reason: '',
	sources: ['/home/pi/.octoprint/uploads'],
	external: false,
	leftOut: [],
	...changes,
});

export const makeParts = (): readonly Part[] => [
	makePart({
		name: 'config',
		title: 'Configuration, users and printer profiles',
		inclusion: 'required',
		sources: ['/home/pi/.octoprint'],
	}),
	makePart(),
	makePart({
		name: 'timelapse',
		title: 'Timelapse videos',
		external: true,
		sources: ['/mnt/usb/timelapse'],
	}),
	makePart({
		name: 'plugin-data',
		title: 'Data of plugins',
		sources: ['/home/pi/.octoprint/data'],
		leftOut: [{path: 'data/octolapse/tmp', reason: 'Kept by the Octolapse plugin while it renders'}],
	}),
	makePart({
		name: 'logs',
		title: 'Log files',
		inclusion: 'never',
		reason: 'They grow without bound and OctoPrint makes them anew',
	}),
];

export const makeSizes = (): readonly PartSize[] => [
	{name: 'config', bytes: 210_000, files: 14, estimatedBytes: 60_000},
	{name: 'uploads', bytes: 310_000_000, files: 280, estimatedBytes: 95_000_000},
	{name: 'timelapse', bytes: 1_900_000_000, files: 41, estimatedBytes: 1_900_000_000},
	{name: 'plugin-data', bytes: 88_000_000, files: 77, estimatedBytes: 30_000_000},
];
