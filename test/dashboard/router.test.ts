import {describe, expect, test} from 'vitest';
import {createRouter} from '../../source/dashboard/router.js';

const path = (router: ReturnType<typeof createRouter>): readonly string[] =>
	router.get().stack.map(({route}) => route.screen);

describe('where the person is', () => {
	test('back leaves a pushed screen, then goes home, then nowhere', () => {
		const router = createRouter({screen: 'home'});
		router.go({screen: 'backups'});
		router.push({screen: 'import'});
		expect(path(router)).toEqual(['backups', 'import']);
		expect(router.back()).toBe(true);
		expect(path(router)).toEqual(['backups']);
		expect(router.back()).toBe(true);
		expect(path(router)).toEqual(['home']);
		expect(router.back()).toBe(false);
	});

	test('a numbered screen remembers what was set up there, a pushed one starts anew', () => {
		const router = createRouter({screen: 'home'});
		router.go({screen: 'backups'});
		router.get().stack.at(-1)?.memory.set('filter', 'benchy');
		router.push({screen: 'import'});
		router.get().stack.at(-1)?.memory.set('folder', '/tmp');
		router.go({screen: 'home'});
		router.go({screen: 'backups'});
		expect(router.get().stack.at(-1)?.memory.get('filter')).toBe('benchy');
		router.push({screen: 'import'});
		expect(router.get().stack.at(-1)?.memory.size).toBe(0);
	});

	test('going somewhere closes what lies over the screen', () => {
		const router = createRouter({screen: 'home'});
		router.openOverlay({type: 'help'});
		router.openOverlay({type: 'undo'});
		router.closeOverlay();
		expect(router.get().overlays).toEqual([{type: 'help'}]);
		router.go({screen: 'log'});
		expect(router.get().overlays).toEqual([]);
	});

	test('listeners hear of every change until they leave', () => {
		const router = createRouter({screen: 'home'});
		let calls = 0;
		const stop = router.subscribe(() => {
			calls++;
		});
		router.go({screen: 'log'});
		router.setLeaving(true);
		stop();
		router.go({screen: 'home'});
		expect(calls).toBe(2);
	});
});
