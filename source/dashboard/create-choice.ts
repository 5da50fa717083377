/** What the person chose to back up: pure, from the parts, the settings, and what was toggled on the screen. */
import {type Part, type PartSize, type Profile, profiles} from '../client/protocol.js';
import {shellCommand} from '../format/shell-quote.js';
import type {InstanceSettings} from '../settings/schema.js';

/** Parts whose state differs from what the settings say, by name: true is in. */
export type Toggles = ReadonlyMap<string, boolean>;

type OwnSettings = Pick<InstanceSettings, 'excludes' | 'includes'> | undefined;

/** True for parts a person can leave out or take in. */
export const canToggle = ({inclusion}: Part): boolean => inclusion === 'included' || inclusion === 'excluded';

/** Whether a part is in when nothing is toggled. */
export const isInByDefault = ({name, inclusion}: Part, settings: OwnSettings): boolean => {
	switch (inclusion) {
		case 'required':
			return true;
		case 'never':
			return false;
		case 'included':
			return settings?.excludes.includes(name) !== true;
		case 'excluded':
			return settings?.includes.includes(name) === true && !settings.excludes.includes(name);
	}
};

/** Whether a part is in the backup that would be made. */
export const isIn = (part: Part, settings: OwnSettings, toggles: Toggles): boolean =>
	canToggle(part) ? (toggles.get(part.name) ?? isInByDefault(part, settings)) : isInByDefault(part, settings);

/** The toggles after Space on a part; parts that cannot be toggled stay. */
export const toggle = (part: Part, settings: OwnSettings, toggles: Toggles): Toggles => {
	if (!canToggle(part)) {
		return toggles;
	}

	const wanted = !isIn(part, settings, toggles);
	const next = new Map(toggles);
	if (wanted === isInByDefault(part, settings)) {
		next.delete(part.name);
	} else {
		next.set(part.name, wanted);
	}

	return next;
};

/** What the job is given: everything in whatever the settings say, so that the screen and the backup agree. */
export const jobChoice = (
	parts: readonly Part[],
	settings: OwnSettings,
	toggles: Toggles,
): {readonly excludes: readonly string[]; readonly includes: readonly string[]} => ({
	excludes: parts.filter(part => part.inclusion === 'included' && !isIn(part, settings, toggles)).map(({name}) => name),
	includes: parts.filter(part => part.inclusion === 'excluded' && isIn(part, settings, toggles)).map(({name}) => name),
});

export type Estimate = {
	readonly bytes: number;
	readonly files: number;
	readonly archiveBytes: number;
	/** False while parts that are in are still being measured, or could not be. */
	readonly isComplete: boolean;
};

/** How much would go in, and how large the archive would be about. */
export const estimate = (
	parts: readonly Part[],
	sizes: ReadonlyMap<string, PartSize>,
	settings: OwnSettings,
	toggles: Toggles,
): Estimate => {
	const chosen = parts.filter(part => isIn(part, settings, toggles));
	const known = chosen.flatMap(({name}) => sizes.get(name) ?? []);
	return {
		bytes: known.reduce((sum, {bytes}) => sum + bytes, 0),
		files: known.reduce((sum, {files}) => sum + files, 0),
		archiveBytes: known.reduce((sum, {estimatedBytes}) => sum + estimatedBytes, 0),
		isComplete: known.length === chosen.length,
	};
};

/** What a profile is for, in a few words. */
export const profileWords = {
	balanced: 'as small as the server’s own backups',
	fast: 'some per cent larger, and sooner done',
	small: 'the smallest there is, and takes the longest',
} as const satisfies Record<Profile, string>;

/** The profile after this one, going round. */
export const nextProfile = (profile: Profile): Profile =>
	profiles[(profiles.indexOf(profile) + 1) % profiles.length] ?? 'balanced';

/** The same as a command: only what differs from the settings is said. @param profile null for the one of the settings */
export const createCommand = (
	parts: readonly Part[],
	settings: OwnSettings,
	toggles: Toggles,
	note: string,
	profile: Profile | null = null,
): string => {
	const changed = parts.filter(
		part => canToggle(part) && isIn(part, settings, toggles) !== isInByDefault(part, settings),
	);
	return shellCommand([
		'printkeep',
		'backup',
		...changed.flatMap(part => [isIn(part, settings, toggles) ? '--include' : '--exclude', part.name]),
		...(profile === null ? [] : ['--profile', profile]),
		...(note === '' ? [] : ['--note', note]),
	]);
};

/**
 * Why a part is as it is, in sentences: always in, never in, on another disk, and what of it is left out.
 * @param notes what there is to say of how that was found out.
 */
export const whyLines = (part: Part, notes: readonly string[] = []): readonly string[] => {
	const inclusions = {
		required: 'Always in: nothing can be restored without it.',
		included: '',
		excluded: 'Usually left out.',
		never: 'Never in.',
	} as const satisfies Record<Part['inclusion'], string>;
	const head = [inclusions[part.inclusion], part.reason].filter(text => text !== '').join(' ');
	return [
		...(head === '' ? [] : [head]),
		...(part.external ? [`Read from ${part.sources.join(', ')}`] : []),
		...part.leftOut.map(({path, reason}) => `Without ${path}: ${reason}`),
		...notes,
	];
};
