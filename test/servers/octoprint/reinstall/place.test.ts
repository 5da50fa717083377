import {chmodSync, chownSync, readdirSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {preparePlace} from '../../../../source/servers/octoprint/reinstall/place.js';
import {runAlone} from '../../../../source/servers/run-alone.js';
import {makeFakeOctoPrint} from '../../../helpers/fake-octoprint.js';
import {makeServerPorts, putFile} from '../../../helpers/server-ports.js';
import {temporaryDirectory} from '../../../helpers/test-directory.js';

const makeScene = () => {
	const root = temporaryDirectory();
	const environment = join(root, 'venv');
	const python = makeFakeOctoPrint(environment, 'exit 0');
	const base = join(root, 'octoprint');
	putFile(join(base, 'config.yaml'), '{}');
	const ports = makeServerPorts(root, {
		runAlone,
		environment: {
			PATH: '/usr/bin',
			SECRET_TOKEN: 'hunter2',
			PYTHONPATH: '/elsewhere',
			PIP_INDEX_URL: 'https://index.example/simple',
			https_proxy: 'http://proxy.example:3128',
		},
	});
	const prepare = async () => preparePlace(ports, {name: 'o', kind: 'octoprint', dataFolder: base, python});
	return {root, environment, prepare};
};

const isRoot = process.geteuid?.() === 0;

test('who installs in their own name keeps their variables, but for what leads Python astray', async () => {
	const place = await makeScene().prepare();
	await place.remove();
	expect(place.user).toBeUndefined();
	expect(place.variables).toMatchObject({SECRET_TOKEN: 'hunter2', PIP_INDEX_URL: 'https://index.example/simple'});
	expect(place.variables).not.toHaveProperty('PYTHONPATH');
});

test.runIf(isRoot)('root tells the user it works for nothing but what that needs', async () => {
	const {root, environment, prepare} = makeScene();
	chmodSync(root, 0o755);
	for (const name of ['', ...readdirSync(environment, {recursive: true, encoding: 'utf8'})]) {
		chownSync(join(environment, name), 4242, 4343);
	}

	const place = await prepare();
	await place.remove();
	expect(place.user).toEqual({uid: 4242, gid: 4343});
	expect(Object.keys(place.variables).sort()).toEqual([
		...['HOME', 'LC_ALL', 'PATH', 'PIP_INDEX_URL', 'TMPDIR', 'https_proxy'],
	]);
});

test.runIf(isRoot)(
	'root installs nothing as root where another user can put something else there meanwhile',
	async () => {
		const {root, prepare} = makeScene();
		chownSync(root, 4242, 0);
		await expect(prepare()).rejects.toMatchObject({
			code: 'permission-denied',
			message: expect.stringContaining(`${root} belongs to another user`),
		});
	},
);
