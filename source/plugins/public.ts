/** What `printkeep/plugin` exports. */
export * from './api.js';
export {fromSyncAgent} from './sync-agent.js';
