import type {Client} from '../client/client.js';
import type {Part, PartSize, Target} from '../client/protocol.js';
import {PrintkeepError} from '../errors.js';
import {safeText} from '../format/safe-text.js';
import type {InstanceSettings} from '../settings/schema.js';

export type PartChoice = {readonly excludes: readonly string[]; readonly includes: readonly string[]};

/**
 * The parts of one backup: the settings, changed by what the command line says.
 * Error: `usage` when a part is both left out and taken in.
 */
export const chooseParts = (
	settings: Pick<InstanceSettings, 'excludes' | 'includes'>,
	exclude: readonly string[],
	include: readonly string[],
): PartChoice => {
	const both = exclude.find(name => include.includes(name));
	if (both !== undefined) {
		throw new PrintkeepError('usage', `The part ${safeText(both)} is given with both --exclude and --include.`);
	}

	return {
		excludes: [...new Set([...settings.excludes.filter(name => !include.includes(name)), ...exclude])],
		includes: [...new Set([...settings.includes.filter(name => !exclude.includes(name)), ...include])],
	};
};

export type MeasuredPart = {
	readonly part: Part;
	readonly included: boolean;
	/** Null for parts that can never be in; they are not read. */
	readonly size: PartSize | null;
	/** Why it is left out; empty when it is in. */
	readonly reason: string;
};

/**
 * Every part with its size and whether a backup with this choice would have it, and what there is to say of how the server's plugins were asked what they
 * want left out. Error: `usage` for a part there is not.
 */
export const measureParts = async (
	client: Client,
	{instance, store}: Target,
	{excludes, includes}: PartChoice,
): Promise<{readonly parts: readonly MeasuredPart[]; readonly notes: readonly string[]}> => {
	const listed = await client.request('parts.list', {instance, store});
	const asked = await client.request('parts.left-out', {instance, store, excludes, includes});
	const parts = listed.map(part => ({
		...part,
		leftOut: asked.find(({name}) => name === part.name)?.leftOut ?? part.leftOut,
	}));
	const isIncluded = ({name, inclusion}: Part): boolean =>
		inclusion === 'required' ||
		(inclusion === 'included' && !excludes.includes(name)) ||
		(inclusion === 'excluded' && includes.includes(name));
	const choices = parts.filter(({inclusion}) => inclusion !== 'never');
	const out = choices.filter(part => !isIncluded(part)).map(({name}) => name);
	const measured: MeasuredPart[] = [];
	for (const part of parts) {
		const included = isIncluded(part);
		const size = choices.includes(part)
			? await client.request('parts.measure', {instance, store, part: part.name, excludes: out})
			: null;
		measured.push({part, included, size, reason: included ? '' : part.reason || 'left out by choice'});
	}

	return {parts: measured, notes: asked.flatMap(({notes}) => notes)};
};
