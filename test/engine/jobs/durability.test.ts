/** Creating, importing and exporting on a disk that fails at any step: what has a final name is whole and counts, and nothing else is left. */
import {execFileSync} from 'node:child_process';
import {
	existsSync,
	lstatSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import type {JobRequest} from '../../../source/client/protocol.js';
import {type Disk, systemDisk} from '../../../source/engine/disk.js';
import {publish} from '../../../source/engine/durable-file.js';
import {createRequest} from '../../helpers/engine-client.js';
import {makeFailingDisk} from '../../helpers/failing-disk.js';
import {makeForeignArchive} from '../../helpers/foreign-archive.js';
import {temporaryDirectory} from '../../helpers/test-directory.js';
import {newTrashScene, type TrashScene} from '../trash/scene.js';

const withoutLinks: Disk = {
	...systemDisk,
	link() {
		throw Object.assign(new Error('no hard links here'), {code: 'EPERM', syscall: 'link'});
	},
};

const kinds = ['create', 'import', 'export', 'create elsewhere'] as const;

const requestFor = (kind: (typeof kinds)[number], {root, target}: TrashScene): JobRequest => {
	switch (kind) {
		case 'create':
			return createRequest(target, {name: 'new'});
		case 'create elsewhere':
			return createRequest(target, {path: join(root, 'outside/new.zip')});
		case 'import':
			return {type: 'import', target, path: join(root, 'foreign.zip'), as: 'new'};
		case 'export':
			return {
				type: 'export',
				target,
				source: {type: 'backup', key: 'old.zip'},
				destination: join(root, 'outside/new.zip'),
				parts: [],
				files: [],
			};
	}
};

const newScene = async (): Promise<TrashScene> => {
	const scene = newTrashScene();
	await scene.backup('old');
	mkdirSync(join(scene.root, 'outside'));
	await makeForeignArchive(join(scene.root, 'foreign.zip'));
	return scene;
};

/** Every archive there is, finished or not, but for those that were there before. */
const archivesIn = ({store, root}: TrashScene): readonly string[] =>
	[...readdirSync(store), ...readdirSync(join(root, 'outside'))].filter(
		name => name.includes('.zip') && name !== 'old.zip',
	);

describe.each(kinds)('%s', kind => {
	test.each(['syncFile', 'syncDirectory', 'close'] as const)(
		'a %s that fails leaves nothing, and is not tried again',
		async call => {
			for (const base of [systemDisk, withoutLinks]) {
				let failures = 0;
				for (let number = 1; ; number++) {
					const scene = await newScene();
					const {disk, hasFailed} = makeFailingDisk(base, {call, number, code: 'EIO'});
					const end = await scene.run(requestFor(kind, scene), disk);
					if (!hasFailed()) {
						expect(end.outcome).toBe('done');
						break;
					}

					if (end.outcome === 'failed') {
						failures++;
						expect([call, number, end.error?.code, archivesIn(scene)]).toEqual([call, number, 'io-error', []]);
					} else {
						// Only a note could not be kept.
						expect([call, number, archivesIn(scene)]).toEqual([call, number, ['new.zip']]);
					}

					expect(readFileSync(join(scene.store, 'old.zip')).length).toBeGreaterThan(0);
				}

				expect(failures).toBeGreaterThan(0);
			}
		},
	);

	test('nobody else can read it, from the first byte', async () => {
		const scene = await newScene();
		const modes: number[] = [];
		const disk: Disk = {
			...systemDisk,
			create(path, mode) {
				modes.push(mode);
				return systemDisk.create(path, mode);
			},
		};
		const umask = process.umask(0);
		try {
			expect(await scene.run(requestFor(kind, scene), disk)).toMatchObject({outcome: 'done'});
		} finally {
			process.umask(umask);
		}

		expect(new Set(modes)).toEqual(new Set([0o600]));
		const path = [join(scene.store, 'new.zip'), join(scene.root, 'outside/new.zip')].find(existsSync) ?? '';
		expect((statSync(path).mode & 0o777).toString(8)).toBe('600');
	});
});

test('the name is on the medium before the temporary one goes', async () => {
	const folder = temporaryDirectory();
	writeFileSync(join(folder, 'a'), 'x');
	const calls: string[] = [];
	const tell =
		<Arguments extends unknown[], Result>(name: string, call: (...args: Arguments) => Result) =>
		(...args: Arguments): Result => {
			calls.push(name);
			return call(...args);
		};
	const disk: Disk = {
		...systemDisk,
		link: tell('link', systemDisk.link),
		unlink: tell('unlink', systemDisk.unlink),
		syncDirectory: tell('sync', systemDisk.syncDirectory),
	};
	await publish(disk, join(folder, 'a'), join(folder, 'b'));
	expect([calls, readdirSync(folder)]).toEqual([['link', 'sync', 'unlink'], ['b']]);
});

test.each(['create', 'import', 'delete'] as const)(
	'what a job that died left is gone after the next one: %s',
	async kind => {
		const scene = await newScene();
		const {store, target, run} = scene;
		writeFileSync(join(store, '.printkeep-part-0a1b.zip'), 'half');
		mkdirSync(join(store, '.printkeep-part-0a1b.zip.databases'));
		writeFileSync(join(store, '.printkeep-part-0a1b.zip.databases/x.db'), 'half');
		// An export of another store's job may be on its way here.
		writeFileSync(join(store, '.printkeep-part-export-0a1b.zip'), 'not ours');
		writeFileSync(join(store, '.hidden.zip'), 'not ours');
		const request: JobRequest =
			kind === 'delete' ? {type: 'delete', target, keys: ['old.zip'], allowPinned: false} : requestFor(kind, scene);
		expect(await run(request)).toMatchObject({outcome: 'done'});
		expect(readdirSync(store).filter(name => name.startsWith('.') && name.includes('.zip'))).toEqual([
			'.hidden.zip',
			'.printkeep-part-export-0a1b.zip',
		]);
	},
);

test('an export is written over nothing and into no pipe, and one that leads nowhere keeps its link', async () => {
	const scene = await newScene();
	const {root, run} = scene;
	const destination = join(root, 'outside/new.zip');
	symlinkSync(join(root, 'nowhere'), destination);
	expect(await run(requestFor('export', scene))).toMatchObject({error: {code: 'destination-exists'}});
	expect(lstatSync(destination).isSymbolicLink()).toBe(true);
	execFileSync('mkfifo', [join(root, 'pipe')]);
	for (const name of ['pipe', 'foreign.zip']) {
		expect(
			await run({
				...(requestFor('export', scene) as Extract<JobRequest, {type: 'export'}>),
				destination: join(root, name),
			}),
		).toMatchObject({error: {code: 'destination-exists'}});
	}

	expect(await run({type: 'import', target: scene.target, path: join(root, 'pipe')})).toMatchObject({
		error: {code: 'not-a-file'},
	});
	expect(readdirSync(join(root, 'outside'))).toEqual(['new.zip']);
});

test('a full disk says what the trash holds', async () => {
	const scene = await newScene();
	await scene.remove(['old.zip']);
	const target = {...scene.target, keepFreeBytes: Number.MAX_SAFE_INTEGER};
	for (const request of [createRequest(target), {...requestFor('import', scene), target} as JobRequest]) {
		expect(await scene.run(request)).toMatchObject({
			error: {
				code: 'no-space',
				hint: expect.stringMatching(/^The trash holds .*B: free them with `printkeep trash empty`\. /),
			},
		});
	}

	const {disk} = makeFailingDisk(systemDisk, {call: 'write', number: 1, code: 'ENOSPC'});
	expect(await scene.backup('full', disk)).toMatchObject({
		error: {code: 'no-space', hint: expect.stringContaining('printkeep trash empty')},
	});
});
