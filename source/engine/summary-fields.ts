import type {BackupHealth, BackupSummary, BuiltInKind} from '../client/protocol.js';
import {toErrorData} from '../errors.js';
import {plural} from '../format/plural.js';
import type {ServerAdapter} from '../servers/adapter.js';
import type {ArchiveSummary} from './archive/summary.js';

/** What an archive's own bytes say for the catalog, without what the folder and the store say. */
export type SummaryFields = Omit<
	BackupSummary,
	'key' | 'origin' | 'path' | 'bytes' | 'modifiedAt' | 'createdAt' | 'pinned'
> & {readonly createdAt: number | null};

const nothingKnown = {
	createdAt: null,
	sequence: null,
	proof: 'crc32',
	writtenBy: 'unknown',
	kind: null,
	instanceName: null,
	host: null,
	serverVersion: null,
	trigger: null,
	note: '',
	files: null,
	uncompressedBytes: null,
	excludes: null,
} as const satisfies Omit<SummaryFields, 'health'>;

const bad = (error: unknown): SummaryFields => ({
	...nothingKnown,
	health: {type: 'bad', error: toErrorData(error, 'It cannot be read')},
});

const partialHealth = (skipped: number): BackupHealth => ({
	type: 'partial',
	reason:
		skipped > 0
			? `${plural(skipped, 'file')} could not be taken in as ${skipped === 1 ? 'it is' : 'they are'}.`
			: 'Not everything could be taken in.',
});

/**
 * Reads an archive's summary and puts it into the catalog's words. Never throws: a file that cannot be read becomes a bad backup with the reason.
 * @param read opens the archive and reads what is cheap to read.
 */
export const summaryFields = (
	read: () => ArchiveSummary,
	adapters: Readonly<Record<BuiltInKind, ServerAdapter>>,
): SummaryFields => {
	try {
		const {comment, has, member, files, uncompressedBytes} = read();
		if (comment) {
			return {
				createdAt: Date.parse(comment.created),
				sequence: comment.sequence,
				proof: 'sha256',
				health: comment.status === 'partial' ? partialHealth(comment.skipped) : {type: 'unverified'},
				writtenBy: 'printkeep',
				kind: comment.kind,
				instanceName: comment.instance,
				host: comment.host,
				serverVersion: comment.version,
				trigger: comment.trigger,
				note: comment.note,
				files: comment.files,
				uncompressedBytes: comment.bytes,
				excludes: comment.excludes,
			};
		}

		const found = Object.entries(adapters).find(([, candidate]) => candidate.recognises(has));
		if (!found) {
			return {...nothingKnown, health: {type: 'unverified'}, files, uncompressedBytes};
		}

		// The table's keys are the kinds.
		const [kind, adapter] = found as [BuiltInKind, ServerAdapter];
		const members = new Map<string, string>();
		for (const name of adapter.metadataMembers) {
			const text = member(name);
			if (text !== null) {
				members.set(name, text);
			}
		}

		const {version, excludes} = adapter.readMetadata(members);
		return {
			...nothingKnown,
			health: {type: 'unverified'},
			writtenBy: kind,
			kind,
			serverVersion: version,
			excludes,
			files,
			uncompressedBytes,
		};
	} catch (error) {
		return bad(error);
	}
};
