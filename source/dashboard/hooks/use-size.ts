import {useWindowSize} from 'ink';
import {createContext, useContext} from 'react';

export type Size = {readonly columns: number; readonly rows: number};

/** Smallest terminal the screens are made for. */
export const minimumSize: Size = {columns: 60, rows: 15};

/** From this width on a preview follows the cursor. */
export const previewColumns = 110;

/** The room a screen has: the body of the terminal, without header and the three bottom lines. */
export const BodySizeContext = createContext<Size>({columns: 80, rows: 20});

/** Columns and rows a screen may fill. */
export const useBodySize = (): Size => useContext(BodySizeContext);

/** Columns and rows of the terminal. */
export const useTerminalSize = (): Size => useWindowSize();
