import {rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {digestTree} from '../helpers/digest-tree.js';
import {makeForeignArchive} from '../helpers/foreign-archive.js';
import type {Harness} from './harness.js';
import {createHarness} from './harness.js';

let machine: Harness;

beforeEach(async () => {
	machine = await createHarness();
	// A database with a journal beside it is never as it was backed up, which is as one file.
	rmSync(at('data/SpoolManager'), {recursive: true});
	expect((await machine.run(['backup', '--name', 'good.zip'])).code).toBe(0);
});

afterEach(() => machine.remove());

const at = (path: string): string => join(machine.dataFolder, path);

/** Changes one file, removes one, adds one. */
const change = (): void => {
	writeFileSync(at('config.yaml'), 'api:\n  key: 99999999999999999999999999999999\nserver:\n  port: 5001\n');
	rmSync(at('uploads/empty.gcode'));
	writeFileSync(at('scripts/since \u001b[31m.gcode'), '\tG28 \u001b]0;x\u0007\n');
};

/** All there is on the machine but the log of what was asked. */
const everything = () =>
	digestTree(machine.folder, {timeResolution: 0, skip: path => path === 'settings/printkeep.log'});

type Document = Readonly<Record<string, unknown>>;

const documentOf = ({stdout}: {readonly stdout: string}): Document => JSON.parse(stdout) as Document;

test('what is there now is compared with a backup, and nothing is changed', async () => {
	change();
	const before = everything();
	const {code, stdout, stderr} = await machine.run(['compare', 'good.zip']);
	expect([code, stderr]).toEqual([0, '']);
	expect(stdout).toContain(`good.zip compared with ${machine.dataFolder}: 1 added, 1 changed, 1 removed, `);
	expect(stdout).toMatch(/^PART +ADDED +CHANGED +REMOVED +SAME +SIZE +WHAT$/m);
	expect(stdout).toMatch(/^scripts +0 +0 +1 +2 +0 B +G-code scripts$/m);
	expect(stdout).toMatch(/^changed +\d+ B +config\.yaml$/m);
	expect(stdout).toMatch(/^added +0 B +uploads\/empty\.gcode$/m);
	expect(stdout).toMatch(/^removed +\d+ B +scripts\/since \\x1b\[31m\.gcode$/m);
	expect(stdout).toContain('Contents were compared by their SHA-256.');
	expect(everything()).toEqual(before);
});

test('the words for the newest, the one before and what is there now', async () => {
	expect((await machine.run(['compare', 'latest', 'live'])).stdout).toContain('\nNo difference.\n');
	expect((await machine.run(['compare', 'previous'])).code).toBe(10);
	change();
	await machine.run(['backup', '--name', 'newer.zip']);
	const {stdout} = await machine.run(['compare', 'previous', 'latest']);
	expect(stdout).toContain('good.zip compared with newer.zip: 1 added, 1 changed, 1 removed, ');
	expect((await machine.run(['compare', 'latest'])).stdout).toContain('No difference.');
});

test('a long list ends with how many more there are, and --all names them', async () => {
	for (let number = 0; number < 60; number++) {
		writeFileSync(at(`scripts/${number}.gcode`), String(number));
	}

	const {stdout} = await machine.run(['compare', 'latest']);
	expect(stdout.match(/^removed /gm)).toHaveLength(50);
	expect(stdout).toContain('… and 10 more; --all names them.');
	expect((await machine.run(['compare', 'latest', '--all'])).stdout.match(/^removed /gm)).toHaveLength(60);
});

test('one file is shown line by line, without its secrets and with nothing a terminal obeys', async () => {
	change();
	const config = await machine.run(['compare', 'latest', '--file', './config.yaml']);
	expect([config.code, config.stderr]).toEqual([0, '']);
	expect(config.stdout).toContain(`--- ${machine.dataFolder}: config.yaml\n+++ good.zip: config.yaml\n`);
	expect(config.stdout).toMatch(/^- {3}port: 5001$/m);
	expect(config.stdout).toMatch(/^\+ {3}name: Würfelwerk$/m);
	expect(config.stdout).toMatch(/^- {3}key: ‹hidden›$/m);
	expect(config.stdout).toMatch(/^\+ {3}key: ‹hidden›$/m);
	expect(config.stdout).not.toMatch(/9999|0123456789ABCDEF|6f0LdyrZ|8uT0kXyK3f/);
	expect(config.stdout).toMatch(/^Values of secrets are hidden in \d+ lines\.$/m);
	const script = await machine.run(['compare', 'latest', '--file', 'scripts/since \u001b[31m.gcode'], {terminal: true});
	expect(script.stdout).toMatch(/^- {5}G28 \\x1b\]0;x\\x07$/m);
	expect(script.stdout.replaceAll('\r\u001b[K', '')).not.toContain('\u001b');
	expect((await machine.run(['compare', 'latest', '--file', 'users.yaml'])).stdout).toContain(
		'It holds passwords or keys and is not shown.',
	);
	expect((await machine.run(['compare', 'latest', '--file', 'scripts/lüfter.sh'])).stdout).toContain('No difference.');
});

test('long lines of a file are not broken like sentences', async () => {
	const line = 'many words in one line of a script '.repeat(8).trim();
	writeFileSync(at('scripts/lüfter.sh'), `${line}\n`);
	const {stdout} = await machine.run(['compare', 'latest', '--file', 'scripts/lüfter.sh'], {terminal: true});
	expect(stdout).toContain(`\n- ${line}\n`);
});

test('a file that is not there is answered with those that are near', async () => {
	for (const [file, meant] of [
		['_default.profile', 'printerProfiles/_default.profile'],
		['printerProfiles/_defualt.profile', 'printerProfiles/_default.profile'],
		['benchy', 'uploads/benchy_0.2mm_PLA.gcode'],
	] as const) {
		const {code, stderr} = await machine.run(['compare', 'latest', '--file', file]);
		expect([code, stderr]).toEqual([10, expect.stringContaining(meant)]);
	}

	expect((await machine.run(['compare', 'latest', '--file', 'nothing-like-it-xyz'])).stderr).not.toContain(
		'Did you mean',
	);
});

test('with --json it is one document with the files that differ', async () => {
	change();
	const {comparison, files} = documentOf(await machine.run(['compare', 'latest', '--json']));
	expect(comparison).toMatchObject({
		left: 'good.zip',
		right: machine.dataFolder,
		rightIsLive: true,
		counts: {added: 1, changed: 1, removed: 1},
		proof: 'sha256',
		warnings: [],
	});
	expect(files).toEqual([
		{path: 'config.yaml', part: 'config', action: 'changed', bytes: expect.any(Number)},
		{path: 'scripts/since \u001b[31m.gcode', part: 'scripts', action: 'removed', bytes: expect.any(Number)},
		{path: 'uploads/empty.gcode', part: 'uploads', action: 'added', bytes: 0},
	]);
	const {file} = documentOf(await machine.run(['compare', 'latest', '--file', 'config.yaml', '--json']));
	expect(file).toMatchObject({path: 'config.yaml', type: 'text', removed: 2});
	expect(JSON.stringify(file)).not.toContain('0123456789ABCDEF');
});

test('archives are compared where there is no print server', async () => {
	await makeForeignArchive(join(machine.folder, 'a.zip'));
	rmSync(machine.dataFolder, {recursive: true});
	const {code, stdout} = await machine.run(['compare', 'good.zip', 'a.zip']);
	expect([code, stdout]).toEqual([0, expect.stringContaining('compared by CRC-32 and size')]);
	expect((await machine.run(['compare', 'good.zip'])).code).not.toBe(0);
});

test('what does not go together is refused', async () => {
	expect((await machine.run(['compare'])).code).toBe(2);
	expect((await machine.run(['compare', 'latest', '--all', '--file', 'config.yaml'])).code).toBe(2);
	const turned = await machine.run(['compare', 'live', 'latest']);
	expect([turned.code, turned.stderr]).toEqual([2, expect.stringContaining('Run `printkeep compare latest live`.')]);
	expect((await machine.run(['compare', 'nowhere.zip'])).code).toBe(10);
	expect((await machine.run(['compare', 'latest', 'nowhere.zip'])).code).toBe(10);
});

test('it works where restoring is switched off', async () => {
	await machine.run(['config', 'set', 'restore-unsupported', 'yes']);
	expect((await machine.run(['compare', 'latest'])).code).toBe(0);
});

test('show finds files by words of their paths', async () => {
	const {stdout} = await machine.run(['show', 'latest', '--find', 'PROFILE printer']);
	expect(stdout).toContain('printerProfiles/_default.profile');
	expect(stdout.trimEnd().split('\n')).toHaveLength(1);
	expect((await machine.run(['show', 'latest', '--find', 'x', '--files'])).code).toBe(2);
	const {entries} = documentOf(await machine.run(['show', 'latest', '--find', 'benchy', '--json']));
	expect(entries).toHaveLength(3);
});
