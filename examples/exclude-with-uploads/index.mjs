/**
 * Leaves all of its folder among the server's data out of backups that are made without uploads, and nothing otherwise. The same as Example 2 in OctoPrint's
 * documentation of its Backup plugin.
 */
import {definePlugin} from 'printkeep/plugin';

export default definePlugin({
	apiVersion: 1,
	id: 'exclude-with-uploads',
	name: 'Exclude with uploads',
	hooks: {
		additionalExcludes: excludes => (excludes.includes('uploads') ? ['.'] : []),
	},
});
