/** The part of better-sqlite3 that Inlay uses; the package brings no types of its own. */
declare module 'better-sqlite3' {
  export type SqliteValue = null | number | bigint | string | Uint8Array

  export interface RunResult {
    readonly changes: number
    readonly lastInsertRowid: number | bigint
  }

  export interface Statement<Row> {
    run(...parameters: SqliteValue[]): RunResult
    get(...parameters: SqliteValue[]): Row | undefined
    all(...parameters: SqliteValue[]): Row[]
    iterate(...parameters: SqliteValue[]): IterableIterator<Row>
    /** Gives the first column of each row instead of the row. */
    pluck(): this
  }

  export interface Transaction {
    (): void
    immediate(): void
    exclusive(): void
  }

  export interface Options {
    readonly readonly?: boolean
    readonly fileMustExist?: boolean
    /** How long to wait for another connection's lock, in milliseconds. */
    readonly timeout?: number
  }

  export default class Database {
    constructor(path: string, options?: Options)
    readonly name: string
    readonly open: boolean
    readonly readonly: boolean
    readonly inTransaction: boolean
    prepare<Row = unknown>(sql: string): Statement<Row>
    exec(sql: string): this
    pragma(source: string, options?: { readonly simple?: boolean }): unknown
    transaction(body: () => void): Transaction
    close(): this
  }

  /** What every failing call throws; `code` is SQLite's extended result code by name. */
  export class SqliteError extends Error {
    readonly code: string
  }
}
