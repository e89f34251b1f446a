import { createContext } from 'react';

/** Is the block's code still being written? It is highlighted once, when closed. */
export const OpenFence = createContext(false);
