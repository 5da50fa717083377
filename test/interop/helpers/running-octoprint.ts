import {spawn} from 'node:child_process';
import {mkdirSync, openSync, readFileSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {join} from 'node:path';
import {isolatedEnvironment} from '../../helpers/run-printkeep.js';
import {waitFor} from '../../helpers/wait-for.js';

export type RunningOctoPrint = {
	readonly dataFolder: string;
	readonly port: number;
	readonly pid: () => number;
	/** Asks its API with a key that may do everything. */
	readonly api: (path: string, body?: object) => Promise<{readonly status: number; readonly json: unknown}>;
	/** Waits until its printer is in a state, as it says itself. */
	readonly whenState: (pattern: RegExp) => Promise<void>;
	/** A command line that starts it again, and comes back. */
	readonly startCommand: string;
};

/** The one key older versions have in their configuration, and an application key as people make them today. */
export const globalKey = '0123456789ABCDEF0123456789ABCDEF';
export const applicationKey = 'FEDCBA9876543210FEDCBA9876543210';

const configuration = (port: number): string => `server:
  firstRun: false
  host: 127.0.0.1
  port: ${port}
  onlineCheck:
    enabled: false
  pluginBlacklist:
    enabled: false
api:
  key: ${globalKey}
serial:
  port: VIRTUAL
  autoconnect: true
plugins:
  virtual_printer:
    enabled: true
  _disabled:
  - tracking
  - softwareupdate
  - announcements
  - discovery
  - errortracking
`;

/** A TCP port nobody listens on. */
export const freePort = async (): Promise<number> =>
	new Promise(resolve => {
		const server = createServer();
		server.listen(0, '127.0.0.1', () => {
			const address = server.address();
			server.close(() => {
				resolve(address !== null && typeof address === 'object' ? address.port : 0);
			});
		});
	});

/** Starts the real OctoPrint with its virtual printer and one file to print, which takes some minutes. The caller ends it. */
export const startOctoPrint = async (environment: string, root: string): Promise<RunningOctoPrint> => {
	const dataFolder = join(root, 'octoprint');
	const port = await freePort();
	const put = (name: string, text: string): void => {
		mkdirSync(join(dataFolder, name, '..'), {recursive: true});
		writeFileSync(join(dataFolder, name), text, {mode: 0o600});
	};

	put('config.yaml', configuration(port));
	put(
		'users.yaml',
		'maker:\n  active: true\n  apikey: null\n  groups: [admins, users]\n  password: x\n  settings: {}\n',
	);
	put('data/appkeys/keys.yaml', `maker:\n- api_key: ${applicationKey}\n  app_id: printkeep\n`);
	put('uploads/benchy.gcode', `G28\n${'G4 P200\n'.repeat(2000)}`);
	const pidFile = join(root, 'octoprint.pid');
	const script = join(root, 'start.sh');
	writeFileSync(
		script,
		`'${environment}/bin/octoprint' serve --basedir '${dataFolder}' --iknowwhatimdoing </dev/null >>'${root}/octoprint.out' 2>&1 &\necho $! > '${pidFile}'\n`,
	);
	const startCommand = `/bin/sh '${script}'`;
	const log = openSync(join(root, 'start.out'), 'a');
	spawn('/bin/sh', [script], {
		stdio: ['ignore', log, log],
		env: {
			...isolatedEnvironment(join(root, 'home')),
			http_proxy: 'http://127.0.0.1:9',
			https_proxy: 'http://127.0.0.1:9',
		},
	});
	const api: RunningOctoPrint['api'] = async (path, body) => {
		const response = await fetch(`http://127.0.0.1:${port}/api/${path}`, {
			headers: {'X-Api-Key': applicationKey, 'Content-Type': 'application/json'},
			...(body === undefined ? {} : {method: 'POST', body: JSON.stringify(body)}),
		});
		const text = await response.text();
		return {status: response.status, json: text === '' ? null : JSON.parse(text)};
	};

	return {
		dataFolder,
		port,
		pid: () => Number(readFileSync(pidFile, 'utf8')),
		api,
		async whenState(pattern) {
			let last = '';
			await waitFor(
				`OctoPrint to be ${pattern.source}`,
				async () => {
					try {
						const {json} = await api('job');
						last = JSON.stringify(json);
						return pattern.test((json as {readonly state?: string}).state ?? '');
					} catch (error) {
						last = String(error);
						return false;
					}
				},
				{timeout: 120_000, interval: 100, describe: () => last},
			);
		},
		startCommand,
	};
};
