declare const PRINTKEEP_VERSION: string | undefined;

/** printkeep's own version: from the bundle, or `0.0.0-source` when run from the sources. */
export const printkeepVersion = typeof PRINTKEEP_VERSION === 'string' ? PRINTKEEP_VERSION : '0.0.0-source';
