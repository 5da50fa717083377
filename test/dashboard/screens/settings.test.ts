import {expect, test} from 'vitest';
import {settingKeys} from '../../../source/settings/keys.js';
import {makePart, makeParts} from '../../helpers/make-model.js';
import {renderApp} from '../../helpers/render-app.js';
import {createScriptedClient} from '../../helpers/scripted-client.js';

const open = async (columns = 80, rows = 24, unicode = true) => {
	const client = createScriptedClient({
		answers: {
			'parts.list': () => [...makeParts(), makePart({name: 'webcam', title: 'Snapshots', inclusion: 'excluded'})],
		},
	});
	const app = await renderApp({client, columns, rows, unicode, target: {basedir: '/home/pi/.octoprint'}});
	await app.shows('Last good backup');
	await app.press('4');
	await app.shows('Setting');
	return {app, client, own: () => app.dashboard.settings.read().instances.octoprint};
};

/** The screen without the folder that is another one each time. */
const stable = (screen: string): string =>
	screen.replaceAll(/(?:\/\S*printkeep-test-\S*|default: \/\S*)/gu, '/home/pi/...');

test.each([
	[60, 15],
	[80, 24],
	[120, 40],
])('at %ix%i', async (columns, rows) => {
	const {app} = await open(columns, rows);
	await expect(stable(await app.screen())).toMatchFileSnapshot(`../../frames/settings-${columns}x${rows}.txt`);
});

test('everything that the command can set is there', async () => {
	const {app} = await open(120, 60);
	const screen = await app.screen();
	for (const {title} of settingKeys) {
		expect(screen).toContain(title);
	}
});

test('a text is checked before it is kept', async () => {
	const {app, own} = await open();
	await app.press('j', 'j', 'j', 'Enter');
	await app.shows('How old the last good backup may be');
	await app.press('Ctrl+u');
	await app.type('soon');
	await app.press('Enter');
	await app.shows('is not a duration');
	expect(own()).toBeUndefined();
	await app.press('Ctrl+u');
	await app.type('36h');
	await app.press('Enter');
	await app.hides('is not a duration');
	await app.shows('config set overdue-after 36h');
	expect(own()).toMatchObject({kind: 'octoprint', dataFolder: '/home/pi/.octoprint', overdueAfterHours: 36});
});

test('Esc keeps nothing', async () => {
	const {app, own} = await open();
	await app.press('Enter');
	await app.type('/mnt/usb');
	await app.press('Escape');
	await app.hides('Empty:');
	expect(own()).toBeUndefined();
});

test('parts are ticked', async () => {
	const {app, own} = await open();
	await app.press('j', 'Enter');
	await expect(stable(await app.shows('[ ] timelapse'))).toMatchFileSnapshot('../../frames/settings-parts-80x24.txt');
	await app.press('j', 'Space', 'Enter');
	await app.shows('config set excludes timelapse');
	expect(own()?.excludes).toEqual(['timelapse']);
	await app.press('j', 'Enter');
	expect(await app.shows('[ ] webcam')).not.toContain('[ ] uploads');
});

test('choices are made by digit', async () => {
	const {app} = await open();
	await app.press('G', 'k', 'Enter');
	await app.shows('1  yes (now) (default)');
	await app.press('2');
	await app.shows('config set window-title no');
	expect(app.dashboard.settings.read().windowTitle).toBe(false);
});

test('another store is used at once', async () => {
	const {app, client} = await open();
	await app.press('Enter', 'Ctrl+u');
	await app.type('/mnt/usb/backups');
	await app.press('Enter');
	await app.shows('config set store /mnt/usb/backups');
	await app.press('1');
	await app.shows('/mnt/usb/backups');
	expect(client.calls.findLast(({method}) => method === 'backups.watch')?.params).toMatchObject({
		target: {store: '/mnt/usb/backups'},
	});
});
