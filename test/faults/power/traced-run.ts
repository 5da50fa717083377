/** What a run of the shipped program did to a folder, by strace: for writes that do not go through the engine's disk. */
import {execFileSync} from 'node:child_process';
import * as fs from 'node:fs';
import {join} from 'node:path';
import {cliPath, isolatedEnvironment} from '../../helpers/run-printkeep.js';
import {readFileSystem, writeFileSystem} from './file-system.js';
import {type Recording, record} from './recorder.js';

const traced =
	'openat,close,write,pwrite64,fsync,fdatasync,ftruncate,rename,renameat,renameat2,unlink,unlinkat,chmod,fchmod,fchmodat,mkdir';

/** Arguments of a call as strace writes them: texts in quotes, everything else as it stands. */
const argumentsOf = (text: string): readonly string[] =>
	[...text.matchAll(/"((?:[^"\\]|\\.)*)"|[^,()\s]+(?:<[^>]*>)?/g)].map(([all, quoted]) =>
		quoted === undefined
			? all
			: quoted.replaceAll(/\\(x[0-9a-f]{2}|.)/g, (_, code: string) =>
					code.startsWith('x') ? String.fromCharCode(Number.parseInt(code.slice(1), 16)) : code,
				),
	);

const inAscending = (folder: string): readonly string[] =>
	fs
		.readdirSync(folder)
		.flatMap(name => fs.readFileSync(join(folder, name), 'latin1').split('\n'))
		.filter(line => /^\d+\.\d+ /.test(line))
		.sort((a, b) => Number(a.split(' ')[0]) - Number(b.split(' ')[0]));

/** Does the calls of a trace that concern a folder again, on a disk that records them. */
const replay = async (lines: readonly string[], watched: string, {disk}: Recording): Promise<void> => {
	const open = new Map<string, {readonly path: string; readonly descriptor: number | null; position: number}>();
	const isWatched = (path: string | undefined): path is string =>
		path?.startsWith(`${watched}/`) === true || path === watched;
	for (const line of lines) {
		const found = /^\S+ (\w+)\((.*)\) += (-?\d+)/.exec(line);
		const [, call = '', text = '', result = '-1'] = found ?? [];
		if (result.startsWith('-')) {
			continue;
		}

		const given = argumentsOf(text);
		const paths = given.filter(isWatched);
		const [path] = paths;
		const file = open.get(given[0] ?? '');
		switch (call) {
			case 'openat': {
				const flags = given[2] ?? '';
				if (path !== undefined) {
					const isNew = flags.includes('O_CREAT') && !fs.existsSync(path);
					const isFile = isNew || (/O_WRONLY|O_RDWR/.test(flags) && fs.existsSync(path));
					const descriptor = isNew
						? disk.create(path, Number.parseInt(given[3] ?? '600', 8))
						: isFile
							? disk.openForUpdate(path)
							: null;
					if (!isNew && flags.includes('O_TRUNC') && descriptor !== null) {
						disk.truncate(descriptor, 0);
					}

					open.set(result, {path, descriptor, position: 0});
				} else {
					open.delete(result);
				}

				break;
			}

			case 'write':
			case 'pwrite64':
				if (file?.descriptor != null) {
					const bytes = Buffer.from(given[1] ?? '', 'latin1').subarray(0, Number(result));
					const position = call === 'write' ? file.position : Number(given[3]);
					disk.write(file.descriptor, bytes, position);
					file.position = position + bytes.length;
				}

				break;
			case 'ftruncate':
				if (file?.descriptor != null) {
					disk.truncate(file.descriptor, Number(given[1]));
				}

				break;
			case 'fsync':
			case 'fdatasync':
				if (file) {
					await (file.descriptor === null ? disk.syncDirectory(file.path) : disk.syncFile(file.descriptor));
				}

				break;
			case 'fchmod':
				if (file) {
					disk.changeMode(file.path, Number.parseInt(given[1] ?? '', 8));
				}

				break;
			case 'chmod':
			case 'fchmodat':
				if (path !== undefined) {
					disk.changeMode(path, Number.parseInt(given.find(each => /^0\d+$/.test(each)) ?? '', 8));
				}

				break;
			case 'close':
				if (file?.descriptor != null) {
					disk.close(file.descriptor);
				}

				open.delete(given[0] ?? '');
				break;
			case 'rename':
			case 'renameat':
			case 'renameat2': {
				const [from, to] = paths;
				if (from !== undefined && to !== undefined) {
					disk.rename(from, to);
				}

				break;
			}

			case 'unlink':
			case 'unlinkat':
				if (path !== undefined) {
					disk.unlink(path);
				}

				break;
			case 'mkdir':
				if (path !== undefined) {
					disk.makeDirectory(path, Number.parseInt(given[1] ?? '700', 8));
				}

				break;
			default:
		}
	}
};

/**
 * Runs a command and records what it did below a folder.
 * @param watched real path; it is as the command left it afterwards.
 */
export const recordCommand = async (
	args: readonly string[],
	{home, watched}: {readonly home: string; readonly watched: string},
): Promise<Recording> => {
	const initial = readFileSystem(watched);
	const traces = join(home, 'traces');
	fs.mkdirSync(traces);
	execFileSync(
		'strace',
		[
			'-ff',
			'-ttt',
			'-xx',
			'-s',
			'1000000',
			'-e',
			`trace=${traced}`,
			'-o',
			join(traces, 'trace'),
			process.execPath,
			cliPath,
			...args,
		],
		{env: isolatedEnvironment(home), stdio: 'pipe'},
	);
	writeFileSystem(initial, watched);
	const recording = record(watched);
	await replay(inAscending(traces), watched, recording);
	fs.rmSync(traces, {recursive: true});
	return recording;
};
