import {PrintkeepError} from '../errors.js';
import type {SettingKey} from './keys.js';
import {settingKeys} from './keys.js';

/** The setting of this name. Error: `usage`, naming the settings there are. */
export const findSettingKey = (name: string): SettingKey => {
	const found = settingKeys.find(key => key.name === name);
	if (!found) {
		throw new PrintkeepError('usage', `There is no setting called “${name}”.`, {
			hint: `Settings: ${settingKeys.map(key => key.name).join(', ')}.`,
		});
	}

	return found;
};
