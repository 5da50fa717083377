/**
 * Lines of a manifest as printkeep writes nearly all of them, read from their bytes: without a string, an object and a parser for each they take a tenth of the time.
 * What is not byte for byte of this form is no fault: it is parsed and checked as manifest.ts and manifest-items.ts do.
 */
import {hashNameBytes} from './name-hash.js';
import {isPlainName} from './plain-name.js';

/** What a line says, until the next one is read. */
export type PlainLine = {
	/** The path lies here, one character for each byte. */
	bytes: Buffer;
	pathStart: number;
	pathEnd: number;
	/** Hash of the path, as the names of entries have one. */
	pathHash: number;
	mode: number;
	/** "1700000000.123456789" lies here. */
	modifiedStart: number;
	modifiedEnd: number;
	uid: number;
	gid: number;
	/** Size of the content; 0 of a folder. */
	size: number;
	/** The 64 hex digits begin here; 0 of a folder. */
	hashStart: number;
};

/** Reads what lies from `start` to before `end`: one line without its line feed. Null when it is not plain. */
export type ReadPlainLine = (bytes: Buffer, start: number, end: number, isFolder: boolean) => PlainLine | null;

/** Longer paths are looked at by the rules. */
const mostPathBytes = 256;
const mostDigits = 15;
const hashDigits = 64;

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const point = 0x2e;
const slash = 0x2f;
const zero = 0x30;
const nine = 0x39;

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const opening = bytesOf('{"path":"');
const part = bytesOf('","part":"');
const size = bytesOf('","bytes":');
const mode = bytesOf(',"mode":');
const folderMode = bytesOf('","mode":');
const modified = bytesOf(',"modified":"');
const uid = bytesOf('","uid":');
const gid = bytesOf(',"gid":');
const inode = bytesOf(',"inode":"');
const changed = bytesOf('","changed":"');
const afterChanged = bytesOf('","sha256":"');
const afterOwner = bytesOf(',"sha256":"');
const ending = bytesOf('"}');
const folderEnding = bytesOf('}');

const isDigit = (byte: number): boolean => byte >= zero && byte <= nine;

/** Makes what reads plain lines. What it gives is the same object each time. */
export const createPlainLines = (): ReadPlainLine => {
	const line: PlainLine = {
		bytes: Buffer.alloc(0),
		...{pathStart: 0, pathEnd: 0, pathHash: 0, mode: 0, modifiedStart: 0, modifiedEnd: 0, uid: 0, gid: 0},
		...{size: 0, hashStart: 0},
	};
	let bytes = line.bytes;
	let position = 0;
	let last = 0;

	/** Goes on behind a text if it is there. */
	const skip = (text: Uint8Array): boolean => {
		if (position + text.length > last) {
			return false;
		}

		for (let index = 0; index < text.length; index++) {
			if (bytes[position + index] !== text[index]) {
				return false;
			}
		}

		position += text.length;
		return true;
	};

	/** Goes on behind the text of a string, which is printable ASCII without escapes. */
	const skipText = (): boolean => {
		for (; position < last; position++) {
			const byte = bytes[position] ?? 0;
			if (byte === quote) {
				return true;
			}

			if (byte < 0x20 || byte > 0x7e || byte === backslash) {
				return false;
			}
		}

		return false;
	};

	/** Goes on behind digits. Returns how many there were. */
	const skipDigits = (): number => {
		const start = position;
		while (position < last && isDigit(bytes[position] ?? 0)) {
			position++;
		}

		return position - start;
	};

	/** A number of JSON's that is whole, safe and not negative; -1 when there is none. */
	const integer = (): number => {
		const start = position;
		let value = 0;
		while (position < last && isDigit(bytes[position] ?? 0)) {
			value = value * 10 + (bytes[position] ?? 0) - zero;
			position++;
		}

		const digits = position - start;
		return digits === 0 || digits > mostDigits || (digits > 1 && bytes[start] === zero) ? -1 : value;
	};

	const skipSeconds = (): boolean => {
		const digits = skipDigits();
		if (digits === 0 || digits > mostDigits || bytes[position] !== point) {
			return false;
		}

		position++;
		return skipDigits() === 9;
	};

	const skipHash = (): boolean => {
		const end = position + hashDigits;
		if (end > last) {
			return false;
		}

		for (; position < end; position++) {
			const byte = bytes[position] ?? 0;
			if (!isDigit(byte) && (byte < 0x61 || byte > 0x66)) {
				return false;
			}
		}

		return true;
	};

	const readPath = (isFolder: boolean): boolean => {
		if (!skip(opening)) {
			return false;
		}

		line.pathStart = position;
		if (!skipText()) {
			return false;
		}

		line.pathEnd = position;
		return (
			position - line.pathStart <= mostPathBytes &&
			(bytes[position - 1] === slash) === isFolder &&
			isPlainName(bytes, line.pathStart, position)
		);
	};

	const readDate = (): boolean => {
		if (!skip(modified)) {
			return false;
		}

		line.modifiedStart = position;
		const isDate = skipSeconds();
		line.modifiedEnd = position;
		return isDate;
	};

	const readOwner = (): boolean => {
		line.uid = skip(uid) ? integer() : -1;
		line.gid = line.uid !== -1 && skip(gid) ? integer() : -1;
		return line.gid !== -1;
	};

	const readFile = (): boolean => {
		if (!readPath(false) || !skip(part) || !skipText() || !skip(size)) {
			return false;
		}

		line.size = integer();
		line.mode = line.size !== -1 && skip(mode) ? integer() : -1;
		if (line.mode === -1 || !readDate() || !readOwner()) {
			return false;
		}

		if (skip(inode)) {
			const digits = skipDigits();
			if (digits === 0 || digits > 20 || !skip(changed) || !skipSeconds() || !skip(afterChanged)) {
				return false;
			}
		} else if (!skip(afterOwner)) {
			return false;
		}

		line.hashStart = position;
		return skipHash() && skip(ending);
	};

	const readFolder = (): boolean => {
		line.size = 0;
		line.hashStart = 0;
		line.mode = readPath(true) && skip(folderMode) ? integer() : -1;
		return line.mode !== -1 && readDate() && readOwner() && skip(folderEnding);
	};

	return (all, start, end, isFolder) => {
		bytes = all;
		position = start;
		// Only the last line of a list has no comma behind it.
		last = bytes[end - 1] === comma ? end - 1 : end;
		if (!(isFolder ? readFolder() : readFile()) || position !== last) {
			return null;
		}

		line.bytes = all;
		line.pathHash = hashNameBytes(all, line.pathStart, line.pathEnd);
		return line;
	};
};
