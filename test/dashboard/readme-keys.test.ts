import {existsSync, readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {keyTableMarkdown} from '../../source/dashboard/keys/help.js';

const readme = new URL('../../README.md', import.meta.url);

test.skipIf(!existsSync(readme))('the table of keys in the README is the binding table', () => {
	expect(readFileSync(readme, 'utf8')).toContain(keyTableMarkdown());
});
