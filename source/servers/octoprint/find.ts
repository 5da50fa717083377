import * as fs from 'node:fs';
import * as path from 'node:path';
import type {Instance, UnusableInstance} from '../../client/protocol.js';
import {toPrintkeepError} from '../../errors.js';
import type {ServerPorts} from '../adapter.js';
import {uniqueName} from '../instance-names.js';
import {look} from '../look.js';
import {realPathOf} from '../real-path.js';
import {type Evidence, inspect, proofOf} from './inspect.js';
import {runningServers} from './running.js';
import {serverUnits} from './units.js';

/** `certain` evidence that turns out wrong is told; a guess is dropped. */
type Candidate = Evidence & {readonly foundBy: string; readonly strength: 'certain' | 'guess'};

/** The folder of OctoPrint's official container image, and that of NixOS. */
const fixedFolders = ['/octoprint/octoprint', '/var/lib/octoprint'];

const optional = <Name extends string>(name: Name, value: string | null): Partial<Record<Name, string>> =>
	(value === null ? {} : {[name]: value}) as Partial<Record<Name, string>>;

const fromUnits = async (ports: ServerPorts): Promise<readonly Candidate[]> =>
	(await serverUnits(ports)).flatMap(({name, dataFolder, configFile, python}) =>
		dataFolder === null
			? []
			: [
					{
						dataFolder,
						...optional('configFile', configFile),
						...optional('python', python),
						serviceUnit: name,
						foundBy: `unit ${name}`,
						strength: 'certain' as const,
					},
				],
	);

const fromProcesses = (ports: ServerPorts): readonly Candidate[] =>
	(runningServers(ports) ?? []).flatMap(({pid, dataFolder, configFile, python}) =>
		dataFolder === null
			? []
			: [
					{
						dataFolder,
						...optional('configFile', configFile),
						...optional('python', python),
						foundBy: `process ${pid}`,
						strength: 'certain' as const,
					},
				],
	);

/** Hidden folders of a home whose names or content look like OctoPrint's: several instances of a user lie beside each other. */
const fromHome = (home: string): readonly Candidate[] => {
	let names: readonly string[];
	try {
		names = fs.readdirSync(home).sort();
	} catch {
		return [];
	}

	return names
		.filter(name => name.startsWith('.') && !name.endsWith('.bck'))
		.map(name => path.join(home, name))
		.filter(folder => path.basename(folder) === '.octoprint' || proofOfSafely(folder) === 'certain')
		.map(dataFolder => ({dataFolder, foundBy: `folder ${dataFolder}`, strength: 'guess'}));
};

const proofOfSafely = (folder: string): ReturnType<typeof proofOf> => {
	try {
		return look(path.join(folder, 'config.yaml'))?.isFile() ? proofOf(folder) : 'none';
	} catch {
		return 'none';
	}
};

/** One candidate per real folder; what weaker evidence knows is added to the stronger. */
const merge = (candidates: readonly Candidate[]): readonly Candidate[] => {
	const merged = new Map<string, Candidate>();
	for (const candidate of candidates) {
		const real = realPathOf(candidate.dataFolder);
		const known = merged.get(real);
		merged.set(real, known ? {...candidate, ...known} : candidate);
	}

	return [...merged.values()];
};

/** Finds the instances on this host: service units, running processes, the folders a person named, the usual folders. Never throws for one bad folder. */
export const find = async (
	ports: ServerPorts,
	extraFolders: readonly string[],
): Promise<{readonly found: readonly Instance[]; readonly unusable: readonly UnusableInstance[]}> => {
	const candidates = merge([
		...(await fromUnits(ports)),
		...fromProcesses(ports),
		...extraFolders.map(dataFolder => ({dataFolder, foundBy: 'its folder was given', strength: 'certain' as const})),
		...ports.homeDirectories().flatMap(fromHome),
		...fixedFolders.map(dataFolder => ({dataFolder, foundBy: `folder ${dataFolder}`, strength: 'guess' as const})),
	]);
	const found: Instance[] = [];
	const unusable: UnusableInstance[] = [];
	for (const {strength, ...candidate} of candidates) {
		try {
			const name = uniqueName(candidate.dataFolder, new Set(found.map(instance => instance.name)));
			found.push(await inspect(ports, {...candidate, name}));
		} catch (error) {
			const {code, message, hint} = toPrintkeepError(error, 'It could not be looked at');
			if (strength === 'certain' || code === 'source-unreadable') {
				unusable.push({dataFolder: candidate.dataFolder, reason: message, hint});
			}
		}
	}

	return {found, unusable};
};
