/** What root must not be made to do by records in the private folders of those who are not root: whoever owns the data may write anything there. */
import {chmodSync, chownSync, lchownSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {systemDisk} from '../../../source/engine/disk.js';
import {fromStored, toBytePath} from '../../../source/engine/restore/byte-path.js';
import {type Journal, writeJournal} from '../../../source/engine/restore/journal.js';
import {recoverInterrupted} from '../../../source/engine/restore/recover.js';
import {newScene, type Scene} from './scene.js';

const stranger = 4242;
const isRoot = process.getuid?.() === 0;

/** A scene whose data belongs to somebody who is not root, and has a private folder beside it. */
const strangersScene = (): {readonly scene: Scene; readonly work: string} => {
	const scene = newScene();
	chownSync(scene.root, stranger, stranger);
	chownSync(scene.instance.dataFolder, stranger, stranger);
	const work = join(scene.root, '.printkeep-octoprint');
	mkdirSync(join(work, 'stage-0a'), {recursive: true, mode: 0o700});
	chownSync(work, stranger, stranger);
	chownSync(join(work, 'stage-0a'), stranger, stranger);
	return {scene, work};
};

const plant = async (
	{scene, work}: {readonly scene: Scene; readonly work: string},
	options: Partial<Journal>,
): Promise<void> =>
	writeJournal(
		systemDisk,
		toBytePath(work),
		{
			format: 1,
			id: '0a',
			job: 'restore',
			startedAt: 1,
			key: 'x.zip',
			places: [{live: toBytePath(scene.instance.dataFolder), work: toBytePath(work), made: false}],
			moves: [],
			folders: [],
			stageName: fromStored('stage-0a'),
			rollbackName: fromStored('rollback-0a'),
			rollbackBytes: 0,
			phase: 'forward',
			replaced: null,
			...options,
		},
		'01',
	);

test.runIf(isRoot)('a file is never given to root, nor set-id bits, because a journal says so', async () => {
	const made = strangersScene();
	const program = join(made.scene.instance.dataFolder, 'program');
	writeFileSync(program, 'mine');
	chmodSync(program, 0o755);
	chownSync(program, stranger, stranger);
	const attributes = {mode: 0o6755, modifiedSeconds: 1, uid: 0, gid: 0};
	await plant(made, {folders: [{place: 0, path: toBytePath('program'), before: attributes, after: attributes}]});
	await recoverInterrupted(made.scene.ports, made.scene.target.instance).catch(() => undefined);
	const {uid, gid, mode} = statSync(program);
	expect({uid, gid, mode: mode & 0o7777}).toEqual({uid: stranger, gid: stranger, mode: 0o755});
});

test.runIf(isRoot)('nothing is moved through links that a place or a path goes through', async () => {
	for (const through of ['place', 'path'] as const) {
		const made = strangersScene();
		const {scene, work} = made;
		const victim = join(scene.root, '../victim');
		mkdirSync(victim, {recursive: true});
		writeFileSync(join(victim, 'passwd'), 'root');
		const link = join(through === 'place' ? scene.root : scene.instance.dataFolder, 'way');
		symlinkSync(victim, link);
		lchownSync(link, stranger, stranger);
		const ownWork = through === 'place' ? join(scene.root, '.printkeep-way') : work;
		const staged = through === 'place' ? join(ownWork, 'stage-0a') : join(work, 'stage-0a/way');
		mkdirSync(staged, {recursive: true});
		chownSync(ownWork, stranger, stranger);
		writeFileSync(join(staged, 'passwd'), 'intruder');
		const own = {live: toBytePath(scene.instance.dataFolder), work: toBytePath(work), made: false};
		await plant(
			made,
			through === 'place'
				? {
						places: [own, {live: toBytePath(link), work: toBytePath(ownWork), made: false}],
						moves: [{place: 1, path: toBytePath('passwd'), out: true, in: true}],
					}
				: {moves: [{place: 0, path: toBytePath('way/passwd'), out: true, in: true}]},
		);
		await expect(recoverInterrupted(scene.ports, scene.target.instance)).rejects.toMatchObject({
			code: 'needs-recovery',
		});
		expect(readFileSync(join(victim, 'passwd'), 'utf8')).toBe('root');
	}
});
