/**
 * Death at every step: the disk stops working at the Nth changing call, for every N until the job gets through. Then every backup is in the store or in the
 * trash, whole and once, and the next job tidies up.
 */
import {createHash} from 'node:crypto';
import {cpSync, existsSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import type {JobRequest} from '../../../source/client/protocol.js';
import {type Disk, systemDisk} from '../../../source/engine/disk.js';
import {isPartialName} from '../../../source/engine/names.js';
import {changePin} from '../../../source/engine/pins.js';
import {readTrash, trashFolder} from '../../../source/engine/trash-folder.js';
import {healTrash} from '../../../source/engine/trash-heal.js';
import {makeForeignArchive} from '../../helpers/foreign-archive.js';
import {makeMortalDisk} from '../../helpers/mortal-disk.js';
import {day, fastDirectory, newTrashScene, sceneOn, type TrashScene} from './scene.js';

const withoutLinks: Disk = {
	...systemDisk,
	link() {
		throw Object.assign(new Error('no hard links here'), {code: 'EPERM', syscall: 'link'});
	},
};

const hashOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

/** Where each backup is, by name: `store` and `trash`, with what it holds. */
const whereabouts = async (scene: TrashScene): Promise<Readonly<Record<string, readonly string[]>>> => {
	const places = [
		...(await scene.catalog()).list().map(({key, path}) => ({key, place: `store ${hashOf(path)}`})),
		...readTrash(scene.store).entries.map(({key, path}) => ({key, place: `trash ${hashOf(path)}`})),
	];
	return Object.fromEntries(
		[...Map.groupBy(places, ({key}) => key)].map(([key, found]) => [key, found.map(({place}) => place)]),
	);
};

/** Four backups, `c` and `d` in the trash, `a` pinned, and an archive to import. */
const template = async (): Promise<string> => {
	const scene = newTrashScene();
	for (const name of ['a', 'b', 'c', 'd']) {
		await scene.backup(name);
	}

	await changePin(scene.ports, scene.store, (await scene.catalog()).get('a.zip'), true);
	await scene.remove(['c.zip', 'd.zip']);
	await makeForeignArchive(join(scene.root, 'foreign.zip'));
	return scene.root;
};

/** A second scene of the same, with the names of the first. */
const copyOf = (root: string): TrashScene => {
	const copy = fastDirectory();
	cpSync(root, copy, {recursive: true, preserveTimestamps: true});
	const scene = sceneOn(copy);
	// Ids go on where those of the template ended.
	for (let used = 0; used < 1000; used++) {
		scene.ports.randomHex(1);
	}

	return scene;
};

type Job = {
	readonly request: (scene: TrashScene) => JobRequest;
	/** Makes the copy ready. */
	readonly prepare?: (scene: TrashScene) => Promise<void>;
	/** Where each backup may be once the job was cut off, beside where it was before. */
	readonly after: Readonly<Record<string, 'store' | 'trash' | 'gone' | 'here'>>;
};

const entryIds = (scene: TrashScene, ...keys: readonly string[]): readonly string[] =>
	readTrash(scene.store)
		.entries.filter(({key}) => keys.includes(key))
		.map(({id}) => id);

const jobs: Readonly<Record<string, Job>> = {
	delete: {
		request: ({target}) => ({type: 'delete', target, keys: ['a.zip', 'b.zip'], allowPinned: true}),
		after: {'a.zip': 'trash', 'b.zip': 'trash'},
	},
	'delete for good': {
		request: ({target}) => ({type: 'delete', target, keys: ['b.zip'], allowPinned: true, permanently: true}),
		after: {'b.zip': 'gone'},
	},
	'trash-restore': {
		request: scene => ({type: 'trash-restore', target: scene.target, ids: entryIds(scene, 'c.zip', 'd.zip')}),
		after: {'c.zip': 'store', 'd.zip': 'store'},
	},
	'trash-empty': {
		request: scene => ({type: 'trash-empty', target: scene.target, ids: entryIds(scene, 'd.zip')}),
		after: {'d.zip': 'gone'},
	},
	'trash-empty of all': {
		request: ({target}) => ({type: 'trash-empty', target, ids: 'all'}),
		after: {'c.zip': 'gone', 'd.zip': 'gone'},
	},
	'a purge after a backup': {
		async prepare(scene) {
			scene.time.now += 8 * day;
			await scene.backup('first-look');
			scene.time.now += day;
		},
		request: ({target}) => ({
			type: 'create',
			target,
			excludes: [],
			includes: [],
			note: '',
			trigger: 'manual',
			name: 'e',
		}),
		after: {'c.zip': 'gone', 'd.zip': 'gone', 'e.zip': 'here'},
	},
	import: {
		request: ({target, root}) => ({type: 'import', target, path: join(root, 'foreign.zip'), as: 'foreign'}),
		after: {'foreign.zip': 'here'},
	},
};

const sweep = async (
	root: string,
	job: Job,
	base: Disk,
): Promise<{readonly deaths: number; readonly moved: number}> => {
	let deaths = 0;
	let moved = 0;
	for (let lives = 0; ; lives++) {
		const scene = copyOf(root);
		await job.prepare?.(scene);
		const before = await whereabouts(scene);
		const request = job.request(scene);
		const {disk, isDead} = makeMortalDisk(lives, base);
		const end = await scene.run(request, disk);

		const check = async (when: string): Promise<void> => {
			const now = await whereabouts(scene);
			for (const key of new Set([...Object.keys(before), ...Object.keys(now), ...Object.keys(job.after)])) {
				const [was] = before[key] ?? [];
				const hash = was?.split(' ')[1];
				const goal = job.after[key];
				const allowed = [
					was === undefined ? [] : [was],
					...(goal === 'gone' ? [[]] : []),
					...(goal === 'store' || goal === 'trash' ? [[`${goal} ${hash}`]] : []),
				];
				if (goal === 'here') {
					expect([lives, when, key, (now[key] ?? []).length]).toEqual([lives, when, key, now[key] ? 1 : 0]);
				} else {
					expect(allowed, `${when} with ${lives} lives, ${key} is ${JSON.stringify(now[key])}`).toContainEqual(
						now[key] ?? [],
					);
				}
			}

			for (const backup of (await scene.catalog()).list()) {
				expect([lives, when, backup.key, backup.pinned]).toEqual([lives, when, backup.key, backup.key === 'a.zip']);
				expect(['verified', 'unverified']).toContain(backup.health.type);
			}
		};

		await check('after death');
		if (JSON.stringify(await whereabouts(scene)) !== JSON.stringify(before)) {
			moved++;
		}

		await healTrash(systemDisk, scene.store);
		await check('after healing');
		expect(readTrash(scene.store).remains).toEqual([]);
		// Nothing else may be left in the trash but its items.
		const items = readTrash(scene.store).entries.map(({id}) => id);
		const folders = existsSync(trashFolder(scene.store)) ? readdirSync(trashFolder(scene.store)) : [];
		expect(folders.sort()).toEqual(items.sort());
		// Whatever was cut off, the same job can be done now.
		const again = await scene.run({type: 'verify', target: scene.target, sources: 'all'});
		expect(again.outcome).toBe('done');
		rmSync(scene.root, {recursive: true});
		if (!isDead()) {
			expect(end.outcome).toBe('done');
			return {deaths, moved};
		}

		deaths++;
	}
};

test.each(
	Object.keys(jobs).flatMap(name => [[name, 'links', systemDisk] as const, [name, 'no links', withoutLinks] as const]),
)(
	'%s, on a disk with %s',
	async (name, _kind, base) => {
		const job = jobs[name];
		if (!job) {
			throw new Error(name);
		}

		const {deaths, moved} = await sweep(await template(), job, base);
		// A sweep in which nothing died, or nothing got done, would prove nothing.
		expect(deaths).toBeGreaterThan(2);
		expect(moved).toBeGreaterThan(0);
	},
	60_000,
);

test('what an import leaves when it dies has a hidden name', async () => {
	const root = await template();
	const scene = copyOf(root);
	const {disk} = makeMortalDisk(3);
	const end = await scene.run({type: 'import', target: scene.target, path: join(root, 'foreign.zip')}, disk);
	expect(end.outcome).toBe('failed');
	expect(readdirSync(scene.store).filter(isPartialName)).toHaveLength(1);
});
