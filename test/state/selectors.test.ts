import {expect, test} from 'vitest';
import {defaultSettings} from '../../source/settings/schema.js';
import {backupId, initialModel, type Model} from '../../source/state/model.js';
import {selectBackup} from '../../source/state/selectors.js';
import {makeBackup} from '../helpers/make-model.js';

test('a backup is found by key and origin', () => {
	const backup = makeBackup();
	const model: Model = {
		...initialModel(defaultSettings),
		backups: {state: 'ready', error: null, ordered: [backup], byId: new Map([[backupId(backup), backup]]), revision: 1},
	};
	expect(selectBackup(model, {key: backup.key, origin: 'store'})).toBe(backup);
	expect(selectBackup(model, {key: backup.key, origin: 'server'})).toBeUndefined();
});
