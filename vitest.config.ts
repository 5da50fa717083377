import {defineConfig} from 'vitest/config';

/** Sweeps that let a job die at every step: next to what they test, run with the fault suites. */
const deathSweeps = ['test/**/crash*.test.ts', 'test/engine/restore/exchange.test.ts'];

/** Plugins in their own thread, good and bad ones, mostly through the whole program: each waits for threads, processes and limits. */
const pluginsAtWork = [
	'test/plugins/{absent,adapter,agents,command-line,events,examples,hostile,jobs}.test.ts',
	'test/plugins/built-in/{cli,command-hooks,healthchecks,notify,wait-for-print,web-request}.test.ts',
	'test/commands/{plugins,plugins-reinstall,agents,plugin-servers}.test.ts',
	'test/engine/server-plugins.test.ts',
];

/** `npm test` runs the unit project; journeys in a real terminal and proofs against other programs have scripts of their own. */
export default defineConfig({
	test: {
		projects: [
			{
				test: {
					name: 'unit',
					include: ['test/**/*.test.{ts,tsx}'],
					exclude: [
						'test/e2e/**',
						'test/interop/**',
						'test/large/**',
						'test/faults/**',
						...deathSweeps,
						...pluginsAtWork,
					],
					// Both cores of the smallest machine this is built on; the tests wait for disks and processes more than they compute.
					maxWorkers: 2,
					env: {FORCE_COLOR: '0', TZ: 'Europe/Berlin'},
					// Against hanging only. Many of these do seconds of real work on real disks; how fast that is, the benchmarks say.
					testTimeout: 30_000,
				},
			},
			{
				test: {
					name: 'large',
					include: ['test/large/**/*.test.ts'],
					// Against hanging only: gigabytes take their time.
					testTimeout: 3_600_000,
					hookTimeout: 600_000,
					fileParallelism: false,
				},
			},
			{
				test: {
					name: 'plugins',
					include: pluginsAtWork,
					maxWorkers: 2,
					env: {FORCE_COLOR: '0', TZ: 'Europe/Berlin'},
					// Against hanging only.
					testTimeout: 180_000,
				},
			},
			{test: {name: 'e2e', include: ['test/e2e/**/*.test.ts'], testTimeout: 60_000, fileParallelism: false}},
			{
				test: {
					name: 'faults',
					include: ['test/faults/**/*.test.ts', ...deathSweeps],
					env: {TZ: 'Europe/Berlin'},
					// Against hanging only: a sweep does as much as it does.
					testTimeout: 3_600_000,
					hookTimeout: 600_000,
					maxWorkers: 2,
				},
			},
			{
				test: {
					name: 'interop',
					include: ['test/interop/**/*.test.ts'],
					testTimeout: 300_000,
					hookTimeout: 600_000,
					fileParallelism: false,
				},
			},
		],
	},
});
