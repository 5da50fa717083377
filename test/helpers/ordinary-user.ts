import {chownSync, lchownSync, readdirSync} from 'node:fs';
import {join} from 'node:path';

const nobody = 65_534;

const giveAway = (path: string): void => {
	lchownSync(path, nobody, nobody);
	for (const entry of readdirSync(path, {withFileTypes: true})) {
		const child = join(path, entry.name);
		if (entry.isDirectory()) {
			giveAway(child);
		} else {
			lchownSync(child, nobody, nobody);
		}
	}
};

/**
 * Runs something as a user who is not root, since root may read everything. Where the tests run as root, the folder is given to "nobody" first and the
 * effective user changes meanwhile; else it is simply run.
 */
export const asOrdinaryUser = async <Result>(folder: string, callback: () => Promise<Result>): Promise<Result> => {
	const {seteuid, setegid} = process;
	if (process.getuid?.() !== 0 || !seteuid || !setegid) {
		return callback();
	}

	giveAway(folder);
	const group = process.getegid?.() ?? 0;
	setegid(nobody);
	seteuid(nobody);
	try {
		return await callback();
	} finally {
		seteuid(0);
		setegid(group);
		chownSync(folder, 0, 0);
	}
};
