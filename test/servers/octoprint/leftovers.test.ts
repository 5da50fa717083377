import {mkdirSync, utimesSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {leftoversOf} from '../../../source/servers/octoprint/leftovers.js';
import {putFile} from '../../helpers/server-ports.js';
import {inTemporaryDirectory} from '../../helpers/temporary.js';

test("what OctoPrint's interrupted backups and restores left is found and told apart", async () =>
	inTemporaryDirectory(async root => {
		const base = join(root, '.octoprint');
		const instance = {name: 'o', kind: 'octoprint', dataFolder: base} as const;
		putFile(join(base, 'config.yaml'), `plugins: {backup: {path: ${root}/zips}}`);
		putFile(join(base, 'notes.bck'));
		putFile(join(base, 'data/backup/good.zip'));
		expect(await leftoversOf(instance)).toEqual([]);

		mkdirSync(`${base}.bck`);
		mkdirSync(join(base, '.octoprint.bck'));
		putFile(join(base, 'basedir_before_restore.bck.zip'));
		putFile(join(base, 'data/backup/.old-backup.zip'));
		putFile(join(root, 'zips/.new-backup.zip'));
		putFile(join(root, 'zips/.printkeep-x.zip'));
		const now = 1_800_000_000_000;
		utimesSync(join(base, 'data/backup/.old-backup.zip'), now / 1000 - 7200, now / 1000 - 7200);
		utimesSync(join(root, 'zips/.new-backup.zip'), now / 1000 - 60, now / 1000 - 60);
		expect((await leftoversOf(instance, now)).map(({type, path, remedy}) => [type, path, remedy])).toEqual([
			['server-rollback', `${base}.bck`, 'none'],
			['server-rollback', join(base, '.octoprint.bck'), 'none'],
			['server-rollback', join(base, 'basedir_before_restore.bck.zip'), 'none'],
			['server-partial', join(root, 'zips/.new-backup.zip'), 'none'],
			['server-partial', join(base, 'data/backup/.old-backup.zip'), 'clean'],
		]);
	}));
