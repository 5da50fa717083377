import type {JobType} from './protocol.js';

const jobNames = {
	create: 'backup',
	verify: 'verification',
	plan: 'comparison',
	compare: 'comparison',
	restore: 'restore',
	undo: 'undo',
	delete: 'deletion',
	'trash-restore': 'return from the trash',
	'trash-empty': 'emptying of the trash',
	import: 'import',
	export: 'export',
	recover: 'clean-up',
	'reinstall-plugins': 'installation of plugins',
	send: 'copy to another place',
	fetch: 'copy from another place',
} as const satisfies Record<JobType, string>;

/** What a kind of job is called to a person: "backup". A word printkeep does not know, from another version's lock, stays as it is. */
export const jobName = (job: string): string => (Object.hasOwn(jobNames, job) ? jobNames[job as JobType] : job);

/** The same with its article: "a backup", "an import". */
export const aJob = (job: string): string => {
	const name = jobName(job);
	return `${/^[aeiou]/i.test(name) ? 'an' : 'a'} ${name}`;
};
