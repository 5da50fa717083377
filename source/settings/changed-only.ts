/** What of some settings is another value now: written alone, it takes nothing back that was kept by somebody else meanwhile. */
export const changedOnly = <Values extends object>(before: Values, after: Values): Partial<Values> => {
	const changed: Partial<Values> = {...after};
	for (const name of Object.keys(after) as (keyof Values)[]) {
		if (after[name] === before[name]) {
			delete changed[name];
		}
	}

	return changed;
};
