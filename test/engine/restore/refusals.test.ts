/** What a rename in the middle of the exchange would fail at is found before anything is written. */
import {execFileSync} from 'node:child_process';
import {chmodSync, chownSync, mkdirSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {expect, test} from 'vitest';
import {temporaryDirectory} from '../../helpers/test-directory.js';

const nobody = 65_534;

/** Asks as somebody who is not root: access(2) goes by the real user, who cannot be changed within a process. */
const askAsNobody = (live: string, moves: readonly {readonly path: string; readonly out: boolean}[]): string => {
	const survey = {
		places: [{target: '', live, work: `${live}-work`, made: false, only: null}],
		moves: moves.map(move => ({...move, place: 0, in: true})),
	};
	const script = `
		const {refuseWay} = await import(${JSON.stringify(fileURLToPath(new URL('../../../source/engine/restore/refusals.ts', import.meta.url)))});
		try {
			refuseWay({found: ${JSON.stringify(survey)}, space: []});
			console.log('may');
		} catch (error) {
			console.log(error.code + ': ' + error.message);
		}
	`;
	return execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
		uid: nobody,
		gid: nobody,
		cwd: fileURLToPath(new URL('../../..', import.meta.url)),
		env: {PATH: process.env.PATH, HOME: live, TMPDIR: live},
		encoding: 'utf8',
	}).trim();
};

test.runIf(process.getuid?.() === 0)(
	'folders that may not be written, and those of others that would have to be moved',
	() => {
		const root = temporaryDirectory();
		chmodSync(root, 0o755);
		const live = join(root, 'data');
		for (const folder of ['', 'mine', 'closed', 'theirs', 'shared']) {
			mkdirSync(join(live, folder));
			chownSync(join(live, folder), nobody, nobody);
		}

		chownSync(join(live, 'theirs'), 4242, 4242);
		chownSync(join(live, 'shared'), 4242, 4242);
		chmodSync(join(live, 'shared'), 0o777);
		chmodSync(join(live, 'closed'), 0o555);
		// A folder of one's own can be made writable for the moment in which it is moved.
		expect(
			askAsNobody(live, [
				{path: 'mine/file', out: true},
				{path: 'closed', out: true},
				{path: 'shared', out: true},
			]),
		).toBe('may');
		expect(askAsNobody(live, [{path: 'closed/file', out: false}])).toMatch(
			/^permission-denied: .*\/data\/closed cannot/,
		);
		expect(askAsNobody(live, [{path: 'theirs', out: true}])).toMatch(/^permission-denied: .*\/data\/theirs cannot/);
	},
);
