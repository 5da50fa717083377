import type {PlanAction, PlanFile} from '../../client/protocol.js';
import type {Layout, ServerAdapter} from '../../servers/adapter.js';
import {createCoverage} from '../restore/coverage.js';
import type {ListedBackup, OpenedBackup} from '../restore/opened-backup.js';
import {buildWanted} from '../restore/wanted.js';
import type {Wanted, WantedFile, WantedFolder, WantedLink, WantedNode} from '../restore/wanted-tree.js';

type Item = WantedFile | WantedLink;

/** One backup with the tree that a restore of all of it would bring about. */
export type ComparedBackup = {readonly backup: OpenedBackup; readonly wanted: Wanted};

/** Builds the tree of a whole backup. @throws archive-refused */
export const treeOf = async (
	listed: ListedBackup,
	adapter: ServerAdapter,
	breathe: () => Promise<void>,
): Promise<ComparedBackup> => ({
	backup: listed.backup,
	wanted: await buildWanted(listed, adapter, {scope: {parts: null, files: null}, breathe}),
});

/** What a walk of the disk would find in place of a node. */
const statsOf = ({type}: WantedNode) => ({
	isDirectory: () => type === 'folder',
	isFile: () => type === 'file',
	isSymbolicLink: () => type === 'link',
});

/** By SHA-256 where both know it, else by the ZIP's CRC-32 and size: nothing is unpacked. */
const isSameContent = (left: WantedFile, right: WantedFile): boolean =>
	left.sha256 !== null && right.sha256 !== null
		? left.sha256 === right.sha256
		: left.bytes === right.bytes && left.entry.crc32 === right.entry.crc32;

const isSame = (left: Item, right: Item): boolean => {
	if (left.type === 'link') {
		return left.linkTarget === right.linkTarget;
	}

	return (
		right.type === 'file' &&
		(right.linkTarget === null || right.linkTarget === left.linkTarget) &&
		isSameContent(left, right)
	);
};

/**
 * What restoring the left backup would do where everything is as in the right one: by the rules of a restore that replaces the parts it covers.
 * @returns every file of both that the left backup has or would take away, in the order of their paths.
 * @throws cancelled
 */
export const compareArchives = async (
	left: ComparedBackup,
	right: ComparedBackup,
	{
		adapter,
		layout,
		breathe,
	}: {
		readonly adapter: ServerAdapter;
		readonly layout: Pick<Layout, 'leftOut' | 'offLimits' | 'holdsBackups'>;
		readonly breathe: () => Promise<void>;
	},
): Promise<readonly PlanFile[]> => {
	const coverage = createCoverage({
		wanted: left.wanted,
		adapter,
		layout,
		mode: 'replace',
		excludes: left.backup.excludes ?? [],
	});
	const files: PlanFile[] = [];
	const tell = (action: PlanAction, item: Item): void => {
		files.push({
			path: item.name,
			part: item.part,
			action,
			bytes: item.type === 'file' ? item.bytes : 0,
		});
	};

	const addAll = (node: WantedNode): void => {
		if (node.type === 'folder') {
			for (const child of node.children.values()) {
				addAll(child);
			}
		} else {
			tell('added', node);
		}
	};

	const removeAll = (node: WantedNode): void => {
		if (coverage.staysUnknown(node.target, statsOf(node))) {
			return;
		}

		if (node.type === 'folder') {
			for (const child of node.children.values()) {
				removeAll(child);
			}
		} else {
			tell('removed', node);
		}
	};

	const both = async (wanted: WantedNode, present: WantedNode): Promise<void> => {
		if (wanted.type === 'folder' && present.type === 'folder') {
			await folders(wanted, present);
		} else if (wanted.type === 'folder') {
			addAll(wanted);
			tell('removed', present as Item);
		} else if (present.type === 'folder') {
			tell('changed', wanted);
			for (const child of present.children.values()) {
				removeAll(child);
			}
		} else {
			tell(isSame(wanted, present) ? 'kept' : 'changed', wanted);
		}
	};

	const folders = async (wanted: WantedFolder, present: WantedFolder): Promise<void> => {
		await breathe();
		const [ours, theirs] = [wanted.children, present.children];
		for (const [name, node] of ours) {
			const other = theirs.get(name);
			if (other) {
				await both(node, other);
			} else {
				addAll(node);
			}
		}

		for (const [name, node] of theirs) {
			if (!ours.has(name)) {
				removeAll(node);
			}
		}
	};

	await folders(left.wanted.root, right.wanted.root);
	return files.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
};
