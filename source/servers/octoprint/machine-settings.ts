import type {ServerAdapter} from '../adapter.js';

/** Settings that belong to this machine, where two configurations differ. */
export const machineSettings: ServerAdapter['machineSettings'] = () => [];

/** The backup's configuration with some of the present values. */
export const withMachineSettings: ServerAdapter['withMachineSettings'] = (_present, backup) => backup;
