/**
 * The lines of a manifest, checked: what stands in them comes out of an archive, and nothing of it is taken on trust. By hand, since there are hundreds of
 * thousands of them: a schema takes three times as long. Unknown fields are left out.
 */
import type {ManifestFile, ManifestFolder, ManifestLink} from './types.js';

/** What is not as it should be: the name of a field, or null for a line that is no object. */
export class ItemFault extends Error {
	constructor(readonly field: string | null) {
		super(field ?? 'a line');
	}
}

type Fields = Readonly<Record<string, unknown>>;

const secondsPattern = /^-?\d{1,15}\.\d{9}$/;
const inodePattern = /^\d{1,20}$/;
const hashPattern = /^[0-9a-f]{64}$/;
const linkTypes: readonly ManifestLink['type'][] = ['file', 'directory', 'dangling'];

const fieldsOf = (value: unknown): Fields => {
	if (typeof value !== 'object' || value === null) {
		throw new ItemFault(null);
	}

	return value as Fields;
};

const textOf = (fields: Fields, field: string): string => {
	const value = fields[field];
	if (typeof value !== 'string') {
		throw new ItemFault(field);
	}

	return value;
};

const matchOf = (fields: Fields, field: string, pattern: RegExp): string => {
	const value = textOf(fields, field);
	if (!pattern.test(value)) {
		throw new ItemFault(field);
	}

	return value;
};

const integerOf = (fields: Fields, field: string): number => {
	const value = fields[field];
	if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
		throw new ItemFault(field);
	}

	return value;
};

const countOf = (fields: Fields, field: string): number => {
	const value = integerOf(fields, field);
	if (value < 0) {
		throw new ItemFault(field);
	}

	return value;
};

/** In an object without a prototype: a table may be called `__proto__` or `constructor`. */
const tablesOf = (fields: Fields): Readonly<Record<string, number>> => {
	const {tables} = fields;
	if (typeof tables !== 'object' || tables === null || Array.isArray(tables)) {
		throw new ItemFault('tables');
	}

	const copy: Record<string, number> = Object.create(null);
	for (const [name, rows] of Object.entries(tables)) {
		if (!Number.isSafeInteger(rows) || rows < 0) {
			throw new ItemFault('tables');
		}

		copy[name] = rows;
	}

	return copy;
};

/** The value of a field that may be missing, as what is spread into the object. */
const optional = <Field extends string, Value>(
	fields: Fields,
	field: Field,
	read: (fields: Fields, field: Field) => Value,
): {readonly [Name in Field]?: Value} | null =>
	field in fields ? ({[field]: read(fields, field)} as {readonly [Name in Field]: Value}) : null;

/** @throws ItemFault */
export const folderOf = (value: unknown): ManifestFolder => {
	const fields = fieldsOf(value);
	return {
		path: textOf(fields, 'path'),
		mode: countOf(fields, 'mode'),
		modified: matchOf(fields, 'modified', secondsPattern),
		uid: integerOf(fields, 'uid'),
		gid: integerOf(fields, 'gid'),
		...optional(fields, 'rawPath', textOf),
	};
};

/** @throws ItemFault */
export const linkOf = (value: unknown): ManifestLink => {
	const fields = fieldsOf(value);
	const path = textOf(fields, 'path');
	const target = textOf(fields, 'target');
	const type = linkTypes.find(known => known === fields.type);
	if (type === undefined) {
		throw new ItemFault('type');
	}

	return {path, target, type, ...optional(fields, 'rawPath', textOf)};
};

/** @throws ItemFault */
export const fileOf = (value: unknown): ManifestFile => {
	const fields = fieldsOf(value);
	// In this order, so that what is told is the first that is wrong.
	return {
		path: textOf(fields, 'path'),
		part: textOf(fields, 'part'),
		bytes: countOf(fields, 'bytes'),
		mode: countOf(fields, 'mode'),
		modified: matchOf(fields, 'modified', secondsPattern),
		uid: integerOf(fields, 'uid'),
		gid: integerOf(fields, 'gid'),
		...optional(fields, 'rawPath', textOf),
		...optional(fields, 'inode', (all, field) => matchOf(all, field, inodePattern)),
		...optional(fields, 'changed', (all, field) => matchOf(all, field, secondsPattern)),
		...optional(fields, 'sourceBytes', countOf),
		sha256: matchOf(fields, 'sha256', hashPattern),
		...optional(fields, 'tables', tablesOf),
	};
};
