/** What a plugin answers for a screen, read with care: wrong pieces are refused, long ones cut. Text stays as it is; whoever shows it makes it safe. */
import * as v from 'valibot';
import {safeText} from '../format/safe-text.js';
import type {PluginRecordData, ScreenBlock} from './api.js';

const text = v.pipe(
	v.string(),
	v.transform(value => value.slice(0, 10_000)),
);
const tone = v.optional(v.picklist(['plain', 'accent', 'ok', 'warning', 'error', 'muted']));
const data = v.custom<PluginRecordData>(value => typeof value === 'object' && value !== null && !Array.isArray(value));

const block = v.variant('type', [
	v.object({type: v.literal('text'), text, tone, strong: v.optional(v.boolean())}),
	v.object({
		type: v.literal('table'),
		columns: v.pipe(v.array(text), v.maxLength(12)),
		rows: v.pipe(v.array(v.array(text)), v.maxLength(5000)),
	}),
	v.object({
		type: v.literal('fields'),
		fields: v.pipe(v.array(v.object({label: text, value: text, tone})), v.maxLength(500)),
	}),
	v.object({type: v.literal('progress'), label: text, percent: v.pipe(v.number(), v.minValue(0), v.maxValue(100))}),
	v.object({
		type: v.literal('actions'),
		actions: v.pipe(
			v.array(v.object({title: text, command: text, data: v.optional(data), confirm: v.optional(text)})),
			v.maxLength(50),
		),
	}),
]);

const blocks = v.pipe(v.array(block), v.maxLength(200));

export type ReadBlocks =
	| {readonly type: 'blocks'; readonly blocks: readonly ScreenBlock[]}
	/** Why not, to go after "its screen". */
	| {readonly type: 'refused'; readonly reason: string};

/** Reads an answer. */
export const readBlocks = (answer: unknown): ReadBlocks => {
	const parsed = v.safeParse(blocks, answer);
	if (!parsed.success) {
		const place = v.getDotPath(parsed.issues[0]) ?? '';
		return {
			type: 'refused',
			reason: `is not made of the pieces there are${place === '' ? '' : ` (at ${safeText(place)})`}.`,
		};
	}

	// An optional value that is missing and one that is undefined are the same here.
	return {type: 'blocks', blocks: parsed.output as readonly ScreenBlock[]};
};
