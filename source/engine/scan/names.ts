import {Buffer, isUtf8} from 'node:buffer';

/** A path inside the data folder, as it is called in an archive and as it is called on the disk. */
export type EntryName = {
	/** Path with `/`, safe as the name of an archive's entry. */
	readonly target: string;
	/** The true bytes of the path, when `target` is not simply their text. */
	readonly raw: Buffer | undefined;
	/** True when the last name is UTF-8. */
	readonly isText: boolean;
	/** True when the last name itself had to be changed. */
	readonly changed: boolean;
};

const slash = 0x2f;
const percent = 0x25;
const backslash = 0x5c;

/** Control characters, also the second set of them (U+0080 to U+009F), and backslashes, which other systems take for separators. */
const unsafe = /[\u0000-\u001F\u007F-\u009F\\]/u;

/** Printable ASCII without the backslash: names like these need no care, and their order is that of their bytes. */
const plain = /^[\u0020-\u005B\u005D-\u007E]*$/;

/** True for a name that is the same in an archive and on the disk. */
export const isPlain = (name: string): boolean => plain.test(name);

const escapeByte = (byte: number): string => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;

/**
 * The form of a name that archives and all unpackers can hold: names that are no UTF-8 or hold control characters or backslashes are written in ASCII,
 * with everything that is not harmless as `%XX`. Other names stay as they are.
 */
export const escapeName = (bytes: Buffer): string => {
	const text = isUtf8(bytes) ? bytes.toString() : undefined;
	if (text !== undefined && !unsafe.test(text)) {
		return text;
	}

	// Readable characters of a UTF-8 name stay; in other names only ASCII is known to be readable.
	return text === undefined
		? [...bytes]
				.map(byte =>
					byte > 0x1f && byte < 0x7f && byte !== percent && byte !== backslash
						? String.fromCharCode(byte)
						: escapeByte(byte),
				)
				.join('')
		: [...text]
				.map(character =>
					unsafe.test(character) || character === '%'
						? [...Buffer.from(character)].map(escapeByte).join('')
						: character,
				)
				.join('');
};

const extend = (parent: EntryName | undefined, bytes: Buffer, name: string): EntryName => {
	const isText = isUtf8(bytes);
	const changed = !isText || name !== bytes.toString();
	const target = parent === undefined ? name : `${parent.target}/${name}`;
	const parentBytes = parent && (parent.raw ?? Buffer.from(parent.target));
	const full = parentBytes ? Buffer.concat([parentBytes, Buffer.of(slash), bytes]) : bytes;
	return {target, raw: changed || parent?.raw !== undefined ? full : undefined, isText, changed};
};

/** The name of a part's root. `sourceBytes` is its full path when the last name is no UTF-8. */
export const rootName = (target: string, sourceBytes?: Buffer): EntryName => {
	const bytes = sourceBytes ? sourceBytes.subarray(sourceBytes.lastIndexOf(slash) + 1) : Buffer.from(target);
	// Targets of more than one name ('timelapse/tmp') are the layout's own words.
	return extend(undefined, bytes, target.includes('/') ? target : escapeName(bytes));
};

/**
 * Names the children of a folder. A changed name never takes the name of another child: it gets a `~` and a number then.
 * @param names all names in the folder, in the order in which they are asked for.
 */
export const joinNames = (folder: EntryName, names: readonly Buffer[]): ((bytes: Buffer) => EntryName) => {
	const isOdd = (bytes: Buffer): boolean => !isUtf8(bytes) || unsafe.test(bytes.toString());
	const taken = names.some(isOdd) ? new Set(names.filter(name => !isOdd(name)).map(String)) : undefined;
	return bytes => {
		if (!taken || !isOdd(bytes)) {
			return extend(folder, bytes, bytes.toString());
		}

		const escaped = escapeName(bytes);
		let name = escaped;
		for (let number = 1; taken.has(name); number++) {
			name = `${escaped}~${number}`;
		}

		taken.add(name);
		return extend(folder, bytes, name);
	};
};
