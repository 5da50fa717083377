/**
 * Turns a configuration and what lies on the disk into the parts of an instance. Everything is compared by real paths,
 * so that links, relative paths and folders inside each other neither store a file twice nor let one escape its rule.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import type {InstanceRef} from '../../client/protocol.js';
import {PrintkeepError} from '../../errors.js';
import {safeText} from '../../format/safe-text.js';
import type {Layout, PartDefinition, PartRoot} from '../adapter.js';
import {kindOf, lookAtLink} from '../look.js';
import {pathInside, realPathOf} from '../real-path.js';
import {readConfiguration} from './configuration.js';
import {type FolderKey, folderKeys, folders, targetOf} from './folders.js';
import {backupReason, backupsReason, bloatReason, bloatRulesFor, isWithin, neverReason} from './left-out.js';
import {partNames, partOf, partTitle} from './parts.js';
import {type Places, placesOf} from './places.js';
import {topLevel} from './top-level.js';

/** A real path that is stored elsewhere or nowhere, and why. */
type Claim = {readonly path: string; readonly reason: string};

const isEmptyFolder = (target: string): boolean => {
	try {
		return fs.readdirSync(target).length === 0;
	} catch {
		return false;
	}
};

const linkAt = (target: string): {readonly link: string} | Record<string, never> => {
	try {
		return {link: fs.readlinkSync(target)};
	} catch {
		return {};
	}
};

/** `warn` is for everyone, `note` for the next backup. */
type Tell = {readonly warn: (text: string) => void; readonly note: (text: string) => void};

/** The folder of a key as a root, or words why there is none. */
const folderRoot = (places: Places, key: FolderKey, {warn, note}: Tell): PartRoot | undefined => {
	const {configured, real, isConfigured, external} = places.folder(key);
	const target = targetOf(key);
	const matters = folders[key].inclusion !== 'never';
	const kind = kindOf(real);
	// A folder that cannot be seen stays a part: the walk tells what is missing.
	if (kind !== 'folder' && !(kind === 'hidden' && matters)) {
		if (isConfigured && matters) {
			warn(
				`The folder ${target} is configured as ${safeText(configured)}, which is no folder now. Is its disk mounted?`,
			);
		}

		return undefined;
	}

	if (real === places.base) {
		if (matters) {
			note(`The folder ${target} is configured to be the data folder itself: it is backed up as that only.`);
		}

		return undefined;
	}

	if (external && matters && isEmptyFolder(real)) {
		warn(`The folder ${target} lies at ${safeText(real)}, which is empty: if a disk belongs there, it is not mounted.`);
	}

	return {
		source: real,
		target,
		type: 'directory',
		external,
		...(isConfigured ? {} : linkAt(path.join(places.base, target))),
	};
};

const fileRoot = (places: Places, name: 'configFile' | 'userFile' | 'groupFile', target: string): PartRoot[] => {
	const {configured, real, external, isConfigured} = places[name];
	return ['file', 'hidden'].includes(kindOf(real))
		? [
				{
					source: real,
					target,
					type: 'file',
					external,
					...(isConfigured ? {} : linkAt(configured)),
				},
			]
		: [];
};

/** Which targets lie in the way of another rule: a folder of another part, the store or the server's backups inside a root. */
const claimsInside = (roots: readonly PartRoot[], claims: readonly Claim[]): ReadonlyMap<string, string> => {
	const found = new Map<string, string>();
	for (const {source, target, type} of roots) {
		for (const claim of type === 'directory' ? claims : []) {
			const inner = pathInside(source, claim.path);
			if (inner !== undefined) {
				found.set(`${target}/${inner}`, claim.reason);
			}
		}
	}

	return found;
};

const reasonIn = (table: ReadonlyMap<string, string>, target: string): string | undefined => {
	for (const [folder, reason] of table) {
		if (isWithin(target, folder)) {
			return reason;
		}
	}

	return undefined;
};

/**
 * The parts of an instance as its configuration and its folders are now.
 * @param options.silentPlugins the plugins for which what is known of them has to do; all of them when missing.
 * @throws PrintkeepError missing-folder, source-unreadable.
 */
export const layoutOf = async (
	instance: InstanceRef,
	store: string,
	{silentPlugins}: {readonly silentPlugins?: readonly string[]} = {},
): Promise<Layout> => {
	const rules = bloatRulesFor(silentPlugins);
	const configuration = readConfiguration(instance);
	const places = placesOf(instance, configuration);
	const {base} = places;
	if (kindOf(base) !== 'folder') {
		throw new PrintkeepError('missing-folder', `The data folder ${safeText(instance.dataFolder)} does not exist.`, {
			hint: 'Is its disk mounted? Otherwise choose the instance with --instance or --basedir.',
		});
	}

	const warnings: string[] = [];
	const backupNotes: string[] = [];
	const warn = (text: string): void => {
		warnings.push(text);
	};

	const note = (text: string): void => {
		backupNotes.push(text);
	};

	if (configuration.problem !== '') {
		warn(
			`OctoPrint's configuration could not be used, since ${configuration.problem}: every folder is looked for in its usual place.`,
		);
	}

	const byKey = new Map<FolderKey, PartRoot>();
	for (const key of folderKeys) {
		const root = folderRoot(places, key, {warn, note});
		const twin = root && [...byKey.values()].find(({source}) => source === root.source);
		if (twin) {
			note(`The folders ${twin.target} and ${root.target} are the same one: it is backed up as ${twin.target}.`);
		} else if (root) {
			byKey.set(key, root);
		}
	}

	const configRoots = [
		...fileRoot(places, 'configFile', 'config.yaml'),
		...fileRoot(places, 'userFile', 'users.yaml'),
		...fileRoot(places, 'groupFile', 'groups.yaml'),
	];
	if (!configRoots.some(({target}) => target === 'users.yaml')) {
		note(
			'There are no users yet (users.yaml is missing): printkeep can restore such a backup, OctoPrint itself refuses it.',
		);
	}

	const storeClaim = {path: realPathOf(store), reason: backupsReason.store};
	const backupClaims = [
		storeClaim,
		...places.backupFolders.map(folder => ({path: realPathOf(folder), reason: backupsReason.server})),
	];
	const neverClaims = [...byKey]
		.filter(([key]) => folders[key].inclusion === 'never')
		.map(([key, {source}]) => ({path: source, reason: folders[key].reason}));
	// A backup folder that is the data folder or a whole part is left out file by file: anything else would lose the part.
	const sharedFolders = backupClaims.flatMap(claim => {
		const shared = [...byKey].find(
			([key, {source}]) => folders[key].inclusion !== 'never' && source === claim.path,
		)?.[1].target;
		const target = claim.path === base ? '' : shared;
		return target === undefined ? [] : [{target, claim}];
	});
	for (const {target} of sharedFolders) {
		note(
			`Backups are kept in ${target === '' ? 'the data folder' : target} itself: ZIP files directly in it are not backed up. Choose another folder for them.`,
		);
	}

	const backupFolders = backupClaims.filter(
		({path: folder}) => !sharedFolders.some(({claim}) => claim.path === folder),
	);
	const offLimits = [
		...backupFolders.map(claim => ({...claim, backups: true})),
		...neverClaims.map(claim => ({...claim, backups: false})),
	];
	const foldersOfParts = [...byKey].filter(([key]) => folders[key].inclusion !== 'never').map(([, root]) => root);
	const claims: readonly Claim[] = [
		...offLimits,
		...foldersOfParts.map(({source, target}) => ({path: source, reason: `It is stored as ${target}.`})),
		...configRoots.map(({source, target}) => ({path: source, reason: `It is stored as ${target}.`})),
		{path: base, reason: 'It is the data folder itself.'},
	];
	const top = topLevel({places, claims, folderSources: byKey, note});
	const inside = claimsInside([...foldersOfParts, ...top.folders], claims);
	const backupsInside = claimsInside([...foldersOfParts, ...top.folders], backupFolders);
	const sharedReason = (target: string): string | undefined => {
		if (sharedFolders.length === 0 || !target.endsWith('.zip')) {
			return undefined;
		}

		const folder = path.posix.dirname(target);
		return sharedFolders.find(shared => shared.target === (folder === '.' ? '' : folder))?.claim.reason;
	};

	const leftOut = (target: string, excludes: readonly string[]): string | undefined =>
		neverReason(target) ?? reasonIn(inside, target) ?? sharedReason(target) ?? bloatReason(rules, target, excludes);
	const rootsOf = (name: string): readonly PartRoot[] => {
		if (name === 'config') {
			return [...configRoots, ...top.files.filter(({target}) => sharedReason(target) === undefined)];
		}

		const root = byKey.get(name as FolderKey);
		return name === 'other' ? top.folders : root ? [root] : [];
	};

	const named: readonly Claim[] = [
		{path: 'data/backup', reason: backupsReason.server},
		{path: 'timelapse/tmp', reason: folders.timelapse_tmp.reason},
		...[...inside].map(([target, reason]) => ({path: target, reason})),
		...rules.map(({path: target, reason, whileWithout}) => ({
			path: target,
			reason: whileWithout === undefined ? reason : `Only while ${whileWithout} is left out: ${reason}`,
		})),
	];
	const sourceOf = (target: string): string => {
		const [first = '', ...rest] = target.split('/');
		const root = byKey.get(first as FolderKey)?.source ?? path.join(base, first);
		return path.join(root, ...rest);
	};

	const seen = new Set<string>();
	const leftOutPaths = [
		...named.map(({path: target, reason}) => ({part: partOf(`${target.split('/', 1)[0]}/`), path: target, reason})),
		...top.leftOut,
	].filter(({path: target}) => {
		const isNew = !seen.has(target) && lookAtLink(sourceOf(target)) !== undefined;
		seen.add(target);
		return isNew;
	});

	return {
		prefix: 'basedir/',
		parts: partNames.map(
			(name): PartDefinition => ({
				name,
				title: partTitle(name),
				inclusion:
					name === 'config' ? 'required' : name === 'other' ? 'included' : folders[name as FolderKey].inclusion,
				reason: name in folders ? folders[name as FolderKey].reason : '',
				roots: rootsOf(name),
			}),
		),
		leftOut,
		leftOutPaths,
		offLimits,
		holdsBackups: target =>
			backupReason(target) !== undefined ||
			reasonIn(backupsInside, target) !== undefined ||
			sharedReason(target) !== undefined,
		warnings,
		backupNotes,
	};
};
