import {mkdirSync, symlinkSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {restoreTargets} from '../../../source/servers/octoprint/restore-targets.js';
import {putFile} from '../../helpers/server-ports.js';
import {inTemporaryDirectory} from '../../helpers/temporary.js';

const inFolder = async (
	callback: (
		base: string,
		root: string,
		find: (configYaml: string | null) => Promise<ReadonlyMap<string, string>>,
	) => Promise<void>,
): Promise<void> =>
	inTemporaryDirectory(async root => {
		const base = join(root, '.octoprint');
		putFile(join(base, 'config.yaml'), `folder: {uploads: ${root}/now}`);
		await callback(
			base,
			root,
			async configYaml =>
				new Map(
					(await restoreTargets({name: 'o', kind: 'octoprint', dataFolder: base}, configYaml)).map(
						({target, destination, external}) => [target, `${external ? '=>' : '='} ${destination}`],
					),
				),
		);
	});

test('parts go where the configuration that will be live has them', async () =>
	inFolder(async (base, root, find) => {
		const now = await find(null);
		expect(now.get('uploads')).toBe(`=> ${root}/now`);
		expect(now.get('data')).toBe(`= ${base}/data`);
		expect(now.get('config.yaml')).toBe(`= ${base}/config.yaml`);
		expect([...now.keys()]).not.toContain('logs');
		const then = await find(`folder: {uploads: ${root}/then}\naccessControl: {userfile: ${root}/users.yaml}`);
		expect(then.get('uploads')).toBe(`=> ${root}/then`);
		expect(then.get('users.yaml')).toBe(`=> ${root}/users.yaml`);
		expect((await find('{}')).get('uploads')).toBe(`= ${base}/uploads`);
	}));

test('links lead to what they point to', async () =>
	inFolder(async (base, root, find) => {
		mkdirSync(join(root, 'disk/foreign'), {recursive: true});
		symlinkSync(join(root, 'disk'), join(base, 'timelapse'));
		symlinkSync(join(root, 'disk/foreign'), join(base, 'foreign'));
		symlinkSync('nowhere', join(base, 'dangling'));
		symlinkSync('..', join(base, 'up'));
		const targets = await find(null);
		expect(targets.get('timelapse')).toBe(`=> ${root}/disk`);
		expect(targets.get('foreign')).toBe(`=> ${root}/disk/foreign`);
		expect([...targets.keys()]).not.toContain('dangling');
		expect([...targets.keys()]).not.toContain('up');
	}));

test.each(['/', '/etc', '/etc/cron.d', '/usr/lib/x', '/home', '/home/pi', '/root', '/dev', '/var'])(
	'a configuration out of an archive does not lead to %s',
	async folder =>
		inFolder(async (_base, _root, find) => {
			await expect(find(`folder: {uploads: ${folder}}`)).rejects.toMatchObject({code: 'unsafe-destination'});
		}),
);

test('nor around the data folder; but what is configured here already is this machine’s own business', async () =>
	inFolder(async (base, root, find) => {
		await expect(find(`folder: {uploads: ${root}}`)).rejects.toMatchObject({code: 'unsafe-destination'});
		await expect(find(`folder: {uploads: ${base}}`)).rejects.toMatchObject({code: 'unsafe-destination'});
		putFile(join(base, 'config.yaml'), 'accessControl: {userfile: /etc/octoprint/users.yaml}');
		expect((await find('accessControl: {userfile: /etc/octoprint/users.yaml}')).get('users.yaml')).toBe(
			'=> /etc/octoprint/users.yaml',
		);
		expect((await find('folder: {uploads: /dev/shm/uploads}')).get('uploads')).toBe('=> /dev/shm/uploads');
	}));
