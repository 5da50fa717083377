/** The parts of an instance, as screens and dry runs want them. */
import type {InstanceRef, Part, Result} from '../client/protocol.js';
import type {Layout} from '../servers/adapter.js';
import {adapterFor} from './adapter-for.js';
import {createBreathe} from './breathe.js';
import type {JobContext} from './jobs/context.js';
import {collectExtraExcludes, withExtraExcludes} from './jobs/extra-excludes.js';
import type {EnginePorts} from './ports.js';
import {measurePart, resolveExcludes} from './scan.js';

type Place = {readonly instance: InstanceRef; readonly store: string};

type Context = Pick<JobContext, 'ports' | 'signal' | 'plugins'>;

/** The layout of a backup without these parts, with what plugins want left out. */
const layoutWithout = async (
	context: Context,
	target: Place,
	{excludes, knownOnly}: {readonly excludes: readonly string[]; readonly knownOnly: boolean},
): Promise<{readonly layout: Layout; readonly notes: readonly string[]}> => {
	const whole = await (await adapterFor(context.ports, target.instance.kind)).layout(target.instance, target.store);
	const extra = await collectExtraExcludes(context, {target}, whole, {excludes, told: [], knownOnly});
	return {layout: withExtraExcludes(extra.layout, extra.excludes), notes: extra.notes};
};

const leftOutOf = ({leftOutPaths}: Layout, part: string): Part['leftOut'] =>
	leftOutPaths.filter(leftOut => leftOut.part === part).map(({path, reason}) => ({path, reason}));

/** Without sizes, and without asking anybody: nobody waits for plugins to see the parts. */
export const listParts = async (ports: EnginePorts, place: Place, signal: AbortSignal): Promise<readonly Part[]> => {
	const {layout} = await layoutWithout({ports, signal}, place, {excludes: [], knownOnly: true});
	return layout.parts.map(({name, title, inclusion, reason, roots}) => ({
		name,
		title,
		inclusion,
		reason,
		sources: roots.map(({source}) => source),
		external: roots.some(({external}) => external),
		leftOut: leftOutOf(layout, name),
	}));
};

/** What a backup with this choice leaves out of its parts; asks plugins. @throws usage for parts that do not exist; what the signal is aborted with */
export const leftOutOfParts = async (
	context: Context,
	{excludes, includes, ...place}: Place & {readonly excludes: readonly string[]; readonly includes: readonly string[]},
): Promise<Result<'parts.left-out'>> => {
	const adapter = await adapterFor(context.ports, place.instance.kind);
	const whole = await adapter.layout(place.instance, place.store);
	const {layout, notes} = await layoutWithout(context, place, {
		excludes: resolveExcludes(whole, excludes, includes),
		knownOnly: false,
	});
	const pluginPart = adapter.partOf('data/');
	return layout.parts.map(({name}) => ({
		name,
		leftOut: leftOutOf(layout, name),
		notes: name === pluginPart ? notes : [],
	}));
};

/** Walks one part; without what plugins are known to want left out. */
export const measureOnePart = async (
	ports: EnginePorts,
	{part, excludes, ...place}: Place & {readonly part: string; readonly excludes: readonly string[]},
	signal: AbortSignal,
): Promise<Result<'parts.measure'>> => {
	const {layout} = await layoutWithout({ports, signal}, place, {excludes, knownOnly: true});
	return measurePart({layout, part, excludes, signal, breathe: createBreathe(ports.clock, signal)});
};
