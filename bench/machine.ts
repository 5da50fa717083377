import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {cpus, release, totalmem} from 'node:os';
import type {Bench} from './bench.js';

const osName = (): string => /^PRETTY_NAME="?([^"\n]*)/mu.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'Linux';

const fileSystem = (folder: string): string => {
	const [, type = 'unknown', options = ''] = execFileSync(
		'findmnt',
		['--noheadings', '--output', 'SOURCE,FSTYPE,OPTIONS', '--target', folder],
		{encoding: 'utf8'},
	)
		.trim()
		.split(/\s+/u);
	return `${type} (${options})`;
};

/** On what and with what it was measured, as lines of a list. */
export const machineLines = (bench: Bench, outputs: string): readonly string[] => {
	const {peers, printkeep, options, cores} = bench;
	const version = execFileSync(process.execPath, [printkeep.program, '--version'], {
		env: {...printkeep.environment},
		encoding: 'utf8',
	});
	const known = [...peers.versions].map(([name, text]) => `${name} ${text}`);
	return [
		`- ${cores} cores of ${cpus()[0]?.model ?? 'an unknown processor'}, ${(totalmem() / 1e9).toFixed(0)} GB of memory, ${osName()}, Linux ${release()}`,
		`- written to ${fileSystem(outputs)}${options.image ? ', a new one in a file, mounted for this run' : ''}; the data is in the page cache`,
		`- ${version.trim()} on Node ${process.versions.node} (zlib ${process.versions.zlib}); ${known.join(', ')}; yazl and yauzl of package.json`,
		`- data from seed ${options.seed}`,
		...peers.missing.map(({name, package: packageName}) => `- missing here: ${name} (Debian package ${packageName})`),
	];
};
