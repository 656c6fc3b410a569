// The OpenAPI document against the server: generated calls, and clients that are generated from it.
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { node, npm, pip, run } from './program.mjs'

const here = import.meta.dirname
/** Below the 240 calls a minute that one token may make. */
const RATE = '220/m'

/** Generated calls, right and wrong ones, in a session of their own; the call that ends a session in another one. */
export async function schemathesis(site) {
  const lines = []
  for (const filter of ['--exclude-operation-id', '--include-operation-id']) {
    const words = [
      ...['--config-file', join(here, 'schemathesis.toml'), 'run', `${site.server.address}/api/v1/openapi.json`],
      ...['--header', `Authorization: Bearer ${await site.agent()}`, filter, 'finish_setup', '--rate-limit', RATE],
      ...['--phases', 'examples,coverage,fuzzing', '--max-examples', '15', '--seed', '1', '--checks', 'all'],
      ...['--generation-database', 'none', '--request-timeout', '20', '--continue-on-failure', '--no-color'],
    ]
    const output = await run([...pip('schemathesis'), ...words], { cwd: here, env: { PYTHONPATH: here } })
    lines.push(...output.split('\n').filter((line) => /^ +Tested: |generated/.test(line)).map((line) => line.trim()))
  }
  return lines
}

/** The clients that two generators make, each with a call of every operation. */
export async function clients(site) {
  const folder = mkdtempSync(join(tmpdir(), 'keyslot-clients-'))
  try {
    const document = await (await fetch(`${site.server.address}/api/v1/openapi.json`)).json()
    const file = join(folder, 'openapi.json')
    writeFileSync(file, JSON.stringify(document))
    const all = Object.values(document.paths).flatMap((path) => Object.values(path).map((one) => one.operationId))
    return [await python(site, folder, file, all), await typescript(site, folder, file, all)]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function python(site, folder, file, operations) {
  const config = join(folder, 'config.yml')
  // Formatters are no part of what is tried, and need programs of their own.
  writeFileSync(config, 'post_hooks: []\n')
  const output = join(folder, 'keyslot_client')
  const words = ['generate', '--path', file, '--output-path', output, '--meta', 'none', '--config', config]
  await run([...pip('openapi-python-client'), ...words, '--fail-on-warning'])
  const call = [join(here, 'client.py'), folder, site.server.address, await site.agent(), operations.join()]
  return `openapi-python-client: ${(await run([...pip('python'), ...call])).trim()}`
}

async function typescript(site, folder, file, operations) {
  // Unless it is told so, it has callers send what has a default.
  const options = ['--default-non-nullable', 'false', '--output', join(folder, 'schema.d.ts')]
  await run([...npm('openapi-typescript'), file, ...options])
  symlinkSync(join(here, 'client.ts'), join(folder, 'client.ts'))
  symlinkSync(join(here, 'node_modules'), join(folder, 'node_modules'))
  const types = ['--noEmit', '--strict', '--skipLibCheck', '--preserveSymlinks', '--target', 'es2022', '--module']
  await run([...npm('tsc'), ...types, 'esnext', '--moduleResolution', 'bundler', 'client.ts'], { cwd: folder })
  const env = { ADDRESS: site.server.address, TOKEN: await site.agent(), OPERATIONS: operations.join() }
  return `openapi-typescript: ${(await run([node, join(here, 'client.ts')], { env })).trim()}`
}
