#!/usr/bin/env node
// Suites that nobody here wrote, against the running server. `make conformance` installs them and calls this.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { secretlint } from './leaks.mjs'
import { conformance, inspector } from './mcp.mjs'
import { clients, schemathesis } from './openapi.mjs'
import { node, root, run } from './program.mjs'
import { openSite } from './site.mjs'

/** The pages' markup and accessibility, which `make test` tries as well. */
async function html() {
  const output = await run([process.execPath, '--test', '--test-reporter=tap', 'end2end/tests/access.test.mjs'])
  return output.split('\n').filter((line) => /^# (tests|pass|fail) /.test(line))
}

const packages = (folder) => Object.entries(JSON.parse(readFileSync(join(folder, 'package.json'))).devDependencies)
const here = import.meta.dirname
const versions = [...packages(here), ...packages(join(here, '..')).filter(([name]) => /axe|html-validate/.test(name))]
versions.push(...readFileSync(join(here, 'requirements.txt'), 'utf8').trim().split('\n').map((line) => line.split('==')))
versions.push(['node for the suites', (await run([node, '--version'])).trim()])
for (const [name, version] of versions) console.log(`${name} ${version}`)
const commit = (await run(['git', '-C', root, 'rev-parse', '--short', 'HEAD'])).trim()
console.log(`keyslot ${commit}\n`)

const site = await openSite()
const failed = []
try {
  for (const suite of [clients, inspector, conformance, secretlint, html, schemathesis]) {
    const started = Date.now()
    const lines = await suite(site).catch((error) => (failed.push(suite.name), [`FAILED: ${error.message}`]))
    console.log(`${suite.name} (${Math.round((Date.now() - started) / 1000)} s)\n  ${lines.join('\n  ')}`)
  }
} finally {
  await site.close()
}
console.log(failed.length ? `\nfailed: ${failed.join(', ')}` : '\nevery suite passed')
process.exitCode = failed.length ? 1 : 0
