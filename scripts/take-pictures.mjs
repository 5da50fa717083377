/**
 * Takes the pictures of the README: opens the built program in a real terminal (tmux, 80×24) on `printkeep demo` data, presses keys, and draws what
 * the terminal shows as SVG into media/. Needs tmux.
 *
 * usage: unshare --map-root-user --uts sh -c 'hostname octopi && npm run pictures'
 * (In a namespace of its own because the names of the backups begin with the name of the machine.)
 */
import {execFileSync} from 'node:child_process';
import {appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {toSvg} from './screen-to-svg.mjs';

const columns = 80;
const rows = 24;
const patienceMilliseconds = 60_000;
const settledMilliseconds = 700;
const cli = new URL('../dist/cli.js', import.meta.url).pathname;
const media = new URL('../media/', import.meta.url).pathname;

const work = mkdtempSync(join(tmpdir(), 'printkeep-pictures-'));
const socket = join(work, 'tmux');
const plainEnvironment = {PATH: process.env.PATH, TMPDIR: tmpdir(), HOME: work, LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8'};

const tmux = (...args) =>
	execFileSync('tmux', ['-u', '-S', socket, '-f', '/dev/null', ...args], {encoding: 'utf8', env: plainEnvironment});
const screen = () => tmux('capture-pane', '-p', '-t', 'main');

/** Waits until the screen shows a text and has stayed as it is for a while. */
const waitFor = async text => {
	const start = performance.now();
	let last = '';
	let since = start;
	for (;;) {
		const shown = screen();
		const now = performance.now();
		if (shown !== last) {
			last = shown;
			since = now;
		}

		if (shown.includes(text) && now - since > settledMilliseconds) {
			return;
		}

		if (now - start > patienceMilliseconds) {
			throw new Error(`The screen never showed “${text}”:\n${shown}`);
		}

		await delay(50);
	}
};

const press = (...keys) => tmux('send-keys', '-t', 'main', ...keys);

const take = (name, title) => {
	const svg = toSvg([tmux('capture-pane', '-p', '-e', '-t', 'main')], {columns, rows, title});
	writeFileSync(join(media, name), svg);
	console.log(`${String(Math.ceil(svg.length / 1000)).padStart(4)} kB  media/${name}`);
};

mkdirSync(media, {recursive: true});
const demo = execFileSync(process.execPath, [cli, 'demo', '--path-only'], {
	encoding: 'utf8',
	env: plainEnvironment,
}).trim();
const demoEnvironment = {
	...plainEnvironment,
	HOME: join(demo, 'home'),
	PRINTKEEP_CONFIG_DIR: join(demo, 'settings'),
	XDG_DATA_HOME: join(demo, 'data'),
	TERM: 'screen-256color',
};
try {
	const words = ['env', '-i', ...Object.entries(demoEnvironment).map(([name, value]) => `${name}=${value}`)];
	tmux('new-session', '-d', '-s', 'main', '-x', String(columns), '-y', String(rows), ...words, process.execPath, cli);
	tmux('set-option', '-g', 'status', 'off');
	await waitFor('Last good backup');
	take('home.svg', 'The home screen: age of the last good backup, the last 14 days, free space, the newest backups');

	press('2');
	await waitFor('Made by');
	take('backups.svg', 'The list of backups: when, how large, how each was made, and that it is verified');

	press('b');
	await waitFor('Archive about');
	press('Down', 'Down', 'Space');
	await waitFor('Archive about');
	take('back-up.svg', 'Backing up: the parts with their sizes, the timelapses left out, the size to expect');

	// Something happens to the data, so that there is a reason to restore.
	const data = join(demo, 'home', '.octoprint');
	rmSync(join(data, 'uploads', 'toys'), {recursive: true});
	rmSync(join(data, 'printerProfiles', '_default.profile'));
	appendFileSync(join(data, 'config.yaml'), 'webcam:\n  webcamEnabled: false\n');
	writeFileSync(join(data, 'uploads', 'whistle.gcode'), 'G28\n'.repeat(20_000));
	press('2');
	await waitFor('Made by');
	press('r');
	await waitFor('Together');
	take('restore-plan.svg', 'What a restore would do: files added, changed, removed and kept, part by part');

	press('q');
} finally {
	try {
		tmux('kill-server');
	} catch {
		// It ended with the program.
	}

	rmSync(demo, {recursive: true, force: true});
	rmSync(work, {recursive: true, force: true});
}
