import type {BackupSummary} from './protocol.js';

/**
 * Newest first, without trusting the clock: printkeep's own backups of one store keep the order of their sequence numbers even when the clock
 * jumped between them; foreign ones are placed among them by their time. Pure; returns a new array.
 */
export const orderBackups = (backups: readonly BackupSummary[]): readonly BackupSummary[] => {
	const sequenced = backups.filter(backup => backup.sequence !== null);
	sequenced.sort((a, b) => (a.sequence ?? 0) - (b.sequence ?? 0) || a.createdAt - b.createdAt);

	// A later sequence number never counts as older than an earlier one.
	const effectiveTime = new Map<BackupSummary, number>();
	let latest = Number.NEGATIVE_INFINITY;
	for (const backup of sequenced) {
		latest = Math.max(latest, backup.createdAt);
		effectiveTime.set(backup, latest);
	}

	const timeOf = (backup: BackupSummary): number => effectiveTime.get(backup) ?? backup.createdAt;
	const byKey = (a: BackupSummary, b: BackupSummary): number =>
		a.key < b.key ? 1 : a.key > b.key ? -1 : a.origin < b.origin ? 1 : -1;
	return [...backups].sort((a, b) => timeOf(b) - timeOf(a) || (b.sequence ?? -1) - (a.sequence ?? -1) || byKey(a, b));
};
