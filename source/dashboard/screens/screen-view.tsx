import type {Route} from '../router.js';
import {BackupsScreen} from './backups.js';
import {CreateScreen} from './create.js';
import {DetailsScreen} from './details.js';
import {HomeScreen} from './home.js';
import {ImportScreen} from './import.js';
import {LogScreen} from './log.js';
import {PlanScreen} from './plan.js';
import {SettingsScreen} from './settings.js';
import {WelcomeScreen} from './welcome.js';

/** Draws the screen a route leads to. */
export const ScreenView = ({route}: {readonly route: Route}) => {
	switch (route.screen) {
		case 'home':
			return <HomeScreen />;
		case 'backups':
			return <BackupsScreen />;
		case 'details':
			return <DetailsScreen backupKey={route.key} origin={route.origin} />;
		case 'plan':
			return <PlanScreen source={route.source} mode={route.mode} />;
		case 'import':
			return <ImportScreen />;
		case 'settings':
			return <SettingsScreen />;
		case 'log':
			return <LogScreen />;
		case 'create':
			return <CreateScreen />;
		case 'welcome':
			return <WelcomeScreen />;
	}
};
