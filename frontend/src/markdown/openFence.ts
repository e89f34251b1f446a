import { createContext } from 'react';

/** Whether the block's code is still being written. It is highlighted once, when it is complete. */
export const OpenFence = createContext(false);
