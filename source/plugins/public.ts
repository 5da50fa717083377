/** What `printkeep/plugin` exports. */
export * from './api.js';
