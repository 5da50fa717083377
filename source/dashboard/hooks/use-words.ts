import {asciiText} from '../../format/ascii-text.js';
import {useDashboard} from '../dashboard-context.js';

const asItIs = (text: string): string => text;

/** Makes printkeep's own sentences fit the terminal: with ASCII symbols their quotes and dots are ASCII too. */
export const useWords = (): ((text: string) => string) => (useDashboard().symbols.unicode ? asItIs : asciiText);
