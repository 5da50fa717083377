import {existsSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {expect, test} from 'vitest';
import {bindingList, groupTitles, type KeyGroup} from '../source/dashboard/keys/bindings.js';
import {settingKeys} from '../source/settings/keys.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const path = join(root, 'README.md');
const readme = readFileSync(path, 'utf8');

const groups: readonly KeyGroup[] = ['everywhere', 'lists', 'backups', 'log', 'fields', 'dialogs'];

/** The keys as the README lists them, from the same table as footer and help. */
const keyTables = (): string =>
	groups
		.map(group => {
			const rows = bindingList
				.filter(binding => binding.group === group)
				.map(({shown, description}) => `| ${shown.replaceAll('|', '\\|')} | ${description} |`);
			return [`| ${groupTitles[group]} | |`, '|---|---|', ...rows].join('\n');
		})
		.join('\n\n');

test('the keys in the README are those of the program', () => {
	const section = /(<!-- keys -->\n)([\s\S]*?)(<!-- \/keys -->)/u;
	const wanted = `${keyTables()}\n`;
	if (process.env.UPDATE_README === '1') {
		writeFileSync(
			path,
			readme.replace(section, (_, open: string, __, close: string) => `${open}${wanted}${close}`),
		);
		return;
	}

	expect(section.exec(readme)?.[2], 'run: UPDATE_README=1 npx vitest run test/readme.test.ts').toBe(wanted);
});

test('every group of keys is listed', () => {
	expect([...groups].sort()).toEqual(Object.keys(groupTitles).sort());
});

test('the settings in the README are settings', () => {
	const known = new Set<string>(settingKeys.map(({name}) => name));
	const section = /## Configuration[\s\S]*?(?=\n## )/u.exec(readme)?.[0] ?? '';
	const named = [...section.matchAll(/^\| (`[^|]+) \|/gmu)].flatMap(([, cell]) =>
		[...(cell ?? '').matchAll(/`([^`]+)`/gu)].map(([, name]) => name),
	);
	expect(named.length).toBeGreaterThan(4);
	expect(named.filter(name => name === undefined || !known.has(name))).toEqual([]);
});

test('what the documents link to is there, and pictures are small', () => {
	for (const file of ['README.md', 'CONTRIBUTING.md', 'docs/architecture.md', 'docs/archive-format.md']) {
		const text = readFileSync(join(root, file), 'utf8');
		for (const [, target = ''] of text.matchAll(/\]\((?!https?:|#)([^)#]+)/gu)) {
			const linked = join(root, file, '..', target);
			expect(existsSync(linked), `${file} links to ${target}`).toBe(true);
			if (target.endsWith('.svg')) {
				expect(statSync(linked).size).toBeLessThan(100_000);
			}
		}
	}
});
