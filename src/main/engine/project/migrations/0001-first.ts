/**
 * Schema 1: the first one released.
 *
 * Invariant: released migrations never change. Only features of SQLite 3.40 are used, so that any reader can open the
 * file. Hashes are stored as 32 raw bytes, JSON as text.
 */
export const first = `
  create table meta (key text primary key not null, value text not null) strict;

  -- The log: append-only. Two commands with one parent are branches. seq is the order of making.
  create table command (
    seq integer primary key,
    id text not null unique,
    parent integer references command (seq),
    depth integer not null,
    label text not null,
    origin text not null,
    time integer not null,
    changes text not null
  ) strict;
  create index command_parent on command (parent);

  -- Where the document stands.
  create table head (
    one integer primary key check (one = 1),
    command integer not null references command (seq)
  ) strict;

  -- For each command the child that was visited last: where redo goes.
  create table redo (
    parent integer primary key references command (seq),
    child integer not null references command (seq)
  ) strict;

  -- Whole documents after some commands, so that opening replays only a few.
  create table snapshot (
    command integer primary key references command (seq),
    document text not null
  ) strict;

  -- Pixels, named by the SHA-256 of format and content. A rowid table with a hash index reads 3 to 7 times faster
  -- than a table without rowid that carries the pixels in its key tree.
  create table tile (
    id integer primary key,
    hash blob not null unique,
    format integer not null,
    codec integer not null,
    data blob not null
  ) strict;
  create index tile_raw on tile (id) where codec = 0;

  -- Mipmap levels 2 to 8 of a tile, one after the other: what a picture that is seen small is made of. Missing ones
  -- are made from the tile.
  create table mip (
    tile integer primary key references tile (id) on delete cascade,
    codec integer not null,
    data blob not null
  ) strict;

  -- Recorded requests of removals and generations, by candidate.
  create table generation (
    candidate text primary key not null,
    time integer not null,
    request text not null
  ) strict;

  create table view_state (one integer primary key check (one = 1), state text not null) strict;

  -- The imported file, untouched.
  create table original (
    one integer primary key check (one = 1),
    name text not null,
    data blob not null
  ) strict;

  -- Blocks of bytes by SHA-256: ICC profiles.
  create table blob (hash blob primary key not null, data blob not null) strict;

  -- A flattened preview as PNG.
  create table composite (one integer primary key check (one = 1), png blob not null) strict;

  create table thumbnail (
    command integer primary key references command (seq),
    png blob not null
  ) strict;
`
