/** Where programs of the system lie that the PATH of a user, a service or a cron job may lack. */
const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The folders to look for programs in. Only absolute ones: a program of the working folder's must never be run by its name. */
export const searchPath = (path: string | undefined): string =>
	[...new Set(`${path ?? ''}:${systemPath}`.split(':').filter(folder => folder.startsWith('/')))].join(':');
