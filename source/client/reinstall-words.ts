import type {ReinstalledPlugin, ReinstallOutcome} from './protocol.js';

/** What became of a plugin, in a word or two. */
export const reinstallWords = {
	installed: 'installed',
	present: 'there already',
	'would-install': 'would be installed',
	incompatible: 'does not run here',
	unknown: 'not in the repository',
	failed: 'failed',
} as const satisfies Record<ReinstallOutcome, string>;

/** How many plugins had which fate: "2 installed, 1 failed". */
export const reinstallCounts = (plugins: readonly ReinstalledPlugin[]): string =>
	Object.entries(reinstallWords)
		.map(([outcome, words]) => ({words, count: plugins.filter(plugin => plugin.outcome === outcome).length}))
		.filter(({count}) => count > 0)
		.map(({words, count}) => `${count} ${words}`)
		.join(', ');
