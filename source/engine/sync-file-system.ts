/**
 * Putting everything written to a file system on the medium in one go: syncfs(2), which Node does not offer, by `sync -f` of GNU coreutils. Other programs of that
 * name drop what the system says: BusyBox's for one.
 */
import {statfsSync} from 'node:fs';
import {release} from 'node:os';

/** From this version on Linux tells there both of files whose data, and of file systems whose own records, could not be written. */
const tellingKernel = [5, 17] as const;

/** Where it does no less than a sync of every file. FUSE, overlayfs, FAT and network file systems pass less of it on, or nothing. */
const tellingFileSystems: ReadonlySet<number> = new Set([
	0xef53, // ext2, ext3, ext4
	0x58465342, // XFS
	0x9123683e, // Btrfs
	0xf2f52010, // F2FS
]);

/** For a few files a look at the whole file system costs more than it saves. */
const worthwhileFiles = 64;

const kernelTells = (): boolean => {
	const [major = 0, minor = 0] = release().split('.').map(Number);
	const [neededMajor, neededMinor] = tellingKernel;
	return process.platform === 'linux' && (major > neededMajor || (major === neededMajor && minor >= neededMinor));
};

const fileSystemTells = (path: string): boolean => {
	try {
		return tellingFileSystems.has(statfsSync(path).type);
	} catch {
		return false;
	}
};

/** Where the system keeps its programs: no program that somebody has put elsewhere stands for the safety of data. */
const systemPath = '/usr/local/bin:/usr/bin:/bin';

type Ended = {readonly status: number | null; readonly reason: string; readonly output: string; readonly said: string};

/** Runs `sync` in a session of its own: what the terminal sends to this command, a lost connection or Ctrl+C, is not for it. */
const runSync = async (args: readonly string[]): Promise<Ended> =>
	new Promise(resolve => {
		// Loaded only when a program is started: every helper thread has a disk, and hardly any needs that.
		const {spawn} = process.getBuiltinModule('node:child_process');
		const child = spawn('sync', args, {
			detached: true,
			stdio: ['ignore', 'pipe', 'pipe'],
			env: {PATH: systemPath, LC_ALL: 'C'},
		});
		let output = '';
		let said = '';
		child.stdout.on('data', text => {
			output += String(text);
		});
		child.stderr.on('data', text => {
			said += String(text);
		});
		child.once('error', error => resolve({status: null, reason: error.message, output, said}));
		child.once('close', (status, signal) => resolve({status, reason: `ended by ${signal ?? 'nobody'}`, output, said}));
	});

/** Asked once in a process. */
let isCoreutils: Promise<boolean> | undefined;

/** @throws an error of the system: EIO when something could not be written; ECANCELED when the program did not get to the end, so that nobody knows */
export const syncFileSystem = async (path: string): Promise<void> => {
	const {status, reason, said} = await runSync(['-f', '--', path]);
	if (status !== 0) {
		const code = status === null ? 'ECANCELED' : 'EIO';
		throw Object.assign(new Error(`${code}: ${said.trim() || reason}, syncfs`), {code, syscall: 'syncfs'});
	}
};

/** See `Disk`. */
export const canSyncFileSystem = async (path: string, files: number): Promise<boolean> => {
	if (files < worthwhileFiles || !kernelTells() || !fileSystemTells(path)) {
		return false;
	}

	isCoreutils ??= runSync(['--version']).then(
		({status, output}) => status === 0 && output.startsWith('sync (GNU coreutils)'),
	);
	return (
		(await isCoreutils) &&
		syncFileSystem(path).then(
			() => true,
			() => false,
		)
	);
};
