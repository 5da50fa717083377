import type {PlanFile, TextComparison} from '../../client/protocol.js';
import {changedSince, type SideContent, type Sides} from './side.js';
import {compareTexts} from './text-diff.js';

const databaseName = /\.(?:db|db3|sqlite|sqlite3)(?:-wal|-shm|-journal)?$/i;
const sqliteHeader = Buffer.from('SQLite format 3\0', 'latin1');

const bytesOf = (side: SideContent): number | null =>
	side.type === 'content' ? side.content.length : side.type === 'other' ? side.bytes : null;

const contentOf = (side: SideContent): Buffer => (side.type === 'content' ? side.content : Buffer.alloc(0));

/** The text of a file; null when it is none. */
const decode = (content: Buffer): string | null => {
	if (content.includes(0)) {
		return null;
	}

	try {
		return new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(content);
	} catch {
		return null;
	}
};

/** True for a file of secrets, and for copies that people and editors make of it: `users.yaml.bak`. */
const isSecretFile = (path: string, secretFiles: readonly string[]): boolean => {
	const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
	return secretFiles.some(secret => name.includes(secret.slice(secret.lastIndexOf('/') + 1).toLowerCase()));
};

const isDatabase = (path: string, contents: readonly Buffer[]): boolean =>
	databaseName.test(path) || contents.some(content => content.subarray(0, sqliteHeader.length).equals(sqliteHeader));

/**
 * How one file of a comparison differs, line by line where both states have it as text. A file that only one of them has is added or removed as a whole.
 * @throws archive errors, not-found when an archive is not as it was
 */
export const fileText = async (
	{path, action, bytes}: PlanFile,
	{left, right, secretFiles}: Sides,
): Promise<TextComparison> => {
	if (isSecretFile(path, secretFiles)) {
		return {
			type: 'other',
			reason: 'It holds passwords or keys and is not shown.',
			leftBytes: action === 'removed' ? null : bytes,
			rightBytes: action === 'removed' ? bytes : null,
		};
	}

	const leftSide: SideContent = action === 'removed' ? {type: 'none'} : await left.read(path, action);
	const rightSide = await right.read(path, action);
	const sizes = {leftBytes: bytesOf(leftSide), rightBytes: bytesOf(rightSide)};
	const other = (reason: string): TextComparison => ({type: 'other', reason, ...sizes});
	const contents = [contentOf(leftSide), contentOf(rightSide)] as const;
	if (isDatabase(path, contents)) {
		return other('It is a database.');
	}

	const unread = [leftSide, rightSide].find(side => side.type === 'other');
	if (unread) {
		return other(unread.reason);
	}

	if (action === 'kept' && !contents[0].equals(contents[1])) {
		return other(changedSince);
	}

	const [leftText, rightText] = contents.map(decode);
	if (typeof leftText !== 'string' || typeof rightText !== 'string') {
		return other('It is not text.');
	}

	const compared = await compareTexts(leftText, rightText);
	return typeof compared === 'string' ? other(compared) : compared;
};
