import {mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {join} from 'node:path';
import {onTestFinished} from 'vitest';
import type {ServerPorts} from '../../source/servers/adapter.js';
import {systemServerPorts} from '../../source/servers/ports.js';
import {runProgram} from './run-printkeep.js';
import {putFile} from './server-ports.js';
import {waitFor} from './wait-for.js';

/** What the made-up OctoPrint says of itself. */
export type PrinterState = 'idle' | 'printing' | 'paused' | 'silent';

export type FakeMachine = {
	readonly ports: ServerPorts;
	/** Starts the server as its unit would. */
	readonly start: () => Promise<void>;
	/** Waits until the server answers, which it does not from its first moment on. */
	readonly whenReady: () => Promise<void>;
	readonly say: (state: PrinterState) => void;
	/** Process id of the running server; undefined when it does not run. */
	readonly pid: () => number | undefined;
	/** What systemctl and sudo were called with, without what only looks. */
	readonly calls: () => readonly string[];
	/**
	 * Makes one of the programs behave badly: `stop` and `start` of systemctl fail, the server ignores being stopped or ends right after its start, or its
	 * start waits in systemd's queue. `anything`: sudo allows everything, with a password.
	 */
	readonly break: (what: 'stop' | 'start' | 'stubborn' | 'ends' | 'queued' | 'anything') => void;
	/** Command lines that sudo allows without a password. */
	readonly allow: (...commands: readonly string[]) => void;
	/** Control group that the server's processes get from now on. */
	readonly group: (name: string) => void;
};

/** A server in Python that answers like OctoPrint what the file `state` in the folder FAKE_STATE says. */
export const fakeOctoPrint = `#!/usr/bin/env python3
import http.server, json, os, signal, sys
here = os.environ['FAKE_STATE']
def flag(name):
    return os.path.exists(os.path.join(here, name))
if flag('stubborn'):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *arguments): pass
    def do_GET(self):
        with open(os.path.join(here, 'state')) as file:
            state = file.read()
        if state == 'silent':
            self.send_response(403); self.end_headers(); return
        flags = dict(operational=True, printing=state == 'printing', paused=state == 'paused', ready=state == 'idle')
        text = dict(idle='Operational', printing='Printing', paused='Paused')[state]
        body = dict(state=dict(text=text, flags=flags)) if self.path.startswith('/api/printer') else dict(
            job=dict(file=dict(name='benchy.gcode')), progress=dict(completion=43.2), state=text)
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header('Content-Length', str(len(data)))
        self.end_headers()
        self.wfile.write(data)
server = http.server.ThreadingHTTPServer(('127.0.0.1', int(sys.argv[sys.argv.index('--port') + 1])), Handler)
server.serve_forever()
`;

/** Knows one unit, and keeps for its process what a real /proc would say of one. */
const systemctl = `#!/bin/sh
set -e
scope=system
if [ "$1" = --user ]; then scope=user; shift; fi
verb=$1
running() { [ -f "$FAKE_STATE/pid" ] && tr -d '\\0' 2>/dev/null < "/proc/$(cat "$FAKE_STATE/pid")/cmdline" | grep -q .; }
case "$verb" in
	stop|start) echo "systemctl $*" >> "$FAKE_STATE/calls";;
esac
[ "$scope" = "$(cat "$FAKE_STATE/scope")" ] || exit 1
case "$verb" in
	list-unit-files) echo 'octoprint.service enabled enabled';;
	list-units) ;;
	show)
		echo Id=octoprint.service
		echo "ExecStart={ path=/x ; argv[]=/o/bin/octoprint serve --basedir $FAKE_DATA ; ignore_errors=no ; start_time=[n/a] }"
		if running; then echo ActiveState=active; elif [ -f "$FAKE_STATE/ends" ]; then echo ActiveState=failed; else echo ActiveState=inactive; fi
		if [ -f "$FAKE_STATE/queued" ]; then echo Job=12; else echo Job=0; fi;;
	stop)
		if [ -f "$FAKE_STATE/stop" ]; then echo 'Failed to stop octoprint.service: Access denied' >&2; exit 4; fi
		if running; then kill "$(cat "$FAKE_STATE/pid")"; fi;;
	start)
		if [ -f "$FAKE_STATE/start" ]; then echo 'Failed to start octoprint.service: Unit is masked.' >&2; exit 1; fi
		if [ -f "$FAKE_STATE/ends" ] || [ -f "$FAKE_STATE/queued" ]; then exit 0; fi
		if running; then exit 0; fi
		python3 "$FAKE_BIN/octoprint" serve --basedir "$FAKE_DATA" --port "$FAKE_PORT" </dev/null >/dev/null 2>&1 &
		pid=$!
		mkdir -p "$FAKE_PROC/$pid"
		for name in cmdline status environ cwd root; do ln -s "/proc/$pid/$name" "$FAKE_PROC/$pid/$name"; done
		cp "$FAKE_STATE/group" "$FAKE_PROC/$pid/cgroup"
		echo $pid > "$FAKE_STATE/pid";;
esac
`;

/** Lists rights as sudo does. A line in `sudoers` needs no password; with `anything` everything else is allowed with one. */
const sudo = `#!/bin/sh
[ "$1" = -n ] || exit 1
shift
if [ "$1 $#" = '-l 1' ]; then
	if [ ! -s "$FAKE_STATE/sudoers" ]; then echo 'sudo: a password is required' >&2; exit 1; fi
	echo 'Matching Defaults entries for pi on board:'
	echo '    env_reset, mail_badpass, secure_path=/usr/sbin\\:/usr/bin'
	echo
	echo 'User pi may run the following commands on board:'
	if [ -f "$FAKE_STATE/anything" ]; then echo '    (ALL : ALL) ALL'; fi
	sed 's|^|    (root) NOPASSWD: /usr/bin/|' "$FAKE_STATE/sudoers"
	exit 0
fi
look=
if [ "$1" = -l ]; then look=yes; shift 2; fi
if ! grep -qxF "$*" "$FAKE_STATE/sudoers"; then
	if [ -n "$look" ] && [ -f "$FAKE_STATE/anything" ]; then exit 0; fi
	echo 'sudo: a password is required' >&2
	exit 1
fi
[ -n "$look" ] && exit 0
echo "sudo $*" >> "$FAKE_STATE/calls"
exec "$@"
`;

/** OctoPi's way, by the short name. */
const service = `#!/bin/sh
exec systemctl "$2" "$1.service"
`;

const freePort = async (): Promise<number> =>
	new Promise((resolve, reject) => {
		const server = createServer();
		server.listen(0, '127.0.0.1', () => {
			const address = server.address();
			server.close(() => {
				if (address !== null && typeof address === 'object') {
					resolve(address.port);
				} else {
					reject(new Error('no port'));
				}
			});
		});
	});

/**
 * A machine with systemd, sudo and an OctoPrint that can be asked, made of real programs and processes; only what they do inside is made up. It ends
 * with the test.
 * @param root a folder of the test's.
 */
export const fakeMachine = async (
	root: string,
	{dataFolder, scope = 'system'}: {readonly dataFolder: string; readonly scope?: 'system' | 'user'},
): Promise<FakeMachine> => {
	const bin = join(root, 'bin');
	const state = join(root, 'machine');
	const processFolder = join(root, 'proc');
	const port = await freePort();
	mkdirSync(processFolder, {recursive: true});
	const programs = {
		octoprint: fakeOctoPrint,
		systemctl,
		sudo,
		service,
		docker: '#!/bin/sh\necho "0123456789abcdef octoprint-1"\n',
	};
	for (const [name, text] of Object.entries(programs)) {
		putFile(join(bin, name), text);
	}

	await runProgram('chmod', ['-R', '755', bin], {env: process.env});
	const set = (name: string, text = ''): void => {
		putFile(join(state, name), text);
	};

	set('state', 'idle');
	set('scope', `${scope}\n`);
	set('sudoers');
	set('calls');
	set('group', '0::/system.slice/octoprint.service\n');
	const environment = {
		...process.env,
		PATH: `${bin}:${process.env.PATH}`,
		FAKE_BIN: bin,
		FAKE_STATE: state,
		FAKE_DATA: dataFolder,
		FAKE_PROC: processFolder,
		FAKE_PORT: String(port),
	};
	const pid = (): number | undefined => {
		try {
			const found = readFileSync(join(state, 'pid'), 'utf8').trim();
			// One that has ended and that nobody has asked after yet has no arguments any more.
			return readFileSync(join(processFolder, found, 'cmdline'), 'utf8') === '' ? undefined : Number(found);
		} catch {
			return undefined;
		}
	};

	onTestFinished(() => {
		const running = pid();
		if (running !== undefined) {
			process.kill(running, 'SIGKILL');
		}
	});
	const ports: ServerPorts = {...systemServerPorts(environment), homeDirectories: () => [], processFolder};
	const whenReady = async (): Promise<void> => {
		await waitFor('the server to answer', async () => {
			const options = {headers: {}, timeoutMilliseconds: 1000, maximumBytes: 10_000};
			return (await ports.request(`http://127.0.0.1:${port}/api/job`, options)).type === 'answer';
		});
	};

	return {
		ports,
		whenReady,
		async start() {
			await ports.execute('systemctl', [...(scope === 'user' ? ['--user'] : []), 'start', 'octoprint.service'], 10_000);
			rmSync(join(state, 'calls'));
			set('calls');
			await whenReady();
		},
		say(text) {
			writeFileSync(join(state, 'state'), text);
		},
		pid,
		calls: () =>
			readFileSync(join(state, 'calls'), 'utf8')
				.split('\n')
				.filter(line => line !== ''),
		break(what) {
			set(what);
		},
		allow(...commands) {
			set('sudoers', `${commands.join('\n')}\n`);
		},
		group(name) {
			set('group', `${name}\n`);
		},
	};
};
