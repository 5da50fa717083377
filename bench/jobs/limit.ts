import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import yauzl from 'yauzl';
import {levelOf} from '../../source/engine/archive/profile.js';
import {type Bench, plainCommand, removeFolder} from '../bench.js';
import type {Measurement} from '../measure.js';
import type {Size} from '../options.js';
import type {Contest, JobResult} from '../results.js';
import {median} from '../statistics.js';
import {seconds} from '../table.js';
import {createOwn, peer} from './create.js';

const level = levelOf();
/** Has Node run TypeScript, wherever it is started. */
const loader = import.meta.resolve('tsx');

/** The files of the data that an archive of it has deflated; those it has stored are no work for deflate. */
const deflatedFiles = async (archive: string, data: string): Promise<readonly string[]> => {
	const zip = await yauzl.openPromise(archive);
	const files: string[] = [];
	for await (const {fileName, compressionMethod} of zip.eachEntry()) {
		if (compressionMethod === 8 && fileName.startsWith('basedir/')) {
			files.push(join(data, fileName.slice('basedir/'.length)));
		}
	}

	return files;
};

const deflated = ({lines}: Measurement): Readonly<Record<string, number>> =>
	JSON.parse(lines[0]?.[1] ?? '') as {readonly bytes: number; readonly seconds: number};

const rate = (bytes: number, taken: number): number => bytes / 1e6 / taken;

/** How near the first backup comes to what the cores can deflate: if nothing but deflate took time, and all cores did nothing else. */
export const benchLimit = async (bench: Bench, size: Size): Promise<JobResult> => {
	const {printkeep, cores} = bench;
	const data = bench.data(size);
	const folder = bench.folder('limit');
	printkeep.run('backup', '--basedir', data, '--path', join(folder, 'list.zip'), '--yes', '--json');
	const list = join(folder, 'list.txt');
	writeFileSync(list, (await deflatedFiles(join(folder, 'list.zip'), data)).join('\n'));
	const contests = await bench.hold(
		[
			{
				name: 'deflate, one core',
				command: {
					...plainCommand(folder, process.execPath, '--import', loader, peer('raw-deflate.ts'), String(level), list),
					lines: true,
				},
				phases: deflated,
			},
			...createOwn(bench, data, folder).slice(0, 1),
		],
		bench.options.rounds(size),
	);
	removeFolder(folder);
	const [raw, own] = contests;
	const plain: readonly Contest[] = contests.map(contest =>
		contest === raw ? {...contest, runs: contest.runs.map(run => ({...run, phases: null}))} : contest,
	);
	const rounds = (raw?.runs ?? []).flatMap(({phases}, round) => {
		const run = own?.runs[round];
		return phases === null || run === undefined
			? []
			: [{bytes: phases.bytes ?? 0, deflate: phases.seconds ?? 0, written: seconds(run, 'written')}];
	});
	return {
		...{job: 'limit', data: size, title: `Nearness to the limit, ${size}`, baseline: 'deflate, one core'},
		contests: plain,
		figures: [
			{
				...{id: 'deflate-rate', what: `one core’s raw deflate at level ${level}`, unit: 'MB/s'},
				values: rounds.map(({bytes, deflate}) => rate(bytes, deflate)),
			},
			{
				...{id: 'create-rate', what: 'of the first backup, until the last byte is written', unit: 'MB/s'},
				values: rounds.map(({bytes, written}) => rate(bytes, written)),
			},
			{
				...{id: 'limit-share', what: `its share of ${cores} cores’ raw deflate`, unit: '%'},
				values: rounds.map(({deflate, written}) => (deflate / cores / written) * 100),
			},
		],
		notes: [
			`Counted are only the ${(median(rounds.map(({bytes}) => bytes)) / 1e6).toFixed(0)} MB of the data that the archive has deflated, in pieces of 1 MB; what it stores as it is, is no work for deflate, and yet costs the backup time. printkeep’s own start and its scan are in its time.`,
		],
	};
};
