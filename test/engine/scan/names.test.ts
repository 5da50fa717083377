import {isUtf8} from 'node:buffer';
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {escapeName, joinNames, rootName} from '../../../source/engine/scan/names.js';

const fileName = fc
	.oneof(
		fc.uint8Array({minLength: 1, maxLength: 12}).map(bytes => Buffer.from(bytes)),
		fc.string({unit: 'grapheme', minLength: 1, maxLength: 8}).map(text => Buffer.from(text)),
		fc.constantFrom('%FF', 'a%01', 'a\\b', '%5C', 'b\x7F').map(text => Buffer.from(text)),
	)
	.filter(bytes => bytes.length > 0 && !bytes.includes(0) && !bytes.includes(0x2f));

test('ordinary names stay, odd ones become readable ASCII escapes', () => {
	expect(escapeName(Buffer.from('Würfel 100%.gcode'))).toBe('Würfel 100%.gcode');
	expect(escapeName(Buffer.from('歯車.gcode'))).toBe('歯車.gcode');
	expect(escapeName(Buffer.from([0x61, 0xff, 0x25]))).toBe('a%FF%25');
	expect(escapeName(Buffer.from('ü\n%'))).toBe('ü%0A%25');
	expect(escapeName(Buffer.from('..\\..\\etc'))).toBe('..%5C..%5Cetc');
	expect(escapeName(Buffer.from('\u0085'))).toBe('%C2%85');
});

test('the names of a folder are unique, harmless, and lead back to their bytes', () => {
	fc.assert(
		fc.property(fc.uniqueArray(fileName, {maxLength: 12, selector: bytes => bytes.toString('hex')}), names => {
			const join = joinNames(rootName('uploads'), names);
			const entries = names.map(join);
			expect(new Set(entries.map(({target}) => target)).size).toBe(names.length);
			for (const [index, {target, raw, isText, changed}] of entries.entries()) {
				const bytes = names[index] ?? Buffer.alloc(0);
				expect(target).not.toMatch(
					/[\u0000-\u001F\u007F-\u009F\\\uFFFD]/u.test(bytes.toString())
						? /[\u0000-\u001F\\]/u
						: /[\u0000-\u001F\u007F-\u009F\\]/u,
				);
				expect(target.startsWith('uploads/')).toBe(true);
				expect(target.slice('uploads/'.length)).not.toContain('/');
				expect(isText).toBe(isUtf8(bytes));
				expect(raw !== undefined).toBe(changed);
				expect((raw ?? Buffer.from(target)).subarray('uploads/'.length)).toEqual(bytes);
			}
		}),
	);
});

test('what lies below a changed name remembers its bytes too', () => {
	const folder = joinNames(rootName('uploads'), [Buffer.from([0xff])])(Buffer.from([0xff]));
	const file = joinNames(folder, [Buffer.from('a.gcode')])(Buffer.from('a.gcode'));
	expect(file).toEqual({
		target: 'uploads/%FF/a.gcode',
		raw: Buffer.from([...Buffer.from('uploads/'), 0xff, ...Buffer.from('/a.gcode')]),
		isText: true,
		changed: false,
	});
});
