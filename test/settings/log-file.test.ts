import {existsSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {PrintkeepError} from '../../source/errors.js';
import {openLogFile} from '../../source/settings/log-file.js';
import {inTemporaryDirectory} from '../helpers/temporary.js';

const clock = {now: () => Date.UTC(2026, 10, 21, 9, 30), monotonic: () => 0};

test('each record is one line, whatever a stranger called the file', async () => {
	await inTemporaryDirectory(folder => {
		const log = openLogFile(join(folder, 'state', 'printkeep.log'), clock);
		log.record({type: 'file-skipped', jobId: '1', file: {path: 'a\nb\u001B[2J', reason: 'unreadable'}});
		expect(log.failure(new PrintkeepError('io-error', 'The disk failed.', {detail: 'EIO'}))).toBe(true);
		const text = readFileSync(log.path, 'utf8');
		expect(text.trimEnd().split('\n')).toEqual([
			String.raw`2026-11-21T09:30:00.000Z warning skipped a\x0ab\x1b[2J: unreadable`,
			'2026-11-21T09:30:00.000Z error io-error: The disk failed. EIO',
		]);
		expect((statSync(log.path).mode & 0o777).toString(8)).toBe('600');
	});
});

test('progress is not logged, and no file is made for it', async () => {
	await inTemporaryDirectory(folder => {
		const log = openLogFile(join(folder, 'printkeep.log'), clock);
		log.record({type: 'phase', jobId: '1', phase: 'writing'});
		log.record({type: 'log', level: 'debug', at: 0, text: 'detail'});
		expect(existsSync(log.path)).toBe(false);
	});
});

test('a large log is put aside once', async () => {
	await inTemporaryDirectory(folder => {
		const log = openLogFile(join(folder, 'printkeep.log'), clock);
		writeFileSync(log.path, 'x'.repeat(1_000_001));
		log.record({type: 'log', level: 'info', at: 0, text: 'after'});
		expect(readFileSync(log.path, 'utf8')).toContain('after');
		expect(statSync(log.path).size).toBeLessThan(100);
		expect(statSync(`${log.path}.1`).size).toBe(1_000_001);
	});
});

test('a log that cannot be written is no failure', () => {
	const log = openLogFile('/dev/null/printkeep.log', clock);
	expect(log.failure(new PrintkeepError('failed', 'x'))).toBe(false);
});
