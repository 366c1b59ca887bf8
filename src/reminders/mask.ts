/** Stands for whatever is somebody's own. */
export const MASK = '●●●';
