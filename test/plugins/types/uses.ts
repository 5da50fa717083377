/**
 * The types that `printkeep/plugin` exports, used rightly and wrongly; nothing of this is run. The compiler finds what is right and would not compile, and
 * what is wrong and would. It is also compiled outside of here, against the package as it is installed.
 */
import {
	type AdapterPart,
	type AfterBackup,
	type AgentBackup,
	agentError,
	apiVersion,
	definePlugin,
	notFound,
	type Plugin,
	type PluginAgent,
	type PluginContext,
	type PluginData,
	type PluginHooks,
	type PluginInstance,
	type PluginRecordData,
	type ScreenBlock,
	type ScreenType,
} from 'printkeep/plugin';

/** Exactly this type, and no wider one. */
type Same<Left, Right> =
	(<One>() => One extends Left ? 1 : 2) extends <One>() => One extends Right ? 1 : 2 ? true : false;
const isSame = <_Yes extends true>(): void => undefined;

export const smallest: Plugin = definePlugin({apiVersion, id: 'smallest', name: 'Smallest'});

export const hooked = definePlugin({
	apiVersion: 1,
	id: 'hooked',
	name: 'Hooked',
	hooks: {
		additionalExcludes(excludes, context) {
			isSame<Same<typeof excludes, readonly string[]>>();
			isSame<Same<typeof context, PluginContext>>();
			isSame<Same<typeof context.instance, PluginInstance | null>>();
			return excludes.includes('uploads') ? ['.'] : [];
		},
		async beforeBackup({excludes, trigger, note}, {signal, serverActivity}) {
			signal.throwIfAborted();
			const {state} = await serverActivity();
			isSame<Same<typeof state, 'stopped' | 'idle' | 'printing' | 'paused' | 'unknown'>>();
			return void [excludes, trigger, note];
		},
		afterBackup(backup) {
			isSame<Same<typeof backup, AfterBackup>>();
			isSame<Same<typeof backup.key, string | null>>();
		},
		afterRestore: async ({error, destination, inPlace}) => void [error?.code, destination, inPlace],
	},
});

export const settled = definePlugin({
	apiVersion: 1,
	id: 'settled',
	name: 'Settled',
	order: {hooks: -1, life: 5},
	timeLimits: {beforeBackup: 60, command: 10},
	settings: {
		defaults: {topic: '', deep: {list: ['a'], count: 1, nothing: null}},
		version: 3,
		migrate: (target, current, stored) => (current === null || current < target ? {...stored, topic: 'x'} : stored),
		preprocessors: {set: {topic: value => String(value).trim(), deep: {count: value => value}}},
		restricted: {never: [['token']], admin: [['deep', 'list']]},
		onSave: async values => values,
	},
	commands: {
		go: {required: ['name'], run: ({name}, context) => `${name} ${context.id}`},
		quiet: {run() {}},
	},
	get: async ({createBackup, deleteBackup, getHelpers, settings}) => {
		const {name} = await createBackup({exclude: ['uploads']});
		await deleteBackup(name);
		const helpers = getHelpers('other', 'count');
		isSame<Same<ReturnType<typeof settings.get>, PluginData | undefined>>();
		return {name, has: helpers?.count !== undefined};
	},
	helpers: {add: (left: number, right: number) => left + right},
});

export const blocks: readonly ScreenBlock[] = [
	{type: 'text', text: 'x', tone: 'ok', strong: true},
	{type: 'table', columns: ['A'], rows: [['1']]},
	{type: 'fields', fields: [{label: 'L', value: 'V'}]},
	{type: 'progress', label: 'L', percent: 50},
	{type: 'actions', actions: [{title: 'Go', command: 'go', data: {name: 'x'}, confirm: 'Sure?'}]},
];

export const types: readonly ScreenType[] = ['tab', 'status', 'settings', 'wizard', 'about', 'overlay'];

export const agent: PluginAgent = {
	id: 'place',
	name: 'Place',
	list: () => [],
	get: (id): AgentBackup => {
		throw id === '' ? notFound(id) : agentError('no');
	},
	async upload({backup, openStream, onProgress}) {
		for await (const piece of openStream()) {
			onProgress(piece.length + backup.bytes);
		}
	},
	async *download() {
		yield new Uint8Array(1);
	},
	delete: async () => undefined,
};

export const parts: readonly AdapterPart[] = [{name: 'a', title: 'A', paths: ['a'], inclusion: 'required'}];

// ---------------------------------------------------------------------------------------------- wrong

// @ts-expect-error: an id is needed.
definePlugin({apiVersion: 1, name: 'Nameless'});

// @ts-expect-error: the version is a number.
definePlugin({apiVersion: '1', id: 'x', name: 'X'});

// @ts-expect-error: there is no such ability.
definePlugin({apiVersion: 1, id: 'x', name: 'X', onBreakfast() {}});

export const wrongHooks: PluginHooks = {
	// @ts-expect-error: paths are texts.
	additionalExcludes: () => [1],
};

export const noHooks: PluginHooks = {
	// @ts-expect-error: there is no such hook.
	beforeBreakfast() {},
};

// @ts-expect-error: settings need defaults.
definePlugin({apiVersion: 1, id: 'x', name: 'X', settings: {version: 1}});

// @ts-expect-error: defaults are plain data.
definePlugin({apiVersion: 1, id: 'x', name: 'X', settings: {defaults: {when: () => 1}}});

// @ts-expect-error: a command does something.
definePlugin({apiVersion: 1, id: 'x', name: 'X', commands: {go: {description: 'nothing'}}});

const content = (): readonly ScreenBlock[] => [];
// @ts-expect-error: there is no such kind of screen.
definePlugin({apiVersion: 1, id: 'x', name: 'X', screens: [{type: 'hologram', name: 'x', title: 'X', content}]});

// @ts-expect-error: a block has a type there is.
export const wrongBlock: ScreenBlock = {type: 'video', url: 'x'};

// @ts-expect-error: an order is by ability.
definePlugin({apiVersion: 1, id: 'x', name: 'X', order: {breakfast: 1}});

// @ts-expect-error: a copy has a size.
export const wrongBackup: AgentBackup = {id: 'a', name: 'a', createdAt: 0};

export const wrongAgent: PluginAgent = {
	...agent,
	// @ts-expect-error: an error is thrown, and no answer.
	get: id => notFound(id),
};

export const wrongUse = (context: PluginContext, data: PluginRecordData): void => {
	// @ts-expect-error: a level there is.
	context.log('shout', 'x');
	// @ts-expect-error: settings are read by path.
	context.settings.get('topic');
	// @ts-expect-error: nothing that is given is changed.
	data.topic = 'x';
	// @ts-expect-error: an instance may be missing.
	context.log('info', context.instance.name);
};
