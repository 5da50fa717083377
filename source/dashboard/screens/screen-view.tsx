import type {Route} from '../router.js';
import {BackupsScreen} from './backups.js';
import {CompareScreen} from './compare.js';
import {CreateScreen} from './create.js';
import {DetailsScreen} from './details.js';
import {FindScreen} from './find.js';
import {HomeScreen} from './home.js';
import {ImportScreen} from './import.js';
import {LogScreen} from './log.js';
import {PlanScreen} from './plan.js';
import {PluginScreen} from './plugin.js';
import {PluginTabScreen} from './plugin-screen.js';
import {PluginsScreen} from './plugins.js';
import {ReplaceableScreen} from './replaced.js';
import {SettingsScreen} from './settings.js';
import {TrashScreen} from './trash.js';
import {WelcomeScreen} from './welcome.js';
import {WizardScreen} from './wizard.js';

/** The dashboard’s own screen of a route. */
const OwnScreen = ({route}: {readonly route: Route}) => {
	switch (route.screen) {
		case 'home':
			return <HomeScreen />;
		case 'backups':
			return <BackupsScreen />;
		case 'details':
			return <DetailsScreen backupKey={route.key} origin={route.origin} />;
		case 'plan':
			return <PlanScreen source={route.source} files={route.files} />;
		case 'compare':
			return <CompareScreen left={route.left} right={route.right} />;
		case 'find':
			return <FindScreen source={route.source} />;
		case 'trash':
			return <TrashScreen />;
		case 'import':
			return <ImportScreen />;
		case 'settings':
			return <SettingsScreen />;
		case 'log':
			return <LogScreen />;
		case 'create':
			return <CreateScreen />;
		case 'plugins':
			return <PluginsScreen />;
		case 'plugin':
			return <PluginScreen source={route.source} />;
		case 'plugin-screen':
			return <PluginTabScreen plugin={route.plugin} name={route.name} />;
		case 'wizard':
			return <WizardScreen />;
		case 'welcome':
			return <WelcomeScreen />;
	}
};

/** Draws the screen a route leads to. */
export const ScreenView = ({route}: {readonly route: Route}) => (
	<ReplaceableScreen screen={route.screen}>
		<OwnScreen route={route} />
	</ReplaceableScreen>
);
