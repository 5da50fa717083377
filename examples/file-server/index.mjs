/**
 * Teaches printkeep a kind of server it does not know: a folder with a `config.json` and some files. While it runs, such a server keeps a `server.json` in its
 * folder that says what it does; a file `hold` asks it to write nothing.
 */
import {readFile, rm, stat, writeFile} from 'node:fs/promises';
import {homedir} from 'node:os';
import {join} from 'node:path';
import {definePlugin} from 'printkeep/plugin';

const readJson = async path => {
	try {
		return JSON.parse(await readFile(path, 'utf8'));
	} catch {
		return null;
	}
};

const exists = path =>
	stat(path).then(
		() => true,
		() => false,
	);

export default definePlugin({
	apiVersion: 1,
	id: 'file-server',
	name: 'File server',
	version: '1.0.0',
	settings: {defaults: {folders: []}},
	adapter: {
		kind: 'file-server',
		title: 'File server',
		async detect({settings}) {
			const folders = [join(homedir(), 'file-server'), ...settings.get(['folders'])];
			const found = await Promise.all(
				folders.map(async folder => (await exists(join(folder, 'config.json'))) && folder),
			);
			return found.filter(Boolean).map(dataFolder => ({dataFolder}));
		},
		async inspect(dataFolder) {
			const config = await readJson(join(dataFolder, 'config.json'));
			return config?.server === 'file-server' ? {version: config.version ?? null, name: config.name} : null;
		},
		parts: () => [
			{name: 'config', title: 'Configuration', paths: ['config.json', 'secrets/keys.json'], inclusion: 'required'},
			{name: 'files', title: 'Files', paths: ['files']},
			{
				name: 'thumbnails',
				title: 'Thumbnails',
				paths: ['files/.thumbnails'],
				inclusion: 'excluded',
				reason: 'It makes them again.',
			},
			{name: 'cache', title: 'Cache', paths: ['cache'], inclusion: 'never', reason: 'It fills it again.'},
			// What is true of this moment only: a restored `hold` would keep the server from ever writing again.
			{
				name: 'state',
				title: 'State',
				paths: ['hold', 'server.json'],
				inclusion: 'never',
				reason: 'It is of this moment only.',
			},
		],
		async quiesce(dataFolder) {
			const hold = join(dataFolder, 'hold');
			await writeFile(hold, '');
			return () => rm(hold, {force: true});
		},
		async readiness(dataFolder) {
			const server = await readJson(join(dataFolder, 'server.json'));
			return server ? {state: server.state, detail: server.detail ?? ''} : {state: 'stopped', detail: ''};
		},
	},
});
