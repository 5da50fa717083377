/** Failures told in full; more of them would say the same. */
const mostTold = 8;

/**
 * Works through a list with several workers at once, to its end: a sweep tells of everything it found, not of the first.
 * @param work calls `explain` with what it has done, for the failure.
 * @throws one error with the failures.
 */
export const inParallel = async <Item, Lane>(
	items: readonly Item[],
	lanes: readonly Lane[],
	work: (item: Item, lane: Lane, explain: (what: string) => void) => Promise<void>,
): Promise<void> => {
	const waiting = [...items];
	const failures: string[] = [];
	await Promise.all(
		lanes.map(async lane => {
			for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
				let what = JSON.stringify(item);
				try {
					await work(item, lane, text => {
						what = text;
					});
				} catch (error) {
					const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
					failures.push(`${what}\n${text.slice(0, 3000)}`);
				}
			}
		}),
	);
	if (failures.length > 0) {
		throw new Error(`${failures.length} of ${items.length} failed.\n\n${failures.slice(0, mostTold).join('\n\n')}`);
	}
};
