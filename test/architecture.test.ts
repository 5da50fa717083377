import {readdirSync, readFileSync} from 'node:fs';
import {dirname, join, relative, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';
import {describe, expect, test} from 'vitest';

/** docs/architecture.md says who may know whom; here it is enforced, from the import lines. */

const root = fileURLToPath(new URL('..', import.meta.url));
const sourceFolder = join(root, 'source');

type SourceFile = {
	/** Relative to source/, with `/`. */
	readonly path: string;
	readonly text: string;
	/** Every module it imports, types too: files of source/ by their path there, packages by their name, Node's own with `node:`. */
	readonly imports: readonly string[];
	/** The imports that are there at run time. */
	readonly valueImports: readonly string[];
};

const sourceFiles = (): readonly SourceFile[] =>
	readdirSync(sourceFolder, {recursive: true, encoding: 'utf8'})
		.filter(name => /\.tsx?$/u.test(name))
		.map(name => readSource(name.split('\\').join('/')));

const specifierPattern =
	/(?:^|\n)\s*(import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gu;

const readSource = (path: string): SourceFile => {
	const text = readFileSync(join(sourceFolder, path), 'utf8');
	const found = [...text.matchAll(specifierPattern)].map(([, , type, fixed, dynamic]) => ({
		specifier: nameOf(path, fixed ?? dynamic ?? ''),
		type: type !== undefined,
	}));
	return {
		path,
		text,
		imports: found.map(({specifier}) => specifier),
		valueImports: found.filter(({type}) => !type).map(({specifier}) => specifier),
	};
};

const nameOf = (path: string, specifier: string): string => {
	if (specifier.startsWith('.')) {
		const target = relative(sourceFolder, resolve(sourceFolder, dirname(path), specifier))
			.split('\\')
			.join('/');
		// AssemblyScript names no extension.
		return /\.\w+$/u.test(target) ? target.replace(/\.js$/u, '.ts') : `${target}.ts`;
	}

	if (specifier.startsWith('node:')) {
		return specifier;
	}

	return specifier
		.split('/')
		.slice(0, specifier.startsWith('@') ? 2 : 1)
		.join('/');
};

const files = sourceFiles();

const inFolder = (path: string, ...folders: readonly string[]): boolean =>
	folders.some(folder => path === folder || path.startsWith(`${folder}/`));

/** Every import that breaks a rule, as "file imports module". */
const offences = (
	applies: (file: SourceFile) => boolean,
	forbidden: (imported: string, file: SourceFile) => boolean,
	kind: 'imports' | 'valueImports' = 'imports',
): readonly string[] =>
	files
		.filter(file => applies(file))
		.flatMap(file => file[kind].filter(name => forbidden(name, file)).map(name => `${file.path} imports ${name}`));

/** Text without comments and strings, so that words in them are no offence. */
const codeOf = (text: string): string =>
	text
		.replaceAll(/\/\*[\s\S]*?\*\//gu, '')
		.replaceAll(/(^|[^:'"`\\])\/\/[^\n]*/gu, '$1')
		.replaceAll(/'(?:[^'\\\n]|\\.)*'/gu, "''")
		.replaceAll(/"(?:[^"\\\n]|\\.)*"/gu, '""');

describe('the import lines', () => {
	test('are all understood: there are source files, and each relative import leads to one', () => {
		expect(files.length).toBeGreaterThan(20);
		const known = new Set(files.map(({path}) => path.replace(/\.tsx$/u, '.ts')));
		const lost = offences(
			() => true,
			name => name.endsWith('.ts') && !known.has(name),
		);
		expect(lost).toEqual([]);
	});

	test('everything behind the screen knows nothing of the screen', () => {
		expect(
			offences(
				({path}) =>
					inFolder(path, 'engine', 'worker', 'servers', 'agents', 'plugins', 'client', 'state', 'format', 'settings'),
				name => inFolder(name, 'dashboard') || ['ink', 'react', 'ink-select-input'].includes(name),
			),
		).toEqual([]);
	});

	test('only the dashboard imports ink and react', () => {
		expect(
			offences(
				({path}) => !inFolder(path, 'dashboard'),
				name => ['ink', 'react', 'ink-select-input'].includes(name),
			),
		).toEqual([]);
	});

	test('commands never import the dashboard, so that `printkeep list` never loads Ink', () => {
		expect(
			offences(
				({path}) => inFolder(path, 'commands'),
				name => inFolder(name, 'dashboard'),
			),
		).toEqual([]);
	});

	test('commands, state and dashboard know the engine only through the client', () => {
		expect(
			offences(
				({path}) => inFolder(path, 'commands', 'state', 'dashboard', 'format'),
				name => inFolder(name, 'engine', 'worker', 'servers'),
				'valueImports',
			),
		).toEqual([]);
	});

	test('the engine knows no particular server, and servers know no engine', () => {
		expect(
			offences(
				({path}) => inFolder(path, 'engine'),
				name => /^servers\/(octoprint|bambuddy|klipper|pocketbase|folder)\b/u.test(name),
			),
		).toEqual([]);
		expect(
			offences(
				({path}) => inFolder(path, 'servers'),
				name => inFolder(name, 'engine', 'worker', 'commands', 'state', 'settings'),
				'valueImports',
			),
		).toEqual([]);
	});

	test('the engine knows no commands, no state and no settings store', () => {
		expect(
			offences(
				({path}) => inFolder(path, 'engine'),
				name => inFolder(name, 'commands', 'state', 'worker') || name === 'settings/store.ts',
				'valueImports',
			),
		).toEqual([]);
	});

	test('what is large in Node and seldom needed is loaded when it is asked for', () => {
		expect(
			offences(
				() => true,
				name => ['node:http', 'node:https', 'node:child_process', 'node:sqlite'].includes(name),
				'valueImports',
			).filter(offence => !offence.startsWith('load-sqlite.ts ')),
		).toEqual([]);
		// Locales are several megabytes.
		expect(files.filter(({text}) => /\.toLocale\w*String\(|\.localeCompare\(/u.test(codeOf(text)))).toEqual([]);
	});

	test('plugins that come with printkeep know its public API and what is pure, and nothing else', () => {
		const inThere = files.filter(({path}) => inFolder(path, 'plugins/built-in'));
		expect(inThere.length).toBeGreaterThan(10);
		expect(
			offences(
				({path}) => inFolder(path, 'plugins/built-in'),
				name =>
					!name.startsWith('node:') &&
					!inFolder(name, 'plugins/built-in', 'format') &&
					// Which files may be trusted is one rule for all of printkeep, and needs nothing but the file system.
					!['plugins/api.ts', 'plugins/trusted-path.ts'].includes(name),
			),
		).toEqual([]);
		expect(
			offences(
				({path}) => inFolder(path, 'format') || path === 'plugins/api.ts' || path === 'plugins/trusted-path.ts',
				name => !['node:fs', 'node:path', 'string-width'].includes(name) && !inFolder(name, 'format'),
			),
		).toEqual([]);
	});

	test('a package is known in one place', () => {
		const places: Readonly<Record<string, readonly string[]>> = {
			yazl: ['engine/archive'],
			yauzl: ['engine/archive'],
			chokidar: ['engine/watch.ts'],
			conf: ['settings'],
		};
		for (const [name, allowed] of Object.entries(places)) {
			expect(
				offences(
					({path}) => !inFolder(path, ...allowed),
					imported => imported === name,
				),
			).toEqual([]);
		}
	});

	test('every package that is imported is a dependency, and every dependency is imported', () => {
		const {dependencies} = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
			readonly dependencies: Readonly<Record<string, string>>;
		};
		const imported = new Set(
			files.flatMap(({imports}) => imports).filter(name => !name.startsWith('node:') && !name.endsWith('.ts')),
		);
		expect([...imported].sort()).toEqual(Object.keys(dependencies).sort());
	});
});

describe('the ports', () => {
	const mayUse: Readonly<Record<string, readonly string[]>> = {
		'Date.now': ['cli.ts', 'main.ts', 'clock.ts'],
		'new Date()': ['clock.ts'],
		'process.env': ['cli.ts', 'main.ts', 'settings/paths.ts'],
		'process.exit(': ['cli.ts', 'main.ts'],
		'console.': ['cli.ts', 'main.ts'],
	};

	for (const [call, allowed] of Object.entries(mayUse)) {
		test(`${call} is used only in ${allowed.join(', ')}`, () => {
			const users = files
				.filter(({path, text}) => !allowed.includes(path) && codeOf(text).includes(call))
				.map(({path}) => path);
			expect(users).toEqual([]);
		});
	}

	test('in the engine only disk.ts changes anything on disk', () => {
		const changing =
			/\b(?:fs\.)?(writeFileSync|writeSync|appendFileSync|renameSync|unlinkSync|rmSync|rmdirSync|mkdirSync|mkdtempSync|copyFileSync|chmodSync|chownSync|lchownSync|utimesSync|lutimesSync|futimesSync|symlinkSync|linkSync|truncateSync|ftruncateSync|createWriteStream)\(/u;
		const users = files
			.filter(({path, text}) => inFolder(path, 'engine') && path !== 'engine/disk.ts' && changing.test(codeOf(text)))
			.map(({path}) => path);
		expect(users).toEqual([]);
	});
});

describe('the shape of the code', () => {
	test('a file of over 300 lines says why at its top', () => {
		const silent = files
			.filter(({text}) => text.split('\n').length > 300)
			.filter(
				({text}) =>
					!/^(?:#![^\n]*\n)?\s*(?:\/\*\*[\s\S]*?\bwhy (?:one|so|this|it is) long[\s\S]*?\*\/|\/\/[^\n]*\bwhy (?:one|so|this|it is) long)/iu.test(
						text,
					),
			)
			.map(({path, text}) => `${path}: ${text.split('\n').length} lines`);
		expect(silent).toEqual([]);
	});

	test('files are named in kebab-case', () => {
		expect(files.map(({path}) => path).filter(path => !/^(?:[a-z0-9-]+\/)*[a-z0-9-]+\.tsx?$/u.test(path))).toEqual([]);
	});

	test('there are no default exports, no enums and no any', () => {
		const found = files.filter(({text}) =>
			/(?:^|\n)export default\b|(?:^|\n)(?:export )?(?:const )?enum\b|: any\b|\bas any\b/u.test(codeOf(text)),
		);
		expect(found.map(({path}) => path)).toEqual([]);
	});
});
