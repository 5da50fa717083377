/** Name of the manifest in an archive. */
export const manifestName = 'printkeep.json';

/** A manifest larger than this is none of ours: 1.5 million files. */
export const maximumManifestBytes = 512 * 1024 * 1024;
