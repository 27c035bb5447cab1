/** Ends the process with one sentence on a Node that is too old: better-sqlite3 would crash there without a word. */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 12)) {
  console.error(
    `Inlay needs Node 22.12 or newer and this is ${process.versions.node}. Start it through npm (npm start, npm test, ` +
      'npm run inlay -- …), which brings its own Node on Linux, or install a newer Node.',
  )
  process.exit(1)
}
