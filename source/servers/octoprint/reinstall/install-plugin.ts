import type {PluginRecord, ReinstalledPlugin} from '../../../client/protocol.js';
import {safeText} from '../../../format/safe-text.js';
import type {ServerPorts} from '../../adapter.js';
import {withoutCredentials} from '../../download-address.js';
import {isSameVersion} from '../../python-version.js';
import {exactAddresses, indexRequirement} from './addresses.js';
import {isLegacy} from './archive-form.js';
import {askFacts, type Facts} from './facts.js';
import {fetchPlugin} from './fetch-plugin.js';
import type {Repository} from './load-repository.js';
import {type Installation, type PipResult, pipInstall} from './pip.js';
import type {Place} from './place.js';
import type {RepositoryPlugin} from './repository.js';

/** What installing needs to know beside the plugin. */
export type Surroundings = {
	readonly ports: ServerPorts;
	readonly place: Place;
	readonly facts: Facts;
	readonly repository: Repository;
	readonly constraints: string;
	/** True takes a version from a package index by its bare name. */
	readonly fromIndex: boolean;
	readonly signal: AbortSignal;
	readonly onStep: (doing: string) => void;
};

/** Something that can be tried. */
type Candidate =
	| {readonly type: 'address'; readonly url: string; readonly isExact: boolean}
	| {readonly type: 'index'; readonly requirement: string; readonly isExact: true};

type Tried =
	| {readonly type: 'installed'; readonly tries: number}
	| {
			readonly type: 'missing' | 'incompatible' | 'failed';
			/** Sentences, safe to print. */
			readonly reason: string;
			readonly detail: string;
			readonly tries: number;
			/** True when it was had and pip did not take it: another version may be taken. */
			readonly wasHad: boolean;
	  };

export type Installed = {readonly result: ReinstalledPlugin; readonly detail: string};

const candidatesOf = ({name, version}: PluginRecord, archive: string, fromIndex: boolean): readonly Candidate[] => {
	const requirement = indexRequirement(archive, {name, version}, fromIndex);
	return [
		...(version === null ? [] : exactAddresses(archive, version)).map(
			url => ({type: 'address', url, isExact: true}) as const,
		),
		...(requirement === undefined ? [] : [{type: 'index', requirement, isExact: true} as const]),
		{type: 'address', url: archive, isExact: false},
	];
};

const pip = async (
	{ports, place, facts, constraints, signal}: Surroundings,
	installation: Installation,
): Promise<PipResult> => pipInstall(ports, {place, facts, constraints, installation, signal});

/** Runs pip, and once more as plugins of old need it when that is what it failed at. */
const install = async (surroundings: Surroundings, installation: Installation, fetches: number): Promise<Tried> => {
	surroundings.onStep('installing');
	let runs = 1;
	let result = await pip(surroundings, installation);
	if (result.type === 'legacy' && !installation.isLegacy) {
		runs++;
		result = await pip(surroundings, {...installation, isLegacy: true});
	}

	// What was fetched counts by its fetches; what pip fetches itself, by pip.
	const tries = fetches === 0 ? runs : fetches;
	if (result.type === 'installed') {
		return {type: 'installed', tries};
	}

	const {type, reason, detail} = result;
	return {
		type: type === 'legacy' ? 'failed' : type,
		reason,
		detail,
		tries,
		wasHad: type !== 'missing',
	};
};

const tryOne = async (
	surroundings: Surroundings,
	candidate: Candidate,
	{entry, folder}: {readonly entry: RepositoryPlugin; readonly folder: string},
): Promise<Tried> => {
	const {ports, place, repository, signal, onStep} = surroundings;
	const {followDependencyLinks, noBuildIsolation} = entry;
	if (candidate.type === 'index') {
		return install(surroundings, {what: candidate.requirement, isLegacy: noBuildIsolation, followDependencyLinks}, 0);
	}

	onStep('downloading');
	const fetched = await fetchPlugin(ports, place, {
		url: candidate.url,
		folder,
		plainHosts: repository.plainHosts,
		signal,
	});
	if (fetched.type !== 'file') {
		const address = safeText(withoutCredentials(candidate.url));
		return {
			type: fetched.type,
			reason: `It could not be fetched from ${address}: ${safeText(fetched.why)}.`,
			detail: '',
			tries: fetched.tries,
			wasHad: false,
		};
	}

	const {file, tries} = fetched;
	const isOld = noBuildIsolation || (await isLegacy(ports, place, file, signal));
	return install(surroundings, {what: file, isLegacy: isOld, followDependencyLinks}, tries);
};

/** What there is to say when another version is there now than was backed up. */
const otherVersion = (wanted: string | null, version: string, refused: string): string => {
	if (wanted === null) {
		return 'Which version was backed up is not known.';
	}

	if (isSameVersion(wanted, version)) {
		return '';
	}

	return refused === ''
		? `${safeText(wanted)} was backed up, and cannot be had any more.`
		: `${safeText(wanted)} was backed up, and could not be installed: ${refused}`;
};

/**
 * Installs one plugin: the version that was backed up where it can be had, else the newest. What is there afterwards is asked of the interpreter, not believed.
 * Never throws for what is wrong with the plugin.
 * @param folder absolute path; folders are made beside it for what is fetched.
 * @throws cancelled, the errors of a disk
 */
export const installPlugin = async (
	surroundings: Surroundings,
	plugin: PluginRecord,
	{entry, archive, folder}: {readonly entry: RepositoryPlugin; readonly archive: string; readonly folder: string},
): Promise<Installed> => {
	const {key, name, version: wanted} = plugin;
	const common = {key, name, wanted};
	const details: string[] = [];
	let attempts = 0;
	let refused = '';
	let last: Exclude<Tried, {type: 'installed'}> | undefined;
	for (const [index, candidate] of candidatesOf(plugin, archive, surroundings.fromIndex).entries()) {
		// One exact version that pip would not take is not tried from elsewhere.
		if (candidate.isExact && refused !== '') {
			continue;
		}

		const tried = await tryOne(surroundings, candidate, {entry, folder: `${folder}-${index}`});
		attempts += tried.tries;
		if (tried.type === 'installed') {
			const {ports, place, signal} = surroundings;
			const there = (await askFacts(ports, place, signal)).plugins.get(key);
			return there
				? {
						result: {
							...common,
							outcome: 'installed',
							version: there.version,
							reason: otherVersion(wanted, there.version, refused),
							attempts,
						},
						detail: details.join('\n'),
					}
				: {
						result: {
							...common,
							outcome: 'failed',
							version: null,
							reason: 'What the repository names was installed, and has no plugin of that name in it.',
							attempts,
						},
						detail: details.join('\n'),
					};
		}

		last = tried;
		details.push(tried.detail);
		if (tried.wasHad && candidate.isExact) {
			refused = tried.reason;
		} else if (tried.type !== 'missing') {
			break;
		}
	}

	const outcome = last?.type === 'incompatible' ? 'incompatible' : 'failed';
	return {
		result: {...common, outcome, version: null, reason: last?.reason ?? '', attempts},
		detail: details.filter(text => text !== '').join('\n'),
	};
};
