import type {Profile} from '../../client/protocol.js';

/** Level of deflate for each profile, measured on realistic print data; sizes are against the server's own archives. */
const levels = {
	/** The same size to within a hundredth, in less than half of the time. */
	balanced: 5,
	/** Two to three hundredths larger, in two thirds of the time of level 5. */
	fast: 4,
	/** A hundredth smaller. Level 9 takes as long and saves nothing more. */
	small: 8,
} as const satisfies Record<Profile, number>;

/** Level of deflate, 1 to 9. */
export const levelOf = (profile: Profile = 'balanced'): number => levels[profile];
