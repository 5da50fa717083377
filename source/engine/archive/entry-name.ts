/** From the bytes of a name to text: UTF-8 where the archive says so, else the old IBM PC set that ZIP began with. */
import {crc32} from 'node:zlib';
import {refused} from './errors.js';
import {flagUtf8} from './zip-format.js';

const utf8 = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true});
const nonAscii = /[^\x00-\x7f]/;

const codePage437 =
	'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0';

const decodeUtf8 = (bytes: Uint8Array): string => {
	try {
		return utf8.decode(bytes);
	} catch {
		throw refused('The archive has an entry whose name is not valid UTF-8.', Buffer.from(bytes).toString('hex'));
	}
};

/**
 * Decodes an entry's name.
 * @param unicodePath content of Info-ZIP's Unicode path field, when there is one.
 * @throws archive-refused when it is not valid UTF-8 where it must be, or when it has two different names.
 */
export const decodeEntryName = (bytes: Buffer, flags: number, unicodePath: Buffer | null): string => {
	const latin1 = bytes.toString('latin1');
	const isAscii = !nonAscii.test(latin1);
	const isUtf8 = (flags & flagUtf8) !== 0;
	if (isAscii && !unicodePath) {
		return latin1;
	}

	const decoded = isAscii
		? latin1
		: isUtf8
			? decodeUtf8(bytes)
			: latin1.replaceAll(/[\x80-\xff]/g, character => codePage437.charAt(character.charCodeAt(0) - 0x80));
	if (!unicodePath) {
		return decoded;
	}

	// Version 1, the CRC-32 of the name it stands for, the name in UTF-8.
	if (unicodePath.length < 5 || unicodePath[0] !== 1 || unicodePath.readUInt32LE(1) !== crc32(bytes)) {
		throw refused('The archive has an entry whose two names belong to different files.');
	}

	const second = decodeUtf8(unicodePath.subarray(5));
	if (second !== decoded && (isUtf8 || isAscii)) {
		throw refused('The archive has an entry with two different names.');
	}

	return second;
};
