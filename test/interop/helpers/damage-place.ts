/** A place in which OctoPrint and printkeep restore the same backup over the same data, with the same things going wrong. */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, mkdirSync, readdirSync, rmSync, unlinkSync, writeFileSync} from 'node:fs';
import {basename, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {expect, onTestFinished} from 'vitest';
import {digestTree, type Tree} from '../../helpers/digest-tree.js';
import {type InstanceOptions, type MadeInstance, makeInstance} from '../../helpers/make-instance.js';
import {isolatedEnvironment, type Output, parseJsonLines, runPrintkeep} from '../../helpers/run-printkeep.js';
import {makeTemporaryDirectory, removeDirectory} from '../../helpers/temporary.js';
import {waitFor} from '../../helpers/wait-for.js';
import {unmountBelow} from './mounts.js';
import {octoPrintVersion, runOctoPrint} from './octoprint.js';
import {freePort} from './running-octoprint.js';

/** The moment at which a process of OctoPrint's is killed: before the so-manieth event of a name with this target or, with a slash at its end, one below it. */
export type DieAt = {
	readonly event: 'shutil.move' | 'shutil.copyfile' | 'shutil.copytree';
	readonly target: string;
	readonly number: number;
};

export type Place = MadeInstance & {
	readonly root: string;
	readonly home: string;
	/** Where programs put what is temporary. */
	readonly temporary: string;
	/** Options that name the instance and its store. */
	readonly target: readonly string[];
	/** Runs the built printkeep on the instance. */
	readonly printkeep: (...args: readonly string[]) => Promise<Output>;
	/** Backs up with OctoPrint itself, into its own backup folder unless a path is given. */
	readonly backUpWithOctoPrint: (options?: {readonly path?: string; readonly exclude?: string}) => Promise<string>;
	/** Restores with OctoPrint itself, until its end or that of the process. */
	readonly restoreWithOctoPrint: (archive: string, dieAt?: DieAt) => Promise<Output>;
	/** Starts OctoPrint's server, waits until it has done what is waited for, and ends it. False when it has started and does not do that. */
	readonly startOctoPrint: (isDone: (said: string) => boolean) => Promise<boolean>;
	/** Everything in the data folder but printkeep's private folder. */
	readonly look: () => Tree;
};

const dieFolder = fileURLToPath(new URL('die-at', import.meta.url));

export type PlaceOptions = InstanceOptions & {
	/** Called with the root before the instance is made, to mount something in it. */
	readonly prepare?: (root: string) => void;
	/** Folder the instance is made in, from the root. */
	readonly disk?: string;
	/** Store of printkeep's, from the root. */
	readonly store?: string;
};

/** Makes a place that goes, with everything mounted in it, when the running test has finished. */
export const makeDamagePlace = (
	environment: string,
	{prepare, disk = '.', store = 'store', ...options}: PlaceOptions = {},
): Place => {
	const root = makeTemporaryDirectory();
	onTestFinished(() => {
		unmountBelow(root);
		removeDirectory(root);
	});
	prepare?.(root);
	const instance = makeInstance(join(root, disk), options);
	const {dataFolder} = instance;
	const home = join(root, 'home');
	const temporary = join(root, 'temporary');
	mkdirSync(temporary, {recursive: true});
	const target = ['--basedir', dataFolder, '--store', join(root, store)];
	const octoPrint = async (args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Output> =>
		runOctoPrint(environment, {home, dataFolder, args, env: {TMPDIR: temporary, ...env}});

	return {
		...instance,
		root,
		home,
		temporary,
		target,
		printkeep: async (...args) => runPrintkeep([...args, ...target], {home, env: {TMPDIR: temporary}}),
		async backUpWithOctoPrint({path = join(dataFolder, 'data/backup/octoprint-backup.zip'), exclude} = {}) {
			mkdirSync(join(dataFolder, 'data/backup'), {recursive: true});
			const excludes = exclude === undefined ? [] : ['--exclude', exclude];
			const output = await octoPrint(['plugins', 'backup:backup', ...excludes, '--path', path]);
			expect(existsSync(path), output.stdout + output.stderr).toBe(true);
			return path;
		},
		async restoreWithOctoPrint(archive, dieAt) {
			const output = await octoPrint(
				['plugins', 'backup:restore', archive],
				dieAt && {PYTHONPATH: dieFolder, PRINTKEEP_DIE_AT: JSON.stringify(dieAt)},
			);
			// It says that it failed, but never with its exit code.
			const why = dieAt
				? `OctoPrint has not come to ${dieAt.event} in ${dieAt.target}, where it is killed: MENDED?`
				: '';
			expect(output.code, `${why}\n${output.stdout}${output.stderr}`).toBe(dieAt ? 137 : 0);
			return output;
		},
		async startOctoPrint(isDone) {
			const child = spawn(
				join(environment, 'bin/octoprint'),
				[
					'serve',
					'--basedir',
					dataFolder,
					'--host',
					'127.0.0.1',
					'--port',
					String(await freePort()),
					'--iknowwhatimdoing',
				],
				{
					stdio: ['ignore', 'pipe', 'pipe'],
					env: {
						...isolatedEnvironment(home),
						TMPDIR: temporary,
						http_proxy: 'http://127.0.0.1:9',
						https_proxy: 'http://127.0.0.1:9',
					},
				},
			);
			const exit = once(child, 'exit');
			let said = '';
			for (const stream of [child.stdout, child.stderr]) {
				stream.setEncoding('utf8').on('data', (text: string) => {
					said += text;
				});
			}

			try {
				await waitFor("OctoPrint's next start", () => isDone(said) || said.includes('Listening on http'), {
					timeout: 120_000,
					describe: () => said,
				});
				// It tidies up in the background then.
				return await waitFor('OctoPrint to tidy up', () => isDone(said), {timeout: 60_000}).catch(() => false);
			} finally {
				child.kill('SIGKILL');
				await exit;
			}
		},
		// An archive of OctoPrint's knows no dates of folders.
		look: () => digestTree(dataFolder, {skip: path => basename(path).startsWith('.printkeep'), folderTimes: false}),
	};
};

/** What people do after a backup: print, change a setting, lose a file. */
export const changeSince = ({dataFolder, uploads}: MadeInstance): void => {
	writeFileSync(join(uploads, 'benchy_0.2mm_PLA.gcode'), 'M84 ; sliced anew\n');
	writeFileSync(join(uploads, 'since.gcode'), 'G28 ; printed since\n');
	writeFileSync(join(dataFolder, 'scripts/gcode/afterPrintPaused'), 'M84 ; added since\n');
	unlinkSync(join(dataFolder, 'printerProfiles/_default.profile'));
};

/** Whatever lies in the system's folder for temporary files is gone after the power was. */
export const cutPower = ({temporary}: Place): void => {
	for (const name of readdirSync(temporary)) {
		rmSync(join(temporary, name), {recursive: true});
	}
};

/** Files of a tree that are not there with the same content; logs and what is made at every start aside. */
export const missingFrom = (wanted: Tree, now: Tree): readonly string[] =>
	Object.keys(wanted).filter(
		path =>
			wanted[path]?.type === 'file' &&
			!/^(?:logs|generated)\//u.test(path) &&
			(now[path]?.type !== 'file' || now[path].sha256 !== wanted[path].sha256),
	);

/** Hashes of everything there still is of an instance: in its data folder, and in whatever lies beside it. */
export const contentsLeft = ({root, home}: Place): ReadonlySet<string> =>
	new Set(
		Object.values(digestTree(root, {skip: path => path === basename(home)})).flatMap(({type, sha256}) =>
			type === 'file' ? [sha256] : [],
		),
	);

/**
 * Fails when OctoPrint does not lose any more what it is said to lose: good news, which the documents have to tell.
 * @param what completes "OctoPrint no longer …".
 */
export const expectDamage = (what: string, isDamaged: boolean): void => {
	expect(
		isDamaged,
		`MENDED: OctoPrint ${octoPrintVersion} no longer ${what}. Say so in docs/safety.md, and let this test ask for what it does now.`,
	).toBe(true);
};

export const expectDone = ({code, stdout, stderr}: Output): void => {
	expect(code, stdout + stderr).toBe(0);
};

/** The error of a command that ran with `--json`. */
export const errorOf = ({stdout}: Output): {readonly code: string; readonly message: string; readonly hint: string} =>
	(parseJsonLines(stdout).at(-1) as {readonly error: {code: string; message: string; hint: string}}).error;
