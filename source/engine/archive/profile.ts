import type {Profile} from '../../client/protocol.js';

/** Level of deflate for each profile, by sizes and times of realistic print data, large and small. */
const levels = {
	/** About as large as the server's own archives, in a fraction of their time. */
	balanced: 5,
	/** Two to six hundredths larger than that, in less time. */
	fast: 4,
	/** Two to seven hundredths smaller, in several times the time. */
	small: 8,
} as const satisfies Record<Profile, number>;

/** Level of deflate, 1 to 9. */
export const levelOf = (profile: Profile = 'balanced'): number => levels[profile];
