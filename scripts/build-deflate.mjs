/**
 * Compiles the compressor in source/engine/archive/assembly/ to WebAssembly and puts it into a module next to that folder, which the program and the tests import.
 * Nothing happens when the module there was made of the same sources.
 */
import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

const archive = fileURLToPath(new URL('../source/engine/archive/', import.meta.url));
const sources = join(archive, 'assembly');
const target = join(archive, 'deflate-module.ts');
/** 44 pages hold tables, a piece with what comes before it, and its output. Static tables lie below 64 kB. */
const options = '-O3 --runtime stub --initialMemory 44 --maximumMemory 44 --noAssert --memoryBase 1024'.split(' ');

const require = createRequire(import.meta.url);
const findCompiler = () => {
	try {
		return require.resolve('assemblyscript/package.json');
	} catch (error) {
		if (existsSync(target) || existsSync(join(archive, '../../../dist/cli.js'))) {
			// Installed without what building needs, and built before.
			process.exit(0);
		}

		throw new Error('printkeep is built with assemblyscript, which is not installed: run npm ci, without --omit=dev.', {
			cause: error,
		});
	}
};

const compiler = findCompiler();
const hash = createHash('sha256').update(
	`${JSON.parse(readFileSync(compiler, 'utf8')).version} ${options.join(' ')}\n`,
);
for (const name of readdirSync(sources).sort()) {
	hash.update(`${name}\n`).update(readFileSync(join(sources, name)));
}

const mark = `// Made by scripts/build-deflate.mjs of sources ${hash.digest('hex')}\n`;

const isMade = () => {
	try {
		return readFileSync(target, 'utf8').startsWith(mark);
	} catch {
		return false;
	}
};

if (!isMade()) {
	const folder = mkdtempSync(join(tmpdir(), 'printkeep-deflate-'));
	try {
		const output = join(folder, 'deflate.wasm');
		execFileSync(
			process.execPath,
			[join(dirname(compiler), 'bin/asc.js'), join(sources, 'deflate.ts'), '-o', output, ...options],
			{stdio: 'inherit'},
		);
		// In one step: another process may be reading it.
		const beside = `${target}.${process.pid}`;
		writeFileSync(
			beside,
			`${mark}/** The compressor as WebAssembly, in base64. */\nexport const deflateModule =\n\t'${readFileSync(output).toString('base64')}';\n`,
		);
		renameSync(beside, target);
	} finally {
		rmSync(folder, {recursive: true, force: true});
	}
}
