/**
 * The jobs that are not done every day, and what their plans are asked afterwards. The engine loads them together when it needs the first of them: each by itself
 * would split the bundle into crumbs, and a crumb takes as long to open as it saves.
 */
export {planFiles, planText} from '../restore/plan-registry.js';
export {runCompare} from './compare.js';
export {runExport} from './export.js';
export {runFetch} from './fetch.js';
export {runImport} from './import.js';
export {runPlan} from './plan.js';
export {runReinstallPlugins} from './reinstall-plugins.js';
export {runRestore} from './restore.js';
export {runSend} from './send.js';
export {runUndo} from './undo.js';
