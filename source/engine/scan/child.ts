import {Buffer} from 'node:buffer';
import * as fs from 'node:fs';
import type {ScannedLink} from './items.js';
import type {EntryName} from './names.js';

export type Stats = fs.BigIntStats;

/** Something in a folder, looked at. */
export type Child = {
	readonly name: EntryName;
	readonly source: string | Buffer;
	/** Of the thing itself, or of what the link leads to. */
	readonly stats: Stats;
	readonly link?: {
		readonly stats: Stats;
		readonly target: string;
		readonly type: ScannedLink['linkType'];
		readonly followed: boolean;
	};
};

/** Path of something in a folder. */
export const joinPath = (folder: string | Buffer, name: Buffer, isText: boolean): string | Buffer =>
	typeof folder === 'string' && isText
		? `${folder}/${name.toString()}`
		: Buffer.concat([Buffer.from(folder), Buffer.from('/'), name]);

/** Target of a link, as text. */
export const readLink = (source: string | Buffer): string => fs.readlinkSync(source).toString();
