import type * as Sqlite from 'node:sqlite';

let loaded: Promise<typeof Sqlite> | undefined;

/** Loads Node's SQLite when it is first needed, without the warning that Node 22 prints about it. */
export const loadSqlite = async (): Promise<typeof Sqlite> => {
	loaded ??= (async () => {
		const {emitWarning} = process;
		process.emitWarning = ((warning: string | Error, ...rest: never[]) => {
			if (!String(warning).includes('SQLite')) {
				emitWarning.call(process, warning, ...rest);
			}
		}) as typeof process.emitWarning;
		try {
			return await import('node:sqlite');
		} finally {
			process.emitWarning = emitWarning;
		}
	})();
	return loaded;
};
