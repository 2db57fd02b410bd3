import type { Break } from './break.ts';

/** Every break, by subject. */
export const breaks: Break[] = [];
