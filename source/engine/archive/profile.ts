import type {Profile} from '../../client/protocol.js';

/** Level of deflate for each profile, by sizes and times of realistic print data, large and small. */
const levels = {
	/** As large as the server's own archives to within a hundredth, in less than half of the time. */
	balanced: 5,
	/** Two to four hundredths larger than that, in two thirds of the time. */
	fast: 4,
	/** One to three hundredths smaller, in four times the time. Level 9 takes as long and saves nothing more. */
	small: 8,
} as const satisfies Record<Profile, number>;

/** Level of deflate, 1 to 9. */
export const levelOf = (profile: Profile = 'balanced'): number => levels[profile];
