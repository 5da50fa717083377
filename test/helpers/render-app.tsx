/** The real dashboard on a terminal in memory. */
import {join} from 'node:path';
import {render} from 'ink';
import {createElement, type ReactElement} from 'react';
import {onTestFinished} from 'vitest';
import type {Client} from '../../source/client/client.js';
import type {Clock} from '../../source/clock.js';
import {App} from '../../source/dashboard/app.js';
import {createDashboard} from '../../source/dashboard/create-dashboard.js';
import type {DashboardContextValue} from '../../source/dashboard/dashboard-context.js';
import type {Route} from '../../source/dashboard/router.js';
import {asciiSymbols, unicodeSymbols} from '../../source/dashboard/symbols.js';
import {noWrap} from '../../source/dashboard/terminal/escapes.js';
import {repaint} from '../../source/dashboard/terminal/repaint.js';
import {resolvePaths} from '../../source/settings/paths.js';
import type {TargetOptions} from '../../source/settings/resolve-target.js';
import {openSettings} from '../../source/settings/store.js';
import {scriptedNow} from './scripted-client.js';
import {temporaryDirectory} from './test-directory.js';
import {bytesOf, openVirtualTerminal, type VirtualTerminal} from './virtual-terminal.js';
import {waitFor} from './wait-for.js';

export type RenderedApp = {
	readonly terminal: VirtualTerminal;
	readonly dashboard: DashboardContextValue;
	/** Presses keys one after the other, each by name (`Down`, `Ctrl+u`, `b`), letting each take effect. */
	readonly press: (...keys: readonly string[]) => Promise<void>;
	/** Types a text in one go. */
	readonly type: (text: string) => Promise<void>;
	/** The screen as it is now, all its rows. */
	readonly screen: () => Promise<string>;
	/** Waits until the screen shows something. */
	readonly shows: (expected: string | RegExp) => Promise<string>;
	/** Waits until the screen does not show something any more. */
	readonly hides: (text: string) => Promise<string>;
	/** Waits until nothing more is written. */
	readonly settle: () => Promise<void>;
	/** Exit codes the dashboard has asked to leave with. */
	readonly exits: readonly number[];
};

export type RenderOptions = {
	readonly client: Client | (() => Client | Promise<Client>);
	readonly columns?: number;
	readonly rows?: number;
	readonly unicode?: boolean;
	readonly color?: boolean;
	readonly target?: TargetOptions;
	readonly route?: Route;
	readonly clock?: Clock;
	/** Offered where no print server was found. */
	readonly openDemo?: () => void;
	/** Folder for settings and state; a new one when missing. */
	readonly folder?: string;
};

/** Draws the dashboard; it is taken down when the running test has finished. */
export const renderApp = async ({
	client,
	columns = 80,
	rows = 24,
	unicode = true,
	color = false,
	target = {basedir: '/home/pi/.octoprint', store: '/srv/backups'},
	route,
	clock = {now: () => scriptedNow, monotonic: () => performance.now()},
	folder = temporaryDirectory(),
	openDemo,
}: RenderOptions): Promise<RenderedApp> => {
	const terminal = openVirtualTerminal(columns, rows);
	const environment = {PRINTKEEP_CONFIG_DIR: join(folder, 'settings'), TERM: 'xterm-256color', LANG: 'C.UTF-8'};
	const paths = resolvePaths({environment, homeDirectory: folder});
	const exits: number[] = [];
	const leave = (exitCode: number): void => {
		exits.push(exitCode);
	};

	const dashboard = createDashboard({
		createClient: typeof client === 'function' ? client : () => client,
		settings: openSettings(paths),
		paths,
		environment,
		target,
		color,
		symbols: unicode ? unicodeSymbols : asciiSymbols,
		log: {record: () => undefined},
		clock,
		host: {
			quit: leave,
			stop: leave,
			suspend: () => undefined,
			repaint: () => repaint(ink, terminal.stdout, app),
			openDemo,
		},
	});
	if (route) {
		dashboard.value.router.go(route);
	}

	const write = (text: string): void => {
		terminal.stdout.write(text);
	};

	const app = (): ReactElement => createElement(App, {dashboard: dashboard.value, onTerminal: () => undefined});
	// As the session does; without it a line that is too wide for a moment would spill into the next.
	write(noWrap);
	const ink = render(app(), {
		stdin: terminal.stdin,
		stdout: terminal.stdout,
		stderr: terminal.stdout,
		interactive: true,
		alternateScreen: true,
		incrementalRendering: true,
		patchConsole: false,
		exitOnCtrlC: false,
	});
	onTestFinished(async () => {
		ink.unmount();
		await dashboard.close();
	});
	const settle = async (): Promise<void> => ink.waitUntilRenderFlush();
	const screen = async (): Promise<string> => {
		await settle();
		return (await terminal.screen()).join('\n');
	};

	void dashboard.connect();
	const press = async (...keys: readonly string[]): Promise<void> => {
		await settle();
		for (const key of keys) {
			terminal.send(bytesOf(key));
			if (key === 'Escape') {
				// Ink waits a moment for the rest of a sequence that may follow.
				await new Promise(resolve => {
					setTimeout(resolve, 30);
				});
			}

			await settle();
		}
	};

	let last = '';
	const when = async (what: string, holds: (text: string) => boolean): Promise<string> =>
		waitFor(
			what,
			async () => {
				last = await screen();
				return holds(last) && last;
			},
			{timeout: 4000, interval: 10, describe: () => last},
		);

	return {
		terminal,
		dashboard: dashboard.value,
		press,
		type: async text => {
			await settle();
			terminal.send(text);
			// What arrives together is taken key by key, with a drawing after each.
			for (let turn = 0; turn < 3 * text.length; turn++) {
				await new Promise(resolve => {
					setImmediate(resolve);
				});
			}

			await settle();
		},
		screen,
		shows: async expected =>
			when(`the screen to show ${String(expected)}`, text =>
				typeof expected === 'string' ? text.includes(expected) : expected.test(text),
			),
		hides: async text => when(`the screen not to show ${text}`, shown => !shown.includes(text)),
		settle,
		exits,
	};
};
