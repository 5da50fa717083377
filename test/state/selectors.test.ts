import {expect, test} from 'vitest';
import {defaultInstanceSettings, defaultSettings} from '../../source/settings/schema.js';
import {backupId, initialModel, type Model} from '../../source/state/model.js';
import {selectBackup, selectRegistered} from '../../source/state/selectors.js';
import {makeBackup, makeInstance} from '../helpers/make-model.js';

const backup = makeBackup();

const model: Model = {
	...initialModel({
		...defaultSettings,
		instances: {
			octoprint: {kind: 'octoprint', dataFolder: '/home/pi/.octoprint', ...defaultInstanceSettings},
		},
	}),
	instance: makeInstance(),
	backups: {state: 'ready', error: null, ordered: [backup], byId: new Map([[backupId(backup), backup]]), revision: 1},
};

test('a backup is found by key and origin', () => {
	expect(selectBackup(model, {key: backup.key, origin: 'store'})).toBe(backup);
	expect(selectBackup(model, {key: backup.key, origin: 'server'})).toBeUndefined();
});

test('an instance is registered when the settings know its name with its folder', () => {
	expect(selectRegistered(model)).toBe('octoprint');
	expect(selectRegistered({...model, instance: makeInstance({dataFolder: '/elsewhere'})})).toBeUndefined();
	expect(selectRegistered({...model, instance: makeInstance({name: 'other'})})).toBeUndefined();
});
