import {expect, test} from 'vitest';
import type {JobRequest} from '../../../source/client/protocol.js';
import {PrintkeepError} from '../../../source/errors.js';
import {makePart, makeStoreInfo} from '../../helpers/make-model.js';
import {type RenderOptions, renderApp} from '../../helpers/render-app.js';
import {createScriptedClient, type Script} from '../../helpers/scripted-client.js';
import {partAnswers} from '../../helpers/scripted-parts.js';

const open = async (answers: Script['answers'] = {}, options: Partial<RenderOptions> = {}) => {
	const client = createScriptedClient({answers: {...partAnswers, ...answers}});
	const app = await renderApp({client, ...options});
	await app.shows('Last good backup');
	await app.press('3');
	const request = (): JobRequest | undefined =>
		client.calls.findLast(({method}) => method === 'job.start')?.params as JobRequest | undefined;
	return {app, client, request};
};

test.each([
	[60, 15],
	[80, 24],
	[120, 40],
])('at %ix%i', async (columns, rows) => {
	const {app} = await open({}, {columns, rows});
	await expect(await app.shows('about 2.0 GB')).toMatchFileSnapshot(`../../frames/create-${columns}x${rows}.txt`);
});

test('in ASCII nothing else is written', async () => {
	const {app} = await open({}, {unicode: false});
	const screen = await app.shows('about 2.0 GB');
	await expect(screen).toMatchFileSnapshot('../../frames/create-ascii.txt');
	expect(screen).toMatch(/^[\x20-\x7e\n]*$/);
});

test('Space leaves a part out: sums, command and backup follow', async () => {
	const {app, request} = await open();
	await app.shows('about 2.0 GB');
	await app.press('j', 'j', 'Space');
	const screen = await app.shows('about 125 MB');
	expect(screen).toContain('printkeep backup --exclude timelapse');
	expect(screen).toContain('from 398 MB in 371 files');
	await app.press('Enter');
	await app.shows('There is no backup yet');
	expect(request()).toMatchObject({type: 'create', excludes: ['timelapse'], includes: [], note: '', trigger: 'manual'});
});

test('a part that cannot be toggled says why', async () => {
	const {app} = await open();
	await app.shows('about 2.0 GB');
	await app.press('Space');
	await app.shows('Always in: nothing can be restored without it.');
	await app.press('G', 'Space');
	await app.shows('Never in. They grow without bound');
});

test('a note is typed with letters that are keys elsewhere, and goes with the backup', async () => {
	const {app, request} = await open();
	await app.shows('about 2.0 GB');
	await app.press('Tab');
	await app.type("before q's upgrade 1");
	await app.shows(String.raw`printkeep backup --note 'before q'\''s upgrade 1'`);
	await app.press('Enter');
	await app.shows('There is no backup yet');
	expect(request()).toMatchObject({type: 'create', note: "before q's upgrade 1"});
});

test('P goes round the profiles: words, command and backup follow, and the usual one is not named', async () => {
	const {app, request} = await open();
	expect(await app.shows('about 2.0 GB')).toContain('balanced: as small as');
	await app.press('P');
	expect(await app.shows('fast: some per cent larger')).toContain('printkeep backup --profile fast');
	await app.press('P');
	await app.shows('small: the smallest');
	await app.press('P');
	expect(await app.shows('balanced: as small as')).not.toContain('--profile');
	await app.press('P', 'Enter');
	await app.shows('There is no backup yet');
	expect(request()?.target.effort).toEqual({profile: 'fast'});
});

test('what was toggled is still so after leaving and coming back', async () => {
	const {app} = await open();
	await app.shows('about 2.0 GB');
	await app.press('j', 'j', 'Space', '1');
	await app.shows('Last good backup');
	await app.press('3');
	await app.shows('--exclude timelapse');
});

test('too little space is said before anything starts', async () => {
	const {app} = await open({'store.info': ({target}) => makeStoreInfo({path: target.store, freeBytes: 1_900_000_000})});
	await app.shows('Not enough space: 1.9 GB free, 100 MB are to stay free');
});

test('a refused start says why and stays', async () => {
	const {app} = await open({
		'job.start': () => {
			throw new PrintkeepError('busy', 'A restore is running.', {hint: 'Wait for it.'});
		},
	});
	await app.shows('about 2.0 GB');
	await app.press('Enter');
	expect(await app.shows('A restore is running. Wait for it.')).toContain('Note');
});

test('parts that cannot be read are an error with what to do', async () => {
	const {app} = await open({
		'parts.list': () => {
			throw new PrintkeepError('missing-folder', 'The data folder is gone.', {hint: 'Is its disk mounted?'});
		},
	});
	const screen = await app.shows('Is its disk mounted?');
	expect(screen).toContain('Code: missing-folder');
	expect(screen).toContain('printkeep.log');
});

test('a data folder that goes away later is said to be gone, in place of sizes that never come', async () => {
	let isGone = false;
	const {app} = await open({
		'parts.list': () => {
			if (isGone) {
				throw new PrintkeepError('missing-folder', 'The data folder is gone.', {hint: 'Is its disk mounted?'});
			}

			return [makePart({name: 'uploads', title: 'G-code files'})];
		},
	});
	await app.shows('G-code files');
	isGone = true;
	await app.press('1', '3');
	await app.shows('Is its disk mounted?');
	await app.press('Enter');
	await app.shows('The data folder is gone.');
	isGone = false;
	await app.press('R');
	await app.shows('G-code files');
});

test('names from elsewhere are shown, not obeyed', async () => {
	const {app} = await open({
		'parts.list': () => [
			makePart({
				name: 'evil',
				title: 'a\u001b]0;owned\u0007b\u202e日本語のファイル名がとても長い場合の表示',
				leftOut: [{path: 'x\u001b[2J', reason: 'hostile'}],
			}),
		],
	});
	const screen = await app.shows('Without x\\x1b[2J: hostile');
	expect(screen).toContain('a\\x1b]0;owned\\x07b');
	expect(app.terminal.written()).not.toContain('owned\u0007');
	await app.press('l');
	await app.shows('evil:');
});

test('says which plugin leaves what out, for the parts that are chosen, and that they are being asked', async () => {
	const asked: (readonly string[])[] = [];
	const answered = Promise.withResolvers<undefined>();
	const {app} = await open({
		'parts.left-out': async ({excludes}) => {
			asked.push(excludes);
			if (excludes.length > 0) {
				await answered.promise;
			}

			return [
				{
					name: 'plugin-data',
					leftOut: [
						{path: 'data/foo/foo.txt', reason: 'The plugin F\u001b[2Joo leaves it out.'},
						...(excludes.includes('uploads') ? [{path: 'data/bar', reason: 'The plugin Bar leaves it out.'}] : []),
					],
					notes: excludes.length > 0 ? ['The plugin Baz did not tell what it wants left out: it failed.'] : [],
				},
			];
		},
		'parts.measure': ({part, excludes = []}) => ({
			name: part,
			bytes: part === 'plugin-data' && excludes.includes('uploads') ? 7000 : 1000,
			files: 1,
			estimatedBytes: 1000,
		}),
	});
	await app.shows('about 4.0 kB');
	await app.press('j', 'j', 'j');
	await app.shows('Without data/foo/foo.txt: The plugin F\\x1b[2Joo leaves it out.');
	await app.press('k', 'k', 'Space', 'j', 'j');
	expect(await app.shows('plugins are being asked...')).not.toContain('data/bar');
	answered.resolve(undefined);
	await app.shows('Without data/bar: The plugin Bar');
	expect(await app.shows('about 3.0 kB, from 9.0 kB')).not.toContain('being asked');
	await app.press('l');
	await app.shows('The plugin Baz did not tell what it wants left out: it failed.');
	expect(asked).toEqual([[], ['uploads']]);
});

test('choices that follow each other quickly are not all asked for', async () => {
	const asked: (readonly string[])[] = [];
	const first = Promise.withResolvers<undefined>();
	const {app} = await open({
		'parts.left-out': async ({excludes}) => {
			asked.push(excludes);
			await (asked.length === 1 ? first.promise : undefined);
			return [{name: 'plugin-data', leftOut: [{path: `data/${excludes.length}`, reason: 'So.'}], notes: []}];
		},
	});
	await app.shows('being asked');
	await app.press('j', 'Space', 'j', 'Space', 'j');
	await app.shows('--exclude uploads --exclude timelapse');
	first.resolve(undefined);
	await app.shows('Without data/2: So.');
	expect(asked).toEqual([[], ['uploads', 'timelapse']]);
});

test('plugins that cannot be asked do not keep a backup from being made', async () => {
	const {app, request} = await open({
		'parts.left-out': () => {
			throw new PrintkeepError('failed', 'That went wrong.');
		},
	});
	await app.shows('That went wrong.');
	await app.press('Enter');
	await app.shows('There is no backup yet');
	expect(request()).toMatchObject({type: 'create'});
});
