/** Holds the documents to the program: tables are made from its own, commands must be understood, links must lead somewhere. */
import {existsSync, readFileSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {describe, expect, test} from 'vitest';
import {checkOperands, parseArguments, splitVerb} from '../source/commands/parse.js';
import {commands, findCommand} from '../source/commands/registry.js';
import {bindingList, groupTitles, type KeyGroup} from '../source/dashboard/keys/bindings.js';
import {type SettingKey, settingKeys} from '../source/settings/keys.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const readme = read('README.md');
const documents = [
	'README.md',
	'CONTRIBUTING.md',
	'CHANGELOG.md',
	'docs/architecture.md',
	'docs/archive-format.md',
	'docs/plugin-screens.md',
	'docs/plugins-built-in.md',
	'docs/plugins.md',
];

type Package = {
	readonly version: string;
	readonly scripts: Readonly<Record<string, string>>;
	readonly engines: {readonly node: string};
	readonly dependencies: Readonly<Record<string, string>>;
	readonly devDependencies: Readonly<Record<string, string>>;
};

const packageFile = JSON.parse(read('package.json')) as Package;

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');

const table = (titles: readonly string[], rows: readonly (readonly string[])[]): string =>
	[titles, titles.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n');

const keyGroups = [
	'everywhere',
	'lists',
	'backups',
	'plugins',
	'log',
	'fields',
	'dialogs',
] as const satisfies readonly KeyGroup[];

const keyTables = (): string =>
	keyGroups
		.map(group =>
			table(
				[groupTitles[group], ''],
				bindingList
					.filter(binding => binding.group === group)
					.map(({shown, description}) => [`\`${shown}\``, cell(description)]),
			),
		)
		.join('\n\n');

/** The anchor GitHub gives a heading. */
const anchorOf = (heading: string): string =>
	heading
		.toLowerCase()
		.replaceAll(/[^\w\- ]/gu, '')
		.replaceAll(' ', '-');

const commandTable = (): string =>
	table(
		['Command', 'What it does'],
		commands.map(({name, summary}) => [`[\`${name}\`](docs/cli.md#${anchorOf(name)})`, cell(summary)]),
	);

const settingRows = (scope: SettingKey['scope']): string =>
	table(
		['Setting', 'Value', 'What it does', 'Unless set'],
		settingKeys
			.filter(key => key.scope === scope)
			.map(({name, placeholder, description, defaultText}) => [
				`\`${name}\``,
				`\`${placeholder.replaceAll('|', '\\|')}\``,
				cell(description),
				cell(defaultText),
			]),
	);

const sections: Readonly<Record<string, () => string>> = {
	keys: keyTables,
	commands: commandTable,
	'instance settings': () => settingRows('instance'),
	'common settings': () => settingRows('global'),
};

/** The README with what its marked sections should have. */
const wantedReadme = (): string =>
	Object.entries(sections).reduce(
		(text, [name, make]) =>
			text.replace(
				new RegExp(`(<!-- ${name}, made by test/readme\\.test\\.ts -->\\n)[\\s\\S]*?(\\n<!-- /${name} -->)`, 'u'),
				(_, open: string, close: string) => `${open}\n${make()}\n${close}`,
			),
		readme,
	);

test('every group of keys has its table', () => {
	expect([...keyGroups].sort()).toEqual(Object.keys(groupTitles).sort());
});

test('the README has a place for every table', () => {
	for (const name of Object.keys(sections)) {
		expect(readme.split(`<!-- ${name}, made by`)).toHaveLength(2);
		expect(readme.split(`<!-- /${name} -->`)).toHaveLength(2);
	}
});

test('keys, commands and settings in the README are those of the program (write them anew with: npx vitest run test/readme.test.ts --update)', async () => {
	await expect(wantedReadme()).toMatchFileSnapshot('../README.md');
});

/** Lines of the code blocks, without comments. */
const codeLines = (file: string): readonly string[] =>
	[...read(file).matchAll(/^```(?:sh)?\n([\s\S]*?)^```/gmu)].flatMap(([, block = '']) =>
		block
			.split('\n')
			.map(line => line.replace(/(?:^|\s+)#.*$/u, '').trim())
			.filter(line => line !== ''),
	);

/** Code in the text. */
const codeSpans = (file: string): readonly string[] =>
	[...read(file).matchAll(/`([^`\n]+)`/gu)].map(([, code = '']) => code);

/** Words of a shell line, quotes taken off; nothing in the documents needs more of a shell than this. */
const words = (line: string): readonly string[] =>
	[...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/gu)].map(([, double, single, plain]) => double ?? single ?? plain ?? '');

/** What follows the word printkeep in every command line of a document, crontabs included. */
const commandLines = (file: string): readonly string[] =>
	[...codeLines(file), ...codeSpans(file)]
		.flatMap(code => code.split(/\s+(?:&&|\|\|?|>>?)\s+/u))
		.map(line => /^(?:[\d* ]+ )?(?:\/\S*\/)?printkeep (.*)$/u.exec(line)?.[1])
		.filter(line => line !== undefined);

describe.each([
	'README.md',
	'CONTRIBUTING.md',
	'docs/architecture.md',
	'docs/archive-format.md',
	'docs/plugin-screens.md',
])('in %s', file => {
	test('every command is one the program understands', () => {
		const lines = commandLines(file);
		if (file === 'README.md') {
			expect(lines.length).toBeGreaterThan(15);
		}

		for (const line of lines) {
			const {verb, rest} = splitVerb(words(line));
			const command = verb === undefined ? undefined : findCommand(verb);
			const {operands} = parseArguments(command, rest);
			// A command that is only named has no operands.
			if (command && rest.length > 0) {
				checkOperands(command, operands);
			}
		}
	});

	test('every npm script is there', () => {
		const named = [...codeLines(file), ...codeSpans(file)].flatMap(code =>
			[...code.matchAll(/\bnpm (?:run )?([a-z][\w:]*)/gu)].map(([, name = '']) => name),
		);
		const npm = new Set(['ci', 'install', 'pack']);
		for (const name of named.filter(each => !npm.has(each))) {
			expect(Object.keys(packageFile.scripts)).toContain(name);
		}
	});
});

test('what the documents link to is there, and pictures are small', () => {
	for (const file of documents) {
		for (const [, target = '', anchor] of read(file).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/gu)) {
			const linked = target === '' ? join(root, file) : join(root, file, '..', target);
			expect(existsSync(linked), `${file} links to ${target}`).toBe(true);
			if (anchor !== undefined) {
				const headings = [...readFileSync(linked, 'utf8').matchAll(/^#+ (.*)$/gmu)].map(([, text = '']) =>
					anchorOf(text),
				);
				expect(headings, `${file} links to ${target}#${anchor}`).toContain(anchor);
			}

			if (target.endsWith('.svg')) {
				expect(statSync(linked).size).toBeLessThan(100_000);
			}
		}
	}
});

test('every dependency has its reason', () => {
	const [, section = ''] = read('CONTRIBUTING.md').split('## Dependencies');
	const [users = '', developers = ''] = (section.split('\n## ')[0] ?? '').split('For development:');
	const reasonsIn = (text: string): readonly string[] =>
		[...text.matchAll(/^\| ([^|]*`[^|]*`[^|]*) \|/gmu)].flatMap(([, names = '']) =>
			[...names.matchAll(/`([^`]+)`/gu)].map(([, name = '']) => name),
		);
	expect([...reasonsIn(users)].sort()).toEqual(Object.keys(packageFile.dependencies).sort());
	expect([...reasonsIn(developers)].sort()).toEqual(Object.keys(packageFile.devDependencies).sort());
});

test('versions are told alike', () => {
	expect(read('CHANGELOG.md')).toContain(`## ${packageFile.version}`);
	expect(readme).toContain(`Node ${packageFile.engines.node.replace('>=', '')}`);
	expect(readme).toContain(`printkeep-${packageFile.version}.tgz`);
});
