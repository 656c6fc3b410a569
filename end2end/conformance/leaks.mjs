// A scanner for leaked secrets over everything that the server keeps, after values of the shapes that it knows were saved.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fill, openTab } from '../support/road.mjs'
import { makeRepository, read } from '../support/server.mjs'
import { npm, run } from './program.mjs'

const letters = (count) => randomBytes(count * 2).toString('base64').replace(/[^A-Za-z0-9]/g, '').slice(0, count)
/** Values that the scanner's rules know for what they are; made anew, so that none stands in this file. */
const VALUES = {
  GITHUB_TOKEN: `ghp_${letters(36)}`,
  SLACK_TOKEN: `xoxb-${'1'.repeat(12)}-${'2'.repeat(12)}-${letters(24)}`,
  DATABASE_URL: `postgres://shop:${letters(20)}@db.example.test/shop`,
}

export async function secretlint(site) {
  const names = Object.keys(VALUES)
  const session = await site.session(makeRepository({ '.env.example': names.map((name) => `${name}=\n`).join('') }))
  for (const [key, value] of Object.entries(VALUES)) await fill(site.page, key, value)
  await openTab(site.page, 'Snapshots')
  await site.page.getByRole('button', { name: 'Save snapshot' }).click()
  await site.page.locator('[data-snapshot][data-state="ready"]').waitFor()
  const folder = mkdtempSync(join(tmpdir(), 'keyslot-scan-'))
  try {
    const [planted, kept] = ['planted', 'kept'].map((name) => join(folder, name))
    mkdirSync(planted)
    const env = read(session, site.server, '.env')
    assert.ok(names.every((name) => env.includes(VALUES[name])), 'the values are in the env file')
    writeFileSync(join(planted, 'env.txt'), env)
    writeFileSync(join(planted, 'noise.txt'), `${readText(join(site.server.data, 'keyslot.db'))}${VALUES.GITHUB_TOKEN}`)
    const seen = await scan(planted, 1)
    assert.ok(seen.filter(({ file }) => file.endsWith('env.txt')).length >= names.length, JSON.stringify(seen))
    assert.ok(seen.some(({ file }) => file.endsWith('noise.txt')), 'it is found in the middle of a database too')
    const files = copyAsText(site.server, kept)
    writeFileSync(join(kept, 'log.txt'), site.server.log() + site.server.output())
    assert.deepEqual(await scan(kept, 0), [])
    return [`${seen.length} findings where values belong, none in ${files} other files and the log`]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What the scanner finds below a folder. */
async function scan(folder, status) {
  const config = join(folder, '..', 'secretlintrc.json')
  writeFileSync(config, JSON.stringify({ rules: [{ id: '@secretlint/secretlint-rule-preset-recommend' }] }))
  const words = ['--secretlintrc', config, '--format', 'json', '--no-color', `${folder}/**/*.txt`]
  const output = await run([...npm('secretlint'), ...words], { cwd: import.meta.dirname, status })
  const found = output.trim() ? JSON.parse(output.slice(output.indexOf('['))) : []
  return found.flatMap(({ filePath, messages }) => messages.map(({ ruleId }) => ({ file: filePath, rule: ruleId })))
}

/** Copies what the server keeps, apart from the env files themselves, as text that the scanner reads. */
function copyAsText(server, to) {
  mkdirSync(to)
  const files = readdirSync(server.data, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const others = files.filter(({ name, parentPath }) => !(name === '.env' && parentPath.endsWith('/workspace')))
  others.forEach(({ name, parentPath }, index) => {
    const path = join(parentPath, name)
    writeFileSync(join(to, `${index}-${relative(server.data, path).replaceAll('/', '-')}.txt`), readText(path))
  })
  return others.length
}

/** The printable text of a file. */
const readText = (path) => readFileSync(path).toString('latin1').replace(/[^\x20-\x7e\n]+/g, '\n')
