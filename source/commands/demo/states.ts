/** The states a demo can show, and what each is made of. */
export type DemoState = {
	readonly name: string;
	readonly summary: string;
	/** Ages of the backups in hours, oldest first. */
	readonly ages: readonly number[];
	readonly wideNames: boolean;
	/** Spoils some of the backups. */
	readonly damage: boolean;
	/** Bytes of each made-up G-code file. */
	readonly fileBytes: number;
};

const day = 24;

/** Twelve of the last fourteen days, with a day missing. */
const fortnight = [13, 12, 11, 10, 9, 8, 6, 5, 4, 3, 2, 1].map(days => days * day - 5);

const base = {ages: [...fortnight, 3], wideNames: false, damage: false, fileBytes: 300_000} as const;

export const defaultDemo: DemoState = {...base, name: 'default', summary: 'a printer that is backed up every day'};

export const demoStates: readonly DemoState[] = [
	defaultDemo,
	{...base, name: 'empty', summary: 'no backup yet', ages: []},
	{...base, name: 'overdue', summary: 'the last good backup is twelve days old', ages: fortnight.slice(0, 2)},
	{
		...base,
		name: 'many',
		summary: 'three hundred backups',
		ages: Array.from({length: 300}, (_, index) => (300 - index) * 8 - 5),
		fileBytes: 2000,
	},
	{...base, name: 'wide-names', summary: 'names in many scripts, long ones and hostile ones', wideNames: true},
	{...base, name: 'damaged', summary: 'damaged, cut off and foreign files among the backups', damage: true},
];
