import {useDashboard} from '../dashboard-context.js';
import type {Symbols} from '../symbols.js';

/** The marks to draw with. */
export const useSymbols = (): Symbols => useDashboard().symbols;
