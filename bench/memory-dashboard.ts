/**
 * Peak memory of the dashboard while it backs up an instance: the whole process, engine thread included, as /usr/bin/time sees it.
 *
 * usage: tsx bench/memory-dashboard.ts [--size year]
 */
import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';
import {openPty} from '../test/helpers/pty.js';
import {cliPath, isolatedEnvironment} from '../test/helpers/run-printkeep.js';
import {makeTemporaryDirectory, removeDirectory} from '../test/helpers/temporary.js';

const {values} = parseArgs({options: {size: {type: 'string', default: 'year'}}});
const root = makeTemporaryDirectory();
try {
	const dataFolder = join(root, 'octoprint');
	const report = join(root, 'time');
	const generator = fileURLToPath(new URL('gen.mjs', import.meta.url));
	execFileSync(process.execPath, [generator, 'create', '--size', values.size, '--out', dataFolder]);
	const pty = await openPty(
		[
			...['/usr/bin/time', '-v', '-o', report, process.execPath, cliPath],
			...['--basedir', dataFolder, '--store', join(root, 'store')],
		],
		{env: isolatedEnvironment(join(root, 'home'))},
	);
	await pty.whenScreen(screen => /Backups +0 backups/u.test(screen), 60_000);
	await pty.type('b');
	await pty.whenScreen(screen => /uploads .*\d MB/u.test(screen), 60_000);
	await pty.type('\r');
	await pty.whenScreen(screen => screen.includes('Backed up: '), 180_000);
	await pty.type('q');
	await pty.exit;
	const kilobytes = Number(/Maximum resident set size \(kbytes\): (\d+)/u.exec(readFileSync(report, 'utf8'))?.[1]);
	console.log(`dashboard backing up size ${values.size}: peak ${(kilobytes / 1024).toFixed(0)} MB`);
} finally {
	removeDirectory(root);
}
