import type {Profile} from '../../client/protocol.js';

/** Level of deflate for each profile, by sizes and times of realistic print data, large and small. */
const levels = {
	/** Smaller than the server's own archives. */
	balanced: 5,
	/** Two to four hundredths larger than that, in less time. */
	fast: 4,
	/** One to four hundredths smaller, in several times the time. */
	small: 8,
} as const satisfies Record<Profile, number>;

/** Level of deflate, 1 to 9. */
export const levelOf = (profile: Profile = 'balanced'): number => levels[profile];
