/** The shape of the first line of `printkeep.json`, checked at the edge: it comes out of an archive, so nothing in it is taken on trust. Unknown fields are left out. */
import * as v from 'valibot';
import type {ServerKind} from '../../client/protocol.js';
import {isServerKind} from '../../client/server-kind.js';
import type {ManifestHeader} from './types.js';

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const text = v.string();
const serverKind = v.custom<ServerKind>(isServerKind);

const part = v.object({
	name: text,
	title: text,
	state: v.picklist(['included', 'excluded', 'never']),
	reason: text,
	files: count,
	bytes: count,
	externalSource: v.exactOptional(text),
	paths: v.exactOptional(v.array(text)),
});

export const headerSchema = v.object({
	format: v.literal(1),
	printkeep: text,
	id: text,
	sequence: count,
	created: v.pipe(
		text,
		v.check(value => !Number.isNaN(Date.parse(value))),
	),
	host: text,
	kind: serverKind,
	instance: text,
	trigger: v.picklist(['manual', 'auto', 'preupgrade', 'prerestore', 'import']),
	note: text,
	server: v.object({version: v.nullable(text), versionSource: v.picklist(['environment', 'log', 'unknown'])}),
	dataFolder: text,
	configFile: v.exactOptional(text),
	prefix: text,
	parts: v.array(part),
	excludes: v.array(text),
	leftOut: v.exactOptional(v.array(v.object({path: text, plugin: text, reason: text}))),
	plugins: v.array(v.object({key: text, name: text, url: v.nullable(text), version: v.nullable(text)})),
	facts: v.exactOptional(v.record(text, v.unknown())),
	status: v.picklist(['complete', 'partial']),
	skipped: v.array(v.object({path: text, reason: text})),
	notes: v.array(text),
	totals: v.object({files: count, bytes: count}),
}) satisfies v.GenericSchema<unknown, ManifestHeader>;
