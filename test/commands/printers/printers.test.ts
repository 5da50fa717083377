import fc from 'fast-check';
import {expect, test} from 'vitest';
import type {EngineEvent, JobProgress} from '../../../source/client/protocol.js';
import {createJsonPrinter, toJson} from '../../../source/commands/printers/json.js';
import {progressLine} from '../../../source/commands/printers/progress-line.js';
import {wrapLine} from '../../../source/commands/printers/prose.js';
import {pairLines, tableLines} from '../../../source/commands/printers/table.js';
import {createBarPrinter, createLinePrinter} from '../../../source/commands/printers/text.js';
import {displayWidth} from '../../../source/format/width.js';

const progress = (changes: Partial<JobProgress> = {}): {readonly type: 'progress'} & JobProgress => ({
	type: 'progress',
	jobId: '1',
	phase: 'writing',
	bytesDone: 42_000_000,
	bytesTotal: 100_000_000,
	filesDone: 3,
	filesTotal: 10,
	currentFile: 'uploads/benchy.gcode',
	skipped: 0,
	elapsedMilliseconds: 5000,
	bytesPerSecond: 8_000_000,
	etaMilliseconds: 7250,
	cancellable: true,
	...changes,
});

const started: EngineEvent = {type: 'job-started', jobId: '1', job: 'create', title: 'Backing up octoprint', at: 0};
const phase: EngineEvent = {type: 'phase', jobId: '1', phase: 'writing'};
const finished: EngineEvent = {
	type: 'job-finished',
	jobId: '1',
	job: 'create',
	outcome: 'done',
	result: null,
	error: null,
	durationMilliseconds: 1,
	at: 0,
};

const record = (columns = 100) => {
	const written: string[] = [];
	return {
		written,
		output: {
			write(text: string) {
				written.push(text);
			},
			isTerminal: true,
			onlyAscii: false,
			columns: () => columns,
		},
	};
};

test('the moving line says phase, percent, bytes, rate, time left and file', () => {
	expect(progressLine(progress(), 120)).toBe(
		'Writing   42 %  [########------------]  42 MB of 100 MB  8.0 MB/s  0:07 left  uploads/benchy.gcode',
	);
	expect(progressLine(progress({bytesTotal: null, filesTotal: null, etaMilliseconds: null}), 120)).toBe(
		'Writing  42 MB  8.0 MB/s  uploads/benchy.gcode',
	);
});

test('the moving line never wraps, whatever the file is called', () => {
	fc.assert(
		fc.property(fc.string({unit: 'grapheme'}), fc.integer({min: 20, max: 200}), (currentFile, columns) => {
			const line = progressLine(progress({currentFile, skipped: 12}), columns);
			expect(displayWidth(line)).toBeLessThanOrEqual(columns);
			expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u);
		}),
	);
});

test('on a terminal it is redrawn at most four times a second, and nothing of it stays', () => {
	const {written, output} = record();
	let now = 0;
	const printer = createBarPrinter(output, {now: () => now, monotonic: () => now});
	printer.event(started);
	printer.event(phase);
	for (; now < 1000; now += 10) {
		printer.event(progress({bytesDone: now * 1000}));
	}

	printer.event(finished);
	expect(written.length).toBeLessThanOrEqual(5);
	expect(written.at(-1)).toBe('\r\u001B[K');
	expect(written.join('')).not.toContain('\n');
});

test('elsewhere it is lines: the start, the phases, every ten percent', () => {
	const {written, output} = record();
	const printer = createLinePrinter(output);
	printer.event(started);
	printer.event(phase);
	for (let percent = 0; percent <= 35; percent++) {
		printer.event(progress({bytesDone: percent * 1_000_000}));
	}

	printer.event(finished);
	expect(written.join('')).toBe(
		'Backing up octoprint\nWriting…\nWriting: 10 %, 10 MB of 100 MB\nWriting: 20 %, 20 MB of 100 MB\nWriting: 30 %, 30 MB of 100 MB\n',
	);
});

test('JSON is one event a line and safe on a terminal, and means the same', () => {
	const {written, output} = record();
	createJsonPrinter(output).event({type: 'file-skipped', jobId: '1', file: {path: 'a\n\u009B2J\u202Eb', reason: ''}});
	expect(written).toEqual([
		`${String.raw`{"type":"file-skipped","jobId":"1","file":{"path":"a\n\u009b2J\u202eb","reason":""}}`}\n`,
	]);
	fc.assert(
		fc.property(fc.string({unit: 'binary'}), text => {
			const json = toJson({text});
			expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify({text})));
			expect(json).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u);
		}),
	);
});

test('sentences are broken between words, tables and paths are not', () => {
	expect(wrapLine('  a sentence that is long', 14)).toBe('  a sentence\n  that is long');
	expect(wrapLine('NAME  a table that is long', 14)).toBe('NAME  a table that is long');
	expect(wrapLine('/a/path/that/is/long', 14)).toBe('/a/path/that/is/long');
	expect(wrapLine('プリンター プリンター', 14)).toBe('プリンター\nプリンター');
});

test('columns stay aligned with wide characters', () => {
	const lines = tableLines(
		[{title: 'NAME'}, {title: 'SIZE', align: 'right'}, {title: 'KEY'}],
		[
			['プリンター', '1 B', 'a'],
			['x', '12 kB', 'b'],
		],
	);
	expect(lines).toEqual(['NAME         SIZE  KEY', 'プリンター    1 B  a', 'x           12 kB  b']);
	expect(
		pairLines([
			['A', '1'],
			['Long', ''],
			['Bcd', '2'],
		]),
	).toEqual(['A    1', 'Bcd  2']);
});
