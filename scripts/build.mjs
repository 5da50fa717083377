/**
 * Bundles source/ into dist/: the command line entry, which stays parsable by old Node versions so that it can say what it needs,
 * and behind it the program, split into chunks so that a plain command never loads the dashboard.
 */
import {execFileSync} from 'node:child_process';
import {chmodSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {build} from 'esbuild';
import './build-deflate.mjs';

const packageJson = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const outdir = fileURLToPath(new URL('../dist/', import.meta.url));
rmSync(outdir, {recursive: true, force: true});

/**
 * Runs string-width when a text is first measured by it, not when the program starts: its tables and patterns take longer to make than most commands run, and
 * plain ASCII needs none of them. The sources import it like everything else.
 */
const lateStringWidth = {
	name: 'late-string-width',
	setup({onResolve, onLoad}) {
		onResolve({filter: /^string-width$/}, ({importer, resolveDir}) =>
			importer.endsWith('/source/format/width.ts')
				? {path: 'string-width', namespace: 'late', pluginData: {resolveDir}}
				: undefined,
		);
		onLoad({filter: /.*/, namespace: 'late'}, ({pluginData}) => ({
			contents: "export default text => require('string-width').default(text);",
			resolveDir: pluginData.resolveDir,
		}));
	},
};

/**
 * Hands the layout engine behind Ink its WebAssembly as bytes. Left to itself it fetches them from a data URL, and for that Node loads its whole HTTP client:
 * a tenth of what the dashboard takes until its first frame, and 5 MB.
 */
const layoutFromBytes = {
	name: 'layout-from-bytes',
	setup({onLoad}) {
		onLoad({filter: /\/yoga-layout\/dist\/binaries\/yoga-wasm-base64-esm\.js$/}, ({path}) => {
			const code = readFileSync(path, 'utf8');
			const [, prefix, binary] = /"(data:application\/octet-stream;base64,)([^"]+)"/.exec(code) ?? [];
			const start = 'loadYoga = loadYoga || {};';
			if (binary === undefined || !code.includes(start) || !code.includes('wasmBinary')) {
				throw new Error(`${path} loads its WebAssembly in another way than this build knows.`);
			}

			return {
				contents: code
					.replace(`"${prefix}${binary}"`, () => JSON.stringify(prefix))
					.replace(start, () => `loadYoga = {wasmBinary: Buffer.from("${binary}", 'base64'), ...loadYoga};`),
			};
		});
	},
};

const result = await build({
	entryPoints: {
		cli: 'source/cli.ts',
		worker: 'source/worker/thread.ts',
		helper: 'source/worker/helper.ts',
		'plugin-host': 'source/worker/plugin-host.ts',
		plugin: 'source/plugins/public.ts',
	},
	outdir,
	bundle: true,
	splitting: true,
	minify: false,
	minifySyntax: true,
	minifyWhitespace: true,
	platform: 'node',
	format: 'esm',
	target: 'node22',
	chunkNames: 'chunks/[name]-[hash]',
	plugins: [lateStringWidth, layoutFromBytes],
	legalComments: 'linked',
	metafile: true,
	define: {
		'process.env.NODE_ENV': '"production"',
		PRINTKEEP_VERSION: JSON.stringify(packageJson.version),
		PRINTKEEP_NODE_RANGE: JSON.stringify(packageJson.engines.node),
	},
	banner: {
		// Some bundled packages are CommonJS and call require for Node's own modules.
		js: "import {createRequire as __createRequire} from 'node:module';const require=__createRequire(import.meta.url);",
	},
	// Optional at run time in Ink, and never installed here.
	external: ['react-devtools-core'],
	logLevel: 'warning',
});

chmodSync(new URL('../dist/cli.js', import.meta.url), 0o755);
/** Types of what `printkeep/plugin` exports, for whoever writes plugins. Nothing in here needs them to run. */
const declareTypes = () => {
	const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'));
	const options = [
		'--declaration',
		'--emitDeclarationOnly',
		'--target',
		'ES2024',
		'--module',
		'NodeNext',
		'--types',
		'node',
	];
	execFileSync(
		process.execPath,
		[
			join(typescript, 'bin/tsc'),
			...[
				'source/plugins/public.ts',
				'--ignoreConfig',
				'--strict',
				'--rootDir',
				'source',
				'--outDir',
				`${outdir}types`,
			],
			...options,
		],
		{stdio: 'inherit'},
	);
	writeFileSync(`${outdir}plugin.d.ts`, "export * from './types/plugins/public.js';\n");
};

const isQuiet = process.argv.includes('--quiet');
if (!isQuiet || process.argv.includes('--types')) {
	declareTypes();
}

if (!isQuiet) {
	for (const [file, {bytes}] of Object.entries(result.metafile.outputs)) {
		console.log(`${String(Math.ceil(bytes / 1024)).padStart(6)} kB  ${file}`);
	}
}
