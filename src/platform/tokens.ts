/** Injection tokens of values that have no class. */
export const CONFIG = Symbol('CONFIG');
export const LOGGER = Symbol('LOGGER');
