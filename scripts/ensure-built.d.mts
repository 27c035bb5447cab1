export function ensureBuilt(what: 'page' | 'app'): void
