import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { notices, shippedPackages } from '../../../scripts/notices.mjs'

const FREE = /^(MIT|ISC|0BSD|Apache-2\.0|BSD-[23]-Clause|LGPL-3\.0-or-later)$/

it('names every package that is shipped with a licence we may ship, and its text', () => {
  const packages = shippedPackages()
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    dependencies: Record<string, string>
  }
  const names = packages.map(({ name }) => name)
  for (const name of Object.keys(dependencies))
    if (name !== 'commander' && name !== 'ws') expect(names).toContain(name)
  for (const { name, license, text } of packages) {
    // All of "A AND B", one of "A OR B".
    const terms = license.replace(/[()]/g, '').split(' AND ')
    for (const term of terms)
      expect(
        term.split(' OR ').some((each) => FREE.test(each)),
        `${name}: ${license}`,
      ).toBe(true)
    if (!name.startsWith('@img/sharp-libvips')) expect(text.length, name).toBeGreaterThan(200)
  }
})

it('says what the LGPL asks for libvips, and what lies inside the native modules', () => {
  const text = notices()
  for (const part of [
    'GNU Lesser General Public License',
    'sharp-libvips',
    'SQLite',
    'Little CMS',
    'ONNX Runtime',
    'TAEF2 (weights): MIT',
    'Ollin Boer Bohan',
  ])
    expect(text).toContain(part)
  for (const { name, version } of shippedPackages()) expect(text).toContain(`${name} ${version}`)
})
