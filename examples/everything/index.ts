/**
 * Counts what filament there is on a few spools, and uses everything a plugin can do for that, once. Nobody needs all of it: it is meant to be looked into.
 * Node runs it as it is, without a compiler. Why one long file: it is the example of everything, to be read in one go.
 */
import {
	createReadStream,
	createWriteStream,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	watchFile,
	writeFileSync,
} from 'node:fs';
import {basename, join} from 'node:path';
import {Readable} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import {
	type AgentBackup,
	definePlugin,
	notFound,
	type PluginContext,
	type PluginRecordData,
	type ScreenBlock,
} from 'printkeep/plugin';

/** Grams that are left, by the name of the spool. */
type Spools = Readonly<Record<string, number>>;

const spoolsOf = ({settings}: PluginContext): Spools => (settings.get(['spools']) ?? {}) as Spools;

const setSpools = async ({settings}: PluginContext, spools: Spools): Promise<void> => {
	settings.set(['spools'], spools);
	await settings.save();
};

/** What happened since printkeep was started. */
const seen = {backups: 0, percent: 0, startedAt: '', other: 0};

const gramsOf = (value: unknown): number => {
	const grams = Number(value);
	if (!Number.isFinite(grams) || grams < 0) {
		throw new RangeError('Grams are a number, and not below 0.');
	}

	return Math.round(grams);
};

const lowSpools = (context: PluginContext): readonly string[] => {
	const limit = Number(context.settings.get(['warnBelowGrams']));
	return Object.entries(spoolsOf(context))
		.filter(([, grams]) => grams < limit)
		.map(([name]) => name);
};

const table = (context: PluginContext): ScreenBlock => ({
	type: 'table',
	columns: ['Spool', 'Grams left'],
	rows: Object.entries(spoolsOf(context)).map(([name, grams]) => [name, String(grams)]),
});

/** A folder on another disk that stands for a place off this host. Empty: there is none. */
const shelfOf = ({settings}: PluginContext): string => String(settings.get(['shelf']) ?? '');

const onShelf = (context: PluginContext, id: string): string => {
	const path = join(shelfOf(context), basename(id));
	if (!existsSync(path)) {
		throw notFound(id);
	}

	return path;
};

const describe = (path: string): AgentBackup => {
	const {size, mtimeMs} = statSync(path);
	return {id: basename(path), name: basename(path), bytes: size, createdAt: Math.round(mtimeMs)};
};

export default definePlugin({
	apiVersion: 1,
	id: 'spools',
	name: 'Spools',
	version: '1.0.0',
	description: 'Counts what filament is left on a few spools.',
	author: 'printkeep',
	url: 'https://example.org/spools',
	// Asked before others around jobs, and after others when everything starts.
	order: {hooks: -10, life: 10},
	needs: 'reload',
	// Somebody may have to change a spool before the backup goes on.
	timeLimits: {beforeBackup: 60},

	// ------------------------------------------------------------------------------------------------ around jobs
	hooks: {
		// Pictures of spools can be made again.
		additionalExcludes: () => ['pictures'],
		beforeBackup(_backup, context) {
			// What is in this folder is in the backup, and comes back with it.
			writeFileSync(join(context.dataFolder(), 'spools.json'), JSON.stringify(spoolsOf(context)));
		},
		afterBackup({error, key}, context) {
			context.log('info', error ? `The spools are in no backup: ${error.message}` : `The spools are in ${key}.`);
		},
		beforeRestore({key}, context) {
			context.log('info', `The spools will be as they were in ${key}.`);
		},
		async afterRestore({error, inPlace}, context) {
			const file = join(context.dataFolder(), 'spools.json');
			if (!error && inPlace && existsSync(file)) {
				await setSpools(context, JSON.parse(readFileSync(file, 'utf8')) as Spools);
			}
		},
	},
	onEvent(name, payload, context) {
		if (name === 'backup-created') {
			seen.backups++;
			context.log('debug', `Backup ${seen.backups}: ${payload.name}`);
		}
	},
	onProgress(_job, percent) {
		seen.percent = percent;
	},

	// ------------------------------------------------------------------------------------------------ settings
	settings: {
		defaults: {spools: {}, warnBelowGrams: 100, shelf: '', scale: {port: '/dev/ttyUSB0', token: ''}},
		version: 2,
		// The first version counted in kilograms.
		migrate(_target, current, stored) {
			const {warnBelowKilograms, ...rest} = stored as PluginRecordData & {readonly warnBelowKilograms?: number};
			return current === 1 && warnBelowKilograms !== undefined
				? {...rest, warnBelowGrams: 1000 * warnBelowKilograms}
				: stored;
		},
		preprocessors: {
			set: {warnBelowGrams: value => gramsOf(value)},
			get: {shelf: value => String(value).trim()},
		},
		restricted: {never: [['scale', 'token']], admin: [['scale', 'port']]},
		onLoad: values => ({...values, spools: Object.keys((values.spools ?? {}) as Spools).length}),
		onSave(values) {
			for (const grams of Object.values((values.spools ?? {}) as Spools)) {
				gramsOf(grams);
			}

			return values;
		},
		onInitialized: context => context.log('debug', `There are ${Object.keys(spoolsOf(context)).length} spools.`),
		// Empty spools need not be kept.
		cleanup: different => ({
			...different,
			spools: Object.fromEntries(Object.entries((different.spools ?? {}) as Spools).filter(([, grams]) => grams > 0)),
		}),
	},

	// ------------------------------------------------------------------------------------------------ start and end
	onStartup() {
		seen.startedAt = new Date().toISOString();
	},
	onAfterStartup(context) {
		// Another plugin of the same kind may have a say, if it is there.
		const {countSpools} = context.getHelpers('more-spools', 'countSpools') ?? {};
		seen.other = countSpools ? Number(countSpools()) : 0;
	},
	onShutdown(context) {
		writeFileSync(join(context.stateFolder(), 'last-run.json'), JSON.stringify(seen));
	},
	onPendingRemoval(context) {
		rmSync(context.stateFolder(), {recursive: true, force: true});
	},

	// ------------------------------------------------------------------------------------------------ what it knows
	environment: context => ({spools: Object.keys(spoolsOf(context)).length, low: lowSpools(context).length}),
	onEnvironment: (facts, context) =>
		context.log('debug', `Plugins that know something: ${Object.keys(facts).join(', ')}`),
	helpers: {
		gramsToMetres: (grams: number, gramsPerMetre = 3): number => grams / gramsPerMetre,
	},

	// ------------------------------------------------------------------------------------------------ commands
	get: context => ({...spoolsOf(context)}),
	commands: {
		set: {
			description: 'Says how much is on a spool',
			required: ['name', 'grams'],
			async run({name, grams}, context) {
				await setSpools(context, {...spoolsOf(context), [String(name)]: gramsOf(grams)});
				return `${name}: ${gramsOf(grams)} g`;
			},
		},
		use: {
			description: 'Takes off what was printed',
			required: ['name', 'grams'],
			async run({name, grams}, context) {
				const left = spoolsOf(context)[String(name)];
				if (left === undefined) {
					throw new RangeError(`There is no spool called ${name}.`);
				}

				await setSpools(context, {...spoolsOf(context), [String(name)]: Math.max(0, left - gramsOf(grams))});
				return {left: spoolsOf(context)[String(name)]};
			},
		},
		keep: {
			description: 'Makes a backup now, unless the server prints',
			adminOnly: true,
			async run({name}, context) {
				const {state} = await context.serverActivity();
				if (state === 'printing') {
					throw new Error('A print is running.');
				}

				return context.createBackup({exclude: ['timelapse'], ...(name === undefined ? {} : {filename: String(name)})});
			},
		},
		forget: {
			description: 'Deletes a backup, if there is one of that name',
			required: ['name'],
			run: async ({name}, context) => context.deleteBackup(String(name)),
		},
	},
	routes: [
		{method: 'GET', path: 'spools', handle: (_request, context) => ({status: 200, body: {...spoolsOf(context)}})},
		{method: 'GET', path: 'health', public: true, handle: () => ({status: 200, body: 'ok'})},
	],

	// ------------------------------------------------------------------------------------------------ screens
	screens: [
		{
			type: 'tab',
			name: 'spools',
			title: 'Spools',
			order: 5,
			content: context => [
				{type: 'text', text: 'What is left on each spool.', strong: true},
				table(context),
				{
					type: 'actions',
					actions: [
						{title: 'Back up now', command: 'keep'},
						{
							title: 'Empty the first spool',
							command: 'set',
							data: {name: 'first', grams: 0},
							confirm: 'Is it really empty?',
						},
					],
				},
			],
		},
		{
			type: 'status',
			name: 'line',
			title: 'Spools',
			content(context) {
				const low = lowSpools(context);
				return low.length === 0 ? [] : [{type: 'text', text: `low: ${low.join(', ')}`, tone: 'warning'}];
			},
		},
		{
			type: 'settings',
			name: 'settings',
			title: 'Spools',
			content: context => [
				{
					type: 'fields',
					fields: [{label: 'Warn below', value: `${context.settings.get(['warnBelowGrams'])} g`, tone: 'accent'}],
				},
			],
		},
		{
			type: 'wizard',
			name: 'first-spool',
			title: 'Your first spool',
			mandatory: false,
			content: () => [
				{type: 'text', text: 'Tell how much filament is on it with: printkeep plugin spools set name=first grams=1000'},
			],
		},
		{
			type: 'about',
			name: 'about',
			title: 'Spools',
			content: () => [{type: 'text', text: 'Counts filament.', tone: 'muted'}],
		},
		{
			type: 'overlay',
			name: 'empty',
			title: 'A spool is empty',
			content: context =>
				Object.values(spoolsOf(context)).includes(0)
					? [
							{type: 'text', text: 'A spool is empty.', tone: 'error'},
							{type: 'progress', label: 'Last job', percent: seen.percent},
						]
					: [],
		},
	],
	wizard: {
		required: context => Object.keys(spoolsOf(context)).length === 0,
		version: 1,
		details: () => ({examples: ['PLA', 'PETG']}),
		async onFinish(handled, context) {
			if (handled && Object.keys(spoolsOf(context)).length === 0) {
				await setSpools(context, {first: 1000});
			}
		},
	},
	themes: [{name: 'filament', tones: {accent: 'magenta', ok: 'green'}}],
	symbols: [{name: 'arrows', symbols: {pointer: '→'}}],

	// ------------------------------------------------------------------------------------------------ servers and places of copies
	adapter: {
		kind: 'spool-shelf',
		title: 'Spool shelf',
		detect: context =>
			existsSync(join(shelfOf(context), 'shelf.json')) ? [{dataFolder: shelfOf(context), name: 'shelf'}] : [],
		inspect: dataFolder => (existsSync(join(dataFolder, 'shelf.json')) ? {version: null, name: 'shelf'} : null),
		parts: () => [
			{name: 'labels', title: 'Labels', paths: ['labels']},
			{
				name: 'pictures',
				title: 'Pictures',
				paths: ['pictures'],
				inclusion: 'excluded',
				reason: 'They can be taken again.',
			},
		],
		quiesce(dataFolder) {
			const mark = join(dataFolder, '.hands-off');
			writeFileSync(mark, '');
			return () => rmSync(mark, {force: true});
		},
		readiness: () => ({state: 'idle', detail: 'A shelf does nothing.'}),
	},
	agents: {
		agents: context =>
			shelfOf(context) === ''
				? []
				: [
						{
							id: 'shelf',
							name: `The shelf at ${shelfOf(context)}`,
							list: () =>
								readdirSync(shelfOf(context))
									.filter(name => name.endsWith('.zip'))
									.map(name => describe(join(shelfOf(context), name))),
							get: id => describe(onShelf(context, id)),
							async upload({backup, openStream, onProgress}) {
								mkdirSync(shelfOf(context), {recursive: true, mode: 0o700});
								let bytes = 0;
								const counted = async function* (): AsyncGenerator<Uint8Array> {
									for await (const piece of openStream()) {
										bytes += piece.length;
										onProgress(bytes);
										yield piece;
									}
								};
								await pipeline(
									Readable.from(counted()),
									createWriteStream(join(shelfOf(context), basename(backup.id)), {mode: 0o600}),
								);
							},
							download: id => createReadStream(onShelf(context, id)),
							delete: id => rmSync(onShelf(context, id)),
						},
					],
		onChange(changed, context) {
			// The shelf may be a disk that comes and goes.
			if (shelfOf(context) !== '') {
				watchFile(shelfOf(context), {persistent: false}, changed);
			}
		},
	},
});
