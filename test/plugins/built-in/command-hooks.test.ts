/** Command hooks with real programs, in the real plugin thread. */
import {chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs';
import {homedir} from 'node:os';
import {join} from 'node:path';
import {afterEach, expect, test} from 'vitest';
import type {PluginRecordData} from '../../../source/plugins/api.js';
import {type BuiltInHost, startBuiltIn} from '../../helpers/built-in-host.js';
import {temporaryDirectory} from '../../helpers/test-directory.js';
import {waitFor} from '../../helpers/wait-for.js';

const open: BuiltInHost[] = [];

afterEach(async () => {
	await Promise.all(open.splice(0).map(async ({host}) => host.close()));
});

const setUp = (
	commands: PluginRecordData,
	{root = temporaryDirectory(), ...settings}: {root?: string} & PluginRecordData = {},
) => {
	const built = startBuiltIn('command-hooks', root, {settings: {instances: {octoprint: commands}, ...settings}});
	open.push(built);
	const options = {instance: built.instance};
	const beforeBackup = async (signal?: AbortSignal) =>
		built.host.call(
			'command-hooks',
			'beforeBackup',
			{excludes: ['timelapse', 'data/x y'], trigger: 'auto', note: ''},
			{...options, signal},
		);
	const afterBackup = async (error: {code: string; message: string} | null = null) =>
		built.host.call(
			'command-hooks',
			'afterBackup',
			error
				? {error, key: null, path: null, files: 0, bytes: 0, skipped: 0}
				: {error: null, key: 'a.zip', path: '/store/a.zip', files: 12, bytes: 3456, skipped: 2},
			options,
		);
	return {...built, root, options, beforeBackup, afterBackup};
};

const script = (root: string, name: string, text: string, mode = 0o700): string => {
	const path = join(root, name);
	writeFileSync(path, `#!/bin/sh\n${text}\n`);
	chmodSync(path, mode);
	return path;
};

/** What a program wrote, from the log. */
const outputOf = (lines: readonly string[], phase: string): readonly string[] =>
	lines.filter(line => line.startsWith(`info ${phase} | `)).map(line => line.slice(`info ${phase} | `.length));

const isAlive = (pid: number): boolean => {
	try {
		process.kill(pid, 0);
		// One that is dead and not yet collected by its parent is still there to the system.
		return !/^State:\s+Z/mu.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
	} catch {
		return false;
	}
};

const gone = async (what: string, file: string): Promise<void> => {
	const pid = Number(readFileSync(file, 'utf8'));
	expect(pid).toBeGreaterThan(1);
	await waitFor(`${what} to be gone`, () => !isAlive(pid), {timeout: 3000});
};

test('a command does not outlive the thread that another plugin has broken', async () => {
	const root = temporaryDirectory();
	const slow = script(root, 'slow', `echo $$ > ${root}/slow.pid; sleep 600`);
	const other = join(root, 'loops.mjs');
	writeFileSync(other, `export default {apiVersion: 1, id: 'loops', get() { for (;;); }};\n`, {mode: 0o600});
	const built = startBuiltIn('command-hooks', root, {
		settings: {instances: {octoprint: {'before-backup': slow}}, timeLimitSeconds: 900},
		others: [other],
	});
	open.push(built);
	const {host, instance} = built;
	const backup = {excludes: [], trigger: 'auto', note: ''} as const;
	const asked = host.call('command-hooks', 'beforeBackup', backup, {instance}).catch((error: Error) => error.message);
	await waitFor('the command to run', () => existsSync(`${root}/slow.pid`) && readFileSync(`${root}/slow.pid`, 'utf8'));
	await expect(host.call('loops', 'get', null)).rejects.toThrow('kept the plugin thread busy');
	expect(await asked).toContain('The plugin thread was ended because of loops.');
	await gone('the command', `${root}/slow.pid`);
});

test('a command has the environment that is written down, and nothing else', async () => {
	const env = '/usr/bin/env';
	const {host, instance, lines, options, beforeBackup, afterBackup} = setUp({
		'before-backup': env,
		'after-backup': env,
		'before-restore': env,
		'after-restore': env,
	});
	const common = (phase: string): readonly string[] => [
		'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
		`HOME=${homedir()}`,
		'LANG=C.UTF-8',
		`PRINTKEEP_PHASE=${phase}`,
		'PRINTKEEP_INSTANCE=octoprint',
		`PRINTKEEP_DATA_FOLDER=${instance.dataFolder}`,
		`PRINTKEEP_STORE=${instance.store}`,
	];
	await beforeBackup();
	expect(outputOf(lines, 'before-backup').toSorted()).toEqual(
		[...common('before-backup'), 'PRINTKEEP_TRIGGER=auto', 'PRINTKEEP_EXCLUDES=timelapse', 'data/x y'].toSorted(),
	);
	await afterBackup();
	expect(outputOf(lines, 'after-backup').toSorted()).toEqual(
		[
			...common('after-backup'),
			'PRINTKEEP_ERROR=',
			'PRINTKEEP_ERROR_MESSAGE=',
			'PRINTKEEP_KEY=a.zip',
			'PRINTKEEP_PATH=/store/a.zip',
			'PRINTKEEP_FILES=12',
			'PRINTKEEP_BYTES=3456',
			'PRINTKEEP_SKIPPED=2',
		].toSorted(),
	);
	const restore = {key: 'b.zip', destination: '/data', inPlace: true};
	await host.call('command-hooks', 'beforeRestore', restore, options);
	const told = ['PRINTKEEP_KEY=b.zip', 'PRINTKEEP_DESTINATION=/data', 'PRINTKEEP_IN_PLACE=yes'];
	expect(outputOf(lines, 'before-restore').toSorted()).toEqual([...common('before-restore'), ...told].toSorted());
	const error = {code: 'no-space', message: 'There is no space.'};
	await host.call('command-hooks', 'afterRestore', {...restore, error}, options);
	expect(outputOf(lines, 'after-restore').toSorted()).toEqual(
		[
			...common('after-restore'),
			...told,
			'PRINTKEEP_ERROR=no-space',
			'PRINTKEEP_ERROR_MESSAGE=There is no space.',
		].toSorted(),
	);
});

test('words reach the program as they are: nothing is expanded, and no shell is there', async () => {
	const {lines, beforeBackup} = setUp({'before-backup': `/usr/bin/printf '<%s>' 'a b' '$HOME' * '\`id\`' ''`});
	await beforeBackup();
	expect(outputOf(lines, 'before-backup')).toEqual(['<a b><$HOME><*><`id`><>']);
});

test('an instance without commands of its own has those of *, and nothing runs where there are none', async () => {
	const root = temporaryDirectory();
	const {host, lines, options} = setUp({}, {root, instances: {'*': {'before-backup': '/bin/echo any'}}});
	const input = {excludes: [], trigger: 'manual', note: ''};
	await host.call('command-hooks', 'beforeBackup', input, options);
	expect(outputOf(lines, 'before-backup')).toEqual(['any']);
	const own = setUp({'after-backup': '/bin/echo mine'}, {root});
	await own.beforeBackup();
	expect(outputOf(own.lines, 'before-backup')).toEqual([]);
});

test('what ends with anything but 0 fails the hook with its code and its last words; the next is still asked', async () => {
	const root = temporaryDirectory();
	const {beforeBackup, afterBackup, lines, failures} = setUp(
		{
			'before-backup': script(root, 'fail', 'echo first; printf "the disk \\033[31mis not there\\n" >&2; exit 7'),
			'after-backup': '/usr/bin/env',
		},
		{root},
	);
	await expect(beforeBackup()).rejects.toMatchObject({
		code: 'plugin-failed',
		message: expect.stringMatching(
			/before-backup failed: .*\/fail ended with code 7: the disk \\x1b\[31mis not there/u,
		),
	});
	expect(failures).toHaveLength(1);
	await afterBackup({code: 'plugin-failed', message: 'The command failed.'});
	expect(outputOf(lines, 'after-backup')).toContain('PRINTKEEP_ERROR=plugin-failed');
	expect(outputOf(lines, 'after-backup')).toContain('PRINTKEEP_KEY=');
});

test('what is killed by a signal, and what cannot be started, is said so', async () => {
	const root = temporaryDirectory();
	const noInterpreter = join(root, 'no-interpreter');
	writeFileSync(noInterpreter, '#!/nowhere/sh\n', {mode: 0o700});
	const {beforeBackup, afterBackup} = setUp(
		{'before-backup': script(root, 'killed', 'kill -SEGV $$'), 'after-backup': noInterpreter},
		{root},
	);
	await expect(beforeBackup()).rejects.toThrow(/ended with the signal SIGSEGV/u);
	await expect(afterBackup()).rejects.toThrow(/could not be started: .*ENOENT/u);
});

test('what takes too long is ended with all that it has started, also when that does not want to', async () => {
	const root = temporaryDirectory();
	const stubborn = script(
		root,
		'stubborn',
		`trap '' TERM
echo $$ > '${root}/child'
(trap '' TERM; echo "$(exec sh -c 'echo $PPID')" > '${root}/grandchild'; while :; do sleep 1; done) &
echo waiting
while :; do sleep 1; done`,
	);
	const {beforeBackup, lines} = setUp({'before-backup': stubborn}, {root, timeLimitSeconds: 1, graceSeconds: 0.3});
	await expect(beforeBackup()).rejects.toThrow(/was ended after \d\.\d s because it took too long\.$/u);
	await gone('the child', join(root, 'child'));
	await gone('the grandchild', join(root, 'grandchild'));
	expect(outputOf(lines, 'before-backup')).toEqual(['waiting']);
});

test('what ends when it is asked to has its grace to clean up', async () => {
	const root = temporaryDirectory();
	const polite = script(
		root,
		'polite',
		`trap 'sleep 0.3; echo done > "${root}/cleaned"; exit 0' TERM
while :; do sleep 0.1; done`,
	);
	const {beforeBackup} = setUp({'before-backup': polite}, {root, timeLimitSeconds: 0.5, graceSeconds: 20});
	await expect(beforeBackup()).rejects.toThrow(/took too long/u);
	expect(readFileSync(join(root, 'cleaned'), 'utf8')).toBe('done\n');
});

test('cancelled, it is ended as a whole, and the command after it waits for that', async () => {
	const root = temporaryDirectory();
	const slow = script(
		root,
		'slow',
		`trap 'sleep 0.5; echo over > "${root}/over"; exit 0' TERM
echo $$ > '${root}/child'
sleep 1000 & echo $! > '${root}/grandchild'
touch '${root}/ready'
while :; do sleep 0.1; done`,
	);
	const after = script(root, 'after', `test -e '${root}/over' && echo "after $PRINTKEEP_ERROR"`);
	const {beforeBackup, afterBackup, lines, failures} = setUp({'before-backup': slow, 'after-backup': after}, {root});
	const controller = new AbortController();
	const asked = beforeBackup(controller.signal);
	await waitFor('the command to run', () => existsSync(join(root, 'ready')));
	controller.abort(new Error('cancelled'));
	await expect(asked).rejects.toThrow('cancelled');
	await afterBackup({code: 'cancelled', message: 'The job was cancelled.'});
	expect(outputOf(lines, 'after-backup')).toEqual(['after cancelled']);
	await gone('the child', join(root, 'child'));
	await gone('the grandchild', join(root, 'grandchild'));
	expect(failures).toEqual([]);
});

test('what still runs when printkeep ends is ended with it', async () => {
	const root = temporaryDirectory();
	const slow = script(root, 'slow', `echo $$ > '${root}/child'; touch '${root}/ready'; exec sleep 1000`);
	const {beforeBackup, host} = setUp({'before-backup': slow}, {root});
	const controller = new AbortController();
	const asked = beforeBackup(controller.signal);
	await waitFor('the command to run', () => existsSync(join(root, 'ready')));
	controller.abort(new Error('cancelled'));
	await expect(asked).rejects.toThrow('cancelled');
	await host.close();
	await gone('the child', join(root, 'child'));
});

test('a flood of output costs neither memory nor the plugin: beginning and end are in the log', async () => {
	const root = temporaryDirectory();
	const flood = script(root, 'flood', 'echo beginning; yes 0123456789 | head -c 60000000; echo >&2; echo end >&2');
	const {beforeBackup, afterBackup, lines, host} = setUp({'before-backup': flood, 'after-backup': flood}, {root});
	await beforeBackup();
	await afterBackup();
	for (const phase of ['before-backup', 'after-backup']) {
		const output = outputOf(lines, phase);
		expect(output[0]).toMatch(/^beginning ⏎ 0123456789 ⏎/u);
		expect(output.at(-1)).toMatch(/⏎ end$/u);
		expect(output.join('\n')).toMatch(/… \d+ bytes are left out here …/u);
		expect(output.join('').length).toBeLessThan(100_000);
	}

	expect(lines.length).toBeLessThan(150);
	expect(host.plugins()[0]).toMatchObject({state: 'active', reason: ''});
});

test('what is left in the background holds nothing up, and lives on', async () => {
	const root = temporaryDirectory();
	const leaves = script(root, 'leaves', `sleep 1000 & echo $! > '${root}/left'; echo started`);
	const {beforeBackup, lines} = setUp({'before-backup': leaves}, {root});
	await beforeBackup();
	expect(outputOf(lines, 'before-backup')).toEqual(['started']);
	const pid = Number(readFileSync(join(root, 'left'), 'utf8'));
	expect(isAlive(pid)).toBe(true);
	process.kill(pid, 'SIGKILL');
});

test('a program somebody else could have changed is not run, and the reason names the place', async () => {
	const root = temporaryDirectory();
	const ran = join(root, 'ran');
	const touching = `touch '${ran}'`;
	const inFolder = (folder: string, mode: number): string => {
		mkdirSync(join(root, folder));
		const path = script(join(root, folder), 'hook', touching);
		chmodSync(join(root, folder), mode);
		return path;
	};

	const good = inFolder('good', 0o755);
	inFolder('open', 0o777);
	symlinkSync(good, join(root, 'open/link'));
	const cases: readonly (readonly [string, RegExp])[] = [
		[script(root, 'by-all', touching, 0o707), /by-all can be written by everybody/u],
		[script(root, 'by-group', touching, 0o770), /by-group can be written by its group/u],
		[join(root, 'open/hook'), /open can be written by everybody/u],
		[join(root, 'open/link'), /open can be written by everybody/u],
		[script(root, 'no-program', touching, 0o600), /no-program may not be run: it is not executable/u],
		[join(root, 'missing'), /missing does not exist/u],
		[join(root, 'good'), /good is no file/u],
		['hook', /hook is no absolute path/u],
		['./hook', /does not start with \//u],
		[`${good} && ${good}`, /& means something only to a shell/u],
	];
	for (const [commandLine, reason] of cases) {
		const {beforeBackup, host} = setUp({'before-backup': commandLine}, {root});
		await expect(beforeBackup(), commandLine).rejects.toThrow(reason);
		expect(await host.call('command-hooks', 'get', null), commandLine).toMatchObject({
			commands: [{phase: 'before-backup', problem: expect.stringMatching(reason)}],
		});
	}

	expect(existsSync(ran)).toBe(false);
	await setUp({'before-backup': good}, {root}).beforeBackup();
	expect(existsSync(ran)).toBe(true);
});

test('a command is set by its place in the settings, and what is none is refused', async () => {
	const {host, stored, options} = setUp({}, {instances: {}});
	const change = async (path: readonly string[], value: PluginRecordData | string | number) =>
		host.call('command-hooks', 'changeSettings', {changes: [{path, value}]}, options);
	await change(['instances', 'octoprint', 'before-backup'], '/bin/echo "secret word"');
	expect(stored()).toEqual({instances: {octoprint: {'before-backup': '/bin/echo "secret word"'}}});
	await expect(change(['instances', 'octoprint', 'during'], '/bin/true')).rejects.toThrow(/none of the phases/u);
	await expect(change(['instances', 'octoprint', 'after-backup'], 7)).rejects.toThrow(/must be a command line/u);
	for (const [line, why] of [
		['/bin/ls | cat', /could never be run: \| means something only to a shell/u],
		['bin/ls', /could never be run: the path of its program does not start with/u],
	] as const) {
		await expect(change(['instances', 'octoprint', 'after-backup'], line)).rejects.toThrow(why);
	}

	await expect(change(['timeLimitSeconds'], 100_000)).rejects.toThrow(/must be a number from/u);
	// Arguments are shown nowhere.
	const shown = [
		await host.call('command-hooks', 'get', null, options),
		await host.call('command-hooks', 'readSettings', null, options),
		await host.call('command-hooks', 'screen', {name: 'commands'}, options),
	];
	expect(JSON.stringify(shown)).toContain('/bin/echo');
	expect(JSON.stringify(shown)).not.toContain('secret word');
});
