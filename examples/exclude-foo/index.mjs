/**
 * Leaves one file of its folder among the server's data out of every backup: of `data/exclude-foo/foo.txt` and `data/exclude-foo/bar.txt`, only the second
 * is backed up. The same as Example 1 in OctoPrint's documentation of its Backup plugin.
 */
import {definePlugin} from 'printkeep/plugin';

export default definePlugin({
	apiVersion: 1,
	id: 'exclude-foo',
	name: 'Exclude foo',
	hooks: {
		additionalExcludes: () => ['foo.txt'],
	},
});
