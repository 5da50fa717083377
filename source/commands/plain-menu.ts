/**
 * The linear front end: numbered menus on plain lines for `--plain` and for screen readers. Every choice runs the command that does
 * the same, so that what is asked, printed and refused is the same as there.
 */
import type {BackupSummary} from '../client/protocol.js';
import {formatBytes} from '../format/bytes.js';
import {plural} from '../format/plural.js';
import {relativeTime} from '../format/relative-time.js';
import {safeText} from '../format/safe-text.js';
import {shellCommand} from '../format/shell-quote.js';
import {healthWord} from './describe.js';

type Answer = string | null;

export type PlainMenuPorts = {
	/** Prints one line. */
	readonly print: (line: string) => void;
	/** Asks for a line; null when the input ends. */
	readonly ask: (question: string) => Promise<Answer>;
	/** Runs a command line as if it had been typed; what fails has been printed. */
	readonly run: (argv: readonly string[]) => Promise<number>;
	/** Every backup, newest first; empty when they cannot be listed, which has been printed then. */
	readonly backups: () => Promise<readonly BackupSummary[]>;
	readonly now: () => number;
};

/** Null ends the whole front end. */
type Choice = {readonly label: string; readonly run: () => Promise<'again' | 'back'>};

/** Backups read out before the rest is asked for. */
const pageLength = 10;

const ended = Symbol('ended');

/** Shows a numbered menu until it is left. Rejects with `ended` when the input ends. */
const menu = async ({print, ask}: PlainMenuPorts, title: () => string, choices: readonly Choice[]): Promise<void> => {
	for (;;) {
		print('');
		print(title());
		for (const [index, {label}] of choices.entries()) {
			print(`${index + 1}  ${label}`);
		}

		const answer = await ask(`Number, 1 to ${choices.length}: `);
		if (answer === null) {
			throw ended;
		}

		const choice = choices[Number(answer.trim()) - 1];
		if (!choice) {
			print(answer.trim() === '' ? 'Type the number of a line above.' : `There is no line ${safeText(answer.trim())}.`);
		} else if ((await choice.run()) === 'back') {
			return;
		}
	}
};

/** Asks for a text; undefined when nothing is typed. */
const askText = async ({ask}: PlainMenuPorts, question: string): Promise<string | undefined> => {
	const answer = await ask(question);
	if (answer === null) {
		throw ended;
	}

	return answer.trim() === '' ? undefined : answer.trim();
};

const backupMenu = async (ports: PlainMenuPorts, backup: BackupSummary): Promise<void> => {
	const {print, run} = ports;
	const {key, origin} = backup;
	let pinned = backup.pinned;
	const from = ['--origin', origin];
	const doing = (label: string, argv: () => readonly string[], next: 'again' | 'back' = 'again'): Choice => ({
		label,
		run: async () => {
			print(`As a command: ${shellCommand(['printkeep', ...argv()])}`);
			await run(argv());
			return next;
		},
	});
	const asking = (label: string, question: string, argv: (text: string) => readonly string[]): Choice => ({
		label,
		run: async () => {
			const text = await askText(ports, question);
			if (text !== undefined) {
				print(`As a command: ${shellCommand(['printkeep', ...argv(text)])}`);
				await run(argv(text));
			}

			return 'again';
		},
	});
	await menu(ports, () => `Backup ${safeText(key)}`, [
		doing('Show what is in it', () => ['show', ...from, '--', key]),
		doing('Verify it', () => ['verify', ...from, '--', key]),
		doing('Restore it; first you are told what would change', () => ['restore', ...from, '--', key]),
		asking('Restore it into another folder', 'Folder, or Enter alone to stop: ', folder => [
			'restore',
			...from,
			'--to',
			folder,
			'--',
			key,
		]),
		asking('Export it to a file', 'File or folder, or Enter alone to stop: ', path => [
			'export',
			...from,
			'--',
			key,
			path,
		]),
		...(origin === 'store'
			? [
					{
						label: 'Pin it, or unpin it',
						run: async () => {
							const code = await run([pinned ? 'unpin' : 'pin', '--', key]);
							pinned = code === 0 ? !pinned : pinned;
							return 'again' as const;
						},
					},
					doing('Delete it', () => ['delete', '--', key], 'back'),
				]
			: []),
		{label: 'Back', run: async () => 'back'},
	]);
};

const chooseBackup = async (ports: PlainMenuPorts): Promise<void> => {
	const {print, now} = ports;
	const backups = await ports.backups();
	print('');
	print(
		backups.length === 0
			? 'There is no backup yet: choose Back up.'
			: `${plural(backups.length, 'backup')}, newest first`,
	);
	for (let start = 0; start < backups.length; start += pageLength) {
		for (const [index, backup] of backups.slice(start, start + pageLength).entries()) {
			const {createdAt, bytes, health, key, pinned} = backup;
			print(
				`${start + index + 1}  ${healthWord(health)}, ${relativeTime(createdAt, now())}, ${formatBytes(bytes)}${pinned ? ', pinned' : ''}, ${safeText(key)}`,
			);
		}

		const more = start + pageLength < backups.length;
		const answer = await askText(ports, more ? 'Number, or Enter for more: ' : 'Number, or Enter to go back: ');
		const backup = answer === undefined ? undefined : backups[Number(answer) - 1];
		if (backup) {
			await backupMenu(ports, backup);
			return;
		}

		if (answer !== undefined) {
			print(`There is no line ${safeText(answer)}.`);
			return;
		}
	}
};

/**
 * Runs the menus until they are left or the input ends.
 * @returns the exit code, 0.
 */
export const plainMenu = async (ports: PlainMenuPorts): Promise<number> => {
	const {run} = ports;
	const doing = (label: string, ...argv: readonly string[]): Choice => ({
		label,
		run: async () => {
			await run(argv);
			return 'again';
		},
	});
	try {
		await run(['status']);
		await menu(ports, () => 'printkeep', [
			doing('Back up now', 'backup'),
			{
				label: 'List the backups and choose one',
				run: async () => {
					await chooseBackup(ports);
					return 'again';
				},
			},
			doing('Verify all backups', 'verify', '--all'),
			{
				label: 'Import a backup from a file',
				run: async () => {
					const file = await askText(ports, 'File, or Enter alone to stop: ');
					if (file !== undefined) {
						await run(['import', '--', file]);
					}

					return 'again';
				},
			},
			doing('Undo the last restore', 'undo'),
			doing('Clean up what an earlier run left behind', 'recover'),
			doing('Show the state', 'status'),
			doing('Check everything', 'doctor'),
			doing('Show the settings', 'config', 'list'),
			{label: 'Quit', run: async () => 'back'},
		]);
	} catch (error) {
		if (error !== ended) {
			throw error;
		}
	}

	return 0;
};
