/**
 * How fast the dashboard answers, in a pseudo terminal, on the built program:
 * - with 5,000 backups in the store: until the list is there, and from a key to its frame while scrolling;
 * - while a backup of 1 GB runs: from a key to its frame.
 * A frame counts when the piece of output that made the screen show the new selection has left the program. The clock is that of the terminal's end.
 *
 * usage: tsx bench/dashboard.ts [--size M] [--backups 5000]
 */
import {execFileSync} from 'node:child_process';
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';
import {openPty, type Pty} from '../test/helpers/pty.js';
import {cliPath, isolatedEnvironment} from '../test/helpers/run-printkeep.js';
import {makeTemporaryDirectory, removeDirectory} from '../test/helpers/temporary.js';
import {makeBackups} from './make-backups.js';

const {values} = parseArgs({
	options: {size: {type: 'string', default: 'M'}, backups: {type: 'string', default: '5000'}},
});
const backups = Number(values.backups);

const percentile = (sorted: readonly number[], share: number): number =>
	sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;

const describe = (milliseconds: readonly number[]): string => {
	const sorted = [...milliseconds].sort((a, b) => a - b);
	const [median, high, slowest] = [0.5, 0.95, 1].map(share => percentile(sorted, share).toFixed(1));
	return `median ${median} ms, 95th percentile ${high} ms, slowest ${slowest} ms`;
};

/** The row the pointer is on and what it says: different after every move. */
const selection = (screen: string): string => {
	const lines = screen.split('\n');
	const row = lines.findIndex(line => line.startsWith('›'));
	return `${row} ${lines[row] ?? ''} ${lines[19] ?? ''}`;
};

/** Presses keys one by one, each when the frame of the one before has come; gives the milliseconds each took. */
const pressMany = async (pty: Pty, keys: readonly string[], pause: number): Promise<readonly number[]> => {
	const taken: number[] = [];
	for (const key of keys) {
		const before = selection(pty.screen());
		const sent = await pty.type(key);
		const shown = await pty.whenScreen(screen => selection(screen) !== before);
		taken.push(shown - sent);
		await delay(pause);
	}

	return taken;
};

const open = async (
	dataFolder: string,
	store: string,
	home: string,
): Promise<{readonly pty: Pty; readonly start: number}> => {
	const start = performance.now();
	const pty = await openPty([process.execPath, cliPath, '--basedir', dataFolder, '--store', store], {
		env: {...isolatedEnvironment(home), TERM: 'xterm-256color'},
	});
	return {pty, start};
};

const root = makeTemporaryDirectory();
try {
	const store = join(root, 'store');
	const home = join(root, 'home');
	const small = join(root, 'small');
	mkdirSync(small);
	writeFileSync(join(small, 'config.yaml'), 'server:\n  firstRun: false\n');
	writeFileSync(join(small, 'users.yaml'), 'admin:\n  active: true\n');
	mkdirSync(join(small, 'uploads'));
	await makeBackups(store, backups);

	// Twice: the first opening finds a store it has never seen, and makes its index.
	for (const what of ['first time', 'warm']) {
		const {pty, start} = await open(small, store, home);
		await pty.whenScreen(screen => screen.includes('1 Home'), 60_000);
		const painted = performance.now() - start;
		await pty.whenScreen(screen => /Backups +[\d,]+ backups/u.test(screen), 60_000);
		const counted = performance.now() - start;
		const sent = await pty.type('2');
		const listed = await pty.whenScreen(screen => screen.includes('›'), 60_000);
		console.log(
			`${backups} backups, ${what}: first paint ${painted.toFixed(0)} ms, all of them known ${counted.toFixed(0)} ms after the start; list ${(listed - sent).toFixed(0)} ms after its key`,
		);
		if (what === 'warm') {
			const steps = await pressMany(
				pty,
				Array.from({length: 300}, () => 'j'),
				5,
			);
			const pages = await pressMany(
				pty,
				Array.from({length: 100}, (_, index) => (index % 2 === 0 ? '\u001b[6~' : '\u001b[5~')),
				5,
			);
			console.log(`${backups} backups, key to frame, row by row:   ${describe(steps)} (300 keys)`);
			console.log(`${backups} backups, key to frame, page by page: ${describe(pages)} (100 keys)`);
		}

		await pty.type('q');
		await pty.exit;
	}

	const startList = performance.now();
	execFileSync(process.execPath, [cliPath, 'list', '--json', '--basedir', small, '--store', store], {
		env: isolatedEnvironment(home),
		maxBuffer: 1e9,
	});
	console.log(`printkeep list --json of ${backups} backups: ${(performance.now() - startList).toFixed(0)} ms`);

	const large = join(root, 'large');
	execFileSync(process.execPath, [
		fileURLToPath(new URL('gen.mjs', import.meta.url)),
		'create',
		'--size',
		values.size,
		'--out',
		large,
	]);
	const {pty} = await open(large, store, home);
	await pty.whenScreen(screen => /Backups +[\d,]+ backups/u.test(screen), 60_000);
	await pty.type('b');
	await pty.whenScreen(screen => screen.includes('Enter start') && /uploads .*\d MB/u.test(screen), 60_000);
	await pty.type('\r');
	await pty.whenScreen(screen => /\d%/u.test(screen), 60_000);
	const taken: number[] = [];
	while (/\d%/u.test(pty.screen())) {
		taken.push(...(await pressMany(pty, ['j', 'k'], 60)));
	}

	console.log(`key to frame while size ${values.size} is backed up: ${describe(taken)} (${taken.length} keys)`);
	await pty.whenScreen(screen => screen.includes('Backed up'), 120_000);
	await pty.type('q');
	await pty.exit;
} finally {
	removeDirectory(root);
}
