import {spawn} from 'node:child_process';
import {cpSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import type {PlantedFault} from './fault.js';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const copied = [
	'source',
	'test',
	'scripts',
	'bench',
	'docs',
	'package.json',
	'tsconfig.json',
	'vitest.config.ts',
	'README.md',
];

/** The text of a file with an edit made. @throws when what is to be replaced is not there exactly once */
const edited = (text: string, {file, find, replace}: PlantedFault['edits'][number]): string => {
	const places = text.split(find).length - 1;
	if (places !== 1) {
		throw new Error(`${file} has the text to be replaced ${places} times: ${find}`);
	}

	return text.replace(find, () => replace);
};

const plantIn = (folder: string, {edits}: PlantedFault): void => {
	for (const edit of edits) {
		const path = join(folder, edit.file);
		writeFileSync(path, edited(readFileSync(path, 'utf8'), edit));
	}
};

/** Makes sure that a fault can be planted in the source as it is. @throws when it cannot */
export const checkApplies = ({name, edits}: PlantedFault): void => {
	const texts = new Map<string, string>();
	try {
		for (const edit of edits) {
			const text = texts.get(edit.file) ?? readFileSync(join(repository, edit.file), 'utf8');
			texts.set(edit.file, edited(text, edit));
		}
	} catch (error) {
		throw new Error(`${name} no longer applies: ${error instanceof Error ? error.message : String(error)}`);
	}
};

const run = async (
	folder: string,
	args: readonly string[],
	env: Readonly<Record<string, string>>,
): Promise<{readonly code: number | null; readonly output: string}> =>
	new Promise((resolve, reject) => {
		const child = spawn(process.execPath, args, {cwd: folder, env: {...process.env, ...env}});
		let output = '';
		for (const stream of [child.stdout, child.stderr]) {
			stream.setEncoding('utf8').on('data', (text: string) => {
				output = `${output}${text}`.slice(-20_000);
			});
		}

		child.on('error', reject);
		child.on('close', code => resolve({code, output}));
	});

type Report = {
	readonly numFailedTests: number;
	readonly numPassedTests: number;
	readonly testResults: readonly {
		readonly assertionResults: readonly {
			readonly title: string;
			readonly status: string;
			readonly failureMessages?: readonly string[];
		}[];
	}[];
};

export type Outcome =
	/** `by` is the failed test with the first line of its message. */
	| {readonly type: 'caught'; readonly by: string}
	| {readonly type: 'survived'}
	/** Nothing was tested, so that nothing is proven. */
	| {readonly type: 'void'; readonly reason: string};

/** Plants a fault in a copy of the repository and runs the test that has to notice. */
export const tryFault = async (fault: PlantedFault, folder: string): Promise<Outcome> => {
	for (const name of copied) {
		cpSync(join(repository, name), join(folder, name), {recursive: true});
	}

	symlinkSync(join(repository, 'node_modules'), join(folder, 'node_modules'));
	plantIn(folder, fault);
	const {file, test, needsBuild} = fault.caughtBy;
	if (needsBuild) {
		const {code, output} = await run(folder, ['scripts/build.mjs', '--quiet'], {});
		if (code !== 0) {
			return {type: 'void', reason: `The copy could not be built: ${output}`};
		}
	}

	const reportFile = join(folder, 'report.json');
	const {output} = await run(
		folder,
		[
			'node_modules/vitest/vitest.mjs',
			'run',
			'--project',
			file.startsWith('test/faults/') ? 'faults' : 'unit',
			'--bail=1',
			'--reporter=json',
			`--outputFile=${reportFile}`,
			...(test === undefined ? [] : ['-t', test]),
			file,
		],
		{PRINTKEEP_FAULTS: 'bounded', PRINTKEEP_FAULT_COUNTS: folder},
	);
	let report: Report;
	try {
		report = JSON.parse(readFileSync(reportFile, 'utf8')) as Report;
	} catch {
		return {type: 'void', reason: `The tests did not run: ${output}`};
	}

	const failed = report.testResults
		.flatMap(({assertionResults}) => assertionResults)
		.find(({status}) => status === 'failed');
	if (failed) {
		return {type: 'caught', by: `${failed.title}: ${failed.failureMessages?.[0]?.split('\n')[0] ?? ''}`};
	}

	return report.numPassedTests > 0 ? {type: 'survived'} : {type: 'void', reason: `No test ran: ${output.slice(-2000)}`};
};
