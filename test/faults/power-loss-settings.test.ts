/** Power loss while settings are written: the shipped program is traced, and every state its calls can leave is read as the next start would read it. */
import {mkdirSync, readFileSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {afterAll, expect, test} from 'vitest';
import {openSettings} from '../../source/settings/store.js';
import {hasProgram} from '../helpers/requirements.js';
import {runPrintkeep} from '../helpers/run-printkeep.js';
import {temporaryDirectory} from '../helpers/test-directory.js';
import {createCounts} from './counts.js';
import {readFileSystem, writeFileSystem} from './power/file-system.js';
import {statesAfter} from './power/states.js';
import {recordCommand} from './power/traced-run.js';

const counts = createCounts('power loss, settings');

afterAll(() => {
	counts.tell();
});

test.runIf(hasProgram('strace', 'strace'))('settings are the old or the new ones', async () => {
	const home = temporaryDirectory();
	const settingsFolder = join(home, '.config/printkeep');
	const settingsFile = join(settingsFolder, 'settings.json');
	mkdirSync(settingsFolder, {recursive: true, mode: 0o700});
	const set = async (value: string): Promise<void> => {
		const {code, stderr} = await runPrintkeep(['config', 'set', 'window-title', value], {home});
		expect(code, stderr).toBe(0);
	};

	await set('yes');
	const initial = readFileSystem(settingsFolder);
	const before = readFileSync(settingsFile, 'utf8');
	await set('no');
	const after = readFileSync(settingsFile, 'utf8');
	expect(after).not.toBe(before);
	writeFileSystem(initial, settingsFolder);
	const recording = await recordCommand(['config', 'set', 'window-title', 'no'], {home, watched: settingsFolder});
	expect(readFileSync(settingsFile, 'utf8')).toBe(after);
	const paths = {settingsFolder, settingsFile} as Parameters<typeof openSettings>[0];
	const seen = {old: 0, new: 0};
	for (let number = 0; number <= recording.steps.length; number++) {
		for (const {inodes, kind} of statesAfter(recording, number)) {
			writeFileSystem(inodes, settingsFolder);
			const text = readFileSync(settingsFile, 'utf8');
			const where = `power gone after step ${number} of ${recording.steps.length} (${recording.steps[number - 1]?.call}), ${kind}`;
			expect([before, after], where).toContain(text);
			expect(statSync(settingsFile).mode & 0o777, where).toBe(0o600);
			openSettings(paths).read();
			if (number === recording.steps.length) {
				expect(text, where).toBe(after);
			}

			seen[text === after ? 'new' : 'old']++;
			counts.add('states that a power cut can leave, read');
		}
	}

	// What is left of an interrupted write is in nobody's way.
	await set('yes');
	counts.add('read as the old settings', seen.old);
	counts.add('read as the new settings', seen.new);
	expect(seen.old).toBeGreaterThan(0);
	expect(seen.new).toBeGreaterThan(0);
});
