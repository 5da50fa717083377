import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {type Disk, systemDisk} from '../../../source/engine/disk.js';
import {toBytePath} from '../../../source/engine/restore/byte-path.js';
import {takeBack} from '../../../source/engine/restore/finish.js';
import {type Journal, readJournal, writeJournal} from '../../../source/engine/restore/journal.js';
import {temporaryDirectory} from '../../helpers/test-directory.js';

const fullDisk: Disk = {
	...systemDisk,
	create() {
		throw Object.assign(new Error('ENOSPC: no space left on device'), {code: 'ENOSPC', syscall: 'open'});
	},
};

/** A swap whose new tree is in place, with what the journal says of it. */
const makeSwapped = async (phase: Journal['phase']) => {
	const root = temporaryDirectory();
	const live = join(root, 'data');
	const work = join(root, '.printkeep-data');
	mkdirSync(live);
	mkdirSync(join(work, 'stage-00'), {recursive: true, mode: 0o700});
	mkdirSync(join(work, 'rollback-00'));
	writeFileSync(join(live, 'config.yaml'), 'new');
	writeFileSync(join(work, 'rollback-00/config.yaml'), 'old');
	const journal: Journal = {
		format: 1,
		id: '00',
		job: 'restore',
		startedAt: 0,
		key: 'a.zip',
		places: [{live: toBytePath(live), work: toBytePath(work), made: false}],
		moves: [{place: 0, path: toBytePath('config.yaml'), out: true, in: true}],
		folders: [],
		stageName: toBytePath('stage-00'),
		rollbackName: toBytePath('rollback-00'),
		rollbackBytes: 3,
		phase,
		replaced: null,
	};
	await writeJournal(systemDisk, toBytePath(work), journal, '01');
	return {journal, work: toBytePath(work), config: () => readFileSync(join(live, 'config.yaml'), 'utf8')};
};

test('a swap is taken back although that cannot be noted, while an interruption would finish it forward', async () => {
	const {journal, work, config} = await makeSwapped('forward');
	await takeBack(fullDisk, work, journal, '02');
	expect(config()).toBe('old');
	expect(readJournal(work)).toBeNull();
});

test('once it is noted that the new tree is in place, nothing is moved unless it can be noted that it goes back', async () => {
	const {journal, work, config} = await makeSwapped('swapped');
	// Who takes it back holds the journal as it was before the swap.
	await expect(takeBack(fullDisk, work, {...journal, phase: 'forward'}, '02')).rejects.toMatchObject({code: 'ENOSPC'});
	expect(config()).toBe('new');
	expect(readJournal(work)?.phase).toBe('swapped');
	await takeBack(systemDisk, work, {...journal, phase: 'forward'}, '02');
	expect(config()).toBe('old');
});
