/**
 * From the bytes of a name to text: UTF-8 where the archive says so, and where a Unix tool wrote UTF-8 without saying so (Info-ZIP does, in some locales);
 * else the old IBM PC set that ZIP began with.
 */
import {crc32} from 'node:zlib';
import {archiveFault} from './errors.js';
import {flagUtf8} from './zip-format.js';

const utf8 = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true});
const nonAscii = /[^\x00-\x7f]/;

const codePage437 =
	'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0';

const fromCodePage = (latin1: string): string =>
	latin1.replaceAll(/[\x80-\xff]/g, character => codePage437.charAt(character.charCodeAt(0) - 0x80));

const decodeUnix = (bytes: Buffer, latin1: string): string => {
	try {
		return utf8.decode(bytes);
	} catch {
		return fromCodePage(latin1);
	}
};

const decodeUtf8 = (bytes: Uint8Array): string => {
	try {
		return utf8.decode(bytes);
	} catch {
		throw archiveFault(
			'zip-invalid-utf8',
			'The archive has an entry whose name is not valid UTF-8.',
			Buffer.from(bytes).toString('hex'),
		);
	}
};

export type NameFacts = {
	readonly flags: number;
	/** True when a Unix tool wrote it. */
	readonly isUnix: boolean;
	/** Content of Info-ZIP's Unicode path field, when there is one. */
	readonly unicodePath: Buffer | null;
};

/**
 * Decodes an entry's name, which lies in a header from `start` to before `end`.
 * @throws zip-invalid-utf8 where it must be UTF-8 and is not, zip-name-mismatch when there are two different names.
 */
export const decodeEntryName = (
	header: Buffer,
	start: number,
	end: number,
	{flags, isUnix, unicodePath}: NameFacts,
): string => {
	const latin1 = header.toString('latin1', start, end);
	const isAscii = !nonAscii.test(latin1);
	const isUtf8 = (flags & flagUtf8) !== 0;
	if (isAscii && !unicodePath) {
		return latin1;
	}

	const bytes = header.subarray(start, end);
	const decoded = isAscii
		? latin1
		: isUtf8
			? decodeUtf8(bytes)
			: isUnix
				? decodeUnix(bytes, latin1)
				: fromCodePage(latin1);
	if (!unicodePath) {
		return decoded;
	}

	// Version 1, the CRC-32 of the name it stands for, the name in UTF-8.
	if (unicodePath.length < 5 || unicodePath[0] !== 1 || unicodePath.readUInt32LE(1) !== crc32(bytes)) {
		throw archiveFault('zip-name-mismatch', 'The archive has an entry whose two names belong to different files.');
	}

	const second = decodeUtf8(unicodePath.subarray(5));
	if (second !== decoded && (isUtf8 || isAscii)) {
		throw archiveFault('zip-name-mismatch', 'The archive has an entry with two different names.');
	}

	return second;
};
