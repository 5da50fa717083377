import {expect, test} from 'vitest';
import {bytesBetween, openPty} from './pty.js';

test('a pseudo terminal counts and times every byte, and shows the screen', async () => {
	const pty = await openPty(
		['sh', '-c', `stty -echo; stty size; read line; printf '\\033[2J\\033[5;3Hgröße %s' "$line"; exit 4`],
		{env: {PATH: process.env.PATH}, columns: 70, rows: 20},
	);
	await pty.whenScreen(screen => screen.includes('20 70'));
	const sent = await pty.type('hello\n');
	const seen = await pty.whenScreen(screen => screen.split('\n')[4] === '  größe hello');
	expect(seen).toBeGreaterThanOrEqual(sent);
	expect(await pty.exit).toBe(4);
	expect(bytesBetween(pty, sent, seen)).toBe('\u{1b}[2J\u{1b}[5;3Hgröße hello'.length + 2);
	expect(pty.output().toString()).toContain('größe');
});
