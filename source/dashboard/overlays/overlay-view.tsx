import {useCallback} from 'react';
import {useDashboard} from '../dashboard-context.js';
import type {Overlay, ScreenName} from '../router.js';
import {screenTitles} from '../screens/titles.js';
import {DeleteOverlay} from './delete.js';
import {EmptyTrashOverlay} from './empty-trash.js';
import {EventOverlay} from './event.js';
import {ExportOverlay} from './export.js';
import {HelpOverlay} from './help.js';
import {KeepSettingsOverlay} from './keep-settings.js';
import {LeftoversOverlay} from './leftovers.js';
import {PluginConfirmOverlay} from './plugin-confirm.js';
import {PluginSettingOverlay} from './plugin-setting.js';
import {QuitOverlay} from './quit.js';
import {RestoreOverlay} from './restore.js';
import {SettingOverlay} from './setting.js';
import {UndoOverlay} from './undo.js';

/** Draws what lies over the screen. */
export const OverlayView = ({overlay, screen}: {readonly overlay: Overlay; readonly screen: ScreenName}) => {
	const {router} = useDashboard();
	const close = useCallback(() => router.closeOverlay(), [router]);
	switch (overlay.type) {
		case 'help':
			return <HelpOverlay title={screenTitles[screen]} onClose={close} />;
		case 'quit':
			return <QuitOverlay exitCode={overlay.exitCode} onClose={close} />;
		case 'delete':
			return <DeleteOverlay backups={overlay.backups} onClose={close} />;
		case 'undo':
			return <UndoOverlay refusal={overlay.refusal} onClose={close} />;
		case 'event':
			return <EventOverlay title={overlay.title} lines={overlay.lines} onClose={close} />;
		case 'restore':
			return <RestoreOverlay choice={overlay.choice} onStart={overlay.onStart} onClose={close} />;
		case 'export':
			return <ExportOverlay source={overlay.source} files={overlay.files} onClose={close} />;
		case 'setting':
			return <SettingOverlay name={overlay.name} onClose={close} />;
		case 'plugin-setting':
			return <PluginSettingOverlay {...overlay} onClose={close} />;
		case 'plugin-confirm':
			return <PluginConfirmOverlay {...overlay} onClose={close} />;
		case 'empty-trash':
			return <EmptyTrashOverlay items={overlay.items} isEverything={overlay.isEverything} onClose={close} />;
		case 'keep-settings':
			return (
				<KeepSettingsOverlay settings={overlay.settings} kept={overlay.kept} onDone={overlay.onDone} onClose={close} />
			);
		case 'leftovers':
			return <LeftoversOverlay onClose={close} />;
	}
};
