import {PrintkeepError} from '../errors.js';
import {safeText} from '../format/safe-text.js';

/** There is none of that name, or it is switched off: nothing but where it lies is known of one that is. */
export const noPlugin = (id: string): PrintkeepError =>
	new PrintkeepError('no-plugin', `No plugin called ${safeText(id)} is enabled.`, {
		hint: 'See which there are with: printkeep plugins list',
	});
