/** What may lie beside a project file while it is open, or after a crash: SQLite's journals and their index. */
export const SIDECARS = ['-wal', '-shm', '-journal'] as const
