/** Names as nearly all are, told from their bytes: the same as the pattern in names.ts, which judges all others together with the rules. */

const anywhere = 1;
const notFirst = 2;
const slash = 0x2f;

/** Printable ASCII without backslash and colon; no part begins with a dot or a space. */
const classes = Uint8Array.from({length: 256}, (_, byte) => {
	if (byte === 0x20 || byte === 0x2e) {
		return notFirst;
	}

	return byte > 0x20 && byte < 0x7f && byte !== slash && byte !== 0x3a && byte !== 0x5c ? anywhere : 0;
});

/** True for the name of a file, or with `/` at its end of a folder, that breaks no rule but perhaps that of length. */
export const isPlainName = (bytes: Uint8Array, start: number, end: number): boolean => {
	let least = notFirst;
	for (let index = start; index < end; index++) {
		const byte = bytes[index] ?? 0;
		const kind = classes[byte] ?? 0;
		if (kind !== 0 && kind < least) {
			least = notFirst + 1;
		} else if (byte === slash && least > notFirst) {
			least = notFirst;
		} else {
			return false;
		}
	}

	return start < end;
};
