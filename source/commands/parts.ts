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

/** Every part with its size and whether a backup with this choice would have it. Error: `usage` for a part there is not. */
export const measureParts = async (
	client: Client,
	target: Target,
	{excludes, includes}: PartChoice,
): Promise<readonly MeasuredPart[]> => {
	const parts = await client.request('parts.list', target);
	const measured: MeasuredPart[] = [];
	for (const part of parts) {
		const {name, inclusion, reason} = part;
		const included =
			inclusion === 'required' ||
			(inclusion === 'included' && !excludes.includes(name)) ||
			(inclusion === 'excluded' && includes.includes(name));
		const size =
			inclusion === 'never'
				? null
				: await client.request('parts.measure', {instance: target.instance, store: target.store, part: name});
		measured.push({part, included, size, reason: included ? '' : reason || 'left out by choice'});
	}

	return measured;
};
